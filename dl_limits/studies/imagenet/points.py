"""The ImageNet extrapolation: which points, which specifications, which tests.

The claim: even in the more optimistic model, 10⁵ times more computing is needed
for 5 % top-1 error (Thompson et al. 2020). Data come from `dl_limits.data`, laws
from `dl_limits.laws.powerlaw`; this module says what is put into them.

Two measures of compute are never mixed in one fit. *Peak burden* is what the
original paper used: processors × peak rate × time. *Training compute* counts the
operations that training needs, or estimates them from hardware time and a
utilisation.
"""

from __future__ import annotations

import numpy as np

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST, decimal_year

# A tenth-percentile line through fewer points than this is drawn by one or two of them.
QUANTILE_MIN_POINTS = 30
PRECISION = 1.0  # the claimed number is printed as one power of ten


def levels():
    """Return the two error levels of the claim in percent: the best of July 2020 and the target."""
    models = data.load("imagenet_models")
    printed = data.load("projections_2020").set_index("projection_id")["value"]
    best = models.loc[models["published"] <= CUTOFF, "top1_error_pct"].min()
    return float(best), float(printed["2020_target_5pct"])


def claimed_power():
    """Return the claimed multiplier of compute as a power of ten."""
    return float(data.load("claims").set_index("claim_id").loc["imagenet-compute", "claimed_value"])


def claimed_region():
    """Return the powers of ten, lowest and highest, that count as the claimed one."""
    return claimed_power() - PRECISION, claimed_power() + PRECISION


def regression_points(repairs=()):
    """Return the 13 points of the 2020 regression, as published or repaired.

    Parameters
    ----------
    repairs : 'together' or iterable of str
        Identifiers from ``imagenet_repairs_2020``, or all that belong together.

    Returns
    -------
    DataFrame, indexed by model_id
        With ``paper`` and ``years`` (since July 2020).

    Raises
    ------
    ValueError
        For an unknown repair, or two repairs of one model.
    """
    points = data.load("imagenet_regression_2020").set_index("model_id")
    models = data.load("imagenet_models").set_index("model_id")
    points = points.join(models[["paper", "model"]], how="inner")  # all of them, unless second hand is left out
    points["years"] = decimal_year(points["published"]) - decimal_year(CUTOFF)
    return repair(points, data.load("imagenet_repairs_2020").set_index("repair_id"), repairs)


def repair(points, table, repairs):
    """Apply repairs from `table` to the points."""
    points = points.copy()
    names = list(table.index[table["applied_together"]]) if repairs == "together" else list(repairs)
    if unknown := set(names) - set(table.index):
        raise ValueError(f"repairs: unknown {sorted(unknown)}; known are {', '.join(table.index)}")
    chosen = table.loc[names]
    if chosen["model_id"].duplicated().any():
        raise ValueError("repairs: more than one for the same model")
    replaced = chosen[chosen["action"] == "replace"].set_index("model_id")
    for column in ("peak_burden_flop", "top1_error_pct"):
        points[column] = replaced[column].reindex(points.index).fillna(points[column])
    return points.drop(index=chosen.loc[chosen["action"] == "drop", "model_id"])


def documented_models(until=CUTOFF, *, after=None, search=False, frozen=False, compute="training_flop"):
    """Models whose compute and date are documented.

    Left out by rule: results that nobody reproduced, results with frozen features
    or without any training on ImageNet (another kind of measurement) unless `frozen`
    is true, compute that includes an architecture search unless `search` is, and
    results whose month of publication is not confirmed.

    Parameters
    ----------
    until, after : Timestamp
        Published up to, and later than, these dates.
    search : bool
        Whether to keep compute that includes an architecture search.
    frozen : bool
        Whether to keep results with frozen features or without training on ImageNet.
    compute : {'training_flop', 'peak_burden_flop'}
        Which measure must be documented.

    Returns
    -------
    DataFrame, indexed by model_id
    """
    models = data.load("imagenet_models").set_index("model_id")
    searched = {
        "training_flop": "includes_architecture_search",
        "peak_burden_flop": "peak_burden_includes_search",
    }
    keep = models[compute].notna() & (models["published"] <= until)
    keep &= models["state_of_the_art"] != "unreproduced"
    if not frozen:
        keep &= ~models["evaluation"].str.contains("frozen|zero-shot", na=False)
    if after is not None:
        keep &= models["published"] > after
    if not search:
        keep &= ~models[searched[compute]].fillna(False).astype(bool)
    models = models[keep].copy()
    models["years"] = decimal_year(models["published"]) - decimal_year(CUTOFF)
    return models.sort_values(["published", "top1_error_pct"], ascending=[True, False])


def largest_run(until=CUTOFF):
    """Return the largest peak burden behind any documented result, frozen features included, in FLOP."""
    return float(documented_models(until, frozen=True, compute="peak_burden_flop")["peak_burden_flop"].max())


def largest_multiple(until=LATEST):
    """Return the largest documented run over the largest of the 13 points (peak burden)."""
    return largest_run(until) / regression_points()["peak_burden_flop"].max()


def smallest_multiple_at_target(until=LATEST):
    """Return where the target was reached and how far was tried without, as powers of ten.

    Returns
    -------
    reached : float
        Smallest multiple of the largest of the 13 points with an error at or below
        the target, ``inf`` if none.
    tried : float
        Largest multiple of the runs that missed it, ``-inf`` if none.
    """
    models = documented_models(until, compute="peak_burden_flop")
    multiple = np.log10(models["peak_burden_flop"] / regression_points()["peak_burden_flop"].max())
    there = models["top1_error_pct"] <= levels()[1]
    return float(multiple[there].min()) if there.any() else np.inf, float(multiple[~there].max())
