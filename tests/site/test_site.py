"""What a reader does on a page: search, switch, fold, follow, print; and what pages weigh."""

import gzip
import re
import statistics
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from bs4 import BeautifulSoup

from _ext.limits_site import folding
from tests.site.conftest import HTML, PAGES, UNFOLD, until

CHAPTERS = [p for p in PAGES if p.startswith("chapters/")]
ARTICLES = [p for p in CHAPTERS if not p.endswith("explorer.html")]
BUDGET = tomllib.loads((Path(__file__).parent / "budget.toml").read_text("utf-8"))
IMAGES = {".svg", ".png", ".webp"}


def test_search_finds_a_term_from_a_folder(visit):
    tab = visit("search.html?q=learning", base=HTML.as_uri())
    tab.wait_for_selector("#search-results li a")


def test_dark_mode_persists(visit):
    tab = visit("index.html")
    for _ in range(3):
        tab.locator(".theme-toggle:visible").click()
        if tab.evaluate("document.body.dataset.theme") == "dark":
            break
    tab.reload()
    assert tab.evaluate("document.body.dataset.theme") == "dark"


def test_code_waits_for_one_click_and_the_next_page_remembers(visit):
    tab = visit(ARTICLES[0])
    folds, code = tab.locator("article details.hide"), tab.locator("article details.hide pre:visible")
    assert folds.count() > 0 and tab.locator("article details.hide > summary:visible").count() == 0
    assert tab.locator("article .cell details.hide pre:visible").count() == 0
    for act in (tab.locator(".all-code").click, tab.reload):
        act()
        # but for those in a section for specialists that is closed
        inside = "fold.parentElement.closest('details:not([open])')"
        left = folds.evaluate_all(f"all => all.filter(fold => !{inside}).length")
        assert 0 < left == folds.locator("> summary:visible").count() == code.count()
    tab.locator(".all-code").click()
    assert code.count() == 0 and tab.locator("article details.hide > summary:visible").count() == 0


FOLDED = """<article><section id="a"><h2>For the statistician: errors<a href="#a">#</a></h2><p id="in">x</p></section>
<section id="b"><h2>The bill</h2><p>y</p></section><section id="c"><h2>Solutions</h2><p>z</p></section></article>"""


def test_sections_for_specialists_and_solutions_are_folded():
    soup = BeautifulSoup(FOLDED, "html.parser")
    for _ in range(2):  # the second pass changes nothing
        folding.finish(soup)
        assert [fold.parent["id"] for fold in soup.select("details")] == ["a", "c"]
        assert [fold.summary.h2.get_text() for fold in soup.select("details")] == [
            "For the statistician: errors#",
            "Solutions",
        ]
        assert [tag.name for tag in soup.select_one("#a").details.find_all(True, recursive=False)] == ["summary", "p"]


def folded(visit, anchor=""):
    """Return a chapter with a fold of its own, opened at an address within it."""
    page = next(p for p in PAGES if 'class="fold"' in (HTML / p).read_text("utf-8"))
    section = BeautifulSoup((HTML / page).read_text("utf-8"), "html.parser").select_one("details.fold").parent["id"]
    return visit(f"{page}#{section}" if anchor else page), section


def test_an_address_opens_the_section_it_names(visit):
    tab, section = folded(visit, "#")
    assert tab.locator(f"[id='{section}'] > details").evaluate("fold => fold.open")


def test_the_printer_gets_every_section(visit):
    tab, _ = folded(visit)
    closed = "document.querySelectorAll('details.fold:not([open])').length"
    before = tab.evaluate(closed)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate(closed) == 0
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(closed) == before > 0


@pytest.mark.parametrize("kind", ["reference internal", "term", "computed"])
def test_sources_terms_and_numbers_show_what_they_are(visit, kind):
    link = re.compile(rf'<a (?=[^>]*class="{kind}[ "])(?=[^>]*data-preview)')
    page = next(p for p in ARTICLES if link.search((HTML / p).read_text("utf-8").partition("<article")[2]))
    tab = visit(page, 390)
    tab.evaluate(UNFOLD)
    found = tab.locator(f"article a.{kind.replace(' ', '.')}[data-preview]").first
    found.focus()
    tab.keyboard.press("Shift")  # now the browser knows that a keyboard is at work
    shown = tab.evaluate("getComputedStyle(document.activeElement, '::after').content")
    assert found.get_attribute("data-preview")[:20] in shown
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.keyboard.press("Escape")
    assert tab.evaluate("getComputedStyle(document.activeElement, '::after').display") == "none"


def test_formulas_have_their_font(visit):
    page = next(p for p in ARTICLES if "<math" in (HTML / p).read_text("utf-8"))
    tab = visit(page)
    tab.evaluate(UNFOLD)  # a browser loads no font for what is folded
    until(tab, "document.fonts.check('16px \"Audit Math\"')")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    assert any(f.startswith("Audit Math") for f in tab.evaluate(loaded))


@cache
def packed_size(name):
    return len(gzip.compress((HTML / name).read_bytes())) / 1000


def weight(visit, page):
    """Raw and gzipped kB of all that a page loads, and gzipped without figures."""
    tab = visit(page)
    tab.wait_for_load_state("networkidle")
    urls = tab.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    names = {unquote(urlparse(url).path).lstrip("/") for url in urls} | {page}
    packed = {name: packed_size(name) for name in sorted(names)}
    bare = sum(kb for name, kb in packed.items() if Path(name).suffix not in IMAGES)
    return sum((HTML / name).stat().st_size for name in packed) / 1000, sum(packed.values()), bare


def test_weights_are_within_budget(visit):
    weights = {page: weight(visit, page) for page in ["index.html", *CHAPTERS]}
    for page, (raw, packed, bare) in weights.items():
        print(f"{page}: {raw:.0f} kB, {packed:.0f} kB gzipped, {bare:.0f} kB without figures")
        limit = BUDGET["explorer" if page.endswith("explorer.html") else "page"]
        assert raw <= limit["raw"] and packed <= limit["gzipped"], page
    raw, packed, bare = (statistics.median(weights[p][i] for p in ARTICLES) for i in range(3))
    limit = BUDGET["median_chapter"]
    for size, name in ((raw, "raw"), (packed, "gzipped"), (bare, "gzipped_without_figures")):
        assert size <= limit[name], name


def test_the_charting_library_is_on_one_page_only():
    assert [p for p in PAGES if "plot.min.js" in (HTML / p).read_text("utf-8")] == ["chapters/explorer.html"]
