"""The fits of chapter 06: the regression of 2020 again, its repairs, the documented models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import norm

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.laws.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.studies.imagenet.points import documented_models, levels, regression_points, repair

LINE_MIN_POINTS = 10  # of one period: a line through fewer is drawn by one or two papers
# The paper calls its second form exponential: compute is exponential in 1/error.
ERROR_LAWS = {"power law": PowerLaw, "exponential": ReciprocalLaw}


def published_fit(form="power law", method="ols"):
    """Return the regression of 2020, refitted: error in percent on peak burden in FLOP."""
    points = regression_points()
    return ERROR_LAWS[form](points["top1_error_pct"], points["peak_burden_flop"], groups=points["paper"]).fit(method)


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


def later_fit(after=CUTOFF, until=LATEST):
    """Error on training compute over the documented models published between two dates.

    Parameters
    ----------
    after, until : Timestamp
        Published later than, and up to, these dates.

    Returns
    -------
    PowerLawResults or None
        Errors as in `documented_fit`; None below `LINE_MIN_POINTS` models.
    """
    models = documented_models(until, after=after)
    if len(models) < LINE_MIN_POINTS:
        return None
    law = PowerLaw(models["top1_error_pct"], models["training_flop"], groups=models["paper"])
    return law.fit(cov="jackknife")


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
    cases += [(row.label, "corrected", repair(points, repairs, [row.Index])) for row in corrections.itertuples()]
    names = points["model"].str.split(" (", regex=False).str[0].str.split(" EfficientNet").str[0]
    cases += [(f"without {names[m]}", "left out", points.drop(index=m)) for m in points.index]
    cases += [("all faults mended", "together", repair(points, repairs, together))]
    cases += [("the same, MnasNet kept", "together", repair(points, repairs, with_search))]
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
