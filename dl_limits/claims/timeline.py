"""When could we have known? Every verdict at each year's end, by the same code on what was public by then."""

from __future__ import annotations

from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import Patch, Rectangle

from dl_limits import data
from dl_limits.claims import ledger
from dl_limits.dates import CUTOFF, DATES, LATEST
from dl_limits.figures.style import GREY, RIGHT, STYLE, WRONG, finish, heading, new_axes, own_settings
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE

DAYS = ("2020", *(f"{year}-12-31" for year in range(CUTOFF.year, LATEST.year)), "2026")
_LOOK = {  # fill, hatch
    HOLDS: (RIGHT, ""),
    PARTLY: ("#dcefe7", "////"),
    FAILS: (WRONG, ""),
    UNDECIDED: ("#e6e6e6", ""),
    UNTESTABLE: ("white", ""),
}


def timeline():
    """Return the verdict on every claim at each year's end.

    Returns
    -------
    DataFrame
        ``id``, ``title``, ``evidence`` (an entry of `DAYS`: July 2020, the end of each year, today),
        ``verdict``, ``kind``, ``reason``; claims in the order of the article.
    """
    said = ledger.wording()
    rows = []
    for claim, title in said["title"].items():
        for day in DAYS:
            found = ledger.verdict(claim, day)
            rows.append((claim, title, day, found.verdict, found.kind, found.reason))
    return pd.DataFrame(rows, columns=["id", "title", "evidence", "verdict", "kind", "reason"])


def between():
    """Return the rows of `timeline` at the ends of the years between the two dates, ready to be stored.

    Returns
    -------
    DataFrame
        ``timeline_id``, ``claim_id``, ``evidence``, ``verdict``, ``kind``.
    """
    table = timeline()
    table = table[~table["evidence"].isin([DAYS[0], DAYS[-1]])].rename(columns={"id": "claim_id"})
    names = table["claim_id"].str.replace("-", "_") + "_" + table["evidence"].str[:4]
    return table.assign(timeline_id=names)[["timeline_id", "claim_id", "evidence", "verdict", "kind"]]


def stored_timeline():
    """Return `timeline` without its reasons, the ends of the years as stored: minutes faster, and tested to be equal.

    Returns
    -------
    DataFrame
        ``id``, ``title``, ``evidence``, ``verdict``, ``kind`` (``''`` where there is none).
    """
    kept = data.load("verdict_timeline").set_index(["claim_id", "evidence"])
    kept = kept.astype({"verdict": str, "kind": object}).fillna({"kind": ""})
    rows = []
    for claim, title in ledger.wording()["title"].items():
        for day in DAYS:
            found = ledger.verdict(claim, day) if day in DATES else kept.loc[claim, day]
            rows.append((claim, title, day, found.verdict, found.kind))
    return pd.DataFrame(rows, columns=["id", "title", "evidence", "verdict", "kind"])


def sentences(table):
    """Return for each of `DAYS` how many verdicts were new since the one before, and how many differ from those of now.

    Parameters
    ----------
    table : DataFrame
        From `stored_timeline` or `timeline`.

    Returns
    -------
    dict of str to str
    """
    words = table.pivot_table("verdict", "title", "evidence", "first", sort=False)[list(DAYS)]
    said = {}
    for before, day in zip((None, *DAYS), DAYS, strict=False):
        parts = []
        if before:
            moved = int((words[day] != words[before]).sum())
            turned = f"{moved or 'no'} verdict{'s' * (moved > 1)}"
            parts.append(f"Since {day_in_words(before)}, new evidence changed {turned}.")
        if day != DAYS[-1]:
            other = (words[day] != words[DAYS[-1]]).sum()
            parts.append(f"Verdicts that are others now: {other}, marked below." if other else "All are those of now.")
        said[day] = " ".join(parts)
    return said


def day_in_words(day):
    """Return an entry of `DAYS` in words: ``'July 2020'``, ``'end of 2022'``, ``'now'``."""
    return {"2020": "July 2020", "2026": "now"}.get(day, f"end of {day[:4]}")


@own_settings
def plot_timeline(table):
    """Draw the verdicts as rows of coloured cells, one column a date.

    Parameters
    ----------
    table : DataFrame
        From `timeline`.

    Returns
    -------
    Axes
    """
    wide = table.pivot_table("verdict", "title", "evidence", "first", sort=False)[list(DAYS)]
    _, ax = new_axes(height=0.5 * len(wide) + 1.6)
    heading(ax, "Few verdicts changed after July 2020")
    with plt.style.context(STYLE):
        for y, (_, words) in enumerate(wide.iterrows()):
            for x, word in enumerate(words):
                colour, hatch = _LOOK[word]
                style = {"facecolor": colour, "hatch": hatch, "edgecolor": RIGHT if hatch else GREY, "linewidth": 0.4}
                ax.add_patch(Rectangle((x, y + 0.1), 0.92, 0.8, **style))
        ax.set(xlim=(0, len(DAYS)), ylim=(len(wide), 0))
        ax.set_xticks([x + 0.46 for x in range(len(DAYS))], [day_in_words(day) for day in DAYS], rotation=90)
        ax.set_yticks([y + 0.5 for y in range(len(wide))], [fill(title, 30) for title in wide.index])
        ax.tick_params(length=0)
        ax.xaxis.tick_top()
        for side in ax.spines.values():
            side.set_visible(False)
        shown = [word for word in _LOOK if (wide == word).any(axis=None)]
        marks = [
            Patch(facecolor=_LOOK[w][0], hatch=_LOOK[w][1], edgecolor=RIGHT if w == PARTLY else GREY) for w in shown
        ]
        place = {"loc": "upper right", "bbox_to_anchor": (1.0, 0.0), "ncols": 2}
        ax.legend(marks, shown, **place, frameon=False, columnspacing=1.0, handlelength=1.4)
    moved = changed(table)
    alt = (
        f"{len(wide)} claims by {len(DAYS)} dates, from July 2020 to today, each cell coloured by the verdict on what "
        f"was public by then. {len(moved)} of them changed their word at least once: {'; '.join(moved) or 'none'}."
    )
    return finish(ax, alt, table[["title", "evidence", "verdict", "kind"]])


def changed(table):
    """Return a phrase for each claim whose word changed: its title, and the words with the first date of each.

    Parameters
    ----------
    table : DataFrame
        From `timeline`.

    Returns
    -------
    list of str
    """
    phrases = []
    for title, rows in table.groupby("title", sort=False):
        first = rows[rows["verdict"] != rows["verdict"].shift()]
        if len(first) > 1:
            steps = (f"{row.verdict} ({day_in_words(row.evidence)})" for row in first.itertuples())
            phrases.append(f"{title}: {', then '.join(steps)}")
    return phrases
