"""The solver of loss surfaces piece by piece: coordinates, derivatives, grid, steps, and its ends against scipy's."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy import optimize

from dl_limits.laws.surface import solver
from dl_limits.laws.surface.solver import Design, huber, solve_resamples, solve_surface

RNG = np.random.default_rng(21)
N = 25
SIZES, TOKENS = np.exp(RNG.uniform(17, 24, N)), np.exp(RNG.uniform(20, 27, N))
TRUE = np.array([1.8, 480.0, 2100.0, 0.35, 0.37])


def law(theta, sizes=SIZES, tokens=TOKENS):
    floor, a, b, alpha, beta = theta
    return floor + a * sizes**-alpha + b * tokens**-beta


LOSS = law(TRUE) * np.exp(0.01 * RNG.standard_normal(N))
DESIGN = Design.of(SIZES, TOKENS, LOSS)
EXACT = Design.of(SIZES, TOKENS, law(TRUE))
WEIGHTS = RNG.integers(0, 4, N).astype(float)
THETAS = np.array([[0.6, 0.3, 0.2, 1.5, 2.5], [0.9, 0.01, 0.6, 4.0, 0.3], [0.0, 1.0, 0.4, 0.2, 7.0]]).T


def scaled(theta):
    """A law's five numbers in the solver's coordinates."""
    (h, k, z), (reach_h, reach_k) = DESIGN.origin, DESIGN.span
    floor, a, b, alpha, beta = theta
    return np.array([floor, a * np.exp(-alpha * h), b * np.exp(-beta * k), 0, 0]) / np.exp(z) + np.array(
        [0, 0, 0, alpha * reach_h, beta * reach_k]
    )


def objective(theta, weights, delta):
    """The weighted sum of Huber's function of log residuals, by its definition."""
    floor, a, b, s, t = theta
    r = np.abs(DESIGN.z - np.log(floor + a * np.exp(-s * DESIGN.x) + b * np.exp(-t * DESIGN.y)))
    return weights @ np.where(r <= delta, r**2 / 2, np.minimum(delta, 1e99) * (r - np.minimum(delta, 1e99) / 2))


# ------------------------------------------------------------------ coordinates


def test_hubers_function_is_square_within_and_straight_beyond():
    r = np.array([-3.0, -0.5, 0.0, 0.2, 0.5, 4.0])
    np.testing.assert_allclose(huber(r, 0.5), [0.5 * 2.75, 0.125, 0, 0.02, 0.125, 0.5 * 3.75])
    np.testing.assert_allclose(huber(r, np.inf), r**2 / 2)


def test_coordinates_run_from_zero_to_one_and_back_to_the_law():
    for v in (DESIGN.x, DESIGN.y):
        assert (v.min(), v.max()) == pytest.approx((0, 1))
    assert DESIGN.z.mean() == pytest.approx(0) and np.ptp(DESIGN.z) == pytest.approx(np.ptp(np.log(LOSS)))
    theta = scaled(TRUE)[:, None]
    np.testing.assert_allclose(DESIGN.natural(theta)[:, 0], TRUE)
    np.testing.assert_allclose(np.exp(DESIGN.log_law(theta)[0] + DESIGN.origin[2]), law(TRUE))
    np.testing.assert_allclose(DESIGN.log_law(theta, DESIGN.x[:4], DESIGN.y[:4])[0], DESIGN.log_law(theta)[0, :4])
    none = DESIGN.natural(np.array([[0.5], [0.0], [0.0], [2000.0], [2000.0]]))  # no term, though its exponent is large
    assert none[1:3, 0].tolist() == [0, 0] and none[0, 0] == pytest.approx(0.5 * np.exp(DESIGN.origin[2]))


def test_coordinates_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        DESIGN.x = SIZES


def test_three_sizes_three_amounts_and_six_runs_are_the_least():
    x, y = (v.ravel() for v in np.meshgrid([1e8, 1e9, 1e10, 1e10 * (1 + 1e-14)], [1e9, 1e10, 1e11]))
    design = Design.of(x, y, x**-0.1 + y**-0.1)

    def rows(*some):
        return np.isin(np.arange(12), some).astype(float)

    every = np.stack(
        [
            rows(0, 5, 10, 1, 4, 6),  # three sizes, three amounts
            rows(0, 5, 10, 1, 4),  # five runs
            rows(0, 1, 4, 5, 8, 9),  # two sizes
            rows(2, 3, 6, 7, 10, 11),  # sizes that differ by rounding
            rows(0, 1, 2, 4, 5, 6),  # two amounts
            np.full(12, 0.25),
        ]
    )
    assert design.identified(every).tolist() == [True, False, False, False, False, True]


# ------------------------------------------------------------------ the objective and its derivatives


