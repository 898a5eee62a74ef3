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

from dl_limits.figures.marks import mark_places
from dl_limits.figures.style import GREY, NARROW, SMALLEST, STYLE

_FOOT = 0.22  # inches below a wide drawing for the line that says where it comes from
_LABEL, _HIGHER = 22, 1.3  # letters in a line of a label at the left, on a phone; a drawing with such labels grows
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
        height = figure.get_figheight()
        _raise(figure, height + _FOOT, _FOOT)
        line = figure.text(0.995, 0.01, _source(name), ha="right", va="bottom", fontsize=8, color=GREY)
        line.set_in_layout(False)
        drawn = _saved(figure, name)
        line.remove()
        _raise(figure, height, 0)
    return drawn


def _raise(figure, height, foot):
    """Set the height of a figure and what is left free at its foot, in inches; what is drawn keeps its size."""
    engine, before, places = figure.get_layout_engine(), figure.get_figheight(), figure.subplotpars
    figure.set_figheight(height)
    if engine:
        engine.set(rect=(0, foot / height, 1, 1 - foot / height))
    else:  # placed by hand, in shares of the height
        top, bottom = ((place * before + height - before) / height for place in (places.top, places.bottom))
        figure.subplots_adjust(top=top, bottom=bottom)
    for legend in figure.legends:
        legend.set_bbox_to_anchor((0, foot / height, 1, 1 - foot / height), figure.transFigure)


def narrow(figure, name):
    """Return a figure as SVG for a phone: narrow, no letter below `SMALLEST`, titles broken where they would be cut.

    The figure itself is left as it was. Parameters and return as in `svg`.
    """
    texts = figure.findobj(Text)
    before = [(text, text.get_fontsize(), text.get_text()) for text in texts]
    width, height = figure.get_size_inches()
    labels = [(ax, ax.get_yticks(), [text.get_text() for text in ax.get_yticklabels()]) for ax in figure.axes]
    if figure.get_layout_engine() is None:  # placed by hand, with room for its labels
        labels = []
    labels = [(ax, places, words) for ax, places, words in labels if max(map(len, words), default=0) > _LABEL]
    with plt.style.context(STYLE):
        for ax, places, words in labels:
            ax.set_yticks(places, [textwrap.fill(word, _LABEL) for word in words])
        figure.set_size_inches(NARROW, height * (_HIGHER if labels else 1))
        for text in texts:
            text.set_fontsize(max(text.get_fontsize(), SMALLEST))
        figure.draw_without_rendering()
        for ax in figure.axes:
            titles = [child for child in ax.get_children() if isinstance(child, Text) and child not in ax.texts]
            for title in (*titles, ax.xaxis.label):
                words, room = title.get_text(), (0, 0.97 * figure.bbox.width)
                for letters in range(len(words), 10, -2):
                    box = title.get_window_extent()
                    if room[0] <= box.x0 and box.x1 <= room[1]:
                        break
                    title.set_text(textwrap.fill(words, letters))
        drawn = _saved(figure, f"{name}-narrow")
        for text, size, words in before:
            text.set_fontsize(size)
            text.set_text(words)
        for ax, places, words in labels:
            ax.set_yticks(places, words)
        figure.set_size_inches(width, height)
    return drawn


def packed(drawing):
    """Return a drawing, or other text, as a short one that an attribute can hold: gzip, base64."""
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
    if engine:  # once is enough: savefig would arrange it twice
        engine.execute(figure)
        figure.set_layout_engine("none")
    figure.mark_places = mark_places(figure)  # of this drawing: a wide and a narrow one differ
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
