"""Claims of the chapter on learning curves: more data helps; from scratch on few data is worse."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import CUTOFF, date_of
from dl_limits.studies.learning import curves
from dl_limits.verdicts import UNDECIDED, Verdict, decide

FALLING = (-np.inf, 0.0)
WORSE = (2.0, np.inf)  # points of error by which a start from scratch must be worse


def more_data(evidence="2026"):
    """Return the verdict on "if you train with more data, you'll achieve more performance".

    On the evidence to 2026: the slope of log error per doubling of the data in the
    stored full grid, a component a task, whose interval is the union over all its
    network sizes. On that of July 2020: the exponents published by then, of which
    none was printed with an interval; their range stands in for one.
    """
    until = date_of(evidence)
    if date_of(evidence) == CUTOFF:
        table = data.load("learning_curve_published")
        slopes = -np.log(2) * table.loc[table["published"] <= until, "exponent"]
        low, high, point = slopes.min(), slopes.max(), slopes.median()
        components = {"published exponents": decide(low, high, FALLING)}
        reason = f"All {len(slopes)} published exponents that we could read are falls; none came with an interval."
    else:
        table = curves.slopes(curves.stored()).sort_values("width", ascending=False, kind="stable")
        parts = {name: table[table["task"] == task] for task, name in curves.TASK_NAMES.items()}
        components = {name: decide(t["low"].min(), t["high"].max(), FALLING) for name, t in parts.items()}
        low, high, point = table["low"].min(), table["high"].max(), table["estimate"].iloc[0]
        reason = (
            f"In our runs each doubling of the data took {_fall(table['estimate'].max())} to "
            f"{_fall(table['estimate'].min())} off the error or loss, over {len(table)} curves of {len(parts)} tasks."
        )
    return Verdict.of(
        "more-data",
        evidence,
        components=components,
        numbers=(point, low, high),
        unit="change of log error a doubling",
        reason=reason,
    )


def _fall(slope):
    return f"{100 * (1 - np.exp(slope)):.1f} %"


def from_scratch(evidence="2026"):
    """Return the verdict on "from scratch with small data … you'll achieve lesser performance".

    The paired difference of test error, from scratch minus pretrained, at the smallest
    size, must be above two points on every task. Scoped to the tasks run here; no
    such pair of July 2020 is in our tables.
    """
    unit = "points of error"
    if date_of(evidence) == CUTOFF:
        components = dict.fromkeys(curves.TASK_NAMES.values(), UNDECIDED)
        reason = "These runs did not exist, and our tables hold no earlier pair with an interval."
        return Verdict.of(
            "from-scratch", evidence, components=components, numbers=(np.nan, -np.inf, np.inf), unit=unit, reason=reason
        )
    table = smallest()
    components = {row.name: decide(row.low, row.high, WORSE) for row in table.itertuples()}
    point, low, high = table["estimate"].iloc[0], table["low"].min(), table["high"].max()
    listed = "; ".join(
        f"{row.name} {row.estimate:+.1f} (95 % interval {row.low:.1f} to {row.high:.1f}) with {row.size} examples"
        for row in table.itertuples()
    )
    reason = f"Points of error from scratch minus pretrained: {listed}.".replace("-", "−")
    return Verdict.of(
        "from-scratch", evidence, components=components, numbers=(point, low, high), unit=unit, reason=reason
    )


def smallest():
    """Return the first row of `curves.advantage` of every task, with ``task`` and ``name``."""
    runs = curves.stored()
    rows = [
        curves.advantage(runs, task).iloc[:1].assign(task=task, name=name) for task, name in curves.TASK_NAMES.items()
    ]
    return pd.concat(rows, ignore_index=True)


def more_data_alternatives():
    """Judge each task and size of network of chapter 05."""
    table = curves.slopes(curves.stored())
    return [decide(row.low, row.high, FALLING) for row in table.itertuples()]


CLAIMS = {"from-scratch": from_scratch, "more-data": more_data}
ALTERNATIVES = {
    "more-data": (more_data_alternatives, "task, size of network"),
}
