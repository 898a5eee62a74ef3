"""What the runs of the learning-curve experiments say: curves, slopes, gains, advantages.

Repeated splits share images, so the spread over seeds understates how much a mean over
splits would move with other images. Intervals over seeds of the digit tasks therefore use
the variance of Nadeau and Bengio (2003), ``s² (1/J + share / (1 - share))`` for J splits
that each hold out ``share`` of the images, instead of ``s²/J``. Texts of the language are
drawn anew for each seed and need no such correction.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.experiments.runs import WIDTHS
from dl_limits.experiments.training import TEST_SHARE
from dl_limits.laws.checks import choice
from dl_limits.laws.resampling import percentile_interval

PARTNERS = {"digits": "digits_pretrained", "five_digits": "five_pretrained", "language": "language_pretrained"}
WIDEST = {task: WIDTHS[task.split("_")[0]] for pair in PARTNERS.items() for task in pair}
TASK_NAMES = {"digits": "ten digits", "five_digits": "five digits", "language": "next word"}


def stored(grid="full"):
    """Return the stored runs of a grid, from the table ``learning_curve_runs``."""
    runs = data.load("learning_curve_runs")
    choice(grid, sorted(set(runs["grid"])), "grid")
    return runs[runs["grid"] == grid].reset_index(drop=True)


def same_runs(mine, ours):
    """Compare runs made anywhere with the stored ones.

    Returns
    -------
    DataFrame
        The runs that both tables hold, with ``error_difference`` and ``loss_difference``.
    """
    keys = ["task", "width", "size", "seed"]
    both = mine.merge(ours, on=keys, suffixes=("", "_stored"))
    for name, column in (("error_difference", "test_error_pct"), ("loss_difference", "test_loss_nats")):
        both[name] = (both[column] - both[f"{column}_stored"]).astype(float)
    return both[[*keys, "error_difference", "loss_difference"]]


def _measure(task):
    """Return what a task is judged by: loss for the language, whose floor is known, else error."""
    return "test_loss_nats" if task.startswith("language") else "test_error_pct"


def by_seed(runs, task, width, column=None):
    """Return a curve of every repetition.

    Parameters
    ----------
    runs : DataFrame
        From `experiments.run` or `stored`.
    task : str
        A task of `training`.
    width : int
        Hidden units.
    column : str, optional
        'test_error_pct' or 'test_loss_nats'; the task's own `_measure` by default.

    Returns
    -------
    DataFrame
        One row a size, one column a seed.

    Raises
    ------
    ValueError
        Where there are no such runs.
    """
    some = runs[(runs["task"] == task) & (runs["width"] == width)]
    if some.empty:
        raise ValueError(f"no runs of task {task!r} with width {width}")
    return some.pivot_table(index="size", columns="seed", values=column or _measure(task)).astype(float)


def means(runs, task, width):
    """Return the mean over seeds at each size, a Series; arguments and errors as in `by_seed`."""
    return by_seed(runs, task, width).mean(axis=1)


def curves(runs):
    """Yield task and width of every curve."""
    yield from runs[["task", "width"]].drop_duplicates().itertuples(index=False, name=None)


# ------------------------------------------------------------------ intervals over seeds


def variance_factor(task, seeds):
    """Return by what the variance over seeds is multiplied to give that of their mean."""
    overlap = 0.0 if task.startswith("language") else TEST_SHARE / (1 - TEST_SHARE)
    return 1 / seeds + overlap


def jackknife(statistic, frames, task):
    """Estimate a statistic of mean curves, with t intervals from leaving out one seed at a time.

    Parameters
    ----------
    statistic : callable
        Takes one array of means for each of `frames`, returns an array, shape (k,).
    frames : list of DataFrame
        From `by_seed`, with equal columns: a seed is left out of all at once.
    task : str
        Says whether seeds share images (see the module).

    Returns
    -------
    DataFrame, shape (k, 3)
        ``estimate``, ``low``, ``high`` (95 %).

    Raises
    ------
    ValueError
        For fewer than two seeds, or frames whose seeds differ.
    """
    seeds = frames[0].columns
    if len(seeds) < 2 or any(not frame.columns.equals(seeds) for frame in frames):
        raise ValueError("needs the same two seeds or more in every curve")
    values, n = [frame.to_numpy() for frame in frames], len(seeds)
    estimate = np.atleast_1d(statistic(*(v.mean(axis=1) for v in values)))
    without = [statistic(*(np.delete(v, i, axis=1).mean(axis=1) for v in values)) for i in range(n)]
    pseudo = n * estimate - (n - 1) * np.array(without).reshape(n, -1)
    half = stats.t.isf(0.025, n - 1) * np.sqrt(pseudo.var(axis=0, ddof=1) * variance_factor(task, n))
    return pd.DataFrame({"estimate": estimate, "low": estimate - half, "high": estimate + half})


# ------------------------------------------------------------------ more data


def slope_per_doubling(sizes, y):
    """Return the least-squares slope of log y on the number of doublings of `sizes`."""
    return np.polyfit(np.log2(sizes), np.log(y), 1)[0]


def slopes(runs, tasks=tuple(PARTNERS)):
    """Change of log error (log loss for the language) with each doubling of the data.

    Returns
    -------
    DataFrame
        One row a curve: ``task``, ``width``, ``estimate``, ``low``, ``high`` (natural
        logarithm a doubling), ``first`` and ``last`` (means at the ends).
    """
    rows = []
    for task, width in curves(runs):
        if task in tasks:
            frame = by_seed(runs, task, width)
            sizes = frame.index.to_numpy(float)
            found = jackknife(lambda y, x=sizes: slope_per_doubling(x, y), [frame], task).iloc[0]
            mean = frame.mean(axis=1)
            rows.append({"task": task, "width": width, **found, "first": mean.iloc[0], "last": mean.iloc[-1]})
    return pd.DataFrame(rows)


def changes(runs):
    """Return `slopes` with ``estimate``, ``low`` and ``high`` in per cent: what each doubling changes."""
    table = slopes(runs)
    ends = ["estimate", "low", "high"]
    return table.assign(**(100 * (np.exp(table[ends].astype(float)) - 1)))


def data_gains(runs, task, width, floor=0.0):
    """What each doubling of the data took off the error (or loss).

    Parameters
    ----------
    runs, task, width
        As in `by_seed`.
    floor : float
        A known floor: shares are of what lies above it.

    Returns
    -------
    DataFrame
        ``from_size``, ``to_size``; ``estimate``, ``low``, ``high`` in the unit of the
        measure; ``share``, ``share_low``, ``share_high`` of what stood above the floor before.
    """
    frame = by_seed(runs, task, width)
    table = jackknife(lambda y: y[:-1] - y[1:], [frame], task)
    share = jackknife(lambda y: 1 - (y[1:] - floor) / (y[:-1] - floor), [frame], task)
    table[["share", "share_low", "share_high"]] = share
    table.insert(0, "from_size", frame.index[:-1])
    table.insert(1, "to_size", frame.index[1:])
    return table


# ------------------------------------------------------------------ from scratch or pretrained


def _pair(runs, task, column):
    choice(task, PARTNERS, "task")
    frames = [by_seed(runs, name, WIDEST[task], column) for name in (task, PARTNERS[task])]
    sizes = frames[0].index.intersection(frames[1].index)
    seeds = frames[0].columns.intersection(frames[1].columns)
    return [frame.loc[sizes, seeds] for frame in frames]


def advantage(runs, task):
    """Error from scratch minus error after pretraining, same data, split and test.

    Returns
    -------
    DataFrame
        ``size``, ``scratch``, ``pretrained`` (mean errors, per cent) and ``estimate``,
        ``low``, ``high`` (points; above zero where pretraining helps).

    Raises
    ------
    ValueError
        For a task without a pretrained partner.
    """
    scratch, pretrained = frames = _pair(runs, task, "test_error_pct")
    table = jackknife(lambda a, b: a - b, frames, task)
    means = {"size": scratch.index, "scratch": scratch.mean(axis=1), "pretrained": pretrained.mean(axis=1)}
    for place, (name, values) in enumerate(means.items()):
        table.insert(place, name, np.asarray(values))
    return table


def worth(runs, task, draws=4000):
    """How many times as many examples training from scratch needs for the same measure.

    The curve from scratch, made non-increasing, is interpolated over log size. The
    95 % interval is that of draws of both mean curves from a multivariate t distribution
    with their covariance over seeds.

    Parameters
    ----------
    runs, task
        As in `advantage`; compared in the task's own `_measure`.
    draws : int
        Of the simulation.

    Returns
    -------
    DataFrame
        ``size``, ``estimate``, ``low``, ``high``: 1 where pretraining saves nothing,
        ``inf`` (or 0) beyond the largest (smallest) size trained from scratch.
    """
    scratch, pretrained = _pair(runs, task, _measure(task))
    sizes, n = scratch.index.to_numpy(float), scratch.shape[1]
    both = np.vstack([scratch, pretrained])
    rng = np.random.default_rng(0)
    normal = rng.standard_normal((draws, n)) @ (both - both.mean(axis=1, keepdims=True)).T / np.sqrt(n - 1)
    heavy = np.sqrt((n - 1) / rng.chisquare(n - 1, (draws, 1)))
    drawn = both.mean(axis=1) + normal * heavy * np.sqrt(variance_factor(task, n))
    estimate = _multiple(both.mean(axis=1), sizes)
    ends = [percentile_interval(column, 0.05) for column in np.array([_multiple(y, sizes) for y in drawn]).T]
    low, high = np.transpose(ends)
    return pd.DataFrame({"size": scratch.index, "estimate": estimate, "low": low, "high": high})


def worth_by_task(runs):
    """Return `worth` of every task at some of its sizes, counted from the smallest, with ``task``: its name."""
    rows = [worth(runs, task).iloc[[0, 1, 3, 5]].assign(task=name) for task, name in TASK_NAMES.items()]
    return pd.concat(rows, ignore_index=True)


def _multiple(means, sizes):
    falling = np.minimum.accumulate(means[: len(sizes)])
    logs = np.interp(means[len(sizes) :], falling[::-1], np.log(sizes)[::-1], left=np.inf, right=-np.inf)
    return np.exp(logs) / sizes


def ends_at(table):
    """Return the largest size up to which an advantage is there.

    Parameters
    ----------
    table : DataFrame
        From `advantage`.

    Returns
    -------
    float
        The last of the sizes, counted from the smallest, whose intervals all lie
        above zero; NaN if the first does not.
    """
    clear = (table["low"] > 0).to_numpy()
    count = len(clear) if clear.all() else int(clear.argmin())
    return float(table["size"].iloc[count - 1]) if count else np.nan
