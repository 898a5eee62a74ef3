"""The solver of laws with a floor: its forms, its derivatives, and each constraint against the law's definition."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy import optimize

from dl_limits.laws import floor_solver
from dl_limits.laws.floor_solver import Fits, bend_of, interval_ends, softplus, solve

RNG = np.random.default_rng(11)
N = 13
X = np.sort(np.exp(RNG.uniform(-2, 6, N)))
H = np.log(X)
Z = np.log((5 * X**-0.6 + 0.4) * np.exp(0.1 * RNG.standard_normal(N)))
W = RNG.uniform(0.3, 3, N)


# ------------------------------------------------------------------ the form


def test_softplus_and_its_inverse():
    u = np.array([-700.0, -30, -1, 0, 0.5, 3, 40, 700])
    np.testing.assert_allclose(softplus(u), np.logaddexp(0, u), rtol=1e-14)
    np.testing.assert_allclose(bend_of(softplus(u)), u, rtol=1e-12, atol=1e-15)
    assert bend_of(0.0) == -np.inf and np.isnan(bend_of(-0.1))


def test_the_law_is_coef_x_to_the_minus_exponent_plus_floor():
    coef, exponent, floor, start = 3.0, 0.7, 0.2, np.log(0.05)
    top = coef * 0.05**-exponent
    fits = Fits(np.log([top + floor, top]), np.full(2, exponent), np.array([np.log(top / floor), np.inf]), np.zeros(2))
    np.testing.assert_allclose(fits.floor, [floor, 0])
    np.testing.assert_allclose(fits.log_coef(start), np.log([coef, coef]))
    x = np.array([0.01, 0.05, 1.0, 1e6])
    drawn = floor_solver.law(np.log(x)[:, None], start, fits.level, fits.exponent, fits.bend)
    np.testing.assert_allclose(np.exp(drawn), coef * x[:, None] ** -exponent + [floor, 0])


def test_a_step_falls_to_its_floor_behind_the_smallest_x_and_not_at_it():
    drawn = floor_solver.law(np.array([1.0, 1.001, 9.0]), 1.0, np.log(5.0), np.inf, np.log(4.0))
    np.testing.assert_allclose(np.exp(drawn), [5, 1, 1])
    straight = floor_solver.law(np.array([1.0, 1.001]), 1.0, 2.0, np.inf, np.inf)
    assert straight.tolist() == [2.0, -np.inf]


def test_solutions_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        solve(Z, H, W).level = 0.0


# ------------------------------------------------------------------ derivatives


CONSTRAINTS = {
    "none": {"anchor": None, "level": None, "above": False},
    "a point": {"anchor": np.array([2.0]), "level": np.array([0.7]), "above": False},
    "a point above the floor": {"anchor": np.array([-3.0]), "level": np.array([0.7]), "above": True},
    "a floor": {"anchor": np.array([np.inf]), "level": np.array([-1.0]), "above": False},
}


def problem(constraint, z=Z, w=W):
    return {"z": np.atleast_2d(z), "w": np.atleast_2d(w), "delta": np.atleast_2d(H - H[0]), "fixed": False} | constraint


def misfit(constraint, beta, bend, z=Z):
    """The weighted sum of squares by its definition: the level is free, or the constraint's."""
    d = H - H[0]
    curve = np.log1p(np.exp(bend - np.exp(beta) * d))
    if constraint["anchor"] is None:
        level = W @ (z - curve) / W.sum()
    else:
        at = bend - np.exp(beta) * constraint["anchor"][0]
        level = constraint["level"][0] - (at if constraint["above"] else np.log1p(np.exp(at)))
    return W @ (z - level - curve) ** 2


