"""Rival forms of the loss surface, with and without a floor, and for repeated text.

Do the runs want a floor, and does its height hang on the formula? Here the same runs are fitted by several
formulas with one objective (that of Hoffmann et al. 2022: the sum of Huber losses of
log residuals). `dl_limits.laws.surface` is the engine for the surface itself; this module needs
only point estimates of other formulas and leaves them to `scipy.optimize.least_squares`.
`comparison` judges the forms by their forecasts.
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


def _repeated(t, n, d, repeats):
    # Muennighoff et al. (2023), equations 5 and 6 without the term for spare parameters: R repetitions are worth
    # R* (1 - exp(-R / R*)), and t[5] is log R*
    limit = np.exp(t[5])
    return _surface(t, n, d - np.log1p(repeats) + np.log1p(limit * -np.expm1(-repeats / limit)))


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
    repeats : bool
        Whether the law needs to know how often tokens were repeated.
    """

    formula: str
    log_loss: object
    starts: list
    floor: int | None
    repeats: bool = False


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
REPEATED = "Data-constrained"
"""Muennighoff et al. (2023): what D tokens are worth when only U of them are different."""
ALL_FORMULAS = FORMULAS | {
    REPEATED: Form(
        "E + A / N^alpha + B / D'^beta, D' = U + U R* (1 - exp(-(D / U - 1) / R*))",
        _repeated,
        [[*_TERMS, 0.35, 0.35, np.log(15)]],
        0,
        repeats=True,
    )
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
        index = ALL_FORMULAS[self.name].floor
        return 0.0 if index is None else float(np.exp(self.theta[index] + self.unit))

    def predict(self, params, tokens, unique_tokens=None):
        """Return the loss at N = `params` and D = `tokens` (of them `unique_tokens` different), nats per token."""
        form = ALL_FORMULAS[self.name]
        n, d = np.log(params) - self.centre[0], np.log(tokens) - self.centre[1]
        extra = [repetitions(tokens, unique_tokens)] if form.repeats else []
        return np.exp(form.log_loss(self.theta, n, d, *extra) + self.unit)


def repetitions(tokens, unique_tokens=None):
    """Return how often each token was seen after its first time: D / U - 1, zero where every token is new."""
    if unique_tokens is None:
        return np.zeros(np.shape(tokens))
    return np.maximum(np.asarray(tokens, float) / np.asarray(unique_tokens, float) - 1, 0)


def fit_form(name, loss, params, tokens, delta=1e-3, *, unique_tokens=None, weights=None, max_nfev=2000):
    """Fit one form by the published objective.

    Parameters
    ----------
    name : str
        Key of `ALL_FORMULAS`.
    loss, params, tokens : array_like, shape (n,)
        The runs: nats per token, parameters, tokens.
    delta : float
        Where Huber's loss of a log residual turns from square to straight.
    unique_tokens : array_like, shape (n,), optional
        Different tokens of each run, for the law of repeated text.
    weights : array_like, shape (n,), optional
        How much each run counts in the objective.
    max_nfev : int
        Steps at most in each of three stages: where runs hardly determine a law, the way to its end is long and flat.

    Returns
    -------
    FormFit

    Raises
    ------
    ValueError
        For an unknown form, values that are not positive and finite, or unequal lengths.
    """
    choice(name, ALL_FORMULAS, "name")
    paired(loss=loss, params=params, tokens=tokens, unique_tokens=unique_tokens, weights=weights)
    loss, params, tokens = positive(loss, "loss"), positive(params, "params"), positive(tokens, "tokens")
    form = ALL_FORMULAS[name]
    n, d = np.log(params), np.log(tokens)
    centre = n.mean(), d.mean()
    n, d, y = n - centre[0], d - centre[1], np.log(loss)
    unit = y.min()  # fitted in units of the smallest loss, so that one start serves all
    places = (n, d, repetitions(tokens, unique_tokens)) if form.repeats else (n, d)
    counts = None if weights is None else positive(weights, "weights")
    ends = (_descend(form, start, places, y - unit, delta, counts, max_nfev) for start in form.starts)
    best = min(ends, key=lambda found: found.cost)
    return FormFit(name, best.x, float(best.cost), centre, unit)


def _descend(form, start, places, y, delta, weights, max_nfev):
    """Least squares first, Huber's loss in steps down to `delta` then: no step starts far from its end."""
    found, exact = None, {"ftol": 1e-12, "xtol": 1e-12, "gtol": 1e-14, "max_nfev": max_nfev}

    def weighted_huber(z):  # and its two derivatives, as scipy asks for them
        root = np.sqrt(np.maximum(z, 1))
        far = z > 1
        return weights * np.stack([np.where(far, 2 * root - 1, z), 1 / root, np.where(far, -0.5 / root**3, 0.0)])

    for scale in (100 * delta, 10 * delta, delta):
        found = least_squares(
            lambda t: form.log_loss(t, *places) - y,
            start if found is None else found.x,
            loss="huber" if weights is None else weighted_huber,
            f_scale=scale,
            x_scale="jac",
            **exact,
        )
    return found


def beyond(runs, cut, delta=1e-3):
    """Return how every form fits the runs, and how it forecasts the larger from the smaller ones.

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
