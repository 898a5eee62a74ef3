"""A straight line through values whose errors persist, and the runs that may come after them.

Neighbours in time are alike: one laboratory's budget, one generation of chips. The error of a value is a part that
dies away by half in a half-life (an Ornstein-Uhlenbeck process), and a part of its own. How much of each is
not known, so the answers are averaged over a grid of both, weighted by the restricted likelihood (Patterson and
Thompson 1971; Harville 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import statsmodels.api as sm

from dl_limits.laws.checks import check_alpha, check_count, check_varies, numbers, paired

_SHARES, _HALF_LIVES = (0.2, 0.4, 0.6, 0.8), (0.5, 1.0, 2.0)  # of the variance that persists; in the unit of time
GRID = ((0.0, 1.0), *product(_SHARES, _HALF_LIVES))


@dataclass(frozen=True)
class PersistentLine:
    """A line with persistent errors, fitted at every point of `GRID`.

    Attributes
    ----------
    y, x : ndarray, shape (n,)
    fits : list of statsmodels regression results
        Generalised least squares at each point of the grid, with ``x`` counted from its mean.
    weights : ndarray
        Of the grid's points, by restricted likelihood; they sum to one.
    """

    y: np.ndarray
    x: np.ndarray
    fits: list
    weights: np.ndarray

    @property
    def slope(self):
        """Average of the slope over the grid."""
        return float(sum(w * fit.params[1] for w, fit in zip(self.weights, self.fits, strict=True)))

    def draws(self, n, rng):
        """Draw points of the grid, variances, intercepts and slopes from what the data leave open.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        tuple of ndarray, each shape (n,)
            Which point, variance of an error, value at the mean of ``x``, slope.
        """
        which = rng.choice(len(GRID), n, p=self.weights)
        freedom = self.fits[0].df_resid
        scale = np.array([fit.scale for fit in self.fits])[which] * freedom / rng.chisquare(freedom, n)
        roots = np.array([np.linalg.cholesky(fit.normalized_cov_params) for fit in self.fits])[which]
        means = np.array([fit.params for fit in self.fits])[which]
        noise = np.einsum("nij,nj->ni", roots, rng.standard_normal((n, 2))) * np.sqrt(scale)[:, None]
        return which, scale, *(means + noise).T

    def conf_int(self, alpha=0.05, n=4000, seed=0):
        """Return the percentile interval of the slope over `draws`."""
        check_alpha(alpha)
        check_count(n, "n")
        slopes = self.draws(n, np.random.default_rng(seed))[3]
        return tuple(float(end) for end in np.quantile(slopes, [alpha / 2, 1 - alpha / 2]))

    def paths(self, times, rng):
        """Draw values at later dates, one path a row.

        Parameters
        ----------
        times : ndarray, shape (m, k)
            Dates, rising along each row, not before the last of ``x``.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (m, k)
            Line, what persists of the last errors, and errors of their own.

        Raises
        ------
        ValueError
            For dates before the last of ``x``, or that fall along a row.
        """
        times = numbers(times, "times", ndim=2)
        if (np.diff(times, prepend=self.x[-1], axis=1) < 0).any():
            raise ValueError(f"times must rise along each row from {self.x[-1]:g} on")
        which, scale, level, slope = self.draws(len(times), rng)
        share, half_life = np.array(GRID)[which].T
        # the persistent part on the last date, given all errors so far
        state, left = self._state(which, scale, level, slope)
        state = state + np.sqrt(left) * rng.standard_normal(len(times))
        now, values = np.full(len(times), self.x[-1]), np.empty(times.shape)
        for k, at in enumerate(times.T):
            kept = 0.5 ** ((at - now) / half_life)
            state = kept * state + np.sqrt(share * scale * (1 - kept**2)) * rng.standard_normal(len(times))
            own = np.sqrt((1 - share) * scale) * rng.standard_normal(len(times))
            values[:, k] = level + slope * (at - self.x.mean()) + state + own
            now = at
        return values

    def _state(self, which, scale, level, slope):
        """Return mean and variance of the persistent part at the last date, given the residuals of each draw."""
        mean, left = np.zeros(len(which)), np.zeros(len(which))
        for i in np.unique(which):
            share, half_life = GRID[i]
            rows = which == i
            if share == 0:
                continue
            to_last = share * 0.5 ** ((self.x[-1] - self.x) / half_life)
            gain = np.linalg.solve(_correlation(self.x, *GRID[i]), to_last)
            residual = self.y - level[rows, None] - slope[rows, None] * (self.x - self.x.mean())
            mean[rows] = residual @ gain
            left[rows] = scale[rows] * max(share - to_last @ gain, 0.0)
        return mean, left


def persistent_line(y, x):
    """Fit a straight line with persistent errors.

    Parameters
    ----------
    y : array_like, shape (n,)
    x : array_like, shape (n,)
        Dates, rising, in the unit of the half-lives (years).

    Returns
    -------
    PersistentLine

    Raises
    ------
    ValueError
        For fewer than five values, unequal lengths or indexes, values that are no plain finite
        numbers, and dates that fall or do not vary.
    """
    paired(y=y, x=x)
    y, x = numbers(y, "y"), numbers(x, "x")
    if len(y) < 5:
        raise ValueError(f"needs at least five values, got {len(y)}")
    if (np.diff(x) < 0).any():
        raise ValueError("dates must not fall")
    check_varies(x, "x")
    check_varies(y, "y")
    design = np.column_stack([np.ones(len(x)), x - x.mean()])
    fits, likelihoods = [], []
    for share, half_life in GRID:
        covariance = _correlation(x, share, half_life)
        fit = sm.GLS(y, design, sigma=covariance).fit()
        logs = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(fit.normalized_cov_params)[1]
        likelihoods.append(-0.5 * (fit.df_resid * np.log(fit.scale) + logs))
        fits.append(fit)
    weights = np.exp(np.array(likelihoods) - max(likelihoods))
    return PersistentLine(y, x, fits, weights / weights.sum())


def _correlation(x, share, half_life):
    persistent = 0.5 ** (np.abs(x[:, None] - x) / half_life)
    return share * persistent + (1 - share) * np.eye(len(x))
