"""How often each verdict's rule says which word when the truth is known (`dl_limits.verdicts.Power`).

The answers are the table ``verdict_power`` (``python -m tools.calibrate verdict_power``). Repetition i of a claim,
date and truth always has the same random numbers, so the first few can be repeated alone.
"""

from __future__ import annotations

import zlib

import joblib
import numpy as np
import pandas as pd

from dl_limits import claims
from dl_limits.calibration.registry import FIRST, SEED
from dl_limits.dates import DATES
from dl_limits.verdicts import VOCABULARY

POWER_COLUMNS = [
    "power_id",
    "claim_id",
    "evidence",
    "truth",
    "true_value",
    "word",
    "share",
    "of_first",
    "repetitions",
    "noise",
]
THREE_TRUTHS = ("inside", "border", "outside")


def simulated_words(claim, evidence, truth, repetitions, n_jobs=None):
    """Return the words that a claim's rule says in the first repetitions at one truth.

    Parameters
    ----------
    claim, evidence : str
        A key of `dl_limits.claims.POWER`, and of `dl_limits.dates.DATES`.
    truth : {'inside', 'border', 'outside'}
    repetitions : int
    n_jobs : int, optional
        Workers, as joblib counts them; the answers do not depend on it.

    Returns
    -------
    list of str
    """
    power = claims.POWER[claim]
    value = power.truths(evidence)[truth]
    crc = zlib.crc32(f"{claim} {evidence} {truth}".encode())
    calls = (
        joblib.delayed(power.simulate)(value, evidence, np.random.default_rng([SEED, crc, i]))
        for i in range(repetitions)
    )
    return joblib.Parallel(n_jobs=n_jobs)(calls)


def measure_power(claim, n_jobs=None):
    """Return the rows of ``verdict_power`` of one claim: a row for each date, truth and word that was said."""
    power, rows = claims.POWER[claim], []
    for evidence in DATES:
        for truth in THREE_TRUTHS:
            words = simulated_words(claim, evidence, truth, power.repetitions, n_jobs)
            if unknown := set(words) - set(VOCABULARY):
                raise ValueError(f"{claim}: the simulation returned {', '.join(sorted(map(repr, unknown)))}, no word")
            rows += [
                {
                    "power_id": "_".join([claim, evidence, truth, word]).replace(" ", "_"),
                    "claim_id": claim,
                    "evidence": evidence,
                    "truth": truth,
                    "true_value": power.truths(evidence)[truth],
                    "word": word,
                    "share": words.count(word) / len(words),
                    "of_first": words[:FIRST].count(word),
                    "repetitions": len(words),
                    "noise": power.noise,
                }
                for word in VOCABULARY
                if word in words
            ]
    return pd.DataFrame(rows)[POWER_COLUMNS]


def characteristics(table):
    """Return one row a claim and date: how often the rule says the right word deep inside and far outside its region.

    Parameters
    ----------
    table : DataFrame
        ``verdict_power``.

    Returns
    -------
    DataFrame
        ``claim_id``, ``evidence``, ``inside`` and ``outside`` (shares of the right word), ``border``
        (share of any word but undecided), ``words`` (those said at least once).
    """
    rows = []
    for (claim, evidence), part in table.groupby(["claim_id", "evidence"], sort=False):
        of = part.set_index(["truth", "word"])["share"]
        right = {truth: float(of.get((truth, word), 0.0)) for truth, word in claims.POWER[claim].right.items()}
        border = float(part.loc[(part["truth"] == "border") & (part["word"] != "undecided"), "share"].sum())
        words = [word for word in VOCABULARY if word in set(part["word"])]
        rows.append(
            {"claim_id": claim, "evidence": str(evidence), **right, "border": border, "words": ", ".join(words)}
        )
    return pd.DataFrame(rows)
