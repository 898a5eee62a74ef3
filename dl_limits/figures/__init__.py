"""Figures: one style (`dl_limits.figures.style`) and ``plot_*`` functions that return an Axes.

One module a chapter; everything a chapter calls is here.
"""

from dl_limits.figures.cost import plot_bills, plot_crossings, plot_projections
from dl_limits.figures.imagenet import (
    plot_backtest,
    plot_extrapolation,
    plot_floor,
    plot_forest,
    plot_specification_curve,
    plot_thresholds,
)
from dl_limits.figures.progress import plot_break_dates, plot_ratios, plot_records
from dl_limits.figures.style import STYLE, alt_text, power, table_behind

__all__ = [
    "STYLE",
    "alt_text",
    "plot_backtest",
    "plot_bills",
    "plot_break_dates",
    "plot_crossings",
    "plot_extrapolation",
    "plot_floor",
    "plot_forest",
    "plot_projections",
    "plot_ratios",
    "plot_records",
    "plot_specification_curve",
    "plot_thresholds",
    "power",
    "table_behind",
]
