"""Forecasts with a distribution, scored against what happened and against two forecasts without any law.

A forecast is a t distribution on a working scale (log error, log odds, log compute),
so that its median, its intervals and its log score follow from three numbers. Sources
count, not rows: scores are averaged within each source first, and intervals come from
drawing sources again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from dl_limits.laws.checks import SAME, check_alpha, check_count, check_varies, numbers, paired, single
from dl_limits.laws.extrapolation import extrapolate
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.laws.resampling import percentile_interval

LEVEL = 0.95
RIVALS = ("no change", "trend")
RESAMPLES = 2000
FEW = 10  # sources: below this Student's t, not resampling


@dataclass(frozen=True)
class Belief:
    """A t distribution for one number.

    Attributes
    ----------
    centre, scale, df : float
        Median, scale (not standard deviation) and degrees of freedom; ``inf`` for the normal.
    """

    centre: float
    scale: float
    df: float

    @property
    def law(self):
        """Return the distribution as scipy's."""
        if np.isinf(self.df):
            return stats.norm(self.centre, self.scale)
        return stats.t(self.df, self.centre, self.scale)

    def interval(self, level=LEVEL):
        """Return the central interval, ``(low, high)``."""
        return self.law.ppf([(1 - level) / 2, (1 + level) / 2])

    def scores(self, y, level=LEVEL):
        """Return log score (log density, higher is better) and interval score (lower is better) of what came."""
        return float(self.law.logpdf(y)), float(interval_score(y, *self.interval(level), level))


def line(x, y, x_new):
    """Return the forecast of a least-squares line for a new point (statsmodels).

    Parameters
    ----------
    x, y : array_like, shape (n,)
        At least three points.
    x_new : float
        Where to forecast.
    """
    (x, y), x_new = _series(x, y, 3), single(x_new, "x_new")
    check_varies(x, "x")
    fit = sm.OLS(y, np.column_stack([np.ones(len(x)), x - x_new])).fit()  # the constant is then the forecast
    ahead = fit.get_prediction(np.array([[1.0, 0.0]]))
    return Belief(float(ahead.predicted_mean[0]), float(ahead.se_obs[0]), float(fit.df_resid))


@dataclass(frozen=True)
class Lines:
    """Least-squares lines of many series on one x.

    Attributes
    ----------
    intercept, slope, slope_se, sigma : ndarray, shape (m,)
        Line at x = 0, its slope and standard error, residual standard deviation.
    resid : ndarray, shape (m, s)
        Residuals.
    x : ndarray, shape (s,)
        The predictor.
    """

    intercept: np.ndarray
    slope: np.ndarray
    slope_se: np.ndarray
    sigma: np.ndarray
    resid: np.ndarray
    x: np.ndarray

    def at(self, x_new):
        """Return the lines at one x, shape (m,)."""
        return self.intercept + self.slope * x_new

    def prediction_se(self, x_new):
        """Return the nominal standard error of a new observation at one x, shape (m,)."""
        centred = self.x - self.x.mean()
        return self.sigma * np.sqrt(1 + 1 / len(self.x) + (x_new - self.x.mean()) ** 2 / (centred**2).sum())


def lines(x, y):
    """Fit a line to every row of `y`; the same as one OLS a row, in one product.

    Parameters
    ----------
    x : array_like, shape (s,)
        Predictor shared by all series; at least three distinct values.
    y : array_like, shape (m, s)
        Series.

    Returns
    -------
    Lines
    """
    x, y = numbers(x, "x"), numbers(y, "y", ndim=2)
    if len(np.unique(x)) < 3 or y.shape[1] != len(x):
        raise ValueError(f"x needs at least 3 distinct values and as many as y has columns ({y.shape[1]})")
    centred = x - x.mean()
    spread = (centred**2).sum()
    slope = y @ centred / spread
    intercept = y.mean(axis=1) - slope * x.mean()
    resid = y - intercept[:, None] - slope[:, None] * x
    sigma = np.sqrt((resid**2).sum(axis=1) / (len(x) - 2))
    return Lines(intercept, slope, sigma / np.sqrt(spread), sigma, resid, x)


def walk(x, y, x_new, *, drift=False):
    """Return the forecast of a random walk: no change, or the trend from the first to the last point.

    Brownian motion seen at uneven dates: the variance of a step is proportional to its
    length. Without drift the median stays where the last point is; with drift the pace
    is that from the first point to the last, and its own error is added (the naive and
    the drift method of Hyndman and Athanasopoulos, 2021, section 5.2).

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Points in order of x, no two at the same x.
    x_new : float
        Beyond the last x.
    drift : bool
        Whether to carry the trend on.

    Raises
    ------
    ValueError
        For fewer than three points, x out of order, or `x_new` not beyond them.
    """
    (x, y), x_new = _series(x, y, 3), single(x_new, "x_new")
    step, move = np.diff(x), np.diff(y)
    if (step <= 0).any() or x_new <= x[-1]:
        raise ValueError("x must rise and x_new must lie beyond its last value")
    ahead, span = x_new - x[-1], x[-1] - x[0]
    pace = (y[-1] - y[0]) / span if drift else 0.0
    df = len(step) - drift
    variance = np.sum((move - pace * step) ** 2 / step) / df
    return Belief(y[-1] + pace * ahead, float(np.sqrt(variance * (ahead + drift * ahead**2 / span))), float(df))


