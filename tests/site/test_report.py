"""A fault can be reported from every page: where an address is known it is begun, else it says what to write down."""

from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlparse

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from _ext.limits_site import Page, report
from tests.site.conftest import until

ROOT = Path(__file__).parents[2]
FOOT = '<div class="left-details"></div>'


def foot(configured=""):
    app = SimpleNamespace(srcdir=ROOT, config=SimpleNamespace(report_url=configured))
    soup = BeautifulSoup(FOOT, "html.parser")
    report.finish(soup, Page(app, "chapters/09_cost", "What & how?"))
    return soup


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    for name in ("REPORT_URL", "REPOSITORY_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_known_address_gets_page_and_version(monkeypatch):
    for given in ("environment", "configuration", "repository"):
        if given == "environment":
            monkeypatch.setenv("REPORT_URL", "mailto:faults@book.example")
            link = foot("https://elsewhere.example").a["href"]
            monkeypatch.delenv("REPORT_URL")
        elif given == "configuration":
            link = foot("mailto:faults@book.example").a["href"]
        else:
            monkeypatch.setenv("REPOSITORY_URL", "https://github.com/some/one/tree/v1.0")
            link = foot().a["href"]
        place, asked = urlparse(link), parse_qs(urlparse(link).query)
        start = ("https", "/some/one/issues/new") if given == "repository" else ("mailto", "faults@book.example")
        assert (place.scheme, place.path) == start
        assert "What & how?" in asked["title" if given == "repository" else "subject"][0]
        assert "chapters/09_cost.html" in asked["body"][0] and "Version: " in asked["body"][0]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://plain.example", "mailto:", 'https://a"onclick="x'])
def test_another_address_is_refused(monkeypatch, address):
    monkeypatch.setenv("REPORT_URL", address)
    with pytest.raises(ExtensionError, match="neither"):
        foot()


def test_without_one_a_page_says_what_to_write_down_and_takes_the_selected_words(visit):
    tab = visit("chapters/09_cost.html", 390)
    fold = tab.locator("details.report")
    fold.locator("summary").focus()
    tab.keyboard.press("Enter")
    until(tab, "document.querySelector('details.report').open")
    note = fold.locator("pre")
    assert "chapters/09_cost.html" in note.inner_text() and "Version: " in note.inner_text()
    tab.evaluate("getSelection().selectAllChildren(document.querySelector('article h1'))")
    words = tab.locator("article h1").evaluate("h => String(getSelection()).trim()")
    until(tab, f"document.querySelector('.report pre').textContent.includes({words[:20]!r})")
    tab.evaluate("getSelection().selectAllChildren(document.querySelector('.report p'))")  # no words of the book
    assert words[:20] in note.inner_text()


def test_a_cell_is_copied_with_one_click(visit):
    tab = visit("chapters/a3_reproduce.html")
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = tab.locator("button.copy").first
    button.focus()
    tab.keyboard.press("Enter")
    until(tab, "document.querySelector('button.copy').textContent === 'Copied'")
    code = tab.locator("div.highlight > pre").first.evaluate("pre => pre.textContent")
    assert tab.evaluate("navigator.clipboard.readText()") == code
