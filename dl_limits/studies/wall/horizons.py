"""What models can do: the length of software tasks, how fast it grows, and whose compute is still told."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import decimal_year
from dl_limits.inference.persistence import persistent_line

SPANS = (2019.0, 2023.0)  # the whole record, and since 2023: the two spans for which its makers print a doubling time
LIMIT_MIN = 16 * 60  # above this the suite has too few tasks to be reliable, as its makers say
SPLIT = pd.Timestamp("2025-08-01")  # after the last record of compute


def time_horizons():
    """Return the table ``time_horizons`` by date, with ``year`` (decimal)."""
    table = data.load("time_horizons")
    return table.assign(year=decimal_year(table["published"])).sort_values("year", kind="stable")


def doubling():
    """Return how fast the horizon doubles over each of `SPANS`, errors allowed to persist.

    Returns
    -------
    DataFrame
        ``since``, ``models``, ``months`` (to double), ``low``, ``high`` (95 %), and the line's value in minutes at
        ``start`` and ``end`` of the data.
    """
    table, rows = time_horizons(), []
    for since in SPANS:
        part = table[table["year"] >= since]
        line = persistent_line(np.log2(part["horizon_min"].to_numpy()), part["year"].to_numpy())
        fast, slow = line.conf_int()[::-1]
        level = float(sum(w * fit.params[0] for w, fit in zip(line.weights, line.fits, strict=True)))
        ends = [2 ** (level + line.slope * (year - line.x.mean())) for year in (part["year"].min(), part["year"].max())]
        rows.append([since, len(part), 12 / line.slope, 12 / fast, 12 / slow, *ends])
    return pd.DataFrame(rows, columns=["since", "models", "months", "low", "high", "start", "end"])


def documented():
    """Return of how many measured models the training compute is known, before `SPLIT` and from then on.

    Returns
    -------
    DataFrame
        ``when`` ('before', 'since'), ``models``, ``known``.
    """
    table = data.load("time_horizons")
    when = np.where(table["published"] < SPLIT, "before", "since")
    known = table["model_id"].notna().groupby(when).agg(["size", "sum"]).reset_index()
    return known.set_axis(["when", "models", "known"], axis=1)


def two_models(first="gpt_4_mar_2023", second="gpt_5"):
    """Return how many times more compute and how many times longer tasks one model has than another: a dict."""
    horizon = data.load("time_horizons").set_index("model_id")["horizon_min"]
    flop = data.load("notable_models").set_index("model_id")["training_flop"]
    return {"compute": float(flop[second] / flop[first]), "horizon": float(horizon[second] / horizon[first])}


def rates():
    """Return the published rates of 2025 and 2026 and their sources, slowest first."""
    columns = ["quantity", "scope", "period", "growth_per_year", "printed_as"]
    return data.load("recent_rates").sort_values("growth_per_year")[columns]


def final_run_shares():
    """Return the table ``final_run_shares``, smallest first."""
    return data.load("final_run_shares").sort_values("final_run_share")


def size_exponents():
    """Return the exponents of size in compute, step by step from Kaplan to Chinchilla: one row a step."""
    table = data.load("size_exponents")
    steps = table.dropna(subset=["step"])
    return steps.pivot_table("size_exponent", ["step", "case"], "text").reset_index().drop(columns="step")