@pytest.mark.parametrize("name", CONSTRAINTS)
@pytest.mark.parametrize(("beta", "bend"), [(-0.6, 2.0), (0.4, -1.0), (-2.0, 0.3)])
def test_gradient_and_hessian_agree_with_differences(name, beta, bend):
    constraint, step = CONSTRAINTS[name], 1e-4
    place = np.array([beta, bend])
    sse, gradient, hessian, normal = floor_solver._derivatives(
        problem(constraint), slice(None), place[:1], place[1:], "both"
    )

    def at(*move):
        return misfit(constraint, *(place + step * np.array(move)))

    assert sse[0] == pytest.approx(at(0, 0))
    half = [(at(1, 0) - at(-1, 0)) / (4 * step), (at(0, 1) - at(0, -1)) / (4 * step)]
    assert gradient[0].tolist() == pytest.approx(half, rel=1e-5, abs=1e-7)
    bb = (at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / (2 * step**2)
    cc = (at(0, 1) - 2 * at(0, 0) + at(0, -1)) / (2 * step**2)
    bc = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (8 * step**2)
    assert hessian[0].tolist() == pytest.approx([bb, bc, cc], rel=1e-4, abs=1e-5)
    assert normal[0, 0] > 0 and normal[0, 2] > 0 and normal[0, 0] * normal[0, 2] >= normal[0, 1] ** 2

    for free, held in (("bend", 0), ("exponent", 1)):
        _, less, *matrices = floor_solver._derivatives(problem(constraint), slice(None), place[:1], place[1:], free)
        assert less[0, held] == 0 and less[0, 1 - held] == gradient[0, 1 - held]
        for part, whole in zip(matrices, (hessian, normal), strict=True):
            assert part[0, 1] == 0 and part[0, 2 * held] == 1 and part[0, 2 - 2 * held] == whole[0, 2 - 2 * held]


def test_where_the_law_fits_exactly_the_hessian_is_gauss_newtons():
    beta, bend = np.array([-0.5]), np.array([1.0])
    exact = floor_solver.law(H, H[0], 0.3, np.exp(beta), bend)
    for constraint in (CONSTRAINTS["none"], CONSTRAINTS["a floor"] | {"level": 0.3 - softplus(bend)}):
        sse, gradient, hessian, normal = floor_solver._derivatives(
            problem(constraint, exact), slice(None), beta, bend, "both"
        )
        assert sse[0] == pytest.approx(0, abs=1e-20) and np.abs(gradient).max() < 1e-12
        np.testing.assert_allclose(hessian, normal, atol=1e-12)


def test_an_undamped_step_is_newtons_and_every_step_leads_down():
    gradient, hessian = np.array([[1.0, -2.0]]), np.array([[3.0, 1.0, 2.0]])
    normal = np.array([[5.0, 0.5, 4.0]])
    step = floor_solver._newton_step(gradient, hessian, normal, np.zeros(1))[0]
    np.testing.assert_allclose(step, -np.linalg.solve([[3, 1], [1, 2]], [1, -2]))
    damped = floor_solver._newton_step(gradient, hessian, normal, np.full(1, 2.0))[0]
    np.testing.assert_allclose(damped, -np.linalg.solve([[3 + 2 * 5, 1], [1, 2 + 2 * 4]], [1, -2]))
    # not positive definite, by its first element or by its determinant: the Gauss-Newton matrix, a little damped
    for bad in ([-3.0, 1, 2], [0.0, 1, 2], [1.0, 2, 3], [1.0, 2, 4], [1.0, -2, 3]):
        step = floor_solver._newton_step(gradient, np.array([bad]), normal, np.zeros(1))[0]
        np.testing.assert_allclose(step, -np.linalg.solve([[5, 0.5], [0.5, 4]], [1, -2]), rtol=2e-3)
    flat = floor_solver._newton_step(gradient, np.zeros((1, 3)), np.zeros((1, 3)), np.zeros(1))
    assert np.isfinite(flat).all()


# ------------------------------------------------------------------ every constraint against the definition


def lowest(cost, starts):
    """The least of a cost of one or two parameters, from many starts."""
    best = np.inf
    for start in sorted(starts, key=cost)[:4]:
        options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 3000}
        best = min(best, optimize.minimize(cost, start, method="Nelder-Mead", options=options).fun)
    return best


def sse(log_y, z, w):
    return w @ (z - log_y) ** 2


def free_level(curve, z, w):
    return sse(curve + w @ (z - curve) / w.sum(), z, w)


