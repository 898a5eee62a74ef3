"""Figures of the chapter on the history of GPT."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, new_axes, own_settings, power_axis
from dl_limits.words import power_cell

_LAST_YEAR = 2026.6  # up to which the trend of compute is drawn
_LAWS = {"replication 2024": (BLUE, "-"), "Hoffmann 2022": (GREEN, (0, (5, 2))), "Kaplan 2020": (ORANGE, (0, (1, 1.5)))}


@own_settings
def plot_size_share(curves, ranges):
    """Return the share of size in the predicted gain, over the earlier model's tokens.

    Parameters
    ----------
    curves : dict of str to DataFrame
        Law and its curve (`shares.share_curve`).
    ranges : dict of str to (float, float)
        Way of counting data and its plausible range, tokens.
    """
    fig, ax = new_axes(height=3.9)
    ax.axhspan(0.5, 2, color="#eaf3ee", lw=0)
    ax.axhline(0.5, color=GREEN, lw=1)
    for name, curve in curves.items():
        colour, dash = _LAWS[name]
        x = np.log10(curve["start_tokens"])
        if (curve["high"] > curve["low"]).any():
            ax.fill_between(x, curve["low"], curve["high"], color=LIGHT, lw=0)
        ax.plot(x, curve["estimate"], color=colour, ls=dash, label=name)
        said = "{law}, GPT-2 on {start_tokens:large} tokens: {estimate:%} due to size[ ({low:%} to {high:%})]"
        record_marks(
            ax, x, curve["estimate"], curve.assign(law=name), said, (curve["low"], curve["high"]), upright=True
        )
    for i, (name, (low, high)) in enumerate(ranges.items()):
        y = 1.30 - 0.12 * i
        ends = np.log10([low, high])
        ax.axvspan(*ends, color="#222222", alpha=0.06, lw=0)
        ax.plot(ends, [y, y], color="#222222", lw=4, solid_capstyle="butt")
        left = ends[0] > 10.3  # room for the words
        ax.text(
            ends[0] - 0.06 if left else ends[1] + 0.06, y, name, ha="right" if left else "left", va="center", fontsize=9
        )
    ax.text(12.18, 0.52, "more than half: size", color=GREEN, fontsize=9, va="bottom", ha="right")
    ax.text(12.18, 0.48, "more than half: data", color="#555555", fontsize=9, va="top", ha="right")
    ax.set_ylim(0.2, 1.4)
    ax.yaxis.set_major_locator(FixedLocator(np.arange(0.2, 1.5, 0.2)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.0f} %"))
    ax.set_xlim(9.5, 12.2)
    power_axis(ax.xaxis, 10, 12, 1)
    ax.set_xlabel("Tokens of GPT-2 (each step × 10); never published")
    ax.set_ylabel("Share of size in the predicted gain")
    ax.legend(loc="lower right", fontsize=9, borderaxespad=0.1, labelspacing=0.2)
    spans = []
    for name, (low, high) in ranges.items():
        inside = pd.concat([c[c["start_tokens"].between(low * 0.97, high * 1.03)] for c in curves.values()])
        spans.append(f"{name}: {100 * inside['low'].min():.0f} to {100 * inside['high'].max():.0f} %")
    alt = (
        f"Share of size in the predicted improvement from GPT-2 to GPT-3, against GPT-2's unpublished tokens, under "
        f"{len(curves)} loss laws. " + "; ".join(spans) + "."
    )
    table = pd.concat([c.assign(law=n) for n, c in curves.items()], ignore_index=True)
    return finish(ax, alt, table.round({"estimate": 4, "low": 4, "high": 4}))


@own_settings
def plot_credit(table):
    """Return which share of the predicted gain is due to size, by what counts as data, for three laws.

    Parameters
    ----------
    table : DataFrame
        One generation of `shares.size_shares`; of two forms of Kaplan's law the one in `shares.wide_curves`.
    """
    table = table[table["law"].isin(_LAWS)]
    ways = list(table["account"].unique())[::-1]
    fig, ax = new_axes(height=0.62 * len(ways) + 1.2)
    ax.axvline(0.5, color="#222222", lw=1)
    for law, shift in zip(_LAWS, (-0.2, 0, 0.2), strict=True):
        part = table[table["law"] == law].set_index("account")
        y = [ways.index(account) + shift for account in part.index]
        ax.hlines(y, part["low"], part["high"], color=_LAWS[law][0], lw=2)
        ax.plot(part["estimate"], y, "o", color=_LAWS[law][0], ms=5.5, label=law)
        said = "{account}, {law}: {estimate:%} due to size[ ({low:%} to {high:%})]"
        record_marks(ax, part["estimate"], y, part.reset_index(), said, (part["low"], part["high"]))
    ax.set_yticks(range(len(ways)), ways)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.55, len(ways) - 0.2)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.0f} %"))
    ax.text(0.49, len(ways) - 0.3, "← mostly data", ha="right", va="top", fontsize=9.2)
    ax.text(0.51, len(ways) - 0.3, "mostly size →", ha="left", va="top", fontsize=9.2)
    ax.set_xlim(0.2, max(1.3, table["high"].max() + 0.02))
    ax.grid(axis="x")
    ax.set_xlabel("Share of the predicted gain that is due to size")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.15, 1), ncols=3, fontsize=9.2, columnspacing=0.9, handletextpad=0.1)
    found = [
        f"{way}: {100 * table.loc[table['account'] == way, 'estimate'].min():.0f} to "
        f"{100 * table.loc[table['account'] == way, 'estimate'].max():.0f} %"
        for way in ways[::-1]
    ]
    alt = f"Share of size in the gain from GPT-2 to GPT-3 that the laws predict, data counted as {'; '.join(found)}."
    return finish(ax, alt, table)


@own_settings
def plot_growth(table):
    """Return how many times each axis grew per generation, as ranges.

    Parameters
    ----------
    table : DataFrame
        From `family.growth`.
    """
    steps = list(table["step"].unique())
    axes = list(table["axis"].unique())[::-1]
    fig, ax = new_axes(height=2.9)
    ax.axvline(0, color="#222222", lw=1)
    for step, colour, shift in zip(steps, (GREY, BLUE), (0.16, -0.16), strict=True):
        part = table[table["step"] == step].set_index("axis")
        for i, name in enumerate(axes):
            low, high = np.log10(part.loc[name, ["low", "high"]].astype(float))
            ax.plot([low, high], [i + shift] * 2, color=colour, lw=3, solid_capstyle="butt")
            ax.plot([low, high], [i + shift] * 2, "o", color=colour, ms=5, label=step if i == 0 else None)
        y, ends = [axes.index(name) + shift for name in part.index], np.log10(part[["low", "high"]].astype(float)).T
        said = "{axis}, {step}: × {low:plain} to {high:plain}"
        record_marks(ax, ends.mean(), y, part.reset_index(), said, ends.to_numpy())
    ax.set_yticks(range(len(axes)), axes)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(axes) - 0.4)
    ax.xaxis.set_major_locator(FixedLocator([0, 1, 2]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"× {10**v:,.0f}"))
    ax.grid(axis="x")
    ax.set_xlabel("Growth per generation, largest models")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9, borderaxespad=0.2)
    last = table[table["step"] == steps[-1]].set_index("axis")
    alt = f"Growth per generation, logarithmic. {steps[-1]}: " + "; ".join(
        f"{name} × {_range(*last.loc[name, ['low', 'high']])}" for name in last.index
    )
    return finish(ax, alt + ".", table)


def _range(low, high):
    ends = [f"{v:.0f}" if v >= 10 else f"{v:.2g}" for v in (low, high)]
    return ends[0] if low == high else " to ".join(ends)


@own_settings
def plot_web_shares(table, rule):
    """Return which share of the web's text GPT-3 saw, by estimate of the web.

    Parameters
    ----------
    table : DataFrame
        From `web.web_shares`.
    rule : dl_limits.verdicts.Region
        Shares below which the claim fails and from which it holds.
    """
    whole = table["kind"] == "whole web"
    rows = pd.concat([table[~whole].iloc[::-1], table[whole].iloc[::-1]], ignore_index=True)  # the whole web on top
    fig, ax = new_axes(height=0.33 * len(rows) + 1.2)
    ax.axvspan(np.log10(rule.low), 0, color="#dcefe6", lw=0)
    ax.axvline(np.log10(rule.low), color=GREEN, lw=1)
    for i, row in rows.iterrows():
        colour, mark = (BLUE, "o") if row["kind"] == "whole web" else (GREY, "s")
        ax.plot(np.log10([row["low"], row["high"]]), [i, i], color=colour, lw=2)
        ax.plot(np.log10(row["share"]), i, mark, color=colour, ms=6)
    said = "{stock}: GPT-3 read {share:per_cent} of it[ ({low:per_cent} to {high:per_cent})]"
    record_marks(ax, np.log10(rows["share"]), rows.index, rows, said, np.log10(rows[["low", "high"]]).to_numpy().T)
    ax.axhline((~whole).sum() - 0.5, color="#bbbbbb", lw=0.8)
    ax.text(-4.9, len(rows) - 0.45, "of the whole web", color=BLUE, fontsize=9.2, va="center")
    ax.text(-4.9, (~whole).sum() - 1, "of parts of it", color="#555555", fontsize=9.2, va="center")
    ax.set_yticks(range(len(rows)), rows["stock"])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(rows) - 0.1)
    ax.set_xlim(-5, 0)
    ax.xaxis.set_major_locator(FixedLocator(range(-4, 1, 2)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * 10.0**v:g} %"))
    claimed = f"the claim:\nat least {100 * rule.low:.0f} %"
    ax.text(-0.36, len(rows) - 0.3, claimed, color=GREEN, fontsize=9.2, ha="right", va="top")
    ax.set_title("GPT-3 read a sliver of the web", loc="left")
    ax.set_xlabel("Share of the text that GPT-3 read (each mark × 100)")
    top = rows.loc[rows["high"].idxmax()]
    alt = (
        f"Share of {len(rows)} stocks of text that GPT-3 saw, logarithmic. The largest is {100 * top['high']:.1g} % of "
        f"{top['stock']}; the claim needs {100 * rule.low:.0f} % and fails below {100 * rule.wrong_below:.0f} %."
    )
    return finish(ax, alt, table)


@own_settings
def plot_compute(models, frontier, trend, placed):
    """Return training compute over time, the frontier, its line, and GPT-1, 2 and 3.

    Parameters
    ----------
    models, frontier : DataFrame
        ``year`` and ``training_flop`` (`compute.notable_models`, `compute.frontier`).
    trend : compute.Trend
        Line of the frontier.
    placed : DataFrame, indexed by name
        The models to name, with ``year`` and ``training_flop``.
    """
    fig, ax = new_axes(height=3.8)
    rest = models[~models.index.isin(frontier.index)]
    ax.plot(rest["year"], np.log10(rest["training_flop"]), "o", color="#b5b5b5", ms=3, label="other models listed")
    ax.plot(frontier["year"], np.log10(frontier["training_flop"]), "o", color=BLUE, ms=3.5, label="ten largest so far")
    said = "{model}: {training_flop:power} FLOP"
    record_marks(ax, models["year"], np.log10(models["training_flop"]), models.reset_index(), said)
    grid = np.array([2010.0, _LAST_YEAR])
    ax.plot(grid, trend.predict(grid), color=BLUE, lw=1.6)
    ax.plot(placed["year"], np.log10(placed["training_flop"]), "D", color=ORANGE, mec="white", ms=8)
    beside = {"GPT-1": (0, -7, "center", "top"), "GPT-2": (-38, 24, "right", "bottom")}  # points: where nothing lies
    for name, row in placed.iterrows():
        right, up, ha, va = beside.get(name, (-7, 6, "right", "bottom"))
        ax.annotate(
            name, (row["year"], np.log10(row["training_flop"])), (right, up), textcoords="offset points", ha=ha, va=va,
            fontsize=9.5, color="#A84300", arrowprops={"arrowstyle": "-", "color": "#A84300", "lw": 0.7},
        )  # fmt: skip
    growth, low, high = trend.growth()
    months = trend.doubling_months()
    ax.text(
        2010.2,
        26.2,
        f"× {growth:.1f} a year ({low:.1f} to {high:.1f}):\ndoubles in {months[0]:.1f} months",
        color=BLUE,
        va="top",
    )
    power_axis(ax.yaxis, 14, 26, 2)
    ax.set_ylim(13.5, 27.2)
    ax.set_xlim(2009.5, _LAST_YEAR + 0.4)
    ax.set_ylabel("Training compute, FLOP")
    ax.legend(loc="lower right", fontsize=9)
    alt = (
        f"Training compute of {len(models)} models, 2010 to 2026, logarithmic; {len(frontier)} were among the ten "
        f"largest so far. Their line grows × {growth:.1f} a year. The last of the named models lies at "
        f"{power_cell(np.log10(placed['training_flop'].iloc[-1]))} FLOP."
    )
    table = models.reset_index()[["model", "published", "training_flop"]].assign(
        frontier=models.index.isin(frontier.index)
    )
    return finish(ax, alt, table)


@own_settings
def plot_doubling(table):
    """Return doubling times, ours beside published ones.

    Parameters
    ----------
    table : DataFrame
        ``label``, ``ours`` (bool), ``doubling``, ``doubling_low``, ``doubling_high`` (months; NaN
        where no interval was published).
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.27 * len(rows) + 0.9)
    for i, row in rows.iterrows():
        colour, marker = (BLUE, "o") if row["ours"] else (ORANGE, "D")
        if np.isfinite(row["doubling_low"]):
            ax.plot([row["doubling_low"], row["doubling_high"]], [i, i], color=colour, lw=1.8)
        ax.plot(row["doubling"], i, marker, color=colour, ms=6)
    said = "{label}: doubles in {doubling:.1f} months[ ({doubling_low:.1f} to {doubling_high:.1f})]"
    record_marks(ax, rows["doubling"], rows.index, rows, said, (rows["doubling_low"], rows["doubling_high"]))
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(2, 12)
    ax.grid(axis="x")
    ax.set_xlabel("Doubling time, months")
    alt = "Doubling times in months. " + "; ".join(f"{r.label}: {r.doubling:.1f}" for r in table.itertuples()) + "."
    return finish(ax, alt, table)
