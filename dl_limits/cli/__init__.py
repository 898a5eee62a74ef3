"""The command line ``dl-limits``: files in, tables, JSON and pictures out.

A command a module: `curve`, `surface`, `chance`, `ledger` (the claims of this book). `reading` reads what they
are given, `writing` prints what they found, `figures` draws it. `main` takes the arguments as a list and returns
the exit status, so that a notebook can call it like a shell; `draw` returns the picture.
"""

from dl_limits.cli.program import console, draw, main
from dl_limits.cli.reading import InputFault

__all__ = ["InputFault", "console", "draw", "main"]
