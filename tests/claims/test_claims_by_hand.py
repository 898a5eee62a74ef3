"""The ledger, its board, timeline and thresholds on claims made by hand: every column and every turn."""

import jsonschema
import numpy as np
import pandas as pd
import pytest

from dl_limits.claims import argument, export, ledger, thresholds, timeline
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.verdicts import (
    DISAGREE,
    FAILS,
    HOLDS,
    PARTLY,
    TOO_FEW,
    UNDECIDED,
    UNTESTABLE,
    Analysis,
    Part,
    Power,
    Region,
    Threshold,
    Verdict,
)

MAY, LATER = pd.Timestamp("2020-05-28"), pd.Timestamp("2024-03-01")
OPEN = Part("open", Region(high=1.0, wrong_above=2.0), Analysis("a", 1.5, 0.5, 1.8), needs="more")
SURE = Part("sure", Region(high=1.0), Analysis("a", 0.5, 0.4, 0.6))
CHAPTERS = {"a-b": "01_one", "c-d": "02_two"}


def said(claim, *parts, newest=LATER):
    """A claim: until 2024 on what was known in May 2020, later on the newest."""

    def judge(evidence):
        to = MAY if evidence < "2024-03" else newest
        return Verdict.of(claim, evidence, parts, unit="u", reason="r.", evidence_to=to, brief="b")

    return judge


def shares(**words):
    rows = [(truth, word, share) for truth, each in words.items() for word, share in each.items()]
    return pd.DataFrame(rows, columns=["truth", "word", "share"])


ABLE = shares(inside={HOLDS: 0.9, UNDECIDED: 0.1, PARTLY: 0.0}, outside={UNDECIDED: 1.0})
UNABLE = shares(inside={HOLDS: 0.4, UNDECIDED: 0.6}, outside={UNDECIDED: 1.0})


@pytest.fixture
def put(monkeypatch):
    """Put two claims into the ledger, and what their rules said of simulated truths."""
    asked = []

    def fill(first, second, power=ABLE):
        monkeypatch.setattr(ledger, "CLAIMS", {"a-b": first, "c-d": second})
        monkeypatch.setattr(ledger, "POWER", dict.fromkeys(CHAPTERS, Power(None, None, "")))
        monkeypatch.setattr(ledger, "power_of", lambda claim, evidence: asked.append(evidence) or power)
        table = pd.DataFrame({name: [f"{name} of {c}" for c in CHAPTERS] for name in ledger.WORDING}, list(CHAPTERS))
        table = table.assign(chapter=list(CHAPTERS.values()), searched="2026-11", look_every=[2, 14])
        monkeypatch.setattr(ledger, "wording", lambda: table)
        ledger.verdict.cache_clear()
        return asked

    yield fill
    for cached in (ledger.verdict, thresholds._able, thresholds._turning_points):
        cached.cache_clear()


# ------------------------------------------------------------------ verdicts


def test_a_rule_that_can_speak_says_its_word_and_what_it_could_say(put):
    put(said("a-b", OPEN), said("c-d", SURE))
    found = ledger.verdict("a-b")
    assert (found.verdict, found.kind, found.could_say) == (UNDECIDED, TOO_FEW, (HOLDS, UNDECIDED))
    assert ledger.can_speak(found) and ledger.verdict("c-d").verdict == HOLDS
    assert ledger.verdict("a-b") is found and ledger.verdict("a-b", "2020").evidence == "2020"  # once, by date


def test_its_own_word_is_always_one_it_could_say(put):
    put(said("a-b", Part("p", Region(9), SURE.primary)), said("c-d", SURE))
    assert ledger.verdict("a-b").could_say == (HOLDS, UNDECIDED, FAILS)


def test_a_rule_that_cannot_speak_has_too_few_data(put):
    split = Part("open", OPEN.region, OPEN.primary, (Analysis("b", 0, 0, 0), Analysis("c", 3, 3, 3)), "more")
    put(said("a-b", split), said("c-d", SURE), UNABLE)
    assert split.kind == DISAGREE
    assert [(v.verdict, v.kind) for v in map(ledger.verdict, CHAPTERS)] == [(UNDECIDED, TOO_FEW)] * 2