def _series(x, y, least):
    paired(x=x, y=y)
    x, y = numbers(x, "x"), numbers(y, "y")
    if len(x) < least:
        raise ValueError(f"x and y need at least {least} points, got {len(x)}")
    return x, y


def rivals(history, x_new):
    """Return the two forecasts without a law, by name.

    Parameters
    ----------
    history : tuple of ndarray
        x and y of the series so far.
    x_new : float
        Where to forecast.
    """
    return {"no change": walk(*history, x_new), "trend": walk(*history, x_new, drift=True)}


def assess(table):
    """Score each forecast.

    Parameters
    ----------
    table : DataFrame
        ``belief`` and ``rivals`` (dict of `Belief`, empty where there are none), ``y`` (what came, on the
        working scale) and ``better`` (+1 where more is better, else -1).

    Returns
    -------
    DataFrame
        The table with ``low``, ``high`` (95 %, working scale), ``inside``, ``signed`` (distance from the median
        in half widths of the 95 % interval, positive where things went better than forecast),
        ``rank`` (share of the distribution that is worse than what came), ``log_score``,
        ``interval_score`` and, for each rival, ``log_gain <rival>`` (log score less its log score)
        and ``interval_ratio <rival>`` (interval score over its interval score); NaN without rivals.
    """
    rows = []
    for row in table.itertuples():
        low, high = row.belief.interval()
        signed = row.better * (row.y - row.belief.centre) / ((high - low) / 2)
        below = row.belief.law.cdf(row.y)
        log, width = row.belief.scores(row.y)
        out = {
            "low": low,
            "high": high,
            "inside": bool(low <= row.y <= high),
            "signed": signed,
            "rank": below if row.better > 0 else 1 - below,
            "log_score": log,
            "interval_score": width,
        }
        for name in RIVALS:
            other = row.rivals[name].scores(row.y) if row.rivals else (np.nan, np.nan)
            out |= {f"log_gain {name}": log - other[0], f"interval_ratio {name}": width / other[1]}
        rows.append(out)
    return table.join(pd.DataFrame(rows, index=table.index))


def by_source(scored, column):
    """Return the mean of a column for each source, NaN left out."""
    return scored.dropna(subset=[column]).groupby("source")[column].mean()


def source_mean(values, seed=0, n_boot=RESAMPLES):
    """Return the mean of one value a source, with its 95 % interval.

    From drawing sources again; from Student's t where they are fewer than `FEW`, since
    a handful of values drawn again scatters too little (appendix a1 measures both).

    Parameters
    ----------
    values : array_like, shape (s,)
        One a source.

    Returns
    -------
    tuple of float
        Mean, low, high; the ends are NaN for fewer than three sources and where all are alike:
        what does not scatter cannot show how far it might.
    """
    values = numbers(values, "values")
    check_count(n_boot, "n_boot")
    if len(values) < 3 or np.ptp(values) <= SAME * np.abs(values).max():
        return (float(values.mean()) if len(values) else np.nan), np.nan, np.nan
    if len(values) < FEW:
        half = stats.t.isf((1 - LEVEL) / 2, len(values) - 1) * stats.sem(values)
        return float(values.mean()), float(values.mean() - half), float(values.mean() + half)
    draws = np.random.default_rng(seed).choice(values, (n_boot, len(values))).mean(axis=1)
    return float(values.mean()), *map(float, percentile_interval(draws, 1 - LEVEL))


def summary(scored, by="group"):
    """Return how good the forecasts of each group were, every source counting once.

    Parameters
    ----------
    scored : DataFrame
        From `assess`, with ``source`` and the column `by`.
    by : str
        Column of the groups; their order is kept.

    Returns
    -------
    DataFrame
        `by`, ``forecasts``, ``sources``, ``inside`` with ``inside_low``, ``inside_high``, ``better`` and
        ``worse`` (share of forecasts missed on that side), ``signed`` (mean, half widths), and for
        each rival ``log_gain <rival>`` with ``_low``, ``_high``.
    """
    rows = []
    for name, part in scored.groupby(by, sort=False):
        row = {by: name, "forecasts": len(part), "sources": part["source"].nunique()}
        for column in ("inside", "signed", *(f"log_gain {r}" for r in RIVALS)):
            ends = source_mean(by_source(part.astype({"inside": float}), column))
            ends = np.clip(ends, 0, 1) if column == "inside" else ends  # a share
            row |= dict(zip((column, f"{column}_low", f"{column}_high"), ends, strict=True))
        row |= {"better": (part["signed"] > 1).mean(), "worse": (part["signed"] < -1).mean()}
        rows.append(row)
    return pd.DataFrame(rows)


