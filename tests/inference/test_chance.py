"""Accuracies against chance: other libraries, exact enumeration and simulations with known truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import betabinom, binom, binomtest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    binom_tost,
    confint_proportions_2indep,
    power_binom_tost,
    proportion_confint,
    proportions_chisquare,
)

from dl_limits.inference.chance import ChanceTest, detectable, difference, distribution, possible_counts, power
from dl_limits.inference.chance_trend import ChanceTrend, FloorLogit

COUNTS, SIZES = np.array([346, 320, 368, 482]), np.array([1000, 1000, 1000, 1200])


def exact(counts=COUNTS, sizes=SIZES):
    """Return a test of accuracies printed so finely that the count is known."""
    return ChanceTest(100 * counts / sizes, sizes, decimals=6)


# ------------------------------------------------------------------ counts behind percentages


@pytest.mark.parametrize(
    ("printed", "n", "decimals", "low", "high"),
    [
        (36.8, 1000, 1, 368, 368),
        (40.2, 1200, 1, 482, 483),  # 483 of 1,200 are 40.25 %, and both ways of rounding a half are allowed
        (33.33, 1200, 2, 400, 400),
        (73.8, 2000, 1, 1475, 1477),
        (50.0, 11, 0, None, None),
        (82.1, 56, 1, 46, 46),
        (0.0, 56, 1, 0, 0),
        (100.0, 56, 1, 56, 56),
        (40.0, 1200, 0, 474, 486),
    ],
)
def test_counts_are_all_that_round_to_the_print(printed, n, decimals, low, high):
    half = 0.5 * 10.0**-decimals + 1e-9
    fits = [k for k in range(n + 1) if abs(100 * k / n - printed) <= half]
    if low is None:
        assert not fits
        with pytest.raises(ValueError, match=f"position 0: no count of {n} examples gives {printed:g} %"):
            possible_counts(printed, n, decimals)
        return
    found = possible_counts(printed, n, decimals)
    assert (found[0][0], found[1][0]) == (low, high) == (fits[0], fits[-1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([101.0], [100]), "between 0 and 100"),
        (([40.0, -1.0], [100, 100]), "between 0 and 100; position 1 holds -1"),
        (([np.nan], [100]), "accuracy_pct must be finite; position 0"),
        (([40.0], [0]), "n must be whole numbers of at least 1; position 0"),
        (([40.0], [100.5]), "n must be whole numbers"),
        (([40.0, 41.0], [100, 100, 100]), "n has 3 rows, accuracy_pct has 2"),
    ],
)
def test_impossible_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ChanceTest(*arguments)


@pytest.mark.parametrize("bad", [{"chance": 0}, {"chance": 1.2}])
def test_an_impossible_chance_is_refused(bad):
    with pytest.raises(ValueError, match="chance"):
        ChanceTest([40.0], [1000], **bad)


def test_unknown_words_are_refused():
    fit = exact().fit()
    with pytest.raises(ValueError, match="method must be one of"):
        fit.conf_int(method="wald")
    with pytest.raises(ValueError, match="method must be one of"):
        fit.adjusted(fit.p_above(), "none")
    with pytest.raises(ValueError, match="knows no prompt noise"):
        exact().fit(2).conf_int(method="wilson")
    with pytest.raises(ValueError, match="noise_sd"):
        exact().fit(60)


# ------------------------------------------------------------------ against other libraries


@pytest.mark.parametrize("points", [0.0, 3.0, -4.0])
def test_one_sided_tests_are_scipys(points):
    fit = exact().fit()
    null = 1 / 3 + points / 100
    for side, found in (("greater", fit.p_above(points)), ("less", fit.p_below(points))):
        expected = [
            binomtest(int(k), int(n), null, alternative=side).pvalue for k, n in zip(COUNTS, SIZES, strict=True)
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(("method", "theirs"), [("exact", "beta"), ("wilson", "wilson")])
def test_intervals_are_statsmodels(method, theirs):
    found = exact().fit().conf_int(0.1, method)
    low, high = proportion_confint(COUNTS, SIZES, 0.1, theirs)
    np.testing.assert_allclose(found["lower"], 100 * (low - 1 / 3), atol=1e-9)
    np.testing.assert_allclose(found["upper"], 100 * (high - 1 / 3), atol=1e-9)


@pytest.mark.parametrize("margin", [3.0, 5.0, 8.0])
def test_equivalence_is_statsmodels(margin):
    found = exact().fit().equivalence(margin)
    low, high = 1 / 3 - margin / 100, 1 / 3 + margin / 100
    expected = [binom_tost(k, n, low, high)[0] for k, n in zip(COUNTS, SIZES, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("method", ["holm", "fdr_bh"])
def test_corrections_are_statsmodels(method):
    fit, rng = exact().fit(), np.random.default_rng(7)
    for p in (fit.p_above(), pd.Series([0.02, 0.02, 0.02]), *(pd.Series(rng.random(k) ** 3) for k in (1, 4, 9, 50))):
        np.testing.assert_allclose(fit.adjusted(p, method), multipletests(p, method=method)[1], rtol=1e-12)


def test_holm_by_hand():
    fit = exact().fit()
    p = pd.Series([0.01, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(fit.adjusted(p), [0.04, 0.09, 0.09, 0.5])


@pytest.mark.parametrize(("margin", "printed"), [(3, 0.29), (4, 0.70), (5, 0.91)])
def test_power_of_the_equivalence_test(margin, printed):
    share = 1 / 3
    found = power(1000, margin, sides=2)
    normal = power_binom_tost(share - margin / 100, share + margin / 100, 1000, share, 0.05)
    assert found == pytest.approx(printed, abs=0.035)  # the plan's normal approximation
    assert found == pytest.approx(normal, abs=0.035)


def test_power_is_the_share_of_simulated_rejections():
    rng = np.random.default_rng(8)
    for noise, margin, truth in ((0.0, None, 4.0), (2.0, 5.0, 0.0)):
        share = np.full(4000, 1 / 3 + truth / 100)
        if noise:
            size = share[0] * (1 - share[0]) / (noise / 100) ** 2 - 1
            share = rng.beta(share[0] * size, (1 - share[0]) * size, 4000)
        counts = rng.binomial(1000, share)
        fit = exact(counts, np.full(4000, 1000)).fit(noise)
        p = fit.p_above() if margin is None else fit.p_below(margin)
        found = power(1000, margin, truth=truth, noise_sd=noise)
        assert (p <= 0.05).mean() == pytest.approx(found, abs=3 * np.sqrt(found * (1 - found) / 4000))


@pytest.mark.parametrize(("n", "noise"), [(1000, 0.0), (3200, 0.0), (1000, 2.0)])
def test_the_detectable_difference_has_the_power_it_promises(n, noise):
    found = detectable(n, noise_sd=noise)
    assert power(n, None, truth=found, noise_sd=noise) == pytest.approx(0.8, abs=0.001)
    se = np.hypot(100 * np.sqrt(2 / 9 / n), noise)
    assert found == pytest.approx((1.645 + 0.842) * se, rel=0.06)  # textbook formula


# ------------------------------------------------------------------ noise of the prompt


def test_noise_has_the_standard_deviation_it_says():
    law = distribution(1000, 0.4, 3.0)
    inner = betabinom(1000, *law.args[1:])
    assert law.mean() / 1000 == pytest.approx(0.4)
    share = 0.4 * 0.6 * (1 - 1 / 1000) * 0.03**2 / (0.4 * 0.6) + 0.4 * 0.6 / 1000
    assert inner.var() / 1000**2 == pytest.approx(share, rel=1e-9)


def test_small_noise_tends_to_the_binomial():
    for side in ("p_above", "p_below"):
        noisy, plain = (getattr(exact().fit(s), side)(3.0) for s in (0.01, 0.0))
        np.testing.assert_allclose(noisy, plain, rtol=2e-3)
    np.testing.assert_allclose(exact().fit(0.01).conf_int(), exact().fit().conf_int(), atol=2e-3)


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("share", [1 / 3, 0.38, 0.5])
def test_exact_intervals_cover_what_they_promise(noise, share):
    """Enumerated, not simulated: the probability of every count times whether its interval holds the truth."""
    law = distribution(300, share, noise)
    counts = np.arange(301)
    counts = counts[law.pmf(counts) > 1e-7]
    ends = exact(counts, np.full(len(counts), 300)).fit(noise).conf_int(0.1)
    excess = 100 * (share - 1 / 3)
    weight = law.pmf(counts)
    assert 0.95 - 1e-6 <= weight[excess <= ends["upper"]].sum() <= 0.98
    assert 0.95 - 1e-6 <= weight[excess >= ends["lower"]].sum() <= 0.98


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_intervals_are_the_inverse_of_the_tests(noise):
    fit = exact().fit(noise)
    ends = fit.conf_int(0.1)
    for cell in ends.index:
        assert fit.p_below(ends.loc[cell, "upper"])[cell] == pytest.approx(0.05, abs=1e-6)
        assert fit.p_above(ends.loc[cell, "lower"])[cell] == pytest.approx(0.05, abs=1e-6)


def test_all_right_and_all_wrong_have_one_sided_intervals():
    ends = exact(np.array([0, 50]), np.array([50, 50])).fit(2).conf_int()
    assert ends.loc[0, "lower"] == pytest.approx(-100 / 3) and ends.loc[1, "upper"] == pytest.approx(200 / 3)


def test_rounding_widens_and_never_helps():
    coarse, fine = ChanceTest([40.0], [1200], decimals=0).fit(), ChanceTest([40.0], [1200], decimals=2).fit()
    assert (coarse.p_above() > fine.p_above()).all() and (coarse.p_below(8) > fine.p_below(8)).all()
    ends, inner = coarse.conf_int().iloc[0], fine.conf_int().iloc[0]
    assert ends["lower"] < inner["lower"] and ends["upper"] > inner["upper"]
    assert coarse.p_above()[0] == pytest.approx(binomtest(474, 1200, 1 / 3, alternative="greater").pvalue)


# ------------------------------------------------------------------ pooling, dispersion, differences


def test_pooling_is_by_example_and_notices_unlike_rounds():
    table = exact().fit().pooled(["a", "a", "a", "b"])
    assert table.loc["a", "excess"] == pytest.approx(100 * (1034 / 3000 - 1 / 3))
    low, high = proportion_confint(1034, 3000, 0.1, "beta")
    assert table.loc["a", ["lower", "upper"]].tolist() == pytest.approx([100 * (low - 1 / 3), 100 * (high - 1 / 3)])
    assert table.loc["a", "by_test"] == pytest.approx(100 * (COUNTS[:3] / 1000).mean() - 100 / 3)
    assert table.loc["a", "p_alike"] == pytest.approx(proportions_chisquare(COUNTS[:3], SIZES[:3])[1], abs=1e-9)
    assert table.loc["b", "p_alike"] == 1


def test_pooled_ends_allow_for_rounding():
    """The lower end belongs to the fewest right answers that the print allows, the upper one to the most."""
    table = ChanceTest([40.0, 41.0], 1200, decimals=0).fit().pooled(["a", "a"])
    fewest, most = (sum(c) for c in ((474, 486), (486, 498)))
    ends = proportion_confint(fewest, 2400, 0.1, "beta")[0], proportion_confint(most, 2400, 0.1, "beta")[1]
    assert table.loc["a", ["lower", "upper"]].tolist() == pytest.approx([100 * (v - 1 / 3) for v in ends])
    assert table.loc["a", "excess"] == pytest.approx(100 * ((fewest + most) / 4800 - 1 / 3))
    with pytest.raises(ValueError, match="groups has 1 rows, accuracy_pct has 2"):
        ChanceTest([40.0, 41.0], 1200).fit().pooled(["a"])


def test_dispersion_tells_guesses_from_constant_answers():
    rng = np.random.default_rng(3)
    guesses = exact(rng.binomial(1000, 1 / 3, 400), np.full(400, 1000)).fit().dispersion()
    assert guesses["ratio"] == pytest.approx(1, abs=0.2) and guesses["p_less"] > 0.01 < guesses["p_more"]
    constant = exact(rng.choice([333, 334], 60), np.full(60, 1000)).fit().dispersion()
    assert constant["ratio"] < 0.01 and constant["p_less"] < 1e-9


def test_differences_are_newcombes():
    gap, low, high = difference((36.8, 1000, 6), (73.8, 1000, 6))
    ours = confint_proportions_2indep(368, 1000, 738, 1000, method="newcomb", alpha=0.1)
    assert (gap, low, high) == pytest.approx((-37.0, 100 * ours[0], 100 * ours[1]), abs=1e-4)
    wide = difference((36.8, 1000, 1), (73.8, 1000, 1), noise_sd=(2, 2))
    assert wide[1] < low and wide[2] > high
    half = np.sqrt((high - gap) ** 2 + 1.6449**2 * 8)
    assert wide[2] - gap == pytest.approx(half, abs=0.01)


def test_differences_cover_with_noise_on_both_sides():
    rng, hits = np.random.default_rng(5), 0
    for _ in range(1000):
        shares = np.array([0.37, 0.48]) + 0.02 * rng.standard_normal(2)
        first, second = rng.binomial(1000, shares)
        _, low, high = difference((first / 10, 1000, 1), (second / 10, 1000, 1), noise_sd=(2, 2))
        hits += low <= -11 <= high
    assert hits / 1000 == pytest.approx(0.9, abs=0.03)


# ------------------------------------------------------------------ the trend with compute

X = np.geomspace(1e20, 1e24, 9)


def printed(share, rng, n=1000):
    return 100 * rng.binomial(n, share) / n


def test_the_link_is_its_own_inverse_and_has_its_derivatives():
    link, p = FloorLogit(1 / 3, 0.9), np.array([0.35, 0.5, 0.8])
    np.testing.assert_allclose(link.inverse(link(p)), p)
    step = 1e-6
    np.testing.assert_allclose(link.deriv(p), (link(p + step) - link(p - step)) / (2 * step), rtol=1e-6)
    slope = (link.deriv(p + step) - link.deriv(p - step)) / (2 * step)
    np.testing.assert_allclose(link.deriv2(p), slope, rtol=1e-5)
    np.testing.assert_allclose(link.inverse_deriv(link(p)), 1 / link.deriv(p))


@pytest.mark.parametrize("bounds", [(1.0,), (-0.1,), (0.5, 0.5), (0.2, 1.1), (np.nan,)])
def test_bounds_that_are_none_are_refused(bounds):
    with pytest.raises(ValueError, match="0 <= chance < ceiling <= 1"):
        FloorLogit(*bounds)


def test_without_a_floor_the_curve_is_statsmodels_logit():
    share = 1 / (1 + np.exp(-1.1 * (np.log10(X) - 22.5)))
    accuracy = printed(share, np.random.default_rng(1))
    fit = ChanceTrend(accuracy, 1000, X, chance=0.0).fit("floor")
    x = sm.add_constant(np.log10(X) - fit.centre)
    counts = accuracy * 10
    glm = sm.GLM(np.column_stack([counts, 1000 - counts]), x, family=sm.families.Binomial()).fit()
    np.testing.assert_allclose(fit.params, glm.params, rtol=1e-5)
    slope = fit.slope()
    assert (slope.low, slope.high) == pytest.approx(tuple(glm.conf_int()[1]), abs=0.1 * glm.params[1])


def test_a_rise_from_chance_is_found_with_its_slope():
    share = FloorLogit(1 / 3).inverse(-1 + 1.5 * (np.log10(X) - 23))
    fit = ChanceTrend(printed(share, np.random.default_rng(2), 20000), 20000, X).fit("floor")
    assert fit.identified and fit.rise > 100
    assert fit.slope().low <= 1.5 <= fit.slope().high < 2.5
    half = np.diff(sorted((fit.slope().low, fit.slope().high)))[0] / 2
    counts = fit.model.counts
    x = sm.add_constant(np.log10(X) - fit.centre)
    glm = sm.GLM(np.column_stack([counts, 20000 - counts]), x, family=sm.families.Binomial(FloorLogit(1 / 3)))
    wald = glm.fit(start_params=fit.params.to_numpy())
    assert half == pytest.approx(1.96 * wald.bse[1] * np.sqrt(fit.scale), rel=0.05)  # large samples: likelihood is Wald
    np.testing.assert_allclose(fit.predict(X), 100 * share, atol=1.0)


def test_scores_at_chance_leave_the_slope_open_and_the_line_flat():
    trend = ChanceTrend(printed(np.full(9, 1 / 3), np.random.default_rng(4)), 1000, X)
    curve, line = trend.fit("floor"), trend.fit()
    assert not curve.identified and curve.slope().high == np.inf and curve.slope().low == 0
    assert curve.rise < 6
    assert line.slope().low < 0 < line.slope().high
    assert curve.predict_interval(1e25, 1000)[1] > 99  # a take-off beyond the data is not excluded


def test_the_line_is_least_squares():
    accuracy = np.array([33.4, 34.2, 33.4, 33.4, 34.2, 32.3, 33.2, 34.6, 36.0])
    fit = ChanceTrend(accuracy, 1000, X).fit()
    ols = sm.OLS(accuracy, sm.add_constant(np.log10(X))).fit()
    assert fit.slope().estimate == pytest.approx(ols.params[1])
    assert (fit.slope().low, fit.slope().high) == pytest.approx(tuple(ols.conf_int()[1]))
    np.testing.assert_allclose(fit.predict(X), ols.fittedvalues)


TRUTHS = {
    "a line": lambda x: (36 + 1.5 * (x - 22)) / 100,
    "a take-off": lambda x: FloorLogit(1 / 3).inverse(-2 + 1.2 * (x - 23.5)),
    "guessing": lambda x: np.full(len(x), 1 / 3),
}


@pytest.mark.parametrize(
    ("truth", "form"), [("a line", "line"), ("guessing", "line"), ("guessing", "floor"), ("a take-off", "floor")]
)
def test_forecasts_of_a_new_model_cover(truth, form):
    rng, hits, sets = np.random.default_rng(6), 0, 120
    x = np.append(X, 8e24)
    for _ in range(sets):
        scores = printed(TRUTHS[truth](np.log10(x)), rng)
        low, high = ChanceTrend(scores[:-1], 1000, X).fit(form).predict_interval(8e24, 1000)
        hits += low <= scores[-1] <= high
    assert hits / sets == pytest.approx(0.96, abs=0.04)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([40.0, 41.0], 1000, [1e20, 1e21]), "at least three"),
        (([40.0, 41.0, 42.0], 1000, [1e20, 1e21]), "one value an accuracy"),
        (([40.0, 41.0, 42.0], 1000, [1e20, -1e21, 1e22]), "training_flop must be positive"),
        (([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e22], 0.9, 0.5), "chance < ceiling"),
    ],
)
def test_a_trend_needs_its_data(arguments, message):
    with pytest.raises(ValueError, match=message):
        ChanceTrend(*arguments)


def test_an_unknown_form_is_named():
    with pytest.raises(ValueError, match="form must be one of line, floor"):
        ChanceTrend([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e22]).fit("curve")


def test_power_with_the_binomial_of_scipy():
    counts = np.arange(1001)
    limit = counts[binom(1000, 1 / 3).sf(counts - 1) <= 0.05][0]
    assert power(1000, truth=5.0) == pytest.approx(binom(1000, 1 / 3 + 0.05).sf(limit - 1))
