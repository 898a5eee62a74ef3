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
from scipy.stats import chi2, norm

from dl_limits import data, linear
from dl_limits.powerlaw import PowerLaw, ReciprocalLaw
from dl_limits.specification import Specification, SpecificationCurve, shares

CUTOFF = pd.Timestamp("2020-07-31")
LATEST = pd.Timestamp("2026-11-30")
UNITS = {"peak_burden_flop": "peak burden", "training_flop": "training compute"}
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
    table = data.load("imagenet_repairs_2020").set_index("repair_id")
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


def documented_models(until=CUTOFF, *, after=None, search=False, compute="training_flop"):
    """Models whose compute and date are documented.

    Left out by rule: results that nobody reproduced, results with frozen features
    or without any training on ImageNet (another kind of measurement), and, unless
    `search` is true, compute that includes an architecture search.

    Parameters
    ----------
    until, after : Timestamp
        Published up to, and later than, these dates.
    search : bool
        Whether to keep compute that includes an architecture search.
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
    """Error on training compute over all documented models, clustered by paper.

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
    return law.fit(method, cov="cluster")


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

    Returns
    -------
    DataFrame
        ``specification``, ``n``, ``slope`` as printed, ``estimate``, ``low``, ``high``
        (normal interval of the printed slope and standard error).
    """
    printed = data.load("projections_2020").query("paper_version == 2022 and model_form == 'polynomial'")
    slopes = printed[printed["quantity"] == "slope"].set_index("specification")
    counts = printed[printed["quantity"] == "n_points"].set_index("specification")["value"]
    start, target = levels()
    distance = np.log10(start / target)
    size, half = slopes["value"].abs(), norm.isf(0.025) * slopes["standard_error"]
    return pd.DataFrame(
        {
            "n": counts.reindex(slopes.index).astype(int),
            "slope": size,
            "estimate": distance / size,
            "low": distance / (size + half),
            "high": distance / (size - half),
        }
    ).reset_index()


def repair_table():
    """Return the multiplier from 11.5 % to 5 % after each repair, and after leaving each point out.

    Returns
    -------
    DataFrame
        ``change``, ``kind`` ('as published', 'repair', 'together', 'left out'),
        ``n``, ``slope`` and ``estimate``, ``low``, ``high`` as powers of ten.
    """
    repairs = data.load("imagenet_repairs_2020")
    points = regression_points()
    cases = [("as published", "as published", points)]
    cases += [(r, "repair", regression_points([r])) for r in repairs["repair_id"]]
    cases += [("all repairs together", "together", regression_points("together"))]
    cases += [(points.loc[m, "model"], "left out", points.drop(index=m)) for m in points.index]
    rows = []
    for change, kind, sample in cases:
        fit = PowerLaw(sample["top1_error_pct"], sample["peak_burden_flop"]).fit()
        estimate, low, high = fit.multiplier(*levels()).log10()
        rows.append([change, kind, len(sample), fit.params["exponent"], estimate, low, high])
    return pd.DataFrame(rows, columns=["change", "kind", "n", "slope", "estimate", "low", "high"])


def reference_fits(until=CUTOFF, *, fixed_recipe=False):
    """Return the named specifications whose intervals the verdict uses, by name.

    Parameters
    ----------
    until : Timestamp
        Evidence up to this date; only the documented models change with it.
    fixed_recipe : bool
        Whether the date enters every one of them.
    """
    fits = {}
    for name, repairs in {"published points": (), "repaired points": "together"}.items():
        points = regression_points(repairs)
        law = PowerLaw(
            points["top1_error_pct"],
            points["peak_burden_flop"],
            controls=points["years"] if fixed_recipe else None,
        )
        fits[name] = law.fit()
    fits["documented models"] = documented_fit(until, fixed_recipe=fixed_recipe)
    return fits


def reference_table(until=CUTOFF, *, fixed_recipe=False):
    """Return the multipliers of `reference_fits` as powers of ten: ``estimate``, ``low``, ``high``."""
    fits = reference_fits(until, fixed_recipe=fixed_recipe)
    rows = {name: fit.multiplier(*levels()).log10() for name, fit in fits.items()}
    return pd.DataFrame(rows, index=["estimate", "low", "high"]).T


def largest_run(compute, until=CUTOFF):
    """Return the largest training run among the documented models, searches left out, in FLOP."""
    return float(_all_runs(compute, until).max())


def _all_runs(compute, until):
    models = data.load("imagenet_models").set_index("model_id")
    column = "includes_architecture_search" if compute == "training_flop" else "peak_burden_includes_search"
    runs = models.loc[(models["published"] <= until) & ~models[column].fillna(False).astype(bool), compute]
    return runs.dropna()


def _samples(until):
    """Return every data set of the curve: name -> (table, measure of compute)."""
    every = documented_models(until)
    best = every["state_of_the_art"].isin(["any_data", "imagenet1k_only"])
    return {
        "13 published points": (regression_points(), "peak_burden_flop"),
        "13 points, repaired": (regression_points("together"), "peak_burden_flop"),
        "documented models": (every, "training_flop"),
        "documented, with search cost": (documented_models(until, search=True), "training_flop"),
        "state of the art only": (every[best], "training_flop"),
        "ImageNet-1k data only": (every[every["imagenet1k_only"].astype(bool)], "training_flop"),
    }


def specifications(until=CUTOFF):
    """Every reasonable combination of choices for the multiplier.

    Left out because they are not reasonable: top-5 error for the 13 points (the
    paper has none), lines through the best tenth of fewer than 30 points, and
    covariances that an estimator does not have.

    Returns
    -------
    SpecificationCurve
    """
    start, target = levels()
    largest = {compute: largest_run(compute, until) for compute in UNITS}
    specs = []
    for (name, (table, compute)), measure in product(_samples(until).items(), ("top-1", "top-5")):
        column = f"top{measure[-1]}_error_pct"
        if measure == "top-5" and compute == "peak_burden_flop":
            continue
        rows = table.dropna(subset=[column])
        y_from = start if measure == "top-1" else float(rows[column].min())
        for (form, law_class), date in product(FORMS.items(), ("not in", "in")):
            law = law_class(
                rows[column],
                rows[compute],
                groups=rows["paper"].astype(str),
                controls=rows["years"] if date == "in" else None,
            )
            choices = {"data": name, "form": form, "date": date, "measure": measure}
            specs += [
                Specification(choices | how, law, y_from, y_from * target / start, largest[compute], fit)
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
    """Summarise a specification curve by question and functional form.

    Following the field's path (date not in) and holding the recipe fixed (date in)
    are different questions, so they are never summed up together.

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications`.
    estimand : str
        As in `SpecificationCurve.estimates`.

    Returns
    -------
    DataFrame
        ``question``, ``form``, ``n``; ``median``, ``smallest``, ``largest`` answer as
        powers of ten; shares of intervals ``inside``, ``overlapping``, ``excluding``
        10⁴ to 10⁶.
    """
    table = curve.estimates(estimand)
    rows = []
    for (date, form), part in table.groupby(["date", "form"], sort=False):
        question = "recipe held fixed" if date == "in" else "along the field's path"
        ends = part["estimate"]
        rows.append([question, form, len(part), ends.median(), ends.min(), ends.max(), *shares(part, 4, 6)])
    columns = ["question", "form", "n", "median", "smallest", "largest", "inside", "overlapping", "excluding"]
    return pd.DataFrame(rows, columns=columns).sort_values(["question", "form"], ascending=[True, False])


def compute_reliability(until=CUTOFF):
    """How much of the spread of log training compute is signal, from models with two figures.

    Some models have a figure from hardware time or a database *and* a count of
    operations. With equal and independent errors in both, half the variance of
    their difference is the error variance of one.

    Returns
    -------
    dict
        ``n`` models with both, ``sd_log10`` of the difference, ``largest_log10``
        difference, ``reliability`` of the documented compute and its 95 % ``low``
        and ``high`` (chi-square on the error variance).
    """
    models = documented_models(until)
    independent = models["training_flop_basis"].isin(["hardware_time", "database_estimate"])
    both = models[independent & models["counted_training_flop"].notna()]
    gap = np.log10(both["training_flop"] / both["counted_training_flop"])
    spread = np.log10(models["training_flop"]).var()
    df = len(gap)
    squares = (gap**2).sum() / 2  # a systematic gap is error too
    error = squares / np.array([df, chi2.isf(0.025, df), chi2.isf(0.975, df)])
    point, high, low = np.clip(1 - error / spread, 0, 1)
    return {
        "n": df,
        "sd_log10": float(gap.std()),
        "largest_log10": float(gap.abs().max()),
        "reliability": float(point),
        "low": float(low),
        "high": float(high),
    }


def reliability_sweep(until=CUTOFF, grid=None):
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
    fit = documented_fit(until)
    grid = np.linspace(1, fit.rsquared, 40) if grid is None else np.asarray(grid, float)
    ends = np.outer(grid, fit.multiplier(*levels()).log10())
    return pd.DataFrame(np.column_stack([grid, ends]), columns=["reliability", "estimate", "low", "high"])


def floor_profile(until=CUTOFF, step=0.1):
    """What an assumed floor of the error does to fit and multiplier.

    Returns
    -------
    DataFrame
        ``floor_pct``, ``loglik_loss`` (against the best floor; up to 1.92 is inside
        the 95 % likelihood interval), ``estimate``, ``low``, ``high``: the power of
        ten from 11.5 % to 5 %, ``inf`` where the floor is at or above the target.
    """
    start, target = levels()
    models = documented_models(until)
    error, compute, papers = models["top1_error_pct"], models["training_flop"], models["paper"]
    rows = []
    for floor in np.arange(0, error.min(), step).round(6):
        fit = PowerLaw(error, compute, floor=floor, groups=papers).fit(cov="cluster")
        ends = fit.multiplier(start, target).log10() if floor < target else (np.inf,) * 3
        rows.append([floor, fit.llf(), *ends])
    table = pd.DataFrame(rows, columns=["floor_pct", "loglik_loss", "estimate", "low", "high"])
    table["loglik_loss"] = table["loglik_loss"].max() - table["loglik_loss"]
    return table


def floor_draws(until=CUTOFF, n_boot=500, seed=0, step=0.2):
    """Return the best-fitting floor (percent) in each of `n_boot` data sets with the papers resampled.

    The likelihood of `floor_profile` treats models of one paper as independent;
    this does not.
    """
    models = documented_models(until)
    y, h = models["top1_error_pct"].to_numpy(), np.log(models["training_flop"].to_numpy())
    counts = linear.resample(len(y), n_boot, seed, models["paper"])
    n = counts.sum(axis=1)
    grid = np.arange(0, y.min(), step)
    logliks = []
    for floor in grid:
        z = np.log(y - floor)
        a, b = linear.refit(z, h, counts).T
        squares = (counts * (z - a[:, None] - np.outer(b, h)) ** 2).sum(axis=1)
        logliks.append(-n / 2 * np.log(squares / n) - counts @ z)
    return pd.Series(grid[np.argmax(logliks, axis=0)], name="floor_pct")


def backtest(compute="training_flop"):
    """Models published after July 2020 against the band fitted to what came before.

    Parameters
    ----------
    compute : {'training_flop', 'peak_burden_flop'}
        The documented models, or the 13 published points, each in its own measure.

    Returns
    -------
    DataFrame, indexed by model_id
        ``predicted``, ``lower``, ``upper`` (95 %, new model), ``inside``,
        ``log10_ratio`` of observed to predicted error, ``no_change`` (geometric
        mean error of the two years before the cut-off).
    """
    first = compute == "peak_burden_flop"
    fit, before = (published_fit(), regression_points()) if first else (documented_fit(), documented_models())
    recent = before[before["published"] > CUTOFF - pd.DateOffset(years=2)]
    later = documented_models(LATEST, after=CUTOFF, compute=compute)
    later["predicted"] = fit.predict(later[compute])
    later["lower"], later["upper"] = fit.predict_interval(later[compute])
    later["inside"] = later["top1_error_pct"].between(later["lower"], later["upper"])
    later["log10_ratio"] = np.log10(later["top1_error_pct"] / later["predicted"])
    later["no_change"] = np.exp(np.log(recent["top1_error_pct"]).mean())
    return later


def backtest_scores(table):
    """Score a back-test, every paper counting once.

    Parameters
    ----------
    table : DataFrame
        From `backtest`.

    Returns
    -------
    dict
        ``papers``, ``models``; ``coverage`` of the 95 % band; ``band_low_pct`` and
        ``band_high_pct`` at the largest run; ``bias`` as observed over predicted
        error; ``skill`` = 1 - RMSE(law) / RMSE(no change), on log error.
    """
    squares = pd.DataFrame(
        {
            "inside": table["inside"].astype(float),
            "ratio": table["log10_ratio"],
            "law": table["log10_ratio"] ** 2,
            "no_change": np.log10(table["top1_error_pct"] / table["no_change"]) ** 2,
        }
    )
    mean = squares.groupby(table["paper"].astype(str)).mean().mean()
    top = table.loc[table["predicted"].idxmin()]  # the largest run
    return {
        "papers": int(table["paper"].nunique()),
        "models": len(table),
        "coverage": float(mean["inside"]),
        "band_low_pct": float(top["lower"]),
        "band_high_pct": float(top["upper"]),
        "bias": float(10 ** mean["ratio"]),
        "skill": float(1 - np.sqrt(mean["law"] / mean["no_change"])),
    }


def compute_used(until=CUTOFF, count=6):
    """Return the lowest errors reached after `until`: burden used against burden demanded.

    Burdens are in units of the largest of the 13 points, which is what "10⁵ times
    more" refers to; the demand is that of the published line.

    Returns
    -------
    DataFrame
        ``model``, ``published``, ``top1_error_pct``, ``used``, ``demanded`` (ratios).
    """
    fit = published_fit()
    baseline = regression_points()["peak_burden_flop"].max()
    later = documented_models(LATEST, after=until, compute="peak_burden_flop").nsmallest(count, "top1_error_pct")
    later["used"] = later["peak_burden_flop"] / baseline
    later["demanded"] = [fit.required(e).estimate / baseline for e in later["top1_error_pct"]]
    return later[["model", "published", "top1_error_pct", "used", "demanded"]]


def largest_multiple(until=LATEST):
    """Return the largest run on ImageNet since, over the largest of the 13 points (peak burden)."""
    return largest_run("peak_burden_flop", until) / regression_points()["peak_burden_flop"].max()


def _years(published):
    """Years since the cut-off, the control that 'at fixed recipe' refers to."""
    return (published - CUTOFF).dt.days / 365.25
