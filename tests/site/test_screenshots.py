"""Pictures of every page at three widths, for people to look at: only when asked (`make screenshots`)."""

from pathlib import Path

import pytest

from tests.site.conftest import pages

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGES = pages()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (768, "light"), (1280, "light")])
def test_page_is_pictured(visit, page, width, scheme):
    tab = visit(page, width, scheme)
    tab.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager'; })")
    tab.wait_for_load_state("networkidle")
    target = HTML.parent / "screenshots" / f"{page.removesuffix('.html').replace('/', '_')}-{width}-{scheme}.png"
    tab.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 5000
