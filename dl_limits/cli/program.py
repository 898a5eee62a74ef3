"""The program: its commands, its help, its exit status."""

from __future__ import annotations

import argparse
import sys

from dl_limits import __version__
from dl_limits.cli.chance import add_chance
from dl_limits.cli.curve import add_curve
from dl_limits.cli.ledger import add_claims
from dl_limits.cli.reading import InputFault
from dl_limits.cli.surface import add_surface
from dl_limits.words import print_utf8

PROGRAM = "dl-limits"


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : list of str, optional
        As a shell would give them; by default those of this process.

    Returns
    -------
    int
        0, or 2 for input that cannot be used: standard error then says in one line where and why, nothing
        was printed and no file was touched.

    Raises
    ------
    SystemExit
        For unknown options (2), and after ``--help``, ``--schema`` and ``--version`` (0), as argparse has it.
    """
    parser = argparse.ArgumentParser(PROGRAM, description="Fit your own runs, or list the claims of the book.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for add in (add_curve, add_surface, add_chance, add_claims):
        add(commands)
    try:
        options = parser.parse_args(arguments)
        options.execute(options)
    except InputFault as fault:
        print(f"{PROGRAM}: {fault}", file=sys.stderr)
        return 2
    return 0


def console():
    """Be the console script: print UTF-8 into any pipe, and end with the status of `main`."""
    print_utf8()
    sys.exit(main())
