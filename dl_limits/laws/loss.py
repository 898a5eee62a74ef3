"""Loss laws of language models, as formulas: loss, optimum, elasticity, the price of a further gain.

Two families. One-variable power laws (Kaplan et al. 2020; Brown et al. 2020), in which
the loss falls to zero; and the surface of Hoffmann et al. (2022), in which it cannot
fall below ``E``:

    L(N, D) = E + A / N**alpha + B / D**beta,    C = 6 N D

Units: N parameters, D tokens, C FLOP, L nats per token. Parameters of the surface
come as a mapping `p` with ``E``, ``A``, ``B``, ``alpha``, ``beta``: a Series (one
surface) or a DataFrame (one resample a row); every function takes both, since it is
plain arithmetic. Nothing is fitted here.

>>> p = {"E": 1.8, "A": 480.0, "B": 2100.0, "alpha": 0.35, "beta": 0.37}
>>> n, d = optimum(p, 1e21)
>>> round(6 * n * d / 1e21, 6)
1.0
"""

from __future__ import annotations

import numpy as np

FLOP_PER_PF_DAY = 1e15 * 86_400  # a petaFLOP/s-day, the unit of Kaplan et al. and Brown et al.
SURFACE_PARAMETERS = ("E", "A", "B", "alpha", "beta")
PATHS = ("data", "params", "optimal", "both")


# ------------------------------------------------------------------ laws in one variable


def power_law(x, scale, exponent):
    """Return L = (scale / x)**exponent (Kaplan et al. 2020, equations 1.1 to 1.3)."""
    return (scale / x) ** exponent


def non_embedding_params(layers, width):
    """Return the parameters without embeddings, 12 layers width² (Kaplan et al. 2020, equation 2.1)."""
    return 12 * layers * width**2


def power_law_price(exponent, percent=1.0):
    """Return how many times more x lowers a pure power law's loss by `percent`.

    The same everywhere on the line: ``(1 - percent / 100)**(-1 / exponent)``.
    """
    return (1 - percent / 100) ** (-1 / exponent)


# ------------------------------------------------------------------ the surface


def terms(p, params, tokens):
    """Return the two parts that scale can shrink: ``A / N**alpha`` and ``B / D**beta``, nats per token.

    A term that is zero is zero for every N or D, the limits 0 and infinity included:
    there lies the best split of a surface without it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        size, text = np.float_power(params, -p["alpha"]), np.float_power(tokens, -p["beta"])
        return tuple(_keep(k, part) for k, part in ((p["A"], size), (p["B"], text)))


def _keep(k, part):
    zero = np.equal(k, 0)
    return np.where(zero, 0.0, k * part)[()] if np.any(zero) else k * part


def reducible(p, params, tokens):
    """Return the reducible loss R = L - E, nats per token."""
    size, text = terms(p, params, tokens)
    return size + text


def loss(p, params, tokens):
    """Return L(N, D), nats per token (Hoffmann et al. 2022, equation 2)."""
    return p["E"] + reducible(p, params, tokens)


def size_exponent(p):
    """Return a = beta / (alpha + beta): optimal N grows as C**a (Hoffmann et al. 2022, equation 4)."""
    return p["beta"] / (p["alpha"] + p["beta"])


def frontier_exponent(p):
    """Return g = alpha beta / (alpha + beta): with the best split, R falls as C**-g.

    Follows from putting equation 4 of Hoffmann et al. (2022) into equation 2.
    """
    return p["alpha"] * p["beta"] / (p["alpha"] + p["beta"])


def _ratio(p):
    """G of equation 4: how the best split leans towards parameters."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(p["alpha"] * p["A"], p["beta"] * p["B"]) ** (1 / (p["alpha"] + p["beta"]))


def optimum(p, flop, inference_tokens=0.0):
    """Return the parameters and tokens of lowest loss under 6 N D + 2 N T = `flop`, T = `inference_tokens`.

    Without inference, Hoffmann et al. (2022), equation 4: N = G (C/6)**a, D = (C/6)**b / G; where one of the
    terms is zero all compute goes into the other: 0 and infinity. With it, bisection
    on the logarithm of N between the smallest share of that N and the size that inference alone would use up: what a
    larger network gains, alpha A / N**alpha, equals what its dearer tokens lose,
    beta B / D**beta (1 + T / (3 D)), because d log D / d log N = -(1 + T / (3 D)).
    """
    params = _ratio(p) * (flop / 6) ** size_exponent(p)
    if not inference_tokens:
        with np.errstate(divide="ignore"):
            return params, np.divide(flop / 6, params)
    high = np.log(np.minimum(params, flop / 2 / inference_tokens))
    low = high - np.log(1e12)
    for _ in range(100):
        middle = (low + high) / 2
        size = np.exp(middle)
        tokens = flop / 6 / size - inference_tokens / 3
        with np.errstate(all="ignore"):  # no token is left for training: certainly too large
            gain = p["alpha"] * p["A"] * size ** -p["alpha"]
            loses = p["beta"] * p["B"] * tokens ** -p["beta"] * (1 + inference_tokens / 3 / tokens)
            larger = (tokens > 0) & (gain > loses)
        low, high = np.where(larger, middle, low), np.where(larger, high, middle)
    params = np.exp(low)
    return params, flop / 6 / params - inference_tokens / 3


