"""Figures of the ImageNet chapter."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import (
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    finish,
    new_axes,
    own_settings,
    power_axis,
)
from dl_limits.words import power_cell

_FOREST_END, _TOLERANCE_END = 12, 6  # right ends of axes, powers of ten


def _error_axis(ax, low, high):
    """Logarithmic error axis with plain percentages."""
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ticks = [t for t in (1, 2, 5, 10, 20, 40) if low <= t <= high]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    ax.yaxis.set_minor_locator(FixedLocator([]))
    ax.grid(axis="y")


def _times(power, figures=2):
    """Return a factor by its first figures, × 86,000, or by its power of ten, × 10¹⁸."""
    return f"× {float(f'{10**power:.{figures}g}'):,.0f}" if power < 6 else f"× {power_cell(power, 0)}"


@own_settings
def plot_extrapolation(fit, points, start, target, largest):
    """Return the published points, the line through them and how far it must be carried.

    Parameters
    ----------
    fit : PowerLawResults
        Error (percent) on compute (FLOP).
    points : DataFrame
        ``model``, ``published``, ``top1_error_pct``, ``peak_burden_flop``.
    start, target : float
        Error to start from and error to reach, percent.
    largest : float
        Largest run made since, in FLOP of the same measure.
    """
    x, y = np.log10(points["peak_burden_flop"]), points["top1_error_pct"]
    grid = np.linspace(x.min() - 0.3, 32.0, 80)
    band = fit.get_prediction(10**grid).summary_frame()
    here, needed = (fit.required(error).log10()[0] for error in (start, target))
    factor = fit.multiplier(start, target)
    low, high = (here + power for power in factor.log10()[1:])  # the bar: the factor, counted from where the line is
    fig, ax = new_axes(height=3.9)
    ax.fill_between(grid, band["mean_ci_lower"], band["mean_ci_upper"], color=LIGHT, lw=0)
    inside = grid <= x.max()
    ax.plot(grid[inside], band["mean"][inside], color=BLUE)
    ax.plot(grid[~inside], band["mean"][~inside], color=BLUE, ls=(0, (3, 2)))
    ax.plot(x, y, "o", color=BLUE, mec="white", mew=0.6)
    record_marks(ax, x, y, points, "{model}: {top1_error_pct:.1f} % error, {peak_burden_flop:power} FLOP")
    end = min(high, grid[-1])
    ax.plot([low, end], [target] * 2, color=ORANGE, lw=3, solid_capstyle="butt")
    ax.plot(needed, target, "D", color=ORANGE, ms=7, mec="white")
    if high > end:
        ax.annotate("", (end + 0.15, target), (end - 0.6, target), arrowprops={"arrowstyle": "->", "color": ORANGE})
    ends = " to ".join(_times(power, 1) for power in (low - here, high - here))
    label = f"{target:g} % error takes {_times(needed - here)}\n(95 % interval:\n{ends})"
    ax.text(grid[0] + 0.3, target * 0.98, label, color="#A84300", va="top", linespacing=1.25)
    ax.annotate("", (needed, start), (here, start), arrowprops={"arrowstyle": "<->", "color": "#222222", "lw": 1})
    ax.text((here + needed) / 2, start * 1.06, _times(needed - here), ha="center", va="bottom")
    ax.plot([needed] * 2, [target, start], color="#222222", lw=0.8, ls=":")
    ax.axvline(np.log10(largest), color=GREY, lw=1, ls=":")
    ax.text(np.log10(largest) + 0.2, 36, "largest\ndocumented run", color="#555555", va="top", fontsize=9)
    for name, dx, dy, ha in (("AlexNet", 0.25, 1.0, "left"), ("Noisy Student", -0.2, 0.90, "right")):
        row = points[points["model"].str.startswith(name)].iloc[0]
        ax.text(
            np.log10(row["peak_burden_flop"]) + dx, row["top1_error_pct"] * dy, name, ha=ha, va="center", fontsize=9
        )
    _error_axis(ax, 2.6, 48)
    ax.set_xlim(grid[0], grid[-1] + 0.2)
    power_axis(ax.xaxis, 18, int(grid[-1]), 2)
    ax.set_title(f"A line through {len(points)} networks, carried on to {target:g} %", loc="left")
    ax.set_xlabel("Computing, peak operations (each step × 100)")
    ax.set_ylabel("Photographs named wrongly")
    alt = (
        f"Top-1 error of {len(points)} networks against computing burden, both axes logarithmic, with the fitted line. "
        f"From {start:g} to {target:g} % the line takes {power_cell(needed - here)} times more; "
        f"the 95 % interval runs from {power_cell(low - here)} to {power_cell(high - here)} times. "
        f"The line reaches {target:g} % at {power_cell(needed)} FLOP. "
        f"The largest run documented since is at {power_cell(np.log10(largest))} FLOP."
    )
    table = points[["model", "published", "top1_error_pct", "peak_burden_flop"]].assign(
        fitted_error_pct=fit.predict(points["peak_burden_flop"])
    )
    return finish(ax, alt, table)


@own_settings
def plot_forest(table, region):
    """One row a change: the multiplier with its interval, against the claimed region; long intervals end in an arrow.

    Parameters
    ----------
    table : DataFrame
        ``change``, ``kind``, ``estimate``, ``low``, ``high`` (powers of ten).
    region : tuple of float
        The region in which the claim holds.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.21 * len(rows) + 0.9)
    ax.axvspan(*region, color="#e6f2ec", lw=0)
    colours = rows["kind"].map({"as published": BLUE, "together": ORANGE}).fillna(GREY)
    for colour, part in rows.groupby(colours):
        strokes = segments(part.index, part["low"], part["high"].clip(upper=_FOREST_END))
        ax.plot(*strokes[::-1], color=colour, lw=1.6)
        ax.plot(part["estimate"], part.index, "o", color=colour, ms=5)
        beyond = part.index[part["high"] > _FOREST_END]
        ax.plot(np.full(len(beyond), _FOREST_END), beyond, ">", color=colour, ms=4, clip_on=False)
    said = "{change}: {estimate:ten} times more[ ({low:ten} to {high:ten})]"
    record_marks(ax, rows["estimate"], rows.index, rows, said, (rows["low"], rows["high"]))
    ax.set_yticks(range(len(rows)), rows["change"])
    for edge in np.flatnonzero(rows["kind"].to_numpy()[1:] != rows["kind"].to_numpy()[:-1]):
        ax.axhline(edge + 0.5, color="#bbbbbb", lw=0.8)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlim(0, _FOREST_END)
    power_axis(ax.xaxis, 0, _FOREST_END, 4)
    ax.grid(axis="x")
    ax.set_xlabel("Times more computing")
    single = table[table["kind"].isin(["corrected", "left out"])]["estimate"]
    together = table[table["kind"] == "together"].iloc[0]
    narrowest = (table["high"] - table["low"]).min()
    alt = (
        f"Times more computing after each correction and each omission. Single changes move it from "
        f"{power_cell(single.min())} to {power_cell(single.max())}; all faults mended give "
        f"{power_cell(together['estimate'])}. The narrowest interval spans {narrowest:.0f} powers of ten."
    )
    return finish(ax, alt, table, ("estimate", "low", "high"))


