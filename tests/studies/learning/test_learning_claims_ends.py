"""Every end and number of the verdicts on small data and more data, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits.studies.learning import claims, curves, vtab
from dl_limits.verdicts import FAILS, HOLDS, Analysis, Part, Region
from dl_limits.words import fall

NEEDS = "more tasks of the same kind, or two trainings for each"
PUBLISHED = "2019-10"


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


@pytest.mark.parametrize(("region", "end", "beyond"), [(claims.WORSE, 2.0, -np.inf), (claims.FALLING, 0.0, np.inf)])
def test_the_end_belongs_to_what_holds(region, end, beyond):
    assert [region.word(v, v) for v in (end, np.nextafter(end, beyond))] == [HOLDS, FAILS]


def test_the_thresholds_offered():
    scratch, more = (claims.THRESHOLDS[name] for name in ("from-scratch", "more-data"))
    assert scratch.grid == tuple(k / 2 for k in range(81)) and scratch.own([]) == 2.0
    assert scratch.region(Part("p"), 4.5, 2.0) == Region(4.5) and scratch.form(4.5) == "4.5 points"
    assert [1 - np.exp(-value) for value in more.grid] == pytest.approx([k / 100 for k in range(1, 96)])
    assert more.own([]) == 0.0 and str(more.own([])) == "0.0"  # no minus before zero
    assert more.region(Part("p"), 0.7, 0.0) == Region(high=-0.7)
    assert more.form(np.log(2)) == f"{fall(-np.log(2))} %" == "50 %"


def parts(typical, worst, region):
    exact = lambda value: Analysis("a", value, value, value)  # noqa: E731
    return [Part("typically", region, exact(typical)), Part("always", region, exact(worst))]


def test_from_scratch_is_told_with_its_numbers(monkeypatch):
    monkeypatch.setattr(claims, "_scratch_parts", lambda table: parts(12.4, -0.56, claims.WORSE))
    found = claims.from_scratch("2020")
    tasks = vtab.published_scores()["task"].nunique()
    assert found.reason.startswith(f"On {tasks} image tasks with 1,000 examples")
    assert "cost 12 points of accuracy on average; on at least one it cost none (−0.6)." in found.reason
    assert found.brief == "It cost 12 points on average, and nothing on one task."
    assert (found.estimate, found.evidence_to) == (12.4, PUBLISHED)


@pytest.mark.parametrize(
    ("evidence", "own"), [("2020", False), ("2026-11-23", False), ("2026-11-24", True), ("2026", True)]
)
def test_more_data_is_told_with_its_numbers(monkeypatch, evidence, own):
    seen = []
    found = parts(np.log(0.95), np.log(1.5), claims.FALLING)
    monkeypatch.setattr(claims, "_more_parts", lambda table, runs: seen.append(runs) or found)
    monkeypatch.setattr(curves, "stored", lambda: "runs")
    said = claims.more_data(evidence)
    assert seen == ["runs" if own else None] and said.evidence_to == ("2026-11" if own else PUBLISHED)
    assert "left 95 % of the error (geometric mean); but one network then made 1.5 times as many." in said.reason
    assert "made 1.5 times as many errors" in said.brief


def scores(rows):
    found = [
        {"method": m, "task": f"t{k}", "examples": 1e4, "train_examples": size, "error": error}
        for (m, size), errors in rows.items()
        for k, error in enumerate(errors)
    ]
    return pd.DataFrame(found)


FEW, ALL = vtab.FEW_EXAMPLES, vtab.ALL_EXAMPLES
TABLE = scores(
    {
        (vtab.SCRATCH, FEW): [0.5, 0.4, 0.3],
        (vtab.SUPERVISED, FEW): [0.2, 0.3, 0.25],
        ("other", FEW): [0.3, 0.3, 0.35],
        (vtab.SCRATCH, ALL): [0.2, 0.3, 0.1],
        (vtab.SUPERVISED, ALL): [0.1, 0.1, 0.2],
        ("other", ALL): [0.25, 0.1, 0.5],
    }
)


def test_starts_are_compared_with_the_supervised_one_first():
    mean, least = claims._scratch_parts(TABLE)
    assert list(mean.words) == list(least.words) == [f"against {vtab.SUPERVISED}", "against other"]
    assert mean.primary.estimate == pytest.approx(np.mean([30, 10, 5]))
    assert mean.others[0].estimate == pytest.approx(np.mean([20, 10, -5]))
    assert least.primary.estimate == pytest.approx(5) and least.others[0].estimate == pytest.approx(-5)
    assert [part.needs for part in (mean, least)] == [NEEDS] * 2 and mean.region == least.region == claims.WORSE


def test_changes_are_those_of_all_starts():
    typical, worst = claims._more_parts(TABLE)
    assert list(typical.words) == ["from scratch", f"from {vtab.SUPERVISED}", "from other"]
    assert list(worst.words) == ["all starts", "from scratch alone", "without other"]
    rows = vtab.log_changes(TABLE).set_index(["method", "task"])["estimate"]
    assert typical.primary.estimate == pytest.approx(rows[vtab.SCRATCH].mean())
    assert [o.estimate for o in typical.others] == pytest.approx([rows[vtab.SUPERVISED].mean(), rows["other"].mean()])
    estimates = [each.estimate for each in (worst.primary, *worst.others)]
    kept = rows.drop("other", level="method")
    assert estimates == pytest.approx([rows.max(), rows[vtab.SCRATCH].max(), kept.max()])
    assert typical.needs == worst.needs == NEEDS and typical.region == worst.region == claims.FALLING
    alone = TABLE[TABLE["method"] == vtab.SCRATCH]
    assert [list(part.words) for part in claims._more_parts(alone)] == [
        ["from scratch"],
        ["all starts", "from scratch alone"],
    ]


def test_own_runs_come_last(monkeypatch):
    doublings = pd.DataFrame({"estimate": [-0.5, -0.1, -0.3], "standard_error": 0.01})
    monkeypatch.setattr(claims, "last_doublings", lambda runs: doublings)
    typical, worst = claims._more_parts(TABLE, "runs")
    assert typical.others[-1] == vtab.mean_over_tasks("own runs, last doubling", doublings["estimate"])
    assert worst.others[-1] == vtab.extreme("own runs, last doubling", doublings, largest=True)
    assert worst.others[-1].estimate == pytest.approx(-0.1)


def test_the_error_of_a_doubling_is_that_of_its_interval(monkeypatch):
    frame = pd.DataFrame(np.array([[9.0, 8.0, 7.0], [4.0, 5.0, 6.0], [2.0, 2.5, 2.0]]), index=[1, 2, 4])
    monkeypatch.setattr(curves, "curves", lambda runs: [("known", 8), ("strange", 8)])
    monkeypatch.setattr(curves, "PARTNERS", {"known": None})
    monkeypatch.setattr(curves, "by_seed", lambda runs, task, width: frame)

    def jackknife(change, frames, task):
        assert frames[0].equals(frame.iloc[-2:]) and task == "known"
        assert change(np.array([4.0, 1.0])) == pytest.approx(-np.log(4))
        return pd.DataFrame({"estimate": [-0.7], "low": [-1.0], "high": [-0.4]})

    monkeypatch.setattr(curves, "jackknife", jackknife)
    row = claims.last_doublings(None).iloc[0]
    assert len(claims.last_doublings(None)) == 1 and (row["task"], row["width"], row["estimate"]) == ("known", 8, -0.7)
    assert row["standard_error"] == pytest.approx(0.3 / stats.t.ppf(0.975, 2))


# ------------------------------------------------------------------ simulated truths


def kept(monkeypatch, name):
    """Keep the table that a simulation is judged by."""
    tables = []
    monkeypatch.setattr(claims, name, lambda table: tables.append(table) or parts(-1, -1, claims.FALLING))
    return tables


@pytest.mark.parametrize(("share", "times"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
@pytest.mark.parametrize("truth", [20.0, 2.0, -10.0])
def test_scratch_costs_the_truth(monkeypatch, exact, truth, share, times):
    tables = kept(monkeypatch, "_scratch_parts")
    assert claims._scratch_at(truth, "2020", exact(share=share)) == HOLDS
    drawn = tables[0].set_index(["method", "task"])["error"]
    real = vtab.published_scores().query("train_examples == @FEW and method == @vtab.SUPERVISED")
    real = real.set_index("task")["error"].clip(0.12, 0.6)
    assert drawn[vtab.SUPERVISED].to_numpy() == pytest.approx(real[drawn[vtab.SUPERVISED].index].to_numpy())
    cost = (drawn[vtab.SCRATCH] - drawn[vtab.SUPERVISED]).to_numpy()
    assert cost == pytest.approx(np.maximum(times * truth / 100, -drawn[vtab.SUPERVISED].to_numpy()))  # at most all


@pytest.mark.parametrize(("truth", "end"), [(100.0, 1.0), (-100.0, 0.0)])
def test_no_error_is_below_nought_or_above_one(monkeypatch, exact, truth, end):
    tables = kept(monkeypatch, "_scratch_parts")
    claims._scratch_at(truth, "2020", exact())
    assert tables[0].query("method == @vtab.SCRATCH")["error"].to_numpy() == pytest.approx(end)


@pytest.mark.parametrize(("share", "times"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
@pytest.mark.parametrize("truth", [-1.0, 0.0, 0.5])
def test_every_log_error_changes_by_the_truth(monkeypatch, exact, truth, share, times):
    tables = kept(monkeypatch, "_more_parts")
    assert claims._more_at(truth, "2020", exact(share=share)) == HOLDS
    few, everything = (
        tables[0][tables[0]["train_examples"] == size].set_index(["method", "task"])["error"] for size in (FEW, ALL)
    )
    assert np.log(everything / few).to_numpy() == pytest.approx(times * truth)
    real = vtab.published_scores().query("train_examples == @FEW").set_index(["method", "task"])["error"]
    assert few.to_numpy() == pytest.approx(real.clip(0.02, 0.3)[few.index].to_numpy())


def test_not_more_than_all_is_wrong(monkeypatch, exact):
    tables = kept(monkeypatch, "_more_parts")
    claims._more_at(9.0, "2020", exact())
    assert tables[0].query("train_examples == @ALL")["error"].to_numpy() == pytest.approx(1.0)
