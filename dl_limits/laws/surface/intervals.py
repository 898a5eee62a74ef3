"""How sure a fitted surface is: sandwich covariance, BCa ends, and notes on identification."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.regression.quantile_regression import hall_sheather

from dl_limits.laws.surface.solver import STEEPEST_EXPONENT


@dataclass(frozen=True)
class Sandwich:
    """Covariance of log E, log A, log B, s and t in the scaled coordinates of `surface_fit`.

    Attributes
    ----------
    cov : ndarray, shape (5, 5)
        NaN for both numbers of a term that is zero or whose exponent is at a bound.
    df : int
        Degrees of freedom of the t distribution: runs less 5, or groups less 1.
    """

    cov: np.ndarray
    df: int

    def draws(self, theta, size=4000, seed=0):
        """Solutions from the multivariate t distribution round `theta`, shape (5, size)."""
        rng = np.random.default_rng(seed)
        sure = np.isfinite(np.diag(self.cov))
        values, vectors = np.linalg.eigh(self.cov[np.ix_(sure, sure)])
        step = rng.standard_normal((size, sure.sum())) @ (vectors * np.sqrt(np.maximum(values, 0))).T
        moved = np.zeros((5, size))
        moved[sure] = step.T * np.sqrt(self.df / rng.chisquare(self.df, size))
        with np.errstate(over="ignore"):
            return np.vstack([theta[:3, None] * np.exp(moved[:3]), theta[3:, None] + moved[3:]])


def surface_sandwich(design, theta, weights, delta, groups=None):
    """Covariance of a minimum of a sum of Huber losses (Huber 1967; clusters: Liang & Zeger 1986).

    The curvature of the objective rests on how many residuals lie within delta. With
    a small delta these are few: the density round zero is taken from the wider window
    of Hall & Sheather (1988), as statsmodels' quantile regression does.

    Returns
    -------
    Sandwich
    """
    resid = design.z - design.log_law(theta[:, None])[0]
    n = len(resid)
    window = np.inf
    if np.isfinite(delta):
        width = min(resid.std(), stats.iqr(resid) / 1.349)
        wide = hall_sheather(n, 0.5)
        half = stats.norm.ppf(min(0.5 + wide, 0.999))
        window = max(delta, width * half)
    share = np.stack([np.ones(n), np.exp(-theta[3] * design.x), np.exp(-theta[4] * design.y)]) * theta[:3, None]
    share /= share.sum(axis=0)
    slopes = np.vstack([share, -share[1] * design.x, -share[2] * design.y])
    terms = [theta[0] > 0, *((theta[1:3] > 0) & (theta[3:] > 0) & (theta[3:] < STEEPEST_EXPONENT))]
    sure = np.array(terms)[[0, 1, 2, 1, 2]]
    slopes = slopes[sure]
    inside = weights * (np.abs(resid) <= window) * (1.0 if np.isinf(window) else delta / window)
    bread = np.linalg.pinv((slopes * inside) @ slopes.T, hermitian=True)
    scores = slopes * (weights * np.clip(resid, -delta, delta))
    if groups is None:
        df = n - 5
        scores = scores * np.sqrt(n / df)
    else:
        codes = np.unique(groups, return_inverse=True)[1]
        df = int(codes.max())
        scores = np.stack([np.bincount(codes, row) for row in scores]) * np.sqrt((df + 1) / df)
    cov = np.full((5, 5), np.nan)
    cov[np.ix_(sure, sure)] = bread @ (scores @ scores.T) @ bread
    return Sandwich(cov, df)
