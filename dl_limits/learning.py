"""What the runs of the learning-curve experiments say: curves, slopes, forecasts, advantages.

Repeated splits share images, so the spread over seeds understates how much the mean of
all splits would move with other images. Intervals over seeds of the digit tasks therefore
use the variance of Nadeau and Bengio (2003): ``s² (1/J + share/(1 - share))`` for J splits
that hold out ``share`` of the images, not ``s²/J``. Texts of the language are independent.
"""

from __future__ import annotations

import pandas as pd

from dl_limits.extrapolation import extrapolate
from dl_limits.powerlaw import PowerLaw

METHODS = ("average of laws", "power law", "power law with floor", "no change")


def measure(task):
    """Return what a task is judged by: loss for the language, whose floor is known, else error."""
    return "test_loss_nats" if task.startswith("language") else "test_error_pct"


def means(runs, task, width):
    """Return the mean over seeds at each size.

    Parameters
    ----------
    runs : DataFrame
        From `experiments.run` or the table ``learning_curve_runs``.
    task, width : str, int
        Which curve.

    Returns
    -------
    Series, indexed by size

    Raises
    ------
    ValueError
        Where there are no such runs.
    """
    return by_seed(runs, task, width).mean(axis=1)


def by_seed(runs, task, width, column=None):
    """Return one measure of a curve, one row a size, one column a seed; arguments as in `means`."""
    some = runs[(runs["task"] == task) & (runs["width"] == width)]
    if some.empty:
        raise ValueError(f"no runs of task {task!r} with width {width}")
    return some.pivot_table(index="size", columns="seed", values=column or measure(task)).astype(float)


def carry_on(curve, sizes, level=0.95):
    """Forecast a mean curve at larger sizes, by several methods.

    Parameters
    ----------
    curve : Series, indexed by size
        At least four points.
    sizes : sequence of int
        Where to.
    level : float
        Of the intervals for a new observation.

    Returns
    -------
    DataFrame
        ``method``, ``size``, ``forecast``, ``low``, ``high``; 'no change' has no interval.
    """
    x, y = curve.index.to_numpy(float), curve.to_numpy(float)
    models = dict(
        zip(METHODS, (extrapolate(x, y), PowerLaw(y, x).fit(), PowerLaw(y, x, floor="estimate").fit()), strict=False)
    )
    parts = []
    for method, model in models.items():
        low, high = model.predict_interval(sizes, level=level)
        parts.append(pd.DataFrame({"size": sizes, "forecast": model.predict(sizes), "low": low, "high": high}))
        parts[-1].insert(0, "method", method)
    parts.append(pd.DataFrame({"method": METHODS[-1], "size": sizes, "forecast": y[-1]}))
    return pd.concat(parts, ignore_index=True)


def forecasts(small, large):
    """Forecast every curve of one table of runs at the sizes that only another one has.

    Parameters
    ----------
    small : DataFrame
        The runs that are known.
    large : iterable of tuple
        ``(task, width, size)`` of runs to come.

    Returns
    -------
    DataFrame
        ``task``, ``width`` and the columns of `carry_on`.
    """
    parts = []
    for (task, width), _ in small.groupby(["task", "width"], sort=False):
        curve = means(small, task, width)
        sizes = sorted({s for t, w, s in large if (t, w) == (task, width)} - set(curve.index))
        parts.append(carry_on(curve, sizes).assign(task=task, width=width))
    table = pd.concat(parts, ignore_index=True)
    return table[["task", "width", "method", "size", "forecast", "low", "high"]]
