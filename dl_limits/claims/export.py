"""The ledger for other programs: JSON, and the schema that says what may stand where."""

from __future__ import annotations

from dl_limits import data
from dl_limits.claims.ledger import NUMBERS, THRESHOLDS, WORDING, next_look, verdict, wording
from dl_limits.claims.thresholds import own_threshold, threshold_of, turning_points
from dl_limits.dates import DATES
from dl_limits.verdicts import UNDECIDED_KINDS, VOCABULARY
from dl_limits.words import exactly, plain

SCHEMA_VERSION = "2.2"
_OF_A_DATE = (
    *NUMBERS,
    "reason",
    "components",
    "primary",
    "kind",
    "lean",
    "robustness",
    "needs",
    "evidence_to",
    "could_say",
)


def to_json():
    """Return the ledger for other programs: ``{"version", "evidence", "claims": [...]}``.

    The top level of each claim is the verdict on the evidence to 2026; that of 2020 is under
    ``verdict_2020``, its numbers, parts and sentence under ``evidence_2020``, and the words at each year's
    end between them under ``timeline``. ``threshold`` says at which thresholds the word turns
    (`dl_limits.claims.turning_points`); it is null where a claim has none. Infinite ends and
    missing numbers are null: JSON has neither. `schema` says what may stand where.
    """
    table, claims = wording(), []
    for claim, row in table.iterrows():
        late, early = verdict(claim), verdict(claim, "2020")
        entry = {"id": claim, "evidence": late.evidence, "verdict": late.verdict, "unit": late.unit}
        entry |= _of_a_date(late) | {"verdict_2020": early.verdict, "evidence_2020": _of_a_date(early)}
        entry |= row[["chapter", *WORDING, "quotation_note", "said_in", "locator", "searched"]].to_dict()
        entry["next_look"] = next_look(claim)
        entry["anchor"] = f"chapters/{row['chapter']}.html#{claim}"
        entry["timeline"] = _between(claim)
        claims.append(plain(entry))
    return {
        "version": SCHEMA_VERSION,
        "evidence": {year: f"{date:%Y-%m-%d}" for year, date in DATES.items()},
        "claims": claims,
    }


def _between(claim):
    """Return the words at the ends of the years between the two dates, as ``verdict_timeline`` has them."""
    table = data.load("verdict_timeline").query("claim_id == @claim")
    return table[["evidence", "verdict", "kind"]].astype(object).fillna("").to_dict("records")


def _of_a_date(verdict):
    found = {key: getattr(verdict, key) for key in _OF_A_DATE} | {"parts": [part.plain() for part in verdict.parts]}
    return found | {"threshold": _threshold(verdict) if verdict.id in THRESHOLDS else None}


def _threshold(verdict):
    threshold, own = threshold_of(verdict.id), own_threshold(verdict.id, verdict.evidence)
    return {
        "meaning": threshold.meaning.format(threshold.form(own)),
        "own": own,
        "turning_points": turning_points(verdict.id, verdict.evidence).to_dict("records"),
    }


def schema():
    """Return the JSON Schema (draft 2020-12) of `to_json`."""
    text, anything, number = {"type": "string", "minLength": 1}, {"type": "string"}, {"type": ["number", "null"]}
    word, share = {"enum": list(VOCABULARY)}, {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    words = {"type": "object", "additionalProperties": word}
    judged = dict.fromkeys(NUMBERS, number) | dict.fromkeys(["lean", "robustness"], share)
    kind, day = {"enum": ["", *UNDECIDED_KINDS]}, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
    judged |= {"kind": kind, "primary": anything, "needs": anything}
    part = exactly(judged | {"name": text, "verdict": word, "analyses": words})
    judged |= {"reason": text, "components": words, "parts": {"type": "array", "items": part}}
    judged |= {
        "evidence_to": {"type": "string", "pattern": r"^\d{4}-\d\d$"},
        "could_say": {"type": "array", "items": word},
    }
    stretch = exactly({"from": {"type": "number"}, "to": {"type": "number"}, "verdict": word, "kind": kind})
    turning = {"type": "array", "items": stretch, "minItems": 1}
    threshold = exactly({"meaning": text, "own": {"type": "number"}, "turning_points": turning})
    judged["threshold"] = {"anyOf": [threshold, {"type": "null"}]}
    entry = judged | {
        "id": text,
        "evidence": {"const": "2026"},
        "verdict": word,
        "verdict_2020": word,
        "evidence_2020": exactly(judged),
        "anchor": {"type": "string", "pattern": r"^chapters/\w+\.html#[a-z0-9-]+$"},
        "next_look": {"type": "string", "pattern": r"^\d{4}-\d\d$"},
        "quotation_note": {"type": ["string", "null"]},
        "timeline": {"type": "array", "items": exactly({"evidence": day, "verdict": word, "kind": kind})},
    }
    entry |= dict.fromkeys(["unit", "chapter", "said_in", "locator", "searched", *WORDING], text)
    top = {
        "version": {"const": SCHEMA_VERSION},
        "evidence": {"type": "object", "additionalProperties": text},
        "claims": {"type": "array", "items": exactly(entry)},
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The ledger of claims"}
    return head | exactly(top)
