"""Will a run pass a mark? Runs to come, drawn with scatter and arrivals around a trend, if the trend held.

The trend line is not the dearest run: a first run passes a mark long before the line does, or never. So runs
are drawn as they came: as many a year as lately, each as far from the line as runs were, with errors that persist.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits.dates import LATEST
from dl_limits.inference.persistence import persistent_line
from dl_limits.studies.cost import trends
from dl_limits.studies.gpt.compute import frontier

LATELY = 3.0  # years over which arrivals are counted
FUTURES = 2000


def frontier_costs(basis="amortised", until=LATEST):
    """Return the runs among the largest of their time with ``year`` and ``value`` (dollars), by date."""
    table = frontier(trends.costs(basis, until)).sort_values("year", kind="stable")
    return table.rename(columns={"cost_usd": "value"})[["year", "value", "published"]].reset_index(drop=True)


def energies(until=LATEST):
    """Return the runs whose energy at rated power can be counted, with ``year`` and ``value`` (MWh), by date.

    As developers tell them or a database counts their chips; one account a model.
    """
    table = trends.energy_table()
    table = table[table["basis"].isin(["rated_power", "database_hardware"]) & (table["published"] <= until)]
    table = table.dropna(subset=["rated_mwh"]).sort_values("year", kind="stable")
    return table.rename(columns={"rated_mwh": "value"})[["year", "value", "published"]].reset_index(drop=True)


def futures(table, end, rng, draws=FUTURES, seen_to=None):
    """Draw runs to come up to a date: as many a year as lately, each as far from the line as runs were.

    Parameters
    ----------
    table : DataFrame
        ``year`` (rising) and ``value`` of the runs so far.
    end : float
        Decimal year.
    rng : numpy.random.Generator
    draws : int
    seen_to : float, optional
        To which date it is known that no further run came, where that is later than the last one. The rate of
        arrivals is then counted up to it and drawn from what the count leaves open (gamma, prior of Jeffreys):
        none seen in three years does not mean none to come.

    Returns
    -------
    tuple of ndarray, each shape (draws, k)
        Dates (rising along each row), natural logarithms of the values, and whether there is a run: rows
        with fewer than k are filled up at `end`.
    """
    last, y = table["year"].iloc[-1] if seen_to is None else seen_to, np.log(table["value"].to_numpy(float))
    seen = (table["year"] > last - LATELY).sum()
    rate = seen / LATELY if seen_to is None else rng.gamma(seen + 0.5, 1 / LATELY, draws)
    counts = rng.poisson(rate * (end - last), draws)
    times = rng.uniform(last, end, (draws, max(1, counts.max())))
    real = np.arange(times.shape[1]) < counts[:, None]
    times = np.sort(np.where(real, times, end), axis=1)  # those that do not come wait at the end
    return times, persistent_line(y, table["year"].to_numpy(float)).paths(times, rng), real


def passes(table, mark, end, rng, yearly=1.0, since=0.0, draws=FUTURES):
    """Return the share of drawn futures in which a run passes a mark before a date.

    Parameters
    ----------
    table, end, rng, draws
        As in `futures`.
    mark : float
        What is to be passed; grows by `yearly` a year from `since` on.
    yearly, since : float

    Returns
    -------
    float
    """
    times, values, real = futures(table, end, rng, draws)
    needed = np.log(mark) + np.log(yearly) * (times - since)
    return float(((values > needed) & real).any(axis=1).mean())


def largest(table, dates, rng, draws=FUTURES, seen_to=None):
    """Draw the largest run up to each of several dates, those made so far included.

    Parameters
    ----------
    table, rng, draws, seen_to
        As in `futures`.
    dates : array_like, shape (m,)
        Decimal years, rising, not before the last run or `seen_to`.

    Returns
    -------
    ndarray, shape (draws, m)
        Natural logarithms.
    """
    times, values, real = futures(table, dates[-1], rng, draws, seen_to)
    so_far = np.log(table["value"].max())
    return np.column_stack(
        [np.where(real & (times <= date), values, so_far).max(axis=1, initial=so_far) for date in dates]
    )


def economic(table, share, end, until, rng, draws=FUTURES):
    """Return `passes` for a share of the US economy of the time of the run, which grows as `trends.gdp` assumes."""
    value, year = trends.gdp(until.year)
    return passes(table, share * value, end, rng, trends.GDP_GROWTH, year + 0.5, draws)


@cache
def chances(until=LATEST):
    """Return the probability that a run passes each mark, by basis and by reading of "by 2030".

    Returns
    -------
    DataFrame
        ``mark``, ``basis``, ``by_end`` (of 2030), ``by_start``. No rows of energy where fewer than five runs are known.
    """
    rows = []
    for basis, words in trends.BASES.items():
        table = frontier_costs(basis, until)
        for mark, share in trends.SHARES.items():
            found = [
                economic(table, share, end, until, np.random.default_rng(1), 2 * FUTURES) for end in (2031.0, 2030.0)
            ]
            rows.append([mark, words, *found])
    used = energies(until)
    if len(used) >= 5:
        found = [passes(used, trends.TWH, end, np.random.default_rng(1), draws=2 * FUTURES) for end in (2031.0, 2030.0)]
        rows.append(["1 TWh", "chips at rated power", *found])
    return pd.DataFrame(rows, columns=["mark", "basis", "by_end", "by_start"])
