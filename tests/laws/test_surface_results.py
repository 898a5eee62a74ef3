"""Errors of fitted surfaces by hand, runs simulated anew, and forecasts of single runs within and beyond budgets."""

import numpy as np
import pytest
from scipy import stats

from dl_limits.laws import LossSurface, resampling
from dl_limits.laws.robust import intraclass_correlation
from dl_limits.laws.surface import resamples, rivals, rolling
from dl_limits.laws.surface import results as surface_results
from dl_limits.laws.surface.prediction import SurfacePrediction

RNG = np.random.default_rng(51)
SIZES, TOKENS = 10 ** RNG.uniform(7.5, 9.5, 45), 10 ** RNG.uniform(9, 11, 45)
LOSS = (1.8 + 400 / SIZES**0.34 + 2000 / TOKENS**0.37) * np.exp(0.01 * RNG.standard_normal(45))
PLACES = np.array([1e8, 1e9, 3e11]), np.array([1e10, 1e10, 1e12])


@pytest.fixture(scope="module")
def fit():
    return LossSurface(LOSS, SIZES, TOKENS).fit()


GROUPS = np.arange(45) // 5
WEIGHTS = np.where(np.arange(45) % 3 == 0, 2.0, 1.0)
NAMES = ["E", "A", "B", "alpha", "beta"]


# ------------------------------------------------------------------ errors


def log_law(t):
    """Log of the surface at the runs, of log E, log A, log B, alpha, beta."""
    return np.log(np.exp(t[0]) + np.exp(t[1] - t[3] * np.log(SIZES)) + np.exp(t[2] - t[4] * np.log(TOKENS)))


def place_of(found):
    return np.array([*np.log(found.params.iloc[:3]), *found.params.iloc[3:]])


@pytest.mark.parametrize("groups", [None, GROUPS], ids=["runs", "groups"])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weights"])
def test_errors_of_least_squares_are_the_sandwich_of_its_scores(weights, groups):
    """Huber's (1967) with the corrections that statsmodels has: n / (n - 5), or groups over groups less one."""
    found = LossSurface(LOSS, SIZES, TOKENS, weights=weights, groups=groups).fit("gaussian")
    place, step = place_of(found), 1e-5 * np.eye(5)
    slopes = np.stack([(log_law(place + s) - log_law(place - s)) / 2e-5 for s in step])
    w = np.ones(45) if weights is None else weights
    resid = np.log(LOSS) - log_law(place)
    np.testing.assert_allclose(found.residuals, resid, atol=1e-9)
    scores = slopes * w * resid
    if groups is None:
        meat, df = scores @ scores.T * 45 / 40, 40
    else:
        summed = np.stack([scores[:, groups == g].sum(axis=1) for g in range(9)], axis=1)
        meat, df = summed @ summed.T * 9 / 8, 8
    bread = np.linalg.inv((slopes * w) @ slopes.T)
    errors = np.sqrt(np.diag(bread @ meat @ bread))
    np.testing.assert_allclose(found.bse, errors * [*found.params.iloc[:3], 1, 1], rtol=1e-3)
    assert found.bse_method == "sandwich"
    half = stats.t.isf(0.05, df) * errors
    table = found.conf_int(0.1)
    np.testing.assert_allclose(np.log(table.iloc[:3]), (place[:3] + np.outer([-1, 1], half[:3])).T, rtol=1e-3)
    np.testing.assert_allclose(table.iloc[3:], (place[3:] + np.outer([-1, 1], half[3:])).T, rtol=1e-3)
    assert found.objective == pytest.approx((w * resid**2).sum() / 2)
    assert found.residual_spread == pytest.approx(np.sqrt((w * resid**2).sum() / w.sum() * 45 / 40))