@pytest.mark.parametrize("delta", [1e-3, 0.1, 0.3, np.inf])
def test_objectives_and_derivatives_are_those_of_the_definition(delta):
    weights = np.stack([WEIGHTS, np.ones(N), WEIGHTS[::-1]])
    value, gradient, hessian = solver._derivatives(DESIGN, THETAS, weights, np.arange(3), delta)
    step = 1e-6 * np.eye(5)
    for k, theta in enumerate(THETAS.T):
        assert value[k] == pytest.approx(objective(theta, weights[k], delta))
        for i in range(5):
            if theta[i] > 0:
                up, down = (objective(theta + sign * step[i], weights[k], delta) for sign in (1, -1))
                assert gradient[i, k] == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-7)
            (up, down) = (
                solver._derivatives(
                    DESIGN, (theta + sign * step[i])[:, None], weights[k : k + 1], np.array([0]), delta
                )[1]
                for sign in (1, -1)
            )
            np.testing.assert_allclose(hessian[i, :, k], (up - down)[:, 0] / 2e-6, rtol=1e-4, atol=1e-4)
    together = solver._objectives(DESIGN, THETAS, weights, delta)
    assert together.shape == (3, 3)
    np.testing.assert_allclose(together, [[objective(t, w, delta) for t in THETAS.T] for w in weights])


def test_blocks_do_not_matter(monkeypatch):
    thetas = np.tile(THETAS, 5)
    weights = np.random.default_rng(1).integers(0, 3, (15, N)).astype(float)
    every = solver._derivatives(DESIGN, thetas, weights, np.arange(15), 0.1)
    cells, sums = solver._profile(DESIGN, WEIGHTS), solver._objectives(DESIGN, thetas, weights, 0.1)
    monkeypatch.setattr(solver, "_BLOCK", 2 * N)
    monkeypatch.setattr(solver, "_MOST", 6 * 400 * 7)
    for one, other in zip(every, solver._derivatives(DESIGN, thetas, weights, np.arange(15), 0.1), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-12)
    np.testing.assert_allclose(solver._profile(DESIGN, WEIGHTS), cells, rtol=1e-6, atol=1e-9)
    monkeypatch.setattr(solver, "_MOST", 60)
    np.testing.assert_allclose(solver._objectives(DESIGN, thetas, weights, 0.1), sums, rtol=1e-12)


def test_a_law_of_nothing_has_an_infinite_objective():
    value = solver._derivatives(DESIGN, np.zeros((5, 1)), WEIGHTS[None], np.array([0]), np.inf)[0]
    assert value[0] == np.inf


def test_spread_is_the_smallest_median_of_residuals_that_count():
    weights = (np.arange(N) < 11).astype(float)
    medians = [np.median(np.abs(DESIGN.z - DESIGN.log_law(t[:, None])[0])[:11]) for t in THETAS.T]
    assert solver.spread(DESIGN, THETAS, weights) == pytest.approx(min(medians))


# ------------------------------------------------------------------ the grid and the steps


def test_the_grid_profiles_out_its_linear_numbers_as_non_negative_least_squares():
    for design in (DESIGN, Design.of(SIZES, TOKENS, LOSS * SIZES**0.2)):  # the second rises with size: no term of it
        floor, a, b, s, t = solver._profile(design, WEIGHTS)
        assert (s.min(), s.max()) == (t.min(), t.max()) == pytest.approx((solver.GENTLEST, solver.STEEPEST_EXPONENT))
        assert len(np.unique(np.stack([s, t]), axis=1).T) == len(s) == 400
        root = np.sqrt(WEIGHTS)
        for k in range(0, 400, 23):
            columns = np.column_stack([np.ones(N), np.exp(-s[k] * design.x), np.exp(-t[k] * design.y)])
            columns *= np.exp(-design.z)[:, None]
            _, least = optimize.nnls(columns * root[:, None], root)
            ours = np.linalg.norm(root * (columns @ [floor[k], a[k], b[k]] - 1))
            assert min(floor[k], a[k], b[k]) >= 0 and ours == pytest.approx(least, rel=1e-6)


def test_a_step_is_newtons_scaled_and_damped():
    _, gradient, hessian = solver._derivatives(DESIGN, THETAS[:, :1], WEIGHTS[None], np.array([0]), np.inf)
    g, h = gradient[:, 0], hessian[:, :, 0] + 50 * np.diag(np.abs(np.diag(hessian[:, :, 0])))  # surely positive
    for damping in (0.0, 0.7):
        step, promised = solver._step(THETAS[:, :1], gradient, h[:, :, None], np.full(1, damping))
        expected = -np.linalg.solve(h + damping * np.diag(np.diag(h)), g)
        np.testing.assert_allclose(step[:, 0], expected, rtol=1e-9)
        assert promised[0] == pytest.approx(-g @ expected) and promised[0] > 0


