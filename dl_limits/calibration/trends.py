"""Designs of trends in time: progress of a field, training compute, cost, and what is scored by source.

Each truth is fitted to the real series, and each data set has its dates, its papers and
its number of points. Where an estimand is defined by a rule ("the ten largest so far"),
its truth is the median of what the rule gives over data sets of its own.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import statsmodels.api as sm
from scipy import stats

from dl_limits.calibration.registry import ALPHA, NOMINAL, SEED, Designs, tested
from dl_limits.dates import CUTOFF
from dl_limits.inference import scoring
from dl_limits.inference.breaks import ANDREWS, BreakModel
from dl_limits.inference.persistence import persistent_line
from dl_limits.inference.record_process import RecordProcess, Records, time_in_periods
from dl_limits.laws.resampling import percentile_interval
from dl_limits.studies.after_2020 import hindcasts
from dl_limits.studies.cost import trends
from dl_limits.studies.gpt import compute
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.studies.progress import rates as progress_rates

DESIGNS = Designs()
_register = DESIGNS.register

_SERIES = "ImageNet top-1"
BREAK = 2016.0
AHEAD = 3.0  # years
SHARED = 0.5  # of the variance, within a paper
BENT = 2018.0
TRUTHS = 400  # data sets for a truth that is a median

# ---------------------------------------------------------------------- chapter 07: records


@cache
def _process(edges, until):
    """Return the record process fitted to the real series, with one rate for each period between edges."""
    found = progress_rates.records(_SERIES, until)
    return RecordProcess(found, time_in_periods(found.years, edges)).fit()


def _drawn(process, rng):
    """Return one record series from a fitted process."""
    best, record = process.simulate(1, rng)
    return Records(process.model.records.years, best[0], record[0])


def _break_model(series):
    """Return the fitted break model of a record series; None with too few records for any break."""
    try:
        return BreakModel(series).fit()
    except ValueError:
        return None


@_register(
    "progress-steady",
    "ImageNet progress, steady",
    {"no break": "sup-F, simulated", "record in three years": "line"},
    chapters=("07", "10"),
    deviations={"record in three years": "too narrow: records wait for each other, a line does not"},
)
def _steady(rng):
    """Ask for a break where there is none; then forecast from July 2020 as chapter 10 does."""
    series = _drawn(_process((), progress_rates.DATA_END), rng)
    fit = _break_model(series)
    test = fit.test(399, int(rng.integers(2**31))) if fit else None
    yield "sup-F, simulated", "no break", *tested(test.pvalue if test else 1)
    yield "sup-F, printed table", "no break", *tested(float(fit is None or fit.statistic <= ANDREWS))
    start = CUTOFF.year + CUTOFF.month / 12
    seen = series.years < start - 1e-9
    years, values = Records(series.years[seen], series.best[seen], series.record[seen]).points
    truth = np.log(series.level(start + AHEAD))
    forecasts = {
        "line": scoring.line,
        "no change": scoring.walk,
        "trend of first and last": partial(scoring.walk, drift=True),
    }
    for method, forecast in forecasts.items():
        few = len(years) < 4
        low, high = (-np.inf, np.inf) if few else forecast(years, values, start + AHEAD).interval(NOMINAL)
        yield method, "record in three years", np.exp(low), np.exp(high), np.exp(truth)


@_register(
    "progress-break",
    "ImageNet progress, one break",
    {"date of the break": "sup-F, simulated"},
    signed=("date of the break",),
    chapters=("07",),
)
def _one_break(rng):
    """Ask for the date of a break that is there: the range of dates that are not rejected."""
    fit = _break_model(_drawn(_process((BREAK,), progress_rates.DATA_END), rng))
    low, high = -np.inf, np.inf
    if fit:
        dates = fit.date_set(n_sim=400, seed=int(rng.integers(2**31)))
        inside = dates.loc[dates["inside"], "date"]
        low, high = inside.min(), inside.max()
    yield "sup-F, simulated", "date of the break", low, high, BREAK


@cache
def _measured():
    """Return ratio of points and percent removed a year of the true process: medians of what it gives."""
    fit = _process(progress_rates.CLAIMED, progress_rates.LATE_END)
    ratios = progress_rates.realised_ratios(fit, fit.simulate(20_000, SEED)[0])
    return float(np.median(ratios)), progress_rates.simulated_rates(fit, 0.5, 20_000)


_REALISED = "too wide: it spans what one series may show; the fit behind it knows the rates better than that"
_LATE, _EARLY = "percent a year, 2018-20", "percent a year, to 2015"


@_register(
    "progress-rates",
    "ImageNet progress, three rates",
    {
        "ratio of relative rates": "profile, t quantile",
        "ratio of points": "simulated from the fit",
        _EARLY: "simulated from the fit",
        _LATE: "simulated from the fit",
    },
    signed=("ratio of relative rates",),
    chapters=("07",),
    deviations=dict.fromkeys(("ratio of points", _EARLY, _LATE), _REALISED),
)
def _three_rates(rng):
    """Ask how much slower the last period was."""
    truth = _process(progress_rates.CLAIMED, progress_rates.LATE_END)
    ratio, rates = _measured()
    asked = {
        ("profile, t quantile", "ratio of relative rates"): truth.rates[2] / truth.rates[0],
        ("simulated from the fit", "ratio of points"): ratio,
        ("simulated from the fit", _EARLY): rates[0],
        ("simulated from the fit", _LATE): rates[2],
    }
    series = _drawn(truth, rng)
    try:
        fit = RecordProcess(series, truth.model.regressors).fit()
    except ValueError:  # too few records
        for (method, quantity), true in asked.items():
            yield method, quantity, -np.inf, np.inf, true
        return
    relative = fit.rate_ratio(2, 0, ALPHA)
    points = progress_rates.points_ratio_of(fit, seed=int(rng.integers(2**31)))
    low, high = progress_rates.simulated_rates(fit, [ALPHA / 2, 1 - ALPHA / 2], seed=int(rng.integers(2**31)))
    ends = (relative.low, relative.high), (points.low, points.high), (low[0], high[0]), (low[2], high[2])
    for ((method, quantity), true), (a, b) in zip(asked.items(), ends, strict=True):
        yield method, quantity, a, b, true


# ---------------------------------------------------------------------- chapter 07: all systems


def _half_shared(rng, groups, sd):
    """Return errors of which a share of the variance is common to each group."""
    codes = np.unique(np.asarray(groups, str), return_inverse=True)[1]
    common = rng.standard_normal(codes.max() + 1)[codes]
    return sd * (np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * rng.standard_normal(len(codes)))


@cache
def _systems():
    """Return the dated systems, the best tenth's line with three rates, its scatter, and the ratio of rates."""
    table = progress_rates.systems(_SERIES)
    table = table[table["published"] <= progress_rates.LATE_END]
    periods = time_in_periods(table["years"].to_numpy(), progress_rates.CLAIMED)
    fit = sm.QuantReg(np.log(table["error_pct"].to_numpy()), sm.add_constant(periods)).fit(q=0.1)
    return table, fit.fittedvalues, float(fit.resid.std()), fit.params[3] / fit.params[1]


