"""Would 2020 have forecast its own largest model? Smaller sizes predict larger ones.

Pseudo-out-of-sample: whoever chose the methods knew the answer. All series rest on one
run a size, so a back-test over 186 series is far from 186 tests
(`dl_limits.studies.tasks.gains.shared_error`). Perplexity is left to others: its errors do
not compare with those of scores between 0 and 100.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.inference.scoring import LEVEL, interval_score
from dl_limits.studies.tasks.gains import FORECAST_METHODS, forecast

BACKTEST_STEPS = ((3, 5), (4, 6), (7, 7))  # models learnt from, place of the target: each about one tenfold
BEST = "gap, pooled"


def run_backtest(scores, learn=7, target=7, methods=FORECAST_METHODS):
    """Forecast one model from smaller ones.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU.
    learn : int
        How many of the smallest models to learn from.
    target : int
        Place of the model to forecast (0 is the smallest).
    methods : sequence of str
        Of `dl_limits.studies.tasks.gains.FORECAST_METHODS`.

    Returns
    -------
    DataFrame
        ``task``, ``metric``, ``setting``, ``panel``, ``method``, ``predicted``, ``low``, ``high``
        (the method's own 95 % interval), ``actual``, ``error`` (actual less predicted,
        points) and ``odds_error`` (the same in log odds).

    Raises
    ------
    ValueError
        For series of perplexity, and for models that do not exist.
    """
    if (scores.info["score_unit"] == "perplexity").any():
        raise ValueError("perplexity does not run from 0 to 100: leave it out first")
    if not 3 <= learn <= target < len(scores.log_compute):
        raise ValueError(f"learn and target must satisfy 3 <= learn <= target < {len(scores.log_compute)}")
    known, distance = scores.first(learn), scores.log_compute[target] - scores.log_compute[learn - 1]
    actual, keep = scores.points[:, target], scores.info[["task", "metric", "setting", "panel"]]
    parts = []
    for method in methods:
        out = forecast(known, method, distance)
        missed = scores.log_odds(actual) - scores.log_odds(out["predicted"].to_numpy())
        error = {"error": actual - out["predicted"], "odds_error": missed}
        parts.append(keep.assign(method=method, **out, actual=actual, **error))
    return pd.concat(parts, ignore_index=True)


def calibrated(table, scores, method=BEST):
    """Return intervals learnt from the errors on other tasks of the same panel.

    For each series: the quantile of the absolute errors (in log odds) over all series of
    its panel whose *task* is another: split conformal prediction with whole tasks left
    out, rank ceil((n + 1) `LEVEL`), the largest error where that exceeds n.

    Parameters
    ----------
    table : DataFrame
        From `run_backtest`.
    scores : TaskScores
        The series that `run_backtest` was given.
    method : str
        Whose errors.

    Returns
    -------
    DataFrame
        The rows of that method with ``width`` (log odds), ``low``, ``high`` (points).

    Raises
    ------
    ValueError
        Where a panel holds one task only: nothing to learn from.
    """
    own = table[table["method"] == method].reset_index(drop=True)
    size, panel, task = own["odds_error"].abs().to_numpy(), own["panel"].to_numpy(), own["task"].to_numpy()
    width = np.empty(len(own))
    for i in range(len(own)):
        others = np.sort(size[(panel == panel[i]) & (task != task[i])])
        if not len(others):
            raise ValueError(f"panel {panel[i]!r} holds one task only, {task[i]!r}")
        width[i] = others[min(int(np.ceil((len(others) + 1) * LEVEL)), len(others)) - 1]
    return own.assign(width=width, **_ends(scores, own["predicted"].to_numpy(), width))


def _ends(scores, predicted, width):
    centre = scores.log_odds(predicted)
    return {name: 100 / (1 + np.exp(-(centre + k * width))) for name, k in (("low", -1), ("high", 1))}


def backtest_summary(table):
    """Return how good each method was, by panel.

    Parameters
    ----------
    table : DataFrame
        From `run_backtest`, or from `calibrated` under another name of the method.

    Returns
    -------
    DataFrame
        ``panel``, ``method``, ``series``, ``rmse`` and ``bias`` (points), ``coverage`` of the 95 %
        interval and ``interval_score`` (NaN where a method has none), and skill (one
        less the ratio of squared errors) against ``no change`` and ``last three sizes``.
    """
    rows = []
    for panel, part in table.groupby("panel", sort=False):
        square = part.assign(square=part["error"] ** 2).groupby("method", sort=False)["square"].mean()
        for method, own in part.groupby("method", sort=False):
            has = own["low"].notna().all()
            inside = own["actual"].between(own["low"], own["high"]).mean() if has else np.nan
            score = interval_score(own["actual"], own["low"], own["high"]).mean() if has else np.nan
            rows.append(
                [panel, method, len(own), np.sqrt(square[method]), own["error"].mean(), inside, score]
                + [1 - square[method] / square[rival] for rival in ("no change", "last three sizes")]
            )
    columns = ["panel", "method", "series", "rmse", "bias", "coverage", "interval_score"]
    return pd.DataFrame(rows, columns=[*columns, "skill_no_change", "skill_last_three"])


def report(scores, learn=7):
    """Return `backtest_summary` of all methods and of calibrated intervals, by panel and for all language tasks.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU.
    learn : int
        How many of the smallest models to learn from; the largest is forecast.

    Returns
    -------
    DataFrame
        As `backtest_summary`; panel 'all but synthetic' pools the others.
    """
    table = run_backtest(scores, learn)
    fitted = calibrated(table, scores).assign(method=f"{BEST}, calibrated")
    table = pd.concat([table, fitted.drop(columns="width")], ignore_index=True)
    pool = table[table["panel"] != "synthetic"].assign(panel="all but synthetic")
    return backtest_summary(pd.concat([table, pool], ignore_index=True))


def next_tenfold(scores, tenfolds=1.0, method=BEST, learn=7):
    """Forecast the next tenfold of compute at fixed data, with intervals as wide as the last errors were.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU, all sizes.
    tenfolds : float
        Distance beyond the largest model.
    method : str
        Of `dl_limits.studies.tasks.gains.FORECAST_METHODS`.
    learn : int
        From how many of the smallest models the largest was forecast when the width of
        the intervals was learnt; fewer for forecasts further ahead.

    Returns
    -------
    DataFrame
        ``task``, ``metric``, ``setting``, ``panel``, ``last``, ``predicted``, ``low``, ``high``
        (points) and ``gain``, ``gain_low``, ``gain_high``.
    """
    width = calibrated(run_backtest(scores, learn, methods=(method,)), scores, method)["width"].to_numpy()
    predicted = forecast(scores, method, tenfolds)["predicted"].to_numpy()
    last = scores.points[:, -1]
    out = scores.info[["task", "metric", "setting", "panel"]].assign(last=last, predicted=predicted)
    out = out.assign(**_ends(scores, predicted, width))
    return out.assign(gain=predicted - last, gain_low=out["low"] - last, gain_high=out["high"] - last)


def earlier_steps(scores):
    """Return the errors of `BEST` at each step of about a tenfold, and whether the step before warned of them.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU.

    Returns
    -------
    DataFrame
        ``learn``, ``target``, ``tenfolds``, ``bias`` and ``rmse`` (points), ``covered``: share of the
        scores inside intervals calibrated on the *previous* step (NaN for the first).
    """
    rows, width = [], None
    for learn, target in BACKTEST_STEPS:
        table = run_backtest(scores, learn, target, (BEST,))
        covered = np.nan if width is None else float(np.mean(table["odds_error"].abs() <= width))
        distance = scores.log_compute[target] - scores.log_compute[learn - 1]
        error = table["error"]
        rows.append([learn, target, distance, error.mean(), np.sqrt((error**2).mean()), covered])
        width = calibrated(table, scores)["width"].to_numpy()
    return pd.DataFrame(rows, columns=["learn", "target", "tenfolds", "bias", "rmse", "covered"])
