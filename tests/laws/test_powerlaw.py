"""Laws against statsmodels called directly, closed forms, and simulation with known truth."""

import doctest
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.robust.norms import HuberT

from dl_limits.laws import linear, powerlaw, resampling
from dl_limits.laws.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.studies.imagenet import points

RNG = np.random.default_rng(20)
N = 30
X = 10 ** RNG.uniform(18, 23, N)
GROUPS = np.repeat(np.arange(10), 3)
Y = 600 * X**-0.08 * np.exp(0.1 * RNG.standard_normal(N) + 0.1 * RNG.standard_normal(10)[GROUPS])
YEARS = RNG.uniform(-8, 0, N)
WEIGHTS = RNG.uniform(0.5, 2, N)
DESIGN = sm.add_constant(np.log(X))


def law(**options):
    return PowerLaw(Y, X, **options)


@pytest.mark.parametrize(
    ("options", "fit", "direct"),
    [
        ({}, {}, lambda: sm.OLS(np.log(Y), DESIGN).fit()),
        ({}, {"cov": "HC3"}, lambda: sm.OLS(np.log(Y), DESIGN).fit(cov_type="HC3", use_t=True)),
        (
            {"groups": GROUPS},
            {"cov": "cluster"},
            lambda: sm.OLS(np.log(Y), DESIGN).fit(cov_type="cluster", cov_kwds={"groups": GROUPS}, use_t=True),
        ),
        ({"weights": WEIGHTS}, {}, lambda: sm.WLS(np.log(Y), DESIGN, WEIGHTS).fit()),
        ({}, {"method": "rlm"}, lambda: sm.RLM(np.log(Y), DESIGN, M=HuberT()).fit()),
        ({"floor": 3.0}, {}, lambda: sm.OLS(np.log(Y - 3), DESIGN).fit()),
        (
            {"controls": YEARS},
            {},
            lambda: sm.OLS(np.log(Y), np.column_stack([DESIGN, YEARS])).fit(),
        ),
    ],
    ids=["ols", "hc3", "cluster", "wls", "rlm", "floor", "controls"],
)
def test_fit_is_statsmodels(options, fit, direct):
    ours, theirs = law(**options).fit(**fit), direct()
    assert ours.params["exponent"] == pytest.approx(-theirs.params[1], rel=1e-6)
    assert ours.params["coef"] == pytest.approx(np.exp(theirs.params[0]), rel=1e-5)
    assert ours.bse["exponent"] == pytest.approx(theirs.bse[1], rel=1e-6)
    # statsmodels' RLM takes the normal distribution, which covers too little for few points: t here
    ends = theirs.params[:, None] + theirs.bse[:, None] * stats.t.ppf([0.025, 0.975], ours.line.df)
    if fit.get("method") != "rlm":
        np.testing.assert_allclose(ends, theirs.conf_int())
    low, high = -ends[1][::-1]
    assert ours.conf_int().loc["exponent"].tolist() == pytest.approx([low, high], rel=1e-6)
    assert ours.conf_int().loc["coef"].tolist() == pytest.approx(np.exp(ends[0]).tolist(), rel=1e-5)


def test_jackknife_leaves_out_one_group_at_a_time():
    ours = law(groups=GROUPS).fit(cov="jackknife")
    slopes = [PowerLaw(Y[g != GROUPS], X[g != GROUPS]).fit().line.slope for g in range(10)]
    assert ours.bse["exponent"] == pytest.approx(np.sqrt(0.9 * np.sum((np.array(slopes) - ours.line.slope) ** 2)))
    assert ours.line.df == 9


def test_jackknife_covers_where_papers_differ():
    """The real design: 22 papers, the largest with 8 networks, half of the scatter shared within a paper."""
    models = points.documented_models()
    papers = pd.factorize(models["paper"].astype(str))[0]
    rng, hits, sets = np.random.default_rng(3), 0, 300
    for _ in range(sets):
        e = 0.1 * rng.standard_normal(papers.max() + 1)[papers] + 0.1 * rng.standard_normal(len(papers))
        y = 600 * models["training_flop"] ** -0.075 * np.exp(e)
        low, high = PowerLaw(y, models["training_flop"], groups=papers).fit(cov="jackknife").conf_int().loc["exponent"]
        hits += low <= 0.075 <= high
    assert hits / sets > 0.95 - 3 * np.sqrt(0.95 * 0.05 / sets)


def test_quantile_regression_is_statsmodels():
    ours = law().fit("quantreg", q=0.25)
    theirs = sm.QuantReg(np.log(Y), DESIGN).fit(q=0.25, max_iter=5000)
    assert ours.params["exponent"] == pytest.approx(-theirs.params[1], abs=2e-4)


