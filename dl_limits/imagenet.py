"""The ImageNet extrapolation: which points, which specifications, which tests.

The claim: even in the more optimistic model, 10⁵ times more computing is needed
for 5 % top-1 error (Thompson et al. 2020). Data come from `dl_limits.data`, laws
from `dl_limits.powerlaw`; this module says what is put into them.

Two measures of compute are never mixed in one fit. *Peak burden* is what the
original paper used: processors × peak rate × time. *Training compute* counts the
operations that training needs, or estimates them from hardware time and a
utilisation.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import norm

from dl_limits import data
from dl_limits.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.specification import Specification, SpecificationCurve, shares
from dl_limits.verdicts import CUTOFF, LATEST

ESTIMATORS = {
    "least squares": {"method": "ols"},
    "robust (Huber)": {"method": "rlm"},
    "median regression": {"method": "quantreg"},
    "best tenth (quantile)": {"method": "quantreg", "q": 0.1},
    "symmetric (RMA)": {"method": "rma"},
    "reverse": {"method": "reverse"},
}
COVARIANCES = {"classical": "classical", "HC3": "HC3", "by paper": "cluster"}
# The paper calls its second form exponential: compute is exponential in 1/error.
FORMS = {"power law": PowerLaw, "exponential": ReciprocalLaw}
BOUNDS = ("symmetric (RMA)", "reverse")
# A tenth-percentile line through fewer points than this is drawn by one or two of them.
QUANTILE_MIN_POINTS = 30


def levels():
    """Return the two error levels of the claim in percent: the best of July 2020 and the target."""
    models = data.load("imagenet_models")
    printed = data.load("projections_2020").set_index("projection_id")["value"]
    best = models.loc[models["published"] <= CUTOFF, "top1_error_pct"].min()
    return float(best), float(printed["2020_target_5pct"])


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
    points["paper"], points["model"] = models["paper"], models["model"]
    points["years"] = _years(points["published"])
    return _repair(points, data.load("imagenet_repairs_2020").set_index("repair_id"), repairs)


def _repair(points, table, repairs):
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
    models["years"] = _years(models["published"])
    return models.sort_values(["published", "top1_error_pct"], ascending=[True, False])


def published_fit(form="power law", method="ols"):
    """Return the regression of 2020, refitted: error in percent on peak burden in FLOP."""
    points = regression_points()
    return FORMS[form](points["top1_error_pct"], points["peak_burden_flop"], groups=points["paper"]).fit(method)


def documented_fit(until=CUTOFF, *, fixed_recipe=False, method="ols"):
    """Error on training compute over all documented models, errors by leaving out papers.

    Parameters
    ----------
    until : Timestamp
        Publication cut-off.
    fixed_recipe : bool
        Whether the date enters the regression: then the slope is the effect of
        compute at a fixed date, otherwise that of following the field's path.
    method : {'ols', 'reverse'}
        Direction of the regression.
    """
    models = documented_models(until)
    law = PowerLaw(
        models["top1_error_pct"],
        models["training_flop"],
        groups=models["paper"],
        controls=models["years"] if fixed_recipe else None,
    )
    return law.fit(method, cov="jackknife")


def time_trend(table, compute):
    """What the date adds to compute in explaining the error.

    Parameters
    ----------
    table : DataFrame
        ``top1_error_pct``, ``years`` and the column `compute`.
    compute : {'training_flop', 'peak_burden_flop'}
        Measure of compute.

    Returns
    -------
    dict
        ``r_squared`` of log error on log compute, ``r_squared_with_year``, and
        ``years_per_tenfold``: years whose passing lowers the error as much as ten
        times the compute does at a fixed date.
    """
    error, log_compute = np.log10(table["top1_error_pct"]), np.log10(table[compute])
    alone = sm.OLS(error, sm.add_constant(log_compute)).fit()
    both = sm.OLS(error, sm.add_constant(np.column_stack([log_compute, table["years"]]))).fit()
    return {
        "r_squared": alone.rsquared,
        "r_squared_with_year": both.rsquared,
        "years_per_tenfold": both.params.iloc[1] / both.params.iloc[2],
    }


def revision_table():
    """Return the authors' regressions of 2022 as powers of ten from 11.5 % to 5 %.

    Their exponential form of 2022 has the error itself linear in log compute, not
    1/error as in 2020.

    Returns
    -------
    DataFrame
        ``specification``, ``n``, ``slope`` as printed (size), ``estimate``, ``low``,
        ``high`` (normal interval of the printed slope and standard error).
    """
    printed = data.load("projections_2020").query("paper_version == 2022")
    keys = ["model_form", "specification"]
    slopes = printed[printed["quantity"] == "slope"].set_index(keys)
    counts = printed[printed["quantity"] == "n_points"].set_index(keys)["value"]
    start, target = levels()
    distance = np.where(
        slopes.index.get_level_values("model_form") == "polynomial",
        np.log10(start / target),
        (start - target) / 100,
    )
    size, half = slopes["value"].abs(), norm.isf(0.025) * slopes["standard_error"]
    return pd.DataFrame(
        {
            "n": counts.reindex(slopes.index).astype(int),
            "slope": size,
            "estimate": distance / size,
            "low": distance / (size + half),
            "high": distance / (size - half),
        }
    ).reset_index(names=["form", "specification"])


def repair_table():
    """Return the multiplier from 11.5 % to 5 % after each correction, and after leaving each point out.

    Returns
    -------
    DataFrame
        ``change``, ``kind`` ('as published', 'corrected', 'left out', 'together'),
        ``n``, ``slope`` and ``estimate``, ``low``, ``high`` as powers of ten.
    """
    repairs = data.load("imagenet_repairs_2020").set_index("repair_id")
    together = repairs.index[repairs["applied_together"]]
    with_search = [*together.drop("mnasnet_left_out"), "mnasnet_64_devices"]
    points, (start, target) = regression_points(), levels()
    cases = [("as published", "as published", points)]
    corrections = repairs[repairs["action"] == "replace"]
    cases += [(row.label, "corrected", _repair(points, repairs, [row.Index])) for row in corrections.itertuples()]
    names = points["model"].str.split(" (", regex=False).str[0].str.split(" EfficientNet").str[0]
    cases += [(f"without {names[m]}", "left out", points.drop(index=m)) for m in points.index]
    cases += [("all faults mended", "together", _repair(points, repairs, together))]
    cases += [("the same, MnasNet kept", "together", _repair(points, repairs, with_search))]
    rows = []
    for change, kind, sample in cases:
        fit = PowerLaw(sample["top1_error_pct"], sample["peak_burden_flop"]).fit()
        estimate, low, high = fit.multiplier(start, target).log10()
        rows.append([change, kind, len(sample), fit.params["exponent"], estimate, low, high])
    return pd.DataFrame(rows, columns=["change", "kind", "n", "slope", "estimate", "low", "high"])


def reference_fits(until=CUTOFF, *, fixed_recipe=False):
    """Return the named specifications whose intervals the verdict uses, by name.

    To July 2020: the published points, the repaired points, the documented models.
    Later the points are not judged alone, because nothing new could move them: the
    repaired points are continued with every later network of documented burden.

    Parameters
    ----------
    until : Timestamp
        Evidence up to this date.
    fixed_recipe : bool
        Whether the date enters every one of them.
    """
    repaired = regression_points("together")
    if until <= CUTOFF:
        samples = {"published points": regression_points(), "repaired points": repaired}
    else:
        later = documented_models(until, after=CUTOFF, compute="peak_burden_flop")
        samples = {"repaired and later points": pd.concat([repaired, later])}
    fits = {}
    for name, points in samples.items():
        law = PowerLaw(
            points["top1_error_pct"],
            points["peak_burden_flop"],
            groups=points["paper"].astype(str),
            controls=points["years"] if fixed_recipe else None,
        )
        fits[name] = law.fit(cov="classical" if until <= CUTOFF else "jackknife")
    models = {"documented models": documented_fit(until, fixed_recipe=fixed_recipe)}
    return fits | models if until <= CUTOFF else models | fits  # the first one names the estimate


def reference_table(until=CUTOFF, *, fixed_recipe=False):
    """Return the multipliers of `reference_fits` as powers of ten: ``estimate``, ``low``, ``high``."""
    start, target = levels()
    fits = reference_fits(until, fixed_recipe=fixed_recipe)
    rows = {name: fit.multiplier(start, target).log10() for name, fit in fits.items()}
    return pd.DataFrame(rows, index=["estimate", "low", "high"]).T


def largest_run(until=CUTOFF):
    """Return the largest peak burden behind any documented result, frozen features included, in FLOP."""
    return float(documented_models(until, frozen=True, compute="peak_burden_flop")["peak_burden_flop"].max())


def _samples(until):
    """Return every data set of the curve: name -> (table, measure of compute)."""
    every = documented_models(until)
    best = every["state_of_the_art"].isin(["any_data", "imagenet1k_only"])
    return {
        "13 published points": (regression_points(), "peak_burden_flop"),
        "points, repaired": (regression_points("together"), "peak_burden_flop"),
        "documented models": (every, "training_flop"),
        "with search cost": (documented_models(until, search=True), "training_flop"),
        "state of the art only": (every[best], "training_flop"),
        "ImageNet-1k only": (every[every["imagenet1k_only"].astype(bool)], "training_flop"),
    }


def specifications(until=CUTOFF):
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
    for (name, (table, compute)), measure in product(_samples(until).items(), ("top-1", "top-5")):
        column = f"top{measure[-1]}_error_pct"
        if measure == "top-5" and compute == "peak_burden_flop":
            continue
        rows = table.dropna(subset=[column])
        y_from = start if measure == "top-1" else float(rows[column].min())
        for (form, law_class), date in product(FORMS.items(), ("left out", "in")):
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
        covariances = COVARIANCES if fit["method"] == "ols" else {"classical": "classical"}
        pairs += [({"estimator": name, "errors": e}, fit | {"cov": cov}) for e, cov in covariances.items()]
    return pairs


def curve_summary(curve, estimand="multiplier"):
    """Summarise a specification curve, keeping apart what answers different questions.

    Along the field's path (date left out) or at a fixed recipe (date in); top-1 or
    top-5 error; direct estimators or the bounds (reverse, symmetric); the two
    measures of compute where the answer has a unit.

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications`.
    estimand : str
        As in `SpecificationCurve.estimates`.

    Returns
    -------
    DataFrame
        ``question``, ``form``, ``measure``, ``kind`` (and ``unit``), ``n`` intervals;
        ``median``, ``smallest``, ``largest`` of the distinct answers as powers of
        ten; shares of the intervals ``inside``, ``overlapping``, ``excluding`` 10⁴ to 10⁶.
    """
    table = curve.estimates(estimand)
    table["question"] = table["date"].map({"in": "recipe fixed", "left out": "field's path"})
    table["kind"] = table["estimator"].isin(BOUNDS).map({True: "bounds", False: "direct"})
    table["unit"] = table["data"].str.contains("points").map({True: "peak burden", False: "training compute"})
    distinct = table.drop_duplicates([c for c in curve.choice_names if c != "errors"])
    keys = ["question", "form", "measure", "kind"] + (["unit"] if estimand != "multiplier" else [])
    ends = distinct.groupby(keys)["estimate"].agg(median="median", smallest="min", largest="max")
    lies = table.groupby(keys)[["low", "high"]].apply(lambda part: shares(part, 4, 6))
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


def _years(published):
    """Years since the cut-off, the control that 'at fixed recipe' refers to."""
    return (published - CUTOFF).dt.days / 365.25
