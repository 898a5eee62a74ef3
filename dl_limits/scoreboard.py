"""The ledger as a table for readers: words before numbers, each claim a link to its chapter."""

from __future__ import annotations

import html
import re

import numpy as np
import pandas as pd

from dl_limits.rounding import rounded, said, steady
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE, in_words

BADGES = {HOLDS: "holds", FAILS: "fails", UNDECIDED: "undecided", PARTLY: "partly", UNTESTABLE: "undecided"}
_HEADS = {"short": ("claim", "July 2020", "2026")}
_HEADS["full"] = (*_HEADS["short"], "quotation", "taken alone, another verdict")


def escape(text):
    """Escape text for HTML, and set powers of ten (10^4.9) as superscripts."""
    return re.sub(r"10\^([-−]?\d+(?:\.\d+)?)", r"10<sup>\1</sup>", html.escape(text))


def badge(verdict):
    """Return a verdict as a word in a frame, HTML."""
    return f'<span class="badge badge-{BADGES[verdict]}">{verdict}</span>'


def number(value):
    """Return a number for a cell: two digits at least, words for what has no end or is not known."""
    if pd.isna(value):
        return "–"
    if np.isinf(value):
        return "no limit"
    value = steady(float(value))
    return (f"{value:,.0f}" if abs(value) >= 99.5 else f"{value:.2g}").replace("-", "−")


def interval(row):
    """Return estimate, interval and unit of a row of `claims.scoreboard` as one text, as its chapter would say it."""
    if not np.isfinite(row["estimate"]):
        return "no estimate"
    said = (way for start, way in _SAID.items() if row["unit"].startswith(start))
    form, sign, unit = next(said, (number, "", " {unit}"))
    estimate, *ends = (form(row[name]) for name in ("estimate", "low", "high"))
    if form is _fall:  # the steepest slope is the largest fall
        ends.reverse()
    return f"{estimate}{sign} ({ends[0]} to {ends[1]}{sign}){unit.format(unit=row['unit'])}"


def _per_cent(share):
    value = 100 * share
    if not np.isfinite(value):
        return number(value)
    return number(rounded(value) if abs(steady(value)) >= 10 else value)


def power(exponent):
    """Format a power of ten for a cell."""
    if np.isnan(exponent):
        return number(exponent)
    return f"10^{said(float(exponent), '.1f')}" if np.isfinite(exponent) else "no limit" if exponent > 0 else "0"


def _fall(slope):
    return _per_cent(1 - np.exp(slope))


def _fixed(digits):
    return lambda value: (
        number(value) if not np.isfinite(value) else said(float(value), f".{digits}f").replace("-", "−")
    )


# first words of a unit -> how a number is said, the sign after it, and the unit in words
_SAID = {
    "share of ": (_per_cent, " %", ", {unit}"),
    "log10 of the multiplier of compute": (power, "", " times more computing"),
    "change of log error a doubling": (_fall, " %", " of the error removed by each doubling"),
    "probability": (in_words, "", " {unit}"),
    "points of error": (_fixed(1), "", " {unit}"),
    "percentage points": (_fixed(1), "", " {unit}"),
    "nats": (_fixed(2), "", " {unit}"),
    "rate of ": (_fixed(2), "", " {unit}"),
}


def sensitivity(row):
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
            cells += [escape(row["quotation_check"]), escape(sensitivity(row))]
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
