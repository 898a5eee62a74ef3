"""Figures: one style (`dl_limits.figures.style`) and ``plot_*`` functions that return an Axes.

One module a chapter; everything a chapter calls is here.
"""

from dl_limits.figures.imagenet import (
    plot_backtest,
    plot_extrapolation,
    plot_floor,
    plot_forest,
    plot_specification_curve,
    plot_thresholds,
)
from dl_limits.figures.learning import (
    plot_advantage,
    plot_floors,
    plot_forecast,
    plot_gains,
    plot_language,
    plot_learning_curve,
)
from dl_limits.figures.style import STYLE, alt_text, power, table_behind

__all__ = [
    "STYLE",
    "alt_text",
    "plot_advantage",
    "plot_backtest",
    "plot_extrapolation",
    "plot_floor",
    "plot_floors",
    "plot_forecast",
    "plot_forest",
    "plot_gains",
    "plot_language",
    "plot_learning_curve",
    "plot_specification_curve",
    "plot_thresholds",
    "power",
    "table_behind",
]
