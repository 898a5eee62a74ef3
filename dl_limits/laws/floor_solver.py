"""Least squares for laws that bend towards a floor: the arithmetic under `dl_limits.laws.floor`.

The law is ``y = coef * x**-exponent + floor`` and the error multiplies all of it, so
that ``log y`` scatters evenly round

    log law(h) = level + softplus(bend - b (h - h0)) - softplus(bend),    h = log x,

where ``level`` is the law at the smallest x (``h0``), ``b`` the exponent and ``bend``
the logarithm of what stands above the floor there, in floors. A bend of ``inf`` is a
plain power law. In this form nothing overflows, whatever the units.

Every question about such a law is a fit under a constraint: the exponent is given, or
the law passes through a given point (a floor of c is the point at infinite x and
height c). So one solver is enough. It is global by construction (the whole range of
exponent and bend is laid out as a grid, the best cells are polished by Newton steps),
it draws no random start, and it solves many problems at once: resamples of the data
and points of a likelihood profile are rows of one array.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

STEEPEST = 300.0  # exponents times the range of log x: a fall that any data show as a step
_GENTLEST = 1e-3
_NO_BEND = 18.0  # bends this far beyond the data leave no trace in double precision


@dataclass(frozen=True)
class Fits:
    """Solutions of m problems.

    Attributes
    ----------
    level : ndarray, shape (m,)
        Natural logarithm of the law at the smallest x.
    exponent, bend : ndarray, shape (m,)
        See the module; ``bend`` is ``inf`` without a floor, ``exponent`` is ``inf``
        where the fall is a step that no exponent below the limit follows.
    sse : ndarray, shape (m,)
        Weighted sum of squared residuals of log y.
    """

    level: np.ndarray
    exponent: np.ndarray
    bend: np.ndarray
    sse: np.ndarray

    @property
    def floor(self):
        """Natural floors, shape (m,); zero for plain power laws."""
        return np.exp(self.level - softplus(self.bend))

    def log_coef(self, start):
        """Logarithms of ``coef``, shape (m,), given the smallest log x."""
        with np.errstate(invalid="ignore"):  # inf - inf without a floor, inf * 0 for a step
            above = np.where(np.isinf(self.bend), self.level, self.level - softplus(-self.bend))
            return above + self.exponent * start


def softplus(u):
    """Return log(1 + exp(u))."""
    return np.maximum(u, 0.0) + np.log1p(np.exp(-np.abs(u)))


def bend_of(height):
    """Return the bend at which the law stands `height` above its floor, in logarithms: softplus, undone."""
    with np.errstate(divide="ignore", invalid="ignore"):  # -inf at the floor, NaN below it
        return height + np.log(-np.expm1(-height))


def law(h, start, level, exponent, bend):
    """Logarithm of the law at `h`; arrays broadcast.

    Parameters
    ----------
    h : ndarray
        Logarithms of x; ``inf`` is allowed where there is a floor.
    start : float
        The smallest log x of the data.
    level, exponent, bend : float or ndarray
        As in `Fits`.
    """
    h, level, exponent, bend = np.broadcast_arrays(h, level, exponent, bend)
    with np.errstate(invalid="ignore"):  # a step (inf) at the smallest x itself: no fall yet
        fall = np.where(h == start, 0.0, exponent * (h - start))
        bent = level + softplus(bend - fall) - softplus(bend)
    return np.where(np.isinf(bend), level - fall, bent)


def solve(z, h, weights, *, exponent=None, anchor=None, level=None, floor=None, above_floor=False):
    """Fit the law to m problems at once, each under its constraint.

    Parameters
    ----------
    z, weights : ndarray, shape (n,) or (m, n)
        Logarithms of y and inverse variances (resampling counts included); zero
        weights leave rows out.
    h : ndarray, shape (n,)
        Logarithms of x.
    exponent : ndarray, shape (m,), optional
        Fixes the exponent. Zero or less goes with a plain power law only.
    anchor, level : ndarray, shape (m,), optional
        The law passes through log x = anchor, log y = level. At a finite anchor
        only laws that do not rise are considered; an anchor of ``inf`` fixes the floor.
    floor : float, optional
        Fixes the floor of all problems, above zero; goes with either of the others.
    above_floor : bool
        Whether what passes through anchor and level is the law without its floor
        (an anchor of log x = 0 then fixes ``coef``).

    Returns
    -------
    Fits
    """
    z, weights = np.atleast_2d(z), np.atleast_2d(weights)
    given = [np.atleast_1d(v) for v in (exponent, anchor) if v is not None]
    m = max(len(z), len(weights), *(len(v) for v in given), 1)
    start, reach = h.min(), np.ptp(h)
    problem = {"z": z, "w": weights, "delta": h - start, "anchor": None, "level": None, "above": above_floor}
    low, high = np.log(_GENTLEST / reach), np.log(STEEPEST / reach)
    if floor is not None and anchor is not None:  # the bend at the anchor follows from the two heights
        bend = bend_of(np.broadcast_to(level, m) - np.log(floor))
        problem |= {"delta": h - np.broadcast_to(anchor, m)[:, None], "anchor": np.full(m, np.inf)}
        problem["level"] = np.full(m, np.log(floor))
        beta = np.broadcast_to(np.linspace(low, high, 60), (m, 60))
        starts = _best_cells(problem, m, beta, np.broadcast_to(bend[:, None], beta.shape))
        beta, bend, sse = _polish(problem, *starts, "exponent", (low, high), reach)
        b = _steep(np.exp(beta), reach)
        top = law(start, np.broadcast_to(anchor, m), np.broadcast_to(level, m), b, bend)
        bend = bend + np.exp(beta) * (np.broadcast_to(anchor, m) - start)
        return Fits(top, b, bend, sse)
    if floor is not None:
        anchor, level = np.full(m, np.inf), np.full(m, np.log(floor))
    if anchor is not None:
        problem["anchor"] = np.broadcast_to(np.asarray(anchor, float), m) - start
        problem["level"] = np.broadcast_to(np.asarray(level, float), m)
    problem["fixed"] = anchor is not None and bool(np.isinf(anchor).all())
    if exponent is None:
        starts = _best_of_grid(problem, m, low, high, reach)
        beta, bend, sse = _polish(problem, *starts, "both", (low, high), reach)
    else:
        b = np.broadcast_to(np.asarray(exponent, float), m)
        beta = np.log(np.where(b > 0, b, 1.0))
        place = np.linspace(0, 1, 40)
        bend = -7 + place * (12 + np.exp(beta)[:, None] * reach)
        starts = _best_cells(problem, m, np.broadcast_to(beta[:, None], bend.shape), bend)
        beta, bend, sse = _polish(problem, *starts, "bend", (low, high), reach)
        sse = np.where(b > 0, sse, np.inf)
        beta = np.where(b > 0, beta, -np.inf)
    b = np.exp(beta)
    top = _level(problem, b, bend)
    if exponent is None:
        b = _steep(b, reach)
    return _or_straight(problem, Fits(top, b, bend, sse), exponent)


def _steep(b, reach):
    return np.where(b >= STEEPEST / reach * (1 - 1e-9), np.inf, b)


def _level(problem, b, bend):
    """Return the law at the smallest x of fits whose other parameters are known."""
    if problem["anchor"] is not None:
        return problem["level"] + softplus(bend) - _height(bend - b * problem["anchor"], problem["above"])
    curve = softplus(bend[:, None] - b[:, None] * problem["delta"])
    w = problem["w"]
    return (w * (problem["z"] - curve)).sum(axis=1) / w.sum(axis=1) + softplus(bend)


def _or_straight(problem, fits, exponent):
    """Take the plain power law wherever it fits at least as well."""
    z, w, d, anchor = problem["z"], problem["w"], problem["delta"], problem["anchor"]
    if problem["fixed"]:
        return fits
    total = w.sum(axis=1)
    if anchor is None:
        z0, d0 = (w * z).sum(axis=1) / total, (w * d).sum(axis=1) / total
    else:
        z0, d0 = problem["level"], np.where(np.isinf(anchor), 0.0, anchor)
    dz, dd = z - z0[:, None], d - d0[:, None]
    if exponent is not None:
        slope = -np.broadcast_to(np.asarray(exponent, float), len(fits.sse))
    else:
        slope = (w * dz * dd).sum(axis=1) / (w * dd**2).sum(axis=1)
        if anchor is not None and not problem["above"]:
            slope = np.minimum(slope, 0.0)
    sse = (w * (dz - slope[:, None] * dd) ** 2).sum(axis=1)
    if anchor is not None:
        sse = np.where(np.isinf(anchor), np.inf, sse)
    plain = sse <= fits.sse * (1 + 1e-9)
    return Fits(
        np.where(plain, z0 - slope * d0, fits.level),
        np.where(plain, -slope, fits.exponent),
        np.where(plain, np.inf, fits.bend),
        np.where(plain, sse, fits.sse),
    )


def _best_of_grid(problem, m, low, high, reach, rows=36):
    """Return the best cell of a grid over exponent and bend, and the best one far from it.

    The sums of squares of all cells and problems are matrix products, because the
    cells are the same for every problem.
    """
    beta = np.linspace(np.log(20 * np.exp(low)), high, rows)
    near = np.linspace(-7, 3, 9)
    far = 3 + np.linspace(0.02, 1, 17) * (np.exp(beta)[:, None] * reach + 2)
    bend = np.column_stack([np.broadcast_to(near, (rows, 9)), far])
    columns = bend.shape[1]
    beta, bend = np.repeat(beta, columns), bend.ravel()
    curve = softplus(bend[:, None] - np.exp(beta)[:, None] * problem["delta"])
    middle = problem["z"].mean()  # small numbers keep the products exact enough
    z, w, anchor = problem["z"] - middle, problem["w"], problem["anchor"]
    total = w.sum(axis=1)[:, None]
    flat = (w * z).sum(axis=1)[:, None] - w @ curve.T
    square = (w * z**2).sum(axis=1)[:, None] - 2 * (w * z) @ curve.T + w @ (curve**2).T
    if anchor is None:
        sse = square - flat**2 / total
    else:
        height = _height(bend - np.exp(beta) * anchor[:, None], problem["above"])
        shift = problem["level"][:, None] - middle - height
        sse = square - 2 * shift * flat + shift**2 * total
    sse = np.broadcast_to(sse, (m, sse.shape[1])).reshape(m, rows, columns)
    best_bend, best = sse.argmin(axis=2), sse.min(axis=2)
    first = best.argmin(axis=1)
    apart = np.abs(np.arange(rows) - first[:, None]) > 4
    second = np.where(apart, best, np.inf).argmin(axis=1)
    pick = np.stack([first, second], axis=1)
    cell = pick * columns + np.take_along_axis(best_bend, pick, 1)
    return beta[cell], bend[cell]


def _best_cells(problem, m, beta, bend):
    """Return the best of candidate cells that differ between problems, shape (m, 1) each."""
    view = {k: v[:, None] if isinstance(v, np.ndarray) else v for k, v in _tall(problem).items()}
    resid = _residuals(view, np.exp(beta), bend)[0]
    best = np.broadcast_to((view["w"] * resid**2).sum(axis=2), (m, bend.shape[1])).argmin(axis=1)[:, None]
    return np.take_along_axis(beta, best, 1), np.take_along_axis(bend, best, 1)


def _residuals(problem, b, bend):
    """Return residuals of log y and the derivatives of the curve and its anchor in their argument."""
    u = bend[..., None] - b[..., None] * problem["delta"]
    resid, w = problem["z"] - softplus(u), problem["w"]
    if problem["anchor"] is None:
        resid = resid - (w * resid).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
        return resid, expit(u), None
    ua = bend - b * problem["anchor"]
    resid = resid + (_height(ua, problem["above"]) - problem["level"])[..., None]
    return resid, expit(u), np.ones_like(ua) if problem["above"] else expit(ua)


def _height(u, above):
    """Return what the anchor fixes, in logarithms: the law, or its part above the floor."""
    return u if above else softplus(u)


def _polish(problem, beta, bend, free, limits, reach, rounds=60):
    """Newton steps with damping from several starts (m, k) a problem; return the best end, shape (m,) each."""
    m, k = beta.shape
    owner = np.repeat(np.arange(m), k)
    rows = _rows(_tall(problem), owner)
    beta, bend = beta.ravel().copy(), bend.ravel().copy()
    sse, gradient, hessian, normal = _derivatives(rows, slice(None), beta, bend, free)
    damping = np.full(m * k, 1e-3)
    active = np.arange(m * k)
    for _ in range(rounds):
        step = _newton_step(gradient[active], hessian[active], normal[active], damping[active])
        new_beta = np.clip(beta[active] + np.clip(step[:, 0], -2, 2), *limits)
        new_bend = bend[active] + np.clip(step[:, 1], -6, 6)
        if free != "exponent":
            # a given floor ties the bend to the height of the law, however far below the data it lies
            most = np.where(rows["fixed"], np.inf, np.exp(new_beta) * reach + _NO_BEND)
            new_bend = np.clip(new_bend, -30, most)
        trial = _derivatives(rows, active, new_beta, new_bend, free)
        better = trial[0] <= sse[active]
        with np.errstate(invalid="ignore"):  # a law that is nothing but its floor has an infinite bend, and keeps it
            moved = np.abs(new_beta - beta[active]) + np.abs(new_bend - bend[active]) > 1e-9
        gain = sse[active] - trial[0] > 1e-13 * sse[active]
        keep = active[better]
        beta[keep], bend[keep] = new_beta[better], new_bend[better]
        for old, new in zip((sse, gradient, hessian, normal), trial, strict=True):
            old[keep] = new[better]
        damping[active] = np.clip(np.where(better, damping[active] / 8, damping[active] * 8), 1e-9, None)
        active = active[np.where(better, moved & gain, damping[active] < 1e6)]
        if not len(active):
            break
    best = sse.reshape(m, k).argmin(axis=1) + np.arange(m) * k
    return beta[best], bend[best], sse[best]


def _tall(problem):
    return problem | {"delta": np.atleast_2d(problem["delta"])}


def _rows(problem, which):
    """Return the problems at the positions `which`; what all of them share stays one row."""
    own = {key for key, v in problem.items() if isinstance(v, np.ndarray) and not (v.ndim == 2 and len(v) == 1)}
    return problem | {key: problem[key][which] for key in own}


def _derivatives(rows, which, beta, bend, free):
    """Sum of squares, its gradient, Hessian and Gauss-Newton matrix in (log exponent, bend)."""
    rows = _rows(rows, which)
    w, d, anchor = rows["w"], rows["delta"], rows["anchor"]
    b = np.exp(beta)
    resid, s, sa = _residuals(rows, b, bend)
    p = s * (1 - s)
    jb, jc = -b[:, None] * d * s, s
    kbb, kbc, kcc = jb + (b[:, None] * d) ** 2 * p, -b[:, None] * d * p, p
    if anchor is None:
        total = w.sum(axis=1, keepdims=True)
        jb, jc = (j - (w * j).sum(axis=1, keepdims=True) / total for j in (jb, jc))
    else:
        reach = np.where(np.isinf(anchor), 0.0, b * np.where(np.isinf(anchor), 0.0, anchor))
        pa = sa * (1 - sa)
        jb, jc = jb + (reach * sa)[:, None], jc - sa[:, None]
        kbb = kbb + (reach * sa - reach**2 * pa)[:, None]
        kbc, kcc = kbc + (reach * pa)[:, None], kcc - pa[:, None]
    wr = w * resid
    gradient = np.stack([-(wr * jb).sum(axis=1), -(wr * jc).sum(axis=1)], axis=1)
    bb, bc, cc = ((w * x * y).sum(axis=1) for x, y in ((jb, jb), (jb, jc), (jc, jc)))
    normal = np.stack([bb, bc, cc], axis=1)
    hessian = normal - np.stack([(wr * k).sum(axis=1) for k in (kbb, kbc, kcc)], axis=1)
    held = {"both": None, "bend": 0, "exponent": 1}[free]
    if held is not None:
        gradient[:, held] = 0
        for matrix in (normal, hessian):
            matrix[:, 1] = 0
            matrix[:, 2 * held] = 1
    return (wr * resid).sum(axis=1), gradient, hessian, normal


def _newton_step(gradient, hessian, normal, damping):
    """Solve the damped 2 by 2 systems; Gauss-Newton where the Hessian is not positive definite."""
    bad = (hessian[:, 0] <= 0) | (hessian[:, 0] * hessian[:, 2] <= hessian[:, 1] ** 2)
    a, b, c = np.where(bad[:, None], normal, hessian).T
    extra = damping + bad * 1e-3
    a, c = a + extra * normal[:, 0] + 1e-300, c + extra * normal[:, 2] + 1e-300
    det = np.maximum(a * c - b**2, 1e-300)
    ga, gc = gradient.T
    return -np.stack([(c * ga - b * gc) / det, (a * gc - b * ga) / det], axis=1)


def interval_ends(tried, excess, rounds=2):
    """Return the outermost values at which a profile stays within its limit.

    Parameters
    ----------
    tried : ndarray, shape (q, k)
        Ascending candidates of q questions, the estimate among them.
    excess : callable
        ``excess(values, question)``, arrays of shape (m,) -> (m,): how far the
        profile lies beyond its limit; inside where <= 0.
    rounds : int
        Refinements of the brackets, each by a factor of 10, before the last
        interpolation.

    Returns
    -------
    low, high : ndarray, shape (q,)
        ``-inf`` or ``inf`` where the outermost candidate is inside; NaN where none is.
    """
    q, k = tried.shape
    values = excess(tried.ravel(), np.repeat(np.arange(q), k)).reshape(q, k)
    inside, rows = values <= 0, np.arange(q)[:, None]
    last = np.stack([inside.argmax(axis=1), k - 1 - inside[:, ::-1].argmax(axis=1)], axis=1)
    beyond = last + np.array([-1, 1])
    is_open = (beyond < 0) | (beyond >= k)
    beyond = np.clip(beyond, 0, k - 1)
    ends = np.stack([tried[rows, last], tried[rows, beyond]])  # inside and outside, shape (2, q, 2)
    heights = np.stack([values[rows, last], values[rows, beyond]])
    places = np.linspace(0, 1, 11)[:, None, None]
    for _ in range(rounds):
        points = ends[0] + places * (ends[1] - ends[0])
        inner = excess(points[1:-1].ravel(), np.tile(np.repeat(np.arange(q), 2), 9)).reshape(9, q, 2)
        values = np.concatenate([heights[:1], inner, heights[1:]])
        last = 9 - (values[9::-1] <= 0).argmax(axis=0)
        pick = np.stack([last, last + 1])
        ends, heights = np.take_along_axis(points, pick, 0), np.take_along_axis(values, pick, 0)
    with np.errstate(invalid="ignore"):  # where no candidate is inside: NaN is the answer, below
        drop = heights[1] - heights[0]
        ends = ends[0] - heights[0] / np.where(drop > 0, drop, 1) * (ends[1] - ends[0])
    ends = np.where(is_open, [-np.inf, np.inf], ends)
    return np.where(inside.any(axis=1), ends.T, np.nan)