def definition(kind, z, w, given):
    """The least weighted sum of squares of ``y = coef x**-exponent + floor`` under a constraint, found the long way."""
    b, (h0, y0), c = given["exponent"], (given["anchor"], given["level"]), given["floor"]
    two = [(u, v) for u in np.linspace(-3, 2, 9) for v in np.linspace(-6, 6, 9)]
    one = [(v,) for v in np.linspace(-8, 8, 40)]

    def shape(b, v):  # one floor of exp(v) to a coefficient of one
        return np.logaddexp(-b * H, v)

    ways = {
        "free": (lambda p: free_level(shape(np.exp(p[0]), p[1]), z, w), two),
        "exponent": (lambda p: free_level(shape(b, p[0]), z, w), one),
        "anchor": (
            lambda p: sse(y0 + shape(np.exp(p[0]), p[1]) - np.logaddexp(-np.exp(p[0]) * h0, p[1]), z, w),
            two,
        ),
        "above": (lambda p: sse(y0 + np.exp(p[0]) * h0 + shape(np.exp(p[0]), p[1]), z, w), two),
        "floor": (lambda p: sse(np.logaddexp(p[1] - np.exp(p[0]) * H, np.log(c)), z, w), two),
        "exponent and floor": (lambda p: sse(np.logaddexp(p[0] - b * H, np.log(c)), z, w), one),
        "anchor and floor": (
            lambda p: sse(np.logaddexp(np.log(np.exp(y0) - c) - np.exp(p[0]) * (H - h0), np.log(c)), z, w),
            [(v,) for v in np.linspace(-3, 2, 40)],
        ),
    }
    return lowest(*ways[kind])


ASKED = {
    "free": (),
    "exponent": ("exponent",),
    "anchor": ("anchor", "level"),
    "above": ("anchor", "level"),
    "floor": ("floor",),
    "exponent and floor": ("exponent", "floor"),
    "anchor and floor": ("anchor", "level", "floor"),
}


@pytest.mark.parametrize("shift", [0.0, 40.0], ids=["units", "other units"])
@pytest.mark.parametrize("kind", ASKED)
def test_a_constrained_fit_is_the_least_misfit_of_all_laws_that_obey(kind, shift):
    """Three problems at once, each with its own constraint; `shift` counts x and y in other units."""
    zs = Z + 0.15 * np.random.default_rng(2).standard_normal((3, N))
    given = {
        "exponent": np.array([0.4, 0.6, 1.1]),
        "anchor": np.array([H[0], 3.0, H[-1] + 5]),
        "level": np.log([30.0, 1.4, 0.5]) if kind != "above" else np.log([25.0, 0.9, 0.002]),
        "floor": 0.35,
    }
    moved = given | {"anchor": given["anchor"] + shift, "level": given["level"] - shift}
    moved["floor"] = given["floor"] * np.exp(-shift)
    fits = solve(zs - shift, H + shift, W, above_floor=kind == "above", **{key: moved[key] for key in ASKED[kind]})
    log_y = floor_solver.law(H + shift, H[0] + shift, *(v[:, None] for v in (fits.level, fits.exponent, fits.bend)))
    for i in range(3):
        own = {key: value if key == "floor" else value[i] for key, value in given.items()}
        assert fits.sse[i] == pytest.approx(sse(log_y[i] + shift, zs[i], W), rel=1e-7)  # the parameters give the misfit
        assert fits.sse[i] == pytest.approx(definition(kind, zs[i], W, own), rel=1e-6)
    if "exponent" in ASKED[kind]:
        np.testing.assert_allclose(fits.exponent, given["exponent"])
    if "floor" in ASKED[kind]:
        np.testing.assert_allclose(fits.floor, moved["floor"])
    if kind.startswith("anchor"):
        at = floor_solver.law(moved["anchor"], H[0] + shift, fits.level, fits.exponent, fits.bend)
        np.testing.assert_allclose(at, moved["level"])
    if kind == "above":
        np.testing.assert_allclose(fits.log_coef(H[0] + shift) - fits.exponent * moved["anchor"], moved["level"])


