"""The command line ``dl-limits``: files in, tables, JSON and pictures out.

A command a module: `curve`, `surface`, `chance`, `ledger` (the claims of this book). `reading` reads what they
are given, `writing` prints what they found, `figures` draws it. `main` takes the arguments as a list and returns
the exit status, so that a notebook can call it like a shell.
"""

from dl_limits.cli.program import console, main

__all__ = ["console", "main"]
