"""Figures of the chapter on what each ten-fold bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, new_axes, power

KINDS = {"grows": BLUE, "near its ceiling": GREEN, "never moved": ORANGE}
GROUPS = {
    "cloze_completion": "completing text",
    "closed_book_qa": "questions, closed book",
    "translation": "translation",
    "winograd_style": "pronouns",
    "common_sense": "common sense",
    "reading_comprehension": "reading",
    "superglue": "SuperGLUE",
    "nli": "adversarial inference",
    "arithmetic": "arithmetic",
    "word_scrambling": "scrambled words",
    "sat": "analogies",
}
_PERCENT = FuncFormatter(lambda v, _: f"{100 * v:.0f} %".replace("-", "−"))


def plot_abilities(table):
    """Return every ability as an arrow from the smallest to the largest GPT-3.

    Parameters
    ----------
    table : DataFrame
        ``task``, ``first``, ``last``, ``chance_pct``, ``kind`` (a key of `KINDS`), sorted as drawn.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    rows.index += np.r_[0, np.cumsum(rows["kind"].to_numpy()[1:] != rows["kind"].to_numpy()[:-1])]  # room for a title
    fig, ax = new_axes(height=0.205 * (len(rows) + len(KINDS)) + 0.9)
    for kind, colour in KINDS.items():
        part = rows[rows["kind"] == kind]
        ax.hlines(part.index, part["first"], part["last"], color=colour, lw=3, alpha=0.45)
        ax.plot(part["first"], part.index, "o", color="white", mec=colour, ms=5, mew=1.4)
        ax.plot(
            part["last"],
            part.index,
            {"grows": ">", "near its ceiling": "s", "never moved": "D"}[kind],
            color=colour,
            ms=6,
        )
        if len(part):
            ax.text(1, part.index.max() + 1, kind, color=colour, va="center", weight="bold")
    chance = rows[rows["chance_pct"] > 0]
    ax.plot(chance["chance_pct"], chance.index, "|", color="#222222", ms=8, mew=1.2)
    ax.set_yticks(rows.index, rows["task"])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, rows.index.max() + 1.6)
    ax.set_xlim(0, 101)
    ax.grid(axis="x")
    ax.set_xlabel("Accuracy, %, from the smallest (circle)\nto the largest GPT-3; black mark: guessing")
    words = [f"{kind}: {', '.join(table.loc[table['kind'] == kind, 'task'])}" for kind in KINDS]
    alt = f"Accuracy of the smallest and the largest GPT-3 on {len(rows)} tasks, few-shot. " + "; ".join(words) + "."
    return finish(ax, alt, table)


