"""What laws miss beyond their budgets: fits to the smaller runs, held against the next larger ones.

Residuals say how far runs lie from a law where it was fitted. They say nothing of the law being wrong where it was
not: that shows only when it forecasts. So every law is fitted again to the runs below one budget after another, the
larger ones are forecast, and how wrong it was, at how many powers of ten of compute beyond its runs, is what the
interval of the next forecast is made of (rolling origins: Tashman 2000, International Journal of Forecasting 16).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.laws.surface.rivals import ALL_FORMULAS, FORMULAS, fit_form

FLOORED = tuple(name for name, form in FORMULAS.items() if form.floor is not None)
"""The laws whose middle one is the forecast: three shapes, all with a floor."""
ORIGIN_STEP = 0.25  # powers of ten of compute between origins
HORIZON = 1.0  # how far beyond its budget an origin forecasts
LEAST_RUNS = 8
ORIGINS = 8  # the latest; an earlier one would count for less than a seventeenth of the first
STEPS = 100  # of a fit: a forecast moves by less than its own error after them

# Learnt on four public sets of runs: round values on the flat floor of the interval score that
# `python benchmarks/away.py --learn FOLDER` prints; the same command scores each set with the constants of the others.
REACH = 0.6  # powers of ten beyond the largest budget at which a miss has grown by the square root of two
PRIOR = 2.0  # origins that the residuals count for
FADING = 0.7  # what an origin counts, of the next later one


def log_compute(params, tokens):
    """Return log10 of C = 6 N D, FLOP."""
    return np.log10(6.0) + np.log10(params) + np.log10(tokens)


def distance(params, tokens, known_params, known_tokens):
    """Return how far places lie beyond known runs, in powers of ten: the largest of those in C, N and D, or zero."""
    ends = [
        log_compute(params, tokens) - log_compute(known_params, known_tokens).max(),
        np.log10(params) - np.log10(known_params).max(),
        np.log10(tokens) - np.log10(known_tokens).max(),
    ]
    return np.maximum(np.max(ends, axis=0), 0.0)


def budget_origins(params, tokens):
    """Yield the budgets from which larger runs can be forecast: number (1: the latest), runs known, rows ahead."""
    compute = log_compute(params, tokens)
    for origin in range(1, 1 + min(ORIGINS, int(np.ptp(compute) / ORIGIN_STEP))):
        known = compute <= compute.max() - origin * ORIGIN_STEP
        if known.sum() < LEAST_RUNS or min(len(np.unique(v[known])) for v in (params, tokens)) < 3:
            return
        ahead = np.flatnonzero(~known & (compute <= compute.max() - origin * ORIGIN_STEP + HORIZON))
        if len(ahead):
            yield origin, known, ahead


def past_forecasts(loss, params, tokens, *, unique_tokens=None, weights=None, forms=FLOORED):
    """Return what laws fitted to smaller budgets foretold of larger runs.

    Parameters
    ----------
    loss, params, tokens : ndarray, shape (n,)
    unique_tokens, weights : ndarray, shape (n,), optional
        See `rivals.fit_form`.
    forms : sequence of str
        Keys of `rivals.ALL_FORMULAS`.

    Returns
    -------
    DataFrame
        One row for each forecast: ``origin`` (1: the latest), ``budget_flop`` (of the largest run known there),
        ``runs`` known there, ``row`` of the run foretold, ``distance`` (powers of ten) and, under each form's name, log
        of the loss foretold. Empty where no budget leaves `LEAST_RUNS` runs of three sizes and three amounts of data.
    """
    rows = []
    for origin, known, ahead in budget_origins(params, tokens):
        budget = log_compute(params, tokens)[known].max()
        told = {"origin": origin, "budget_flop": 10**budget, "runs": known.sum(), "row": ahead}
        told["distance"] = distance(params[ahead], tokens[ahead], params[known], tokens[known])
        part = {"weights": weights, "unique_tokens": unique_tokens}
        some = {name: None if value is None else value[known] for name, value in part.items()}
        for name in forms:
            unique = None if unique_tokens is None else unique_tokens[ahead]
            fit = fit_form(name, loss[known], params[known], tokens[known], **some, max_nfev=STEPS)
            with np.errstate(all="ignore"):  # a law that explodes beyond its runs is an answer too
                told[name] = np.log(fit.predict(params[ahead], tokens[ahead], unique))
        rows.append(pd.DataFrame(told))
    columns = ["origin", "budget_flop", "runs", "row", "distance", *forms]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns, dtype=float)


def misses(past, loss, name=None):
    """Return the log errors of past forecasts: those of one form, or of the middle of `FLOORED`.

    Parameters
    ----------
    past : DataFrame
        From `past_forecasts`.
    loss : ndarray, shape (n,)
        Of the runs that it was made of.
    name : str, optional

    Returns
    -------
    ndarray
        Foretold less observed.
    """
    told = past[name] if name else past[list(FLOORED)].median(axis=1)
    return told.to_numpy() - np.log(loss)[past["row"].to_numpy(int)]


def miss_spread(past, errors, residual, ahead, *, reach=REACH, prior=PRIOR, fading=FADING):
    """Return the standard deviation of the log error of forecasts to come.

    Each origin says how large misses are, as the mean square of its errors brought to distance zero; its runs are
    dependent, so it counts once, however many it foretold. Origins are averaged with the square of the residual spread
    as a prior, by logarithms: one fit that broke down does not decide. Squares of misses grow as
    ``1 + (distance / reach)**2``.

    Parameters
    ----------
    past : DataFrame
        From `past_forecasts`.
    errors : ndarray
        From `misses`.
    residual : float
        Standard deviation of the log residuals of the fit.
    ahead : ndarray, shape (k,)
        Distances of the forecasts to come, powers of ten.
    reach, prior, fading : float
        The constants of this module.

    Returns
    -------
    ndarray, shape (k,)
        Within the known budgets that of the residuals; it passes into that of past misses over one `ORIGIN_STEP`.
    """
    growth = 1 + (past["distance"].to_numpy(float) / reach) ** 2
    squares = pd.Series(errors**2 / growth).groupby(past["origin"].to_numpy()).mean()
    squares = squares[np.isfinite(squares)]
    weights = fading ** (squares.index.to_numpy(float) - 1)
    logs = np.log(np.maximum(squares.to_numpy(), np.finfo(float).tiny))
    size = np.exp((2 * prior * np.log(residual) + weights @ logs) / (prior + weights.sum()))
    beyond = size * (1 + (ahead / reach) ** 2)
    share = np.minimum(ahead / ORIGIN_STEP, 1)
    return np.sqrt((1 - share) * residual**2 + share * beyond)


def forms_for(unique_tokens):
    """Return the names of all forms that runs allow: that of repeated text needs the different tokens."""
    return tuple(name for name, form in ALL_FORMULAS.items() if unique_tokens is not None or not form.repeats)
