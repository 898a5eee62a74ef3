"""Which abilities grew with size, which are near their ceiling, which hardly moved: one rule for all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.inference.scoring import lines
from dl_limits.studies.tasks.backtest import next_tenfold
from dl_limits.studies.tasks.gains import gains
from dl_limits.studies.tasks.scores import load_scores, natural_accuracy

CEILING_PCT = 85.0  # what is left is less than a seventh of the scale
STILL_POINTS = 5.0  # a change no larger than prompts alone can make


def kinds(table):
    """Return the kind of each series.

    Parameters
    ----------
    table : DataFrame
        From `gains.gains`.

    Returns
    -------
    ndarray of str
        'near its ceiling': the largest model scores at least 85. 'little or no rise': the 95 %
        interval of points per tenfold contains 0, or the largest model is less than 5
        points above guessing. 'grows': the rest.
    """
    above = (table["last"] - table["chance_pct"]).fillna(np.inf)
    still = ((table["points_low"] <= 0) & (table["points_high"] >= 0)) | (above < STILL_POINTS)
    return np.where(table["last"] >= CEILING_PCT, "near its ceiling", np.where(still, "little or no rise", "grows"))


def abilities():
    """Return the accuracy tasks that are not synthetic, few-shot, with their kind, sorted for the figure."""
    scores = load_scores()
    scores = scores.where(natural_accuracy(scores) & (scores.info["setting"] == "few").to_numpy())
    table = gains(scores)
    table["kind"] = kinds(table)
    rank = table["kind"].map({"grows": 0, "near its ceiling": 1, "little or no rise": 2})
    order = np.lexsort((-table["points"], rank))
    return table.iloc[order].reset_index(drop=True)


def typical():
    """Return what a tenfold of compute did to the median task, by setting.

    Returns
    -------
    DataFrame
        ``setting``, ``tasks``, ``points`` and ``closed`` per tenfold, ``log_odds`` (where
        identified, ``odds_tasks`` of them), ``closed_early`` (four smallest models),
        ``closed_late`` (four largest) and ``shrinking``: share of tasks whose log gap bends up.
    """
    scores = load_scores()
    scores, rows = scores.where(natural_accuracy(scores)), []
    for setting in ("few", "one", "zero"):
        part = scores.where(scores.info["setting"] == setting)
        table, x, gap = gains(part), part.log_compute, part.log_gap
        halves = [float(np.median(-np.expm1(lines(x[c], gap[:, c]).slope))) for c in (slice(0, 4), slice(4, 8))]
        odds = table["log_odds"].dropna()
        middle = table[["points", "closed"]].median()
        rows.append([setting, len(part), *middle, odds.median(), len(odds), *halves, (table["curvature"] > 0).mean()])
    columns = ["setting", "tasks", "points", "closed", "log_odds", "odds_tasks"]
    return pd.DataFrame(rows, columns=[*columns, "closed_early", "closed_late", "shrinking"])


def sortable_table():
    """Return every series but perplexity for the reader's own sorting, with the next tenfold forecast.

    Returns
    -------
    DataFrame
        ``task`` (with its metric, unless that is accuracy), ``setting``, ``first``, ``last``,
        ``points`` and ``closed`` (percent) per tenfold, ``predicted`` for the next tenfold at
        fixed data, and ``span``: its calibrated 95 % interval, in words.
    """
    scores = load_scores()
    scores = scores.where(scores.info["score_unit"] != "perplexity")
    table, coming = gains(scores), next_tenfold(scores)
    metric = table["metric"].astype(str).str.replace("_", " ")
    task = table["task"].where(metric == "accuracy", table["task"] + ", " + metric)
    out = table[["setting", "first", "last", "points"]].assign(closed=100 * table["closed"])
    out.insert(0, "task", task)
    span = [f"{low:.0f}–{high:.0f}" for low, high in zip(coming["low"], coming["high"], strict=True)]
    return out.assign(predicted=coming["predicted"], span=span)
