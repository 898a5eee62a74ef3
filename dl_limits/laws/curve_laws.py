"""Laws that a learning curve may follow, fitted to many stretches of it at once.

All are fitted to log y. ``u`` is log x, counted from the largest x fitted, so that
neither the unit of x nor that of y matters.

================  ===============================================  ======================
name              law                                              source
================  ===============================================  ======================
power             ``y = a x^-b``                                   M1
floor             ``y = a x^-b + c``                               M2
shift             ``y = a (1/x + g)^b``                            M3
sigmoid           ``(y - c) / (y0 - y)^k = a x^-b``                M4
break             ``y = a x^-b0 (1 + (x/d)^(1/f))^(-(b1 - b0) f)``  Caballero et al. (2023)
break with floor  the same, plus a floor c                         Caballero et al. (2023)
trend             a line through the newest points, damped beyond  Gardner and McKenzie (1985)
================  ===============================================  ======================

M1 to M4 are the estimators that Alabdulmohsin, Neyshabur and Zhai (2022) compare. In the
two laws with a break its smoothness f is free and both exponents may have either sign.
The trend carries the slope of log y in log x on, but lets it die away over a factor e,
as Gardner and McKenzie (1985, doi 10.1287/mnsc.31.10.1237) damp one in time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SMOOTHNESS = 0.4  # usual width f of a break, in log x: the exponent turns within about a factor of ten
USUAL_EXPONENT = 0.4
DAMPING = 1.0  # log x over which a local trend dies away; neighbours are compared by `benchmarks.curves --learn`
LOCAL = 1.4  # a point counts x**1.4 more in the local trend: with the common weights half an e-fold. Set, not tuned
_STEPS = 20  # of Levenberg and Marquardt, at most
ENOUGH = 0.1  # a step that gains less in the weighted sum of squares (a chi-square) is the last


@dataclass(frozen=True)
class Law:
    """A law: log y and its derivatives, where to start, and what is plausible.

    ``curve(theta, u)`` takes parameters, shape (m, p), and log x, shape (m, n), and
    returns values (m, n) and derivatives (m, n, p). ``starts(first, last, span,
    slope)`` lists starting points; ``prior(last, span, slope)`` gives mean and
    standard deviation of each parameter: weak, but enough to keep four points from
    saying anything. ``recency`` is how much more than in other laws the newest points
    count, as a power of x.
    """

    curve: Callable
    starts: Callable
    prior: Callable
    recency: float = 0.0


def _columns(theta):
    return (theta[:, i, None] for i in range(theta.shape[1]))


def _softplus(v):
    return np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v)))


def _expit(v):
    return 0.5 * (1 + np.tanh(v / 2))


def _plus_floor(value, derivatives, c):
    """Add the floor exp(c) to the curve exp(value)."""
    share = _expit(value - c)  # of the part above the floor
    return c + _softplus(value - c), [share * d for d in derivatives] + [1 - share]


def _power(theta, u):
    a, b = _columns(theta)
    return a - b * u, np.stack([np.ones_like(u), -u], -1)


def _floor(theta, u):
    a, log_b, c = _columns(theta)
    b = np.exp(log_b)
    value, derivatives = _plus_floor(a - b * u, [np.ones_like(u), -b * u], c)
    return value, np.stack(derivatives, -1)


def _shift(theta, u):
    a, log_b, g = _columns(theta)
    b = np.exp(log_b)
    inner = g + _softplus(-u - g)
    return a + b * inner, np.stack([np.ones_like(u), b * inner, b * (1 - _expit(-u - g))], -1)


def _sigmoid(theta, u):
    a, log_b, place, log_k, c = _columns(theta)
    b, k = np.exp(log_b), np.exp(log_k)
    w = place - b * u  # log of s / (1 - s)^k, where s is the share of the way up from c to y0
    logit = np.where(w < 0, w, w / k)
    for _ in range(5):  # Newton on a convex-concave function: five steps reach 1e-6
        s = _expit(logit)
        logit = logit - (k * _softplus(logit) - _softplus(-logit) - w) / (1 - s + k * s)
    s = _expit(logit)
    fall = (1 - s) / (1 - s + k * s)  # d log s / d w
    log_s, log_rest = -_softplus(-logit), -_softplus(logit)
    parts = [np.ones_like(u), -b * u * fall, fall, fall * k * log_rest]
    value, derivatives = _plus_floor(a + log_s, parts, c)
    return value, np.stack(derivatives, -1)


def _break_parts(a, b0, b1, place, log_f, u):
    f = np.exp(log_f)
    v = (u - place) / f
    after, past = f * _softplus(v), _expit(v)
    turned = (b1 - b0) * (after - (u - place) * past)
    parts = [np.ones_like(u), after - u, -after, (b1 - b0) * past, -turned]
    return a - b0 * (u - after) - b1 * after, parts


def _break(theta, u):
    value, parts = _break_parts(*_columns(theta), u)
    return value, np.stack(parts, -1)


def _break_floor(theta, u):
    *shape, c = _columns(theta)
    value, derivatives = _plus_floor(*_break_parts(*shape, u), c)
    return value, np.stack(derivatives, -1)


def _trend(theta, u):
    a, b = _columns(theta)
    reach = np.where(u > 0, -DAMPING * np.expm1(-np.maximum(u, 0) / DAMPING), u)
    return a - b * reach, np.stack([np.ones_like(u), -reach], -1)


_FREE = (0.0, np.inf)  # no opinion


def _exponent(slope):
    """Halfway, in logs, between the exponent seen and one usual for learning curves."""
    return np.log(slope * USUAL_EXPONENT) / 2, 1.0


def _level(last):
    """A floor somewhere below the end of the curve."""
    return last - 1, 1.5


def _starts_floor(first, last, span, slope):
    return [
        [last + np.log1p(-share), np.log(slope * steeper / (1 - 0.7 * share)), last + np.log(share)]
        for share in (0.05, 0.5, 0.85)
        for steeper in (1, 2)
    ]


def _starts_shift(first, last, span, slope):
    return [[last, np.log(slope), -3.0], [last - 0.3, np.log(1.5 * slope), 0.0], [last, np.log(3 * slope), 1.0]]


def _starts_sigmoid(first, last, span, slope):
    b = 2 * slope
    return [
        [
            first + np.log(max(1 - share * np.exp(min(last - first, 0)), 0.05)),
            np.log(b),
            b * place,
            0.0,
            last + np.log(share),
        ]
        for share in (0.05, 0.6)
        for place in (-0.7 * span, -0.3 * span, 0.0)
    ]


def _starts_break(first, last, span, slope):
    return [
        [last, before * slope, after * slope, -place * span, np.log(SMOOTHNESS)]
        for before, after in ((0.5, 1.3), (1.3, 0.5))
        for place in (0.3, 0.7)
    ]


def _prior_break(last, span, slope):
    exponent = slope, slope + 0.2  # either sign, but most likely as the whole curve falls
    return [_FREE, exponent, exponent, (-span / 2, span / 2), (np.log(SMOOTHNESS), 0.8)]


LAWS = {
    "power": Law(_power, lambda first, last, span, slope: [[last, slope]], lambda last, span, slope: [_FREE, _FREE]),
    "floor": Law(_floor, _starts_floor, lambda last, span, slope: [_FREE, _exponent(slope), _level(last)]),
    "shift": Law(_shift, _starts_shift, lambda last, span, slope: [_FREE, _exponent(slope), (-2.0, 2.0)]),
    "sigmoid": Law(
        _sigmoid,
        _starts_sigmoid,
        lambda last, span, slope: [_FREE, _exponent(2 * slope), (0.0, 6.0), (0.0, 0.7), _level(last)],
    ),
    "break": Law(_break, _starts_break, _prior_break),
    "break with floor": Law(
        _break_floor,
        lambda *shape: [[a - 0.3, *rest, shape[1] - 1.3] for a, *rest in _starts_break(*shape)],
        lambda last, span, slope: [*_prior_break(last, span, slope), _level(last)],
    ),
    "trend": Law(
        _trend,
        lambda first, last, span, slope: [[last, 0.7 * slope]],
        lambda last, span, slope: [_FREE, (0.7 * slope, 0.7 * slope + 0.05)],
        recency=LOCAL,
    ),
}


def fit_law(law, u, z, weights, owner, noise):
    """Fit one law to several weighted copies of a curve.

    Maximum a posteriori by Levenberg-Marquardt from each of the law's starts, all
    at once; the best end of each copy is kept.

    Parameters
    ----------
    law : Law
        One of `LAWS`.
    u : ndarray, shape (m, n)
        Log x of each copy, counted from its largest point fitted.
    z : ndarray, shape (n,)
        Log y.
    weights : ndarray, shape (m, n)
        Zero for points that the copy does not see.
    owner : list of tuple, length m
        ``(first, last, span, slope)`` of each copy: log y where it begins and ends,
        the length of its u, and how fast it falls.
    noise : float
        Standard deviation of log y.

    Returns
    -------
    theta : ndarray, shape (m, p)
    covariance : ndarray, shape (m, p, p)
        Of the posterior, to first order.
    """
    weights = weights * np.exp(law.recency * np.minimum(u, 0))
    starts = [np.array(law.starts(*o)) for o in owner]
    copy = np.repeat(np.arange(len(owner)), [len(s) for s in starts])
    theta = np.vstack(starts)
    mean, sd = np.array([law.prior(*o[1:]) for o in owner])[copy].transpose(2, 0, 1)
    theta, cost, hessian = _minimise(law.curve, theta, u[copy], z, weights[copy] / noise**2, mean, sd**-2)
    best = [np.flatnonzero(copy == i)[np.argmin(cost[copy == i])] for i in range(len(owner))]
    size = np.sqrt(np.einsum("mii->mi", hessian[best]))  # parameters of unlike size: scale before inverting
    scale = size[:, :, None] * size[:, None]
    return theta[best], np.linalg.inv(hessian[best] / scale) / scale


def _minimise(curve, theta, u, z, weights, mean, precision):
    """Minimise ``sum weights (z - curve)^2 + sum precision (theta - mean)^2``, row by row."""
    diagonal = np.arange(theta.shape[1])

    def look(theta, rows):
        value, derivatives = curve(theta, u[rows])
        rest = z - value
        cost = (weights[rows] * rest**2).sum(1) + ((theta - mean[rows]) ** 2 * precision[rows]).sum(1)
        weighted = (derivatives * weights[rows][..., None]).transpose(0, 2, 1)
        hessian = weighted @ derivatives
        hessian[:, diagonal, diagonal] += precision[rows] + 1e-9
        gradient = (weighted @ rest[..., None])[..., 0] - (theta - mean[rows]) * precision[rows]
        return cost, gradient, hessian

    theta, rows = theta.copy(), np.arange(len(theta))
    cost, gradient, hessian = look(theta, rows)
    damping = np.full(len(theta), 1e-2)
    for _ in range(_STEPS):
        damped = hessian[rows]
        damped[:, diagonal, diagonal] *= 1 + damping[rows, None]
        step = np.linalg.solve(damped, gradient[rows][..., None])[..., 0]
        tried = theta[rows] + np.clip(step, -2, 2)
        new_cost, new_gradient, new_hessian = look(tried, rows)
        gain = cost[rows] - new_cost
        better = gain > 0
        moved = rows[better]
        theta[moved], cost[moved] = tried[better], new_cost[better]
        gradient[moved], hessian[moved] = new_gradient[better], new_hessian[better]
        damping[rows] = np.clip(np.where(better, 0.2, 8) * damping[rows], 1e-8, 1e8)
        rows = rows[~(better & (gain < ENOUGH)) & (damping[rows] < 1e6)]
        if not len(rows):
            break
    return theta, cost, hessian
