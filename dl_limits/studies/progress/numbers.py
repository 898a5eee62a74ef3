"""The numbers that chapter 07 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits import data
from dl_limits.dates import CUTOFF
from dl_limits.inference.breaks import ANDREWS, BreakModel
from dl_limits.inference.trend_shapes import FIRST_ORIGIN
from dl_limits.studies.progress import rates
from dl_limits.words import Number

_TOP1 = "imagenet_models, top-1 errors kept by studies.progress.rates.systems"
_TO_2023 = f"{_TOP1}, to 2023"
_SWITCHBOARD = "speech_wer, Switchboard results kept by studies.progress.rates.systems"


def numbers():
    """Return every number of chapter 07 by name: a dict of `dl_limits.words.Number`."""
    return _ratios() | _periods() | _known() | _breaks() | _weak() | _ends()


def _ratios():
    """Return the ratios of rates of ImageNet top-1, each with its interval."""
    table = rates.ratios(rates.LATE_END)
    rows = table[table["series"] == "ImageNet top-1"].itertuples()
    points, relative, frontier, compute = ((row.estimate, row.low, row.high) for row in rows)
    found = rates.relative_ratio("ImageNet top-1", CUTOFF)
    july = found.estimate, found.low, found.high
    late, shorter = "2018–20 over 2012–15", "2018 to July 2020 over 2012–15"
    profile, resampled, pace = "likelihood", "papers resampled", "yearly fall of log error"
    documented = "imagenet_models, top-1 errors kept by studies.imagenet.points.documented_models, to 2020"
    return (
        _triplet("points", points, f"percentage points off the record per year, {late}", "simulated", _TOP1)
        | _triplet("relative", relative, f"{pace}, fitted record process, {late}", profile, _TOP1)
        | _triplet("frontier", frontier, f"{pace}, best tenth of all systems, {late}", resampled, _TOP1, last=1)
        | _triplet("compute", compute, f"fall of log error per tenfold of compute, {late}", resampled, documented)
        | _triplet("july", july, f"{pace}, fitted record process, {shorter}", profile, _TOP1)
    )


def _triplet(name, values, what, interval, source, last=2):
    """Return a ratio and the ends of its 95 % interval, by name."""
    value, low, high = values
    return {
        name: Number(value, 2, what, source),
        f"{name}_low": Number(low, 2, f"{what}: lower 95 % end, {interval}", source),
        f"{name}_high": Number(high, last, f"{what}: upper 95 % end, {interval}", source),
    }


def _periods():
    """Return the rates of the records in the three periods, for ImageNet with and without ensembles."""
    known = rates.known_in_2017().set_index("series")
    vision, speech, found = known.loc["ImageNet top-1"], known.loc["Switchboard"], {}
    periods = {"early": "to 2015", "window": "in 2016–17", "late": "in 2018–20"}
    for (period, when), one in zip(periods.items(), rates.rates_by_period(rates.SINGLE), strict=True):
        what = f"per cent by which the lowest top-1 error fell per year {when}"
        spoken = f"per cent by which the lowest word error rate on Switchboard fell per year {when}"
        found |= {
            period: Number(vision[f"{period}_pct"], 0, what, _TOP1),
            f"one_{period}": Number(one, 0, f"{what}, ensembles left out", f"{_TOP1}, no ensembles"),
            f"swb_{period}": Number(speech[f"{period}_pct"], 0, spoken, _SWITCHBOARD),
        }
    return found


def _known():
    """Return the records that stood in 2017, that were to be expected, and that came."""
    vision = rates.known_in_2017().set_index("series").loc["ImageNet top-1"]
    carried = "lowest top-1 error of 2017 carried on for three years at the rate"
    forecasts = len(rates.records("ImageNet top-1").points[0]) - FIRST_ORIGIN
    later = f"records of top-1 error, less the {FIRST_ORIGIN} from which the first forecast is made"
    return {
        "at_quote": Number(vision["record_2017"], 1, "lowest top-1 error to the end of 2017, per cent", _TOP1),
        "if_early": Number(vision["if_early"], 1, f"{carried} to 2015, per cent", _TOP1),
        "if_window": Number(vision["if_window"], 1, f"{carried} of 2016–17, per cent", _TOP1),
        "came": Number(vision["record_2020"], 1, "lowest top-1 error to the end of 2020, per cent", _TOP1),
        "forecasts": Number(forecasts, 0, later, _TO_2023),
    }


def _breaks():
    """Return the test for a break and the dates that are not rejected."""
    table, both = (rates.date_table(rates.DATA_END, kind).set_index("series") for kind in ("slope", "level and slope"))
    top1, speech = table.loc["ImageNet top-1"], table.loc["Switchboard"]
    chance = "share of simulated steady records with as large an F"
    year = "year of a change of slope not rejected at 5 %"
    holm = f"p-value of a change of slope in Switchboard, adjusted for {len(table)} series by Holm's method"
    printed = "printed 5 % critical value of the largest F, one coefficient, 15 % left out at each end"
    return {
        "statistic": Number(top1["statistic"], 1, "largest F of a change of slope, over all dates", _TO_2023),
        "critical": Number(top1["critical"], 1, "largest F exceeded by 5 % of simulated steady records", _TO_2023),
        "table": Number(ANDREWS, 2, printed, "inference.breaks.ANDREWS, of Andrews (1993), table I"),
        "p": Number(top1["pvalue"], 3, f"change of slope: {chance}", _TO_2023),
        "p_level": Number(both.loc["ImageNet top-1", "pvalue"], 2, f"change of level and slope: {chance}", _TO_2023),
        "earliest": Number(top1["earliest"], None, f"earliest {year}", _TO_2023),
        "latest": Number(top1["latest"], None, f"latest {year}", _TO_2023),
        "p_swb": Number(speech["pvalue"], 3, f"change of slope: {chance}", f"{_SWITCHBOARD}, to 2023"),
        "p_holm": Number(speech["holm"], 2, holm, "studies.progress.rates.date_table"),
    }


def _weak():
    """Return how often the test would find a slowdown."""
    design = BreakModel(rates.records("ImageNet top-1")).fit()
    half, quarter = (100 * design.power(2017.0, ratio) for ratio in (0.5, 0.25))
    found = "per cent of simulated records in which the test finds the break, rate"
    return {
        "half": Number(half, 0, f"{found} halved in 2017", _TO_2023),
        "quarter": Number(quarter, 0, f"{found} quartered in 2017", _TO_2023),
    }


def _ends():
    """Return what people, wrong labels and mended references say of the end of a benchmark."""
    limits = data.load("imagenet_limits").set_index("limit_id")["value"]
    known = {
        "labels": ("label_errors_table", 1, "estimated per cent of ImageNet's validation labels that are wrong"),
        "floor": ("floor_fine_tuned", 0, "top-1 error at the floor fitted to fine-tuned vision transformers, per cent"),
        "best": ("best_reported", 1, "lowest top-1 error reported, claims nobody reproduced left out, per cent"),
    }
    values = {n: Number(limits[row], *what, f"imagenet_limits, row {row}") for n, (row, *what) in known.items()}
    speech, people = data.load("speech_wer").set_index("result_id"), rates.people("Switchboard")
    row = "swb_research_system_corrected_references_and_scoring_2022"
    measured = "speech_wer, Switchboard rows of people"
    fixed = "word error rate of a system on Switchboard with mended references and scoring, per cent"
    mended, record = speech.loc[row, "word_error_rate_pct"], rates.records("Switchboard").level(2024)
    return values | {
        "people_low": Number(people[0], 1, "lowest word error rate of people on Switchboard, per cent", measured),
        "people_high": Number(people[-1], 1, "highest word error rate of people on Switchboard, per cent", measured),
        "swb_best": Number(record, 1, "lowest word error rate to the end of 2023, per cent", _SWITCHBOARD),
        "corrected": Number(mended, 1, fixed, f"speech_wer, row {row}"),
    }
