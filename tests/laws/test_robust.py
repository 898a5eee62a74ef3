"""Covariances, robust lines and resampling: statsmodels, leaving out by hand, linear programmes, closed forms."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

from dl_limits.laws import resampling, robust

RNG = np.random.default_rng(41)
N = 15
H = RNG.uniform(-2, 2, N)
DESIGN = np.column_stack([np.ones(N), H, RNG.standard_normal(N)])
Z = DESIGN @ [1.0, -0.5, 0.2] + 0.3 * RNG.standard_normal(N)
WEIGHTS = RNG.uniform(0.3, 3, N)
GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4])


# ------------------------------------------------------------------ covariances


@pytest.mark.parametrize(
    ("cov", "options"),
    [
        ("classical", {}),
        ("HC3", {"cov_type": "HC3"}),
        ("cluster", {"cov_type": "cluster", "cov_kwds": {"groups": GROUPS}}),
    ],
)
def test_sandwiches_are_statsmodels(cov, options):
    theirs = sm.WLS(Z, DESIGN, WEIGHTS).fit(**options)
    ours = robust.sandwich(DESIGN, theirs.resid, WEIGHTS, GROUPS, cov, theirs.scale)
    np.testing.assert_allclose(ours, theirs.cov_params(), rtol=1e-9)


def test_the_jackknife_of_a_line_is_leaving_each_group_out():
    fit = sm.WLS(Z, DESIGN, WEIGHTS).fit()
    moved = [sm.WLS(Z[k], DESIGN[k], WEIGHTS[k]).fit().params - fit.params for k in (g != GROUPS for g in range(5))]
    ours = robust.sandwich(DESIGN, fit.resid, WEIGHTS, GROUPS, "jackknife", fit.scale)
    np.testing.assert_allclose(ours, 4 / 5 * np.transpose(moved) @ moved, rtol=1e-8)


def test_what_one_row_or_group_alone_determines_has_no_covariance():
    """A column that only the last row, or the last group, fills; the least trace of it elsewhere tells again."""
    for cov, alone in (("HC3", np.arange(N) == N - 1), ("jackknife", GROUPS == 4)):
        design = np.column_stack([np.ones(N), H, alone])
        assert np.isnan(robust.sandwich(design, H, WEIGHTS, GROUPS, cov, 1.0)).all()
        design[0, 2] = 0.01
        assert np.isfinite(robust.sandwich(design, H, WEIGHTS, GROUPS, cov, 1.0)).all()


def test_weights_undo_a_scatter_that_grows_as_a_power_of_x():
    signs = np.where(np.arange(N) % 2, 1, -1)
    weights = robust.variance_weights(signs * 0.1 * np.exp(0.7 * H), H)
    np.testing.assert_allclose(weights * np.exp(2 * 0.7 * H), weights[0] * np.exp(1.4 * H[0]))
    assert np.log(weights).mean() == pytest.approx(0)
    resid = np.exp(0.7 * H)
    resid[3] = 0.0
    nearly = resid.copy()
    nearly[3] = 1e-3 * resid.mean()
    np.testing.assert_allclose(robust.variance_weights(resid, H), robust.variance_weights(nearly, H), rtol=1e-3)
    np.testing.assert_allclose(robust.variance_weights(np.zeros(N), H), 1)


def test_calibration_shrinks_towards_the_mean_by_the_reliability():
    np.testing.assert_allclose(robust.true_predictor([1.0, 2, 6], 0.5), [2, 2.5, 4.5])
    np.testing.assert_allclose(robust.true_predictor([1.0, 2, 6], 1.0), [1, 2, 6])
    for bad in (0.0, -0.1, 1.0001):
        with pytest.raises(ValueError, match="reliability must lie above 0 and up to 1"):
            robust.true_predictor([1.0, 2, 6], bad)


# ------------------------------------------------------------------ lines


def check_loss(resid, w, q):
    return w @ np.where(resid < 0, (q - 1) * resid, q * resid)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.75])
def test_quantile_lines_are_the_optimum_of_the_linear_programme(q):
    counts = np.vstack([np.ones(N), WEIGHTS, np.random.default_rng(1).multinomial(2 * N, np.full(N, 1 / N), size=4)])
    for response in (Z, np.round(Z, 1), np.round(H)):  # the last two with ties and rows on the line
        found = robust.quantile_lines(response, DESIGN, counts, q)
        for w, beta in zip(counts, found, strict=True):
            cost = np.concatenate([np.zeros(3), q * w, (1 - q) * w])
            equal = np.hstack([DESIGN, np.eye(N), -np.eye(N)])
            bounds = [(None, None)] * 3 + [(0, None)] * (2 * N)
            best = optimize.linprog(cost, A_eq=equal, b_eq=response, bounds=bounds).fun
            assert check_loss(response - DESIGN @ beta, w, q) == pytest.approx(best, rel=1e-9, abs=1e-9)


def test_the_proof_of_a_quantile_line_accepts_optima_and_nothing_else():
    """Of a sample, rows of a constant: the q quantile is proved, its neighbours in rank are not."""
    z, ones = np.arange(9.0), np.ones((9, 1))
    for q, best in ((0.5, 4), (0.25, 2), (0.9, 8)):
        for rank in range(9):
            found, proved = robust._vertices(z, ones, np.ones((1, 9)), q, np.array([[rank + 0.1]]))
            assert found[0, 0] == rank and proved[0] == (rank == best)
    tied = robust._vertices(z[:8], ones[:8], np.ones((1, 8)), 0.5, np.array([[3.1]]))  # any from 3 to 4 is a median
    assert tied[1][0] and tied[0][0, 0] == 3


def test_huber_lines_are_statsmodels_rlm():
    far = Z.copy()
    far[[2, 9]] += [4, -6]
    rows = np.repeat(np.arange(N), np.arange(N) % 3 + 1)
    found = robust.huber_lines(far, DESIGN, np.vstack([np.ones(N), np.arange(N) % 3 + 1]))
    for some, beta in ((np.arange(N), found[0]), (rows, found[1])):
        theirs = sm.RLM(far[some], DESIGN[some], M=sm.robust.norms.HuberT()).fit(tol=1e-10, maxiter=200)
        np.testing.assert_allclose(beta, theirs.params, atol=1e-5)


@pytest.mark.parametrize("total", [8, 9])
def test_a_weighted_median_is_that_of_repeated_values(total):
    values = RNG.standard_normal((20, 6)).round(1)
    counts = RNG.multinomial(total, np.full(6, 1 / 6), size=20).astype(float)
    expected = [np.median(np.repeat(v, c.astype(int))) for v, c in zip(values, counts, strict=True)]
    np.testing.assert_allclose(robust._median(values, counts), expected)


# ------------------------------------------------------------------ groups that differ


def test_the_share_that_groups_have_in_common_is_that_of_the_analysis_of_variance():
    """Donner's estimator by sums of squares; exact agreement within groups gives one, none between them less than 0."""
    values = Z + 0.5 * GROUPS
    sizes = np.bincount(GROUPS)
    parts = [values[g == GROUPS] for g in range(5)]
    between = sum(len(p) * (p.mean() - values.mean()) ** 2 for p in parts) / 4
    within = sum(((p - p.mean()) ** 2).sum() for p in parts) / 10
    typical = (15 - (sizes**2).sum() / 15) / 4
    expected = (between - within) / (between + (typical - 1) * within)
    assert robust.intraclass_correlation(values, GROUPS) == pytest.approx(expected)
    assert stats.f_oneway(*parts).statistic == pytest.approx(between / within)
    assert robust.intraclass_correlation([1, 1, 4, 4, 9, 9.0], list("aabbcc")) == 1
    assert robust.intraclass_correlation([1, 3, 1, 3.0], list("aabb")) == pytest.approx(-1)
    assert np.isnan(robust.intraclass_correlation([2, 2, 2, 2.0], list("aabb")))
    with pytest.raises(ValueError, match="at least one group of two"):
        robust.intraclass_correlation([1, 2, 3.0], list("abc"))


