"""Results of a law with a floor whose error multiplies the whole of it.

``PowerLaw(endog, exog, floor="estimate")`` is fitted here, with `dl_limits.laws.floor_solver` doing
the arithmetic. Intervals are profile likelihoods
(`dl_limits.laws.floor_profile`) or bootstraps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from dl_limits.laws import floor_solver, linear, resampling
from dl_limits.laws.checks import check_count, choice, distinct, positive
from dl_limits.laws.estimate import from_logs
from dl_limits.laws.floor_profile import Profile
from dl_limits.laws.powerlaw_results import Prediction
from dl_limits.laws.resampling import p_value, percentile_interval, tied_or_beyond

_NAMES = ("coef", "exponent", "floor")
_CHUNK = 2000  # resamples solved together: bounds the memory


@dataclass(frozen=True)
class FloorTest:
    """Test of no floor against a floor above zero.

    Attributes
    ----------
    statistic : float
        ``(S_0 - S) / (S / df)``, from the sums of squares without and with a floor.
    pvalue : float
        Small where "no floor" is refuted.
    method : str
        Where the distribution of the statistic under "no floor" comes from.
    """

    statistic: float
    pvalue: float
    method: str


@dataclass(frozen=True)
class Identification:
    """What the data can say of a floor.

    Attributes
    ----------
    status : {'identified', 'weak', 'none'}
        'identified': the interval of the floor stays above zero and that of the
        exponent is bounded. 'weak': one of the two fails. 'none': both fail, or y
        may not fall at all.
    sentence : str
        The same in plain words.
    facts : dict
        ``floor_low``, ``floor_high``, ``exponent_low``, ``exponent_high`` (profile
        intervals), ``bend_at`` (the x where floor and remainder are equal; ``inf``
        without a floor), ``x_min``, ``x_max``, ``alpha``.
    """

    status: str
    sentence: str
    facts: dict

    def __str__(self):
        """Return the sentence."""
        return self.sentence


class FloorResults:
    """A fitted law ``y = (coef * x**-exponent + floor) * exp(error)``.

    Attributes
    ----------
    resid : ndarray, shape (n,)
        Residuals of log y.
    scale : float
        Variance of log y around the law (at the mean weight).
    df_resid : int
        Degrees of freedom of the t distribution behind every interval.
    """

    method = "profile least squares"

    def __init__(self, model, given, cov):
        self.model, self.given, self.cov = model, given, cov
        self.nobs = len(model.endog)
        z, h = np.log(model.endog), np.log(model.exog)
        self.profile = Profile(z, h, model.weights, model.groups, cov, given)
        self.resid, self.scale, self.df_resid = self.profile.resid, self.profile.scale, self.profile.df

    def __repr__(self):
        """Say what was fitted."""
        a, b, c = self.params
        return f"<PowerLaw with a floor: {self.nobs} points, coef {a:.4g}, exponent {b:.4g}, floor {c:.4g}>"

    # ------------------------------------------------------------------ estimates

    @property
    def params(self):
        """Estimates by name; an ``exponent`` of ``inf`` says that y falls in one step."""
        return self._natural(self.profile.fit).iloc[0].rename(None)

    def _natural(self, fits):
        with np.errstate(over="ignore"):
            columns = [np.exp(fits.log_coef(self.profile.start)), fits.exponent, fits.floor]
        return pd.DataFrame(np.column_stack(columns), columns=_NAMES)

    @property
    def bse(self):
        """Standard errors by name, of the law linearised at its optimum; NaN where it is not smooth there."""
        errors = [self.profile.error(g) for g in self.profile.parameter_gradients()]
        return pd.Series(errors, _NAMES) * [self.params["coef"], 1, 1]

    # ------------------------------------------------------------------ intervals

    def conf_int(self, alpha=0.05, *, method="profile", n_boot=2000, seed=0, kind="rows"):
        """Intervals of the parameters, columns ``lower`` and ``upper``.

        Parameters
        ----------
        alpha : float
            One minus the confidence level.
        method : {'profile', 'bootstrap'}
            Profile likelihood, or percentiles of `bootstrap`.
        n_boot, seed, kind
            As in `bootstrap`.

        Returns
        -------
        DataFrame
            The interval of the floor starts at 0 and that of the exponent ends at
            ``inf`` where the data exclude neither.
        """
        choice(method, ("profile", "bootstrap"), "method")
        if method == "bootstrap":
            draws = self.bootstrap(n_boot, seed, kind)
            ends = [percentile_interval(draws[name].to_numpy(), alpha) for name in _NAMES]
        else:
            ends = [
                self.profile.coef_interval(alpha),
                self.profile.exponent_interval(alpha),
                self.profile.floor_interval(alpha),
            ]
        return pd.DataFrame(ends, _NAMES, ["lower", "upper"], dtype=float)

    # ------------------------------------------------------------------ predictions

    def predict(self, x):
        """Return the law at `x`, a number or one-dimensional, in its shape and the unit of endog."""
        return np.exp(self.profile.log_law(np.log(positive(x, "x")))).reshape(np.shape(x))[()]

    def get_prediction(self, x):
        """Predictions at `x` whose ``summary_frame(alpha)`` carries both intervals."""
        return FloorPrediction(self, positive(x, "x"))

    def predict_interval(self, x_new, level=0.95):
        """Interval of a new observation at `x_new`: arrays ``(lower, upper)``."""
        frame = self.get_prediction(x_new).summary_frame(alpha=1 - level)
        return frame["obs_ci_lower"].to_numpy(), frame["obs_ci_upper"].to_numpy()

    # ------------------------------------------------------------------ the way back from y to x

    def _reach_of(self, fits, y):
        """Log x from which on laws lie at or below log y = `y`; laws that do not fall never do, shape (m,)."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            above = floor_solver.bend_of(y - (fits.level - floor_solver.softplus(fits.bend)))  # NaN below the floor
            bent = np.where(np.isnan(above), np.inf, self.profile.start + (fits.bend - above) / fits.exponent)
            line = self.profile.start + (fits.level - y) / fits.exponent
        found = np.where(np.isinf(fits.bend), line, bent)
        falls = fits.exponent > 0
        middle = floor_solver.law(self.profile.h.mean(), self.profile.start, fits.level, fits.exponent, fits.bend)
        return np.where(falls, found, np.where(y < middle, np.inf, -np.inf))

    def required(self, target, alpha=0.05, *, interval="profile", n_boot=2000, seed=0, kind="rows"):
        """Return the x from which on the law lies at or below `target`.

        Parameters
        ----------
        target : float
            Level of y, above zero (above the floor if that is known).
        alpha : float
            One minus the confidence level.
        interval : {'profile', 'bootstrap'}
            Profile likelihood, or percentiles of `bootstrap`.
        n_boot, seed, kind
            As in `bootstrap`.

        Returns
        -------
        Estimate
            In the unit of exog. ``estimate`` is ``inf`` for a target at or below the
            estimated floor, ``high`` is ``inf`` where a floor above the target, or no
            fall at all, cannot be excluded.

        Raises
        ------
        ValueError
            For a target that is not positive or not above a known floor.
        """
        y = self._check_level(target, "target")
        choice(interval, ("profile", "bootstrap"), "interval")
        estimate = float(self._reach_of(self.profile.fit, y)[0])
        if interval == "bootstrap":
            ends = percentile_interval(self._reach_of(self._draws(n_boot, seed, kind), y), alpha)
        else:
            ends = self.profile.required_interval(y, estimate, alpha)
        return from_logs(estimate, *ends, interval, alpha)

    def multiplier(self, y_from, y_to, alpha=0.05, *, interval="profile", n_boot=2000, seed=0, kind="rows"):
        """How many times more x takes the law from `y_from` down to `y_to`.

        Parameters
        ----------
        y_from, y_to : float
            Two levels of y, ``y_to < y_from``, above zero and above a known floor.
        alpha, interval, n_boot, seed, kind
            As in `required`.

        Returns
        -------
        Estimate
            A ratio without unit; ``inf`` where a level lies at or below the floor.
        """
        top, low_level = self._check_level(y_from, "y_from"), self._check_level(y_to, "y_to")
        if not y_to < y_from:
            raise ValueError(f"y_to must lie below y_from, got {y_to:g} and {y_from:g}")
        choice(interval, ("profile", "bootstrap"), "interval")

        def ratio(fits):
            with np.errstate(invalid="ignore"):
                found = self._reach_of(fits, low_level) - self._reach_of(fits, top)
            return np.where((fits.exponent > 0) & ~np.isnan(found), found, np.inf)

        estimate = float(ratio(self.profile.fit)[0])
        if interval == "bootstrap":
            ends = percentile_interval(ratio(self._draws(n_boot, seed, kind)), alpha)
        else:
            ends = self.profile.multiplier_interval(top, low_level, estimate, alpha)
        return from_logs(estimate, *ends, interval, alpha)

    # ------------------------------------------------------------------ resampling

    def bootstrap(self, n_boot=2000, seed=0, kind="rows"):
        """Parameters of resampled data, one row a resample.

        Parameters
        ----------
        n_boot, seed : int
            Number of resamples and seed of `numpy.random.default_rng`.
        kind : {'rows', 'wild'}
            'rows' draws rows, or whole groups where given. 'wild' keeps every x and
            flips the sign of its residual at random, the residual enlarged by its
            leverage as in HC3 (Davidson & Flachaire 2008); rows of one group flip
            together.

        Returns
        -------
        DataFrame, shape (n_boot, 3)
            NaN where a resample has fewer than four different points or three different x.
        """
        fits = self._draws(n_boot, seed, kind)
        return self._natural(fits)

    def _draws(self, n_boot, seed, kind):
        choice(kind, ("rows", "wild"), "kind")
        if kind == "rows":
            few, solved = [], []
            for counts in resampling.batches(self.nobs, n_boot, seed, self.model.groups):
                # fewer than three different x leave every bent law free
                lost = np.array([(row > 0).sum() < 4 or distinct(self.model.exog[row > 0]) < 3 for row in counts])
                rows = _chunks(np.where(lost[:, None], 1.0, counts))
                solved += [self.profile.solve(weights=part * self.profile.weights) for part in rows]
                few = np.append(few, lost).astype(bool)
        else:
            check_count(n_boot, "n_boot")
            codes = np.arange(self.nobs) if self.model.groups is None else pd.factorize(self.model.groups)[0]
            signs = np.random.default_rng(seed).choice([-1.0, 1.0], (n_boot, codes.max() + 1))[:, codes]
            rows = _chunks(signs * self._enlarged())
            solved = [self.profile.solve(z=self.profile.z - self.resid + part) for part in rows]
            few = np.zeros(n_boot, bool)
        names = ("level", "exponent", "bend", "sse")
        return floor_solver.Fits(
            *(np.where(few, np.nan, np.concatenate([getattr(f, n) for f in solved])) for n in names)
        )

    def _enlarged(self):
        """Residuals as they would be had the law not seen their own point."""
        if self.profile.covariances is None:
            return self.resid * np.sqrt(self.nobs / self.profile.free)
        rows = self.profile.gradients(self.profile.h) * np.sqrt(self.profile.weights)[:, None]
        leverage = np.einsum("ij,jk,ik->i", rows, self.profile.covariances[0] / self.scale, rows)
        return self.resid / np.maximum(1 - leverage, 0.05)

    def floor_test(self, method="bootstrap", n_boot=999, seed=0):
        """Test whether there is a floor at all.

        Parameters
        ----------
        method : {'bootstrap', 'mixture'}
            'bootstrap' refits data drawn from the plain power law with normal errors
            (without weights and dependence in them). 'mixture' takes half a point
            mass at zero and half an F distribution with 1 and n - 3 degrees of
            freedom (Self & Liang 1987, case 5, with the small-sample form): quick,
            and conservative.
        n_boot, seed : int
            For the bootstrap.

        Returns
        -------
        FloorTest

        Raises
        ------
        ValueError
            Where the floor is known.
        """
        choice(method, ("bootstrap", "mixture"), "method")
        if self.given is not None:
            raise ValueError("floor_test needs a law whose floor is estimated")
        straight = self.profile.straight_sse()[0]
        statistic = _gain(straight, self.profile.sse) / self.scale
        if method == "mixture":
            pvalue = 1.0 if statistic == 0 else stats.f.sf(statistic, 1, self.profile.free) / 2
            return FloorTest(float(statistic), float(pvalue), method)
        line = linear.fit_line(self.profile.z, self.profile.h, weights=self.profile.weights, method="wls")
        noise = np.random.default_rng(seed).standard_normal((n_boot, self.nobs)) * np.sqrt(
            line.scale / self.profile.weights
        )
        z = line.intercept + line.slope * self.profile.h + noise
        sse = np.concatenate([self.profile.solve(z=part).sse for part in _chunks(z)])
        drawn = _gain(self.profile.straight_sse(z), sse) / (sse / self.profile.free)
        return FloorTest(float(statistic), p_value(tied_or_beyond(drawn, statistic)), method)

    # ------------------------------------------------------------------ what was found

    @cached_property
    def identification(self):
        """What the data can say of the floor: an `Identification`, at 95 %."""
        alpha = 0.05
        (b_low, b_high), (c_low, c_high) = self.profile.exponent_interval(alpha), self.profile.floor_interval(alpha)
        _, b, c = self.params
        with np.errstate(over="ignore", divide="ignore"):
            bend = np.exp(self.profile.start + float(self.profile.fit.bend[0]) / b) if c > 0 else np.inf
        x = self.model.exog
        facts = {"floor_low": c_low, "floor_high": c_high, "exponent_low": b_low, "exponent_high": b_high}
        facts |= {"bend_at": float(bend), "x_min": x.min(), "x_max": x.max(), "alpha": alpha}
        said = []
        if c_low == 0:
            said.append(f"no floor fits as well as one of up to {c_high:.3g}")
        if not np.isfinite(b_high):
            said.append("no exponent is too steep")
        if b_low <= 0:
            status, said = "none", ["y may not fall with x at all", *said]
        else:
            status = ("identified", "weak", "none")[len(said)]
        if self.given is not None and b_low > 0:
            return Identification("identified", f"The floor is given: {c:.3g}.", facts)
        if status == "identified":
            said = [f"the floor lies between {c_low:.3g} and {c_high:.3g}"]
            if bend > x.max():
                said.append(f"the bend, at x = {bend:.2g}, lies beyond the data")
        opening = {"identified": "The floor is identified", "weak": "The floor is weakly identified"}
        return Identification(
            status, f"{opening.get(status, 'The data do not identify a floor')}: {'; '.join(said)}.", facts
        )

    def llf(self):
        """Gaussian log-likelihood of y itself, comparable with that of `PowerLawResults`."""
        sigma2 = self.profile.sse / self.nobs
        weights = 0.5 * np.log(self.profile.weights).sum()
        return float(-self.nobs / 2 * (np.log(2 * np.pi * sigma2) + 1) + weights - self.profile.z.sum())

    def aic(self):
        """Akaike's information criterion, the variance counted as a parameter."""
        return 2 * (self.nobs - self.profile.free + 1) - 2 * self.llf()

    def summary(self, alpha=0.05):
        """Return a statsmodels `Summary`: what was fitted, the parameters, what the floor rests on."""
        info = [
            ["Law", "PowerLaw", "Observations", f"{self.nobs:d}"],
            ["Method", self.method, "Floor", "estimated" if self.given is None else "known"],
            ["Covariance", self.cov, "Residual sd of log y", f"{np.sqrt(self.scale):.3g}"],
        ]
        table = pd.concat([self.params, self.bse, self.conf_int(alpha)], axis=1)
        cells = [[f"{v:.4g}" for v in row] for row in table.to_numpy()]
        header = ["estimate", "std err", f"[{alpha / 2:g}", f"{1 - alpha / 2:g}]"]
        result = Summary()
        result.tables = [SimpleTable(info), SimpleTable(cells, header, list(table.index))]
        result.extra_txt = str(self.identification)
        return result

    def _check_level(self, y, name):
        bottom = self.given or 0.0
        if not np.isfinite(y) or y <= bottom:
            raise ValueError(f"{name} {y!r} is not above {bottom:g}: never reached")
        return float(np.log(y))


