"""The ledger as a table for readers: words before numbers, each claim a link to its chapter."""

from __future__ import annotations

import html
import re

import numpy as np

from dl_limits.claims import ledger
from dl_limits.dates import DATES
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE, leaning, robustness_word
from dl_limits.words import fall, fixed, in_words, number, per_cent, power_cell

BADGES = {HOLDS: "holds", FAILS: "fails", UNDECIDED: "undecided", PARTLY: "partly", UNTESTABLE: "undecided"}
_HEADS = {"short": ("claim", "July 2020", "2026")}
_HEADS["full"] = (*_HEADS["short"], "evidence to", "quotation", "analyses that agree")
WHEN = {"2020": "July 2020", "2026": "2026"}


def escape(text):
    """Escape text for HTML, and set powers of ten (10^4.9) as superscripts."""
    return re.sub(r"10\^([-−]?\d+(?:\.\d+)?)", r"10<sup>\1</sup>", html.escape(text))


def badge(verdict, kind=""):
    """Return a verdict as a word in a frame, HTML; of "undecided" also which kind."""
    said = f"{verdict}: {kind}" if kind else verdict
    return f'<span class="badge badge-{BADGES[verdict]}">{said}</span>'


def verdict_box(claim):
    """Return a claim's verdicts at both dates as HTML: the words and why, folded below the parts and the rule.

    Parameters
    ----------
    claim : str
        As in `dl_limits.claims.CLAIMS`.

    Returns
    -------
    str
    """
    found, said = {e: ledger.verdict(claim, e) for e in DATES}, ledger.wording().loc[claim]
    late = found["2026"]
    rows = "".join(
        f"<p>{badge(v.verdict, v.kind)} <b>{WHEN[e]}</b>{_aside(v)}<b>.</b> {escape(v.reason)}</p>"
        for e, v in found.items()
    )
    dates = f"Evidence to {late.evidence_to}, last searched {said['searched']}."
    rule = f"<p>Measured: {escape(said['estimand'])}. Rule: {escape(said['rule'])}.</p>"
    change = f"<p>What would change it: {escape(said['would_change'])}.</p>"
    needs = f"<p>To decide it: {escape(late.needs)}.</p>" if late.needs else ""
    folded = (
        f"<details><summary>The parts, the rule, and whether it could have said otherwise</summary>{rule}"
        f"{_parts(late)}{_power(claim)}{needs}{change}</details>"
    )
    return f'<div class="verdict" id="{claim}">{rows}<p class="components">{dates}</p>{folded}</div>'


def _aside(verdict):
    """Return leaning and robustness in brackets, HTML; nothing where neither says anything."""
    robust = robustness_word(verdict.robustness)
    words = [w for w in (leaning(verdict), "" if robust.startswith("neither") else robust) if w]
    return f" ({', '.join(words)})" if words else ""


def _table(caption, heads, rows):
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    table = f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    return f'<table class="dl-table">{table}</table>'


def _parts(verdict):
    rows = []
    for part in verdict.parts:
        others = [name for name in part.words if name != (part.primary.name if part.primary else None)]
        agree = sum(part.words[name] == part.word for name in others)
        rows.append(
            (
                escape(part.name),
                badge(part.word, part.kind),
                in_words(part.lean) if np.isfinite(part.lean) else "–",
                escape(part.primary.name) if part.primary else "–",
                f"{agree} of {len(others)}" if others else "–",
            )
        )
    heads = ("reading", "verdict", "share inside", "primary analysis", "others that agree")
    return _table("The parts of the verdict of 2026", heads, rows) if rows else ""


def _power(claim):
    rows = []
    for evidence in DATES:
        table = ledger.power_of(claim, evidence)
        for truth in ("inside", "border", "outside"):
            part = table[table["truth"] == truth]
            if len(part):
                words = ", ".join(f"{row.word} {in_words(row.share)}" for row in part.itertuples())
                rows.append((WHEN[evidence], f"{truth} ({number(part['true_value'].iloc[0])})", words))
    heads = ("evidence", "if the truth were", "the rule would say, with probability")
    return _table("Could this rule have said otherwise?", heads, rows) if rows else ""


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
    "words seen": (lambda words: number(words / 1e9), "", " billion {unit}"),
    "points of error": (fixed(1), "", " {unit}"),
    "percentage points": (fixed(1), "", " {unit}"),
    "nats": (fixed(2), "", " {unit}"),
    "rate of ": (fixed(2), "", " {unit}"),
}


def robustness_text(row):
    """Return how many analyses return the word of the primary one, as one text."""
    if not np.isfinite(row["robustness"]):
        return "one analysis"
    return f"{per_cent(row['robustness'])} %: {robustness_word(row['robustness'])}"


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
        cells = [badge(row["verdict_2020"]), badge(row["verdict_2026"], row["kind"])]
        if kind == "full":
            cells += [row["evidence_to"], escape(row["quotation_check"]), escape(robustness_text(row))]
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
