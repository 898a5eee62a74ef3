"""Steady progress seen through its records: a process that can be fitted and simulated.

The state of the art is a running minimum. Its points are neither independent nor
scattered about a line: each lies below the last, and a record that is far ahead of the
field makes the next one wait. Critical values for independent errors do not hold for
such a series, so breaks are tested against series simulated from this process.

The best result y of month j among the attempts of a whole field follows a distribution
of minima (Gumbel)::

    P(log y > z) = exp(-exp(alpha z - x_j' theta))

and a record is a month whose best lies below all before. The location ``x_j'theta / alpha``
is the pace of the field: linear in time for steady exponential progress, bent for a
break. How many attempts were made, and how their number grew, is part of theta. The
likelihood of the records and of the months without one is concave in alpha and theta
(it is that of a Poisson regression with one more term), so Newton steps find its
maximum from anywhere, for thousands of series at once.

Where `dl_limits.inference.record_law` takes the dates of the records as given, this module explains
them too: a null hypothesis has to produce them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import brentq

from dl_limits.laws.checks import check_alpha, check_count, choice, numbers, paired, positive
from dl_limits.laws.estimate import Estimate

_MONTHS = 12


@dataclass(frozen=True)
class Records:
    """A record series, month by month.

    Attributes
    ----------
    years : ndarray, shape (k,)
        Date of each month in years (2016.0 is January 2016), without gaps, from the first result on.
    best : ndarray, shape (k,)
        Natural logarithm of the lowest value so far.
    record : ndarray of bool, shape (k,)
        Whether the month set a record; the first month, which has nothing to beat, counts as one.
    """

    years: np.ndarray
    best: np.ndarray
    record: np.ndarray

    @property
    def points(self):
        """Years and log values of the records alone."""
        return self.years[self.record], self.best[self.record]

    def count(self, start, end):
        """Return the number of records from year `start` (included) to `end` (excluded)."""
        return int(np.sum(self.record & (self.years >= start - 1e-9) & (self.years < end - 1e-9)))

    def level(self, year):
        """Return the record that stood just before the month that begins at `year` (not a logarithm)."""
        before = self.years < year - 1e-9
        if not before.any():
            raise ValueError(f"no result before {year}; the series begins in {self.years[0]:.2f}")
        return float(np.exp(self.best[before][-1]))


def monthly_records(values, published, until=None):
    """Return the running minimum of dated values.

    Parameters
    ----------
    values : array_like, shape (n,)
        Positive values, lower is better.
    published : array_like of datetime, shape (n,)
        Month of each; the best of a month counts.
    until : Timestamp, optional
        Last month of observation, the month of the last value if left out. Later values are not used.

    Returns
    -------
    Records

    Raises
    ------
    ValueError
        For values that are not positive, unequal lengths or indexes, months that are missing or no dates, or
        no value in time.
    """
    paired(values=values, published=published)
    if pd.api.types.is_numeric_dtype(pd.Series(published)):  # pandas would take them for nanoseconds since 1970
        raise ValueError("published must hold dates, not numbers")
    values, published = positive(values, "values"), pd.DatetimeIndex(published)
    if published.isna().any():
        raise ValueError(f"published: position {int(np.flatnonzero(published.isna())[0])} is missing")
    until = None if until is None else pd.Timestamp(until)
    month = published.year.to_numpy() * _MONTHS + published.month.to_numpy() - 1
    last = month.max() if until is None else until.year * _MONTHS + until.month - 1
    keep = month <= last
    if not keep.any():
        raise ValueError(f"no value is dated {until:%Y-%m} or earlier")
    first = month[keep].min()
    best = np.full(last - first + 1, np.inf)
    np.minimum.at(best, month[keep] - first, np.log(values[keep]))
    running = np.minimum.accumulate(best)
    record = np.r_[True, running[1:] < running[:-1]]
    return Records((first + np.arange(len(best))) / _MONTHS, running, record)


def time_in_periods(years, edges):
    """Return the years spent in each period up to each date, shape (k, len(edges) + 1).

    The coefficients of these columns are the rates per year in the periods before, between
    and after the edges; the trend is continuous.
    """
    ends = np.r_[years[0], edges, np.inf]
    return np.clip(years[:, None] - ends[:-1], 0, np.diff(ends))


class RecordProcess:
    """The process of the module's text, with a pace that is linear in given regressors.

    Parameters
    ----------
    records : Records
        The series.
    regressors : ndarray, shape (k, p), optional
        Columns besides the constant, one row a month. Left out: the years, steady progress.

    Raises
    ------
    ValueError
        For fewer records after the first than regressors plus two, regressors that are not
        finite, or not one row a month.
    """

    def __init__(self, records: Records, regressors: ArrayLike | None = None) -> None:
        if regressors is None:
            x = records.years[:, None] - records.years[0]
        else:
            x = numbers(regressors, "regressors", ndim=2)
        if len(x) != len(records.years):
            raise ValueError(f"regressors has {len(x)} rows, records has {len(records.years)} months")
        needed = x.shape[1] + 2
        if (n := int(records.record.sum()) - 1) < needed:
            raise ValueError(f"{n} records after the first, the process needs at least {needed}")
        self.records, self.regressors = records, x

    def fit(self) -> RecordProcessResults:
        """Fit by maximum likelihood; return `RecordProcessResults`."""
        return RecordProcessResults(self)


class RecordProcessResults:
    """A fitted record process.

    Attributes
    ----------
    alpha : float
        Inverse of the mean size of a step, in log units.
    theta : ndarray, shape (p + 1,)
        Constant and coefficients of the pace, times alpha.
    rates : ndarray, shape (p,)
        Fall of log y per unit of each regressor; per year for `time_in_periods`.
    llf : float
        Log-likelihood.
    """

    def __init__(self, model):
        self.model = model
        self.design = np.column_stack([np.ones(len(model.regressors)), model.regressors])
        alpha, theta, llf = fit_batch(model.records.best[None], model.records.record[None], self.design)
        self.alpha, self.theta, self.llf = float(alpha[0]), theta[0], float(llf[0])
        self.rates = -self.theta[1:] / self.alpha

    def simulate(self, n_sim, seed):
        """Simulate whole series from the fitted process, over the same months and from the same start.

        Returns
        -------
        best : ndarray, shape (n_sim, k)
            Log of the record so far.
        record : ndarray of bool, shape (n_sim, k)
        """
        check_count(n_sim, "n_sim")
        rng = np.random.default_rng(seed)
        return simulate(self.alpha, self.theta, self.design, self.model.records.best[0], rng, n_sim)

    def rate_ratio(self, late, early, alpha=0.05):
        """Return the rate of one regressor over that of another, with its profile-likelihood interval.

        The limit of the likelihood ratio is the square of a t quantile with the number of
        records less that of parameters as degrees of freedom: with some 20 records the
        chi-square quantile gives intervals that are too short.

        Parameters
        ----------
        late, early : int
            Positions of the two regressors.
        alpha : float
            One minus the confidence level.

        Returns
        -------
        Estimate
            With ends at minus infinity or infinity where the data set none.
        """
        check_alpha(alpha)
        known = range(len(self.rates))
        choice(late, known, "late")
        choice(early, [k for k in known if k != late], "early")
        df = self.model.records.record.sum() - 1 - self.design.shape[1]
        limit = stats.t.isf(alpha / 2, df) ** 2
        estimate = self.rates[late] / self.rates[early] if self.rates[early] > 0 else np.inf
        tried = np.sinh(np.linspace(-np.arcsinh(100), np.arcsinh(100), 51))
        if np.isfinite(estimate):
            tried = np.unique(np.r_[tried, estimate])
        data = self.model.records.best[None], self.model.records.record[None]

        def excess(ratio):
            held = fit_batch(*data, self._constrained(late, early, ratio))[2][0]
            return 2 * (self.llf - held) - limit

        # the profile falls off to both sides: the outermost ratio within the limit and its neighbour hold the end
        inside = np.flatnonzero([excess(ratio) <= 0 for ratio in tried])
        if not len(inside):
            return Estimate(float(estimate), -np.inf, np.inf, "profile, record process", alpha)
        first, last = inside[[0, -1]]
        low = brentq(excess, tried[first - 1], tried[first], xtol=1e-4) if first > 0 else -np.inf
        high = brentq(excess, tried[last], tried[last + 1], xtol=1e-4) if last < len(tried) - 1 else np.inf
        return Estimate(float(estimate), float(low), float(high), "profile, record process", alpha)

    def _constrained(self, late, early, ratio):
        x = self.model.regressors
        joined = x[:, early] + ratio * x[:, late]
        rest = [j for j in range(x.shape[1]) if j not in (late, early)]
        return np.column_stack([np.ones(len(x)), joined, x[:, rest]])


def simulate(alpha, theta, design, start, rng, n_sim):
    """Draw `n_sim` record series, arrays as in `RecordProcessResults.simulate`.

    Parameters
    ----------
    alpha : float or ndarray, shape (n_sim, 1)
        As in `RecordProcessResults`, one for all or one a series.
    theta : ndarray, shape (p,) or (n_sim, p)
        Likewise.
    design : ndarray, shape (k, p)
        Constant and regressors.
    start : float or ndarray, shape (n_sim, 1)
        Log value of the first month.
    rng : numpy.random.Generator
        Source of the draws.
    n_sim : int
        Number of series.
    """
    best = (np.atleast_2d(theta) @ design.T + np.log(rng.exponential(size=(n_sim, len(design))))) / alpha
    best[:, 0] = np.broadcast_to(start, (n_sim, 1))[:, 0]
    running = np.minimum.accumulate(best, axis=1)
    record = np.ones(best.shape, bool)
    record[:, 1:] = running[:, 1:] < running[:, :-1]
    return running, record


def fit_batch(best, record, design, rounds=60):
    """Maximise the likelihood of many series on the same months.

    Parameters
    ----------
    best : ndarray, shape (m, k)
        Log of the record so far.
    record : ndarray of bool, shape (m, k)
        Months with a record; the first month is the start and enters no likelihood.
    design : ndarray, shape (k, p)
        Constant and regressors.

    Returns
    -------
    alpha : ndarray, shape (m,)
    theta : ndarray, shape (m, p)
    llf : ndarray, shape (m,)
    """
    best, record, design = best[:, 1:], record[:, 1:], design[1:]
    m, p = len(best), design.shape[1]
    middle, width = design.mean(axis=0), np.maximum(design.std(axis=0), 1e-12)
    middle[0], width[0] = 0.0, 1.0  # the constant
    x = (design - middle) / width
    level, spread = best.mean(axis=1, keepdims=True), np.maximum(best.std(axis=1, keepdims=True), 1e-12)
    z = (best - level) / spread
    n = record.sum(axis=1)
    total = np.column_stack([(z * record).sum(axis=1), -(record @ x)])  # derivative of the first term
    square = (x[:, :, None] * x[:, None, :]).reshape(len(x), p * p)
    par = np.zeros((m, p + 1))
    par[:, 0] = 1.0
    par[:, 1] = -np.log(np.maximum(n, 1) / len(x))

    def value(par, rows):
        with np.errstate(over="ignore"):
            hazard = np.exp(par[:, :1] * z[rows] - par[:, 1:] @ x.T)
        return hazard, (par * total[rows]).sum(axis=1) + n[rows] * np.log(par[:, 0]) - hazard.sum(axis=1)

    llf = value(par, slice(None))[1]
    active = np.arange(m)
    for _ in range(rounds):
        q, zz = par[active], z[active]
        h = value(q, active)[0]
        gradient = total[active] - np.column_stack([(h * zz).sum(axis=1), -(h @ x)])
        gradient[:, 0] += n[active] / q[:, 0]
        curvature = np.empty((len(active), p + 1, p + 1))
        curvature[:, 0, 0] = (h * zz**2).sum(axis=1) + n[active] / q[:, 0] ** 2
        curvature[:, 0, 1:] = curvature[:, 1:, 0] = -((h * zz) @ x)
        curvature[:, 1:, 1:] = (h @ square).reshape(-1, p, p)
        ridge = 1e-9 * np.trace(curvature, axis1=1, axis2=2)[:, None, None] * np.eye(p + 1)
        step = np.linalg.solve(curvature + ridge, gradient[:, :, None])[:, :, 0]
        gain, trial = np.full(len(active), -np.inf), q + step
        for _ in range(30):  # halve the steps that leave the domain or lose likelihood
            allowed = trial[:, 0] > 0.1 * q[:, 0]
            new = value(np.where(allowed[:, None], trial, q), active)[1]
            gain = np.where(allowed & np.isfinite(new), new - llf[active], -np.inf)
            if (gain >= -1e-9).all():
                break
            trial = np.where((gain >= -1e-9)[:, None], trial, (trial + q) / 2)
        better = gain >= -1e-9
        par[active[better]] = trial[better]
        llf[active[better]] += gain[better]
        active = active[better & (gain > 1e-9)]
        if not len(active):
            break
    alpha = par[:, 0] / spread[:, 0]
    theta = par[:, 1:] / width
    theta[:, 0] = par[:, 1] - (theta[:, 1:] @ middle[1:]) + par[:, 0] * level[:, 0] / spread[:, 0]
    return alpha, theta, llf - n * np.log(spread[:, 0])