def test_without_simulations_the_rule_speaks(put):
    put(said("a-b", SURE), said("c-d", Part("untestable")), UNABLE.iloc[:0])
    found = ledger.verdict("a-b")
    assert (found.verdict, found.could_say) == (HOLDS, ()) and ledger.can_speak(found)
    assert (ledger.verdict("c-d").verdict, ledger.verdict("c-d").could_say) == (UNTESTABLE, (UNTESTABLE,))


@pytest.mark.parametrize(
    ("evidence", "date"), [("2020", "2020"), ("2026", "2026"), ("2020-12-31", "2020"), ("2024-12-31", "2026")]
)
def test_a_day_between_has_the_power_of_the_evidence_that_was_known(put, evidence, date):
    asked = put(said("a-b", SURE), said("c-d", SURE))
    ledger.verdict("a-b", evidence)
    assert set(asked) == {date}


def test_the_next_look_is_some_months_after_the_last(put):
    put(said("a-b", SURE), said("c-d", SURE))
    assert [ledger.next_look(claim) for claim in CHAPTERS] == ["2027-01", "2028-01"]


# ------------------------------------------------------------------ the board


def test_every_column_of_the_board_is_that_of_2026_but_the_first_verdict(put):
    def turns(evidence):
        return said("a-b", SURE if evidence == "2026" else OPEN)(evidence)

    put(turns, said("c-d", SURE))
    table, board = ledger.evaluate(), ledger.scoreboard()
    assert list(table["id"]) == ["a-b", "a-b", "c-d", "c-d"] and list(table["evidence"]) == ["2020", "2026"] * 2
    assert list(board.index) == list(CHAPTERS) and list(board["evidence"]) == ["2026", "2026"]
    assert list(board["verdict_2020"]) == [UNDECIDED, HOLDS] and list(board["verdict_2026"]) == [HOLDS, HOLDS]
    for claim, row in board.iterrows():
        found = ledger.verdict(claim)
        for name in set(board.columns) - {"verdict_2020", "verdict_2026", "chapter", *ledger.WORDING}:
            one, other = row[name], getattr(found, name)
            assert one == other or (np.isnan(one) and np.isnan(other)), name
        assert row["chapter"] == CHAPTERS[claim]
        assert all(row[name] == f"{name} of {claim}" for name in ledger.WORDING)
    fields = "evidence verdict_2026 estimate low high unit reason components primary kind lean robustness needs"
    assert {*fields.split(), "evidence_to", "could_say", "brief", "chapter"} <= set(board.columns)
    assert "parts" not in board.columns and "verdict" not in board.columns
    early = table[table["evidence"] == "2020"].set_index("id").loc["a-b"]
    assert (early["low"], early["high"], early["estimate"], early["kind"]) == (0.5, 1.8, 1.5, TOO_FEW)
    assert (board.loc["a-b", "low"], board.loc["a-b", "high"], board.loc["a-b", "estimate"]) == (0.4, 0.6, 0.5)


def test_the_rows_of_power_are_those_of_a_claim_and_date():
    found = ledger.power_of("gpt3-words", "2020")
    assert set(found["claim_id"]) == {"gpt3-words"} and set(found["evidence"]) == {"2020"}
    assert set(found["truth"]) == {"inside", "border", "outside"}


# ------------------------------------------------------------------ the timeline


def test_the_days_are_the_two_dates_and_the_ends_of_the_years_between():
    ends = [f"{year}-12-31" for year in (2020, 2021, 2022, 2023, 2024, 2025)]
    assert list(timeline.DAYS) == ["2020", *ends, "2026"] and (CUTOFF.year, LATEST.year) == (2020, 2026)


