"""The ledger is complete, its rules turn where they say, and its JSON is what its schema says."""

import json
import re
from itertools import product
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from dl_limits import claims, data, verdicts
from dl_limits.claims import argument, timeline
from dl_limits.claims import ledger as claims_ledger
from dl_limits.cli import main
from dl_limits.dates import DATES, date_of
from dl_limits.page import board as scoreboard
from dl_limits.verdicts import FAILS, HOLDS, TOO_FEW, UNDECIDED, UNTESTABLE, VOCABULARY
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


def test_unknown_evidence_is_named():
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claims.verdict("imagenet-compute", "2031")


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


# ------------------------------------------------------------------ parts, power, and what they may say


@pytest.mark.parametrize("claim", claims.CLAIMS)
@pytest.mark.parametrize("evidence", DATES)
def test_the_word_is_that_of_the_parts_unless_the_rule_cannot_speak(claim, evidence):
    found, said = claims.verdict(claim, evidence), claims_ledger.power_of(claim, evidence)
    by_parts = verdicts.combine({part.name: part.word for part in found.parts})
    if found.verdict == UNTESTABLE:
        assert found.could_say == (UNTESTABLE,) and by_parts == UNTESTABLE and said.empty
    elif verdicts.able(said, claims.POWER[claim].right):
        assert found.verdict == by_parts
    else:
        assert (found.verdict, found.kind) == (UNDECIDED, TOO_FEW)


def test_a_rule_without_power_says_too_few_data_whatever_its_interval(monkeypatch):
    rows = [("inside", UNDECIDED, 0.6), ("inside", HOLDS, 0.4), ("outside", UNDECIDED, 1.0)]
    weak = pd.DataFrame(rows, columns=["truth", "word", "share"])
    monkeypatch.setattr(claims_ledger, "power_of", lambda claim, evidence: weak)
    claims_ledger.verdict.cache_clear()
    found = claims.verdict("gpt3-words")
    claims_ledger.verdict.cache_clear()
    assert (found.verdict, found.kind) == (UNDECIDED, TOO_FEW)
    assert found.components["words seen"] == HOLDS and found.could_say == (HOLDS, UNDECIDED)


def test_every_testable_claim_has_its_power_stored_at_both_dates_and_three_truths():
    table = data.load("verdict_power")
    testable = {claim for claim in claims.CLAIMS if claims.verdict(claim).verdict != UNTESTABLE}
    assert testable == set(claims.POWER) == set(table["claim_id"])
    for _, part in table.groupby(["claim_id", "evidence", "truth"]):
        assert (
            part["share"].sum() == pytest.approx(1, abs=1e-4)
            and part["true_value"].eq(part["true_value"].iloc[0]).all()
        )
    assert table.groupby("claim_id").apply(lambda t: len(t[["evidence", "truth"]].drop_duplicates())).eq(6).all()


def test_no_claim_can_only_be_undecided_without_saying_what_it_needs():
    for claim, evidence in product(claims.CLAIMS, DATES):
        found = claims.verdict(claim, evidence)
        assert found.could_say
        if found.verdict == UNDECIDED:
            assert found.kind in verdicts.UNDECIDED_KINDS and any(ch.isdigit() for ch in found.needs), claim


# Each year's end takes seconds: the first, the last and one between here, the others with `make test-again`.
ENDS = [
    day if place % 2 else pytest.param(day, marks=pytest.mark.again) for place, day in enumerate(timeline.DAYS[1:-1], 1)
]


@pytest.mark.parametrize("day", [timeline.DAYS[0], *ENDS, timeline.DAYS[-1]])
def test_what_was_public_at_a_date_is_never_newer_than_it(day):
    for claim in claims.CLAIMS:
        assert pd.Timestamp(claims.verdict(claim, day).evidence_to) <= date_of(day), claim


