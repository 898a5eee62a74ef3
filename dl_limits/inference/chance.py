"""Accuracies against chance: exact tests, intervals, equivalence, multiplicity, power.

An accuracy printed as 36.8 % of 1000 examples stands for a count of right answers; printed
with fewer digits it stands for several. Every test here takes the count that is least
favourable to what it shows, every interval covers all of them.

A score also moves with the wording of the prompt and with the worked examples in it. That
noise is a standard deviation of the true accuracy around its mean over prompts: counts are
then beta-binomial instead of binomial, and ``noise_sd=0`` gives back the textbook tests.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import betabinom, binom, chi2, false_discovery_control, norm
from statsmodels.stats.proportion import proportion_confint

from dl_limits.laws.checks import check_alpha, choice, numbers, paired, single, whole
from dl_limits.laws.checks import labels as checked_labels

INTERVALS = {"exact": "beta", "wilson": "wilson"}
CORRECTIONS = ("holm", "fdr_bh")
BORDER = 1e-4  # of an answer: nearer to half an answer than this is half an answer


def possible_counts(accuracy_pct, n, decimals=1):
    """Return the counts of right answers that a printed percentage stands for.

    Parameters
    ----------
    accuracy_pct : array_like, shape (k,)
        As printed, in per cent.
    n : array_like, shape (k,)
        Examples.
    decimals : array_like of int
        Digits printed after the point; -1 for whole tens of per cent, as a share of one digit is.

    Returns
    -------
    tuple of ndarray, shape (k,)
        Smallest and largest count. Both ways of rounding a half are allowed for.

    Raises
    ------
    ValueError
        For a percentage outside 0 to 100, and for one that no count gives: it is then
        a mean of several runs, or belongs to another number of examples. For n and decimals
        that are no whole numbers, and for rows that do not belong together.
    """
    accuracy, n, decimals = _scores(accuracy_pct, n, decimals)
    half = 0.5 * 10.0**-decimals
    low = np.ceil((accuracy - half) * n / 100 - BORDER).astype(int)
    high = np.floor((accuracy + half) * n / 100 + BORDER).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, n)
    if (low > high).any():
        k = np.flatnonzero(low > high)[0]
        raise ValueError(f"position {k}: no count of {n[k]:d} examples gives {accuracy[k]:g} %")
    return low, high


def _scores(accuracy_pct, n, decimals):
    """Percentages, examples and digits as arrays of one length."""
    accuracy = numbers(accuracy_pct, "accuracy_pct")
    bad = np.flatnonzero((accuracy < 0) | (accuracy > 100))
    if len(bad):
        raise ValueError(f"accuracy_pct must lie between 0 and 100; position {bad[0]} holds {accuracy[bad[0]]:g}")
    paired(accuracy_pct=accuracy_pct, n=n, decimals=decimals)
    columns = (accuracy, whole(n, "n", 1), whole(decimals, "decimals", -2))
    return tuple(np.broadcast_to(column, accuracy.shape) for column in columns)


def distribution(n, p, noise_sd=0.0):
    """Return the distribution of the number of right answers (frozen, from scipy.stats).

    Parameters
    ----------
    n : int or ndarray
        Examples.
    p : float or ndarray
        Accuracy, averaged over prompts, as a share.
    noise_sd : float
        Standard deviation of the accuracy over prompts, in percentage points.

    Raises
    ------
    ValueError
        For noise that no distribution on 0 to 1 with this mean can have.
    """
    if not ((np.asarray(p) >= 0) & (np.asarray(p) <= 1)).all():
        raise ValueError(f"an accuracy of {100 * np.max(p):.4g} % lies outside 0 to 100 %")
    if noise_sd == 0:
        return binom(n, p)
    return betabinom(n, *_beta(p, noise_sd))


def _beta(p, noise_sd):
    """Return the two parameters of the beta distribution with mean `p` and this standard deviation."""
    size = p * (1 - np.asarray(p)) / (noise_sd / 100) ** 2 - 1
    if not (np.asarray(size) > 0).all() or not noise_sd > 0:
        raise ValueError(f"noise_sd: no accuracy of {100 * np.min(p):.3g} % can scatter by {noise_sd:g} points")
    return p * size, (1 - p) * size


def _probabilities(n, p, noise_sd):
    """Return the probabilities of 0 to n right answers, shape (n + 1,)."""
    return distribution(n, p, noise_sd).pmf(np.arange(n + 1))


class ChanceTest:
    """Accuracies to be compared with a chance level.

    Parameters
    ----------
    accuracy_pct, n, decimals : array_like, shape (k,)
        Printed percentages, examples, digits printed after the point.
    chance : float
        Share of right answers of a guesser.
    labels : sequence, optional
        Names of the accuracies.

    Raises
    ------
    ValueError
        As `possible_counts`, and for a chance outside 0 to 1 or as many labels as there are no accuracies.
    """

    def __init__(
        self,
        accuracy_pct: ArrayLike,
        n: ArrayLike,
        chance: float = 1 / 3,
        *,
        decimals: ArrayLike = 1,
        labels: Iterable[Hashable] | None = None,
    ) -> None:
        if not 0 < single(chance, "chance") < 1:
            raise ValueError(f"chance must lie between 0 and 1, not {chance!r}")
        self.count_low, self.count_high = possible_counts(accuracy_pct, n, decimals)
        self.accuracy_pct, self.n, _ = _scores(accuracy_pct, n, decimals)
        self.chance = float(chance)
        self.labels = pd.Index(range(len(self.n)) if labels is None else labels)
        if len(self.labels) != len(self.n):
            raise ValueError(f"labels has {len(self.labels)} rows, accuracy_pct has {len(self.n)}")

    def fit(self, noise_sd: float = 0.0) -> ChanceResults:
        """Return the `ChanceResults` at a standard deviation over prompts (percentage points)."""
        return ChanceResults(self, single(noise_sd, "noise_sd"))


class ChanceResults:
    """Tests and intervals for the accuracies of a `ChanceTest`, shape (k,) throughout.

    Attributes
    ----------
    model : ChanceTest
    noise_sd : float
        Prompt noise allowed for, in percentage points.
    excess : Series
        Accuracy over chance, in percentage points.
    """

    def __init__(self, model: ChanceTest, noise_sd: float) -> None:
        self.model, self.noise_sd = model, noise_sd
        distribution(model.n, model.chance, noise_sd)  # refuses impossible noise now, not later
        self.excess = self._series(model.accuracy_pct - 100 * model.chance)

    def _series(self, values):
        return pd.Series(values, self.model.labels)

    @property
    def z(self) -> pd.Series:
        """Excess in units of its standard error at chance (with the prompt noise)."""
        spread = distribution(self.model.n, self.model.chance, self.noise_sd).std() / self.model.n
        return self.excess / (100 * spread)

    def p_above(self, points: float = 0.0) -> pd.Series:
        """Return exact one-sided p-values of "the accuracy is at most chance + `points`"; 0 where none is so low."""
        share = _share(self.model.chance, points)
        if not 0 <= share < 1:  # beyond the scale: no accuracy is, or every one
            return self._series(np.full(len(self.model.n), float(share > 0)))
        return self._series(distribution(self.model.n, share, self.noise_sd).sf(self.model.count_low - 1))

    def p_below(self, points: float = 0.0) -> pd.Series:
        """Return exact one-sided p-values of "the accuracy is at least chance + `points`"; 0 where none is so high."""
        share = _share(self.model.chance, points)
        if not 0 < share <= 1:
            return self._series(np.full(len(self.model.n), float(share <= 0)))
        return self._series(distribution(self.model.n, share, self.noise_sd).cdf(self.model.count_high))

    def equivalence(self, margin: float) -> pd.Series:
        """Return p-values of two one-sided tests (Schuirmann 1987) of "further from chance than `margin` points"."""
        if not single(margin, "margin") >= 0:
            raise ValueError(f"margin must not be negative, got {margin!r}")
        return np.maximum(self.p_below(margin), self.p_above(-margin))

    def adjusted(self, p_values: pd.Series, method: Literal["holm", "fdr_bh"] = "holm") -> pd.Series:
        """Return p-values corrected for the number of tests.

        Parameters
        ----------
        p_values : Series
            From one of the tests above: the family.
        method : {'holm', 'fdr_bh'}
            Family-wise error (Holm 1979), or false discoveries (Benjamini and Hochberg, by scipy). Holm's
            steps stand here because statsmodels' ``multipletests``, which gives the same numbers, collects
            garbage on every call: a quarter of a second each in a notebook.
        """
        choice(method, CORRECTIONS, "method")
        p_values = pd.Series(p_values)
        p = numbers(p_values, "p_values")
        if ((p < 0) | (p > 1)).any():
            raise ValueError("p_values must lie between 0 and 1")
        if method == "fdr_bh":
            return pd.Series(false_discovery_control(p), p_values.index)
        order = np.argsort(p, kind="stable")  # by position: labels may occur twice
        adjusted = np.empty(len(p))
        adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
        return pd.Series(adjusted, p_values.index)

    def conf_int(self, alpha: float = 0.1, method: Literal["exact", "wilson"] = "exact") -> pd.DataFrame:
        """Return intervals of the excess in percentage points; each end is one-sided at `alpha`/2.

        Parameters
        ----------
        alpha : float
            One minus the level; 0.1 makes each end a one-sided bound of 95 %, which is
            the interval that belongs to two one-sided tests at 5 %.
        method : {'exact', 'wilson'}
            Inverted exact tests (Clopper and Pearson 1934 without noise), or Wilson's
            score interval, which knows no prompt noise.

        Returns
        -------
        DataFrame, columns ``lower``, ``upper``
        """
        check_alpha(alpha)
        choice(method, INTERVALS, "method")
        model = self.model
        if self.noise_sd == 0:
            low = proportion_confint(model.count_low, model.n, alpha, INTERVALS[method])[0]
            high = proportion_confint(model.count_high, model.n, alpha, INTERVALS[method])[1]
        elif method == "exact":
            low = [self._bound(x, n, alpha / 2, "lower") for x, n in zip(model.count_low, model.n, strict=True)]
            high = [self._bound(x, n, alpha / 2, "upper") for x, n in zip(model.count_high, model.n, strict=True)]
        else:
            raise ValueError("method 'wilson' knows no prompt noise; use 'exact'")
        ends = 100 * (np.column_stack([low, high]) - model.chance)
        return pd.DataFrame(ends, model.labels, ["lower", "upper"])

    def _bound(self, count, n, tail, side):
        """Return the accuracy at which a count as extreme as this one has probability `tail`."""
        variance, upper = (self.noise_sd / 100) ** 2, side == "upper"
        edge = (1 - np.sqrt(1 - 4 * variance)) / 2 * 1.001 + 1e-9  # noise leaves no room nearer 0 or 1

        def gap(p):
            below = count if upper else count - 1
            share = betabinom.cdf(below, n, *_beta(p, self.noise_sd)) if variance else binom.cdf(below, n, p)
            return (share if upper else 1 - share) - tail

        ends = gap(edge), gap(1 - edge)
        if np.sign(ends[0]) == np.sign(ends[1]):
            return 1.0 if upper else 0.0
        return brentq(gap, edge, 1 - edge, xtol=1e-10)

    def pooled(self, groups: ArrayLike) -> pd.DataFrame:
        """Return one estimate a group, its accuracies stratified by example.

        Only for accuracies on different examples. The prompt noise is taken as shared
        within a group: pooling more examples does not average it away.

        Parameters
        ----------
        groups : array_like, shape (k,)
            Labels of the groups.

        Returns
        -------
        DataFrame, indexed by group
            ``excess``, ``lower``, ``upper`` (each end one-sided at 5 %), ``by_test`` (every
            test set counted alike) in percentage points; ``n``; ``p_alike``, the p-value
            of "all of the group have the same accuracy" (chi-square).
        """
        model, rows = self.model, {}
        groups = checked_labels(groups, least=1)
        if len(groups) != len(model.n):
            raise ValueError(f"groups has {len(groups)} rows, accuracy_pct has {len(model.n)}")
        for name, k in pd.Series(range(len(model.n))).groupby(groups):
            n = int(model.n[k].sum())
            counts = [int(c[k].sum()) for c in (model.count_low, model.count_high)]
            middle = (model.count_low[k] + model.count_high[k]) / 2
            low = self._bound(counts[0], n, 0.05, "lower")
            high = self._bound(counts[1], n, 0.05, "upper")
            share = middle.sum() / n
            room = share * (1 - share)  # none where all answers are right or all wrong: they are alike
            spread = np.sum((middle - model.n[k] * share) ** 2 / (model.n[k] * room)) if room else 0.0
            row = [share, low, high, (middle / model.n[k]).mean()]
            rows[name] = [100 * (v - model.chance) for v in row] + [n, chi2.sf(spread, len(k) - 1) if len(k) > 1 else 1]
        return pd.DataFrame(rows, ["excess", "lower", "upper", "by_test", "n", "p_alike"]).T

    def dispersion(self) -> dict[str, float]:
        """Return how much the accuracies scatter about chance, against independent guessing.

        Returns
        -------
        dict
            ``ratio``: mean squared z, 1 for independent guesses; ``p_less``, ``p_more``: chi-square
            p-values of that much agreement, that much scatter.
        """
        squares = float(np.sum(self.z**2))
        k = len(self.model.n)
        return {"ratio": squares / k, "p_less": chi2.cdf(squares, k), "p_more": chi2.sf(squares, k)}


def power(
    n: int,
    margin: float | None = None,
    chance: float = 1 / 3,
    truth: float = 0.0,
    *,
    alpha: float = 0.05,
    noise_sd: float = 0.0,
    sides: Literal[1, 2] = 1,
) -> float:
    """Return the exact power of a test against chance or against a margin.

    Parameters
    ----------
    n : int
        Examples.
    margin : float or None
        None: power to show an accuracy above chance. A number: power to show that it is
        less than this many points above chance (`sides` 1) or within it (`sides` 2).
    chance, truth : float
        Chance level as a share; true excess in percentage points.
    alpha : float
        Level of each one-sided test.
    noise_sd : float
        Prompt noise in percentage points.
    sides : {1, 2}
    """
    check_alpha(alpha)
    choice(sides, (1, 2), "sides")
    n = _examples(n)
    if not 0 <= chance + truth / 100 <= 1:
        raise ValueError(f"chance plus truth must lie between 0 and 100 %, not {100 * chance + truth:g}")
    # cumulated from either end: the probability of as few, or of as many, right answers
    if margin is None:
        rejects = _probabilities(n, chance, noise_sd)[::-1].cumsum()[::-1] <= alpha
    else:
        high, low = _share(chance, margin), _share(chance, -margin)
        rejects = np.ones(n + 1, bool)  # no accuracy lies beyond the scale: nothing is to be shown there
        if high <= 1:
            rejects &= _probabilities(n, high, noise_sd).cumsum() <= alpha
        if sides == 2 and low >= 0:
            rejects &= _probabilities(n, low, noise_sd)[::-1].cumsum()[::-1] <= alpha
    return float(_probabilities(n, chance + truth / 100, noise_sd)[rejects].sum())


def detectable(n, chance=1 / 3, *, target=0.8, alpha=0.05, noise_sd=0.0):
    """Return the smallest true excess over chance, in points, that a one-sided test finds with power `target`.

    Raises
    ------
    ValueError
        For a target that chance alone reaches, or that no excess of up to 5 points below 100 % does.
    """
    check_alpha(alpha)
    highest = 100 * (1 - chance) - 5

    def gap(excess):
        return power(n, None, chance, excess, alpha=alpha, noise_sd=noise_sd) - target

    if not (highest > 0 and gap(0) < 0 <= gap(highest)):
        raise ValueError(f"target {target:g}: no excess of 0 to {highest:g} points has this power with {n} examples")
    return brentq(gap, 0, highest, xtol=1e-4)


def _share(chance, points):
    """Chance and points as a share; the ends of the scale are met in spite of rounding."""
    share = chance + single(points, "points") / 100
    return next((end for end in (0.0, 1.0) if abs(share - end) < 1e-12), share)


def _examples(n):
    """One number of examples."""
    return int(whole(single(n, "n"), "n", 1)[0])


def difference(
    first: tuple[float, int, int],
    second: tuple[float, int, int],
    *,
    alpha: float = 0.1,
    noise_sd: tuple[float, float] = (0.0, 0.0),
) -> tuple[float, float, float]:
    """Return the difference of two accuracies with its interval, in percentage points.

    Parameters
    ----------
    first, second : tuple of (float, int, int)
        Printed percentage, examples, digits printed after the point.
    alpha : float
        One minus the level; each end is one-sided at `alpha`/2.
    noise_sd : tuple of float
        Noise over prompts or training runs of each, in percentage points.

    Returns
    -------
    tuple of float
        Difference, lower end, upper end. Newcombe's (1998) interval, built from two
        Wilson intervals, widened by rounding and noise. Scored on the same examples, two
        models agree more than independent ones: the interval is then too wide, not too narrow.
    """
    check_alpha(alpha)
    if not (np.asarray(noise_sd, float) >= 0).all():
        raise ValueError(f"noise_sd must not be negative, got {noise_sd!r}")
    shares, ends = [], []
    for accuracy, n, decimals in (first, second):
        low, high = (int(c[0]) for c in possible_counts(accuracy, n, decimals))
        shares.append(accuracy)
        low, high = proportion_confint(low, n, alpha, "wilson")[0], proportion_confint(high, n, alpha, "wilson")[1]
        ends.append((100 * low, 100 * high))
    noise = norm.isf(alpha / 2) * np.hypot(*noise_sd)
    down = np.sqrt((shares[0] - ends[0][0]) ** 2 + (ends[1][1] - shares[1]) ** 2 + noise**2)
    up = np.sqrt((ends[0][1] - shares[0]) ** 2 + (shares[1] - ends[1][0]) ** 2 + noise**2)
    gap = shares[0] - shares[1]
    return float(gap), float(gap - down), float(gap + up)