def flop_where_optimal(p, params):
    """Return the compute for which a model of `params` is the best one: equation 4 turned round."""
    return 6 * (params / _ratio(p)) ** (1 / size_exponent(p))


def cheapest(p, target):
    """Return the least compute that reaches a loss of `target`; ``inf`` at or below E.

    On the frontier R = R₁ (C/6)**-g with R₁ the reducible loss at C = 6, so C follows.
    """
    gap = np.asarray(target - p["E"], float)
    first = reducible(p, *optimum(p, 6.0))
    with np.errstate(divide="ignore", over="ignore"):
        flop = 6 * (np.where(gap > 0, gap, 0) / first) ** (-1 / frontier_exponent(p))
    return flop


# ------------------------------------------------------------------ diminishing returns


def elasticity(p, params, tokens):
    """Return by how many percent the reducible loss falls per percent of compute, at one place.

    Parameters
    ----------
    p : mapping
        Parameters of the surface.
    params, tokens : float
        The place.

    Returns
    -------
    dict
        ``data`` (all further compute into tokens), ``params`` (all into size), ``both``
        (half of its logarithm into each) and ``optimal``: on the frontier all four are
        ``alpha beta / (alpha + beta)``, whatever the compute.
    """
    size, text = terms(p, params, tokens)
    whole = size + text
    by_data, by_params = p["beta"] * text / whole, p["alpha"] * size / whole
    return {
        "data": by_data,
        "params": by_params,
        "optimal": frontier_exponent(p),
        "both": (by_data + by_params) / 2,
    }


def tenfold(p, params, tokens, factor=10.0):
    """Return the share of the reducible loss that a tenfold removes, in four meanings.

    Parameters
    ----------
    p : mapping
        Parameters of the surface.
    params, tokens : float
        Where one stands.
    factor : float
        The multiple.

    Returns
    -------
    dict
        ``data``: tokens × `factor`, size as it is. ``params``: size × `factor`, tokens
        as they are. ``optimal``: compute × `factor`, from the best split to the best
        split. ``both``: tokens and size × `factor`, so compute × `factor`².
    """
    size, text = terms(p, params, tokens)
    whole = size + text
    by_data = text * (1 - factor ** -p["beta"]) / whole
    by_params = size * (1 - factor ** -p["alpha"]) / whole
    return {
        "data": by_data,
        "params": by_params,
        "optimal": 1 - factor ** -frontier_exponent(p),
        "both": by_data + by_params,
    }


def next_percent(p, params, tokens, percent=1.0):
    """Return how many times more compute lowers the *whole* loss by `percent`, floor included.

    Parameters
    ----------
    p : mapping
        Parameters of the surface.
    params, tokens : float
        Where one stands.
    percent : float
        The gain asked for, in percent of the loss.

    Returns
    -------
    dict
        ``data``, ``params`` and ``both`` start here; ``optimal`` starts from the best
        split of the same compute. ``inf`` where that path ends above the asked loss.
    """
    size, text = terms(p, params, tokens)
    step = percent / 100 * (p["E"] + size + text)
    best = reducible(p, *optimum(p, 6 * params * tokens))
    best_step = percent / 100 * (p["E"] + best)
    return {
        "data": _shrink(text, step, p["beta"]),
        "params": _shrink(size, step, p["alpha"]),
        "optimal": _shrink(best, best_step, frontier_exponent(p)),
        "both": _shrink_both(size, text, step, p["alpha"], p["beta"]) ** 2,
    }


def _shrink(part, step, exponent):
    """How many times more x takes `step` off a term that falls as x**-exponent."""
    left = np.asarray((part - step) / part, float)
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(left > 0, left, 0.0) ** (-1 / exponent)


def _shrink_both(size, text, step, alpha, beta):
    """Factor on N and D alike that takes `step` off the sum of both terms.

    The logarithm of the sum is convex and falls in log k, so Newton's steps from
    k = 1 never overshoot; the slope is at least the smaller exponent.
    """
    size, text, step, alpha, beta = np.broadcast_arrays(
        *(np.asarray(v, float) for v in (size, text, step, alpha, beta))
    )
    target = size + text - step
    log_k = np.zeros_like(target)
    reachable = target > 0
    goal = np.log(np.where(reachable, target, 1.0))
    for _ in range(60):
        a, b = size * np.exp(-alpha * log_k), text * np.exp(-beta * log_k)
        move = np.where(reachable, (np.log(a + b) - goal) * (a + b) / (alpha * a + beta * b), 0.0)
        log_k = log_k + move
        if np.abs(move).max() < 1e-12:
            break
    return np.where(reachable, np.exp(log_k), np.inf)
