"""What the appendix on methods shows of the stored simulations (`make calibrate`) and of past forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.calibration import SIMULATIONS
from dl_limits.inference import scoring, trend_shapes
from dl_limits.inference.scoring import summarise
from dl_limits.laws import curve_laws
from dl_limits.studies.after_2020 import hindcasts
from dl_limits.studies.imagenet import backtest as imagenet_backtest
from dl_limits.studies.learning import curves, laws
from dl_limits.studies.nli import later as nli_later
from dl_limits.studies.progress import rates
from dl_limits.studies.scaling import fit
from dl_limits.studies.tasks import backtest as tasks_backtest
from dl_limits.studies.tasks import scores as tasks_scores

ACCEPTED = 0.93, 0.97
SURFACE = ["surface-runs", "surface-sizes"]  # their quantities stand in a table of their own


def stored_coverage():
    """Return the measured coverage of the exponent of one-variable laws, resampling variants left out.

    Returns
    -------
    DataFrame
        Rows of ``interval_coverage``.
    """
    table = data.load("interval_coverage")
    keep = (table["quantity"] == "exponent") & (table["kind"] == "interval")
    return table[keep].reset_index(drop=True)


def recommended():
    """Return the rows of ``interval_coverage`` on one-variable laws that a user is told to rely on."""
    table = data.load("interval_coverage")
    laws = table["chapters"].isna() & ~table["design"].isin(SURFACE)
    return table[table["recommended"] & laws].reset_index(drop=True)


def surface_coverage():
    """Return the coverage (a share) of the loss surface's intervals, a column for each quantity."""
    table = data.load("interval_coverage")
    table = table[table["design"].isin(SURFACE)]
    wide = table.pivot_table(index=["design", "title", "method"], columns="quantity", values="coverage", sort=False)
    return wide.reset_index().rename_axis(columns=None)


def _spoken(chapters):
    """Return ``'02 03 04'`` as ``'02 to 04'``."""
    first, *rest = chapters.split()
    return f"{first} to {rest[-1]}" if len(rest) > 1 else " and ".join([first, *rest])


def other_chapters():
    """Return the coverage of intervals and tests that are no one-variable law's, in order of chapters.

    Returns
    -------
    DataFrame
        Rows of ``interval_coverage`` with ``chapter``, ``factor`` (upper over lower end, a median;
        NaN where that says nothing) and ``note`` (why a method that is used does not keep its promise).
    """
    table = data.load("interval_coverage")
    table = table[table["chapters"].notna()]
    used = table[table["recommended"]]
    notes = [SIMULATIONS[row.design].deviations.get(row.quantity, "") for row in used.itertuples()]
    table = table.assign(
        chapter=table["chapters"].map(_spoken),
        factor=10 ** table["median_width_log10"],
        note=pd.Series(notes, used.index).reindex(table.index, fill_value=""),
    )
    return table.sort_values("chapter", kind="stable").reset_index(drop=True)


# ------------------------------------------------------------------ forecasts


def forecast_scores():
    """Return forecast errors and coverage by kind of curve and method.

    Returns
    -------
    DataFrame
        From ``forecast_scores`` by `scoring.summarise`.
    """
    return summarise(data.load("forecast_scores"))


def overall(scores):
    """Return the average over kinds of each method's typical error, best first.

    Returns
    -------
    DataFrame, indexed by method
        ``rmse_log`` (geometric mean over kinds), ``coverage``, ``interval_score``,
        and ``law`` for those that the extrapolator averages.
    """
    groups = scores.assign(rmse_log=np.log(scores["rmse_log"])).groupby("method")
    table = groups[["rmse_log", "coverage", "interval_score"]].mean()
    table["rmse_log"] = np.exp(table["rmse_log"])
    table["law"] = table.index.isin(curve_laws.LAWS)
    return table.sort_values("rmse_log")


def extrapolation_errors():
    """Return how wrong the forecasts of the other chapters were on data that they had not seen.

    Returns
    -------
    DataFrame
        ``chapter``, ``forecast`` (of what), ``method``, ``forecasts`` (how many), ``error`` (root mean
        square) in ``unit``, and ``inside``, the share of outcomes inside the 95 % interval (NaN
        where a method has none). Outcomes of one row are not independent.
    """
    parts = _tasks() + _surface() + _curves() + _imagenet() + _records() + _inference() + _hindcasts()
    return pd.DataFrame(parts, columns=["chapter", "forecast", "method", "forecasts", "error", "unit", "inside"])


def _rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def _tasks():
    scores = tasks_scores.load_scores()
    report = tasks_backtest.report(scores.where(scores.info["score_unit"] != "perplexity"))
    rows = report[report["panel"] == "all but synthetic"]
    what = "GPT-3's tasks from seven smaller models"
    return [["03", what, r.method, r.series, r.rmse, "points", r.coverage] for r in rows.itertuples()]


def _surface():
    late = fit.held_back()
    error = 100 * _rms(np.log(late["loss"] / late["predicted"]))
    return [
        [
            "04",
            "loss of the largest runs, from the smaller",
            "loss surface",
            len(late),
            error,
            "%",
            late["covered"].mean(),
        ]
    ]


def _curves():
    runs = curves.stored()
    rows = []
    for r in laws.verdict_of_forecast(laws.judge(runs)).itertuples():
        inside = r.inside / r.forecasts if r.method != laws.CURVE_METHODS[-1] else np.nan
        rows.append(["05", "larger sizes, stored before they ran", r.method, r.forecasts, r.typical_pct, "%", inside])
    for method, part in laws.rolling(runs).groupby("method", sort=False):
        error = 100 * float(np.exp(np.log(part["rmse_log"]).mean()))
        what = "larger sizes, origin by origin"
        rows.append(["05", what, method, part["curves"].sum(), error, "%", part["coverage"].mean()])
    return rows


def _imagenet():
    later = imagenet_backtest.backtest()
    error = 100 * _rms(np.log(later["top1_error_pct"] / later["predicted"]))
    inside = imagenet_backtest.backtest_scores(later)["coverage"]
    return [["06", "ImageNet error after July 2020", "line, documented models", len(later), error, "%", inside]]


def _records():
    found = trend_shapes.next_records(rates.records("ImageNet top-1"))
    what, n = "the next ImageNet record", len(found)
    return [
        ["07", what, shape, n, 100 * _rms(found[shape] - found["actual"]), "%", np.nan] for shape in trend_shapes.SHAPES
    ]


def _inference():
    table, what = nli_later.later_forecasts(), "later models on ANLI"
    error = _rms(table["accuracy_pct"] - table["line"])
    return [
        ["08", what, "line", len(table), error, "points", table["inside_line"].mean()],
        ["08", what, "floor", len(table), np.nan, "points", table["inside_curve"].mean()],
    ]


def _hindcasts():
    scored = scoring.assess(hindcasts.forecasts())
    rows = []
    for group, part in scored.groupby("group", sort=False):
        inside = scoring.by_source(part.astype({"inside": float}), "inside").mean()
        rows.append(["10", group, "the chapter's law", len(part), _rms(part["signed"]), "half widths", inside])
    return rows
