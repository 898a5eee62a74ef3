"""Every reasonable combination of choices for the multiplier of chapter 06, and what they say together."""

from __future__ import annotations

from itertools import product

import pandas as pd

from dl_limits.inference.specification import Specification, SpecificationCurve, shares
from dl_limits.inference.variance import variance_shares
from dl_limits.studies.imagenet.fits import ERROR_LAWS
from dl_limits.studies.imagenet.points import (
    QUANTILE_MIN_POINTS,
    claimed_region,
    documented_models,
    levels,
    regression_points,
)
from dl_limits.verdicts import Region

ESTIMATORS = {
    "least squares": {"method": "ols"},
    "robust (Huber)": {"method": "rlm"},
    "median regression": {"method": "quantreg"},
    "best tenth (quantile)": {"method": "quantreg", "q": 0.1},
    "symmetric (RMA)": {"method": "rma"},
    "reverse": {"method": "reverse"},
}
_COVARIANCES = {"classical": "classical", "HC3": "HC3", "by paper": "cluster"}
BOUNDS = ("symmetric (RMA)", "reverse")
MEANINGS = {  # as the picture calls them, and what each of them means
    "form": "what kind of curve is drawn",
    "date": "better methods rise with compute (left out) or stand still (in)",
    "data": "which networks",
    "measure": "which error",
    "estimator": "how the curve is fitted",
    "errors": "where the interval comes from; the answer stays",
}


def _samples():
    """Return every data set of the curve: name -> (table, measure of compute)."""
    every = documented_models()
    best = every["state_of_the_art"].isin(["any_data", "imagenet1k_only"])
    return {
        "13 published points": (regression_points(), "peak_burden_flop"),
        "points, repaired": (regression_points("together"), "peak_burden_flop"),
        "documented models": (every, "training_flop"),
        "with search cost": (documented_models(search=True), "training_flop"),
        "state of the art only": (every[best], "training_flop"),
        "ImageNet-1k only": (every[every["imagenet1k_only"].astype(bool)], "training_flop"),
    }


def specifications():
    """Every reasonable combination of choices for the multiplier.

    The "largest run" of each specification is that of its own data set: a network
    trained on billions of pictures says nothing of what the ImageNet-1k data allow.

    Left out because they are not reasonable: top-5 error for the 13 points (the
    paper has none), lines through the best tenth of fewer than 30 points, and
    covariances that an estimator does not have.

    Returns
    -------
    SpecificationCurve
    """
    start, target = levels()
    specs = []
    for (name, (table, compute)), measure in product(_samples().items(), ("top-1", "top-5")):
        column = f"top{measure[-1]}_error_pct"
        if measure == "top-5" and compute == "peak_burden_flop":
            continue
        rows = table.dropna(subset=[column])
        y_from = start if measure == "top-1" else float(rows[column].min())
        for (form, law_class), date in product(ERROR_LAWS.items(), ("left out", "in")):
            law = law_class(
                rows[column],
                rows[compute],
                groups=rows["paper"].astype(str),
                controls=rows["years"] if date == "in" else None,
            )
            choices = {"data": name, "form": form, "date": date, "measure": measure}
            specs += [
                Specification(choices | how, law, y_from, y_from * target / start, float(rows[compute].max()), fit)
                for how, fit in _estimators(len(rows))
            ]
    return SpecificationCurve(specs)


def _estimators(n):
    """Return the choices of estimator and standard error that `n` points allow, with their fit arguments."""
    pairs = []
    for name, fit in ESTIMATORS.items():
        if "q" in fit and n < QUANTILE_MIN_POINTS:
            continue
        covariances = _COVARIANCES if fit["method"] == "ols" else {"classical": "classical"}
        pairs += [({"estimator": name, "errors": e}, fit | {"cov": cov}) for e, cov in covariances.items()]
    return pairs


def curve_summary(curve):
    """Summarise a specification curve, keeping apart what answers different questions.

    Along the field's path (date left out) or at a fixed recipe (date in); top-1 or
    top-5 error; direct estimators or the bounds (reverse, symmetric).

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications`.

    Returns
    -------
    DataFrame
        ``question``, ``form``, ``measure``, ``kind``, ``n`` intervals;
        ``median``, ``smallest``, ``largest`` of the distinct answers as powers of
        ten; shares of the intervals ``inside``, ``overlapping``, ``excluding`` 10⁴ to 10⁶.
    """
    table = curve.estimates()
    table["question"] = table["date"].map({"in": "recipe fixed", "left out": "field's path"})
    table["kind"] = table["estimator"].isin(BOUNDS).map({True: "bounds", False: "direct"})
    distinct = table.drop_duplicates([c for c in curve.choice_names if c != "errors"])
    keys = ["question", "form", "measure", "kind"]
    ends = distinct.groupby(keys)["estimate"].agg(median="median", smallest="min", largest="max")
    region = claimed_region()
    lies = table.groupby(keys)[["low", "high"]].apply(lambda part: shares(part, *region))
    return table.groupby(keys).size().rename("n").to_frame().join(ends).join(lies).reset_index()


def direct(curve, date="left out"):
    """Return the part of a curve with top-1 error and direct estimators.

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications`.
    date : {'left out', 'in', None}
        Along the field's path, at a fixed recipe, or both.
    """
    choices = {"measure": "top-1"} | ({"date": date} if date else {})
    return curve.where(**choices).without("estimator", BOUNDS)


def primary(curve, date="left out"):
    """Return the part of a curve that asks what the claim says: `direct`, with a power law."""
    return direct(curve.where(form="power law"), date)


def choice_shares(table):
    """Return how much of the spread of a curve's answers each choice accounts for.

    Answers that differ in their standard errors only are one answer: those move the interval alone.

    Parameters
    ----------
    table : DataFrame
        From `SpecificationCurve.estimates`.

    Returns
    -------
    Series, indexed by choice, largest first
        From `variance_shares`; choices that were made alike everywhere are left out.
    """
    names = [name for name in MEANINGS if name != "errors" and len(table[name].unique()) > 1]
    return variance_shares(table.drop_duplicates(names), names)


def rule_words(table):
    """Return what the claim's own rule says of each answer's interval: a Series of words."""
    region = Region(*claimed_region())
    return pd.Series([region.word(*ends) for ends in table[["low", "high"]].to_numpy()], table.index, name="word")
