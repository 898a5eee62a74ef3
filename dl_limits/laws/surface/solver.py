"""Fits of loss surfaces, many at once: the arithmetic under `dl_limits.laws.surface`.

The law is ``L(N, D) = E + A / N**alpha + B / D**beta``. Logarithms of N and D are
scaled to run from 0 to 1 over the data and the loss is divided by its geometric mean,
so that units cannot matter. In these coordinates the law is

    f = E + A exp(-s x) + B exp(-t y),    E, A, B >= 0,    0 <= s, t <= `STEEPEST_EXPONENT`,

A and B being what size and data add to the loss at the smallest run of each, s and t
the exponents times the range of the logarithms. The five numbers are a column of an
array of shape (5, m): one column a problem, all on the same runs with weights of
their own. The bounds are kept exactly (projected steps), so a term can be truly zero.

The objective is a weighted sum of Huber's function of ``log L - log f``. A tiny delta
makes it least absolute deviations, an infinite one least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from dl_limits.laws.checks import SAME

STEEPEST_EXPONENT = 50.0  # a term that falls by e**50 over the data is a step at the smallest run
GENTLEST = 0.05  # flattest column of the grid; Newton steps may go on to 0
_CELLS = 20  # steepnesses a side of the grid
_TRIED = 32  # best cells that take a dozen steps
_POLISHED = 8  # best of these that go on to convergence
_BLOCK = 30_000  # numbers in a work array: 240 kB stay in the fast cache
_MOST = 4_000_000  # numbers in any array but the data: 32 MB
_UPPER = np.array([np.inf, np.inf, np.inf, STEEPEST_EXPONENT, STEEPEST_EXPONENT])[:, None]


@dataclass(frozen=True)
class Design:
    """Runs in scaled coordinates.

    Attributes
    ----------
    x, y, z : ndarray, shape (n,)
        Scaled log N and log D (0 to 1), and log L less its mean.
    origin : tuple of float
        Smallest log N, smallest log D, mean log L.
    span : tuple of float
        Ranges of log N and log D.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    origin: tuple[float, float, float]
    span: tuple[float, float]

    @classmethod
    def of(cls, params, tokens, loss):
        """Scale positive runs that vary in `params` and `tokens`."""
        h, k, z = np.log(params), np.log(tokens), np.log(loss)
        origin, span = (h.min(), k.min(), z.mean()), (np.ptp(h), np.ptp(k))
        return cls((h - origin[0]) / span[0], (k - origin[1]) / span[1], z - origin[2], origin, span)

    @cached_property
    def moments(self):
        """Columns ``1, x, x**2``, ``1, y, y**2`` and ``1, x, y, xy`` that the derivatives sum over."""
        x, y, one = self.x, self.y, np.ones_like(self.x)
        return tuple(np.stack(some, axis=1) for some in ((one, x, x * x), (one, y, y * y), (one, x, y, x * y)))

    def natural(self, theta):
        """E, A, B, alpha, beta in the units of the data, shape of `theta`."""
        floor, a, b, s, t = theta
        alpha, beta = s / self.span[0], t / self.span[1]
        h, k, z = self.origin
        with np.errstate(over="ignore", invalid="ignore"):
            return np.stack(
                [
                    floor * np.exp(z),
                    np.where(a > 0, a * np.exp(z + alpha * h), 0 * a),
                    np.where(b > 0, b * np.exp(z + beta * k), 0 * b),
                    alpha,
                    beta,
                ]
            )

    def log_law(self, theta, x=None, y=None):
        """Log of the law, shape (m, n), at the runs or at other scaled `x`, `y`; less the mean log L."""
        floor, a, b, s, t = np.asarray(theta)[:, :, None]
        x, y = (self.x, self.y) if x is None else (x, y)
        with np.errstate(divide="ignore"):
            return np.log(floor + a * np.exp(-s * x) + b * np.exp(-t * y))

    def identified(self, weights):
        """Whether each row of `weights` leaves 3 sizes, 3 amounts of data and 6 runs, shape (m,)."""
        enough = (weights > 0).sum(axis=1) >= 6
        for values, span in zip((self.x, self.y), self.span, strict=True):
            order = np.argsort(values, kind="stable")
            first = np.flatnonzero(np.diff(values[order], prepend=-1.0) > SAME / span)
            enough &= (np.add.reduceat(weights[:, order], first, axis=1) > 0).sum(axis=1) >= 3
        return enough


