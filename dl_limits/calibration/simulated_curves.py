"""How well the extrapolator foretells: simulated curves, and curves of this book.

The simulated curves follow shapes that are *not* all among the laws fitted: sums of
several power laws, bumps (double descent), errors that fall like a normal tail. A
third of the points or fewer lie where no law could see the turn coming, on purpose.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from dl_limits import data


def _power(rng, b):
    return lambda x: x**-b


def _floor(rng, b):
    c = 10 ** (-b * rng.uniform(0.3, 4))  # the floor takes over between x = 2 and 10^4
    return lambda x: x**-b + c


def _plateau(rng, b):
    d, k, c = 10 ** rng.uniform(0, 2), np.exp(rng.uniform(-0.7, 1.1)), rng.choice([0, rng.uniform(0, 0.5)])
    return lambda x: c + (1 - c) * (1 + (x / d) ** k) ** (-b / k)


def _sigmoid(rng, b):
    d, c, s = 10 ** rng.uniform(0.3, 3), rng.uniform(0, 0.6), rng.uniform(0.3, 1.2)
    return lambda x: c + (1 - c) / (1 + (x / d) ** s)


def _break(rng, b):
    d, f, after = 10 ** rng.uniform(0.5, 2.5), rng.uniform(0.1, 1), b * np.exp(rng.normal(0, 0.6))
    return lambda x: x**-b * (1 + (x / d) ** (1 / f)) ** (-(after - b) * f)


def _bump(rng, b):
    d, height, width = 10 ** rng.uniform(0.5, 1.7), rng.uniform(0.05, 0.5), rng.uniform(0.2, 0.6)
    return lambda x: x**-b * (1 + height * np.exp(-0.5 * (np.log(x / d) / width) ** 2))


def _mixture(rng, b):
    k = rng.integers(2, 6)
    share, exponents, start = rng.dirichlet(np.ones(k)), rng.uniform(0.02, 1.2, k), 10 ** rng.uniform(0, 3, k)
    return lambda x: ((1 + x[:, None] / start) ** -exponents) @ share


def _normal_tail(rng, b):
    middle, width, c = rng.uniform(0, 4), rng.uniform(1, 3), rng.choice([0, rng.uniform(0, 0.3)])
    return lambda x: c + (1 - c) * stats.norm.sf((np.log10(x) - middle) / width)


CURVE_SHAPES = {
    "power law": _power,
    "power law with floor": _floor,
    "plateau, then power law": _plateau,
    "sigmoid": _sigmoid,
    "break": _break,
    "bump (double descent)": _bump,
    "mixture of power laws": _mixture,
    "normal tail": _normal_tail,
}


def simulated(curves, seed):
    """Draw learning curves with known truth.

    Parameters
    ----------
    curves : int
        How many of each shape.
    seed : int
        Of `numpy.random.default_rng`.

    Yields
    ------
    tuple
        ``(kind, curve, x, y, x_new, y_new)``: 5 to 50 points over 1 to 3 powers of
        ten, noise of 0.1 to 5 per cent (normal or heavy-tailed, in half of the
        curves shrinking with x), and 8 new points up to 16 times further.
    """
    rng = np.random.default_rng(seed)
    for name, shape in CURVE_SHAPES.items():
        for number in range(curves):
            truth = shape(rng, np.exp(rng.uniform(np.log(0.05), 0)))
            n, end = int(np.exp(rng.uniform(np.log(5), np.log(50)))), 10 ** rng.uniform(1, 3)
            spacing = rng.integers(3)
            x = (
                np.geomspace(1, end, n)
                if spacing == 0
                else np.linspace(1, end, n)
                if spacing == 1
                else np.sort(end ** rng.uniform(0, 1, n))
            )
            new = np.geomspace(1.1, np.exp(rng.uniform(np.log(1.5), np.log(16))), 8) * x[-1]
            sd, shrinking, df = (
                np.exp(rng.uniform(np.log(0.001), np.log(0.05))),
                rng.choice([0, 0.3]),
                rng.choice([3, 30]),
            )
            both = np.append(x, new)
            noise = sd * (both / x[-1]) ** -shrinking * rng.standard_t(df, len(both)) / np.sqrt(df / (df - 2))
            y = truth(both) * np.exp(noise)
            yield name, number, x, y[:n], new, y[n:]


def runs_at_one_size():
    """Training runs of one model size, six or more, in `chinchilla_runs`: loss against tokens.

    The larger third of each size's runs is held back.

    Yields
    ------
    tuple
        As `simulated`.
    """
    runs = data.load("chinchilla_runs").sort_values("tokens")
    for number, (_, group) in enumerate(runs.groupby(runs["params"].round(-7))):
        if len(group) >= 6:
            cut = max(4, int(len(group) * 0.65))
            x, y = group["tokens"].to_numpy(), group["loss"].to_numpy()
            yield "language models, loss at fixed size", number, x[:cut], y[:cut], x[cut:], y[cut:]
