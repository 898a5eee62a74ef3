"""The ImageNet line under stress: error in compute, a floor, networks published later."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from dl_limits.laws import linear, resampling
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.studies.imagenet.fits import documented_fit
from dl_limits.studies.imagenet.points import documented_models, levels

_STEP = 0.2  # per cent, from one assumed floor to the next


def compute_disagreement():
    """Compare two figures for the compute of one training run, where both exist.

    Only figures from hardware time are set against the count of operations: those
    of databases are often the same count again.

    Returns
    -------
    DataFrame
        ``model``, ``training_flop``, ``counted_training_flop``, ``ratio``; one row a run.
    """
    models = documented_models()
    both = models[(models["training_flop_basis"] == "hardware_time") & models["counted_training_flop"].notna()]
    both = both.drop_duplicates(["training_flop", "counted_training_flop"])
    columns = ["model", "training_flop", "counted_training_flop"]
    return both[columns].assign(ratio=both["training_flop"] / both["counted_training_flop"])


def reliability_sweep(grid=None):
    """Return the multiplier corrected for error in log compute, over assumed reliabilities.

    Under classical error the slope of the regression is too flat by the factor
    `reliability`; dividing by it makes the power of ten smaller by that factor.
    At reliability R² the corrected line is the reverse regression (Frisch's
    bounds): less is impossible.

    Returns
    -------
    DataFrame
        ``reliability``, ``estimate``, ``low``, ``high`` (powers of ten).
    """
    fit = documented_fit()
    grid = np.linspace(1, fit.rsquared, 40) if grid is None else np.asarray(grid, float)
    ends = np.outer(grid, fit.multiplier(*levels()).log10())
    return pd.DataFrame(np.column_stack([grid, ends]), columns=["reliability", "estimate", "low", "high"])


def assumed_floors():
    """What an assumed floor of the error does to fit and multiplier, on a grid of floors.

    The errors of the law multiply what lies above the floor. Where the floor is estimated instead
    (`dl_limits.laws.floor`), they multiply the whole.

    Returns
    -------
    DataFrame
        ``floor_pct``, ``loglik_loss`` (against the best floor), ``likely`` (inside
        the 95 % likelihood interval), ``estimate``, ``low``, ``high``: the power of
        ten from 11.5 % to 5 %, ``inf`` where the floor is at or above the target.
    """
    start, target = levels()
    models = documented_models()
    error, compute, papers = models["top1_error_pct"], models["training_flop"], models["paper"]
    rows = []
    for floor in np.arange(0, error.min(), _STEP).round(6):
        fit = PowerLaw(error, compute, floor=floor, groups=papers).fit(cov="jackknife")
        ends = fit.multiplier(start, target).log10() if floor < target else (np.inf,) * 3
        rows.append([floor, fit.llf(), *ends])
    table = pd.DataFrame(rows, columns=["floor_pct", "loglik_loss", "estimate", "low", "high"])
    table["loglik_loss"] = table["loglik_loss"].max() - table["loglik_loss"]
    table["likely"] = table["loglik_loss"] <= chi2.isf(0.05, 1) / 2
    return table


def floor_draws(n_boot=500):
    """Return the best-fitting floor (percent) in each of `n_boot` data sets with the papers resampled.

    The likelihood of `assumed_floors` treats models of one paper as independent;
    this does not.
    """
    models = documented_models()
    y, h = models["top1_error_pct"].to_numpy(), np.log(models["training_flop"].to_numpy())
    counts = resampling.resample(len(y), n_boot, 0, models["paper"])
    n = counts.sum(axis=1)
    grid = np.arange(0, y.min(), _STEP)
    logliks = []
    for floor in grid:
        z = np.log(y - floor)
        a, b = linear.refit(z, h, counts).T
        squares = (counts * (z - a[:, None] - np.outer(b, h)) ** 2).sum(axis=1)
        logliks.append(-n / 2 * np.log(squares / n) - counts @ z)
    return pd.Series(grid[np.argmax(logliks, axis=0)], name="floor_pct")
