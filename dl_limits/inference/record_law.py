"""A power law seen through its records only.

A field publishes what beats the state of the art. A list of records is therefore
selected on its errors: each was published because it fell below the one before, so the
list falls with time even where nothing was gained by x. Given the record that stood,
a new one follows the law's distribution cut off at that record. This likelihood
(truncated regression, Hausman & Wise 1977) holds whatever the number of attempts that
were not published.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats
from scipy.special import log_ndtr

from dl_limits.laws.checks import check_alpha, check_varies, distinct, labels, paired, positive
from dl_limits.laws.estimate import from_logs
from dl_limits.laws.floor_solver import interval_ends

_SHARPEST, _BLUNTEST = 1e3, 1 / 30  # 1 / residual sd, in units of the spread of log y
_GRID = 20


class RecordLaw:
    """The law ``y = coef * x**-exponent * exp(error)``, fitted to a list in order of time.

    A row that lies below all rows before it counts as a record: had it not, it would
    not be in the list. All other rows are taken as they are.

    Parameters
    ----------
    endog, exog : array_like, shape (n,)
        y and x, positive, in order of publication.
    groups : array_like, shape (n,), optional
        Labels of dependent observations. Their number less one then replaces n - 2 as
        degrees of freedom of the t distribution; the likelihood itself stays the same.

    Raises
    ------
    ValueError
        For values that are no plain positive numbers, unequal lengths or indexes, fewer than
        4 points, labels that do not fit, or an x or y that does not vary.
    """

    def __init__(self, endog, exog, *, groups=None):
        self.endog, self.exog = positive(endog, "endog"), positive(exog, "exog")
        paired(endog=endog, exog=exog, groups=groups)
        n = len(self.endog)
        if n < 4:
            raise ValueError(f"endog has {n} points, the law needs at least 4")
        if distinct(self.exog) < 2:
            raise ValueError("exog does not vary")
        check_varies(self.endog, "endog")
        self.groups = None if groups is None else labels(groups)
        self.record = np.r_[False, self.endog[1:] < np.minimum.accumulate(self.endog)[:-1]]

    def fit(self):
        """Fit by maximum likelihood; return `RecordResults`."""
        return RecordResults(self)


class RecordResults:
    """A power law fitted to records.

    Attributes
    ----------
    params : Series
        ``coef`` and ``exponent`` of all attempts, published or not.
    sd : float
        Standard deviation of log y over all attempts.
    """

    def __init__(self, model):
        self.model, self.nobs = model, len(model.endog)
        self.z, h = np.log(model.endog), np.log(model.exog)
        self.centre, self.reach = h.mean(), np.ptp(h)
        self.h = h - self.centre
        self.before = np.minimum.accumulate(self.z)[:-1][model.record[1:]]  # the record that stood
        self.df = self.nobs - 2 if model.groups is None else len(pd.unique(model.groups)) - 1
        slope = -np.polyfit(self.h, self.z, 1)[0]
        self._steepest = 10 * np.ptp(self.z) / self.reach  # far beyond any line through the points
        tried = slope + self._steepest * np.linspace(-1, 1, 81)
        for _ in range(7):
            cost = self._at_exponent(tried)[0]
            best = np.clip(cost.argmin(), 1, len(tried) - 2)
            tried = np.linspace(tried[best - 1], tried[best + 1], 17)
        cost, sharp, level = self._at_exponent(tried)
        best = cost.argmin()
        self.cost, self.exponent, self.level = cost[best], float(tried[best]), float(level[best])
        self.sd = float(1 / sharp[best])
        self.params = pd.Series([np.exp(self.level + self.exponent * self.centre), self.exponent], ["coef", "exponent"])

    def conf_int(self, alpha=0.05):
        """Profile-likelihood interval of the exponent, columns ``lower`` and ``upper``."""
        steps = self._steepest * np.geomspace(1e-4, 10, 40)
        tried = self.exponent + np.concatenate([-steps[::-1], [0], steps])
        ends = interval_ends(tried[None], lambda b, _: self._excess(self._at_exponent(b)[0], alpha))
        return pd.DataFrame([[e[0] for e in ends]], ["exponent"], ["lower", "upper"])

    def predict(self, x):
        """Return the law at `x`, a number or one-dimensional: the median of all attempts there."""
        law = np.exp(self.level - self.exponent * (np.log(positive(x, "x")) - self.centre))
        return law.reshape(np.shape(x))[()]

    def required(self, target, alpha=0.05):
        """Return the x at which the law reaches `target`, with its profile-likelihood interval.

        Returns
        -------
        Estimate
            ``inf`` where the law does not fall, or may not.
        """
        y = float(np.log(positive(target, "target"))[0])
        never = np.inf if y < self.level else -np.inf
        estimate = self.centre + (self.level - y) / self.exponent if self.exponent > 0 else never
        wide = self.reach * np.geomspace(0.01, 1e4, 60)
        tried = np.concatenate([-wide, wide, np.linspace(-0.5, 0.5, 9) * self.reach])
        if np.isfinite(estimate):
            tried = np.append(tried, estimate - self.centre + np.concatenate([-wide, [0], wide]))
        tried = np.unique(tried)

        def excess(h, _):
            cost, _, slope = self._minimise(self.z - y, self.before - y, h)
            return np.where(slope >= 0, self._excess(cost, alpha), np.inf)

        low, high = (float(e[0]) + self.centre for e in interval_ends(tried[None], excess))
        if self.exponent <= 0 or self._excess(self._at_exponent(np.zeros(1))[0], alpha)[0] <= 0:
            low, high = np.fmin(low, never), np.fmax(high, never)
        if self._excess(self._level_cost(y), alpha) <= 0:  # laws that barely fall reach the target anywhere
            low, high = -np.inf, np.inf
        return from_logs(estimate, np.fmin(low, estimate), np.fmax(high, estimate), "profile, records", alpha)

    def _excess(self, cost, alpha):
        """How far costs lie beyond the limit; the limit is exact where no row is a record."""
        check_alpha(alpha)
        t = stats.t.isf(alpha / 2, self.df)
        return 2 * (cost - self.cost) - self.nobs * np.log1p(t**2 / (self.nobs - 2))

    def _at_exponent(self, b):
        return self._minimise(self.z + b[:, None] * self.h, self.before + b[:, None] * self.h[self.model.record], None)

    def _level_cost(self, y):
        """The least negative log-likelihood of laws that stay at a log level."""
        p, cut, spread = self.z - y, self.before - y, self.z.std()

        def cost(log_sharp):
            sharp = np.exp(log_sharp)
            return 0.5 * sharp**2 * (p @ p) + log_ndtr(sharp * cut).sum() - self.nobs * log_sharp

        limits = np.log([_BLUNTEST / spread, _SHARPEST / spread])
        return optimize.minimize_scalar(cost, bounds=limits).fun

    def _minimise(self, p, cut, anchor):
        """Minimise the negative log-likelihood over 1 / sd and one linear parameter, m problems at once.

        Residuals in standard deviations are ``sharp * p + free * q`` with q = -1 (`anchor`
        None: the level is free) or q = h - anchor (the slope is free), and cut-offs
        likewise (Olsen 1978). For a given sharpness the free parameter is a
        one-dimensional root, found by Newton steps; the sharpness is a grid that is
        refined.
        """
        m = len(p) if anchor is None else len(anchor)
        q = np.full((m, self.nobs), -1.0) if anchor is None else self.h - anchor[:, None]
        p, cut = np.broadcast_to(p, (m, self.nobs)), np.broadcast_to(cut, (m, len(self.before)))
        spread = self.z.std()
        logs = np.broadcast_to(np.linspace(np.log(_BLUNTEST), np.log(_SHARPEST), _GRID) - np.log(spread), (m, _GRID))
        for _ in range(7):
            sharp = np.exp(logs)
            cost, free = self._given_sharpness(sharp, p, cut, q)
            best = np.clip(cost.argmin(axis=1), 1, logs.shape[1] - 2)[:, None]
            edges = [np.take_along_axis(logs, best + k, 1)[:, 0] for k in (-1, 1)]
            logs = np.linspace(*edges, 9, axis=1)
        at = cost.argmin(axis=1)[:, None]
        cost, free, sharp = (np.take_along_axis(v, at, 1)[:, 0] for v in (cost, free, sharp))
        return cost, sharp, free / sharp

    def _given_sharpness(self, sharp, p, cut, q, rounds=30):
        eta0, t0 = sharp[..., None] * p[:, None], sharp[..., None] * cut[:, None]
        q = q[:, None]
        qc = q[..., self.model.record]
        free = -(eta0 * q).sum(axis=2) / (q**2).sum(axis=2)

        def cost(free):
            eta, t = eta0 + free[..., None] * q, t0 + free[..., None] * qc
            return eta, t, 0.5 * (eta**2).sum(axis=2) + log_ndtr(t).sum(axis=2)

        eta, t, value = cost(free)
        damp = np.ones_like(free)
        for _ in range(rounds):
            mills = np.exp(-0.5 * t**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(t))
            gradient = (eta * q).sum(axis=2) + (mills * qc).sum(axis=2)
            curvature = (q**2).sum(axis=2) - (mills * (mills + t) * qc**2).sum(axis=2)  # positive: the factor is < 1
            step = -damp * gradient / curvature
            if np.abs(gradient * step).max() < 1e-11:
                break
            new = cost(free + step)
            better = new[2] <= value
            free = np.where(better, free + step, free)
            eta, t = (np.where(better[..., None], a, b) for a, b in ((new[0], eta), (new[1], t)))
            value = np.where(better, new[2], value)
            damp = np.where(better, 1.0, damp / 4)
        return value - self.nobs * np.log(sharp), free
