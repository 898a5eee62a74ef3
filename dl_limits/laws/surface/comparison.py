"""Laws judged by what they foretell, not by how they fit.

>>> import numpy as np
>>> n, d = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6)))
>>> noise = np.exp(np.random.default_rng(0).normal(0, 0.002, n.size))
>>> found = compare(n, d, (1.8 + 400 / n**0.34 + 2000 / d**0.37) * noise)
>>> found.best
'Chinchilla'
>>> round(float(found.predict(1e10, 1e12)[0]), 2)
2.04
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from dl_limits.laws.checks import check_alpha, paired, positive
from dl_limits.laws.surface import rolling
from dl_limits.laws.surface.rivals import ALL_FORMULAS, fit_form

_LEVEL = 0.05  # the interval score is that of 95 % intervals


def compare(
    params: ArrayLike, tokens: ArrayLike, loss: ArrayLike, *, unique_tokens: ArrayLike | None = None
) -> LawComparison:
    """Fit every law to the runs and judge each by its forecasts from smaller budgets.

    Parameters
    ----------
    params, tokens, loss : array_like, shape (n,)
        Runs: N parameters, D training tokens, final loss (nats per token or any unit).
    unique_tokens : array_like, shape (n,), optional
        Different tokens of each run, where text was repeated: adds the law of Muennighoff et al. (2023).

    Returns
    -------
    LawComparison

    Raises
    ------
    ValueError
        For values that are not positive and finite, unequal lengths, more unique tokens than tokens, and runs of
        which no smaller budget can be forecast from (fewer than 8 runs of 3 sizes and 3 amounts of data
        below the largest).
    """
    paired(loss=loss, params=params, tokens=tokens, unique_tokens=unique_tokens)
    values = {
        "params": positive(params, "params"),
        "tokens": positive(tokens, "tokens"),
        "loss": positive(loss, "loss"),
    }
    if unique_tokens is not None:
        values["unique_tokens"] = positive(unique_tokens, "unique_tokens")
    unique = values.get("unique_tokens")
    if unique is not None and (unique > values["tokens"] * (1 + 1e-9)).any():
        row = int(np.argmax(unique > values["tokens"] * (1 + 1e-9)))
        raise ValueError(
            f"unique_tokens must not exceed tokens: row {row} has {unique[row]:g} of {values['tokens'][row]:g}"
        )
    return LawComparison(**values)


class LawComparison:
    """Laws fitted to the same runs, and what each missed when it forecast larger from smaller budgets.

    Attributes
    ----------
    fits : dict of str to FormFit
        Each law, fitted to all runs.
    past : DataFrame
        Every forecast made from a smaller budget, see `rolling.past_forecasts`.
    table : DataFrame
        One row a law, the best first: ``law``, ``formula``, ``floor`` (unit of loss), ``fit_pct`` (root mean square
        residual, %), ``forecasts``, ``miss_pct`` (typical absolute error of past forecasts, %), ``coverage_pct`` and
        ``interval_score_pct`` of their 95 % intervals (each made of what was known at its origin), ``weight``
        (proportional to the inverse square of the interval score). Means over the runs of an origin, then over
        origins, of which later ones count more.
    """

    def __init__(self, params, tokens, loss, unique_tokens=None):
        self.params, self.tokens, self.loss, self.unique_tokens = params, tokens, loss, unique_tokens
        names = rolling.forms_for(unique_tokens)
        self.past = rolling.past_forecasts(loss, params, tokens, unique_tokens=unique_tokens, forms=names)
        if not len(self.past):
            raise ValueError(
                f"loss has {len(loss)} runs, none of whose smaller budgets can be forecast from: laws are compared by "
                f"forecasts from at least {rolling.LEAST_RUNS} runs of 3 sizes and 3 amounts of data"
            )
        self.fits = {name: fit_form(name, loss, params, tokens, unique_tokens=unique_tokens) for name in names}
        self.table = self._judged()

    def _residual(self, name):
        fitted = self.fits[name].predict(self.params, self.tokens, self.unique_tokens)
        free = max(len(self.loss) - len(self.fits[name].theta), 1)
        return float(np.sqrt(np.sum((np.log(self.loss) - np.log(fitted)) ** 2) / free))

    def _judged(self):
        rows, z = [], stats.norm.ppf(1 - _LEVEL / 2)
        for name, fit in self.fits.items():
            error = rolling.misses(self.past, self.loss, name)
            residual, origin = self._residual(name), self.past["origin"].to_numpy()
            half = np.empty(len(error))
            for one in np.unique(origin):  # at each origin only older ones are known
                now, older = origin == one, origin > one
                ahead = self.past.loc[now, "distance"].to_numpy(float)
                half[now] = z * rolling.miss_spread(self.past[older], error[older], residual, ahead)
            score = 2 * half + 2 / _LEVEL * np.maximum(np.abs(error) - half, 0)
            by = (
                pd.DataFrame({"miss": np.abs(error), "hit": np.abs(error) <= half, "score": score})
                .groupby(origin)
                .mean()
            )
            weights = rolling.FADING ** (by.index.to_numpy(float) - 1)  # an origin counts once; later ones count more
            hit = np.average(by["hit"], weights=weights)
            # by logarithms, so that one fit that broke down does not decide
            miss, score = np.exp(np.average(np.log(by[["miss", "score"]]), axis=0, weights=weights))
            rows.append([name, ALL_FORMULAS[name].formula, fit.floor, residual, len(error), miss, hit, score])
        columns = ["law", "formula", "floor", "fit_pct", "forecasts", "miss_pct", "coverage_pct", "interval_score_pct"]
        table = pd.DataFrame(rows, columns=columns)
        table["weight"] = table["interval_score_pct"] ** -2.0
        table["weight"] /= table["weight"].sum()
        table[[c for c in columns if c.endswith("_pct")]] *= 100
        return table.sort_values("interval_score_pct", ignore_index=True)

    @property
    def best(self):
        """Name of the law with the least interval score."""
        return self.table["law"].iloc[0]

    def by_law(self, params, tokens, unique_tokens=None):
        """Return what each law says at N `params` and D `tokens`: a DataFrame, a row a place, a column a law."""
        n, d = (np.ravel(v) for v in np.broadcast_arrays(positive(params, "params"), positive(tokens, "tokens")))
        return pd.DataFrame({name: self.fits[name].predict(n, d, unique_tokens) for name in self.table["law"]})

    def predict(self, params, tokens, unique_tokens=None):
        """Return the average of all laws (of log loss, by `table`'s weights), shape (k,)."""
        logs = np.log(self.by_law(params, tokens, unique_tokens))
        return np.exp(logs.to_numpy() @ self.table["weight"].to_numpy())

    def predict_interval(self, params, tokens, level=0.95, unique_tokens=None):
        """Return ``(lower, upper)`` of a new run, as wide as the average's own past forecasts were wrong."""
        check_alpha(1 - level)
        centre = np.log(self.predict(params, tokens, unique_tokens))
        n, d = np.broadcast_arrays(positive(params, "params"), positive(tokens, "tokens"))
        ahead = rolling.distance(n.ravel(), d.ravel(), self.params, self.tokens)
        residual = min(self._residual(name) for name in self.fits)
        half = stats.norm.ppf((1 + level) / 2) * rolling.miss_spread(self.past, self._averaged, residual, ahead)
        return np.exp(centre - half), np.exp(centre + half)

    @cached_property
    def _averaged(self):
        """Log errors that the average made at past origins."""
        told = self.past[list(self.table["law"])].to_numpy() @ self.table["weight"].to_numpy()
        return told - np.log(self.loss)[self.past["row"].to_numpy(int)]

    def disagreement(self, params, tokens, unique_tokens=None):
        """Say how far the laws lie apart at a place.

        Parameters
        ----------
        params, tokens : float
            N and D.
        unique_tokens : float, optional

        Returns
        -------
        str
            "These laws disagree here by …": the largest over the smallest loss among laws whose interval score is at
            most twice the best.
        """
        table = self.table
        good = list(table.loc[table["interval_score_pct"] <= 2 * table["interval_score_pct"].iloc[0], "law"])
        said = self.by_law(params, tokens, unique_tokens)[good].iloc[0].sort_values()
        if len(said) == 1:
            return f"Only {good[0]} forecasts well here: no other law is within twice its interval score."
        apart = 100 * (said.iloc[-1] / said.iloc[0] - 1)
        return (
            f"These laws disagree here by {apart:.1f} %: {said.index[0]} says {said.iloc[0]:.4g}, "
            f"{said.index[-1]} {said.iloc[-1]:.4g}."
        )

    def summary(self):
        """Return a statsmodels `Summary` of `table`."""
        shown = ["floor", "fit_pct", "miss_pct", "coverage_pct", "interval_score_pct", "weight"]
        header = ["floor", "fit %", "miss %", "covered %", "interval score %", "weight"]
        cells = [[f"{value:.3g}" for value in row] for row in self.table[shown].to_numpy()]
        result = Summary()
        result.tables = [SimpleTable(cells, header, list(self.table["law"]))]
        origins = self.past["origin"].nunique()
        result.add_extra_txt(
            [
                f"{len(self.loss)} runs; {len(self.past)} forecasts of larger runs from {origins} smaller budgets.",
                "Judged by the interval score of 95 % intervals, % of log loss: lower is better.",
            ]
        )
        return result