def test_draws_of_the_sandwich_are_students_round_the_fit():
    found = LossSurface(LOSS, SIZES, TOKENS).fit("gaussian")
    size = found.derive(lambda p: np.log(p["E"]), 0.2)
    half = stats.t.isf(0.1, 40) * found.bse["E"] / found.params["E"]
    assert (size.high - size.low) / 2 == pytest.approx(half, rel=0.05) and size.method == "sandwich"
    drawn = found.log_surface_draws(SIZES[:2], TOKENS[:2])
    assert drawn.shape == (4000, 2)
    np.testing.assert_allclose(np.median(drawn, axis=0), np.log(found.predict(SIZES[:2], TOKENS[:2])), atol=6e-3)


def test_lad_has_the_sum_of_sizes_as_its_objective():
    found = LossSurface(LOSS, SIZES, TOKENS, weights=WEIGHTS).fit("lad")
    assert found.objective == pytest.approx((WEIGHTS * np.abs(found.residuals)).sum())


def test_ends_of_resamples_are_percentiles_or_corrected_by_leaving_runs_out():
    found = LossSurface(LOSS, SIZES, TOKENS).fit("gaussian")
    draws = found.bootstrap(60, seed=2)
    assert found.bse_method == "bootstrap" and draws.shape == (60, 5)
    np.testing.assert_allclose(found.bse, draws.std())
    counts = resampling.resample(45, 60, (2, 0))
    for k in (0, 31):
        rows = np.repeat(np.arange(45), counts[k].astype(int))
        again = LossSurface(LOSS[rows], SIZES[rows], TOKENS[rows]).fit("gaussian")
        np.testing.assert_allclose(draws.loc[k], again.params, rtol=1e-3)
    left = [LossSurface(*(np.delete(v, i) for v in (LOSS, SIZES, TOKENS))).fit("gaussian").params for i in range(45)]
    omitted = found.model.design.natural(resamples.left_out(found._problem(), None))
    np.testing.assert_allclose(omitted.T, left, rtol=1e-3)
    together = found.model.design.natural(resamples.left_out(found._problem(), GROUPS))
    apart = [LossSurface(*(v[g != GROUPS] for v in (LOSS, SIZES, TOKENS))).fit("gaussian").params for g in range(9)]
    np.testing.assert_allclose(together.T, apart, rtol=1e-3)
    for name in NAMES:
        own, jack = draws[name].to_numpy(), np.array([p[name] for p in left])
        assert tuple(found.conf_int(0.2).loc[name]) == pytest.approx(resampling.percentile_interval(own, 0.2))
        bca = resampling.bca_interval(own, found.params[name], jack, 0.2)
        assert tuple(found.conf_int(0.2, "bca").loc[name]) == pytest.approx(bca)
    ratio = found.derive(lambda p: p["beta"] / p["alpha"], 0.2)
    assert ratio.estimate == pytest.approx(found.params["beta"] / found.params["alpha"])
    ends = resampling.percentile_interval((draws["beta"] / draws["alpha"]).to_numpy(), 0.2)
    assert (ratio.low, ratio.high) == pytest.approx(ends) and ratio.method == "percentile"
    with pytest.raises(ValueError, match="n must be a whole number of at least 2"):
        found.bootstrap(1)
    assert len(found.bootstrap(2)) == 2


# ------------------------------------------------------------------ new runs


def test_simulated_runs_have_residuals_of_the_fit(fit):
    inflated = np.asarray(fit.residuals) * np.sqrt(45 / 40)
    scatter = np.log(fit.simulate(7) / fit.predict(SIZES, TOKENS))
    assert np.abs(scatter[:, None] - inflated).min(axis=1).max() < 1e-12
    np.testing.assert_array_equal(fit.simulate(7), fit.simulate(7))
    assert not np.array_equal(fit.simulate(7), fit.simulate(8))


