"""Measured size, power and coverage of the break methods on simulated record series.

Two truths: the record process itself, and the best of a Poisson number of attempts a
month with normal, heavy-tailed or skewed scatter, which the process does not assume.
Every p-value comes from 99 simulated series of its own data set's fit.
"""

import numpy as np
from scipy import stats

from dl_limits.inference.breaks import KINDS, sums_of_squares, sup_f
from dl_limits.inference.record_process import fit_batch, simulate, time_in_periods

SETS, INNER = 2000, 99
YEARS = 2012 + np.arange(132) / 12
DATES = np.arange(2013, 2022.5, 0.25)
STEADY = np.column_stack([np.ones(len(YEARS)), YEARS - YEARS[0]])
SCATTER = {
    "normal": stats.norm.ppf,
    "heavy tails (t, 4 df)": lambda u: stats.t.ppf(u, 4),
    "skewed (log-normal)": lambda u: np.exp(0.8 * stats.norm.ppf(u)) - 1,
}


def process(rng, ratio=1.0, alpha=12.0, rate=0.25):
    """Series of the record process whose rate changes by a ratio in 2017."""
    design = np.column_stack([np.ones(len(YEARS)), time_in_periods(YEARS, [2017])])
    theta = np.r_[alpha * np.log(36), -alpha * rate, -alpha * rate * ratio]
    return simulate(alpha, theta, design, np.log(36), rng, SETS)


def attempts(rng, scatter, per_month, size, rate=0.2):
    """Series of records among Poisson numbers of attempts at a steady rate."""
    number = rng.poisson(per_month, (SETS, len(YEARS)))
    lowest = SCATTER[scatter](1 - rng.random(number.shape) ** (1 / np.maximum(number, 1)))
    best = np.where(number > 0, np.log(36) - rate * (YEARS - YEARS[0]) + size * lowest, np.inf)
    best[:, 0] = np.log(36)
    running = np.minimum.accumulate(best, axis=1)
    return running, np.column_stack([np.ones(SETS, bool), running[:, 1:] < running[:, :-1]])


def rejected(best, record, kind, rng):
    """Return the share of series in which steady progress is rejected at 5 %."""
    enough = record.sum(axis=1) >= 7
    best, record = best[enough], record[enough]
    seen = sup_f(*sums_of_squares(YEARS, best, record, DATES, kind), record.sum(axis=1), kind)[0]
    alpha, theta, _ = fit_batch(best, record, STEADY)
    above = np.ones(len(best))
    for _ in range(INNER):
        b, r = simulate(alpha[:, None], theta, STEADY, best[:, :1], rng, len(best))
        above += sup_f(*sums_of_squares(YEARS, b, r, DATES, kind), r.sum(axis=1), kind)[0] >= seen
    return np.mean(above / (INNER + 1) <= 0.05)


def covered(best, record, rng):
    """Return the share of series whose 95 % set of dates contains 2017, the true one."""
    enough = np.minimum(record[:, :60].sum(axis=1), record[:, 60:].sum(axis=1)) >= 3
    best, record = best[enough], record[enough]
    at = int(np.flatnonzero(np.isclose(DATES, 2017))[0])
    design = np.column_stack([STEADY, np.maximum(YEARS - 2017, 0)])

    def loss(b, r):
        broken = sums_of_squares(YEARS, b, r, DATES)[1]
        least = np.where(np.isnan(broken), np.inf, broken).min(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return (broken[:, at] - least) / (least / (r.sum(axis=1) - 3))

    seen = loss(best, record)
    alpha, theta, _ = fit_batch(best, record, design)
    inner = [loss(*simulate(alpha[:, None], theta, design, best[:, :1], rng, len(best))) for _ in range(INNER)]
    return np.mean(seen <= np.nanquantile(inner, 0.95, axis=0))


def ratio_covered(rng, sets=400):
    """Return the coverage of the profile interval of the rate ratio, 0.6, with three periods of nine years."""
    years = YEARS[:108]
    design = np.column_stack([np.ones(108), time_in_periods(years, [2016, 2018])])
    best, record = simulate(10.0, np.r_[10 * np.log(36), -2.5, -2.0, -1.5], design, np.log(36), rng, sets)
    joined = np.column_stack([design[:, 0], design[:, 1] + 0.6 * design[:, 3], design[:, 2]])
    deviance = 2 * (fit_batch(best, record, design)[2] - fit_batch(best, record, joined)[2])
    return np.mean(deviance <= stats.t.isf(0.025, record.sum(axis=1) - 5) ** 2)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    print(
        f"{'steady progress, rejected at 5 % (size)':<52}" + "".join(f"{kind:>18}" for kind in KINDS),
        "  records a series",
    )
    truths = {"record process": process(rng)}
    for scatter in SCATTER:
        for per_month, size in ((1, 0.12), (5, 0.2)):
            truths[f"{scatter}, {per_month} attempts a month"] = attempts(rng, scatter, per_month, size)
    for name, series in truths.items():
        mean = series[1].sum(axis=1).mean()
        print(f"{name:<52}" + "".join(f"{rejected(*series, kind, rng):18.3f}" for kind in KINDS), f"{mean:18.0f}")
    print("\nrate after 2017 over before: power (slope), coverage of the date set")
    for ratio in (0.67, 0.5, 0.25):
        series = process(rng, ratio)
        print(f"{ratio:<52}{rejected(*series, 'slope', rng):18.3f}{covered(*series, rng):18.3f}")
    print(f"\ncoverage of the interval of a rate ratio{'':<12}{ratio_covered(rng):18.3f}")
