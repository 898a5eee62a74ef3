"""What would ten times the data buy on tasks? Loss laws carry the sizes of one table to other paths.

Table H.1 varies size at fixed data. A loss law turns both size and data into loss; if a
task's score hangs on the loss alone, the line of its log gap on the loss says what any
path buys. That assumption is not tested by the table; models of GPT-3's size with
other amounts of data are set beside it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.laws import loss as laws_loss
from dl_limits.studies.gpt import family as gpt_family
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.studies.scaling import fit as scaling_fit
from dl_limits.studies.scaling import published
from dl_limits.studies.tasks import backtest
from dl_limits.studies.tasks.scores import SETTINGS, load_scores, natural_accuracy

_PATHS = {"data": (1, 10), "params": (10, 1), "both": (10, 10)}
_SLOPES = {"all sizes": 8, "last three sizes": 3}
FAMILIES = {"ANLI": "ANLI R", "ARC": "ARC (", "RACE": "RACE-"}
_RESAMPLES = 1000


def four_meanings():
    """Return the share of reducible loss that a tenfold removes at GPT-3, in four meanings.

    Returns
    -------
    DataFrame
        ``surface``, ``path`` ('data', 'params', 'optimal', 'both'), ``estimate``, ``low``, ``high``:
        the replicated surface with its 95 % interval, Hoffmann's own without.
    """
    size, text = gpt_family.sizes("gpt_3_175b")[0], gpt_family.tokens("GPT-3")[0]
    fit, rows = scaling_fit.surface(), []
    printed = laws_loss.tenfold(published.published_surface("hoffmann_unrounded"), size, text)
    for path in laws_loss.PATHS:
        found = fit.derive(lambda p, path=path: laws_loss.tenfold(p, size, text)[path])
        rows.append(["replication 2024", path, found.estimate, found.low, found.high])
        rows.append(["Hoffmann 2022", path, printed[path], np.nan, np.nan])
    return pd.DataFrame(rows, columns=["surface", "path", "estimate", "low", "high"])


def loss_axis(law, path="data"):
    """Return the loss of the eight models and how much a path takes off it at the largest.

    Parameters
    ----------
    law : callable
        From `shares.published_laws`.
    path : {'data', 'params', 'both'}
        What grows tenfold.

    Returns
    -------
    loss : ndarray, shape (r, 8)
        Nats per token; one row for the estimate and each resample of the law.
    step : ndarray, shape (r,)
    """
    text = gpt_family.tokens("GPT-3")[0]
    gpt3 = gpt_family.family_models().query("family == 'GPT-3'").sort_values("params").index
    sizes = [gpt_family.sizes(m) for m in gpt3]
    loss = np.array([np.atleast_1d(law(n, text)) for n in sizes]).T
    n, d = _PATHS[path]
    after = np.atleast_1d(law(tuple(n * v for v in sizes[-1]), d * text))
    return loss, loss[:, -1] - after


def closed(scores, loss, step, last=8):
    """Return the share of each task's remaining gap that a fall of the loss closes.

    Parameters
    ----------
    scores : TaskScores, m series
    loss : ndarray, shape (r, 8)
        From `loss_axis`.
    step : ndarray, shape (r,)
    last : int
        How many of the largest models the line is fitted to.

    Returns
    -------
    ndarray, shape (r, m)
    """
    return -np.expm1(-_slopes(loss[:, -last:], scores.log_gap[:, -last:]) * step[:, None])


def _slopes(loss, log_gap):
    """Slopes of every log gap (m, k) on every axis of losses (r, k), shape (r, m)."""
    x = loss - loss.mean(axis=1, keepdims=True)
    return x @ log_gap.T / (x**2).sum(axis=1, keepdims=True)


def step_errors(scores, loss, last=8):
    """Return how wrong the same fit was over earlier steps of about a tenfold, per nat.

    The line through the smaller models is carried down to the loss of a larger one,
    and the median over tasks of the missed log gap is divided by the step.

    Parameters
    ----------
    scores : TaskScores
    loss : ndarray, shape (8,)
        One axis of losses.
    last : int
        How many of the known models, the largest, the line is fitted to.

    Returns
    -------
    ndarray, shape (3,)
        Negative where the gap closed more than predicted.
    """
    errors = []
    for learn, target in backtest.BACKTEST_STEPS:
        known = slice(max(0, learn - last), learn)
        fall = loss[learn - 1] - loss[target]
        predicted = -_slopes(loss[None, known], scores.log_gap[:, known])[0] * fall
        actual = scores.log_gap[:, target] - scores.log_gap[:, learn - 1]
        errors.append(np.median(actual - predicted) / fall)
    return np.array(errors)


def last_miss():
    """Return the share of the gap by which the newest law's line, all sizes, few-shot, missed the largest model."""
    scores = load_scores()
    scores = scores.where(natural_accuracy(scores) & (scores.info["setting"] == "few").to_numpy())
    loss = loss_axis(gpt_shares.published_laws()["replication 2024"])[0][0]
    return float(-np.expm1(step_errors(scores, loss)[-1] * (loss[-2] - loss[-1])))