def plot_small_multiples(scores, setting="few"):
    """Return all scores against compute, one small panel a task group.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU.
    setting : str
        Which setting.
    """
    part = scores.where(scores.info["setting"] == setting)
    groups = list(part.info["task_group"].astype(str).unique())
    rows = -(-len(groups) // 2)
    fig, axes = new_axes(height=1.25 * rows + 0.5, nrows=rows, ncols=2, sharex=True, sharey=True, squeeze=False)
    colours = [BLUE, ORANGE, GREEN, GREY]
    for ax, group in zip(axes.flat, groups, strict=False):
        here = np.flatnonzero(part.info["task_group"].astype(str) == group)
        for j, i in enumerate(here):
            ax.plot(part.log_compute, part.points[i], color=colours[j % 4], lw=1, alpha=0.85)
        ax.set_title(f"{GROUPS[group]} ({len(here)})", fontsize=9)
        ax.set_ylim(0, 100)
    for ax in axes.flat[len(groups) :]:
        ax.set_visible(False)
    ax = axes[0, 0]
    ax.xaxis.set_major_locator(FixedLocator([21, 22, 23]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: power(v)))
    ax.yaxis.set_major_locator(FixedLocator([0, 50, 100]))
    fig.supxlabel("Training compute, FLOP", fontsize=10)
    fig.supylabel("Score", fontsize=10)
    alt = (
        f"Scores of {len(part)} tasks and metrics against training compute, {setting}-shot, in {len(groups)} groups. "
        "Language tasks rise steadily; natural-language inference stays near guessing; arithmetic jumps at the largest."
    )
    table = part.info[["task", "metric", "setting", "task_group"]].assign(
        **{f"params_{p:.3g}": v for p, v in zip(part.params, part.points.T, strict=True)}
    )
    return finish(ax, alt, table)


def plot_modest(predicted, measured, rule):
    """Return what ten times the data closes of the remaining gap, by every reference fit.

    Any vertical line is another threshold for "modest": bars to its left call the gain
    modest, bars to its right do not.

    Parameters
    ----------
    predicted : DataFrame
        From `tenfold_tasks.predicted`.
    measured : dict
        From `tenfold_tasks.natural_experiment`.
    rule : tuple of float
        Thresholds of "modest" and "not modest".
    """
    rows = predicted.assign(
        label=predicted["law"].str.split().str[0]
        + ", "
        + predicted["slope"].str.replace(" sizes", "")
        + ", "
        + predicted["setting"]
    )[["label", "law", "estimate", "low", "high"]]
    rows = pd.concat([rows, pd.DataFrame([{"label": "Falcon-180B, measured", "law": "", **_ends(measured)}])])
    rows = rows.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.2 * len(rows) + 1.0)
    left = rows["low"].min() - 0.02
    ax.axvspan(left, rule[0], color="#dcefe6", lw=0)
    ax.axvspan(rule[1], 1, color="#fbeee6", lw=0)
    for i, row in rows.iterrows():
        colour = BLUE if row["law"] else ORANGE
        ax.plot([row["low"], row["high"]], [i, i], color=colour, lw=2)
        ax.plot(row["estimate"], i, "o" if row["law"] else "D", color=colour, ms=5 if row["law"] else 7)
    ax.set_yticks(range(len(rows)), rows["label"])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left, rows["high"].max() + 0.02)
    ax.set_ylim(-0.7, len(rows) + 0.6)
    ax.text(left + 0.01, len(rows) - 0.1, "modest", color=GREEN, fontsize=9, va="center")
    ax.text(rule[1] + 0.01, len(rows) - 0.1, "not modest", color="#A84300", fontsize=9, va="center")
    ax.axvline(0, color="#222222", lw=0.8)
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.grid(axis="x")
    ax.set_xlabel("Gap closed, median task", loc="right")
    alt = (
        f"Share of the remaining gap that ten times the data closes. {len(predicted)} predictions run from "
        f"{100 * predicted['low'].min():.0f} to {100 * predicted['high'].max():.0f} %; Falcon-180B measured "
        f"{100 * measured['estimate']:.0f} % ({100 * measured['low']:.0f} to {100 * measured['high']:.0f} %)."
    )
    return finish(
        ax,
        alt,
        rows.iloc[::-1].drop(columns="law").rename(columns={c: f"{c}_share" for c in ("estimate", "low", "high")}),
    )


def _ends(measured):
    return {k: measured[k] for k in ("estimate", "low", "high")}


def plot_four_meanings(table):
    """Return the share of reducible loss that a tenfold removes, in four meanings.

    Parameters
    ----------
    table : DataFrame
        From `tenfold_tasks.four_meanings`.
    """
    names = {
        "data": "× 10 data\n(the words of the claim)",
        "params": "× 10 parameters\n(what Table H.1 varies)",
        "optimal": "× 10 compute,\nbest split",
        "both": "× 10 of both\n(× 100 compute)",
    }
    fig, ax = new_axes(height=2.6)
    own = table[table["surface"] == "replication 2024"].set_index("path")
    other = table[table["surface"] != "replication 2024"].set_index("path")
    for i, path in enumerate(reversed(names)):
        ax.barh(i, own.loc[path, "estimate"], color=LIGHT, height=0.6)
        ax.plot(own.loc[path, ["low", "high"]], [i, i], color=BLUE, lw=2.2)
        ax.plot(own.loc[path, "estimate"], i, "o", color=BLUE, ms=6, label="replication 2024" if i == 0 else None)
        ax.plot(other.loc[path, "estimate"], i, "D", color=ORANGE, ms=5, label="Hoffmann 2022" if i == 0 else None)
    ax.set_yticks(range(len(names)), list(names.values())[::-1])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 0.69)
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.set_xlabel("Share of GPT-3's reducible loss removed")
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0.8), fontsize=9)
    alt = "Share of reducible loss that a tenfold removes at GPT-3: " + "; ".join(
        f"{p} {100 * own.loc[p, 'estimate']:.0f} %" for p in names
    )
    return finish(ax, alt + ".", table.rename(columns={c: f"{c}_share" for c in ("estimate", "low", "high")}))


