"""The one style of all figures, and what every figure carries besides its picture.

A ``plot_*`` function writes what it shows into a sentence computed from the same
numbers (`alt_text`) and keeps the table behind it (`table_behind`), so that
`dl_limits.page.show` can offer both.
"""

from __future__ import annotations

from functools import wraps
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.words import power_cell, rounded

# On top of Matplotlib's own settings, not of those that a reader keeps in a matplotlibrc.
STYLE = ["default", Path(__file__).with_name("audit.mplstyle")]
BLUE, ORANGE, GREEN, GREY, LIGHT = "#0072B2", "#D55E00", "#00795A", "#6b6b6b", "#cfe3f1"
# Wherever a colour stands for "the claim is right", "wrong" or "neither can be said", it is one of these.
RIGHT, WRONG, OPEN = GREEN, ORANGE, GREY
WIDE, NARROW = 6.6, 4.1  # inches: the text of a page (some 730 pixels), and a phone held upright (358)
SMALLEST = 9.1  # points: eleven pixels where a drawing `NARROW` inches wide is shown 358 pixels wide


def new_axes(height=3.6, **subplots):
    """Return an empty figure and its axes in the house style."""
    with plt.style.context(STYLE):
        return plt.subplots(figsize=(WIDE, height), **subplots)


def own_settings(plot):
    """Let a ``plot_*`` function run with Matplotlib's own settings, whatever the reader's are."""

    @wraps(plot)
    def drawn(*args, **kwargs):
        with plt.style.context("default"):
            return plot(*args, **kwargs)

    return drawn


def heading(ax, words):
    """Write the message of the figure of `ax` over its whole width: labels of rows leave no room over the axes.

    At most 40 characters a line, so that it fits a drawing `NARROW` inches wide.
    """
    ax.figure.suptitle(words, x=0.01, ha="left", fontsize=11, fontweight="bold")


def alt_text(ax):
    """Return the sentence that says what the figure of `ax` shows."""
    return ax.figure.alt_text


def table_behind(ax):
    """Return the table behind the figure of `ax`."""
    return ax.figure.table


def axes_text(ax):
    """Return the axes of the figure of `ax`, as drawn, in words: limits, ticks, and whatever else is written there.

    A drawing differs from machine to machine in its last decimals; this does not.
    """
    return " | ".join(_in_words(one) for one in ax.figure.axes)


def _in_words(ax):
    sides = [f"{name} {_ticks(axis)}" for name, axis in (("x", ax.xaxis), ("y", ax.yaxis))] if ax.axison else []
    ticks = {label for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels(which="both")}
    written = [text.get_text() for text in ax.findobj(Text) if text not in ticks and text.get_visible()]
    return "; ".join([*sides, *filter(None, written)]).replace("\n", " ")


def _ticks(axis):
    """Return scale, limits to a thousandth of their distance, and the labels of the ticks between them."""
    low, high = sorted(axis.get_transform().transform(axis.get_view_interval()))
    digits = 3 - int(np.floor(np.log10(high - low)))
    margin = 1e-6 * (high - low)  # a tick at the very end is inside on every machine
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    places = axis.get_transform().transform([tick.get_loc() for tick in ticks])
    labels = [tick.label1.get_text() for tick in ticks]
    inside = [t for t, at in zip(labels, places, strict=True) if t and low - margin <= at <= high + margin]
    return f"{axis.get_scale()} {rounded(low, digits):g} to {rounded(high, digits):g}: {', '.join(inside)}"


def finish(ax, alt, table, exponents=()):
    """Return `ax` with the sentence and the table that belong to its figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    alt : str
    table : DataFrame
    exponents : sequence of str
        Columns that hold powers of ten, as their logarithm: in a file only their name can say so.

    Raises
    ------
    KeyError
        Where the table has no such column.
    """
    logs = {name: f"log10_{name}" for name in exponents}
    ax.figure.alt_text, ax.figure.table = alt, table.rename(columns=logs, errors="raise")
    return ax


def power_axis(axis, low, high, step):
    """Put ticks at whole powers of ten on a linear axis that holds log10 values."""
    axis.set_major_locator(FixedLocator(np.arange(low, high + 1, step)))
    axis.set_major_formatter(FuncFormatter(lambda v, _: power_cell(v, 0)))
