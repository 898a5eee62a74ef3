"""The verdicts on small data and more data: typically, and always."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data
from dl_limits.studies.learning import claims, curves, vtab
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED

TASKS = [f"task {k}" for k in range(12)]


def errors(scratch, pretrained, size, n=20_000.0):
    rows = [
        {"method": method, "task": task, "examples": n, "train_examples": size, "error": error}
        for method, each in ((vtab.SCRATCH, scratch), (vtab.SUPERVISED, pretrained))
        for task, error in zip(TASKS, np.broadcast_to(each, len(TASKS)), strict=True)
    ]
    return pd.DataFrame(rows)


SPREAD = np.linspace(-0.01, 0.01, len(TASKS))


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (0.10, [HOLDS, HOLDS]),
        (0.10 * (np.arange(12) > 0), [HOLDS, FAILS]),  # one clear exception refutes "always"
        (0.025, [HOLDS, UNDECIDED]),
        (0.02, [UNDECIDED, UNDECIDED]),
        (0.005, [FAILS, FAILS]),
        (-0.05, [FAILS, FAILS]),
    ],
)
def test_from_scratch_typically_and_always(cost, words):
    table = errors(0.3 + cost + SPREAD, 0.3, vtab.FEW_EXAMPLES)
    assert [part.word for part in claims._scratch_parts(table)] == words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (-0.5, [HOLDS, HOLDS]),
        (np.where(np.arange(12) > 0, -0.5, 0.2), [HOLDS, FAILS]),
        (np.where(np.arange(12) > 0, -0.5, 0.0), [HOLDS, UNDECIDED]),
        (0.4, [FAILS, FAILS]),
    ],
)
def test_more_data_typically_and_always(change, words):
    few = errors(0.3, 0.3, vtab.FEW_EXAMPLES)
    full = errors(0.3 * np.exp(change), 0.3 * np.exp(change), vtab.ALL_EXAMPLES)
    assert [part.word for part in claims._more_parts(pd.concat([few, full]))] == words


def test_the_mean_has_a_t_interval_over_tasks():
    values = np.random.default_rng(0).normal(3, 2, 15)
    found = vtab.mean_over_tasks("m", values)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 14, values.mean(), stats.sem(values)))


@pytest.mark.parametrize("largest", [True, False])
def test_the_extreme_of_many_holds_together(largest):
    rng, truth, held = np.random.default_rng(1), np.linspace(-1, 1, 19), 0
    true = truth.max() if largest else truth.min()
    for _ in range(400):
        rows = pd.DataFrame({"estimate": truth + 0.3 * rng.standard_normal(19), "standard_error": 0.3})
        found = vtab.extreme("e", rows, largest)
        held += found.low <= true <= found.high
    assert held >= 0.95 * 400
    assert found.low <= found.estimate <= found.high


def test_advantages_and_changes_by_hand():
    table = errors(0.4, 0.25, vtab.FEW_EXAMPLES, n=1000.0)
    row = vtab.advantages(table).iloc[0]
    assert row["estimate"] == pytest.approx(15.0)
    assert row["standard_error"] == pytest.approx(100 * np.sqrt(0.4 * 0.6 / 1000 + 0.25 * 0.75 / 1000))
    both = pd.concat([table, errors(0.2, 0.0, vtab.ALL_EXAMPLES, n=1000.0)])
    found = vtab.log_changes(both).set_index(["method", "task"])
    assert found.loc[(vtab.SCRATCH, "task 0"), "estimate"] == pytest.approx(np.log(200.5 / 400.5))
    assert np.isfinite(found.loc[(vtab.SUPERVISED, "task 0"), "estimate"])  # none left wrong


def test_last_doublings_are_those_of_the_curves():
    runs = curves.stored()
    found = claims.last_doublings(runs).set_index(["task", "width"])
    means = curves.means(runs, "digits", 128)
    assert found.loc[("digits", 128), "estimate"] == pytest.approx(np.log(means.iloc[-1] / means.iloc[-2]))
    assert (found["standard_error"] > 0).all()


def test_evidence_of_2020_knows_none_of_our_runs(monkeypatch):
    monkeypatch.setattr(curves, "stored", lambda *grid: pytest.fail("looked at runs of 2026"))
    found = claims.more_data("2020")
    assert "own runs, last doubling" not in found.parts[1].words and found.evidence_to == "2019-10"
    assert "own runs, last doubling" in claims._more_parts(vtab.published_scores(), _stored()).pop().words


def _stored():
    table = data.load("learning_curve_runs")
    return table[table["grid"] == "full"].reset_index(drop=True)


def test_the_tables_hold_one_score_for_each_task_start_and_size():
    table = data.load("vtab_scores")
    assert len(table) == 16 * 19 * 2 and not table.duplicated(["method", "task", "train_examples"]).any()
    assert {vtab.SCRATCH, vtab.SUPERVISED} <= set(table["method"])
