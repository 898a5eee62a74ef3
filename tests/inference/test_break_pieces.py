"""Pieces of the search for breaks: sums of squares by hand, dates that are allowed, tests and date sets from signs."""

import numpy as np
import pytest
import statsmodels.api as sm

from dl_limits.inference import breaks
from dl_limits.inference.breaks import BreakModel, sums_of_squares, sup_f
from dl_limits.inference.record_process import Records, simulate

RNG = np.random.default_rng(71)
GRID = 2010 + np.arange(24) / 4
DATES = np.arange(2010.25, 2016, 0.25)


def by_hand(years, values, date, kind):
    after = years >= date - 1e-9
    columns = [np.ones(len(years)), years - 2013, np.maximum(years - date, 0)]
    design = np.column_stack([*columns, after] if kind != "slope" else columns)
    return sm.OLS(values, design).fit()


@pytest.mark.parametrize("least", [2, 4])
@pytest.mark.parametrize("kind", breaks.KINDS)
def test_sums_of_squares_are_those_of_lines_with_a_break(kind, least):
    present = RNG.random((4, 24)) < 0.6
    values = np.where(present, RNG.standard_normal((4, 24)), 1e9)  # what is not there is not used
    straight, broken = sums_of_squares(GRID, values, present, DATES, kind, least)
    for i in range(4):
        x, y = GRID[present[i]], values[i][present[i]]
        assert straight[i] == pytest.approx(sm.OLS(y, sm.add_constant(x - 2013)).fit().ssr)
        for j, date in enumerate(DATES):
            enough = min((x < date - 1e-9).sum(), (x >= date - 1e-9).sum()) >= least
            assert np.isfinite(broken[i, j]) == enough  # a point at the date itself lies after the break
            if enough:
                assert broken[i, j] == pytest.approx(by_hand(x, y, date, kind).ssr, rel=1e-7)


def test_an_exact_line_has_no_break_and_units_do_not_matter():
    present = np.ones((1, 24), bool)
    line = (3 - 0.2 * (GRID - 2010))[None]
    assert sup_f(*sums_of_squares(GRID, line, present, DATES), np.array([24]))[0][0] == pytest.approx(0, abs=1e-6)
    values = line + 0.1 * RNG.standard_normal((1, 24))
    first, second = (
        sup_f(*sums_of_squares(GRID, v, present, DATES), np.array([24]))[0][0] for v in (values, 1e6 * values + 5e6)
    )
    assert second == pytest.approx(first, rel=1e-6)


@pytest.mark.parametrize("kind", breaks.KINDS)
def test_the_largest_f_is_that_of_the_best_date(kind):
    q = breaks.KINDS[kind]
    broken = np.array([[np.nan, 4.0, 2.0, 3.0], [np.nan] * 4, [np.nan, 1.0, 1.0, 2.0]])
    n = np.array([9, 9, 2 + q])
    statistic, position = sup_f(np.array([10.0, 10, 10]), broken, n, kind)
    assert position[0] == 2 and statistic[0] == pytest.approx((10 - 2) / q / (2 / (9 - 2 - q)))
    assert np.isnan(statistic[1:]).all()  # no date; no degree of freedom left
    one_more = sup_f(np.array([10.0]), broken[2:], np.array([3 + q]), kind)
    assert one_more[0][0] == pytest.approx((10 - 1) / q) and one_more[1][0] == 1


# ------------------------------------------------------------------ models


def bent(n=40, after=0.1, noise=0.05, seed=0):
    rng = np.random.default_rng(seed)
    years = np.sort(rng.uniform(2010, 2020, n))
    values = -0.3 * np.minimum(years - 2010, 5) - after * np.maximum(years - 2015, 0)
    return values + noise * rng.standard_normal(n), years


def test_dates_are_quarters_that_leave_enough_points():
    years = np.array([2010.0, 2010.5, 2011.0, 2012.0, 2013.0, 2013.25, 2014.0])
    values = np.arange(7.0) ** 2
    assert BreakModel(values, years).dates.tolist() == np.arange(2011.25, 2013.01, 0.25).tolist()
    assert BreakModel(values, years, min_points=2).dates.tolist() == np.arange(2010.75, 2013.26, 0.25).tolist()
    shuffled = RNG.permutation(7)
    other = BreakModel(values[shuffled], years[shuffled], groups=shuffled)
    assert other.years.tolist() == years.tolist() and other.endog.tolist() == values.tolist()
    assert other.groups.tolist() == list(range(7))
    assert len(BreakModel(values[:6], years[:6]).dates) == 4  # six points: from after the third up to the fourth
    with pytest.raises(ValueError, match="5 points leave no date with 3 on either side"):
        BreakModel(values[:5], years[:5])
    assert len(BreakModel(values[:4], years[:4], min_points=1).dates)
    for few, kind in ((3, "slope"), (4, "level and slope")):
        with pytest.raises(ValueError, match=f"{few} points leave no date"):
            BreakModel(values[:few], years[:few], min_points=1, kind=kind)
    with pytest.raises(ValueError, match="no date leaves 3 points on either side"):
        BreakModel([1, 2, 3, 4, 5, 6.0], [2010, 2010, 2011, 2011, 2011, 2011.0])
    with pytest.raises(ValueError, match="years are missing"):
        BreakModel([1.0, 2.0])


