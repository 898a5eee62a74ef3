"""Figures of the wall: the largest run, its bills, and the length of tasks."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, heading, new_axes, own_settings
from dl_limits.words import power_cell

_YEARS = (2017.7, 2027.6)
_NAMED = {"GPT-3 175B (davinci)": "GPT-3", "GPT-4 (Mar 2023)": "GPT-4"}
_MINUTES = {1 / 60: "1 second", 1: "1 minute", 60: "1 hour", 480: "8 hours"}
_DOLLARS = {1e4: "$10,000", 1e6: "$1 million", 1e8: "$100 million", 1e10: "$10 billion"}
_MWH = {1e2: "100 MWh", 1e4: "10 GWh", 1e6: "1 TWh"}


@own_settings
def plot_runs(table, records, expected, end):
    """Return the largest runs by date, with the largest run to be expected from the years to 2024.

    Parameters
    ----------
    table, records : DataFrame
        From `pause.largest_runs`: the ten largest of their time, and the largest alone.
    expected : DataFrame
        From `pause.expected_runs`.
    end : float
        Decimal year with which the table ends.
    """
    fig, ax = new_axes(height=3.9)
    _band(ax, expected)
    ax.plot(table["year"], table["value"], "o", color=GREY, ms=3, alpha=0.6)
    years = np.r_[records["year"], end]
    ax.step(years, np.r_[records["value"], records["value"].iloc[-1]], where="post", color=BLUE, lw=2)
    ax.plot(records["year"], records["value"], "o", color=BLUE, ms=5)
    record_marks(ax, table["year"], table["value"], table, "{model}: {value:power} operations")
    for row in records[records["model"].isin(_NAMED)].itertuples():
        place = {"textcoords": "offset points", "ha": "right", "fontsize": 9, "color": BLUE}
        ax.annotate(_NAMED[row.model], (row.year, row.value), (-5, 5), **place)
    ax.text(end + 0.1, records["value"].iloc[-1], records["model"].iloc[-1], color=BLUE, fontsize=9, va="center")
    ax.text(2018, 3e27, "to be expected from\nruns to 2024 (90 %)", color=ORANGE, fontsize=9, va="center")
    ax.set_yscale("log")
    _years(ax)
    ax.yaxis.set_major_locator(FixedLocator([1e21, 1e23, 1e25, 1e27]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: power_cell(np.log10(v), 0)))
    ax.set_ylabel("Operations in one training run")
    heading(ax, "The largest run, and what was to be expected")
    last, drawn = records.iloc[-1], expected.iloc[-1]
    alt = (
        f"The largest documented training runs by date. {last['model']}, {last['value']:.2g} operations, is the "
        f"largest and nothing larger follows to the end of the table in {end:.1f}. From runs to the end of 2024 "
        f"{drawn['median']:.2g} was to be expected by then (90 % of draws {drawn['low']:.2g} to {drawn['high']:.2g})."
    )
    return finish(ax, alt, table)


@own_settings
def plot_costs(costs, expected, energy):
    """Return the bills of the dearest runs above the accounts of energy, on one axis of years.

    Parameters
    ----------
    costs, expected : DataFrame
        From `pause.bills`.
    energy : DataFrame
        From `pause.energy_accounts`.
    """
    fig, (ax, below) = new_axes(height=5.2, nrows=2, sharex=True)
    _band(ax, expected)
    ax.plot(costs["year"], costs["value"], "o", color=BLUE, ms=4)
    record_marks(ax, costs["year"], costs["value"], costs, "a run of {value:large} dollars")
    record_marks(below, energy["year"], energy["value"], energy, "{model}: {value:plain} MWh, {kind}")
    ax.set_title("Cost of a run", loc="left", fontsize=10)
    for kind, mark in (("told", "o"), ("counted", "s"), ("quoted", "D")):
        part = energy[energy["kind"] == kind]
        below.plot(part["year"], part["value"], mark, color=GREEN, mfc="white" if kind == "quoted" else GREEN, ms=5)
    for row in energy[energy["value"] > 1e4].itertuples():
        shift = (-6, 3) if row.year < 2025.3 else (6, 4)
        name, side = row.model.removesuffix("-405B"), "right" if row.year < 2025.3 else "left"
        below.annotate(name, (row.year, row.value), shift, textcoords="offset points", ha=side, fontsize=9)
    below.set_title("Energy of a run", loc="left", fontsize=10)
    for axes, marks in ((ax, _DOLLARS), (below, _MWH)):
        axes.set_yscale("log")
        _named(axes, marks)
        _years(axes)
    ax.set_ylim(2e3, 2e10)
    below.set_ylim(60, 2e6)
    last, drawn = costs.loc[costs["value"].idxmax()], expected.iloc[-1]
    alt = (
        f"Two panels by date. Above, costs of the largest runs: the dearest is {last['value'] / 1e6:.0f} million "
        f"dollars; from runs to the end of 2024 {drawn['median'] / 1e6:.0f} million was to be expected (90 % of draws "
        f"{drawn['low'] / 1e6:.0f} to {drawn['high'] / 1e6:.0f} million). Below, energy: "
        + "; ".join(f"{row.model}, {row.value:,.0f} MWh, {row.kind}" for row in energy.itertuples())
    )
    return finish(ax, alt + ".", costs.drop(columns="published"))


@own_settings
def plot_time_horizons(table, growth, limit):
    """Return the length of tasks that models complete half the time, by date of release.

    Parameters
    ----------
    table : DataFrame
        From `horizons.time_horizons`.
    growth : DataFrame
        From `horizons.doubling`.
    limit : float
        Minutes above which the suite is not reliable.
    """
    fig, ax = new_axes(height=4.0)
    ax.axhspan(limit, 1e5, color="#eeeeee", lw=0)
    ax.text(2018.8, limit * 1.3, "above 16 hours: too few tasks to tell", fontsize=9, color=GREY)
    for row, colour in zip(growth.itertuples(), (BLUE, ORANGE), strict=True):
        years = table.loc[table["year"] >= row.since, "year"]
        ax.plot([years.min(), years.max()], [row.start, row.end], color=colour, lw=1.5, ls="--")
    ax.vlines(table["year"], table["low"], table["high"], color=LIGHT, lw=2)
    ax.plot(table["year"], table["horizon_min"], "o", color=BLUE, ms=4)
    said = "{model}: tasks of {horizon_min:plain} minutes[ ({low:plain} to {high:plain})]"
    record_marks(ax, table["year"], table["horizon_min"], table, said, (table["low"], table["high"]), upright=True)
    ax.text(2019.4, 1.2, "whole record", color=BLUE, fontsize=9)
    ax.text(2022.9, 0.7, "since 2023", color=ORANGE, fontsize=9)
    ax.set_yscale("log")
    ax.set_ylim(0.005, 8000)
    _named(ax, _MINUTES)
    ax.set_xlim(2018.6, 2026.8)
    ax.set_xticks([2019, 2021, 2023, 2025])
    ax.set_ylabel("Human working time")
    ends = table.iloc[[0, -1]]
    alt = (
        "Length of software tasks that models complete in half of tries, by date of release: "
        f"{60 * ends['horizon_min'].iloc[0]:.0f} seconds for {ends['model'].iloc[0]}, "
        f"{ends['horizon_min'].iloc[1] / 60:.0f} hours for {ends['model'].iloc[1]}. "
        + " ".join(f"From {r.since:.0f} it doubles in {r.months:.1f} months." for r in growth.itertuples())
    )
    columns = ["model", "published", "horizon_min", "low", "high", "horizon_80_min"]
    return finish(ax, alt, table[columns])


def _band(ax, expected):
    ax.fill_between(expected["year"], expected["low"], expected["high"], color=ORANGE, alpha=0.18, lw=0)
    ax.plot(expected["year"], expected["median"], color=ORANGE, lw=1.5, ls="--")


def _years(ax):
    ax.set_xlim(*_YEARS)
    ax.set_xticks([2018, 2020, 2022, 2024, 2026])


def _named(ax, marks):
    ax.yaxis.set_major_locator(FixedLocator(list(marks)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: marks.get(v, "")))