def test_simulated_groups_share_what_the_residuals_share():
    rng = np.random.default_rng(1)
    sizes = 10 ** rng.uniform(7.5, 9.5, 60)[np.arange(300) // 5]
    tokens = 10 ** rng.uniform(9, 11, 300)
    shared = 0.01 * rng.standard_normal(60)[np.arange(300) // 5]
    loss = (1.8 + 400 / sizes**0.34 + 2000 / tokens**0.37) * np.exp(shared + 0.005 * rng.standard_normal(300))
    found = LossSurface(loss, sizes, tokens).fit("gaussian")
    groups = np.arange(300) // 5
    real = intraclass_correlation(found.residuals, groups)
    drawn = [np.log(found.simulate(k, groups) / found.predict(sizes, tokens)) for k in range(40)]
    assert np.mean([intraclass_correlation(d, groups) for d in drawn]) == pytest.approx(real, abs=0.05)
    assert np.mean([d.std() for d in drawn]) == pytest.approx(np.std(found.residuals) * np.sqrt(300 / 295), rel=0.05)


def test_places_are_broadcast_and_positive(fit):
    grid = fit.predict(np.ones((3, 1)) * 1e9, [1e10, 1e11])
    assert grid.shape == (3, 2) and fit.predict(1e9, 1e10).shape == ()
    p = fit.params
    by_hand = p["E"] + p["A"] / 1e9 ** p["alpha"] + p["B"] / 1e11 ** p["beta"]
    np.testing.assert_allclose(grid[:, 1], by_hand)
    with pytest.raises(ValueError, match="tokens must be positive"):
        fit.predict(1e9, 0.0)


def test_the_best_split_is_hoffmanns_for_every_compute(fit):
    p, flops = fit.params, np.array([1e20, 1e23])
    a = p["beta"] / (p["alpha"] + p["beta"])
    lean = (p["alpha"] * p["A"] / (p["beta"] * p["B"])) ** (1 / (p["alpha"] + p["beta"]))
    table = fit.optimal_allocation(flops[::-1], overtraining=4)
    assert table["flop"].tolist() == [1e20] * 4 + [1e23] * 4
    assert table["quantity"].tolist() == ["params", "tokens", "tokens_per_param", "loss"] * 2
    best, more = lean * (flops / 6) ** a, (flops / 6) ** (1 - a) / lean
    for flop, n, d in zip(flops, best / 2, more * 2, strict=True):
        said = table[table["flop"] == flop].set_index("quantity")["estimate"]
        assert said.tolist() == pytest.approx([n, d, d / n, float(fit.predict(n, d))])
    assert (table["low"] <= table["estimate"]).all() and (table["estimate"] <= table["high"]).all()
    for bad in (0.0, -2.0, [2.0, 9.0], np.nan):
        with pytest.raises(ValueError, match="overtraining must"):
            fit.optimal_allocation(1e21, overtraining=bad)


def test_what_the_runs_hardly_determine_is_said(fit, monkeypatch):
    class_ = surface_results.LossSurfaceResults
    for cov, said in (
        (np.diag([1.0001, 0, 0, 0, 0]) ** 2, ["E is weakly identified: its standard error is larger than itself."]),
        (np.diag([0.9999, 0, 0, 0, 0]) ** 2, []),
        (np.diag([0, 0, 1.01, 0, 0]) ** 2, ["B is weakly identified: its standard error is larger than itself."]),
        (
            np.diag([0, 0, 0, 1.01 * fit.params["alpha"] / 1.96, 0]) ** 2,
            ["alpha is weakly identified: its 95 % interval reaches 0."],
        ),
        (np.diag([0, 0, 0, 0, 0.99 * fit.params["beta"] / 1.96]) ** 2, []),
    ):
        monkeypatch.setattr(class_, "_named_cov", lambda self, cov=cov: cov)
        assert fit.notes == said


@pytest.mark.parametrize("step", [1, 2, 3, 4, 6])
def test_too_few_budgets_to_learn_from_are_said(step):
    rows = np.argsort(SIZES * TOKENS)[::step]
    notes = LossSurface(LOSS[rows], SIZES[rows], TOKENS[rows]).fit().notes
    budgets = len(list(rolling.budget_origins(SIZES[rows], TOKENS[rows])))
    counted = {0: "No smaller budgets", 1: "1 smaller budget", 2: "2 smaller budgets"}
    said = [note for note in notes if "rests on the default growth" in note]
    assert len(said) == (budgets < 3)
    assert all(note.startswith(f"{counted[budgets]} could be forecast from") for note in said)


# ------------------------------------------------------------------ forecasts


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
