"""Laws of learning curves: their closed forms, what they believe beforehand, and their fits against scipy's."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize

from dl_limits.laws.curve_laws import DAMPING, LAWS, SMOOTHNESS, USUAL_EXPONENT, fit_law

U = np.linspace(-5, 0, 16)
SPAN = 5.0


def broken(a, b0, b1, place, log_f, u):
    """Caballero's one break: ``a x^-b0 (1 + (x/d)^(1/f))^(-(b1 - b0) f)``, in logarithms."""
    f = np.exp(log_f)
    return a - b0 * u - (b1 - b0) * f * np.logaddexp(0, (u - place) / f)


FORMS = {
    "power": lambda t, u: t[0] - t[1] * u,
    "floor": lambda t, u: np.logaddexp(t[0] - np.exp(t[1]) * u, t[2]),
    "shift": lambda t, u: t[0] + np.exp(t[1]) * np.logaddexp(-u, t[2]),
    "break": lambda t, u: broken(*t, u),
    "break with floor": lambda t, u: np.logaddexp(broken(*t[:-1], u), t[-1]),
    "trend": lambda t, u: t[0] - t[1] * np.where(u > 0, DAMPING * (1 - np.exp(-np.maximum(u, 0) / DAMPING)), u),
}
TRUTHS = {
    "power": [0.2, 0.5],
    "floor": [0.2, -0.7, -0.5],
    "shift": [0.1, -0.8, 1.5],
    "sigmoid": [0.9, 0.1, -2.0, 0.3, -0.5],
    "break": [0.1, 0.1, 0.9, -2.4, -0.8],
    "break with floor": [0.1, 0.2, 1.2, -2.5, -0.8, -0.8],
    "trend": [0.1, 0.4],
}


def sigmoid(theta, u):
    """The y at which ``(y - c) / (y0 - y)^k`` is as asked, found by bisection."""
    a, log_b, place, log_k, c = theta
    k = np.exp(log_k)

    def logit(w):  # the share s of the way up from c: log s - k log(1 - s) = w
        return optimize.brentq(lambda v: -np.logaddexp(0, -v) + k * np.logaddexp(0, v) - w, -900, 900, xtol=1e-13)

    return np.logaddexp(a - np.logaddexp(0, [-logit(place - np.exp(log_b) * one) for one in u]), c)


FORMS["sigmoid"] = sigmoid


@pytest.mark.parametrize("name", FORMS)
def test_a_law_is_its_formula_near_and_far(name):
    for theta in (np.array(TRUTHS[name]), np.array(TRUTHS[name]) * -0.7):
        u = np.linspace(-60, 60, 41)
        ours = LAWS[name].curve(np.array([theta]), u[None])[0][0]
        np.testing.assert_allclose(ours, FORMS[name](theta, u), rtol=1e-12, atol=2e-6 if name == "sigmoid" else 1e-12)


@pytest.mark.parametrize("name", LAWS)
def test_derivatives_agree_with_differences_near_and_far(name):
    u, step = np.linspace(-30, 30, 25)[None], 1e-5
    for theta in (np.array(TRUTHS[name]), np.array(TRUTHS[name]) * -0.7):
        exact = LAWS[name].curve(theta[None], u)[1][0]
        for i, move in enumerate(step * np.eye(len(theta))):
            up, down = (FORMS[name](theta + sign * move, u[0]) for sign in (1, -1))
            np.testing.assert_allclose(exact[:, i], (up - down) / (2 * step), atol=2e-6)


def test_rows_of_parameters_are_curves_of_their_own():
    for name, law in LAWS.items():
        theta = np.array([TRUTHS[name], np.array(TRUTHS[name]) * 0.5])
        value, slopes = law.curve(theta, np.stack([U, U - 1]))
        for i, u in enumerate((U, U - 1)):
            alone, own = law.curve(theta[i : i + 1], u[None])
            np.testing.assert_array_equal(value[i], alone[0])
            np.testing.assert_array_equal(slopes[i], own[0])


