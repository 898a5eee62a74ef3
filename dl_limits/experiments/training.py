"""What one run of the learning-curve experiments does: data, a network, its test error and loss.

Networks are scikit-learn's multilayer perceptrons with one hidden layer and its default
settings (Adam, step 0.001). A run depends on nothing but its task, width, size and seed:
every random number comes from `numpy.random.SeedSequence` with these as its key, and the
linear algebra uses one thread.

==================  =============================================================
task                what is learned
==================  =============================================================
digits              ten digits from 8 × 8 images, from scratch
digits_pretrained   the same, after learning without labels which way up images are
five_digits         five digits, drawn anew for each seed, from scratch
five_pretrained     the same, after learning the other five digits
language            the next word of `language.zipf_language`, from scratch
language_pretrained the same, after learning a related language
==================  =============================================================

A task and its ``_pretrained`` partner share data, split and test for equal seeds.
"""

from __future__ import annotations

import copy
import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from dl_limits.experiments.language import zipf_language

ENTROPY = 2020  # root of all seeds
TEST_SHARE = 0.2
UPDATES, BATCH = 2000, 32  # of the digits: every run gets the same number of steps
WORD_BATCH, PATIENCE, MOST_UPDATES = 100, 400, 16_000  # of the language: stops when validation stops improving
RELATED, PRETRAINING_WORDS = 7, 8000  # seed of the related language, words learned of it
DECIMALS = 8
FAMILY = {
    "digits": 0, "digits_pretrained": 0, "five_digits": 1, "five_pretrained": 1, "language": 2, "language_pretrained": 2
}  # fmt: skip


class Run(NamedTuple):
    """One trained and tested network: a row of every table of runs.

    ``size`` counts training examples, ``params`` weights and biases. Error (per cent)
    and loss (nats an example) are those of the images held out; for the language they
    are exact expectations, not a sample.
    """

    task: str
    width: int
    params: int
    size: int
    seed: int
    test_error_pct: float
    test_loss_nats: float


def rng_of(*key):
    """Return the generator of a place in the tree of seeds."""
    return np.random.default_rng(np.random.SeedSequence(ENTROPY, spawn_key=key))


