"""The drawings between which a reader can choose, packed into the page; the site puts them into files."""

from __future__ import annotations

import html
import json

import matplotlib.pyplot as plt

from dl_limits import figures
from dl_limits.page import drawing


def html_of(states, name, static):
    """Return the states of a figure as HTML that shows nothing by itself; `timeline.js` makes its controls.

    Parameters
    ----------
    states : iterable of (days, scale, sentence, Axes)
        As `dl_limits.studies.imagenet.scales.states` yields them. Each figure is closed once it is drawn.
    name : str
        Of the figure's files.
    static : tuple of (str, str)
        Day and scale of the drawing that the page shows by itself: it is not drawn again.

    Returns
    -------
    str
    """
    kept = []
    for days, scale, sentence, ax in states:
        state = {"days": days, "scale": scale, "sentence": sentence, "alt": figures.alt_text(ax)}
        if static[0] not in days or static[1] != scale:
            file = f"{name}_{days[-1]}_{scale}"
            state |= {"name": file, "wide": drawing.packed(drawing.svg(ax.figure, name))}
            state |= {"narrow": drawing.packed(drawing.narrow(ax.figure, name))}
        kept.append(state)
        plt.close(ax.figure)
    return (
        f'<div class="dl-states" data-states="{html.escape(json.dumps(kept, ensure_ascii=False), quote=True)}"></div>'
    )
