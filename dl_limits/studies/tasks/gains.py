"""What ten times more compute did to many scores at once, and how well such lines forecast.

Three scales. *Points*: the score itself. *Gap*: the logarithm of what is left to a
perfect score; a straight line there is a power law of the error, and its slope is the
share of the remaining gap that a tenfold closes. *Logit*: a logistic curve between the
chance level and 100 (quasi-likelihood, because no noise of items alone explains the
scatter). Slopes are pooled in part within task groups: a noisy series leans on its
group. Series share their eight models, so errors are common to many: intervals come
from how wrong the same method was before, not from the line's own scatter.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from dl_limits.inference.chance_trend import FloorLogit
from dl_limits.inference.scoring import lines

FORECAST_METHODS = ("no change", "last three sizes", "line in points", "gap", "gap, pooled", "logistic")
_WIDE = 25.0  # log odds per tenfold beyond which a logistic slope is not identified


def pooled(slope, slope_se, groups):
    """Shrink slopes towards the mean of their group, by as much as their noise asks for.

    Random-effects meta-analysis within each group (Paule and Mandel's iteration,
    `statsmodels.stats.meta_analysis.combine_effects`), then the posterior mean of each
    slope given the group's mean and spread. A series without scatter takes the
    smallest standard error of its group. Groups of one are left alone.

    Parameters
    ----------
    slope, slope_se : ndarray, shape (m,)
        Slopes and standard errors.
    groups : array_like, shape (m,)
        Labels.

    Returns
    -------
    ndarray, shape (m,)
    """
    slope, slope_se = np.asarray(slope, float), np.asarray(slope_se, float)
    groups, out = np.asarray(groups).astype(str), slope.copy()
    for group in np.unique(groups):
        here = groups == group
        noise = slope_se[here]
        if here.sum() < 2 or not (noise > 0).any():
            continue
        variance = np.maximum(noise, noise[noise > 0].min()) ** 2
        with np.errstate(divide="ignore"):  # its I² of slopes that are all alike
            meta = combine_effects(slope[here], variance, method_re="iterated")
        weight = meta.tau2 / (meta.tau2 + variance)
        out[here] = weight * slope[here] + (1 - weight) * meta.mean_effect_re
    return out


def logistic(scores, at=0.0):
    """Fit a logistic curve above chance to every series that has a percentage and a chance level.

    Parameters
    ----------
    scores : TaskScores
        Series.
    at : float
        Place at which to predict, in tenfolds beyond the last model.

    Returns
    -------
    DataFrame, shape (m, 4)
        ``slope`` (log odds above chance per tenfold of compute), ``slope_se`` (quasi-
        likelihood, scale by Pearson's statistic), ``predicted`` (percent) and ``fitted``:
        whether the curve is identified. All NaN where it is not: at chance throughout,
        or no chance level.
    """
    x = sm.add_constant(scores.log_compute - scores.log_compute[-1])
    rows = []
    for values, row in zip(scores.points, scores.info.itertuples(), strict=True):
        chance = 0.0 if row.score_unit == "bleu" else row.chance_pct
        if row.score_unit == "perplexity" or pd.isna(chance):
            rows.append((np.nan, np.nan, np.nan, False))
            continue
        share, floor = values / 100, chance / 100
        start = np.clip((share - floor) / (1 - floor), 0.01, 0.99)  # only where the search begins
        begin = np.linalg.lstsq(x, np.log(start / (1 - start)), rcond=None)[0]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            model = sm.GLM(share, x, family=sm.families.Binomial(link=FloorLogit(floor)))
            fit = model.fit(start_params=begin, maxiter=60, scale="X2", tol_criterion="params")
            mean = model.predict(fit.params, np.array([[1.0, at]]))[0]
        fine = fit.converged and np.isfinite(fit.bse[1]) and abs(fit.params[1]) < _WIDE and fit.bse[1] < _WIDE
        rows.append((fit.params[1], fit.bse[1], 100 * mean, True) if fine else (np.nan, np.nan, np.nan, False))
    return pd.DataFrame(rows, columns=["slope", "slope_se", "predicted", "fitted"])


def gains(scores):
    """Return what a tenfold of compute did to every series, on three scales.

    Parameters
    ----------
    scores : TaskScores
        Series.

    Returns
    -------
    DataFrame
        The columns of ``scores.info`` and: ``first``, ``last`` (scores of the smallest
        and the largest model), ``points``, ``points_low``, ``points_high`` (per tenfold,
        t interval), ``closed``, ``closed_low``, ``closed_high`` (share of the remaining gap
        per tenfold), ``closed_pooled``, ``log_odds`` and ``log_odds_se``, and ``curvature`` with
        ``curvature_t``: second coefficient of the log gap, positive where gains shrink.
    """
    x = scores.log_compute - scores.log_compute[-1]
    raw, gap = lines(x, scores.points), lines(x, scores.log_gap)
    t = stats.t.ppf(0.975, len(x) - 2)
    shrunk = pooled(gap.slope, gap.slope_se, scores.info["task_group"])
    curve = curvature(x, scores.log_gap)
    odds = logistic(scores)
    return scores.info.assign(
        first=scores.points[:, 0],
        last=scores.points[:, -1],
        points=raw.slope,
        points_low=raw.slope - t * raw.slope_se,
        points_high=raw.slope + t * raw.slope_se,
        closed=-np.expm1(gap.slope),
        closed_low=-np.expm1(gap.slope + t * gap.slope_se),
        closed_high=-np.expm1(gap.slope - t * gap.slope_se),
        closed_pooled=-np.expm1(shrunk),
        log_odds=odds["slope"],
        log_odds_se=odds["slope_se"],
        curvature=curve[0],
        curvature_t=curve[1],
    )


def curvature(x, y):
    """Return the quadratic coefficient of every row of `y` on x, and its t value.

    Parameters
    ----------
    x : ndarray, shape (s,)
    y : ndarray, shape (m, s)

    Returns
    -------
    tuple of ndarray, shape (m,)
    """
    basis = np.linalg.qr(np.vander(x, 3, increasing=True))
    coefficient = y @ basis.Q[:, 2] / basis.R[2, 2]
    resid = y - y @ basis.Q @ basis.Q.T
    se = np.sqrt((resid**2).sum(axis=1) / (len(x) - 3)) / abs(basis.R[2, 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        return coefficient, coefficient / se


def shared_error(scores):
    """Return how far errors are common to the series: what looks like many tests is few.

    Parameters
    ----------
    scores : TaskScores
        Series; their residuals from lines of the log gap are compared.

    Returns
    -------
    dict
        ``series``; ``most``, the residual degrees of freedom, beyond which no number of
        series adds a pattern; ``effective``, the participation ratio of the residuals'
        correlation matrix (sum of eigenvalues squared over sum of their squares);
        ``same_task``, the mean correlation between settings of one task and metric.
    """
    fit = lines(scores.log_compute, scores.log_gap)
    alive = fit.sigma > 1e-9
    df = len(scores.log_compute) - 2
    z = fit.resid[alive] / (fit.sigma[alive, None] * np.sqrt(df))
    corr = z @ z.T
    task = (scores.info["task"] + scores.info["metric"].astype(str)).to_numpy()[alive]
    pairs = np.triu(task[:, None] == task, 1)
    return {
        "series": int(alive.sum()),
        "most": df,
        "effective": float(np.trace(corr) ** 2 / (corr**2).sum()),
        "same_task": float(corr[pairs].mean()) if pairs.any() else np.nan,
    }


# ------------------------------------------------------------------ forecasts


def forecast(scores, method, tenfolds):
    """Forecast every series some tenfolds of compute beyond its last model.

    Parameters
    ----------
    scores : TaskScores
        Series to learn from.
    method : str
        One of `FORECAST_METHODS`. 'logistic' falls back to the pooled gap where it is not identified.
    tenfolds : float
        Distance in log10 of compute.

    Returns
    -------
    DataFrame, shape (m, 3)
        ``predicted`` score, and the nominal 95 % interval ``low``, ``high`` (NaN for
        methods that have none of their own).
    """
    if method not in FORECAST_METHODS:
        raise ValueError(f"method must be one of {', '.join(FORECAST_METHODS)}, not {method!r}")
    x, none = scores.log_compute - scores.log_compute[-1], np.full(len(scores), np.nan)
    t = stats.t.ppf(0.975, len(x) - 2)
    if method == "no change":
        return _frame(scores.points[:, -1], none, none)
    if method == "last three sizes":
        return _frame(lines(x[-3:], scores.points[:, -3:]).at(tenfolds), none, none)
    if method == "line in points":
        fit = lines(x, scores.points)
        centre, half = fit.at(tenfolds), t * fit.prediction_se(tenfolds)
        return _frame(centre, centre - half, centre + half)
    fit = lines(x, scores.log_gap)
    if method == "gap":
        centre, half = fit.at(tenfolds), t * fit.prediction_se(tenfolds)
        ends = np.sort([scores.from_log_gap(centre + half), scores.from_log_gap(centre - half)], axis=0)
        return _frame(scores.from_log_gap(centre), *ends)
    slope = pooled(fit.slope, fit.slope_se, scores.info["task_group"])
    middle = fit.at(x.mean()) + slope * (tenfolds - x.mean())
    predicted = scores.from_log_gap(middle)
    if method == "logistic":
        curve = logistic(scores, tenfolds)["predicted"].to_numpy()
        predicted = np.where(np.isnan(curve), predicted, curve)
    return _frame(predicted, none, none)


def _frame(predicted, low, high):
    return pd.DataFrame({"predicted": predicted, "low": low, "high": high})
