"""Figures of the chapter on vision and speech."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, ORANGE, finish, heading, new_axes, own_settings
from dl_limits.words import said

WINDOW = "#fbe8c8"
MARKS = {"relative": "o", "points": "s", "compute": "^"}
_WORDS = {"relative": "share of error, per year", "points": "points, per year", "compute": "per tenfold of compute"}


@own_settings
def plot_records(series, window, levels=()):
    """Return the records of several series as steps on a logarithmic error axis.

    Parameters
    ----------
    series : dict
        Label and `dl_limits.inference.record_process.Records`, at most three.
    window : tuple of float
        The claimed years, shaded.
    levels : sequence of tuple
        ``(label, low, high)``: bands in percent, such as the errors of people.
    """
    fig, ax = new_axes(height=3.5)
    ax.axvspan(*window, color=WINDOW, lw=0)
    rows = []
    for (label, found), colour in zip(series.items(), (BLUE, ORANGE, GREEN), strict=False):
        years, values = found.points
        ends = np.r_[years, found.years[-1]]
        ax.step(ends, np.exp(np.r_[values, values[-1]]), where="post", color=colour)
        ax.plot(years, np.exp(values), "o", color=colour, ms=3.5)
        if colour == GREEN:  # its start lies under the other lines
            ax.text(ends[-1], np.exp(values[-1]) * 0.93, label, color=colour, ha="right", va="top")
        else:
            ax.text(years[0], np.exp(values[0]) * 1.06, label, color=colour, va="bottom")
        rows.append(pd.DataFrame({"series": label, "year": years, "error_pct": np.exp(values)}))
        record_marks(ax, years, np.exp(values), rows[-1], "{series}: {error_pct:.1f} % error, {year:.1f}")
    for label, low, high in levels:
        ax.axhspan(low, high, color="#e9e9e9", lw=0, zorder=0)
        ax.text(2011.2, low * 0.97, label, color="#555555", va="top")
    years = f"{window[0]:.0f}–{(window[1] - 1) % 100:.0f}"
    ax.text(np.mean(window), 1.85, years, ha="center", va="bottom", color="#7a5200")
    heading(ax, "Image errors paused, telephone errors\nlevelled off, audiobook errors fell fast")
    ax.set_yscale("log")
    ax.set_ylim(1.8, 50)
    ax.yaxis.set_major_locator(FixedLocator([2, 5, 10, 20, 40]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    ax.yaxis.set_minor_locator(FixedLocator([]))
    ax.set_xlim(2011, 2024.2)
    ax.set_xticks([2012, 2016, 2018, 2020, 2024])
    ax.grid(axis="y")
    ax.set_ylabel("Lowest published error")
    table = pd.concat(rows, ignore_index=True)
    ends = "; ".join(
        f"{s}, {part['error_pct'].iloc[0]:.1f} to {part['error_pct'].iloc[-1]:.1f} %"
        for s, part in table.groupby("series", sort=False)
    )
    alt = f"Lowest published errors by date, logarithmic, 2016 and 2017 shaded. First and last record: {ends}."
    return finish(ax, alt, table)


@own_settings
def plot_ratios(table, threshold):
    """Return rate ratios with intervals, late over early, against the rule's threshold.

    Parameters
    ----------
    table : DataFrame
        From `rates.ratios`.
    threshold : float
        Below it returns count as diminished.
    """
    shown = table[np.isfinite(table["estimate"])].reset_index(drop=True)
    bottom, top = 0.03, 8.0  # longer intervals end in an arrow
    fig, ax = new_axes(height=0.25 * len(shown) + 1.7)
    heading(ax, "Points shrank; the shares leave it open")
    ax.axvspan(bottom, threshold, color="#dcefe7", lw=0)  # green: the claim is right
    ax.axvline(1, color=GREY, lw=1)
    positions, y, last, labels = [], 0, None, []
    for row in shown.itertuples():
        y += 1.0 if row.series == last else 1.7
        positions.append(y)
        colour = {"relative": BLUE, "points": GREY, "compute": ORANGE}[row.quantity]
        low, high = max(row.low, bottom), min(row.high, top)
        ax.plot([low, high], [y, y], color=colour, lw=1.6)
        if row.low < bottom:
            ax.plot(bottom, y, "<", color=colour, ms=4, clip_on=False)
        if row.high > top:
            ax.plot(top, y, ">", color=colour, ms=4, clip_on=False)
        if bottom < row.estimate < top:
            ax.plot(row.estimate, y, MARKS[row.quantity], color=colour, ms=5)
        if row.series != last:
            ax.text(bottom, y - 0.85, row.series, weight="bold", va="center")
        labels.append("  same, all systems" if "all systems" in row.method else _WORDS[row.quantity])
        last = row.series
    told = "{series}, {quantity}: {estimate:.2f} times the rate[ ({low:.2f} to {high:.2f})]"
    record_marks(ax, shown["estimate"].clip(bottom, top), positions, shown, told, (shown["low"], shown["high"]))
    ax.set_yticks(positions, labels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y + 0.7, 0.2)
    ax.set_xscale("log")
    ax.set_xlim(bottom, top)
    ax.xaxis.set_major_locator(FixedLocator([0.1, 0.3, 1, 3]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}×"))
    ax.xaxis.set_minor_locator(FixedLocator([]))
    ax.set_xlabel("Rate of 2018–20 ÷ rate of 2012–15", loc="right")
    first = shown[(shown["series"] == "ImageNet top-1") & (shown["quantity"] == "relative")].iloc[0]
    below = shown[shown["high"] < threshold]
    alt = (
        f"Rates of progress in 2018–20 over those of 2012–15, with 95 % intervals, {shown['series'].nunique()} series. "
        f"ImageNet top-1, share of the error per year: "
        f"{first['estimate']:.2f} ({first['low']:.2f} to {first['high']:.2f}). "
        f"{len(below)} of {len(shown)} intervals lie wholly below {threshold}."
    )
    return finish(ax, alt, shown)


@own_settings
def plot_break_dates(table, window):
    """Return for each series the best break date and the dates that are not rejected.

    Parameters
    ----------
    table : DataFrame
        From `rates.date_table`.
    window : tuple of float
        The claimed years, shaded.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.46 * len(rows) + 1.1)
    heading(ax, "Only Switchboard breaks inside the years")
    ax.axvspan(*window, color=WINDOW, lw=0)
    for i, row in rows.iterrows():
        sure = row["pvalue"] <= 0.05
        colour = BLUE if sure else GREY
        ax.plot([row["earliest"], row["latest"] + 0.25], [i, i], color=colour, lw=3, solid_capstyle="butt", alpha=0.5)
        ax.plot(row["date"] + 0.125, i, "D" if sure else "o", color=colour, mec="white", ms=7)
        word = "slower" if row["ratio"] < 1 else "faster"
        ax.text(2022.9, i, f"{word}\np = {row['pvalue']:.3f}", va="center", linespacing=1.1)
    told = "{series}: break in {date:.1f} ({earliest:.1f} to {latest:.1f}), p = {pvalue:.3f}"
    record_marks(ax, rows["date"] + 0.125, rows.index, rows, told, (rows["earliest"], rows["latest"] + 0.25))
    ax.set_yticks(rows.index, rows["series"])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(rows) - 0.2)
    ax.set_xlim(2013, 2025)
    ax.set_xticks([2014, 2016, 2018, 2020, 2022])
    ax.grid(axis="x")
    ax.set_xlabel("Date of the break")
    alt = "Date of a break in the rate of progress, with the dates not rejected at 95 %. " + "; ".join(
        f"{r.series}: {said(r.date, '.1f')} ({said(r.earliest, '.1f')} to {said(r.latest, '.1f')}), "
        f"{'slower' if r.ratio < 1 else 'faster'} "
        f"after it, p = {r.pvalue:.3f}"
        for r in table.itertuples()
    )
    return finish(ax, alt + ".", table)
