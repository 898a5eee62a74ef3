"""What figures record about their marks: the words, and places that agree with the drawing."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from dl_limits.figures import mark_places, mark_texts
from dl_limits.figures.marks import record_marks
from dl_limits.page import drawing
from tests.page.test_page import FIGURES


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    yield ax
    plt.close(fig)


def test_words_come_from_the_table(ax):
    rows = pd.DataFrame(
        {
            "name": ["one", "two-fold"],
            "share": [0.125, -0.5],
            "low": [0.05, np.nan],
            "high": [np.inf, np.nan],
            "flop": [3e21, 1e3],
            "tokens": [1.73e9, 300_000],
            "published": pd.to_datetime(["2020-07-01", None]),
            "source": ["brown_2020", None],
        }
    )
    record_marks(ax, [1, 2], 5, rows, "{name}: {share:%}[ ({low:.1f} to {high:.1f})], {flop:power}, {tokens:large}")
    assert mark_texts(ax.figure) == [
        "one: 13 % (0.1 to no limit), 10^21.5, 1.7 billion, 2020-07, source brown_2020",
        "two-fold: −50 %, 10^3.0, 300,000",
    ]


def test_what_is_not_drawn_is_no_mark_and_ends_stop_at_the_axes(ax):
    rows = pd.DataFrame({"name": list("abcd")})
    ends = [-50, 1, 1, 1], [50, 1, 1, 1]
    record_marks(ax, [5, 11, np.nan, 1], [5, 5, 5, 0], rows, "{name}", ends)
    assert mark_texts(ax.figure) == ["a", "d"]
    (x, y, left, _, right, _), point = mark_places(ax.figure)
    box = ax.get_position()
    assert [x, y] == [round(1e4 * (box.x0 + box.width / 2)), round(1e4 * (1 - box.y0 - box.height / 2))]
    assert box.x0 * 1e4 - 200 < left < box.x0 * 1e4 and box.x1 * 1e4 < right < box.x1 * 1e4 + 200
    assert len(point) == 2


def test_a_mark_belongs_to_a_row(ax):
    rows = pd.DataFrame({"name": ["a", "b"]})
    with pytest.raises(ValueError, match="3 places for 2 rows"):
        record_marks(ax, [1, 2, 3], 1, rows, "{name}")
    with pytest.raises(KeyError):
        record_marks(ax, [1, 2], 1, rows, "{nothing}")


@pytest.mark.parametrize("draw", [drawing.svg, drawing.narrow])
@pytest.mark.parametrize("name", ["extrapolation", "backtest", "two scales", "floors of the surface"])
def test_each_mark_lies_on_its_symbol(name, draw):
    figure = FIGURES[name]().figure
    svg = draw(figure, "06_it")
    width, height = (float(side) for side in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    symbols = re.findall(r'<use [^>]*?x="(-?[\d.]+)" y="(-?[\d.]+)"', svg)
    drawn = np.array(symbols, float) / [width, height]
    places = np.array([place[:2] for place in figure.mark_places]) / 1e4
    apart = np.abs(places[:, None] - drawn[None]).max(axis=2).min(axis=1)
    assert len(places) == len(mark_texts(figure)) > 10
    assert apart.max() < 2e-4  # of the picture's sides: a tenth of a pixel
    plt.close(figure)
