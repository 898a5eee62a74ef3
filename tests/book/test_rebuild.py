"""What a build does again after a change, and that no page is left behind."""

import pytest
from bs4 import BeautifulSoup

from tests.book.small import INDEX

pytestmark = pytest.mark.builder  # `make test-builder`


def test_a_change_executes_again_and_a_revert_does_not(book):
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"] and book.runs == 1
    book.write("data/value.txt", "2")
    assert book.build() == 0 and book.shown() == ["2.0", "2.0"] and book.runs == 2
    book.write("data/value.txt", "1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"] and book.runs == 2
    for name in ("dl_limits/used.py", "requirements.txt"):
        book.write(name, "ZERO = 0.0  # changed")
        assert book.execute() == 0
    assert book.runs == 4
    book.write("dl_limits/unused.py", "# changed")
    assert book.execute() == 0 and book.runs == 4


def test_an_edited_chapter_changes_its_number_on_other_pages_too(book):
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]
    book.chapter("3")
    assert book.build() == 0 and book.shown() == ["3.0", "3.0"]


def test_a_failed_build_fails_again(book):
    book.write("index.md", INDEX.replace("a-value", "renamed"))
    assert book.build() and book.build()
    book.write("index.md", INDEX)
    book.chapter("1 / 0 + 1")
    assert book.build() and book.build()
    book.chapter("1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]


def test_a_known_address_gives_cards_site_map_and_launch_buttons(book):
    home = "https://someone.github.io/limits"
    assert book.build(BOOK_URL=home, REPOSITORY_URL="https://github.com/someone/limits/tree/v1.0") == 0
    html = book.root / "_build" / "html"
    page = BeautifulSoup((html / "chapters/a.html").read_text("utf-8"), "html.parser")
    assert page.select_one("link[rel=canonical]")["href"] == f"{home}/chapters/a.html"
    card = page.select_one("meta[property='og:image']")["content"].removeprefix(f"{home}/")
    assert (html / card).read_bytes().startswith(b"\x89PNG")
    assert f"<loc>{home}/chapters/a.html</loc>" in (html / "sitemap.xml").read_text("utf-8")
    assert f"Sitemap: {home}/sitemap.xml" in (html / "robots.txt").read_text("utf-8")
    assert BeautifulSoup((html / "404.html").read_text("utf-8"), "html.parser").base["href"] == f"{home}/"
    links = {a.get_text(): a["href"] for a in page.select(".page-tools a")}
    assert links["Binder"] == "https://mybinder.org/v2/gh/someone/limits/v1.0?urlpath=lab/tree/chapters/a.ipynb"
    assert links["Colab"] == "https://colab.research.google.com/github/someone/limits/blob/v1.0/chapters/a.ipynb"


def test_without_an_address_nothing_points_to_one(book):
    assert book.build() == 0
    html = book.root / "_build" / "html"
    page = BeautifulSoup((html / "chapters/a.html").read_text("utf-8"), "html.parser")
    assert not page.select("link[rel=canonical], meta[property='og:image']") and not (html / "sitemap.xml").exists()
    assert [a.get_text() for a in page.select(".page-tools a")] == ["Notebook"]
