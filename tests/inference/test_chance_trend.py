"""Trends above chance: the line's interval by hand, the curve's likelihood and its profiles by scipy's."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from scipy.special import expit, xlog1py, xlogy

from dl_limits.inference.chance_trend import ChanceTrend, FloorLogit

X = np.geomspace(1e20, 1e24, 9)
LOGS = np.log10(X)
FLAT = np.array([33.4, 34.2, 33.4, 33.4, 34.2, 32.3, 33.2, 34.6, 36.0])
RISING = np.array([33.7, 34.1, 34.8, 36.9, 38.5, 44.6, 51.2, 60.3, 71.9])


def likelihood(trend, level, slope, chance=1 / 3, ceiling=1.0, centre=24.0):
    """Log-likelihood of binomial counts, up to what does not depend on the curve."""
    share = chance + (ceiling - chance) * expit(level + slope * (LOGS - centre))
    share = np.clip(share, 1e-12, 1 - 1e-12)
    return (xlogy(trend.counts, share) + xlog1py(trend.n - trend.counts, -share)).sum()


# ------------------------------------------------------------------ the link


def test_the_link_runs_from_chance_to_ceiling():
    link = FloorLogit(0.25, 0.9)
    assert link.inverse(0.0) == pytest.approx(0.575) and link(0.575) == pytest.approx(0)
    np.testing.assert_allclose(link.inverse(np.array([-1e3, 1e3])), [0.25, 0.9], atol=1e-9)
    z = np.array([-2.0, 0.3, 4.0])
    np.testing.assert_allclose(link(link.inverse(z)), z)
    np.testing.assert_allclose(
        link.inverse_deriv(z), (link.inverse(z + 1e-6) - link.inverse(z - 1e-6)) / 2e-6, rtol=1e-6
    )
    for chance, ceiling in ((0.0, 1.0), (0.4, 0.41)):
        assert FloorLogit(chance, ceiling).inverse(0) == pytest.approx((chance + ceiling) / 2)
    for bad in ((0.4, 0.4), (-0.01, 0.5), (0.3, 1.01)):
        with pytest.raises(ValueError, match="0 <= chance < ceiling <= 1"):
            FloorLogit(*bad)


# ------------------------------------------------------------------ the line


@pytest.mark.parametrize("noise", [0.0, 3.0])
@pytest.mark.parametrize("n", [20, 1000, 10**7])
def test_a_new_score_scatters_as_residuals_or_as_sampling_whichever_is_more(n, noise):
    fit = ChanceTrend(RISING, 1000, X).fit()
    ols = sm.OLS(RISING, sm.add_constant(LOGS)).fit()
    mean = ols.get_prediction([[1, 23.0]])
    share = mean.predicted_mean[0] / 100
    spread = max(ols.scale, 1e4 * share * (1 - share) / n) + noise**2
    half = stats.t.isf(0.05, 7) * np.sqrt(mean.se_mean[0] ** 2 + spread)
    low, high = fit.predict_interval(1e23, n, level=0.9, noise_sd=noise)
    assert (low, high) == pytest.approx((100 * share - half, 100 * share + half))
    assert fit.scale == pytest.approx(ols.scale) and fit.df == 7
    np.testing.assert_allclose(fit.bse["slope"], ols.bse[1])
    assert fit.params["level"] == pytest.approx(ols.predict([[1, LOGS.mean()]])[0])


def test_far_outside_the_scale_sampling_is_that_near_its_ends():
    fit = ChanceTrend(RISING, 1000, X).fit()
    mean = sm.OLS(RISING, sm.add_constant(LOGS)).fit().get_prediction([[1, 40.0]])
    assert mean.predicted_mean[0] > 100
    half = stats.t.isf(0.025, 7) * np.sqrt(mean.se_mean[0] ** 2 + 1e4 * 0.99 * 0.01 / 1)
    assert fit.predict_interval(1e40, 1) == pytest.approx(
        (mean.predicted_mean[0] - half, mean.predicted_mean[0] + half)
    )


def test_percentages_on_a_line_leave_it_open():
    fit = ChanceTrend(40 + 2 * (LOGS - 20), 1000, X, decimals=1).fit()
    assert (fit.conf_int() == [-np.inf, np.inf]).all(axis=None)
    slope = fit.slope()
    assert slope.estimate == pytest.approx(2) and (slope.low, slope.high) == (-np.inf, np.inf)


# ------------------------------------------------------------------ the curve


@pytest.mark.parametrize("ceiling", [1.0, 0.9])
def test_the_curve_is_the_top_of_its_likelihood(ceiling):
    trend = ChanceTrend(RISING, 1000, X, ceiling=ceiling)
    fit = trend.fit("floor")
    best = optimize.minimize(
        lambda p: -likelihood(trend, *p, ceiling=ceiling),
        [0, 1],
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-9},
    )
    assert fit.params.to_list() == pytest.approx(best.x.tolist(), abs=1e-4) and fit.identified
    share = 1 / 3 + (ceiling - 1 / 3) * expit(best.x[0] + best.x[1] * (LOGS - 24))
    np.testing.assert_allclose(fit.predict(X), 100 * share, atol=1e-3)
    pearson = ((trend.counts - 1000 * share) ** 2 / (1000 * share * (1 - share))).sum() / 7
    assert fit.scale == pytest.approx(max(1, pearson), rel=0.01)
    guess = (xlogy(trend.counts, 1 / 3) + xlog1py(1000 - trend.counts, -1 / 3)).sum()
    assert fit.rise == pytest.approx(2 * (-best.fun - guess) / fit.scale, rel=1e-3)


@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_ends_of_the_slope_are_where_its_profile_meets_chi_square(alpha):
    trend = ChanceTrend(RISING, 1000, X)
    fit = trend.fit("floor")
    found = fit.slope(alpha)

    def profile(slope):
        return -optimize.minimize_scalar(lambda a: -likelihood(trend, a, slope), bounds=(-12, 12), method="bounded").fun

    top = likelihood(trend, *fit.params)
    lost = [2 * (top - profile(end)) / fit.scale for end in (found.low, found.high)]
    assert lost[0] == pytest.approx(lost[1], abs=5e-3)
    # the top is sought from a grid: what it misses makes the interval wider, never narrower
    assert -1e-3 < lost[0] - stats.chi2.isf(alpha, 1) < 0.5
    assert found.low < found.estimate < found.high and found.alpha == alpha


def test_scores_that_scatter_more_than_sampling_widen_everything():
    wild = RISING + np.tile([3.0, -3.0, 0.0], 3)
    calm, rough = (ChanceTrend(v, 1000, X).fit("floor") for v in (RISING, wild))
    assert calm.scale < 2 < rough.scale
    wide, narrow = (np.subtract(*(getattr(f.slope(), end) for end in ("high", "low"))) for f in (rough, calm))
    assert wide > 1.5 * narrow


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_a_new_score_is_any_that_the_likelihood_does_not_tell_from_the_curve(noise):
    """Within the data: heights of the curve whose profile costs less than the limit, what is left paid in scatter."""
    trend = ChanceTrend(RISING, 1000, X)
    fit = trend.fit("floor")
    low, high = fit.predict_interval(1e23, 400, level=0.9, noise_sd=noise)
    cut, ends = stats.chi2.isf(0.1, 1), []
    top = likelihood(trend, *fit.params)
    for level in np.linspace(-2, 2, 161):
        held = optimize.minimize_scalar(
            lambda b, level=level: -likelihood(trend, level, b, centre=23.0), bounds=(0, 20), method="bounded"
        )
        left = cut - 2 * (top + held.fun) / fit.scale
        if left >= 0:
            share = 1 / 3 + 2 / 3 * expit(level)
            width = np.sqrt(left * (fit.scale * share * (1 - share) / 400 + (noise / 100) ** 2))
            ends.append([share - width, share + width])
    ends = np.array(ends)
    assert (low, high) == pytest.approx((100 * ends[:, 0].min(), 100 * ends[:, 1].max()), abs=0.1)


@pytest.mark.parametrize("n", [300, 1000, 20_000])
def test_the_ends_of_the_slope_lose_what_chi_square_allows(n):
    """By another optimiser over both parameters: neither the peak nor the ends are read off a grid."""
    share = 1 / 3 + 2 / 3 * expit(-1 + 0.41 * (LOGS - 24))
    trend = ChanceTrend(100 * np.random.default_rng(n).binomial(n, share) / n, n, X, decimals=4)
    fit = trend.fit("floor")
    slope = fit.slope(0.05)

    def loss(level, at):
        return -likelihood(trend, level, at)

    top = -optimize.minimize(lambda both: loss(*both), [-1, 0.4], method="Nelder-Mead", options={"fatol": 1e-10}).fun
    for end in (slope.low, slope.high):
        there = -optimize.minimize_scalar(loss, bounds=(-6, 4), args=(end,), method="bounded").fun
        assert 2 * (top - there) / fit.scale == pytest.approx(stats.chi2.isf(0.05, 1), rel=1e-4)
    guess = (xlogy(trend.counts, 1 / 3) + xlog1py(n - trend.counts, -1 / 3)).sum()
    assert fit.rise == pytest.approx(2 * (top - guess) / fit.scale, rel=1e-6)


def test_scores_up_to_the_ceiling_have_a_curve():
    share = 1 / 3 + 2 / 3 * expit(7.9 + 3 * (LOGS - 24))
    fit = ChanceTrend((100 * share).round(3), 100_000, X, decimals=3).fit("floor")
    np.testing.assert_allclose(fit.predict(X), 100 * share, atol=0.3)
    low, high = fit.predict_interval(1e24, 1000)
    assert 99 < low < 100 * share[-1] < high <= 100


def test_scores_at_chance_leave_the_curve_open_below_and_above():
    fit = ChanceTrend(FLAT, 1000, X).fit("floor")
    slope = fit.slope()
    assert not fit.identified and slope.low == 0 and slope.high == np.inf
    below = ChanceTrend(FLAT - 3, 1000, X).fit("floor")
    assert below.rise == 0  # nothing is gained over guessing by scores that lie below it
    low, high = fit.predict_interval(1e20, 10**9)
    assert low == pytest.approx(100 / 3, abs=0.2) and high < 36  # no height lies below chance


# ------------------------------------------------------------------ what is asked for


def test_three_different_computes_are_the_least():
    assert ChanceTrend([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e22]).fit().df == 1
    with pytest.raises(ValueError, match="at least three of them different"):
        ChanceTrend([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e21])
    for chance, ceiling in ((0.5, 0.5), (-0.1, 0.5), (0.5, 1.1)):
        with pytest.raises(ValueError, match="0 <= chance < ceiling <= 1"):
            ChanceTrend([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e22], chance, ceiling)
    assert ChanceTrend([40.0, 41.0, 42.0], 1000, [1e20, 1e21, 1e22], 0.0, 1.0).chance == 0
    coarse = ChanceTrend([40.0, 41.0, 42.0], 1200, X[:3], decimals=0)
    np.testing.assert_allclose(coarse.counts, [480, 492, 504])  # the middle of all counts that round to the print
    with pytest.raises(ValueError, match="alpha must lie"):
        coarse.fit().slope(1.5)