def segments(x, low, high):
    """Return strokes at `x` from `low` to `high` as one broken line: a fiftieth of the bytes of separate ones."""
    gap = np.full(len(x), np.nan)
    return np.column_stack([x, x, gap]).ravel(), np.column_stack([low, high, gap]).ravel()


@own_settings
def plot_floor(profile, target, marks, year):
    """How the multiplier grows with an assumed floor of the error.

    Parameters
    ----------
    profile : DataFrame
        From `stress.assumed_floors`.
    target : float
        Error to be reached, percent.
    marks : dict
        Label and position (percent) of published floors and noise levels.
    year : str
        Of the newest networks, for the label.
    """
    below = profile[profile["floor_pct"] < target]
    fig, ax = new_axes(height=3.4)
    ax.fill_between(below["floor_pct"], below["low"], below["high"], color=LIGHT, lw=0)
    ax.plot(below["floor_pct"], below["estimate"], color=BLUE)
    said = "floor of {floor_pct:.1f} %: {estimate:ten} times more[ ({low:ten} to {high:ten})]"
    record_marks(ax, below["floor_pct"], below["estimate"], below, said, (below["low"], below["high"]), upright=True)
    allowed = profile.loc[profile["likely"], "floor_pct"]
    right = max(allowed.max(), *marks.values()) + 0.6
    top = 24
    ax.axvspan(target, right, color="#f7e3d6", lw=0)
    ax.text((target + right) / 2, top * 0.96, "floor above 5 %:\nnever reached", ha="center", va="top", color="#A84300")
    for label, value in marks.items():
        ax.axvline(value, ymax=0.72, color=GREY, lw=1, ls=":")
        ax.text(value + 0.08, top * 0.7, label, rotation=90, va="top", fontsize=9)
    ax.annotate("", (allowed.min(), 0.7), (allowed.max(), 0.7), arrowprops={"arrowstyle": "<->", "color": GREEN})
    label = f"floors that the\ndata of {year} allow"
    ground = {"boxstyle": "square,pad=0.1", "fc": "#f7e3d6", "ec": "none"}
    ax.text(right - 0.1, 1.3, label, ha="right", va="bottom", color=GREEN, fontsize=9, bbox=ground)
    ax.set_xlim(0, right)
    ax.set_ylim(0, top)
    power_axis(ax.yaxis, 0, top, 4)
    ax.grid(axis="y")
    ax.set_xlabel("Assumed floor of the top-1 error, %")
    ax.set_ylabel("Times more computing")
    first, last = (power_cell(value) for value in below["estimate"].iloc[[0, -1]])
    alt = (
        f"Times more computing against an assumed floor of the error: {first} without a floor, {last} with a floor "
        f"of {below['floor_pct'].iloc[-1]:.1f} %; never reached with a floor of {target:g} % or more. "
        f"The data of July 2020 allow floors from {allowed.min():.1f} to {allowed.max():.1f} %."
    )
    return finish(ax, alt, profile, ("estimate", "low", "high"))


