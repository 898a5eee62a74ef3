"""Refits of a surface to resamples of its runs: in whole batches on any number of workers, in bounded memory."""

from __future__ import annotations

import joblib
import numpy as np

from dl_limits.laws import resampling
from dl_limits.laws.checks import codes
from dl_limits.laws.surface import solver as surface_solver

_BATCH = 250  # resamples drawn from one seed: part of what the seed means
_TASKS = 4  # a worker: few enough that starting a task costs nothing, enough that none waits long for the last
_LEFT_OUT = 500  # beyond so many runs or groups, blocks of them are left out


def resampled(problem, n, seed, groups, n_jobs):
    """Return the solutions of `n` resamples, shape (5, n).

    Parameters
    ----------
    problem : tuple
        Design, weights, delta, pool of starts and width, as `surface.solver.solve_resamples` takes them.
    n, seed : int
        Number of resamples, and seed: same seed, same draws.
    groups : ndarray, shape (runs,), or None
        Labels of runs that are drawn together.
    n_jobs : int or None
        Workers, as joblib counts them.
    """
    batches = [(min(_BATCH, n - i), (seed, k)) for k, i in enumerate(range(0, n, _BATCH))]
    tasks = min(len(batches), _TASKS * joblib.effective_n_jobs(n_jobs))
    parts = joblib.Parallel(n_jobs=n_jobs)(
        joblib.delayed(_some)(problem, [batches[i] for i in rows], groups)
        for rows in np.array_split(np.arange(len(batches)), tasks)
    )
    return np.hstack(parts)


def _some(problem, batches, groups):
    """Refit some batches; a function of the module so that any worker can run it."""
    design, weights, *rest = problem
    return np.hstack(
        [
            surface_solver.solve_resamples(design, counts * weights, *rest)[0]
            for size, seed in batches
            for counts in resampling.batches(len(weights), size, seed, groups)
        ]
    )


def left_out(problem, groups):
    """Return the solutions with one run, or one group, left out, shape (5, k).

    Of more than 500 of them, 500 blocks of equal size, drawn at random, are left out instead (the grouped
    jackknife: Efron & Tibshirani 1993, section 11.5). The acceleration of a BCa interval that is made of them
    stays the same: its skewness falls with the size of a block as it rises with their number.
    """
    design, weights, *rest = problem
    units = np.arange(len(weights)) if groups is None else codes(groups)
    k = units.max() + 1
    if k > _LEFT_OUT:
        units, k = (np.random.default_rng(0).permutation(k) % _LEFT_OUT)[units], _LEFT_OUT
    size = max(1, resampling.BLOCK // len(weights))
    parts = (np.arange(i, min(i + size, k)) for i in range(0, k, size))
    kept = ((units != part[:, None]) * weights for part in parts)
    return np.hstack([surface_solver.solve_resamples(design, rows, *rest)[0] for rows in kept])
