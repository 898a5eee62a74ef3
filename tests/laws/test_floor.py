"""Laws with a floor against many-start optimisation, constrained optimisation, statsmodels and known truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from dl_limits.laws import floor_solver, robust
from dl_limits.laws.powerlaw import PowerLaw

RNG = np.random.default_rng(4)
N = 14
X = np.geomspace(1, 1e4, N)
Y = (3 * X**-0.4 + 0.2) * np.exp(0.04 * RNG.standard_normal(N))
GROUPS = np.repeat(np.arange(7), 2)
WEIGHTS = RNG.uniform(0.5, 2, N)


def law(y=Y, x=X, floor="estimate", **options):
    return PowerLaw(y, x, floor=floor, **options)


def cost(theta, y, x, weights=1.0):
    """Sum of squares by the definition of the law, parameters log coef, exponent, floor."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        resid = np.log(y) - np.log(np.exp(theta[0]) * x ** -theta[1] + abs(theta[2]))
    return float(np.sum(weights * resid**2)) if np.isfinite(resid).all() else 1e9


def many_starts(y, x, weights=1.0, starts=40, seed=0):
    rng, best = np.random.default_rng(seed), np.inf
    h, z = np.log(x), np.log(y)
    slope, top = np.polyfit(h, z, 1)
    best = cost([top, -slope, 0], y, x, weights)
    for _ in range(starts):
        b = np.exp(rng.uniform(np.log(0.1), np.log(30))) / np.ptp(h)
        c = y.min() * rng.uniform(0, 1.2)
        a = np.log(max(y[h.argmin()] - c, 0.05 * c)) + b * h.min()
        found = optimize.minimize(
            cost, [a, b, c], (y, x, weights), "Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}
        )
        best = min(best, found.fun)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_start_finds_a_better_fit(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 20))
    x = np.exp(rng.uniform(0, 8, n))
    y = (x**-0.4 + rng.choice([0, 0.05, 0.3])) * np.exp(rng.choice([0.01, 0.1, 0.3]) * rng.standard_normal(n))
    fit = law(y, x).fit()
    ours = float(fit.resid @ fit.resid)
    assert ours <= many_starts(y, x, starts=15, seed=seed) * (1 + 1e-7)
    if np.isfinite(fit.params).all():  # the parameters give what the solver says
        a, b, c = fit.params
        assert cost([np.log(a), b, c], y, x) == pytest.approx(ours, rel=1e-6)


def test_exact_data_give_their_law_back():
    fit = law(3 * X**-0.4 + 0.2).fit()
    assert fit.params.to_list() == pytest.approx([3, 0.4, 0.2], rel=1e-8)
    assert fit.conf_int().loc["exponent"].to_list() == pytest.approx([0.4, 0.4], abs=1e-6)
    assert fit.required(0.25).estimate == pytest.approx(60**2.5, rel=1e-6)
    assert fit.multiplier(1.0, 0.25).estimate == pytest.approx(16**2.5, rel=1e-6)


def test_without_a_floor_the_fit_is_the_line():
    bent_down = 3 * X**-0.4 * np.exp(-0.01 * np.log(X) ** 2)
    ours, theirs = law(bent_down).fit(), sm.OLS(np.log(bent_down), sm.add_constant(np.log(X))).fit()
    assert ours.params["floor"] == 0
    assert ours.params["exponent"] == pytest.approx(-theirs.params[1])
    assert ours.params["coef"] == pytest.approx(np.exp(theirs.params[0]))
    assert ours.llf() == pytest.approx(PowerLaw(bent_down, X).fit().llf())
    assert ours.aic() == pytest.approx(8 - 2 * ours.llf())
    assert ours.floor_test("mixture").pvalue == 1
    assert ours.floor_test(n_boot=99).pvalue > 0.5


def test_standard_errors_are_those_of_curve_fit():
    def f(h, a, b, c):
        return np.log(np.exp(a - b * h) + c)

    best, cov = optimize.curve_fit(f, np.log(X), np.log(Y), [1, 0.4, 0.2], ftol=1e-14, xtol=1e-14)
    fit = law().fit()
    assert fit.params.to_list() == pytest.approx([np.exp(best[0]), *best[1:]], rel=1e-5)
    errors_ = np.sqrt(np.diag(cov))
    assert fit.bse.to_list() == pytest.approx([errors_[0] * np.exp(best[0]), *errors_[1:]], rel=1e-4)
    assert fit.df_resid == N - 3 and fit.scale == pytest.approx(fit.resid @ fit.resid / (N - 3))


