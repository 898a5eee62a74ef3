"""Measured coverage: how often nominal 95 % intervals hold the truth, by simulation.

A *design* draws a data set whose law is known and answers with intervals; repeated, the
answers become rows of ``data/interval_coverage.csv`` (`make calibrate`). Repetition i
of a design always has the same random numbers, so the first hundred of a thousand can
be repeated alone, on any number of processes.

`SIMULATIONS` has them all, id -> `registry.Simulation`, in the order of the stored table; `measure`
repeats one. Imports every lower room.
"""

from __future__ import annotations

from dl_limits.calibration import laws, learning, scores, trends
from dl_limits.calibration.registry import COVERAGE_COLUMNS, FIRST, NOMINAL, SEED, measure

__all__ = ["COVERAGE_COLUMNS", "FIRST", "NOMINAL", "SEED", "SIMULATIONS", "measure"]

SIMULATIONS = laws.DESIGNS | learning.DESIGNS | scores.DESIGNS | trends.DESIGNS
