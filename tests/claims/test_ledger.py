"""The ledger is complete, its rules turn where they say, and its JSON is what its schema says."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from dl_limits import claims, data, verdicts
from dl_limits.__main__ import main
from dl_limits.claims import argument
from dl_limits.claims import ledger as claims_ledger
from dl_limits.dates import DATES
from dl_limits.page import board as scoreboard
from dl_limits.studies.gpt import claims as gpt_claims
from dl_limits.studies.learning import claims as learning_claims
from dl_limits.studies.nli import claims as nli_claims
from dl_limits.studies.progress import claims as progress_claims
from dl_limits.studies.tasks import claims as tasks_claims
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE, VOCABULARY, decide
from dl_limits.words import number

ROOT = Path(__file__).parents[2]
INF = float("inf")


@pytest.fixture(scope="module")
def board():
    return claims.scoreboard()


@pytest.fixture(scope="module")
def ledger():
    return claims.to_json()


# ------------------------------------------------------------------ complete


def test_every_row_has_a_function_and_every_function_a_row():
    assert set(data.load("claims")["claim_id"]) == set(claims.CLAIMS)


def test_a_function_without_a_row_is_named(monkeypatch):
    monkeypatch.setitem(claims.CLAIMS, "no-such-claim", lambda evidence: None)
    with pytest.raises(ValueError, match=r"claims\.csv has no row for no-such-claim"):
        claims.wording()


def test_an_unknown_claim_is_named():
    with pytest.raises(ValueError, match="not 'nothing'"):
        claims.verdict("nothing")


def test_every_chapter_of_the_ledger_exists_and_shows_its_claims():
    for claim, row in data.load("claims").set_index("claim_id").iterrows():
        chapter = ROOT / "chapters" / f"{row['chapter']}.ipynb"
        assert chapter.is_file(), claim
        assert f'id=\\"{claim}\\"' in chapter.read_text("utf-8"), f"{chapter.name} sets no anchor for {claim}"


def test_verdicts_agree_with_their_place_in_the_ledger():
    table = claims.evaluate()
    rows = data.load("claims").set_index("claim_id")
    assert list(table["id"].unique()) == list(rows.index)  # in the order of the article
    assert (table["chapter"].to_numpy() == rows.loc[table["id"], "chapter"].to_numpy()).all()
    assert set(table["evidence"]) == set(DATES) and len(table) == len(DATES) * len(rows)


def test_only_the_closed_vocabulary_is_used():
    for verdict in (claims.verdict(c, e) for c in claims.CLAIMS for e in DATES):
        assert {verdict.verdict, *verdict.components.values()} <= set(VOCABULARY)
        assert verdict.low <= verdict.high and verdict.unit and verdict.reason.endswith(".")
        assert any(ch.isdigit() for ch in verdict.reason) or not np.isfinite(verdict.estimate)


def test_every_claim_stands_in_the_diagram_once():
    drawn = [c for _, _, group in argument.PREMISES for c in group] + [c for _, g in argument.INFERENCES for c in g]
    assert sorted(drawn) == sorted(claims.CLAIMS)


def test_what_is_quoted_names_its_first_source_and_the_check():
    table = data.load("claims")
    own = table["quotation_check"] == "own words"
    assert (table.loc[own, "said_in"] == table.loc[own, "source"]).all()
    assert (table.loc[~own, "said_in"] != table.loc[~own, "source"]).all()
    assert table.loc[~own, "quotation_note"].notna().all()


# ------------------------------------------------------------------ the rules, on both sides of each threshold


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.0999, FAILS),
        (0.01, 0.10, UNDECIDED),
        (0.3, 0.6, UNDECIDED),
        (0.4999, 0.9, UNDECIDED),
        (0.5, 0.9, HOLDS),
    ],
)
def test_share_of_the_web(low, high, word):
    assert verdicts.between(low, high, *gpt_claims.WEB_RULE) == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.0999, HOLDS),
        (0.01, 0.10, UNDECIDED),
        (0.25, 0.4, UNDECIDED),
        (0.2501, 0.4, FAILS),
        (0.01, 0.4, UNDECIDED),
    ],
)
def test_modest(low, high, word):
    assert tasks_claims.modest(low, high) == word


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.5, 0.6, HOLDS), (0.49, 0.6, UNDECIDED), (0.01, 0.49, PARTLY), (0, 0, FAILS)]
)
def test_state_of_the_art(low, high, word):
    assert tasks_claims.above_record(low, high) == word


@pytest.mark.parametrize(
    ("region", "inside", "across", "outside"),
    [
        (gpt_claims.WORDS_REGION, (1e11, 1e12), (9e10, 5e11), (1e10, 9.9e10)),
        (gpt_claims.PARAMS_REGION, (1.746e11, 1.754e11), (1.74e11, 1.75e11), (1.76e11, 1.8e11)),
        ((verdicts.HALF, INF), (0.51, 1.4), (0.49, 0.6), (0.1, 0.49)),
        (learning_claims.FALLING, (-0.4, -0.01), (-0.1, 0.01), (0.01, 0.2)),
        (learning_claims.WORSE, (2.1, 9.0), (1.9, 9.0), (-3.0, 1.9)),
        (progress_claims.REGION, (0.1, 0.66), (0.6, 0.68), (0.68, INF)),
        (nli_claims.LITTLE, (-5.0, 4.9), (1.0, 5.1), (5.1, 8.0)),
        (nli_claims.BEHIND, (-9.0, -0.1), (-1.0, 0.1), (0.1, 2.0)),
        (nli_claims.SHORT_OF_VERIFIERS, (-9.0, -3.1), (-4.0, -2.9), (-2.9, 1.0)),
    ],
)
def test_regions(region, inside, across, outside):
    assert [decide(*ends, region) for ends in (inside, across, outside)] == [HOLDS, UNDECIDED, FAILS]


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.81, 1, HOLDS), (0.8, 1, UNDECIDED), (0, 0.19, FAILS), (0, 0.2, UNDECIDED), (0.1, 0.9, UNDECIDED)],
)
def test_probabilities(low, high, word):
    assert verdicts.decide_probability(low, high) == word


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([HOLDS, UNDECIDED], PARTLY),
        ([HOLDS, FAILS], PARTLY),
        ([UNDECIDED, FAILS], UNDECIDED),
        ([FAILS, FAILS], FAILS),
    ],
)
def test_scores_judged_one_by_one(words, word):
    assert nli_claims.some_hold(dict(enumerate(words))) == word


# ------------------------------------------------------------------ sensitivity


def test_sensitivity_counts_the_specifications_that_part(monkeypatch):
    words = [HOLDS, HOLDS, UNDECIDED, FAILS]
    monkeypatch.setattr(claims_ledger, "ALTERNATIVES", {"a": (lambda: words, "the form")})
    table = claims.alternatives({"a": HOLDS, "b": HOLDS})
    assert table.loc["a"].to_list() == [4, 2, "the form"]
    assert table.loc["b", ["specifications", "other_verdict"]].isna().all()


def test_sensitivity_is_of_known_claims_and_words(board):
    assert set(claims_ledger.ALTERNATIVES) <= set(claims.CLAIMS)
    for judge, varied in claims_ledger.ALTERNATIVES.values():
        assert set(judge()) <= set(VOCABULARY) and varied
    known = board.dropna(subset=["specifications"])
    assert (known["other_verdict"] <= known["specifications"]).all()


def test_a_verdict_is_the_union_of_its_specifications():
    """Where all specifications agree on a word, the union of their intervals cannot say another one."""
    for claim in ("whole-internet", "more-data", "state-of-the-art"):
        words = set(claims_ledger.ALTERNATIVES[claim][0]())
        if words == {HOLDS} or words == {FAILS}:
            assert claims.verdict(claim).verdict in words


# ------------------------------------------------------------------ JSON


def test_json_keeps_to_its_schema(ledger):
    jsonschema.Draft202012Validator.check_schema(claims.schema())
    jsonschema.validate(ledger, claims.schema())


@pytest.mark.parametrize(
    ("key", "value"),
    [("verdict", "refuted"), ("estimate", "1"), ("anchor", "x"), ("chapter", ""), ("specifications", -1)],
)
def test_the_schema_refuses_what_is_wrong(ledger, key, value):
    damaged = json.loads(json.dumps(ledger))
    damaged["claims"][0][key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(damaged, claims.schema())


def test_the_schema_refuses_what_is_missing_or_unknown(ledger):
    for change in (lambda c: c.pop("unit"), lambda c: c.update(extra=1)):
        damaged = json.loads(json.dumps(ledger))
        change(damaged["claims"][0])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(damaged, claims.schema())


def test_json_says_what_the_verdicts_say(ledger, board):
    assert [entry["id"] for entry in ledger["claims"]] == list(board.index)
    for entry in ledger["claims"]:
        row = board.loc[entry["id"]]
        assert (entry["verdict"], entry["verdict_2020"]) == (row["verdict_2026"], row["verdict_2020"])
        for key in ("estimate", "low", "high"):
            assert entry[key] == (row[key] if np.isfinite(row[key]) else None)
    text = json.dumps(ledger, allow_nan=False)  # JSON has neither NaN nor infinity
    assert json.loads(text) == ledger


def test_the_schema_is_printed(capsys):
    main(["claims", "--schema"])
    assert json.loads(capsys.readouterr().out) == claims.schema()


def test_the_verdicts_are_printed_as_a_table(capsys):
    main(["claims"])
    printed = capsys.readouterr().out
    for row in claims.evaluate().itertuples():
        assert f"- {row.id}, {row.evidence}: {row.reason}\n" in printed


# ------------------------------------------------------------------ the table for readers


def test_scoreboard_links_and_anchors(board):
    short, full = scoreboard.table(board, "chapters/"), scoreboard.table(board, kind="full")
    for claim, row in board.iterrows():
        assert f'href="chapters/{row["chapter"]}.html#{claim}"' in short
        assert f'<tr id="{claim}">' in full and f'<tr id="{claim}">' not in short
    assert "nan" not in full.lower() and "<NA>" not in full


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.06194, "0.062"), (-2.5, "−2.5"), (99.7, "100"), (INF, "no limit"), (np.nan, "–"), (123456.7, "123,457")],
)
def test_numbers_of_cells(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("unit", "numbers", "text"),
    [
        ("share of data in the fall", (-0.0243, -0.369, 0.602), "−2.4 % (−37 to 60 %), share of data in the fall"),
        ("log10 of the multiplier of compute", (3.94, 2.71, INF), "10^3.9 (10^2.7 to no limit) times more computing"),
        # a slope of -ln 2 halves the error; the steeper end is the larger fall
        (
            "change of log error a doubling",
            (-np.log(2), -np.log(4), 0.0),
            "50 % (0 to 75 %) of the error removed by each doubling",
        ),
        ("probability, if so", (0.995, 0.297, 1.0), "more than 0.99 (0.30 to more than 0.99) probability, if so"),
        ("percentage points", (-18.17, -23.23, INF), "−18.2 (−23.2 to no limit) percentage points"),
        ("billion words", (210.0, 120.0, 300.0), "210 (120 to 300) billion words"),
        ("share of data", (0.5, -INF, INF), "50 % (no limit to no limit %), share of data"),
    ],
)
def test_numbers_are_said_as_chapters_say_them(unit, numbers, text):
    row = pd.Series(dict(zip(("estimate", "low", "high"), numbers, strict=True)) | {"unit": unit})
    assert scoreboard.interval(row) == text


def test_no_estimate_and_no_specifications_are_said_in_words():
    row = pd.Series({"estimate": np.nan, "low": -INF, "high": INF, "unit": "points", "specifications": pd.NA})
    assert scoreboard.interval(row) == "no estimate"
    assert scoreboard.alternatives_text(row) == "not available"


def test_an_unknown_kind_is_named(board):
    with pytest.raises(ValueError, match="kind must be one of short, full"):
        scoreboard.table(board, kind="long")


def test_an_untestable_claim_stays_so():
    assert {claims.verdict("pretraining-limits", e).verdict for e in DATES} == {UNTESTABLE}