def constrained(quantity, sign, limit):
    """End of an interval the long way: push a quantity to its extreme within the limit."""
    fit = law().fit()
    found = optimize.minimize(
        lambda t: sign * quantity(t),
        [np.log(fit.params["coef"]), *fit.params[1:]],
        bounds=[(-5, 5), (1e-3, 5), (0, 0.27)],  # floors from 0.27 on do not fit
        constraints={"type": "ineq", "fun": lambda t: 1e3 * (limit - cost(t, Y, X))},
        method="COBYQA",
        options={"final_tr_radius": 1e-6},
    )
    assert cost(found.x, Y, X) <= limit * (1 + 1e-6)
    return sign * found.fun


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("coef", lambda t: t[0]),
        ("exponent", lambda t: t[1]),
        ("floor", lambda t: t[2]),
        ("required", lambda t: (t[0] - np.log(0.3 - t[2])) / t[1]),
        ("multiplier", lambda t: (np.log(1 - t[2]) - np.log(0.3 - t[2])) / t[1]),
        ("level", lambda t: np.logaddexp(t[0] - t[1] * np.log(1e6), np.log(max(t[2], 1e-9)))),
    ],
)
def test_profile_ends_are_extremes_within_the_limit(name, quantity):
    """The interval of a quantity is its range over all laws that fit well enough (COBYQA finds the same)."""
    fit = law().fit()
    limit = fit.resid @ fit.resid * (1 + stats.t.isf(0.025, N - 3) ** 2 / (N - 3))
    if name == "required":
        answer = fit.required(0.3)
        ours = np.log([answer.low, answer.high])
    elif name == "multiplier":
        answer = fit.multiplier(1.0, 0.3)
        ours = np.log([answer.low, answer.high])
    elif name == "level":
        ours = np.log(fit.get_prediction([1e6]).summary_frame()[["mean_ci_lower", "mean_ci_upper"]].iloc[0].to_numpy())
    else:
        ours = fit.conf_int().loc[name].to_numpy()
        ours = np.log(ours) if name == "coef" else ours
    for end, sign in zip(ours, (1, -1), strict=True):
        assert end == pytest.approx(constrained(quantity, sign, limit), rel=2e-3)


def test_intervals_of_a_line_without_bend_are_close_to_those_of_the_line():
    """With the floor given and tiny, the profile is the t interval and Fieller's set."""
    y = 3 * X**-0.4 * np.exp(0.05 * RNG.standard_normal(N))
    line, bent = PowerLaw(y, X).fit(), law(y, floor=1e-9, error="law").fit()
    np.testing.assert_allclose(bent.conf_int().loc["exponent"], line.conf_int().loc["exponent"], rtol=1e-3)
    np.testing.assert_allclose(bent.conf_int().loc["coef"], line.conf_int().loc["coef"], rtol=1e-3)
    assert bent.required(0.01).log10() == pytest.approx(line.required(0.01).log10(), rel=1e-3)
    assert bent.multiplier(1, 0.1).log10() == pytest.approx(line.multiplier(1, 0.1).log10(), rel=1e-3)
    np.testing.assert_allclose(bent.predict_interval([1e5]), line.predict_interval([1e5]), rtol=1e-3)


def test_robust_limits_are_those_of_the_line_too():
    y = 3 * X**-0.4 * np.exp(0.05 * RNG.standard_normal(N))
    for cov in ("HC3", "cluster", "jackknife"):
        line = PowerLaw(y, X, groups=GROUPS).fit(cov=cov)
        bent = law(y, floor=1e-9, error="law", groups=GROUPS).fit(cov=cov)
        assert bent.bse["exponent"] == pytest.approx(line.bse["exponent"], rel=1e-3)
        np.testing.assert_allclose(bent.conf_int().loc["exponent"], line.conf_int().loc["exponent"], rtol=1e-3)
        assert bent.required(0.01).log10() == pytest.approx(line.required(0.01).log10(), rel=2e-3)


