"""The rule of imports: a room of the package imports lower rooms only, and nothing that another keeps to itself."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "dl_limits"
GROUND = ["data", "dates", "words", "figures"]
LAYERS = [
    *[[room] for room in GROUND],
    ["verdicts"],
    ["laws"],
    ["inference"],
    ["experiments"],
    ["studies"],
    ["claims"],
    ["calibration"],
    ["page"],
]