@_register(
    "progress-systems",
    "all dated ImageNet systems",
    {"ratio of relative rates": "best tenth, papers resampled"},
    chapters=("07",),
)
def _best_tenth(rng):
    """Ask for the same ratio from the lower edge of all systems; papers are resampled 199 times, in the book 500."""
    table, centre, sd, truth = _systems()
    drawn = table.assign(error_pct=np.exp(centre + _half_shared(rng, table["group"], sd)))
    found = progress_rates.frontier_ratio_of(drawn, 199, seed=int(rng.integers(2**31)))
    yield "best tenth, papers resampled", "ratio of relative rates", found.low, found.high, truth


@cache
def _by_compute():
    """Return the documented models of both periods, the mean of log error of each, its scatter, and the ratio."""
    column = progress_rates.VISION[_SERIES]
    models = imagenet_points.documented_models(progress_rates.LATE_END).dropna(subset=[column])
    year = models["published"].dt.year.to_numpy()
    h = np.log10(models["training_flop"].to_numpy())
    z, centre, slopes, ssr = np.log(models[column].to_numpy()), np.zeros(len(year)), [], 0.0
    for part in (year <= 2015, year >= 2018):
        fit = sm.OLS(z[part], sm.add_constant(h[part])).fit()
        centre[part] = fit.fittedvalues
        slopes.append(fit.params[1])
        ssr += fit.ssr
    keep = (year <= 2015) | (year >= 2018)
    return models[keep], centre[keep], np.sqrt(ssr / (keep.sum() - 4)), slopes[1] / slopes[0]


@_register(
    "progress-compute",
    "documented models, two periods",
    {"ratio of slopes in compute": "papers resampled"},
    chapters=("07",),
)
def _two_slopes(rng):
    """Ask how much flatter log error falls with log compute in the last period."""
    models, centre, sd, truth = _by_compute()
    drawn = models.assign(error=np.exp(centre + _half_shared(rng, models["paper"], sd)))
    found = progress_rates.compute_ratio_of(drawn, "error", seed=int(rng.integers(2**31)))
    yield "papers resampled", "ratio of slopes in compute", found.low, found.high, truth


