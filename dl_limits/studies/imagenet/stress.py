"""The ImageNet line under stress: error in compute, a floor, networks published later."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from dl_limits.dates import CUTOFF
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


def assumed_floors(until=CUTOFF):
    """What an assumed floor of the error does to fit and multiplier, on a grid of floors.

    The errors of the law multiply what lies above the floor. Where the floor is estimated instead
    (`dl_limits.laws.floor`), they multiply the whole.

    Parameters
    ----------
    until : Timestamp
        Networks published up to this date.

    Returns
    -------
    DataFrame
        ``floor_pct``, ``loglik_loss`` (against the best floor), ``likely`` (inside
        the 95 % likelihood interval), ``estimate``, ``low``, ``high``: the power of
        ten from 11.5 % to 5 %, ``inf`` where the floor is at or above the target.
    """
    start, target = levels()
    models = documented_models(until)
    error, compute, papers = models["top1_error_pct"], models["training_flop"], models["paper"]
    rows = []
    for floor in _floors(error):
        fit = PowerLaw(error, compute, floor=floor, groups=papers).fit(cov="jackknife")
        ends = fit.multiplier(start, target).log10() if floor < target else (np.inf,) * 3
        rows.append([floor, fit.llf(), *ends])
    table = pd.DataFrame(rows, columns=["floor_pct", "loglik_loss", "estimate", "low", "high"])
    table["loglik_loss"] = table["loglik_loss"].max() - table["loglik_loss"]
    table["likely"] = table["loglik_loss"] <= chi2.isf(0.05, 1) / 2
    return table


def _floors(error):
    return np.arange(0, error.min(), _STEP).round(6)


def floor_draws(models=None, n_boot=500):
    """Return the best-fitting floor (percent) in each of `n_boot` data sets with the papers resampled.

    The likelihood of `assumed_floors` treats models of one paper as independent; this does not.

    Parameters
    ----------
    models : DataFrame, optional
        As of `points.documented_models`, which is the default.
    n_boot : int
    """
    models = documented_models() if models is None else models
    return pd.Series(_best_floors(models, _resampled(models, n_boot))[0], name="floor_pct")


def multipliers(models, n_boot=500):
    """Return draws of the multiplier from 11.5 % to 5 %, papers resampled, with a floor if the likelihood wants one.

    Parameters
    ----------
    models : DataFrame
        ``top1_error_pct``, ``training_flop``, ``paper``.
    n_boot : int

    Returns
    -------
    draws : ndarray, shape (n_boot,)
        Powers of ten; ``inf`` where the error does not fall, or the floor lies at or above the target.
    floor : bool
        Whether twice the gain of log-likelihood from the best floor exceeds the 5 % point of chi-square
        with one degree of freedom (not halved, though zero is the edge of floors).
    """
    start, target = levels()
    gain = _best_floors(models, np.ones((1, len(models))))[2][0]
    asked = bool(2 * gain > chi2.isf(0.05, 1))
    floor, slope, *_ = _best_floors(models, _resampled(models, n_boot), None if asked else [0.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.log((start - floor) / (target - floor)) / -slope / np.log(10)
    return np.where((slope < 0) & (floor < target), power, np.inf), asked


def floor_laws(models, n_boot=None):
    """Return laws with a floor, the best one of the data or of each data set with the papers resampled.

    Parameters
    ----------
    models : DataFrame
        ``top1_error_pct``, ``training_flop``, ``paper``.
    n_boot : int, optional
        Number of resamples, those of `multipliers`; by default the data themselves.

    Returns
    -------
    DataFrame
        ``floor`` (percent), ``intercept`` and ``slope``, one row a law:
        ``log(error - floor) = intercept + slope * log(compute)``, natural logarithms.
    """
    counts = np.ones((1, len(models))) if n_boot is None else _resampled(models, n_boot)
    floor, slope, _, intercept = _best_floors(models, counts)
    return pd.DataFrame({"floor": floor, "intercept": intercept, "slope": slope})


def _resampled(models, n_boot):
    return resampling.resample(len(models), n_boot, 0, models["paper"])


def _best_floors(models, counts, grid=None):
    """Return the best floor of each copy of the data, the slope there, the log-likelihood gained, the intercept."""
    y, h = models["top1_error_pct"].to_numpy(), np.log(models["training_flop"].to_numpy())
    n, grid = counts.sum(axis=1), _floors(y) if grid is None else np.asarray(grid)
    logliks, slopes, intercepts = [], [], []
    for floor in grid:
        z = np.log(y - floor)
        a, b = linear.refit(z, h, counts).T
        squares = (counts * (z - a[:, None] - np.outer(b, h)) ** 2).sum(axis=1)
        logliks.append(-n / 2 * np.log(squares / n) - counts @ z)
        slopes.append(b)
        intercepts.append(a)
    best = np.argmax(logliks, axis=0)
    columns = np.arange(len(counts))
    gained = np.array(logliks)[best, columns] - logliks[0]
    return grid[best], np.array(slopes)[best, columns], gained, np.array(intercepts)[best, columns]
