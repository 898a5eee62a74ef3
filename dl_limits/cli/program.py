"""The program: its commands, its help, its exit status."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from dl_limits import __version__
from dl_limits.cli.chance import add_chance
from dl_limits.cli.curve import add_curve
from dl_limits.cli.ledger import add_claims
from dl_limits.cli.reading import InputFault
from dl_limits.cli.surface import add_surface
from dl_limits.cli.writing import picture_path, print_json, write_picture
from dl_limits.words import print_utf8

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    try:
        options = _parser().parse_args(arguments)
        picture = picture_path(options.plot) if getattr(options, "plot", None) else None
        answer = options.solve(options)
        if picture:
            write_picture(picture, answer.draw)
    except InputFault as fault:
        print(f"{PROGRAM}: {fault}", file=sys.stderr)
        return 2
    if options.json:
        print_json(answer.document)
    else:
        answer.show()
    return 0


def draw(arguments: list[str]) -> Axes:
    """Return the picture that a command would write with ``--plot``, for a notebook.

    Parameters
    ----------
    arguments : list of str
        As for `main`: ``["curve", "runs.csv", "--at", "1e22"]``.

    Returns
    -------
    matplotlib.axes.Axes
        In the style of the book; `dl_limits.figures.alt_text` says what it shows.

    Raises
    ------
    InputFault
        Where `main` would return 2.
    """
    options = _parser().parse_args(arguments)
    return options.solve(options).draw()


def _parser():
    parser = argparse.ArgumentParser(PROGRAM, description="Fit your own runs, or list the claims of the book.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for add in (add_curve, add_surface, add_chance, add_claims):
        add(commands)
    return parser


def console():
    """Be the console script: print UTF-8 into any pipe, and end with the status of `main`."""
    print_utf8()
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # as of `| head`; what is still to be written must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
