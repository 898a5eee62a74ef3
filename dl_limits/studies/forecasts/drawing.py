"""How a forecast is made: one method for all targets, and its own past.

Half of the draws take the ten best of their time (`Target.tables`) as scattered about a line with persistent errors,
draw later ones around it as often as they came lately, and keep the best (`runs.largest`). The other half assume no
line: the record is carried on by years of its own past (`record_steps.year_blocks`). The two are pooled equally, since
neither did better at all targets in the past and equal weights need no tuning (Bates and Granger 1969).

The same method at earlier year ends, where the answers are known, shows how far it can be off, and in which direction.
`lean` moves every forecast as far as the typical target's past would have asked, one number for all targets. Then,
where fewer than nine in ten 90 % intervals would have held, `widening` stretches all distances from the median by what
would have been needed. Both are learnt from past answers alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits.inference.record_steps import year_blocks
from dl_limits.inference.scoring import quantile_score
from dl_limits.studies.cost import runs
from dl_limits.studies.forecasts.targets import FORECAST_TARGETS

MADE_ON = pd.Timestamp("2026-11-01")
HORIZONS = {"2027-12": 2028.0, "2028-12": 2029.0, "2030-12": 2031.0}  # month that resolves: decimal year
QUANTILE_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
CENTRAL = QUANTILE_LEVELS[-1] - QUANTILE_LEVELS[0]
_DRAWS, _PAST_DRAWS, _SEED = 6000, 2000, 1
_ORIGINS, _AHEAD = range(2018, 2026), (1, 2, 3)  # year ends and years: forecasts whose answers are known
_LEAST, _YEARS = 5, 2.0  # runs and years of history


def mixed(tables, dates, seen_to, draws, ceiling=np.inf):
    """Draw the best value up to each date, half by a line and half by the record's own years.

    Parameters
    ----------
    tables : sequence of DataFrame
        As `Target.tables` gives; the line is drawn equally from each, the record from the first.
    dates : array_like, shape (k,)
    seen_to : float
        Date to which the histories are known.
    draws : int
    ceiling : float
        Draws that pass it are left out.

    Returns
    -------
    ndarray, shape (about draws, k)
        Natural logarithms, rising along each row.
    """
    rng, dates = np.random.default_rng(_SEED), np.asarray(dates, float)
    lines = [runs.largest(table, dates, rng, draws // 2 // len(tables), seen_to) for table in tables]
    years, values = tables[0]["year"], np.log(tables[0]["value"].to_numpy(float))
    both = np.concatenate([*lines, year_blocks(years, values, dates, seen_to, rng, draws // 2)])
    return both[both[:, -1] <= np.log(ceiling)]


@cache
def past(name):
    """Forecast what is known by now from earlier year ends, by the same method.

    Parameters
    ----------
    name : str
        Of `FORECAST_TARGETS`.

    Returns
    -------
    DataFrame
        ``target``, ``origin`` and ``ahead`` (years), ``y`` (what came, natural logarithm of `Target.value`), ``low``,
        ``median``, ``high`` (90 %), ``miss`` (distance above the median in widths of that side, negative below),
        ``score`` and ``standing`` (quantile scores of the forecast and of the record standing still; lower is better).
        Neither moved nor widened.
    """
    target, rows = FORECAST_TARGETS[name], []
    histories = target.tables()
    for origin in _ORIGINS:
        known = [table[table["year"] < origin] for table in histories]
        known = [t for t in known if len(t) >= _LEAST and origin - t["year"].min() >= _YEARS]
        dates = [float(origin + ahead) for ahead in _AHEAD if origin + ahead <= target.seen_to]
        if not known or not dates:
            continue
        now = np.log(known[0]["value"].max())
        all_quantiles = np.quantile(mixed(known, dates, float(origin), _PAST_DRAWS), QUANTILE_LEVELS, axis=0).T
        for date, quantiles in zip(dates, all_quantiles, strict=True):
            y = float(np.log(histories[0].loc[histories[0]["year"] < date, "value"].max()))
            low, median, high = quantiles[[0, 2, -1]]
            miss = _miss(y, low, median, high)
            scores = quantile_score(y, quantiles, QUANTILE_LEVELS), abs(y - now)
            rows.append([name, origin, date - origin, y, low, median, high, miss, *scores])
    columns = ["target", "origin", "ahead", "y", "low", "median", "high", "miss", "score", "standing"]
    return pd.DataFrame(rows, columns=columns)


def _miss(y, low, median, high):
    """Return how far a value lies above the median in widths of its side; negative below, infinite without a width."""
    half = high - median if y > median else median - low
    return 0.0 if y == median else (y - median) / half if half > 0 else np.copysign(np.inf, y - median)


@cache
def lean():
    """Return by how much of a width every forecast is moved (negative: down): the median target's median past miss."""
    return float(np.median([past(name)["miss"].median() for name in FORECAST_TARGETS]))


def _moved(low, median, high):
    """Return the three quantiles as `lean` moves them."""
    by = lean() * ((median - low) if lean() < 0 else (high - median))
    return low + by, median + by, high + by


def widening(name):
    """Return by how much distances from the moved median are stretched: what nine in ten past ones needed, or one."""
    misses = [abs(_miss(row.y, *_moved(row.low, row.median, row.high))) for row in past(name).itertuples()]
    return max(1.0, float(np.quantile(misses, CENTRAL, method="higher")))


def record_of():
    """Return how forecasts made so would have done: one row a target.

    Returns
    -------
    DataFrame
        ``target``, ``forecasts``, ``inside`` (share of 90 % intervals that held), ``below`` (share of outcomes below
        the median), ``ratio`` (mean score over that of the record standing still; below 1 is better), ``widened``.
    """
    rows = []
    for name in FORECAST_TARGETS:
        table = past(name)
        below, ratio = (table["y"] < table["median"]).mean(), table["score"].mean() / table["standing"].mean()
        rows.append([name, len(table), (table["miss"].abs() <= 1).mean(), below, ratio, widening(name)])
    return pd.DataFrame(rows, columns=["target", "forecasts", "inside", "below", "ratio", "widened"])


@cache
def expected_best(name):
    """Return the forecast of one target.

    Parameters
    ----------
    name : str
        Of `FORECAST_TARGETS`.

    Returns
    -------
    DataFrame
        A row for each of `HORIZONS`: ``target``, ``resolves_by``, ``unit``, ``so_far`` and ``q05`` to ``q95`` in that
        unit; quantiles rise, also where less is better.
    """
    target, rows = FORECAST_TARGETS[name], []
    tables = target.tables()
    drawn = mixed(tables, list(HORIZONS.values()), target.seen_to, _DRAWS, target.ceiling())
    so_far = float(np.log(tables[0]["value"].max()))
    for month, quantiles in zip(HORIZONS, np.quantile(drawn, QUANTILE_LEVELS, axis=0).T, strict=True):
        middle = _moved(*quantiles[[0, 2, -1]])[1]
        wide = middle + widening(name) * (quantiles - quantiles[2])
        wide = np.clip(wide, so_far, np.log(target.ceiling()))  # a record does not fall, and the world holds no more
        shown = np.sort(target.to_unit(np.exp(wide)))
        rows.append([name, month, target.unit, float(target.to_unit(np.exp(so_far))), *map(float, shown)])
    columns = ["target", "resolves_by", "unit", "so_far", *(f"q{round(100 * level):02}" for level in QUANTILE_LEVELS)]
    return pd.DataFrame(rows, columns=columns)


def forecasts_now():
    """Return `expected_best` of all targets, one table."""
    return pd.concat([expected_best(name) for name in FORECAST_TARGETS], ignore_index=True)
