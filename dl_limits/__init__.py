"""The Limits of Deep Learning: models, data and claims behind the chapters.

========================  =====================================================================
`laws`                    fit a law, say how sure, carry it on
`inference`               test, compare, score
`experiments`             networks that the reader's machine trains
`studies`                 one room a chapter: analysis, claims, numbers, figures
`claims`                  the ledger of claims
`calibration`             how often every interval holds the truth
`page`, `figures`         results as HTML, and the one style of figures
`cli`                     the command line: files in, tables, JSON and pictures out
`data`, `dates`           facts, validated; which day counts as "then" and which as "now"
`words`, `verdicts`       numbers as readers see them; the rule of verdicts and its words
========================  =====================================================================

Nothing is imported before it is asked for.
"""

import importlib

__version__ = "0.2.0"

__all__ = [
    "calibration",
    "claims",
    "cli",
    "data",
    "dates",
    "experiments",
    "figures",
    "inference",
    "laws",
    "page",
    "studies",
    "verdicts",
    "words",
]


def __getattr__(name):
    """Import a room when it is first named (PEP 562)."""
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
