"""Designs of the laws: one-variable power laws, floors, records, ImageNet's points, the loss surface."""

from __future__ import annotations

import warnings
from functools import cache, partial

import numpy as np
from scipy import stats
from statsmodels.tools.sm_exceptions import IterationLimitWarning

from dl_limits.calibration.registry import ALPHA, NOMINAL, Designs, tested
from dl_limits.inference.record_law import RecordLaw
from dl_limits.inference.specification import Specification, SpecificationCurve
from dl_limits.laws import loss as laws_loss
from dl_limits.laws import robust
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.laws.resampling import percentile_interval
from dl_limits.laws.surface import LossSurface
from dl_limits.laws.surface.results import SURFACE_METHODS
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.studies.scaling import fit as scaling_fit

DESIGNS = Designs()
_register = DESIGNS.register

# ---------------------------------------------------------------------- what is asked of a fit


def _asked(method, fit, truth, target, x_target):
    """Yield exponent and required x of one fit."""
    low, high = fit.conf_int(ALPHA).loc["exponent"]
    yield method, "exponent", low, high, truth
    answer = fit.required(target, ALPHA)
    yield method, "required", answer.low, answer.high, x_target


def _bent(x, exponent, floor, noise, target, fits):
    """Return a design: a law ``x**-exponent + floor``, and what several fits say of it.

    `noise` maps a generator to errors of log y; `target` is the x whose level is asked
    for; `fits` maps names to arguments of `PowerLaw` and of `fit`.
    """
    mean = x**-exponent + floor
    level = target**-exponent + floor

    def draw(rng):
        y = mean * np.exp(noise(rng))
        for method, (law, fit) in fits.items():
            result = PowerLaw(y, x, **law).fit(**fit)
            yield from _asked(method, result, exponent, level, target)
            if law == {"floor": "estimate"} and not fit:
                yield method, "floor", *result.profile.floor_interval(ALPHA), floor
                new = level * np.exp(noise(rng)[-1])
                low, high = result.predict_interval([target], NOMINAL)
                yield method, "new observation", low[0], high[0], new
                for kind in ("rows", "wild"):
                    draws = result.bootstrap(200, seed=int(rng.integers(2**31)), kind=kind)["exponent"]
                    ends = percentile_interval(draws.to_numpy(), ALPHA)
                    yield f"floor, {kind} bootstrap", "exponent", *ends, exponent
                for kind in ("mixture", "bootstrap"):
                    test = result.floor_test(kind, n_boot=199, seed=int(rng.integers(2**31)))
                    yield f"floor test, {kind}", "no floor", *tested(test.pvalue)

    return draw


PLAIN, FLOOR = ({}, {}), ({"floor": "estimate"}, {})
_BOOTSTRAPS = "floor, rows bootstrap", "floor, wild bootstrap"
UNEVEN = {"weights": "estimate"}, {"cov": "HC3"}
UNEVEN_FLOOR = {"weights": "estimate", "floor": "estimate"}, {"cov": "HC3"}


def _even(n, sd):
    return lambda rng: sd * rng.standard_normal(n)


def _uneven(x, sd):
    """Errors of a t distribution with 3 degrees of freedom whose scale falls as x**-0.25."""
    return lambda rng: sd * x**-0.25 * rng.standard_t(3, len(x)) / np.sqrt(3)


for _n in (12, 6):
    _register(
        f"line-{_n}",
        f"no floor, {_n} points",
        {"exponent": "line", "required": "line", "no floor": "floor test, bootstrap"},
        variants=_BOOTSTRAPS,
    )(_bent(np.geomspace(1, 1e3, _n), 0.3, 0.0, _even(_n, 0.05), 2e4, {"line": PLAIN, "floor": FLOOR}))
_X = np.geomspace(1, 1e3, 12)
for _place, _floor, _target in (("inside", 0.15, 1e3), ("beyond", 0.003, 1e4)):
    _known = {"floor": _floor, "error": "law"}, {}
    _register(
        f"floor-{_place}",
        f"floor {_place} the data",
        {"exponent": "floor", "required": "floor", "floor": "floor"},
        variants=_BOOTSTRAPS,
    )(_bent(_X, 0.5, _floor, _even(12, 0.03), _target, {"line": PLAIN, "floor": FLOOR, "floor known": _known}))
