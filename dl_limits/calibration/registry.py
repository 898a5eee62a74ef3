"""Simulated designs, and how a design is repeated and counted (see `dl_limits.calibration`)."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import joblib
import numpy as np
import pandas as pd

SEED, NOMINAL = 2020, 0.95
ALPHA = 1 - NOMINAL
COVERAGE_COLUMNS = [
    "simulation_id",
    "design",
    "title",
    "chapters",
    "kind",
    "method",
    "quantity",
    "recommended",
    "nominal",
    "repetitions",
    "coverage",
    "monte_carlo_error",
    "unbounded_share",
    "coverage_bounded",
    "median_width_log10",
    "hits_of_first",
]
FIRST = 10  # repetitions whose hits are stored by themselves, so that a short run can be compared exactly


@dataclass(frozen=True)
class Simulation:
    """A data set whose law is known, and the answers of several methods.

    Attributes
    ----------
    id : str
        Short name.
    title : str
        What is simulated, in words. Its checksum seeds the draws.
    draw : callable
        ``draw(rng)`` yields ``(method, quantity, low, high, truth)``, each method and
        quantity once. A test is answered as an interval that holds its truth unless it
        rejects (`tested`).
    recommended : dict
        quantity -> the method that a user should take there, and that the book takes.
    signed : sequence of str
        Quantities that may be negative; a lower end at or below zero is then no lack of a bound.
    variants : sequence of str
        Methods that repeat another's interval by resampling: shown in the table, not in the figure.
    chapters : tuple of str
        Where the book uses these intervals; empty for what `laws` offers by itself.
    deviations : dict
        quantity -> why the recommended method does not keep its promise there.
    """

    id: str
    title: str
    draw: Callable
    recommended: dict
    signed: tuple = ("exponent",)
    variants: tuple = ()
    chapters: tuple = ()
    deviations: dict = field(default_factory=dict)


class Designs(dict):
    """The designs of one room by id."""

    def register(self, id, title, recommended, **options):
        """Return a decorator that adds a design of the decorated ``draw``; arguments as of `Simulation`."""

        def add(draw):
            self[id] = Simulation(id, title, draw, recommended, **options)
            return draw

        return add


def tested(pvalue):
    """Return the answer of a test of a true hypothesis: low, high and truth."""
    return (0, 1, 0) if pvalue > ALPHA else (1, 1, 0)


TESTED = {tested(1), tested(0)}


def measure(design, repetitions, n_jobs=None):
    """Repeat a design and count.

    Parameters
    ----------
    design : Simulation
    repetitions : int
        Number of data sets.
    n_jobs : int, optional
        Workers, as joblib counts them; the answers do not depend on it.

    Returns
    -------
    DataFrame
        One row for each method and quantity. ``coverage_bounded`` is NaN where no
        interval is bounded, ``median_width_log10`` where half of them are not.
    """
    found = {}
    seeds = ([SEED, zlib.crc32(design.title.encode()), i] for i in range(repetitions))
    for answers in joblib.Parallel(n_jobs=n_jobs)(joblib.delayed(_answers)(design.draw, each) for each in seeds):
        for method, quantity, low, high, truth in answers:
            found.setdefault((method, quantity), []).append((low, high, truth))
    rows = []
    for (method, quantity), answers in found.items():
        low, high, truth = np.array(answers, float).T
        hit = (low <= truth) & (truth <= high)
        bounded = np.isfinite(high) & (low > (-np.inf if quantity in design.signed else 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            # of an exponent the ratio of the ends says something, of a difference nothing
            ratio = bounded & (low > 0) & (quantity == "exponent" or quantity not in design.signed)
            width = np.where(ratio, np.log10(high / low), np.inf)
        share = hit.mean()
        rows.append(
            {
                "simulation_id": "_".join([design.id, method, quantity]).replace(" ", "_").replace(",", ""),
                "design": design.id,
                "title": design.title,
                "chapters": " ".join(design.chapters),
                "kind": _kind(design, method, answers),
                "method": method,
                "quantity": quantity,
                "recommended": design.recommended.get(quantity) == method,
                "nominal": NOMINAL,
                "repetitions": repetitions,
                "coverage": share,
                # of a share with one success and one failure added: never zero
                "monte_carlo_error": np.sqrt((hit.sum() + 1) * (repetitions - hit.sum() + 1) / (repetitions + 2) ** 3),
                "unbounded_share": 1 - bounded.mean(),
                "coverage_bounded": hit[bounded].mean() if bounded.any() else np.nan,
                "median_width_log10": _finite(np.median(width)),
                "hits_of_first": int(hit[:FIRST].sum()),
            }
        )
    return pd.DataFrame(rows)[COVERAGE_COLUMNS]


def _kind(design, method, answers):
    if method in design.variants:
        return "variant"
    return "test" if set(answers) <= TESTED else "interval"


def _answers(draw, seed):
    return list(draw(np.random.default_rng(seed)))


def _finite(value):
    return value if np.isfinite(value) else np.nan
