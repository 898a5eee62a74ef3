"""Figures of the open forecasts: distributions as bars, today's value as a line."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREY, LIGHT, finish, heading, new_axes, own_settings

_STEP, _GAP = 0.55, 0.9


@own_settings
def plot_times(table, names):
    """Return the forecasts of what only grows, as times today's value.

    Parameters
    ----------
    table : DataFrame
        Rows of `ledger.newest`.
    names : dict
        Of the targets, in words.
    """
    quantiles = table[["q05", "q25", "q50", "q75", "q95"]].to_numpy() / table[["so_far"]].to_numpy()
    ax, places = _rows(table, names)
    _bars(ax, places, quantiles, table, names, "times today’s value")
    for target in table["target"].unique():
        _today(ax, np.asarray(places)[table["target"] == target], 1)
    ax.set_xscale("log")
    ax.set_xlim(0.7, 3e5)
    ax.xaxis.set_major_locator(FixedLocator([1, 10, 100, 1000, 1e4, 1e5]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"×{v:,.0f}"))
    ax.tick_params(labeltop=True)  # the scale is far below the first screen
    heading(ax, "How many times today’s value")
    return finish(ax, _said(table, names, quantiles, "times today's value"), _behind(table))


@own_settings
def plot_per_cents(table, names):
    """Return the forecasts of scores and errors, in per cent.

    Parameters
    ----------
    table : DataFrame
        Rows of `ledger.newest`.
    names : dict
        Of the targets, in words.
    """
    quantiles = table[["q05", "q25", "q50", "q75", "q95"]].to_numpy()
    ax, places = _rows(table, names)
    _bars(ax, places, quantiles, table, names, "per cent")
    for target in table["target"].unique():
        part = table["target"] == target
        _today(ax, np.asarray(places)[part], table.loc[part, "so_far"].iloc[0])
    ax.set_xlim(0, 100)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f} %"))
    ax.set_xlabel("Grey line: November 2026", loc="right")
    return finish(ax, _said(table, names, quantiles, "per cent"), _behind(table))


def _today(ax, places, value):
    """Draw the value of today beside the bars of one target."""
    ax.vlines(value, places.min() - 0.3, places.max() + 0.3, color=GREY, lw=1)


def _rows(table, names):
    """Return axes with a row for each forecast, targets in groups from above, and the places of the rows."""
    first = ~table["target"].duplicated()
    places = -np.cumsum(np.where(first, _GAP + _STEP, _STEP))
    _, ax = new_axes(height=0.45 * -places.min() + 1.0)
    for place, row in zip(places[first], table[first].itertuples(), strict=True):
        at = {"transform": ax.get_yaxis_transform(), "ha": "left"}
        ax.text(-0.09, place + 0.62, names[row.target], fontsize=9, weight="bold", **at)
    ax.set_yticks(places, [f"{date:%Y}" for date in table["resolves_by"]])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(places.min() - 0.5, places.max() + 1.2)
    return ax, places


def _bars(ax, places, quantiles, table, names, unit):
    rows = table.assign(
        name=table["target"].map(names), low=quantiles[:, 0], mid=quantiles[:, 2], high=quantiles[:, -1]
    )
    said = f"{{name}}, by {{resolves_by}}: {{mid:plain}} {unit} (90 %: {{low:plain}} to {{high:plain}})"
    record_marks(ax, rows["mid"], places, rows, said, (rows["low"], rows["high"]))
    for place, (low, quarter, median, three, high) in zip(places, quantiles, strict=True):
        ax.plot([low, high], [place] * 2, color=LIGHT, lw=6, solid_capstyle="butt")
        ax.plot([quarter, three], [place] * 2, color=BLUE, lw=6, alpha=0.55, solid_capstyle="butt")
        ax.plot(median, place, "o", color=BLUE, ms=5, mec="white", mew=0.8)


def _said(table, names, quantiles, unit):
    words = "; ".join(
        f"{names[row.target]}, end of {row.resolves_by:%Y}: {q[2]:.3g} ({q[0]:.3g} to {q[-1]:.3g})"
        for row, q in zip(table.itertuples(), quantiles, strict=True)
    )
    return f"Forecasts as bars of 90 % and 50 % with their medians, in {unit}. {words}."


def _behind(table):
    return table[["target", "resolves_by", "unit", "so_far", "q05", "q25", "q50", "q75", "q95"]]
