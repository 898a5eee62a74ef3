"""Does accuracy rise above chance with computing? Two forms of the trend, and what they predict.

*line*: the percentage is a straight line in log10 of compute. It always has a slope with an
interval, in points per tenfold of compute, but it may run below chance or above 100 %.

*floor*: the accuracy is chance + (ceiling − chance) · logistic(level + slope · log10 compute), a
binomial generalised linear model with a link of its own. It keeps to its bounds; where the
scores lie at chance its slope is not determined, and the profile likelihood says so by an
interval without end.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit, xlog1py, xlogy
from scipy.stats import chi2, t

from dl_limits.inference.chance import possible_counts
from dl_limits.laws.checks import SAME, check_alpha, choice, distinct, numbers, paired, positive, whole
from dl_limits.laws.estimate import Estimate

_STEEPEST = 20.0  # log-odds per tenfold of compute: a step between two neighbouring sizes
LEVELS = np.linspace(-12, 8, 41)
_SLOPES = _STEEPEST * np.linspace(0, 1, 41) ** 2
GOLDEN = (np.sqrt(5) - 1) / 2
CLIP = 25.0  # beyond this logistic(x) is 0 or 1 in double precision


class FloorLogit(sm.families.links.Logit):
    """Link of a binomial GLM whose mean lies between a chance level and a ceiling.

    Parameters
    ----------
    chance, ceiling : float
        Bounds of the mean, as shares.

    Raises
    ------
    ValueError
        For bounds out of order, or outside zero to one.
    """

    def __init__(self, chance, ceiling=1.0):
        if not 0 <= chance < ceiling <= 1:
            raise ValueError(f"chance and ceiling must be 0 <= chance < ceiling <= 1, not {chance!r} and {ceiling!r}")
        self.chance, self.ceiling = chance, ceiling

    def __call__(self, p):
        """Return the linear predictor of a mean."""
        return np.log((p - self.chance) / (self.ceiling - p))

    def inverse(self, z):
        """Return the mean of a linear predictor."""
        return self.chance + (self.ceiling - self.chance) * expit(np.clip(z, -CLIP, CLIP))

    def deriv(self, p):
        """Return the derivative of the link."""
        return (self.ceiling - self.chance) / ((p - self.chance) * (self.ceiling - p))

    def inverse_deriv(self, z):
        """Return the derivative of the mean."""
        share = expit(np.clip(z, -CLIP, CLIP))
        return (self.ceiling - self.chance) * share * (1 - share)

    def deriv2(self, p):
        """Return the second derivative of the link."""
        spread = (p - self.chance) * (self.ceiling - p)
        return (self.ceiling - self.chance) * (2 * p - self.chance - self.ceiling) / spread**2


class ChanceTrend:
    """Accuracies of one family of models against their training compute.

    Parameters
    ----------
    accuracy_pct, n, decimals : array_like, shape (k,)
        Printed percentages, examples, digits printed after the point.
    training_flop : array_like, shape (k,)
        Compute, at least three different values.
    chance, ceiling : float
        Bounds of the accuracy, as shares; only the form 'floor' uses them.
    """

    def __init__(
        self,
        accuracy_pct: ArrayLike,
        n: ArrayLike,
        training_flop: ArrayLike,
        chance: float = 1 / 3,
        ceiling: float = 1.0,
        *,
        decimals: ArrayLike = 1,
    ) -> None:
        low, high = possible_counts(accuracy_pct, n, decimals)
        self.accuracy_pct = numbers(accuracy_pct, "accuracy_pct")
        self.n = np.broadcast_to(whole(n, "n").astype(float), self.accuracy_pct.shape)
        self.counts = (low + high) / 2
        training = positive(training_flop, "training_flop")
        self.x = np.log10(training)
        if self.x.shape != self.accuracy_pct.shape or distinct(training) < 3:
            raise ValueError("training_flop: one value an accuracy, at least three of them different")
        paired(accuracy_pct=accuracy_pct, training_flop=training_flop, n=n)
        if not 0 <= chance < ceiling <= 1:
            raise ValueError(f"0 <= chance < ceiling <= 1 is required, not {chance!r} and {ceiling!r}")
        self.chance, self.ceiling = chance, ceiling

    def fit(self, form: Literal["line", "floor"] = "line") -> LineResults | ChanceCurveResults:
        """Return the results of one form: 'line' or 'floor'."""
        choice(form, TREND_FORMS, "form")
        return TREND_FORMS[form](self)


class LineResults:
    """A straight line through percentages, by least squares.

    Attributes
    ----------
    params, bse : Series
        ``level`` (percentage at the mean log compute) and ``slope`` (points per tenfold).
    scale : float
        Residual variance, in squared points.
    """

    def __init__(self, model):
        self.model, self.centre = model, model.x.mean()
        self._ols = sm.OLS(model.accuracy_pct, self._design(model.x)).fit()
        self.params = pd.Series(self._ols.params, ["level", "slope"])
        self.bse = pd.Series(self._ols.bse, ["level", "slope"])
        self.scale, self.df = float(self._ols.scale), int(self._ols.df_resid)

    def _design(self, x):
        return np.column_stack([np.ones_like(x), x - self.centre])

    def conf_int(self, alpha=0.05):
        """Return t-intervals, columns ``lower``, ``upper``; unbounded where the percentages leave no scatter at all."""
        check_alpha(alpha)
        if self.scale <= (SAME * 100) ** 2:  # what does not scatter cannot show how far it might
            return pd.DataFrame([[-np.inf, np.inf]] * 2, self.params.index, ["lower", "upper"])
        return pd.DataFrame(self._ols.conf_int(alpha), self.params.index, ["lower", "upper"])

    def slope(self, alpha=0.05):
        """Return the points gained per tenfold of compute, an `Estimate`."""
        low, high = self.conf_int(alpha).loc["slope"]
        return Estimate(self.params["slope"], low, high, "least squares, t", alpha)

    def predict(self, training_flop):
        """Return expected percentages."""
        return self._ols.predict(self._design(np.log10(positive(training_flop, "training_flop"))))

    def predict_interval(self, training_flop, n, level=0.95, noise_sd=0.0):
        """Return the interval of the printed percentage of one new model.

        Parameters
        ----------
        training_flop : float
            Its compute.
        n : int
            Examples it is scored on.
        level : float
            Level of the interval.
        noise_sd : float
            Prompt noise in points, added on top.

        Returns
        -------
        tuple of float
            Lower and upper end in per cent. The scatter of a new score is the larger of what the
            residuals show and what sampling `n` examples gives: scores of models that lean on one
            answer scatter less than that, and a new model need not.
        """
        mean = self._ols.get_prediction(self._design(np.log10(positive(training_flop, "training_flop"))))
        share = np.clip(mean.predicted_mean[0] / 100, 0.01, 0.99)
        spread = max(self.scale, 1e4 * share * (1 - share) / n) + noise_sd**2
        half = t.isf((1 - level) / 2, self.df) * np.sqrt(mean.se_mean[0] ** 2 + spread)
        return float(mean.predicted_mean[0] - half), float(mean.predicted_mean[0] + half)


class ChanceCurveResults:
    """A logistic curve between chance and ceiling that does not fall, by maximum likelihood.

    The likelihood is profiled: one parameter on a grid, the other maximised at each value. That
    cannot fail where scores lie at chance; if the optimum is inside, statsmodels' GLM polishes it.

    Attributes
    ----------
    identified : bool
        Whether the 95 % interval of the slope has an upper end and excludes zero.
    params : Series
        ``level`` (log-odds between the bounds at the largest compute) and ``slope``
        (log-odds per tenfold).
    scale : float
        Over-dispersion (Pearson chi-square over degrees of freedom), at least 1.
    rise : float
        Twice the gain in log-likelihood over "every model guesses", divided by `scale`.
    """

    def __init__(self, model):
        self.model, self.centre = model, model.x.max()
        self._link = FloorLogit(model.chance, model.ceiling)
        slope, level, top = self._peak("slope", _SLOPES, self.centre)
        self.params = pd.Series([level, slope], ["level", "slope"])
        share = self.predict(10**model.x) / 100
        pearson = np.sum((model.counts - model.n * share) ** 2 / (model.n * share * (1 - share)))
        self.scale = max(1.0, float(pearson) / (len(model.x) - 2))
        guess = np.sum(xlogy(model.counts, model.chance) + xlog1py(model.n - model.counts, -model.chance))
        self.rise = max(0.0, float(2 * (top - guess) / self.scale))
        low, high = self._ends("slope", _SLOPES, self.centre, chi2.isf(0.05, 1))
        self.identified = bool(low > 0 and high < _STEEPEST)
        if self.identified:
            binomial = sm.families.Binomial(link=self._link)
            pairs = np.column_stack([model.counts, model.n - model.counts])
            design = np.column_stack([np.ones_like(model.x), model.x - self.centre])
            glm = sm.GLM(pairs, design, family=binomial).fit(start_params=self.params.to_numpy())
            self.params = pd.Series(glm.params, self.params.index)

    def _loglik(self, level, slope, centre):
        """Return log-likelihoods of curves with a given level at `centre`; level and slope broadcast."""
        model = self.model
        eta = level[..., None] + slope[..., None] * (model.x - centre)
        share = np.clip(self._link.inverse(eta), 1e-12, 1 - 1e-12)
        return (xlogy(model.counts, share) + xlog1py(model.n - model.counts, -share)).sum(axis=-1)

    def _profile(self, name, values, centre):
        """Return the log-likelihood at each value of one parameter, maximised over the other, and where.

        The other one is sought on its grid, then by golden section between the neighbours of the best.
        """
        other = LEVELS if name == "slope" else _SLOPES

        def loglik(x):
            known = np.broadcast_to(values[:, None], x.shape)
            return self._loglik(x, known, centre) if name == "slope" else self._loglik(known, x, centre)

        best = loglik(np.broadcast_to(other, (len(values), len(other)))).argmax(axis=1)
        low, high = other[np.maximum(best - 1, 0)], other[np.minimum(best + 1, len(other) - 1)]
        for _ in range(22):
            pair = np.column_stack([high - GOLDEN * (high - low), low + GOLDEN * (high - low)])
            left = np.subtract(*loglik(pair).T) > 0
            low, high = np.where(left, low, pair[:, 0]), np.where(left, pair[:, 1], high)
        at = np.column_stack([low, other[best], high])
        found = loglik(at)
        return found.max(axis=1), at[np.arange(len(at)), found.argmax(axis=1)]

    def _peak(self, name, grid, centre):
        """Return the best value of one parameter, the other's there, and the log-likelihood: the profile's maximum."""
        best = self._profile(name, grid, centre)[0].argmax()
        around = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]  # it may lie between points of the grid
        between = minimize_scalar(
            lambda at: -self._profile(name, np.atleast_1d(at), centre)[0][0],
            bounds=around,
            method="bounded",
            options={"xatol": 1e-6},
        )
        at = np.array([grid[best], between.x])
        values, other = self._profile(name, at, centre)
        return tuple(float(each[values.argmax()]) for each in (at, other, values))

    def _ends(self, name, grid, centre, cut):
        """Return the ends of the values whose profile lies within `cut` of the best, scaled; grid ends if open."""
        best, _, top = self._peak(name, grid, centre)
        grid = np.unique(np.append(grid, best))

        def excess(at):
            return 2 * (top - self._profile(name, np.atleast_1d(at), centre)[0]) / self.scale - cut

        keep, ends = np.flatnonzero(excess(grid) <= 0), []
        for edge, step in ((keep[0], -1), (keep[-1], 1)):
            closed = 0 <= edge + step < len(grid)
            a = float(grid[edge])
            ends.append(brentq(lambda at: excess(at)[0], a, grid[edge + step], xtol=1e-6) if closed else a)
        return ends

    def slope(self, alpha=0.05):
        """Return the slope in log-odds per tenfold, an `Estimate`; ``inf`` where the data set no end."""
        check_alpha(alpha)
        low, high = self._ends("slope", _SLOPES, self.centre, chi2.isf(alpha, 1))
        high = np.inf if high >= _STEEPEST else high
        return Estimate(self.params["slope"], low, high, "profile likelihood", alpha)

    def predict(self, training_flop):
        """Return expected percentages."""
        x = np.log10(positive(training_flop, "training_flop"))
        return 100 * self._link.inverse(self.params["level"] + self.params["slope"] * (x - self.centre))

    def predict_interval(self, training_flop, n, level=0.95, noise_sd=0.0):
        """Return the interval of the printed percentage of one new model.

        All scores that a likelihood-ratio test at 1 − `level` does not tell from the curve: the loss of
        profile likelihood at a height of the curve, plus the squared distance of the score from
        that height in units of its sampling and prompt noise. Parameters as in
        `LineResults.predict_interval`.
        """
        centre, cut = float(np.log10(positive(training_flop, "training_flop")[0])), chi2.isf(1 - level, 1)
        grid = np.linspace(*self._ends("level", LEVELS, centre, cut), 81)
        values = self._profile("level", grid, centre)[0]
        rest = np.maximum(cut - 2 * (values.max() - values) / self.scale, 0)
        share = self._link.inverse(grid)
        width = np.sqrt(rest * (self.scale * share * (1 - share) / n + (noise_sd / 100) ** 2))
        return 100 * float(max((share - width).min(), 0)), 100 * float(min((share + width).max(), 1))


TREND_FORMS = {"line": LineResults, "floor": ChanceCurveResults}
