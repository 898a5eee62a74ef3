"""The claims that vision and speech entered diminishing returns in 2016-17."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from dl_limits.dates import date_of
from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.record_process import monthly_records, time_in_periods
from dl_limits.laws import linear
from dl_limits.studies.imagenet.points import documented_models
from dl_limits.studies.progress import rates
from dl_limits.verdicts import Analysis, Part, Power, Region, Threshold, Verdict, combine, times_more
from dl_limits.words import about, fixed

THRESHOLD = 0.67
DIMINISHED = Region(high=THRESHOLD)
DATE_REGION = Region(*rates.CLAIMED)
PER_YEAR, PER_TENFOLD, DATE = "rate per year", "rate per tenfold of compute", "date"
_TOP1, _TOP5 = rates.VISION
_SPEECH = rates.SPEECH[0]  # the one test with dated systems in all three periods
_LEVEL, _DRAWS, _SIMULATED = 0.05, 400, 100


def vision(evidence="2026"):
    """Return the verdict on "diminishing returns in 2016-17" for ImageNet.

    Parts: the share of the error removed in 2018-20 over that in 2012-15, *per year* and *per tenfold of compute*,
    lies below two thirds; the *date* of the break lies in 2016-17. Primary: top-1 error; per year the best tenth of
    all dated systems, since records alone are few and extreme; per tenfold all networks of documented compute. Other
    analyses: the process of records, and top-5. Percentage points per year shrink along any falling power law
    by construction, so they decide nothing.
    """
    until = date_of(evidence)
    parts = _vision_parts(until)
    rate = parts[0].primary
    reason = (
        f"Per year the best networks took {fixed(2)(rate.estimate)} times as large a share off the error in 2018–20 as "
        f"in 2012–15 ({fixed(2)(rate.low)} to {fixed(1)(rate.high)})."
    )
    brief = f"The pace became {fixed(2)(rate.estimate)} of what it was, with a wide range."
    return _verdict("diminishing-vision", evidence, parts, reason, brief, _TOP1)


def speech(evidence="2026"):
    """Return the same verdict for speech, without compute, which hardly any system documents.

    Primary: Switchboard, the one test with dated systems before, in and after 2016-17; the best quarter of all of
    them. Other analyses: the process of records, and both LibriSpeech tests.
    """
    until = date_of(evidence)
    parts = _speech_parts(until)
    early, late = (_count(_SPEECH, until, *span) for span in ((0, rates.CLAIMED[0]), (rates.CLAIMED[1], np.inf)))
    reason = (
        f"Switchboard has {early} dated systems before 2016 and {late} from 2018 to 2020: too few to compare rates."
    )
    if np.isfinite(parts[0].primary.high):
        reason = f"The share of the error removed per year changed by {fixed(2)(parts[0].primary.estimate)} times."
    brief = f"Only {late} dated systems from 2018 to 2020: too few to compare."
    return _verdict("diminishing-speech", evidence, parts, reason, brief, _SPEECH)


def _verdict(claim, evidence, parts, reason, brief, series):
    until = min(date_of(evidence), rates.LATE_END)
    dates = rates.systems(series)["published"]
    unit = f"rate of 2018-20 over rate of 2012-15, {series}"
    newest = dates[dates <= until].max()
    return Verdict.of(claim, evidence, parts, unit=unit, reason=reason, brief=brief, evidence_to=newest)


def _count(series, until, start, end):
    table = rates.systems(series)
    years = table.loc[table["published"] <= min(until, rates.LATE_END), "years"]
    return int(((years >= start) & (years < end)).sum())


@cache
def _vision_parts(until):
    table = rates.ratios(until).set_index(["series", "quantity"]).sort_index()
    per_year = [_ratio(row, series) for series in (_TOP1, _TOP5) for row in _methods(table, series, "relative")]
    tenfold = [_ratio(row, series) for series in (_TOP1, _TOP5) for row in _methods(table, series, "compute")]
    systems = _count(_TOP1, until, 0, np.inf)
    networks = len(documented_models(min(until, rates.LATE_END)))
    return [
        _rate_part(PER_YEAR, _with_draws(per_year, _TOP1, until), systems, "dated systems"),
        _rate_part(PER_TENFOLD, tenfold, networks, "networks of documented compute"),
        _date_part([_dates(series, until) for series in (_TOP1, _TOP5)]),
    ]


@cache
def _speech_parts(until):
    table = rates.ratios(until).set_index(["series", "quantity"]).sort_index()
    found = [_ratio(row, series) for series in rates.SPEECH for row in _methods(table, series, "relative")]
    return [
        _rate_part(PER_YEAR, _with_draws(found, _SPEECH, until), _count(_SPEECH, until, 0, np.inf), "dated systems"),
        _date_part([_dates(series, until) for series in rates.SPEECH]),
    ]


def _with_draws(found, series, until):
    """Return the analyses, the first with the resamples behind it."""
    table = rates.systems(series)
    draws, _ = rates.frontier_draws_of(table[table["published"] <= min(until, rates.LATE_END)])
    return [replace(found[0], draws=tuple(draws[1:])), *found[1:]]


def _methods(table, series, quantity):
    """Return the rows of a series and quantity, that of all dated systems first."""
    rows = table.loc[[(series, quantity)]]
    return [row for _, row in rows.sort_values("method", key=lambda names: ~names.str.startswith("best")).iterrows()]


def _ratio(row, series):
    """Return the analysis of a ratio; None where there is none."""
    if np.isnan(row["estimate"]):
        return None
    estimate = float(np.clip(row["estimate"], row["low"], row["high"]))
    return Analysis(f"{series}, {row['method'].split(',')[0]}", estimate, float(row["low"]), float(row["high"]))


def _rate_part(name, found, n, what):
    first, *others = [each for each in found if each]
    more = times_more(first.estimate, first.low, first.high, THRESHOLD)
    many = f"about {about(n * more)}" if more < 1e3 else "more than a thousand times as many"
    return Part(name, DIMINISHED, first, tuple(others), f"{many} {what} instead of {n}")


def _date_part(found):
    """Return the part on the date; without a break at 5 % in the primary series there is nothing to date."""
    first, *others = found
    record = first[1]
    needs = f"a break that the records show: today there are {record}"
    if first[0]:
        width = first[0].high - first[0].low
        needs = f"about {about(record * max(1, width / 2) ** 2)} records instead of {record}"
    return Part(DATE, DATE_REGION, first[0], tuple(each for each, _ in others if each and first[0]), needs)


def _dates(series, until):
    """Return the analysis of the break date (None without a break at 5 %) and the number of records."""
    found = rates.records(series, min(until, rates.DATA_END))
    return _date_of(found, series, _DRAWS), len(found.points[0])


def _date_of(found, name, n_sim):
    try:
        fit = BreakModel(found).fit()
    except ValueError:  # too few records to have a break
        return None
    if fit.test(seed=0).pvalue > _LEVEL:
        return None
    table = fit.date_set(n_sim=n_sim, seed=0)
    inside = table.loc[table["inside"], "date"]
    if inside.empty:
        return None
    return Analysis(
        name, float(np.clip(fit.date, inside.min(), inside.max())), float(inside.min()), float(inside.max())
    )


# ------------------------------------------------------------------ power


@cache
def _frontier(series, until):
    """Return the dated systems with the line of their best tenth (early, claimed, late) and the distances from it."""
    table = rates.systems(series)
    table = table[table["published"] <= min(until, rates.LATE_END)].reset_index(drop=True)
    early, middle, late = time_in_periods(table["years"].to_numpy(), rates.CLAIMED).T
    z = np.log(table["error_pct"].to_numpy())
    q = 0.1 if len(table) >= rates.QUANTILE_MIN_POINTS else 0.25
    one = np.ones((1, len(z)))
    fit = linear.refit(z, early, one, controls=np.column_stack([middle, late]), method="quantreg", q=q)[0]
    base = z - fit[1] * early
    level = np.quantile(base[early < early.max()], q) if (early < early.max()).any() else np.quantile(base, q)
    resid = base - level
    return table, np.column_stack([early, middle, late]), float(level), float(fit[1]), resid - np.quantile(resid, q)


def _drawn_systems(series, truth, until, rng):
    """Return systems on the real dates: the early rate as it was, the late one `truth` times as large."""
    table, spans, level, rate, resid = _frontier(series, until)
    line = level + rate * spans @ np.array([1.0, np.sqrt(max(truth, 0.01)), truth])
    z = line + resid[rng.integers(len(resid), size=len(resid))]
    return table.assign(error_pct=np.exp(z))


def _drawn_networks(truth, until, rng):
    """Return networks of documented compute on the real dates: the late slope `truth` times the early one."""
    models = documented_models(min(until, rates.LATE_END)).dropna(subset=[rates.VISION[_TOP1]])
    h, year = np.log10(models["training_flop"].to_numpy()), models["published"].dt.year.to_numpy()
    z, drawn = np.log(models[rates.VISION[_TOP1]].to_numpy()), None
    slope = np.polyfit(h[year <= 2015], z[year <= 2015], 1)[0]
    drawn = z.copy()
    for here, factor in ((year <= 2015, 1.0), (year >= 2018, truth)):
        mean, own = z[here].mean(), np.polyval(np.polyfit(h[here], z[here], 1), h[here])
        resid = z[here] - own
        drawn[here] = (
            mean + factor * slope * (h[here] - h[here].mean()) + resid[rng.integers(len(resid), size=len(resid))]
        )
    return models.assign(**{rates.VISION[_TOP1]: np.exp(drawn)})


def _analysis(found, name):
    return (
        None
        if np.isnan(found.estimate)
        else Analysis(name, float(np.clip(found.estimate, found.low, found.high)), float(found.low), float(found.high))
    )


def _word_at(truth, evidence, rng, series, with_compute):
    until = date_of(evidence)
    table = _drawn_systems(series, truth, until, rng)
    rate = _analysis(rates.frontier_ratio_of(table, n_boot=_SIMULATED, seed=int(rng.integers(2**31))), "drawn")
    parts = [Part(PER_YEAR, DIMINISHED, rate)]
    if with_compute:
        models = _drawn_networks(truth, until, rng)
        found = rates.compute_ratio_of(models, rates.VISION[_TOP1], seed=int(rng.integers(2**31)))
        parts.append(Part(PER_TENFOLD, DIMINISHED, _analysis(found, "drawn")))
    drawn = monthly_records(table["error_pct"], table["published"], pd.Timestamp(table["published"].max()))
    parts.append(Part(DATE, DATE_REGION, _date_of(drawn, "drawn", _SIMULATED)))
    return combine({part.name: part.word for part in parts})


def _trial(series, with_compute):
    return Power(
        lambda evidence: {"inside": 0.2, "border": THRESHOLD, "outside": 1.5},
        lambda truth, evidence, rng: _word_at(truth, evidence, rng, series, with_compute),
        "the real dates; distances from the frontier drawn anew; in 2016-17 a rate between the two",
        repetitions=60,
    )


CLAIMS = {"diminishing-vision": vision, "diminishing-speech": speech}
_SLOWED = Threshold(
    "“diminished” means a pace below {} times the earlier one",
    lambda parts: DIMINISHED.high,
    lambda part, value, own: None if part.name == DATE else Region(high=value),
    tuple(np.arange(1, 101) / 25),
    fixed(2),
)
THRESHOLDS = {"diminishing-vision": _SLOWED, "diminishing-speech": _SLOWED}
POWER = {"diminishing-vision": _trial(_TOP1, True), "diminishing-speech": _trial(_SPEECH, False)}
