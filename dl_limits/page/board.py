"""The ledger as a table for readers: words before numbers, each claim a link to its chapter."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pandas as pd

from dl_limits.claims import ledger, thresholds, timeline
from dl_limits.dates import DATES
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE, leaning, robustness_word
from dl_limits.words import fall, fixed, in_words, number, per_cent, power_cell

BADGES = {HOLDS: "holds", FAILS: "fails", UNDECIDED: "undecided", PARTLY: "partly", UNTESTABLE: "undecided"}
_GROUPS = {
    FAILS: "Wrong",
    HOLDS: "Right",
    PARTLY: "Right in part",
    UNDECIDED: "Nobody can tell yet",
    UNTESTABLE: "Cannot be tested",
}
WHEN = {"2020": "July 2020", "2026": "2026"}


def escape(text):
    """Escape text for HTML, and set powers of ten (10^4.9) as superscripts."""
    return re.sub(r"10\^([-−]?\d+(?:\.\d+)?)", r"10<sup>\1</sup>", html.escape(text))


def badge(verdict, kind=""):
    """Return a verdict as a word in a frame, HTML; of "undecided" also which kind."""
    said = f"{verdict}: {kind}" if kind else verdict
    return f'<span class="badge badge-{BADGES[verdict]}">{said}</span>'


def verdict_box(claim):
    """Return a claim's verdict as HTML: the word and why, that of July 2020, and folded the parts and the rule.

    Parameters
    ----------
    claim : str
        As in `dl_limits.claims.CLAIMS`.

    Returns
    -------
    str
    """
    late, said = ledger.verdict(claim), ledger.wording().loc[claim]
    chip = f'<span class="word">{badge(late.verdict, late.kind)}{_aside(late)}</span> {escape(late.reason)}'
    small = f'<span class="early">July 2020: {_early(claim) or "the same verdict"}.</span> '
    small += f"Evidence to {month(late.evidence_to)}, last searched in {month(said['searched'])}; "
    small += f"the next look is due by {month(ledger.next_look(claim))}."
    chosen = threshold_box(claim) if claim in ledger.THRESHOLDS else ""
    folded = f"{_folded(claim)}{_parts(late)}{_power(claim)}"
    question = "The rule, the parts, and whether it could have said otherwise"
    return (
        f'<div class="verdict" id="{claim}"><p class="claim"><strong>{escape(said["title"])}</strong></p><p>{chip}</p>'
        f'<p class="components">{small}</p>{chosen}<details><summary>{question}</summary>{folded}</details></div>'
    )


def threshold_box(claim):
    """Return what a claim's threshold is and where its word turns, as HTML; `thresholds.js` adds the slider.

    Parameters
    ----------
    claim : str
        One of `dl_limits.claims.THRESHOLDS`.

    Returns
    -------
    str
        With ``data-threshold``: JSON of the values to choose from (value, in words, which of the words), the place of
        the book's own among them, and the words: class of the chip and its text, what stands in brackets behind
        it, and class and text in July 2020.
    """
    threshold, own = thresholds.threshold_of(claim), thresholds.own_threshold(claim)
    values, words, steps = threshold.steps(ledger.verdict(claim).parts), {}, []
    for value in values:
        late = thresholds.at_threshold(claim, value)
        said = (*_chip(late), _aside(late), *_chip(thresholds.at_threshold(claim, value, "2020")))
        steps.append([float(f"{value:.6g}"), threshold.form(value), words.setdefault(said, len(words))])
    kept = {"steps": steps, "own": int(np.flatnonzero(values == own)[0]), "says": list(words)}
    meaning = escape(threshold.meaning.format(threshold.form(own)))
    return (
        f'<div class="threshold" data-threshold="{html.escape(json.dumps(kept, ensure_ascii=False))}">'
        f"<p>The book’s threshold: {meaning}. {turns(claim)}</p>"
        '<div class="chooser"></div></div>'
    )


def turns(claim):
    """Return in one sentence which word the rule gives at which thresholds today.

    Parameters
    ----------
    claim : str
        One of `dl_limits.claims.THRESHOLDS`.
    """
    table, form = thresholds.turning_points(claim), thresholds.threshold_of(claim).form
    stretches = table.groupby((table["verdict"] != table["verdict"].shift()).cumsum())
    rows = [(part["verdict"].iloc[0], part["from"].iloc[0], part["to"].iloc[-1]) for _, part in stretches]
    if len(rows) == 1:
        word, low, high = rows[0]
        if len(kinds := set(table["kind"])) == 1 and kinds != {""}:
            word = f"{word}: {kinds.pop()}"
        return f"No threshold from {form(low)} to {form(high)} changes the word: {word}."
    said = [f"{word} from {form(low)} to {form(high)}" for word, low, high in rows[1:-1]]
    said = [f"{rows[0][0]} below {form(rows[0][2])}", *said, f"{rows[-1][0]} above {form(rows[-1][1])}"]
    return f"With another threshold the verdict would be: {', '.join(said)}."


def _chip(verdict):
    return BADGES[verdict.verdict], f"{verdict.verdict}: {verdict.kind}" if verdict.kind else verdict.verdict


def month(text):
    """Return a month (``'2020-05'``) as people write it."""
    day = pd.Timestamp(f"{text}-01")
    return f"{day.month_name()} {day.year}"


def _early(claim):
    """Return the verdict of July 2020 as a small chip, HTML; empty where it is that of today."""
    early, late = ledger.verdict(claim, "2020"), ledger.verdict(claim)
    same = (early.verdict, early.kind) == (late.verdict, late.kind)
    return "" if same else f"<small>{badge(early.verdict, early.kind)}</small>"


def _folded(claim):
    """Return the reasons at both dates, the rule, and what would decide or change the verdict, as HTML."""
    late, early, said = ledger.verdict(claim), ledger.verdict(claim, "2020"), ledger.wording().loc[claim]
    lines = {
        "July 2020": "" if early.reason == late.reason else early.reason,
        "Measured": f"{said['estimand']}.",
        "Rule": f"{said['rule']}.",
        "To decide it": late.needs and f"{late.needs}.",
        "What would change it": f"{said['would_change']}.",
        "The article’s words": f"{said['quotation_check']}.",
    }
    return "".join(f"<p><b>{name}:</b> {escape(text)}</p>" for name, text in lines.items() if text)


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
    "log10 of the multiplier of compute": (power_cell, "", " times more compute"),
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


def table(board, folder="", anchors=False):
    """Return the claims as an HTML table, grouped by verdict; each chip opens its reason and rule.

    Parameters
    ----------
    board : DataFrame
        From `claims.scoreboard`.
    folder : str
        Where the chapters lie, seen from the page (``'chapters/'`` from the index).
    anchors : bool
        Whether each row carries the claim's permanent anchor.

    Returns
    -------
    str
    """
    bodies = []
    for verdict, title in _GROUPS.items():
        rows = [_row(claim, row, folder, anchors) for claim, row in board[board["verdict_2026"] == verdict].iterrows()]
        head = f'<tr class="group"><th colspan="3" scope="rowgroup">{title}</th></tr>'
        bodies += [f"<tbody>{head}\n" + "\n".join(rows) + "</tbody>"] * bool(rows)
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("the claim", "verdict, and why", "evidence to"))
    return (
        f'<div class="output"><div class="dl-years" data-years="{html.escape(_years(), quote=True)}"></div>'
        '<table class="dl-table scoreboard"><caption>The claims of the article</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n" + "\n".join(bodies) + "</table></div>"
    )


def _years():
    """Return the words of all dates as JSON, for the slider that `timeline.js` makes."""
    known = timeline.stored_timeline()
    said = timeline.sentences(known)
    days = [{"day": day, "label": timeline.day_in_words(day), "sentence": said[day]} for day in timeline.DAYS]
    chips = {
        claim: [
            [f"{row.verdict}: {row.kind}" if row.kind else row.verdict, BADGES[row.verdict]]
            for row in rows.itertuples()
        ]
        for claim, rows in known.groupby("id", sort=False)
    }
    return json.dumps({"days": days, "chips": chips}, ensure_ascii=False)


def _row(claim, row, folder, anchors):
    link = f'<a href="{folder}{row["chapter"]}.html#{claim}">{escape(row["title"])}</a>'
    late, early = ledger.verdict(claim), _early(claim)
    then = f' <span class="then">July 2020: {early}</span>' if early else ""
    folded = f"<p>{escape(row['reason'])}</p>{_folded(claim)}<p><b>Number:</b> {escape(interval(row))}.</p>"
    if claim in ledger.THRESHOLDS:
        folded += f"<p><b>Your own threshold:</b> {turns(claim)}</p>"
    folded += f"<p><b>Analyses that agree:</b> {escape(robustness_text(row))}.</p>"
    lean = f" ({leaning(late)})" if leaning(late) else ""
    chip = f"{badge(late.verdict, late.kind)}{lean} {escape(late.brief)}{then}"
    chip = f'<summary><span class="now">{chip}</span></summary>'
    anchor = f' id="{claim}"' if anchors else ""
    cells = f"<td><details>{chip}{folded}</details></td><td>{month(late.evidence_to)}</td>"
    return f'<tr{anchor} data-claim="{claim}"><th scope="row">{link}</th>{cells}</tr>'