# ---------------------------------------------------------------------- chapters 02 and 09: compute and cost


def _redrawn(table, year, columns, rng):
    """Return a table whose columns follow straight lines of their logarithms on date, residuals drawn as rows."""
    design = sm.add_constant(year - year.mean())
    fit = sm.OLS(np.log10(table[columns].to_numpy(float)), design).fit()
    resid = np.asarray(fit.resid).reshape(len(table), -1)[rng.integers(len(table), size=len(table))]
    centre = np.asarray(fit.fittedvalues).reshape(len(table), -1)
    return table.assign(**dict(zip(columns, 10 ** (centre + resid).T, strict=True)))


def _plain(years, values):
    """Return the interval of growth a year from ordinary standard errors."""
    fit = sm.OLS(np.log(values.to_numpy(float)), sm.add_constant(years.to_numpy() - 2020)).fit()
    return np.exp(fit.conf_int(ALPHA)[1])


@cache
def _notable():
    """Return the notable models, and the growth that they and the ten largest so far have in truth."""
    table = compute.notable_models()
    line = compute.fit(table)
    drawn = (_redrawn(table, table["year"], ["training_flop"], np.random.default_rng([SEED, i])) for i in range(TRUTHS))
    top = np.median([compute.fit(compute.frontier(each)).growth()[0] for each in drawn])
    return table, float(10 ** line.results.params[1]), float(top)


_MAXIMUM = "too narrow: a large run keeps its place among the largest for longer than the lags reach"


@_register(
    "compute-growth",
    "notable models, steady growth",
    {"growth of all": "HAC, t", "growth of the ten largest": "HAC, t", "no break": "frontier, simulated"},
    chapters=("02",),
    deviations={"growth of the ten largest": _MAXIMUM},
)
def _growth(rng):
    """Ask for the growth of training compute and for a break; the test draws its null 39 times, the book 200 times."""
    table, every, top = _notable()
    drawn = _redrawn(table, table["year"], ["training_flop"], rng)
    largest = compute.frontier(drawn)
    for part, quantity, truth in ((drawn, "growth of all", every), (largest, "growth of the ten largest", top)):
        yield "HAC, t", quantity, *compute.fit(part).growth(ALPHA)[1:], truth
        yield "least squares, t", quantity, *_plain(part["year"], part["training_flop"]), truth
    test = compute.break_test(drawn, BENT, k=compute.TOP, draws=39, seed=int(rng.integers(2**31)))
    yield "frontier, simulated", "no break", *tested(test["p_simulated"] - 1e-9)  # 2 of 40 is 5 %
    yield "frontier, HAC and t", "no break", *tested(test["p"])


@cache
def _bills():
    """Return the costs, and the growth that the ten largest so far have in truth."""
    table = trends.costs()
    drawn = [_bill_draw(table, np.random.default_rng([SEED, i])) for i in range(TRUTHS)]
    return table, float(np.median([trends.growth_of(compute.frontier(each, compute.TOP)).factor for each in drawn]))


def _bill_draw(table, rng):
    return _redrawn(table, table["year"], ["training_flop", "cost_usd"], rng)


_MODELS = "too narrow: where neighbours are independent, as drawn here, errors robust to them come out too small"
_MARK, _TREND, _RUN = trends.DOLLARS["$10 billion"], "years to $10 billion, trend", "years to $10 billion, a run"


@_register(
    "cost-growth",
    "costs of training, steady growth",
    {"growth of cost": "HAC, t", _TREND: "growth and start drawn", _RUN: "growth and start drawn"},
    signed=(_TREND, _RUN),
    chapters=("09",),
    deviations={"growth of cost": _MODELS, _RUN: "the interval is that of the trend; a single run may lie far from it"},
)
def _crossing(rng):
    """Ask for the growth of cost, and for the years until $10 billion, counted from the last date of the table.

    Two truths: when the trend gets there from the dearest run so far, at the true growth of
    the ten largest; and when a run first does, if runs go on from the same lines, as many
    a year as in the last three. What is printed of the dearest run so far is off by the
    factor that chapter 09 allows for.
    """
    table, truth = _bills()
    drawn = _bill_draw(table, rng)
    top_ten = compute.frontier(drawn, compute.TOP)
    growth = trends.growth_of(top_ten)
    yield "HAC, t", "growth of cost", growth.low, growth.high, truth
    yield "least squares, t", "growth of cost", *_plain(top_ten["year"], top_ten["cost_usd"]), truth
    top, now = drawn.loc[drawn["cost_usd"].idxmax()], table["year"].max()
    printed = top["cost_usd"] * trends.START_FACTOR ** (rng.standard_normal() / stats.norm.isf(0.05))
    draws = trends.crossing(printed, top["year"], growth, _MARK, n_draws=4000, seed=int(rng.integers(2**31)))
    ends = np.quantile(draws, [ALPHA / 2, 1 - ALPHA / 2], method="higher") - now
    trend = top["year"] - now + np.log(_MARK / top["cost_usd"]) / np.log(truth)
    yield "growth and start drawn", _TREND, *ends, trend
    years = table["year"].to_numpy() - now
    z, ahead = np.log(table["cost_usd"].to_numpy()), np.arange(1, 4000) / ((years > -3).sum() / 3)
    line = np.polyfit(years, z, 1)
    later = np.polyval(line, ahead) + rng.choice(z - np.polyval(line, years), len(ahead))
    yield "growth and start drawn", _RUN, *ends, ahead[np.argmax(later >= np.log(_MARK))]


