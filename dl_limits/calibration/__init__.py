"""Measured coverage: how often nominal 95 % intervals hold the truth, by simulation.

A *design* draws a data set whose law is known and answers with intervals; repeated, the
answers become rows of ``data/interval_coverage.csv`` (`make calibrate`). Repetition i
of a design always has the same random numbers, so the first hundred of a thousand can
be repeated alone, on any number of processes.

`SIMULATIONS` is the registry: name -> ``function(repetitions, seed)`` -> DataFrame with
the columns `COLUMNS`. Importing this module fills it: first the laws of
`dl_limits.calibration.laws`, then the designs of the other chapters. Estimators of other
modules add theirs through `register`.
"""

from __future__ import annotations

from dl_limits.calibration.registry import COLUMNS, FIRST, NOMINAL, SEED, SIMULATIONS, measure, register

__all__ = ["COLUMNS", "FIRST", "NOMINAL", "SEED", "SIMULATIONS", "measure", "register"]
