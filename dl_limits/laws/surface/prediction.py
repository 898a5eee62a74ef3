"""The loss of a run to come, with an interval made of what past forecasts missed."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits.laws.checks import check_alpha
from dl_limits.laws.resampling import percentile_interval
from dl_limits.laws.surface import rolling
from dl_limits.laws.surface.rivals import fit_form


class SurfacePrediction:
    """Predictions at given sizes and amounts of data.

    Parameters
    ----------
    results : LossSurfaceResults
    params, tokens : ndarray, shape (k,)
        N and D.

    Attributes
    ----------
    surface : ndarray, shape (k,)
        The fitted surface there.
    distance : ndarray, shape (k,)
        Powers of ten beyond the largest run fitted, see `rolling.distance`.
    """

    def __init__(self, results, params, tokens):
        self.results, self.params, self.tokens = results, params, tokens
        self.surface = results.predict(params, tokens)
        model = results.model
        self.distance = rolling.distance(params, tokens, model.params, model.tokens)

    @cached_property
    def laws(self):
        """What each of the three laws with a floor says, shape (k, 3): columns of a DataFrame."""
        model = self.results.model
        weights = None if (model.weights == 1).all() else model.weights
        fits = {
            name: fit_form(name, model.loss, model.params, model.tokens, weights=weights) for name in rolling.FLOORED
        }
        return pd.DataFrame({name: fit.predict(self.params, self.tokens) for name, fit in fits.items()})

    @property
    def predicted_mean(self):
        """The forecast, shape (k,): the middle of three laws with a floor, of which the surface is one."""
        return self.laws.median(axis=1).to_numpy()

    def summary_frame(self, alpha=0.05, method=None):
        """Forecast, its interval as far as resampling goes, and that of a new run.

        Parameters
        ----------
        alpha : float
            One minus the confidence level.
        method : {'sandwich', 'percentile'}, optional
            Whose draws carry the sampling error of the surface.

        Returns
        -------
        DataFrame
            Columns as in statsmodels. ``mean`` is the forecast (`predicted_mean`); ``mean_se``, ``mean_ci_lower`` and
            ``mean_ci_upper`` are the sampling error of the surface, laid round it. ``obs_ci_lower`` and
            ``obs_ci_upper`` hold a new run: beyond the fitted budgets they are as wide as past forecasts from smaller
            budgets were wrong (`rolling.miss_spread`), normal on the log scale.

        Raises
        ------
        ValueError
            For options as in `LossSurfaceResults.conf_int`, and 'bca'.
        """
        check_alpha(alpha)
        fit = self.results
        if method == "bca":
            raise ValueError("method must be sandwich or percentile, not 'bca'")
        centre = np.log(self.predicted_mean)
        moved = fit.log_surface_draws(self.params, self.tokens, method) - np.log(self.surface)
        frame = pd.DataFrame({"mean": np.exp(centre), "mean_se": np.nanstd(np.exp(moved + centre), axis=0, ddof=1)})
        ends = np.transpose([percentile_interval(column, alpha) for column in moved.T])
        frame["mean_ci_lower"], frame["mean_ci_upper"] = np.exp(centre + ends)
        width = np.full(len(centre), fit.residual_spread)
        if (self.distance > 0).any():
            past = fit.past_forecasts
            width = rolling.miss_spread(past, rolling.misses(past, fit.model.loss), width[0], self.distance)
        half = stats.norm.ppf(1 - alpha / 2) * width
        frame["obs_ci_lower"], frame["obs_ci_upper"] = np.exp(centre - half), np.exp(centre + half)
        return frame
