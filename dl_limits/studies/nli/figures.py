"""Figures of chapter 08: accuracy against chance, prompt noise, scale, regimes, forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd

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

PURPLE = "#7b4b94"
CHANCE = 100 / 3
SETTING_STYLES = {"few-shot": ("-", "o"), "one-shot": ("--", None), "zero-shot": (":", None)}
_KINDS = {  # group of nli_later.landscape -> colour, marker, legend
    "prompted": (ORANGE, "D", "later, prompted only"),
    "tuned": (GREEN, "^", "tuned to instructions"),
    "trained": (PURPLE, "s", "trained on ANLI"),
}

NAMED = [  # label, model, protocol (where it has several), side
    ("ALBERT", "ALBERT-xxlarge", None, "left"),
    ("XLNet", "XLNet-Large", None, "left"),
    ("GLaM", "GLaM 64B/64E", None, "left"),
    ("PaLM, examples", "PaLM 540B", "answers only", "right"),
    ("PaLM, rationales", "PaLM 540B", "rationales, vote of 40 samples", "right"),
    ("PaLM, zero-shot", "PaLM 540B", "rationale asked for", "right"),
]


@own_settings
def plot_carried_on(scores, later, line):
    """GPT-3's scores by compute, the range that its line leaves for larger models, and what a larger one got.

    Parameters
    ----------
    scores, later, line : DataFrame
        From `later.carried_on`.
    """
    fig, ax = new_axes(height=3.3)
    ahead = line[line["times"] >= 1]
    ax.fill_between(np.log10(ahead["times"]), ahead["low"], ahead["high"], color=LIGHT, lw=0)
    ax.axhline(CHANCE, color="#444444", lw=1.2, ls="--")
    ax.text(-3.25, CHANCE - 1, "guessing", va="top")
    ax.plot(np.log10(line["times"]), line["middle"], color=BLUE, lw=1)
    ax.plot(np.log10(scores["times"]), scores["accuracy_pct"], "o", color=BLUE)
    ax.text(-1.6, 38.5, "GPT-3, eight sizes", color=BLUE, ha="center")
    ax.plot(np.log10(later["times"]), later["accuracy_pct"], "D", color=ORANGE, ms=8)
    for part in (scores, later):
        said = "{model}: {accuracy_pct:.1f} % right with {times:plain} times GPT-3’s compute"
        record_marks(ax, np.log10(part["times"]), part["accuracy_pct"], part, said)
    new = later.iloc[-1]
    name, ends = new["model"].split()[0], (new["line_low"], new["line_high"])
    at = np.log10(new["times"])
    ax.text(
        at - 0.12, new["accuracy_pct"], f"{name}: {new['accuracy_pct']:.1f} %", color=ORANGE, ha="right", va="center"
    )
    ax.text(0.57, 42.5, f"foretold:\n{ends[0]:.0f} to {ends[1]:.0f} %", color="#1d4e6b", ha="center", va="center")
    heading(ax, f"{name} beat what GPT-3’s own line foretold")
    ax.set_xlim(-3.4, 1.15)
    ax.set_xticks([-3, -2, -1, 0, 1], ["1/1000", "1/100", "1/10", "1", "10"])
    ax.set_ylim(20, 60)
    ax.grid(axis="y")
    ax.set_xlabel("Training compute, times GPT-3’s")
    ax.set_ylabel("Right answers, %")
    alt = (
        f"Right answers against compute. GPT-3's {len(scores)} sizes lie between {scores['accuracy_pct'].min():.1f} "
        f"and {scores['accuracy_pct'].max():.1f} %, guessing gives {CHANCE:.1f} %. Their line foretold "
        f"{ends[0]:.0f} to {ends[1]:.0f} % for {new['model']}; it got {new['accuracy_pct']:.1f} %."
    )
    return finish(ax, alt, pd.concat([scores, later], ignore_index=True))


@own_settings
def plot_landscape(table, band):
    """Accuracy on one round against training compute: GPT-3, later regimes, people.

    Parameters
    ----------
    table : DataFrame
        From `later.landscape`.
    band : tuple of float
        Ends of the agreement of verifiers, per cent.
    """
    fig, ax = new_axes(height=4.5)
    heading(ax, "Training on the test beats size")
    ax.axhspan(*band, color="#e8e3f0", lw=0)
    ax.text(20.2, band[1] - 1, "people who checked the questions", va="top", color="#4d3a66")
    ax.axhline(CHANCE, color="#444444", lw=1.2, ls="--")
    ax.text(24.75, CHANCE - 0.8, "guessing", va="top", ha="right")
    for setting, (line, marker) in SETTING_STYLES.items():
        part = table[(table["group"] == "GPT-3") & (table["regime"] == setting)]
        ax.plot(np.log10(part["training_flop"]), part["accuracy_pct"], line, marker=marker, ms=4, color=BLUE, lw=1.5)
    for group, (colour, marker, label) in _KINDS.items():
        part = table[table["group"] == group]
        x = np.log10(part["training_flop"])
        ax.plot(x, part["accuracy_pct"], marker, color=colour, ms=6, mec="white", mew=0.6, label=label)
    ax.plot([], [], "-o", color=BLUE, ms=4, lw=1.5, label="GPT-3, few-shot")
    for label, model, protocol, side in NAMED:
        point = table[(table["model"] == model) & (table["protocol"].eq(protocol) if protocol else True)].iloc[0]
        x = np.log10(point["training_flop"]) + (0.12 if side == "left" else -0.12)
        ax.text(x, point["accuracy_pct"], label, ha=side, va="center")
    shown = table[table["group"].isin(["GPT-3", *_KINDS])]
    said = "{model}, {regime}: {accuracy_pct:.1f} % right, {training_flop:power} FLOP"
    record_marks(ax, np.log10(shown["training_flop"]), shown["accuracy_pct"], shown, said)
    power_axis(ax.xaxis, 20, 25, 1)
    ax.set_xlim(20.1, 24.8)
    ax.set_ylim(25, 90)
    ax.grid(axis="y")
    ax.set_xlabel("Training compute, FLOP")
    ax.set_ylabel("Right answers, %")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.14, 1.0), ncols=2, frameon=False, handlelength=1.4)
    own = table[table["group"] == "GPT-3"]
    tops = {g: table.loc[table["group"] == g, "accuracy_pct"].max() for g in _KINDS}
    alt = (
        f"Accuracy on round 3 of ANLI against training compute. GPT-3's 24 scores lie between "
        f"{own['accuracy_pct'].min():.1f} and {own['accuracy_pct'].max():.1f} %, guessing gives {CHANCE:.1f} %. "
        f"Later models that were only prompted reach {tops['prompted']:.1f} %, models tuned to instructions "
        f"{tops['tuned']:.1f} %, models trained on ANLI {tops['trained']:.1f} %. The agreement of the people who "
        f"checked the questions lies between {band[0]:.1f} and {band[1]:.1f} %."
    )
    return finish(ax, alt, table)


@own_settings
def plot_cells(table):
    """Heat map of GPT-3's 72 scores: distance from chance in standard errors.

    Parameters
    ----------
    table : DataFrame
        From `cells.all_cells`.
    """
    wide = table.pivot_table("z", "cell", "model", sort=False)
    passed = table.pivot_table("above", "cell", "model", sort=False).to_numpy() > 0
    fig, ax = new_axes(height=3.7)
    heading(ax, "One of 72 scores stands out")
    ax.imshow(wide, cmap="PuOr_r", vmin=-5, vmax=5, aspect="auto")
    for (i, j), z in np.ndenumerate(wide.to_numpy()):
        colour, text = "white" if abs(z) > 3.4 else "black", f"{z:+.1f}".replace("-", "−")
        frame = {"boxstyle": "square,pad=0.3", "fc": "none", "ec": colour, "lw": 1.6 if passed[i, j] else 0}
        ax.text(j, i, text, ha="center", va="center", color=colour, bbox=frame)
    ax.set_xticks(range(wide.shape[1]), [m.removeprefix("GPT-3 ") for m in wide.columns])
    ax.set_yticks(range(wide.shape[0]), wide.index)
    ax.tick_params(length=0)
    places = wide.columns.get_indexer(table["model"]), wide.index.get_indexer(table["cell"])
    record_marks(ax, *places, table, "{model}, {cell}: {z:+.1f} standard errors from chance")
    for edge in (2.5, 5.5):
        ax.axhline(edge, color="white", lw=3)
    ax.axvline(6.5, color="white", lw=3)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xlabel("Parameters of the model")
    far = (table["z"].abs() > 2).sum()
    names = ", ".join(table.loc[table["above"], "cell"]) or "none"
    alt = (
        f"Distance from chance of GPT-3's {len(table)} scores on ANLI, in standard errors: {far} are more than 2 away. "
        f"Of the nine scores of the largest model those above chance after correction are: {names}. "
        f"The largest distance is {table['z'].max():.1f}."
    )
    return finish(ax, alt, table.round({"z": 3}))


@own_settings
def plot_bounds(table, margin):
    """Upper ends of the excess over chance as the prompt noise grows; where they cross the margin.

    Parameters
    ----------
    table : DataFrame
        From `cells.bounds`.
    margin : float
        The margin of the rule, in points.
    """
    fig, ax = new_axes(height=4.0)
    heading(ax, "The noisier the prompt, the less shown")
    top = 14.5
    ax.axhspan(-0.6, margin, color="#e6f2ec", lw=0)
    ax.axhline(margin, color=GREEN, lw=1.4)
    last = table["noise_sd"].max()
    named = {}
    for cell, rows in table.groupby("cell", sort=False):
        setting = cell.split(", ")[1]
        line, _ = SETTING_STYLES[setting]
        ax.plot(rows["noise_sd"], rows["upper"], line, color=ORANGE if setting == "few-shot" else BLUE, lw=1.6)
        said = "{cell}, noise of {noise_sd:.1f} points: at most {upper:.1f} points above chance"
        record_marks(ax, rows["noise_sd"], rows["upper"], rows, said)
        named[cell] = rows["upper"].iloc[-1]
    for cell in (max(named, key=named.get), min(named, key=named.get), "round 1, few-shot"):
        ax.text(last + 0.06, named[cell], cell.replace(", ", ",\n"), va="center")
    ax.text(0.1, 0.4, f"below +{margin:g} points: shown\nto be “little better”", color=GREEN, va="center")
    ax.set_xlim(0, last + 1.05)
    ax.set_xticks(range(int(last) + 1))
    ax.set_ylim(-0.6, top)
    ax.grid(axis="y")
    ax.set_xlabel("Noise from wording and examples, points (sd)")
    ax.set_ylabel("Upper end, points above chance")
    below = table[table["upper"] <= margin].groupby("noise_sd").size().reindex(table["noise_sd"].unique(), fill_value=0)
    counts = ", ".join(f"{n} with {noise:g} points" for noise, n in below.items())
    alt = (
        f"Upper ends of the excess over chance of GPT-3 175B's nine scores, each one-sided at 5 %, against the noise "
        f"that wording and examples may add. Below +{margin:g} points lie {counts}."
    )
    return finish(ax, alt, table)


def _key(ax, columns):
    """Put the legend over the rows and their labels."""
    place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": columns}
    ax.legend(**place, frameon=False, columnspacing=1.0, handlelength=1.2)


def _forest(ax, rows, styles, key, label, value):
    """Draw intervals with points, first row on top, one colour and marker a group."""
    y = np.arange(len(rows))[::-1]
    for group, (colour, marker) in styles.items():
        k = (rows[key] == group).to_numpy()
        ax.hlines(y[k], rows["low"][k], rows["high"][k], color=colour, lw=1.6)
        ax.plot(rows[value][k], y[k], marker, color=colour, ms=5)
    said = f"{{{label}}}: {{{value}:+.1f}} points[ ({{low:+.1f}} to {{high:+.1f}})]"
    record_marks(ax, rows[value], y, rows, said, (rows["low"], rows["high"]))
    ax.axvline(0, color="#444444", lw=1)
    ax.set_yticks(y, rows[label])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.grid(axis="x")
    for edge in np.flatnonzero(rows[key].to_numpy()[1:] != rows[key].to_numpy()[:-1]):
        ax.axhline(len(rows) - edge - 1.5, color="#bbbbbb", lw=0.8)


@own_settings
def plot_slopes(table):
    """Points gained per tenfold of compute, by family, benchmark and setting.

    Parameters
    ----------
    table : DataFrame
        From `cells.accuracy_slopes`.
    """
    near = ~table["cell"].str.startswith("round")
    rows = table.assign(group=np.where(near, "neighbour", table["family"]))
    rows = pd.concat([rows[rows["group"] == g] for g in ("GPT-3", "BLOOM", "neighbour")], ignore_index=True)
    rows["label"] = rows["cell"].where(rows["group"] == "neighbour", rows["group"] + ": " + rows["cell"])
    fig, ax = new_axes(height=0.215 * len(rows) + 1.1)
    heading(ax, "Compute helped other tests, hardly ANLI")
    styles = {"GPT-3": (BLUE, "o"), "BLOOM": (GREY, "s"), "neighbour": (ORANGE, "D")}
    _forest(ax, rows, styles, "group", "label", "slope")
    ax.set_xlim(-8, 21)
    ax.set_xlabel("Points per tenfold of compute")
    parts = {g: rows[rows["group"] == g] for g in styles}
    alt = "Points gained per tenfold of compute, with 95 % intervals. " + " ".join(
        f"{name}: {part['slope'].min():.1f} to {part['slope'].max():.1f}."
        for name, part in zip(("GPT-3 on ANLI", "BLOOM on ANLI", "GPT-3 on RTE and CB"), parts.values(), strict=True)
    )
    return finish(ax, alt, rows.drop(columns=["group", "label"]))


@own_settings
def plot_steps(table):
    """What more compute did, and what another use did without it, in points over all three rounds.

    Parameters
    ----------
    table : DataFrame
        From `later.steps`.
    """
    fig, ax = new_axes(height=0.27 * len(table) + 1.3)
    table = table.sort_values(["kind", "points"], ascending=[True, False], ignore_index=True)
    heading(ax, "Use can matter more than size")
    styles = {"more compute": (BLUE, "o"), "same compute or less": (ORANGE, "D")}
    _forest(ax, table, styles, "kind", "step", "points")
    for kind, (colour, marker) in styles.items():
        ax.plot([], [], marker, ls="-", color=colour, ms=5, lw=1.6, label=kind)
    _key(ax, 2)
    ax.set_xlim(-8, 30)
    ax.set_xlabel("Points gained, all rounds")
    sizes = {kind: part["points"] for kind, part in table.groupby("kind", sort=False)}
    alt = "Points gained on ANLI, all rounds together. " + " ".join(
        f"{kind}: {values.min():.1f} to {values.max():.1f} points in {len(values)} comparisons."
        for kind, values in sizes.items()
    )
    return finish(ax, alt, table)


@own_settings
def plot_forecasts(table):
    """What GPT-3's straight lines forecast for later models, and what these got.

    Parameters
    ----------
    table : DataFrame
        From `later.later_forecasts`.
    """
    fig, ax = new_axes(height=0.225 * len(table) + 1.4)
    y = np.arange(len(table))[::-1]
    above, below = (table["accuracy_pct"] > table["line_high"]).sum(), (table["accuracy_pct"] < table["line_low"]).sum()
    heading(ax, f"{above} of {len(table)} later scores beat the forecast")
    ax.hlines(y, table["line_low"], table["line_high"], color="#9dbfd8", lw=5, label="forecast")
    for inside, colour, marker, label in ((True, GREY, "o", "inside"), (False, ORANGE, "D", "outside")):
        k = (table["inside_line"] == inside).to_numpy()
        ax.plot(table["accuracy_pct"][k], y[k], marker, color=colour, ms=5.5, label=label)
    ax.axvline(CHANCE, color="#444444", lw=1, ls="--")
    said = "{model}, {cell}: {accuracy_pct:.1f} % right, foretold {line_low:.0f} to {line_high:.0f} %"
    record_marks(ax, table["accuracy_pct"], y, table, said, (table["line_low"], table["line_high"]))
    short = table["cell"].str.replace("round ", "R").str.replace("-shot", "")
    ax.set_yticks(y, table["model"].str.replace(" 64B/64E", "") + ", " + short)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.set_xlim(20, 78)
    ax.grid(axis="x")
    ax.set_xlabel("Right answers, % (dashed: guessing)")
    _key(ax, 3)
    alt = (
        f"Forecasts from GPT-3's eight sizes for {len(table)} results of {table['family'].nunique()} later families, "
        f"and what they got. {above} lie above the 95 % interval of the straight line, {below} below it."
    )
    return finish(ax, alt, table)
