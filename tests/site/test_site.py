"""What a reader meets: every page, phone and desk, light and dark, served and from a folder."""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGES = [p.relative_to(HTML).as_posix() for p in sorted(HTML.rglob("*.html"))]
CHAPTERS = [p for p in PAGES if p.startswith("chapters/")]
BUDGET_KB, BUDGET_GZIPPED_KB = 400, 120


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_accessible_and_fits(visit, page, width, scheme):
    tab = visit(page, width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for closed in tab.query_selector_all("details:not([open]) > summary"):
        closed.click()  # folded code is read too
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(tab).response["violations"]
    faults = [f"{v['id']}: {n['html']} {n['failureSummary']}" for v in found for n in v["nodes"]]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_from_a_folder(visit, page):
    tab = visit(page, base=HTML.as_uri())
    broken = "[...document.images].filter(i => {i.loading = 'eager'; return !i.complete"
    tab.wait_for_function(f"{broken}}}).length === 0")
    assert tab.evaluate(f"{broken} || !i.naturalWidth}}).length") == 0


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


@pytest.mark.parametrize("page", CHAPTERS)
def test_code_unfolds_by_keyboard(visit, page):
    tab = visit(page)
    folded = tab.locator("details:not([open]) > summary").first
    folded.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("details[open]").count() == 1


@pytest.mark.parametrize("page", ["index.html", *CHAPTERS])
def test_weight_is_within_budget(visit, served, page):
    tab = visit(page)
    tab.wait_for_load_state("networkidle")
    urls = tab.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    names = {unquote(urlparse(url).path).lstrip("/") for url in urls} | {page}
    bodies = [(HTML / name).read_bytes() for name in sorted(names)]
    raw, packed = sum(map(len, bodies)), sum(len(gzip.compress(b)) for b in bodies)
    print(f"{page}: {raw / 1000:.0f} kB, {packed / 1000:.0f} kB gzipped")
    assert raw <= BUDGET_KB * 1000 and packed <= BUDGET_GZIPPED_KB * 1000
