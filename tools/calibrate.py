"""Measure the coverage of every interval and the errors of forecasts anew, and store both under `data/`.

Takes about an hour on two cores; the result depends on neither their number nor their kind.
Name a table to measure it alone.
"""

import os
import sys

import pandas as pd

from dl_limits import calibration, data, forecasts
from tools.stamp import stamp

REPETITIONS, CURVES = 1000, 50


def coverage():
    """Return the measured coverage, a row for each design, method and quantity."""
    tables = []
    for number, (name, simulate) in enumerate(calibration.SIMULATIONS.items(), start=1):
        print(f"{number} of {len(calibration.SIMULATIONS)}: {name}", flush=True)
        tables.append(simulate(REPETITIONS, n_jobs=os.cpu_count()))
    table = pd.concat(tables)
    return table.assign(recommended=table["recommended"].map({True: "true", False: "false"}))


def scores():
    """Return forecast scores, a row for each curve and method."""
    return forecasts.score([*forecasts.simulated(CURVES, calibration.SEED), *forecasts.runs_at_one_size()])


if __name__ == "__main__":
    own = {"source": "this_audit_2026", "locator": f"tools/calibrate.py, seed {calibration.SEED}"}
    for name, make in {"forecast_scores": scores, "interval_coverage": coverage}.items():
        if name in (sys.argv[1:] or [name]):
            path = data.DIRECTORY / f"{name}.csv"
            make().assign(**own).to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
    stamp()
