"""The ledger: each claim of the article as a pure function that returns its `Verdict`.

The rule and its words are in `dl_limits.verdicts`. Each chapter's claims live in a room of
their own (``claims_<topic>``); here they are put together. What a claim says, who said it
first and what its rule is in words stand in the table ``claims``, in the order of the
article. To add a claim: a function in a room, and a row of that table.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

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
    data,
)
from dl_limits.verdicts import DATES, VOCABULARY

SCHEMA_VERSION = "1.1"
CLAIMS = (
    claims_gpt.CLAIMS
    | claims_gpt.TASK_CLAIMS
    | claims_scaling.CLAIMS
    | claims_learning.CLAIMS
    | claims_imagenet.CLAIMS
    | claims_progress.CLAIMS
    | claims_nli.CLAIMS
    | claims_cost.CLAIMS
)
ALTERNATIVES = (
    claims_gpt.ALTERNATIVES
    | claims_gpt.TASK_ALTERNATIVES
    | claims_learning.ALTERNATIVES
    | claims_imagenet.ALTERNATIVES
    | claims_progress.ALTERNATIVES
    | claims_nli.ALTERNATIVES
    | claims_cost.ALTERNATIVES
)
WORDING = ["title", "quote", "said_by", "quotation_check", "estimand", "rule", "would_change"]
_NUMBERS = ["estimate", "low", "high"]


def ledger():
    """Return what is said of each claim: the table ``claims`` for all in `CLAIMS`, in the order of the article.

    Returns
    -------
    DataFrame, indexed by claim_id

    Raises
    ------
    ValueError
        For a claim without a row.
    """
    table = data.load("claims").set_index("claim_id")
    if missing := sorted(set(CLAIMS) - set(table.index)):
        raise ValueError(f"claims.csv has no row for {', '.join(missing)}")
    return table[table.index.isin(CLAIMS)]


@cache
def verdict(claim_id, evidence="2026"):
    """Return the verdict on one claim, computed once.

    Parameters
    ----------
    claim_id : str
        One of `CLAIMS`.
    evidence : {'2020', '2026'}
        Public by July 2020, or by 2026.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        For a claim that is not in `CLAIMS`.
    """
    if claim_id not in CLAIMS:
        raise ValueError(f"claim_id must be one of {', '.join(CLAIMS)}, not {claim_id!r}")
    return CLAIMS[claim_id](evidence)


def evaluate():
    """Return every claim at both dates, in the order of the article.

    Returns
    -------
    DataFrame
        One row a claim and date: the fields of `Verdict`, and `WORDING` from the ledger.
    """
    table = ledger()
    rows = [asdict(verdict(claim, e)) | table.loc[claim, WORDING].to_dict() for claim in table.index for e in DATES]
    return pd.DataFrame(rows)


def scoreboard():
    """Return one row a claim: both verdicts, the numbers of 2026, and the sensitivity.

    Returns
    -------
    DataFrame, indexed by id
        ``title``, ``verdict_2020``, ``verdict_2026``, ``estimate``, ``low``, ``high``, ``unit``,
        ``chapter``, ``quotation_check``, and ``specifications``, ``other_verdict``, ``varied``
        of `alternatives` (missing where no chapter has specifications).
    """
    table = evaluate().set_index("id")
    late = table[table["evidence"] == "2026"].rename(columns={"verdict": "verdict_2026"})
    early = table.loc[table["evidence"] == "2020", "verdict"].rename("verdict_2020")
    return late.join(early).join(alternatives({claim: verdict(claim).verdict for claim in late.index}))


def alternatives(verdicts):
    """Return how many specifications alone would give another verdict.

    A room's ``ALTERNATIVES`` take a claim's specifications from its chapter and judge every one
    alone, by the claim's own rule. How many part says how much a verdict hangs on one analyst's
    choices; it is no probability, since the specifications share data and are not drawn from
    anything. Claims whose chapter has no such list are shown as 'not available'.

    Parameters
    ----------
    verdicts : dict
        Claim and its verdict on the evidence to 2026.

    Returns
    -------
    DataFrame, indexed by claim
        ``specifications``, ``other_verdict`` (integers; missing where no chapter has them) and
        ``varied``, what differs between them (missing alike).
    """
    rows = {}
    for claim, verdict in verdicts.items():
        judge, varied = ALTERNATIVES.get(claim, (None, None))
        words = judge() if judge else None
        rows[claim] = [len(words), sum(w != verdict for w in words), varied] if judge else [None, None, None]
    frame = pd.DataFrame.from_dict(rows, "index", columns=["specifications", "other_verdict", "varied"])
    return frame.astype({"specifications": "Int64", "other_verdict": "Int64"})


def to_json():
    """Return the ledger for other programs: ``{"version", "evidence", "claims": [...]}``.

    The top level of each claim is the verdict on the evidence to 2026; that of 2020 is under
    ``verdict_2020``, its numbers and sentence under ``evidence_2020``. Infinite ends are
    null: JSON has no infinity. `schema` says what may stand where.
    """
    table, claims = ledger(), []
    board = scoreboard()
    for claim in table.index:
        late, early, row = asdict(verdict(claim)), asdict(verdict(claim, "2020")), table.loc[claim]
        entry = late | row[[*WORDING, "quotation_note", "said_in", "locator"]].to_dict()
        entry["verdict_2020"] = early["verdict"]
        entry["evidence_2020"] = {key: _plain(early[key]) for key in (*_NUMBERS, "reason", "components")}
        entry["anchor"] = f"chapters/{late['chapter']}.html#{claim}"
        entry |= board.loc[claim, ["specifications", "other_verdict", "varied"]].to_dict()
        claims.append({key: _plain(value) for key, value in entry.items()})
    return {
        "version": SCHEMA_VERSION,
        "evidence": {year: f"{date:%Y-%m-%d}" for year, date in DATES.items()},
        "claims": claims,
    }


def schema():
    """Return the JSON Schema (draft 2020-12) of `to_json`."""
    text, number = {"type": "string", "minLength": 1}, {"type": ["number", "null"]}
    word = {"enum": list(VOCABULARY)}
    parts = {"type": "object", "additionalProperties": word}
    count = {"type": ["integer", "null"], "minimum": 0}
    kept = dict.fromkeys(_NUMBERS, number) | {"reason": text, "components": parts}
    entry = kept | {
        "id": text,
        "evidence": {"const": "2026"},
        "verdict": word,
        "verdict_2020": word,
        "evidence_2020": {"type": "object", "properties": kept, "required": list(kept), "additionalProperties": False},
        "anchor": {"type": "string", "pattern": r"^chapters/\w+\.html#[a-z0-9-]+$"},
        "quotation_note": {"type": ["string", "null"]},
        "specifications": count,
        "other_verdict": count,
        "varied": {"type": ["string", "null"]},
    }
    entry |= dict.fromkeys(["unit", "chapter", "said_in", "locator", *WORDING], text)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The ledger of claims",
        "type": "object",
        "required": ["version", "evidence", "claims"],
        "properties": {
            "version": {"const": SCHEMA_VERSION},
            "evidence": {"type": "object", "additionalProperties": text},
            "claims": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": entry,
                    "required": sorted(entry),
                    "additionalProperties": False,
                },
            },
        },
        "additionalProperties": False,
    }


def _plain(value):
    """Return a value that JSON can hold: no infinity, no missing value, no number of NumPy's."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