def test_a_trend_dies_away_over_its_damping():
    a, b = TRUTHS["trend"]
    value = LAWS["trend"].curve(np.array([[a, b]]), np.array([[-2.0, -1.0, 0.0, 1e-6, 1.0, 1.0 + 1e-6, 50.0]]))[0][0]
    assert value[:2].tolist() == pytest.approx([a + 2 * b, a + b])
    assert (value[3] - value[2]) / 1e-6 == pytest.approx(-b, rel=1e-5)
    assert (value[5] - value[4]) / 1e-6 == pytest.approx(-b * np.exp(-1 / DAMPING), rel=1e-5)
    assert value[-1] == pytest.approx(a - b * DAMPING)


# ------------------------------------------------------------------ where to start, what is plausible


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("first", "last", "span"), [(0.0, -2.0, 5.0), (4.0, 3.9, 2.0), (-3.0, -9.0, 12.0)])
def test_starts_resemble_the_curve_that_they_were_made_for(name, first, last, span):
    """Each start ends near the end of the curve, falls, and does so by about as much as the curve."""
    slope = (first - last) / span
    starts = np.array(LAWS[name].starts(first, last, span, slope))
    begin, end = LAWS[name].curve(starts, np.tile([-span, 0.0], (len(starts), 1)))[0].T
    assert len(np.unique(starts, axis=0)) == len(starts)
    assert (np.abs(end - last) < 0.65 + (first - last)).all()
    assert (begin > end).all()
    assert (begin - end < 0.5 + 5 * (first - last)).all() and (begin - end).max() > 0.6 * (first - last)


@pytest.mark.parametrize("name", ["power", "floor", "sigmoid", "trend"])
def test_starts_are_stretched_with_the_curve(name):
    """These laws stay themselves where x becomes a power of x: so do their starts, twice as long and half as steep."""
    here, there = (np.array(LAWS[name].starts(1.0, -1.0, 4.0 * k, 0.5 / k)) for k in (1, 2))
    u = np.tile(np.linspace(-4, 0, 9), (len(here), 1))
    np.testing.assert_allclose(LAWS[name].curve(there, 2 * u)[0], LAWS[name].curve(here, u)[0], atol=1e-5)


def test_curves_turn_within_the_points_seen_when_the_search_starts():
    for span in (2.0, 6.0):
        middles = {
            "sigmoid": [theta[2] / np.exp(theta[1]) for theta in LAWS["sigmoid"].starts(0.0, -2.0, span, 2 / span)],
            "break": [theta[3] for theta in LAWS["break"].starts(0.0, -2.0, span, 2 / span)],
        }
        for name, places in middles.items():
            assert all(-span < place <= 0 for place in places), name
            assert min(places) < -0.5 * span < max(places)


def test_a_sigmoid_starts_from_where_the_curve_began():
    """Its upper level is the first log y, its floor a share of the last; of a rising stretch it is at most that."""
    for a, *_, c in LAWS["sigmoid"].starts(1.0, -0.5, 4.0, 0.375):
        assert np.logaddexp(a, c) == pytest.approx(1.0) and 0 < np.exp(c + 0.5) < 1
    for a, *_, c in LAWS["sigmoid"].starts(1.0, 1.4, 4.0, 0.0125):
        assert a == pytest.approx(1 + np.log(1 - np.exp(c - 1.4)))


def test_the_laws_are_shared_and_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        LAWS["trend"].recency = 0.0


