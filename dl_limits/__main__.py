"""Command line: ``python -m dl_limits claims [--json | --schema]``."""

import argparse
import json

from dl_limits import claims
from dl_limits.words import print_utf8


def main(arguments=None):
    """Print the ledger as a table or as JSON."""
    parser = argparse.ArgumentParser(prog="python -m dl_limits", description="The audit's results.")
    commands = parser.add_subparsers(dest="command", required=True)
    ledger = commands.add_parser("claims", help="every claim with its verdict")
    ledger.add_argument("--json", action="store_true", help="for programs: versioned JSON")
    ledger.add_argument("--schema", action="store_true", help="the JSON Schema of --json")
    options = parser.parse_args(arguments)
    if options.schema:
        print(json.dumps(claims.schema(), indent=2))
    elif options.json:
        print(json.dumps(claims.to_json(), indent=2, ensure_ascii=False))
    else:
        table = claims.evaluate()
        columns = [
            "id",
            "evidence",
            "verdict",
            "kind",
            "lean",
            "robustness",
            "evidence_to",
            "estimate",
            "low",
            "high",
            "unit",
        ]
        print(table[columns].to_string(index=False, na_rep="–"))
        for row in table.itertuples():
            needs = f" To decide it: {row.needs}." if row.needs else ""
            print(f"- {row.id}, {row.evidence}: {row.reason}{needs}")


if __name__ == "__main__":
    print_utf8()
    main()