def test_sandwich_is_statsmodels():
    design = sm.add_constant(np.log(X))
    for cov, options in (
        ("classical", {}),
        ("HC3", {"cov_type": "HC3"}),
        ("cluster", {"cov_type": "cluster", "cov_kwds": {"groups": GROUPS}}),
    ):
        theirs = sm.WLS(np.log(Y), design, WEIGHTS).fit(**options)
        ours = robust.sandwich(design, theirs.resid, WEIGHTS, GROUPS, cov, theirs.scale)
        np.testing.assert_allclose(ours, theirs.cov_params())


def test_a_known_floor_is_a_point_of_the_free_fit():
    free = law().fit()
    same = law(floor=free.params["floor"], error="law").fit()
    np.testing.assert_allclose(same.params, free.params, rtol=1e-6)
    assert same.conf_int().loc["floor"].tolist() == [free.params["floor"]] * 2
    assert same.bse["floor"] == 0 and same.df_resid == N - 2
    assert np.ptp(same.conf_int().loc["exponent"]) < np.ptp(free.conf_int().loc["exponent"])
    assert same.identification.status == "identified"
    below = law(floor=1.05 * Y.min(), error="law").fit()  # scatter may carry a point below the floor
    assert below.params["floor"] > Y.min()


@pytest.mark.parametrize("known", [0.05, 0.18])
def test_profile_ends_with_a_known_floor_are_where_the_misfit_reaches_its_limit(known):
    """Two parameters are left; fixing a quantity leaves one, which a line search finds."""
    fit = law(floor=known, error="law").fit()
    limit = fit.resid @ fit.resid * (1 + stats.t.isf(0.025, N - 2) ** 2 / (N - 2))

    def misfit(parameters):
        tried = np.geomspace(0.05, 2, 60)
        near = tried[np.argmin([cost([*parameters(b), known], Y, X) for b in tried])]
        bounds = (near * 0.93, near * 1.07)
        return optimize.minimize_scalar(
            lambda b: cost([*parameters(b), known], Y, X), bounds=bounds, options={"xatol": 1e-9}
        ).fun

    def slope_of(b):
        best = optimize.minimize_scalar(lambda a: cost([a, b, known], Y, X), (0.5, 1.5), options={"xtol": 1e-10})
        return best.fun

    ends = fit.conf_int()
    assert [slope_of(b) for b in ends.loc["exponent"]] == pytest.approx([limit] * 2, rel=1e-5)
    assert [misfit(lambda b, a=a: (np.log(a), b)) for a in ends.loc["coef"]] == pytest.approx([limit] * 2, rel=1e-5)
    answer = fit.required(0.3)
    through = [misfit(lambda b, x=x: (np.log(0.3 - known) + b * np.log(x), b)) for x in (answer.low, answer.high)]
    assert through == pytest.approx([limit] * 2, rel=1e-5)
    level = fit.get_prediction([1e5]).summary_frame()[["mean_ci_lower", "mean_ci_upper"]].iloc[0]
    through = [misfit(lambda b, y=y: (np.log(y - known) + b * np.log(1e5), b)) for y in level]
    assert through == pytest.approx([limit] * 2, rel=1e-5)


def test_equal_levels_are_no_way_down():
    fit = law().fit()
    assert fit.multiplier(1.0, np.nextafter(1.0, 0)).estimate == pytest.approx(1.0)
    with pytest.raises(ValueError, match="y_to must lie below y_from, got 1 and 1"):
        fit.multiplier(1.0, 1.0)


def test_resamples_that_leave_the_law_open_are_lost_and_no_others():
    """Four different points, of them three different x, are the least that determine three numbers and a scatter."""
    x = np.array([1.0, 1.0, 10.0, 100.0, 1000.0])
    y = (3 * x**-0.4 + 0.2) * np.exp([0.01, -0.01, 0.02, -0.015, 0.01])
    drawn = np.random.default_rng(7).multinomial(5, np.full(5, 0.2), size=300)
    lost = np.array([(row > 0).sum() < 4 or len(set(x[row > 0])) < 3 for row in drawn])
    draws = law(y, x).fit().bootstrap(300, seed=7)
    assert draws.isna().any(axis=1).tolist() == lost.tolist() and 0 < lost.sum() < 300


def test_a_target_at_the_floor_needs_everything():
    fit = law().fit()
    low, high = fit.conf_int().loc["floor"]
    under, between, over = (fit.required(t) for t in (0.5 * low, 0.5 * (low + fit.params["floor"]), 1.5 * high))
    assert (under.low, under.high) == (np.inf, np.inf)
    assert between.estimate == between.high == np.inf and np.isfinite(between.low)
    assert over.bounded and over.low < over.estimate < over.high
    assert fit.multiplier(1.0, 0.9 * fit.params["floor"]).estimate == np.inf


