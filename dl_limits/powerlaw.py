"""One-variable laws: ``y = coef * x**-exponent + floor`` and the way back from y to x.

`PowerLaw` follows statsmodels: a model takes data, ``fit()`` returns results. Two
questions are answered beside the usual ones. *How much x for a target y?*
(`PowerLawResults.required`) and *how many times more x between two levels of y?*
(`PowerLawResults.multiplier`). The second needs the slope alone; the first also
needs to know where the line stands, which is why their intervals differ.

>>> import numpy as np
>>> x = np.array([1e0, 1e1, 1e2, 1e3])
>>> fit = PowerLaw(50 * x**-0.25, x).fit()
>>> round(fit.multiplier(20, 10).estimate, 6)
16.0
"""

from __future__ import annotations

from copy import copy

import numpy as np
import pandas as pd
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from dl_limits import errors, linear
from dl_limits.checks import choice, positive
from dl_limits.estimate import from_logs, percentile_interval
from dl_limits.extrapolation import extrapolate as extrapolate  # a learning curve carried on
from dl_limits.floorlaw import FloorResults, error_of
from dl_limits.prediction import Prediction


class PowerLaw:
    """The law ``y = coef * x**-exponent + floor``.

    What the error multiplies decides how it is fitted. Without a floor, and by
    default with a known one, it is the part above the floor: ``log(y - floor)`` is a
    line with even scatter. With ``floor="estimate"``, and with ``error="law"``, it is
    the whole law, ``y = (coef * x**-exponent + floor) * exp(error)``: ``log y``
    scatters evenly round a curve, and `fit` returns a
    `dl_limits.floorlaw.FloorResults`, whose intervals are profile likelihoods.

    Parameters
    ----------
    endog : array_like, shape (n,)
        The response y (an error or a loss), positive and above `floor`.
    exog : array_like, shape (n,)
        The resource x (compute, parameters, examples), positive.
    floor : float or 'estimate', optional
        A known floor, or the wish to estimate one (from at least 4 points).
    weights : array_like, shape (n,), or 'estimate', optional
        Inverse variances of log y up to a factor, for ``fit('wls')`` and the laws
        whose error multiplies the floor. 'estimate' lets the scatter change as a
        power of x (`dl_limits.errors.variance_weights`, from the residuals of an unweighted
        fit); then ask `fit` for ``cov='HC3'``, which forgives what that gets wrong.
    groups : array_like, shape (n,), optional
        Labels of dependent observations (one paper, one laboratory), for clustered
        standard errors and for the bootstrap.
    controls : DataFrame or array_like, shape (n, k), optional
        Further terms, linear in log y, such as the date. Everything that is
        predicted refers to controls of zero: centre them where you want to stand.
        Only for errors of the part above the floor.
    error : {'excess', 'law'}, optional
        What the error of a *known* floor multiplies, see above; the default is 'excess'.

    Raises
    ------
    ValueError
        For values that are not finite and positive, unequal lengths, too few
        points, no variation, weights or groups that do not fit, or a floor that
        is not below every y. The message names the argument.
    """

    params_names = ("coef", "exponent")

    def __init__(self, endog, exog, *, floor=None, weights=None, groups=None, controls=None, error=None):
        self.index = endog.index if isinstance(endog, pd.Series) else pd.RangeIndex(len(np.atleast_1d(endog)))
        self.endog, self.exog = positive(endog, "endog"), positive(exog, "exog")
        n = len(self.endog)
        self.controls = None if controls is None else np.asarray(controls, float)
        if self.controls is not None and self.controls.ndim == 1:
            self.controls = self.controls[:, None]
        self._estimate_weights = isinstance(weights, str) and weights == "estimate"
        given = weights is not None and not self._estimate_weights
        self.weights = positive(weights, "weights") if given else None
        self.groups = None if groups is None else np.asarray(groups)
        for name in ("exog", "weights", "groups", "controls"):
            value = getattr(self, name)
            if value is not None and len(value) != n:
                raise ValueError(f"{name} has {len(value)} rows, endog has {n}")
        if self.controls is not None and not np.isfinite(self.controls).all():
            raise ValueError("controls must be finite")
        self.error = error_of(floor, error, self.controls)
        needed = 3 + (floor == "estimate") + (0 if self.controls is None else self.controls.shape[1])
        if n < needed:
            raise ValueError(f"endog has {n} points, the law needs at least {needed}")
        for name in ("endog", "exog"):
            if np.ptp(getattr(self, name)) == 0:
                raise ValueError(f"{name} does not vary")
        if self.controls is not None:
            design = np.column_stack([np.ones(n), np.log(self.exog), self.controls])
            if np.linalg.matrix_rank(design - [[0, *design[:, 1:].mean(axis=0)]]) < design.shape[1]:
                raise ValueError("controls repeat a constant, exog or each other: nothing identifies them")
        if self.groups is not None and (pd.isna(self.groups).any() or len(pd.unique(self.groups)) < 2):
            raise ValueError("groups needs at least two labels and no missing one")
        self.floor = self._check_floor(floor)

    def _check_floor(self, floor):
        if floor is None:
            return 0.0
        if floor == "estimate":
            return None
        if isinstance(floor, str) or not np.isfinite(floor) or floor < 0:
            raise ValueError(f"floor must be None, 'estimate' or a number >= 0, not {floor!r}")
        if self.error == "excess" and floor >= self.endog.min():
            raise ValueError(f"floor {floor:g} is not below every endog (smallest {self.endog.min():g})")
        return float(floor)

    # The line's vertical axis: falls as the law improves, for every subclass.
    def _z(self, y):
        return np.log(np.asarray(y, float) - self.floor)

    def _y(self, z):
        return np.exp(z) + self.floor

    def fit(self, method=None, *, cov="classical", q=0.5):
        """Fit the law.

        Parameters
        ----------
        method : {'ols', 'wls', 'quantreg', 'rlm', 'reverse', 'rma', 'orthogonal'}, optional
            'ols' (default), 'wls' (default with weights), 'quantreg' and 'rlm' run
            statsmodels on log y. 'reverse' regresses log x on log y: it describes
            the x of papers that report y, not what x would buy. 'rma' (reduced
            major axis) and 'orthogonal' (major axis) are symmetric.
        cov : {'classical', 'HC3', 'cluster', 'jackknife'}
            Standard errors of 'ols', 'wls' and 'reverse'. With few groups prefer
            'jackknife' (one group left out at a time) to 'cluster'.
        q : float
            Quantile of 'quantreg', between 0 and 1.

        Returns
        -------
        PowerLawResults or FloorResults

        Raises
        ------
        ValueError
            For an unknown method or covariance, or one that does not go with the data.
        """
        if self._estimate_weights and method in (None, "wls"):
            model = copy(self)
            model._estimate_weights = False
            model.weights = errors.variance_weights(model.fit().resid, np.log(self.exog))
            return model.fit("wls", cov=cov)
        method = method or ("ols" if self.weights is None else "wls")
        if method not in linear.METHODS:
            raise ValueError(f"method must be one of {', '.join(linear.METHODS)}, not {method!r}")
        if cov not in linear.COVARIANCES:
            raise ValueError(f"cov must be one of {', '.join(linear.COVARIANCES)}, not {cov!r}")
        if cov != "classical" and method not in ("ols", "wls", "reverse"):
            raise ValueError(f"cov={cov!r} does not go with method={method!r}")
        if cov in ("cluster", "jackknife") and self.groups is None:
            raise ValueError(f"cov={cov!r} needs groups")
        if (self.weights is None) == (method == "wls"):
            raise ValueError(f"method={method!r} " + ("needs weights" if method == "wls" else "does not use weights"))
        if not 0 < q < 1:
            raise ValueError(f"q must lie between 0 and 1, not {q!r}")
        if self.error == "law":
            if method not in ("ols", "wls"):
                raise ValueError(f"method={method!r} does not go with an error of the whole law")
            return FloorResults(self, self.floor, cov)
        options = {"controls": self.controls, "weights": self.weights, "method": method, "q": q}
        line = linear.fit_line(self._z(self.endog), np.log(self.exog), groups=self.groups, cov=cov, **options)
        return PowerLawResults(self, line, cov, options)