def train(task, width, size, seed):
    """Train one network and test it.

    Parameters
    ----------
    task : str
        A key of `FAMILY`.
    width : int
        Hidden units.
    size : int
        Training examples (images, or words).
    seed : int
        Which repetition: split or sample, and the network's start.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        For more examples than there are.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        # a fixed number of steps is the design, not a failure to converge
        warnings.simplefilter("ignore", ConvergenceWarning)
        learn = _words if task.startswith("language") else _images
        model, error, loss = learn(task, width, size, seed)
    params = sum(part.size for part in (*model.coefs_, *model.intercepts_))
    return Run(task, width, params, size, seed, round(100 * float(error), DECIMALS), round(float(loss), DECIMALS))


# ------------------------------------------------------------------ digits


@lru_cache(1)
def images():
    """Return the bundled digits: pixels between 0 and 1, shape (1797, 64), and labels."""
    pixels, labels = load_digits(return_X_y=True)
    return pixels / 16, labels


@lru_cache(64)
def split(task, seed):
    """Return the rows of one repetition.

    Returns
    -------
    order : ndarray
        Training rows; every beginning of it is a training set with balanced classes,
        so that a doubled set contains the smaller one.
    test : ndarray
        Rows held out: a stratified fifth of the images (of the target digits).
    pretraining : ndarray
        Rows for pretraining: the training rows without their labels, or the training
        rows of the other digits.
    """
    labels = images()[1]
    rng = rng_of(FAMILY[task], seed)
    state = int(rng.integers(2**31))
    pool, test = train_test_split(np.arange(len(labels)), test_size=TEST_SHARE, stratify=labels, random_state=state)
    pool = rng.permutation(pool)
    if FAMILY[task] == 0:
        return _balanced(pool, labels, rng), test, pool
    target = np.isin(labels, rng.permutation(10)[:5])
    return _balanced(pool[target[pool]], labels, rng), test[target[test]], pool[~target[pool]]


def check_size(task, size, seed):
    """Raise ValueError if a task has fewer than `size` training examples; a language has any number."""
    if FAMILY[task] < 2 and size > (most := len(split(task, seed)[0])):
        raise ValueError(f"size {size} is larger than the data: task {task}, seed {seed} has {most} training images")


def _balanced(rows, labels, rng):
    """Order rows so that each beginning holds equally many of each label, up to one."""
    turn = np.empty(len(rows), int)
    for label in np.unique(labels[rows]):
        mine = labels[rows] == label
        turn[mine] = np.arange(mine.sum())
    return rows[np.lexsort((rng.random(len(rows)), turn))]


def _images(task, width, size, seed):
    pixels, labels = images()
    check_size(task, size, seed)
    order, test, _ = split(task, seed)
    rows = order[:size]
    if np.intersect1d(rows, test).size:
        raise RuntimeError("test rows among the training rows")
    state = int(rng_of(FAMILY[task], seed, width, size).integers(2**31))
    model = _network(width, size, state)
    if task.endswith("_pretrained"):
        _start(model, pixels[rows], labels[rows], _pretrained_on_images(task, width, seed))
    model.fit(pixels[rows], labels[rows])
    probability = model.predict_proba(pixels[test])
    column = np.searchsorted(model.classes_, labels[test])
    loss = -np.log(np.maximum(probability[np.arange(len(test)), column], np.finfo(float).tiny)).mean()
    return model, 1 - (probability.argmax(axis=1) == column).mean(), loss


def _network(width, size, state):
    """Return a network that will take `UPDATES` steps (rounded up to whole passes)."""
    batch = min(BATCH, size)
    passes = -(-UPDATES // -(-size // batch))
    return MLPClassifier((width,), batch_size=batch, max_iter=passes, n_iter_no_change=passes, random_state=state)


def _start(model, x, y, teacher):
    """Give `model` its random start, then the hidden layer of `teacher`; its output layer stays random."""
    settings = {"max_iter": model.max_iter, "learning_rate_init": model.learning_rate_init}
    model.set_params(max_iter=1, learning_rate_init=1e-300, warm_start=True).fit(x, y)  # no step worth the name
    model.set_params(**settings)
    model.coefs_[0], model.intercepts_[0] = teacher.coefs_[0].copy(), teacher.intercepts_[0].copy()


@lru_cache(64)
def _pretrained_on_images(task, width, seed):
    pixels, labels = images()
    rows = split(task, seed)[2]
    x, y = pixels[rows], labels[rows]
    if task == "digits_pretrained":  # which of four ways up (Gidaris et al. 2018): needs no label
        pictures = x.reshape(-1, 8, 8)
        x = np.concatenate([np.rot90(pictures, turn, (1, 2)).reshape(-1, 64) for turn in range(4)])
        y = np.repeat(np.arange(4), len(pictures))
    state = int(rng_of(FAMILY[task], seed, width).integers(2**31))
    return _network(width, len(x), state).fit(x, y)


# ------------------------------------------------------------------ language


@lru_cache(2)
def language(order=None):
    """Return `language.zipf_language`, made once."""
    return zipf_language(order)


def _words(task, width, size, seed):
    state = int(rng_of(FAMILY[task], seed, width, size).integers(2**31))
    start = _pretrained_on_words(width, seed) if task == "language_pretrained" else None
    model = _learn_words(language().sample(size + 2, rng_of(FAMILY[task], seed)), width, state, start)
    v = language().words
    predicted = model.predict_proba(_one_hot(*np.divmod(np.arange(v**2), v))).reshape(v, v, v)
    return model, language().error(predicted), language().loss(predicted)


def _one_hot(before, last):
    eye = np.eye(language().words)
    return np.concatenate([eye[before], eye[last]], axis=1)


def _learn_words(words, width, state, start=None):
    """Fit to nine tenths of a text; keep the weights with the least loss on the last tenth."""
    x, y = _one_hot(words[:-2], words[1:-1]), words[2:]
    cut = len(y) - len(y) // 10
    batch = min(WORD_BATCH, cut)
    model = MLPClassifier((width,), batch_size=batch, random_state=state)
    if start is not None:
        model = copy.deepcopy(start).set_params(batch_size=batch)
    least, best, taken, found = np.inf, None, 0, 0
    while taken < MOST_UPDATES and taken - found <= PATIENCE:
        model.partial_fit(x[:cut], y[:cut], classes=np.arange(language().words))
        taken += -(-cut // batch)
        loss = -np.log(model.predict_proba(x[cut:])[np.arange(len(y) - cut), y[cut:]]).mean()
        if loss < least:
            least, found = loss, taken
            best = [part.copy() for part in model.coefs_], [part.copy() for part in model.intercepts_]
    model.coefs_, model.intercepts_ = best
    return model


@lru_cache(64)
def _pretrained_on_words(width, seed):
    rng = rng_of(FAMILY["language"], seed, width)
    return _learn_words(language(RELATED).sample(PRETRAINING_WORDS + 2, rng), width, int(rng.integers(2**31)))
