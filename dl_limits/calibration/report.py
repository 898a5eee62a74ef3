"""What the appendix on methods shows of the stored simulations (`make calibrate`) and of past forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
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

SURFACE = "loss surface"  # its designs have quantities of their own and stand in a table of their own
ACCEPTED = 0.93, 0.97
CHAPTERS = {  # designs of intervals that are no one-variable law's, and where the book uses them
    "surface, GPT-2 to GPT-3": "02 to 04",
    "notable models, steady growth": "02",
    "GPT-3 tasks, lines with shared errors": "03",
    "median over tasks at ten times": "03",
    "learning curves, splits of one data set": "05",
    "learning curves, new texts": "05",
    "specification curve, clusters": "06",
    "ImageNet progress, steady": "07 and 10",
    "ImageNet progress, one break": "07",
    "ImageNet progress, three rates": "07",
    "all dated ImageNet systems": "07",
    "documented models, two periods": "07",
    "ANLI cells, prompt noise": "08",
    "ANLI cells, prompt noise of 3 points": "08",
    "ANLI cells, null hypotheses": "08",
    "ANLI trend, guessing": "08",
    "ANLI trend, a line": "08 and 10",
    "ANLI trend, a take-off": "08",
    "costs of training, steady growth": "09",
    "back-test, independent sources": "10",
    "random walk": "10",
}
_OVERLAP = "too wide: the correction supposes splits more alike than these are"
_REALISED = "too wide: it spans what one series may show; the fit behind it knows the rates better than that"
_MAXIMUM = "too narrow: a large run keeps its place among the largest for longer than the lags reach"
_MODELS = "too narrow: where neighbours are independent, as drawn here, errors robust to them come out too small"
DEVIATIONS = {  # what the book uses and what does not keep its promise, with the reason as we see it
    ("notable models, steady growth", "growth of the ten largest"): _MAXIMUM,
    ("learning curves, splits of one data set", "slope per doubling"): _OVERLAP,
    ("learning curves, splits of one data set", "gain of the last doubling"): _OVERLAP,
    ("learning curves, splits of one data set", "advantage at the smallest size"): _OVERLAP,
    ("learning curves, splits of one data set", "worth at the smallest size"): _OVERLAP,
    ("ImageNet progress, steady", "record in three years"): "too narrow: records wait for each other, a line does not",
    ("ImageNet progress, three rates", "ratio of points"): _REALISED,
    ("ImageNet progress, three rates", "percent a year, to 2015"): _REALISED,
    ("ImageNet progress, three rates", "percent a year, 2018-20"): _REALISED,
    ("ANLI trend, a line", "new model"): "too wide: prompt noise is in the residuals, and is added once more",
    ("ANLI cells, prompt noise of 3 points", "excess over guessing"): (
        "too narrow: the prompt moves scores by more than the 2 points assumed"
    ),
    ("back-test, independent sources", "mean gain, 5 sources"): (
        "too narrow: gains are skewed, and so few sources hardly show it"
    ),
    ("costs of training, steady growth", "growth of cost"): _MODELS,
    ("costs of training, steady growth", "years to $10 billion, a run"): (
        "the interval is that of the trend; a single run may lie far from it"
    ),
}


def stored_coverage(quantity="exponent"):
    """Return the measured coverage of one quantity of one-variable laws, resampling variants left out.

    Returns
    -------
    DataFrame
        Rows of ``interval_coverage``.
    """
    table = data.load("interval_coverage")
    keep = (table["quantity"] == quantity) & ~table["method"].str.contains("bootstrap|test")
    return table[keep].reset_index(drop=True)


def recommended():
    """Return the rows of ``interval_coverage`` on one-variable laws that a user is told to rely on."""
    table = data.load("interval_coverage")
    others = table["design"].str.startswith(SURFACE) | table["design"].isin(CHAPTERS)
    return table[table["recommended"] & ~others].reset_index(drop=True)


def surface_coverage():
    """Return the coverage (a share) of the loss surface's intervals, a column for each quantity."""
    table = data.load("interval_coverage")
    table = table[table["design"].str.startswith(SURFACE)]
    wide = table.pivot_table(index=["design", "method"], columns="quantity", values="coverage", sort=False)
    return wide.reset_index().rename_axis(columns=None)


def other_chapters():
    """Return the coverage of intervals and tests that are no one-variable law's, in order of chapters.

    Returns
    -------
    DataFrame
        Rows of ``interval_coverage`` with ``chapter``, ``factor`` (upper over lower end, a median;
        NaN where that says nothing) and ``note`` (why a method that is used does not keep its promise).
    """
    table = data.load("interval_coverage")
    table = table[table["design"].isin(CHAPTERS)]
    keys = zip(table["design"], table["quantity"], table["recommended"], strict=True)
    table = table.assign(
        chapter=table["design"].map(CHAPTERS).astype(str),
        factor=10 ** table["median_width_log10"],
        note=[DEVIATIONS.get((design, quantity), "") if used else "" for design, quantity, used in keys],
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
