"""Every end and number of the verdicts on adversarial NLI, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.inference.chance import ChanceTest, difference
from dl_limits.studies.nli import cells, claims
from dl_limits.studies.nli import later as nli_later
from dl_limits.verdicts import FAILS, HOLDS, Analysis, Part, Region
from dl_limits.words import about

INF = np.inf
Z = stats.norm.ppf(0.975)
EXAMPLES = np.repeat([1000, 1000, 1200], 3)


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


@pytest.mark.parametrize(("region", "end"), [(claims.BEHIND, 0.0), (claims.SHORT_OF_CHECKERS, -3.0)])
def test_the_end_belongs_to_what_holds(region, end):
    assert region == Region(high=end)
    assert [region.word(v, v) for v in (end, np.nextafter(end, INF))] == [HOLDS, FAILS]


def test_the_thresholds_offered():
    chance, corpus = (claims.THRESHOLDS[name] for name in ("anli-chance", "nli-corpus"))
    assert chance.grid == tuple(k / 2 for k in range(1, 41)) and corpus.grid == tuple(k / 2 for k in range(61))
    mean, single = Part("mean", Region(high=5.0)), Part("single", Region(high=9.0))
    assert chance.own([mean, single]) == 5.0 and chance.region(single, 6.5, 5.0) == Region(high=10.5)
    assert corpus.own([]) == 3.0 and corpus.region(Part("any prompted model since"), 4.0, 3.0) == Region(high=-4.0)
    assert corpus.region(Part("GPT-3 then"), 4.0, 3.0) is None
    assert chance.form(1.5) == corpus.form(1.5) == "1.5 points"


# ------------------------------------------------------------------ chance


def test_the_numbers_of_both_parts_of_chance():
    scores = np.round(100 / 3 + np.linspace(-2, 3, 9), 1)
    test = ChanceTest(scores, EXAMPLES)
    mean, single = claims._chance_parts(test, 1.5, (0.0, 4.0))
    fit = test.fit(1.5)
    error, at = claims.mean_error([1000, 1000, 1200], 1.5), fit.excess.mean()
    assert (mean.primary.estimate, mean.primary.low, mean.primary.high) == pytest.approx(
        (at, at - Z * error, at + Z * error)
    )
    draws = np.asarray(mean.primary.draws)
    assert len(draws) == 400 and np.diff(stats.norm.cdf((draws - at) / error)) == pytest.approx(1 / 400)
    assert draws[0] + draws[-1] == pytest.approx(2 * at)
    assert mean.region == Region(high=claims.margin(error))
    assert single.primary.estimate == fit.excess.max()
    assert single.primary.low == fit.conf_int(0.05 / 9)["lower"].max()  # nine tests
    assert single.primary.high == fit.conf_int(0.05)["upper"].max()
    one = np.sqrt(1e4 * (1 / 3) * (2 / 3) / 1000 + 1.5**2)  # of the smallest round
    assert single.region == Region(high=claims.margin(one))
    assert [each.name for each in single.others] == [f"prompt noise {sd} points" for sd in ("0.0", "4.0")]


@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_other_noises_keep_the_distance_to_their_own_margin(noise):
    test = ChanceTest(np.round(100 / 3 + np.linspace(-2, 3, 9), 1), EXAMPLES)
    for swept, alone in zip(claims._chance_parts(test, 2.0, (noise,)), claims._chance_parts(test, noise), strict=True):
        moved = swept.others[0]
        assert moved.high - swept.region.high == pytest.approx(alone.primary.high - alone.region.high)
        assert moved.low - swept.region.high == pytest.approx(alone.primary.low - alone.region.high)


@pytest.mark.parametrize("estimate", [3.0, 7.0])
def test_the_questions_and_wordings_that_decide(estimate):
    found = [(Analysis("a", estimate, 0.0, 9.0), 5.0)]
    part = claims._little("p", found, None, 1.5)
    wanted = 2.0 / (Z + stats.norm.ppf(0.8))  # standard error at which 2 points are shown with 80 % power
    questions, wordings = 1e4 * 2 / 9 / (wanted**2 / 2), np.ceil(1.5**2 / (wanted**2 / 2))
    assert part.needs == f"about {about(questions)} questions, asked in {about(wordings)} wordings"
    assert claims._little("p", [(Analysis("a", estimate, 0.0, 9.0), 9.0)], None, 1.5).needs == ""


def test_simulated_scores_lie_where_the_truth_is(monkeypatch, exact):
    seen = []
    monkeypatch.setattr(claims, "_chance_parts", lambda test, noise: seen.append((test, noise)) or [Part("p")])
    claims._chance_at(6.0, "2026", exact(normal=1.0))
    test, most = seen[0]
    sd, largest = cells.own_noise(LATEST)
    real = cells.largest_cells()
    assert most == largest and list(test.n) == list(real.n)
    wording = np.tile(sd * np.arange(1, 4), 3)  # one for the three rounds of a setting
    excess = test.fit(0.0).excess.to_numpy()
    assert excess == pytest.approx(6.0 + wording, abs=0.051)  # to the digit that is printed
    for truth, at in ((-50, 0.0), (90, 100.0)):  # no share below nought or above one
        claims._chance_at(truth, "2026", exact())
        assert seen[-1][0].fit(0.0).excess.to_numpy() == pytest.approx(at - 100 / 3, abs=0.051)


@pytest.mark.parametrize(("evidence", "known"), [("2020", False), ("2026", True)])
def test_chance_is_told_with_its_numbers(evidence, known):
    found = claims.little_better(evidence)
    mean, worst = found.parts
    first = mean.primary
    span = f"{first.low:.1f} to {first.high:.1f}; little is under {mean.region.high:.0f}".replace("-", "−")
    assert f"GPT-3 was {first.estimate:.1f} points better than guessing on average ({span})" in found.reason
    assert f"at best {worst.primary.estimate:.1f}." in found.reason
    again = cells.reevaluation()
    assert ("other wordings" in found.reason) == known
    if known:
        said = f"Asked in {len(again)} other wordings: {again['accuracy_pct'].mean():.1f} %."
        assert said in found.reason and found.evidence_to == f"{again['published'].max():%Y-%m}"
    else:
        assert found.evidence_to == "2020-05"
    assert found.brief.startswith(f"{first.estimate:.1f} points better") and "at best" in found.brief
    assert [float(each.name.split()[2]) for each in mean.others] == [
        sd for sd in (0, 1, 2, 3, 4) if sd != cells.own_noise(LATEST)[1]
    ]
    noise = cells.own_noise(LATEST if known else CUTOFF)[1]
    assert first.name == f"prompt noise {noise:.1f} points"


# ------------------------------------------------------------------ the corpus


def gaps(*ends, group="prompted only", names=("difference", "low", "high")):
    rows = [[group, "m", 10.0, *each] for each in ends]
    return pd.DataFrame(rows, columns=["group", "model", "right", *names])


def test_the_largest_of_three_differences():
    found = claims._largest("a", gaps((-5, -8, -3), (1, -1, 2), (-2, -9, 4)))
    wider = stats.norm.ppf(1 - 0.025 / 3) / Z  # one above needs a correction for three
    assert (found.estimate, found.high) == (1, 4)  # all below needs none
    assert found.low == pytest.approx(1 - wider * 1.5)
    alone = claims._largest("a", gaps((-5, -8, -2)))
    assert (alone.estimate, alone.low, alone.high) == pytest.approx((-5, -8, -2))
    assert claims._largest("a", gaps((1, 2.5, 2.5), (0, -1, 1))).low <= 2.5


def test_the_smallest_is_the_mirror_image():
    found = claims._smallest("s", gaps((5, 3, 8), (-1, -2, 1), (2, -4, 9)))
    other = claims._largest("s", gaps((-5, -8, -3), (1, -1, 2), (-2, -9, 4)))
    assert (found.name, found.estimate, found.low, found.high) == ("s", -other.estimate, -other.high, -other.low)


def test_the_part_then_says_how_many_wordings():
    table = gaps((-3, -7, 1), (-5, -9, -1))
    part = claims._then(table)
    more = ((4 / Z) * (Z + stats.norm.ppf(0.8)) / 3) ** 2
    assert part.needs == f"the mean over about {about(np.ceil(more))} wordings of the prompt"
    two = pd.concat([table.assign(model="weak", right=9.0), table.assign(model="strong")])
    assert [part.name for part in (claims._then(two).primary, *claims._then(two).others)] == [
        "against strong",
        "against weak",
    ]


def test_analyses_of_later_models_in_their_order():
    part = claims._since(
        pd.concat([gaps((-9, -10, -8), (-4, -5, -3)), gaps((3, 2, 4), group="z"), gaps((1, 0, 2), group="b")])
    )
    assert list(part.words) == ["prompted only", "prompted only, closest round", "z", "b"]
    assert part.region == claims.SHORT_OF_CHECKERS and part.primary.estimate == -9 and part.others[0].estimate == -4


@pytest.mark.parametrize("until", [CUTOFF, LATEST])
def test_gaps_then_are_differences_with_noise_on_both_sides(until):
    table, best = claims._gaps_then(until), nli_later.best_gpt3()
    noise = cells.own_noise(until)[1]
    raw = cells.results(CUTOFF)
    assert set(table.groupby("model").size()) == {3}
    for row in table.itertuples():
        key = next(key for key, name in cells.ROUNDS.items() if name == row.round)
        small = raw[raw["model"].eq(row.model) & raw["benchmark"].eq(key) & raw["split"].eq("test")]
        small = small[small["regime"].eq("fine-tuned")].iloc[0]
        pair = [(each["accuracy_pct"], int(each["examples"]), int(each["decimals"])) for each in (best.loc[key], small)]
        want = difference(*pair, alpha=0.05, noise_sd=(noise, noise))
        assert (row.difference, row.low, row.high) == pytest.approx(want)
        assert row.right == pytest.approx(small["accuracy_pct"] * small["examples"] / 100)


def test_gaps_since_are_distances_from_the_people_who_checked():
    table, noise = claims._gaps_since(LATEST), cells.own_noise(LATEST)[1]
    people = data.load("nli_test_sets").set_index(["benchmark", "split"])
    assert list(table["group"].unique())[:2] == ["prompted only", "trained on ANLI"]
    assert (table["published"] > CUTOFF).all() and (table["low"] < table["difference"]).all()
    rounds = table[table["group"].isin(["prompted only", "trained on ANLI"])]
    assert list(rounds["round"]) == ["round 1", "round 2", "round 3"] * 2
    everything = pd.concat([cells.results(LATEST), data.load("anli_later")])
    for row in table.itertuples():
        split = "dev" if "dev" in row.group else "test"
        key = f"anli_r{row.round[-1]}"
        checked = people.loc[(key, split)]
        assert row.difference == pytest.approx(row.accuracy_pct - checked["verifier_labels_pct"])
        scored = everything[everything["model"].eq(row.model) & everything["benchmark"].eq(key)]
        scored = scored[scored["accuracy_pct"].eq(row.accuracy_pct)].iloc[0]
        decimals = 1 if "unknown" in row.group else int(scored["decimals"])
        want = difference(
            (row.accuracy_pct, int(scored["examples"]), decimals),
            (checked["verifier_labels_pct"], int(checked["examples"]), 1),
            alpha=0.05,
            noise_sd=(noise, 0.0),
        )
        assert (row.low, row.high) == pytest.approx(want[1:])
    later = cells.results(LATEST)
    later = later[later["published"].gt(CUTOFF) & later["family"].ne("GPT-3") & ~later["split"].eq("dev")]
    later = later[later["examples"].notna() & later["benchmark"].isin(cells.ROUNDS)]
    best = later.assign(group=nli_later.group_of).groupby(["group", "benchmark"], observed=True)["accuracy_pct"].max()
    assert list(rounds["accuracy_pct"]) == [best[(g, b)] for g in ("prompted", "trained") for b in cells.ROUNDS]


@pytest.mark.parametrize("z", [0.0, 1.0])
def test_simulated_gaps_stand_at_the_truth_and_err_as_their_intervals_say(monkeypatch, exact, z):
    monkeypatch.setattr(claims, "_gaps_then", lambda until: gaps((-3, -7, 1), (-5, -6, -4)))
    monkeypatch.setattr(claims, "_gaps_since", lambda until: gaps((-9, -11, -7)))
    seen = {}

    def keep(name):
        return lambda rows: seen.update({name: rows}) or Part(name, Region(high=0.0), Analysis("a", -1, -1, -1))

    monkeypatch.setattr(claims, "_then", keep("then"))
    monkeypatch.setattr(claims, "_since", keep("since"))
    assert claims._corpus_at(-4.0, "2026", exact(normal=z)) == HOLDS
    for rows, halves in ((seen["then"], [4, 1]), (seen["since"], [2])):
        at = -4.0 + z * np.array(halves) / Z
        assert rows["difference"].to_numpy() == pytest.approx(at)
        assert rows["low"].to_numpy() == pytest.approx(at - halves) and rows["high"].to_numpy() == pytest.approx(
            at + halves
        )
    monkeypatch.setattr(claims, "_gaps_since", lambda until: gaps())
    monkeypatch.setattr(claims, "_since", lambda rows: pytest.fail("nothing to judge"))
    assert claims._corpus_at(-4.0, "2020", exact()) == HOLDS


def test_the_corpus_is_told_with_its_numbers():
    early, late = claims.corpus_not_enough("2020"), claims.corpus_not_enough("2026")
    small = nli_later.reference_small_model(CUTOFF)
    behind = -small["difference"].max()
    times = small["times_less_compute"].iloc[0]
    assert f"with {times:.0f} times less compute, is ahead of GPT-3 by {behind:.0f} points or more" in early.reason
    assert early.reason.startswith(small["model"].iloc[0]) and f"was {behind:.0f} points or more" in early.brief
    assert early.evidence_to == "2020-05"
    table = claims._gaps_since(LATEST)
    third = table[(table["group"] == "prompted only") & (table["round"] == "round 3")].iloc[0]
    short = f"{-third['difference']:.0f} points short of"
    assert (
        f"reached {third['accuracy_pct']:.0f} % on round 3, {short} the people" in late.reason and short in late.brief
    )
    assert late.evidence_to == f"{table['published'].max():%Y-%m}"
