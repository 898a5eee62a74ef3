"""The ledger: each claim of the article as a pure function that returns its `Verdict`.

The rule and its words are in `dl_limits.verdicts`. Each chapter's claims live in a room of
their own (``claims_<topic>``); here they are put together, in the order of the chapters.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from dl_limits import (
    claims_cost,
    claims_gpt,
    claims_imagenet,
    claims_learning,
    claims_nli,
    claims_progress,
    claims_scaling,
)
from dl_limits.verdicts import DATES

SCHEMA_VERSION = "1.0"
CLAIMS = (
    claims_gpt.CLAIMS
    | claims_scaling.CLAIMS
    | claims_learning.CLAIMS
    | claims_imagenet.CLAIMS
    | claims_progress.CLAIMS
    | claims_nli.CLAIMS
    | claims_cost.CLAIMS
)


def evaluate():
    """Return every claim at both dates.

    Returns
    -------
    DataFrame
        One row a claim and date, the fields of `Verdict`.
    """
    return pd.DataFrame([asdict(claim(e)) for claim in CLAIMS.values() for e in DATES])


def to_json():
    """Return the ledger for other programs: ``{"version", "claims": [...]}``.

    The top level of each claim is the verdict on the evidence to 2026; that of
    2020 is under ``verdict_2020``. Infinite ends are null: JSON has no infinity.
    """
    claims = []
    for claim in CLAIMS.values():
        entry = {k: _plain(v) for k, v in asdict(claim("2026")).items()}
        entry["verdict_2020"] = claim("2020").verdict
        claims.append(entry)
    return {"version": SCHEMA_VERSION, "claims": claims}


def _plain(value):
    return None if isinstance(value, float) and not np.isfinite(value) else value
