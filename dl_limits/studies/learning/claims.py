"""Claims of the chapter on learning curves: more data helps; from scratch on few data is worse.

A generic sentence has two readings: *typically*, the mean over tasks, and *always*, which one clear exception
refutes. Both verdicts rest on nineteen published tasks (`vtab`), public since October 2019; the small runs
of the chapter illustrate them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.dates import date_of
from dl_limits.studies.learning import curves, vtab
from dl_limits.verdicts import Part, Power, Region, Threshold, Verdict, combine
from dl_limits.words import fall, number

WORSE = Region(2.0)  # points of error by which a start from scratch must be worse
FALLING = Region(high=0.0)  # change of the log error
_OWN_RUNS = pd.Timestamp("2026-11-24")  # when the full grid was run
TYPICALLY, ALWAYS = "typically", "always"
_NEEDS = "more tasks of the same kind, or two trainings for each"


# ------------------------------------------------------------------ from scratch


def from_scratch(evidence="2026"):
    """Return the verdict on "from scratch with small data … you'll achieve lesser performance".

    Estimand: error from scratch minus error after pretraining, same network, 1,000 examples. Primary is the start that
    the sentence names, supervised on ImageNet; the fourteen other starts are other analyses. *Typically*: the
    mean over the tasks exceeds two points; *always*: the smallest does.
    """
    date_of(evidence)
    parts = _scratch_parts(vtab.published_scores())
    mean, least = (part.primary for part in parts)
    reason = (
        f"On {_tasks()} image tasks with 1,000 examples, starting from scratch cost {mean.estimate:.0f} points of "
        f"accuracy on average; on at least one it cost none ({least.estimate:.1f})."
    )
    return Verdict.of(
        "from-scratch",
        evidence,
        parts,
        unit="points of error",
        reason=reason.replace("-", "−"),
        brief=f"It cost {mean.estimate:.0f} points on average, and nothing on one task.",
        evidence_to=_published(),
    )


def _scratch_parts(table):
    methods = [m for m in table["method"].unique() if m not in (vtab.SCRATCH, vtab.SUPERVISED)]
    found = {method: vtab.advantages(table, method) for method in [vtab.SUPERVISED, *methods]}
    means = [vtab.mean_over_tasks(f"against {m}", rows["estimate"]) for m, rows in found.items()]
    least = [vtab.extreme(f"against {m}", rows, largest=False) for m, rows in found.items()]
    return [
        Part(TYPICALLY, WORSE, means[0], tuple(means[1:]), _NEEDS),
        Part(ALWAYS, WORSE, least[0], tuple(least[1:]), _NEEDS),
    ]


def _scratch_at(truth, evidence, rng):
    """Return the word if starts from scratch cost `truth` points, half of that to one and a half times, by task."""
    table = vtab.published_scores()
    few = table[table["train_examples"] == vtab.FEW_EXAMPLES].set_index(["method", "task"])
    other = few.loc[vtab.SUPERVISED].reset_index()
    true = other["error"].clip(0.12, 0.6)  # room for either sign
    scratch = true + truth / 100 * rng.uniform(0.5, 1.5, len(true))
    drawn = [
        other.assign(
            method=name, error=rng.binomial(other["examples"].astype(int), error.clip(0, 1)) / other["examples"]
        )
        for name, error in ((vtab.SUPERVISED, true), (vtab.SCRATCH, scratch))
    ]
    return _word(_scratch_parts(pd.concat(drawn)))


# ------------------------------------------------------------------ more data


def more_data(evidence="2026"):
    """Return the verdict on "if you train with more data, you'll achieve more performance".

    Estimand: the change of the log error from 1,000 examples to all (1,000 to some 400,000, by task). *Typically*:
    its mean over the tasks, from scratch, as the sentence has it; other starts and, once they were run, the last
    doublings of the chapter's own curves are other analyses. *Always*: the largest change over all starts and tasks,
    since one clear exception refutes; without the start whose training collapsed, from scratch
    alone, and the chapter's own doublings are other analyses.
    """
    until = date_of(evidence)
    own = until >= _OWN_RUNS
    parts = _more_parts(vtab.published_scores(), curves.stored() if own else None)
    typical, worst = (part.primary for part in parts)
    reason = (
        f"On {_tasks()} image tasks, going from 1,000 examples to all left {100 * np.exp(typical.estimate):.0f} % "
        f"of the error (geometric mean); but one network then made {np.exp(worst.estimate):.1f} times as many."
    )
    return Verdict.of(
        "more-data",
        evidence,
        parts,
        unit="change of log error",
        reason=reason,
        brief=f"Typically yes, but one network then made {np.exp(worst.estimate):.1f} times as many errors.",
        evidence_to=_OWN_RUNS if own else _published(),
    )


def _more_parts(table, runs=None):
    rows = vtab.log_changes(table)
    by_start = dict(list(rows.groupby("method", sort=False)))
    scratch = by_start.pop(vtab.SCRATCH)
    typical = [vtab.mean_over_tasks(f"from {name}", part["estimate"]) for name, part in by_start.items()]
    exceptions = [vtab.extreme("from scratch alone", scratch, largest=True)]
    if worst := rows.groupby("method")["estimate"].max().idxmax() if by_start else None:
        exceptions.append(vtab.extreme(f"without {worst}", rows[rows["method"] != worst], largest=True))
    if runs is not None:
        typical.append(vtab.mean_over_tasks("own runs, last doubling", last_doublings(runs)["estimate"]))
        exceptions.append(vtab.extreme("own runs, last doubling", last_doublings(runs), largest=True))
    first = vtab.mean_over_tasks("from scratch", scratch["estimate"])
    return [
        Part(TYPICALLY, FALLING, first, tuple(typical), _NEEDS),
        Part(ALWAYS, FALLING, vtab.extreme("all starts", rows, largest=True), tuple(exceptions), _NEEDS),
    ]


def last_doublings(runs):
    """Return the change of the log measure over the last doubling of each stored curve, with its standard error.

    Parameters
    ----------
    runs : DataFrame
        As of `curves.stored`.

    Returns
    -------
    DataFrame
        ``task``, ``width``, ``estimate``, ``standard_error``.
    """
    found = []
    for task, width in curves.curves(runs):
        if task in curves.PARTNERS:
            frame = curves.by_seed(runs, task, width).iloc[-2:]
            step = curves.jackknife(lambda y: np.log(y[1] / y[0]), [frame], task).iloc[0]
            error = (step["high"] - step["estimate"]) / stats.t.isf(0.025, frame.shape[1] - 1)
            found.append({"task": task, "width": width, "estimate": step["estimate"], "standard_error": error})
    return pd.DataFrame(found)


def _more_at(truth, evidence, rng):
    """Return the word if each log error changed by `truth`, half of that to one and a half times."""
    table = vtab.published_scores()
    few = table[table["train_examples"] == vtab.FEW_EXAMPLES]
    true = few["error"].clip(0.02, 0.3)  # room to rise threefold
    after = true * np.exp(truth * rng.uniform(0.5, 1.5, len(few)))
    drawn = [
        few.assign(
            train_examples=size, error=rng.binomial(few["examples"].astype(int), error.clip(0, 1)) / few["examples"]
        )
        for size, error in ((vtab.FEW_EXAMPLES, true), (vtab.ALL_EXAMPLES, after))
    ]
    return _word(_more_parts(pd.concat(drawn)))


# ------------------------------------------------------------------ shared


def _word(parts):
    return combine({part.name: part.word for part in parts})


def _tasks():
    return vtab.published_scores()["task"].nunique()


def _published():
    return data.published("vtab_scores", data.load("vtab_scores")).max()


CLAIMS = {"from-scratch": from_scratch, "more-data": more_data}
THRESHOLDS = {
    "from-scratch": Threshold(
        "“lesser” means at least {} of accuracy lost",
        lambda parts: WORSE.low,
        lambda part, value, own: Region(value),
        tuple(np.arange(0, 81) / 2),
        lambda value: f"{number(value)} points",
    ),
    "more-data": Threshold(
        "“more performance” means at least {} of the error gone",
        lambda parts: 0.0 - FALLING.high,  # no minus before zero
        lambda part, value, own: Region(high=-value),
        tuple(-np.log1p(-np.arange(1, 96) / 100)),
        lambda value: f"{fall(-value)} %",
    ),
}
POWER = {
    "from-scratch": Power(
        lambda evidence: {"inside": 20.0, "border": WORSE.low, "outside": -10.0},
        _scratch_at,
        "test images; costs that differ by half on either side between tasks",
    ),
    "more-data": Power(
        lambda evidence: {"inside": -1.0, "border": 0.0, "outside": 1.0},
        _more_at,
        "test images; changes that differ by half on either side between tasks and starts",
    ),
}
