"""Figures of the chapter on cost."""

from __future__ import annotations

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
    heading,
    new_axes,
    own_settings,
    power_axis,
)

IF_TRENDS_HELD = "if trends held"
_LAST_YEAR = 2032.0  # up to which the bills are drawn


def _dollars(value):
    for size, letter in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= 0.999 * size:
            return f"${value / size:g} {letter}"
    return f"${value:g}"


@own_settings
def plot_bills(table, growth, fall, mark):
    """Return what runs cost, the trend carried on, and the falling cost of a fixed capability.

    Parameters
    ----------
    table : DataFrame
        Costs of the frontier: ``model``, ``published``, ``year``, ``cost_usd``, ``training_flop``.
    growth : dl_limits.studies.cost.trends.Growth
        Growth of the cost, carried on from the largest cost.
    fall : DataFrame
        From `trends.fixed_capability`, relative to the cost of GPT-3 in this table.
    mark : float
        A thousandth of the US economy, dollars.
    """
    fig, ax = new_axes(height=3.5)
    top = table.loc[table["cost_usd"].idxmax()]
    years = np.linspace(top["year"], _LAST_YEAR, 40)
    rise = [np.log(f) for f in (growth.low, growth.factor, growth.high)]
    low, middle, high = (top["cost_usd"] * np.exp(r * (years - top["year"])) for r in rise)
    ax.fill_between(years, low, high, color=LIGHT, lw=0)
    ax.plot(years, middle, color=BLUE, ls=(0, (3, 2)))
    ax.plot(table["year"], table["cost_usd"], "o", color=BLUE, ms=3.5)
    record_marks(ax, table["year"], table["cost_usd"], table, "{model}: {cost_usd:large} dollars of 2023")
    same = table[table["model"].str.startswith("GPT-3 ")].iloc[0]
    for start, name in (("GPT-2", "GPT-2"), ("GPT-3 ", "GPT-3"), ("GPT-4", "GPT-4"), (top["model"], top["model"])):
        run = table[table["model"].str.startswith(start)].iloc[0]
        ax.plot(run["year"], run["cost_usd"], "o", color=BLUE, mec="black", ms=6)
        below = name == "GPT-2"  # above it stand other runs
        place = {"ha": "left", "va": "top"} if below else {"ha": "right", "va": "bottom"}
        ax.text(run["year"] + (0.2 if below else -0.25), run["cost_usd"] * (0.8 if below else 1.5), name, **place)
    then = same["year"] + fall["years"]
    shown = then <= 2026.95
    ends = (same["cost_usd"] * fall[end][shown] for end in ("low", "high"))
    ax.fill_between(then[shown], *ends, color="#d9efe4", lw=0)
    ax.plot(then[shown], same["cost_usd"] * fall["median"][shown], color=GREEN, ls=(0, (3, 2)))
    ax.axhline(mark, color=GREY, lw=0.9, ls=":")
    ax.text(2015.4, mark * 1.3, "a thousandth of the US economy", color="#555555", va="bottom")
    ax.text(2027.0, 1.5e8, f"the largest,\n{IF_TRENDS_HELD}", color=BLUE, va="top")
    ax.text(2027.2, 4e2, f"GPT-3’s ability,\n{IF_TRENDS_HELD}", color=GREEN, va="center")
    heading(ax, "The largest models get dearer,\nthe same ability cheaper")
    ax.set_yscale("log")
    ax.set_ylim(30, 1e12)
    ax.set_xlim(2015.2, _LAST_YEAR)
    ax.set_xticks([2016, 2020, 2024, 2028, 2032])
    ax.yaxis.set_major_locator(FixedLocator([1e2, 1e4, 1e6, 1e8, 1e10, 1e12]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: _dollars(v)))
    ax.yaxis.set_minor_locator(FixedLocator([]))
    ax.set_ylabel("Cost of one run, 2023 dollars")
    last = fall.iloc[int(np.flatnonzero(shown)[-1])]
    lowest, highest = _dollars(table["cost_usd"].min()), _dollars(float(top["cost_usd"]))
    alt = (
        f"Cost of {len(table)} training runs by date, from {lowest} to {highest}, and a rise by {growth.factor:.1f} "
        f"times a year carried on to {_LAST_YEAR:.0f}, if trends held. The cost of the same capability as GPT-3 falls "
        f"to {last['median']:.1e} of what it was in {last['years']:.1f} years, if trends held."
    )
    return finish(ax, alt, table[["model", "published", "cost_usd", "training_flop"]])


