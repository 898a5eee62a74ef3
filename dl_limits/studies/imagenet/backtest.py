"""Networks published after July 2020 against the bands fitted to what came before."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.imagenet.fits import documented_fit, published_fit
from dl_limits.studies.imagenet.points import documented_models, levels, regression_points


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
        ``log10_ratio`` of observed to predicted error, and two forecasts without
        any law: ``recent`` (geometric mean error of the two years before the
        cut-off) and ``record`` (the lowest error before it).
    """
    first = compute == "peak_burden_flop"
    fit, before = (published_fit(), regression_points()) if first else (documented_fit(), documented_models())
    recent = before[before["published"] > CUTOFF - pd.DateOffset(years=2)]
    later = documented_models(LATEST, after=CUTOFF, compute=compute)
    later["predicted"] = fit.predict(later[compute])
    later["lower"], later["upper"] = fit.predict_interval(later[compute])
    later["inside"] = later["top1_error_pct"].between(later["lower"], later["upper"])
    later["log10_ratio"] = np.log10(later["top1_error_pct"] / later["predicted"])
    later["recent"] = np.exp(np.log(recent["top1_error_pct"]).mean())
    later["record"] = levels()[0]
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
        ``papers``, ``models``; ``coverage`` of the 95 % band; ``below`` and ``above``,
        how many models miss it on which side; ``band_low_pct`` and ``band_high_pct``
        at the largest run; ``bias`` as observed over predicted error with its 95 %
        t interval over papers, ``bias_low`` and ``bias_high``; ``skill_recent`` and
        ``skill_record`` = 1 - RMSE(law) / RMSE(forecast without law), on log error.
    """
    log_error = np.log10(table["top1_error_pct"])
    per_row = pd.DataFrame(
        {
            "inside": table["inside"].astype(float),
            "ratio": table["log10_ratio"],
            "law": table["log10_ratio"] ** 2,
            "recent": (log_error - np.log10(table["recent"])) ** 2,
            "record": (log_error - np.log10(table["record"])) ** 2,
        }
    )
    papers = per_row.groupby(table["paper"].astype(str)).mean()
    mean, n = papers.mean(), len(papers)
    half = t.isf(0.025, n - 1) * papers["ratio"].std() / np.sqrt(n)
    top = table.loc[table["predicted"].idxmin()]  # the largest run
    return {
        "papers": n,
        "models": len(table),
        "coverage": float(mean["inside"]),
        "below": int((table["top1_error_pct"] < table["lower"]).sum()),
        "above": int((table["top1_error_pct"] > table["upper"]).sum()),
        "band_low_pct": float(top["lower"]),
        "band_high_pct": float(top["upper"]),
        "bias": float(10 ** mean["ratio"]),
        "bias_low": float(10 ** (mean["ratio"] - half)),
        "bias_high": float(10 ** (mean["ratio"] + half)),
        "skill_recent": float(1 - np.sqrt(mean["law"] / mean["recent"])),
        "skill_record": float(1 - np.sqrt(mean["law"] / mean["record"])),
    }


def compute_used():
    """Return the six lowest errors reached since July 2020: burden used against burden demanded.

    Burdens are in units of the largest of the 13 points, which is what "10⁵ times
    more" refers to; the demand is that of the published line, with its Fieller
    interval for a new network.

    Returns
    -------
    DataFrame
        ``model``, ``top1_error_pct``, ``used``, ``demanded``, ``demanded_low``,
        ``demanded_high`` (ratios).
    """
    fit = published_fit()
    baseline = regression_points()["peak_burden_flop"].max()
    later = documented_models(LATEST, after=CUTOFF, compute="peak_burden_flop").nsmallest(6, "top1_error_pct")
    demands = [fit.required(e, of="new") for e in later["top1_error_pct"]]
    return later[["model", "top1_error_pct"]].assign(
        used=later["peak_burden_flop"] / baseline,
        demanded=[d.estimate / baseline for d in demands],
        demanded_low=[d.low / baseline for d in demands],
        demanded_high=[d.high / baseline for d in demands],
    )
