"""Awkward input to the tests and comparisons: right values, refusals, and properties of every entry."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.chance import ChanceTest, detectable, difference, distribution, possible_counts, power
from dl_limits.inference.chance_trend import ChanceTrend
from dl_limits.inference.persistence import persistent_line
from dl_limits.inference.record_law import RecordLaw
from dl_limits.inference.record_process import RecordProcess, fit_batch, monthly_records, time_in_periods
from dl_limits.inference.scoring import Belief, interval_score, line, source_mean, walk
from dl_limits.inference.specification import JointInference, Specification, SpecificationCurve
from dl_limits.laws.powerlaw import PowerLaw

RNG = np.random.default_rng(11)
YEARS = np.sort(RNG.uniform(2010, 2020, 24))
VALUES = -0.2 * YEARS + 0.05 * RNG.standard_normal(24)
FLOP = np.geomspace(1e20, 1e24, 9)
ACCURACY = np.array([33.4, 34.2, 33.4, 33.4, 34.2, 32.3, 33.2, 34.6, 36.0])
MONTHS = pd.date_range("2012-01-01", periods=40, freq="2MS")
ERRORS = 40 * np.exp(-0.03 * np.arange(40) + 0.05 * RNG.standard_normal(40))
few = settings(max_examples=8, deadline=None, derandomize=True)
CONTAINERS = {
    "list": list,
    "object": lambda v: np.array(list(v), object),
    "series": lambda v: pd.Series(v, [f"m{i}" for i in range(len(v))]),
    "repeated labels": lambda v: pd.Series(v, np.zeros(len(v), int)),
    "nullable": lambda v: pd.array(v, "Float64"),
    "reversed view": lambda v: np.array(v)[::-1].copy()[::-1],
    "unmasked": lambda v: np.ma.array(v),
}
ENTRIES = {
    "BreakModel": lambda f: BreakModel(f(VALUES), f(YEARS)).fit().test(50).pvalue,
    "ChanceTest": lambda f: ChanceTest(f(ACCURACY), f(np.full(9, 1000.0))).fit(2).conf_int().to_numpy(),
    "line": lambda f: ChanceTrend(f(ACCURACY), 1000, f(FLOP)).fit().conf_int().to_numpy(),
    "floor": lambda f: ChanceTrend(f(ACCURACY), 1000, f(FLOP)).fit("floor").params.to_numpy(),
    "persistent_line": lambda f: persistent_line(f(VALUES), f(YEARS)).slope,
    "RecordLaw": lambda f: RecordLaw(f(ERRORS), f(np.arange(1.0, 41))).fit().params.to_numpy(),
    "monthly_records": lambda f: (
        monthly_records(f(ERRORS), f(MONTHS) if f is not CONTAINERS["nullable"] else MONTHS).best
    ),
    "walk": lambda f: walk(f(YEARS), f(VALUES), 2021.0, drift=True).centre,
    "scoring.line": lambda f: line(f(YEARS), f(VALUES), 2021.0).scale,
    "source_mean": lambda f: source_mean(f(VALUES)),
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_any_container_of_the_same_numbers_gives_the_same_result(entry, container):
    np.testing.assert_array_equal(ENTRIES[entry](CONTAINERS[container]), ENTRIES[entry](np.array))


DATES = pd.date_range("2012", periods=24)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BreakModel(VALUES, DATES), "years must hold plain numbers, not dates"),
        (lambda: BreakModel(VALUES + 0j, YEARS), "endog must hold plain numbers, not complex"),
        (lambda: BreakModel(VALUES), "years are missing"),
        (lambda: BreakModel(np.ones(24), YEARS), "endog does not vary"),
        (lambda: BreakModel(VALUES, np.ma.array(YEARS, mask=YEARS > 2019)), "years is a masked array"),
        (lambda: BreakModel(VALUES, YEARS, groups=np.arange(30)), "groups has 30 rows, endog has 24"),
        (lambda: BreakModel(VALUES, YEARS, groups=np.zeros((24, 2))), "groups must be one-dimensional"),
        (lambda: BreakModel(VALUES, YEARS, groups=[None, *range(23)]), "no missing one"),
        (lambda: BreakModel(VALUES, YEARS, min_points=0), "min_points must be a whole number"),
        (lambda: BreakModel(pd.Series(VALUES), pd.Series(YEARS[::-1], range(23, -1, -1))), "different indexes"),
        (lambda: BreakModel(VALUES, YEARS).fit().test(0), "n_sim must be a whole number"),
        (lambda: ChanceTest(DATES, 1000), "accuracy_pct must hold plain numbers, not dates"),
        (lambda: ChanceTest([40.0], [1000], decimals=[0.5]), "decimals must be whole numbers"),
        (lambda: ChanceTest([40.0, 41.0], [1000] * 3), "n has 3 rows, accuracy_pct has 2"),
        (lambda: ChanceTest([40.0, 41.0], 1000, labels=["a"]), "labels has 1 rows, accuracy_pct has 2"),
        (lambda: ChanceTest([40.0], 1000, chance=np.nan), "chance must be finite"),
        (lambda: ChanceTest([40.0], 1000).fit(-1), "noise_sd"),
        (lambda: ChanceTest([40.0], 1000).fit().equivalence(-3), "margin must not be negative"),
        (lambda: ChanceTest([40.0], 1000).fit().pooled(["a", "b"]), "groups has 2 rows, accuracy_pct has 1"),
        (lambda: ChanceTest([40.0, 41.0], 1000).fit().pooled(["a", None]), "no missing one"),
        (lambda: ChanceTest([40.0], 1000).fit().adjusted([0.1, 1.2]), "p_values must lie between 0 and 1"),
        (lambda: power(1000, truth=80.0), "chance plus truth must lie between 0 and 100"),
        (lambda: power(10.5), "n must be whole numbers"),
        (lambda: distribution(10, 1.2), "lies outside 0 to 100 %"),
        (lambda: detectable(2), "no excess of 0 to 61.6667 points has this power"),
        (lambda: detectable(1000, target=0.01), "target 0.01"),
        (lambda: difference((40.0, 1000, 1), (41.0, 1000, 1), noise_sd=(1, -1)), "noise_sd must not be negative"),
        (lambda: ChanceTrend(ACCURACY, 1000, DATES[:9]), "training_flop must hold plain numbers, not dates"),
        (lambda: ChanceTrend(ACCURACY[:4], 1000, [1e20, 1e20, 1e21, 1e21 * (1 + 1e-15)]), "at least three of them"),
        (lambda: ChanceTrend(pd.Series(ACCURACY), 1000, pd.Series(FLOP, range(8, -1, -1))), "different indexes"),
        (lambda: persistent_line(VALUES, np.full(24, 2015.0)), "x does not vary"),
        (lambda: persistent_line(np.full(24, 2.0), YEARS), "y does not vary"),
        (lambda: persistent_line(VALUES, DATES), "x must hold plain numbers, not dates"),
        (lambda: persistent_line(VALUES, YEARS).paths(np.array([[2019.0, 2022.0]]), RNG), "times must rise"),
        (lambda: RecordLaw(ERRORS, MONTHS), "exog must hold plain numbers, not dates"),
        (lambda: RecordLaw(np.full(9, 2.0), FLOP), "endog does not vary"),
        (lambda: RecordLaw(ERRORS[:9], FLOP, groups=list("abc")), "groups has 3 rows, endog has 9"),
        (lambda: monthly_records(ERRORS, np.arange(40)), "published must hold dates"),
        (lambda: monthly_records(pd.Series(ERRORS), pd.Series(MONTHS, range(39, -1, -1))), "different indexes"),
        (lambda: RecordProcess(monthly_records(ERRORS, MONTHS), np.ones((3, 1))), "regressors has 3 rows"),
        (lambda: line([1, 1, 1], [1, 2, 3], 4), "x does not vary"),
        (lambda: walk([1, 2, 3], [1, 2], 4), "y has 2 rows, x has 3"),
        (lambda: interval_score(1.0, 0.0, 2.0, level=95), "alpha must lie"),
    ],
)
def test_entries_refuse_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------ beyond the scale, all right, all wrong


def test_margins_beyond_the_scale_leave_one_test():
    fit = ChanceTest([33.4], [1000]).fit()
    assert fit.equivalence(40)[0] == pytest.approx(stats.binom(1000, 1 / 3 + 0.4).cdf(334))
    assert fit.equivalence(40)[0] == pytest.approx(7.6e-129, rel=0.01)
    assert (fit.p_above(-40)[0], fit.p_above(70)[0], fit.p_below(70)[0], fit.p_below(-40)[0]) == (0, 1, 0, 1)
    assert fit.equivalence(80)[0] == 0
    assert power(1000, 40, sides=2) == pytest.approx(1) and power(1000, 70, sides=2) == pytest.approx(1)
    assert power(1000, 40, sides=2) == pytest.approx(power(1000, 40))
    quarter = ChanceTest([0.0, 100.0], [50, 50], 0.25).fit()
    assert quarter.p_above(-25).tolist() == [1, 0] and quarter.p_below(75).tolist() == [0, 1]


@few
@given(st.integers(0, 30), st.floats(0, 120), st.sampled_from([0.25, 1 / 3, 0.5]))
def test_p_values_are_probabilities_and_fall_with_the_margin(count, margin, chance):
    fit = ChanceTest([100 * count / 30], [30], chance, decimals=6).fit()
    p = fit.equivalence(margin)[0]
    assert 0 <= p <= 1 and fit.equivalence(margin + 5)[0] <= p
    assert fit.p_above(margin)[0] >= fit.p_above(margin - 5)[0] and fit.p_below(margin)[0] <= fit.p_below(margin - 5)[0]


def test_all_right_or_all_wrong_are_alike():
    for accuracy in (0.0, 100.0):
        table = ChanceTest([accuracy] * 3, [50, 60, 70]).fit().pooled(["a", "a", "b"])
        assert table.loc["a", "p_alike"] == 1 and np.isfinite(table.astype(float)).all(axis=None)


def test_one_constant_score_leaves_the_slope_open():
    fit = ChanceTrend(np.full(9, 40.0), 1000, FLOP).fit()
    assert (fit.slope().low, fit.slope().high) == (-np.inf, np.inf)
    for accuracy in (0.0, 100.0):
        curve = ChanceTrend(np.full(9, accuracy), 1000, FLOP).fit("floor")
        low, high = curve.predict_interval(1e25, 1000)
        assert 0 <= low <= high <= 100


def test_labels_that_occur_twice_stay_in_place():
    p = pd.Series([0.04, 0.01, 0.03], list("aab"))
    fit = ChanceTest([40.0, 41.0, 42.0], 1000, labels=list("aab")).fit()
    assert fit.adjusted(p).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert fit.adjusted(p).index.tolist() == list("aab") and len(fit.adjusted(fit.p_above())) == 3


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_holm_knows_no_order(p, random):
    fit, order = ChanceTest([40.0], 1000).fit(), list(range(len(p)))
    random.shuffle(order)
    adjusted = fit.adjusted(p).to_numpy()
    np.testing.assert_array_equal(fit.adjusted(np.array(p)[order]), adjusted[order])
    assert (adjusted >= p).all() and (adjusted <= 1).all()


@few
@given(st.integers(1, 2000), st.integers(0, 3), st.data())
def test_the_count_behind_a_print_is_among_the_possible_ones(n, decimals, data):
    count = data.draw(st.integers(0, n))
    low, high = possible_counts([round(100 * count / n, decimals)], [n], decimals)
    assert low[0] <= count <= high[0]


def test_chance_tests_do_not_change_with_the_callers_array():
    accuracy, n, flop = ACCURACY.copy(), np.full(9, 1000), FLOP.copy()
    test, trend = ChanceTest(accuracy, n), ChanceTrend(accuracy, n, flop)
    model = BreakModel(values := VALUES.copy(), years := YEARS.copy(), groups=(groups := np.arange(24) // 2))
    for array in (accuracy, n, flop, values, years, groups):
        array[:] = 50
    np.testing.assert_array_equal(test.fit().conf_int(), ChanceTest(ACCURACY, 1000).fit().conf_int())
    assert trend.fit().slope().low == ChanceTrend(ACCURACY, 1000, FLOP).fit().slope().low
    assert model.fit().test(50).pvalue == BreakModel(VALUES, YEARS, groups=np.arange(24) // 2).fit().test(50).pvalue


# ------------------------------------------------------------------ ties


@pytest.mark.parametrize("groups", [2, 3, 4])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_few_groups_cannot_give_a_small_p_value(groups, noise):
    """With g groups, 2 of the 2**g sign patterns give the observed statistic: no p-value lies below that share."""
    y = -0.3 * np.minimum(YEARS, 2015) - 0.1 * np.maximum(YEARS - 2015, 0) + noise * np.sin(9 * YEARS)
    p = BreakModel(y, YEARS, groups=np.arange(24) * groups // 24).fit().test(999).pvalue
    least = 2.0 ** (1 - groups)
    assert p > least - 4 * np.sqrt(least * (1 - least) / 999)


def test_an_exact_line_has_no_break():
    test = BreakModel(-0.3 * YEARS, YEARS).fit().test(50)
    assert test.pvalue == 1 and test.statistic == pytest.approx(0, abs=1e-6)


@few
@given(st.permutations(range(24)), st.floats(-1e3, 1e3), st.sampled_from([1e-6, 1.0, 1e6]))
def test_breaks_know_no_order_no_origin_and_no_unit(order, shift, unit):
    first = BreakModel(VALUES, YEARS).fit()
    other = BreakModel(unit * (VALUES[order] + shift), YEARS[order]).fit()
    assert other.date == first.date and other.statistic == pytest.approx(first.statistic, rel=1e-4)
    assert other.before == pytest.approx(unit * first.before, rel=1e-6)
    assert other.test(99).pvalue == pytest.approx(first.test(99).pvalue, abs=0.011)


def test_resamples_that_determine_nothing_do_not_make_a_p_value_small():
    imposed = np.vstack([np.full((30, 2), np.nan), np.full((70, 2), 4.9)])
    joint = JointInference(5.0, np.array([9.0, 9.0]), imposed, imposed)
    with np.errstate(all="ignore"):
        assert joint.p_median() == pytest.approx(31 / 101)
        assert joint.p_outside(4, 6)[0] == pytest.approx(31 / 101)


def test_labels_of_several_laws_are_drawn_together():
    x = np.geomspace(1, 1e6, 12)
    y = 50 * x**-0.1 * np.exp(0.05 * RNG.standard_normal(12))
    papers = [f"p{i // 2}" if i % 3 else i // 2 for i in range(12)]
    made = [
        Specification({"rows": n}, PowerLaw(y[:n], x[:n], groups=papers[:n]), 10, 5, 1e6, {"method": "ols"})
        for n in (12, 8)
    ]
    joint = SpecificationCurve(made).resample(5.0, n_boot=40)
    assert joint.observed.shape == (40, 2) and np.isfinite(joint.observed).any(axis=0).all()


# ------------------------------------------------------------------ where a profile ends


def test_the_ends_of_a_rate_ratio_lie_where_its_profile_does():
    """By optimising the likelihood under the constraint with SciPy, and finding the end by bisection."""
    records = monthly_records(ERRORS, MONTHS)
    fit = RecordProcess(records, time_in_periods(records.years, [2015.0])).fit()
    interval = fit.rate_ratio(1, 0)
    limit = stats.t.isf(0.025, records.record.sum() - 4) ** 2
    for end in (interval.low, interval.high):
        assert np.isfinite(end)
        x = fit.model.regressors
        design = np.column_stack([np.ones(len(x)), x[:, 0] + end * x[:, 1]])
        z, seen = records.best[1:], records.record[1:]

        def loss(q, design=design, z=z, seen=seen):
            u = q[0] * z - design[1:] @ q[1:]
            return np.exp(u).sum() - (u * seen).sum() - seen.sum() * np.log(max(q[0], 1e-12))

        alpha, theta, held = (v[0] for v in fit_batch(records.best[None], records.record[None], design))
        found = optimize.minimize(loss, np.r_[alpha, theta], method="Nelder-Mead", options={"maxiter": 4000})
        assert held == pytest.approx(-found.fun, abs=1e-4)
        assert 2 * (fit.llf - held) == pytest.approx(limit, abs=0.01)
    with pytest.raises(ValueError, match="late must be one of 0, 1"):
        fit.rate_ratio(2, 0)
    with pytest.raises(ValueError, match="early must be one of 0"):
        fit.rate_ratio(1, 1)


@few
@given(st.permutations(range(40)), st.sampled_from([1e-6, 1.0, 1e6]))
def test_records_know_no_order_and_no_unit(order, unit):
    first, other = monthly_records(ERRORS, MONTHS), monthly_records(unit * ERRORS[order], MONTHS[order])
    np.testing.assert_array_equal(other.record, first.record)
    np.testing.assert_allclose(other.best, first.best + np.log(unit), atol=1e-9)


def test_the_law_of_records_knows_no_unit():
    law, moved = (RecordLaw(v, np.arange(1.0, 41)).fit() for v in (ERRORS, 1e6 * ERRORS))
    assert moved.exponent == pytest.approx(law.exponent, rel=1e-5)


def test_what_does_not_scatter_but_for_rounding_has_no_interval():
    assert np.isnan(source_mean([0.3, 0.1 + 0.2, 0.3])[1:]).all()
    assert interval_score(3.0, 0.0, 2.0, 0.9) == pytest.approx(2 + 20 * 1.0)
    assert Belief(0.0, 1.0, np.inf).interval() == pytest.approx((-1.96, 1.96), abs=0.01)