@pytest.mark.parametrize("day", ENDS)
def test_the_stored_timeline_is_what_the_rules_say(day):
    kept = data.load("verdict_timeline").query("evidence == @day").set_index("claim_id")
    made = {claim: claims.verdict(claim, day) for claim in claims.CLAIMS}
    assert kept["verdict"].astype(str).to_dict() == {claim: found.verdict for claim, found in made.items()}
    assert kept["kind"].astype(object).fillna("").to_dict() == {claim: found.kind for claim, found in made.items()}


def test_the_stored_timeline_stands_in_the_json(ledger):
    kept = data.load("verdict_timeline")
    for claim in ledger["claims"]:
        words = {row["evidence"]: row["verdict"] for row in claim["timeline"]}
        assert list(words) == list(timeline.DAYS[1:-1])
        assert words == kept[kept["claim_id"] == claim["id"]].set_index("evidence")["verdict"].astype(str).to_dict()


def test_the_known_timeline_is_the_stored_one_between_the_two_verdicts(board):
    wide = timeline.stored_timeline().pivot_table("verdict", "id", "evidence", "first", sort=False)
    assert list(wide.columns) == list(timeline.DAYS) and list(wide.index) == list(board.index)
    assert (wide["2020"] == board["verdict_2020"]).all() and (wide["2026"] == board["verdict_2026"]).all()
    kept = data.load("verdict_timeline").pivot_table("verdict", "claim_id", "evidence", "first", observed=True)
    for day in timeline.DAYS[1:-1]:
        assert wide[day].to_dict() == kept[day].astype(str).to_dict()


def test_each_date_says_what_was_new_and_what_is_otherwise_now():
    rows = [("a", "A", day, word) for day, word in zip(timeline.DAYS, [HOLDS] * 2 + [FAILS] * 6, strict=True)]
    said = timeline.sentences(pd.DataFrame(rows, columns=["id", "title", "evidence", "verdict"]))
    assert said["2020"] == "Verdicts that are others now: 1, marked below."
    assert (
        said["2020-12-31"]
        == "Since July 2020, new evidence changed no verdict. Verdicts that are others now: 1, marked below."
    )
    assert said["2021-12-31"].startswith("Since end of 2020, new evidence changed 1 verdict.")
    assert said["2026"] == "Since end of 2025, new evidence changed no verdict."


def test_changes_of_the_timeline_are_named_with_their_dates():
    rows = [("a", "A", day, word) for day, word in zip(timeline.DAYS, [HOLDS] * 2 + [FAILS] * 5 + [HOLDS], strict=True)]
    rows += [("b", "B", day, UNDECIDED) for day in timeline.DAYS]
    found = timeline.changed(pd.DataFrame(rows, columns=["id", "title", "evidence", "verdict"]))
    assert found == ["A: holds (July 2020), then does not hold (end of 2021), then holds (now)"]


# ------------------------------------------------------------------ JSON


def test_json_keeps_to_its_schema(ledger):
    jsonschema.Draft202012Validator.check_schema(claims.schema())
    jsonschema.validate(ledger, claims.schema())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdict", "refuted"),
        ("estimate", "1"),
        ("anchor", "x"),
        ("chapter", ""),
        ("lean", 1.1),
        ("robustness", -0.1),
        ("kind", "unknown"),
        ("evidence_to", "2020"),
        ("could_say", ["perhaps"]),
        ("parts", [{}]),
    ],
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
        for key in ("estimate", "low", "high", "lean", "robustness"):
            assert entry[key] == (row[key] if np.isfinite(row[key]) else None)
        found = claims.verdict(entry["id"])
        assert entry["could_say"] == list(found.could_say) and entry["needs"] == found.needs
        assert {part["name"]: part["verdict"] for part in entry["parts"]} == entry["components"] == found.components
        early = claims.verdict(entry["id"], "2020")
        assert entry["evidence_2020"]["evidence_to"] == early.evidence_to
    text = json.dumps(ledger, allow_nan=False)  # JSON has neither NaN nor infinity
    assert json.loads(text) == ledger