@own_settings
def plot_backtest(fit, before, later):
    """Models published later against the band fitted before.

    Parameters
    ----------
    fit : PowerLawResults
        Fitted to `before`.
    before, later : DataFrame
        ``training_flop``, ``top1_error_pct``; `later` also ``inside`` and ``model``.
    """
    fig, ax = new_axes(height=3.7)
    x = np.log10(np.concatenate([before["training_flop"], later["training_flop"]]))
    grid = np.linspace(x.min() - 0.2, x.max() + 0.2, 60)
    band = fit.get_prediction(10**grid).summary_frame()
    ax.fill_between(grid, band["obs_ci_lower"], band["obs_ci_upper"], color="#ececec", lw=0)
    ax.plot(grid, band["mean"], color=GREY)
    ax.plot(np.log10(before["training_flop"]), before["top1_error_pct"], "o", color=GREY, ms=3.5, alpha=0.6)
    ax.plot(np.log10(later["training_flop"]), later["top1_error_pct"], "D", color=ORANGE, ms=5, mec="white", mew=0.6)
    for part in (before, later):
        said = "{model}: {top1_error_pct:.1f} % error, {training_flop:power} FLOP"
        record_marks(ax, np.log10(part["training_flop"]), part["top1_error_pct"], part, said)
    ax.text(19.4, 33, "models to July 2020, their line\nand 95 % band for a new one", color="#555555", fontsize=9)
    ax.set_title("Later networks beat the line of 2020", loc="left")
    ax.text(21, 8.4, "published later", color="#A84300", fontsize=9, ha="center", va="top")
    _error_axis(ax, 3.5, 60)
    ax.axhline(5, color=GREEN, lw=1)
    ax.text(grid[0], 5.1, " 5 %", color=GREEN, va="bottom", fontsize=9)
    power_axis(ax.xaxis, 18, 24, 1)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_xlabel("Training compute, FLOP")
    ax.set_ylabel("ImageNet top-1 error")
    top = later.loc[later["training_flop"].idxmax()]
    alt = (
        f"Error against training compute. Of {len(later)} networks published after July 2020, "
        f"{later['inside'].sum()} lie inside the 95 % band fitted before, "
        f"which at the largest run spans {top['lower']:.0f} to {top['upper']:.0f} %. "
        f"The lowest error is {later['top1_error_pct'].min():.1f} %."
    )
    columns = ["model", "published", "training_flop", "top1_error_pct", "predicted", "lower", "upper", "inside"]
    return finish(ax, alt, pd.concat([before, later])[columns])


