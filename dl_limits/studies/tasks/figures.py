"""Figures of the chapter on what each tenfold bought."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, new_axes, own_settings, power_axis

_KINDS = {"grows": BLUE, "near its ceiling": GREEN, "little or no rise": ORANGE}
_GROUPS = {
    "language and knowledge": ["cloze_completion", "closed_book_qa", "common_sense", "winograd_style", "sat"],
    "reading": ["reading_comprehension"],
    "translation": ["translation"],
    "SuperGLUE": ["superglue"],
    "adversarial inference": ["nli"],
    "synthetic tasks": ["arithmetic", "word_scrambling"],
}
_SETTINGS = {"few": ("o", 0.24), "one": ("s", 0.0), "zero": ("^", -0.24)}
_PERCENT = FuncFormatter(lambda v, _: f"{100 * v:.0f} %".replace("-", "−"))


def _joined(x, rows):
    """Return many lines on one x as one, with breaks between them: a fraction of the bytes."""
    rows = np.column_stack([rows, np.full(len(rows), np.nan)])
    return np.tile([*x, np.nan], len(rows)), rows.ravel()


@own_settings
def plot_abilities(table):
    """Return every ability as an arrow from the smallest to the largest GPT-3.

    Parameters
    ----------
    table : DataFrame
        From `abilities.abilities`: sorted as drawn, ``kind`` a key of `_KINDS`.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    rows.index += np.r_[0, np.cumsum(rows["kind"].to_numpy()[1:] != rows["kind"].to_numpy()[:-1])]  # room for a title
    fig, ax = new_axes(height=0.205 * (len(rows) + len(_KINDS)) + 0.9)
    for kind, colour in _KINDS.items():
        part = rows[rows["kind"] == kind]
        ends, y = part[["first", "last"]].to_numpy(), np.column_stack([part.index, part.index])
        ax.plot(_joined([0, 1], ends)[1], _joined([0, 1], y)[1], color=colour, lw=3, alpha=0.45)
        ax.plot(part["first"], part.index, "o", color="white", mec=colour, ms=5, mew=1.4)
        ax.plot(
            part["last"],
            part.index,
            {"grows": ">", "near its ceiling": "s", "little or no rise": "D"}[kind],
            color=colour,
            ms=6,
        )
        if len(part):
            ax.text(1, part.index.max() + 1, kind, color=colour, va="center", weight="bold")
    chance = rows[rows["chance_pct"] > 0]
    ax.plot(chance["chance_pct"], chance.index, "|", color="#222222", ms=8, mew=1.2)
    said = "{task}: {first:.1f} % in the smallest, {last:.1f} % in the largest GPT-3"
    record_marks(ax, rows["last"], rows.index, rows, said, (rows["first"], rows["last"]))
    ax.set_yticks(rows.index, rows["task"])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, rows.index.max() + 1.6)
    ax.set_xlim(0, 101)
    ax.grid(axis="x")
    ax.set_title("From the smallest to the largest GPT-3", loc="left")
    ax.set_xlabel("Accuracy, %")
    words = [f"{kind}: {', '.join(table.loc[table['kind'] == kind, 'task'])}" for kind in _KINDS]
    alt = f"Accuracy of the smallest and the largest GPT-3 on {len(rows)} tasks, few-shot. " + "; ".join(words) + "."
    keep = ["task", "kind", "chance_pct", "first", "last", "points", "points_low", "points_high"]
    return finish(ax, alt, table[keep])


@own_settings
def plot_small_multiples(scores):
    """Return all few-shot scores against compute, one small panel a group of tasks.

    Parameters
    ----------
    scores : TaskScores
        Series in percent or BLEU.
    """
    part = scores.where(scores.info["setting"] == "few")
    group = part.info["task_group"].astype(str)
    fig, axes = new_axes(height=4.6, nrows=3, ncols=2, sharex=True, sharey=True)
    colours, words = [BLUE, ORANGE, GREEN, GREY], []
    for ax, (name, members) in zip(axes.flat, _GROUPS.items(), strict=True):
        here = np.flatnonzero(group.isin(members))
        for j, colour in enumerate(colours):
            ax.plot(*_joined(part.log_compute, part.points[here[j::4]]), color=colour, lw=1)
        for one in here:
            line = pd.DataFrame({"params": part.params, "score": part.points[one]}).assign(**part.info.iloc[one])
            said = "{task} ({metric}), {params:large} parameters: {score:.1f}"
            record_marks(ax, part.log_compute, part.points[one], line, said)
        ax.set_title(f"{name} ({len(here)})", fontsize=9)
        ends = part.points[here][:, [0, -1]].mean(axis=0)
        words.append(f"{name} {ends[0]:.0f} to {ends[1]:.0f}")
    ax = axes[0, 0]
    ax.set_ylim(0, 100)
    power_axis(ax.xaxis, 21, 23, 1)
    ax.yaxis.set_major_locator(FixedLocator([0, 50, 100]))
    fig.supxlabel("Training compute, FLOP", fontsize=10)
    fig.supylabel("Score", fontsize=10)
    alt = (
        f"Scores of {len(part)} tasks and metrics against training compute, few-shot, in {len(_GROUPS)} panels. "
        f"Means from the smallest to the largest model: {'; '.join(words)}."
    )
    table = part.info[["task", "metric"]].assign(
        **{f"params_{p:.3g}": v for p, v in zip(part.params, part.points.T, strict=True)}
    )
    return finish(ax, alt, table)