def _persistent(rng, share):
    """Ask for the growth of cost where a share of the scatter persists with a half-life of a year; real dates."""
    table = compute.frontier(trends.costs()).sort_values("year")
    x, y = table["year"].to_numpy(), np.log(table["cost_usd"].to_numpy())
    slope, level = np.polyfit(x, y, 1)
    scatter = (y - level - slope * x).std(ddof=2)
    correlation = share * 0.5 ** np.abs(x[:, None] - x) + (1 - share) * np.eye(len(x))
    drawn = level + slope * x + scatter * np.linalg.cholesky(correlation) @ rng.standard_normal(len(x))
    growth = trends.growth_of(table.assign(cost_usd=np.exp(drawn)))
    yield "HAC, t", "growth of cost", growth.low, growth.high, np.exp(slope)
    ends = persistent_line(drawn, x).conf_int(ALPHA, n=2000, seed=int(rng.integers(2**31)))
    yield "persistent errors", "growth of cost", *np.exp(ends), np.exp(slope)


for _id, _share, _part in (("cost-growth-quarter", 0.25, "a quarter"), ("cost-growth-half", 0.5, "half")):
    _register(
        _id,
        f"costs of training, steady growth, {_part} of the scatter persisting",
        {"growth of cost": "persistent errors"},
        chapters=("09",),
    )(partial(_persistent, share=_share))


# ---------------------------------------------------------------------- chapter 10: scores by source


@cache
def _by_source():
    """Return every source's gain over no change, and its share of forecasts inside: populations to draw from."""
    scored = scoring.assess(hindcasts.forecasts())
    columns = (
        scoring.by_source(scored, "log_gain no change"),
        scoring.by_source(scored.astype({"inside": float}), "inside"),
    )
    return [column.to_numpy() for column in columns]


_FEW, _ALL = (3, 5), "share inside, all sources"
_GAINS = tuple(f"mean gain, {n} sources" for n in _FEW)


@_register(
    "sources",
    "back-test, independent sources",
    dict.fromkeys(_GAINS, "t over sources") | {_ALL: "sources resampled"},
    signed=_GAINS,
    chapters=("10",),
    deviations={_GAINS[1]: "too narrow: gains are skewed, and so few sources hardly show it"},
)
def _sources(rng):
    """Ask for the mean gain of as many sources as the groups of the back-test have, and for the share inside of all."""
    gains, inside = _by_source()
    for n, quantity in zip(_FEW, _GAINS, strict=True):
        drawn = rng.choice(gains, n)
        yield "t over sources", quantity, *_known(scoring.source_mean(drawn)), gains.mean()
        means = rng.choice(drawn, (scoring.RESAMPLES, n)).mean(axis=1)
        yield "sources resampled", quantity, *percentile_interval(means, ALPHA), gains.mean()
    ends = _known(scoring.source_mean(rng.choice(inside, len(inside)), int(rng.integers(2**31))))
    yield "sources resampled", _ALL, *ends, inside.mean()


def _known(answer):
    """Return the ends of an answer; none where it has no ends."""
    low, high = answer[1:]
    return (low, high) if np.isfinite(low) else (-np.inf, np.inf)


@_register(
    "random-walk",
    "random walk",
    {"value in three years": "no change"},
    signed=("value in three years",),
    chapters=("10",),
)
def _walk(rng):
    """Forecast a random walk without drift at the dates of the real records."""
    years = progress_rates.records(_SERIES, CUTOFF).points[0]
    moves = rng.standard_normal(len(years) + 1) * np.sqrt(np.r_[0, np.diff(years), AHEAD])
    value = np.cumsum(moves)
    for method, drift in (("no change", False), ("trend of first and last", True)):
        low, high = scoring.walk(years, value[:-1], years[-1] + AHEAD, drift=drift).interval(NOMINAL)
        yield method, "value in three years", low, high, value[-1]