class ReciprocalLaw(PowerLaw):
    """The law ``1/y = intercept + slope * log10(x)``: x grows exponentially in 1/y.

    The less optimistic of the two forms of Thompson et al. (2020). Same interface
    as `PowerLaw`, without a floor.
    """

    params_names = ("intercept", "slope")

    def _check_floor(self, floor):
        if floor is not None:
            raise ValueError("floor does not go with a reciprocal law")
        return 0.0

    def _z(self, y):
        return -1 / np.asarray(y, float)

    def _y(self, z):
        z = np.asarray(z, float)
        return np.where(z < 0, -1 / np.where(z < 0, z, -1), np.inf)


class PowerLawResults:
    """A fitted law.

    Attributes
    ----------
    params, bse : Series
        Estimates and standard errors, by name; that of ``coef`` by the delta method.
    rsquared : float
        Squared correlation of the two axes of the line, controls removed (for OLS
        without controls: the usual R²).
    line : dl_limits.linear.Line
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
        return pd.Series(self._natural(self.line.intercept, self.line.slope), self.model.params_names)

    @property
    def bse(self):
        """Standard errors by name; NaN where the estimator gives none."""
        a, b = self.line.intercept, self.line.slope
        sd_a, sd_b = np.sqrt(np.diag(self.line.cov))
        if self.method == "reverse":  # delta method for slope = 1 / d
            sd_a, sd_b = np.nan, sd_b * b**2
        if isinstance(self.model, ReciprocalLaw):
            return pd.Series([sd_a, sd_b * np.log(10)], self.model.params_names)
        return pd.Series([np.exp(a) * sd_a, sd_b], self.model.params_names)

    def _natural(self, a, b):
        if isinstance(self.model, ReciprocalLaw):
            return [-a, -b * np.log(10)]
        return [np.exp(a), -b]

    def conf_int(self, alpha=0.05):
        """Intervals of the parameters, columns ``lower`` and ``upper``."""
        half = self.line.critical(alpha) * np.sqrt(self.line.cov[0, 0])
        if self.method == "reverse":
            half = np.nan
        a = self.line.intercept - half, self.line.intercept + half
        b = self.line.slope_interval(alpha)
        ends = np.array([self._natural(*pair) for pair in zip(a, b, strict=True)])
        return pd.DataFrame(np.sort(ends, axis=0).T, self.model.params_names, ["lower", "upper"])

    def predict(self, x):
        """Return the law at `x`, shape of `x`, in the unit of endog."""
        h = np.log(positive(x, "x"))
        return self.model._y(self.line.intercept + self.line.slope * h)

    def get_prediction(self, x):
        """Predictions at `x` whose ``summary_frame(alpha)`` carries both intervals."""
        return Prediction(self, np.atleast_1d(np.asarray(x, float)))

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
        z = float(self.model._z(target))
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
        dz = float(self.model._z(y_to) - self.model._z(y_from))
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
        return pd.DataFrame(np.column_stack(self._natural(a, b)), columns=self.model.params_names)

    def _draws(self, n_boot, seed):
        counts = linear.resample(self.nobs, n_boot, seed, self.model.groups)
        return self._refit(counts)

    def _refit(self, counts):
        return linear.refit(self.model._z(self.model.endog), np.log(self.model.exog), counts, **self._options)

    def influence(self):
        """What each point does to the result.

        Returns
        -------
        DataFrame, shape (n, ...)
            ``exponent_without`` (second parameter refitted without the point),
            ``leverage`` and ``cooks_distance`` (the last two for OLS and WLS).
        """
        without = self._refit(1 - np.eye(self.nobs))
        frame = pd.DataFrame(index=self.model.index)
        frame[f"{self.model.params_names[1]}_without"] = self._natural(*without.T)[1]
        if self.method in ("ols", "wls"):
            w = np.sqrt(np.ones(self.nobs) if self.model.weights is None else self.model.weights)
            extra = [] if self.model.controls is None else self.model.controls.T
            design = np.column_stack([np.ones(self.nobs), np.log(self.model.exog), *extra]) * w[:, None]
            leverage = np.einsum("ij,ji->i", design, np.linalg.pinv(design))
            resid = self.line.resid * w
            frame["leverage"] = leverage
            frame["cooks_distance"] = resid**2 * leverage / (design.shape[1] * self.line.scale * (1 - leverage) ** 2)
        return frame

    def llf(self):
        """Gaussian log-likelihood of y itself, comparable between floors (OLS only).

        The Jacobian of ``log(y - floor)`` is included; without it a floor close to
        the smallest y would look better merely by stretching the axis.
        """
        if self.method != "ols" or isinstance(self.model, ReciprocalLaw):
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
