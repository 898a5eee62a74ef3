"""Has the growth of the largest documented run stopped? Waits between records, and lines learnt to the end of 2024."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import LATEST, decimal_year
from dl_limits.studies.after_2020.hindcasts import KEPT_UP
from dl_limits.studies.cost import runs, trends
from dl_limits.studies.gpt import compute
from dl_limits.studies.scaling import returns

FROM = 2012.0  # deep learning; waits are counted from here
SINCE = 2018.0  # the date at which the frontier slowed, as published (chapter 02)
LEARNT = pd.Timestamp("2024-12-31")  # what the lines may know: nothing of the years that are asked about
RUNS_END = decimal_year(KEPT_UP["compute"])  # the table of runs ends with July 2026; months count as in the tables
_DRAWS, _SEED = 4000, 1
_STEPS = 12  # a year


def largest_runs(until=LATEST, k=compute.TOP):
    """Return the runs among the `k` largest of their time since `SINCE`: ``year``, ``value`` (FLOP), ``model``."""
    table = compute.frontier(compute.notable_models(until), k)
    table = table[table["year"] >= SINCE].rename(columns={"training_flop": "value"})
    return table[["model", "published", "year", "value"]].reset_index(drop=True)


def waits():
    """Return how long the present wait for a record is beside earlier ones.

    Returns
    -------
    dict
        ``record``, ``flop`` and ``since`` (year) of the last record; ``months`` without a new one up to
        `RUNS_END`; ``longest`` earlier wait (months); ``share`` of the months since `FROM` that were followed by a
        wait at least as long.
    """
    records = compute.frontier(compute.notable_models(), 1)
    records = records[records["year"] >= FROM]
    dates = records["year"].to_numpy()
    now = RUNS_END - dates[-1]
    starts = np.arange(FROM, dates[-1] + 1e-9, 1 / _STEPS)
    ahead = np.array([dates[dates > start + 1e-9].min(initial=RUNS_END) - start for start in starts])
    return {
        "record": records["model"].iloc[-1],
        "flop": float(records["training_flop"].iloc[-1]),
        "since": float(dates[-1]),
        "months": 12 * now,
        "longest": 12 * float(np.diff(dates).max()),
        "share": float((ahead >= now - 1e-9).mean()),
    }


def expected(table, end):
    """Return the largest run month by month to a date, as drawn from the runs known by `LEARNT`.

    Parameters
    ----------
    table : DataFrame
        ``published``, ``year`` and ``value`` of all runs; those after `LEARNT` are not used.
    end : float
        Decimal year.

    Returns
    -------
    DataFrame
        ``year``, ``low``, ``median``, ``high`` (90 % of the draws), in the unit of the values, and ``below``: the share
        of draws that are no larger than the largest run that came by that date.
    """
    known = table[table["published"] <= LEARNT]
    start = decimal_year(LEARNT) + 1 / 12
    dates = start + np.arange(round(_STEPS * (end - start)) + 1) / _STEPS
    drawn = runs.largest(known, dates, np.random.default_rng(_SEED), _DRAWS)
    low, median, high = np.exp(np.quantile(drawn, [0.05, 0.5, 0.95], axis=0))
    came = np.array([np.log(table.loc[table["year"] <= date + 1e-9, "value"].max()) for date in dates])
    return pd.DataFrame(
        {"year": dates, "low": low, "median": median, "high": high, "below": (drawn <= came + 1e-9).mean(axis=0)}
    )


def expected_runs():
    """Return `expected` of the largest training run to the end of the table."""
    return expected(largest_runs(), RUNS_END)


def bills():
    """Return the costs of the dearest runs and what was to be expected of them.

    Returns
    -------
    tuple of DataFrame
        ``year``, ``value`` (dollars, hardware written off); `expected` to the newest of them.
    """
    table = runs.frontier_costs()
    return table, expected(table, table["year"].iloc[-1])


def energy_accounts():
    """Return every account of a run's energy since 2020: ``model``, ``year``, ``value`` (MWh), ``kind``.

    Chips at rated power, as told by developers ('told'), counted in a database ('counted'), or, for one run, from its
    makers' statements through others ('quoted'). No line: eight accounts on one basis leave its growth open.
    """
    table = trends.energy_table()
    names = {"rated_power": "told", "database_hardware": "counted", "secondary": "quoted"}
    table = table.assign(kind=table["basis"].astype(str).map(names), value=table["rated_mwh"])
    table = table[table["kind"].notna() & (table["year"] >= 2020)].dropna(subset=["value"])
    return table[["model", "year", "value", "kind"]].reset_index(drop=True)


def buys():
    """Return what the surface of chapter 04 says that ten times the compute takes off the loss, in per cent.

    Returns
    -------
    DataFrame
        `returns.returns` at GPT-3's compute and at that of the largest run; with ``beyond``, powers of ten beyond the
        largest run that the surface was fitted to.
    """
    flop = np.array([returns.gpt3_run()[2], waits()["flop"]])
    seen = data.load("chinchilla_runs").query("in_replication")
    seen = 6 * float((seen["params"].astype(float) * seen["tokens"].astype(float)).max())
    return returns.returns(flop).assign(beyond=np.log10(flop / seen))
