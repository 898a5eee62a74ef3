"""Figures of the back-test: forecasts of 2020 against what came, slopes, tenfolds, text."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, LIGHT, ORANGE, finish, heading, new_axes, own_settings
from dl_limits.words import power_cell, said

ENDS = (-4.2, 5.4)
_LAST_YEAR = 2032  # up to which the trend of text is drawn
FAMILY_WORDS = {
    "harness": "harness",
    "gpt3_zero_shot": "zero-shot",
    "palm_one_shot": "one-shot",
    "llama3_card": "model card",
}


@own_settings
def plot_hindcasts(scored, held):
    """Return every outcome by how far it lies from its forecast, in half widths of the 95 % interval.

    Parameters
    ----------
    scored : DataFrame
        From `scoring.assess`: ``group``, ``target``, ``outcome``, ``signed``.
    held : float
        Share of the intervals that held, every source counting once (`scoring.summary`).
    """
    groups = list(dict.fromkeys(scored["group"]))[::-1]
    fig, ax = new_axes(height=0.34 * len(groups) + 1.4)
    heading(ax, f"{said(100 * held, '.0f')} % of the “95 %” ranges held")
    ax.axvspan(-1, 1, color=LIGHT, lw=0)
    for y, group in enumerate(groups):
        part = scored[scored["group"] == group].sort_values("signed", kind="stable")
        signed = part["signed"].to_numpy()
        offsets = 0.14 * ((np.arange(len(signed)) % 3) - 1)  # so that equal outcomes stay apart
        for mask, colour, mark in (
            (np.abs(signed) <= 1, BLUE, "o"),
            (signed > 1, GREEN, ">"),
            (signed < -1, ORANGE, "<"),
        ):
            ax.plot(signed[mask], y + offsets[mask], mark, color=colour, ms=6, mec="white", mew=0.5)
        record_marks(ax, signed, y + offsets, part, "{group}: {target}, {signed:+.1f} half widths from its forecast")
    ax.set_yticks(range(len(groups)), groups)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(groups) + 0.15)
    ax.set_xlim(*ENDS)
    ax.set_xticks([-3, -1, 0, 1, 3, 5])
    top = len(groups) - 0.25
    ax.text(0, top, "in range", ha="center", color="#1d4e6b", weight="bold")
    ax.text(ENDS[0] + 0.05, top, "short", color=ORANGE, weight="bold")
    ax.text(ENDS[1] - 0.05, top, "further", ha="right", color=GREEN, weight="bold")
    ax.set_xlabel("Distance from the forecast\n(1 = edge of its range)")
    short, far = (scored["signed"] < -1), (scored["signed"] > 1)
    words = [
        f"{g}: {n} inside, {s} short, {f} further"
        for g in groups[::-1]
        for part in [scored[scored["group"] == g]]
        for n, s, f in [
            ((part["signed"].abs() <= 1).sum(), (part["signed"] < -1).sum(), (part["signed"] > 1).sum()),
        ]
    ]
    alt = (
        f"{len(scored)} forecasts from what was known in July 2020 against what came: "
        f"{(~short & ~far).sum()} inside their 95 % interval, {short.sum()} fell short, {far.sum()} went further. "
        + "; ".join(words)
        + "."
    )
    columns = ["group", "target", "outcome", "published", "source", "signed", "rank", "inside"]
    return finish(ax, alt, scored[columns])


@own_settings
def plot_families(table):
    """Return what a tenfold closed within each family, beside GPT-3 on the same tasks.

    Parameters
    ----------
    table : DataFrame
        From `bought.family_table`.
    """
    fig, ax = new_axes(height=0.36 * len(table) + 1.5)
    heading(ax, "Most slopes are no flatter than GPT-3’s")
    rows = range(len(table))
    ax.hlines(rows, 100 * table["low"].clip(lower=-0.05), 100 * table["high"], color=LIGHT, lw=5)
    ax.hlines(rows, 100 * table["gpt3"], 100 * table["closed"], color=GREY, lw=1)
    ax.plot(100 * table["gpt3"], rows, "D", color="white", mec=ORANGE, ms=6, mew=1.5, label="GPT-3, same tasks")
    ax.plot(100 * table["closed"], rows, "o", color=BLUE, ms=7, label="this family")
    names = [f"{r.family} ({r.sizes}), {FAMILY_WORDS[r.protocol]}" for r in table.itertuples()]
    ax.set_yticks(rows, names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(table) - 0.3)
    told = "{family} ({sizes}): {closed:%} of the gap[ ({low:%} to {high:%})], GPT-3 {gpt3:%} on the same tasks"
    record_marks(ax, 100 * table["closed"], rows, table, told, (100 * table["low"], 100 * table["high"]))
    ax.set_xlim(-5, 70)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f} %"))
    ax.grid(axis="x")
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, columnspacing=1.0)
    ax.set_xlabel("Share of the remaining gap\nthat a tenfold closed", loc="right")
    alt = (
        "Median share of the remaining gap that a tenfold closed, within families, and in GPT-3 on the same tasks: "
        + (
            "; ".join(
                f"{n}, {100 * r.closed:.0f} and {100 * r.gpt3:.0f} %"
                for n, r in zip(names, table.itertuples(), strict=True)
            )
        )
    )
    return finish(ax, alt + ".", table)


@own_settings
def plot_bought(tasks, medians, rule):
    """Return the share of GPT-3's gap that each larger run closed, task by task and on the median task.

    Parameters
    ----------
    tasks : DataFrame
        From `bought.bought`.
    medians : DataFrame
        From `bought.bought_table`, sorted as drawn, from below.
    rule : dl_limits.verdicts.Region
        Thresholds of "modest" and "not modest".
    """
    fig, ax = new_axes(height=0.38 * len(medians) + 1.5)
    heading(ax, "Compute alone did not decide the gain")
    low, high = 100 * rule.high, 100 * rule.wrong_above
    left, right = -45, 105
    ax.axvspan(left, low, color="#dcefe7", lw=0)  # green: the claim is right
    ax.axvspan(high, right, color="#f7e3d6", lw=0)
    top = len(medians) - 0.35
    ax.text(left + 2, top, "modest", color="#00573f")
    ax.text(high + 2, top, "not modest", color="#7a3b12")
    for y, row in enumerate(medians.itertuples()):
        part = tasks[(tasks["model"] == row.model) & (tasks["setting"] == row.setting)]
        colour, mark = (BLUE, "o") if row.setting == "one" else ("#444444", "s")
        closed = 100 * part["closed"]
        ax.plot(closed[closed >= left], [y] * (closed >= left).sum(), mark, color=colour, ms=3.5, alpha=0.5)
        ax.plot([left] * (closed < left).sum(), [y] * (closed < left).sum(), "<", color=colour, ms=5, clip_on=False)
        ax.plot(100 * row.estimate, y, mark, color=colour, ms=8, mec="white")
        told = "{model}, {task}, {setting}-shot: {closed:%} of GPT-3’s gap closed"
        record_marks(ax, closed.clip(lower=left), [y] * len(part), part, told)
        told = "{model}, median task, {setting}-shot: {estimate:%} of GPT-3’s gap closed"
        record_marks(ax, [100 * row.estimate], [y], medians.iloc[[y]], told)
    ax.plot([0, 0], [-0.6, len(medians) - 0.5], color=GREY, lw=1)
    names = [
        f"{r.model.removesuffix(' 530B').removesuffix(' 280B')}, ×{r.times_compute:.2g}" for r in medians.itertuples()
    ]
    ax.set_yticks(range(len(medians)), names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.6, len(medians) + 0.1)
    ax.set_xlim(left, right)
    ax.xaxis.set_major_locator(FixedLocator([0, 50, 100]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f} %"))
    ax.set_xlabel("Share of GPT-3's gap closed\n(square: zero-shot, dot: one-shot)", loc="right")
    words = "; ".join(
        f"{r.model}, {r.setting}-shot, ×{r.times_compute:.2g}: {100 * r.estimate:.0f} %" for r in medians.itertuples()
    )
    return finish(ax, f"Share of GPT-3's remaining gap closed by larger runs, median task. {words}.", tasks)


@own_settings
def plot_text(sets, stocks, crossing):
    """Return training sets by date against the stock of text, with the trend carried on.

    Parameters
    ----------
    sets : DataFrame
        From `text.training_sets`.
    stocks : DataFrame
        From `text.stocks`.
    crossing : dict
        From `text.text_crossing`.
    """
    fig, ax = new_axes(height=3.3)
    stock = stocks.loc["effective_2024", ["low", "value", "high"]].astype(float)
    ax.axhspan(stock["low"], stock["high"], color=LIGHT, lw=0)
    ax.axhline(stock["value"], color=BLUE, lw=1)
    ax.text(2017.7, stock["value"] * 1.15, "usable public text, 2024", color=BLUE, va="bottom")
    ax.plot(sets["year"], sets["training_tokens"], "o", color=ORANGE, ms=5)
    record_marks(ax, sets["year"], sets["training_tokens"], sets, "{model}: {training_tokens:large} tokens")
    years = np.array([2018.0, _LAST_YEAR])
    level = stock["value"] * crossing["growth"] ** (years - crossing["year"])
    ax.plot(years, level, color=ORANGE, lw=1, ls="--")
    ax.text(2027.4, 4e15, "if trends held", color=ORANGE, ha="right", va="center")
    for start, name, (right, up), side in (
        ("GPT-3 175B", "GPT-3", (-8, 4), "right"),
        ("Llama 3.1-405B", "Llama 3.1", (4, -13), "left"),
    ):
        row = sets[sets["model"] == start].iloc[0]
        place = {"xytext": (right, up), "textcoords": "offset points", "ha": side, "va": "center"}
        ax.annotate(name, (row["year"], row["training_tokens"]), **place)
    heading(ax, "The trend meets the stock of text soon")
    ax.set_yscale("log")
    ax.set_ylim(5e8, 1e16)
    ax.set_xlim(2017.5, _LAST_YEAR)
    ax.set_xticks([2018, 2022, 2026, 2030])
    ax.yaxis.set_major_locator(FixedLocator([1e9, 1e11, 1e13, 1e15]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: power_cell(np.log10(v), 0)))
    ax.set_ylabel("Tokens")
    alt = (
        f"Training sets of language models, {sets['training_tokens'].min():.2g} to {crossing['largest']:.2g} tokens, "
        f"against an effective stock of {stock['value']:.2g} ({stock['low']:.2g} to {stock['high']:.2g}). "
        f"If trends held they would meet "
        f"in {crossing['year']:.0f} ({crossing['year_low']:.0f} to {crossing['year_high']:.0f})."
    )
    return finish(ax, alt, pd.DataFrame(sets[["model", "published", "training_tokens"]]))
