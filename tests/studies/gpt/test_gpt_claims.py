"""The verdicts on the GPT claims follow from their numbers, on both sides of every threshold."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import verdicts
from dl_limits.claims import ledger
from dl_limits.studies.gpt import claims as gpt_claims
from dl_limits.studies.gpt import family
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.studies.tasks import claims as tasks_claims
from dl_limits.studies.tasks import scores, tenfold
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.5, 0.9, HOLDS), (0.49, 0.9, UNDECIDED), (0.01, 0.0999, FAILS), (0.01, 0.10, UNDECIDED), (0.2, 0.4, UNDECIDED)],
)
def test_two_thresholds(low, high, word):
    assert verdicts.between(low, high, 0.10, 0.50) == word


def falcon(low, high):
    return lambda: {"low": low, "high": high, "estimate": (low + high) / 2, "times_data": 11.7}


@pytest.mark.parametrize(
    ("predicted", "measured", "word"),
    [
        ((0.02, 0.099), (0.03, 0.08), HOLDS),
        ((0.02, 0.10), (0.03, 0.08), UNDECIDED),
        ((0.26, 0.40), (0.30, 0.50), FAILS),
        ((0.12, 0.20), (0.12, 0.20), UNDECIDED),  # between the thresholds
        ((0.02, 0.09), (0.30, 0.50), PARTLY),
        ((0.02, 0.28), (0.30, 0.50), UNDECIDED),
    ],
)
def test_modest(monkeypatch, predicted, measured, word):
    table = pd.DataFrame({"estimate": [np.mean(predicted)], "low": [predicted[0]], "high": [predicted[1]]})
    monkeypatch.setattr(tenfold, "predicted", lambda until: table)
    monkeypatch.setattr(tenfold, "natural_experiment", falcon(*measured))
    assert tasks_claims.tenfold_modest("2026").verdict == word
    assert set(tasks_claims.tenfold_modest("2020").components) == {"predicted from Table H.1"}


@pytest.mark.parametrize(
    ("shares", "word"),
    [((0.5, 0.6), HOLDS), ((0.49, 0.6), UNDECIDED), ((0.1, 0.49), PARTLY), ((0.0, 0.1), UNDECIDED), ((0, 0), FAILS)],
)
def test_records(monkeypatch, shares, word):
    table = pd.DataFrame({"counting": ["a", "b"], "above": [1, 1], "of": [2, 2], "share": shares})
    monkeypatch.setattr(scores, "record_shares", lambda: table)
    assert tasks_claims.state_of_the_art("2020").verdict == word


def shares(low, high):
    rows = [
        [s, a, "law", 1e11, (low + high) / 2, low, high]
        for s in map(" to ".join, family.GENERATIONS)
        for a in family.ACCOUNTS
    ]
    return lambda until: pd.DataFrame(rows, columns=["step", "account", "law", "tokens", "estimate", "low", "high"])


@pytest.mark.parametrize(
    ("low", "high", "size", "by_data"),
    [(0.51, 0.9, HOLDS, FAILS), (0.1, 0.49, FAILS, HOLDS), (0.4, 0.6, UNDECIDED, UNDECIDED)],
)
def test_size_and_data_are_two_sides(monkeypatch, low, high, size, by_data):
    monkeypatch.setattr(gpt_shares, "size_shares", shares(low, high))
    assert gpt_claims.size_main_difference("2026").verdict == size
    assert gpt_claims.gpts_by_data("2026").verdict == by_data


def test_data_must_lead_in_both_steps():
    components = gpt_claims.gpts_by_data("2026").components
    assert len(components) == 2 * len(family.ACCOUNTS)


@pytest.mark.parametrize("name", gpt_claims.CLAIMS)
@pytest.mark.parametrize("evidence", ["2020", "2026"])
def test_verdicts_are_whole(name, evidence):
    verdict = gpt_claims.CLAIMS[name](evidence)
    assert verdict.id == name and verdict.evidence == evidence
    assert verdict.low <= verdict.estimate <= verdict.high
    assert verdict.reason.endswith(".") and "nan" not in verdict.reason
    assert ledger.CLAIMS[name] is gpt_claims.CLAIMS[name]


def test_unknown_evidence_is_refused():
    for claim in gpt_claims.CLAIMS.values():
        with pytest.raises(ValueError, match="evidence"):
            claim("2023")