def coverage(scored, levels=(0.5, 0.8, 0.95)):
    """Return the share of outcomes inside central intervals of several levels, every source counting once.

    Returns
    -------
    DataFrame
        ``level``, ``inside``, ``low``, ``high``.
    """
    rows = []
    for level in levels:
        within = (np.abs(scored["rank"] - 0.5) <= level / 2).astype(float)
        rows.append([level, *source_mean(within.groupby(scored["source"]).mean())])
    return pd.DataFrame(rows, columns=["level", "inside", "low", "high"])


def score(curves):
    """Forecast each curve's new points and compare.

    Parameters
    ----------
    curves : iterable of tuple
        From `simulated` or `runs_at_one_size`.

    Returns
    -------
    DataFrame, one row a curve and method
        ``rmse_log`` (of log y at the new points), ``coverage`` and ``interval_score``
        (in log y, Gneiting & Raftery 2007) of the nominal 95 % interval; the last two
        for the extrapolator and for a plain power law by least squares.
    """
    rows = []
    for kind, number, x, y, x_new, y_new in curves:
        truth = np.log(y_new)
        forecast, plain = extrapolate(x, y), PowerLaw(y, x).fit()
        rows += [
            (kind, number, name, _rmse(np.log(each) - truth), np.nan, np.nan)
            for name, each in forecast.predict_each(x_new).items()
        ]
        for name, model in (("extrapolator", forecast), ("least-squares line", plain)):
            low, high = np.log(model.predict_interval(x_new, level=LEVEL))
            held = ((low <= truth) & (truth <= high)).mean()
            width = interval_score(truth, low, high).mean()
            rows.append((kind, number, name, _rmse(np.log(model.predict(x_new)) - truth), held, width))
    columns = ["kind", "curve", "method", "rmse_log", "coverage", "interval_score"]
    return pd.DataFrame(rows, columns=columns)


def summarise(scores):
    """Average the scores of `score` by kind and method.

    Returns
    -------
    DataFrame
        ``curves``, the geometric mean of ``rmse_log``, the share of curves on which
        the extrapolator is better (``beaten_share``), mean ``coverage`` with its
        standard error over curves, mean and median ``interval_score``.
    """
    own = scores[scores["method"] == "extrapolator"].set_index(["kind", "curve"])["rmse_log"]
    scores = scores.assign(
        log=np.log(scores["rmse_log"]),
        beaten=own.reindex(pd.MultiIndex.from_frame(scores[["kind", "curve"]])).to_numpy() < scores["rmse_log"],
    )
    groups = scores.groupby(["kind", "method"], sort=False)
    table = groups.agg(
        curves=("curve", "size"),
        rmse_log=("log", lambda v: np.exp(v.mean())),
        beaten_share=("beaten", "mean"),
        coverage=("coverage", "mean"),
        coverage_se=("coverage", "sem"),
        interval_score=("interval_score", "mean"),
        interval_score_median=("interval_score", "median"),
    ).reset_index()
    table.loc[table["method"] == "extrapolator", "beaten_share"] = np.nan
    return table


def _rmse(error):
    return float(np.sqrt(np.mean(error**2)))


def interval_score(actual, low, high, level=LEVEL):
    """Return Gneiting and Raftery's (2007) score: width, and a fine for each miss; lower is better."""
    check_alpha(1 - level)
    fine = 2 / (1 - level)
    return (high - low) + fine * np.maximum(low - actual, 0) + fine * np.maximum(actual - high, 0)


def quantile_score(actual, quantiles, levels):
    """Return the weighted interval score of a forecast given as quantiles; lower is better.

    Twice the mean pinball loss; with levels in pairs about the median this is the weighted interval score of Bracher,
    Ray, Gneiting and Reich (2021, PLOS Computational Biology 17, e1008618, equation 2), which tends to the continuous
    ranked probability score as levels fill the unit interval. A forecast that is one number gets its absolute error.

    Parameters
    ----------
    actual : float
    quantiles, levels : array_like, shape (k,)
        Rising; the levels are symmetrical about one half.

    Raises
    ------
    ValueError
        For quantiles that fall, or levels that are not symmetrical.
    """
    quantiles, levels = np.asarray(quantiles, float), np.asarray(levels, float)
    if quantiles.shape != levels.shape or (np.diff(quantiles) < 0).any():
        raise ValueError(f"quantiles must rise, one a level, got {quantiles} at {levels}")
    if not np.allclose(levels + levels[::-1], 1):
        raise ValueError(f"levels must be symmetrical about one half, got {levels}")
    error = actual - quantiles
    return float(2 * np.mean(np.maximum(levels * error, (levels - 1) * error)))
