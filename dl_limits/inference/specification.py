"""The specification curve: one question, every reasonable way to answer it.

A reader should not have to trust one analyst's choices. Each `Specification`
is one complete set of choices; `SpecificationCurve` fits all of them, sorts the
answers, says which choice moves the answer most, and tests them jointly by
resampling (Simonsohn, Simmons & Nelson 2020, steps 1 to 3).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dl_limits.laws import linear, resampling
from dl_limits.laws.checks import choice, codes
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.laws.powerlaw_results import PowerLawResults
from dl_limits.laws.resampling import p_value, percentile_interval, tied_or_beyond

LN10 = np.log(10)


@dataclass(frozen=True)
class Specification:
    """One way to answer the question.

    Attributes
    ----------
    choices : dict of str
        Name of each choice and what was chosen.
    law : PowerLaw
        The model with its data; its groups are the units of resampling.
    y_from, y_to : float
        The two levels between which the multiplier is asked for.
    largest : float
        Largest resource used so far, in the unit of the law's exog.
    fit : dict
        Arguments of ``law.fit``.
    """

    choices: dict
    law: PowerLaw
    y_from: float
    y_to: float
    largest: float
    fit: dict = field(default_factory=dict)


class SpecificationCurve:
    """All specifications, fitted.

    Parameters
    ----------
    specifications : list of Specification
        At least two, with the same names of choices.
    results : list of PowerLawResults, optional
        Their fits, where they exist already.

    Raises
    ------
    ValueError
        If there are fewer than two, their choices have different names, or two made the same choices.
    """

    ESTIMANDS = ("multiplier", "required", "relative")

    def __init__(
        self, specifications: Sequence[Specification], results: Sequence[PowerLawResults] | None = None
    ) -> None:
        specifications = list(specifications)
        if len(specifications) < 2 or len({frozenset(s.choices) for s in specifications}) != 1:
            raise ValueError("specifications: need at least two, all with the same choices")
        self.specifications, self.choice_names = specifications, list(specifications[0].choices)
        made = pd.Series([tuple(s.choices[name] for name in self.choice_names) for s in specifications])
        if made.duplicated().any():
            raise ValueError(f"specifications: {made[made.duplicated()].iloc[0]} was chosen twice")
        if results is not None and len(results) != len(specifications):
            raise ValueError(f"results has {len(results)} fits for {len(specifications)} specifications")
        self.results = results or [s.law.fit(**s.fit) for s in specifications]

    def __len__(self) -> int:
        """Return the number of specifications."""
        return len(self.specifications)

    def where(self, **choices: object) -> SpecificationCurve:
        """Return the part of the curve in which the named choices were made.

        Raises
        ------
        ValueError
            If fewer than two specifications are left, or a choice has no such name.
        """
        for name in choices:
            choice(name, self.choice_names, "choice")
        pairs = [
            (s, r)
            for s, r in zip(self.specifications, self.results, strict=True)
            if all(s.choices[name] == value for name, value in choices.items())
        ]
        return SpecificationCurve([s for s, _ in pairs], [r for _, r in pairs])

    def without(self, name: str, values: Sequence[object]) -> SpecificationCurve:
        """Return the part of the curve in which none of `values` was chosen for `name`."""
        kept = [i for i, s in enumerate(self.specifications) if s.choices[name] not in values]
        return SpecificationCurve([self.specifications[i] for i in kept], [self.results[i] for i in kept])

    def estimates(self, estimand: str = "multiplier", alpha: float = 0.05) -> pd.DataFrame:
        """Return every answer as a power of ten, sorted.

        Parameters
        ----------
        estimand : {'multiplier', 'required', 'relative'}
            The ratio of x between ``y_from`` and ``y_to``; the x at which the law
            reaches ``y_to``; that x over the largest used so far.
        alpha : float
            One minus the confidence level of each interval.

        Returns
        -------
        DataFrame
            One row a specification: its choices, ``estimate``, ``low``, ``high``
            (log10; ``inf`` where the law never gets there).
        """
        if estimand not in self.ESTIMANDS:
            raise ValueError(f"estimand must be one of {', '.join(self.ESTIMANDS)}, not {estimand!r}")
        rows = []
        for spec, fit in zip(self.specifications, self.results, strict=True):
            if estimand == "multiplier":
                answer = fit.multiplier(spec.y_from, spec.y_to, alpha)
            else:
                answer = fit.required(spec.y_to, alpha, n_boot=500)
            shift = np.log10(spec.largest) if estimand == "relative" else 0.0
            ends = np.array(answer.log10()) - shift
            rows.append({**spec.choices, "estimate": ends[0], "low": ends[1], "high": ends[2]})
        return pd.DataFrame(rows).sort_values("estimate", kind="stable").rename_axis("specification")

    def leverage_of_choices(self, estimand: str = "multiplier") -> pd.Series:
        """How far each choice alone moves the answer, in powers of ten.

        Specifications that agree in every other choice are compared; the figure is
        the median over such sets of their range (infinite where some of a set get
        to the target and some do not, zero where none does). Choices that only
        change the interval move nothing.

        Returns
        -------
        Series, indexed by choice, largest first
        """
        table = self.estimates(estimand)
        moved = {}
        for name in self.choice_names:
            others = [c for c in self.choice_names if c != name]
            sets = table.groupby(others)["estimate"]
            ranges = [s.max() - s.min() if s.min() < np.inf else 0.0 for _, s in sets if len(s) > 1]
            moved[name] = np.median(ranges) if ranges else 0.0
        return pd.Series(moved, name="powers_of_ten").sort_values(ascending=False)

    def resample(self, null: float, n_boot: int = 500, seed: int = 0) -> JointInference:
        """Refit every specification on resampled groups, as observed and under a null.

        Specifications that differ in their standard errors only are one fit and
        count once.

        Parameters
        ----------
        null : float
            Multiplier (as a power of ten) imposed on every specification.
        n_boot : int
            Number of resamples of the groups, common to all specifications.
        seed : int
            Seed of the resampling.

        Returns
        -------
        JointInference

        Raises
        ------
        ValueError
            For a reverse or symmetric specification: unless every point lies on
            the line, its slope differs from the direct one in truth, so no state
            of the world gives all of them the same multiplier. And for a law
            without groups: they say what is resampled together.
        """
        if indirect := {r.method for r in self.results} - set(linear.DIRECT):
            raise ValueError(f"no common null for {', '.join(sorted(indirect))}: use direct estimators only")
        laws = list({id(s.law): s.law for s in self.specifications}.values())
        if any(law.groups is None for law in laws):
            raise ValueError("every law needs groups: they say which points are resampled together")
        units = codes(np.concatenate([law.groups for law in laws]))
        own = dict(zip(map(id, laws), np.split(units, np.cumsum([len(law.groups) for law in laws])[:-1]), strict=True))
        draws = resampling.resample(units.max() + 1, n_boot, seed)
        centre, observed, imposed = {}, {}, {}
        for spec, fit in zip(self.specifications, self.results, strict=True):
            law, point = spec.law, fit.line.slope
            key = (id(law), fit.method, spec.fit.get("q"), spec.y_from, spec.y_to)
            if key in centre:
                continue
            dz = float(law.axis(spec.y_to) - law.axis(spec.y_from))
            slopes = fit.refit(draws[:, own[id(law)]])[:, 1]
            # These estimators move with the data: tilting them to the null shifts every refit alike.
            shifted = slopes - point + dz / (null * LN10)
            centre[key] = _log10_ratio(dz, np.array([point]))[0]
            observed[key], imposed[key] = _log10_ratio(dz, slopes), _log10_ratio(dz, shifted)
        curves = [np.array(list(d.values())).T for d in (centre, observed, imposed)]
        return JointInference(null, *curves)


@dataclass(frozen=True)
class JointInference:
    """Resampled curves.

    Attributes
    ----------
    null : float
        The imposed multiplier, a power of ten.
    centre : ndarray, shape (k,)
        The k answers from the data (log10).
    observed, imposed : ndarray, shape (n_boot, k)
        Answers of the resamples, and of the same with the null imposed (log10);
        NaN where a resample holds too few different points to fit.
    """

    null: float
    centre: np.ndarray
    observed: np.ndarray
    imposed: np.ndarray

    def median_interval(self, alpha=0.05):
        """Median of the curve and its percentile interval, ``(median, low, high)``."""
        low, high = percentile_interval(np.nanmedian(self.observed, axis=1), alpha)
        return float(np.median(self.centre)), float(low), float(high)

    def p_median(self):
        """P(a curve's median as far from the null | the null holds in every specification)."""
        with warnings.catch_warnings():  # a resample that determines nothing has no median: NaN, which counts as far
            warnings.simplefilter("ignore", RuntimeWarning)
            distance = np.abs(np.nanmedian(self.imposed, axis=1) - self.null)
        return p_value(tied_or_beyond(distance, abs(np.median(self.centre) - self.null)))

    def p_outside(self, low, high):
        """P(as many answers outside ``[low, high]`` | the null), and the observed share."""
        seen = np.mean((self.centre < low) | (self.centre > high))
        outside = ((self.imposed < low) | (self.imposed > high)).astype(float)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            shares = np.nanmean(np.where(np.isnan(self.imposed), np.nan, outside), axis=1)
        return p_value(tied_or_beyond(shares, seen)), float(seen)


def shares(table, low, high):
    """How a curve's intervals lie to a region: shares inside, overlapping, excluding.

    Parameters
    ----------
    table : DataFrame
        From `SpecificationCurve.estimates`.
    low, high : float
        The region, in powers of ten.

    Returns
    -------
    Series
        ``inside``, ``overlapping``, ``excluding``; they add up to one.
    """
    inside = ((table["low"] >= low) & (table["high"] <= high)).mean()
    excluding = ((table["high"] < low) | (table["low"] > high)).mean()
    return pd.Series({"inside": inside, "overlapping": 1 - inside - excluding, "excluding": excluding})


def _log10_ratio(dz, slopes):
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(slopes < 0, dz / slopes / LN10, np.inf)
    return np.where(np.isnan(slopes), np.nan, ratio)
