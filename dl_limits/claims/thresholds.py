"""Each claim at another threshold than the book's: its verdict there, and where its word turns."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from dl_limits.claims.ledger import THRESHOLDS, can_speak, verdict
from dl_limits.verdicts import TOO_FEW, UNDECIDED, judged


def threshold_of(claim_id):
    """Return the threshold of a claim.

    Parameters
    ----------
    claim_id : str
        One of `THRESHOLDS`; the other claims name their own numbers, or none.

    Returns
    -------
    dl_limits.verdicts.Threshold

    Raises
    ------
    ValueError
        For a claim without one.
    """
    if claim_id not in THRESHOLDS:
        raise ValueError(f"no threshold for {claim_id!r}: claims that have one are {', '.join(THRESHOLDS)}")
    return THRESHOLDS[claim_id]


def own_threshold(claim_id, evidence="2026"):
    """Return the threshold that the book's rule uses, in the unit of the estimand.

    Parameters
    ----------
    claim_id : str
    evidence : str
        As in `dl_limits.dates.date_of`.

    Returns
    -------
    float
    """
    return float(threshold_of(claim_id).own(verdict(claim_id, evidence).parts))


def at_threshold(claim_id, value, evidence="2026"):
    """Return the verdict on a claim as its rule gives it at another threshold.

    The analyses are those of the verdict, nothing is fitted again; whether the rule can speak at all is taken from
    the simulations at the book's own threshold.

    Parameters
    ----------
    claim_id : str
        One of `THRESHOLDS`.
    value : float
        In the unit of the estimand.
    evidence : str
        As in `dl_limits.dates.date_of`.

    Returns
    -------
    Verdict
        ``verdict``, ``kind``, ``lean``, ``robustness``, ``components`` and ``parts`` at that threshold; everything
        else as in the book's.

    Raises
    ------
    ValueError
        For a claim without a threshold, or a value outside the range that it offers.
    """
    threshold, found = threshold_of(claim_id), verdict(claim_id, evidence)
    parts = threshold.moved(found.parts, value)
    word, kind, lean, robustness = judged(parts)
    word, kind = _said(claim_id, evidence, word, kind)
    components = {part.name: part.word for part in parts}
    return replace(found, verdict=word, kind=kind, lean=lean, robustness=robustness, components=components, parts=parts)


@cache
def _able(claim_id, evidence):
    return can_speak(verdict(claim_id, evidence))


def _said(claim_id, evidence, word, kind):
    return (word, kind) if _able(claim_id, evidence) else (UNDECIDED, TOO_FEW)


@cache
def _turning_points(claim_id, evidence):
    threshold, found = threshold_of(claim_id), verdict(claim_id, evidence)
    rows = []
    for start, end, *said in threshold.segments(found.parts):
        said = _said(claim_id, evidence, *said)
        if rows and rows[-1][2:] == said:
            start = rows.pop()[0]
        rows.append((start, end, *said))
    return rows


def turning_points(claim_id, evidence="2026"):
    """Return at which thresholds the word of a claim turns, exactly, over the range that its threshold offers.

    Parameters
    ----------
    claim_id : str
        One of `THRESHOLDS`.
    evidence : str
        As in `dl_limits.dates.date_of`.

    Returns
    -------
    DataFrame
        ``from``, ``to`` (in the unit of the estimand, rising; the borders are where an end of the region meets an
        end of an interval), ``verdict`` between them, and ``kind``: which kind of undecided, empty for any other word.

    Raises
    ------
    ValueError
        For a claim without a threshold, or evidence that is no date the book knows.
    """
    return pd.DataFrame(_turning_points(claim_id, evidence), columns=["from", "to", "verdict", "kind"])
