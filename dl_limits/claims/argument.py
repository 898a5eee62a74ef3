"""Figures of the argument and of the whole: what supports what, and one set of facts on two scales."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import FancyBboxPatch

from dl_limits.figures.style import BLUE, GREY, STYLE, WRONG, finish, new_axes, own_settings

# Left: what the article reports; right: what it infers. Claims by their id in the ledger.
PREMISES = (
    ("Limits", "the training goal may\nreach its limits", ("pretraining-limits",)),
    (
        "Growth",
        "GPT-3 is bigger and\nread more than GPT-2",
        ("size-main-difference", "gpt3-words", "whole-internet", "state-of-the-art", "gpts-by-data"),
    ),
    (
        "Signs",
        "ImageNet, speech and\nthe bill: ever dearer",
        ("unsustainable", "imagenet-compute", "diminishing-vision", "diminishing-speech"),
    ),
    ("Data", "more data help, small\ndata from scratch do not", ("from-scratch", "more-data")),
    ("Gaps", "adversarial inference\nis still guessing", ("anli-chance", "nli-corpus")),
)
INFERENCES = (
    ("the law of\ndiminishing returns", ("limit-to-diminishing",)),
    ("ten times more:\nonly modest gains", ("tenfold-modest",)),
    ("so: more efficiency,\nnot more compute", ()),
)
_BROKEN = 0  # the premise whose arrow does not follow
_LEFT, _RIGHT, _WIDE, _NARROW = 0.0, 6.3, 4.3, 3.5


@own_settings
def plot_argument():
    """Draw the argument as boxes and arrows; the step that does not follow is dashed.

    Returns
    -------
    Axes
        The table behind it lists every claim with the box that holds it.
    """
    fig, ax = new_axes(height=4.7)
    with plt.style.context(STYLE):
        ax.axis("off")
        ax.set(xlim=(-0.1, 9.9), ylim=(-0.6, 10.2))
        left = [8.3 - 2.0 * i for i in range(len(PREMISES))]
        right = [7.7, 4.0, 0.7]
        ax.text(_LEFT + _WIDE / 2, 9.85, "what it reports", ha="center", color=GREY)
        ax.text(_RIGHT + _NARROW / 2, 9.85, "what it concludes", ha="center", color=GREY)
        for i, (y, (name, text, _)) in enumerate(zip(left, PREMISES, strict=True)):
            _box(ax, _LEFT, y, _WIDE, f"$\\bf{{{name}}}$\n{text}", WRONG if i == _BROKEN else BLUE)
            target = right[1] if name in ("Gaps", "Data") else right[0]
            _arrow(ax, (_LEFT + _WIDE, y), (_RIGHT, target + (y - target) / 8), broken=i == _BROKEN)
        for y, (text, _) in zip(right, INFERENCES, strict=True):
            _box(ax, _RIGHT, y, _NARROW, text, GREY)
        for a, b in pairwise(right):
            _arrow(ax, (_RIGHT + _NARROW / 2, a - 0.8), (_RIGHT + _NARROW / 2, b + 0.8))
        ax.text((_LEFT + _WIDE + _RIGHT) / 2, 8.95, "does not\nfollow", ha="center", color=WRONG, weight="bold")
    rows = [(claim, f"{name}: {text}".replace("\n", " ")) for name, text, claims in PREMISES for claim in claims]
    rows += [(claim, text.replace("\n", " ")) for text, claims in INFERENCES for claim in claims]
    alt = (
        f"The argument as a diagram. {len(PREMISES)} groups of reports (limits, growth, signs, data, gaps) lead to "
        "the law of diminishing returns, from there to only modest gains from ten times more, and to a call for "
        "efficiency. The arrow from the limits of the training goal to diminishing returns is dashed: "
        "it does not follow."
    )
    return finish(ax, alt, pd.DataFrame(rows, columns=["claim", "box"]))


def _box(ax, x, y, width, text, colour):
    style = {"boxstyle": "round,pad=0,rounding_size=0.15", "edgecolor": colour, "facecolor": "white", "linewidth": 1.2}
    ax.add_patch(FancyBboxPatch((x, y - 0.75), width, 1.5, **style))
    ax.text(x + width / 2, y, text, ha="center", va="center", fontsize=9.2)


def _arrow(ax, start, end, broken=False):
    look = {"arrowstyle": "-|>", "lw": 1.6 if broken else 1.1, "shrinkA": 2, "shrinkB": 2}
    look |= {"color": WRONG, "linestyle": (0, (3, 2))} if broken else {"color": GREY}
    ax.annotate("", end, start, arrowprops=look)
