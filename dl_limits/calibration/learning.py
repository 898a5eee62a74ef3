"""Designs of learning curves (chapter 05) and of shares of a loss surface (chapters 02 to 04)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from dl_limits.calibration.laws import surface_truth
from dl_limits.calibration.registry import ALPHA, SEED, Designs
from dl_limits.experiments.training import TEST_SHARE
from dl_limits.laws import loss as laws_loss
from dl_limits.laws.surface import LossSurface
from dl_limits.studies.gpt import family, shares
from dl_limits.studies.learning import curves

DESIGNS = Designs()
_register = DESIGNS.register

# ---------------------------------------------------------------------- chapter 05: splits that share images

CLASSES, IMAGES, FEATURES, SEEDS = 10, 1797, 20, 20
SIZES = 22 * 2 ** np.arange(7)
TASK, SLOPE, GAIN, ADVANTAGE, WORTH = (
    "digits",
    "slope per doubling",
    "gain of the last doubling",
    "advantage at the smallest size",
    "worth at the smallest size",
)
PRIOR_IMAGES = 3  # what pretraining is worth, in images a class


@cache
def _world():
    """Return the centres of the classes, and the vague idea of them that pretraining gives."""
    rng = np.random.default_rng([SEED, 5])
    centres = 0.9 * rng.standard_normal((CLASSES, FEATURES))
    return centres, centres + rng.standard_normal(centres.shape) / np.sqrt(PRIOR_IMAGES)


def _images(rng, n):
    """Return `n` images of the world, classes in turn, and their labels."""
    label = np.arange(n) % CLASSES
    return _world()[0][label] + rng.standard_normal((n, FEATURES)), label


def _errors(train, test):
    """Return test errors in per cent, from scratch and pretrained, at every size: nearest class mean."""
    (x, label), (new, truth), prior = train, test, _world()[1]
    out = np.empty((2, len(SIZES)))
    for i, size in enumerate(SIZES):
        member = np.eye(CLASSES)[label[:size]]
        total, count = member.T @ x[:size], member.sum(axis=0)[:, None]
        for row, weight in enumerate((0, PRIOR_IMAGES)):
            centre = (total + weight * prior) / (count + weight)
            out[row, i] = 100 * np.mean(cdist(new, centre, "sqeuclidean").argmin(axis=1) != truth)
    return out


def _runs(rng):
    """Return one data set in 20 splits, as `experiments.run` would: a fifth tests, the others train."""
    x, label = _images(rng, IMAGES)
    rows = []
    for seed in range(SEEDS):
        order = rng.permutation(IMAGES)
        test, pool = np.split(order, [round(TEST_SHARE * IMAGES)])
        turn = pd.Series(label[pool]).groupby(label[pool]).cumcount().to_numpy()
        pool = pool[np.argsort(turn, kind="stable")]
        found = _errors((x[pool], label[pool]), (x[test], label[test]))
        for task, errors in zip((TASK, curves.PARTNERS[TASK]), found, strict=True):
            rows += [(task, curves.WIDEST[TASK], size, seed, e) for size, e in zip(SIZES, errors, strict=True)]
    return pd.DataFrame(rows, columns=["task", "width", "size", "seed", "test_error_pct"])


@cache
def _expected():
    """Return what slopes, gains, advantage and worth are in truth: mean errors of 1,000 data sets of their own."""
    rng = np.random.default_rng([SEED, 6])
    mean = np.mean([_errors(_images(rng, SIZES[-1]), _images(rng, 1000)) for _ in range(1000)], axis=0)
    frames = [pd.DataFrame(np.repeat(row[:, None], 2, axis=1), SIZES) for row in mean]
    long = [f.reset_index().melt("index").set_axis(["size", "seed", "test_error_pct"], axis=1) for f in frames]
    tasks = zip((TASK, curves.PARTNERS[TASK]), long, strict=True)
    runs = pd.concat([f.assign(task=task, width=curves.WIDEST[TASK]) for task, f in tasks], ignore_index=True)
    return {quantity: estimate for quantity, (estimate, _, _) in _asked(runs).items()}


def _asked(runs):
    """Return estimate, low and high of every quantity, as chapter 05 computes them."""
    rows = {
        SLOPE: curves.slopes(runs, (TASK,)).iloc[0],
        GAIN: curves.data_gains(runs, TASK, curves.WIDEST[TASK]).iloc[-1],
        ADVANTAGE: curves.advantage(runs, TASK).iloc[0],
        WORTH: curves.worth(runs, TASK, draws=1000).iloc[0],
    }
    return {quantity: tuple(row[["estimate", "low", "high"]].astype(float)) for quantity, row in rows.items()}


_CORRECTED = "corrected for overlap"


_OVERLAP = "too wide: the correction supposes splits more alike than these are"


@_register(
    "learning-splits",
    "learning curves, splits of one data set",
    dict.fromkeys((SLOPE, GAIN, ADVANTAGE, WORTH), _CORRECTED),
    signed=(SLOPE, GAIN, ADVANTAGE),
    chapters=("05",),
    deviations=dict.fromkeys((SLOPE, GAIN, ADVANTAGE, WORTH), _OVERLAP),
)
def _splits(rng):
    """Draw 1,797 images of ten classes, split them 20 times, train a nearest-mean classifier at seven sizes.

    A learner that trains in microseconds stands in for the networks: what is measured is
    the correction for splits that share images, not the learner. The truth is that of
    other data sets. The draws behind ``worth`` number 1,000, in the book 4,000.
    """
    runs, truth = _runs(rng), _expected()
    for quantity, (_, low, high) in _asked(runs).items():
        yield _CORRECTED, quantity, low, high, truth[quantity]
    frame = curves.by_seed(runs, TASK, curves.WIDEST[TASK])
    partner = curves.by_seed(runs, curves.PARTNERS[TASK], curves.WIDEST[TASK])
    free = "language"  # a task whose seeds share nothing: no correction
    sizes = frame.index.to_numpy(float)
    plain = {
        SLOPE: curves.jackknife(lambda y: curves.slope_per_doubling(sizes, y), [frame], free).iloc[0],
        ADVANTAGE: curves.jackknife(lambda a, b: a - b, [frame, partner], free).iloc[0],
    }
    for quantity, row in plain.items():
        yield "seeds as independent", quantity, row["low"], row["high"], truth[quantity]


@cache
def _words():
    """Return the stored losses of the widest language network, from scratch: one column a seed."""
    return curves.by_seed(curves.stored(), "language", curves.WIDEST["language"])


@_register(
    "learning-texts", "learning curves, new texts", {SLOPE: "jackknife of seeds"}, signed=(SLOPE,), chapters=("05",)
)
def _new_texts(rng):
    """Draw eight repetitions with the means and the covariance of the language's stored runs, texts drawn anew."""
    stored = _words()
    centre, n = stored.mean(axis=1).to_numpy()[:, None], stored.shape[1]
    resid = stored.to_numpy() - centre
    drawn = centre + resid @ rng.standard_normal((n, n)) / np.sqrt(n - 1)
    sizes = stored.index.to_numpy(float)
    frame = pd.DataFrame(drawn, stored.index)
    found = curves.jackknife(lambda y: curves.slope_per_doubling(sizes, y), [frame], "language").iloc[0]
    truth = curves.slope_per_doubling(sizes, centre[:, 0])
    yield "jackknife of seeds", SLOPE, found["low"], found["high"], truth


