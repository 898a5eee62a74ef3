"""The picture of a specification curve."""

from __future__ import annotations

import numpy as np

from dl_limits.figures.style import GREEN, finish, new_axes, own_settings, power_axis
from dl_limits.studies.imagenet.figures import segments
from dl_limits.words import power_cell


@own_settings
def plot_specification_curve(
    table, centre, region, choices=(), label="Times more computing", limit=16, spread=None, title=None
):
    """Return all answers, sorted, with intervals; below, the grid of choices behind each.

    Parameters
    ----------
    table : DataFrame
        From `SpecificationCurve.estimates`.
    centre : float or None
        The claimed power of ten, drawn as a line.
    region : tuple of float or None
        The region in which the claim holds.
    choices : sequence of str
        Columns shown in the grid; empty for no grid.
    label : str
        Label of the vertical axis.
    limit : float
        Top of the vertical axis; how much lies beyond it is written there.
    spread : Series, optional
        Share of each choice in the spread of the answers, written beside its name.
    title : str, optional
        The message; by default how many answers there are.
    """
    levels = [(c, v) for c in choices for v in table[c].value_counts().index]
    rows = len(levels) + len(choices)
    heights = [2.7, 0.19 * rows] if rows else [2.7]
    fig, axes = new_axes(height=sum(heights) + 0.3, nrows=len(heights), height_ratios=heights, squeeze=False)
    ax = axes[0, 0]
    rank = np.arange(len(table))
    low, high = table["low"].to_numpy(), np.minimum(table["high"].to_numpy(), limit)
    finite = table.loc[np.isfinite(table["estimate"]), "estimate"]
    floor = min(0.0, np.floor(finite.min())) if finite.min() < 10 else np.floor(finite.min())
    beyond = _beyond(table, floor, limit)
    low = np.maximum(low, floor)
    if region is not None:
        ax.axhspan(*region, color="#e6f2ec", lw=0)
        outside = (high < region[0]) | (low > region[1])
    else:
        outside = np.zeros(len(table), bool)
    for mask, colour in ((~outside, "#9dbfd8"), (outside, "#f0b48a")):
        ax.plot(*segments(rank[mask], low[mask], high[mask]), color=colour, lw=0.8, solid_capstyle="butt")
    ax.plot(rank, np.minimum(table["estimate"], limit), color="#1b3a57", lw=2)
    if centre is not None:
        ax.axhline(centre, color=GREEN, lw=1.2)
        ax.text(0, centre + 0.15, f"claim: {power_cell(centre, 0)}", color=GREEN, va="bottom", fontsize=9)
    ground = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
    ax.text(0.01, 0.98, beyond, transform=ax.transAxes, va="top", color="#444444", fontsize=9, bbox=ground)
    ax.set_ylim(floor, limit)
    ax.set_xlim(-2, len(table) + 1)
    power_axis(ax.yaxis, int(floor), int(limit), 2 if limit - floor <= 20 else 4)
    ax.set_xticks([])
    ax.set_ylabel(label)
    ax.set_title(title or f"{len(table)} reasonable answers, sorted", loc="left" if title else "center", fontsize=10)
    if rows:
        _draw_grid(axes[1, 0], table, choices, {} if spread is None else spread)
    alt = (
        f"{label}: {len(table)} reasonable answers, sorted. "
        f"The answers run from {power_cell(table['estimate'].min())} to {power_cell(table['estimate'].max())}."
    )
    if region is not None:
        ends = " to ".join(power_cell(end, 0) for end in region)
        alt += f" {100 * np.mean(outside):.0f} % of the intervals lie wholly outside {ends}."
    if beyond:
        alt += f" Beyond the picture: {beyond.replace(chr(10), ', ')}."
    if spread is not None:
        said = ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in spread.items())
        alt += f" Share of the spread of the answers that each choice accounts for: {said}."
    return finish(ax, alt, table, ("estimate", "low", "high"))


def _beyond(table, floor, limit):
    """Return in words how many answers and intervals a picture from `floor` to `limit` cannot hold."""
    counts = {
        f"answers above {power_cell(limit, 0)}": (table["estimate"] > limit).sum(),
        "intervals end above": (table["high"] > limit).sum(),
        f"intervals begin below {power_cell(floor, 0)}": (table["low"] < floor).sum(),
    }
    return "\n".join(f"{count} {words}" for words, count in counts.items() if count)


def _draw_grid(ax, table, choices, spread):
    y, ticks, labels = 0, [], []
    for choice in choices:
        share = f", {100 * spread[choice]:.0f} %" if choice in spread else ""
        place = {"transform": ax.get_yaxis_transform(), "ha": "right", "va": "center"}
        ax.text(-0.02, y, f"{choice}{share}", fontsize=9, weight="bold", **place)
        for value in table[choice].value_counts().index:
            y += 1
            x = _runs((table[choice] == value).to_numpy())
            ax.plot(x, np.where(np.isnan(x), np.nan, y), color="#1b3a57", lw=8, solid_capstyle="butt")
            ticks.append(y)
            labels.append(value)
        y += 1
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(y - 0.3, -0.7)
    ax.set_xlim(-2, len(table) + 1)
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _runs(mask):
    """Return where the runs of a mask begin and end, half a place outside, as one broken line: few bytes."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], mask, [0]])))
    begin, end = turns[::2] - 0.5, turns[1::2] - 0.5
    return np.column_stack([begin, end, np.full(len(begin), np.nan)]).ravel()
