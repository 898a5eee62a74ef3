"""The loss surface of chapter 04: the published runs, the fit, its rivals and what it cannot do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.laws import loss
from dl_limits.laws.surface import LossSurface, same_size
from dl_limits.laws.surface import rivals as surface_rivals

CUT = 1e21  # FLOP; the larger runs, about a tenth, are held back for the test
_DRAWS = 1000
SENSITIVITY = {
    "240 runs, as published": {},
    "all 245 runs": {"every": True},
    "least absolute deviations": {"objective": "lad"},
    "least squares": {"objective": "gaussian"},
    "Huber's delta 10 times larger": {"delta": 1e-2},
    "Huber's delta 10 times smaller": {"delta": 1e-4},
    "runs drawn one by one": {"by_size": False},
}


def runs(every=False):
    """Return the training runs, with ``size``: labels of runs whose model has the same size.

    Parameters
    ----------
    every : bool
        All 245, or the 240 that the replication keeps: the five of highest loss have
        fewer than half a token per parameter.
    """
    table = data.load("chinchilla_runs")
    table = table if every else table[table["in_replication"]]
    return table.assign(size=same_size(table["params"])).reset_index(drop=True)


@cache
def surface(every=False, objective="huber", delta=1e-3, by_size=True):
    """Return the surface fitted to the runs and resampled, a `LossSurfaceResults`.

    Parameters
    ----------
    every : bool
        As in `runs`.
    objective, delta
        As in `LossSurface.fit`.
    by_size : bool
        Whether the bootstrap draws whole sizes, or runs one by one.
    """
    table = runs(every)
    model = LossSurface(table["loss"], table["params"], table["tokens"], groups=table["size"] if by_size else None)
    results = model.fit(objective, delta=delta)
    results.bootstrap(_DRAWS, seed=4)
    return results


# ------------------------------------------------------------------ the floor


def floors():
    """Return every estimate of E: our fits, printed ones, and other formulas.

    Returns
    -------
    DataFrame
        ``fit``, ``kind`` ('ours', 'published', 'other formula'), ``estimate``, ``low``,
        ``high`` (95 %; NaN where none is known), ``misfit`` (for formulas: objective over
        that of the surface).
    """
    rows = []
    for name, options in SENSITIVITY.items():
        results = surface(**options)
        rows.append([name, "ours", results.params["E"], *results.conf_int().loc["E"], np.nan])
    for name, label in {"hoffmann_printed": "Hoffmann et al. 2022", "replication": "Besiroglu et al. 2024"}.items():
        table = data.load("loss_surfaces")
        row = table[(table["fit"] == name) & (table["parameter"] == "E")].iloc[0]
        rows.append([label, "published", row["value"], row["low"], row["high"], np.nan])
    forms = formulas().iloc[1:]
    rows += [[f.form, "other formula", f.floor, np.nan, np.nan, f.misfit] for f in forms.itertuples()]
    return pd.DataFrame(rows, columns=["fit", "kind", "estimate", "low", "high", "misfit"])


@cache
def formulas():
    """Return how five formulas fit the runs, and forecast those of at least `CUT` from the smaller ones."""
    return surface_rivals.beyond(runs(), CUT)


@cache
def floors_over_formulas():
    """Return `resampled_floors` of the runs, with a column for each formula that foretells the largest runs as well."""
    return resampled_floors(runs(), CUT)


def resampled_floors(table, cut, draws=50):
    """Return draws of the floor E that hold the doubt about the formula.

    Every formula with a floor that foretells the runs of at least `cut` as well as the usual one (root mean
    square) counts alike; each is fitted to the same resamples of whole sizes. Their 95 % interval
    is that of all draws together.

    Parameters
    ----------
    table : DataFrame
        Runs with ``loss``, ``params``, ``tokens``, ``training_flop`` and ``size``.
    cut : float
        FLOP.
    draws : int
        Resamples for each formula.

    Returns
    -------
    DataFrame, shape (draws, formulas)
        A column for each formula, the usual one first, in nats per token.
    """
    compared = surface_rivals.beyond(table, cut)
    as_good = compared["forecast_rms_pct"] <= compared["forecast_rms_pct"].iloc[0]
    names = list(compared.loc[as_good & (compared["floor"] > 0), "form"])
    rng = np.random.default_rng(7)
    sizes = [rows[["loss", "params", "tokens"]].to_numpy(float) for _, rows in table.groupby("size")]
    found = []
    for _ in range(draws):
        drawn = np.concatenate([sizes[i] for i in rng.integers(len(sizes), size=len(sizes))]).T
        found.append([surface_rivals.fit_form(name, *drawn).floor for name in names])
    return pd.DataFrame(found, columns=names)


@cache
def held_back():
    """Return the runs of at least `CUT`, foretold from the smaller ones.

    Returns
    -------
    DataFrame
        The runs, with ``predicted``, ``low``, ``high`` (95 %, a new run) and ``covered``.
    """
    table = runs()
    late = table["training_flop"] >= CUT
    early, late = table[~late], table[late].reset_index(drop=True)
    results = LossSurface(early["loss"], early["params"], early["tokens"], groups=early["size"]).fit()
    told = results.get_prediction(late["params"], late["tokens"])
    frame = told.summary_frame()
    low, high = frame["obs_ci_lower"].to_numpy(), frame["obs_ci_upper"].to_numpy()
    inside = late["loss"].between(low, high)
    return late.assign(predicted=told.predicted_mean, low=low, high=high, covered=inside)


def residuals():
    """Return the runs with ``residual_pct`` (observed over fitted, less one) and ``tokens_per_param``."""
    table = runs()
    resid = surface().residuals.to_numpy()
    return table.assign(residual_pct=100 * np.expm1(resid), tokens_per_param=table["tokens"] / table["params"])


def runs_for_printed_precision():
    """Return how many runs the printed interval of the size exponent would take, were it a bootstrap's.

    Hoffmann et al. print 80 % ends of a = beta / (alpha + beta) from draws of 80 % of
    the runs; ours are 80 % ends from as many runs as there are. Widths fall with the
    square root of the number of runs.
    """
    table = data.load("loss_surfaces").set_index("surface_id").loc["hoffmann_approach_3_size_exponent"]
    ours = surface(by_size=False).derive(loss.size_exponent, alpha=0.2)
    return len(runs()) * ((ours.high - ours.low) / (table["high"] - table["low"])) ** 2
