"""The loss surface ``L(N, D) = E + A / N**alpha + B / D**beta`` of Hoffmann et al. (2022).

N is the number of parameters, D the number of training tokens, L the final loss. The
published objective is Huber's, summed over runs, of the difference of logarithms; it
is minimised globally here, and thousands of resamples of it in about a second.

>>> import numpy as np
>>> n, d = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(1e9, 1e11, 6)))
>>> fit = LossSurface(1.8 + 400 / n**0.34 + 2000 / d**0.37, n, d).fit()
>>> fit.params[["E", "alpha", "beta"]].round(6).tolist()
[1.8, 0.34, 0.37]
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dl_limits.laws.checks import check_varies, choice, distinct, labels, paired, positive
from dl_limits.laws.surface import solver as surface_solver
from dl_limits.laws.surface.results import LossSurfaceResults

OBJECTIVES = ("huber", "lad", "gaussian")
_LAD_DELTA = 1e-8  # of log loss: absolute deviations to eight digits


def same_size(params: ArrayLike, within: float = 1e-3) -> NDArray[np.int_]:
    """Label runs whose sizes agree but for reading error.

    Parameters
    ----------
    params : array_like, shape (n,)
        Numbers of parameters.
    within : float
        Neighbouring sizes that differ by less than this share are one size.

    Returns
    -------
    ndarray of int, shape (n,)
        Labels in order of size, for ``groups``.
    """
    size = np.log(positive(params, "params"))
    order = np.argsort(size, kind="stable")
    codes = np.empty(len(size), int)
    codes[order] = np.cumsum(np.diff(size[order], prepend=size.min()) > within)
    return codes


class LossSurface:
    """The law ``L = E + A / N**alpha + B / D**beta`` with E, A, B and both exponents not negative.

    Parameters
    ----------
    loss : array_like, shape (n,)
        Final loss of each run, in nats per token or any other unit.
    params, tokens : array_like, shape (n,)
        Parameters N and training tokens D of each run.
    groups : array_like, shape (n,), optional
        Labels of dependent runs (one model size), for clustered standard errors and
        the cluster bootstrap.
    weights : array_like, shape (n,), optional
        How much each run counts in the objective; whole numbers act like repeated
        rows. Standard errors still take each row for one run.

    Raises
    ------
    ValueError
        For values that are no plain, finite, positive numbers, unequal lengths or
        indexes, fewer than 6 runs, 3 distinct sizes or amounts of data (values that
        differ by rounding are one), a loss that does not vary, and groups with
        fewer than two labels. The message names the argument.
    """

    def __init__(
        self,
        loss: ArrayLike,
        params: ArrayLike,
        tokens: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        paired(loss=loss, params=params, tokens=tokens, weights=weights, groups=groups)
        self.index = loss.index if isinstance(loss, pd.Series) else None
        self.loss, self.params, self.tokens = (
            positive(loss, "loss"),
            positive(params, "params"),
            positive(tokens, "tokens"),
        )
        n = len(self.loss)
        self.weights = np.ones(n) if weights is None else positive(weights, "weights")
        self.groups = None if groups is None else labels(groups)
        if n < 6:
            raise ValueError(f"loss has {n} runs, the surface needs at least 6")
        for name in ("params", "tokens"):
            found = distinct(getattr(self, name))
            if found < 3:
                raise ValueError(f"{name} takes {found} distinct value(s), the surface needs at least 3")
        check_varies(self.loss, "loss")
        self.design = surface_solver.Design.of(self.params, self.tokens, self.loss)

    def fit(
        self, objective: Literal["huber", "lad", "gaussian"] = "huber", *, delta: float = 1e-3
    ) -> LossSurfaceResults:
        """Find the global minimum.

        Parameters
        ----------
        objective : {'huber', 'lad', 'gaussian'}
            Sum over runs of a function of ``r = log L - log(E + A/N**alpha + B/D**beta)``:
            Huber's (``r**2 / 2`` up to delta, then ``delta * (abs(r) - delta / 2)``;
            Hoffmann et al. 2022, equation 3), ``abs(r)`` or ``r**2 / 2``.
        delta : float
            For 'huber'. At the published 1e-3 most residuals lie beyond it, so that the fit is
            close to least absolute deviations.

        Returns
        -------
        LossSurfaceResults

        Raises
        ------
        ValueError
            For an unknown objective or a delta that is not positive and finite.
        """
        choice(objective, OBJECTIVES, "objective")
        if isinstance(delta, str) or not np.isfinite(delta) or delta <= 0:
            raise ValueError(f"delta must be positive and finite, not {delta!r}")
        delta = {"huber": float(delta), "lad": _LAD_DELTA, "gaussian": np.inf}[objective]
        return LossSurfaceResults(self, objective, delta)
