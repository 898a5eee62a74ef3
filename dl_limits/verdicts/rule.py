"""The rule that turns intervals and regions into verdicts, and the words it may use.

A claim has one or more *parts*: its fair readings. A part has a region and one *primary* analysis,
chosen for reasons that do not look at the answer; the interval of that analysis gives the part its
word. Other reasonable analyses of the same reading give its *robustness*, never its word. One rule
(`combine`) turns the words of the parts into that of the claim, for every claim alike. The words
come from this module only. Who wrote these rules knew the outcomes: what protects is that they are
mechanical, and that how often each can say what under a known truth is measured (`Power`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from dl_limits.dates import date_of
from dl_limits.words import rounded

HOLDS, FAILS, UNDECIDED, PARTLY = "holds", "does not hold", "undecided", "holds in part"
UNTESTABLE = "not testable as worded"
VOCABULARY = (HOLDS, PARTLY, UNDECIDED, FAILS, UNTESTABLE)
TOO_FEW, DISAGREE, NOTHING = "too few data", "analyses disagree", "nothing to test yet"
UNDECIDED_KINDS = (TOO_FEW, DISAGREE, NOTHING)  # of "undecided"
ROBUST, FRAGILE = 0.9, 0.67  # shares of analyses that return the word of the primary one
LEANS_YES, LEANS_NO = 2 / 3, 1 / 3
BRIEF = 12  # words
DIGITS = 4  # of estimate, low, high and lean
HALF, LIKELY, UNLIKELY = 0.5, 0.8, 0.2
Z = stats.norm.ppf(0.975)


@dataclass(frozen=True)
class Region:
    """Where a reading is right, and where it is wrong; between the two nothing is decided.

    Attributes
    ----------
    low, high : float
        Right from `low` to `high`, both included.
    wrong_below, wrong_above : float, optional
        Wrong outside these; by default outside `low` and `high`.

    Raises
    ------
    ValueError
        For ends that are no numbers in order.
    """

    low: float = -np.inf
    high: float = np.inf
    wrong_below: float | None = None
    wrong_above: float | None = None

    def __post_init__(self):
        """Fill in the outer ends and compare."""
        for name, default in (("wrong_below", self.low), ("wrong_above", self.high)):
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        if not self.wrong_below <= self.low <= self.high <= self.wrong_above:
            raise ValueError(f"region: ends must be numbers in order, got {self}")

    def word(self, low, high):
        """Return what an interval says: 'holds', 'does not hold' or 'undecided'.

        Raises
        ------
        ValueError
            For ends of the interval that are no numbers in order.
        """
        if not low <= high:
            raise ValueError(f"interval: ends must be numbers in order, got {low!r} and {high!r}")
        if low >= self.low and high <= self.high:
            return HOLDS
        return FAILS if high < self.wrong_below or low > self.wrong_above else UNDECIDED


@dataclass(frozen=True)
class Analysis:
    """One way to analyse one reading.

    Attributes
    ----------
    name : str
        What distinguishes it, in words.
    estimate, low, high : float
        Estimate and 95 % interval; ends may be infinite.
    draws : tuple of float
        The distribution behind the interval, where one was simulated; infinite draws are allowed.

    Raises
    ------
    ValueError
        For an interval that is none.
    """

    name: str
    estimate: float
    low: float
    high: float
    draws: tuple = ()

    def __post_init__(self):
        """Refuse what is no interval."""
        if not self.low <= self.estimate <= self.high:
            raise ValueError(f"{self.name}: {self.estimate!r} must lie in its interval {self.low!r} to {self.high!r}")

    @classmethod
    def of_draws(cls, name, draws, estimate=None, level=0.95):
        """Return the analysis whose interval is the central part of simulated values; estimate: their median."""
        draws = np.asarray(draws, float)
        low, middle, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2], method="inverted_cdf")
        return cls(name, float(middle if estimate is None else estimate), float(low), float(high), tuple(draws))

    def at_rank(self, rank):
        """Return the value of the distribution below which a share `rank` of it lies."""
        if len(self.draws):
            return float(np.quantile(self.draws, rank, method="inverted_cdf"))
        z = stats.norm.ppf(rank) / Z
        return self.estimate + z * (self.high - self.estimate if z > 0 else self.estimate - self.low)

    def moved(self, by):
        """Return the same analysis with everything moved by a distance."""
        draws = tuple(np.asarray(self.draws) + by) if len(self.draws) else ()
        return Analysis(self.name, self.estimate + by, self.low + by, self.high + by, draws)

    def share(self, region):
        """Return the share of the distribution inside a region.

        Without draws: a normal distribution on either side of the estimate, half of it each, whose
        95 % ends are those of the interval. NaN for an open interval without draws.
        """
        if len(self.draws):
            inside = np.searchsorted(self._sorted, region.high, "right") - np.searchsorted(self._sorted, region.low)
            return float(inside / len(self._sorted))
        if not np.isfinite([self.low, self.high]).all():
            return np.nan
        return float(self._below(region.high, True) - self._below(region.low, False))

    @cached_property
    def _sorted(self):  # a region that moves asks for its share again and again
        return np.sort(self.draws)

    def _below(self, value, included):
        width = self.high - self.estimate if value > self.estimate else self.estimate - self.low
        if width == 0 or not np.isfinite(value):
            return float(self.estimate < value or (included and self.estimate == value))
        return stats.norm.cdf(Z * (value - self.estimate) / width)


@dataclass(frozen=True)
class Part:
    """One fair reading of a claim.

    Attributes
    ----------
    name : str
        The reading, in words.
    region : Region, optional
        None where the reading defines none: it is not testable and does not count.
    primary : Analysis, optional
        None where nothing can be tested yet.
    others : tuple of Analysis
        Other reasonable analyses of the same reading.
    needs : str
        What would decide it, with the number: how many networks, runs, wordings or years.
    """

    name: str
    region: Region | None = None
    primary: Analysis | None = None
    others: tuple = ()
    needs: str = ""

    @property
    def word(self):
        """The word of the primary analysis."""
        if self.region is None:
            return UNTESTABLE
        return self.region.word(self.primary.low, self.primary.high) if self.primary else UNDECIDED

    @property
    def words(self):
        """The word of each analysis, by its name, the primary one first."""
        return {each.name: self.region.word(each.low, each.high) for each in (self.primary, *self.others) if each}

    @property
    def kind(self):
        """Which kind of undecided; empty for any other word."""
        if self.word != UNDECIDED:
            return ""
        if not self.primary:
            return NOTHING
        return DISAGREE if {HOLDS, FAILS} <= set(self.words.values()) else TOO_FEW

    @property
    def lean(self):
        """Share of the primary distribution inside the region, what lies between right and wrong counted half."""
        if not (self.primary and self.region):
            return np.nan
        not_wrong = Region(self.region.wrong_below, self.region.wrong_above)
        return (self.primary.share(self.region) + self.primary.share(not_wrong)) / 2

    @property
    def robustness(self):
        """Share of the analyses that return the word of the primary one; NaN where there is no other."""
        return np.mean([word == self.word for word in self.words.values()]) if self.primary and self.others else np.nan

    def plain(self):
        """Return the part as a dictionary of words and numbers."""
        first = self.primary
        return {
            "name": self.name,
            "verdict": self.word,
            "kind": self.kind,
            "lean": rounded(self.lean, DIGITS),
            "robustness": rounded(self.robustness, DIGITS),
            "primary": first.name if first else "",
            **{end: rounded(getattr(first, end, np.nan), DIGITS) for end in ("estimate", "low", "high")},
            "analyses": self.words if self.region else {},
            "needs": self.needs,
        }


def decide(low, high, region):
    """Return what an interval says of a region, given as its two ends (see `Region.word`)."""
    return Region(*region).word(low, high)


def combine(words):
    """Return the word of a claim from those of its parts, by name.

    Parts that are not testable do not count. All others alike: that word. At least one holds and
    at least one does not: 'holds in part'. Anything else contains something undecided, and so
    does the claim. Nothing left: not testable as worded.
    """
    counted = set(words.values()) - {UNTESTABLE}
    if len(counted) <= 1:
        return counted.pop() if counted else UNTESTABLE
    return PARTLY if {HOLDS, FAILS} <= counted else UNDECIDED


def judged(parts):
    """Return what the parts of a claim say together.

    Parameters
    ----------
    parts : sequence of Part

    Returns
    -------
    tuple
        The word (`combine`); which kind of undecided, empty for any other word; the mean lean of the
        parts and the smallest robustness, NaN where no part has one.
    """
    word = combine({part.name: part.word for part in parts})
    kinds = [part.kind for part in parts if part.kind] if word == UNDECIDED else []
    leans = [lean for part in parts if np.isfinite(lean := part.lean)]
    shares = [share for part in parts if np.isfinite(share := part.robustness)]
    return (
        word,
        min(kinds, key=UNDECIDED_KINDS.index) if kinds else "",
        rounded(np.mean(leans), DIGITS) if leans else np.nan,
        rounded(min(shares), DIGITS) if shares else np.nan,
    )


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict on the evidence of one date.

    Attributes
    ----------
    id, evidence, verdict : str
        Which claim, evidence up to when, and the rule's word.
    estimate, low, high : float
        Of the primary analysis of the first part.
    unit, reason, brief : str
        Unit of the three numbers; why, in one or two sentences with a number; the same in at most `BRIEF` words.
    components : dict
        Word of each part.
    parts : tuple of Part
    primary : str
        Name of the analysis that gives the three numbers.
    kind : str
        Which kind of undecided; empty for any other word.
    lean : float
        Expected share of the parts that hold, by their primary distributions; NaN without one.
    robustness : float
        The smallest of the parts that have more than one analysis; NaN where none has.
    needs : str
        What would decide the undecided parts.
    evidence_to : str
        Month of the newest datum that bears on it.
    could_say : tuple of str
        Words that the rule returned in simulations; empty until the ledger fills it in.
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
    parts: tuple = ()
    primary: str = ""
    kind: str = ""
    lean: float = np.nan
    robustness: float = np.nan
    needs: str = ""
    evidence_to: str = ""
    could_say: tuple = ()
    brief: str = ""

    @classmethod
    def of(cls, id, evidence, parts, *, unit, reason, evidence_to, brief="", shown=None):
        """Return the verdict that the parts of a claim give.

        Parameters
        ----------
        id, evidence, unit, reason, brief
            As in the attributes.
        parts : sequence of Part
        evidence_to : Timestamp
            Date of the newest datum that bears on the claim.
        shown : Analysis, optional
            Gives the three numbers where no part has an analysis.

        Raises
        ------
        ValueError
            For evidence that is no date the book knows, data newer than it, parts of one name, an
            undecided part that does not say what it needs, or a brief reason that is long.
        """
        until, parts = date_of(evidence), tuple(parts)
        components = {part.name: part.word for part in parts}
        if len(components) < len(parts):
            raise ValueError(f"{id}: two parts have one name: {', '.join(part.name for part in parts)}")
        if evidence_to > until:
            raise ValueError(f"{id}: evidence to {evidence_to:%Y-%m-%d} is newer than {until:%Y-%m-%d}")
        if silent := [part.name for part in parts if part.kind and not part.needs]:
            raise ValueError(f"{id}: undecided without saying what it needs: {', '.join(silent)}")
        if sum(any(map(str.isalnum, word)) for word in brief.split()) > BRIEF:
            raise ValueError(f"{id}: a brief reason has at most {BRIEF} words: {brief}")
        first = next((part.primary for part in parts if part.primary), shown)
        numbers = (first.estimate, first.low, first.high) if first else (np.nan, -np.inf, np.inf)
        word, kind, lean, robustness = judged(parts)
        return cls(
            id,
            evidence,
            word,
            *(rounded(number, DIGITS) for number in numbers),
            unit,
            reason,
            components,
            parts,
            first.name if first else "",
            kind,
            lean,
            robustness,
            "; ".join(dict.fromkeys(part.needs for part in parts if part.kind)),
            f"{evidence_to:%Y-%m}",
            brief=brief,
        )


def leaning(verdict):
    """Return which way an undecided claim leans, in words; empty for any other word."""
    if verdict.verdict != UNDECIDED or not np.isfinite(verdict.lean):
        return ""
    if verdict.lean > LEANS_YES:
        return "leans towards the claim"
    return "leans against the claim" if verdict.lean < LEANS_NO else "leans neither way"


def robustness_word(share):
    """Return 'robust', 'fragile' or what lies between, for a share of analyses; empty for NaN."""
    if not np.isfinite(share):
        return ""
    return "robust" if share >= ROBUST else "fragile" if share < FRAGILE else "neither robust nor fragile"


def thresholds(table, centre):
    """How the word of each interval hangs on the width of the region.

    Parameters
    ----------
    table : DataFrame
        ``low``, ``high`` (powers of ten), one row a named fit.
    centre : float
        The claimed power of ten; the region is ``centre ± w``.

    Returns
    -------
    DataFrame
        The rows of `table`, with ``fails_below``: does not hold for w smaller than this;
        ``holds_from``: holds for w at least this (``inf``: never).
    """
    rows = table[["low", "high"]].copy()
    below, above = centre - rows["low"], rows["high"] - centre
    rows["fails_below"] = np.maximum(0, np.maximum(-below, -above))
    rows["holds_from"] = np.maximum(0, np.maximum(below, above))
    return rows.rename_axis("fit").reset_index()
