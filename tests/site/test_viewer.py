"""The viewer of tables on the data page: rows on demand, sorted and searched, from a folder too."""

import csv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
PAGE = "chapters/a2_data.html"


def rows(name):
    with (ROOT / f"data/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(params=["served", "folder"])
def page(request, visit):
    return visit(PAGE) if request.param == "served" else visit(PAGE, base=HTML.as_uri())


def opened(page, name):
    viewer = page.locator(f".dl-viewer[data-table={name}]")
    viewer.locator("button").press("Enter")  # the keyboard reaches it
    viewer.locator("table").wait_for()
    return viewer


def shown(viewer):
    return viewer.locator("tbody").evaluate("b => [...b.rows].map(r => [...r.cells].map(c => c.textContent))")


def test_a_table_opens_with_all_its_cells(page):
    heads, *expected = rows("claims")
    viewer = opened(page, "claims")
    assert viewer.locator("thead th").all_inner_texts() == heads
    assert shown(viewer) == expected
    assert f"{len(expected)} of {len(expected)} rows" in viewer.inner_text()


def test_words_narrow_it_and_a_head_sorts_it(visit):
    page = visit(PAGE)
    viewer = opened(page, "imagenet_models")
    heads, *every = rows("imagenet_models")
    column = heads.index("top1_error_pct")
    head = viewer.locator("th button", has_text="top1_error_pct")  # its name grows an arrow
    head.click()
    errors = [float(row[column]) for row in shown(viewer)]
    assert errors == sorted(float(row[column]) for row in every)
    head.click()
    assert [float(row[column]) for row in shown(viewer)] == errors[::-1]
    assert viewer.locator("th[aria-sort=descending]").inner_text() == "top1_error_pct"
    viewer.locator("input").fill("vit beyer")
    found = [row for row in every if all(any(w in c.lower() for c in row) for w in ("vit", "beyer"))]
    assert sorted(shown(viewer)) == sorted(found)


def test_long_tables_show_their_beginning_and_say_so(visit):
    viewer = opened(visit(PAGE), "gpt3_scores")
    assert len(shown(viewer)) == 200
    assert "the first 200 are shown" in viewer.inner_text()