@pytest.mark.parametrize("name", LAWS)
def test_starts_and_beliefs_move_with_the_unit_of_y(name):
    shape, up = (-0.5, -2.5, 4.0, 0.5), 7.0
    starts = np.array(LAWS[name].starts(*shape))
    moved = np.array(LAWS[name].starts(shape[0] + up, shape[1] + up, *shape[2:]))
    u = np.tile(np.linspace(-4, 2, 9), (len(starts), 1))
    np.testing.assert_allclose(LAWS[name].curve(moved, u)[0], LAWS[name].curve(starts, u)[0] + up, atol=1e-5)
    mean, sd = np.array(LAWS[name].prior(*shape[1:])).T
    shifted, same = np.array(LAWS[name].prior(shape[1] + up, *shape[2:])).T
    floors = [len(mean) - 1] if "floor" in name or name == "sigmoid" else []
    np.testing.assert_allclose(shifted - mean, [up if k in floors else 0.0 for k in range(len(mean))])
    np.testing.assert_array_equal(sd, same)
    assert len(mean) == starts.shape[1] and (sd > 0).all()


def test_what_is_believed_of_exponents_lies_between_the_seen_and_the_usual():
    for name, place, seen in (("floor", 1, 0.1), ("shift", 1, 0.1), ("sigmoid", 1, 0.2)):
        mean, sd = LAWS[name].prior(-1.0, 4.0, 0.1)[place]
        assert np.exp(mean) == pytest.approx(np.sqrt(seen * USUAL_EXPONENT))
        assert LAWS[name].prior(-1.0, 4.0, 0.3)[place][1] == sd
    for name in ("break", "break with floor"):
        first, second, place, smooth = LAWS[name].prior(-1.0, 4.0, 0.3)[1:5]
        assert first == second and first[0] == 0.3 and first[0] - 2 * first[1] < 0  # either sign is plausible
        assert (place[0] - place[1], place[0] + place[1]) == (-4.0, 0.0)  # a break within the data, give or take
        assert np.exp(smooth[0]) == pytest.approx(SMOOTHNESS)
    assert np.isinf(LAWS["power"].prior(-1.0, 4.0, 0.3)).any(axis=1).all()  # a power law is not held back


def test_the_floor_starts_have_shares_of_the_end_and_fall_there_as_the_curve_does():
    starts = np.array(LAWS["floor"].starts(0.0, -1.5, 5.0, 0.3))
    value, slopes = LAWS["floor"].curve(starts, np.zeros((len(starts), 1)))
    np.testing.assert_allclose(value, -1.5)
    share = np.exp(starts[:, 2] + 1.5)
    assert (share > 0).all() and (share < 1).all() and len(np.unique(share.round(9))) == 3
    falls = np.exp(starts[:, 1]) * (1 - share)  # the slope of log y where it ends
    assert (falls < 0.6 + 1e-9).all() and (falls > 0.3 / 4).all()


# ------------------------------------------------------------------ fits


def curve_of(name, noise, seed=1):
    return FORMS[name](TRUTHS[name], U) + noise * np.random.default_rng(seed).standard_normal(len(U))


def owner(z):
    return (z[:2].mean(), z[-2:].mean(), SPAN, max(z[:2].mean() - z[-2:].mean(), 0.05) / SPAN)


def belief(name, z):
    mean, sd = np.array(LAWS[name].prior(*owner(z)[1:])).T
    return mean, sd


def penalised(name, theta, z, weights, noise):
    mean, sd = belief(name, z)
    recency = np.exp(LAWS[name].recency * np.minimum(U, 0))
    rest = np.sqrt(weights * recency) * (z - FORMS[name](theta, U)) / noise
    return np.concatenate([rest, (theta - mean) / sd])


@pytest.mark.parametrize("noise", [0.003, 0.05])
@pytest.mark.parametrize("name", LAWS)
def test_a_fit_is_the_mode_that_scipy_finds_from_the_same_starts(name, noise):
    z, weights = curve_of(name, noise), np.exp(0.3 * U)
    theta, covariance = fit_law(LAWS[name], U[None], z, weights[None], [owner(z)], noise)
    ours = np.sum(penalised(name, theta[0], z, weights, noise) ** 2)
    best = min(
        2 * optimize.least_squares(lambda t: penalised(name, t, z, weights, noise), start, max_nfev=300).cost
        for start in LAWS[name].starts(*owner(z))
    )
    assert best - 1e-6 <= ours <= best + 0.2  # a chi-square: no difference that data can tell
    slopes = LAWS[name].curve(theta, U[None])[1][0] * (
        np.sqrt(weights * np.exp(LAWS[name].recency * U))[:, None] / noise
    )
    precision = slopes.T @ slopes + np.diag(belief(name, z)[1] ** -2.0)
    np.testing.assert_allclose(covariance[0] @ precision, np.eye(len(theta[0])), atol=1e-4)


