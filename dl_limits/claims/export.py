"""The ledger for other programs: JSON, and the schema that says what may stand where."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from dl_limits.claims.ledger import NUMBERS, WORDING, scoreboard, verdict, wording
from dl_limits.dates import DATES
from dl_limits.verdicts import VOCABULARY

SCHEMA_VERSION = "1.1"


def to_json():
    """Return the ledger for other programs: ``{"version", "evidence", "claims": [...]}``.

    The top level of each claim is the verdict on the evidence to 2026; that of 2020 is under
    ``verdict_2020``, its numbers and sentence under ``evidence_2020``. Infinite ends are
    null: JSON has no infinity. `schema` says what may stand where.
    """
    table, claims = wording(), []
    board = scoreboard()
    for claim in table.index:
        late, early, row = asdict(verdict(claim)), asdict(verdict(claim, "2020")), table.loc[claim]
        entry = late | row[["chapter", *WORDING, "quotation_note", "said_in", "locator"]].to_dict()
        entry["verdict_2020"] = early["verdict"]
        entry["evidence_2020"] = {key: _plain(early[key]) for key in (*NUMBERS, "reason", "components")}
        entry["anchor"] = f"chapters/{row['chapter']}.html#{claim}"
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
    kept = dict.fromkeys(NUMBERS, number) | {"reason": text, "components": parts}
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
