"""What ``get_prediction(x)`` returns: a law at given x, with both intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd


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
