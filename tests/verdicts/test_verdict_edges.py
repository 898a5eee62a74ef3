"""Every end of a region, an interval, a share and a word of the rule, at, just below and just above."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import verdicts
from dl_limits.dates import CUTOFF
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
    Power,
    Region,
    Threshold,
    Verdict,
    judged,
    leaning,
    robustness_word,
    times_more,
    word_at,
)

INF = np.inf
MAY = pd.Timestamp("2020-05-28")
BOTH = Region(4, 6, wrong_below=3, wrong_above=8)


def exactly(value, name="one"):
    return Analysis(name, value, value, value)


def verdict(*parts, **options):
    return Verdict.of("x", "2020", parts, **({"unit": "u", "reason": "r", "evidence_to": MAY} | options))


# ------------------------------------------------------------------ regions and intervals


@pytest.mark.parametrize(
    ("end", "at", "outside", "beyond"),
    [(4, HOLDS, UNDECIDED, -INF), (6, HOLDS, UNDECIDED, INF), (3, UNDECIDED, FAILS, -INF), (8, UNDECIDED, FAILS, INF)],
)
def test_each_end_belongs_to_the_inner_side(end, at, outside, beyond):
    out, back = np.nextafter(end, beyond), np.nextafter(end, -beyond)
    assert [BOTH.word(value, value) for value in (back, end, out)] == [at, at, outside]


@pytest.mark.parametrize(
    ("interval", "word"),
    [((3.5, 5), UNDECIDED), ((5, 7), UNDECIDED), ((2, 9), UNDECIDED), ((2, 3.5), UNDECIDED), ((7, 9), UNDECIDED)],
)
def test_both_ends_of_an_interval_count(interval, word):
    assert BOTH.word(*interval) == word


def test_the_outer_ends_are_the_inner_ones_by_default():
    assert Region(4, 6) == Region(4, 6, 4, 6) and Region() == Region(-INF, INF, -INF, INF)
    assert Region(4, 6, 4, 6).word(5, 5) == HOLDS  # ends may touch
    assert Region(5, 5).word(5, 5) == HOLDS


@pytest.mark.parametrize("ends", [(4, 6, 4.1), (4, 6, None, 5.9), (6.1, 6)])
def test_an_outer_end_inside_is_refused(ends):
    with pytest.raises(ValueError, match="in order"):
        Region(*ends)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (BOTH, "low"),
        (exactly(1), "low"),
        (Part("p"), "name"),
        (Power(None, None, ""), "noise"),
        (Threshold("", None, None, (), None), "grid"),
        (verdict(Part("a")), "verdict"),
    ],
)
def test_nothing_is_changed_once_it_is_made(made, name):
    with pytest.raises(FrozenInstanceError):
        setattr(made, name, 0)


# ------------------------------------------------------------------ analyses


def test_an_estimate_may_lie_at_either_end():
    assert Analysis("a", 1, 1, 2).estimate == 1 and Analysis("a", 2, 1, 2).estimate == 2


def test_quantiles_of_draws_are_draws():
    draws = range(1, 2002)  # the 51st is the first of 2,001 with more than 2.5 % at or below it
    found = Analysis.of_draws("a", draws)
    assert (found.low, found.estimate, found.high) == (51, 1001, 1951) and found.draws == tuple(draws)
    narrow = Analysis.of_draws("a", draws, level=0.5)
    assert (narrow.low, narrow.estimate, narrow.high) == (501, 1001, 1501)
    assert Analysis.of_draws("a", draws, estimate=60).estimate == 60


@pytest.mark.parametrize(("rank", "value"), [(0.025, 4.0), (0.5, 5.0), (0.975, 8.0)])
def test_ranks_of_an_interval_are_those_of_its_two_normal_sides(rank, value):
    found = Analysis("a", 5, 4, 8)
    assert found.at_rank(rank) == pytest.approx(value)
    assert found.at_rank(stats.norm.cdf(1)) == pytest.approx(5 + 3 / stats.norm.ppf(0.975))
    assert found.at_rank(stats.norm.cdf(-1)) == pytest.approx(5 - 1 / stats.norm.ppf(0.975))


def test_ranks_of_draws_are_draws():
    found = Analysis("a", 20, 10, 40, (40, 10, 30, 20))
    assert [found.at_rank(rank) for rank in (0.25, 0.26, 0.5, 1.0)] == [10, 20, 20, 40]
    assert exactly(3).at_rank(0.1) == 3


def test_everything_of_an_analysis_moves():
    assert Analysis("a", 2, 1, 4, (1, 2, 4)).moved(0.5) == Analysis("a", 2.5, 1.5, 4.5, (1.5, 2.5, 4.5))
    assert Analysis("a", 2, 1, 4).moved(-3) == Analysis("a", -1, -2, 1)


def test_shares_of_one_sided_regions_add_up():
    found = Analysis("a", 5, 4, 8)
    assert [found.share(Region(high=end)) for end in (4, 5, 8)] == pytest.approx([0.025, 0.5, 0.975])
    assert [found.share(Region(low=end)) for end in (4, 5, 8)] == pytest.approx([0.975, 0.5, 0.025])
    one_sided = Analysis("a", 5, 5, 8)
    assert one_sided.share(Region(high=5)) == one_sided.share(Region(low=5)) == 1  # both hold the estimate


# ------------------------------------------------------------------ parts


def test_the_lean_is_the_mean_of_right_and_not_wrong():
    part = Part("p", BOTH, Analysis("a", 6, 4, 8))
    right, not_wrong = 0.5 - 0.025, 1 - stats.norm.cdf(-1.5 * stats.norm.ppf(0.975)) - 0.025
    assert part.lean == pytest.approx((right + not_wrong) / 2)
    counted = Part("p", BOTH, Analysis("a", 5, 2, 9, (2, 3.5, 5, 7, 9)))
    assert counted.lean == pytest.approx((1 / 5 + 3 / 5) / 2)


def test_a_part_as_words_and_numbers():
    first, second = Analysis("main", 4.123456, 3.512345, 5.0), exactly(2, "other")
    plain = Part("p", BOTH, first, (second,), "more").plain()
    assert plain == {
        "name": "p",
        "verdict": UNDECIDED,
        "kind": TOO_FEW,
        "lean": pytest.approx(Part("p", BOTH, first).lean, abs=5e-5),
        "robustness": 0.5,
        "primary": "main",
        "estimate": 4.1235,
        "low": 3.5123,
        "high": 5.0,
        "analyses": {"main": UNDECIDED, "other": FAILS},
        "needs": "more",
    }
    assert plain["lean"] != Part("p", BOTH, first).lean  # to four digits
    third = Part("p", BOTH, exactly(5), (exactly(5, "b"), exactly(9, "c"))).plain()
    assert third["robustness"] == 0.6667
    empty = Part("p", BOTH, needs="n").plain()
    assert (empty["kind"], empty["primary"], empty["analyses"]) == (NOTHING, "", {}) and np.isnan(empty["low"])


def test_an_undecided_word_alone_has_a_kind():
    assert Part("p", BOTH, exactly(5), (exactly(1, "b"),)).kind == "" == Part("p", BOTH, exactly(1)).kind


# ------------------------------------------------------------------ the claim


def part(name, *values, needs="more"):
    """A part whose analyses are the intervals given, the first the primary one; no interval: nothing to test."""
    found = [Analysis(f"{name}{k}", (low + high) / 2, low, high) for k, (low, high) in enumerate(values)]
    return Part(name, BOTH, found[0] if found else None, tuple(found[1:]), needs)


FEW, SPLIT, NONE = part("few", (2, 5)), part("split", (2, 5), (5, 5), (1, 1)), part("none")


@pytest.mark.parametrize(
    ("parts", "kind"),
    [([NONE, SPLIT, FEW], TOO_FEW), ([NONE, SPLIT], DISAGREE), ([NONE], NOTHING), ([part("sure", (5, 5))], "")],
)
def test_too_few_data_goes_before_disagreement_and_that_before_nothing(parts, kind):
    assert judged(parts)[1] == kind
    assert verdicts.UNDECIDED_KINDS == (TOO_FEW, DISAGREE, NOTHING)


def test_what_parts_say_together_is_the_mean_lean_and_the_least_robustness():
    good, bad = part("good", (5, 5), (5, 5), (1, 1)), part("bad", (1, 1), (1, 1), (1, 1), (5, 5))
    assert judged([good, bad, NONE, Part("untestable")])[:1] == (PARTLY,)
    assert judged([good, bad])[2:] == (0.5, 0.6667)
    assert judged([good, good]) == (HOLDS, "", 1.0, 0.6667)
    assert judged([bad, part("alone", (1, 1))]) == (FAILS, "", 0.0, 0.75)
    three = [good, bad, part("third", (5, 5))]
    assert judged(three)[2] == 0.6667  # two of three, to four digits
    word, kind, lean, share = judged([Part("untestable")])
    assert (word, kind) == (UNTESTABLE, "") and np.isnan([lean, share]).all()


def test_the_first_part_with_an_analysis_gives_the_numbers():
    first, shown = Analysis("f", 4.56789, 4.12341, 5.98765), exactly(9, "shown")
    found = verdict(Part("a"), Part("b", BOTH, first), Part("c", BOTH, exactly(5)), shown=shown)
    assert (found.primary, found.estimate, found.low, found.high) == ("f", 4.5679, 4.1234, 5.9877)
    assert (found.id, found.evidence, found.unit, found.reason) == ("x", "2020", "u", "r")
    assert found.could_say == () and found.brief == ""


def test_needs_are_those_of_open_parts_each_once():
    parts = [part("a", (2, 5), needs="runs"), part("b", needs="runs"), part("c", (5, 5), needs="no"), part("d")]
    assert verdict(*parts).needs == "runs; more"


def test_evidence_of_the_day_itself_counts():
    assert verdict(Part("a"), evidence_to=CUTOFF).evidence_to == "2020-07"
    with pytest.raises(ValueError, match="newer"):
        verdict(Part("a"), evidence_to=CUTOFF + pd.Timedelta(days=1))


def test_a_brief_reason_has_twelve_words_and_signs_are_none():
    assert verdict(Part("a"), brief="w " * 12).brief and verdict(Part("a"), brief="w – " * 12).brief
    with pytest.raises(ValueError, match="at most 12 words"):
        verdict(Part("a"), brief="w " * 13)


@pytest.mark.parametrize(
    ("lean", "words"),
    [
        (0.6667, "leans towards the claim"),
        (2 / 3, "leans neither way"),
        (0.5, "leans neither way"),
        (1 / 3, "leans neither way"),
        (0.3333, "leans against the claim"),
    ],
)
def test_two_thirds_and_one_third_lean_neither_way(lean, words):
    found = verdict(FEW)
    assert leaning(replace(found, lean=lean)) == words
    assert leaning(replace(found, lean=lean, verdict=PARTLY)) == "" == leaning(replace(found, lean=np.nan))


@pytest.mark.parametrize(
    ("end", "at", "below"),
    [(0.9, "robust", "neither robust nor fragile"), (0.67, "neither robust nor fragile", "fragile")],
)
def test_robustness_at_its_two_ends(end, at, below):
    assert [robustness_word(np.nextafter(end, side)) for side in (1, 0)] == [at, below] and robustness_word(end) == at
    assert robustness_word(2 / 3) == "fragile"  # two of three analyses


def test_probabilities_that_are_likely_or_not():
    assert (verdicts.HALF, verdicts.LIKELY, verdicts.UNLIKELY) == (1 / 2, 4 / 5, 1 / 5)


# ------------------------------------------------------------------ power


@pytest.mark.parametrize(
    ("found", "border", "half"),
    [((5, 3, 6), 4.5, 2), ((5, 3, 6), 5.25, 1), ((5, -INF, 6), 5.5, 1), ((5, 3, INF), 4, 2)],
)
def test_so_many_more_data_find_the_border_outside_with_80_per_cent(found, border, half):
    more = times_more(*found, border)
    z = stats.norm.ppf(0.975)
    error = half / z / np.sqrt(more)
    assert more > 1 and stats.norm.cdf(abs(border - 5) / error - z) == pytest.approx(0.8)


def test_enough_is_enough_and_some_borders_are_out_of_reach():
    assert times_more(5, 4.9, 5.1, 1) == 1.0
    assert times_more(5, 3, 6, 5) == times_more(5, -INF, 6, 4) == times_more(5, 3, INF, 6) == INF
    assert times_more(5, 5, 5, 5) == INF  # a count that lies on its border


class Ranks:
    """Gives ranks one after the other."""

    def __init__(self, *ranks):
        self.ranks = list(ranks)

    def uniform(self):
        return self.ranks.pop(0)


@pytest.mark.parametrize(
    ("rank", "low", "high"),
    [(0.975, 11, 14), (0.025, 8, 11), (0.5, 9, 12)],  # 5 (4 to 7) errs by 2, by -1 and by nothing, about a truth of 10
)
def test_a_published_interval_errs_as_it_says(rank, low, high):
    found = Analysis("a", 5, 4, 7)
    for ends, word in [((-1e-9, 1e-9), HOLDS), ((1e-9, 1e-9), UNDECIDED), ((-1e-9, -1e-9), UNDECIDED)]:
        region = Region(low + ends[0], high + ends[1])
        assert word_at([Part("p", region, found)], 10, Ranks(rank)) == word


def test_one_rank_serves_all_parts_and_what_has_no_analysis_stays_open():
    sure = Part("a", Region(9), Analysis("a", 0, -1, 1))
    assert word_at([sure, replace(sure, name="b")], 20, Ranks(0.5)) == HOLDS
    assert word_at([sure, Part("c", Region(9))], 20, Ranks(0.5)) == UNDECIDED
    assert word_at([sure, Part("c")], 20, Ranks(0.5)) == HOLDS  # not testable: does not count


def test_a_power_asks_for_what_is_true_inside_and_false_outside():
    assert Power(None, None, "").right == {"inside": HOLDS, "outside": FAILS}
    assert Power(None, None, "").repetitions == 200


# ------------------------------------------------------------------ thresholds


GRID = (0.5, 1.0, 2.0, 10.0)


def moving(grid=GRID, region=lambda part, value, own: Region(high=value, wrong_above=2 * value)):
    return Threshold("at most {}", lambda parts: parts[0].region.high, region, grid, str)


def at_most(*ends, own=4.0):
    found = [Analysis(str(end), sum(end) / 2, *end) for end in ends]
    return Part("p", Region(high=own, wrong_above=2 * own), found[0], tuple(found[1:]))


def test_the_steps_are_the_grid_and_the_rules_own():
    assert moving().steps([at_most((2, 3))]).tolist() == [0.5, 1.0, 2.0, 4.0, 10.0]
    assert moving().steps([at_most((2, 3), own=2.0)]).tolist() == list(GRID)
    assert moving().steps([at_most((2, 3), own=20.0)])[-1] == 20


def test_words_turn_where_an_end_of_the_region_meets_an_end_of_an_interval():
    assert moving().segments([at_most((2, 3))]) == [
        (0.5, 1.0, FAILS, ""),  # twice the threshold is below the lower end
        (1.0, 3.0, UNDECIDED, TOO_FEW),  # at 1.5 twice the threshold meets the upper end: nothing turns
        (3.0, 10.0, HOLDS, ""),
    ]


def test_kinds_turn_where_another_analysis_does():
    assert moving().segments([at_most((2, 3), (1.9, 1.95), (8, 9))]) == [
        (0.5, 1.0, FAILS, ""),
        (1.0, 1.95, UNDECIDED, TOO_FEW),
        (1.95, 3.0, UNDECIDED, DISAGREE),
        (3.0, 10.0, HOLDS, ""),
    ]


def test_lower_ends_turn_words_too():
    rising = moving(region=lambda part, value, own: Region(value, wrong_below=value / 2))
    assert rising.segments([at_most((2, 3))]) == [
        (0.5, 2.0, HOLDS, ""),
        (2.0, 6.0, UNDECIDED, TOO_FEW),
        (6.0, 10.0, FAILS, ""),
    ]


def test_meetings_outside_the_values_to_choose_turn_nothing():
    for ends in ((0.1, 0.2), (0.1, 30), (15, 30)):
        found = moving().segments([at_most(ends)])
        assert found[0][0] == 0.5 and found[-1][1] == 10.0 and len(found) == 1 + (ends[0] == 15)
    assert [row[2] for row in moving().segments([at_most((15, 30))])] == [FAILS, UNDECIDED]


def test_a_part_without_region_or_threshold_stays_as_it_is():
    asked = []

    def region(part, value, own):
        asked.append((part.name, own))
        return Region(high=value) if part.name == "p" else None

    parts = [at_most((2, 3)), Part("fixed", Region(1), exactly(5)), Part("none")]
    moved = moving(region=region).moved(parts, 2.5)
    assert [each.region for each in moved] == [Region(high=2.5), Region(1), None]
    assert asked == [("p", 4.0), ("fixed", 4.0)]
    assert [row[2] for row in moving(region=region).segments(parts)] == [PARTLY, UNDECIDED, HOLDS]
    fixed = moving(region=lambda part, value, own: Region(high=4.0))
    assert fixed.segments(parts[:1]) == [(0.5, 10.0, HOLDS, "")]  # an end that does not move


@pytest.mark.parametrize(("value", "fits"), [(0.5, True), (10.0, True), (0.4999, False), (10.001, False), (3, True)])
def test_the_values_to_choose_end_where_they_say(value, fits):
    parts = [at_most((2, 3))]
    if fits:
        assert moving().moved(parts, value)[0].region == Region(high=value, wrong_above=2 * value)
    else:
        with pytest.raises(ValueError, match=r"between 0\.5 and 10"):
            moving().moved(parts, value)


def test_at_the_rules_own_value_nothing_is_asked():
    parts = [at_most((2, 3))]
    refused = moving(region=lambda *_: pytest.fail("asked"))
    assert refused.moved(parts, 4.0) == tuple(parts)
