"""Errors that are uneven, dependent, or in x: covariances, weights and predictors that allow for them."""

from __future__ import annotations

import numpy as np


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
    """
    n, p = design.shape
    root = np.sqrt(weights)
    x, e = design * root[:, None], resid * root
    bread = np.linalg.inv(x.T @ x)
    if cov == "classical":
        return scale * bread
    labels = np.arange(n) if cov == "HC3" else np.unique(groups, return_inverse=True)[1]
    count = labels.max() + 1
    scores = np.empty((count, p))
    for g in range(count):
        rows = labels == g
        # leaving the group out moves the residuals of the group by this much
        grown = (
            np.linalg.pinv(np.eye(rows.sum()) - x[rows] @ bread @ x[rows].T) if cov != "cluster" else np.eye(rows.sum())
        )
        scores[g] = x[rows].T @ grown @ e[rows]
    factor = {"HC3": 1.0, "cluster": count / (count - 1) * (n - 1) / (n - p), "jackknife": (count - 1) / count}[cov]
    return factor * bread @ scores.T @ scores @ bread


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
    """
    values, codes = np.asarray(values, float), np.unique(groups, return_inverse=True)[1]
    count = np.bincount(codes)
    mean = np.bincount(codes, values) / count
    n, k = len(values), len(count)
    between = (count * (mean - values.mean()) ** 2).sum() / (k - 1)
    within = ((values - mean[codes]) ** 2).sum() / (n - k)
    typical = (n - (count**2).sum() / n) / (k - 1)
    return float((between - within) / (between + (typical - 1) * within))