def test_weights_of_zero_leave_rows_out_and_whole_weights_repeat_them():
    copies = np.array([0, 1, 2, 1, 1, 0, 3, 1, 1, 2, 1, 1, 1])
    rows = np.repeat(np.arange(N), copies)
    counted, repeated = solve(Z, H, copies.astype(float)), solve(Z[rows], H[rows], np.ones(len(rows)))
    assert counted.sse == pytest.approx(repeated.sse, rel=1e-9)
    assert counted.floor == pytest.approx(repeated.floor, rel=1e-6)
    assert counted.log_coef(H.min()) == pytest.approx(repeated.log_coef(H[rows].min()), rel=1e-6)


def test_problems_solved_together_are_those_solved_alone():
    zs = Z + 0.2 * np.random.default_rng(3).standard_normal((4, N))
    together = solve(zs, H, W)
    for i, z in enumerate(zs):
        alone = solve(z, H, W)
        assert together.sse[i] == pytest.approx(alone.sse[0], rel=1e-10)
        assert together.exponent[i] == pytest.approx(alone.exponent[0], rel=1e-5)


@pytest.mark.parametrize("given", [{}, {"exponent": 0.7}, {"floor": 0.3}, {"anchor": 3.0, "level": 0.3}])
def test_problems_may_have_weights_of_their_own(given):
    counts = np.random.default_rng(4).multinomial(2 * N, np.full(N, 1 / N), size=3)
    columns = {key: value if key == "floor" else np.full(3, value) for key, value in given.items()}
    together = solve(Z, H, counts, **columns)
    for i, count in enumerate(counts):
        alone = solve(Z, H, count, **{key: value if key == "floor" else [value] for key, value in given.items()})
        assert together.sse[i] == pytest.approx(alone.sse[0], rel=1e-10)
        log_y = floor_solver.law(H, H[0], together.level[i], together.exponent[i], together.bend[i])
        assert together.sse[i] == pytest.approx(sse(log_y, Z, count))


