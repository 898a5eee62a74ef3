"""The rule that turns an interval and a region into a verdict, and the words it may use.

A claim has a region R of its estimand and an interval I, the union over its named
reference specifications. It *holds* if I lies in R, it *does not hold* if the two
are disjoint, else it is *undecided*. The words come from this module only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dl_limits.dates import date_of
from dl_limits.words import rounded

HOLDS, FAILS, UNDECIDED, PARTLY = "holds", "does not hold", "undecided", "holds in part"
UNTESTABLE = "not testable as worded"
DIGITS = 4  # of estimate, low and high
VOCABULARY = (HOLDS, PARTLY, UNDECIDED, FAILS, UNTESTABLE)


def decide(low, high, region):
    """Return the mechanical rule's verdict for an interval and a region.

    Parameters
    ----------
    low, high : float
        Ends of the interval I; ``high`` may be ``inf``.
    region : tuple of float
        Ends of R.

    Returns
    -------
    str
        'holds', 'does not hold' or 'undecided'.

    Raises
    ------
    ValueError
        For an end that is not a number, or ends in the wrong order.
    """
    for name, (a, b) in {"interval": (low, high), "region": region}.items():
        if not a <= b:
            raise ValueError(f"{name}: ends must be numbers in order, got {a!r} and {b!r}")
    if low >= region[0] and high <= region[1]:
        return HOLDS
    return FAILS if high < region[0] or low > region[1] else UNDECIDED


def combine(components):
    """Return the verdict of a claim from those of its listed components.

    All alike: that verdict. Some hold and some do not: 'holds in part'. Anything
    else contains something undecided, and so does the claim.
    """
    verdicts = set(components.values())
    if len(verdicts) == 1:
        return verdicts.pop()
    return PARTLY if {HOLDS, FAILS} <= verdicts else UNDECIDED


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict on the evidence of one date.

    Attributes
    ----------
    id, evidence, verdict : str
        Which claim, evidence up to which year, and the rule's word.
    estimate, low, high : float
        Estimate of the first reference specification and the union interval.
    unit, reason : str
        Unit of the three numbers, one sentence.
    components : dict
        Verdict of each listed component.
    """

    id: str
    evidence: str
    verdict: str
    estimate: float
    low: float
    high: float
    unit: str
    reason: str
    components: dict

    @classmethod
    def of(cls, id, evidence, *, numbers, unit, reason, components=None, verdict=None):
        """Return a verdict: by default that of its components together, its numbers rounded to `DIGITS`.

        Parameters
        ----------
        id, evidence, unit, reason, components
            As in the attributes.
        numbers : tuple of float
            Estimate, low and high.
        verdict : str, optional
            Where the claim's rule is another than `combine`.

        Raises
        ------
        ValueError
            For evidence that is neither '2020' nor '2026', or a word outside `VOCABULARY`.
        """
        date_of(evidence)
        components = components or {}
        verdict = verdict or combine(components)
        if verdict not in VOCABULARY:
            raise ValueError(f"verdict must be one of {', '.join(VOCABULARY)}, not {verdict!r}")
        return cls(id, evidence, verdict, *(rounded(number, DIGITS) for number in numbers), unit, reason, components)


def thresholds(table, centre):
    """How the verdict of each reference interval hangs on the width of the region.

    Parameters
    ----------
    table : DataFrame
        ``low``, ``high`` (powers of ten), one row a named fit.
    centre : float
        The claimed power of ten; the region is ``centre ± w``.

    Returns
    -------
    DataFrame
        The rows of `table` and their union, with ``fails_below``: does not hold for
        w smaller than this; ``holds_from``: holds for w at least this (``inf``: never).
    """
    union = pd.DataFrame({"low": [table["low"].min()], "high": [table["high"].max()]}, ["all together"])
    rows = pd.concat([table[["low", "high"]], union])
    below, above = centre - rows["low"], rows["high"] - centre
    rows["fails_below"] = np.maximum(0, np.maximum(-below, -above))
    rows["holds_from"] = np.maximum(0, np.maximum(below, above))
    return rows.rename_axis("fit").reset_index()


LIKELY, UNLIKELY = 0.8, 0.2


def decide_probability(low, high):
    """Return the rule's word for an interval of probabilities.

    Above 0.8 throughout: holds. Below 0.2 throughout: does not hold. Else undecided.

    Raises
    ------
    ValueError
        For ends that are not probabilities in order.
    """
    if not 0 <= low <= high <= 1:
        raise ValueError(f"probabilities must lie in order between 0 and 1, got {low!r} and {high!r}")
    if low > LIKELY:
        return HOLDS
    return FAILS if high < UNLIKELY else UNDECIDED


HALF = 0.5


def between(low, high, fails_below, holds_from):
    """Return the verdict of a claim with two thresholds: between them nothing is decided."""
    if low >= holds_from:
        return HOLDS
    return FAILS if high < fails_below else UNDECIDED
