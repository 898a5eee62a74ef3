"""Vision and speech: which series, which rates, and what was known when.

The claim: for vision and speech, diminishing returns began in 2016-17 (F. Chollet,
December 2017). Three quantities can diminish, fixed here before any is computed:

* ``points``: percentage points taken off the record per year;
* ``relative``: share of the error removed per year (fall of log error);
* ``compute``: fall of log error per tenfold of training compute.

Each is compared as a ratio, 2018-20 over 2012-15.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from dl_limits import data
from dl_limits.dates import decimal_year
from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.record_process import RecordProcess, monthly_records, time_in_periods
from dl_limits.laws import linear, resampling
from dl_limits.laws.checks import choice
from dl_limits.laws.estimate import Estimate
from dl_limits.laws.resampling import percentile_interval
from dl_limits.studies.imagenet.points import QUANTILE_MIN_POINTS, documented_models

VISION = {"ImageNet top-1": "top1_error_pct", "ImageNet top-5": "top5_error_pct"}
SPEECH = ("Switchboard", "LibriSpeech clean", "LibriSpeech other")
SERIES = (*VISION, *SPEECH)
SINGLE = "ImageNet top-1, one network"  # beside them: without ensembles
CLAIMED = (2016.0, 2018.0)  # 2016-17: from January 2016 to the end of 2017
LATE_END = pd.Timestamp("2020-12-31")
QUOTE = pd.Timestamp("2017-12-31")
DATA_END = pd.Timestamp("2023-12-31")  # later than this the tables hold only a few systems a year
MIN_RECORDS = 5
_RESAMPLES = 1000


def systems(series):
    """Return the dated systems of a series.

    Left out: results nobody reproduced, frozen features or no training on the task,
    results without a month, and speech results on other references or test sets.

    Parameters
    ----------
    series : str
        One of `SERIES`, or `SINGLE`.

    Returns
    -------
    DataFrame
        ``system``, ``published``, ``error_pct``, ``group`` (the paper), ``years``.
    """
    choice(series, (*SERIES, SINGLE), "series")
    if series not in SPEECH:
        table = data.load("imagenet_models")
        keep = (table["state_of_the_art"] != "unreproduced") & table["published"].notna()
        keep &= ~table["evaluation"].str.contains("frozen|zero-shot", na=False)
        if series == SINGLE:
            keep &= ~table["evaluation"].str.contains("ensemble", na=False)
        column = VISION.get(series, VISION["ImageNet top-1"])
        table = table[keep].assign(error_pct=table[column], system=table["model"], group=table["paper"])
    else:
        table = data.load("speech_wer")
        keep = (table["corpus"] == series) & table["comparable"].astype(bool) & ~table["human"].astype(bool)
        table = table[keep].assign(error_pct=table["word_error_rate_pct"], group=table["paper"])
    table = table.dropna(subset=["error_pct"]).sort_values(["published", "error_pct"], ascending=[True, False])
    table["years"] = decimal_year(table["published"])
    return table[["system", "published", "years", "error_pct", "group"]].astype({"group": str}).reset_index(drop=True)


def records(series, until=DATA_END):
    """Return the record series (`dl_limits.inference.record_process.Records`) of published errors in percent."""
    table = systems(series)
    table = table[table["published"] <= until]
    return monthly_records(table["error_pct"], table["published"], until)


def people(series):
    """Return the word error rates of people on a speech series, sorted; empty for vision."""
    table = data.load("speech_wer")
    keep = (table["corpus"] == series) & table["human"].astype(bool)
    return sorted(table.loc[keep, "word_error_rate_pct"])


def record_counts(series, until):
    """Return the number of records in 2012-15 and from 2018 to the end of the late period."""
    found = records(series, min(until, LATE_END))
    return found.count(2012, CLAIMED[0]), found.count(CLAIMED[1], 2021)


def relative_ratio(series, until):
    """Rate of relative error reduction, late over early, from the records.

    Parameters
    ----------
    series : str
        One of `SERIES`.
    until : Timestamp
        Evidence up to this date; the late period ends with 2020 at the latest.

    Returns
    -------
    Estimate
        Without any estimate (NaN, unbounded) where the records are too few to fit.
    """
    fit = _process(series, until)
    if fit is None:
        return Estimate(np.nan, -np.inf, np.inf, "too few records")
    return fit.rate_ratio(2, 0)


def frontier_ratio(series, until):
    """Return the same ratio from the best tenth of all dated systems, resampling papers.

    Series with too few systems for a tenth use the best quarter.
    """
    table = systems(series)
    return frontier_ratio_of(table[table["published"] <= min(until, LATE_END)])


def frontier_ratio_of(table, n_boot=500, seed=0):
    """Return the ratio of `frontier_ratio` for any table with ``years``, ``error_pct`` and ``group``."""
    ratio, q = frontier_draws_of(table, n_boot, seed)
    low, high = percentile_interval(ratio[1:], 0.05)
    return Estimate(float(ratio[0]), float(low), float(high), f"best {q:.0%} of all systems, papers resampled")


def frontier_draws_of(table, n_boot=500, seed=0):
    """Return the estimate of `frontier_ratio_of` and then its resamples, and the quantile of the frontier."""
    early, middle, late = time_in_periods(table["years"].to_numpy(), CLAIMED).T
    z = np.log(table["error_pct"].to_numpy())
    q = 0.1 if len(table) >= QUANTILE_MIN_POINTS else 0.25
    copies = np.vstack([np.ones(len(z)), resampling.resample(len(z), n_boot, seed, table["group"])])
    slopes = linear.robust_refit(z, np.column_stack([early, middle, late]), copies, q=q)
    first, last = slopes[:, 1], slopes[:, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        # an early rate of zero or less says nothing about a ratio of rates: no end to it
        return np.where(first < 0, last / first, np.inf), q


def points_ratio(series, until, n_sim=_RESAMPLES):
    """Return the ratio of percentage points taken off the record per year, late over early.

    The interval is a parametric bootstrap: series simulated from the fitted record
    process with its three rates, each measured in the same way.
    """
    fit = _process(series, until)
    return points_ratio_of(fit, n_sim) if fit else Estimate(np.nan, -np.inf, np.inf, "too few records")


def points_ratio_of(fit, n_sim=_RESAMPLES, seed=0):
    """Return the ratio of `points_ratio` for a fitted process with three rates."""
    low, high = percentile_interval(realised_ratios(fit, fit.simulate(n_sim, seed)[0]), 0.05)
    estimate = realised_ratios(fit, fit.model.records.best[None])[0]
    return Estimate(float(estimate), float(low), float(high), "record process, simulated")


def realised_ratios(fit, best):
    """Return the ratio of points taken off per year in each of many series, shape (n, months) of log records."""
    years, marks = fit.model.records.years, _marks(fit)
    level = np.exp(best[:, marks])
    ends = [years[0], *CLAIMED, years[-1] + 1 / 12]  # as `rates_by_period` counts them
    early = (level[:, 0] - level[:, 1]) / (ends[1] - ends[0])
    late = (level[:, 2] - level[:, 3]) / (ends[3] - ends[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(early > 0, late / early, np.inf)


def compute_ratio(series, until):
    """Return the ratio of slopes of log error on log training compute, late over early, resampling papers.

    For ImageNet alone: hardly any speech system of the tables has documented compute.
    """
    if series not in VISION:
        return Estimate(np.nan, -np.inf, np.inf, "compute not documented")
    models = documented_models(min(until, LATE_END)).dropna(subset=[VISION[series]])
    return compute_ratio_of(models, VISION[series])


def compute_ratio_of(models, column, seed=0):
    """Return the ratio of `compute_ratio` for any table with ``published``, ``training_flop``, ``paper`` and errors."""
    year = models["published"].dt.year
    slopes, enough = [], []
    for part in (models[year <= 2015], models[year >= 2018]):
        z, h = np.log(part[column].to_numpy()), np.log10(part["training_flop"].to_numpy())
        copies = np.vstack([np.ones(len(z)), resampling.resample(len(z), _RESAMPLES, seed, part["paper"].astype(str))])
        slopes.append(-linear.refit(z, h, copies)[:, 1])
        enough.append(part["paper"].nunique())
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(slopes[0] > 0, slopes[1] / slopes[0], np.where(np.isnan(slopes[0]), np.nan, np.inf))
    low, high = percentile_interval(ratio[1:], 0.05)
    return Estimate(float(ratio[0]), float(low), float(high), f"papers resampled ({enough[0]} and {enough[1]})")


def ratios(until):
    """Return every ratio of rates, one row a series, quantity and method.

    Returns
    -------
    DataFrame
        ``series``, ``quantity``, ``method``, ``estimate``, ``low``, ``high``.
    """
    return _ratios(min(until, LATE_END)).copy()


@cache
def _ratios(until):
    """Return the table of `ratios`; every claim of the chapter asks for it."""
    methods = (
        ("points", points_ratio),
        ("relative", relative_ratio),
        ("relative", frontier_ratio),
        ("compute", compute_ratio),
    )
    rows = []
    for series in SERIES:
        for quantity, method in methods:
            found = method(series, until)
            rows.append([series, quantity, found.method, found.estimate, found.low, found.high])
    return pd.DataFrame(rows, columns=["series", "quantity", "method", "estimate", "low", "high"])


def date_set(series, until, kind="slope", n_sim=400, seed=0):
    """Return the break model of a record series with its test and the dates that are not rejected."""
    fit = BreakModel(records(series, until), kind=kind).fit()
    table = fit.date_set(n_sim=n_sim, seed=seed)
    return fit, fit.test(seed=seed), table.loc[table["inside"], "date"]


def date_table(until, kind="slope"):
    """Return break dates and tests of all series with enough records, one row a series.

    Returns
    -------
    DataFrame
        ``series``, ``records``; ``pvalue`` and ``holm`` (adjusted for the number of series),
        ``statistic``, ``critical``; the best ``date`` and the ``earliest`` and ``latest`` not
        rejected; ``ratio`` of the rates after and before the best date.
    """
    rows = []
    for series in SERIES:
        try:
            fit, test, dates = date_set(series, until, kind)
        except ValueError:  # too few records to have a break
            continue
        found = [test.pvalue, test.statistic, test.critical, fit.date, dates.min(), dates.max(), fit.after / fit.before]
        rows.append([series, len(fit.model.endog), *found])
    columns = ["series", "records", "pvalue", "statistic", "critical", "date", "earliest", "latest", "ratio"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(holm=multipletests(table["pvalue"], method="holm")[1])


def rates_by_period(series):
    """Return percent of the error removed per year before 2016, in 2016-17, and from 2018 on, from the records alone.

    Measured from level to level of the record, without any model.
    """
    found = records(series, LATE_END)
    ends = [found.years[0], *CLAIMED, found.years[-1] + 1 / 12]
    levels = [np.exp(found.best[0]), *(found.level(year) for year in ends[1:])]
    falls = [np.log(a / b) / (d - c) for a, b, c, d in zip(levels, levels[1:], ends, ends[1:], strict=False)]
    return [100 * -np.expm1(-fall) for fall in falls]


def rate_intervals(series, n_sim=_RESAMPLES):
    """Return the rates of `rates_by_period`, each with the 95 % range of series simulated from the fitted process.

    Returns
    -------
    list of tuple
        ``(rate, low, high)`` in percent a year, for the three periods; NaN ends where the
        records are too few to fit the process.
    """
    rates, fit = rates_by_period(series), _process(series, LATE_END)
    if fit is None:
        return [(rate, np.nan, np.nan) for rate in rates]
    return list(zip(rates, *simulated_rates(fit, [0.025, 0.975], n_sim), strict=True))


def simulated_rates(fit, quantiles, n_sim=_RESAMPLES, seed=0):
    """Return quantiles of the percent of the error removed per year, over series simulated from a fitted process.

    Returns
    -------
    ndarray, shape (len(quantiles), 3)
        One column each for the early, the claimed and the late period.
    """
    years, marks = fit.model.records.years, _marks(fit)
    best = fit.simulate(n_sim, seed)[0]
    ends = [years[0], *CLAIMED, years[-1] + 1 / 12]
    fall = (best[:, marks[:-1]] - best[:, marks[1:]]) / np.diff(ends)
    return 100 * -np.expm1(-np.quantile(fall, quantiles, axis=0))


def _marks(fit):
    """Positions of the first month, of the last months before the edges of the claimed period, and of the last."""
    years = fit.model.records.years
    return [0, *(int(np.searchsorted(years, c - 1e-9)) - 1 for c in CLAIMED), len(years) - 1]


def rate_table():
    """Return `rate_intervals` of every series, one row a series, columns ``early``, ``window``, ``late``."""
    rows = [[series, *rate_intervals(series)] for series in SERIES]
    return pd.DataFrame(rows, columns=["series", "early", "window", "late"])


def known_in_2017():
    """Return what the records to December 2017 said, and what came by December 2020.

    Returns
    -------
    DataFrame
        One row a series: percent of the error removed per year before 2016 and in 2016-17
        (``early_pct``, ``window_pct``), the record at the end of 2017 and of 2020, and the
        record of 2020 if either rate had gone on.
    """
    rows = []
    for series in SERIES:
        early, window, late = rates_by_period(series)
        at_quote = records(series).level(2018.0)
        kept = [at_quote * (1 - rate / 100) ** 3 for rate in (early, window)]
        rows.append([series, early, window, late, at_quote, records(series).level(2021.0), *kept])
    columns = ["series", "early_pct", "window_pct", "late_pct", "record_2017", "record_2020", "if_early", "if_window"]
    return pd.DataFrame(rows, columns=columns)


def _process(series, until):
    """Fit the record process with one rate each for the early, the claimed and the late period."""
    found = records(series, min(until, LATE_END))
    try:
        return RecordProcess(found, time_in_periods(found.years, CLAIMED)).fit()
    except ValueError:
        return None
