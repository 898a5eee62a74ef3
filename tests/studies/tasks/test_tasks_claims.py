"""The verdicts on records and on ten times more."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.gpt import shares
from dl_limits.studies.tasks import checkpoints, claims, figures, scores, tenfold
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, combine


@pytest.mark.parametrize(
    ("above", "of", "word"), [(0, 34, FAILS), (1, 34, PARTLY), (16, 34, PARTLY), (17, 34, HOLDS), (34, 34, HOLDS)]
)
def test_some_records_and_most(monkeypatch, above, of, word):
    table = pd.DataFrame({"counting": ["a", "BLEU alone"], "above": [above, of], "of": of, "share": [above / of, 1.0]})
    monkeypatch.setattr(scores, "record_shares", lambda: table)
    assert claims.state_of_the_art("2020").verdict == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.0999, HOLDS),
        (0.01, 0.1, HOLDS),
        (0.01, 0.11, UNDECIDED),
        (0.12, 0.2, UNDECIDED),
        (0.25, 0.4, UNDECIDED),
        (0.2501, 0.4, FAILS),
    ],
)
def test_modest(low, high, word):
    assert claims.MODEST.word(low, high) == word


def made(closed, tokens=10.0, params=1.0, error=0.005, tasks=24):
    before = np.linspace(0.3, 0.6, tasks).repeat(2)
    k = np.log10(tokens)
    rows = {
        "task": np.repeat([f"t{i:02d}" for i in range(tasks)], 2),
        "corpus": ["a", "b"] * tasks,
        "before": before,
        "after": 1 - (1 - before) * (1 - closed) ** k,
    }
    ends = {"before_error": error, "after_error": error, "times_tokens": tokens, "times_params": params}
    return pd.DataFrame(rows | ends).set_index(["task", "corpus"])


@pytest.mark.parametrize("tokens", [5.0, 11.0])
def test_a_tenfold_is_the_root_of_what_lies_between(tokens):
    estimate, draws = checkpoints.closed_draws(made(0.2, tokens), np.random.default_rng(0))
    assert estimate == pytest.approx(0.2) and np.quantile(draws, [0.025, 0.975]) == pytest.approx([0.2, 0.2], abs=0.03)


def test_ten_times_both_is_half_of_the_powers_of_ten():
    found = claims._checkpoint("both", None, None, made(0.3, 10.0, 10.0))
    assert found.estimate == pytest.approx(0.3)  # ten times of either is one tenfold of both


def test_the_interval_holds_the_choice_of_tasks():
    rng, held = np.random.default_rng(1), 0
    for i in range(150):
        table = made(0.2, 11.0, error=0.01, tasks=8)
        share = np.clip(rng.normal(0.2, 0.1, 8), 0, 0.9).repeat(2)
        after = 1 - (1 - table["before"]) * (1 - share) ** np.log10(11)
        _, draws = checkpoints.closed_draws(table.assign(after=after), np.random.default_rng(i), resamples=400)
        low, high = np.quantile(draws, [0.025, 0.975])
        held += low <= 0.2 <= high
    assert held >= 0.88 * 150


def test_direct_evidence_is_primary_once_it_is_public():
    early, late = (claims._tenfold_parts(date) for date in (CUTOFF, LATEST))
    assert [part.primary.name for part in early] == ["Kaplan 2020, all sizes, few-shot"] * 2
    assert [part.primary.name for part in late] == ["Pythia 12b", "Pythia 1.4b to 12b"]
    assert "Falcon-180B beside GPT-3" in late[0].words
    assert not any(name.startswith(("Pythia", "Falcon", "Hoffmann", "replication")) for p in early for name in p.words)


def test_the_words_are_those_of_the_two_readings():
    for evidence in ("2020", "2026"):
        found = claims.tenfold_modest(evidence)
        assert set(found.components) == {"ten times the data, same size", "ten times both"}
        assert found.verdict == combine(found.components)


def test_pairs_are_those_of_the_table():
    table = checkpoints.pairs(("12b", checkpoints.EARLY), ("12b", checkpoints.LATE))
    raw = data.load("pythia_checkpoints").set_index("score_id")
    row = table.loc[("piqa", "Pile")]
    assert row["before"] == pytest.approx(raw.loc["12b_pile_13000_piqa", "accuracy_pct"] / 100)
    assert row["after"] == pytest.approx(raw.loc["12b_pile_143000_piqa", "accuracy_pct"] / 100)
    assert row["times_tokens"] == pytest.approx(11) and row["times_params"] == 1 and len(table) == 16


def test_predictions_know_only_laws_of_their_time():
    early = tenfold.predicted(CUTOFF)
    assert set(early["law"]) == {"Kaplan 2020", "Kaplan 2020, single laws"} and len(early) == 12
    assert early["estimate"].between(early["low"], early["high"]).all()


def test_a_law_without_resamples_has_the_spread_between_laws():
    late = tenfold.predicted(LATEST).set_index(["law", "slope", "setting"])
    middle = late["estimate"].xs(("all sizes", "few"), level=("slope", "setting"))
    kaplan = np.std(late.loc[("Kaplan 2020", "all sizes", "few"), "draws"])
    assert kaplan > middle.std(ddof=1) > 0
    assert set(middle.index) > shares.RESAMPLED


def test_unknown_evidence_is_named():
    for claim in claims.CLAIMS.values():
        with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
            claim("2023")


def test_the_figure_of_the_evidence_shows_the_verdicts_own_intervals():
    parts = claims.tenfold_modest().parts
    table = tenfold.evidence(parts).set_index("evidence")
    for name, part in zip(("Pythia, data alone", "Pythia, data and size"), parts, strict=True):
        assert list(table.loc[name, ["estimate", "low", "high"]]) == [
            part.primary.estimate, part.primary.low, part.primary.high]  # fmt: skip
    assert (table["low"] <= table["estimate"]).all() and (table["estimate"] <= table["high"]).all()
    ax = figures.plot_evidence(table.reset_index(), claims.MODEST)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(table.index)[::-1]
    plt.close(ax.figure)
