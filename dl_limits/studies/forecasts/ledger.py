"""The forecasts as they stand in the table ``open_forecasts``: fixed once made, scored once resolved.

A row is a forecast: target, date, five quantiles, and the rule that will resolve it. What is resolved is written into
its last three columns; the others never change. `DIGESTS` holds the digest of each version; a forecast that has to be
made anew (a table it rests on was mended, the method improved) gets a new version with a digest of its own, and the
old one stays and is scored too.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.inference.scoring import interval_score, quantile_score
from dl_limits.studies.forecasts import drawing
from dl_limits.studies.forecasts.drawing import CENTRAL, MADE_ON, QUANTILE_LEVELS
from dl_limits.studies.forecasts.targets import FORECAST_TARGETS
from dl_limits.words import number, power_cell

DIGESTS = {1: "4bf758aa0e037ecebb0f585c79bf5000f792a848e0d1c0fcdeb87d07ca51777a"}
QUANTILES = [f"q{round(100 * level):02}" for level in QUANTILE_LEVELS]
FIXED = [
    "forecast_id",
    "version",
    "made_on",
    "target",
    "resolves_by",
    "unit",
    "so_far",
    *QUANTILES,
    "method",
    "rule",
    "source",
    "locator",
]
RESOLVED = ["value", "resolved_on", "value_locator"]
NAMES = {
    "largest_run": "largest training run",
    "dearest_run": "cost of the dearest run",
    "largest_energy": "energy of the largest run",
    "time_horizon": "longest task done half the time",
    "largest_text": "largest training set",
    "imagenet_error": "lowest ImageNet error",
    "anli_r3_prompted": "best prompted score, ANLI round 3",
}
_SPOKEN = {  # divided by, unit in words
    "USD of 2023": (1e9, "billion dollars"),
    "MWh": (1e3, "GWh"),
    "minutes": (60, "hours"),
    "tokens": (1e12, "trillion tokens"),
    "% top-1 error": (1, "%"),
    "% right": (1, "%"),
}


def rows(version):
    """Return the forecasts of today's tables as text, one row each, ready for the file.

    Parameters
    ----------
    version : int

    Returns
    -------
    DataFrame of str
        Columns `FIXED` and `RESOLVED`, the latter empty; numbers with four digits.
    """
    table = drawing.forecasts_now()
    for column in ["so_far", *QUANTILES]:
        table[column] = [f"{value:.4g}" for value in table[column]]
    said = [FORECAST_TARGETS[name] for name in table["target"]]
    for column in ("method", "rule", "source", "locator"):
        table[column] = [getattr(target, column) for target in said]
    years = table["resolves_by"].str[:4]
    table = table.assign(
        forecast_id=table["target"] + "_" + years + f"_v{version}", version=str(version), made_on=f"{MADE_ON:%Y-%m}"
    )
    return table.assign(**dict.fromkeys(RESOLVED, ""))[FIXED + RESOLVED]


def digest(table):
    """Return the digest of forecasts as they stand in the file: of their fixed columns, as text.

    Parameters
    ----------
    table : DataFrame of str
        The file as it is written, or rows of it.
    """
    lines = ["\t".join(row) for row in table[FIXED].itertuples(index=False)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def resolved_scores(table=None):
    """Score the resolved forecasts by the functions of chapter 10, on natural logarithms.

    Parameters
    ----------
    table : DataFrame, optional
        As ``open_forecasts``, which is taken if left out.

    Returns
    -------
    DataFrame
        ``forecast_id``, ``target``, ``version``, ``resolves_by``, ``value``, ``score`` (`quantile_score`), ``standing``
        (the same of the forecast that nothing changes), ``interval`` (`interval_score` of the 90 % interval),
        ``inside_50`` and ``inside_90``. No rows while nothing is resolved.
    """
    table = data.load("open_forecasts") if table is None else table
    found = []
    for row in table[table["value"].notna()].to_dict("records"):
        y, quantiles = np.log(row["value"]), np.log([row[name] for name in QUANTILES])
        inside = [bool(quantiles[k] <= y <= quantiles[-1 - k]) for k in (1, 0)]
        interval = float(interval_score(y, quantiles[0], quantiles[-1], CENTRAL))
        ranked, standing = quantile_score(y, quantiles, QUANTILE_LEVELS), float(abs(y - np.log(row["so_far"])))
        kept = [row[name] for name in ("forecast_id", "target", "version", "resolves_by", "value")]
        found.append([*kept, ranked, standing, interval, *inside])
    columns = ["forecast_id", "target", "version", "resolves_by", "value"]
    columns += ["score", "standing", "interval", "inside_50", "inside_90"]
    return pd.DataFrame(found, columns=columns)


def score_summary(scored):
    """Return the scores by target and of all, targets counting alike.

    Parameters
    ----------
    scored : DataFrame
        From `resolved_scores`.

    Returns
    -------
    DataFrame
        ``target``, ``resolved``, and the means of ``score``, ``standing``, ``interval``, ``inside_50``, ``inside_90``.
    """
    means = ["score", "standing", "interval", "inside_50", "inside_90"]
    scored = scored.astype(dict.fromkeys(means, float) | {"target": str})
    table = scored.groupby("target", sort=False).agg(resolved=("value", "size"), **{m: (m, "mean") for m in means})
    table = table.reset_index()
    if len(table) > 1:
        whole = table[means].mean().to_dict() | {"target": "all", "resolved": table["resolved"].sum()}
        table = pd.concat([table, pd.DataFrame([whole])], ignore_index=True)
    return table


def newest():
    """Return the newest version of the open forecasts, as ``open_forecasts`` has them."""
    table = data.load("open_forecasts")
    return table[table["version"] == table["version"].max()].reset_index(drop=True)


def spoken(value, unit):
    """Return a value in a unit that readers use: ``10^27.7``, ``3.2``, ``1,700``; the unit is `spoken_unit`'s."""
    return power_cell(np.log10(value)) if unit == "FLOP" else number(value / _SPOKEN[unit][0])


def spoken_unit(unit):
    """Return the unit that `spoken` uses, in words."""
    return "operations" if unit == "FLOP" else _SPOKEN[unit][1]


def spoken_table():
    """Return the newest forecasts for a page: what, by the end of which year, today's value, median and 90 %."""
    rows = [
        [
            NAMES[row["target"]],
            f"{row['resolves_by']:%Y}",
            *(spoken(row[name], row["unit"]) for name in ("so_far", "q50", "q05", "q95")),
            spoken_unit(row["unit"]),
        ]
        for row in newest().to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["what", "year", "now", "median", "low", "high", "unit"])


def rules_table():
    """Return the rule and the source that will resolve each target, in words."""
    table = newest().drop_duplicates("target")
    return pd.DataFrame(
        {"what": [NAMES[name] for name in table["target"]], "counts": table["rule"], "read in": table["locator"]}
    )
