"""Pieces of the extrapolator by hand: noise, origins, shares of laws, what origins told, parts of an interval."""

import numpy as np
import pytest
from scipy import stats

from dl_limits.laws import curve_laws, extrapolation
from dl_limits.laws.extrapolation import extrapolate

RNG = np.random.default_rng(61)
X = np.geomspace(10, 1000, 14)
Y = (3 * X**-0.5 + 0.2) * np.exp(0.03 * RNG.standard_normal(14))


def test_long_curves_are_averaged_in_groups_of_neighbours():
    u, z = np.linspace(-5, 0, 100), RNG.standard_normal(100)
    thin, mean, size = extrapolation._thin(u, z)
    assert size == 3 and len(thin) == 34  # 48 groups at most: of three points each, the last of one
    np.testing.assert_allclose(mean, [z[i : i + 3].mean() for i in range(0, 100, 3)])
    places = np.array([u[i : i + 3].mean() for i in range(0, 100, 3)])
    np.testing.assert_allclose(thin, places - places[-1])
    for n, size in ((48, 1), (49, 2), (96, 2), (97, 3)):
        kept = extrapolation._thin(np.linspace(-1, 0, n), np.zeros(n))
        assert kept[2] == size and len(kept[0]) == -(-n // size) and kept[0][-1] == 0


def test_local_noise_is_the_scatter_about_neighbours():
    """Of independent values of standard deviation s it is s, however the points are spaced; of a line it is nothing."""
    u = np.sort(RNG.uniform(-9, 0, 4000))
    assert extrapolation._local_noise(u, 2 - 3 * u) == pytest.approx(0, abs=1e-10)
    sizes = [extrapolation._local_noise(u[i : i + 14], 0.2 * RNG.standard_normal(14)) for i in range(0, 3900, 14)]
    assert np.sqrt(np.mean(np.square(sizes))) == pytest.approx(0.2, rel=0.1)
    z = np.zeros(20)
    z[2] = 5.0  # only the newest dozen points count
    assert extrapolation._local_noise(np.linspace(-1, 0, 20), z) == 0
    uneven = extrapolation._local_noise(np.array([-4.0, -3, 0]), np.array([1.0, 3.0, 2.0]))
    assert uneven == pytest.approx((3 - 1.25) / np.sqrt(1 + 0.25**2 + 0.75**2))


def test_origins_leave_two_fifths_behind_and_at_least_one_ahead():
    known = {4: [3], 5: [3, 4], 6: [4, 5], 10: [4, 5, 6, 7, 8, 9], 12: list(range(5, 12))}
    for n, origins in known.items():
        assert extrapolation._origins(np.linspace(-3, 0, n)) == origins
    for n in (16, 30, 48):  # more than eight are thinned evenly, both ends kept
        origins = extrapolation._origins(np.linspace(-3, 0, n))
        assert len(origins) == extrapolation.MOST_ORIGINS == 8
        assert origins[0] == np.ceil(0.4 * n) and origins[-1] == n - 1
        assert np.ptp(np.diff(origins)) <= 1
    # an origin is where x has moved twice: something was seen, something is ahead
    assert extrapolation._origins(np.array([-3.0, -3, -3, -2, -2, -1, 0, 0])) == [5, 6]
    assert extrapolation._origins(np.array([-3.0, -3, -3, -3, 0])) == []


def test_a_stretch_is_described_by_its_quarters():
    u, z = np.linspace(-6, 0, 9), np.array([4.0, 3, 3, 3, 3, 3, 3, 1, 0])
    assert extrapolation._shape(u, z) == (3.5, 0.5, 6.0, 0.5)
    assert extrapolation._shape(u[:3], z[:3]) == (4.0, 3.0, 1.5, pytest.approx(1 / 1.5))
    assert extrapolation._shape(u, -z) == (-3.5, -0.5, 6.0, 0.05 / 6)  # a rising one is taken to fall a little


def test_a_turn_is_the_share_of_the_change_that_came_otherwise():
    least = extrapolation.SMALLEST_TURN**2
    change = np.array([1.0, 3.0])
    assert extrapolation._turn(np.array([0.5, 0.9]), change, 0.1) == pytest.approx(
        np.sqrt((0.25 + 0.81 - 0.02) / 2 / 5 + least)
    )
    assert extrapolation._turn(np.array([0.05, 0.1]), change, 0.1) == pytest.approx(np.sqrt(least))  # noise alone
    assert extrapolation._turn(np.array([9.0, 9]), change, 0.1) == pytest.approx(np.sqrt(1 + least))  # at most all
    assert extrapolation._turn(np.array([9.0, 9]), 0 * change, 0.1) == pytest.approx(np.sqrt(1 + least))


def test_laws_share_by_their_squared_errors_to_a_power():
    errors = np.array([[0.01, 0.04], [0.09, 0.01]])
    loss = np.sqrt((errors + 0.1**2).prod(axis=0))  # geometric over origins
    share = extrapolation._weigh(errors, 0.1)
    assert share[0] / share[1] == pytest.approx((loss[1] / loss[0]) ** extrapolation.MERIT) and share.sum() == 1
    assert extrapolation._weigh(np.empty((0, 4)), 0.1).tolist() == [0.25] * 4
    mean, variance = extrapolation._mix(share, np.array([[1.0], [3.0]]), np.array([[0.2], [0.4]]))
    p = share[0]
    assert mean[0] == pytest.approx(p + 3 * (1 - p))
    assert variance[0] == pytest.approx(0.2 * p + 0.4 * (1 - p) + 4 * p * (1 - p))


def test_the_first_crossing_is_interpolated():
    h, z = np.array([0.0, 1, 2, 4]), np.array([3.0, 2, 0, 5])
    assert extrapolation._first_below(h, z, 1.0) == 1.5 and extrapolation._first_below(h, z, 2.0) == 1.0
    assert extrapolation._first_below(h, z, 4.0) == 0.0 and extrapolation._first_below(h, z, -0.1) == np.inf
    assert extrapolation._first_below(h, z, 0.0) == 2.0


def test_the_smallest_of_two_normals_is_steadier_by_a_known_share():
    assert extrapolation._steadiness(2) == pytest.approx(np.sqrt(1 - 1 / np.pi), rel=1e-6)
    assert extrapolation._steadiness(3) == pytest.approx(
        np.sqrt(1 + np.sqrt(3) / (2 * np.pi) - 9 / (4 * np.pi)), rel=1e-6
    )


def test_errors_weights_and_past_are_those_of_fits_to_the_points_before():
    """Everything the forecast says of its past, computed again from single fits of each law at each origin."""
    found = extrapolate(X, Y)
    u, z = np.log(X / X[-1]), np.log(Y)
    local = max(extrapolation._local_noise(u, z), 1e-3)
    origins, names = extrapolation._origins(u), list(curve_laws.LAWS)
    told = np.empty((len(origins), len(names), len(u)))
    for i, k in enumerate(origins):
        back = u - u[k - 1]
        weights = np.where(np.arange(len(u)) < k, np.exp(extrapolation.RECENCY * back), 0.0)
        shape = [extrapolation._shape(u[:k], z[:k])]
        for j, name in enumerate(names):
            law = curve_laws.LAWS[name]
            theta = curve_laws.fit_law(law, back[None], z, weights[None], shape, local)[0]
            told[i, j] = law.curve(theta, back[None])[0][0]
    errors = np.array(
        [
            [((told[i, j, k:] - z[k:]) ** 2 * (u[k - 1] - u[0]) / (u[k:] - u[k - 1])).mean() for j in range(len(names))]
            for i, k in enumerate(origins)
        ]
    )
    assert found.errors.index.tolist() == origins and list(found.errors) == names
    np.testing.assert_allclose(found.errors, np.sqrt(errors), rtol=1e-6)
    np.testing.assert_allclose(found.weights, extrapolation._weigh(errors, local), rtol=1e-6)
    for i, k in enumerate(origins):
        share = extrapolation._weigh(np.delete(errors, i, 0), local)
        mean = share @ told[i]
        missed = ((mean[k:] - z[k:]) ** 2 * (u[k - 1] - u[0]) / (u[k:] - u[k - 1])).mean()
        assert found.origins["error"].iloc[i] == pytest.approx(np.sqrt(missed + local**2), rel=1e-6)
        turn = extrapolation._turn(mean[k:] - z[k:], mean[k:] - mean[k - 1], local)
        assert found.origins["turn"].iloc[i] == pytest.approx(turn, rel=1e-6)
    belief = extrapolation.BELIEF
    for name, before in (("turn", extrapolation.TURN), ("error", extrapolation.PAST * found.noise**extrapolation.OWN)):
        logs = np.log(found.origins[name]).sum() + belief * np.log(before)
        believed = {"turn": found.turn, "error": found.past}[name]
        assert believed == pytest.approx(np.exp(logs / (len(origins) + belief)))


def test_noise_is_the_weighted_scatter_about_the_forecast():
    found = extrapolate(X, Y)
    weights = np.exp(extrapolation.RECENCY * np.log(X / X[-1]))
    rest = np.log(Y / found.predict(X))
    forecast = found.weights.to_numpy() @ np.log(found.predict_each(X).to_numpy()).T
    np.testing.assert_allclose(np.log(found.predict(X)), forecast)
    assert found.noise == pytest.approx(np.sqrt(weights @ rest**2 / weights.sum() * 14 / 11))
    assert extrapolate(X, 3 * X**-0.5).noise == pytest.approx(1e-3)  # nothing is known better than to 0.1 %


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_intervals_have_their_parts_on_both_sides(level):
    found, ahead = extrapolate(X, Y), np.array([50.0, 1000.0, 5000.0, 1e5])
    parts, far = found.parts(ahead), np.log(ahead / 1000)
    values = np.log(found.predict_each(ahead).to_numpy())
    share = found.weights.to_numpy()
    mean = values @ share
    between = ((values - mean[:, None]) ** 2) @ share
    assert (parts["spread"] >= between).all()  # and what is not known of each law's parameters
    np.testing.assert_allclose(parts["noise"], (found.widening * found.noise) ** 2)
    change = np.log(found.predict(ahead) / found.predict([1000.0]))
    np.testing.assert_allclose(parts["turn"], np.where(far > 0, found.turn * change, 0) ** 2)
    np.testing.assert_allclose(parts["past"], (found.past * np.maximum(far, 0) / np.log(100)) ** 2)
    scale = np.sqrt(parts["noise"] + extrapolation.SPREAD * parts["spread"] + parts["turn"] + parts["past"])
    half = stats.t.isf((1 - level) / 2, extrapolation.TAILS) * scale
    low, high = found.predict_interval(ahead, level)
    np.testing.assert_allclose([low, high], [np.exp(mean - half), np.exp(mean + half)])
    for bad in (0, 1, 1.2):
        with pytest.raises(ValueError, match="level must lie"):
            found.predict_interval(ahead, bad)


def test_what_is_required_is_read_off_forecast_and_interval():
    found = extrapolate(X, Y)
    target = float(found.predict([3000.0])[0])
    needed = found.required(target, 0.8)
    assert needed.estimate == pytest.approx(3000, rel=1e-3) and needed.alpha == pytest.approx(0.2)
    assert found.predict_interval([needed.low], 0.8)[0][0] == pytest.approx(target, rel=1e-3)
    assert needed.high == np.inf or found.predict_interval([needed.high], 0.8)[1][0] == pytest.approx(target, rel=1e-3)
    assert found.required(2 * Y.max()).estimate == pytest.approx(X[0])  # from the start of the data on
    assert extrapolate(X, 1 / Y).required(1 / target, 0.8).estimate == pytest.approx(needed.estimate, rel=1e-6)


def test_a_curve_that_never_rises_hides_as_much_noise_as_the_best_of_k():
    rng = np.random.default_rng(3)
    best = np.minimum.accumulate(np.exp(0.2 * rng.standard_normal(30) - 0.03 * np.arange(30)))
    found = extrapolate(np.arange(1.0, 31), best)
    newest = np.log(best)[-12:]
    fall = (newest[:4].mean() - newest[-4:].mean()) / 8  # a step
    assert found.widening == pytest.approx(1 / extrapolation._steadiness(np.clip(found.noise / fall, 1, 30)))
    assert found.widening > 1 and "best-so-far" in found.notes[0]
    seven, eight, nine = (extrapolate(np.arange(1.0, n + 1), best[:n] + 1e-3 * np.arange(n, 0, -1)) for n in (7, 8, 9))
    assert seven.widening == 1  # so few points tell nothing
    assert 1 < eight.widening < extrapolation.WORTH_SAYING and not eight.notes  # "1.0 times" is not worth a word
    assert nine.widening > extrapolation.WORTH_SAYING and len(nine.notes) == 1


def test_two_x_carry_a_power_law_and_three_carry_every_law():
    two, three = (extrapolate([1, 1, 2, x], [3.0, 3.1, 2.0, 1.6]) for x in (2, 4))
    assert list(two.weights.index) == ["power"] and list(three.weights.index) == list(curve_laws.LAWS)


def test_one_x_is_one_x_up_to_a_millionth():
    y = [1.0, 1.1, 0.9, 1.0]
    apart, same = (extrapolate([5, 5, 5, 5 * (1 + gap)], y) for gap in (3e-6, 3e-7))
    assert apart.identified and not same.identified
    assert same.noise == pytest.approx(np.log(y).std(ddof=1)) and same.required(0.5).high == np.inf
    np.testing.assert_allclose(same.predict([5.0, 9.0]), np.exp(np.log(y).mean()))
    assert len(same.weights) == len(same.errors) == len(same.origins) == 0
    assert (same.past, same.turn) == (0, 0)
