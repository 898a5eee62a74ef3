"""Text to train on: training sets against the stock of what was written."""

from __future__ import annotations

import numpy as np

from dl_limits import data, dates
from dl_limits.dates import CUTOFF
from dl_limits.studies.gpt import compute


def training_sets():
    """Return the table ``training_sets`` with ``year`` (decimal)."""
    table = data.load("training_sets")
    return table.assign(year=dates.decimal_year(table["published"])).sort_values("published")


def stocks():
    """Return the stocks of text with their intervals, indexed by ``limit_id``."""
    return data.load("text_limits").query("kind == 'stock'").set_index("limit_id")


def text_crossing():
    """Return when training sets would pass the effective stock of text, if trends held.

    The line through the largest training sets so far (`compute.fit`) against the
    stock adjusted for quality and repetition and the two ends of its interval; growth of
    the stock itself is left out.

    Returns
    -------
    dict
        ``growth`` a year, ``year``, ``year_low``, ``year_high``; ``largest`` and ``largest_2020`` (tokens).
    """
    table = training_sets()
    line = compute.fit(compute.frontier(table, 1, "training_tokens"), "training_tokens")
    start, pace = line.predict([2020.0])[0], np.log10(line.growth()[0])
    stock = stocks().loc["effective_2024", ["value", "low", "high"]].astype(float)
    years = 2020 + (np.log10(stock) - start) / pace
    before = table[table["published"] <= CUTOFF]["training_tokens"].max()
    return {
        "growth": line.growth()[0],
        "year": years["value"],
        "year_low": years["low"],
        "year_high": years["high"],
        "largest": table["training_tokens"].max(),
        "largest_2020": before,
    }


def positions():
    """Return what the field says for and against limits, in order of the year."""
    return data.load("limits_positions").sort_values(["year", "who"], ignore_index=True)
