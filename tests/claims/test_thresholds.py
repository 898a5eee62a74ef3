"""Claims at other thresholds: turning points against the rule itself at many values, and when to look again."""

import html
import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from dl_limits import claims
from dl_limits.claims import ledger
from dl_limits.dates import DATES, LATEST
from dl_limits.page import board
from dl_limits.verdicts import FAILS, HOLDS, TOO_FEW, UNDECIDED, combine, leaning

ROOT = Path(__file__).parents[2]
BOTH = [(claim, evidence) for claim in claims.THRESHOLDS for evidence in DATES]


def test_every_claim_has_a_threshold_but_those_that_name_their_number_or_none():
    assert set(claims.CLAIMS) - set(claims.THRESHOLDS) == {"gpt3-words", "pretraining-limits"}
    with pytest.raises(ValueError, match="no threshold for 'gpt3-words'"):
        claims.turning_points("gpt3-words")


@pytest.mark.parametrize(("claim", "evidence"), BOTH)
def test_at_the_books_own_threshold_stands_the_books_verdict(claim, evidence):
    found, threshold, own = (
        claims.verdict(claim, evidence),
        claims.threshold_of(claim),
        claims.own_threshold(claim, evidence),
    )
    assert claims.at_threshold(claim, own, evidence) == found or np.isnan([found.lean, found.robustness]).any()
    regions = {part.name: threshold.region(part, own, own) for part in found.parts if part.region}
    assert all(region in (None, part.region) for part in found.parts if (region := regions.get(part.name)))
    assert any(regions.values()) or (claim, evidence) == ("nli-corpus", "2020")  # nobody had tried since
    row = claims.turning_points(claim, evidence).query("`from` <= @own <= to")
    assert (found.verdict, found.kind) in set(row[["verdict", "kind"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("claim", "evidence"), BOTH)
def test_words_turn_where_the_rule_says_at_many_thresholds(claim, evidence):
    found, threshold = claims.verdict(claim, evidence), claims.threshold_of(claim)
    table = claims.turning_points(claim, evidence)
    steps = threshold.steps(found.parts)
    assert table["from"].iloc[0] == steps[0] and table["to"].iloc[-1] == steps[-1]
    assert (table["to"].to_numpy()[:-1] == table["from"].to_numpy()[1:]).all() and (table["from"] < table["to"]).all()
    borders = table["to"].to_numpy()[:-1]
    near = np.concatenate([borders - 1e-9, borders + 1e-9]) if len(borders) else []
    values = np.concatenate([near, np.random.default_rng(0).uniform(steps[0], steps[-1], 100)])
    for value in values:
        row = table[(table["from"] < value) & (value < table["to"])].iloc[0]
        words = {
            part.name: region.word(part.primary.low, part.primary.high) if part.primary else UNDECIDED
            for part in found.parts
            if part.region
            for region in [threshold.region(part, value, claims.own_threshold(claim, evidence)) or part.region]
        }
        word = combine(words) if ledger.can_speak(found) else UNDECIDED
        assert row["verdict"] == word, value
        other = claims.at_threshold(claim, value, evidence)
        assert (other.verdict, other.kind) == (row["verdict"], row["kind"]), value
        assert other.kind == TOO_FEW or ledger.can_speak(found)
    said = table[["verdict", "kind"]].to_numpy().tolist()
    assert all(one != other for one, other in pairwise(said))  # every border turns something


def test_turning_points_of_some_claims_by_hand():
    parts = {part.name: part.primary for part in claims.verdict("tenfold-modest").parts}
    lows, highs = zip(*((each.low, each.high) for each in parts.values()), strict=True)
    table = claims.turning_points("tenfold-modest").set_index("verdict")
    assert table.loc[FAILS, "to"] == pytest.approx(min(lows) / 2.5) and table.loc[HOLDS, "from"] == max(highs)
    parts = [part.primary for part in claims.verdict("unsustainable").parts if part.primary]
    assert claims.turning_points("unsustainable")["to"].iloc[0] == pytest.approx(min(part.low for part in parts))
    found = claims.verdict("imagenet-compute").parts[1]
    assert found.primary.high == np.inf and UNDECIDED in set(claims.turning_points("imagenet-compute")["verdict"])


@pytest.mark.parametrize("value", [-1.0, 1e9, np.nan, np.inf])
def test_a_threshold_outside_the_range_is_refused(value):
    with pytest.raises(ValueError, match=r"threshold: must lie between 0\.01 and 0\.6"):
        claims.at_threshold("tenfold-modest", value)


def test_nothing_is_fitted_again(monkeypatch):
    claims.verdict("tenfold-modest")
    monkeypatch.setitem(claims.CLAIMS, "tenfold-modest", None)
    assert claims.at_threshold("tenfold-modest", 0.5).verdict == HOLDS


def test_lean_follows_the_threshold():
    leans = [claims.at_threshold("tenfold-modest", value).lean for value in (0.05, 0.1, 0.2, 0.3, 0.4)]
    assert leans == sorted(leans) and leans[0] < 0.1 and leans[-1] > 0.9
    assert leaning(claims.at_threshold("tenfold-modest", 0.1)) == "leans against the claim"
    assert leaning(claims.at_threshold("tenfold-modest", 0.4)) == "leans towards the claim"


@pytest.mark.parametrize("claim", claims.THRESHOLDS)
def test_the_box_keeps_what_the_package_computes(claim):
    box = board.verdict_box(claim)
    kept = json.loads(html.unescape(re.search(r'data-threshold="([^"]*)"', box)[1]))
    values = claims.threshold_of(claim).steps(claims.verdict(claim).parts)
    assert len(kept["steps"]) == len(values) and values[kept["own"]] == claims.own_threshold(claim)
    for value, (shown, text, place) in zip(values, kept["steps"], strict=True):
        late, early = claims.at_threshold(claim, value), claims.at_threshold(claim, value, "2020")
        kind, words, aside, _, then = kept["says"][place]
        assert shown == pytest.approx(value, rel=1e-5) and text == claims.threshold_of(claim).form(value)
        assert kind == board.BADGES[late.verdict] and leaning(late) in aside
        assert (words, then) == tuple(f"{v.verdict}: {v.kind}".removesuffix(": ") for v in (late, early))
    for word in claims.turning_points(claim)["verdict"]:
        assert word in board.turns(claim)


def test_json_has_the_turning_points():
    ledger_ = claims.to_json()
    for entry in ledger_["claims"]:
        for evidence, said in (("2026", entry), ("2020", entry["evidence_2020"])):
            if entry["id"] not in claims.THRESHOLDS:
                assert said["threshold"] is None
                continue
            kept = pd.DataFrame(said["threshold"]["turning_points"])
            assert kept.equals(claims.turning_points(entry["id"], evidence))
            assert said["threshold"]["own"] == claims.own_threshold(entry["id"], evidence)
            assert "{" not in said["threshold"]["meaning"]
        assert entry["next_look"] == claims.next_look(entry["id"]) > entry["searched"]


def overdue(table, release):
    """Return the claims whose next look was due before the month of a release."""
    due = {claim: claims.next_look(claim) for claim in table.index}
    return [f"{claim} ({month})" for claim, month in due.items() if month < f"{release:%Y-%m}"]


def test_no_look_was_due_before_the_release():
    released = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["date-released"]
    release = max(pd.Timestamp(released), LATEST)
    assert not overdue(claims.wording(), release), "search again, and note the month in claims.csv, `searched`"
    assert "tenfold-modest (2027-05)" in overdue(claims.wording(), pd.Timestamp("2027-06-01"))
    assert "the next look is due by May 2027" in board.verdict_box("tenfold-modest")
