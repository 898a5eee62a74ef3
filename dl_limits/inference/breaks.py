"""Breaks in the rate of progress: has it changed, when, and how sure is that.

A straight line of log error on date is compared with lines that change at an unknown
date: in slope alone (``kind='slope'``, continuous) or in level and slope
(``kind='level and slope'``). The statistic is the largest F over all dates that leave
enough points on either side (sup-F, Andrews 1993). Its distribution depends on the
dependence of the points, so it is simulated:

* for a series of *records* from the fitted process of steady progress
  (`dl_limits.inference.record_process`), whose series are monotone by construction;
* for other series by a wild bootstrap of the residuals of the straight line, one sign
  a group (Cameron, Gelbach & Miller 2008), so that a paper's results stay together.

The confidence set of the date contains every date at which a break, taken as the null
hypothesis, is not rejected by the same kind of simulation. It may be the whole range.

References
----------
Andrews, D. W. K. (1993). Tests for parameter instability and structural change with
unknown change point. Econometrica 61, 821-856.
Hansen, B. E. (2000). Sample splitting and threshold estimation. Econometrica 68, 575-603.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray

from dl_limits.inference.record_process import RecordProcess, Records, simulate, time_in_periods
from dl_limits.laws.checks import check_alpha, check_count, check_varies, choice, codes, labels, numbers, paired, single
from dl_limits.laws.resampling import p_value, tied_or_beyond

KINDS = {"slope": 1, "level and slope": 2}
# Andrews (1993, table I), 5 % critical value of sup-F: one coefficient, 15 % of the points left out at each end.
ANDREWS = 8.85
MIN_POINTS = 3
STEP = 0.25  # years between the dates tried


def sums_of_squares(years, values, present, dates, kind="slope", min_points=MIN_POINTS):
    """Residual sums of squares of many series, with no break and with one at each date.

    Parameters
    ----------
    years : ndarray, shape (k,)
        Common grid of dates.
    values, present : ndarray, shape (m, k)
        Values and whether there is one; what stands where there is none is not used.
    dates : ndarray, shape (g,)
        Dates of a break.
    kind : {'slope', 'level and slope'}
        What changes.
    min_points : int
        Least number of points on either side.

    Returns
    -------
    straight : ndarray, shape (m,)
        Without a break.
    broken : ndarray, shape (m, g)
        With one; NaN at dates that leave too few points on a side.
    """
    choice(kind, KINDS, "kind")
    w = np.asarray(present, float)
    t = years - years.mean()
    y = np.where(present, values, 0.0)
    n = w.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = y - w * (y.sum(axis=1) / n)[:, None]
        moments = [w, w * t, w * t**2, y, y * t, y**2]  # y is zero where absent
        whole = [moment.sum(axis=1) for moment in moments]
        # below this a sum of squares is rounding: an exact line has no break, an exact break one F whatever its sign
        least = 1e-13 * np.maximum(whole[5], 1e-300)
        straight = np.maximum(_line_sse(*whole), least)
        # running sums, not products with indicator matrices: no threads that a busy machine could stall
        first = np.searchsorted(years, dates - 1e-9)
        left = [np.column_stack([np.zeros(len(w)), np.cumsum(moment, axis=1)])[:, first] for moment in moments]
        right = [a[:, None] - b for a, b in zip(whole, left, strict=True)]
        if kind == "slope":
            broken = straight[:, None] - _hinge_gain(dates - years.mean(), whole, right)
        else:
            broken = _line_sse(*left) + _line_sse(*right)
    enough = np.minimum(left[0], right[0]) >= min_points - 1e-9
    return straight, np.where(enough, np.maximum(broken, least[:, None]), np.nan)


def _line_sse(n, t, tt, y, ty, yy):
    """Residual sum of squares of a line from moments."""
    stt, sty, syy = tt - t * t / n, ty - t * y / n, yy - y * y / n
    return syy - np.where(stt > 1e-12, sty**2 / stt, 0.0)


def _hinge_gain(dates, whole, right):
    """Fall of the residual sum of squares by a hinge beside constant and slope (Frisch, Waugh & Lovell)."""
    n, st, stt, sy, sty, _ = (moment[:, None] for moment in whole)
    rn, rt, rtt, ry, rty, _ = right
    h, ht, hh, hy = rt - dates * rn, rtt - dates * rt, rtt - 2 * dates * rt + dates**2 * rn, rty - dates * ry
    vtt, vth, vty = stt - st**2 / n, ht - st * h / n, sty - st * sy / n
    left_over = hh - h**2 / n - vth**2 / vtt
    shared = hy - h * sy / n - vth * vty / vtt
    return np.where(left_over > 1e-10 * hh, shared**2 / left_over, 0.0)


def sup_f(straight, broken, n, kind="slope"):
    """Return the largest F over the dates and its position, from `sums_of_squares`.

    Returns
    -------
    statistic : ndarray, shape (m,)
        NaN where no date leaves enough points.
    position : ndarray of int, shape (m,)
    """
    q = KINDS[kind]
    least = np.where(np.isnan(broken), np.inf, broken)
    position = least.argmin(axis=1)
    best = least[np.arange(len(least)), position]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (straight - best) / q / (best / (n - 2 - q))
    return np.where(np.isfinite(best) & (n > 2 + q), statistic, np.nan), position


class BreakModel:
    """A line of log values on dates, with one break at an unknown date.

    Parameters
    ----------
    endog : array_like, shape (n,), or Records
        Values on the scale of the line (logarithms, for rates), or a record series.
    years : array_like, shape (n,), optional
        Dates in years; not for `Records`, which have their own.
    kind : {'slope', 'level and slope'}
        What changes at the break.
    groups : array_like, shape (n,), optional
        Labels of dependent points, such as the paper; each its own if left out.
    min_points : int
        Least number of points on either side of a break.

    Raises
    ------
    ValueError
        For unequal lengths or indexes, values that are no plain finite numbers or do not
        vary, labels that do not fit, or too few points for any break.
    """

    def __init__(
        self,
        endog: ArrayLike | Records,
        years: ArrayLike | None = None,
        *,
        kind: Literal["slope", "level and slope"] = "slope",
        groups: ArrayLike | None = None,
        min_points: int = MIN_POINTS,
    ) -> None:
        choice(kind, KINDS, "kind")
        check_count(min_points, "min_points")
        self.kind, self.min_points = kind, min_points
        self.records = endog if isinstance(endog, Records) else None
        if self.records is not None:
            if years is not None or groups is not None:
                raise ValueError("records have their own dates and no groups")
            self.years, self.endog = self.records.points
            self.groups = None
        else:
            if years is None:
                raise ValueError("years are missing: endog that is no record series needs a date for each value")
            self.endog, self.years = numbers(endog, "endog"), numbers(years, "years")
            paired(endog=endog, years=years, groups=groups)
            if len(self.endog):
                check_varies(self.endog, "endog")
            order = np.argsort(self.years, kind="stable")
            self.endog, self.years = self.endog[order], self.years[order]
            self.groups = np.arange(len(order)) if groups is None else labels(groups)[order]
        ranked = np.sort(self.years)
        if len(ranked) < 2 * min_points or len(ranked) < 3 + KINDS[kind]:
            raise ValueError(f"{len(ranked)} points leave no date with {min_points} on either side")
        start, stop = ranked[min_points - 1], ranked[-min_points]
        self.dates = np.arange(np.floor(start / STEP) * STEP + STEP, stop + 1e-9, STEP)
        if not len(self.dates):
            raise ValueError(f"no date leaves {min_points} points on either side")

    def fit(self) -> BreakResults:
        """Find the date with the smallest sum of squares; return `BreakResults`."""
        return BreakResults(self)

    def columns(self, date: float, years: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the columns that a break at `date` adds to constant and year, shape (k, 1 or 2)."""
        years = self.years if years is None else years
        after = (years >= date - 1e-9).astype(float)
        hinge = (years - date) * after
        return hinge[:, None] if self.kind == "slope" else np.column_stack([hinge, after])


