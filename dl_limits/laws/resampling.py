"""Bootstrap counts, and intervals from resampled values."""

from __future__ import annotations

import numpy as np
from scipy import stats

from dl_limits.laws.checks import SAME, check_alpha, check_count, codes, labels

BLOCK = 4_000_000  # numbers in one array of counts: 32 MB
_MANY = 20_000  # units: beyond, a multinomial draw costs several times as much as counting drawn numbers


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
    draws = np.asarray(draws, float)
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
    return np.vstack(list(batches(n, n_boot, seed, groups)))


def batches(n, n_boot, seed, groups=None):
    """Yield the rows of `resample` in parts of at most `BLOCK` numbers: the same draws in bounded memory."""
    check_count(n_boot, "n_boot")
    rng = np.random.default_rng(seed)
    units = np.arange(n) if groups is None else codes(labels(groups, least=1))
    if len(units) != n:
        raise ValueError(f"groups has {len(units)} rows, the data have {n}")
    k, size = units.max() + 1, max(1, BLOCK // n)
    for done in range(0, n_boot, size):
        m = min(size, n_boot - done)
        if k <= _MANY:
            draws = rng.multinomial(k, np.full(k, 1 / k), size=m)
        else:
            draws = np.stack([np.bincount(rng.integers(k, size=k), minlength=k) for _ in range(m)])
        yield draws[:, units].astype(float)


def tied_or_beyond(drawn, seen):
    """Whether each resampled value is at least as large as the one seen; equal but for rounding counts as equal.

    So does one that is not determined (NaN): a p-value must not gain from it.
    """
    return ~(drawn < seen - SAME * np.abs(seen))


def p_value(beyond):
    """Return the p-value of a resampled test: the data count as one of the draws (Davison & Hinkley 1997, 4.2.2)."""
    return float((1 + np.sum(beyond)) / (1 + len(beyond)))


def bca_interval(draws, estimate, left_out, alpha):
    """Bias-corrected and accelerated percentile interval (Efron 1987, equations 2.3 and 6.6).

    Parameters
    ----------
    draws : ndarray, shape (m,)
        Bootstrap values; NaN marks a resample that determines nothing.
    estimate : float
        The value for the data.
    left_out : ndarray, shape (k,)
        Values with one run, or one group, left out: their skewness is the acceleration. Those
        that determine nothing are left out; fewer than two others leave the interval open.
    alpha : float
        One minus the confidence level.
    """
    check_alpha(alpha)
    draws, left_out = np.sort(draws[~np.isnan(draws)]), left_out[np.isfinite(left_out)]
    if not len(draws) or len(left_out) < 2 or not np.isfinite(estimate):
        return -np.inf, np.inf
    below = ((~tied_or_beyond(draws, estimate)).mean() + tied_or_beyond(-draws, -estimate).mean()) / 2
    bias = stats.norm.ppf(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    pull = left_out.mean() - left_out
    squares = (pull**2).sum()
    skew = (pull**3).sum() / (6 * squares**1.5) if squares > 0 else 0.0
    z = bias + stats.norm.ppf([alpha / 2, 1 - alpha / 2])
    level = stats.norm.cdf(bias + z / (1 - skew * z))
    rank = level * (len(draws) - 1)
    return draws[int(np.floor(rank[0]))], draws[int(np.ceil(rank[1]))]