@pytest.mark.parametrize("target", [0.5, 0.95, 2.0])
@pytest.mark.parametrize("interval", ["profile", "bootstrap"])
def test_estimates_lie_inside_their_intervals(target, interval):
    rng = np.random.default_rng(9)
    for slope in (-0.1, -0.02, 0.0, 0.1):
        y = np.geomspace(1, 100, 7) ** slope * np.exp(0.05 * rng.standard_normal(7))
        fit = law(y, np.geomspace(1, 100, 7)).fit()
        answer = fit.required(target, interval=interval, n_boot=100)
        assert answer.low <= answer.estimate <= answer.high
        if slope < 0:
            table = fit.conf_int()
            assert (table["lower"] <= fit.params + 1e-9).all() and (table["upper"] >= fit.params - 1e-9).all()
            steps = fit.multiplier(1.2, 0.9, interval=interval, n_boot=100)
            assert steps.low <= steps.estimate <= steps.high


def test_the_ends_of_wider_intervals_lie_outside():
    fit = law().fit()
    inner, outer = fit.conf_int(0.2), fit.conf_int(0.01)
    assert (outer["lower"] < inner["lower"]).all() and (outer["upper"] > inner["upper"]).all()


def test_a_rising_law_never_gets_there():
    fit = law([1, 1.3, 1.5, 2.2, 2.6], [1, 10, 100, 1000, 10000]).fit()
    assert fit.params["exponent"] < 0 and fit.params["floor"] == 0
    assert fit.required(0.5).estimate == fit.required(0.5).high == np.inf
    assert fit.multiplier(2, 1).estimate == np.inf
    assert fit.identification.status == "none"


def test_laws_that_may_not_fall_are_below_a_high_level_always_and_below_a_low_one_never():
    y = 20 * X**-0.005 * np.exp(0.3 * np.random.default_rng(2).standard_normal(N))
    fit = law(y).fit()
    assert fit.conf_int().loc["exponent", "lower"] <= 0
    low, high = fit.required(2.0), fit.required(200.0)
    assert low.high == np.inf and low.low > 0
    assert high.low == 0 and high.high < np.inf


def test_a_fall_in_one_step_is_said_to_be_one():
    y = np.array([2, 1.01, 0.99, 1, 1.005, 0.995])
    fit = law(y, np.geomspace(1, 1e5, 6)).fit()
    table = fit.conf_int()
    assert table.loc["exponent", "upper"] == np.inf
    assert np.isnan(fit.bse["exponent"]) or np.isfinite(fit.params["exponent"])
    assert fit.predict([1.0, 10.0]) == pytest.approx([2, 1], rel=0.02)
    assert "too steep" in str(fit.identification)


@pytest.mark.parametrize(("c", "noise", "status"), [(0.2, 0.01, "identified"), (0.0, 0.02, "weak"), (0.2, 4.0, "none")])
def test_identification_says_what_the_intervals_say(c, noise, status):
    y = (3 * X**-0.4 + c) * np.exp(noise * np.random.default_rng(1).standard_normal(N))
    said = law(y).fit().identification
    assert said.status == status, said
    assert (said.facts["floor_low"] > 0) == (status == "identified")
    assert str(said) == said.sentence and said.sentence.endswith(".")


def test_bootstraps_agree_with_the_standard_errors():
    y = (3 * X**-0.4 + 0.2) * np.exp(0.01 * RNG.standard_normal(N))
    fit = law(np.tile(y, 8) * np.exp(0.02 * RNG.standard_normal(8 * N)), np.tile(X, 8)).fit(cov="HC3")
    for kind in ("rows", "wild"):
        draws = fit.bootstrap(500, kind=kind)
        assert list(draws) == ["coef", "exponent", "floor"]
        np.testing.assert_allclose(draws.std(), fit.bse, rtol=0.2)
        pd.testing.assert_frame_equal(draws, fit.bootstrap(500, kind=kind))
        assert not draws.equals(fit.bootstrap(500, seed=1, kind=kind))
        ends = fit.conf_int(method="bootstrap", n_boot=500, kind=kind)
        np.testing.assert_allclose(ends.loc["exponent"], fit.conf_int().loc["exponent"], rtol=0.02)