@dataclass(frozen=True)
class BreakTest:
    """Result of a simulated sup-F test.

    Attributes
    ----------
    statistic, pvalue, critical : float
        Largest F, its p-value and the value exceeded by 5 % of the simulated series.
    n_sim : int
        Simulated series with enough points to have a break.
    """

    statistic: float
    pvalue: float
    critical: float
    n_sim: int


class BreakResults:
    """A line with its best break.

    Attributes
    ----------
    date : float
        Break date with the smallest sum of squares, a quarter of a year exact.
    statistic : float
        Largest F.
    ols : statsmodels RegressionResults
        Regression on ``const``, ``year``, ``hinge`` (and ``level``) at that date.
    before, after : float
        Fall per year before and after, in units of endog.
    """

    def __init__(self, model):
        self.model = model
        present = np.ones((1, len(model.endog)), bool)
        straight, broken = sums_of_squares(
            model.years, model.endog[None], present, model.dates, model.kind, model.min_points
        )
        n = np.array([len(model.endog)])
        statistic, position = sup_f(straight, broken, n, model.kind)
        self.statistic, self.date = float(statistic[0]), float(model.dates[position[0]])
        self.straight, self.broken = float(straight[0]), broken[0]
        names = ["hinge", "level"][: KINDS[model.kind]]
        exog = pd.DataFrame(model.columns(self.date), columns=names).assign(year=model.years - model.years[0])
        self.ols = sm.OLS(model.endog, sm.add_constant(exog)).fit()
        self.before = float(-self.ols.params["year"])
        self.after = float(-self.ols.params["year"] - self.ols.params["hinge"])

    def test(self, n_sim=2000, seed=0):
        """Test against no break, by simulation under steady progress; return `BreakTest`."""
        model = self.model
        years, values, present = self._simulate(None, n_sim, np.random.default_rng(seed))
        straight, broken = sums_of_squares(years, values, present, model.dates, model.kind, model.min_points)
        simulated = sup_f(straight, broken, present.sum(axis=1), model.kind)[0]
        simulated = simulated[np.isfinite(simulated)]
        if not len(simulated):
            raise ValueError(f"none of {n_sim} simulated series has enough points for a break")
        pvalue = p_value(tied_or_beyond(simulated, self.statistic))
        return BreakTest(self.statistic, pvalue, float(np.quantile(simulated, 0.95)), len(simulated))

    def date_set(self, level=0.95, n_sim=500, seed=0):
        """Return the dates that are not rejected as the date of a break.

        Parameters
        ----------
        level : float
            Confidence level.
        n_sim : int
            Simulated series a date.
        seed : int
            Seed.

        Returns
        -------
        DataFrame
            ``date``, ``statistic`` (F-like loss against the best date), ``critical``, ``inside``.
        """
        check_alpha(1 - level)
        model, rng = self.model, np.random.default_rng(seed)
        df = len(model.endog) - 2 - KINDS[model.kind]
        rows = []
        for position, date in enumerate(model.dates):
            if np.isnan(self.broken[position]):
                continue
            statistic = _loss(self.broken[None], position, df)[0]
            years, values, present = self._simulate(date, n_sim, rng)
            broken = sums_of_squares(years, values, present, model.dates, model.kind, model.min_points)[1]
            simulated = _loss(broken, position, present.sum(axis=1) - 2 - KINDS[model.kind])
            rows.append([date, statistic, np.nanquantile(simulated, level)])
        table = pd.DataFrame(rows, columns=["date", "statistic", "critical"])
        return table.assign(inside=tied_or_beyond(table["critical"], table["statistic"]))

    def power(self, date, ratio, n_sim=1000, seed=0):
        """Return how often the test would find a break of a given size in a record series like this one.

        Parameters
        ----------
        date : float
            True date of the break.
        ratio : float
            True rate after it over the rate before it, which is the fitted one.
        n_sim : int
            Simulated series.
        seed : int
            Seed.
        """
        model = self.model
        if model.records is None:
            raise ValueError("power is simulated for record series only")
        date, ratio = single(date, "date"), single(ratio, "ratio")
        grid = model.records.years
        columns = time_in_periods(grid, [date])
        process = RecordProcess(model.records, columns).fit()
        theta = np.r_[process.theta[:2], ratio * process.theta[1]]
        rng = np.random.default_rng(seed)
        best, record = simulate(process.alpha, theta, process.design, model.records.best[0], rng, n_sim)
        sums = sums_of_squares(grid, best, record, model.dates, model.kind, model.min_points)
        found = sup_f(*sums, record.sum(axis=1), model.kind)[0]
        return float(np.mean(found > self.test(n_sim, seed).critical))

    def _simulate(self, date, n_sim, rng):
        """Simulate series without a break (`date` None) or with one: grid of years, values, which are there."""
        model = self.model
        check_count(n_sim, "n_sim")
        if model.records is not None:
            grid = model.records.years
            extra = [] if date is None else [model.columns(date, grid)]
            process = RecordProcess(model.records, np.column_stack([grid - grid[0], *extra])).fit()
            best, record = process.simulate(n_sim, rng)
            return grid, best, record
        extra = [] if date is None else [model.columns(date)]
        null = sm.OLS(model.endog, sm.add_constant(np.column_stack([model.years, *extra]))).fit()
        units = codes(model.groups)
        sign = rng.choice([-1.0, 1.0], size=(n_sim, units.max() + 1))[:, units]
        values = null.fittedvalues + null.resid * sign
        return model.years, values, np.ones(values.shape, bool)


def _loss(broken, position, df):
    """How much worse a date fits than the best one, in residual variances; NaN where it is not allowed."""
    least = np.where(np.isnan(broken), np.inf, broken).min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(least) & (df > 0), (broken[:, position] - least) / (least / df), np.nan)
