"""How often a verdict's rule finds the right word when the truth is known, and how much data it would take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from dl_limits.verdicts.rule import FAILS, HOLDS, Z, combine

ABLE = 0.5  # a rule that says the right word less often than this at both truths has too few data


@dataclass(frozen=True)
class Power:
    """How a claim's rule is tried on simulated truths.

    Attributes
    ----------
    truths : callable
        ``truths(evidence)``: a dict with the true value of the estimand 'inside' its region, at
        its 'border' and 'outside', as ``float``.
    simulate : callable
        ``simulate(truth, evidence, rng)`` draws data of the size and noise that the claim has at that date
        and returns the word that the claim's own code gives them.
    noise : str
        What the simulated data contain, in words.
    repetitions : int
        How many are stored.
    right : dict
        The word that is right inside and outside; at the border none is.
    """

    truths: Callable
    simulate: Callable
    noise: str
    repetitions: int = 200
    right: dict = field(default_factory=lambda: {"inside": HOLDS, "outside": FAILS})


def word_at(parts, truth, rng):
    """Return the word of a claim if every part's true value were `truth` and its analysis erred as its interval says.

    For parts whose analyses rest on published laws and ranges, where there are no data to draw anew. One
    rank is drawn for all parts, since they rest on the same laws: each primary analysis then errs by
    the distance of that rank from its estimate, with an interval as wide as it is.

    Parameters
    ----------
    parts : sequence of Part
    truth : float
    rng : numpy.random.Generator

    Returns
    -------
    str
    """
    rank = rng.uniform()
    words = {}
    for part in parts:
        if part.primary:
            by = truth + part.primary.at_rank(rank) - 2 * part.primary.estimate
            part = replace(part, primary=part.primary.moved(by))
        words[part.name] = part.word
    return combine(words)


def times_more(estimate, low, high, border):
    """Return how many times more independent data would put `border` outside the 95 % interval, at 80 % power.

    If the estimate stays where it is and its error shrinks with the root of the number of data.

    Parameters
    ----------
    estimate, low, high : float
        Today's estimate and 95 % interval; the end towards `border` counts.
    border : float

    Returns
    -------
    float
        At least one; ``inf`` where the estimate lies on the border or the interval is open there.
    """
    end, distance = (low, estimate - border) if border < estimate else (high, border - estimate)
    if distance == 0 or not np.isfinite(end):
        return np.inf
    return max(1.0, (abs(end - estimate) / Z * (Z + stats.norm.ppf(0.8)) / distance) ** 2)


def able(shares, right):
    """Return whether a rule can speak: the right word at least half the time at one of two truths.

    Parameters
    ----------
    shares : DataFrame
        Rows of ``verdict_power`` of one claim and date: ``truth``, ``word``, ``share``.
    right : dict
        As in `Power`.
    """
    found = [shares.loc[(shares["truth"] == t) & (shares["word"] == w), "share"].sum() for t, w in right.items()]
    return max(found) >= ABLE
