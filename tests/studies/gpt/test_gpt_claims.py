"""The verdicts on the GPT claims follow from their numbers, on both sides of every threshold."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import claims as ledger
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.gpt import claims, family, shares, web
from dl_limits.studies.scaling import claims as scaling_claims
from dl_limits.studies.scaling import fit, published
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE

INF = np.inf


@pytest.mark.parametrize(
    ("region", "inside", "across", "outside"),
    [
        (claims.WORDS_REGION, (1e11, 1e12), (9e10, 5e11), (1e10, 9.9e10)),
        (claims.PARAMS_REGION, (1.746e11, 1.754e11), (1.74e11, 1.75e11), (1.76e11, 1.8e11)),
        (claims.WEB_RULE, (0.5, 0.9), (0.1, 0.9), (0.01, 0.0999)),
        (claims.LEADS, (0.5, 1.4), (0.49, 0.6), (0.1, 0.49)),
        (scaling_claims.NO_SHRINKING, (1.0, 1.2), (0.99, 1.01), (0.8, 0.99)),
    ],
)
def test_regions(region, inside, across, outside):
    assert [region.word(*ends) for ends in (inside, across, outside)] == [HOLDS, UNDECIDED, FAILS]


# ------------------------------------------------------------------ words, parameters, the web


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(1e11, 9e11, HOLDS), (0.9e11, 9e11, UNDECIDED), (1e10, 9e10, PARTLY), (1e12, 2e12, UNDECIDED)],
)
def test_words_and_parameters_are_two_parts(monkeypatch, low, high, word):
    seen = {"seen": (low * high) ** 0.5, "low": low, "high": high, "words_per_token": 0.7}
    monkeypatch.setattr(family, "words", lambda until: seen)
    if word == UNDECIDED:
        with pytest.raises(ValueError, match="without saying what it needs: words seen"):
            claims.gpt3_words("2026")
    else:
        found = claims.gpt3_words("2026")
        assert (found.verdict, found.components["parameters"]) == (word, HOLDS)


def stocks(*rows):
    names = ["stock", "kind", "stated_year", "share", "low", "high"]
    return lambda until: pd.DataFrame(rows, columns=names)


PART = ("a part", "smaller part", 2020, 0.6, 0.55, 0.7)
CRAWL = ("a crawl", "largest crawl", 2020, 0.05, 0.01, 0.09)
OLD, NEW = ("old", "whole web", 2021, 0.3, 0.2, 0.4), ("new", "whole web", 2024, 0.01, 0.001, 0.02)


@pytest.mark.parametrize(
    ("rows", "primary", "word"),
    [
        ([PART], "a part", HOLDS),
        ([PART, CRAWL], "a crawl", FAILS),
        ([CRAWL, OLD, PART], "old", UNDECIDED),
        ([OLD, NEW], "new", FAILS),
    ],
)
def test_the_newest_estimate_of_the_whole_web_is_primary(monkeypatch, rows, primary, word):
    monkeypatch.setattr(web, "web_shares", stocks(*rows))
    found = claims.whole_internet("2026")
    assert (found.primary, found.verdict) == (primary, word)
    assert set(found.parts[0].words) == {row[0] for row in rows}
    assert (found.low, found.high) == next(row[4:] for row in rows if row[0] == primary)


# ------------------------------------------------------------------ size or data


@pytest.mark.parametrize(
    ("until", "primary"), [("2020", "Kaplan 2020"), ("2023-12-31", "Hoffmann 2022"), ("2026", "replication 2024")]
)
def test_the_newest_law_is_primary(until, primary):
    for claim in (claims.size_main_difference, claims.gpts_by_data):
        parts = [part for part in claim(until).parts if not part.name.startswith("descriptive")]
        assert {part.primary.name for part in parts} == {primary}


def test_size_and_data_are_two_sides():
    size, by_data = claims.size_main_difference("2026"), claims.gpts_by_data("2026")
    one = next(p for p in size.parts if p.name.endswith("unique text")).primary
    other = next(p for p in by_data.parts if p.name == "GPT-2 to GPT-3, unique text").primary
    assert (1 - one.high, 1 - one.low) == pytest.approx((other.low, other.high), abs=2e-3)
    assert len(by_data.parts) == 4 and len(size.parts) == 3


def test_the_descriptive_part_compares_growth_on_logarithmic_scales():
    part = claims.size_main_difference("2026").parts[0]
    growth = family.growth().query("step == 'GPT-2 to GPT-3'").set_index("axis")
    size, text = growth.loc["parameters", "low"], growth.loc["unique text", ["low", "high"]]
    ends = [np.log(size) / np.log(size * each) for each in text]
    assert (part.primary.low, part.primary.high) == pytest.approx((min(ends), max(ends)))
    assert size ** (1 / part.primary.low - 1) == pytest.approx(max(text))  # undone by hand


@pytest.mark.parametrize("account", ["tokens seen", "unique text"])
def test_draws_of_a_share_follow_its_curve(account):
    step = family.GENERATIONS[1]
    law = shares.laws_by()["Hoffmann 2022"]
    curve = shares.share_curve(step, law, account)
    draws = shares.share_draws(step, account, "Hoffmann 2022")
    between = shares.between_laws(step, account)
    low, high = curve["estimate"].min(), curve["estimate"].max()
    assert low - 4 * between < draws.min() and draws.max() < high + 4 * between
    assert np.median(draws) == pytest.approx(curve["estimate"].median(), abs=3 * between / np.sqrt(len(draws)) + 0.03)


def test_a_law_without_resamples_has_the_spread_between_laws():
    step = family.GENERATIONS[1]
    draws = shares.share_draws(step, "unique text", "Kaplan 2020")
    assert draws.std() == pytest.approx(shares.between_laws(step, "unique text"), rel=0.1)
    early = shares.share_draws(step, "unique text", "Kaplan 2020", CUTOFF)
    assert early.std() < draws.std()  # in 2020 only Kaplan's two sets of parameters could disagree
    middle = [np.sqrt(np.prod(family.tokens(name, "unique text", CUTOFF))) for name in step]
    two = [shares.size_share(step, law, *middle)[0] for law in shares.laws_by(CUTOFF).values()]
    assert shares.between_laws(step, "unique text", CUTOFF) == pytest.approx(abs(two[0] - two[1]) / np.sqrt(2))


def test_rounding_is_half_a_unit_of_the_last_digit():
    values = pd.Series({"alpha": 0.076, "scale": 6.4e13, "count": 175.0})
    draws = published.as_printed(values, 4000, np.random.default_rng(0))
    half = (draws - values).abs().max()
    assert half.to_list() == pytest.approx([0.0005, 0.05e13, 0.5], rel=0.01)
    assert (draws.mean() - values).abs().lt(0.05 * half).all()


def test_laws_enter_in_their_year():
    names = {day: list(shares.laws_by(pd.Timestamp(day))) for day in ("2020-07-31", "2022-12-31", "2024-12-31")}
    assert [len(each) for each in names.values()] == [2, 3, 4]
    assert "Kaplan 2020, single laws" not in shares.published_laws(LATEST)


# ------------------------------------------------------------------ the limit, and the step from it


def test_a_limit_that_may_come_cannot_be_tested():
    early, late = (scaling_claims.pretraining_limits(e) for e in ("2020", "2026"))
    assert early.verdict == late.verdict == UNTESTABLE
    floors = fit.floors_over_formulas()
    assert (late.low, late.high) == pytest.approx(tuple(np.quantile(floors, [0.025, 0.975])), abs=0.02)
    own = fit.surface().conf_int().loc["E"]
    assert late.low < own["lower"] and late.estimate == pytest.approx(fit.surface().params["E"], abs=1e-3)
    assert early.low == 0 and early.high > early.estimate > 1  # between nothing and where GPT-3 was


def test_a_formula_that_foretells_worse_does_not_count():
    compared, floors = fit.formulas().set_index("form"), fit.floors_over_formulas()
    assert (compared.loc[floors.columns, "forecast_rms_pct"] <= compared["forecast_rms_pct"].iloc[0]).all()
    assert next(iter(floors)) == compared.index[0] and (floors > 0).all(axis=None)


def test_returns_shrink_on_a_law_without_a_limit():
    found = scaling_claims.limit_to_diminishing("2020")
    assert found.verdict == FAILS and found.robustness == 1
    law = published.published_law("kaplan_cmin")
    x = law["scale"] * 10.0 ** np.arange(-6, -3)  # three points a tenfold apart
    loss = (law["scale"] / x) ** law["exponent"]
    first, second = -np.diff(loss)
    assert found.estimate == pytest.approx(second / first, abs=2e-3)
    assert found.low < second / first < found.high


# ------------------------------------------------------------------ all of them

CLAIMS = claims.CLAIMS | scaling_claims.CLAIMS


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("evidence", ["2020", "2022-12-31", "2026"])
def test_verdicts_are_whole(name, evidence):
    verdict = CLAIMS[name](evidence)
    assert verdict.id == name and verdict.evidence == evidence
    assert verdict.low <= verdict.estimate <= verdict.high
    assert verdict.reason.endswith(".") and "nan" not in verdict.reason and len(verdict.reason.split()) <= 30
    assert ledger.CLAIMS[name] is CLAIMS[name]


def test_unknown_evidence_is_refused():
    for claim in CLAIMS.values():
        with pytest.raises(ValueError, match="evidence"):
            claim("2023")