def huber(resid, delta):
    """Huber's function: ``r**2 / 2`` up to delta, a straight line beyond."""
    near = np.clip(resid, -delta, delta)
    return near * (resid - near / 2)


def solve_surface(design, weights, delta):
    """Fit one problem: a grid of exponents, then Newton steps from its best cells.

    Returns
    -------
    theta : ndarray, shape (5, 1)
        The best solution.
    value : float
        The objective there.
    cells : ndarray, shape (5, 400)
        The grid with its profiled E, A and B, from which `solve_resamples` starts as well.
    """
    cells = _profile(design, weights)
    row = weights[None]
    soft = max(delta, float(np.median(np.abs(design.z))) / 4)  # about the scatter before any fit
    value = _objectives(design, cells, row, soft)[0]
    start = cells[:, np.argsort(value, kind="stable")[:_TRIED]]
    width = spread(design, start, weights)
    near, value = _newton(design, start, row, max(delta, width / 4), tolerance=1e-3, rounds=12)
    theta, value = _descend(design, near[:, np.argsort(value, kind="stable")[:_POLISHED]], row, delta, width)
    best = int(np.argmin(value))
    return theta[:, [best]], float(value[best]), cells


def spread(design, theta, weights):
    """Smallest weighted median of the absolute log residuals over the columns of `theta`."""
    seen = np.flatnonzero(weights > 0)
    middles = []
    for column in theta.T:
        size = np.abs(design.z - design.log_law(column[:, None])[0])[seen]
        middles.append(np.partition(size, len(seen) // 2)[len(seen) // 2])
    return float(min(middles))


def solve_resamples(design, weights, delta, pool, width):
    """Fit many problems on the same runs.

    Each starts from the member of `pool` that suits it best, and once more from
    there by way of a ten times larger delta, which smooths local optima away; the
    better end counts.

    Parameters
    ----------
    design : Design
        The runs.
    weights : ndarray, shape (m, n)
        How often each run counts in each problem.
    delta : float
        Huber's delta.
    pool : ndarray, shape (5, p)
        Candidate starts.
    width : float
        Typical log residual, from which a smaller `delta` is approached.

    Returns
    -------
    theta : ndarray, shape (5, m)
        Solutions; NaN where a problem is not identified.
    value : ndarray, shape (m,)
        Objectives.
    """
    theta, value = np.full((5, len(weights)), np.nan), np.full(len(weights), np.nan)
    rows = np.flatnonzero(design.identified(weights))
    if not len(rows):
        return theta, value
    some = weights[rows]
    start = pool[:, np.argmin(_objectives(design, pool, some, max(delta, width / 4)), axis=1)]
    first, f = _descend(design, start, some, delta, width)
    if np.isfinite(delta):
        second, g = _descend(design, first, some, delta, width, softer=10.0)
        first, f = np.where(g < f, second, first), np.minimum(f, g)
    theta[:, rows], value[rows] = first, f
    return theta, value


def _blocks(n, rows):
    """Slices of the runs, so that `rows` numbers a run stay within bounded memory."""
    size = max(1, _MOST // rows)
    return (slice(i, i + size) for i in range(0, n, size))


def _objectives(design, theta, weights, delta):
    """Objective of each row of weights at each column of `theta`, shape (m, p)."""
    total = 0.0
    for part in _blocks(len(design.x), theta.shape[1]):
        at = huber(design.z[part] - design.log_law(theta, design.x[part], design.y[part]), delta)
        total = total + weights[:, part] @ at.T
    return total


def _descend(design, theta, weights, delta, width, softer=None):
    """Newton's method at `delta`, reached by halving where the residuals are much larger.

    With few residuals inside delta the solution moves along a line as delta falls;
    halving keeps the residuals that matter in reach, and the line through the last two
    solutions says where the next one is.
    """
    rung = max(delta, width / 4)
    if softer:
        theta, _ = _newton(design, theta, weights, softer * rung, tolerance=1e-3)
    theta, value = _newton(design, theta, weights, rung, tolerance=1e-10)
    slope = 0.0
    while rung > delta:
        fall = rung - max(rung / 2, delta)
        start = np.clip(theta - slope * fall, 0, _UPPER)
        found, value = _newton(design, start, weights, rung - fall, tolerance=1e-10)
        theta, slope, rung = found, (theta - found) / fall, rung - fall
    return theta, value


def _profile(design, weights):
    """Cells of a grid of exponents, E, A, B >= 0 by least squares of relative errors.

    Three non-negative numbers: all seven sets of positive ones are solved, the best
    feasible one is taken, which is exact.
    """
    side = np.geomspace(GENTLEST, STEEPEST_EXPONENT, _CELLS)
    s, t = (grid.ravel() for grid in np.meshgrid(side, side))
    moments, right = 0.0, 0.0
    for part in _blocks(len(design.x), 6 * len(s)):
        x, y, w = design.x[part], design.y[part], weights[part]
        terms = np.stack([np.ones((len(s), len(x))), np.exp(-s[:, None] * x), np.exp(-t[:, None] * y)], axis=1)
        terms *= np.exp(-design.z[part])
        moments, right = moments + (terms * w) @ terms.swapaxes(1, 2), right + terms @ w
    linear, gained = np.zeros((len(s), 3)), np.full(len(s), -np.inf)
    for size in (1, 2, 3):
        for some in map(list, combinations(range(3), size)):
            inner = moments[:, some][:, :, some]
            ridge = 1e-12 * np.einsum("gii->g", inner)[:, None, None] * np.eye(size)
            found = np.linalg.solve(inner + ridge, right[:, some, None])[:, :, 0]
            gain = (found * right[:, some]).sum(axis=1)
            better = (found >= 0).all(axis=1) & (gain > gained)
            gained[better] = gain[better]
            linear[better] = 0
            linear[np.ix_(better, some)] = found[better]
    return np.vstack([linear.T, s, t])


def _newton(design, theta, weights, delta, tolerance, rounds=150):
    """Projected, damped Newton steps; a row of weights a problem, or one row for all.

    A problem is done when the step promises less than `tolerance` of the objective
    (after that step), or when damping finds no descent in double precision.
    """
    m = theta.shape[1]
    final, value = theta.copy(), np.empty(m)
    active, damping = np.arange(m), np.full(m, 1e-3)
    exact = 1e-28 * weights.sum(axis=1).max()  # the objective of an exact fit is rounding
    f, g, h = _derivatives(design, theta, weights, active, delta)
    for turn in range(rounds):
        step, promised = _step(theta, g, h, damping)
        trial = np.clip(theta + step, 0, _UPPER)
        f1, g1, h1 = _derivatives(design, trial, weights, active, delta)
        good = f1 <= f
        theta = np.where(good, trial, theta)
        f, g, h = np.where(good, f1, f), np.where(good, g1, g), np.where(good, h1, h)
        done = (good & (promised <= tolerance * f + exact)) | (damping > 1e9) | (turn == rounds - 1)
        damping = np.where(good, damping / 10, np.maximum(10 * damping, 1e-6))
        if done.any():
            final[:, active[done]], value[active[done]] = theta[:, done], f[done]
            keep = ~done
            active, damping, f = active[keep], damping[keep], f[keep]
            theta, g, h = theta[:, keep], g[:, keep], h[:, :, keep]
            if not len(active):
                break
    return final, value


def _derivatives(design, theta, weights, rows, delta):
    """Objective (m,), gradient (5, m) and Hessian (5, 5, m), block by block."""
    value, gradient, hessian = np.empty(len(rows)), np.empty((5, len(rows))), np.empty((5, 5, len(rows)))
    size = max(1, _BLOCK // len(design.x))
    for i in range(0, len(rows), size):
        part = slice(i, i + size)
        w = weights[rows[part]] if len(weights) > 1 else weights
        with np.errstate(all="ignore"):  # a trial law of zero: its objective is infinite, the step is refused
            _block(design, theta[:, part], w, delta, value[part], gradient[:, part], hessian[:, :, part])
    return value, gradient, hessian


def _block(design, theta, w, delta, value, gradient, h):
    """Fill the objective and its derivatives in.

    With J the derivative of the law, psi that of Huber's function and r the residual,
    the Hessian is the sum of ``(psi' + psi) J J' / law**2 - psi law'' / law``.
    """
    in_x, in_y, mixed = design.moments
    floor, a, b, s, t = theta
    u, v = np.exp(-s[:, None] * design.x), np.exp(-t[:, None] * design.y)
    law = a[:, None] * u
    law += floor[:, None]
    law += b[:, None] * v
    resid = np.log(law)
    np.subtract(design.z, resid, out=resid)
    near = np.clip(resid, -delta, delta)
    c = w * (near == resid)
    p = w * near
    near *= -0.5
    near += resid
    value[:] = np.einsum("ij,ij->i", p, near)
    value[np.isnan(value)] = np.inf
    p /= law
    c /= law
    c += p
    c /= law
    h[0, 0], gradient[0] = c.sum(axis=1), -p.sum(axis=1)
    pu, pv = (p * u) @ in_x, (p * v) @ in_y
    cu, cv = c * u, c * v
    c0, c1 = cu @ in_x[:, :2], cv @ in_y[:, :2]
    uv = (cu * v) @ mixed
    cu *= u
    cv *= v
    uu, vv = cu @ in_x, cv @ in_y
    gradient[1], gradient[2], gradient[3], gradient[4] = -pu[:, 0], -pv[:, 0], a * pu[:, 1], b * pv[:, 1]
    h[0, 1], h[0, 2], h[0, 3], h[0, 4] = c0[:, 0], c1[:, 0], -a * c0[:, 1], -b * c1[:, 1]
    h[1, 1], h[1, 2], h[1, 3], h[1, 4] = uu[:, 0], uv[:, 0], pu[:, 1] - a * uu[:, 1], -b * uv[:, 2]
    h[2, 2], h[2, 3], h[2, 4] = vv[:, 0], -a * uv[:, 1], pv[:, 1] - b * vv[:, 1]
    h[3, 3], h[3, 4] = a * (a * uu[:, 2] - pu[:, 2]), a * b * uv[:, 3]
    h[4, 4] = b * (b * vv[:, 2] - pv[:, 2])
    for i, j in combinations(range(5), 2):
        h[j, i] = h[i, j]


def _step(theta, gradient, hessian, damping):
    """Newton steps (5, m) and what they promise, by a Cholesky factor with pivots made positive.

    Numbers held at a bound stay there. Scaling by the diagonal keeps the damping
    free of units.
    """
    held = ((theta <= 0) & (gradient > 0)) | ((theta >= _UPPER) & (gradient < 0))
    g = np.where(held, 0, gradient)
    diagonal = np.sqrt(np.abs(np.einsum("iim->im", hessian)))
    scale = np.where(held | (diagonal < 1e-150), 1, diagonal)
    m = np.where(held[:, None] | held[None], 0, hessian) / (scale[:, None] * scale[None])
    step = -g / scale
    for j in range(5):
        m[j, j] += damping + held[j]
    for j in range(5):
        m[j, j] = np.maximum(np.abs(m[j, j]), 1e-10)
        factor = m[j + 1 :, j] / m[j, j]
        m[j + 1 :, j + 1 :] -= factor[:, None] * m[None, j, j + 1 :]
        step[j + 1 :] -= factor * step[j]
    for j in reversed(range(5)):
        step[j] = (step[j] - (m[j, j + 1 :] * step[j + 1 :]).sum(axis=0)) / m[j, j]
    step /= scale
    return step, -(g * step).sum(axis=0)
