"""The extrapolator against known truth, its laws one by one, and every odd curve."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dl_limits.laws import curve_laws, extrapolation
from dl_limits.laws.extrapolation import extrapolate

X = 2.0 ** np.arange(12)
TRUTHS = {
    "power": lambda x: 3 * x**-0.3,
    "floor": lambda x: 3 * x**-0.5 + 0.4,
    "shift": lambda x: 2 * (1 / x + 0.001) ** 0.4,
    "sigmoid": lambda x: 0.1 + 0.8 / (1 + (x / 100) ** 0.8),
    "break": lambda x: x**-0.1 * (1 + (x / 30) ** 2.5) ** (-0.4 * 0.4),
}
THETAS = {
    "power": [0.2, 0.5],
    "floor": [0.2, -0.7, -0.5],
    "shift": [0.1, -0.8, -1.5],
    "sigmoid": [0.3, 0.1, 1.0, 0.6, -1.0],
    "break": [0.1, -0.2, 1.2, -2.0, -0.5],
    "break with floor": [0.1, 0.4, 1.2, -2.0, 0.2, -0.8],
    "trend": [0.1, 0.4],
}


@pytest.mark.parametrize("name", curve_laws.LAWS)
def test_derivatives_agree_with_differences(name):
    theta, u, step = np.array([THETAS[name]]), np.linspace(-6, 2, 15)[None], 1e-6
    exact = curve_laws.LAWS[name].curve(theta, u)[1][0]
    for i in range(theta.shape[1]):
        up, down = theta.copy(), theta.copy()
        up[0, i] += step
        down[0, i] -= step
        difference = (curve_laws.LAWS[name].curve(up, u)[0] - curve_laws.LAWS[name].curve(down, u)[0])[0] / (2 * step)
        np.testing.assert_allclose(exact[:, i], difference, atol=1e-7)


def test_the_sigmoid_law_solves_its_equation():
    a, log_b, place, log_k, c = THETAS["sigmoid"]
    u = np.linspace(-8, 3, 20)
    y = np.exp(curve_laws.LAWS["sigmoid"].curve(np.array([THETAS["sigmoid"]]), u[None])[0][0])
    share = (y - np.exp(c)) / np.exp(a)  # of the way from the floor c up to y0 = c + exp(a)
    left = np.log(share) - np.exp(log_k) * np.log1p(-share)
    np.testing.assert_allclose(left, place - np.exp(log_b) * u, atol=1e-6)


def test_the_power_law_alone_is_weighted_least_squares():
    y = TRUTHS["power"](X) * np.exp(0.05 * np.random.default_rng(1).standard_normal(len(X)))
    u = np.log(X / X[-1])
    expected = sm.WLS(np.log(y), sm.add_constant(u), weights=np.exp(extrapolation.RECENCY * u)).fit()
    forecast = extrapolate(X, y).predict_each([4096, 65536])["power"]
    np.testing.assert_allclose(
        np.log(forecast), expected.predict(sm.add_constant(np.log([4096, 65536] / X[-1]))), atol=1e-3
    )


@pytest.mark.parametrize("name", TRUTHS)
def test_an_exact_curve_is_carried_on(name):
    forecast = extrapolate(X, TRUTHS[name](X))
    far = X[-1] * np.array([1.5, 2, 4])
    np.testing.assert_allclose(forecast.predict(far), TRUTHS[name](far), rtol=0.03)
    low, high = forecast.predict_interval(far)
    assert (low < TRUTHS[name](far)).all()
    assert (TRUTHS[name](far) < high).all()


def test_the_weights_come_from_forecasts_not_from_fit():
    y = TRUTHS["floor"](X) * np.exp(0.01 * np.random.default_rng(2).standard_normal(len(X)))
    forecast = extrapolate(X, y)
    noise = extrapolation._local_noise(np.log(X / X[-1]), np.log(y))
    merit = np.exp(-extrapolation.MERIT * np.log(forecast.errors**2 + noise**2).mean())
    np.testing.assert_allclose(forecast.weights, merit / merit.sum())
    assert forecast.weights.sum() == pytest.approx(1)
    # what lies behind the last origin's first points cannot be seen from the first origin
    cut = forecast.errors.index[0]
    changed = y.copy()
    changed[-1] *= 1.3
    before, after = (_fits_from(X, v, cut) for v in (y, changed))
    np.testing.assert_allclose(before, after)


def _fits_from(x, y, cut):
    """What the floor law, seeing `cut` points, says of all points (local noise held fixed)."""
    u, z = np.log(x / x[cut - 1])[None], np.log(y)
    weights = np.where(np.arange(len(x)) < cut, 1.0, 0.0)[None]
    theta, _ = curve_laws.fit_law(
        curve_laws.LAWS["floor"], u, z, weights, [extrapolation._shape(u[0, :cut], z[:cut])], 0.01
    )
    return curve_laws.LAWS["floor"].curve(theta, u)[0]


def test_more_noise_and_more_distance_widen_the_interval():
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(len(X))
    calm, wild = (extrapolate(X, TRUTHS["power"](X) * np.exp(s * noise)) for s in (0.005, 0.1))

    def width(forecast, x, level=0.95):
        low, high = forecast.predict_interval(x, level=level)
        return np.log(high / low)

    assert (width(wild, X[-1:] * 2) > 2 * width(calm, X[-1:] * 2)).all()
    assert (np.diff(width(calm, X[-1] * 2.0 ** np.arange(1, 8))) > 0).all()
    assert (width(calm, [1e4], 0.99) > width(calm, [1e4], 0.5)).all()


positive = st.floats(1e-300, 1e300, allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(positive, positive), min_size=4, max_size=30), st.lists(positive, min_size=1, max_size=4))
def test_it_answers_for_every_positive_curve(points, ahead):
    x, y = map(np.array, zip(*points, strict=True))
    with np.errstate(all="raise", under="ignore"):
        forecast = extrapolate(x, y)
        predicted = forecast.predict(ahead)
        low, high = forecast.predict_interval(ahead)
    assert not np.isnan(np.concatenate([predicted, low, high])).any()
    assert (low <= predicted).all()
    assert (predicted <= high).all()


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 3, 4], [1, 1, 1, 1]),
        ([1, 2, 4, 8], [1, 0.9, 0.85, 0.84]),
        ([1, 1, 2, 2], [1, 1.1, 0.7, 0.75]),
        ([1, 1, 1, 2], [1, 1.1, 1.2, 0.7]),
        ([1, 2, 4, 8, 16], [5, 4, 3, 4, 9]),
        ([1, 2, 4, 8, 16], [5, 4, 1e-12, 1e-12, 1e-12]),
        (np.arange(1, 2001), np.arange(1, 2001) ** -0.5),
    ],
)
def test_odd_curves_get_a_finite_forecast(x, y):
    forecast = extrapolate(x, y)
    ahead = np.array([1.0, 2.0]) * max(x)
    assert np.isfinite(forecast.predict(ahead)).all()
    assert np.isfinite(np.log(forecast.predict_interval(ahead))).all()


def test_one_x_says_nothing_about_others():
    forecast = extrapolate([5, 5, 5, 5], [1, 1.1, 0.9, 1])
    assert not forecast.identified
    low, high = forecast.predict_interval([5, 6])
    assert 0.5 < low[0] < 1 < high[0] < 1.5
    assert (low[1], high[1]) == (0, np.inf)
    assert "nothing to carry on" in repr(forecast)


NOISY = TRUTHS["floor"](X) * np.exp(0.02 * np.random.default_rng(4).standard_normal(len(X)))


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-6, 1e12), st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_units_and_order_do_not_matter(in_x, in_y, random):
    order = list(range(len(X)))
    random.shuffle(order)
    plain, other = extrapolate(X, NOISY), extrapolate(in_x * X[order], in_y * NOISY[order])
    ahead = np.array([100, 5e3, 1e5])
    np.testing.assert_allclose(other.predict(in_x * ahead), in_y * plain.predict(ahead), rtol=1e-5)
    np.testing.assert_allclose(
        other.predict_interval(in_x * ahead), in_y * np.array(plain.predict_interval(ahead)), rtol=1e-4
    )


def test_a_rising_curve_is_the_inverse_of_a_falling_one():
    ahead = np.array([5e3, 1e5])
    falls, rises = extrapolate(X, NOISY), extrapolate(X, 1 / NOISY)
    np.testing.assert_allclose(rises.predict(ahead), 1 / falls.predict(ahead), rtol=1e-9)
    np.testing.assert_allclose(rises.predict_interval(ahead)[0], 1 / falls.predict_interval(ahead)[1], rtol=1e-9)


def test_a_long_curve_keeps_the_noise_of_its_points():
    x = np.geomspace(1, 1e4, 1000)
    y = TRUTHS["floor"](x) * np.exp(0.03 * np.random.default_rng(5).standard_normal(len(x)))
    forecast = extrapolate(x, y)
    assert forecast.noise == pytest.approx(0.03, rel=0.25)
    assert len(forecast.errors) == extrapolation.MOST_ORIGINS


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2, 3], [1, 1, 1], "at least 4"),
        ([1, 2, 3, 4], [1, 1, 1], "x has 4 rows, y has 3"),
        ([1, 2, 3, -4], [1, 1, 1, 1], "x must be positive and finite; position 3"),
        ([1, 2, 3, 4], [1, np.nan, 1, 1], "y must be positive and finite; position 1"),
        ([1, 2, 3, 4], [1, np.inf, 1, 1], "y must be positive and finite; position 1"),
        ([[1, 2], [3, 4]], [1, 1], "x must be one-dimensional"),
    ],
)
def test_bad_input_is_named(x, y, message):
    with pytest.raises(ValueError, match=message):
        extrapolate(x, y)


def test_bad_questions_are_named():
    forecast = extrapolate(X, NOISY)
    with pytest.raises(ValueError, match="x_new must be positive"):
        forecast.predict([0])
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        forecast.predict_interval([1], level=95)


def test_a_best_so_far_curve_is_named_and_widened():
    rng = np.random.default_rng(6)
    x = np.linspace(10, 1000, 40)
    raw = TRUTHS["power"](x) * np.exp(0.1 * rng.standard_normal(len(x)))
    best, smooth = extrapolate(x, np.minimum.accumulate(raw)), extrapolate(x, TRUTHS["power"](x))
    assert extrapolate(x, raw).widening == 1
    assert not extrapolate(x, raw).notes
    assert 1.2 < best.widening < 2.5
    assert "best-so-far" in best.notes[0]
    assert smooth.widening < 1.05  # it never rises either, but hides nothing


def test_the_best_of_k_hides_what_simulated_minima_say():
    minima = np.random.default_rng(7).standard_normal((100_000, 10)).min(1)
    assert extrapolation._steadiness(10) == pytest.approx(minima.std(), rel=0.01)
    assert extrapolation._steadiness(1) == pytest.approx(1, rel=1e-6)


def test_required_is_where_forecast_and_interval_reach_the_target():
    forecast = extrapolate(X, NOISY)
    needed = forecast.required(0.44, 0.5)
    assert X[-1] < needed.estimate < np.inf
    assert forecast.predict([needed.estimate])[0] == pytest.approx(0.44, rel=1e-4)
    assert forecast.predict_interval([needed.low], 0.5)[0][0] == pytest.approx(0.44, rel=1e-4)
    assert needed.low < needed.estimate < needed.high
    near = forecast.required(0.44)  # a new point at the end of the data might be there; none of the data was
    assert forecast.predict_interval([X[-1]])[0][0] < 0.44 < NOISY.min() and near.low == pytest.approx(X[-1])
    within = forecast.required(np.sort(NOISY)[3])  # reached by some of them
    assert within.low < X[-1]
    assert forecast.required(1e-9).estimate == np.inf  # far below the floor
    inverse = extrapolate(X, 1 / NOISY).required(1 / 0.44, 0.5)
    assert (inverse.estimate, inverse.low) == pytest.approx((needed.estimate, needed.low))
    with pytest.raises(ValueError, match="target must be positive"):
        forecast.required(-1)
    assert extrapolate([5, 5, 5, 5], [1, 1.1, 0.9, 1]).required(0.5).estimate == np.inf


def test_free_breaks_follow_a_curve_that_turns_up():
    x = np.geomspace(1, 1000, 24)
    y = x**-0.5 * (1 + (x / 60) ** 2) ** 0.3  # falls, then rises slowly
    theta = extrapolate(x, y).predict_each([2000.0])["break"].iloc[0]
    assert theta == pytest.approx(2000**-0.5 * (1 + (2000 / 60) ** 2) ** 0.3, rel=0.1)


def test_the_interval_is_made_of_its_parts():
    forecast, ahead = extrapolate(X, NOISY), X[-1] * np.array([1.0, 3.0, 30.0])
    parts = forecast.parts(ahead)
    scale = np.sqrt(parts["noise"] + extrapolation.SPREAD * parts["spread"] + parts["turn"] + parts["past"])
    low, high = forecast.predict_interval(ahead, 0.8)
    np.testing.assert_allclose(np.log(high / low), 2 * stats.t.isf(0.1, extrapolation.TAILS) * scale, rtol=1e-9)
    assert (parts[["turn", "past"]].iloc[0] == 0).all()  # at the end of the data nothing is ahead
    assert (parts.diff()[["turn", "past"]].iloc[1:] > 0).all().all()


def test_what_origins_told_is_added_to_what_was_believed():
    forecast = extrapolate(X, NOISY)
    n, told = len(forecast.origins), np.log(forecast.origins).sum()
    belief = extrapolation.BELIEF
    before = extrapolation.PAST * forecast.noise**extrapolation.OWN
    assert np.log(forecast.past) == pytest.approx((told["error"] + belief * np.log(before)) / (n + belief))
    assert np.log(forecast.turn) == pytest.approx((told["turn"] + belief * np.log(extrapolation.TURN)) / (n + belief))
    untold = extrapolate([1, 1, 1, 2], [1, 1.1, 1.2, 0.7])
    assert (untold.past, untold.turn) == pytest.approx(
        (extrapolation.PAST * untold.noise**extrapolation.OWN, extrapolation.TURN)
    )
    assert "Too few points" in untold.notes[0]


def test_a_flat_curve_says_that_it_may_take_off():
    flat = extrapolate(X, 0.5 + 1e-4 * np.cos(np.arange(len(X))))
    assert any("moved by less than" in note for note in flat.notes)
    assert not any("moved by less than" in note for note in extrapolate(X, NOISY).notes)


@pytest.mark.parametrize(("name", "points"), [("power", 6), ("power", 24), ("floor", 6), ("floor", 24), ("break", 24)])
def test_intervals_hold_noisy_truths_and_are_not_several_times_too_wide(name, points):
    rng = np.random.default_rng(8)
    x = np.geomspace(10, 1000, points)
    ahead = x[-1] * np.array([1.5, 3.0, 6.0])
    missed, half = [], []
    for _ in range(40):
        truth = TRUTHS[name](np.append(x, ahead)) * np.exp(0.03 * rng.standard_normal(points + 3))
        forecast = extrapolate(x, truth[:points])
        low, high = np.log(forecast.predict_interval(ahead))
        missed.append(np.abs(np.log(truth[points:]) - np.log(forecast.predict(ahead))))
        half.append((high - low) / 2)
    missed, half = np.array(missed), np.array(half)
    assert (missed < half).mean() > 0.93
    assert np.median(half) < 3 * np.quantile(missed, 0.95)
