"""Profile-likelihood intervals of a law with a floor.

The interval of a quantity holds all its values under which the law still fits about as
well as at its best. It follows the bent shape of the likelihood, where a standard error
would not, and it is unbounded when the data leave the quantity open.

"About as well" means ``S <= S_min (1 + t² / df)`` for sums of squares S (Bates & Watts
1988, section 6.1.2): exact for a straight line, and wider than chi-square in small
samples. With a robust covariance the excess over S_min may grow by the ratio of the
robust to the classical variance of the quantity (Kent 1982), both taken from the law
linearised at its optimum.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits.laws import floor_solver
from dl_limits.laws import robust as laws_robust
from dl_limits.laws.checks import check_alpha

_OFFSETS = 0.25 * 1.35 ** np.arange(25)  # in half widths of the linearised interval
_SLOPE, _FLOOR = np.eye(3)[1:]


class Profile:
    """A fitted law and the intervals of what follows from it, natural logarithms throughout.

    It is to `dl_limits.laws.floor.FloorResults` what `dl_limits.laws.linear.Line` is to
    `PowerLawResults`: the arithmetic behind it, which knows neither units nor the model.

    Parameters
    ----------
    z, h : ndarray, shape (n,)
        Logarithms of y and x.
    weights : ndarray, shape (n,), or None
        Inverse variances of z up to a factor.
    groups : ndarray, shape (n,), or None
        Labels of dependent observations.
    cov : str
        As in `dl_limits.laws.linear.fit_line`.
    given : float or None
        The floor, if it is given.

    Attributes
    ----------
    fit : dl_limits.laws.floor_solver.Fits
        The optimum, m = 1.
    resid : ndarray, shape (n,)
        Residuals of z.
    sse, scale : float
        Weighted sum of their squares, and over the degrees of freedom `free`.
    df : int
        Degrees of freedom of the t distribution: `free`, or groups less one.
    """

    def __init__(self, z, h, weights, groups, cov, given):
        self.z, self.h, self.groups, self.cov, self.given = z, h, groups, cov, given
        weights = np.ones(len(z)) if weights is None else weights
        self.weights = weights / weights.mean()
        self.start, self.reach = h.min(), np.ptp(h)
        self.fit = self.solve()
        self._shape = tuple(float(v[0]) for v in (self.fit.level, self.fit.exponent, self.fit.bend))
        self.resid = z - self.log_law(h)
        self.free = len(z) - (3 if given is None else 2)
        self.df = len(pd.unique(groups)) - 1 if cov in ("cluster", "jackknife") else self.free
        # points exactly on a law: below this the sums of squares are rounding errors
        self.sse = max(float(self.fit.sse[0]), 1e-20 * len(z))
        self.scale = self.sse / self.free

    def solve(self, z=None, weights=None, **constraint):
        """Fit these or other data under the constraints of `dl_limits.laws.floor_solver.solve`."""
        z = self.z if z is None else z
        weights = self.weights if weights is None else weights
        return floor_solver.solve(z, self.h, weights, **({"floor": self.given} | constraint))

    def straight_sse(self, z=None):
        """Sums of squares of the plain power law, for rows of `z`, shape (m,)."""
        root = np.sqrt(self.weights)
        base = np.column_stack([np.ones(len(self.h)), self.h - self.start]) * root[:, None]
        response = (np.atleast_2d(self.z if z is None else z) * root).T
        rest = response - base @ np.linalg.lstsq(base, response, rcond=None)[0]
        return (rest**2).sum(axis=0)

    def log_law(self, h):
        """Logarithm of the fitted law at `h`."""
        return floor_solver.law(h, self.start, *self._shape)

    # ------------------------------------------------------------------ the linearised law

    def gradients(self, h):
        """Derivatives of the log law in (log excess at the smallest x, exponent, floor), shape (k, 3)."""
        level, _, bend = self._shape
        h = np.atleast_1d(np.asarray(h, float))
        with np.errstate(invalid="ignore", over="ignore"):
            logs = self.log_law(h)
            share = -np.expm1(level - floor_solver.softplus(bend) - logs)  # of the law, above the floor
            slope = np.where(share > 0, -(h - self.start) * share, 0.0)
            return np.column_stack([share, slope, np.exp(-logs)])

    @cached_property
    def covariances(self):
        """Classical and chosen covariance of the linearised law, shape (2, 3, 3); None where it is singular."""
        free = slice(3 if self.given is None else 2)
        design = self.gradients(self.h)[:, free]
        size = np.sqrt((self.weights[:, None] * design**2).sum(axis=0))
        if not np.isfinite(design).all() or (size == 0).any() or np.linalg.cond(design / size) > 1e8:
            return None
        found = np.zeros((2, 3, 3))
        for place, cov in enumerate(("classical", self.cov)):
            matrix = laws_robust.sandwich(design / size, self.resid, self.weights, self.groups, cov, self.scale)
            found[place, free, free] = matrix / np.outer(size, size)
        return found

    def parameter_gradients(self):
        """Gradients of log coef, exponent and floor."""
        return np.array([1, self.start, 0]), _SLOPE, _FLOOR

    def error(self, gradient):
        """Standard error of the quantity with this gradient; NaN where the law is not smooth."""
        return np.nan if self.covariances is None else float(np.sqrt(gradient @ self.covariances[1] @ gradient))

    def _ratio(self, gradients):
        """Robust over classical variance of the quantities with these gradients, shape (k,)."""
        gradients = np.atleast_2d(gradients)
        if self.cov == "classical" or self.covariances is None:
            return np.ones(len(gradients))
        with np.errstate(invalid="ignore", over="ignore"):
            classical, robust = np.einsum("ki,cij,kj->ck", gradients, self.covariances, gradients)
            ratio = np.nan_to_num(robust / classical, nan=1.0, posinf=1.0)
            # a covariance that one point, or one group, alone decides bounds nothing
            return ratio if np.isfinite(self.covariances[1]).all() else np.full(len(gradients), np.inf)

    # ------------------------------------------------------------------ the limit

    def critical(self, alpha):
        """Two-sided critical value of the t distribution."""
        check_alpha(alpha)
        return stats.t.isf(alpha / 2, self.df)

    def _excess(self, fits, alpha, ratio):
        """How far the sums of squares lie beyond the limit; inside the interval where <= 0."""
        return (fits.sse / self.sse - 1) - ratio * self.critical(alpha) ** 2 / self.free

    def _allows(self, alpha, gradient, **constraint):
        """Return whether a constraint is within the limit."""
        return bool(self._excess(self.solve(**constraint), alpha, self._ratio(gradient))[0] <= 0)

    def _flat(self, alpha):
        """Return whether a law that does not fall is within the limit."""
        return self._allows(alpha, _SLOPE, exponent=[0.0], floor=None)

    def _around(self, estimate, error, alpha, fallback):
        """Return ascending candidates for the ends of an interval, the estimate in their middle."""
        half = self.critical(alpha) * error
        half = half if np.isfinite(half) and half > 0 else fallback
        return np.concatenate([estimate - half * _OFFSETS[::-1], [estimate], estimate + half * _OFFSETS])

    # ------------------------------------------------------------------ intervals

    def exponent_interval(self, alpha):
        """Ends of the exponent; ``-inf`` and ``inf`` where nothing bounds it."""
        limit = floor_solver.STEEPEST / self.reach
        best = min(self._shape[1], limit)
        wide = np.geomspace(0.03, floor_solver.STEEPEST, 30) / self.reach
        tried = np.concatenate([self._around(best, self.error(_SLOPE), alpha, 1 / self.reach), wide, -wide, [limit]])
        tried = np.unique(tried[(tried <= limit) & ((self.given is None) | (tried > 0))])
        ratio = self._ratio(_SLOPE)
        return _pair(tried, lambda b, _: self._excess(self.solve(exponent=b), alpha, ratio))

    def coef_interval(self, alpha):
        """Ends of coef, in the unit of y times that of x to the exponent."""
        if not np.isfinite(self._shape[1]):
            return 0.0, np.inf
        gradient = self.parameter_gradients()[0]
        best, ratio = float(self.fit.log_coef(self.start)[0]), self._ratio(gradient)

        def excess(level, _):
            if self.given is not None:  # without its floor the law is at exp(level) where log x = 0
                return self._excess(
                    self.solve(anchor=0 * level, level=np.logaddexp(level, np.log(self.given))), alpha, ratio
                )
            return self._excess(self.solve(anchor=0 * level, level=level, above_floor=True), alpha, ratio)

        low, high = _pair(self._around(best, self.error(gradient), alpha, 1.0), excess)
        with np.errstate(over="ignore"):  # a steep law far from x = 1 may have a coef beyond any number
            return float(np.exp(low)), float(np.exp(high))

    def floor_interval(self, alpha):
        """Ends of the floor in the unit of y; the lower one is 0 unless the plain power law fits too badly."""
        if self.given is not None:
            return self.given, self.given
        best, ratio = float(self.fit.floor[0]), self._ratio(_FLOOR)
        near = self._around(best, self.error(_FLOOR), alpha, best)
        tried = np.concatenate([near, np.geomspace(1e-6, 1.5, 40) * np.exp(self.z.max())])
        tried = np.log(np.unique(tried[tried > 0]))

        def excess(level, _):
            return self._excess(self.solve(anchor=np.full(len(level), np.inf), level=level), alpha, ratio)

        low, high = _pair(tried, excess)
        if self.straight_sse()[0] / self.sse - 1 <= ratio[0] * self.critical(alpha) ** 2 / self.free:
            low = -np.inf
        return float(np.exp(low)), float(np.exp(tried[0] if np.isnan(high) else high))

    def level_interval(self, h, alpha):
        """Profile interval of the log law at each of `h`, arrays (low, high)."""
        gradients, centres = self.gradients(h), self.log_law(h)
        tried = np.stack([self._around(z, self.error(g), alpha, 1.0) for z, g in zip(centres, gradients, strict=True)])
        if self.given is not None:
            tried = np.maximum(tried, np.nextafter(np.log(self.given), np.inf))
        ratio = self._ratio(gradients)

        def excess(level, question):
            return self._excess(self.solve(anchor=h[question], level=level), alpha, ratio[question])

        return floor_solver.interval_ends(tried, excess)

    def required_interval(self, y, estimate, alpha):
        """Ends of the log x at which the law is at log y = `y`; `estimate` belongs to the optimum."""
        wide = self.reach * np.geomspace(0.03, 1e4, 40)
        tried = np.concatenate([self.h.mean() - wide, self.h.mean() + wide, np.linspace(*np.sort(self.h)[[0, -1]], 9)])
        if np.isfinite(estimate):
            gradient = self.gradients(estimate)[0]
            step = 1e-4 * self.reach
            slope = (self.log_law(estimate) - self.log_law(estimate + step)) / step
            error = self.error(gradient) / slope if slope > 0 else np.nan
            tried = np.concatenate([tried, self._around(estimate, error, alpha, self.reach)])
        tried = np.unique(tried)

        def excess(h, _):
            ratio = self._ratio(self.gradients(h))
            return self._excess(self.solve(anchor=h, level=np.full(len(h), y)), alpha, ratio)

        low, high = _pair(tried, excess)
        if self.given is None and self._allows(alpha, _FLOOR, anchor=[np.inf], level=[y]):
            high = np.inf
        never = np.inf if y < np.average(self.z, weights=self.weights) else -np.inf
        if self._shape[1] <= 0 or self._flat(alpha):
            low, high = np.fmin(low, never), np.fmax(high, never)
        # no law within the limit gets there, or every one that does needs less than was tried
        return (estimate, estimate) if np.isnan(low) else (min(low, estimate), max(high, estimate))

    def multiplier_interval(self, top, bottom, estimate, alpha):
        """Ends of the step in log x from log y = `top` to `bottom`; `estimate` belongs to the optimum."""
        y = np.exp([top, bottom])
        if self.given is not None:  # the exponent alone decides
            drop = np.log((y[0] - self.given) / (y[1] - self.given))
            low, high = self.exponent_interval(alpha)
            return drop / high, drop / low if low > 0 else np.inf
        gradient, tried = _FLOOR, (top - bottom) * np.geomspace(0.02, 1e4, 30)
        if np.isfinite(estimate):
            b, c = self._shape[1], float(self.fit.floor[0])
            gradient = np.array([0, -estimate / b, (1 / (y[1] - c) - 1 / (y[0] - c)) / b])
            tried = np.append(tried, self._around(estimate, self.error(gradient), alpha, estimate))
        robust = self._ratio(gradient)
        low, high = _pair(
            np.unique(tried[tried > 0]), lambda r, _: self._excess(self._with_ratio(r, *y), alpha, robust)
        )
        if self._flat(alpha) or self._allows(alpha, _FLOOR, anchor=[np.inf], level=[bottom]):
            high = np.inf
        return (estimate, np.inf) if np.isnan(low) else (max(min(low, estimate), 0), max(high, estimate))

    def _with_ratio(self, ratios, y_from, y_to):
        """Best fits with given logarithms of the multiplier: each exponent then leaves one floor."""
        gentlest = np.log(y_from / y_to) / ratios  # without a floor
        steepest = np.maximum(floor_solver.STEEPEST / self.reach, 2 * gentlest)
        exponents = np.geomspace(gentlest * (1 + 1e-6), steepest, 40)
        best = self.solve(exponent=gentlest)
        best.sse[np.isfinite(best.bend)] = np.inf  # another floor, another ratio
        columns = np.arange(len(ratios))
        for _ in range(3):
            with np.errstate(over="ignore"):
                floors = y_to - (y_from - y_to) / np.expm1(exponents * ratios)
            level = np.log(np.maximum(floors, 1e-9 * y_to)).ravel()
            fits = self.solve(exponent=exponents.ravel(), anchor=np.full(level.size, np.inf), level=level)
            sse = fits.sse.reshape(exponents.shape)
            np.minimum(best.sse, sse.min(axis=0), out=best.sse)
            at = np.clip(sse.argmin(axis=0), 1, len(sse) - 2)
            exponents = np.geomspace(exponents[at - 1, columns], exponents[at + 1, columns], 9)
        return best


def _pair(tried, excess):
    """Both ends of one interval; NaN where no candidate is within the limit."""
    low, high = floor_solver.interval_ends(tried[None], excess)
    return float(low[0]), float(high[0])