@pytest.mark.parametrize("floor", [0.02, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("exponent", [0.2, 0.8, 4.0])
def test_exact_data_give_their_law_back(floor, exponent):
    """Wherever the bend lies: far below the data, amid them, above the first point."""
    x = np.geomspace(1, 300, 9)
    fits = solve(np.log(2 * x**-exponent + floor), np.log(x), np.ones(9))
    assert fits.sse[0] < 1e-20
    assert fits.exponent[0] == pytest.approx(exponent, rel=1e-5)
    assert fits.floor[0] == pytest.approx(floor, rel=1e-5)
    assert np.exp(fits.log_coef(0.0))[0] == pytest.approx(2, rel=1e-5)


@pytest.mark.parametrize("place", [-3.0, -1.0, 0.0, 2.0])
@pytest.mark.parametrize(("exponent", "most"), [(2.0, 300.0), (8.0, 300.0), (20.0, 300.0), (0.6, 1e22)])
def test_a_floor_below_a_long_fall_is_found(exponent, most, place):
    """A law that falls over dozens of powers of e meets its floor near its last point, just above or just below it."""
    x = np.geomspace(1, most, 12)
    floor = 2 * most**-exponent * np.exp(place)
    z, ones = np.log(2 * x**-exponent + floor), np.ones(12)
    for given in ({}, {"exponent": [exponent]}, {"anchor": [0.0], "level": [np.log(2 + floor)]}):
        fits = solve(z, np.log(x), ones, **given)
        assert fits.floor[0] / floor == pytest.approx(1, rel=1e-5)
        assert fits.exponent[0] == pytest.approx(exponent, rel=1e-6)


@pytest.mark.parametrize("constraint", ["none", "a floor"])
@pytest.mark.parametrize("exponent", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("bend", [-4.0, 0.0, 2.5, 6.0])
def test_the_grid_starts_beside_the_truth(exponent, bend, constraint):
    """The best cell misses exact data by no more than the corners of the cell round the truth do."""
    reach = np.ptp(H)
    z = floor_solver.law(H, H[0], 0.3, exponent, bend)
    rule = CONSTRAINTS[constraint]
    if constraint == "a floor":
        rule = rule | {"level": np.atleast_1d(0.3 - softplus(bend))}
    asked = problem(rule, z)
    limits = np.log(np.array([1e-3, 300]) / reach)
    betas, bends = floor_solver._best_of_grid(asked, 1, *limits, reach)
    corners = [
        misfit(rule, np.log(exponent) + 0.15 * i, bend + 0.75 * j, z) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j
    ]
    assert misfit(rule, betas[0, 0], bends[0, 0], z) <= max(corners)
    assert abs(betas[0, 1] - betas[0, 0]) > 4 * np.log(300 / 0.02) / 35  # the second start is elsewhere
    asked["w"] = asked["w"] / 10  # only what weights are to one another matters
    for free, fixed in (("bend", exponent), ("exponent", bend)):
        tried = np.linspace(-5, 8, 27)[None]
        cells = (np.full_like(tried, np.log(fixed)), tried) if free == "bend" else (tried, np.full_like(tried, fixed))
        nearest = floor_solver._best_cells(asked, 1, *cells)[free == "bend"]
        assert np.abs(nearest - (bend if free == "bend" else np.log(exponent))).max() <= 0.25


# ------------------------------------------------------------------ the line as a limit


def test_no_exponent_above_zero_needs_no_floor():
    """Fits of given exponents of zero or less are lines; their level is the weighted mean."""
    exponents = np.array([-0.3, 0.0])
    fits = solve(Z, H, W, exponent=exponents)
    assert np.isinf(fits.bend).all() and (fits.floor == 0).all()
    np.testing.assert_allclose(fits.exponent, exponents)
    levels = ((Z + exponents[:, None] * H) @ W) / W.sum()
    np.testing.assert_allclose(fits.log_coef(H[0]), levels)
    np.testing.assert_allclose(fits.sse, [sse(a - b * H, Z, W) for a, b in zip(levels, exponents, strict=True)])


def test_data_that_bend_downwards_have_no_floor():
    z = -0.5 * H - 0.02 * H**2
    slope, top = np.polyfit(H, z, 1, w=np.sqrt(W))
    fits = solve(z, H, W)
    assert fits.floor[0] == 0 and fits.exponent[0] == pytest.approx(-slope)
    assert fits.log_coef(H[0])[0] == pytest.approx(top)
    assert fits.sse[0] == pytest.approx(sse(top + slope * H, z, W))
    anchored = solve(z, H, W, anchor=[2.0], level=[-1.3])
    through = (W * (z + 1.3)) @ (H - 2) / (W @ (H - 2) ** 2)
    assert anchored.exponent[0] == pytest.approx(-through) and anchored.floor[0] == 0
    assert anchored.sse[0] == pytest.approx(sse(-1.3 + through * (H - 2), z, W))


def test_rising_data_under_an_anchor_get_a_law_that_does_not_rise():
    fits = solve(0.5 * H, H, W, anchor=[1.0], level=[0.2])
    assert fits.exponent[0] == 0 and fits.sse[0] == pytest.approx(sse(0.2, 0.5 * H, W))
    coef = solve(0.5 * H, H, W, anchor=[0.0], level=[0.2], above_floor=True)  # a given coefficient may rise
    assert coef.exponent[0] == pytest.approx(-(W * (0.5 * H - 0.2)) @ H / (W @ H**2))
    free = solve(0.5 * H, H, W)
    assert free.exponent[0] == pytest.approx(-0.5) and free.sse[0] == pytest.approx(0, abs=1e-20)


def test_a_fixed_floor_stays_however_far_below_the_data():
    fits = solve(Z, H, W, anchor=[np.inf, np.inf], level=np.log([1e-30, 0.3]))
    np.testing.assert_allclose(fits.floor, [1e-30, 0.3], rtol=1e-9)
    slope = np.polyfit(H, Z, 1, w=np.sqrt(W))[0]
    assert fits.exponent[0] == pytest.approx(-slope, rel=1e-6)


def test_the_profile_of_the_floor_falls_to_the_estimate_and_rises_from_it():
    free = solve(Z, H, W)
    heights = free.floor[0] * np.array([1e-9, 0.2, 0.6, 0.9, 1.0, 1.1, 1.3, 1.6])
    profile = solve(Z, H, W, anchor=np.full(8, np.inf), level=np.log(heights)).sse
    assert (np.diff(profile[:5]) < 0).all() and (np.diff(profile[4:]) > 0).all()
    assert profile[4] == pytest.approx(free.sse[0], rel=1e-9)
    line = np.polynomial.Polynomial.fit(H, Z, 1, w=np.sqrt(W))
    assert profile[0] == pytest.approx(sse(line(H), Z, W), rel=1e-6)  # a floor of nothing is the power law


def test_the_profile_of_the_exponent_falls_to_the_estimate_and_rises_from_it():
    free = solve(Z, H, W)
    profile = solve(Z, H, W, exponent=free.exponent[0] * np.array([0.5, 0.8, 1.0, 1.2, 2.0])).sse
    assert profile[0] > profile[1] > profile[2] < profile[3] < profile[4]
    assert profile[2] == pytest.approx(free.sse[0], rel=1e-9)


def test_a_fall_between_the_first_two_points_is_a_step():
    """Between x far apart any steep exponent makes the step; between near ones none below the limit does."""
    far, near = np.geomspace(1, 100, 6), np.array([1, 1.01, 10, 20, 50, 100])
    y, rest = np.array([3, 0.99, 1.01, 1, 1.005, 0.995]), np.log([0.99, 1.01, 1, 1.005, 0.995])
    fits = solve(np.log(y), np.log(far), np.ones(6))
    assert np.exp(fits.level[0]) == pytest.approx(3) and fits.floor[0] == pytest.approx(1, rel=1e-3)
    assert fits.sse[0] == pytest.approx(((rest - rest.mean()) ** 2).sum(), rel=1e-6)
    for constraint in ({}, {"floor": 0.99}, {"floor": 0.99, "anchor": [0.0], "level": [np.log(3)]}):
        assert np.isfinite(solve(np.log(y), np.log(far), np.ones(6), **constraint).exponent[0])
        assert solve(np.log(y), np.log(near), np.ones(6), **constraint).exponent[0] == np.inf


# ------------------------------------------------------------------ ends of intervals


def test_interval_ends_are_the_outermost_roots():
    low, high = np.array([-1.37, 0.21]), np.array([0.58, 4.93])

    def excess(v, question):
        return (v - low[question]) * (v - high[question])

    tried = np.array([np.linspace(-6, 6, 25), np.linspace(-2, 9, 25)])
    found = interval_ends(tried, excess)
    np.testing.assert_allclose(found, [low, high], atol=5e-6)
    bracket = np.ptp(tried[0]) / 24
    for rounds in (0, 1, 2):  # linear interpolation in a bracket w misses by at most w**2 / 4 over the slope
        error = np.abs(np.array(interval_ends(tried, excess, rounds)) - [low, high]).max()
        assert error < (bracket / 10**rounds) ** 2 / 4 / 1.9


def test_a_straight_excess_has_exact_ends_and_no_ends_where_all_is_inside():
    found = interval_ends(np.array([[-3.0, 0.0, 3.0]] * 4), lambda v, k: np.abs(v) - np.array([1.23, 3.5, 3.0, 0])[k])
    assert found[0].tolist() == pytest.approx([-1.23, -np.inf, -np.inf, 0])
    assert found[1].tolist() == pytest.approx([1.23, np.inf, np.inf, 0])
    one_sided = interval_ends(np.array([[-3.0, 0.0, 3.0]]), lambda v, _: v - 1.23)
    assert one_sided[0][0] == -np.inf and one_sided[1][0] == pytest.approx(1.23)
    none = interval_ends(np.array([[-3.0, 0.0, 3.0]]), lambda v, _: np.ones_like(v))
    assert np.isnan(none).all()


def test_ends_hold_every_part_of_a_set_with_gaps():
    tried = np.linspace(-5.5, 5.5, 12)[None]
    low, high = interval_ends(tried, lambda v, _: (np.abs(v) - 3) ** 2 - 1)  # [-4, -2] and [2, 4]
    assert (low[0], high[0]) == pytest.approx((-4, 4), abs=1e-4)


def test_ends_of_an_infinite_excess_are_those_of_the_finite_one():
    """Where nothing is allowed the excess is infinite: the end is then within a hundredth of a bracket."""
    low, high = interval_ends(np.array([[-2.0, -1, 0, 1, 2]]), lambda v, _: np.where(v < -1.35, np.inf, v - 0.5))
    assert -1.35 <= low[0] <= -1.33 and high[0] == pytest.approx(0.5)
