"""A record carried on by its own past: stretches of a year, drawn anew.

The largest value so far never falls; it stands, or it jumps. Its monthly steps (most of them nil) are drawn again in
blocks of twelve, so that what belongs together stays together (moving blocks, Künsch 1989, Annals of Statistics 17,
1217-1241). Which years the blocks come from is weighed at random in each draw (the Bayesian bootstrap, Rubin 1981,
Annals of Statistics 9, 130-134): a few years leave the mean pace open. No shape of growth is assumed.
"""

from __future__ import annotations

import numpy as np

YEAR_OF_MONTHS = 12  # months
_TINY = 1e-6  # of a year: months in decimal years carry rounding


def monthly_steps(years, values, seen_to):
    """Return the monthly steps of the largest value so far.

    Parameters
    ----------
    years, values : array_like, shape (n,)
        Decimal years and values; larger is better.
    seen_to : float
        Date to which the record is known; later values are not used.

    Returns
    -------
    steps : ndarray, shape (m,)
        Never negative, the last one ending at `seen_to`.
    now : float
        The record at `seen_to`.

    Raises
    ------
    ValueError
        For fewer than two years of history.
    """
    years, values = np.asarray(years, float), np.asarray(values, float)
    months = int(np.floor(YEAR_OF_MONTHS * (seen_to - years.min()) + _TINY))
    if months < 2 * YEAR_OF_MONTHS:
        raise ValueError(f"needs two years of history before {seen_to:.2f}, got {months} months")
    dates = seen_to - np.arange(months, -1, -1) / YEAR_OF_MONTHS
    level = np.array([values[years < date - _TINY].max(initial=-np.inf) for date in dates])
    level = level[np.isfinite(level)]
    return np.diff(level), float(level[-1])


def year_blocks(years, values, dates, seen_to, rng, draws):
    """Draw the record at later dates.

    Parameters
    ----------
    years, values, seen_to
        As in `monthly_steps`.
    dates : array_like, shape (k,)
        Decimal years, rising, after `seen_to`.
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    ndarray, shape (draws, k)
    """
    steps, now = monthly_steps(years, values, seen_to)
    ahead = np.ceil(YEAR_OF_MONTHS * (np.asarray(dates, float) - seen_to) - _TINY).astype(int)  # months
    if (ahead < 1).any():
        raise ValueError(f"dates must lie after {seen_to:.2f}, got {dates}")
    starts = np.arange(len(steps) - YEAR_OF_MONTHS + 1)
    year_of_start = starts // YEAR_OF_MONTHS
    weights = rng.dirichlet(np.ones(year_of_start[-1] + 1), draws)[:, year_of_start]
    weights /= weights.sum(axis=1, keepdims=True)
    blocks = int(np.ceil(ahead.max() / YEAR_OF_MONTHS))
    chosen = (rng.random((draws, blocks, 1)) > weights.cumsum(axis=1)[:, None]).sum(axis=2)
    chosen = starts[np.minimum(chosen, len(starts) - 1)]
    path = steps[chosen[:, :, None] + np.arange(YEAR_OF_MONTHS)].reshape(draws, -1).cumsum(axis=1)
    return now + path[:, ahead - 1]
