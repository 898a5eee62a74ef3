"""Options that several commands share, and what their values must be."""

from __future__ import annotations

import argparse
import json
import math


class _PrintSchema(argparse.Action):
    """``--schema``: print the schema of ``--json`` and end, as ``--help`` does."""

    def __init__(self, option_strings, dest, schema, **options):
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, default=argparse.SUPPRESS, **options)
        self.schema = schema

    def __call__(self, parser, namespace, values, option_string=None):
        print(json.dumps(self.schema(), indent=2))
        parser.exit()


def add_command(commands, name, solve, schema, summary, example, inputs=True):
    """Add a command to the program and return its parser.

    Parameters
    ----------
    commands : argparse subparsers
    name : str
    solve : callable
        Takes the parsed options and returns an `Answer`.
    schema : callable
        Returns the JSON Schema of ``--json``.
    summary, example : str
        What it does, and one call of it, for the help.
    inputs : bool
        Whether it reads a file and can draw.
    """
    usage = f"dl-limits {name} {'FILE [options]' if inputs else '[options]'}"  # the file first: --at takes all after it
    described = f"{summary[0].upper()}{summary[1:]}."
    parser = commands.add_parser(name, help=summary, usage=usage, description=described, epilog=f"example: {example}")
    if inputs:
        parser.add_argument("file", metavar="FILE", help="CSV, TSV or JSON lines; - reads standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    parser.add_argument("--schema", action=_PrintSchema, schema=schema, help="print the JSON Schema of --json")
    if inputs:
        parser.add_argument(
            "--where",
            metavar="COL=VALUE",
            action="append",
            default=[],
            help="only rows with this value; repeatable",
        )
        parser.add_argument("--plot", metavar="FILE", help="write a picture, .svg or .png")
        parser.add_argument("--level", type=share, default=0.95, help="confidence level (default .95)")
    parser.set_defaults(solve=solve)
    return parser


def share(text):
    """Return a number between 0 and 1, for argparse."""
    value = _number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} does not lie between 0 and 1: write 95 % as 0.95")
    return value


def amount(text):
    """Return a positive, finite number, for argparse."""
    value = _number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not positive and finite")
    return value


def _number(text):
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number: write plain digits, as 1e9") from None
