"""A figure as the files that a page, a phone and a notebook show.

One figure is drawn twice: as wide as the text of a page, and for a phone held upright, with letters that
stay readable there. Sizes are points and inches; 72 points are an inch.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import textwrap

import matplotlib.pyplot as plt
from matplotlib.text import Text
from PIL import Image

from dl_limits.figures.style import GREY, NARROW, SMALLEST, STYLE

_FOOT = 0.22  # inches below a wide drawing for the line that says where it comes from
_COLOURS = 64  # of a picture for notebooks: drawings have few


def svg(figure, name):
    """Return a figure as SVG in its own width, with a line that names its source.

    Equal bytes for equal figures; two decimals are plenty.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Of its files; begins with its chapter (``'06_forest'``).

    Returns
    -------
    str
    """
    with plt.style.context(STYLE):
        engine, height = figure.get_layout_engine(), figure.get_figheight()
        figure.set_figheight(height + _FOOT)
        share = _FOOT / (height + _FOOT)
        engine.set(rect=(0, share, 1, 1 - share))
        line = figure.text(0.995, 0.01, _source(name), ha="right", va="bottom", fontsize=8, color=GREY)
        line.set_in_layout(False)
        drawn = _saved(figure, name)
        line.remove()
        figure.set_figheight(height)
        engine.set(rect=(0, 0, 1, 1))
    return drawn


def narrow(figure, name):
    """Return a figure as SVG for a phone: narrow, no letter below `SMALLEST`, titles broken where they would be cut.

    The figure itself is left as it was. Parameters and return as in `svg`.
    """
    texts = figure.findobj(Text)
    before = [(text, text.get_fontsize(), text.get_text()) for text in texts], figure.get_figwidth()
    with plt.style.context(STYLE):
        figure.set_figwidth(NARROW)
        for text in texts:
            text.set_fontsize(max(text.get_fontsize(), SMALLEST))
        figure.draw_without_rendering()
        for ax in figure.axes:
            for title in (child for child in ax.get_children() if isinstance(child, Text) and child not in ax.texts):
                words = title.get_text()
                for letters in range(len(words), 10, -2):
                    if title.get_window_extent().x1 < 0.97 * figure.bbox.width:
                        break
                    title.set_text(textwrap.fill(words, letters))
        drawn = _saved(figure, f"{name}-narrow")
        for text, size, words in before[0]:
            text.set_fontsize(size)
            text.set_text(words)
        figure.set_figwidth(before[1])
    return drawn


def packed(drawing):
    """Return a drawing as a short text that an attribute can hold: gzip, base64."""
    return base64.b64encode(gzip.compress(drawing.encode(), mtime=0)).decode()


def png(figure):
    """Return a figure as PNG, base64: JupyterLab shows an SVG only in a notebook that it trusts."""
    picture, out = io.BytesIO(), io.BytesIO()
    with plt.style.context(STYLE):
        figure.savefig(picture, format="png", dpi=144, metadata={"Software": None})
    Image.open(picture).convert("RGB").quantize(_COLOURS).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def _source(name):
    place = re.match(r"(\d\d|a\d)_", name)
    where = f", {'chapter' if place[1].isdigit() else 'appendix'} {place[1].upper()}" if place else ""
    return f"The Limits of Deep Learning, a reproducible audit{where} · CC BY 4.0"


def _saved(figure, name):
    buffer, engine = io.StringIO(), figure.get_layout_engine()
    engine.execute(figure)  # once is enough: savefig would arrange it twice
    figure.set_layout_engine("none")
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    figure.set_layout_engine(engine)
    # The scale of a glyph is a small number: it alone keeps its digits.
    return _numbered(re.sub(r"scale\([^)]*\)|(\d\.\d\d)\d+", lambda m: m[1] or m[0], buffer.getvalue()), name)


def _numbered(svg, name):
    """Number the parts of a drawing that other parts refer to, in order of appearance.

    Matplotlib's own ids hash coordinates to their last digit. The figure's name comes first: some
    programs put all drawings of a notebook into one document, where each id must be met once.
    """
    parts = dict.fromkeys(re.findall(r'(?:href="|url\()#([\w.-]+)', svg))
    ids = {part: f"figure-{name}-{number}" for number, part in enumerate(parts)}
    return re.sub(r'( id="|href="#|url\(#)([\w.-]+)', lambda m: m[1] + ids.get(m[2], m[2]), svg)
