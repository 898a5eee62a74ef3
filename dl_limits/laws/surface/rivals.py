"""Rival forms of the loss surface, with and without a floor.

Do the runs want a floor, and does its height hang on the formula? Here the same runs are fitted by five
formulas with one objective (that of Hoffmann et al. 2022: the sum of Huber losses of
log residuals), with and without a floor, and each forecasts larger runs that it has
not seen. `dl_limits.laws.surface` is the engine for the surface itself; this module needs
only point estimates of other formulas and leaves them to `scipy.optimize.least_squares`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from dl_limits.laws.checks import choice, paired, positive

# n and d are natural logarithms of N and D, centred on the runs fitted; every form returns log L.
# A start says what each term is worth at the centre, in units of the smallest loss.


def _surface(t, n, d):
    return _add(t[0], t[1] - t[3] * n, t[2] - t[4] * d)


def _surface_without_floor(t, n, d):
    return np.logaddexp(t[0] - t[2] * n, t[1] - t[3] * d)


def _bent(t, n, d):
    return np.logaddexp(t[0], t[5] * np.logaddexp(t[1] - t[3] * n, t[2] - t[4] * d))


def _kaplan(t, n, d):
    return t[3] * np.logaddexp(t[0] - t[2] / t[3] * n, t[1] - d)


def _kaplan_with_floor(t, n, d):
    return np.logaddexp(t[4], _kaplan(t, n, d))


def _add(*logs):
    return np.logaddexp(np.logaddexp(logs[0], logs[1]), logs[2])


def _kaplan_start(value, exponent):
    return [np.log(value) / exponent - np.log(2)] * 2 + [exponent] * 2


@dataclass(frozen=True)
class Form:
    """A formula for the loss.

    Attributes
    ----------
    formula : str
        In plain characters.
    log_loss : callable
        Of parameters and centred logarithms of N and D.
    starts : list of list of float
        Parameters to start from, for a smallest loss of one; the best end counts.
    floor : int or None
        Which parameter is the logarithm of the floor.
    """

    formula: str
    log_loss: object
    starts: list
    floor: int | None


_TERMS = [np.log(0.8), np.log(0.15), np.log(0.15)]
FORMULAS = {
    "Chinchilla": Form("E + A / N^alpha + B / D^beta", _surface, [[*_TERMS, 0.35, 0.35]], 0),
    "Chinchilla, no floor": Form(
        # one of the two terms has to play the floor: both ways are tried
        "A / N^alpha + B / D^beta",
        _surface_without_floor,
        [[np.log(0.2), np.log(0.9), 0.4, 0.05], [np.log(0.9), np.log(0.2), 0.05, 0.4]],
        None,
    ),
    "Chinchilla, bent": Form("E + (A / N^alpha + B / D^beta)^c", _bent, [[*_TERMS, 0.35, 0.35, 1.0]], 0),
    "Kaplan": Form("(A / N^a + B / D)^b", _kaplan, [_kaplan_start(1.1, 0.1)], None),
    "Kaplan, with floor": Form(
        "E + (A / N^a + B / D)^b", _kaplan_with_floor, [[*_kaplan_start(0.3, 0.3), np.log(0.8)]], 4
    ),
}


@dataclass(frozen=True)
class FormFit:
    """A form fitted to runs.

    Attributes
    ----------
    name : str
        Key of `FORMULAS`.
    theta : ndarray
        Parameters in the form's own order.
    objective : float
        Sum of Huber losses of log residuals.
    centre : tuple of float
        Means of log N and log D.
    unit : float
        Logarithm of the smallest loss, the unit in which `theta` is.
    """

    name: str
    theta: np.ndarray
    objective: float
    centre: tuple
    unit: float

    @property
    def floor(self):
        """Loss that no scale goes below: zero for a form without a floor, nats per token."""
        index = FORMULAS[self.name].floor
        return 0.0 if index is None else float(np.exp(self.theta[index] + self.unit))

    def predict(self, params, tokens):
        """Return the loss at N = `params` and D = `tokens`, nats per token."""
        n, d = np.log(params) - self.centre[0], np.log(tokens) - self.centre[1]
        return np.exp(FORMULAS[self.name].log_loss(self.theta, n, d) + self.unit)


def fit_form(name, loss, params, tokens, delta=1e-3):
    """Fit one form by the published objective.

    Parameters
    ----------
    name : str
        Key of `FORMULAS`.
    loss, params, tokens : array_like, shape (n,)
        The runs: nats per token, parameters, tokens.
    delta : float
        Where Huber's loss of a log residual turns from square to straight.

    Returns
    -------
    FormFit

    Raises
    ------
    ValueError
        For an unknown form, values that are not positive and finite, or unequal lengths.
    """
    choice(name, FORMULAS, "name")
    paired(loss=loss, params=params, tokens=tokens)
    loss, params, tokens = positive(loss, "loss"), positive(params, "params"), positive(tokens, "tokens")
    form = FORMULAS[name]
    n, d = np.log(params), np.log(tokens)
    centre = n.mean(), d.mean()
    n, d, y = n - centre[0], d - centre[1], np.log(loss)
    unit = y.min()  # fitted in units of the smallest loss, so that one start serves all
    best = min((_descend(form, start, n, d, y - unit, delta) for start in form.starts), key=lambda found: found.cost)
    return FormFit(name, best.x, float(best.cost), centre, unit)


def _descend(form, start, n, d, y, delta):
    """Least squares first, Huber's loss in steps down to `delta` then: no step starts far from its end."""
    found, exact = None, {"ftol": 1e-12, "xtol": 1e-12, "gtol": 1e-14, "max_nfev": 2000}
    for scale in (100 * delta, 10 * delta, delta):
        found = least_squares(
            lambda t: form.log_loss(t, n, d) - y,
            start if found is None else found.x,
            loss="huber",
            f_scale=scale,
            x_scale="jac",
            **exact,
        )
    return found


def compare(runs, cut, delta=1e-3):
    """Return how every form fits the runs, and forecasts the larger from the smaller ones.

    Parameters
    ----------
    runs : DataFrame
        ``loss``, ``params``, ``tokens``, ``training_flop``.
    cut : float
        Runs of at least this compute (FLOP) are held back for the forecast.
    delta : float
        See `fit_form`.

    Returns
    -------
    DataFrame
        One row a form: ``form``, ``formula``, ``floor`` (nats per token), ``misfit``
        (objective over that of the first form), ``forecast_rms_pct`` and
        ``forecast_bias_pct`` (predicted minus observed) of the runs held back.

    Raises
    ------
    ValueError
        If no run, or every run, is held back.
    """
    held = runs["training_flop"].to_numpy() >= cut
    if held.all() or not held.any():
        raise ValueError(f"cut {cut:g} holds back {held.sum()} of {len(runs)} runs")
    columns = ["loss", "params", "tokens"]
    rows = []
    for name, form in FORMULAS.items():
        whole = fit_form(name, *(runs[c] for c in columns), delta=delta)
        small = fit_form(name, *(runs.loc[~held, c] for c in columns), delta=delta)
        late = runs[held]
        error = 100 * (np.log(small.predict(late["params"], late["tokens"])) - np.log(late["loss"]))
        rows.append([name, form.formula, whole.floor, whole.objective, np.sqrt(np.mean(error**2)), error.mean()])
    names = ["form", "formula", "floor", "misfit", "forecast_rms_pct", "forecast_bias_pct"]
    table = pd.DataFrame(rows, columns=names)
    table["misfit"] /= table["misfit"].iloc[0]
    return table