def _gain(straight, bent):
    """By how much a floor lowers the sum of squares; rounding errors are no gain."""
    return np.where(straight - bent > 1e-9 * straight, straight - bent, 0.0)


def _chunks(rows):
    return [rows[i : i + _CHUNK] for i in range(0, len(rows), _CHUNK)]


class FloorPrediction(Prediction):
    """Predictions of a law with a floor at given x."""

    def summary_frame(self, alpha=0.05):
        """Prediction, its profile interval, and the interval of a new observation.

        Returns
        -------
        DataFrame
            Columns as in statsmodels, in the unit of endog. ``mean`` is the law
            itself, in the original unit a median. The new observation adds the
            residual variance to each side of the interval of the law (the square-root
            rule of Zou & Donner 2008; for a straight line the usual interval).
        """
        results, centre = self.results, np.log(self.predicted_mean)
        low, high = results.profile.level_interval(np.log(self.x), alpha)
        noise = results.profile.critical(alpha) ** 2 * results.scale
        ends = {"mean_ci_lower": low, "mean_ci_upper": high}
        ends["obs_ci_lower"] = centre - np.sqrt((centre - low) ** 2 + noise)
        ends["obs_ci_upper"] = centre + np.sqrt((high - centre) ** 2 + noise)
        columns = {"mean": self.predicted_mean} | {name: np.exp(end) for name, end in ends.items()}
        return pd.DataFrame(columns, index=pd.Index(self.x, name="x"))
