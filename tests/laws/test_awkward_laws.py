"""Awkward input to the laws: right values, one clear refusal, and properties that hold for any container or unit."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from dl_limits.laws import checks, linear, loss, resampling, robust
from dl_limits.laws.extrapolation import extrapolate
from dl_limits.laws.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.laws.surface import LossSurface, resamples, solver

RNG = np.random.default_rng(7)
N = 24
X = 10 ** RNG.uniform(18, 23, N)
YEARS = RNG.integers(2012, 2020, N).astype(float)
GROUPS = np.arange(N) // 3
Y = 600 * X**-0.08 * np.exp(0.1 * RNG.standard_normal(N) - 0.1 * (YEARS - 2015))
SIZES, TOKENS = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e8, 1e10, 4), np.geomspace(1e9, 1e11, 4)))
LOSS = (1.8 + 400 / SIZES**0.34 + 2000 / TOKENS**0.37) * np.exp(0.01 * RNG.standard_normal(16))
few = settings(max_examples=8, deadline=None, derandomize=True)

CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "object": lambda v: np.array(list(v), object),
    "series": lambda v: pd.Series(v, [f"m{i}" for i in range(len(v))]),
    "repeated labels": lambda v: pd.Series(v, np.zeros(len(v), int)),
    "nullable": lambda v: pd.array(v, "Float64"),
    "fractions": lambda v: [Fraction(float(x)) for x in v],
    "decimals": lambda v: [Decimal(float(x)) for x in v],
    "strided": lambda v: np.repeat(v, 2)[::2],
    "reversed view": lambda v: np.array(v)[::-1].copy()[::-1],
    "longdouble": lambda v: np.array(v, np.longdouble),
    "unmasked": lambda v: np.ma.array(v),
    "read only": lambda v: np.frombuffer(np.array(v).tobytes()),
}
ENTRIES = {
    "PowerLaw": lambda a, b: PowerLaw(b, a).fit().conf_int().to_numpy(),
    "WLS": lambda a, b: PowerLaw(b, a, weights=a).fit().params.to_numpy(),
    "controls": lambda a, b: PowerLaw(Y, X, controls=a).fit().params.to_numpy() if len(a) == N else 0,
    "ReciprocalLaw": lambda a, b: ReciprocalLaw(b, a).fit().params.to_numpy(),
    "floor": lambda a, b: PowerLaw(b, a, floor="estimate").fit().params.to_numpy(),
    "extrapolate": lambda a, b: extrapolate(a, b).predict(np.array([1e24])),
}


# ------------------------------------------------------------------ nearly exact laws


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(4, 20),
    st.floats(1e-3, 1e3),
    st.floats(0.01, 1),
    st.floats(1.3, 30),
    st.floats(1e-12, 1e12),
    st.sampled_from(["ols", "rlm", "reverse"]),
)
def test_the_interval_of_an_exact_law_closes_on_the_truth(n, coef, exponent, base, unit, method):
    x = unit * base ** np.arange(n)
    y = coef * (x / unit) ** -exponent
    target = 0.8 * y[-1]
    truth = np.log(unit) + np.log(coef / target) / exponent
    answer = PowerLaw(y, x).fit(method).required(target)
    assert np.log([answer.low, answer.estimate, answer.high]) == pytest.approx(truth, abs=1e-7)


def test_fieller_of_an_exact_and_of_a_nearly_exact_law():
    x = 2.0 ** np.arange(6)
    answer = PowerLaw(0.5 * x**-0.05, x).fit().required(0.042)
    assert [answer.low, answer.high] == pytest.approx([(0.5 / 0.042) ** 20] * 2, rel=1e-8)
    x = np.geomspace(1, 1e6, 10)
    answer = PowerLaw(np.round(5 * x**-0.1, 8), x).fit().required(0.1)
    assert f"{answer.low:.6e} {answer.high:.6e}" == "9.765625e+16 9.765626e+16"
    assert 0 < answer.high / answer.low - 1 < 1e-6


@few
@given(st.integers(0, 1000), st.floats(1e-9, 0.3), st.booleans())
def test_fieller_is_the_inverse_of_the_test_at_every_size_of_noise(seed, noise, new):
    x = np.geomspace(1e18, 1e24, 9)
    y = 600 * x**-0.08 * np.exp(noise * np.random.default_rng(seed).standard_normal(9))
    answer = PowerLaw(y, x).fit().required(5.0, of="new" if new else "mean")
    h = np.log(x) - np.log(x).mean()
    fit = sm.OLS(np.log(y), sm.add_constant(h)).fit()
    for end in (answer.low, answer.high):
        if 0 < end < np.inf:
            ahead = fit.get_prediction([[1, np.log(end) - np.log(x).mean()]])
            gap = abs(ahead.predicted_mean[0] - np.log(5.0)) / (ahead.se_obs if new else ahead.se_mean)[0]
            assert gap == pytest.approx(stats.t.isf(0.025, 7), rel=1e-5)


def test_robust_regression_without_scatter_has_no_standard_error():
    x = np.geomspace(1, 1e6, 10)
    y = 5 * x**-0.1
    y[[3, 7]] *= 1.5, 0.8  # most points on a line: the scale of the others is not determined
    fit = PowerLaw(y, x).fit("rlm")
    assert fit.params["exponent"] == pytest.approx(0.1) and np.isnan(fit.bse["exponent"])
    assert (fit.required(0.1).low, fit.required(0.1).high) == (0, np.inf)


def test_symmetric_slopes_of_exact_laws_have_intervals():
    x = np.geomspace(1, 1e9, 7)
    for method in linear.SYMMETRIC:
        answer = PowerLaw(3 * x**-0.37, x).fit(method).multiplier(2, 1)
        assert [answer.low, answer.high] == pytest.approx([2 ** (1 / 0.37)] * 2, rel=1e-6)


def test_three_points_of_a_quantile_give_one_answer():
    fit = PowerLaw([10.0, 5.0, 3.0], [1, 10, 100]).fit("quantreg")
    assert fit.conf_int().to_numpy().tolist() == [[0, np.inf], [-np.inf, np.inf]]
    frame = fit.get_prediction([10.0]).summary_frame()
    assert frame[["mean_ci_lower", "mean_ci_upper"]].to_numpy().tolist() == [[0, np.inf]]
    assert (fit.required(1.0).low, fit.required(1.0).high) == (0, np.inf)


# ------------------------------------------------------------------ controls


@few
@given(
    st.sampled_from([m for m in linear.LINE_METHODS if m != "wls"]),
    st.floats(-1e5, 1e5),
    st.sampled_from([1e-12, 1.0, 365.25, 1e15]),
)
def test_origin_and_unit_of_a_control_change_nothing(method, origin, unit):
    given = PowerLaw(Y, X, controls=YEARS, groups=GROUPS).fit(method)
    moved = PowerLaw(Y, X, controls=(YEARS - 2015) * unit + origin * unit, groups=GROUPS).fit(method)
    assert moved.params["exponent"] == pytest.approx(given.params["exponent"], rel=1e-6)
    assert moved.bse["exponent"] == pytest.approx(given.bse["exponent"], rel=1e-5)
    draws = [fit.bootstrap(20)["exponent"].to_numpy() for fit in (given, moved)]
    np.testing.assert_allclose(draws[1], draws[0], rtol=1e-4)
    np.testing.assert_allclose(moved.influence(), given.influence(), rtol=1e-4)
    assert np.isfinite(draws[0]).all()


def test_calendar_years_are_centred_years_in_every_estimator():
    for cov in linear.COVARIANCES:
        pair = [PowerLaw(Y, X, controls=c, groups=GROUPS).fit(cov=cov) for c in (YEARS, YEARS - 2015)]
        assert pair[0].bse["exponent"] == pytest.approx(pair[1].bse["exponent"], rel=1e-9)
    design = np.column_stack([np.ones(N), np.log(X), YEARS - 2015])
    ours = PowerLaw(Y, X, controls=YEARS - 2015).fit()
    theirs = sm.OLS(np.log(Y), design).fit()
    assert ours.line.intercept == pytest.approx(theirs.params[0], rel=1e-10)
    assert ours.line.intercept_error == pytest.approx(theirs.bse[0], rel=1e-8)
    rma = PowerLaw(Y, X, controls=YEARS - 2015).fit("rma").line
    rest = [sm.OLS(v, design[:, [0, 2]]).fit() for v in (np.log(Y), np.log(X))]
    slope = -np.std(rest[0].resid) / np.std(rest[1].resid)
    assert rma.slope == pytest.approx(slope)
    assert rma.intercept == pytest.approx(rest[0].params[0] - slope * rest[1].params[0])


# ------------------------------------------------------------------ one point that decides alone


def test_hc3_and_jackknife_say_nothing_where_one_point_decides_alone():
    y, x = [10, 9, 11, 5.0], [1, 1, 1, 10.0]
    for fit in (PowerLaw(y, x).fit(cov="HC3"), PowerLaw(y, x, groups=list("abcd")).fit(cov="jackknife")):
        assert np.isnan(fit.bse["exponent"])
        assert (fit.required(3.0).low, fit.required(3.0).high) == (0, np.inf)
    influence = PowerLaw(y, x).fit().influence()
    assert influence["leverage"].iloc[3] == pytest.approx(1)
    assert influence.iloc[3][["exponent_without", "cooks_distance"]].isna().all()
    design = np.column_stack([np.ones(4), np.log(x)])
    for cov in ("HC3", "jackknife"):
        assert np.isnan(robust.sandwich(design, np.ones(4), np.ones(4), np.arange(4), cov, 1.0)).all()


def test_a_law_with_a_floor_bounds_nothing_where_one_point_decides_alone():
    x, y = [1, 1, 1, 1, 10, 10, 10, 1e3], [10, 9.5, 10.2, 9.9, 5, 5.2, 4.8, 3.0]
    fit = PowerLaw(y, x, floor="estimate").fit(cov="HC3")
    assert fit.bse.isna().all() and (fit.required(4.0).low, fit.required(4.0).high) == (0, np.inf)
    assert fit.conf_int().to_numpy().tolist() == [[0, np.inf], [-np.inf, np.inf], [0, np.inf]]
    plain = PowerLaw(y, x, floor="estimate").fit()
    assert 2 < plain.conf_int().loc["floor", "lower"] < 3 < plain.required(4.0).high
    draws = plain.bootstrap(30)  # without the last point two sizes are left, and the law is open
    assert 0 < draws.isna().all(axis=1).mean() < 1


@pytest.mark.parametrize("cov", ["HC3", "cluster", "jackknife"])
def test_the_sandwich_is_leaving_out_by_hand(cov):
    design = np.column_stack([np.ones(N), np.log(X) - np.log(X).mean(), YEARS - 2015])
    weights = RNG.uniform(0.5, 2, N)
    fit = sm.WLS(np.log(Y), design, weights).fit()
    ours = robust.sandwich(design, fit.resid, weights, GROUPS, cov, fit.scale)
    if cov == "HC3":
        theirs = fit.get_robustcov_results("HC3").cov_params()
    elif cov == "cluster":
        theirs = fit.get_robustcov_results("cluster", groups=GROUPS).cov_params()
    else:
        without = [sm.WLS(np.log(Y)[k], design[k], weights[k]).fit().params for k in (g != GROUPS for g in range(8))]
        moved = np.array(without) - fit.params
        theirs = 7 / 8 * moved.T @ moved
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_cooks_distance_with_weights_is_statsmodels():
    weights = RNG.uniform(0.5, 2, N)
    fit = sm.WLS(np.log(Y), sm.add_constant(np.log(X)), weights).fit()
    ours = PowerLaw(Y, X, weights=weights).fit().influence()
    root = np.sqrt(weights)
    same = sm.OLS(np.log(Y) * root, sm.add_constant(np.log(X)) * root[:, None]).fit().get_influence()
    assert fit.params[1] == pytest.approx(same.results.params[1])
    np.testing.assert_allclose(ours["cooks_distance"], same.cooks_distance[0], rtol=1e-8)
    np.testing.assert_allclose(ours["leverage"], same.hat_matrix_diag, rtol=1e-8)


# ------------------------------------------------------------------ exact quantile lines


@few
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.25, 0.5, 0.77]), st.integers(6, 40), st.booleans())
def test_quantile_lines_reach_the_optimum_of_the_linear_programme(seed, q, n, repeated):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2))
    z = x @ [1, -1] + rng.standard_t(2, n)
    if repeated:
        x, z = np.round(x), np.round(z)  # ties everywhere: many vertices on one place
    counts = rng.multinomial(n, np.full(n, 1 / n), size=6).astype(float)
    for line, count in zip(linear.robust_refit(z, x, counts, q=q), counts, strict=True):
        design = np.column_stack([np.ones(n), x])
        if np.linalg.matrix_rank(design[count > 0]) < 3:
            assert np.isnan(line).all()
            continue
        cost = np.concatenate([np.zeros(3), q * count, (1 - q) * count])
        equal = np.hstack([design, np.eye(n), -np.eye(n)])
        best = optimize.linprog(cost, A_eq=equal, b_eq=z, bounds=[(None, None)] * 3 + [(0, None)] * 2 * n).fun
        resid = z - design @ line
        assert count @ np.where(resid < 0, (q - 1) * resid, q * resid) == pytest.approx(best, rel=1e-9, abs=1e-12)


def test_leaving_out_equals_refitting_without():
    options = {"controls": YEARS[:, None]}
    for method in linear.LINE_METHODS:
        weights = np.linspace(0.5, 2, N) if method == "wls" else None
        found = linear.leave_out(np.log(Y), np.log(X), GROUPS, method=method, weights=weights, **options)
        keep = (np.arange(8)[:, None] != GROUPS).astype(float)
        other = linear.refit(np.log(Y), np.log(X), keep, method=method, weights=weights, **options)
        np.testing.assert_allclose(found, other, rtol=1e-7)


# ------------------------------------------------------------------ resampling


def test_batches_are_the_same_draws(monkeypatch):
    whole = resampling.resample(N, 50, 3, GROUPS)
    monkeypatch.setattr(resampling, "BLOCK", 7 * N)
    parts = list(resampling.batches(N, 50, 3, GROUPS))
    assert max(map(len, parts)) == 7
    np.testing.assert_array_equal(np.vstack(parts), whole)


def test_counted_draws_are_multinomial(monkeypatch):
    monkeypatch.setattr(resampling, "_MANY", 1)
    counts = resampling.resample(40, 4000, 0)
    assert (counts.sum(axis=1) == 40).all()
    assert counts.var(axis=0).mean() == pytest.approx(1 - 1 / 40, abs=0.02)
    assert np.corrcoef(counts[:, 0], counts[:, 1])[0, 1] == pytest.approx(-1 / 39, abs=0.05)


def test_ties_within_rounding_count():
    seen = 0.1 + 0.2
    drawn = np.array([0.3, np.nextafter(seen, 0), 0.2, 0.4, np.nan])
    assert resampling.tied_or_beyond(drawn, seen).tolist() == [True, True, False, True, True]
    assert resampling.p_value(resampling.tied_or_beyond(drawn[:4], seen)) == pytest.approx(4 / 5)
    assert resampling.p_value(resampling.tied_or_beyond(np.zeros(9), 0.0)) == 1


def test_bca_without_acceleration_is_open():
    draws = np.arange(100.0)
    assert resampling.bca_interval(draws, 50.0, np.full(6, np.nan), 0.05) == (-np.inf, np.inf)
    assert resampling.bca_interval(draws, 49.5, np.array([1.0, 2, 3]), 0.1) == (4, 95)


def test_bca_is_scipys():
    sample = RNG.exponential(size=30)
    theirs = stats.bootstrap((sample,), np.mean, n_resamples=9999, rng=np.random.default_rng(1))
    left_out = (sample.sum() - sample) / 29
    ours = resampling.bca_interval(theirs.bootstrap_distribution, sample.mean(), left_out, 0.05)
    assert ours == pytest.approx(tuple(theirs.confidence_interval), rel=2e-3)


# ------------------------------------------------------------------ the surface


def test_sizes_one_rounding_apart_are_one():
    sizes = np.tile([1e8, np.nextafter(1e8, 1), 1e9], 4)
    with pytest.raises(ValueError, match="params takes 2 distinct"):
        LossSurface(LOSS[:12], sizes, np.repeat(np.geomspace(1e9, 1e11, 4), 3))
    fit = LossSurface(LOSS, SIZES * (1 + 1e-15 * np.arange(16)), TOKENS).fit()
    plain = LossSurface(LOSS, SIZES, TOKENS).fit()
    assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy(), rel=1e-4)
    assert (fit.bootstrap(40).isna() == plain.bootstrap(40).isna()).all(axis=None)
    with pytest.raises(ValueError, match="exog does not vary"):
        PowerLaw([1.0, 2, 3], [1e9, np.nextafter(1e9, 2), 1e9])


def test_constant_values_are_refused():
    with pytest.raises(ValueError, match="loss does not vary"):
        LossSurface(np.full(16, 2.0), SIZES, TOKENS)
    with pytest.raises(ValueError, match="endog does not vary"):
        PowerLaw([0.3, 0.1 + 0.2, 0.3], [1, 2, 3])


def test_six_runs_are_resampled_with_a_note():
    fit = LossSurface([3.0, 2.9, 2.6, 2.5, 2.3, 2.2], [1e8, 1e9, 1e10] * 2, np.geomspace(1e9, 1e11, 6)).fit()
    draws = fit.bootstrap(20)
    assert draws.shape == (20, 5) and draws.isna().all(axis=1).any()
    assert any("resamples hold too few sizes" in note for note in fit.notes)
    ends = fit.conf_int(method="bca")
    assert (ends["lower"] == -np.inf).all() and (ends["upper"] == np.inf).all()


def test_many_runs_are_left_out_in_blocks(monkeypatch):
    fit = LossSurface(LOSS, SIZES, TOKENS).fit()
    single = resamples.left_out(fit._problem(), None)
    assert single.shape == (5, 16)
    monkeypatch.setattr(resamples, "_LEFT_OUT", 4)
    blocks = resamples.left_out(fit._problem(), None)
    units = np.random.default_rng(0).permutation(16) % 4
    for k in range(4):
        rest = units != k
        again = LossSurface(LOSS[rest], SIZES[rest], TOKENS[rest]).fit()
        assert fit.model.design.natural(blocks[:, [k]])[:, 0] == pytest.approx(again.params.to_numpy(), rel=1e-4)


def test_blocks_of_runs_change_no_fit(monkeypatch):
    fit = LossSurface(LOSS, SIZES, TOKENS).fit()
    monkeypatch.setattr(solver, "_MOST", 5000)
    again = LossSurface(LOSS, SIZES, TOKENS).fit()
    assert again.params.to_numpy() == pytest.approx(fit.params.to_numpy(), rel=1e-7)
    np.testing.assert_allclose(again.bootstrap(30), fit.bootstrap(30), rtol=1e-5)


def test_kept_draws_are_not_the_callers():
    fit = LossSurface(LOSS, SIZES, TOKENS).fit()
    draws = fit.bootstrap(20)
    before = fit.bse
    draws[:] = 0
    pd.testing.assert_series_equal(fit.bse, before)


@pytest.mark.parametrize("gone", ["A", "B"])
def test_the_optimum_without_a_term_is_at_the_limit(gone):
    p = {"E": 1.8, "A": 480.0, "B": 2100.0, "alpha": 0.35, "beta": 0.37} | {gone: 0.0}
    place = loss.optimum(p, 1e21)
    assert loss.loss(p, *place) == 1.8
    table = pd.DataFrame([p, p | {gone: 100.0}])
    both = loss.loss(table, *loss.optimum(table, 1e21))
    assert both[0] == 1.8 and both[1] > 1.8


# ------------------------------------------------------------------ what is no plain number


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (pd.date_range("2012", periods=N), "dates: turn them into numbers"),
        (pd.Series(pd.date_range("2012", periods=N)), "dates"),
        (list(pd.date_range("2012", periods=N)), "Timestamp"),
        (pd.timedelta_range("1D", periods=N), "spans of time"),
        (X + 0j, "complex"),
        ([1.5 + 0j, *X[1:].astype(object)], "complex"),
        (X > 1e20, "truth values"),
        (np.array([*X[1:], True], object), "bool"),
        (X.astype(str), "text"),
        (X.astype("S"), "text"),
        (np.ma.array(X, mask=np.arange(N) == 3), "masked array"),
        (set(X), "sequence of numbers"),
        (dict(enumerate(X)), "sequence of numbers"),
        (iter(X), "plain numbers"),
        ([[1.0], [1.0, 2.0]], "array of numbers"),
        (pd.array([None, *X[1:]], "Float64"), "position 0"),
        ([*X[:-1], None], f"position {N - 1}"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_plain_number_is_refused_by_name(bad, message):
    with pytest.raises(ValueError, match=f"^argument .*{message}"):
        checks.numbers(bad, "argument")
    with pytest.raises(ValueError, match=f"^argument .*{message}"):
        checks.positive(bad, "argument")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: PowerLaw(Y, d), "exog must hold plain numbers, not dates"),
        (lambda d: PowerLaw(d, X), "endog must hold plain numbers, not dates"),
        (lambda d: PowerLaw(Y, X, controls=d), "controls must hold plain numbers, not dates"),
        (lambda d: PowerLaw(Y, X, controls=pd.DataFrame({"a": YEARS, "b": d})), r"controls\['b'\] .* dates"),
        (lambda d: PowerLaw(Y, X, weights=d), "weights must hold plain numbers, not dates"),
        (lambda d: PowerLaw(Y, X).fit().predict(d), "x must hold plain numbers, not dates"),
        (lambda d: extrapolate(d, Y), "x must hold plain numbers, not dates"),
        (lambda d: LossSurface(LOSS, d[:16], TOKENS), "params must hold plain numbers, not dates"),
        (lambda d: robust.true_predictor(d, 0.5), "h must hold plain numbers, not dates"),
        (lambda d: PowerLaw(Y, X, groups=np.stack([GROUPS, GROUPS], 1)), "groups must be one-dimensional"),
        (lambda d: PowerLaw(Y, X, groups=["a", np.nan] * (N // 2)), "groups must .* no missing one"),
        (lambda d: PowerLaw(Y, X, groups=np.ma.array(GROUPS, mask=GROUPS == 1)), "groups must .* no missing one"),
        (lambda d: PowerLaw(Y, X, groups=GROUPS[:-1]), f"groups has {N - 1} rows, endog has {N}"),
        (lambda d: PowerLaw(Y, X, controls=np.zeros((N, 2, 2))), "controls must have one or two dimensions"),
        (lambda d: PowerLaw(Y, X).fit().bootstrap(0), "n_boot must be a whole number"),
        (lambda d: PowerLaw(Y, X).fit().bootstrap(2.5), "n_boot must be a whole number"),
        (lambda d: PowerLaw(Y, X).fit().conf_int("5%"), "alpha must lie"),
        (lambda d: resampling.resample(N, 2, 0, GROUPS[:-1]), f"groups has {N - 1} rows"),
        (lambda d: robust.intraclass_correlation(Y, np.arange(N)), "at least one group of two"),
    ],
)
def test_entries_refuse_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(pd.date_range("2012", periods=N))


def test_labels_of_any_kind_group_alike():
    rows = {"numbers": GROUPS, "text": [f"g{g}" for g in GROUPS], "mixed": [g if g % 2 else f"g{g}" for g in GROUPS]}
    found = [PowerLaw(Y, X, groups=g).fit(cov="jackknife").bse["exponent"] for g in rows.values()]
    assert found == pytest.approx([found[0]] * 3)


def test_rows_that_are_indexed_otherwise_are_refused():
    y, x = pd.Series(Y), pd.Series(X)
    order = np.arange(N)[::-1]
    for call in (
        lambda: PowerLaw(y, x.iloc[order]),
        lambda: PowerLaw(Y, X, controls=pd.DataFrame({"a": YEARS}).iloc[order], weights=x),
        lambda: PowerLaw(y, X, groups=pd.Series(GROUPS, order)),
        lambda: extrapolate(x.iloc[order], y),
        lambda: LossSurface(pd.Series(LOSS), SIZES, pd.Series(TOKENS).iloc[::-1]),
    ):
        with pytest.raises(ValueError, match="different indexes and would be paired by position"):
            call()
    shuffled = PowerLaw(y.iloc[order], x.iloc[order]).fit()
    assert shuffled.params["exponent"] == pytest.approx(PowerLaw(y, x).fit().params["exponent"])
    assert shuffled.influence().index.tolist() == order.tolist()


# ------------------------------------------------------------------ properties of every entry


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_any_container_of_the_same_numbers_gives_the_same_result(entry, container):
    made = CONTAINERS[container]
    np.testing.assert_array_equal(ENTRIES[entry](made(X), made(Y)), ENTRIES[entry](X, Y))


@pytest.mark.parametrize("container", CONTAINERS)
def test_any_container_of_runs_gives_the_same_surface(container):
    made = CONTAINERS[container]
    fit = LossSurface(made(LOSS), made(SIZES), made(TOKENS)).fit()
    np.testing.assert_array_equal(fit.params, LossSurface(LOSS, SIZES, TOKENS).fit().params)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.uint64, np.float16, np.float32, object])
def test_any_type_of_number_is_the_same_number(kind):
    x, y = np.array([1, 2, 4, 8, 16, 32]).astype(kind), np.array([90, 70, 50, 44, 30, 25]).astype(kind)
    for entry in ("PowerLaw", "floor", "extrapolate"):
        np.testing.assert_array_equal(ENTRIES[entry](x, y), ENTRIES[entry](x.astype(float), y.astype(float)))


@pytest.mark.parametrize("entry", ENTRIES)
def test_results_do_not_change_with_the_callers_array(entry):
    x, y, groups, controls = X.copy(), Y.copy(), GROUPS.copy(), YEARS.copy()
    law = PowerLaw(y, x, groups=groups, controls=controls)
    surface = LossSurface(*(runs := [v.copy() for v in (LOSS, SIZES, TOKENS)]))
    for array in (x, y, groups, controls, *runs):
        array[:] = 1
    expected = PowerLaw(Y, X, groups=GROUPS, controls=YEARS)
    np.testing.assert_array_equal(law.fit(cov="cluster").bse, expected.fit(cov="cluster").bse)
    np.testing.assert_array_equal(surface.fit().params, LossSurface(LOSS, SIZES, TOKENS).fit().params)


@few
@given(st.permutations(range(N)), st.floats(1e-9, 1e9), st.floats(1e-9, 1e9), st.sampled_from(["ols", "rma", "rlm"]))
def test_order_and_units_are_nothing_but_order_and_units(order, unit_x, unit_y, method):
    first = PowerLaw(Y, X, controls=YEARS).fit(method)
    other = PowerLaw(unit_y * Y[order], unit_x * X[order], controls=YEARS[order]).fit(method)
    assert other.params["exponent"] == pytest.approx(first.params["exponent"], rel=1e-6)
    assert other.conf_int().loc["exponent"].tolist() == pytest.approx(
        first.conf_int().loc["exponent"].tolist(), rel=1e-5
    )
    np.testing.assert_allclose(other.predict(unit_x * X), unit_y * first.predict(X), rtol=1e-7)


@few
@given(st.permutations(range(N)), st.sampled_from([1e-6, 1.0, 1e9]))
def test_extrapolation_knows_no_order_and_no_unit(order, unit):
    first, other = extrapolate(X, Y).predict(1e24), extrapolate(unit * X[order], unit * Y[order]).predict(unit * 1e24)
    assert other == pytest.approx(unit * first, rel=1e-4)


@few
@given(st.permutations(range(16)), st.sampled_from([1e-9, 1.0, 1e9]))
def test_the_surface_knows_no_order_and_no_unit(order, unit):
    first = LossSurface(LOSS, SIZES, TOKENS).fit()
    other = LossSurface(LOSS[order] * unit, SIZES[order] * unit, TOKENS[order] / unit).fit()
    assert other.predict(1e11 * unit, 1e12 / unit) == pytest.approx(unit * first.predict(1e11, 1e12), rel=1e-6)


@few
@given(st.integers(2, 4))
def test_repeated_rows_narrow_the_interval_and_move_nothing(times):
    once = PowerLaw(Y, X).fit()
    many = PowerLaw(np.tile(Y, times), np.tile(X, times)).fit()
    assert many.params.to_numpy() == pytest.approx(once.params.to_numpy(), rel=1e-8)
    ratio = np.sqrt((N - 2) / (times * N - 2))
    assert many.bse["exponent"] == pytest.approx(once.bse["exponent"] * ratio, rel=1e-8)


@pytest.mark.parametrize("law", [PowerLaw(Y, X), PowerLaw(Y, X, floor="estimate"), ReciprocalLaw(Y, X)])
def test_a_number_is_predicted_by_a_number(law):
    fit = law.fit()
    value = fit.predict(1e21)
    assert np.ndim(value) == 0 and fit.predict([1e21]).shape == (1,) and value == fit.predict([1e21])[0]
