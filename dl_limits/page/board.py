"""The ledger as a table for readers: words before numbers, each claim a link to its chapter."""

from __future__ import annotations

import html
import re

import numpy as np
import pandas as pd

from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE
from dl_limits.words import fall, fixed, in_words, number, per_cent, power_cell

BADGES = {HOLDS: "holds", FAILS: "fails", UNDECIDED: "undecided", PARTLY: "partly", UNTESTABLE: "undecided"}
_HEADS = {"short": ("claim", "July 2020", "2026")}
_HEADS["full"] = (*_HEADS["short"], "quotation", "taken alone, another verdict")


def escape(text):
    """Escape text for HTML, and set powers of ten (10^4.9) as superscripts."""
    return re.sub(r"10\^([-−]?\d+(?:\.\d+)?)", r"10<sup>\1</sup>", html.escape(text))


def badge(verdict):
    """Return a verdict as a word in a frame, HTML."""
    return f'<span class="badge badge-{BADGES[verdict]}">{verdict}</span>'


def interval(row):
    """Return estimate, interval and unit of a row of `claims.scoreboard` as one text, as its chapter would say it."""
    if not np.isfinite(row["estimate"]):
        return "no estimate"
    said = (way for start, way in _SAID.items() if row["unit"].startswith(start))
    form, sign, unit = next(said, (number, "", " {unit}"))
    estimate, *ends = (form(row[name]) for name in ("estimate", "low", "high"))
    if form is fall:  # the steepest slope is the largest fall
        ends.reverse()
    return f"{estimate}{sign} ({ends[0]} to {ends[1]}{sign}){unit.format(unit=row['unit'])}"


# first words of a unit -> how a number is said, the sign after it, and the unit in words
_SAID = {
    "share of ": (per_cent, " %", ", {unit}"),
    "log10 of the multiplier of compute": (power_cell, "", " times more computing"),
    "change of log error a doubling": (fall, " %", " of the error removed by each doubling"),
    "probability": (in_words, "", " {unit}"),
    "points of error": (fixed(1), "", " {unit}"),
    "percentage points": (fixed(1), "", " {unit}"),
    "nats": (fixed(2), "", " {unit}"),
    "rate of ": (fixed(2), "", " {unit}"),
}


def alternatives_text(row):
    """Return in how many specifications the verdict would differ, and what was varied, as one text."""
    if pd.isna(row["specifications"]):
        return "not available"
    return f"{row['other_verdict']} of {row['specifications']} ({row['varied']})"


def table(board, folder="", kind="short"):
    """Return the scoreboard as an HTML table.

    Parameters
    ----------
    board : DataFrame
        From `claims.scoreboard`.
    folder : str
        Where the chapters lie, seen from the page (``'chapters/'`` from the index).
    kind : {'short', 'full'}
        Verdicts alone, or with the number of 2026, quotation check and sensitivity; each row of the
        full table carries the claim's permanent anchor.

    Returns
    -------
    str
    """
    if kind not in _HEADS:
        raise ValueError(f"kind must be one of {', '.join(_HEADS)}, not {kind!r}")
    rows = []
    for claim, row in board.iterrows():
        link = f'<a href="{folder}{row["chapter"]}.html#{claim}">{escape(row["title"])}</a>'
        cells = [badge(row["verdict_2020"]), badge(row["verdict_2026"])]
        if kind == "full":
            cells += [escape(row["quotation_check"]), escape(alternatives_text(row))]
            link += f"<br><small>{escape(interval(row))}</small>"
        body = "".join(f"<td>{cell}</td>" for cell in cells)
        anchor = f' id="{claim}"' if kind == "full" else ""
        rows.append(f'<tr{anchor}><th scope="row">{link}</th>{body}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in _HEADS[kind])
    caption = "The claims, in the order of the article"
    return (
        f'<div class="output"><table class="dl-table scoreboard"><caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>" + "\n".join(rows) + "</tbody></table></div>"
    )
