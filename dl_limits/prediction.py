"""What ``get_prediction(x)`` returns: a law at given x, with both intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.estimate import check_alpha, percentile_interval


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
        z, variance = line.intercept + line.slope * h, line.mean_variance(h)
        t = line.critical(alpha)
        columns = {"mean": self.predicted_mean}
        kinds = {"mean": variance}
        if line.method != "quantreg":
            kinds["obs"] = variance + line.scale
        for kind, var in kinds.items():
            columns[f"{kind}_ci_lower"] = model._y(z - t * np.sqrt(var))
            columns[f"{kind}_ci_upper"] = model._y(z + t * np.sqrt(var))
        return pd.DataFrame(columns, index=pd.Index(self.x, name="x"))


class FloorPrediction:
    """Predictions of a law with a floor at given x."""

    def __init__(self, results, x):
        self.results, self.x = results, x
        self.predicted_mean = results.predict(x)

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


class SurfacePrediction:
    """Predictions of a surface at given sizes and amounts of data."""

    def __init__(self, results, params, tokens):
        self.results, self.params, self.tokens = results, params, tokens
        self.predicted_mean = results.predict(params, tokens)

    def summary_frame(self, alpha=0.05, method=None):
        """Prediction, its interval, and that of a new run.

        Parameters
        ----------
        alpha : float
            One minus the confidence level.
        method : {'sandwich', 'percentile'}, optional
            Whose draws carry the uncertainty of the surface. A new run adds a
            residual, drawn from those of the fit (inflated for the five fitted
            numbers). Nothing is added for the surface being the wrong law.

        Returns
        -------
        DataFrame
            Columns as in statsmodels: ``mean``, ``mean_se``, ``mean_ci_lower``,
            ``mean_ci_upper``, ``obs_ci_lower``, ``obs_ci_upper``.

        Raises
        ------
        ValueError
            For options as in `LossSurfaceResults.conf_int`, and 'bca'.
        """
        check_alpha(alpha)
        fit = self.results
        if method == "bca":
            raise ValueError("method must be sandwich or percentile, not 'bca'")
        logs = fit._log_surface(fit._solutions(method), self.params, self.tokens)
        resid = fit._resid * np.sqrt(fit.nobs / (fit.nobs - len(fit.params)))
        share = fit.model.weights / fit.model.weights.sum()
        drawn = np.random.default_rng(0).choice(resid, size=(len(logs), 1), p=share)
        frame = pd.DataFrame({"mean": self.predicted_mean, "mean_se": np.nanstd(np.exp(logs), axis=0, ddof=1)})
        for kind, values in (("mean", logs), ("obs", logs + drawn)):
            ends = np.exp([percentile_interval(column, alpha) for column in values.T])
            frame[f"{kind}_ci_lower"], frame[f"{kind}_ci_upper"] = ends.T
        return frame