_X = np.geomspace(1, 1e3, 16)
_register(
    "tails-line",
    "shrinking heavy tails, no floor",
    {"exponent": "line, weights, HC3", "required": "line, weights, HC3"},
)(
    _bent(
        _X,
        0.3,
        0.0,
        _uneven(_X, 0.15),
        2e4,
        {"line": PLAIN, "line, HC3": ({}, {"cov": "HC3"}), "line, weights, HC3": UNEVEN},
    )
)
_register(
    "tails-floor",
    "shrinking heavy tails, floor",
    {"exponent": "floor, weights, HC3", "required": "floor, weights, HC3"},
    variants=_BOOTSTRAPS,
)(
    _bent(
        _X,
        0.5,
        0.1,
        _uneven(_X, 0.15),
        1e3,
        {
            "line": PLAIN,
            "floor": FLOOR,
            "floor, HC3": ({"floor": "estimate"}, {"cov": "HC3"}),
            "floor, weights, HC3": UNEVEN_FLOOR,
        },
    )
)


# ---------------------------------------------------------------------- the ImageNet points

COEF, EXPONENT, SCATTER = 570.0, 0.0733, 0.26  # of the published regression, rounded
TARGET, FAR = 5.0, 1e25
RELIABILITY = 0.8


def _points():
    """Log compute, year and whether the row was a record when published, in order of publication."""
    points = imagenet_points.regression_points().sort_values("published", kind="stable")
    error = points["top1_error_pct"].to_numpy()
    record = np.r_[False, error[1:] <= np.minimum.accumulate(error)[:-1]]
    return np.log(points["peak_burden_flop"].to_numpy()), points["published"].dt.year.to_numpy(), record


def _burden(x):
    """Return the design of independent scatter: the published regression with another x."""

    def draw(rng):
        fit = PowerLaw(COEF * x**-EXPONENT * np.exp(SCATTER * rng.standard_normal(len(x))), x).fit()
        new = COEF * FAR**-EXPONENT * np.exp(SCATTER * rng.standard_normal())
        yield from _asked("line", fit, EXPONENT, TARGET, (COEF / TARGET) ** (1 / EXPONENT))
        answer = fit.multiplier(11.5, TARGET, ALPHA)
        yield "line", "multiplier", answer.low, answer.high, (11.5 / TARGET) ** (1 / EXPONENT)
        answer = fit.required(new, ALPHA, of="new")
        yield "line", "required, new", answer.low, answer.high, FAR
        low, high = fit.predict_interval([FAR], NOMINAL)
        yield "line", "new observation", low[0], high[0], new

    return draw


_ALL = dict.fromkeys(("exponent", "required", "multiplier", "required, new", "new observation"), "line")
_register("points-even", "13 points, evenly spaced", _ALL)(_burden(np.geomspace(1e18, 5e22, 13)))


@_register("points", "ImageNet points", _ALL)
def _imagenet_points(rng):
    yield from _burden(np.exp(_points()[0]))(rng)


def _field(rng, reliability=1.0, selected=False):
    """Draw the 13 points: half of the variance shared within a year; return compute, year, error.

    With a reliability below one the compute that counts differs from the compute that
    is printed; given what is printed it is drawn from the regression of the one on the
    other, so that the printed values stay the real ones. With `selected`, a point that
    was a record in reality is one here: runs are drawn until one beats the record.
    """
    h, year, record = _points()
    spread = np.sqrt(reliability * (1 - reliability)) * h.std()
    true = robust.true_predictor(h, reliability) + spread * rng.standard_normal(len(h))
    shared = rng.standard_normal(len(h))[np.unique(year, return_inverse=True)[1]]
    z = np.log(COEF) - EXPONENT * true + np.sqrt(0.5) * SCATTER * shared
    best = np.inf
    for i in range(len(z)):
        top = (best - z[i]) / (np.sqrt(0.5) * SCATTER) if selected and record[i] else np.inf
        z[i] += np.sqrt(0.5) * SCATTER * _below(rng, top)
        best = min(best, z[i])
    return np.exp(h), year, np.exp(z)


