"""Simulated designs, and how a design is repeated and counted (see `dl_limits.calibration`)."""

from __future__ import annotations

import zlib
from functools import partial

import joblib
import numpy as np
import pandas as pd

SEED, NOMINAL = 2020, 0.95
ALPHA = 1 - NOMINAL
COVERAGE_COLUMNS = [
    "simulation_id",
    "design",
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


class Designs(dict):
    """The designs of one room by name: ``function(repetitions, seed)`` that returns a DataFrame."""

    def register(self, name, recommended, signed=("exponent",)):
        """Add a design.

        Parameters
        ----------
        name : str
            Name of the design.
        recommended : dict
            quantity -> the method that a user should take there, and that the book takes.
        signed : sequence of str
            Quantities that may be negative; a lower end at or below zero is then no lack of a bound.

        Returns
        -------
        callable
            Decorator of ``draw(rng)``, which yields ``(method, quantity, low, high, truth)``,
            each method and quantity once. A test is answered as an interval that holds its
            truth unless it rejects (`tested`).
        """

        def add(draw):
            self[name] = partial(measure, name, draw, recommended, signed=signed)
            return draw

        return add


def tested(pvalue, alpha=ALPHA):
    """Return the answer of a test of a true hypothesis: low, high and truth."""
    return (0, 1, 0) if pvalue > alpha else (1, 1, 0)


def measure(name, draw, recommended, repetitions, seed=SEED, n_jobs=None, signed=("exponent",)):
    """Repeat a design and count.

    Parameters
    ----------
    name, draw, recommended, signed
        As in `Designs.register`.
    repetitions : int
        Number of data sets.
    seed : int
        The first of three numbers that seed each data set; the others are a checksum
        of the name and the number of the repetition.
    n_jobs : int, optional
        Workers, as joblib counts them; the answers do not depend on it.

    Returns
    -------
    DataFrame
        One row for each method and quantity. ``coverage_bounded`` is NaN where no
        interval is bounded, ``median_width_log10`` where half of them are not.
    """
    found = {}
    seeds = ([seed, zlib.crc32(name.encode()), i] for i in range(repetitions))
    for answers in joblib.Parallel(n_jobs=n_jobs)(joblib.delayed(_answers)(draw, each) for each in seeds):
        for method, quantity, low, high, truth in answers:
            found.setdefault((method, quantity), []).append((low, high, truth))
    rows = []
    for (method, quantity), answers in found.items():
        low, high, truth = np.array(answers, float).T
        hit = (low <= truth) & (truth <= high)
        bounded = np.isfinite(high) & (low > (-np.inf if quantity in signed else 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            # of an exponent the ratio of the ends says something, of a difference nothing
            ratio = bounded & (low > 0) & (quantity == "exponent" or quantity not in signed)
            width = np.where(ratio, np.log10(high / low), np.inf)
        share = hit.mean()
        rows.append(
            {
                "simulation_id": "_".join([name, method, quantity]).replace(" ", "_").replace(",", ""),
                "design": name,
                "method": method,
                "quantity": quantity,
                "recommended": recommended.get(quantity) == method,
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


def _answers(draw, seed):
    return list(draw(np.random.default_rng(seed)))


def _finite(value):
    return value if np.isfinite(value) else np.nan