def test_residuals_are_enlarged_by_their_leverage():
    """What each residual were had the law, linear in its parameters near its optimum, not seen its point."""
    fit = law(weights=WEIGHTS).fit()
    place = np.array([np.log(fit.params["coef"]), *fit.params[1:]])

    def curve(t):
        return np.log(np.exp(t[0]) * X ** -t[1] + t[2])

    step = 1e-6 * np.eye(3)
    slopes = np.column_stack([(curve(place + s) - curve(place - s)) / 2e-6 for s in step]) * np.sqrt(WEIGHTS)[:, None]
    leverage = np.diag(slopes @ np.linalg.inv(slopes.T @ slopes) @ slopes.T)
    np.testing.assert_allclose(fit._enlarged(), fit.resid / (1 - leverage), rtol=1e-4)


def test_batched_refits_equal_single_fits():
    fit = law(groups=GROUPS).fit()
    draws = fit.bootstrap(20, seed=5)
    counts = np.random.default_rng(5).multinomial(7, np.full(7, 1 / 7), size=20)[:, GROUPS]
    for count, row in zip(counts, draws.to_numpy(), strict=True):
        rows = np.repeat(np.arange(N), count)
        if len(np.unique(X[rows])) < 4:
            continue
        single = law(Y[rows], X[rows]).fit()
        if np.isfinite(row).all():
            assert cost([np.log(row[0]), *row[1:]], Y[rows], X[rows]) == pytest.approx(
                single.resid @ single.resid, rel=1e-6, abs=1e-12
            )


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-12, 1e12), st.floats(1e-12, 1e12), st.permutations(range(N)))
def test_units_and_order_do_not_matter(unit_x, unit_y, order):
    order = list(order)
    first, second = law().fit(), law((Y * unit_y)[order], (X * unit_x)[order]).fit()
    assert second.params["exponent"] == pytest.approx(first.params["exponent"], rel=1e-5)
    assert second.params["floor"] / unit_y == pytest.approx(first.params["floor"], rel=1e-5)
    a, b = first.required(0.3), second.required(0.3 * unit_y)
    assert [b.estimate / unit_x, b.low / unit_x, b.high / unit_x] == pytest.approx(
        [a.estimate, a.low, a.high], rel=1e-3
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=N, max_size=N))
def test_integer_weights_equal_repeated_rows(copies):
    copies = np.array(copies)
    rows = np.repeat(np.arange(N), copies)
    weighted, repeated = law(weights=copies.astype(float)).fit(), law(Y[rows], X[rows]).fit()
    assert weighted.params.to_numpy() == pytest.approx(repeated.params.to_numpy(), rel=1e-5)
    assert weighted.resid @ (copies * weighted.resid) == pytest.approx(repeated.resid @ repeated.resid, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)), min_size=4, max_size=12),
    st.floats(1e-7, 1e7),
)
def test_any_positive_points_have_an_answer(points, target):
    y, x = np.array(points).T
    if np.ptp(np.log(x)) < 1e-9 or np.ptp(np.log(y)) < 1e-9:
        return
    fit = law(y, x).fit()
    line = np.polyfit(np.log(x), np.log(y), 1)
    assert fit.resid @ fit.resid <= ((np.log(y) - np.polyval(line, np.log(x))) ** 2).sum() * (1 + 1e-6) + 1e-12
    answer = fit.required(target)
    assert answer.low <= answer.estimate <= answer.high
    assert np.isfinite(fit.predict(x)).all()


def test_duplicated_x_is_fine():
    fit = law(np.r_[Y, Y * 1.01], np.r_[X, X]).fit()
    assert fit.params["exponent"] == pytest.approx(law().fit().params["exponent"], rel=0.01)


def test_estimated_weights_follow_the_scatter():
    rng = np.random.default_rng(3)
    x = np.geomspace(1, 1e4, 400)
    y = (3 * x**-0.4 + 0.05) * np.exp(0.2 * x**-0.25 * rng.standard_normal(400))
    for options in ({}, {"floor": "estimate"}):
        fit = PowerLaw(y, x, weights="estimate", **options).fit(cov="HC3")
        slope = np.polyfit(np.log(x), np.log(fit.model.weights), 1)[0]
        if options:
            assert slope == pytest.approx(0.5, abs=0.06)
            assert fit.params["floor"] == pytest.approx(0.05, rel=0.05)
        assert np.log(fit.model.weights).mean() == pytest.approx(0, abs=1e-9)