@pytest.mark.parametrize("name", [name for name in LAWS if name != "trend"])
def test_of_nearly_exact_curves_the_law_is_found(name):
    z = FORMS[name](TRUTHS[name], U)
    theta, covariance = fit_law(LAWS[name], U[None], z, np.ones((1, len(U))), [owner(z)], 1e-4)
    ahead = np.array([0.5, 1.5])
    carried, slopes = LAWS[name].curve(theta, ahead[None])
    sd = np.sqrt(np.einsum("ni,ij,nj->n", slopes[0], covariance[0], slopes[0]))
    assert (np.abs(carried[0] - FORMS[name](TRUTHS[name], ahead)) < 3 * sd + 1e-3).all() and (sd < 0.05).all()


def test_the_power_law_is_weighted_least_squares_with_its_covariance():
    z, weights, noise = curve_of("power", 0.05), np.exp(0.3 * U), 0.07
    theta, covariance = fit_law(LAWS["power"], U[None], z, weights[None], [owner(z)], noise)
    theirs = sm.WLS(z, sm.add_constant(-U), weights).fit(cov_type="fixed scale", cov_kwds={"scale": noise**2})
    np.testing.assert_allclose(theta[0], theirs.params, atol=0.3 * theirs.bse.min())
    np.testing.assert_allclose(covariance[0], theirs.cov_params(), rtol=1e-5)


def test_copies_are_fitted_each_for_itself_and_points_of_no_weight_are_not_seen():
    z, noise = curve_of("floor", 0.02), 0.02
    weights = np.ones((3, len(U)))
    weights[1, 10:], weights[2, ::3] = 0.0, 0.0
    us = np.stack([U, U - U[9], U])
    owners = [owner(z), owner(z[:10]), owner(z)]
    for name in ("floor", "break", "trend"):
        theta, covariance = fit_law(LAWS[name], us, z, weights, owners, noise)
        hidden = z.copy()
        hidden[10:] = 99.0
        alone, cov = fit_law(LAWS[name], us[1:2], hidden, weights[1:2], owners[1:2], noise)
        np.testing.assert_allclose(theta[1], alone[0], rtol=1e-7)
        np.testing.assert_allclose(covariance[1], cov[0], rtol=1e-6)
        alone = fit_law(LAWS[name], us[2:], z, weights[2:], owners[2:], noise)[0]
        np.testing.assert_allclose(theta[2], alone[0], rtol=1e-7)


def test_recency_weighs_points_before_the_end_by_a_power_of_x():
    z, u = curve_of("power", 0.1), U + 1.0  # some lie ahead of the end: they count in full
    plain = replace(LAWS["trend"], recency=0.0)
    weights = np.exp(LAWS["trend"].recency * np.minimum(u, 0))
    ours = fit_law(LAWS["trend"], u[None], z, np.ones((1, len(u))), [owner(z)], 0.1)
    theirs = fit_law(plain, u[None], z, weights[None], [owner(z)], 0.1)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_the_unit_of_y_moves_the_level_only(name):
    z, noise = curve_of(name, 0.02), 0.02
    ahead = np.linspace(-5, 2, 8)[None]
    here, there = (
        LAWS[name].curve(fit_law(LAWS[name], U[None], v, np.ones((1, len(U))), [owner(v)], noise)[0], ahead)[0]
        for v in (z, z + 12.0)
    )
    np.testing.assert_allclose(there, here + 12, atol=1e-4)