def test_critical_values_are_students_and_the_normals():
    line = linear.fit_line(np.log(Y), np.log(X))
    assert line.critical(0.1) == pytest.approx(stats.t.isf(0.05, line.df))
    assert replace(line, df=np.inf).critical(0.1) == pytest.approx(stats.norm.isf(0.05))


def test_prediction_is_statsmodels():
    new = np.array([1e19, 1e24])
    ours = law().fit().get_prediction(new).summary_frame(alpha=0.1)
    theirs = sm.OLS(np.log(Y), DESIGN).fit().get_prediction(sm.add_constant(np.log(new))).summary_frame(alpha=0.1)
    for column in ("mean", "mean_ci_lower", "mean_ci_upper", "obs_ci_lower", "obs_ci_upper"):
        np.testing.assert_allclose(ours[column], np.exp(theirs[column]), rtol=1e-8)
    lower, upper = law().fit().predict_interval(new, level=0.9)
    np.testing.assert_allclose([lower, upper], [ours["obs_ci_lower"], ours["obs_ci_upper"]])


def test_influence_is_statsmodels():
    ours = law().fit().influence()
    theirs = sm.OLS(np.log(Y), DESIGN).fit().get_influence()
    np.testing.assert_allclose(ours["cooks_distance"], theirs.cooks_distance[0], rtol=1e-7)
    np.testing.assert_allclose(ours["leverage"], theirs.hat_matrix_diag, rtol=1e-7)
    without = [PowerLaw(np.delete(Y, i), np.delete(X, i)).fit().params["exponent"] for i in range(N)]
    np.testing.assert_allclose(ours["exponent_without"], without, rtol=1e-8)


def test_influence_names_the_points():
    labelled = pd.Series(Y, index=[f"m{i}" for i in range(N)])
    assert PowerLaw(labelled, X).fit().influence().index[3] == "m3"


def test_reverse_is_the_other_regression_turned_round():
    other = sm.OLS(np.log(X), sm.add_constant(np.log(Y))).fit()
    ours = law().fit("reverse")
    assert ours.params["exponent"] == pytest.approx(-1 / other.params[1])
    frame = other.get_prediction([[1, np.log(5)]]).summary_frame()
    required = ours.required(5.0)
    assert np.log([required.estimate, required.low, required.high]) == pytest.approx(
        frame[["mean", "mean_ci_lower", "mean_ci_upper"]].iloc[0].tolist()
    )
    ends = other.conf_int()[1] * np.log(5 / 10)
    multiplier = ours.multiplier(10, 5)
    assert np.log([multiplier.low, multiplier.high]) == pytest.approx(np.sort(ends).tolist())


def test_symmetric_slopes_have_their_closed_forms():
    z, h = np.log(Y), np.log(X)
    assert law().fit("rma").params["exponent"] == pytest.approx(z.std() / h.std())
    axis = np.linalg.svd(np.column_stack([h - h.mean(), z - z.mean()]))[2][0]
    assert law().fit("orthogonal").params["exponent"] == pytest.approx(-axis[1] / axis[0])


def test_symmetric_intervals_invert_their_tests():
    """An end of the RMA interval makes h and z uncorrelated after rotation at exactly 5 %."""
    z, h = np.log(Y), np.log(X)
    for method, score in (("rma", lambda b: (z + b * h, z - b * h)), ("orthogonal", lambda b: (h + b * z, z - b * h))):
        for end in law().fit(method).line.slope_interval():
            assert stats.pearsonr(*score(end)).pvalue == pytest.approx(0.05, abs=1e-6)


def test_standard_errors_of_symmetric_slopes_match_the_bootstrap():
    x = 10 ** RNG.uniform(0, 5, 400)
    fit = PowerLaw(5 * x**-0.8 * np.exp(0.6 * RNG.standard_normal(400)), x)
    for method in linear.SYMMETRIC:
        result = fit.fit(method)
        assert result.bootstrap(600)["exponent"].std() == pytest.approx(result.bse["exponent"], rel=0.15)


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("target", [5.0, 12.0, 40.0])
def test_fieller_ends_are_where_the_test_turns(target, new):
    """At each finite end the line's t statistic for reaching the target is critical."""
    fit = law().fit()
    required = fit.required(target, of="new" if new else "mean")
    theirs = sm.OLS(np.log(Y), DESIGN).fit()
    for end in (required.low, required.high):
        frame = theirs.get_prediction([[1, np.log(end)]])
        se = frame.se_obs if new else frame.se_mean
        t = (frame.predicted_mean - np.log(target)) / se
        assert abs(t[0]) == pytest.approx(stats.t.isf(0.025, N - 2))


