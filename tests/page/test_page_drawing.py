"""One figure as the files that a page, a phone and a notebook show."""

import base64
import gzip
import io
import re

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text
from PIL import Image

from dl_limits.figures.style import NARROW, SMALLEST, WIDE, new_axes
from dl_limits.page import drawing

PHONE = 358  # pixels: the text of a page in a window of 390


@pytest.fixture
def figure():
    fig, ax = new_axes()
    ax.plot([1, 2], [3, 4])
    ax.set_title("A title that is far too long for a telephone held upright, as titles sometimes are")
    ax.set_xlabel("a label of an axis that also runs over the edge of the picture, at its right")
    ax.text(1, 3, "small", fontsize=6)
    yield fig
    plt.close(fig)


def width(svg):
    return float(re.search(r'<svg[^>]*? width="([\d.]+)pt"', svg)[1]) / 72


def test_a_page_and_a_phone_get_drawings_of_their_own(figure):
    assert width(drawing.svg(figure, "06_some")) == pytest.approx(WIDE)
    assert width(drawing.narrow(figure, "06_some")) == pytest.approx(NARROW)


def test_letters_can_be_read_on_a_phone():
    assert SMALLEST * PHONE / (72 * NARROW) >= 11


def test_on_a_phone_no_letter_is_small_and_no_title_is_cut_and_the_figure_stays_as_it_was(figure, monkeypatch):
    before = [(text.get_text(), text.get_fontsize()) for text in figure.findobj(Text)]
    seen, saved = [], drawing._saved

    def look(drawn, name):
        drawn.draw_without_rendering()
        texts = [
            text
            for ax in drawn.axes
            for text in [*ax.get_children(), ax.xaxis.label]
            if isinstance(text, Text) and text.get_text()
        ]
        seen.extend((text.get_fontsize(), text.get_window_extent().x1 / drawn.bbox.width) for text in texts)
        return saved(drawn, name)

    monkeypatch.setattr(drawing, "_saved", look)
    drawing.narrow(figure, "06_some")
    assert min(size for size, _ in seen) >= SMALLEST and max(right for _, right in seen) <= 1
    assert [(text.get_text(), text.get_fontsize()) for text in figure.findobj(Text)] == before
    assert figure.get_figwidth() == WIDE


@pytest.mark.parametrize(
    ("name", "where"), [("06_some", "chapter 06"), ("a1_some", "appendix A1"), ("some", "audit · CC")]
)
def test_a_drawing_says_where_it_comes_from(figure, name, where, monkeypatch):
    monkeypatch.setattr(drawing, "_saved", lambda drawn, _: " ".join(text.get_text() for text in drawn.texts))
    assert where in drawing.svg(figure, name) and not figure.texts


def test_a_packed_drawing_unpacks_and_a_picture_is_a_png(figure):
    assert gzip.decompress(base64.b64decode(drawing.packed("<svg/>"))) == b"<svg/>"
    picture = Image.open(io.BytesIO(base64.b64decode(drawing.png(figure))))
    assert picture.format == "PNG" and picture.width > 800


def test_equal_figures_are_equal_bytes_after_either_drawing(figure):
    first = drawing.svg(figure, "06_some")
    drawing.narrow(figure, "06_some")
    assert drawing.svg(figure, "06_some") == first
