"""Pictures of what the commands found, in the style of the book."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, new_axes, own_settings
from dl_limits.words import said

LABELLED = 60  # rows that a picture can name


@own_settings
def plot_one_curve(x, y, line, past, result):
    """Draw a learning curve, its forecast with band, and what was forecast from earlier points.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        The points.
    line : tuple of ndarray, shape (m,)
        x, forecast, low, high along the picture.
    past : list of tuple of ndarray
        x and y of each past forecast.
    result : dict
        What ``dl-limits curve --json`` prints.
    """
    fig, ax = new_axes()
    along, middle, low, high = line
    columns, level = result["input"]["columns"], f"{100 * result['level']:g} %"
    drawn = np.isfinite(low) & np.isfinite(high) & (low > 0)
    ax.plot(x, y, "o", color="#222222", ms=4 if len(x) < 200 else 2, mew=0, label="given", zorder=3)
    ax.plot(along, middle, color=BLUE, label="forecast")
    ax.fill_between(along[drawn], low[drawn], high[drawn], color=LIGHT, lw=0, label=f"{level} interval, new point")
    for k, (ahead, values) in enumerate(past):
        ax.plot(ahead, values, color=GREEN, lw=1, ls=(0, (4, 2)), label="" if k else "forecast from earlier points")
    asked = result["forecasts"]
    ax.plot([row["x"] for row in asked], [row["forecast"] for row in asked], "D", color=ORANGE, mec="white", mew=0.7)
    floor = result["floor"]
    if floor and floor["status"] == "identified":
        ax.axhline(floor["estimate"], color=GREY, lw=1, ls=":", label="floor")
    _log_axes(ax, columns["x"], columns["y"])
    ax.legend(frameon=False, fontsize=9)
    far = asked[-1]
    alt = (
        f"{columns['y']} against {columns['x']}, both axes logarithmic: {len(x)} points, their forecast and its "
        f"{level} interval. At {_short(far['x'])} the forecast is {_short(far['forecast'])}"
        f"{_between(far['low'], far['high'])}."
    )
    return finish(ax, alt, pd.DataFrame({"x": along, "forecast": middle, "low": low, "high": high}))


@own_settings
def plot_surface(runs, frontier, past, result):
    """Draw the runs over compute with the best loss at each, and what smaller runs had forecast of larger ones.

    Parameters
    ----------
    runs : DataFrame
        ``flop`` and ``loss``.
    frontier : DataFrame
        ``flop``, ``estimate``, ``low``, ``high`` of the loss at the best split.
    past : DataFrame
        ``flop``, ``off``, ``low``, ``high``: loss over its forecast less one, per cent, with the interval; may be
        empty.
    result : dict
        What ``dl-limits surface --json`` prints.
    """
    fig, axes = new_axes(height=5.4 if len(past) else 3.6, nrows=2 if len(past) else 1, squeeze=False)
    ax, level = axes[0, 0], f"{100 * result['level']:g} %"
    ax.plot(frontier["flop"], frontier["estimate"], color=BLUE, label="best loss for the compute")
    band = frontier["low"], frontier["high"]
    ax.fill_between(frontier["flop"], *band, color=LIGHT, lw=0, label=f"its {level} interval")
    ax.plot(runs["flop"], runs["loss"], "o", color="#222222", ms=3, mew=0, alpha=0.6, label="runs")
    asked = pd.DataFrame(result["predictions"])
    if len(asked):
        flop = 6 * asked["params"] * asked["tokens"]
        ax.vlines(flop, asked["low"], asked["high"], color=ORANGE, lw=1.3)
        ax.plot(flop, asked["estimate"], "D", color=ORANGE, mec="white", mew=0.7, label="asked for")
    _log_axes(ax, "Training compute 6ND (FLOP)", result["input"]["columns"]["loss"])
    ax.legend(frameon=False, fontsize=9)
    alt = (
        f"Loss against training compute, both axes logarithmic: {len(runs)} runs and the best loss that the fitted "
        f"surface gives for each compute, {_short(frontier['estimate'].iloc[-1])} at "
        f"{_short(frontier['flop'].iloc[-1])} FLOP."
    )
    if len(past):
        low = axes[1, 0]
        low.vlines(past["flop"], past["low"], past["high"], color=LIGHT, lw=2.2)
        low.axhline(0, color="#444444", lw=0.9)
        low.plot(past["flop"], past["off"], "o", color=GREEN, ms=3.5, mew=0)
        low.set_xscale("log")
        low.set_xlabel("Training compute 6ND (FLOP)")
        low.set_ylabel("Loss over its\nforecast (%)")
        inside = int(((past["low"] <= past["off"]) & (past["off"] <= past["high"])).sum())
        alt += f" Below: of {len(past)} runs forecast from runs with less compute {inside} lay inside their interval."
    return finish(ax, alt, frontier)


@own_settings
def plot_chance(result):
    """Draw accuracies with their intervals beside what guessing gives.

    Parameters
    ----------
    result : dict
        What ``dl-limits chance --json`` prints.
    """
    rows = pd.DataFrame(result["scores"])
    fig, ax = new_axes(height=min(1.3 + 0.24 * len(rows), 12))
    places = np.arange(len(rows))[::-1]
    above = rows["p_above_holm"] <= 1 - result["level"]
    colours = np.where(above, BLUE, GREY)
    ax.hlines(places, rows["low"], rows["high"], color=colours, lw=1.5)
    ax.scatter(rows["accuracy_pct"], places, c=colours, s=22, zorder=3)
    ax.plot(rows["chance_pct"], places, "|", color=ORANGE, ms=9, mew=1.8)
    named = len(rows) <= LABELLED
    ax.set_yticks(places if named else [], [_cut(label) for label in rows["label"]] if named else [])
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("Accuracy (%)")
    ax.set_title("Blue: above guessing (orange)", fontsize=9, fontweight="normal")
    ax.grid(axis="x")
    alt = (
        f"{len(rows)} accuracies with intervals beside what guessing gives. Above it after Holm's correction, in "
        f"blue: {int(above.sum())}. The others are grey."
    )
    return finish(ax, alt, rows)


def _log_axes(ax, x_words, y_words):
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel(x_words)
    ax.set_ylabel(y_words)
    low, high = ax.get_ylim()
    if high < 10 * low:  # powers of ten alone would leave the axis bare
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.yaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.grid(True)


def _cut(label, most=24):
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _short(value):
    return said(float(value), ".3g")


def _between(low, high):
    return "" if not np.isfinite([low, high]).all() else f", between {_short(low)} and {_short(high)}"
