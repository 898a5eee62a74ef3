"""The rule of every verdict, on both sides of each of its thresholds."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dl_limits import verdicts
from dl_limits.verdicts import (
    DISAGREE,
    FAILS,
    HOLDS,
    NOTHING,
    PARTLY,
    TOO_FEW,
    UNDECIDED,
    UNTESTABLE,
    Analysis,
    Part,
    Region,
    Verdict,
    able,
    combine,
    decide,
    leaning,
    robustness_word,
    thresholds,
)

INF = np.inf
REGION = Region(4, 6)
WIDE = Region(0.5, INF, wrong_below=0.1)  # right from one half, wrong below a tenth
MAY = pd.Timestamp("2020-05-28")


def analysis(low, high, name="one", draws=()):
    return Analysis(name, (low + high) / 2, low, high, draws)


# ------------------------------------------------------------------ intervals and regions


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((4, 6), HOLDS),
        ((4.5, 5), HOLDS),
        ((3.99, 5), UNDECIDED),
        ((5, 6.01), UNDECIDED),
        ((5, INF), UNDECIDED),
        ((-INF, INF), UNDECIDED),
        ((1, 4), UNDECIDED),
        ((6, 9), UNDECIDED),
        ((1, 3.99), FAILS),
        ((6.01, INF), FAILS),
    ],
)
def test_a_region_with_two_ends(interval, word):
    assert REGION.word(*interval) == decide(*interval, (4, 6)) == word


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((0.5, 0.9), HOLDS),
        ((0.4999, 0.9), UNDECIDED),
        ((0.2, 0.4), UNDECIDED),  # between right and wrong nothing is decided
        ((0.01, 0.1), UNDECIDED),
        ((0.01, 0.0999), FAILS),
    ],
)
def test_between_right_and_wrong_nothing_is_decided(interval, word):
    assert WIDE.word(*interval) == word
    low, high = interval
    assert Region(-INF, -0.5, wrong_above=-0.1).word(-high, -low) == word  # the mirror image


@pytest.mark.parametrize("interval", [(5, 4), (np.nan, 5), (4, np.nan)])
def test_an_interval_without_order_is_refused(interval):
    with pytest.raises(ValueError, match="interval: ends must be numbers in order"):
        REGION.word(*interval)


@pytest.mark.parametrize(
    "ends", [(6, 4), (np.nan, 4), (0.1, INF, 0.5), (0, 1, None, 0.9), (0, 1, np.nan), (0, 1, None, np.nan)]
)
def test_a_region_without_order_is_refused(ends):
    with pytest.raises(ValueError, match="region: ends must be numbers in order"):
        Region(*ends)


# ------------------------------------------------------------------ analyses


def test_the_interval_of_draws_is_their_central_part():
    draws = np.arange(1, 1001)
    found = Analysis.of_draws("a", draws)
    assert (found.low, found.estimate, found.high) == pytest.approx((25, 500, 975), abs=1)
    assert Analysis.of_draws("a", draws, estimate=600).estimate == 600
    assert Analysis.of_draws("a", draws, level=0.5).low == pytest.approx(250, abs=1)
    with pytest.raises(ValueError, match="must lie"):
        Analysis.of_draws("a", [1, np.nan, 2])


def test_draws_may_be_without_limit():
    found = Analysis.of_draws("a", [*range(90), *[INF] * 10])
    assert found.high == INF and found.share(Region(0, 44)) == pytest.approx(0.45)


def test_the_share_inside_counts_draws_with_the_ends():
    found = analysis(0, 10, draws=(1, 2, 3, 4))
    assert [found.share(Region(*ends)) for ends in ((2, 3), (2, INF), (-INF, 1.5), (5, 6))] == [0.5, 0.75, 0.25, 0]


@given(st.floats(-50, 50), st.floats(0.01, 20), st.floats(0.01, 20), st.floats(-60, 60), st.floats(0, 40))
def test_without_draws_each_side_is_a_normal_distribution(estimate, below, above, start, width):
    z = stats.norm.ppf(0.975)
    found = Analysis("a", estimate, estimate - below, estimate + above)
    sides = [stats.norm(estimate, below / z), stats.norm(estimate, above / z)]

    def cdf(x):
        return sides[0].cdf(x) if x <= estimate else sides[1].cdf(x)

    assert found.share(Region(start, start + width)) == pytest.approx(cdf(start + width) - cdf(start), abs=1e-9)
    assert found.share(Region()) == 1


def test_the_share_of_an_exact_value_is_nought_or_one():
    found = Analysis("counted", 5, 5, 5)
    assert [found.share(Region(*ends)) for ends in ((4, 6), (5, 6), (4, 5), (5.1, 6), (4, 4.9))] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("numbers", [(5, 6, 7), (8, 6, 7), (np.nan, 6, 7)])
def test_what_is_no_analysis_is_refused_by_name(numbers):
    with pytest.raises(ValueError, match=r"mine: .*must lie in its interval"):
        Analysis("mine", *numbers)


@pytest.mark.parametrize("ends", [(6, INF), (-INF, 7)])
def test_an_open_interval_without_draws_has_no_distribution(ends):
    assert np.isnan(Analysis("mine", 6.5, *ends).share(REGION))


# ------------------------------------------------------------------ parts


def test_the_primary_analysis_alone_gives_the_word():
    part = Part("r", REGION, analysis(4.5, 5.5), (analysis(1, 2, "two"), analysis(3, 9, "three")))
    assert part.word == HOLDS and part.kind == ""
    assert part.words == {"one": HOLDS, "two": FAILS, "three": UNDECIDED}
    assert part.robustness == pytest.approx(1 / 3)
    assert Part("r", REGION, analysis(4.5, 5.5)).robustness is np.nan


@pytest.mark.parametrize(
    ("others", "kind"),
    [
        ([], TOO_FEW),
        ([(4.5, 5.5)], TOO_FEW),  # one that holds does not contradict
        ([(1, 2)], TOO_FEW),
        ([(4.5, 5.5), (1, 2)], DISAGREE),
        ([(3, 5), (3, 9)], TOO_FEW),
    ],
)
def test_kinds_of_undecided(others, kind):
    part = Part("r", REGION, analysis(3, 5), tuple(analysis(*ends, str(ends)) for ends in others))
    assert part.word == UNDECIDED and part.kind == kind


@pytest.mark.parametrize(("value", "lean"), [(0.05, 0), (0.3, 0.5), (0.7, 1)])
def test_between_right_and_wrong_a_part_leans_neither_way(value, lean):
    assert Part("r", WIDE, Analysis("a", value, value, value)).lean == lean


def test_a_part_without_an_analysis_has_nothing_to_test_yet():
    part = Part("r", REGION, needs="one run")
    assert (part.word, part.kind) == (UNDECIDED, NOTHING) and np.isnan(part.lean) and np.isnan(part.robustness)
    assert part.words == {}


def test_a_part_without_a_region_is_not_testable():
    part = Part("r")
    assert (part.word, part.kind) == (UNTESTABLE, "") and np.isnan(part.lean)
    assert Part("r", primary=analysis(1, 2)).plain()["analyses"] == {}


# ------------------------------------------------------------------ the claim


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([FAILS, FAILS], FAILS),
        ([HOLDS, FAILS], PARTLY),
        ([HOLDS, FAILS, UNDECIDED], PARTLY),
        ([HOLDS, UNDECIDED], UNDECIDED),
        ([FAILS, UNDECIDED], UNDECIDED),
        ([HOLDS, UNTESTABLE], HOLDS),
        ([FAILS, UNTESTABLE, UNTESTABLE], FAILS),
        ([UNDECIDED, UNTESTABLE], UNDECIDED),
        ([UNTESTABLE, UNTESTABLE], UNTESTABLE),
        ([], UNTESTABLE),
    ],
)
def test_one_rule_combines_the_parts(words, word):
    assert combine(dict(enumerate(words))) == word


def test_what_is_not_testable_never_counts():
    for words in product([HOLDS, FAILS, UNDECIDED], repeat=3):
        assert combine(dict(enumerate([*words, UNTESTABLE]))) == combine(dict(enumerate(words)))


def verdict(*parts, **options):
    return Verdict.of("x", "2020", parts, **({"unit": "u", "reason": "r", "evidence_to": MAY} | options))


def test_a_verdict_says_all_that_its_parts_say():
    first = Part("a", REGION, Analysis("main", 5, 4.5, 5.6), (analysis(4.4, 5.4, "b"), analysis(3, 5, "c")))
    second = Part("b", REGION, analysis(3, 5), needs="twelve runs")
    third = Part("c", REGION, needs="one run of any size")
    found = verdict(first, second, third)
    assert found.components == {"a": HOLDS, "b": UNDECIDED, "c": UNDECIDED}
    assert (found.verdict, found.primary, found.evidence_to) == (UNDECIDED, "main", "2020-05")
    assert (found.estimate, found.low, found.high) == (5, 4.5, 5.6)
    assert found.kind == TOO_FEW and found.needs == "twelve runs; one run of any size"
    assert found.robustness == pytest.approx(2 / 3, abs=1e-4)
    assert found.lean == pytest.approx((first.lean + second.lean) / 2, abs=1e-4)
    assert verdict(first).kind == "" == verdict(first).needs


def test_the_kind_of_a_decided_claim_is_empty_although_a_part_is_open():
    open_part = Part("c", REGION, analysis(3, 5, "x"), needs="more")
    found = verdict(Part("a", REGION, analysis(4, 5)), Part("b", REGION, analysis(1, 2)), open_part)
    assert (found.verdict, found.kind, leaning(found)) == (PARTLY, "", "") and found.needs == "more"


def test_a_claim_without_analyses_may_show_a_number():
    found = verdict(Part("a"), shown=Analysis("floor", 2, 1, 3))
    assert (found.verdict, found.estimate, found.low, found.high) == (UNTESTABLE, 2, 1, 3)
    bare = verdict(Part("a"))
    assert np.isnan(bare.estimate) and (bare.low, bare.high) == (-INF, INF) and bare.primary == ""


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([Part("a"), Part("a")], {}, "two parts have one name"),
        ([Part("a")], {"evidence_to": pd.Timestamp("2020-08-01")}, "newer than 2020-07-31"),
        ([Part("a", REGION, analysis(3, 5))], {}, "without saying what it needs: a"),
        ([Part("a", REGION)], {}, "without saying what it needs: a"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(parts, options, message):
    with pytest.raises(ValueError, match=f"x: .*{message}"):
        verdict(*parts, **options)


@pytest.mark.parametrize("evidence", ["2031", "2020-07-30", "2027-01-01", "2021", 2020, "2023-13-01"])
def test_evidence_of_no_known_date_is_refused(evidence):
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026, or a day from 2020-07-31"):
        Verdict.of("x", evidence, [Part("a")], unit="u", reason="r", evidence_to=MAY)


def test_evidence_of_any_day_between():
    assert Verdict.of("x", "2023-12-31", [Part("a")], unit="u", reason="r", evidence_to=MAY).evidence == "2023-12-31"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.6, 3.4, "leans neither way"), (0.9, 4.2, "leans towards the claim"), (-1, 2, "leans against the claim")],
)
def test_leaning_of_the_undecided(low, high, words):
    part = Part("a", Region(1.7, INF), analysis(low, high), needs="more")
    assert leaning(verdict(part)) == words
    assert leaning(verdict(Part("a", Region(-9, INF), analysis(low, high)))) == ""
    assert leaning(verdict(Part("a", REGION, needs="more"))) == ""


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (1, "robust"),
        (0.9, "robust"),
        (0.89, "neither robust nor fragile"),
        (0.67, "neither robust nor fragile"),
        (0.66, "fragile"),
        (np.nan, ""),
    ],
)
def test_robustness_in_words(share, word):
    assert robustness_word(share) == word


# ------------------------------------------------------------------ power and thresholds


@pytest.mark.parametrize(
    ("inside", "outside", "speaks"), [(0.5, 0, True), (0.49, 0.49, False), (0, 0.5, True), (0.2, 0.9, True)]
)
def test_a_rule_is_able_if_it_finds_the_right_word_half_the_time(inside, outside, speaks):
    rows = [("inside", HOLDS, inside), ("inside", FAILS, 1 - inside), ("outside", FAILS, outside), ("border", HOLDS, 1)]
    table, right = pd.DataFrame(rows, columns=["truth", "word", "share"]), {"inside": HOLDS, "outside": FAILS}
    assert able(table, right) == speaks
    assert not able(table, {"inside": PARTLY, "outside": PARTLY})


def table(low, high):
    return pd.DataFrame({"low": [low], "high": [high]}, ["a fit"])


@pytest.mark.parametrize("w", [0.0, 0.4, 0.6, 1.0, 2.9, 3.1])
@pytest.mark.parametrize("interval", [(4.5, 8.0), (5.5, 6.0), (2.0, 4.5), (4.0, INF)])
def test_thresholds_are_where_the_rule_turns(interval, w):
    row = thresholds(table(*interval), 5).iloc[0]
    word = FAILS if w < row["fails_below"] else HOLDS if w >= row["holds_from"] else UNDECIDED
    assert decide(*interval, (5 - w, 5 + w)) == word and row["fit"] == "a fit"


def test_the_words_are_a_closed_set():
    assert {HOLDS, FAILS, PARTLY, UNDECIDED, UNTESTABLE} == set(verdicts.VOCABULARY)
    assert {TOO_FEW, DISAGREE, NOTHING} == set(verdicts.UNDECIDED_KINDS)
