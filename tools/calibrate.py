"""Measure the coverage of every interval and the errors of forecasts anew, and store both under `data/`.

The verdicts at each year's end (`verdict_timeline`) are stored with them.

Takes about an hour on two cores; the result depends on neither their number nor their kind.
Name a table to measure it alone, or designs of the coverage, or claims (`verdict_power`): those that a changed table
or rule reaches.
"""

import io
import os
import sys

import pandas as pd

from dl_limits import calibration, claims, data
from dl_limits.calibration import power, simulated_curves
from dl_limits.claims import timeline
from dl_limits.inference import scoring
from tools.stamp import stamp

REPETITIONS, CURVES = 1000, 50


def coverage(designs):
    """Return the measured coverage of some designs, a row for each, its methods and quantities."""
    tables = []
    for number, name in enumerate(designs, start=1):
        print(f"{number} of {len(designs)}: {name}", flush=True)
        tables.append(calibration.measure(calibration.SIMULATIONS[name], REPETITIONS, n_jobs=os.cpu_count()))
    table = pd.concat(tables)
    return table.assign(recommended=table["recommended"].map({True: "true", False: "false"}))


def verdict_power(names):
    """Return how often the rules of some claims say which word."""
    tables = []
    for number, name in enumerate(names, start=1):
        print(f"{number} of {len(names)}: {name}", flush=True)
        tables.append(power.measure_power(name, n_jobs=os.cpu_count()))
    return pd.concat(tables)


def scores():
    """Return forecast scores, a row for each curve and method."""
    return scoring.score([*simulated_curves.simulated(CURVES, calibration.SEED), *simulated_curves.runs_at_one_size()])


def text(table):
    """Return a table as it is stored, as text."""
    own = {"source": "this_audit_2026", "locator": f"tools/calibrate.py, seed {calibration.SEED}"}
    return table.assign(**own).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def merged(old, new, column, order):
    """Return a stored table with some of its rows measured anew; what the others say stays as it is written."""
    old, new = (pd.read_csv(io.StringIO(each), dtype=str, keep_default_na=False) for each in (old, new))
    table = pd.concat([old[~old[column].isin(new[column])], new])
    place = {name: number for number, name in enumerate(order)}
    table = table[table[column].isin(place)].sort_values(column, key=lambda names: names.map(place), kind="stable")
    return table.to_csv(index=False, lineterminator="\n")


def main(names):
    """Measure what is named, or everything, and store it."""
    parts = {  # table: what can be named alone, its column, how it is measured
        "interval_coverage": (calibration.SIMULATIONS, "design", coverage),
        "verdict_power": (claims.POWER, "claim_id", verdict_power),
    }
    known = {"forecast_scores", "verdict_timeline", *parts}.union(*(each for each, _, _ in parts.values()))
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"neither a table nor a part of one: {', '.join(unknown)}")
    if not names or "forecast_scores" in names:
        store("forecast_scores", text(scores()))
    if not names or "verdict_timeline" in names:
        store("verdict_timeline", text(timeline.between()))
    for table, (order, column, measured) in parts.items():
        every = not names or table in names
        if chosen := [name for name in order if every or name in names]:
            new = text(measured(chosen))
            old = new if every else (data.DIRECTORY / f"{table}.csv").read_text(encoding="utf-8")
            store(table, merged(old, new, column, order))
    stamp()


def store(name, content):
    """Write a table."""
    (data.DIRECTORY / f"{name}.csv").write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
