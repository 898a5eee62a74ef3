"""Forecasts of single runs: what they are made of, inside and beyond the fitted budgets."""

import numpy as np
import pytest
from scipy import stats

from dl_limits.laws import LossSurface
from dl_limits.laws.surface import rivals, rolling
from dl_limits.laws.surface.prediction import SurfacePrediction

RNG = np.random.default_rng(51)
SIZES, TOKENS = 10 ** RNG.uniform(7.5, 9.5, 45), 10 ** RNG.uniform(9, 11, 45)
LOSS = (1.8 + 400 / SIZES**0.34 + 2000 / TOKENS**0.37) * np.exp(0.01 * RNG.standard_normal(45))
PLACES = np.array([1e8, 1e9, 3e11]), np.array([1e10, 1e10, 1e12])


@pytest.fixture(scope="module")
def fit():
    return LossSurface(LOSS, SIZES, TOKENS).fit()


def test_the_forecast_is_the_middle_of_three_laws(fit):
    told = SurfacePrediction(fit, *PLACES)
    by_hand = [rivals.fit_form(name, LOSS, SIZES, TOKENS).predict(*PLACES) for name in rolling.FLOORED]
    np.testing.assert_allclose(told.laws.to_numpy().T, by_hand, rtol=1e-6)
    np.testing.assert_allclose(told.predicted_mean, np.sort(by_hand, axis=0)[1], rtol=1e-6)
    np.testing.assert_allclose(told.surface, fit.predict(*PLACES))
    np.testing.assert_allclose(told.distance, rolling.distance(*PLACES, SIZES, TOKENS))
    weights = np.where(np.arange(45) % 2, 1.0, 4.0)
    heavy = SurfacePrediction(LossSurface(LOSS, SIZES, TOKENS, weights=weights).fit(), *PLACES)
    weighted = [rivals.fit_form(n, LOSS, SIZES, TOKENS, weights=weights).predict(*PLACES) for n in rolling.FLOORED]
    np.testing.assert_allclose(heavy.laws.to_numpy().T, weighted, rtol=1e-4)
    assert not np.allclose(weighted, by_hand, rtol=1e-4)


@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_a_new_run_scatters_as_residuals_within_and_as_past_misses_beyond(fit, alpha):
    told = SurfacePrediction(fit, *PLACES)
    assert (told.distance[:2] == 0).all() and told.distance[2] > 0
    frame = told.summary_frame(alpha)
    centre, z = np.log(told.predicted_mean), stats.norm.isf(alpha / 2)
    width = np.log(frame[["obs_ci_lower", "obs_ci_upper"]].to_numpy()) - centre[:, None]
    np.testing.assert_allclose(width[:2], fit.residual_spread * z * np.array([[-1, 1]] * 2))
    beyond = rolling.miss_spread(
        fit.past_forecasts, rolling.misses(fit.past_forecasts, LOSS), fit.residual_spread, told.distance[2:]
    )
    np.testing.assert_allclose(width[2], z * beyond[0] * np.array([-1, 1]))
    within = SurfacePrediction(fit, *(v[:2] for v in PLACES)).summary_frame(alpha)
    np.testing.assert_allclose(within, frame[:2], rtol=1e-9)


def test_the_sampling_error_of_the_surface_is_laid_round_the_forecast(fit):
    told = SurfacePrediction(fit, *PLACES)
    frame = told.summary_frame(0.1, "sandwich")
    moved = fit.log_surface_draws(*PLACES, "sandwich") - np.log(told.surface)
    ranks = [0.05 * (len(moved) - 1), 0.95 * (len(moved) - 1)]
    moved_sorted = np.sort(moved, axis=0)
    np.testing.assert_allclose(frame["mean_ci_lower"], told.predicted_mean * np.exp(moved_sorted[int(ranks[0])]))
    np.testing.assert_allclose(
        frame["mean_ci_upper"], told.predicted_mean * np.exp(moved_sorted[int(np.ceil(ranks[1]))])
    )
    np.testing.assert_allclose(frame["mean_se"], (np.exp(moved) * told.predicted_mean).std(axis=0, ddof=1))
    np.testing.assert_allclose(frame["mean"], told.predicted_mean)


def test_ends_by_leaving_out_are_not_those_of_forecasts(fit):
    with pytest.raises(ValueError, match="method must be sandwich or percentile, not 'bca'"):
        SurfacePrediction(fit, *PLACES).summary_frame(method="bca")
    with pytest.raises(ValueError, match="alpha must lie"):
        SurfacePrediction(fit, *PLACES).summary_frame(1.2)
