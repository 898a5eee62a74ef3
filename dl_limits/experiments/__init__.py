"""Networks that the reader's machine trains: `runs` makes and keeps a grid of them, `training` says what one is.

Imports `laws`, `inference` and lower rooms only. On the command line: ``python -m dl_limits.experiments``.
"""

from dl_limits.experiments.runs import COLUMNS, GRIDS, WIDTHS, Cell, Grid, ResultsError, environment, grid_of, run

__all__ = ["COLUMNS", "GRIDS", "WIDTHS", "Cell", "Grid", "ResultsError", "environment", "grid_of", "run"]