def plot_equal_size(table):
    """Return, task by task, which share of GPT-3's gap models of its size close.

    Parameters
    ----------
    table : DataFrame
        From `tenfold_tasks.equal_size`.
    """
    order = table.groupby("task")["closed"].max().sort_values().index
    fig, ax = new_axes(height=0.24 * len(order) + 1.1)
    ax.axvline(0, color="#222222", lw=1)
    style = {"Falcon-180B": (ORANGE, "D", 7), "OPT-175B": (GREY, "o", 5), "BLOOM-176B": (BLUE, "s", 4.5)}
    for model, (colour, marker, size) in style.items():
        part = table[table["model"] == model]
        y = [order.get_loc(t) for t in part["task"]]
        label = f"{model} (× {part['times_data'].iloc[0]:.1f} data)"
        ax.plot(part["closed"].clip(-1, 1), y, marker, color=colour, ms=size, label=label, mec="white", mew=0.5)
    ax.set_yticks(range(len(order)), order)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(-1.03, 0.8)
    ax.xaxis.set_major_locator(FixedLocator([-1, -0.5, 0, 0.5]))
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.grid(axis="x")
    ax.set_xlabel("Share of GPT-3's gap closed\n(left of 0: worse than GPT-3)")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.2, 1), fontsize=9, borderaxespad=0.2)
    medians = table.groupby("model", sort=False)["closed"].median()
    alt = "Share of GPT-3's remaining gap closed by models of its size. Median over rows: " + "; ".join(
        f"{m} {100 * v:.0f} %" for m, v in medians.items()
    )
    keep = ["model", "task", "protocol", "shots", "score_pct", "gpt3_score_pct", "closed"]
    return finish(ax, alt + ". Values below −100 % are drawn at the edge.", table[keep])


def plot_coverage(report):
    """Return how often 95 % intervals covered GPT-3 175B, by panel and method.

    Parameters
    ----------
    report : DataFrame
        From `task_backtest.report`.
    """
    style = {
        "line in points": (GREY, "o", "line in points"),
        "gap": (BLUE, "s", "line in log gap"),
        "gap, pooled, calibrated": (GREEN, "D", "calibrated"),
    }
    panels = list(report["panel"].unique())[::-1]
    fig, ax = new_axes(height=0.36 * len(panels) + 1.3)
    ax.axvline(0.95, color="#222222", lw=1, ls=":")
    for method, (colour, marker, label) in style.items():
        part = report[report["method"] == method].set_index("panel")
        ax.plot(part.loc[panels, "coverage"], range(len(panels)), marker, color=colour, ms=6.5, label=label)
    ax.set_yticks(range(len(panels)), panels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(panels) - 0.4)
    ax.set_xlim(0, 1.02)
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.grid(axis="x")
    ax.set_xlabel("Scores inside their 95 % interval")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), fontsize=9, ncols=3, columnspacing=0.8, handletextpad=0.1)
    pool = report[report["panel"] == "all but synthetic"].set_index("method")["coverage"]
    alt = (
        "Coverage of 95 % intervals for the largest GPT-3, forecast from the smaller ones. All but synthetic tasks: "
        + "; ".join(f"{label} {100 * pool[m]:.0f} %" for m, (_, _, label) in style.items())
    )
    return finish(ax, alt + ".", report)
