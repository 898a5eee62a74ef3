"""Nineteen image tasks of 2019, sixteen starts of one network, 1,000 examples and all (Zhai et al. 2019).

One accuracy a task, start and size is published, each the best of one sweep of settings; how much a second
training would differ is not. Intervals of one task therefore hold the sampling of its test images alone;
intervals of a mean over tasks hold how much tasks differ, which is far more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.verdicts import Analysis

SCRATCH, SUPERVISED = "From-Scratch", "Sup-100%"
FEW_EXAMPLES, ALL_EXAMPLES = "1000", "full"


def published_scores():
    """Return errors (shares of the test images, one task, start and size a row) with the sizes of the test sets.

    Returns
    -------
    DataFrame
        ``method``, ``task``, ``examples`` (of the test set), and ``error`` for ``train_examples`` of
        `FEW_EXAMPLES` and `ALL_EXAMPLES`.
    """
    table = data.load("vtab_scores")
    table = table.assign(error=1 - table["accuracy_pct"] / 100, examples=table["test_examples"].astype(float))
    return table.astype({"train_examples": str})[["method", "task", "examples", "train_examples", "error"]]


def advantages(table, method=SUPERVISED):
    """Return how many points more error a start from scratch makes at 1,000 examples, task by task.

    Parameters
    ----------
    table : DataFrame
        As of `published_scores`.
    method : str
        The start it is compared with.

    Returns
    -------
    DataFrame, indexed by task
        ``estimate`` and ``standard_error``, points: of two independent shares, as if the two networks had not
        been tested on the same images; pairing would make it smaller.
    """
    few = table[table["train_examples"] == FEW_EXAMPLES].set_index(["method", "task"])
    scratch, other = few.loc[SCRATCH], few.loc[method]
    variance = sum(part["error"] * (1 - part["error"]) / part["examples"] for part in (scratch, other))
    return pd.DataFrame(
        {"estimate": 100 * (scratch["error"] - other["error"]), "standard_error": 100 * np.sqrt(variance)}
    )


def three_ways(table):
    """Return each task's error in per cent: from scratch, pretrained with labels, from scratch on all examples.

    Parameters
    ----------
    table : DataFrame
        As of `published_scores`.

    Returns
    -------
    DataFrame, indexed by task
        The first two are with 1,000 examples.
    """
    errors = 100 * table.set_index(["method", "train_examples", "task"])["error"]
    ways = {
        "from scratch": (SCRATCH, FEW_EXAMPLES),
        "pretrained": (SUPERVISED, FEW_EXAMPLES),
        "from scratch, all examples": (SCRATCH, ALL_EXAMPLES),
    }
    return pd.DataFrame({name: errors.loc[way] for name, way in ways.items()})


def log_changes(table):
    """Return the change of the log error from 1,000 examples to all, for every start and task.

    Parameters
    ----------
    table : DataFrame
        As of `published_scores`.

    Returns
    -------
    DataFrame
        ``method``, ``task``, ``estimate``, ``standard_error`` (natural logarithms; delta method), from counts of
        wrong answers with half a wrong and half a right one added, since some tasks have none left.
    """
    wide = table.pivot_table("error", ["method", "task", "examples"], "train_examples", sort=False).reset_index()
    n = wide["examples"]
    few, full = ((wide[size] * n + 0.5) / (n + 1) for size in (FEW_EXAMPLES, ALL_EXAMPLES))
    variance = (1 - few) / (few * n) + (1 - full) / (full * n)
    return pd.DataFrame(
        {
            "method": wide["method"],
            "task": wide["task"],
            "estimate": np.log(full / few),
            "standard_error": np.sqrt(variance),
        }
    )


def mean_over_tasks(name, values):
    """Return the analysis of the mean over tasks: a t interval, tasks as a sample of such tasks."""
    values = np.asarray(values, float)
    half = stats.t.isf(0.025, len(values) - 1) * stats.sem(values)
    return Analysis(name, values.mean(), values.mean() - half, values.mean() + half)


def extreme(name, rows, largest):
    """Return the analysis of the smallest or the largest of many true values, each known with an error.

    Each value gets an interval at the level 1 - 0.05 / m (Bonferroni), so that all m hold together 95 times in
    100; the smallest true value then lies between the smallest of the lower and the smallest of the upper ends.

    Parameters
    ----------
    name : str
    rows : DataFrame
        ``estimate``, ``standard_error``.
    largest : bool

    Returns
    -------
    Analysis
    """
    half = stats.norm.isf(0.025 / len(rows)) * rows["standard_error"]
    pick = np.max if largest else np.min
    low, high = pick(rows["estimate"] - half), pick(rows["estimate"] + half)
    return Analysis(name, float(np.clip(pick(rows["estimate"]), low, high)), float(low), float(high))
