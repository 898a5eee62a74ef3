"""The answers of a specification curve for a reader to sort and choose from: `specifications.js` draws them.

Every fit, every verdict and the shares of the spread are computed here; the browser counts and takes medians.
"""

from __future__ import annotations

import json

import numpy as np
from IPython.display import HTML, display

from dl_limits.studies.imagenet import points, specifications
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED
from dl_limits.words import rounded

_WORDS = [HOLDS, UNDECIDED, FAILS]  # a verdict is its place here
_PLACES = 3  # decimals of a power of ten: finer than any answer is known, and than any two are compared


def show_answers(curve):
    """Put the answers of a curve on the page, with what each choice accounts for.

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications.specifications`.
    """
    text = json.dumps(choosable(curve), separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace(
        "<", "\\u003c"
    )
    display(
        HTML(
            '<section id="specifications" class="specifications" aria-label="Choose among the answers">'
            f'<script type="application/json">{text}</script></section>'
        )
    )


def choosable(curve):
    """Return what the page needs to know of a curve, as JSON can hold it.

    Parameters
    ----------
    curve : SpecificationCurve
        From `specifications.specifications`.

    Returns
    -------
    dict
        ``choices``: name, meaning, values, ``share`` of the spread (per cent, None for a choice that moves the
        interval alone) and the places of the values that ask what the claim says (``claim``). ``answers``: for each,
        sorted, the places of its choices, estimate, low, high (powers of ten; None where infinite: the estimate
        and ``high`` upwards, ``low`` downwards) and the place of its verdict in ``words``. ``claimed``, ``region``:
        powers of ten.
    """
    table = curve.estimates()
    spread, asked = specifications.choice_shares(table), specifications.primary(curve).estimates()
    verdicts = specifications.rule_words(table)
    choices, columns = [], []
    for name, meaning in specifications.MEANINGS.items():
        values = list(table[name].value_counts().index)
        share = rounded(100 * spread[name]) if name in spread else None
        claim = [i for i, value in enumerate(values) if value in set(asked[name])]
        choices.append({"name": name, "meaning": meaning, "values": values, "share": share, "claim": claim})
        columns.append(table[name].map(values.index))
    rows = zip(*columns, *([_plain(v) for v in table[c]] for c in ("estimate", "low", "high")), strict=True)
    found = [[*row, _WORDS.index(word)] for row, word in zip(rows, verdicts, strict=True)]
    region = list(points.claimed_region())
    return {"choices": choices, "answers": found, "words": _WORDS, "claimed": points.claimed_power(), "region": region}


def _plain(power):
    return rounded(power, _PLACES) if np.isfinite(power) else None
