"""What puts a result on a page: figures, numbers for the prose, tables, verdicts."""

from __future__ import annotations

import base64
import html
import json
import re

import matplotlib.pyplot as plt
from IPython.display import HTML, display
from myst_nb import glue

from dl_limits import figures
from dl_limits.page import board as boards
from dl_limits.page import drawing
from dl_limits.page.board import escape as _html
from dl_limits.words import formatted, steady


def show(ax, name, states=""):
    """Put a figure on the page, with its alternative text and the table behind it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From a ``plot_*`` function of `dl_limits.figures`.
    name : str
        Name of the file in which a reader saves the table.
    states : str
        From `page.states.html_of`, where a reader can choose between drawings.
    """
    drawings = {"image/svg+xml": drawing.svg(ax.figure, name), "image/png": drawing.png(ax.figure)}
    display(drawings | {"text/plain": figures.alt_text(ax)}, raw=True)
    display(HTML(f"{_download(ax, name)}{states}"))
    plt.close(ax.figure)


def glue_figure(ax, key, name, states=""):
    """Keep a figure under a key for another page, with its sentence and the table behind it.

    As HTML, picture included: the glue of another page loses an SVG and its sentence.

    Parameters
    ----------
    ax, name
        As in `show`.
    key : str
        What the other page asks for.
    states : str
        From `page.states.html_of`, where a reader can choose between drawings.
    """
    svg = drawing.svg(ax.figure, name)
    sides = (re.search(rf'<svg[^>]*? {side}="([\d.]+)pt"', svg)[1] for side in ("width", "height"))
    width, height = (round(float(side) * 4 / 3) for side in sides)  # points to CSS pixels: no jump while loading
    data = base64.b64encode(svg.encode()).decode()
    alt = html.escape(figures.alt_text(ax), quote=True)
    image = f'<img alt="{alt}" width="{width}" height="{height}" src="data:image/svg+xml;base64,{data}">'
    glue(key, HTML(f'<div class="cell_output">{image}</div>{_download(ax, name)}{states}'), display=False)


def scoreboard(board, key=None):
    """Put the ledger on the page, each claim with its permanent anchor; or keep it for the index under a key.

    Parameters
    ----------
    board : DataFrame
        From `claims.scoreboard`.
    key : str, optional
        What the index asks for.
    """
    if key:
        glue(key, HTML(boards.table(board, "chapters/")), display=False)
    else:
        display(HTML(boards.table(board, anchors=True)))


def _download(ax, name):
    """Return a link that holds the figure's table as CSV; with axes and marks in words, and the drawing for a phone."""
    table = figures.table_behind(ax)
    floats = table.select_dtypes("float")
    text = table.assign(**steady(floats)).to_csv(index=False, float_format="%.5g", date_format="%Y-%m")
    data = base64.b64encode(text.encode()).decode()
    wide = ax.figure.mark_places  # as drawn last: before the phone's
    axes, narrow = html.escape(figures.axes_text(ax), quote=True), drawing.packed(drawing.narrow(ax.figure, name))
    texts = figures.mark_texts(ax.figure)
    places = drawing.packed(json.dumps({"wide": wide, "narrow": ax.figure.mark_places}))
    said = html.escape(json.dumps(texts, ensure_ascii=False), quote=True)
    marks = f' data-marks="{said}" data-places="{places}"' if texts else ""
    return (
        f'<p class="figure-data" data-axes="{axes}" data-narrow="{narrow}"{marks}>'
        f'<a download="{name}.csv" href="data:text/csv;base64,{data}">'
        f"Data behind this figure (CSV, {len(table)} rows)</a></p>"
    )


def numbers(chapter, values):
    """Put all numbers of a chapter's prose on the page: what each is, how it comes about, from what.

    The prose marks the place of a number by its key, ``<chapter>-<name>``; `tools.notebooks` writes it there.

    Parameters
    ----------
    chapter : str
        Prefix of the keys, such as ``'06'``.
    values : dict of str to dl_limits.words.Number
        From the ``numbers()`` of a study.
    """
    keyed = {f"{chapter}-{name.replace('_', '-')}": number for name, number in values.items()}
    rows = "".join(
        f'<tr id="number-{key}">{_cell("td", number.text, True)}'
        f"{_cell('td', number.formula, False)}{_cell('td', number.source, False)}</tr>\n"
        for key, number in keyed.items()
    )
    head = "".join(_cell("th", name, name == "number") for name in ("number", "what it is", "from"))
    table = f'<table class="dl-table"><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'
    summary = f"<summary>Every number of this page, and how it is computed ({len(keyed)})</summary>"
    details = f'<details class="dl-numbers">{summary}\n{table}</details>'
    shown = {key: [number.text, f"{_sentence(number.formula)} From: {number.source}."] for key, number in keyed.items()}
    display({"text/html": details}, metadata={"numbers": shown}, raw=True)  # for the tools that fill the prose


def _sentence(text):
    return f"{text[0].upper()}{text[1:]}."


def table(frame, caption, formats=None, names=None):
    """Put a small table on the page, with a caption and headers in words.

    Parameters
    ----------
    frame : DataFrame
        Shown without its index.
    caption : str
        What the table says.
    formats : dict, optional
        Column and format specification (``'.2f'``) or function.
    names : dict, optional
        Column and its header, where the column's own name is no good one.
    """
    cells = {c: [formatted(v, (formats or {}).get(c)) for v in frame[c]] for c in frame}
    numeric = {c: not isinstance(frame[c].iloc[0], str) for c in frame}
    head = "".join(_cell("th", (names or {}).get(c, str(c).replace("_", " ")), numeric[c]) for c in frame)
    rows = ["".join(_cell("td", cells[c][i], numeric[c]) for c in frame) for i in range(len(frame))]
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    display(
        HTML(
            f'<table class="dl-table"><caption>{_html(caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
        )
    )


def _cell(tag, text, numeric):
    attributes = (' scope="col"' if tag == "th" else "") + (' class="number"' if numeric else "")
    return f"<{tag}{attributes}>{_html(text)}</{tag}>"


def verdict(claim):
    """Put a claim's verdicts at both dates on the page; its rule and what it could have said are folded below.

    Parameters
    ----------
    claim : str
        As in `dl_limits.claims.CLAIMS`.
    """
    display(HTML(boards.verdict_box(claim)))