# ---------------------------------------------------------------------- chapters 02 to 04: shares of a surface

_STEP = ("GPT-2", "GPT-3")


def _shares(p, size, text):
    """Return what the chapters make of a surface's parameters, each an array with one value a draw."""
    closes = laws_loss.tenfold(p, size, text)
    ends = [family.tokens(name) for name in _STEP]
    start, end = np.sqrt(ends[0][0] * ends[0][1]), ends[1][0]
    split = shares.size_share(_STEP, lambda n, d: np.asarray(laws_loss.loss(p, n[0], d)), start, end)
    return {
        "share of size, GPT-2 to GPT-3": split,
        "ten times the data": closes["data"],
        "ten times the size": closes["params"],
        "ten times the compute": closes["optimal"],
        "floor over loss at GPT-3": p["E"] / np.asarray(laws_loss.loss(p, size, text)),
    }


_QUANTITIES = (
    "share of size, GPT-2 to GPT-3",
    "ten times the data",
    "ten times the size",
    "ten times the compute",
    "floor over loss at GPT-3",
)


@_register(
    "surface-gpt",
    "surface, GPT-2 to GPT-3",
    dict.fromkeys(_QUANTITIES, "percentile, sizes"),
    chapters=("02", "03", "04"),
)
def _made_of_a_surface(rng):
    """Refit simulated runs whose sizes are alike, and carry 400 resamples (the book: 1,000 up) to GPT-3's place."""
    params, tokens, sizes, truth = surface_truth()
    loss = truth.simulate(rng.integers(2**31), sizes)
    fit = LossSurface(loss, params, tokens, groups=sizes).fit()
    fit.bootstrap(400, seed=int(rng.integers(2**31)))
    place = family.sizes("gpt_3_175b")[0], family.tokens("GPT-3")[0]
    true, drawn = _shares(truth.params, *place), _shares(fit.draws, *place)
    for quantity in _QUANTITIES:
        low, high = np.quantile(drawn[quantity], [ALPHA / 2, 1 - ALPHA / 2])
        yield "percentile, sizes", quantity, low, high, float(np.squeeze(true[quantity]))
