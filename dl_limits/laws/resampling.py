"""Bootstrap counts, and intervals from resampled values."""

from __future__ import annotations

import numpy as np
from scipy import stats

from dl_limits.laws.checks import check_alpha


def percentile_interval(draws, alpha):
    """Return the percentile interval of resampled values that may be infinite.

    Parameters
    ----------
    draws : ndarray, shape (m,)
        NaN marks a resample that determines nothing; without any other the
        interval is unbounded.
    alpha : float
        One minus the confidence level.
    """
    check_alpha(alpha)
    draws = np.sort(draws[~np.isnan(draws)])
    if not len(draws):
        return -np.inf, np.inf
    ranks = np.array([alpha / 2, 1 - alpha / 2]) * (len(draws) - 1)
    # the outer neighbours: between a finite and an infinite value there is nothing to interpolate
    return draws[int(np.floor(ranks[0]))], draws[int(np.ceil(ranks[1]))]


def resample(n, n_boot, seed, groups=None):
    """Bootstrap counts: rows, or whole groups, drawn with replacement.

    Parameters
    ----------
    n : int
        Number of rows.
    n_boot : int
        Number of resamples.
    seed : int
        Seed of `numpy.random.default_rng`.
    groups : array_like, shape (n,), optional
        Labels; rows of one group are drawn together.

    Returns
    -------
    ndarray, shape (n_boot, n)
    """
    rng = np.random.default_rng(seed)
    codes = np.arange(n) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    units = codes.max() + 1
    draws = rng.multinomial(units, np.full(units, 1 / units), size=n_boot)
    return draws[:, codes].astype(float)


def bca_interval(draws, estimate, left_out, alpha):
    """Bias-corrected and accelerated percentile interval (Efron 1987, equations 2.3 and 6.6).

    Parameters
    ----------
    draws : ndarray, shape (m,)
        Bootstrap values; NaN marks a resample that determines nothing.
    estimate : float
        The value for the data.
    left_out : ndarray, shape (k,)
        Values with one run, or one group, left out: their skewness is the acceleration.
    alpha : float
        One minus the confidence level.
    """
    draws = np.sort(draws[~np.isnan(draws)])
    if not len(draws):
        return -np.inf, np.inf
    below = ((draws < estimate).mean() + (draws <= estimate).mean()) / 2
    bias = stats.norm.ppf(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    pull = np.nanmean(left_out) - left_out[np.isfinite(left_out)]
    squares = (pull**2).sum()
    skew = (pull**3).sum() / (6 * squares**1.5) if squares > 0 else 0.0
    z = bias + stats.norm.ppf([alpha / 2, 1 - alpha / 2])
    level = stats.norm.cdf(bias + z / (1 - skew * z))
    rank = level * (len(draws) - 1)
    return draws[int(np.floor(rank[0]))], draws[int(np.ceil(rank[1]))]