def family(task):
    """Return the family of a task: rounds and halves of one data set belong together."""
    return next((name for name, start in FAMILIES.items() if task.startswith(start)), task)


def median_interval(shares, families, miss=(0.0,), **options):
    """Return the median over tasks and its 95 % percentile interval; arguments as of `median_draws`."""
    ends = np.percentile(median_draws(shares, families, miss, **options), [2.5, 97.5])
    return float(np.median(shares[0])), *map(float, ends)


def median_draws(shares, families, miss=(0.0,), between=0.0, seed=0, resamples=_RESAMPLES):
    """Return draws of the median over tasks, as a prediction.

    Families of tasks and the law are resampled together, and each draw is carried past
    its end by an error as large as those made before: t distributed, with as many
    degrees of freedom as there were steps to learn it from.

    Parameters
    ----------
    shares : ndarray, shape (r, m)
        Estimate in the first row, resamples of the law in the others (or none).
    families : sequence of str, length m
    miss : sequence of float
        Errors of the log gap made on earlier steps, scaled to this one.
    between : float
        Standard deviation between the medians by all laws, for a law printed without an error.
    seed, resamples : int

    Returns
    -------
    ndarray, shape (resamples,)
    """
    rng = np.random.default_rng(seed)
    error = np.sqrt(np.mean(np.square(miss))) * rng.standard_t(len(miss), resamples)
    names = sorted(set(families))
    members = [np.flatnonzero(np.asarray(families) == name) for name in names]
    by_size = defaultdict(list)  # of one size: their medians are taken together, thousands of small calls are slow
    for i in range(resamples):
        chosen = np.concatenate([members[j] for j in rng.integers(len(names), size=len(names))])
        row = rng.integers(1, len(shares)) if len(shares) > 1 else 0
        by_size[len(chosen)].append((i, shares[row, chosen]))
    medians = np.empty(resamples)
    for drawn in by_size.values():
        places, values = zip(*drawn, strict=True)
        medians[list(places)] = np.median(values, axis=1)
    return 1 - (1 - medians) * np.exp(error) + rng.normal(0, between, resamples)


@lru_cache
def predicted(until=LATEST, path="data"):
    """Return the median share of the remaining gap that a tenfold closes, by every law, line and setting.

    Parameters
    ----------
    until : Timestamp
        Laws published by then.
    path : {'data', 'params', 'both'}

    Returns
    -------
    DataFrame
        ``law``, ``slope`` (which sizes), ``setting``, ``tasks`` and ``estimate``, ``low``, ``high``, ``draws``.
        First row: the newest law, all sizes, few-shot. A law printed without an error has that of
        its rounding and of the spread between all laws public by then. Kept: do not change it in place.
    """
    scores = load_scores()
    scores = scores.where(natural_accuracy(scores))
    axes = {name: loss_axis(law, path) for name, law in reversed(gpt_shares.drawn_laws(until).items())}
    cells = [(slope, last, setting) for slope, last in _SLOPES.items() for setting in reversed(SETTINGS)]
    parts = {setting: scores.where(scores.info["setting"] == setting) for setting in SETTINGS}
    shares = {
        (name, slope, setting): closed(parts[setting], loss, step, last)
        for name, (loss, step) in axes.items()
        for slope, last, setting in cells
    }
    middle = {key: float(np.median(share[0])) for key, share in shares.items()}
    rows = []
    for name, (loss, step) in axes.items():
        for slope, last, setting in cells:
            part, key = parts[setting], (name, slope, setting)
            spread = np.std([middle[each, slope, setting] for each in axes], ddof=1)
            between = 0.0 if name in gpt_shares.RESAMPLED else float(spread)
            miss = step[0] * step_errors(part, loss[0], last)
            draws = median_draws(shares[key], [family(t) for t in part.info["task"]], miss, between)
            low, high = np.percentile(draws, [2.5, 97.5])
            rows.append([name, slope, setting, len(part), middle[key], low, high, draws])
    return pd.DataFrame(rows, columns=["law", "slope", "setting", "tasks", "estimate", "low", "high", "draws"])