def test_the_timeline_asks_for_every_claim_at_every_day(put):
    put(said("a-b", OPEN), said("c-d", SURE))
    table = timeline.timeline()
    assert list(table["id"]) == ["a-b"] * 8 + ["c-d"] * 8 and list(table["evidence"]) == [*timeline.DAYS] * 2
    assert set(table["title"]) == {"title of a-b", "title of c-d"} and set(table["reason"]) == {"r."}
    kept = timeline.between()
    assert list(kept.columns) == ["timeline_id", "claim_id", "evidence", "verdict", "kind"]
    assert list(kept["timeline_id"])[:2] == ["a_b_2020", "a_b_2021"] and kept["timeline_id"].iloc[-1] == "c_d_2025"
    assert len(kept) == 12 and list(kept["verdict"]) == [UNDECIDED] * 6 + [HOLDS] * 6
    assert list(kept["kind"]) == [TOO_FEW] * 6 + [""] * 6 and list(kept["claim_id"]) == ["a-b"] * 6 + ["c-d"] * 6


def test_the_stored_timeline_has_the_two_dates_from_the_rules(put, monkeypatch):
    put(said("a-b", OPEN), said("c-d", SURE))
    rows = [
        (c, day, w, k) for c, w, k in (("a-b", FAILS, np.nan), ("c-d", UNDECIDED, TOO_FEW)) for day in timeline.DAYS
    ]
    stored = pd.DataFrame(rows, columns=["claim_id", "evidence", "verdict", "kind"])
    monkeypatch.setattr(timeline.data, "load", lambda name: stored if name == "verdict_timeline" else None)
    table = timeline.stored_timeline()
    assert list(table["verdict"]) == [UNDECIDED, *[FAILS] * 6, UNDECIDED, HOLDS, *[UNDECIDED] * 6, HOLDS]
    assert list(table["kind"]) == [TOO_FEW, *[""] * 6, TOO_FEW, "", *[TOO_FEW] * 6, ""]
    assert list(table["title"]) == ["title of a-b"] * 8 + ["title of c-d"] * 8


def days(*claims):
    """A timeline of claims, each as eight words: h(olds), f(ails), u(ndecided)."""
    words = {"h": HOLDS, "f": FAILS, "u": UNDECIDED}
    rows = [
        (title, title.upper(), day, words[letter])
        for title, letters in zip("abc", claims, strict=False)
        for day, letter in zip(timeline.DAYS, letters, strict=True)
    ]
    return pd.DataFrame(rows, columns=["id", "title", "evidence", "verdict"])


def test_changes_are_counted_from_one_day_to_the_next():
    said_ = timeline.sentences(days("hhfffffh", "uuffffff", "hhhhhhhh"))
    assert said_["2020"] == "Verdicts that are others now: 1, marked below."  # the second: the first turned back
    assert (
        said_["2021-12-31"]
        == "Since end of 2020, new evidence changed 2 verdicts. Verdicts that are others now: 1, marked below."
    )
    assert said_["2026"] == "Since end of 2025, new evidence changed 1 verdict."
    calm = timeline.sentences(days("hhhhhhhh"))
    assert calm["2020"] == "All are those of now."
    assert calm["2022-12-31"] == "Since end of 2021, new evidence changed no verdict. All are those of now."


def test_a_change_on_the_last_day_or_the_first_is_one():
    assert timeline.changed(days("hhhhhhhf", "huuuuuuu", "uuuuuuuu")) == [
        "A: holds (July 2020), then does not hold (now)",
        "B: holds (July 2020), then undecided (end of 2020)",
    ]


# ------------------------------------------------------------------ thresholds


@pytest.fixture
def threshold(monkeypatch):
    """A threshold of the first claim whose region follows the value."""
    made = Threshold(
        "at most {}",
        lambda parts: parts[0].region.high,
        lambda part, value, own: Region(high=value, wrong_above=2 * value),
        (0.1, 5.0),
        lambda value: f"{value:g} units",
    )
    for module in (ledger, thresholds, export):
        monkeypatch.setattr(module, "THRESHOLDS", {"a-b": made})
    return made


