"""Laws and forecasts of the learning curves measured here, and floors where the true one is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.experiments.runs import WIDTHS
from dl_limits.experiments.training import language
from dl_limits.inference import scoring
from dl_limits.laws.extrapolation import extrapolate
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.laws.surface import LossSurface
from dl_limits.studies.learning.curves import curves, means

CURVE_METHODS = ("average of laws", "power law", "power law with floor", "no change")
_FEWEST = 4  # points under a law
_WIDTH = WIDTHS["language"]


def fitted_laws(runs):
    """Fit each mean curve by a power law with and without a floor.

    Returns
    -------
    DataFrame
        ``task``, ``width``; ``exponent`` with ``exponent_low`` and ``exponent_high`` of
        the law without a floor; the same names with ``floor_`` before them, and
        ``floor``, ``floor_low``, ``floor_high``, of the law with one.
    """
    rows = []
    for task, width in curves(runs):
        curve = means(runs, task, width)
        row = {"task": task, "width": width}
        for prefix, floor in (("", None), ("floor_", "estimate")):
            fit = PowerLaw(curve.to_numpy(), curve.index.to_numpy(float), floor=floor).fit()
            ends = fit.conf_int()
            row |= {f"{prefix}exponent": fit.params["exponent"]}
            row |= dict(zip([f"{prefix}exponent_low", f"{prefix}exponent_high"], ends.loc["exponent"], strict=True))
        row |= dict(zip(["floor", "floor_low", "floor_high"], [fit.params["floor"], *ends.loc["floor"]], strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


# ------------------------------------------------------------------ forecasts


def carry_on(curve, sizes):
    """Forecast a mean curve at larger sizes, by several methods.

    Parameters
    ----------
    curve : Series, indexed by size
        At least four points.
    sizes : sequence of int
        Where to.

    Returns
    -------
    DataFrame
        ``method``, ``size``, ``forecast``, ``low``, ``high`` (95 %, for a new mean); 'no change' has no interval.
    """
    x, y = curve.index.to_numpy(float), curve.to_numpy(float)
    models = [extrapolate(x, y), PowerLaw(y, x).fit(), PowerLaw(y, x, floor="estimate").fit()]
    parts = [pd.DataFrame({"method": CURVE_METHODS[-1], "size": sizes, "forecast": y[-1]})]
    for method, model in zip(CURVE_METHODS, models, strict=False):
        low, high = model.predict_interval(sizes)
        columns = {"method": method, "size": sizes, "forecast": model.predict(sizes), "low": low, "high": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts[1:] + parts[:1], ignore_index=True)


def forecast_curve(small, large):
    """Forecast every curve of one table of runs at the sizes that only a larger grid has.

    Parameters
    ----------
    small : DataFrame
        The runs that are known.
    large : iterable of tuple
        ``(task, width, size)`` of runs to come.

    Returns
    -------
    DataFrame
        ``task``, ``width`` and the columns of `carry_on`.
    """
    parts = []
    for task, width in curves(small):
        curve = means(small, task, width)
        sizes = sorted({s for t, w, s in large if (t, w) == (task, width)} - set(curve.index))
        parts.append(carry_on(curve, sizes).assign(task=task, width=width))
    return pd.concat(parts, ignore_index=True)[["task", "width", "method", "size", "forecast", "low", "high"]]


def judge(runs):
    """Set the forecast that was stored before the full grid against the means that came.

    Parameters
    ----------
    runs : DataFrame
        Of the full grid.

    Returns
    -------
    DataFrame
        The table ``learning_curve_forecasts`` with ``outcome``, ``inside`` (of the
        interval; missing for 'no change') and ``off_pct``, how far the forecast lay
        above the outcome, in per cent of it.
    """
    table = data.load("learning_curve_forecasts")
    cells = zip(table["task"], table["width"], table["size"], strict=True)
    table["outcome"] = [means(runs, task, width)[size] for task, width, size in cells]
    inside = (table["low"] <= table["outcome"]) & (table["outcome"] <= table["high"])
    table["inside"] = inside.astype("boolean").where(table["low"].notna())
    table["off_pct"] = 100 * (table["forecast"] / table["outcome"] - 1)
    return table


def verdict_of_forecast(judged):
    """Summarise `judge` by method.

    Returns
    -------
    DataFrame
        ``method``, ``forecasts``, ``inside`` (how many of them), ``typical_pct`` (root
        mean square of the error) and ``bias_pct`` (its mean).
    """
    groups = judged.groupby("method", observed=True, sort=False)
    return groups.agg(
        forecasts=("size", "size"),
        inside=("inside", "sum"),
        typical_pct=("off_pct", lambda v: np.sqrt((v**2).mean())),
        bias_pct=("off_pct", "mean"),
    ).reset_index()


def origins(runs):
    """Yield every curve cut after its 4th, 5th, ... size, for `scoring.score`.

    Yields
    ------
    tuple
        ``(task, (width, sizes seen), x, y, x_new, y_new)``.
    """
    for name, width in curves(runs):
        curve = means(runs, name, width)
        x, y = curve.index.to_numpy(float), curve.to_numpy()
        for k in range(_FEWEST, len(x)):
            yield name, (width, k), x[:k], y[:k], x[k:], y[k:]


def rolling(runs):
    """Score forecasts of the larger sizes from the smaller ones, by task and method.

    Returns
    -------
    DataFrame
        ``kind`` (task), ``method``, ``curves`` (forecasts made), ``rmse_log``,
        ``coverage`` and ``interval_score``, as `scoring.summarise` gives them, for the
        average of laws, the straight line and no change.
    """
    scores = scoring.score(origins(runs))
    scores = scores[scores["method"].isin(["extrapolator", "least-squares line"])]
    still = [
        {
            "kind": name,
            "curve": which,
            "method": CURVE_METHODS[-1],
            "rmse_log": np.sqrt((np.log(new / y[-1]) ** 2).mean()),
        }
        for name, which, _, y, _, new in origins(runs)
    ]
    table = scoring.summarise(pd.concat([scores, pd.DataFrame(still)], ignore_index=True))
    table["method"] = table["method"].replace(
        {"extrapolator": CURVE_METHODS[0], "least-squares line": CURVE_METHODS[1]}
    )
    table = table.sort_values("kind", kind="stable", ignore_index=True)
    return table[["kind", "method", "curves", "rmse_log", "coverage", "interval_score"]]


# ------------------------------------------------------------------ floors


def curve_floors(runs):
    """Fit the floor of the language's loss from ever more sizes, and set it against the entropy.

    Returns
    -------
    DataFrame
        ``largest`` (words), ``reached_pct`` (how far the loss there still lies above the
        entropy, in per cent of it), ``floor``, ``low``, ``high`` (nats), ``status`` (of
        `FloorResults.identification`), ``entropy``.
    """
    curve, entropy, rows = means(runs, "language", _WIDTH), language().entropy, []
    for k in range(_FEWEST, len(curve) + 1):
        seen = curve.iloc[:k]
        fit = PowerLaw(seen.to_numpy(), seen.index.to_numpy(float), floor="estimate").fit()
        low, high = fit.conf_int().loc["floor"]
        row = {"largest": seen.index[-1], "reached_pct": 100 * (seen.iloc[-1] / entropy - 1)}
        rows.append(row | {"floor": fit.params["floor"], "low": low, "high": high, "status": fit.identification.status})
    return pd.DataFrame(rows).assign(entropy=entropy)


def above_floor(runs):
    """Fit a power law to what lies above the known entropy: how loss nears its floor.

    Returns
    -------
    PowerLawResults
        Its ``required(target)`` says how many words bring the loss to a target.
    """
    curve = means(runs, "language", _WIDTH)
    return PowerLaw(curve.to_numpy(), curve.index.to_numpy(float), floor=language().entropy).fit()


def size_data_surface(runs):
    """Fit ``L = E + A/N^alpha + B/D^beta`` to the language, to see whether E is the entropy.

    Returns
    -------
    LossSurfaceResults
        Standard errors clustered by network size.
    """
    words = runs[runs["task"] == "language"]
    table = words.groupby(["params", "size"])["test_loss_nats"].mean().reset_index()
    return LossSurface(table["test_loss_nats"], table["params"], table["size"]).fit()


def crossings(runs):
    """Return the number of words at which the straight line through the loss falls below the entropy.

    Returns
    -------
    dl_limits.laws.estimate.Estimate
    """
    curve = means(runs, "language", _WIDTH)
    return PowerLaw(curve.to_numpy(), curve.index.to_numpy(float)).fit().required(language().entropy)