def test_regression_calibration_undoes_attenuation():
    rng = np.random.default_rng(6)
    true = rng.normal(0, 2, 20000)
    seen = true + rng.normal(0, 1, 20000)
    z = -0.3 * true + 0.01 * rng.standard_normal(20000)
    better = robust.true_predictor(seen, 0.8)
    assert np.polyfit(better, z, 1)[0] == pytest.approx(-0.3, rel=0.02)
    with pytest.raises(ValueError, match="reliability must lie"):
        robust.true_predictor(seen, 0)


def test_prediction_interval_holds_new_observations():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        y = (3 * X**-0.4 + 0.2) * np.exp(0.04 * rng.standard_normal(N))
        low, high = law(y).fit().predict_interval([1e6])
        hits += low[0] <= (3 * 1e6**-0.4 + 0.2) * np.exp(0.04 * rng.standard_normal()) <= high[0]
    assert abs(hits / 200 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 200)


def test_many_predictions_equal_single_ones():
    fit = law().fit()
    together = fit.get_prediction([1, 50, 1e6]).summary_frame()
    assert list(together) == ["mean", "mean_ci_lower", "mean_ci_upper", "obs_ci_lower", "obs_ci_upper"]
    for x, row in together.iterrows():
        np.testing.assert_allclose(fit.get_prediction([x]).summary_frame().iloc[0], row, rtol=1e-9)


def test_summary_shows_parameters_and_identification():
    text = law().fit().summary().as_text()
    assert "exponent" in text and "floor" in text and "identified" in text
    assert "floor" in repr(law().fit())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: law([1, 2, -3.0, 1], [1, 2, 3, 4]), "endog must be positive and finite; position 2"),
        (lambda: law([1, 2, np.nan, 1], [1, 2, 3, 4]), "endog must be positive and finite; position 2"),
        (lambda: law([1, 2, 3.0], [1, 2, 3]), "endog has 3 points, the law needs at least 4"),
        (lambda: law([1, 2, 3, 4.0], [1, 2, 3]), "exog has 3 rows"),
        (lambda: law([1, 2, 3, 4.0], [5, 5, 5, 5]), "exog does not vary"),
        (lambda: law(floor="guess"), "floor must be None, 'estimate' or a number"),
        (lambda: law(floor=0, error="law"), "error='law' needs a floor above zero"),
        (lambda: law(error="excess"), "error='excess' needs a known floor"),
        (lambda: law(error="sum"), "error must be one of"),
        (lambda: law(controls=np.arange(N)), "controls do not go with floor='estimate'"),
        (lambda: law().fit("rlm"), "method='rlm' does not go with"),
        (lambda: law().fit(cov="jackknife"), "needs groups"),
        (lambda: law().fit().required(-1), "target -1 is not above 0"),
        (lambda: law(floor=0.1, error="law").fit().required(0.1), "target 0.1 is not above 0.1"),
        (lambda: law().fit().required(0.3, interval="fieller"), "interval must be one of"),
        (lambda: law().fit().required(0.3, alpha=2), "alpha must lie"),
        (lambda: law().fit().multiplier(0.3, 0.5), "y_to must lie below y_from"),
        (lambda: law().fit().bootstrap(10, kind="pairs"), "kind must be one of"),
        (lambda: law().fit().conf_int(method="wald"), "method must be one of"),
        (lambda: law().fit().predict([-1]), "x must be positive"),
        (lambda: law().fit().floor_test("chi2"), "method must be one of"),
        (lambda: law(floor=0.1, error="law").fit().floor_test(), "needs a law whose floor is estimated"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call()


def test_the_limits_of_the_form():
    """A bend of inf is a line, an anchor of inf a floor; both stay finite where they should."""
    assert floor_solver.law(np.log([1.0, 10]), 0.0, 0.0, 0.5, np.inf) == pytest.approx([0, -0.5 * np.log(10)])
    assert floor_solver.law(np.array([0.0, np.inf]), 0.0, 0.0, 0.5, 0.0) == pytest.approx([0, -np.log(2)])
    fits = floor_solver.solve(np.log(Y), np.log(X), np.ones(N), anchor=[np.inf], level=[np.log(0.15)])
    assert fits.floor[0] == pytest.approx(0.15)
