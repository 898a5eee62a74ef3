"""What the appendix on methods shows of the stored simulations (`make calibrate`)."""

from __future__ import annotations

import numpy as np

from dl_limits import curves, data
from dl_limits.forecasts import summarise

SURFACE = "loss surface"  # its designs have quantities of their own and stand in a table of their own


def coverage(quantity="exponent"):
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
    """Return the rows of ``interval_coverage`` that a user is told to rely on, loss surfaces left out."""
    table = data.load("interval_coverage")
    keep = table["recommended"] & ~table["design"].str.startswith(SURFACE)
    return table[keep].reset_index(drop=True)


def surface_coverage():
    """Return the coverage (a share) of the loss surface's intervals, a column for each quantity."""
    table = data.load("interval_coverage")
    table = table[table["design"].str.startswith(SURFACE)]
    wide = table.pivot_table(index=["design", "method"], columns="quantity", values="coverage", sort=False)
    return wide.reset_index().rename_axis(columns=None)


def forecasts():
    """Return forecast errors and coverage by kind of curve and method.

    Returns
    -------
    DataFrame
        From ``forecast_scores`` by `forecasts.summarise`.
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
    table["law"] = table.index.isin(curves.LAWS)
    return table.sort_values("rmse_log")
