"""The process of records: months and dates, its simulated law, its likelihood by definition, ends of a ratio."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits.inference.record_process import (
    RecordProcess,
    Records,
    fit_batch,
    monthly_records,
    simulate,
    time_in_periods,
)

YEARS = 2010 + np.arange(97) / 12
STEADY = np.column_stack([np.ones(97), YEARS - YEARS[0]])
THREE = np.column_stack([np.ones(97), time_in_periods(YEARS, [2013.0])])
ALPHA, THETA = 9.0, np.array([9.0 * np.log(40), -9.0 * 0.2])


def drawn(n_sim, seed, design=STEADY, theta=THETA):
    return simulate(ALPHA, theta, design, np.log(40), np.random.default_rng(seed), n_sim)


# ------------------------------------------------------------------ months


def test_a_month_counts_by_its_best_and_sets_a_record_by_beating_all_before():
    dates = pd.to_datetime(["2014-01-31", "2014-01-01", "2014-03-15", "2014-05-02", "2014-05-30", "2014-08-01"])
    series = monthly_records([30.0, 28.0, 28.0, 27.0, 20.0, 10.0], dates, "2014-07-01")
    np.testing.assert_allclose(series.years, 2014 + np.arange(7) / 12)
    np.testing.assert_allclose(np.exp(series.best), [28, 28, 28, 28, 20, 20, 20])
    assert series.record.tolist() == [True, False, False, False, True, False, False]  # an equal value beats nothing
    np.testing.assert_allclose(series.points[0], [2014, 2014 + 4 / 12])
    np.testing.assert_allclose(np.exp(series.points[1]), [28, 20])
    assert monthly_records([30.0, 20.0], dates[[0, 4]], "2014-05-01").record.sum() == 2  # all of the last month
    assert monthly_records([30.0, 20.0], dates[[0, 4]], "2014-04-30").record.sum() == 1
    assert len(monthly_records([30.0, 20.0], dates[[4, 0]]).years) == 5


def test_periods_include_their_start_and_exclude_their_end():
    series = Records(2014 + np.arange(4) / 12, np.log([4.0, 3, 3, 2]), np.array([True, True, False, True]))
    assert series.count(2014, 2014 + 3 / 12) == 2 and series.count(2014 + 1 / 12, 2014 + 4 / 12) == 2
    assert series.count(2014 + 2 / 12, 2014 + 3 / 12) == 0
    assert series.level(2014 + 3 / 12) == pytest.approx(3) and series.level(2015) == pytest.approx(2)
    assert series.level(2014 + 1 / 12) == pytest.approx(4)
    with pytest.raises(ValueError, match=r"no result before 2014; the series begins in 2014\.00"):
        series.level(2014)


def test_time_is_shared_out_among_periods():
    spent = time_in_periods(np.array([2010.0, 2011.5, 2013.0, 2016.0]), [2012.0, 2014.0])
    np.testing.assert_allclose(spent, [[0, 0, 0], [1.5, 0, 0], [2, 1, 0], [2, 2, 2]])


# ------------------------------------------------------------------ the process


def test_the_best_of_a_month_has_the_law_that_is_written_down():
    """P(log y > z) = exp(-exp(alpha z - x'theta)): with nothing to beat the first month drawn is free."""
    best, record = simulate(ALPHA, THETA, STEADY[:2], np.inf, np.random.default_rng(1), 20_000)
    z = best[:, 1]
    assert record.all() and np.isinf(best[:, 0]).all()
    law = -np.exp(ALPHA * np.sort(z) - THETA @ STEADY[1])
    assert np.abs(np.exp(law) - np.linspace(1, 0, len(z))).max() < 1.63 / np.sqrt(len(z))  # Kolmogorov, 1 %


def test_a_record_stands_as_often_as_the_law_says():
    best, record = drawn(20_000, 2)
    assert (best[:, 0] == np.log(40)).all() and record[:, 0].all()
    for month in (1, 40):
        hazard = np.exp(ALPHA * best[:, month - 1] - STEADY[month] @ THETA)
        beaten = 1 - np.exp(-hazard)
        assert record[:, month].mean() == pytest.approx(beaten.mean(), abs=4 * np.sqrt(0.25 / 20_000))
    assert (np.diff(best, axis=1) <= 0).all() and ((np.diff(best, axis=1) < 0) == record[:, 1:]).all()
    pace = (best[:, 96] - best[:, 24]).mean() / 6
    assert pace == pytest.approx(-0.2, abs=0.004)  # the fall a year is the rate


def log_likelihood(alpha, theta, best, record, design):
    """Records have their density, every month but the first the chance that nothing went lower."""
    u = alpha * best[1:] - design[1:] @ theta
    return (np.log(alpha) + u)[record[1:]].sum() - np.exp(u).sum()


@pytest.mark.parametrize("design", [STEADY, THREE, STEADY[:, :1]], ids=["steady", "break", "no pace"])
def test_a_fit_is_the_top_of_the_likelihood(design):
    theta = np.linalg.lstsq(design, STEADY @ THETA, rcond=None)[0]
    best, record = drawn(5, 3, design, theta)
    alphas, thetas, llf = fit_batch(best, record, design)
    for i in range(5):
        place = np.r_[alphas[i], thetas[i]]
        data = best[i], record[i], design
        assert llf[i] == pytest.approx(log_likelihood(place[0], place[1:], *data), abs=1e-7)
        scale = np.sqrt(len(place) + 0.0)
        for k, step in enumerate(1e-4 * scale * np.eye(len(place))):
            up, down = (log_likelihood((place + s * step)[0], (place + s * step)[1:], *data) for s in (1, -1))
            bend = (up + down - 2 * llf[i]) / step[k] ** 2
            assert bend < 0 and abs((up - down) / (2 * step[k]) / bend) < 2e-3 * max(abs(place[k]), 0.1)
        alone = fit_batch(best[i : i + 1], record[i : i + 1], design)
        assert alone[2][0] == pytest.approx(llf[i], abs=1e-8)


def test_units_of_y_and_of_time_do_not_matter():
    best, record = drawn(2, 4)
    first = fit_batch(best, record, STEADY)
    other = fit_batch(best + 7, record, STEADY * [1, 12])
    np.testing.assert_allclose(other[0], first[0], rtol=1e-4)
    np.testing.assert_allclose(other[2], first[2], atol=1e-6)
    np.testing.assert_allclose(other[1][:, 1] * 12, first[1][:, 1], rtol=1e-4)
    np.testing.assert_allclose(other[1][:, 0] - 7 * other[0], first[1][:, 0], rtol=1e-3)
    stretched = fit_batch(3 * best, record, STEADY)
    np.testing.assert_allclose(stretched[0] * 3, first[0], rtol=1e-4)


def test_a_period_that_has_not_begun_changes_nothing():
    best, record = drawn(2, 6)
    first = fit_batch(best, record, STEADY)
    later = fit_batch(best, record, np.column_stack([STEADY, np.zeros(97)]))
    np.testing.assert_allclose(later[2], first[2], atol=1e-5)
    np.testing.assert_allclose(later[0], first[0], rtol=1e-3)


def test_a_process_needs_two_records_more_than_regressors():
    best = np.log(40) - 0.1 * np.minimum(np.arange(60), 3)
    record = np.arange(60) < 4
    series = Records(YEARS[:60], best, record)
    assert np.isfinite(RecordProcess(series).fit().rates).all()  # three after the first, one regressor
    with pytest.raises(ValueError, match="3 records after the first, the process needs at least 4"):
        RecordProcess(series, time_in_periods(series.years, [2012.0]))
    with pytest.raises(ValueError, match="regressors has 59 rows, records has 60 months"):
        RecordProcess(series, np.ones((59, 1)))
    with pytest.raises(ValueError, match="finite"):
        RecordProcess(series, np.full((60, 1), np.inf))


@pytest.fixture(scope="module")
def broken():
    best, record = drawn(1, 5, THREE, np.array([THETA[0], -ALPHA * 0.3, -ALPHA * 0.15]))
    return Records(YEARS, best[0], record[0])


def test_rates_are_the_falls_of_log_y_and_simulations_start_where_the_series_does(broken):
    steady = RecordProcess(broken).fit()
    assert steady.rates == pytest.approx(-steady.theta[1:] / steady.alpha) and steady.rates[0] > 0
    given = RecordProcess(broken, (YEARS - YEARS[0])[:, None]).fit()
    assert given.llf == steady.llf
    best, record = steady.simulate(50, 3)
    again = steady.simulate(50, 3)[0]
    assert best.shape == record.shape == (50, 97) and (best[:, 0] == broken.best[0]).all()
    np.testing.assert_array_equal(again, best)
    assert not np.array_equal(steady.simulate(50, 4)[0], best)
    falls = (best[:, -1] - best[:, 48]).mean() / 4  # far from the start, which lies above the law
    assert falls == pytest.approx(-steady.rates[0], rel=0.15)


@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_ends_of_a_ratio_are_where_its_profile_meets_the_limit(broken, alpha):
    """The profile again: both rates tied by the ratio are one regressor."""
    periods = time_in_periods(YEARS, [2013.0])
    fit = RecordProcess(broken, periods).fit()
    found = fit.rate_ratio(1, 0, alpha)
    assert found.estimate == pytest.approx(fit.rates[1] / fit.rates[0]) and found.alpha == alpha
    limit = stats.t.isf(alpha / 2, broken.record.sum() - 1 - 3) ** 2
    for ratio, least in ((found.low, 0), (found.high, 0), (found.estimate, -limit)):
        tied = np.column_stack([np.ones(97), periods[:, 0] + ratio * periods[:, 1]])
        held = fit_batch(broken.best[None], broken.record[None], tied)[2][0]
        assert 2 * (fit.llf - held) - limit == pytest.approx(least, abs=5e-3)
    assert found.low < found.estimate < found.high
    turned = fit.rate_ratio(0, 1, alpha)
    assert turned.low == pytest.approx(1 / found.high, rel=1e-3) or turned.low < 0 or found.low <= 0


def test_a_third_rate_stays_free_beside_a_ratio(broken):
    periods = time_in_periods(YEARS, [2012.5, 2015.0])
    fit = RecordProcess(broken, periods).fit()
    found = fit.rate_ratio(2, 0, 0.5)
    limit = stats.t.isf(0.25, broken.record.sum() - 1 - 4) ** 2
    for ratio in (v for v in (found.low, found.high) if np.isfinite(v)):
        tied = np.column_stack([np.ones(97), periods[:, 0] + ratio * periods[:, 2], periods[:, 1]])
        held = fit_batch(broken.best[None], broken.record[None], tied)[2][0]
        assert 2 * (fit.llf - held) == pytest.approx(limit, abs=5e-3)
    assert np.isfinite([found.low, found.high]).any()
    for late, early, name in ((0, 0, "early"), (3, 0, "late"), (0, 3, "early")):
        with pytest.raises(ValueError, match=name):
            fit.rate_ratio(late, early)
    with pytest.raises(ValueError, match="alpha must lie"):
        fit.rate_ratio(2, 0, 1.5)


def test_a_ratio_that_nothing_bounds_is_open():
    """Four records in all: at 99.9 % every ratio is within the limit, and a first rate that may be zero leaves inf."""
    best = np.log(40) - 0.1 * np.searchsorted([20, 40, 60, 80, 90], np.arange(97), side="right")
    record = np.r_[True, np.diff(best) < 0]
    fit = RecordProcess(Records(YEARS, best, record), time_in_periods(YEARS, [2014.0])).fit()
    found = fit.rate_ratio(1, 0, 0.001)
    assert (found.low, found.high) == (-np.inf, np.inf) and np.isfinite(found.estimate)
