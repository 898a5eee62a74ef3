"""What more text bought the same model: checkpoints of Pythia, same corpus, recipe, size and protocol.

The earlier checkpoint still has a high learning rate, which a model trained on that much text and no more would not
have: so these gains are too large rather than too small. Eight tasks, zero-shot; two of them (WSC, LogiQA) are
hardly above chance at any size.
"""

from __future__ import annotations

import numpy as np

from dl_limits import data

EARLY, LATE = 13_000, 143_000  # steps: eleven times the tokens
SIZE, SMALLER = "12b", "1.4b"  # the largest: from 2 to 25 tokens a parameter, as GPT-3 with ten times its text
COMPARED = ("1.4b", "2.8b", "6.9b", "12b")
_RESAMPLES = 1000


def pairs(first, last):
    """Return the accuracies of two checkpoints, a task and corpus a row.

    Parameters
    ----------
    first, last : tuple of (str, int)
        Model and step.

    Returns
    -------
    DataFrame, indexed by task and corpus
        ``before``, ``after`` (shares), ``before_error``, ``after_error`` (standard errors over questions),
        ``times_tokens``, ``times_params``.
    """
    table = data.load("pythia_checkpoints").astype({"corpus": str})
    found = []
    for model, step in (first, last):
        rows = table[(table["model"] == model) & (table["step"] == step)]
        found.append(rows.set_index(["task", "corpus"]).sort_index())
    a, b = found
    both = (a[["accuracy_pct", "standard_error_pct"]] / 100).set_axis(["before", "before_error"], axis=1)
    both[["after", "after_error"]] = b[["accuracy_pct", "standard_error_pct"]] / 100
    both["times_tokens"] = b["training_tokens"].astype(float) / a["training_tokens"].astype(float)
    both["times_params"] = b["params_nominal"].astype(float) / a["params_nominal"].astype(float)
    return both


def closed_draws(table, rng, tenfolds=None, resamples=_RESAMPLES):
    """Return draws of the median over tasks of the share of the gap to 100 that a tenfold closes.

    Tasks are drawn with replacement (a sample of such tasks), the corpus of each at random, and both accuracies
    with the error of their questions. A gap that closes over k powers of ten closes the k-th root over one.

    Parameters
    ----------
    table : DataFrame
        From `pairs`.
    rng : numpy.random.Generator
    tenfolds : float, optional
        How many powers of ten lie between the two; by default those of the tokens.
    resamples : int

    Returns
    -------
    estimate : float
        Median over tasks, corpora averaged, nothing drawn.
    draws : ndarray, shape (resamples,)
    """
    k = np.log10(table["times_tokens"].iloc[0]) if tenfolds is None else tenfolds
    means = table.groupby("task")[["before", "after"]].mean()
    estimate = float(np.median(_closed(means["before"], means["after"], k)))
    columns = ["before", "after", "before_error", "after_error"]
    rows = {task: part[columns].to_numpy() for task, part in table.groupby("task")}
    values = np.stack([rows[task][: min(map(len, rows.values()))] for task in rows])  # task, corpus, column
    tasks = rng.integers(len(values), size=(resamples, len(values)))
    before, after, e0, e1 = np.moveaxis(values[tasks, rng.integers(values.shape[1], size=tasks.shape)], -1, 0)
    drawn = _closed(before + e0 * rng.standard_normal(tasks.shape), after + e1 * rng.standard_normal(tasks.shape), k)
    return estimate, np.median(drawn, axis=1)


def _closed(before, after, tenfolds):
    return 1 - (np.clip(1 - after, 1e-9, None) / np.clip(1 - before, 1e-9, None)) ** (1 / tenfolds)