def _below(rng, top):
    """Draw a standard normal number below `top`, as from attempts until one is."""
    return -stats.truncnorm.rvs(-top, np.inf, random_state=rng) if np.isfinite(top) else rng.standard_normal()


def _imagenet(rng, fits, **field):
    x, year, y = _field(rng, **field)
    better = np.exp(robust.true_predictor(np.log(x), RELIABILITY))
    truth = EXPONENT, TARGET, (COEF / TARGET) ** (1 / EXPONENT)
    every = {
        "line": lambda: PowerLaw(y, x).fit(),
        "line, jackknife": lambda: PowerLaw(y, x, groups=year).fit(cov="jackknife"),
        "line, true x, jackknife": lambda: PowerLaw(y, better, groups=year).fit(cov="jackknife"),
        "records": lambda: RecordLaw(y, x, groups=year).fit(),
        "records, true x": lambda: RecordLaw(y, better, groups=year).fit(),
    }
    for method in fits:
        yield from _asked(method, every[method](), *truth)


def _best(method):
    return {"exponent": method, "required": method}


_LINES = ["line", "line, jackknife", "line, true x, jackknife"]
_register("points-clusters", "ImageNet points, clusters", _best("line, jackknife"))(partial(_imagenet, fits=_LINES[:2]))
_register("points-error", "ImageNet points, clusters, error in compute", _best("line, true x, jackknife"))(
    partial(_imagenet, fits=_LINES, reliability=RELIABILITY)
)
# the likelihood of records knows nothing of clusters: alone it falls short here (measured)
_register("points-records", "ImageNet points, clusters, records", _best("line, jackknife"))(
    partial(_imagenet, fits=[*_LINES[:2], "records"], selected=True)
)
_register("points-error-records", "ImageNet points, clusters, error in compute, records", _best("records, true x"))(
    partial(_imagenet, fits=[*_LINES, "records", "records, true x"], reliability=RELIABILITY, selected=True)
)


def _documented(rng, shared):
    """Yield the slope of the documented models, a share of the scatter common to each paper."""
    models = imagenet_points.documented_models()
    x, papers = models["training_flop"].to_numpy(), np.unique(models["paper"].astype(str), return_inverse=True)[1]
    common = np.sqrt(shared) * rng.standard_normal(papers.max() + 1)[papers]
    own = np.sqrt(1 - shared) * rng.standard_normal(len(x))
    law = PowerLaw(COEF * x**-EXPONENT * np.exp(0.15 * (common + own)), x, groups=papers)
    for cov in ("classical", "cluster", "jackknife"):
        low, high = law.fit(cov=cov).conf_int(ALPHA).loc["exponent"]
        yield f"line, {cov}", "exponent", low, high, EXPONENT


for _share in (0, 50, 90):
    _register(f"documented-{_share}", f"documented models, {_share} % shared", {"exponent": "line, jackknife"})(
        partial(_documented, shared=_share / 100)
    )


# ---------------------------------------------------------------------- the loss surface


def surface_truth():
    """Runs of chapter 04, their sizes as labels, and its surface: the truth."""
    runs = scaling_fit.runs()
    return runs["params"].to_numpy(), runs["tokens"].to_numpy(), runs["size"].to_numpy(), scaling_fit.surface()


