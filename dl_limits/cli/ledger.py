"""``dl-limits claims``: the ledger of the book. It needs the book's tables, which no wheel holds."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from dl_limits.cli.options import add_command
from dl_limits.cli.reading import InputFault
from dl_limits.cli.writing import Answer

_COLUMNS = ["id", "evidence", "verdict", "kind", "lean", "robustness", "evidence_to", "estimate", "low", "high", "unit"]
_TABLES = Path(__file__).resolve().parents[2] / "data" / "claims.csv"


def add_claims(commands):
    """Add the command to the program."""
    summary = "print every claim of the book with its verdict (needs the book's data folder)"
    add_command(commands, "claims", _solve, _schema, summary, "dl-limits claims --json", inputs=False)


def _ledger():
    """Return `dl_limits.claims`, or say why it cannot be had."""
    if not _TABLES.is_file():
        raise InputFault(
            f"this needs the book's data folder, and {_TABLES.parent} has none: run it in a clone of the repository"
        )
    if not find_spec("frictionless"):
        raise InputFault("this checks the book's tables with frictionless: pip install 'dl-limits[audit]'")
    from dl_limits import claims  # only here: fitting needs neither the tables nor what checks them

    return claims


def _schema():
    return _ledger().schema()


def _solve(options):
    claims = _ledger()
    return Answer(claims.to_json() if options.json else {}, lambda: _print(claims))


def _print(claims):
    table = claims.evaluate()
    print(table[_COLUMNS].to_string(index=False, na_rep="–"))
    for row in table.itertuples():
        needs = f" To decide it: {row.needs}." if row.needs else ""
        print(f"- {row.id}, {row.evidence}: {row.reason}{needs}")