def evidence(parts):
    """Return what ten times the data closes of the gap, by each kind of evidence.

    Parameters
    ----------
    parts : sequence of dl_limits.verdicts.Part
        Of the claim: ten times the data, then both (`claims.tenfold_modest`).

    Returns
    -------
    DataFrame
        ``evidence``, ``kind`` ('predicted' or 'measured'), ``estimate``, ``low``, ``high`` (fractions).
    """
    rows = []
    for name, until in (("law of 2020", CUTOFF), ("law of 2024", LATEST)):
        rows.append([f"predicted by the {name}", "predicted", *predicted(until).iloc[0][["estimate", "low", "high"]]])
    for name, part in zip(("Pythia, data alone", "Pythia, data and size"), parts, strict=True):
        rows.append([name, "measured", *(getattr(part.primary, end) for end in ("estimate", "low", "high"))])
    later = natural_experiment()
    rows.append(["Falcon-180B beside GPT-3", "measured", *(later[end] for end in ("estimate", "low", "high"))])
    return pd.DataFrame(rows, columns=["evidence", "kind", "estimate", "low", "high"])


def path_table():
    """Return the predicted median share for each path, few-shot, all sizes, by every law."""
    parts = [predicted(path=p).query("slope == 'all sizes' and setting == 'few'").assign(path=p) for p in _PATHS]
    return pd.concat(parts, ignore_index=True).drop(columns="draws")


def equal_size():
    """Return models of GPT-3's size beside GPT-3: the share of its remaining gap that each closes.

    Returns
    -------
    DataFrame
        The table ``equal_size_scores`` without GPT-3's own rows, with ``closed`` (negative:
        below GPT-3) and ``times_data``. Of several scorings of one task and protocol the
        length-normalised one is kept, as the GPT-3 paper uses it for multiple choice.
    """
    table = data.load("equal_size_scores")
    artefact = (table["task"] == "WiC") & (table["shots"] == 0)  # GPT-3's zero-shot cell, 0.0 by format
    table = table[(table["model"] != "GPT-3 175B") & ~artefact].sort_values(
        "scoring"
    )  # 'accuracy' before 'length_normalised'
    table = table.drop_duplicates(["model", "task", "protocol"], keep="last").sort_index()
    base = table["gpt3_score_pct"]
    ratio = table["training_tokens"].astype(float) / gpt_family.tokens("GPT-3")[0]
    return table.assign(closed=(table["score_pct"] - base) / (100 - base), times_data=ratio)


def natural_experiment(model="Falcon-180B", *, withdrawn=False):
    """Return the median share of GPT-3's gap closed by one model of its size, tasks counted once.

    Descriptive: one model, whose recipe, corpus, protocol and contamination differ too.
    The interval is the exact one of a median (order statistics) and covers the choice
    of tasks alone.

    Parameters
    ----------
    model : str
        A model of ``equal_size_scores``.
    withdrawn : bool
        Whether runs that a later model card withdrew count.

    Returns
    -------
    dict
        ``tasks`` (families), ``times_data``, ``estimate``, ``low``, ``high``, ``better`` (share of
        families on which it beats GPT-3).
    """
    table = equal_size()
    keep = (table["model"] == model) & (withdrawn | ~table["withdrawn"].astype(bool))
    table = table[keep]
    by_task = table.groupby(table["task"].map(family))["closed"].mean()
    interval = stats.quantile_test(by_task.to_numpy(), q=0, p=0.5).confidence_interval(0.95)
    return {
        "tasks": len(by_task),
        "times_data": float(table["times_data"].iloc[0]),
        "estimate": float(by_task.median()),
        "low": float(interval.low),
        "high": float(interval.high),
        "better": float((by_task > 0).mean()),
    }