def _surface_answers(rng, alike):
    """Yield what intervals say of simulated runs; with `alike`, runs of one size share a part of their error."""
    params, tokens, sizes, truth = surface_truth()
    loss = truth.simulate(rng.integers(2**31), sizes if alike else None)
    known = {**truth.params, "a": laws_loss.size_exponent(truth.params)}
    rng.integers(truth.nobs)  # once chose a new run; the seeds of what follows hang on it
    for label, groups in (("", None), (", sizes", sizes))[: 1 + alike]:
        results = LossSurface(loss, params, tokens, groups=groups).fit()
        results.bootstrap(400, seed=int(rng.integers(2**31)))
        for method in SURFACE_METHODS:
            table = results.conf_int(ALPHA, method).T
            split = results.derive(laws_loss.size_exponent, ALPHA, method)
            table["a"] = split.low, split.high
            for quantity in ("E", "alpha", "beta", "a"):
                yield method + label, quantity, *table[quantity], known[quantity]


_SURFACE = ("E", "alpha", "beta", "a")
_register("surface-runs", "loss surface", dict.fromkeys(_SURFACE, "percentile"))(partial(_surface_answers, alike=False))
_register("surface-sizes", "loss surface, sizes alike", dict.fromkeys(_SURFACE, "percentile, sizes"))(
    partial(_surface_answers, alike=True)
)


# ---------------------------------------------------------------------- estimators of other questions

_SYMMETRIC = ("reverse", "rma", "orthogonal")


@cache
def _moments():
    """Return means and covariance of log compute and log error of the 13 points, and what each estimator aims at."""
    points = imagenet_points.regression_points()
    pairs = np.log(points[["peak_burden_flop", "top1_error_pct"]].to_numpy())
    cov = np.cov(pairs.T)
    (xx, xy), (_, yy) = cov
    axis = np.linalg.eigh(cov)[1][:, -1]  # of the larger spread
    aims = {"reverse": yy / xy, "rma": -np.sqrt(yy / xx), "orthogonal": axis[1] / axis[0]}
    return pairs.mean(axis=0), cov, {name: -slope for name, slope in aims.items()} | {"direct": -xy / xx}


@_register("points-both-drawn", "13 points, both coordinates drawn", {"exponent": "ols"})
def _both_drawn(rng):
    """Draw error and compute from one normal distribution; each estimator is asked for its own line's exponent."""
    mean, cov, aims = _moments()
    x, y = np.exp(rng.multivariate_normal(mean, cov, 13)).T
    for method in ("ols", "quantreg", "rlm", *_SYMMETRIC):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", IterationLimitWarning)  # a median of 13 points may have two answers
            low, high = PowerLaw(y, x).fit(method).conf_int(ALPHA).loc["exponent"]
        yield method, "exponent", low, high, aims.get(method, aims["direct"])


@_register(
    "specifications",
    "specification curve, clusters",
    {"median multiplier": "papers resampled", "null of the curve": "null imposed, median"},
    signed=("median multiplier",),
    chapters=("06",),
)
def _curve(rng):
    """Draw the documented models with the claimed multiplier in truth; ask the median of four specifications for it."""
    models = imagenet_points.documented_models()
    x, papers = models["training_flop"].to_numpy(), models["paper"].astype(str).to_numpy()
    codes = np.unique(papers, return_inverse=True)[1]
    common = rng.standard_normal(codes.max() + 1)[codes]
    noise = 0.15 * (np.sqrt(0.5) * common + np.sqrt(0.5) * rng.standard_normal(len(x)))
    (start, target), claimed = imagenet_points.levels(), imagenet_points.claimed_power()
    exponent = np.log(start / target) / (claimed * np.log(10))
    y = COEF * x**-exponent * np.exp(noise)
    samples = {"all": np.full(len(x), True), "most computing": x > np.quantile(x, 0.25)}
    laws = {name: PowerLaw(y[rows], x[rows], groups=papers[rows]) for name, rows in samples.items()}
    specs = [
        Specification({"data": name, "estimator": method}, law, start, target, float(x.max()), {"method": method})
        for name, law in laws.items()
        for method in ("ols", "rlm")
    ]
    joint = SpecificationCurve(specs).resample(claimed, n_boot=199, seed=int(rng.integers(2**31)))
    yield "papers resampled", "median multiplier", *joint.median_interval(ALPHA)[1:], claimed
    yield "null imposed, median", "null of the curve", *tested(joint.p_median())
