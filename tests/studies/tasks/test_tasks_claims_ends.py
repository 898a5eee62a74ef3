"""Every end and number of the verdicts on records and on ten times more, by hand."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.tasks import checkpoints, claims, scores, tenfold
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, Analysis, Part, Region, times_more
from dl_limits.words import about

DAY = pd.Timedelta(days=1)


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


def test_the_ends_of_the_regions():
    assert Region(high=0.10, wrong_above=0.25) == claims.MODEST
    assert Region(1.0) == claims.AT_LEAST_ONE and Region(0.5) == claims.AT_LEAST_HALF


def test_the_thresholds_offered():
    most, modest = (claims.THRESHOLDS[name] for name in ("state-of-the-art", "tenfold-modest"))
    assert most.grid == tuple(k / 100 for k in range(1, 101)) and modest.grid == tuple(k / 100 for k in range(1, 61))
    assert most.own([]) == 0.5 and modest.own([]) == 0.1
    assert most.region(Part("most"), 0.7, 0.5) == Region(0.7) and most.region(Part("some"), 0.7, 0.5) is None
    assert modest.region(Part("p"), 0.2, 0.1) == Region(high=0.2, wrong_above=0.5) and "2.5 times" in modest.meaning
    assert most.form(0.29) == modest.form(0.29) == "29 %"


# ------------------------------------------------------------------ records


def test_all_countings_but_bleu_are_analyses(monkeypatch):
    rows = [("all", 3, 12, 0.25), ("BLEU alone", 9, 9, 1.0), ("tasks", 7, 10, 0.7)]
    table = pd.DataFrame(rows, columns=["counting", "above", "of", "share"])
    some, most = claims._record_parts(table)
    exact = lambda name, value: Analysis(name, value, value, value)  # noqa: E731
    assert (some.primary, some.others) == (exact("all", 3), (exact("tasks", 7),))
    assert (most.primary, most.others) == (exact("all", 0.25), (exact("tasks", 0.7),))
    assert (some.region, most.region) == (claims.AT_LEAST_ONE, claims.AT_LEAST_HALF)
    monkeypatch.setattr(scores, "record_shares", lambda: table)
    found = claims.state_of_the_art("2026")
    assert "on 3 of 12 task-metrics" in found.reason and found.brief == "It beat the record on 3 of 12 measures."
    assert (found.evidence_to, found.verdict, found.estimate) == ("2020-05", PARTLY, 3)


@pytest.mark.parametrize(
    ("truth", "word"), [(0.0, FAILS), (0.02, FAILS), (0.05, PARTLY), (0.49, PARTLY), (0.5, HOLDS), (1.0, HOLDS)]
)
def test_records_drawn_at_a_truth(monkeypatch, exact, truth, word):
    table = pd.DataFrame({"counting": ["all", "x"], "above": 1, "of": [20, 5], "share": 0.5})
    monkeypatch.setattr(scores, "record_shares", lambda: table)
    assert claims._records_at(truth, "2020", exact()) == word


# ------------------------------------------------------------------ ten times more


def test_checkpoints_count_from_their_day():
    day = data.published("pythia_checkpoints", data.load("pythia_checkpoints")).max()
    assert claims._checkpoints_by(day) == day and claims._checkpoints_by(day - DAY) is None


@pytest.mark.parametrize(
    ("until", "newest"),
    [(CUTOFF, "2020-05-28"), ("2021-12-31", "2020-05-28"), ("2022-06-30", "2022-06-30"), ("2022-12-31", "2022-12-31")],
)
def test_the_newest_law_is_dated(until, newest):
    assert claims._newest_law(pd.Timestamp(until)) == pd.Timestamp(newest)


def test_the_largest_pythia_comes_first():
    sizes = claims._sizes()
    assert sizes[0] == checkpoints.SIZE and sorted(sizes) == sorted(checkpoints.COMPARED)
    assert sizes[1:] == [size for size in checkpoints.COMPARED if size != checkpoints.SIZE]


def part(*numbers, name="ten times the data, same size"):
    return claims._modest_part(name, Analysis("a", *numbers))


@pytest.mark.parametrize(
    ("numbers", "border"), [((0.08, 0.05, 0.12), 0.1), ((0.3, 0.2, 0.4), 0.25), ((0.09, 0.0, 0.5), 0.1)]
)
def test_more_tasks_decide_outside_the_middle_ground(numbers, border):
    many = about(times_more(*numbers, border))
    assert part(*numbers).needs.startswith(f"about {many} times as many tasks")


@pytest.mark.parametrize("estimate", [0.1, 0.15, 0.2, 0.25])
def test_in_the_middle_ground_only_another_gain_decides(estimate):
    found = part(estimate, 0.05, 0.4)
    assert found.needs.startswith("a gain outside the rule’s middle ground: between 10 and 25 %")
    assert found.word == UNDECIDED and found.region == claims.MODEST


def test_a_decided_part_needs_nothing():
    assert part(0.05, 0.01, 0.1).needs == "" == part(0.3, 0.26, 0.4).needs


@pytest.mark.parametrize(
    ("evidence", "reason", "brief"),
    [
        ("2020", "same size would close 94 % of what was missing by the newest law of the time", "would close 94 %"),
        ("2026", "same size closed 94 % of what was missing on the largest Pythia", "data closed 94 %"),
    ],
)
def test_ten_times_more_is_told_with_its_numbers(monkeypatch, evidence, reason, brief):
    monkeypatch.setattr(claims, "_tenfold_parts", lambda until: [part(0.94, -0.95, 0.96)])
    found = claims.tenfold_modest(evidence)
    assert reason in found.reason and found.reason.endswith("(−95 to 96 %).") and brief in found.brief
    assert (found.estimate, found.low, found.high) == (0.94, -0.95, 0.96)
    pythia = data.published("pythia_checkpoints", data.load("pythia_checkpoints")).max()
    assert found.evidence_to == ("2020-05" if evidence == "2020" else f"{pythia:%Y-%m}")


def made(closed, tokens, params, tasks=8, error=0.02):
    before = np.linspace(0.3, 0.6, tasks).repeat(2)
    k = np.log10(tokens) if params == 1 else np.log10(tokens * params) / 2
    rows = {
        "task": np.repeat([f"t{i}" for i in range(tasks)], 2),
        "corpus": ["a", "b"] * tasks,
        "before": before,
        "after": 1 - (1 - before) * (1 - closed) ** k,
    }
    ends = {"before_error": error, "after_error": error, "times_tokens": tokens, "times_params": params}
    return pd.DataFrame(rows | ends).set_index(["task", "corpus"])


@pytest.mark.parametrize(("tokens", "params"), [(100.0, 1.0), (11.0, 8.0), (10.0, 0.1 + 0.9 + 1.0)])
def test_the_interval_of_checkpoints_is_that_of_its_draws(tokens, params):
    table = made(0.2, tokens, params)
    found = claims._checkpoint("name", None, None, table)
    k = np.log10(tokens) if params == 1 else np.log10(tokens * params) / 2
    estimate, draws = checkpoints.closed_draws(table, np.random.default_rng(0), k)
    assert found.estimate == pytest.approx(estimate) == pytest.approx(0.2) and found.draws == tuple(draws)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])))


def test_law_analyses_have_the_intervals_of_the_laws(monkeypatch):
    row = {"law": "L", "slope": "all", "setting": "few", "estimate": 0.5, "low": 0.1, "high": 0.3, "draws": (0.1, 0.3)}
    monkeypatch.setattr(tenfold, "predicted", lambda until, path: pd.DataFrame([row]))
    assert claims._by_law(LATEST, "data") == [Analysis("L, all, few-shot", 0.3, 0.1, 0.3, (0.1, 0.3))]


def test_direct_evidence_has_the_largest_pythia_falcon_and_all_laws():
    alone, both = claims._tenfold_parts(LATEST)
    laws = len(claims._by_law(LATEST, "data"))
    falcon = tenfold.natural_experiment()
    assert len(alone.words) == len(checkpoints.COMPARED) + 1 + laws and len(both.words) == 1 + laws
    one = next(each for each in alone.others if each.name.startswith("Falcon"))
    assert (one.estimate, one.low, one.high) == tuple(falcon[end] for end in ("estimate", "low", "high"))
    for found, smaller in ((alone, checkpoints.SIZE), (both, checkpoints.SMALLER)):
        pairs = checkpoints.pairs((smaller, checkpoints.EARLY), (checkpoints.SIZE, checkpoints.LATE))
        again = claims._checkpoint(found.primary.name, None, None, pairs)
        assert found.primary == again


@pytest.mark.parametrize(("share", "times"), [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)])
def test_checkpoints_drawn_at_a_truth_close_so_much(monkeypatch, exact, share, times):
    drawn = []
    keep = lambda name, first, last, table, seed: drawn.append((table, seed)) or Analysis("a", 0.05, 0.01, 0.08)  # noqa: E731
    monkeypatch.setattr(claims, "_checkpoint", keep)
    assert claims._tenfold_at(0.2, "2026", exact(share=share)) == HOLDS
    for (table, seed), size, halves in zip(drawn, (checkpoints.SIZE, checkpoints.SMALLER), (1, 2), strict=True):
        k = np.log10(table["times_tokens"] * table["times_params"]) / halves
        closed = 1 - ((1 - table["after"]) / (1 - table["before"])) ** (1 / k)
        assert closed.to_numpy() == pytest.approx(0.2 * times) and seed == 0
        real = checkpoints.pairs((size, checkpoints.EARLY), (checkpoints.SIZE, checkpoints.LATE))
        assert table["before"].equals(real["before"]) and table["times_params"].equals(real["times_params"])
    claims._tenfold_at(0.9, "2026", exact(share=1.0, normal=1.0))
    noisy, real = drawn[-1][0], drawn[0][0].index
    assert noisy.index.equals(real)
    pairs = checkpoints.pairs((checkpoints.SMALLER, checkpoints.EARLY), (checkpoints.SIZE, checkpoints.LATE))
    assert (noisy["before"] - pairs["before"]).to_numpy() == pytest.approx(pairs["before_error"].to_numpy())
    k = np.log10(pairs["times_tokens"] * pairs["times_params"]) / 2
    most = 1 - (1 - pairs["before"]) * (1 - 0.95) ** k + pairs["after_error"]  # never more than 95 %
    assert noisy["after"].to_numpy() == pytest.approx(most.to_numpy())


def test_each_task_has_one_share_for_both_corpora(monkeypatch):
    drawn = []
    keep = lambda name, first, last, table, seed: drawn.append(table) or Analysis("a", 0.3, 0.26, 0.4)  # noqa: E731
    monkeypatch.setattr(claims, "_checkpoint", keep)

    class Shares:
        def uniform(self, low, high, size):
            return np.linspace(low, high, size)

        def standard_normal(self, size):
            return np.zeros(size)

        def integers(self, end):
            return 0

    assert claims._tenfold_at(0.1, "2026", Shares()) == FAILS
    table = drawn[0]
    closed = 1 - ((1 - table["after"]) / (1 - table["before"])) ** (1 / np.log10(table["times_tokens"]))
    shares = closed.to_numpy().reshape(-1, 2)
    for corpus in shares.T:
        assert corpus == pytest.approx(0.1 * np.linspace(0.5, 1.5, len(shares)))


@pytest.mark.parametrize(("truth", "word"), [(-1.0, HOLDS), (2.0, FAILS)])
def test_before_the_checkpoints_laws_err_as_they_say(exact, truth, word):
    assert claims._tenfold_at(truth, "2020", exact()) == word
