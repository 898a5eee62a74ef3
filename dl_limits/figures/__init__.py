"""Figures: one style (`dl_limits.figures.style`) and ``plot_*`` functions that return an Axes.

One module a chapter; everything a chapter calls is here.
"""

from dl_limits.figures.after_2020 import (
    plot_bought,
    plot_families,
    plot_hindcasts,
    plot_text,
)
from dl_limits.figures.argument import (
    plot_argument,
    plot_two_scales,
)
from dl_limits.figures.cost import (
    plot_bills,
    plot_crossings,
    plot_projections,
)
from dl_limits.figures.gpt_history import (
    plot_compute,
    plot_doubling,
    plot_growth,
    plot_size_share,
    plot_web_shares,
)
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
from dl_limits.figures.methods import (
    plot_forecast_errors,
    plot_interval_coverage,
    plot_other_coverage,
)
from dl_limits.figures.nli import (
    plot_bounds,
    plot_cells,
    plot_forecasts,
    plot_landscape,
    plot_slopes,
    plot_steps,
)
from dl_limits.figures.progress import (
    plot_break_dates,
    plot_ratios,
    plot_records,
)
from dl_limits.figures.scaling import (
    plot_floor_estimates,
    plot_frontier,
    plot_parts,
    plot_residuals,
    plot_returns,
)
from dl_limits.figures.style import (
    STYLE,
    alt_text,
    axes_text,
    power,
    table_behind,
)
from dl_limits.figures.task_scaling import (
    plot_abilities,
    plot_coverage,
    plot_equal_size,
    plot_four_meanings,
    plot_modest,
    plot_small_multiples,
)

__all__ = [
    "STYLE",
    "alt_text",
    "axes_text",
    "plot_abilities",
    "plot_advantage",
    "plot_argument",
    "plot_backtest",
    "plot_bills",
    "plot_bought",
    "plot_bounds",
    "plot_break_dates",
    "plot_cells",
    "plot_compute",
    "plot_coverage",
    "plot_crossings",
    "plot_doubling",
    "plot_equal_size",
    "plot_extrapolation",
    "plot_families",
    "plot_floor",
    "plot_floor_estimates",
    "plot_floors",
    "plot_forecast",
    "plot_forecast_errors",
    "plot_forecasts",
    "plot_forest",
    "plot_four_meanings",
    "plot_frontier",
    "plot_gains",
    "plot_growth",
    "plot_hindcasts",
    "plot_interval_coverage",
    "plot_landscape",
    "plot_language",
    "plot_learning_curve",
    "plot_modest",
    "plot_other_coverage",
    "plot_parts",
    "plot_projections",
    "plot_ratios",
    "plot_records",
    "plot_residuals",
    "plot_returns",
    "plot_size_share",
    "plot_slopes",
    "plot_small_multiples",
    "plot_specification_curve",
    "plot_steps",
    "plot_text",
    "plot_thresholds",
    "plot_two_scales",
    "plot_web_shares",
    "power",
    "table_behind",
]