@own_settings
def plot_crossings(table):
    """Return when a frontier run passes each threshold: medians and 90 % of the draws.

    Parameters
    ----------
    table : DataFrame
        From `trends.threshold_years`.
    """
    fig, ax = new_axes(height=0.2 * len(table) + 2.4)
    heading(ax, "When the trends would pass each mark")
    y, positions, labels, last = 0.0, [], [], None
    for row in table.itertuples():
        y += 1.0 if row.threshold == last else 1.9
        if row.threshold != last:
            ax.text(2024.2, y - 0.85, row.threshold, weight="bold", va="center")
        colour = GREEN if row.threshold.endswith("TWh") else BLUE
        ax.plot([row.low, min(row.high, 2038)], [y, y], color=colour, lw=2)
        ax.plot(row.median, y, "o", color=colour, ms=5)
        positions.append(y)
        labels.append(_short(row.path))
        last = row.threshold
    said = "{threshold}, {path}: {median:.0f} ({low:.0f} to {high:.0f})"
    record_marks(ax, table["median"], positions, table, said, (table["low"], table["high"]))
    ax.axvspan(2030, 2031, color="#eeeeee", lw=0, zorder=0)
    ax.set_yticks(positions, labels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y + 0.8, 0.4)
    ax.set_xlim(2024, 2036)
    ax.set_xticks([2024, 2028, 2032, 2036])
    ax.grid(axis="x")
    ax.set_xlabel(f"Year in which a run passes it,\n{IF_TRENDS_HELD}")
    alt = f"Years in which a frontier run passes each threshold, {IF_TRENDS_HELD}, median and 90 % of the draws. "
    alt += "; ".join(
        f"{r.threshold}, {r.path}: {r.median:.0f} ({r.low:.0f} to {r.high:.0f})" for r in table.itertuples()
    )
    return finish(ax, alt + ".", table.drop(columns="draws"))


def _short(path):
    for long, short in (
        ("hardware written off, and energy", "written off"),
        ("rental price", "rented"),
        ("largest run told by its developer", "developer’s run"),
        ("largest run in a database", "database’s run"),
        ("published growth", "published rate"),
    ):
        path = path.replace(long, short)
    return path


@own_settings
def plot_projections(table, gdp_usd):
    """Return the projected cost of ImageNet errors with intervals, in powers of ten of dollars.

    Parameters
    ----------
    table : DataFrame
        From `trends.projection_table`.
    gdp_usd : float
        Size of the US economy, marked for comparison.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    limit = 36
    fig, ax = new_axes(height=0.42 * len(rows) + 1.2)
    heading(ax, "From millions to more dollars than exist")
    ax.axvline(np.log10(gdp_usd), color=GREY, lw=1, ls=":")
    ax.text(np.log10(gdp_usd) + 0.3, len(rows) - 0.55, "US economy, one year", color="#555555", va="bottom")
    for i, row in rows.iterrows():
        colour = ORANGE if "printed" in row["model"] else BLUE
        if np.isfinite(row["usd_low"]):
            ax.plot([row["usd_low"], min(row["usd_high"], limit)], [i, i], color=colour, lw=2)
            if row["usd_high"] > limit:
                ax.plot(limit, i, ">", color=colour, ms=5, clip_on=False)
        ax.plot(row["usd"], i, "D" if "printed" in row["model"] else "o", color=colour, ms=6)
    said = "{model}, {error_pct:.0f} % error: {usd:ten} dollars[ ({usd_low:ten} to {usd_high:ten})]"
    record_marks(ax, rows["usd"], rows.index, rows, said, (rows["usd_low"], rows["usd_high"]))
    ax.set_yticks(rows.index, [f"{r.model}\n{r.error_pct:g} % error" for r in rows.itertuples()])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(rows) - 0.1)
    ax.set_xlim(2, limit)
    power_axis(ax.xaxis, 6, limit, 6)
    ax.grid(axis="x")
    ax.set_xlabel("Cost, dollars")
    alt = "Projected cost of training for ImageNet, powers of ten of dollars. " + "; ".join(
        f"{r.model}, {r.error_pct:g} %: 10^{r.usd:.1f}"
        + (f" (10^{r.usd_low:.1f} to 10^{r.usd_high:.1f})" if np.isfinite(r.usd_low) else "")
        for r in table.itertuples()
    )
    return finish(ax, alt + ".", pd.DataFrame(table), ("flop", "usd", "usd_low", "usd_high", "co2_t"))
