"""Figures of the chapter on scaling laws."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, new_axes, own_settings, power_axis
from dl_limits.words import power_cell, rounded

DARK_ORANGE = "#A84300"


@own_settings
def plot_frontier(runs, frontier, place):
    """Loss against compute: the runs, the best that a given compute buys, and the floor.

    Parameters
    ----------
    runs : DataFrame
        ``training_flop``, ``loss``.
    frontier : DataFrame
        ``flop``, ``loss`` of the best split, ``floor`` with ``floor_low``, ``floor_high``; nats per token.
    place : tuple of (str, float, float)
        Name, compute (FLOP) and loss of a model to point out.
    """
    x = np.log10(frontier["flop"])
    floor, low, high = (frontier[c].iloc[0] for c in ("floor", "floor_low", "floor_high"))
    fig, ax = new_axes(height=3.7)
    ax.axhspan(low, high, color="#e6f2ec", lw=0)
    ax.axhline(floor, color=GREEN, lw=1.2)
    ax.text(x.iloc[0], low - 0.03, f"fitted floor {floor:.2f} (95 %: {low:.2f} to {high:.2f})", color=GREEN, va="top")
    ax.plot(np.log10(runs["training_flop"]), runs["loss"], "o", color=GREY, ms=2.6, alpha=0.55, mew=0)
    said = "a run of {training_flop:power} FLOP: loss {loss:.2f} nats per token"
    record_marks(ax, np.log10(runs["training_flop"]), runs["loss"], runs, said)
    inside = frontier["flop"] <= runs["training_flop"].max()
    ax.plot(x[inside], frontier["loss"][inside], color=BLUE)
    ax.plot(x[~inside], frontier["loss"][~inside], color=BLUE, ls=(0, (3, 2)))
    name, flop, loss = place
    ax.plot(np.log10(flop), loss, "D", color=ORANGE, ms=7, mec="white")
    label = f"{name},\nby this formula"
    ax.annotate(label, (np.log10(flop), loss), (0, 26), textcoords="offset points", color=DARK_ORANGE, ha="center")
    ax.text(19.15, 3.3, "one dot: one training run", color="#444444", fontsize=9)
    at = 20.0
    y = np.interp(at, x, frontier["loss"])
    label = "the best that a given\ncompute can buy"
    ax.annotate(label, (at, y), (20.8, 2.95), color=BLUE, arrowprops={"arrowstyle": "-", "color": BLUE, "lw": 0.8})
    ax.set_ylim(1.6, max(3.6, runs["loss"].max() + 0.1))
    power_axis(ax.xaxis, 18, 26, 2)
    ax.grid(axis="y")
    ax.set_xlabel("Computing in training, operations (FLOP)")
    ax.set_title("By the usual formula, each tenfold comes closer to a floor", loc="left")
    ax.set_ylabel("Loss (uncertainty, nats)")
    tenth = (frontier["loss"].iloc[-1] - floor) / (np.interp(x.iloc[-1] - 1, x, frontier["loss"]) - floor)
    alt = (
        f"Loss of {len(runs)} training runs against compute. The best loss falls from "
        f"{frontier['loss'].iloc[0]:.1f} at {power_cell(x.iloc[0], 0)} FLOP towards a fitted floor of {floor:.2f} "
        f"(95 % interval {low:.2f} to {high:.2f}): each tenfold of compute leaves {100 * tenth:.0f} % of the distance. "
        f"At {name}'s place the surface has {loss:.2f}."
    )
    return finish(ax, alt, frontier)


@own_settings
def plot_returns(table, here):
    """How much of the loss the next tenfold of compute removes.

    Parameters
    ----------
    table : DataFrame
        ``flop``, ``estimate``, ``low``, ``high``, ``hoffmann``, ``power_law``; percent of the loss.
    here : tuple of (str, float)
        Name and compute (FLOP) of a model to mark.
    """
    x = np.log10(table["flop"])
    fig, ax = new_axes(height=3.5)
    name, flop = here
    ax.axvline(np.log10(flop), color=GREY, lw=1, ls=":")
    ax.text(np.log10(flop) + 0.08, 15.6, name, fontsize=9, va="top")
    ax.fill_between(x, table["low"], table["high"], color=LIGHT, lw=0)
    ax.plot(x, table["estimate"], color=BLUE)
    ax.plot(x, table["hoffmann"], color=BLUE, lw=1.2, ls=(0, (1, 1.5)))
    ax.plot(x, table["power_law"], color=ORANGE, ls=(0, (5, 2)))
    said = "at {flop:power} FLOP, with a floor: {estimate:.1f} % off the loss[ ({low:.1f} to {high:.1f} %)]"
    record_marks(ax, x, table["estimate"], table, said, (table["low"], table["high"]), upright=True)
    record_marks(ax, x, table["power_law"], table, "at {flop:power} FLOP, no floor: {power_law:.1f} % off the loss")
    right = x.iloc[-1]
    law = table["power_law"].iloc[0]
    ax.text(right, law + 0.3, "no floor (GPT-3's law)", color=DARK_ORANGE, ha="right", va="bottom")
    ax.text(18.1, 5.2, "with a floor,\nour fit", color=BLUE, va="top")
    ax.text(21.1, 8.3, "with a floor,\nas printed", color=BLUE, va="bottom", fontsize=9)
    ax.set_ylim(0, 16)
    power_axis(ax.xaxis, int(x.iloc[0]), int(right), 2)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    ax.grid(axis="y")
    ax.set_xlabel("Training compute where one stands, FLOP")
    ax.set_title("With a floor, each tenfold removes a smaller share", loc="left")
    ax.set_ylabel("Loss removed by the next tenfold")
    at = {c: np.interp(np.log10(flop), x, table[c]) for c in ("estimate", "low", "high")}
    alt = (
        f"Share of the loss that the next tenfold of compute removes. Without a floor {law:.1f} % everywhere. On the "
        f"fitted surface it falls from {table['estimate'].iloc[0]:.0f} % at {power_cell(x.iloc[0], 0)} FLOP to "
        f"{table['estimate'].iloc[-1]:.1f} % at {power_cell(right, 0)}; at {name} it is {at['estimate']:.1f} % "
        f"(95 % interval {at['low']:.1f} to {at['high']:.1f})."
    )
    return finish(ax, alt, table)


@own_settings
def plot_residuals(table):
    """What the surface leaves: residuals against tokens per parameter.

    Parameters
    ----------
    table : DataFrame
        ``tokens_per_param``, ``residual_pct``.
    """
    x, y = np.log10(table["tokens_per_param"]), table["residual_pct"]
    edges = np.quantile(x, np.linspace(0, 1, 9))
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, 7)
    middle = [(np.median(x[place == k]), np.median(y[place == k])) for k in range(8)]
    fig, ax = new_axes(height=3.1)
    ax.axhline(0, color="#444444", lw=0.8)
    ax.plot(x, y, "o", color=GREY, ms=2.8, alpha=0.6, mew=0)
    said = "{params:large} parameters, {tokens:large} tokens: loss {loss:.2f} nats, {residual_pct:+.1f} % over fitted"
    record_marks(ax, x, y, table, said)
    ax.plot(*np.transpose(middle), "o-", color=BLUE, mec="white")
    ax.annotate(
        "median of an eighth\nof the runs", middle[0], (-0.4, -3.2), color=BLUE, fontsize=9,
        arrowprops={"arrowstyle": "-", "color": BLUE, "lw": 0.8},
    )  # fmt: skip
    power_axis(ax.xaxis, -1, 3, 1)
    ax.set_xlim(-0.5, 3.1)
    ax.set_ylim(min(-4, y.min() - 1), max(6, y.max() + 1))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:+g} %" if v else "0"))
    ax.grid(axis="y")
    ax.set_xlabel("Training tokens per parameter")
    ax.set_ylabel("Loss, observed over fitted")
    levels = np.array(middle)[:, 1]
    alt = (
        f"Residuals of {len(table)} runs against tokens per parameter. Half of them are within "
        f"{y.abs().median():.1f} %. The medians of eight groups run from {levels.min():+.1f} to {levels.max():+.1f} %."
    )
    # Differences of nearly equal numbers: relative to themselves they are not known to five digits.
    table = table.assign(residual_pct=[rounded(r, 3) for r in y])
    return finish(ax, alt, table[["params", "tokens", "tokens_per_param", "loss", "residual_pct"]])


@own_settings
def plot_floor_estimates(table):
    """One row an estimate of the floor.

    Parameters
    ----------
    table : DataFrame
        ``fit``, ``kind``, ``estimate``, ``low``, ``high`` (NaN without an interval), ``misfit``; nats per token.
    """
    looks = {"ours": (BLUE, "o"), "published": (GREEN, "s"), "other formula": (ORANGE, "D")}
    fig, ax = new_axes(height=0.38 * len(table) + 1.0)
    left, clear = 1.42, {"facecolor": "white", "edgecolor": "none", "pad": 1}
    for y, row in enumerate(table[::-1].itertuples()):
        colour, marker = looks[row.kind]
        ax.plot([row.low, row.high], [y, y], color=colour, lw=2, solid_capstyle="butt")
        ax.plot(max(row.estimate, left), y, marker, color=colour, mec="white", ms=7)
        words = row.fit if np.isnan(row.misfit) else f"{row.fit}: misfit × {row.misfit:.2g}"
        ax.text(left - 0.02, y + 0.27, words, fontsize=9, va="bottom", bbox=clear)
        if row.estimate == 0:
            ax.text(left + 0.03, y, "← 0: no floor at all", color=DARK_ORANGE, va="center", fontsize=9, bbox=clear)
    said = "{fit}: {estimate:.2f} nats per token[ ({low:.2f} to {high:.2f})]"
    y = np.arange(len(table))[::-1]
    record_marks(ax, table["estimate"].clip(lower=left), y, table, said, (table["low"], table["high"]))
    ax.set_xlim(left - 0.03, 2.0)
    ax.set_ylim(-0.5, len(table) - 0.1)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(FixedLocator(np.arange(1.5, 2.01, 0.1)))
    ax.grid(axis="x")
    ax.set_xlabel("Floor E, nats per token (95 % interval)")
    for kind, (colour, marker) in looks.items():
        ax.plot([], [], marker, color=colour, label=kind)
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=9, borderaxespad=0,
        handletextpad=0.1, columnspacing=0.8,
    )  # fmt: skip
    ours = table[table["kind"] == "ours"]
    other = table[table["kind"] == "other formula"]
    alt = (
        f"Estimates of the floor. {len(ours)} fits of the surface: {ours['estimate'].min():.2f} to "
        f"{ours['estimate'].max():.2f}, intervals from {ours['low'].min():.2f} to {ours['high'].max():.2f}. "
        f"{len(other)} other formulas: {other['estimate'].min():g} to {other['estimate'].max():.2f}; the "
        f"{(other['estimate'] == 0).sum()} without a floor fit worse by a factor of at least "
        f"{other.loc[other['estimate'] == 0, 'misfit'].min():.1f}."
    )
    return finish(ax, alt, table)


@own_settings
def plot_parts(table):
    """What the loss is made of at a few places.

    Parameters
    ----------
    table : DataFrame
        ``place``, ``floor``, ``size``, ``text``; nats per token.
    """
    fig, ax = new_axes(height=0.62 * len(table) + 1.0)
    looks = {"floor": ("#c9d6cf", "floor E", ""), "size": (BLUE, "too few parameters", "//"),
             "text": (ORANGE, "too little text", "xx")}  # fmt: skip
    for y, row in enumerate(table[::-1].itertuples()):
        left = 0.0
        for part, (colour, label, hatch) in looks.items():
            width = getattr(row, part)
            ax.barh(y, width, 0.42, left, color=colour, hatch=hatch, edgecolor="white", lw=0, label=label)
            left += width
        ax.text(0.0, y + 0.26, row.place, fontsize=9, va="bottom")
        ax.text(left + 0.02, y, f"{left:.2f}", va="center", fontsize=9)
    ends = table[list(looks)].cumsum(axis=1).shift(axis=1, fill_value=0)
    for part, (_, label, _) in looks.items():
        middle, y = ends[part] + table[part] / 2, np.arange(len(table))[::-1]
        said = f"{{place}}, {label}: {{{part}:.2f}} nats per token"
        record_marks(ax, middle, y, table, said, (ends[part], ends[part] + table[part]))
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles[:3], labels[:3], loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=9,
        borderaxespad=0, handletextpad=0.4, columnspacing=0.9,
    )  # fmt: skip
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, 2.25)
    ax.set_ylim(-0.4, len(table) - 0.3)
    ax.set_xlabel("Loss, nats per token")
    whole = table[["floor", "size", "text"]].sum(axis=1)
    first, last = table.iloc[0], len(table) - 1
    alt = (
        f"What the loss is made of. {first['place']}: {first['floor']:.2f} floor, {first['size']:.2f} from too few "
        f"parameters, {first['text']:.2f} from too little text, together {whole[0]:.2f}. "
        f"{table['place'][last]}: {whole[last]:.2f}."
    )
    return finish(ax, alt, table)
