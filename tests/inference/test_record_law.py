"""The law behind records: what it is without records, its likelihood's maximum, units, and known truth."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from dl_limits.inference.record_law import RecordLaw
from dl_limits.laws.powerlaw import PowerLaw

RNG = np.random.default_rng(5)
N = 16
X = np.r_[np.exp(9.0), np.exp(np.sort(RNG.uniform(0, 8, N - 1)))]
SCATTER = np.r_[0.0, 0.35 * RNG.standard_normal(N - 1)]


def without_records(slope, scatter=1.0):
    """Errors of a law whose best is published first, as largest of all: nothing after it is a record."""
    y = 30 * X**slope * np.exp(scatter * SCATTER)
    y[0] = y[1:].min() * 0.9
    return y


def published(x, y):
    """What a field publishes of its attempts: those that beat the best so far."""
    best = np.r_[True, y[1:] < np.minimum.accumulate(y)[:-1]]
    return x[best], y[best]


ATTEMPTS = np.exp(np.linspace(0, 8, 200))
FIELD = published(ATTEMPTS, 40 * ATTEMPTS**-0.3 * np.exp(0.4 * RNG.standard_normal(200)))


def test_a_record_lies_below_all_before_it():
    law = RecordLaw([3.0, 2.0, 2.0, 2.5, 1.0, 1.5, 0.9], np.arange(1.0, 8))
    assert law.record.tolist() == [False, True, False, False, True, False, True]


@pytest.mark.parametrize("slope", [-0.3, -0.02, 0.1])
def test_without_records_it_is_least_squares(slope):
    y = without_records(slope)
    fit, line = RecordLaw(y, X).fit(), PowerLaw(y, X).fit()
    theirs = sm.OLS(np.log(y), sm.add_constant(np.log(X))).fit()
    assert fit.params["exponent"] == pytest.approx(-theirs.params[1], abs=1e-6)
    assert np.log(fit.params["coef"]) == pytest.approx(theirs.params[0], abs=1e-5)
    assert fit.sd == pytest.approx(np.sqrt(theirs.ssr / N), rel=1e-4)
    assert fit.cost == pytest.approx(-theirs.llf - N / 2 * np.log(2 * np.pi), abs=1e-7)
    for alpha in (0.05, 0.3):
        np.testing.assert_allclose(fit.conf_int(alpha).loc["exponent"], -theirs.conf_int(alpha)[1][::-1], atol=1e-4)
    np.testing.assert_allclose(fit.predict(X), line.predict(X), rtol=1e-5)


def test_a_nearly_exact_law_has_an_interval_all_the_same():
    y = 30 * X**-0.3 * np.exp(0.005 * SCATTER)  # the first has the largest x: the best
    fit, theirs = RecordLaw(y, X).fit(), sm.OLS(np.log(y), sm.add_constant(np.log(X))).fit()
    np.testing.assert_allclose(fit.conf_int().loc["exponent"], -theirs.conf_int()[1][::-1], atol=1e-3 * theirs.bse[1])


@pytest.mark.parametrize("target", [0.2, 8.0, 25.0, 300.0])
@pytest.mark.parametrize("slope", [-0.3, -0.05, 0.0, 0.1])
def test_without_records_what_a_target_requires_is_fiellers_set(slope, target):
    y = without_records(slope)
    ours, theirs = RecordLaw(y, X).fit().required(target, 0.1), PowerLaw(y, X).fit().required(target, alpha=0.1)
    with np.errstate(divide="ignore"):
        ends = [np.log([e.estimate, e.low, e.high]) for e in (ours, theirs)]
    np.testing.assert_allclose(*ends, rtol=1e-3, atol=2e-3)
    assert ours.alpha == 0.1 and "records" in ours.method


def test_two_values_of_x_are_enough():
    y = [4.0, 2.0, 5.0, 2.5, 3.0, 2.2]
    fit = RecordLaw(y, [1.0, 8.0, 1.0, 8.0, 1.0, 8.0]).fit()
    assert np.isfinite(fit.params).all() and fit.exponent > 0


def test_dependent_rows_count_by_their_groups():
    y, groups = without_records(-0.3), np.arange(N) // 3  # six groups
    fit, theirs = RecordLaw(y, X, groups=groups).fit(), sm.OLS(np.log(y), sm.add_constant(np.log(X))).fit()
    half = stats.t.isf(0.025, 5) * theirs.bse[1]
    ends = fit.conf_int().loc["exponent"]
    assert ends.tolist() == pytest.approx([-theirs.params[1] - half, -theirs.params[1] + half], abs=1e-4)
    assert fit.exponent == RecordLaw(y, X).fit().exponent


def minus_log_likelihood(x, y, level, slope, sd):
    z, law = np.log(y), level - slope * np.log(x)
    best = np.minimum.accumulate(z)[:-1]
    record = z[1:] < best
    return -stats.norm.logpdf(z, law, sd).sum() + stats.norm.logcdf(best, law[1:], sd)[record].sum()


def test_no_step_from_the_fit_raises_the_likelihood():
    x, y = FIELD
    fit = RecordLaw(y, x).fit()
    place = np.array([np.log(fit.params["coef"]), fit.params["exponent"], fit.sd])
    at = minus_log_likelihood(x, y, *place)
    assert fit.cost + len(y) / 2 * np.log(2 * np.pi) == pytest.approx(at, abs=1e-6)
    for step in np.vstack([np.eye(3), [[4, 1, 0], [4, 1, 0.1], [0, 0, 1]]]) * [0.02, 0.005, 0.02]:
        for sign in (-1, 1):
            assert minus_log_likelihood(x, y, *(place + sign * step)) > at


def test_the_misfit_of_a_given_exponent_or_target_is_the_least_there_is():
    x, y = FIELD
    fit = RecordLaw(y, x).fit()
    b = np.array([-0.5, 0.0, 0.2, 0.6, 3.0])
    cost, sharp, level = fit._at_exponent(b)
    for i in range(len(b)):
        place = np.array([level[i] + b[i] * fit.centre, b[i], 1 / sharp[i]])
        at = minus_log_likelihood(x, y, *place)
        assert cost[i] + len(y) / 2 * np.log(2 * np.pi) == pytest.approx(at, abs=1e-6)
        for step in ([0.02, 0, 0], [0, 0, 0.02 * place[2]], [0.02, 0, 0.02 * place[2]]):
            for sign in (-1, 1):
                assert minus_log_likelihood(x, y, *(place + sign * np.array(step))) > at


@pytest.mark.parametrize(("in_x", "in_y"), [(1e21, 1.0), (1.0, 1e-9), (1e-9, 1e12)])
def test_units_do_not_matter(in_x, in_y):
    x, y = FIELD
    first, other = RecordLaw(y, x).fit(), RecordLaw(in_y * y, in_x * x).fit()
    assert other.exponent == pytest.approx(first.exponent, abs=1e-6)
    assert other.sd == pytest.approx(first.sd, rel=1e-4)
    np.testing.assert_allclose(other.conf_int(), first.conf_int(), atol=1e-5)
    a, b = first.required(0.5), other.required(0.5 * in_y)
    assert np.log([b.estimate, b.low, b.high]) - np.log(in_x) == pytest.approx(
        np.log([a.estimate, a.low, a.high]), abs=1e-3
    )
    assert other.predict(50 * in_x) == pytest.approx(in_y * first.predict(50.0), rel=1e-5)


def test_predictions_take_the_shape_of_x():
    fit = RecordLaw(*FIELD[::-1]).fit()
    assert np.shape(fit.predict(3.0)) == () and fit.predict([3.0]).shape == (1,)
    assert fit.predict(1.0) == pytest.approx(fit.params["coef"])
    assert fit.predict(1.0) / fit.predict(np.e) == pytest.approx(np.exp(fit.params["exponent"]))


def test_intervals_hold_that_nothing_was_gained_where_least_squares_does_not():
    """A field that gains nothing publishes falling records all the same."""
    rng, x = np.random.default_rng(6), np.exp(np.linspace(0, 6, 150))
    hits = naive = sets = 0
    while sets < 12:
        some_x, some_y = published(x, 40 * np.exp(0.4 * rng.standard_normal(150)))
        if len(some_y) < 5:
            continue
        sets += 1
        low, high = RecordLaw(some_y, some_x).fit().conf_int().loc["exponent"]
        hits += low <= 0 <= high
        low, high = PowerLaw(some_y, some_x).fit().conf_int().loc["exponent"]
        naive += low <= 0 <= high
    assert (
        hits >= 10 and naive <= 8
    )  # what holds 95 of 100 holds fewer than 10 of 12 once in 50, fewer than 9 once in 500


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RecordLaw([1, 2, 3, 4.0], [5, 5, 5, 5.0]), "exog does not vary"),
        (lambda: RecordLaw([1, 2, 3, -4.0], [1, 2, 3, 4.0]), "endog must be positive and finite; position 3"),
        (lambda: RecordLaw([1, 2, 3, 4.0], [1, 2, 3.0]), "exog has 3 rows"),
        (lambda: RecordLaw(*FIELD[::-1]).fit().conf_int(1.5), "alpha must lie"),
        (lambda: RecordLaw(*FIELD[::-1]).fit().required(0), "target must be positive"),
        (lambda: RecordLaw(*FIELD[::-1]).fit().predict([-1]), "x must be positive"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
