"""Forecasts beyond the fitted budgets: their centre, their width, laws judged by them, and the best split."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from dl_limits import data
from dl_limits.laws import LossSurface, compare, isoflop
from dl_limits.laws.surface import isoflop as isoflops
from dl_limits.laws.surface import rivals, rolling
from dl_limits.laws.surface.comparison import LawComparison

RUNS = data.load("chinchilla_runs")
KEPT = RUNS[RUNS["in_replication"]]
TRUTH = {"E": 1.8, "A": 400.0, "B": 2000.0, "alpha": 0.34, "beta": 0.37}


def made(n=120, noise=0.005, seed=0, bend=0.0):
    """Runs of the usual law; with `bend`, its reducible part is raised to another power."""
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7.5, 9.5, n), 10 ** rng.uniform(9, 11, n)
    reducible = TRUTH["A"] / params ** TRUTH["alpha"] + TRUTH["B"] / tokens ** TRUTH["beta"]
    return (TRUTH["E"] + reducible ** (1 + bend)) * np.exp(rng.normal(0, noise, n)), params, tokens


def halves(loss, params, tokens, ahead=0.5):
    compute = rolling.log_compute(params, tokens)
    known = compute <= compute.max() - ahead
    return [v[known] for v in (loss, params, tokens)], [v[~known] for v in (loss, params, tokens)]


# ------------------------------------------------------------------ past forecasts


def test_an_origin_knows_nothing_of_what_it_foretells():
    loss, params, tokens = made(60)
    past = rolling.past_forecasts(loss, params, tokens)
    compute = rolling.log_compute(params, tokens)
    assert past["origin"].nunique() >= 5
    for _, part in list(past.groupby("origin"))[::4]:
        budget = part["budget_flop"].iloc[0]
        known = compute <= np.log10(budget) + 1e-9
        assert known.sum() == part["runs"].iloc[0] and not known[part["row"]].any()
        changed = np.where(known, loss, 9.0)  # whatever came later
        again = rolling.past_forecasts(changed, params, tokens)
        same = again[np.isclose(again["budget_flop"], budget)]
        pd.testing.assert_frame_equal(same.reset_index(drop=True), part.reset_index(drop=True))


def test_a_true_law_misses_by_its_noise_only():
    loss, params, tokens = made(200, noise=0.003)
    past = rolling.past_forecasts(loss, params, tokens, forms=("Chinchilla",))
    near = past[(past["origin"] <= 3) & (past["distance"] < 0.5)]
    assert rolling.misses(near, loss, "Chinchilla").std() == pytest.approx(0.003, rel=0.25)


def test_distance_is_the_furthest_of_compute_size_and_data():
    known = np.array([1e8, 1e9]), np.array([1e10, 1e9])
    assert rolling.distance(np.array([1e9]), np.array([1e9]), *known)[0] == 0
    assert rolling.distance(np.array([1e8]), np.array([1e11]), *known)[0] == pytest.approx(1)
    assert rolling.distance(np.array([1e7]), np.array([1e11]), *known)[0] == pytest.approx(1)  # more data, less compute
    assert rolling.distance(np.array([1e10]), np.array([1e10]), *known)[0] == pytest.approx(2)


def test_width_is_that_of_residuals_within_and_grows_beyond():
    past = pd.DataFrame({"origin": [1, 1, 2], "distance": [0.0, 0.0, 0.0]})
    ahead = np.array([0.0, 0.25, 0.6, 1.2])
    width = rolling.miss_spread(past, np.array([0.02, -0.02, 0.02]), 0.02, ahead)
    np.testing.assert_allclose(width, 0.02 * np.sqrt([1, *(1 + (ahead[1:] / rolling.REACH) ** 2)]))
    wrong = rolling.miss_spread(past, np.array([0.2, -0.2, 0.2]), 0.02, ahead)
    assert wrong[0] == pytest.approx(0.02) and (wrong[1:] > 2.5 * width[1:]).all()
    broken = rolling.miss_spread(past, np.array([0.02, -0.02, 1e6]), 0.02, ahead)  # one fit broke down
    assert broken[1] < 1e4 * width[1]
    none = rolling.miss_spread(past.iloc[:0], np.array([]), 0.02, ahead)
    np.testing.assert_allclose(none, width)


# ------------------------------------------------------------------ the forecast of a run


@pytest.mark.parametrize("bend", [0.0, -0.3])
def test_forecasts_hold_runs_at_the_next_half_decade(bend):
    """The usual law and one that bends: at least nine in ten of 95 % intervals, without being absurdly wide."""
    hits, widths = [], []
    for seed in range(6):
        known, ahead = halves(*made(100, 0.01, seed, bend))
        low, high = LossSurface(*known).fit().predict_interval(*ahead[1:])
        hits.append(((low <= ahead[0]) & (ahead[0] <= high)).mean())
        widths.append(np.log(high / low).mean())
    assert np.mean(hits) >= 0.9
    assert np.mean(widths) < 4 * 2 * 1.96 * 0.01


def test_the_forecast_is_the_middle_law_and_the_surface_stays_the_surface():
    fit = LossSurface(KEPT["loss"], KEPT["params"], KEPT["tokens"]).fit()
    told = fit.get_prediction([1e9, 1e11], [2e10, 2e12])
    np.testing.assert_allclose(told.surface, fit.predict([1e9, 1e11], [2e10, 2e12]), rtol=1e-12)
    np.testing.assert_allclose(told.predicted_mean, np.sort(told.laws, axis=1)[:, 1])
    np.testing.assert_allclose(told.laws["Chinchilla"], told.surface, rtol=1e-4)
    frame = told.summary_frame()
    assert (frame["obs_ci_lower"] < frame["mean"]).all() and (frame["mean"] < frame["obs_ci_upper"]).all()
    width = np.log(frame["obs_ci_upper"] / frame["obs_ci_lower"])
    assert width[1] > 2 * width[0]  # two powers of ten beyond the runs


def test_too_few_budgets_are_said():
    loss, params, tokens = made(9, 0.01, seed=3)
    notes = LossSurface(loss, params, tokens).fit().notes
    assert any("rests on the default growth" in note for note in notes)
    assert not any("default growth" in note for note in LossSurface(*made(100)).fit().notes)


def test_weights_act_like_repeated_rows():
    loss, params, tokens = made(40, 0.02, seed=5)
    counts = np.where(np.arange(40) % 3 == 0, 3.0, 1.0)
    for name in rolling.FLOORED:
        by_weight = rivals.fit_form(name, loss, params, tokens, weights=counts)
        by_rows = rivals.fit_form(name, *(np.repeat(v, counts.astype(int)) for v in (loss, params, tokens)))
        assert by_weight.predict(1e10, 1e11) == pytest.approx(by_rows.predict(1e10, 1e11), rel=1e-4)


# ------------------------------------------------------------------ laws compared


def test_the_true_law_is_judged_best_and_a_missing_floor_worst():
    loss, params, tokens = made(150, 0.003, seed=2)
    found = compare(params, tokens, loss)
    table = found.table.set_index("law")
    assert table.loc["Chinchilla", "interval_score_pct"] < 1.2 * table["interval_score_pct"].min()
    assert table.loc["Kaplan", "weight"] < 0.05 and table["weight"].sum() == pytest.approx(1)
    assert float(found.predict(1e10, 1e12)[0]) == pytest.approx(1.8 + 400 / 1e10**0.34 + 2000 / 1e12**0.37, rel=0.01)
    low, high = found.predict_interval(1e10, 1e12)
    assert low[0] < found.predict(1e10, 1e12)[0] < high[0]
    half, narrow = (
        np.log(found.predict_interval(1e10, 1e12, level)[1] / found.predict(1e10, 1e12)) for level in (0.95, 0.5)
    )
    assert half / narrow == pytest.approx(stats.norm.isf(0.025) / stats.norm.isf(0.25))
    for level in (0.0, 1.0, 1.5):
        with pytest.raises(ValueError, match="alpha must lie"):
            found.predict_interval(1e10, 1e12, level)
    assert "interval score" in str(found.summary())


def test_disagreement_names_the_extremes():
    found = compare(KEPT["params"], KEPT["tokens"], KEPT["loss"])
    said = found.by_law(1e12, 1e13)
    good = found.table[found.table["interval_score_pct"] <= 2 * found.table["interval_score_pct"].min()]["law"]
    apart = 100 * (said[good].iloc[0].max() / said[good].iloc[0].min() - 1)
    text = found.disagreement(1e12, 1e13)
    assert text.startswith(f"These laws disagree here by {apart:.1f} %") and said[good].iloc[0].idxmax() in text


def test_repeated_text_is_worth_less():
    """Muennighoff et al.: with their law true, it is found, R* comes back, and the usual law forecasts worse."""
    rng = np.random.default_rng(1)
    params, unique = 10 ** rng.uniform(7.5, 9.5, 150), 10 ** rng.uniform(8, 10, 150)
    epochs = 10 ** rng.uniform(0, 1.7, 150)
    worth = unique * (1 + 15 * -np.expm1(-(epochs - 1) / 15))
    loss = (1.8 + 400 / params**0.34 + 2000 / worth**0.37) * np.exp(rng.normal(0, 0.002, 150))
    fit = rivals.fit_form(rivals.REPEATED, loss, params, unique * epochs, unique_tokens=unique)
    assert np.exp(fit.theta[5]) == pytest.approx(15, rel=0.1)
    found = compare(params, unique * epochs, loss, unique_tokens=unique)
    assert found.best == rivals.REPEATED
    once, often = found.by_law(1e9, [1e10, 1e10], np.array([1e10, 1e8]))[rivals.REPEATED]
    assert often > 1.05 * once


@pytest.mark.parametrize(
    "change, message",
    [
        ({"tokens": [1e9] * 3}, "tokens has 3 rows, loss has 20"),
        ({"loss": np.full(20, -1.0)}, "loss"),
        ({"unique_tokens": np.full(20, 1e15)}, "unique_tokens must not exceed tokens: row 0"),
    ],
)
def test_bad_runs_are_named(change, message):
    loss, params, tokens = made(20)
    with pytest.raises(ValueError, match=message):
        compare(**({"loss": loss, "params": params, "tokens": tokens} | change))


def test_runs_without_smaller_budgets_are_not_compared():
    loss, params, tokens = made(9)
    with pytest.raises(ValueError, match="none of whose smaller budgets"):
        LawComparison(params, tokens, loss)


# ------------------------------------------------------------------ the best split


def grid(noise=0.001, seed=0):
    """Budgets of nine sizes each round the best size of the true law."""
    rng = np.random.default_rng(seed)
    flops = np.repeat(10.0 ** np.arange(18, 21.1, 0.5), 9)
    ratio = TRUTH["alpha"] * TRUTH["A"] / (TRUTH["beta"] * TRUTH["B"])
    best = ratio ** (1 / (TRUTH["alpha"] + TRUTH["beta"])) * (flops / 6) ** (
        TRUTH["beta"] / (TRUTH["alpha"] + TRUTH["beta"])
    )
    params = best * np.tile(10 ** np.linspace(-0.6, 0.6, 9), len(flops) // 9)
    tokens = flops / 6 / params
    loss = TRUTH["E"] + TRUTH["A"] / params ** TRUTH["alpha"] + TRUTH["B"] / tokens ** TRUTH["beta"]
    return params, tokens, loss * np.exp(rng.normal(0, noise, len(loss)))


def test_three_approaches_find_the_true_split():
    params, tokens, loss = grid()
    found = isoflop(params, tokens, loss, 1e21, draws=100)
    exponent = found.table.query("quantity == 'exponent'").set_index("approach")
    truth = TRUTH["beta"] / (TRUTH["alpha"] + TRUTH["beta"])
    assert list(exponent.index) == list(isoflops.APPROACHES) and found.budgets == 7
    assert (exponent["low"] <= truth + 0.03).all() and (exponent["high"] >= truth - 0.03).all()
    assert exponent.loc["3 surface", "estimate"] == pytest.approx(truth, abs=0.02)
    assert found.notes == []


def test_a_bias_of_approach_2_is_said():
    """Only sizes above the best one: the parabola has to guess the other side, the surface has not."""
    params, tokens, loss = grid(noise=1e-5)
    larger = np.tile(np.arange(9) >= 5, 7)
    found = isoflop(params[larger], tokens[larger], loss[larger], 1e22, draws=100)
    assert any("disagree" in note for note in found.notes) and "Czech" in found.notes[-1]


def test_one_budget_is_too_few():
    params, tokens, loss = grid()
    with pytest.raises(ValueError, match=r"form 1 budget\(s\)"):
        isoflop(params[:9], tokens[:9], loss[:9], 1e21)


@pytest.fixture(scope="module")
def fitted():
    return LossSurface(KEPT["loss"], KEPT["params"], KEPT["tokens"]).fit()


@pytest.mark.parametrize("served", [1e10, 1e12, 1e14])
def test_inference_makes_the_best_network_smaller(fitted, served):
    """Against a search that knows nothing of the derivative."""
    flop = 1e23
    found = fitted.optimal_allocation(flop, inference_tokens=served).set_index("quantity")["estimate"]

    def loss(log_size):
        tokens = flop / 6 / np.exp(log_size) - served / 3
        return float(fitted.predict(np.exp(log_size), tokens)) if tokens > 0 else 99.0

    start = min(np.linspace(15, 27, 2000), key=loss)
    least = optimize.minimize_scalar(loss, bounds=(start - 0.1, start + 0.1), method="bounded", options={"xatol": 1e-9})
    assert np.log(found["params"]) == pytest.approx(least.x, abs=1e-4)
    spent = 6 * found["params"] * found["tokens"] + 2 * found["params"] * served
    assert spent == pytest.approx(flop, rel=1e-9)
    plain = fitted.optimal_allocation(flop).set_index("quantity")["estimate"]
    assert found["params"] < plain["params"]


def test_overtraining_keeps_the_compute(fitted):
    plain, over = (
        fitted.optimal_allocation(1e23, **options).set_index("quantity")["estimate"]
        for options in ({}, {"overtraining": 9})
    )
    assert over["tokens_per_param"] == pytest.approx(9 * plain["tokens_per_param"])
    assert over["params"] == pytest.approx(plain["params"] / 3) and over["loss"] > plain["loss"]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"inference_tokens": -1}, "inference_tokens must be zero or positive"),
        ({"overtraining": 0}, "overtraining"),
        ({"inference_tokens": 1e12, "overtraining": 2}, "not both"),
    ],
)
def test_impossible_wishes_are_named(fitted, options, message):
    with pytest.raises(ValueError, match=message):
        fitted.optimal_allocation(1e23, **options)
