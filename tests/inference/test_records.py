"""Records: the law of all attempts behind them, and their own past drawn again."""

import numpy as np
import pytest
from scipy import optimize, stats

from dl_limits.inference.record_law import RecordLaw
from dl_limits.inference.record_steps import monthly_steps, year_blocks

RNG = np.random.default_rng(3)
X = np.exp(np.sort(RNG.uniform(0, 8, 30)))
Y = np.minimum.accumulate(40 * X**-0.3 * np.exp(0.4 * RNG.standard_normal(30)))
Y[5::6] *= 1.3  # some published without being records


def cost(level, slope, log_sd, x=X, y=Y):
    """Minus log-likelihood: normal attempts; a record is known to beat the one that stood."""
    z, h, sd = np.log(y), np.log(x), np.exp(log_sd)
    law = level - slope * h
    stood = np.minimum.accumulate(z)[:-1]
    record = z[1:] < stood
    beaten = stats.norm.logcdf((stood - law[1:]) / sd)[record]
    return -stats.norm.logpdf(z, law, sd).sum() + beaten.sum()


def lowest(fixed, start):
    """Minimise over the parameters that `fixed` (a function of the others) leaves."""
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 9000}
    found = optimize.minimize(lambda p: cost(*fixed(p)), start, method="Nelder-Mead", options=options)
    return found.fun, found.x


def test_the_record_law_is_the_maximum_of_its_likelihood_and_its_ends_are_profiles():
    fit = RecordLaw(Y, X).fit()
    best, (level, slope, log_sd) = lowest(lambda p: p, [3.0, 0.3, -1.0])
    assert fit.params["exponent"] == pytest.approx(slope, rel=1e-3)
    assert np.log(fit.params["coef"]) == pytest.approx(level, rel=1e-3)
    assert fit.sd == pytest.approx(np.exp(log_sd), rel=2e-3)
    limit = len(Y) * np.log1p(stats.t.isf(0.05, len(Y) - 2) ** 2 / (len(Y) - 2))
    for end in fit.conf_int(0.1).loc["exponent"]:
        profile = lowest(lambda p, end=end: (p[0], end, p[1]), [level, log_sd])[0]
        assert 2 * (profile - best) == pytest.approx(limit, rel=2e-3)
    answer = fit.required(2.0, 0.1)
    assert fit.predict(answer.estimate) == pytest.approx(2.0)
    for end in (answer.low, answer.high):
        at = np.log(2.0), np.log(end)
        profile = lowest(lambda p, at=at: (at[0] + p[0] * at[1], p[0], p[1]), [slope, log_sd])[0]
        assert 2 * (profile - best) == pytest.approx(limit, rel=2e-3)


def test_four_points_are_enough_and_three_are_not():
    errors, compute = [4.0, 3.0, 3.5, 2.0], [1.0, 2.0, 3.0, 4.0]
    assert np.isfinite(RecordLaw(errors, compute).fit().params).all()
    with pytest.raises(ValueError, match="endog has 3 points, the law needs at least 4"):
        RecordLaw(errors[:3], compute[:3])


def test_monthly_steps_are_those_of_the_record():
    years = 2015 + np.arange(0, 37) / 12
    values = np.where(np.arange(37) % 3 == 0, np.arange(37.0), -1.0)  # a record each third month
    steps, now = monthly_steps(years, values, 2018.0)
    assert len(steps) == 35 and now == 33.0  # what is published on the day itself is not yet known
    assert steps.sum() == now - values[0] and set(steps) == {0.0, 3.0} and steps[-1] == 0.0 and steps[2] == 3.0
    assert len(monthly_steps([2015.0, 2016.5], [1.0, 2.0], 2017.0)[0]) == 23
    with pytest.raises(ValueError, match=r"before 2016\.99, got 23 months"):
        monthly_steps([2015.0, 2016.5], [1.0, 2.0], 2016.99)


def test_a_steady_record_goes_on_steadily():
    years, values = 2015 + (np.arange(37) + 0.5) / 12, np.arange(37.0)
    steps, now = monthly_steps(years, values, 2018 + 1 / 24)
    ahead = np.array([1, 12, 13, 30])
    drawn = year_blocks(years, values, 2018 + 1 / 24 + ahead / 12, 2018 + 1 / 24, np.random.default_rng(0), 50)
    assert drawn.shape == (50, 4)
    np.testing.assert_allclose(drawn, np.broadcast_to(now + ahead, (50, 4)))
    for late in (0.0, -0.5):
        with pytest.raises(ValueError, match="dates must lie after"):
            year_blocks(years, values, [2018.0 + late], 2018.0, np.random.default_rng(0), 5)


def test_years_are_weighed_at_random():
    """One year of steps and one of none. A block of months 1 to 12 has the first year's weight w, divided among its
    twelve starts; that of the last start has 1 - w. Integrated over w: 78 (1/11 - ln 12 / 121) steps in a year.
    """
    years = np.append(2015 + (np.arange(13) + 0.5) / 12, 2016.9)
    values = np.append(np.arange(13.0), 0.0)
    seen_to = 2017 + 1 / 12 + 1e-4
    steps, now = monthly_steps(years, values, seen_to)
    assert steps.tolist() == [1.0] * 12 + [0.0] * 12
    drawn = year_blocks(years, values, [1 + seen_to], seen_to, np.random.default_rng(1), 40_000)[:, 0] - now
    assert drawn.mean() == pytest.approx(78 * (1 / 11 - np.log(12) / 121), abs=4 * drawn.std() / 200)
    assert drawn.min() == 0 and drawn.max() == 12
