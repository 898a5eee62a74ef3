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
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dl_limits.laws import linear, robust
from dl_limits.laws.checks import check_varies, choice, distinct, labels, numbers, paired, positive
from dl_limits.laws.floor import FloorResults
from dl_limits.laws.powerlaw_results import PowerLawResults


class PowerLaw:
    """The law ``y = coef * x**-exponent + floor``.

    What the error multiplies decides how it is fitted. Without a floor, and by
    default with a known one, it is the part above the floor: ``log(y - floor)`` is a
    line with even scatter. With ``floor="estimate"``, and with ``error="law"``, it is
    the whole law, ``y = (coef * x**-exponent + floor) * exp(error)``: ``log y``
    scatters evenly round a curve, and `fit` returns a
    `dl_limits.laws.floor.FloorResults`, whose intervals are profile likelihoods.

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
        power of x (`dl_limits.laws.robust.variance_weights`, from the residuals of an unweighted
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
        For values that are no plain, finite, positive numbers, unequal lengths or
        indexes, too few points, no variation but rounding, weights or groups that do
        not fit, or a floor that is not below every y. The message names the argument.
    """

    params_names = ("coef", "exponent")

    def __init__(
        self,
        endog: ArrayLike,
        exog: ArrayLike,
        *,
        floor: float | Literal["estimate"] | None = None,
        weights: ArrayLike | Literal["estimate"] | None = None,
        groups: ArrayLike | None = None,
        controls: ArrayLike | None = None,
        error: Literal["excess", "law"] | None = None,
    ) -> None:
        self.index = endog.index if isinstance(endog, pd.Series) else pd.RangeIndex(np.size(endog))
        self.endog, self.exog = positive(endog, "endog"), positive(exog, "exog")
        n = len(self.endog)
        self.controls = None if controls is None else numbers(controls, "controls", ndim=np.ndim(controls) or 1)
        if self.controls is not None and self.controls.ndim == 1:
            self.controls = self.controls[:, None]
        self._estimate_weights = isinstance(weights, str) and weights == "estimate"
        given = weights is not None and not self._estimate_weights
        self.weights = positive(weights, "weights") if given else None
        self.groups = None if groups is None else labels(groups)
        paired(endog=endog, exog=exog, weights=weights, groups=groups, controls=controls)
        if self.controls is not None and self.controls.ndim != 2:
            raise ValueError("controls must have one or two dimensions")
        self.error = error_of(floor, error, self.controls)
        needed = 3 + (floor == "estimate") + (0 if self.controls is None else self.controls.shape[1])
        if n < needed:
            raise ValueError(f"endog has {n} points, the law needs at least {needed}")
        check_varies(self.endog, "endog")
        if distinct(self.exog) < 2:
            raise ValueError("exog does not vary")
        if self.controls is not None:
            design = np.column_stack([np.log(self.exog), self.controls])
            design = design - design.mean(axis=0)  # whatever the origin and the unit of each
            spread = np.sqrt((design**2).sum(axis=0))
            if (spread == 0).any() or np.linalg.matrix_rank(design / spread, 1e-9) < design.shape[1]:
                raise ValueError("controls repeat a constant, exog or each other: nothing identifies them")
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

    def axis(self, y: ArrayLike) -> NDArray[np.float64]:
        """Return y on the vertical axis of the line behind the law, which falls as the law improves."""
        return np.log(np.asarray(y, float) - self.floor)

    def level(self, z: ArrayLike) -> NDArray[np.float64]:
        """Return the y of a place on the vertical axis of the line: `axis`, turned round."""
        return np.exp(z) + self.floor

    def natural(self, intercept: float, slope: float) -> list[float]:
        """Return the law's parameters from those of the line."""
        with np.errstate(over="ignore"):  # x = 1 may lie far from the data
            return [np.exp(intercept), -slope]

    def natural_errors(self, intercept: float, intercept_se: float, slope_se: float) -> list[float]:
        """Return standard errors of the law's parameters from those of the line (delta method)."""
        with np.errstate(over="ignore"):
            return [np.exp(intercept) * intercept_se, slope_se]

    def fit(
        self, method: str | None = None, *, cov: str = "classical", q: float = 0.5
    ) -> PowerLawResults | FloorResults:
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
            model.weights = robust.variance_weights(model.fit().resid, np.log(self.exog))
            return model.fit("wls", cov=cov)
        method = method or ("ols" if self.weights is None else "wls")
        if method not in linear.LINE_METHODS:
            raise ValueError(f"method must be one of {', '.join(linear.LINE_METHODS)}, not {method!r}")
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
        line = linear.fit_line(self.axis(self.endog), np.log(self.exog), groups=self.groups, cov=cov, **options)
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

    def axis(self, y: ArrayLike) -> NDArray[np.float64]:
        """Return -1 / y."""
        return -1 / np.asarray(y, float)

    def level(self, z: ArrayLike) -> NDArray[np.float64]:
        """Return -1 / z; an error without limit where the line has passed zero."""
        z = np.asarray(z, float)
        return np.where(z < 0, -1 / np.where(z < 0, z, -1), np.inf)

    def natural(self, intercept: float, slope: float) -> list[float]:
        """Return intercept and slope of 1 / y on log10(x)."""
        return [-intercept, -slope * np.log(10)]

    def natural_errors(self, intercept: float, intercept_se: float, slope_se: float) -> list[float]:
        """Return their standard errors."""
        return [intercept_se, slope_se * np.log(10)]


def error_of(floor, error, controls):
    """Return what the error of a `PowerLaw` multiplies, 'excess' or 'law', or raise ValueError."""
    estimated = isinstance(floor, str) and floor == "estimate"
    error = error or ("law" if estimated else "excess")
    choice(error, ("excess", "law"), "error")
    if estimated and error == "excess":
        raise ValueError("error='excess' needs a known floor: log(y - floor) has none to estimate")
    if error == "law" and (floor is None or floor == 0):
        raise ValueError("error='law' needs a floor above zero; without one the two errors are the same")
    if error == "law" and controls is not None:
        raise ValueError(f"controls do not go with floor={floor!r} and error='law'")
    return error
