"""Results of a fitted one-variable law: how sure, the way back from y to x, and what it predicts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from dl_limits.laws import linear, resampling
from dl_limits.laws.checks import choice, positive
from dl_limits.laws.estimate import from_logs
from dl_limits.laws.resampling import percentile_interval


class PowerLawResults:
    """A fitted law.

    Attributes
    ----------
    params, bse : Series
        Estimates and standard errors, by name; that of ``coef`` by the delta method.
    rsquared : float
        Squared correlation of the two axes of the line, controls removed (for OLS
        without controls: the usual R²).
    line : dl_limits.laws.linear.Line
        The line behind the law, natural logarithms.
    """

    def __init__(self, model, line, cov, options):
        self.model, self.line, self.cov, self._options = model, line, cov, options
        self.nobs = len(model.endog)
        self.rsquared = line.r**2

    def __repr__(self):
        """Say what was fitted."""
        name, value, error = self.params.index[1], self.params.iloc[1], self.bse.iloc[1]
        return f"<{type(self.model).__name__} by {self.method}: {self.nobs} points, {name} {value:.4g} ± {error:.2g}>"

    @property
    def method(self):
        """The estimator."""
        return self.line.method

    @property
    def resid(self):
        """Residuals of the line, on the log scale."""
        return self.line.resid

    @property
    def params(self):
        """Estimates by name."""
        return pd.Series(self.model.natural(self.line.intercept, self.line.slope), self.model.params_names)

    @property
    def bse(self):
        """Standard errors by name; NaN where the estimator gives none."""
        a, b = self.line.intercept, self.line.slope
        sd_a, sd_b = self.line.intercept_error, np.sqrt(self.line.cov[1, 1])
        if self.method == "reverse":  # delta method for slope = 1 / d
            sd_b = sd_b * b**2
        return pd.Series(self.model.natural_errors(a, sd_a, sd_b), self.model.params_names)

    def conf_int(self, alpha=0.05):
        """Intervals of the parameters, columns ``lower`` and ``upper``.

        Without a standard error from the data both are unbounded; 'reverse', 'rma' and 'orthogonal' have
        no interval for the first parameter: NaN.
        """
        half = self.line.half_width(0.0, alpha) if self.method in linear.DIRECT else np.nan
        a = self.line.intercept - half, self.line.intercept + half
        b = self.line.slope_interval(alpha)
        ends = np.array([self.model.natural(*pair) for pair in zip(a, b, strict=True)])
        return pd.DataFrame(np.sort(ends, axis=0).T, self.model.params_names, ["lower", "upper"])

    def predict(self, x):
        """Return the law at `x`, a number or one-dimensional, in its shape and the unit of endog."""
        h = np.log(positive(x, "x")) - self.line.centre
        return self.model.level(self.line.height + self.line.slope * h).reshape(np.shape(x))[()]

    def get_prediction(self, x):
        """Predictions at `x` whose ``summary_frame(alpha)`` carries both intervals."""
        return Prediction(self, positive(x, "x"))

    def predict_interval(self, x_new, level=0.95):
        """Interval of a new observation at `x_new`: arrays ``(lower, upper)``."""
        frame = self.get_prediction(x_new).summary_frame(alpha=1 - level)
        if "obs_ci_lower" not in frame:
            raise ValueError(f"method={self.method!r} has no interval for a new observation")
        return frame["obs_ci_lower"].to_numpy(), frame["obs_ci_upper"].to_numpy()

    def required(self, target, alpha=0.05, *, of="mean", interval=None, n_boot=2000, seed=0):
        """Return the x from which on y lies at or below `target`.

        Parameters
        ----------
        target : float
            Level of y, above the floor.
        alpha : float
            One minus the confidence level.
        of : {'mean', 'new'}
            Whether the law itself reaches the target or a new observation does.
        interval : {'fieller', 'bootstrap'}, optional
            Fieller (1954) where the estimator has one (for 'reverse' the t interval
            of log x at the target), else the percentile bootstrap over rows or groups.
        n_boot, seed : int
            For the bootstrap.

        Returns
        -------
        Estimate
            In the unit of exog; ``high`` is ``inf`` when the data cannot bound it.

        Raises
        ------
        ValueError
            For a target at or below the floor, or an unknown option.
        """
        self._check_level(target, "target")
        choice(of, ("mean", "new"), "of")
        interval = interval or ("bootstrap" if self.method in linear.SYMMETRIC else "fieller")
        choice(interval, ("fieller", "bootstrap"), "interval")
        z = float(self.model.axis(target))
        estimate = self.line.reach(z)
        if interval == "bootstrap":
            if of == "new":
                raise ValueError("interval='bootstrap' is for of='mean' only")
            a, b = self._draws(n_boot, seed).T
            with np.errstate(divide="ignore", invalid="ignore"):
                draws = np.where(b < 0, (z - a) / b, self.line.never(z))
            low, high = percentile_interval(draws, alpha)
        else:
            if of == "new" and self.method == "quantreg":
                raise ValueError("of='new' does not go with method='quantreg'")
            low, high = self.line.reach_interval(z, alpha, new=of == "new")
        return from_logs(estimate, low, high, f"{interval}, {of}", alpha)

    def multiplier(self, y_from, y_to, alpha=0.05, *, interval="slope", n_boot=2000, seed=0):
        """How many times more x takes the law from `y_from` down to `y_to`.

        Parameters
        ----------
        y_from, y_to : float
            Two levels of y, ``floor < y_to < y_from``.
        alpha : float
            One minus the confidence level.
        interval : {'slope', 'bootstrap'}
            The slope's own interval carried over, or the percentile bootstrap.
        n_boot, seed : int
            For the bootstrap.

        Returns
        -------
        Estimate
            A ratio without unit; unbounded when the slope's interval holds zero.

        Raises
        ------
        ValueError
            For levels in the wrong order or at or below the floor.
        """
        self._check_level(y_from, "y_from")
        self._check_level(y_to, "y_to")
        if not y_to < y_from:
            raise ValueError(f"y_to must lie below y_from, got {y_to:g} and {y_from:g}")
        choice(interval, ("slope", "bootstrap"), "interval")
        dz = float(self.model.axis(y_to) - self.model.axis(y_from))
        b = self.line.slope
        if interval == "bootstrap":
            slopes = self._draws(n_boot, seed)[:, 1]
            with np.errstate(divide="ignore", invalid="ignore"):
                draws = np.where(slopes < 0, dz / slopes, np.inf)
            low, high = percentile_interval(draws, alpha)
        else:
            low, high = self.line.log_ratio_interval(dz, alpha)
        return from_logs(dz / b if b < 0 else np.inf, low, high, interval, alpha)

    def bootstrap(self, n_boot=2000, seed=0):
        """Parameters of resampled data (rows, or groups where given), one row a resample.

        Returns
        -------
        DataFrame, shape (n_boot, 2)
            NaN where a resample does not determine a line.
        """
        a, b = self._draws(n_boot, seed).T
        return pd.DataFrame(np.column_stack(self.model.natural(a, b)), columns=self.model.params_names)

    def _draws(self, n_boot, seed):
        return np.vstack([self.refit(part) for part in resampling.batches(self.nobs, n_boot, seed, self.model.groups)])

    def refit(self, counts):
        """Return intercept and slope of the line for each row of counts (how often each point is drawn), (m, 2)."""
        return linear.refit(self.model.axis(self.model.endog), np.log(self.model.exog), counts, **self._options)

    def influence(self):
        """What each point does to the result.

        Returns
        -------
        DataFrame, shape (n, ...)
            ``exponent_without`` (second parameter refitted without the point),
            ``leverage`` and ``cooks_distance`` (the last two for OLS and WLS).
        """
        z, h = self.model.axis(self.model.endog), np.log(self.model.exog)
        without = linear.leave_out(z, h, np.arange(self.nobs), **self._options)
        frame = pd.DataFrame(index=self.model.index)
        frame[f"{self.model.params_names[1]}_without"] = self.model.natural(*without.T)[1]
        if self.method in ("ols", "wls"):
            w = np.sqrt(np.ones(self.nobs) if self.model.weights is None else self.model.weights)
            extra = [] if self.model.controls is None else self.model.controls.T
            design = np.column_stack([np.ones(self.nobs), np.log(self.model.exog), *extra]) * w[:, None]
            design[:, 1:] = design[:, 1:] / np.abs(design[:, 1:]).max(axis=0)
            leverage = (np.linalg.qr(design)[0] ** 2).sum(axis=1)
            resid = self.line.resid * w
            frame["leverage"] = leverage
            rest = np.where(1 - leverage > 1e-10, 1 - leverage, np.nan)  # a point that alone decides a parameter
            with np.errstate(divide="ignore", invalid="ignore"):
                frame["cooks_distance"] = resid**2 * leverage / (design.shape[1] * self.line.scale * rest**2)
        return frame

    def llf(self):
        """Gaussian log-likelihood of y itself, comparable between floors (OLS only).

        The Jacobian of ``log(y - floor)`` is included; without it a floor close to
        the smallest y would look better merely by stretching the axis.
        """
        if self.method != "ols" or "exponent" not in self.model.params_names:
            raise ValueError("llf is defined for the OLS fit of a power law")
        sigma2 = np.mean(self.line.resid**2)
        jacobian = -np.log(self.model.endog - self.model.floor).sum()
        return float(-self.nobs / 2 * (np.log(2 * np.pi * sigma2) + 1) + jacobian)

    def summary(self, alpha=0.05):
        """Return a statsmodels `Summary`: what was fitted, and the parameters."""
        info = [
            ["Law", type(self.model).__name__, "Observations", f"{self.nobs:d}"],
            ["Method", self.method, "R-squared", f"{self.rsquared:.3f}"],
            ["Covariance", self.cov, "Floor", f"{self.model.floor:g}"],
        ]
        table = pd.concat([self.params, self.bse, self.conf_int(alpha)], axis=1)
        cells = [[f"{v:.4g}" for v in row] for row in table.to_numpy()]
        header = ["estimate", "std err", f"[{alpha / 2:g}", f"{1 - alpha / 2:g}]"]
        result = Summary()
        result.tables = [SimpleTable(info), SimpleTable(cells, header, list(table.index))]
        return result

    def _check_level(self, y, name):
        if not np.isfinite(y) or y <= self.model.floor:
            raise ValueError(f"{name} {y!r} is not above the floor {self.model.floor:g}: never reached")


class Prediction:
    """Predictions of a law at given x."""

    def __init__(self, results, x):
        self.results, self.x = results, x
        self.predicted_mean = results.predict(x)

    def summary_frame(self, alpha=0.05):
        """Prediction, its interval, and that of a new observation.

        Returns
        -------
        DataFrame
            Columns as in statsmodels (``mean``, ``mean_ci_lower``, ``mean_ci_upper``,
            ``obs_ci_lower``, ``obs_ci_upper``) in the unit of endog. ``mean`` is the
            law itself, on the log scale a mean and in the original unit a median.
            Quantile regression has no column for a new observation.
        """
        line, model = self.results.line, self.results.model
        h = np.log(self.x)
        z = line.height + line.slope * (h - line.centre)
        columns = {"mean": self.predicted_mean}
        for kind in ("mean",) if line.method == "quantreg" else ("mean", "obs"):
            half = line.half_width(h, alpha, new=kind == "obs")
            with np.errstate(over="ignore"):
                columns[f"{kind}_ci_lower"] = model.level(z - half)
                columns[f"{kind}_ci_upper"] = model.level(z + half)
        return pd.DataFrame(columns, index=pd.Index(self.x, name="x"))
