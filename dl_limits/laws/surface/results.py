"""Results of a fitted loss surface: how sure, what else it says, and what it predicts."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.iolib.summary import Summary
from statsmodels.iolib.table import SimpleTable

from dl_limits.laws import loss as laws_loss
from dl_limits.laws.checks import check_alpha, choice, labels, positive, single
from dl_limits.laws.estimate import Estimate
from dl_limits.laws.loss import SURFACE_PARAMETERS
from dl_limits.laws.resampling import bca_interval, percentile_interval
from dl_limits.laws.robust import intraclass_correlation
from dl_limits.laws.surface import resamples
from dl_limits.laws.surface import solver as surface_solver
from dl_limits.laws.surface.intervals import surface_sandwich
from dl_limits.laws.surface.prediction import SurfacePrediction
from dl_limits.laws.surface.rolling import budget_origins, past_forecasts
from dl_limits.laws.surface.solver import STEEPEST_EXPONENT

SURFACE_METHODS = ("sandwich", "percentile", "bca")


class LossSurfaceResults:
    """A fitted surface.

    Attributes
    ----------
    params : Series
        E, A, B, alpha, beta, in the units of the data.
    objective : float
        Value of the minimised sum.
    residuals : ndarray or Series, shape (n,)
        Log loss less log surface.
    nobs : int
        Number of runs.
    draws : DataFrame or None
        Parameters of the resamples, once `bootstrap` has run.
    """

    def __init__(self, model, objective, delta):
        self.model, self.method, self.delta = model, objective, delta
        design, weights = model.design, model.weights
        theta, value, cells = surface_solver.solve_surface(design, weights, delta)
        self._theta, self._pool = theta, np.hstack([theta, cells])
        self.params = pd.Series(design.natural(theta)[:, 0], SURFACE_PARAMETERS)
        resid = design.z - design.log_law(theta)[0]
        self.objective = float(weights @ np.abs(resid)) if objective == "lad" else value
        self.residuals = resid if model.index is None else pd.Series(resid, model.index)
        self._resid = resid
        self.nobs = len(resid)
        self.draws = self._boot = self._groups = None

    def __repr__(self):
        """Say what was fitted."""
        shown = ", ".join(f"{name} {value:.4g}" for name, value in self.params.items())
        return f"<LossSurface by {self.method}: {self.nobs} runs, {shown}>"

    # -- resampling

    def bootstrap(self, n=4000, seed=0, groups=None, n_jobs=None):
        """Refit resamples of the runs, or of whole groups of runs.

        Every refit is a global search of its own, as `LossSurface.fit` is.

        Parameters
        ----------
        n : int
            Number of resamples.
        seed : int
            Same seed, same draws: whatever the number or kind of workers.
        groups : array_like, shape (nobs,), optional
            Labels of runs that are drawn together; by default the model's.
        n_jobs : int, optional
            Workers, as joblib counts them; None is one, or what a surrounding
            ``joblib.parallel_config`` says. On a Dask cluster::

                client = distributed.Client(address)
                with joblib.parallel_config(backend="dask"):
                    results.bootstrap(n=100_000)

        Returns
        -------
        DataFrame, shape (n, 5)
            Parameters of each resample; NaN where a resample holds too few sizes or
            amounts of data to determine them. Kept as `draws`: from now on standard
            errors and intervals come from them.

        Raises
        ------
        ValueError
            For n below 2 or groups that do not fit.
        """
        if not isinstance(n, (int, np.integer)) or n < 2:
            raise ValueError(f"n must be a whole number of at least 2, not {n!r}")
        groups = self.model.groups if groups is None else labels(groups)
        if groups is not None and len(groups) != self.nobs:
            raise ValueError(f"groups has {len(groups)} rows, loss has {self.nobs}")
        self._boot, self._groups = resamples.resampled(self._problem(), n, seed, groups, n_jobs), groups
        self.draws = pd.DataFrame(self.model.design.natural(self._boot).T, columns=SURFACE_PARAMETERS)
        return self.draws.copy()

    def simulate(self, seed=0, groups=None):
        """Losses of a new set of runs at the same places, were the fitted surface true.

        Parameters
        ----------
        seed : int or sequence of int
            For `numpy.random.default_rng`.
        groups : array_like, shape (nobs,), optional
            Labels whose mean residuals are drawn as wholes, and what is left of each
            run by itself, in the proportion of their variances
            (`robust.intraclass_correlation`); without labels every run draws one residual.

        Returns
        -------
        ndarray, shape (nobs,)
            In the unit of loss. Residuals are inflated for the five fitted numbers.
        """
        rng = np.random.default_rng(seed)
        resid = self._resid * np.sqrt(self.nobs / max(self.nobs - len(SURFACE_PARAMETERS), 1))
        shared = np.zeros(self.nobs)
        if groups is not None:
            codes = np.unique(labels(groups), return_inverse=True)[1]
            common = np.clip(intraclass_correlation(resid, codes), 0, 1)
            means = np.bincount(codes, resid) / np.bincount(codes)
            rest = resid - means[codes]
            # means of few runs hold noise of their own: both parts are scaled to their share
            shared = (
                means[rng.integers(len(means), size=len(means))][codes] * np.sqrt(common) * resid.std() / means.std()
            )
            resid = rest * np.sqrt(1 - common) * resid.std() / rest.std()
        return self.predict(self.model.params, self.model.tokens) * np.exp(shared + rng.choice(resid, self.nobs))

    def _problem(self):
        width = surface_solver.spread(self.model.design, self._theta, self.model.weights)
        return self.model.design, self.model.weights, self.delta, self._pool, width

    # -- uncertainty of parameters and of anything made of them

    @property
    def bse_method(self):
        """Where `bse` comes from: 'bootstrap' once there are draws, else 'sandwich'."""
        return "sandwich" if self.draws is None else "bootstrap"

    @property
    def bse(self):
        """Standard errors by name; NaN where a parameter sits at its bound (sandwich)."""
        if self.draws is not None:
            return self.draws.std(ddof=1)
        scale = np.where(np.isin(SURFACE_PARAMETERS, ("E", "A", "B")), self.params, 1.0)
        return pd.Series(scale * np.sqrt(np.diag(self._named_cov())), SURFACE_PARAMETERS)

    def conf_int(self, alpha=0.05, method=None):
        """Intervals of the parameters.

        Parameters
        ----------
        alpha : float
            One minus the confidence level.
        method : {'sandwich', 'percentile', 'bca'}, optional
            'sandwich': t interval from `intervals.surface_sandwich`, for E, A and B
            on the log scale. 'percentile' and 'bca' (bias-corrected and accelerated,
            Efron 1987) need `bootstrap` first. By default percentile if there are
            draws, else sandwich.

        Returns
        -------
        DataFrame, shape (5, 2)
            Columns ``lower`` and ``upper``, indexed by name.

        Raises
        ------
        ValueError
            For alpha outside (0, 1), an unknown method, or one that lacks its draws.
        """
        check_alpha(alpha)
        if self._check_method(method) == "sandwich":
            half = stats.t.ppf(1 - alpha / 2, self._sandwich.df) * np.sqrt(np.diag(self._named_cov()))
            logged = np.isin(SURFACE_PARAMETERS, ("E", "A", "B"))
            with np.errstate(over="ignore", invalid="ignore"):
                ends = [np.where(logged, self.params * np.exp(k * half), self.params + k * half) for k in (-1, 1)]
        else:
            ends = self._interval(lambda p: np.asarray(p[list(SURFACE_PARAMETERS)]), alpha, method)[1:]
        return pd.DataFrame(np.transpose(ends), SURFACE_PARAMETERS, ["lower", "upper"])

    def derive(self, function, alpha=0.05, method=None):
        """Return any number made of the parameters, with its interval.

        Parameters
        ----------
        function : callable
            Takes parameters by name (``p["alpha"]``: a number, or an array of draws)
            and returns a number or an array of the same length:
            ``lambda p: p["beta"] / (p["alpha"] + p["beta"])``.
        alpha, method
            As in `conf_int`. 'sandwich' takes percentiles of draws from the
            multivariate t distribution with that covariance.

        Returns
        -------
        dl_limits.laws.estimate.Estimate
        """
        point, low, high = self._interval(lambda p: np.asarray(function(p), float)[..., None], alpha, method)
        return Estimate(float(point[0]), float(low[0]), float(high[0]), self._check_method(method), alpha)

    @cached_property
    def _sandwich(self):
        model = self.model
        return surface_sandwich(model.design, self._theta[:, 0], model.weights, self.delta, model.groups)

    def _named_cov(self):
        """Covariance of log E, log A, log B, alpha and beta."""
        (h, k, _), (wide, deep) = self.model.design.origin, self.model.design.span
        turn = np.diag([1, 1, 1, 1 / wide, 1 / deep])
        turn[1, 3], turn[2, 4] = h / wide, k / deep
        cov = self._sandwich.cov
        unsure = np.isnan(np.diag(cov))
        named = turn @ np.nan_to_num(cov) @ turn.T
        named[unsure], named[:, unsure] = np.nan, np.nan
        return named

    def _check_method(self, method):
        method = method or ("sandwich" if self.draws is None else "percentile")
        choice(method, SURFACE_METHODS, "method")
        if method != "sandwich" and self.draws is None:
            raise ValueError(f"method={method!r} needs draws: call bootstrap() first")
        return method

    def _solutions(self, method):
        """Solutions whose scatter is the uncertainty, shape (5, m)."""
        if self._check_method(method) != "sandwich":
            return self._boot
        return self._sandwich.draws(self._theta[:, 0])

    def _interval(self, function, alpha, method):
        """Point, low and high of a function from named parameters (m,) to values (m, k)."""
        named = lambda theta: pd.DataFrame(self.model.design.natural(theta).T, columns=SURFACE_PARAMETERS)  # noqa: E731
        check_alpha(alpha)
        with np.errstate(all="ignore"):  # a draw at a bound may divide by zero: infinite or NaN is the answer
            point = function(named(self._theta))[0]
            draws = function(named(self._solutions(method)))
            if draws.ndim != 2:
                raise ValueError("function must return one number for each row of parameters")
            if method == "bca":
                left_out = function(named(resamples.left_out(self._problem(), self._groups)))
                ends = [bca_interval(d, p, j, alpha) for d, p, j in zip(draws.T, point, left_out.T, strict=True)]
            else:
                ends = [percentile_interval(d, alpha) for d in draws.T]
        return point, *np.transpose(ends)

    # -- predictions

    def predict(self, params, tokens):
        """Return the surface at N `params` and D `tokens` (broadcast), in the unit of loss."""
        n, d = _places(params, tokens)
        value = np.exp(self._log_surface(self._theta, n, d)[0])
        return value.reshape(np.broadcast_shapes(np.shape(params), np.shape(tokens)))

    def _log_surface(self, theta, n, d):
        """Log of the surface for each solution and place, shape (m, k)."""
        design = self.model.design
        (h, k, z), (wide, deep) = design.origin, design.span
        return z + design.log_law(theta, (np.log(n) - h) / wide, (np.log(d) - k) / deep)

    def log_surface_draws(self, params, tokens, method=None):
        """Return log of the surface for each draw of its uncertainty, shape (m, k), as `conf_int` takes them."""
        return self._log_surface(self._solutions(method), params, tokens)

    @cached_property
    def past_forecasts(self):
        """What fits to smaller budgets foretold of larger runs, see `rolling.past_forecasts`."""
        model = self.model
        weights = None if (model.weights == 1).all() else model.weights
        return past_forecasts(model.loss, model.params, model.tokens, weights=weights)

    @property
    def residual_spread(self):
        """Standard deviation of log residuals, inflated for the five fitted numbers."""
        weights = self.model.weights
        free = max(self.nobs - len(SURFACE_PARAMETERS), 1)
        return float(np.sqrt(np.average(self._resid**2, weights=weights) * self.nobs / free))

    def get_prediction(self, params, tokens):
        """Return the forecast of a new run; its ``summary_frame(alpha)`` has intervals that learn from past misses."""
        return SurfacePrediction(self, *_places(params, tokens))

    def predict_interval(self, params, tokens, level=0.95):
        """Interval of the loss of a new run: arrays ``(lower, upper)``."""
        frame = self.get_prediction(params, tokens).summary_frame(alpha=1 - level)
        return frame["obs_ci_lower"].to_numpy(), frame["obs_ci_upper"].to_numpy()

    def optimal_allocation(self, flops, alpha=0.05, method=None, *, inference_tokens=0.0, overtraining=1.0):
        """Sizes and data that minimise the surface at given compute, C = 6 N D + 2 N T.

        Without inference, Hoffmann et al. (2022), equation 4: N = G (C / 6)**(beta / (alpha + beta)) with
        G = (alpha A / (beta B))**(1 / (alpha + beta)). With T tokens to be served, 2 N operations each, the
        minimum lies at a smaller N (Sardana et al. 2024, equation 3) and is found by bisection.

        Parameters
        ----------
        flops : float or array_like
            Operations C, of training and of the stated inference.
        inference_tokens : float
            Tokens T that the network will process once trained.
        overtraining : float
            How many times the optimal tokens per parameter are wanted, at the same compute; without inference.
        alpha, method
            As in `conf_int`; 'sandwich' as in `derive`.

        Returns
        -------
        DataFrame
            Columns ``flop``, ``quantity`` ('params', 'tokens', 'tokens_per_param',
            'loss'), ``estimate``, ``low``, ``high``; four rows for each value of
            `flops`.

        Raises
        ------
        ValueError
            For flops or overtraining that are not positive and finite, inference_tokens below zero, both
            together, and options as in `conf_int`.
        """
        flops, factor = positive(flops, "flops"), single(overtraining, "overtraining")
        if factor <= 0:
            raise ValueError(f"overtraining must be positive, not {overtraining!r}")
        if not (np.isfinite(inference_tokens) and inference_tokens >= 0):
            raise ValueError(f"inference_tokens must be zero or positive and finite, not {inference_tokens!r}")
        if inference_tokens and factor != 1:
            raise ValueError(
                "give inference_tokens or overtraining, not both: each says how small the network is to be"
            )
        kinds = ("params", "tokens", "tokens_per_param", "loss")

        def optimum(p):
            p = {name: p[name].to_numpy()[:, None] for name in SURFACE_PARAMETERS}
            n, d = laws_loss.optimum(p, flops, inference_tokens)
            n, d = n / np.sqrt(factor), d * np.sqrt(factor)
            return np.hstack([n, d, d / n, laws_loss.loss(p, n, d)])

        values = self._interval(optimum, alpha, method)
        table = pd.DataFrame(dict(zip(("estimate", "low", "high"), values, strict=True)))
        table.insert(0, "quantity", np.repeat(kinds, len(flops)))
        table.insert(0, "flop", np.tile(flops, len(kinds)))
        return table.sort_values("flop", kind="stable", ignore_index=True)

    # -- what to know before believing it

    @property
    def notes(self):
        """Plain sentences about bounds that are reached and parameters the runs hardly determine."""
        return _identification_notes(self)

    def summary(self, alpha=0.05, method=None):
        """Return a statsmodels `Summary`: what was fitted, the parameters, the notes."""
        method = self._check_method(method)
        objective = self.method if self.method != "huber" else f"huber, delta {self.delta:g}"
        info = [
            ["Law", "E + A/N^alpha + B/D^beta", "Runs", f"{self.nobs:d}"],
            ["Objective", objective, "Minimum", f"{self.objective:.9g}"],
            ["Std errors", self.bse_method, "Intervals", method],
        ]
        table = pd.concat([self.params, self.bse, self.conf_int(alpha, method)], axis=1)
        cells = [[f"{v:.5g}" for v in row] for row in table.to_numpy()]
        header = ["estimate", "std err", f"[{alpha / 2:g}", f"{1 - alpha / 2:g}]"]
        result = Summary()
        result.tables = [SimpleTable(info), SimpleTable(cells, header, SURFACE_PARAMETERS)]
        result.add_extra_txt(self.notes)
        return result


def _places(params, tokens):
    """Positive, finite N and D of one shape, as flat arrays."""
    n, d = np.broadcast_arrays(np.asarray(params, float), np.asarray(tokens, float))
    return positive(n.ravel(), "params"), positive(d.ravel(), "tokens")


def _identification_notes(results):
    """Sentences about a fitted surface that its reader should know, as a list.

    A term at zero, an exponent at a bound, standard errors as large as what they
    belong to, resamples at a bound or without a solution.
    """
    notes = []
    theta = results._theta[:, 0]
    effects = {"A": "size", "B": "data"}
    for i, (name, exponent) in enumerate((("A", "alpha"), ("B", "beta")), start=1):
        if theta[i] == 0 or theta[i + 2] == 0:
            notes.append(f"{name} or {exponent} is 0, its bound: these runs show no effect of {effects[name]}.")
        elif theta[i + 2] >= STEEPEST_EXPONENT:
            notes.append(f"{exponent} is at its upper bound: only the smallest runs show an effect of {effects[name]}.")
    if theta[0] == 0:
        notes.append("E is 0, its bound: these runs show no floor.")
    relative = np.sqrt(np.diag(results._named_cov()))
    for i, name in enumerate(("E", "A", "B")):
        if relative[i] > 1:
            notes.append(f"{name} is weakly identified: its standard error is larger than itself.")
    for i, name in ((3, "alpha"), (4, "beta")):
        if 1.96 * relative[i] > results.params[name]:
            notes.append(f"{name} is weakly identified: its 95 % interval reaches 0.")
    known = sum(1 for _ in budget_origins(results.model.params, results.model.tokens))
    if known < 3:
        notes.append(
            f"{known or 'No'} smaller budget{'s' if known != 1 else ''} could be forecast from: the interval of "
            "a new run rests on the default growth of misses, learnt on other runs."
        )
    if results._boot is not None:
        lost = np.isnan(results._boot).any(axis=0)
        bound = (results._boot == 0).any(axis=0) | (results._boot[3:] >= STEEPEST_EXPONENT).any(axis=0)
        total = len(lost)
        if bound.any():
            notes.append(f"{bound.sum()} of {total} resamples put a parameter at a bound.")
        if lost.any():
            notes.append(f"{lost.sum()} of {total} resamples hold too few sizes or amounts of data for a fit.")
    return notes
