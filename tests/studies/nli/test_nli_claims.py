"""The verdicts on adversarial NLI, on both sides of their margins."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.inference.chance import ChanceTest
from dl_limits.studies.nli import cells, claims
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED

EXAMPLES = np.repeat([1000, 1000, 1200], 3)


def parts(excess, noise=1.9):
    scores = np.round(100 / 3 + np.broadcast_to(excess, 9), 1)
    return claims._chance_parts(ChanceTest(scores, EXAMPLES), noise)


@pytest.mark.parametrize(
    ("excess", "words"),
    [
        (0.0, [HOLDS, HOLDS]),
        (2.2, [HOLDS, HOLDS]),
        (2.5, [UNDECIDED, HOLDS]),
        (5.0, [UNDECIDED, UNDECIDED]),
        (20.0, [FAILS, FAILS]),
        ([0] * 8 + [30], [UNDECIDED, FAILS]),  # one clear exception refutes "every"
        ([0] * 8 + [7], [HOLDS, UNDECIDED]),
    ],
)
def test_the_mean_and_every_single_score(excess, words):
    assert [part.word for part in parts(excess)] == words


def test_the_mean_errs_as_rounds_and_wordings_do():
    share, noise = 2 / 9, 3.0
    questions = np.sqrt(1e4 * share * (1 / 1000 + 1 / 1000 + 1 / 1200)) / 3
    assert claims.mean_error([1000, 1000, 1200], 0) == pytest.approx(questions)
    assert claims.mean_error([1000, 1000, 1200], noise) == pytest.approx(np.hypot(questions, noise / np.sqrt(3)))


@pytest.mark.parametrize("error", [0.8, 1.4, 2.4, 5.0])
def test_a_score_at_chance_stays_below_the_margin_nine_times_in_ten(error):
    shown = lambda m: stats.norm.cdf((m - 1.959964 * error) / error)  # noqa: E731
    margin = claims.margin(error)
    assert shown(margin) >= 0.9 > shown(margin - 1) and margin == int(margin)


def test_noise_is_what_was_measured_on_the_model_itself():
    late, early = cells.own_noise(LATEST), cells.own_noise(CUTOFF)
    table = cells.measured_noise()
    own = table[table["model"] == cells.LARGEST_MODEL]
    draws = own.loc[own["noise"] == "other worked examples", "sd"]
    assert early[0] == pytest.approx(np.sqrt((draws**2).mean()))
    wordings = own.loc[own["noise"] == "other wording"].iloc[0]
    pooled = ((draws**2).sum() + (wordings["runs"] - 1) * wordings["sd"] ** 2) / (len(draws) + wordings["runs"] - 1)
    assert late[0] == pytest.approx(np.sqrt(pooled))
    freedom = len(draws)
    assert stats.chi2.cdf(freedom * (early[0] / early[1]) ** 2, freedom) == pytest.approx(0.1)
    assert early[1] > late[1] > late[0]  # more was known later


def test_evidence_of_2020_knows_nothing_later(monkeypatch):
    table = data.load("nli_results")
    early = table[table["published"] <= CUTOFF]
    chosen = (claims.little_better, claims.corpus_not_enough)
    expected = [(v.verdict, v.low, v.high) for v in (claim("2020") for claim in chosen)]
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: early if name == "nli_results" else load(name))
    for cached in (claims._gaps_then, claims._gaps_since):
        cached.cache_clear()
    monkeypatch.setattr(cells, "reevaluation", lambda: table[table["source"].eq("bigscience_evaluation")])
    assert [(v.verdict, v.low, v.high) for v in (claim("2020") for claim in chosen)] == expected


def then(*models):
    rows = [
        [name, f"round {k + 1}", right, (low + high) / 2, low, high]
        for name, right, ends in models
        for k, (low, high) in enumerate(ends)
    ]
    return pd.DataFrame(rows, columns=["model", "round", "right", "difference", "low", "high"])


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ([(-9, -1), (-9, -2), (-9, -0.1)], HOLDS),
        ([(-9, -1), (-9, -2), (-9, 0.1)], UNDECIDED),
        ([(-9, -1), (-9, -2), (3, 9)], FAILS),
        ([(-9, -1), (-9, -2), (0.1, 9)], UNDECIDED),  # clear by itself, not of three
    ],
)
def test_every_round_must_be_behind(ends, word):
    assert claims._then(then(("small", 10, ends))).word == word


def test_the_small_model_with_most_right_answers_is_primary():
    part = claims._then(then(("weak", 5, [(1, 2)] * 3), ("strong", 9, [(-5, -4)] * 3)))
    assert part.primary.name == "against strong" and part.word == HOLDS and part.robustness == 0.5


def since(ends, group="prompted only"):
    rows = [[group, f"round {k + 1}", "m", 60.0, LATEST, (a + b) / 2, a, b] for k, (a, b) in enumerate(ends)]
    return pd.DataFrame(
        rows, columns=["group", "round", "model", "accuracy_pct", "published", "difference", "low", "high"]
    )


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ([(-9, -4), (-2, 1), (-2, 1)], HOLDS),  # short in one round: not solved
        ([(-9, -2.9), (-2, 1), (-2, 1)], UNDECIDED),
        ([(-2, 1), (-2.5, 1), (-1, 1)], FAILS),
        ([(-3.1, 1), (-2.5, 1), (-1, 1)], UNDECIDED),
    ],
)
def test_solved_is_within_three_points_in_all_rounds(ends, word):
    assert claims._since(since(ends)).word == word


def test_models_that_trained_on_the_test_never_give_the_word():
    prompted, trained = since([(-9, -4)] * 3), since([(5, 9)] * 3, "trained on ANLI")
    part = claims._since(pd.concat([prompted, trained]))
    assert part.word == HOLDS and part.words["trained on ANLI"] == FAILS


def test_later_models_enter_when_they_are_public():
    assert not len(claims._gaps_since(CUTOFF))
    assert set(claims.corpus_not_enough("2020").components) == {"GPT-3 then"}
    late = claims.corpus_not_enough("2026")
    assert set(late.components) == {"GPT-3 then", "any prompted model since"}
    gaps = claims._gaps_since(LATEST)
    assert gaps["published"].max() <= LATEST and {"training unknown, dev questions"} <= set(gaps["group"])


@pytest.mark.parametrize("claim", [claims.little_better, claims.corpus_not_enough])
def test_unknown_evidence_is_named(claim):
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claim("2021")


def test_counted_answers_add_up():
    table = data.load("anli_later").dropna(subset=["correct"])
    assert len(table) and (100 * table["correct"] / table["examples"] - table["accuracy_pct"]).abs().max() < 0.01
