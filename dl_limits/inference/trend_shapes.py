"""Which shape of progress forecasts the next record best: straight, broken once or twice, or levelling off.

A shape with more freedom fits better whatever the truth. So each is fitted to the first
records of a series, forecasts the next one at its date, and is scored on that; then the
next record joins the fit (rolling origin).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import statsmodels.api as sm

from dl_limits.inference.breaks import MIN_POINTS, BreakModel
from dl_limits.laws.powerlaw import PowerLaw

NO_CHANGE = "no further record"
FIRST_ORIGIN = 7  # records that every shape needs before it may forecast


def next_records(records):
    """Forecast every record from the ones before it, by each shape.

    Parameters
    ----------
    records : dl_limits.inference.record_process.Records
        With more than `FIRST_ORIGIN` records.

    Returns
    -------
    DataFrame
        One row a forecast record: ``year``, ``actual`` and a column a shape, natural logarithms.

    Raises
    ------
    ValueError
        For too few records.
    """
    years, values = records.points
    if len(years) <= FIRST_ORIGIN:
        raise ValueError(f"{len(years)} records; forecasts need more than {FIRST_ORIGIN}")
    rows = []
    for n in range(FIRST_ORIGIN, len(years)):
        seen = years[:n], values[:n]
        forecast = {name: shape(*seen, years[n]) for name, shape in SHAPES.items()}
        rows.append({"year": years[n], "actual": values[n], **forecast})
    return pd.DataFrame(rows)


def scores(forecasts):
    """Return the mean size of the error of each shape in percent, and its skill against no change.

    Parameters
    ----------
    forecasts : DataFrame
        From `next_records`.

    Returns
    -------
    DataFrame
        ``shape``, ``error_pct`` (of the error rate), ``skill`` (one less the ratio of mean sizes).
    """
    size = (forecasts[list(SHAPES)].sub(forecasts["actual"], axis=0)).abs().mean()
    table = pd.DataFrame({"shape": size.index, "error_pct": 100 * np.expm1(size.to_numpy())})
    return table.assign(skill=1 - size.to_numpy() / size[NO_CHANGE])


def _straight(years, values, at):
    return _line(years, values, at, [])


def _one_break(years, values, at):
    date = BreakModel(values, years).fit().date
    return _line(years, values, at, [date])


def _two_breaks(years, values, at):
    """The best pair of dates that leaves enough points in the outer pieces and one in the middle."""
    dates = BreakModel(values, years).dates
    pairs = [(a, b) for a, b in combinations(dates, 2) if np.sum((years >= a) & (years < b)) >= 1]
    if not pairs or len(years) < 2 * MIN_POINTS + 1:
        return _one_break(years, values, at)
    losses = [sm.OLS(values, _design(years, pair)).fit().ssr for pair in pairs]
    return _line(years, values, at, pairs[int(np.argmin(losses))])


def _levelling(years, values, at):
    """An exponential fall to a floor: a power law with a floor in exp(years)."""
    fit = PowerLaw(np.exp(values), np.exp(years - years[0]), floor="estimate").fit()
    return float(np.log(fit.predict([np.exp(at - years[0])])[0]))


def _line(years, values, at, dates):
    fit = sm.OLS(values, _design(years, dates)).fit()
    return float(fit.predict(_design(np.array([at]), dates))[0])


def _design(years, dates):
    return np.column_stack([np.ones(len(years)), years, *[np.maximum(years - d, 0) for d in dates]])


SHAPES = {
    NO_CHANGE: lambda years, values, at: float(values[-1]),
    "straight line": _straight,
    "one break": _one_break,
    "two breaks": _two_breaks,
    "levelling off at a floor": _levelling,
}


def line_on_date(y, *columns):
    """Return statsmodels' least squares of values, in order of date, with errors robust to neighbours alike.

    Lags by the rule of thumb 4 (n / 100)**(2 / 9) (Newey and West 1994), counted in rows; t quantiles.

    Parameters
    ----------
    y : ndarray, shape (n,)
    *columns : ndarray, shape (n,)
        Regressors beside the constant.
    """
    design = np.column_stack([np.ones(len(y)), *columns])
    lags = int(4 * (len(y) / 100) ** (2 / 9))
    return sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