def test_the_schema_is_printed(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["claims", "--schema"])
    assert json.loads(capsys.readouterr().out) == claims.schema()


def test_the_verdicts_are_printed_as_a_table(capsys):
    main(["claims"])
    printed = capsys.readouterr().out
    for row in claims.evaluate().itertuples():
        needs = f" To decide it: {row.needs}." if row.needs else ""
        assert f"- {row.id}, {row.evidence}: {row.reason}{needs}\n" in printed
        assert row.kind in printed and row.evidence_to in printed


# ------------------------------------------------------------------ the table for readers


def test_scoreboard_links_and_anchors(board):
    plain, anchored = scoreboard.table(board, "chapters/"), scoreboard.table(board, anchors=True)
    for claim, row in board.iterrows():
        assert f'href="chapters/{row["chapter"]}.html#{claim}"' in plain
        assert f'<tr id="{claim}" ' in anchored and f'<tr id="{claim}" ' not in plain
        assert scoreboard.escape(claims.verdict(claim).brief) in plain
    assert "nan" not in re.sub(r"\w*nan\w+", "", plain.lower()) and "<NA>" not in plain


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
        ("log10 of the multiplier of compute", (3.94, 2.71, INF), "10^3.9 (10^2.7 to no limit) times more compute"),
        # a slope of -ln 2 halves the error; the steeper end is the larger fall
        (
            "change of log error a doubling",
            (-np.log(2), -np.log(4), 0.0),
            "50 % (0 to 75 %) of the error removed by each doubling",
        ),
        ("probability, if so", (0.995, 0.297, 1.0), "more than 0.99 (0.30 to more than 0.99) probability, if so"),
        ("percentage points", (-18.17, -23.23, INF), "−18.2 (−23.2 to no limit) percentage points"),
        ("words seen in training", (2.1e11, 1.2e11, 3e11), "210 (120 to 300) billion words seen in training"),
        ("share of data", (0.5, -INF, INF), "50 % (no limit to no limit %), share of data"),
    ],
)
def test_numbers_are_said_as_chapters_say_them(unit, numbers, text):
    row = pd.Series(dict(zip(("estimate", "low", "high"), numbers, strict=True)) | {"unit": unit})
    assert scoreboard.interval(row) == text


def test_no_estimate_and_one_analysis_are_said_in_words():
    row = pd.Series({"estimate": np.nan, "low": -INF, "high": INF, "unit": "points", "robustness": np.nan})
    assert scoreboard.interval(row) == "no estimate"
    assert scoreboard.robustness_text(row) == "one analysis"


@pytest.mark.parametrize("claim", claims.CLAIMS)
def test_the_box_of_a_verdict_shows_all_that_stands_behind_it(claim):
    box, found = scoreboard.verdict_box(claim), claims.verdict(claim)
    assert f'id="{claim}"' in box and f"Evidence to {scoreboard.month(found.evidence_to)}" in box
    for part in found.parts:
        assert scoreboard.escape(part.name) in box
    for evidence in DATES:
        assert scoreboard.escape(claims.verdict(claim, evidence).reason) in box
    assert ("Could this rule have said otherwise?" in box) == (claim in claims.POWER)
    assert "nan" not in box


def test_an_untestable_claim_stays_so():
    assert {claims.verdict("pretraining-limits", e).verdict for e in DATES} == {UNTESTABLE}


def test_command_line_prints_json(capsys):
    assert main(["claims", "--json"]) == 0
    text = capsys.readouterr().out
    ledger = json.loads(text)
    assert ledger["version"]
    for entry in ledger["claims"]:
        assert {"id", "verdict", "estimate", "low", "high", "unit", "chapter"} <= set(entry)
        assert entry["verdict"] in VOCABULARY
    assert "NaN" not in text and "Infinity" not in text
