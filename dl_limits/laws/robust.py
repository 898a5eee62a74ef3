"""Errors that are uneven, dependent, or in x: covariances, weights and predictors that allow for them."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.optimize import linprog
from statsmodels.robust.norms import HuberT

from dl_limits.laws.checks import codes, labels, numbers, paired, single

_DETERMINED = 1e-10  # a row, or group, that leaves so small a share of a direction determines it alone


def variance_weights(resid, h):
    """Return inverse variances for residuals whose scatter changes as a power of x.

    Parameters
    ----------
    resid, h : ndarray, shape (n,)
        Residuals of log y from an unweighted fit, and log x.

    Returns
    -------
    ndarray, shape (n,)
        With geometric mean 1. One step of Harvey (1976): the log size of the residuals is regressed on
        log x; a residual of zero counts as the thousandth part of their mean size.
    """
    size = np.abs(resid)
    slope = np.polyfit(h - h.mean(), np.log(np.maximum(size, 1e-3 * size.mean() + 1e-300)), 1)[0]
    return np.exp(-2 * slope * (h - h.mean()))


def true_predictor(h, reliability):
    """Return the expected true predictor behind one that was measured with error.

    Regression calibration (Carroll et al. 2006, chapter 4): a line on the result has
    the slope and the units of the true predictor, its intervals hold given the
    reliability.

    Parameters
    ----------
    h : ndarray, shape (n,)
        The measured predictor (log x).
    reliability : float
        Share of its variance that is not error, above 0 and up to 1.
    """
    h, reliability = numbers(h, "h"), single(reliability, "reliability")
    if not 0 < reliability <= 1:
        raise ValueError(f"reliability must lie above 0 and up to 1, not {reliability!r}")
    return np.mean(h) + reliability * (h - np.mean(h))


def sandwich(design, resid, weights, groups, cov, scale):
    """Covariance of weighted least squares whose residuals are at hand, shape (p, p).

    For laws that are linearised at their optimum; the same kinds and conventions as
    in `linear.fit_line`.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Derivatives of the law; full rank.
    resid, weights : ndarray, shape (n,)
        Residuals, and inverse variances up to a factor.
    groups : ndarray, shape (n,), or None
        For 'cluster' and 'jackknife'.
    cov : {'classical', 'HC3', 'cluster', 'jackknife'}
        Kind of covariance.
    scale : float
        Residual variance, for 'classical'.

    Returns
    -------
    ndarray, shape (p, p)
        NaN where 'HC3' or 'jackknife' is not defined: one row, or one group, alone
        determines a parameter, and nothing tells how far it would have been missed.
    """
    n, p = design.shape
    root = np.sqrt(weights)
    x, e = design * root[:, None], resid * root
    bread = np.linalg.inv(x.T @ x)
    if cov == "classical":
        return scale * bread
    if cov == "HC3":
        kept = 1 - np.einsum("ni,ij,nj->n", x, bread, x)
        if kept.min() < _DETERMINED:
            return np.full((p, p), np.nan)
        scores, factor = x * (e / kept)[:, None], 1.0
    else:
        units = codes(groups)
        count = units.max() + 1
        scores = np.column_stack([np.bincount(units, column * e) for column in x.T])
        factor = count / (count - 1) * (n - 1) / (n - p)
        if cov == "jackknife":
            # leaving a group out moves its residuals by (I - X_g B X_g')^-1; by the push-through identity
            # that is (I - X_g'X_g B)^-1 on its scores, a small matrix whatever the size of the group
            own = np.stack([[np.bincount(units, a * b) for a in x.T] for b in x.T]).transpose(2, 0, 1)
            left = np.eye(p) - own @ bread
            if np.abs(np.linalg.det(left)).min() < _DETERMINED:
                return np.full((p, p), np.nan)
            scores = np.linalg.solve(left, scores[:, :, None])[:, :, 0]
            factor = (count - 1) / count
    return factor * bread @ scores.T @ scores @ bread


def quantile_lines(z, design, w, q):
    """Quantile regressions of many weighted copies of the data, each exact (Koenker & Bassett 1978).

    Reweighted least squares find the rows on which a solution lies; the dual of the linear programme
    proves it, and where it does not, the programme is solved (HiGHS, by SciPy).

    Parameters
    ----------
    z : ndarray, shape (n,)
        Response.
    design : ndarray, shape (n, p)
        Columns of similar size, of full rank in every copy.
    w : ndarray, shape (m, n)
        Weights, not negative.
    q : float
        The quantile.

    Returns
    -------
    ndarray, shape (m, p)
        Coefficients.
    """

    def reweigh(resid, w):
        return np.where(resid < 0, 1 - q, q) / np.maximum(np.abs(resid), 1e-6)

    near = _reweighted(z, design, w, reweigh, rounds=30)
    found, proved = _vertices(z, design, w, q, near)
    for row in np.flatnonzero(~proved):
        seen = w[row] > 0
        x, weight = design[seen], w[row, seen]
        bounds = np.column_stack([np.zeros(len(weight)), weight])
        solved = linprog(-z[seen], A_eq=x.T, b_eq=(1 - q) * weight @ x, bounds=bounds, method="highs")
        found[row] = -solved.eqlin.marginals if solved.status == 0 else np.nan
    return found


def _vertices(z, design, w, q, near):
    """Solutions through the p seen rows next to `near`, and whether each minimises the sum of check losses.

    It does if the slopes of the other rows' losses can be balanced by the rows it goes through, whose own
    slopes may lie anywhere from q - 1 to q.
    """
    m, p = near.shape
    size = np.where(w > 0, np.abs(z - near @ design.T), np.inf)
    rows = np.argpartition(size, p - 1, axis=1)[:, :p]
    basis = design[rows]
    proved = np.linalg.cond(basis) < 1e10
    basis = np.where(proved[:, None, None], basis, np.eye(p))
    found = np.linalg.solve(basis, z[rows][:, :, None])[:, :, 0]
    resid = z - found @ design.T
    slope = np.where(np.abs(resid) <= 1e-12 * (1 + np.abs(z)), 0.0, np.where(resid < 0, q - 1, q)) * w
    np.put_along_axis(slope, rows, 0.0, axis=1)
    needed = np.linalg.solve(basis.transpose(0, 2, 1), -(slope @ design)[:, :, None])[:, :, 0]
    needed = needed / np.take_along_axis(w, rows, 1)
    return found, proved & ((needed >= q - 1 - 1e-9) & (needed <= q + 1e-9)).all(axis=1)


def huber_lines(z, design, w, q=None):
    """M-estimates with Huber's weights of many weighted copies of the data, as statsmodels' RLM.

    Parameters and result as in `quantile_lines`; `q` is not used.
    """

    def reweigh(resid, w):
        scale = _median(np.abs(resid), w) / stats.norm.ppf(0.75)
        scaled = np.abs(resid) / np.maximum(scale, 1e-12)[:, None]
        return np.minimum(1, HuberT().t / np.maximum(scaled, 1e-12))

    return _reweighted(z, design, w, reweigh, rounds=60)


def _reweighted(z, design, w, reweigh, rounds):
    """Iteratively reweighted least squares, all copies together."""
    k = design.shape[1]
    products = np.einsum("ni,nj->nij", design, design).reshape(len(z), -1)
    response = design * z[:, None]

    def solve(weights):
        return np.linalg.solve((weights @ products).reshape(-1, k, k), (weights @ response)[:, :, None])[:, :, 0]

    active, beta = np.arange(len(w)), solve(w)
    for _ in range(rounds):
        resid = z - beta[active] @ design.T
        step = solve(w[active] * reweigh(resid, w[active]))
        moved = np.abs(step - beta[active]).max(axis=1) > 1e-7
        beta[active] = step
        active = active[moved]
        if not len(active):
            break
    return beta


def _median(values, counts):
    """Median of each row of `values`, every value repeated `counts` times."""
    order = np.argsort(values, axis=1)
    ranked = np.take_along_axis(values, order, 1)
    total = np.cumsum(np.take_along_axis(counts, order, 1), axis=1)
    half = total[:, -1:] / 2
    rows = np.arange(len(values))
    return (ranked[rows, (total >= half).argmax(1)] + ranked[rows, (total > half).argmax(1)]) / 2


def intraclass_correlation(values, groups):
    """Return the share of the variance that members of a group have in common.

    One-way analysis of variance with groups of unequal size (Donner 1986); below zero
    where groups differ less than chance makes them.

    Parameters
    ----------
    values : array_like, shape (n,)
        What varies.
    groups : array_like, shape (n,)
        Labels; at least one holds two values, and at least two differ.

    Returns
    -------
    float
        NaN where nothing varies.
    """
    paired(values=values, groups=groups)
    values, units = numbers(values, "values"), codes(labels(groups))
    count = np.bincount(units)
    mean = np.bincount(units, values) / count
    n, k = len(values), len(count)
    if n == k:
        raise ValueError("groups must hold at least one group of two")
    if np.ptp(values) == 0:
        return np.nan
    between = (count * (mean - values.mean()) ** 2).sum() / (k - 1)
    within = ((values - mean[units]) ** 2).sum() / (n - k)
    typical = (n - (count**2).sum() / n) / (k - 1)
    return float((between - within) / (between + (typical - 1) * within))
