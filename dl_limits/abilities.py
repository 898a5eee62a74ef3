"""Which abilities grew with size, which are near their ceiling, which never moved: one rule for all."""

from __future__ import annotations

import numpy as np

from dl_limits.task_scaling import gains
from dl_limits.task_scores import load, natural_accuracy

CEILING_PCT = 85.0  # what is left is less than a seventh of the scale
STILL_POINTS = 5.0  # a change no larger than prompts alone can make


def kinds(table):
    """Return the kind of each series.

    Parameters
    ----------
    table : DataFrame
        From `task_scaling.gains`.

    Returns
    -------
    ndarray of str
        'near its ceiling': the largest model scores at least 85. 'never moved': the 95 %
        interval of points per tenfold contains 0, or the largest model is less than 5
        points above guessing. 'grows': the rest.
    """
    above = (table["last"] - table["chance_pct"]).fillna(np.inf)
    still = ((table["points_low"] <= 0) & (table["points_high"] >= 0)) | (above < STILL_POINTS)
    return np.where(table["last"] >= CEILING_PCT, "near its ceiling", np.where(still, "never moved", "grows"))


def abilities(setting="few"):
    """Return the accuracy tasks that are not synthetic, with their kind, sorted for the figure.

    Parameters
    ----------
    setting : {'zero', 'one', 'few'}
        Which setting.
    """
    scores = load()
    scores = scores.where(natural_accuracy(scores) & (scores.info["setting"] == setting).to_numpy())
    table = gains(scores)
    table["kind"] = kinds(table)
    rank = table["kind"].map({"grows": 0, "near its ceiling": 1, "never moved": 2})
    order = np.lexsort((-table["points"], rank))
    return table.iloc[order].reset_index(drop=True)