def test_an_insignificant_slope_leaves_the_answer_open():
    flat = PowerLaw(20 * np.exp(0.3 * RNG.standard_normal(8)), np.geomspace(1, 1e3, 8)).fit()
    assert flat.multiplier(20, 10).high == np.inf
    assert flat.required(5).high == np.inf
    assert not flat.required(5).bounded


def test_no_standard_error_means_no_interval():
    """Sparse quantile fits give none; that must not turn into an interval that excludes the truth."""
    line = replace(law().fit("quantreg").line, cov=np.full((2, 2), np.nan))
    assert line.slope_interval() == (-np.inf, np.inf)
    assert line.log_ratio_interval(-0.7) == line.reach_interval(1.0) == (-np.inf, np.inf)


def test_a_symmetric_slope_without_correlation_has_no_interval():
    noise = PowerLaw(20 * np.exp(0.3 * RNG.standard_normal(13)), np.geomspace(1, 1e3, 13)).fit("rma")
    assert noise.line.slope_interval() == (-np.inf, np.inf)
    answer = noise.multiplier(20, 10)
    assert (answer.low, answer.high) == (0, np.inf)


def test_a_rising_law_is_below_a_high_level_from_the_start():
    rising = PowerLaw([10, 12, 13, 15.0], [1, 10, 100, 1000]).fit()
    answer = rising.required(30)
    assert (answer.estimate, answer.low, answer.high) == (0, 0, 0)


@pytest.mark.parametrize("target", [10.0, 30.0])
def test_an_estimate_lies_inside_its_interval(target):
    rng = np.random.default_rng(2)
    for _ in range(200):
        y = 20 * np.geomspace(1, 100, 8) ** -0.03 * np.exp(0.3 * rng.standard_normal(8))
        answer = PowerLaw(y, np.geomspace(1, 100, 8)).fit().required(target)
        assert answer.low <= answer.estimate <= answer.high


@pytest.mark.parametrize("target", [5.0, 30.0], ids=["below the data", "above the data"])
@pytest.mark.parametrize(
    ("method", "interval"),
    [(m, "fieller") for m in ("ols", "quantreg", "rlm", "reverse")]
    + [(m, "bootstrap") for m in linear.LINE_METHODS if m != "wls"],
)
def test_estimates_of_rising_laws_lie_inside_their_intervals(method, target, interval):
    x = np.geomspace(1, 1e3, 9)
    fit = PowerLaw(10 * x**0.05 * np.exp(0.05 * np.sin(7 * np.arange(9))), x).fit(method)
    answer = fit.required(target, interval=interval)
    assert answer.estimate == (np.inf if target < 10 else 0)
    assert answer.low <= answer.estimate <= answer.high


def test_a_rising_law_never_gets_there():
    rising = PowerLaw([10, 12, 13, 15.0], [1, 10, 100, 1000]).fit()
    assert rising.required(5).estimate == rising.multiplier(10, 5).estimate == np.inf
    draws = (
        PowerLaw(20 * np.exp(0.5 * RNG.standard_normal(8)), np.geomspace(1, 10, 8))
        .fit()
        .multiplier(20, 10, interval="bootstrap")
    )
    assert draws.high == np.inf  # wrong-signed resamples count as never


def test_reciprocal_law_is_a_line_in_one_over_y():
    theirs = sm.OLS(1 / Y, sm.add_constant(np.log10(X))).fit()
    ours = ReciprocalLaw(Y, X).fit()
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-7)
    np.testing.assert_allclose(ours.bse, theirs.bse, rtol=1e-7)
    np.testing.assert_allclose(ours.predict(X), 1 / theirs.fittedvalues, rtol=1e-7)
    np.testing.assert_allclose(ours.conf_int(), theirs.conf_int(), rtol=1e-7)
    assert ours.multiplier(10, 5).log10()[0] == pytest.approx((1 / 5 - 1 / 10) / theirs.params[1])


@pytest.mark.parametrize("method", [m for m in linear.LINE_METHODS if m not in ("wls", "quantreg")])
@pytest.mark.parametrize("controls", [None, YEARS[:, None]], ids=["alone", "controls"])
def test_batched_refits_equal_single_fits(method, controls):
    counts = resampling.resample(N, 8, seed=3, groups=GROUPS)
    batch = linear.refit(np.log(Y), np.log(X), counts, controls=controls, method=method)
    for count, (intercept, slope) in zip(counts, batch, strict=True):
        rows = np.repeat(np.arange(N), count.astype(int))
        one = PowerLaw(Y[rows], X[rows], controls=None if controls is None else controls[rows]).fit(method)
        assert slope == pytest.approx(one.line.slope, rel=1e-5)
        assert intercept == pytest.approx(one.line.intercept, rel=1e-5)


