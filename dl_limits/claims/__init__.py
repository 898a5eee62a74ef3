"""The claims: put together (`ledger`), for programs (`export`), as a map (`argument`), over the years (`timeline`).

Imports the studies' ``claims`` and lower rooms; what a claim's rule is stands in its study.
"""

from dl_limits.claims.export import schema, to_json
from dl_limits.claims.ledger import CLAIMS, POWER, evaluate, scoreboard, verdict, wording

__all__ = ["CLAIMS", "POWER", "evaluate", "schema", "scoreboard", "to_json", "verdict", "wording"]