def test_what_is_held_at_a_bound_stays_and_what_pulls_inwards_leaves():
    theta = np.array([[0.0, 0.0, 0.5, 50.0, 50.0]]).T
    gradient = np.array([[1.0, -1.0, 1.0, -1.0, 1.0]]).T
    curvature = np.array([[4, 1, 0, 1, 0], [1, 3, 1, 0, 0], [0, 1, 5, 1, 1], [1, 0, 1, 4, 1], [0, 0, 1, 1, 3.0]])
    step, promised = solver._step(theta, gradient, curvature[:, :, None], np.zeros(1))
    free = [1, 2, 4]
    expected = -np.linalg.solve(curvature[np.ix_(free, free)], gradient[free, 0])
    np.testing.assert_allclose(step[free, 0], expected)
    assert step[0, 0] == step[3, 0] == 0 and promised[0] == pytest.approx(-gradient[free, 0] @ expected)


def test_every_step_leads_down_whatever_the_curvature():
    rng = np.random.default_rng(3)
    m = 60
    curvature = rng.standard_normal((5, 5, m))
    curvature += curvature.swapaxes(0, 1)
    gradient, theta = rng.standard_normal((5, m)), rng.uniform(0.1, 2, (5, m))
    step, promised = solver._step(theta, gradient, curvature, np.full(m, 1e-3))
    np.testing.assert_allclose(promised, -(gradient * step).sum(axis=0))
    assert (promised > 0).all() and np.isfinite(step).all()


# ------------------------------------------------------------------ ends


@pytest.mark.parametrize("delta", [1e-5, 1e-3, 0.02, np.inf])
def test_no_start_of_scipy_ends_lower(delta):
    theta, value, _ = solve_surface(DESIGN, WEIGHTS, delta)
    assert value == pytest.approx(objective(theta[:, 0], WEIGHTS, delta), rel=1e-9)
    best, rng = np.inf, np.random.default_rng(4)
    bounds = [(1e-9, 5)] * 3 + [(0, 50)] * 2
    for start in [theta[:, 0] * np.exp(0.3 * rng.standard_normal(5)) for _ in range(4)] + [[0.5, 0.5, 0.5, 2, 2]]:
        for _ in range(2):
            found = optimize.minimize(
                lambda p: 1e3 * objective(p, WEIGHTS, delta), start, method="Nelder-Mead", bounds=bounds
            )
            start = found.x
        best = min(best, found.fun / 1e3)
    assert value <= best * (1 + 1e-9)


def test_exact_runs_give_their_law_back():
    for delta in (1e-3, np.inf):
        theta, value, cells = solve_surface(EXACT, np.ones(N), delta)
        np.testing.assert_allclose(EXACT.natural(theta)[:, 0], TRUE, rtol=1e-6)
        assert value < 1e-18 and cells.shape == (5, 400)


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_term_that_is_not_there_is_not_found(gone):
    theta = np.where(np.arange(5) == gone, 0.0, TRUE)
    design = Design.of(SIZES, TOKENS, law(theta))
    found = design.natural(solve_surface(design, np.ones(N), np.inf)[0])[:, 0]
    kept = [k for k in range(1, 5) if k not in (gone, gone + 2)]  # with an exponent of zero a term is a floor as well
    np.testing.assert_allclose(found[kept], TRUE[kept], rtol=1e-4)
    for size, tokens in ((1e10, 1e11), (1e8, 1e14), (1e14, 1e14)):
        assert law(found, size, tokens) == pytest.approx(law(theta, size, tokens), rel=1e-5)


def test_units_do_not_matter():
    other = Design.of(SIZES * 1e-9, TOKENS * 1e6, LOSS * 3)
    for delta in (1e-3, np.inf):
        ours, value, _ = solve_surface(DESIGN, WEIGHTS, delta)
        theirs, same, _ = solve_surface(other, WEIGHTS, delta)
        assert same == pytest.approx(value, rel=1e-9)
        np.testing.assert_allclose(theirs, ours, rtol=1e-4)
        assert other.natural(theirs)[0, 0] == pytest.approx(3 * DESIGN.natural(ours)[0, 0], rel=1e-5)


@pytest.mark.parametrize("delta", [1e-3, np.inf])
def test_resamples_are_fits_with_their_own_weights_or_nothing(delta):
    counts = np.random.default_rng(5).multinomial(N, np.full(N, 1 / N), size=4).astype(float)
    weights = np.vstack([counts, np.arange(N) < 5])
    theta, _, cells = solve_surface(DESIGN, np.ones(N), delta)
    width = solver.spread(DESIGN, theta, np.ones(N))
    found, values = solve_resamples(DESIGN, weights, delta, np.hstack([theta, cells]), width)
    for k, count in enumerate(counts):
        assert values[k] == pytest.approx(objective(found[:, k], count, delta), rel=1e-9)
        assert values[k] <= solve_surface(DESIGN, count, delta)[1] * (1 + 1e-6)
    assert np.isnan(found[:, 4]).all() and np.isnan(values[4])
    none = solve_resamples(DESIGN, weights[4:], delta, theta, width)
    assert np.isnan(none[0]).all() and np.isnan(none[1]).all() and none[0].shape == (5, 1)