def test_words_turn_at_the_ends_of_the_interval(put, threshold):
    put(said("a-b", OPEN), said("c-d", SURE))
    rows = thresholds.turning_points("a-b").to_dict("split")["data"]
    assert rows == [[0.1, 0.25, FAILS, ""], [0.25, 1.8, UNDECIDED, TOO_FEW], [1.8, 5.0, HOLDS, ""]]
    assert list(thresholds.turning_points("a-b").columns) == ["from", "to", "verdict", "kind"]
    assert thresholds.own_threshold("a-b") == thresholds.own_threshold("a-b", "2020") == 1.0
    found = thresholds.at_threshold("a-b", 2.0)
    assert (found.verdict, found.kind, found.components) == (HOLDS, "", {"open": HOLDS})
    assert found.parts[0].region == Region(high=2.0, wrong_above=4.0) and found.low == 0.5
    assert export._threshold(ledger.verdict("a-b")) == {
        "meaning": "at most 1 units",
        "own": 1.0,
        "turning_points": thresholds.turning_points("a-b").to_dict("records"),
    }


def test_a_rule_that_cannot_speak_turns_nowhere(put, threshold):
    put(said("a-b", OPEN), said("c-d", SURE), UNABLE)
    assert thresholds.turning_points("a-b").to_dict("split")["data"] == [[0.1, 5.0, UNDECIDED, TOO_FEW]]
    found = thresholds.at_threshold("a-b", 2.0)
    assert (found.verdict, found.kind, found.components) == (UNDECIDED, TOO_FEW, {"open": HOLDS})


# ------------------------------------------------------------------ JSON and the diagram


def test_a_date_in_the_json_has_every_field_of_its_verdict(put, threshold):
    put(said("a-b", OPEN), said("c-d", SURE))
    for claim in CHAPTERS:
        found = ledger.verdict(claim)
        entry = export._of_a_date(found)
        for name in (
            *("estimate", "low", "high", "reason", "components", "primary", "kind", "lean", "robustness", "needs"),
            *("evidence_to", "could_say"),
        ):
            assert entry[name] == getattr(found, name) or np.isnan(entry[name])
        assert repr(entry["parts"]) == repr([part.plain() for part in found.parts])
        assert (entry["threshold"] is None) == (claim == "c-d")


def schema_of(name):
    return export.schema()["properties"]["claims"]["items"]["properties"][name]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("lean", [0, 1, None], [-0.01, 1.01]),
        ("robustness", [0, 1, None], [-0.01, 1.01]),
        ("low", [-5, 5, None], ["5"]),
        ("reason", ["r"], ["", None]),
        ("unit", ["u"], [""]),
        ("needs", ["", "n"], [None]),
        ("evidence_to", ["2020-05"], ["2020", "2020-05-28"]),
        ("next_look", ["2027-05"], ["2027"]),
        ("anchor", ["chapters/a_1.html#a-b"], ["chapters/a.html", "a.html#a-b"]),
        ("quotation_note", ["n", None], [1]),
        ("evidence", ["2026"], ["2020"]),
        ("could_say", [[], [HOLDS]], [["perhaps"]]),
        ("kind", ["", TOO_FEW], ["few"]),
    ],
)
def test_the_schema_takes_what_is_right_and_nothing_else(name, good, bad):
    check = jsonschema.Draft202012Validator(schema_of(name))
    assert all(check.is_valid(value) for value in good) and not any(check.is_valid(value) for value in bad)


def test_a_threshold_in_the_json_turns_somewhere_or_is_null():
    check = jsonschema.Draft202012Validator(schema_of("threshold"))
    stretch = {"from": 0.1, "to": 0.2, "verdict": HOLDS, "kind": ""}
    good = {"meaning": "m", "own": 0.1, "turning_points": [stretch]}
    assert check.is_valid(None) and check.is_valid(good)
    assert not check.is_valid(good | {"turning_points": []}) and not check.is_valid(good | {"own": None})


def test_the_step_that_does_not_follow_is_the_one_from_the_limits():
    assert argument.PREMISES[argument._BROKEN][2] == ("pretraining-limits",)
    assert argument._LEFT == 0 and argument._LEFT + argument._WIDE < argument._RIGHT - 1  # room for an arrow
    assert argument._RIGHT + argument._NARROW < 9.9  # where the drawing ends
