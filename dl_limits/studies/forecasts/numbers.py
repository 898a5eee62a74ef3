"""The numbers that the page of open forecasts quotes: what each is and where it comes from."""

from __future__ import annotations

import numpy as np

from dl_limits.studies.forecasts import drawing, ledger
from dl_limits.words import Number

_TABLE = "open_forecasts, version"


def numbers():
    """Return every number of the page by name: a dict of `dl_limits.words.Number`."""
    return _expected() | _past()


def _expected():
    """Return the forecasts that the prose says in words."""
    table = ledger.newest()
    version = f"{_TABLE} {table['version'].iloc[0]}"
    found = table.set_index(["target", table["resolves_by"].dt.year])
    run, horizon = found.loc[("largest_run", 2027)], found.loc[("time_horizon", 2027)]
    cost, error, anli = (found.loc[(name, 2030)] for name in ("dearest_run", "imagenet_error", "anli_r3_prompted"))
    power, hours = (
        "power of ten of the largest run by the end of 2027",
        "longest time horizon by the end of 2027, hours",
    )
    bill, least = (
        "dearest run by the end of 2030, billion dollars",
        "lowest ImageNet error by the end of 2030, per cent",
    )
    best = "best prompted score on ANLI round 3 by the end of 2030, per cent"
    ends = {"": ("q50", "median"), "_low": ("q05", "5 % end"), "_high": ("q95", "95 % end")}

    def said(name, values, what, digits, shown=float):
        return {
            f"{name}{end}": Number(shown(values[column]), digits, f"{what}: {word}", version)
            for end, (column, word) in ends.items()
        }

    values = said("run", run, power, 1, np.log10)
    values |= said("horizon", horizon, hours, 0, lambda minutes: minutes / 60)
    values |= said("cost", cost, bill, 1, lambda dollars: dollars / 1e9)
    values |= said("error", error, least, 1) | said("anli", anli, best, 0)
    return values | {
        "count": Number(len(table), 0, "open forecasts of the newest version", version),
        "targets": Number(table["target"].nunique(), 0, "targets of the open forecasts", version),
    }


def _past():
    """Return how forecasts made in the same way did at earlier dates."""
    table = drawing.record_of()
    every = table["forecasts"].sum()
    source, lean = "studies.forecasts.drawing.record_of", "studies.forecasts.drawing.lean"
    of = "past forecasts by the same method"
    inside = (table["inside"] * table["forecasts"]).sum() / every
    below = (table["below"] * table["forecasts"]).sum() / every
    return {
        "past": Number(every, 0, f"{of}, all targets", source),
        "inside": Number(100 * inside, 0, f"per cent of {of} whose 90 % interval held, before widening", source),
        "moved": Number(
            -100 * drawing.lean(), 0, "per cent of its lower width by which each forecast is moved down", lean
        ),
        "below": Number(100 * below, 0, f"per cent of {of} with less progress than the median", source),
    }