@pytest.mark.parametrize("q", [0.1, 0.5])
def test_batched_quantile_lines_reach_the_optimum(q):
    """The minimum of the check loss may be flat, so losses are compared, not slopes."""
    counts = resampling.resample(N, 8, seed=3)
    batch = linear.refit(np.log(Y), np.log(X), counts, method="quantreg", q=q)
    for count, line in zip(counts, batch, strict=True):
        resid = np.log(Y) - DESIGN @ line
        loss = count @ np.where(resid < 0, (q - 1) * resid, q * resid)
        # the optimum as a linear programme: beta free, positive and negative parts of the residuals
        cost = np.concatenate([np.zeros(2), q * count, (1 - q) * count])
        equal = np.hstack([DESIGN, np.eye(N), -np.eye(N)])
        bounds = [(None, None)] * 2 + [(0, None)] * (2 * N)
        best = optimize.linprog(cost, A_eq=equal, b_eq=np.log(Y), bounds=bounds).fun
        assert loss <= best * 1.002


def test_groups_are_drawn_together():
    counts = resampling.resample(N, 50, seed=1, groups=GROUPS).reshape(50, 10, 3)
    assert (counts == counts[:, :, :1]).all()
    assert (counts[:, :, 0].sum(axis=1) == 10).all()


def test_log_likelihood_is_that_of_y():
    fit = law(floor=4.0).fit()
    sigma = np.sqrt(np.mean(fit.line.resid**2))
    direct = stats.lognorm(s=sigma, loc=4.0, scale=fit.predict(X) - 4).logpdf(Y).sum()
    assert fit.llf() == pytest.approx(direct)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([m for m in linear.LINE_METHODS if m not in ("wls", "orthogonal", "quantreg")]),
    st.floats(1e-6, 1e6),
    st.floats(1e-6, 1e6),
    st.permutations(range(N)),
)
def test_units_and_order_do_not_matter(method, unit_x, unit_y, order):
    order = list(order)
    first = law().fit(method)
    second = PowerLaw((Y * unit_y)[order], (X * unit_x)[order]).fit(method)
    assert second.params["exponent"] == pytest.approx(first.params["exponent"], rel=1e-5)
    assert second.multiplier(10 * unit_y, 5 * unit_y).log10() == pytest.approx(
        first.multiplier(10, 5).log10(), rel=1e-4
    )


def test_weights_equal_repeated_rows():
    copies = np.arange(N) % 3 + 1
    rows = np.repeat(np.arange(N), copies)
    weighted = law(weights=copies.astype(float)).fit()
    repeated = PowerLaw(Y[rows], X[rows]).fit()
    assert weighted.params.to_numpy() == pytest.approx(repeated.params.to_numpy())


def simulate(n_sets, x, slope=-0.08, sd=0.15, seed=7):
    """Data sets with known truth: y = 600 x^slope, log-normal scatter."""
    rng = np.random.default_rng(seed)
    for _ in range(n_sets):
        yield 600 * x**slope * np.exp(sd * rng.standard_normal(len(x)))


def test_intervals_cover_what_they_say():
    """Multiplier, Fieller (line and new network) and prediction, 400 data sets of 13 points."""
    x = np.geomspace(1e18, 5e22, 13)
    rng = np.random.default_rng(8)
    far = 1e25
    truth = {"multiplier": (11.5 / 5) ** (1 / 0.08), "mean": (600 / 5) ** (1 / 0.08)}
    hits = dict.fromkeys(("multiplier", "mean", "new", "prediction"), 0)
    sets = 400
    for y in simulate(sets, x):
        fit = PowerLaw(y, x).fit()
        multiplier, mean = fit.multiplier(11.5, 5), fit.required(5)
        hits["multiplier"] += multiplier.low <= truth["multiplier"] <= multiplier.high
        hits["mean"] += mean.low <= truth["mean"] <= mean.high
        drawn = 600 * far**-0.08 * np.exp(0.15 * rng.standard_normal())
        new = fit.required(drawn, of="new")  # at which x would a network with this error stand?
        hits["new"] += new.low <= far <= new.high
        low, high = fit.predict_interval([far])
        hits["prediction"] += low[0] <= drawn <= high[0]
    for name, count in hits.items():  # 95 % ± 3 standard errors of 400 draws
        assert abs(count / sets - 0.95) < 3 * np.sqrt(0.95 * 0.05 / sets), (name, count / sets)


