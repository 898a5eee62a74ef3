"""The one style of all figures, and what every figure carries besides its picture.

A ``plot_*`` function writes what it shows into a sentence computed from the same
numbers (`alt_text`) and keeps the table behind it (`table_behind`), so that
`dl_limits.page.show` can offer both.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

STYLE = Path(__file__).with_name("audit.mplstyle")
BLUE, ORANGE, GREEN, GREY, LIGHT = "#0072B2", "#D55E00", "#00795A", "#6b6b6b", "#cfe3f1"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent, digits=0):
    """Return ten to a power in words: ``power(18)`` is ``'10¹⁸'``, ``power(4.93, 1)`` is ``'10^4.9'``.

    There is no raised decimal point, so a broken exponent keeps the caret.
    """
    if np.isinf(exponent):
        return "no limit" if exponent > 0 else "0"
    return f"10^{exponent:.{digits}f}" if digits else "10" + f"{exponent:.0f}".translate(SUPERSCRIPTS)


def new_axes(width=4.6, height=3.6, **subplots):
    """Return an empty figure and its axes in the house style."""
    with plt.style.context(STYLE):
        return plt.subplots(figsize=(width, height), **subplots)


def alt_text(ax):
    """Return the sentence that says what the figure of `ax` shows."""
    return ax.figure.alt_text


def table_behind(ax):
    """Return the table behind the figure of `ax`."""
    return ax.figure.table


def finish(ax, alt, table):
    """Return `ax` with the sentence and the table that belong to its figure."""
    logs = {name: f"log10_{name}" for name in ("estimate", "low", "high")}
    ax.figure.alt_text, ax.figure.table = alt, table.rename(columns=logs)  # in a file nothing else says it
    return ax


def power_axis(axis, low, high, step):
    """Put ticks at whole powers of ten on a linear axis that holds log10 values."""
    axis.set_major_locator(FixedLocator(np.arange(low, high + 1, step)))
    axis.set_major_formatter(FuncFormatter(lambda v, _: power(v)))