@pytest.mark.parametrize("kind", breaks.KINDS)
def test_a_fit_is_the_regression_with_the_best_date(kind):
    values, years = bent()
    fit = BreakModel(values, years, kind=kind).fit()
    allowed = fit.model.dates
    theirs = [by_hand(years, values, date, kind) for date in allowed]
    best = allowed.tolist().index(fit.date)  # dates between the same two points may be equally good
    assert theirs[best].ssr == pytest.approx(min(t.ssr for t in theirs))
    straight = sm.OLS(values, sm.add_constant(years)).fit()
    assert fit.statistic == pytest.approx(theirs[best].compare_f_test(straight)[0])
    slope, hinge = theirs[best].params[1:3]
    assert (fit.before, fit.after) == pytest.approx((-slope, -slope - hinge))
    assert fit.ols.ssr == pytest.approx(theirs[best].ssr)
    columns = fit.model.columns(2015.0, np.array([2014.0, 2015.0, 2017.0]))
    assert columns[:, 0].tolist() == [0, 0, 2]
    assert kind == "slope" or columns[:, 1].tolist() == [0, 1, 1]


@pytest.mark.parametrize("kind", breaks.KINDS)
def test_the_test_turns_residuals_of_the_straight_line_round_by_group(kind):
    values, years = bent(after=0.2, noise=0.2)
    groups = np.arange(40) // 2
    fit = BreakModel(values, years, kind=kind, groups=groups).fit()
    found = fit.test(150, seed=3)
    line = sm.OLS(values, sm.add_constant(years)).fit()
    signs = np.random.default_rng(3).choice([-1.0, 1.0], size=(150, 20))[:, groups]
    drawn = [BreakModel(line.fittedvalues + line.resid * s, years, kind=kind).fit().statistic for s in signs]
    assert found.pvalue == pytest.approx((1 + np.sum(np.array(drawn) >= fit.statistic)) / 151)
    assert found.critical == pytest.approx(np.quantile(drawn, 0.95)) and found.n_sim == 150
    assert found.statistic == fit.statistic


def test_a_date_stays_where_series_that_break_there_fit_as_badly_elsewhere():
    values, years = bent(after=0.15, noise=0.15)
    fit = BreakModel(values, years).fit()
    table = fit.date_set(0.9, n_sim=60, seed=4)
    rng = np.random.default_rng(4)
    for row in table[:3].itertuples():
        own = by_hand(years, values, row.date, "slope")
        least = by_hand(years, values, fit.date, "slope").ssr
        assert row.statistic == pytest.approx((own.ssr - least) / (least / 37), abs=1e-9)
        signs = rng.choice([-1.0, 1.0], size=(60, 40))
        drawn = []
        for s in signs:
            moved = own.fittedvalues + own.resid * s
            there = by_hand(years, moved, row.date, "slope").ssr
            best = BreakModel(moved, years).fit()
            least = by_hand(years, moved, best.date, "slope").ssr
            drawn.append((there - least) / (least / 37))
        assert row.critical == pytest.approx(np.quantile(drawn, 0.9), abs=1e-8)
    assert table.loc[table["date"] == fit.date, ["statistic", "inside"]].to_numpy().tolist() == [[0.0, True]]
    np.testing.assert_array_equal(table["inside"], table["statistic"] <= table["critical"] + 1e-12)
    with pytest.raises(ValueError, match="alpha must lie"):
        fit.date_set(1.0)


@pytest.fixture(scope="module")
def series():
    years = 2012 + np.arange(120) / 12
    theta = np.array([12 * np.log(36), -12 * 0.25])
    best, record = simulate(
        12.0, theta, np.column_stack([np.ones(120), years - 2012]), np.log(36), np.random.default_rng(5), 1
    )
    return Records(years, best[0], record[0])


def test_power_is_the_size_without_a_break_and_grows_with_it(series):
    fit = BreakModel(series).fit()
    none, halved, gone = (fit.power(2017.0, ratio, 300, 6) for ratio in (1.0, 0.5, 0.1))
    assert none == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 300))
    assert none < halved < max(gone, 0.9) and halved > 0.15
    with pytest.raises(ValueError, match="power is simulated for record series only"):
        BreakModel(*bent()).fit().power(2015, 0.5)


def test_records_are_tested_by_simulating_their_process(series):
    fit = BreakModel(series).fit()
    assert fit.model.years.tolist() == series.points[0].tolist()
    first, again, other = fit.test(200, 1), fit.test(200, 1), fit.test(200, 2)
    assert first == again and first.critical != other.critical
    assert 100 < first.n_sim <= 200 and 0 < first.pvalue <= 1
    table = fit.date_set(n_sim=40)
    assert table["inside"].any() and (table["critical"] > 0).all()