@own_settings
def plot_thresholds(table, width):
    """For each reference interval: at which tolerance the claim fails, is undecided, holds.

    Parameters
    ----------
    table : DataFrame
        From `verdicts.thresholds`, with a column ``evidence``.
    width : float
        The tolerance that the rule uses, marked.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.34 * len(rows) + 1.1)
    fails, holds = rows["fails_below"].clip(upper=_TOLERANCE_END), rows["holds_from"].clip(upper=_TOLERANCE_END)
    ax.barh(rows.index, fails, color="#e39a6b", height=0.7)
    ax.barh(rows.index, holds - fails, left=fails, color="#d9d9d9", height=0.7)
    ax.barh(rows.index, _TOLERANCE_END - holds, left=holds, color="#5aa886", height=0.7)
    ax.axvline(width, color="#222222", lw=1.4)
    ax.set_yticks(rows.index, rows["evidence"].astype(str) + ": " + rows["fit"])
    said = "{fit}, evidence of {evidence}: fails below {fails_below:.1f} powers of ten, holds from {holds_from:.1f}"
    record_marks(ax, (fails + holds) / 2, rows.index, rows, said, (fails, holds))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, _TOLERANCE_END)
    ax.set_xticks(range(_TOLERANCE_END + 1))
    ax.set_xlabel("Tolerance, powers of ten")
    ax.text(width + 0.08, len(rows) - 0.5, "our rule", fontsize=9, va="bottom")
    for i, row in rows.iterrows():  # words on the bars: colour is never the only channel
        turn = min(row["holds_from"], _TOLERANCE_END)
        if turn - row["fails_below"] > 2:
            over = {"facecolor": "#d9d9d9", "edgecolor": "none", "pad": 1}  # the rule's line stops at the word
            ax.text((row["fails_below"] + turn) / 2, i, "undecided", ha="center", va="center", fontsize=9, bbox=over)
        if turn < _TOLERANCE_END - 1:
            ax.text((turn + _TOLERANCE_END) / 2, i, "holds", ha="center", va="center", fontsize=9)
    ax.set_ylim(-0.6, len(rows) + 0.1)
    ax.legend(
        [plt.Rectangle((0, 0), 1, 1, color=c) for c in ("#e39a6b", "#d9d9d9", "#5aa886")],
        ["does not hold", "undecided", "holds"],
        loc="lower center",
        bbox_to_anchor=(0.2, 1.0),
        ncols=3,
        frameon=False,
        columnspacing=1.0,
        handlelength=1.0,
    )
    alt = "Tolerance at which the claim holds, fails or is undecided. " + "; ".join(
        f"{r.fit}, evidence of {r.evidence}: fails below {r.fails_below:.1f} powers of ten, "
        + (f"holds from {r.holds_from:.1f}" if np.isfinite(r.holds_from) else "holds at none")
        for r in table.itertuples()
    )
    return finish(ax, alt + ".", table, ("low", "high"))
