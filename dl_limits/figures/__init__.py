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
from dl_limits.figures.methods import (
    plot_coverage,
    plot_forecast_errors,
)
from dl_limits.figures.nli import (
    plot_bounds,
    plot_cells,
    plot_forecasts,
    plot_landscape,
    plot_slopes,
    plot_steps,
)
from dl_limits.figures.scaling import (
    plot_floors,
    plot_frontier,
    plot_parts,
    plot_residuals,
    plot_returns,
)
from dl_limits.figures.style import (
    STYLE,
    alt_text,
    power,
    table_behind,
)

__all__ = [
    "STYLE",
    "alt_text",
    "plot_backtest",
    "plot_bounds",
    "plot_cells",
    "plot_coverage",
    "plot_extrapolation",
    "plot_floor",
    "plot_floors",
    "plot_forecast_errors",
    "plot_forecasts",
    "plot_forest",
    "plot_frontier",
    "plot_landscape",
    "plot_parts",
    "plot_residuals",
    "plot_returns",
    "plot_slopes",
    "plot_specification_curve",
    "plot_steps",
    "plot_thresholds",
    "power",
    "table_behind",
]
