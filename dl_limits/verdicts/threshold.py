"""A claim's threshold as the reader's choice: the same parts and analyses, judged with the region moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from dl_limits.verdicts.rule import judged

_ENDS = ("low", "high", "wrong_below", "wrong_above")


@dataclass(frozen=True)
class Threshold:
    """What a word of a claim may be taken to mean, and how the regions of its parts follow.

    The analyses stay as they are: to judge a claim at another threshold costs no fit.

    Attributes
    ----------
    meaning : str
        The word and what it means, with ``{}`` for the value in words.
    own : callable
        ``own(parts)``: the value that the rule itself uses, as ``float``, in the unit of the estimand.
    region : callable
        ``region(part, value, own)``: the `Region` of a part at a value, whose ends are linear in it; None for a part
        that does not hang on it. Never asked for a part that has no region.
    grid : tuple of float
        Values to choose from, rising; the rule's own is always one more.
    form : callable
        ``form(value)``: the value in words, with its unit.
    """

    meaning: str
    own: Callable
    region: Callable
    grid: tuple
    form: Callable

    def moved(self, parts, value):
        """Return the parts as the rule has them at another value.

        Parameters
        ----------
        parts : sequence of Part
        value : float

        Returns
        -------
        tuple of Part
            At the rule's own value: the same.

        Raises
        ------
        ValueError
            For a value outside those to choose from.
        """
        own = self.own(parts)
        low, high = self.steps(parts)[[0, -1]]
        if not low <= value <= high:
            raise ValueError(f"threshold: must lie between {low:g} and {high:g}, got {value!r}")
        if value == own:
            return tuple(parts)
        regions = [part.region and self.region(part, value, own) for part in parts]
        return tuple(replace(part, region=region or part.region) for part, region in zip(parts, regions, strict=True))

    def steps(self, parts):
        """Return the values to choose from, the rule's own among them.

        Returns
        -------
        ndarray, shape (n,), rising
        """
        return np.unique([*self.grid, self.own(parts)])

    def segments(self, parts):
        """Return between which values a claim has the same word and is undecided in the same way.

        Exact: a word can only change where an end of a region meets an end of an analysis' interval. Each stretch
        between two such values is judged once, in its middle.

        Parameters
        ----------
        parts : sequence of Part

        Returns
        -------
        list of tuple
            ``(from, to, word, kind)`` in rising order, from the first value to choose to the last; what is said
            at a border itself is that of one of its sides.
        """
        steps = self.steps(parts)
        borders, found = np.unique([steps[0], *self._meetings(parts), steps[-1]]), []
        for start, end in pairwise(borders):
            said = judged(self.moved(parts, (start + end) / 2))[:2]
            if found and found[-1][2:] == said:
                start = found.pop()[0]
            found.append((float(start), float(end), *said))
        return found

    def _meetings(self, parts):
        """Return the values inside the grid at which an end of a region meets an end of an interval."""
        own, (first, last) = self.own(parts), self.steps(parts)[[0, -1]]
        found = []
        for part in parts:
            at = [part.region and self.region(part, value, own) for value in (first, last)]
            ends = [end for each in (part.primary, *part.others) if each for end in (each.low, each.high)]
            for name in _ENDS if all(at) else ():
                start, stop = (getattr(region, name) for region in at)
                if np.isfinite(start) and start != stop:
                    found += [first + (end - start) * (last - first) / (stop - start) for end in ends]
        return [value for value in found if first < value < last]
