"""Measure the coverage of every interval and the errors of forecasts anew, and store both under `data/`.

Takes about an hour on two cores; the result depends on neither their number nor their kind.
Name a table to measure it alone, or designs of the coverage: those that a changed table reaches.
"""

import io
import os
import sys

import pandas as pd

from dl_limits import calibration, data
from dl_limits.calibration import simulated_curves
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


def scores():
    """Return forecast scores, a row for each curve and method."""
    return scoring.score([*simulated_curves.simulated(CURVES, calibration.SEED), *simulated_curves.runs_at_one_size()])


def text(table):
    """Return a table as it is stored, as text."""
    own = {"source": "this_audit_2026", "locator": f"tools/calibrate.py, seed {calibration.SEED}"}
    return table.assign(**own).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def merged(old, new):
    """Return stored coverage with some designs measured anew; what the others say stays as it is written."""
    old, new = (pd.read_csv(io.StringIO(each), dtype=str, keep_default_na=False) for each in (old, new))
    table = pd.concat([old[~old["design"].isin(new["design"])], new])
    place = {name: number for number, name in enumerate(calibration.SIMULATIONS)}
    table = table.sort_values("design", key=lambda designs: designs.map(place), kind="stable")
    return table.to_csv(index=False, lineterminator="\n")


def main(names):
    """Measure what is named, or everything, and store it."""
    known = {"forecast_scores", "interval_coverage", *calibration.SIMULATIONS}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"neither a table nor a design: {', '.join(unknown)}")
    every = not names or "interval_coverage" in names
    designs = [name for name in calibration.SIMULATIONS if every or name in names]
    if not names or "forecast_scores" in names:
        store("forecast_scores", text(scores()))
    if designs:
        new = text(coverage(designs))
        old = new if every else (data.DIRECTORY / "interval_coverage.csv").read_text(encoding="utf-8")
        store("interval_coverage", merged(old, new))
    stamp()


def store(name, content):
    """Write a table."""
    (data.DIRECTORY / f"{name}.csv").write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
