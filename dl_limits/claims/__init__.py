"""The claims: put together (`ledger`), for programs (`export`), as a map (`argument`), over the years (`timeline`).

Another room judges them at other thresholds than the book's (`thresholds`).
Imports the studies' ``claims`` and lower rooms; what a claim's rule is stands in its study.
"""

from dl_limits.claims.export import schema, to_json
from dl_limits.claims.ledger import CLAIMS, POWER, THRESHOLDS, evaluate, next_look, scoreboard, verdict, wording
from dl_limits.claims.thresholds import at_threshold, own_threshold, threshold_of, turning_points

__all__ = [
    "CLAIMS",
    "POWER",
    "THRESHOLDS",
    "at_threshold",
    "evaluate",
    "next_look",
    "own_threshold",
    "schema",
    "scoreboard",
    "threshold_of",
    "to_json",
    "turning_points",
    "verdict",
    "wording",
]
