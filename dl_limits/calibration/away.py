"""How forecasts of new runs do away from home: on public sets of runs, the larger held back from the smaller.

The coverage of `registry` is measured where a law is known. Here nobody knows it. From each set the runs beyond a
budget are held back, the surface is fitted to the rest, and the runs of the next half of a power of ten of compute
are forecast; budgets lie 0.5, 1, 1.5 and 2 powers of ten below the largest run.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.laws import LossSurface
from dl_limits.laws.surface import rolling

BELOW, HALF_DECADE = (0.5, 1.0, 1.5, 2.0), 0.5  # powers of ten of compute
LEAST = 10  # runs known
METHODS = ("past forecasts", "residuals alone")
HELD_OUT = "past forecasts, constants of the other sets"
_Z, _PENALTY = stats.norm.ppf(0.975), 2 / 0.05
CHOICES = {"reach": (0.4, 0.6, 0.8, 1.2), "prior": (1.0, 2.0, 3.0, 4.0), "fading": (0.6, 0.7, 0.8, 0.9)}


def held_back_tasks(loss, params, tokens):
    """Yield ``(below, known, ahead)``: powers of ten below the largest run, and two boolean masks of runs."""
    compute = rolling.log_compute(params, tokens)
    for below in BELOW:
        budget = compute.max() - below
        known, ahead = compute <= budget, (compute > budget) & (compute <= budget + HALF_DECADE + 1e-9)
        varied = min(len(np.unique(values[known])) for values in (params, tokens)) >= 3
        if known.sum() >= LEAST and varied and ahead.any():
            yield below, known, ahead


def score_runs(loss, params, tokens):
    """Return how forecasts of one set of runs did.

    Parameters
    ----------
    loss, params, tokens : array_like, shape (n,)

    Returns
    -------
    DataFrame
        A row for each forecast run and method: ``below``, ``known`` (runs fitted), ``method``, ``covered`` (by the 95 %
        interval), ``score_pct`` (interval score, % of log loss), ``error_pct`` (absolute, % of log loss).
    """
    loss, params, tokens = (np.asarray(values, float) for values in (loss, params, tokens))
    parts = []
    for below, known, ahead in held_back_tasks(loss, params, tokens):
        fit = LossSurface(loss[known], params[known], tokens[known]).fit()
        told = fit.get_prediction(params[ahead], tokens[ahead])
        frame, y = told.summary_frame(), np.log(loss[ahead])
        alone = _Z * fit.residual_spread
        centres = {METHODS[0]: np.log(frame["mean"].to_numpy()), METHODS[1]: np.log(told.surface)}
        half = {
            METHODS[0]: np.log(frame["obs_ci_upper"] / frame["mean"]).to_numpy(),
            METHODS[1]: np.full(len(y), alone),
        }
        for method, centre in centres.items():
            miss = np.abs(y - centre)
            score = 2 * half[method] + _PENALTY * np.maximum(miss - half[method], 0)
            part = {"below": below, "known": known.sum(), "method": method, "covered": miss <= half[method]}
            parts.append(pd.DataFrame(part | {"score_pct": 100 * score, "error_pct": 100 * miss}))
    columns = ["below", "known", "method", "covered", "score_pct", "error_pct"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def summarised(scored):
    """Return one row a method: ``forecasts``, ``coverage_pct``, ``interval_score_pct``, ``mean_error_pct``."""
    by = scored.groupby("method", sort=False)
    table = by.agg(
        forecasts=("covered", "size"),
        coverage_pct=("covered", lambda hit: 100 * hit.mean()),
        interval_score_pct=("score_pct", "mean"),
        mean_error_pct=("error_pct", "mean"),
    )
    return table.reset_index()


def learn(sets):
    """Return the interval score of every choice of the constants of `rolling`, on every set.

    Parameters
    ----------
    sets : dict of str to list of tuple
        For each origin of data, sets ``(loss, params, tokens)``; origins count alike.

    Returns
    -------
    DataFrame
        ``reach``, ``prior``, ``fading``, a column of mean interval scores (% of log loss) for each origin of data,
        ``score`` (their geometric mean) and ``held out`` (how often the choice is the best of all others' when one
        origin is left out), the best first.
    """
    table = _scores({name: [_prepared(*runs) for runs in some] for name, some in sets.items()})
    logs = np.log(table[list(sets)])
    best = list(_chosen_by_others(table, sets).values())
    table["score"] = np.exp(logs.mean(axis=1))
    table["held out"] = [best.count(row) for row in table.index]
    return table.sort_values("score", ignore_index=True)


def held_out(sets):
    """Return how the forecasts of each origin of data do with the constants that the others choose.

    Parameters
    ----------
    sets : dict of str to list of tuple
        As of `learn`.

    Returns
    -------
    DataFrame
        As of `score_runs`, with ``set_id`` and the method `HELD_OUT`.
    """
    kept = {name: [_prepared(*runs) for runs in some] for name, some in sets.items()}
    table, parts = _scores(kept), []
    for name, row in _chosen_by_others(table, sets).items():
        for past, errors, residual, ahead, miss in (each for some in kept[name] for each in some):
            half = _Z * rolling.miss_spread(past, errors, residual, ahead, **table.loc[row, list(CHOICES)])
            score = 100 * (2 * half + _PENALTY * np.maximum(miss - half, 0))
            part = {"set_id": name, "method": HELD_OUT, "covered": miss <= half}
            parts.append(pd.DataFrame(part | {"score_pct": score, "error_pct": 100 * miss}))
    return pd.concat(parts, ignore_index=True)


def _scores(kept):
    """Mean interval score of every choice of constants on every origin of data."""
    rows = []
    for choice in itertools.product(*CHOICES.values()):
        constants = dict(zip(CHOICES, choice, strict=True))
        mean = {
            name: np.mean([_score(*each, **constants) for some in sets for each in some]) for name, sets in kept.items()
        }
        rows.append(constants | mean)
    return pd.DataFrame(rows)


def _chosen_by_others(table, names):
    """Row of `_scores` that is best on all origins of data but one, for each left out."""
    logs = np.log(table[list(names)])
    return {name: int(logs.drop(columns=name).mean(axis=1).idxmin()) for name in names}


def _prepared(loss, params, tokens):
    found = []
    for _, known, ahead in held_back_tasks(loss, params, tokens):
        fit = LossSurface(loss[known], params[known], tokens[known]).fit()
        told = fit.get_prediction(params[ahead], tokens[ahead])
        miss = np.abs(np.log(loss[ahead]) - np.log(told.predicted_mean))
        past = fit.past_forecasts
        found.append((past, rolling.misses(past, fit.model.loss), fit.residual_spread, told.distance, miss))
    return found


def _score(past, errors, residual, ahead, miss, **constants):
    half = _Z * rolling.miss_spread(past, errors, residual, ahead, **constants)
    return 100 * np.mean(2 * half + _PENALTY * np.maximum(miss - half, 0))


# ------------------------------------------------------------------ what the appendix shows


def stored_curves():
    """Return how learning curves were carried on whose data sets were left out: `curves_away` without its sources."""
    return data.load("curves_away").drop(columns=["source", "locator"])


def stored_forecasts():
    """Return the stored scores of four public sets: a row for each set and method."""
    return data.load("forecasts_away").drop(columns=["source", "locator"])


def kept_sets():
    """Return the sets of runs that this project keeps: name -> ``(loss, params, tokens)``."""
    chinchilla, ladder = data.load("chinchilla_runs"), data.load("olmo_ladder_runs")
    kept = {
        "chinchilla_runs": chinchilla[chinchilla["in_replication"]],
        "olmo_ladder_runs": ladder[ladder["role"] != "target"],
    }
    return {name: tuple(runs[c].to_numpy(float) for c in ("loss", "params", "tokens")) for name, runs in kept.items()}


def ladder():
    """Return the two large runs of OLMo, foretold from its small ones.

    Returns
    -------
    DataFrame
        The two targets with ``predicted``, ``low``, ``high`` (95 %, a new run), ``surface`` (the usual law alone),
        ``error_pct`` and ``published_error_pct`` (foretold over observed, less one).
    """
    runs = data.load("olmo_ladder_runs")
    small, large = runs[runs["role"] == "ladder"], runs[runs["role"] == "target"].reset_index(drop=True)
    fit = LossSurface(*(small[c].astype(float) for c in ("loss", "params", "tokens"))).fit()
    told = fit.get_prediction(large["params"].astype(float), large["tokens"].astype(float))
    frame = told.summary_frame()
    found = {"predicted": frame["mean"], "low": frame["obs_ci_lower"], "high": frame["obs_ci_upper"]}
    table = large.assign(**found, surface=told.surface)
    table["error_pct"] = 100 * (table["predicted"] / table["loss"] - 1)
    columns = ["run", "params", "tokens", "loss", "predicted", "low", "high", "surface", "error_pct"]
    return table[[*columns, "published_error_pct"]]
