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
    best, low, high = "best prompted score on ANLI round 3 by the end of 2030, per cent", "5 % end", "95 % end"
    flop = np.log10(run[["q05", "q50", "q95"]].astype(float))
    return {
        "run_times": Number(
            run["q50"] / run["so_far"], 0, "largest run by the end of 2027, median, over the largest so far", version
        ),
        "run": Number(flop["q50"], 1, f"{power}: median", version),
        "run_low": Number(flop["q05"], 1, f"{power}: {low}", version),
        "run_high": Number(flop["q95"], 1, f"{power}: {high}", version),
        "horizon": Number(horizon["q50"] / 60, 0, f"{hours}: median", version),
        "horizon_low": Number(horizon["q05"] / 60, 0, f"{hours}: {low}", version),
        "horizon_high": Number(horizon["q95"] / 60, -2, f"{hours}: {high}", version),
        "cost": Number(cost["q50"] / 1e9, 0, f"{bill}: median", version),
        "cost_low": Number(cost["q05"] / 1e9, 1, f"{bill}: {low}", version),
        "cost_high": Number(cost["q95"] / 1e9, -2, f"{bill}: {high}", version),
        "error": Number(error["q50"], 1, f"{least}: median", version),
        "error_low": Number(error["q05"], 1, f"{least}: {low}", version),
        "error_high": Number(error["q95"], 1, f"{least}: {high}", version),
        "anli": Number(anli["q50"], 0, f"{best}: median", version),
        "anli_low": Number(anli["q05"], 0, f"{best}: {low}", version),
        "anli_high": Number(anli["q95"], 0, f"{best}: {high}", version),
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