@pytest.mark.parametrize("target", [16.0, 30.0], ids=["below the data", "above the data"])
def test_one_sided_sets_still_cover(target):
    """Weak slopes: the Fieller set is often a ray or everything, and must cover all the same."""
    x, slope, sets = np.geomspace(1, 100, 8), -0.08, 400
    truth = (20 / target) ** (1 / 0.08)
    rng = np.random.default_rng(5)
    covered = unbounded = 0
    for _ in range(sets):
        y = 20 * x**slope * np.exp(0.3 * rng.standard_normal(8))
        required = PowerLaw(y, x).fit().required(target)
        covered += required.low <= truth <= required.high
        unbounded += not required.bounded
    assert unbounded > sets / 2
    assert covered / sets > 0.95 - 3 * np.sqrt(0.95 * 0.05 / sets)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PowerLaw([1, 2, -3.0], [1, 2, 3]), "endog must be positive and finite; position 2"),
        (lambda: PowerLaw([1, 2, 3.0], [1, np.nan, 3]), "exog must be positive and finite; position 1"),
        (lambda: PowerLaw([1, 2, np.inf], [1, 2, 3]), "endog must be positive"),
        (lambda: PowerLaw([1, 2.0], [1, 2]), "endog has 2 points"),
        (lambda: PowerLaw([1, 2, 3.0], [1, 2]), "exog has 2 rows"),
        (lambda: PowerLaw([1, 2, 3.0], [5, 5, 5]), "exog does not vary"),
        (lambda: PowerLaw([2, 2, 2.0], [1, 2, 3]), "endog does not vary"),
        (lambda: PowerLaw([[1, 2, 3.0]], [1, 2, 3]), "endog must be one-dimensional"),
        (lambda: law(weights=[1.0]), "weights has 1 rows"),
        (lambda: law(weights=np.zeros(N)), "weights must be positive"),
        (lambda: law(groups=np.zeros(N)), "groups must be one-dimensional, with at least two"),
        (lambda: law(groups=[1, 2]), "groups has 2 rows"),
        (lambda: law(controls=np.full(N, np.nan)), "controls must be finite"),
        (lambda: law(controls=np.ones(N - 1)), "controls has 29 rows"),
        (lambda: law(controls=np.ones(N)), "controls repeat"),
        (lambda: law(controls=np.log(X)), "controls repeat"),
        (lambda: law(floor=100), "floor 100 is not below every endog"),
        (lambda: law(floor=-1), "floor must be"),
        (lambda: law(floor="guess"), "floor must be None"),
        (lambda: law().fit("lasso"), "method must be one of"),
        (lambda: law().fit(cov="HC9"), "cov must be one of"),
        (lambda: law().fit(cov="cluster"), "needs groups"),
        (lambda: law().fit(cov="jackknife"), "needs groups"),
        (lambda: law().fit("rlm", cov="HC3"), "does not go with"),
        (lambda: law().fit("wls"), "needs weights"),
        (lambda: law(weights=WEIGHTS).fit("ols"), "does not use weights"),
        (lambda: law().fit("quantreg", q=1.5), "q must lie"),
        (lambda: law().fit().required(-1), "target -1 is not above the floor"),
        (lambda: law(floor=2).fit().required(2), "target 2 is not above the floor 2"),
        (lambda: law().fit().required(np.nan), "target nan"),
        (lambda: law().fit().required(5, of="all"), "of must be one of"),
        (lambda: law().fit().required(5, interval="magic"), "interval must be one of"),
        (lambda: law().fit().required(5, alpha=2), "alpha must lie"),
        (lambda: law().fit().multiplier(5, 10), "y_to must lie below y_from"),
        (lambda: law().fit().predict([0.0]), "x must be positive"),
        (lambda: law().fit("rma").required(5, interval="fieller"), "no Fieller interval"),
        (lambda: law().fit("quantreg").required(5, of="new"), "does not go with method='quantreg'"),
        (lambda: law().fit("quantreg").predict_interval([1e20]), "no interval for a new observation"),
        (lambda: law().fit("rma").get_prediction([1e20]).summary_frame(), "no standard error"),
        (lambda: law().fit("rlm").llf(), "llf is defined"),
        (lambda: ReciprocalLaw(Y, X, floor=1), "floor does not go"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call()


def test_summary_shows_the_parameters():
    text = law().fit().summary().as_text()
    assert "exponent" in text and "PowerLaw" in text and "ols" in text


def test_the_example_in_the_docstring_runs():
    outcome = doctest.testmod(powerlaw)
    assert outcome.attempted > 0 and outcome.failed == 0