@own_settings
def plot_evidence(table, rule):
    """Return what ten times the data should close, or did close, of the remaining gap: one row a piece of evidence.

    Parameters
    ----------
    table : DataFrame
        From `tenfold.evidence`.
    rule : dl_limits.verdicts.Region
        Thresholds of "modest" and "not modest".
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = new_axes(height=0.5 * len(rows) + 1.1)
    left, right = min(rows["low"].min(), 0) - 0.03, rows["high"].max() + 0.03
    ax.axvspan(left, rule.high, color="#dcefe6", lw=0)
    ax.axvspan(rule.wrong_above, right, color="#fbeee6", lw=0)
    ax.axvline(0, ymax=0.9, color="#222222", lw=0.8)  # below the word "modest"
    for i, row in rows.iterrows():
        colour, mark = (BLUE, "o") if row["kind"] == "predicted" else ("#222222", "D")
        ax.plot([row["low"], row["high"]], [i, i], color=colour, lw=2.4)
        ax.plot(row["estimate"], i, mark, color=colour, ms=7)
    said = "{evidence}: {estimate:%} of the gap closed[ ({low:%} to {high:%})]"
    record_marks(ax, rows["estimate"], rows.index, rows, said, (rows["low"], rows["high"]))
    ax.set_yticks(range(len(rows)), rows["evidence"])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left, right)
    ax.set_ylim(-0.6, len(rows) - 0.05)
    top = len(rows) - 0.2
    ax.text(left + 0.01, top, "modest", color=GREEN, fontsize=9.2, va="top")
    ax.text(right - 0.01, top, "not modest", color="#A84300", fontsize=9.2, va="top", ha="right")
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.set_title("Ten times the data: predicted, and measured", loc="left")
    ax.set_xlabel("Share of the way to a perfect score, middle task")
    ends = ["estimate", "low", "high"]
    found = [
        f"{row.evidence}: {100 * row.estimate:.0f} % ({100 * row.low:.0f} to {100 * row.high:.0f} %)"
        for row in table.itertuples()
    ]
    alt = f"Share of the remaining gap that ten times the data closes, with 95 % intervals. {'; '.join(found)}."
    return finish(ax, alt.replace("(-", "(−"), table.rename(columns={end: f"{end}_share" for end in ends}))


@own_settings
def plot_modest(predicted, measured, rule):
    """Return what ten times the data closes of the remaining gap, by every reference fit.

    Any vertical line is another threshold for "modest": bars to its left call the gain
    modest, bars to its right do not.

    Parameters
    ----------
    predicted : DataFrame
        From `tenfold.predicted`.
    measured : dict
        From `tenfold.natural_experiment`.
    rule : dl_limits.verdicts.Region
        Thresholds of "modest" and "not modest".
    """
    fits = predicted.groupby(["law", "slope"], sort=False)
    top = fits.ngroups
    fig, ax = new_axes(height=3.6)
    left, right = predicted["low"].min() - 0.02, max(predicted["high"].max(), measured["high"]) + 0.02
    ax.axvspan(left, rule.high, color="#dcefe6", lw=0)
    ax.axvspan(rule.wrong_above, right, color="#fbeee6", lw=0)
    ax.axvline(0, color="#222222", lw=0.8)
    for setting, (marker, shift) in _SETTINGS.items():
        part = predicted[predicted["setting"] == setting]
        y = top - fits.ngroup()[part.index].to_numpy() + shift
        ends = _joined([0, 1], part[["low", "high"]].to_numpy())[1]
        ax.plot(ends, _joined([0, 1], np.column_stack([y, y]))[1], color=BLUE, lw=1.6)
        ax.plot(part["estimate"], y, marker, color=BLUE, ms=5, label=f"{setting}-shot")
        said = "{law}, {slope}, {setting}-shot: {estimate:%} of the gap closed[ ({low:%} to {high:%})]"
        record_marks(ax, part["estimate"], y, part, said, (part["low"], part["high"]))
    ax.plot([measured["low"], measured["high"]], [0, 0], color=ORANGE, lw=2.5)
    ax.plot(measured["estimate"], 0, "D", color=ORANGE, ms=7)
    names = [f"{law.split()[0]}, {slope.removesuffix(' sizes')}" for law, slope in fits.groups]
    ax.set_yticks(range(top, -1, -1), [*names, "Falcon-180B"])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left, right)
    ax.set_ylim(-0.6, top + 1.1)
    ax.text(left + 0.01, top + 0.8, "modest", color=GREEN, fontsize=9, va="center")
    ax.text(rule.wrong_above + 0.01, top + 0.8, "not modest", color="#A84300", fontsize=9, va="center")
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.grid(axis="x")
    ax.set_xlabel("Gap closed, median task", loc="right")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 0.12), fontsize=9, labelspacing=0.2)
    low, high = 100 * predicted["low"].min(), 100 * predicted["high"].max()
    alt = (
        f"Share of the remaining gap that ten times the data closes. {len(predicted)} predictions run from "
        f"{low:.0f} to {high:.0f} %; Falcon-180B measured {100 * measured['estimate']:.0f} % "
        f"({100 * measured['low']:.0f} to {100 * measured['high']:.0f} %)."
    )
    last = {"law": "Falcon-180B, measured", **{k: measured[k] for k in ("tasks", "estimate", "low", "high")}}
    table = pd.concat([predicted.drop(columns="draws"), pd.DataFrame([last])], ignore_index=True)
    return finish(ax, alt, table.rename(columns={c: f"{c}_share" for c in ("estimate", "low", "high")}))


@own_settings
def plot_four_meanings(table):
    """Return the share of reducible loss that a tenfold removes, in four meanings.

    Parameters
    ----------
    table : DataFrame
        From `tenfold.four_meanings`.
    """
    names = {
        "data": "data × 10",
        "params": "parameters × 10",
        "optimal": "compute × 10,\nbest split",
        "both": "both × 10",
    }
    fig, ax = new_axes(height=2.3)
    own = table[table["surface"] == "replication 2024"].set_index("path")
    other = table[table["surface"] != "replication 2024"].set_index("path")
    for i, path in enumerate(reversed(names)):
        ax.barh(i, own.loc[path, "estimate"], color=LIGHT, height=0.6)
        ax.plot(own.loc[path, ["low", "high"]], [i, i], color=BLUE, lw=2.2)
        ax.plot(own.loc[path, "estimate"], i, "o", color=BLUE, ms=6, label="replication 2024" if i == 0 else None)
        ax.plot(other.loc[path, "estimate"], i, "D", color=ORANGE, ms=5, label="Hoffmann 2022" if i == 0 else None)
    for part in (own, other):
        y, rows = np.arange(len(names))[::-1], part.loc[list(names)].reset_index()
        rows["path"] = [name.replace("\n", " ") for name in names.values()]
        said = "{path}, {surface}: {estimate:%} of the reducible loss[ ({low:%} to {high:%})]"
        record_marks(ax, rows["estimate"], y, rows, said, (rows["low"], rows["high"]))
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


@own_settings
def plot_equal_size(table):
    """Return, task by task, which share of GPT-3's gap models of its size close.

    Parameters
    ----------
    table : DataFrame
        From `tenfold.equal_size`.
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
        said = "{model}, {task}: {score_pct:.1f}, GPT-3 {gpt3_score_pct:.1f}: {closed:%} of its gap closed"
        record_marks(ax, part["closed"].clip(-1, 1), y, part, said)
    ax.set_yticks(range(len(order)), order)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(-1.03, 0.8)
    ax.xaxis.set_major_locator(FixedLocator([-1, -0.5, 0, 0.5]))
    ax.xaxis.set_major_formatter(_PERCENT)
    ax.grid(axis="x")
    ax.set_xlabel("Share of GPT-3's gap closed")
    ax.legend(loc="lower left", bbox_to_anchor=(-0.2, 1), fontsize=9, borderaxespad=0.2)
    medians = table.groupby("model", sort=False)["closed"].median()
    alt = "Share of GPT-3's remaining gap closed by models of its size. Median over rows: " + "; ".join(
        f"{m} {100 * v:.0f} %" for m, v in medians.items()
    )
    keep = ["model", "task", "protocol", "shots", "score_pct", "gpt3_score_pct", "closed"]
    return finish(ax, alt + ". Values below −100 % are drawn at the edge.", table[keep])


@own_settings
def plot_coverage(report):
    """Return how often 95 % intervals covered GPT-3 175B, by panel and method.

    Parameters
    ----------
    report : DataFrame
        From `backtest.report`.
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
        said = f"{{panel}}, {label}: {{coverage:%}} inside"
        record_marks(ax, part.loc[panels, "coverage"], range(len(panels)), part.loc[panels].reset_index(), said)
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
