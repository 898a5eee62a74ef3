"""Lines: each estimator by hand, intervals as sets that a test does not reject, units, copies and left-out units."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

from dl_limits.laws import linear
from dl_limits.laws.linear import DIRECT, SYMMETRIC, fit_line, leave_out, refit, robust_refit
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.laws.resampling import percentile_interval, resample

RNG = np.random.default_rng(12)
N = 18
H = RNG.uniform(40, 52, N)
YEARS = 2015 + RNG.uniform(0, 6, N) + 0.2 * (H - 46)
LOAD = RNG.uniform(0, 1e6, N)
Z = 5 - 0.3 * H + 0.05 * (YEARS - 2015) + 0.5 * RNG.standard_normal(N)
WEIGHTS = RNG.uniform(0.2, 3, N)
GROUPS = np.repeat(np.arange(6), 3)
CONTROLS = np.column_stack([YEARS, LOAD])
METHODS = [m for m in linear.LINE_METHODS if m != "wls"]


def options(method):
    return {"method": method, "weights": WEIGHTS if method == "wls" else None}


# ------------------------------------------------------------------ one fit


def theirs(controls=None, weights=None, **fit):
    design = np.column_stack([np.ones(N), H, *([] if controls is None else [controls])])
    return sm.WLS(Z, design, 1.0 if weights is None else weights).fit(**fit)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weights"])
@pytest.mark.parametrize("controls", [None, CONTROLS], ids=["alone", "controls"])
@pytest.mark.parametrize(
    ("cov", "given"),
    [
        ("classical", {}),
        ("HC3", {"cov_type": "HC3", "use_t": True}),
        ("cluster", {"cov_type": "cluster", "cov_kwds": {"groups": GROUPS}, "use_t": True}),
    ],
)
def test_lines_errors_and_intervals_are_statsmodels(weights, controls, cov, given):
    line = fit_line(
        Z, H, controls=controls, weights=weights, groups=GROUPS, method="ols" if weights is None else "wls", cov=cov
    )
    other = theirs(controls, weights, **given)
    assert (line.intercept, line.slope) == pytest.approx(tuple(other.params[:2]), rel=1e-6)
    assert line.intercept_error == pytest.approx(other.bse[0], rel=1e-6)
    assert np.sqrt(line.cov[1, 1]) == pytest.approx(other.bse[1], rel=1e-6)
    for alpha in (0.05, 0.4):
        assert line.slope_interval(alpha) == pytest.approx(tuple(other.conf_int(alpha)[1]), rel=1e-6)
    assert line.scale == pytest.approx(other.scale) and line.centre == pytest.approx(H.mean())
    np.testing.assert_allclose(line.resid, other.resid, atol=1e-9)
    at = np.array([30.0, 46.0, 60.0])
    design = np.column_stack([np.ones(3), at, *(np.zeros((3, 0 if controls is None else 2)).T)])
    frame = other.get_prediction(design).summary_frame(alpha=0.1)
    # statsmodels' predictions take the residual degrees of freedom, whatever the covariance
    assert line.df == (5 if cov == "cluster" else other.df_resid)
    half = frame["mean_se"] * stats.t.isf(0.05, line.df)
    np.testing.assert_allclose(line.half_width(at, 0.1), half, rtol=1e-5)
    np.testing.assert_allclose(
        line.half_width(at, 0.1, new=True), np.sqrt(half**2 + line.critical(0.1) ** 2 * other.scale), rtol=1e-5
    )


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weights"])
@pytest.mark.parametrize("controls", [None, CONTROLS], ids=["alone", "controls"])
def test_the_jackknife_is_leaving_out_by_hand(controls, weights):
    method = "ols" if weights is None else "wls"
    line = fit_line(Z, H, controls=controls, weights=weights, groups=GROUPS, method=method, cov="jackknife")
    moved = []
    for keep in (g != GROUPS for g in range(6)):
        design = np.column_stack([np.ones(N), H - H.mean(), *([] if controls is None else [controls])])[keep]
        fit = sm.WLS(Z[keep], design, 1.0 if weights is None else weights[keep]).fit()
        moved.append(fit.params[:2] - [line.height, line.slope])
    np.testing.assert_allclose(line.cov, 5 / 6 * np.transpose(moved) @ moved, rtol=1e-5)
    assert line.df == 5


@pytest.mark.parametrize("controls", [None, CONTROLS], ids=["alone", "controls"])
def test_association_is_what_is_left_when_the_controls_are_taken_out(controls):
    base = np.column_stack([np.ones(N), *([] if controls is None else [controls])])
    for weights in (None, WEIGHTS):
        root = np.ones(N) if weights is None else np.sqrt(weights)
        left = [root * sm.WLS(v, base, root**2).fit().resid for v in (H, Z)]
        line = fit_line(Z, H, controls=controls, weights=weights, method="ols" if weights is None else "wls")
        r = left[0] @ left[1] / np.sqrt(left[0] @ left[0] * (left[1] @ left[1]))
        small, large = np.linalg.eigvalsh(np.array(left) @ np.transpose(left))
        assert line.r == pytest.approx(r) and line.unexplained == pytest.approx(1 - r**2)
        assert line.axis_ratio == pytest.approx(large / small)


@pytest.mark.parametrize("controls", [None, CONTROLS], ids=["alone", "controls"])
def test_symmetric_lines_have_their_closed_forms(controls):
    base = np.column_stack([np.ones(N), *([] if controls is None else [controls])])
    h, z = (sm.OLS(v, base).fit().resid for v in (H, Z))
    axis = np.linalg.svd(np.column_stack([h, z]))[2][0]
    slopes = {"rma": -np.sqrt(z @ z / (h @ h)), "orthogonal": axis[1] / axis[0]}
    df = N - 1 - base.shape[1]
    r = h @ z / np.sqrt(h @ h * (z @ z))
    for method, slope in slopes.items():
        line = fit_line(Z, H, controls=controls, method=method)
        assert line.slope == pytest.approx(slope, rel=1e-6) and line.df == df
        rest = sm.OLS(Z - slope * H, base).fit()
        assert line.intercept == pytest.approx(rest.params[0], rel=1e-5)
        np.testing.assert_allclose(line.resid, rest.resid, atol=1e-8)
        assert line.scale == pytest.approx(rest.resid @ rest.resid / df)
        error = abs(slope) * np.sqrt((1 - r**2) / df) / (abs(r) if method == "orthogonal" else 1)
        assert np.sqrt(line.cov[1, 1]) == pytest.approx(error)
        assert np.isnan(line.cov[0]).all() and np.isnan(line.intercept_error)


@pytest.mark.parametrize("controls", [None, YEARS], ids=["alone", "controls"])
def test_reverse_is_the_other_regression_turned_round(controls):
    design = np.column_stack([np.ones(N), Z, *([] if controls is None else [controls])])
    other = sm.OLS(H, design).fit()
    line = fit_line(Z, H, controls=None if controls is None else controls[:, None], method="reverse")
    assert line.slope == pytest.approx(1 / other.params[1])
    assert line.intercept == pytest.approx(-other.params[0] / other.params[1], rel=1e-6)
    low, high = other.conf_int(0.1)[1]
    assert line.slope_interval(0.1) == pytest.approx((1 / high, 1 / low))
    assert line.log_ratio_interval(-0.7, 0.1) == pytest.approx((-0.7 * high, -0.7 * low))
    assert np.isnan(line.intercept_error)
    with pytest.raises(ValueError, match="method='reverse' has no standard error for predictions"):
        line.mean_variance(3.0)
    for z in (Z.min() - 3, Z.max()):
        frame = other.get_prediction([1, z, 0][: design.shape[1]]).summary_frame(alpha=0.1).iloc[0]
        assert line.reach(z) == pytest.approx(frame["mean"])
        assert line.reach_interval(z, 0.1) == pytest.approx((frame["mean_ci_lower"], frame["mean_ci_upper"]))
        half = np.sqrt(frame["mean_se"] ** 2 + other.scale) * stats.t.isf(0.05, other.df_resid)
        ends = (frame["mean"] - half, frame["mean"] + half)
        assert line.reach_interval(z, 0.1, new=True) == pytest.approx(ends)


def test_points_on_a_line_have_that_line_and_no_scatter():
    exact = 2 - 0.5 * H
    for method in ("ols", "rlm", "reverse", *SYMMETRIC):
        line = fit_line(exact, H, method=method)
        assert (line.intercept, line.slope) == pytest.approx((2, -0.5))
        assert line.unexplained == pytest.approx(0, abs=1e-20) and line.r == pytest.approx(-1)
        assert line.axis_ratio > 1e20
    most = exact.copy()
    most[3] += 1
    with pytest.warns(UserWarning, match="perfect fit"):
        line = fit_line(most, H, method="rlm")
    assert line.slope == pytest.approx(-0.5) and np.isnan(line.cov).all()  # one point off: no scale, no error
    assert line.slope_interval() == (-np.inf, np.inf) and line.half_width(46.0, 0.05) == np.inf
    assert np.isfinite(fit_line(Z, H, method="rlm").cov).all()


def test_a_quantile_line_has_the_least_check_loss():
    for q in (0.2, 0.5, 0.8):
        line = fit_line(Z, H, method="quantreg", q=q)
        resid = Z - line.intercept - line.slope * H
        np.testing.assert_allclose(line.resid, resid, atol=1e-8)
        cost = np.concatenate([np.zeros(2), np.full(N, q), np.full(N, 1 - q)])
        equal = np.hstack([np.ones((N, 1)), (H - 46)[:, None], np.eye(N), -np.eye(N)])
        best = optimize.linprog(cost, A_eq=equal, b_eq=Z, bounds=[(None, None)] * 2 + [(0, None)] * (2 * N)).fun
        assert np.where(resid < 0, (q - 1) * resid, q * resid).sum() == pytest.approx(best, rel=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_units_and_origins_do_not_matter(method):
    first = fit_line(Z, H, controls=YEARS[:, None], method=method)
    by_h = {"orthogonal": 1.0}.get(method, 250.0)  # the major axis knows no units but common ones
    by_z = {"orthogonal": 1.0}.get(method, 1e-4)
    other = fit_line(by_z * (Z + 70), by_h * (H - 300), controls=(YEARS[:, None] - 2000) * 12, method=method)
    assert other.slope == pytest.approx(first.slope * by_z / by_h, rel=1e-5)
    assert (other.r, other.unexplained) == pytest.approx((first.r, first.unexplained), rel=1e-6)
    ends = np.array(first.slope_interval()) * by_z / by_h
    assert other.slope_interval() == pytest.approx(tuple(ends), rel=0.05 if method == "quantreg" else 1e-5)


# ------------------------------------------------------------------ intervals of the slope


def line_of(slope, error, method="ols", df=10.0, **known):
    """A line through (46, 2) with the standard error of its slope."""
    about = {"r": -0.9, "unexplained": 0.19, "axis_ratio": 20.0} | known
    cov = np.array([[0.01, 0.0], [0.0, error**2]])
    return linear.Line(2.0, slope, cov, 0.2, df, method, resid=np.zeros(3), centre=46.0, pivot=2.0, **about)


def test_how_far_a_step_is_follows_from_the_ends_of_the_slope():
    t = stats.t.isf(0.025, 10)
    falling, open_end, rising = line_of(-0.3, 0.1 / t), line_of(-0.3, 0.4 / t), line_of(0.3, 0.1 / t)
    assert falling.log_ratio_interval(-0.8) == pytest.approx((2.0, 4.0))
    assert open_end.log_ratio_interval(-0.7) == (pytest.approx(1.0), np.inf)
    assert rising.log_ratio_interval(-0.8) == (np.inf, np.inf)
    assert line_of(-0.3, np.nan).log_ratio_interval(-0.8) == (-np.inf, np.inf)


@pytest.mark.parametrize(("half", "step", "slopes"), [(1.0, (2.0, 4.0), (-0.5, -0.25)), (4.0, (0.0, np.inf), None)])
def test_a_reverse_step_is_a_slope_of_h_on_z(half, step, slopes):
    line = line_of(-1 / 3, half / stats.t.isf(0.025, 10), "reverse")
    assert line.log_ratio_interval(-1.0) == pytest.approx(step)
    assert line.slope_interval() == pytest.approx(slopes or (-np.inf, np.inf))
    rising = replace(line, slope=1 / 3)
    assert rising.log_ratio_interval(-1.0) == ((np.inf if half < 3 else 0.0), np.inf)
    assert rising.slope_interval() == pytest.approx((0.25, 0.5) if half < 3 else (-np.inf, np.inf))
    assert rising.reach_interval(1.0) == (-np.inf, np.inf)


@pytest.mark.parametrize("method", SYMMETRIC)
@pytest.mark.parametrize("scatter", [0.05, 0.4, 0.9, 1.4, 2.0, 3.0])
def test_symmetric_intervals_are_the_slopes_that_a_test_of_correlation_allows(method, scatter):
    """Rotated by a slope in the set, the two axes are not significantly correlated; without ends, all are allowed."""
    rng = np.random.default_rng(int(scatter * 10))
    h = rng.standard_normal(15)
    z = -0.8 * h + scatter * rng.standard_normal(15)
    line = fit_line(z, h, method=method)

    def pvalue(b):
        return stats.pearsonr(*((h + b * z, z - b * h) if method == "orthogonal" else (z + b * h, z - b * h))).pvalue

    low, high = line.slope_interval(0.1)
    significant = stats.pearsonr(h, z).pvalue < 0.1
    if np.isfinite(low):
        assert low < line.slope < high
        assert (pvalue(low), pvalue(high)) == pytest.approx((0.1, 0.1), abs=1e-6)
        assert pvalue(low - 0.01) < 0.1 and pvalue((low + line.slope) / 2) > 0.1
    else:
        steep = np.tan(np.linspace(-1.57, 1.57, 400))
        allowed = np.array([pvalue(b) >= 0.1 for b in steep])
        assert (low, high) == (-np.inf, np.inf)
        # all slopes, or all up to the vertical, beyond which they come back from the other side
        assert not significant if method == "rma" else allowed[[0, -1]].any()
    assert np.isfinite(low) == significant or method == "orthogonal"


# ------------------------------------------------------------------ where a line reaches a level


def test_a_line_reaches_a_level_where_it_meets_it_if_it_falls():
    falling, rising = line_of(-0.5, 0.1), line_of(0.5, 0.1)
    assert falling.reach(1.0) == 48.0 and falling.reach(3.0) == 44.0
    assert rising.reach(1.0) == np.inf and rising.reach(3.0) == -np.inf
    level = line_of(0.0, 0.1)
    assert (level.reach(1.0), level.reach(2.0), level.reach(3.0)) == (np.inf, -np.inf, -np.inf)


def not_rejected(line, z, h, new):
    """Whether the t test that the line (or a new observation) is at z at h does not reject."""
    u = h - line.centre
    variance = line.cov[0, 0] + 2 * u * line.cov[0, 1] + u**2 * line.cov[1, 1] + (line.scale if new else 0)
    return np.abs(line.height + line.slope * u - z) <= line.critical(0.1) * np.sqrt(variance)


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("z", [-3.0, 1.0, 1.9, 2.1, 4.0])
@pytest.mark.parametrize("slope", [-0.5, -0.1, 0.1, 0.5])
def test_fieller_sets_are_what_the_test_does_not_reject(slope, z, new):
    """Scanned by hand. Of a set in two parts the one belongs to lines that rise, and counts as never or always."""
    line = replace(line_of(slope, 0.1), cov=np.array([[0.04, 0.004], [0.004, 0.01]]))
    low, high = line.reach_interval(z, 0.1, new)
    h = 46 + np.sinh(np.linspace(-12, 12, 40001))
    inside = not_rejected(line, z, h, new)
    turns = np.flatnonzero(np.diff(inside.astype(int)))
    edges = [optimize.brentq(lambda v: not_rejected(line, z, v, new) - 0.5, h[i], h[i + 1]) for i in turns]
    if inside[0] and inside[-1] and not edges:
        assert (low, high) == (-np.inf, np.inf)
    elif inside[0]:  # two rays: the slope may be of either sign
        assert len(edges) == 2
        assert (low, high) == ((pytest.approx(edges[1]), np.inf) if z < 2 else (-np.inf, pytest.approx(edges[0])))
    elif slope < 0:
        assert (low, high) == pytest.approx(tuple(edges), abs=1e-6)
    else:  # every line allowed rises
        assert low == high == (np.inf if z < 2 else -np.inf)


def test_a_line_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        line_of(-0.5, 0.1).slope = 0.5


def test_symmetric_lines_are_sent_to_the_bootstrap():
    for method in SYMMETRIC:
        with pytest.raises(ValueError, match=f"method='{method}' has no Fieller interval"):
            line_of(-0.5, 0.1, method).reach_interval(1.0)
        with pytest.raises(ValueError, match="no standard error for predictions"):
            line_of(-0.5, 0.1, method).half_width(1.0, 0.05)


# ------------------------------------------------------------------ copies of the data


@pytest.mark.parametrize("controls", [None, CONTROLS], ids=["alone", "controls"])
@pytest.mark.parametrize("method", [*METHODS, "wls"])
def test_copies_and_left_out_units_are_fits_of_the_rows_that_stay(method, controls):
    kept = np.array([g != GROUPS for g in range(6)])
    known = {"controls": controls} | options(method)
    copies = refit(Z, H, kept.astype(float), **known)
    left = leave_out(Z, H, GROUPS, **known)
    for i, rows in enumerate(kept):
        own = {key: v[rows] if isinstance(v, np.ndarray) else v for key, v in known.items()}
        line = fit_line(Z[rows], H[rows], **own)
        close = {"rel": 0.02} if method == "quantreg" else {"rel": 1e-4}
        assert copies[i].tolist() == pytest.approx([line.intercept, line.slope], **close)
        assert left[i].tolist() == pytest.approx(copies[i].tolist(), rel=1e-6)


def test_whole_counts_repeat_rows_and_their_size_does_not_matter():
    count = np.arange(N) % 4
    rows = np.repeat(np.arange(N), count)
    for method in ("ols", "reverse", *SYMMETRIC, "rlm"):
        line = fit_line(Z[rows], H[rows], method=method)
        copies = refit(Z, H, np.stack([count, 3 * count]), method=method)
        np.testing.assert_allclose(copies, [[line.intercept, line.slope]] * 2, rtol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_copies_that_leave_the_line_open_have_none(method):
    h = np.array([1.0, 1, 2, 3, 4])
    z = np.array([5.0, 4, 3, 3.5, 1])
    counts = np.array([[1, 1, 0, 0, 0], [0, 0, 3, 0, 0], [0, 0, 0, 0, 0], [1, 0, 1, 1, 0], [1, 1, 1, 1, 1]])
    found = refit(z, h, counts, method=method)
    assert np.isnan(found[:3]).all() and np.isfinite(found[3:]).all()
    both = refit(z, h, counts, controls=np.array([[1.0], [2], [1], [2], [3]]), method=method)
    assert np.isnan(both[:3]).all() and np.isfinite(both[4]).all()
    repeated = refit(z, h, counts[4:], controls=h[:, None], method=method)  # a control that repeats h
    assert np.isnan(repeated).all()


@pytest.mark.parametrize("method", ["ols", "rma"])
def test_bootstrap_ends_are_percentiles_of_what_each_resample_says(method):
    x, y = np.exp(H - 40), np.exp(Z + 8)
    fit = PowerLaw(y, x).fit(method)
    lines = refit(np.log(y), np.log(x), resample(N, 200, 3), method=method)
    assert (lines[:, 1] < 0).all()
    for target in (0.5 * y.min(), np.median(y)):
        said = np.exp((np.log(target) - lines[:, 0]) / lines[:, 1])
        answer = fit.required(target, 0.2, interval="bootstrap", n_boot=200, seed=3)
        assert (answer.low, answer.high) == pytest.approx(percentile_interval(said, 0.2), rel=1e-6)
    said = np.exp(np.log(0.5) / lines[:, 1])
    answer = fit.multiplier(2.0, 1.0, 0.2, interval="bootstrap", n_boot=200, seed=3)
    assert (answer.low, answer.high) == pytest.approx(percentile_interval(said, 0.2), rel=1e-6)
    table = fit.bootstrap(200, seed=3)
    np.testing.assert_allclose(table["exponent"], -lines[:, 1], rtol=1e-6)
    np.testing.assert_allclose(np.log(table["coef"]), lines[:, 0], rtol=1e-6)


@pytest.mark.parametrize("method", ["quantreg", "rlm"])
def test_robust_coefficients_of_several_columns_do_not_depend_on_units(method):
    columns = np.column_stack([H, YEARS])
    counts = np.random.default_rng(1).multinomial(3 * N, np.full(N, 1 / N), size=4)
    first = robust_refit(Z, columns, counts, method, 0.4)
    other = robust_refit(10 * Z + 3, columns * [1e3, 1] + [7, -2000], counts, method, 0.4)
    np.testing.assert_allclose(other[:, 1:], 10 * first[:, 1:] / [1e3, 1], rtol=1e-3)
    for line, again in zip(first, other, strict=True):
        here, there = line[0] + columns @ line[1:], again[0] + (columns * [1e3, 1] + [7, -2000]) @ again[1:]
        np.testing.assert_allclose(there, 10 * here + 3, atol=2e-3)


def test_direct_methods_are_those_with_an_error_of_the_line():
    for method in linear.LINE_METHODS:
        line = fit_line(Z, H, **options(method))
        assert np.isfinite(line.intercept_error) == (method in DIRECT)
        assert line.method == method