# ------------------------------------------------------------------ resampling


def test_percentiles_take_the_outer_neighbours():
    draws = np.array([np.nan, 5, 1, 4, 2, 3, np.inf])  # six that say something
    assert resampling.percentile_interval(draws, 0.4) == (2, 5)  # ranks 1 and 4
    assert resampling.percentile_interval(draws, 0.3) == (1, np.inf)  # ranks 0.75 and 4.25
    assert resampling.percentile_interval([np.nan], 0.1) == (-np.inf, np.inf)
    assert resampling.percentile_interval([7.0], 0.1) == (7, 7)


def test_counts_draw_as_many_units_as_there_are_and_parts_are_the_whole(monkeypatch):
    groups = np.array(["a", "b", "b", "c"])
    counts = resampling.resample(4, 500, 3, groups)
    assert (counts[:, 1] == counts[:, 2]).all() and (counts[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert counts.mean(axis=0) == pytest.approx(1, abs=4 * np.sqrt(2 / 3 / 500))
    monkeypatch.setattr(resampling, "BLOCK", 4 * 120)
    parts = list(resampling.batches(4, 500, 3, groups))
    assert [len(p) for p in parts] == [120, 120, 120, 120, 20]
    np.testing.assert_array_equal(np.vstack(parts), counts)
    monkeypatch.setattr(resampling, "_MANY", 2)
    drawn = resampling.resample(4, 500, 3, groups)
    assert (drawn[:, [0, 1, 3]].sum(axis=1) == 3).all() and drawn.mean() == pytest.approx(1, abs=0.1)


def test_ties_and_what_is_open_count_as_beyond():
    seen = 2.0
    drawn = np.array([1.0, 2.0, 2 * (1 - 1e-15), 3.0, np.nan, 1.9999])
    assert resampling.tied_or_beyond(drawn, seen).tolist() == [False, True, True, True, True, False]
    assert resampling.p_value(np.array([True, False, False])) == 0.5 and resampling.p_value(np.zeros(99)) == 0.01


def test_bca_intervals_are_percentiles_moved_by_bias_and_skewness():
    draws, rng = np.sort(RNG.exponential(size=999)), np.random.default_rng(2)
    order = rng.permutation(draws)
    left = np.array([1.0, 1.1, 0.7, 1.4, 0.2])
    estimate = draws[400] + 1e-9
    bias = stats.norm.ppf(401 / 999)
    pull = left.mean() - left
    skew = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    z = bias + stats.norm.ppf([0.05, 0.95])
    ranks = stats.norm.cdf(bias + z / (1 - skew * z)) * 998
    ends = draws[int(np.floor(ranks[0]))], draws[int(np.ceil(ranks[1]))]
    assert resampling.bca_interval(order, estimate, left, 0.1) == ends
    assert resampling.bca_interval(np.append(order, np.nan), estimate, np.append(left, np.nan), 0.1) == ends
    middle = (draws[499] + draws[499]) / 2  # half of the draws lie below: no bias; equal values left out: no skewness
    assert resampling.bca_interval(order, middle, np.ones(5), 0.1) == resampling.percentile_interval(draws, 0.1)
    nothing = (-np.inf, np.inf)
    assert resampling.bca_interval(order, np.inf, left, 0.1) == nothing
    assert resampling.bca_interval(order, estimate, left[:1], 0.1) == nothing
    assert resampling.bca_interval(order, estimate, left[:2], 0.1) != nothing
    assert resampling.bca_interval(np.array([np.nan]), estimate, left, 0.1) == nothing
