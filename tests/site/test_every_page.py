"""Every page, visited once: as opened from a folder, by keyboard, light and dark, at a desk and on a phone."""

import pytest
from bs4 import BeautifulSoup

from tests.site.axe import OTHERS, audit, faint
from tests.site.conftest import HTML, PAGES, SET, UNFOLD, until

# Other machines have other fonts. No installed font is asked for: letters are set apart or moved together.
FONTS = {
    "as it is": "",
    "wide": ":root { font-size: 106%; } * { font-family: monospace !important; letter-spacing: .04em; }",
    "narrow": ":root { font-size: 94%; } * { font-family: serif !important; letter-spacing: -.03em; }",
}


# As WCAG 2.5.8 has it, with 28 for 24: smaller is right only if a circle of 28 pixels about its middle meets no other
# target, and for links in running text.
SMALL = """() => {
  const SIZE = 28, KINDS = "a[href], button, summary, input:not([type=hidden]), select, label[for]";
  const LISTS = ".page-tools, .figure-files, .facts, footer, .sidebar-drawer, .toc-drawer";
  const running = link => {
    if (link.tagName !== "A" || link.closest(LISTS) || getComputedStyle(link).display !== "inline") return false;
    let block = link.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const rest = block.cloneNode(true);
    rest.querySelectorAll("a, script, style").forEach(other => other.remove());
    return /\\p{L}{2}/u.test(rest.textContent);
  };
  const targets = [...document.querySelectorAll(KINDS)]
    .filter(element => element.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .map(element => {
      const rects = [...element.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height);
      const box = rects[0];
      if (!box || box.width <= 1) return null;  // only heard
      const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      return {element, rects, box, middle, small: Math.min(box.width, box.height) < SIZE - .01};
    }).filter(Boolean);
  const distance = ([x, y], box) =>
    Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
  const meets = (one, other) => !one.element.contains(other.element) && !other.element.contains(one.element) && (
    other.rects.some(box => distance(one.middle, box) < SIZE / 2)
    || other.small && Math.hypot(one.middle[0] - other.middle[0], one.middle[1] - other.middle[1]) < SIZE);
  const name = ({element}) => `${element.tagName} ${element.className} “${element.textContent.trim().slice(0, 30)}”`;
  return targets.filter(target => target.small && !running(target.element)).flatMap(target => {
    const near = targets.find(other => other !== target && meets(target, other));
    return near ? [`${name(target)}, ${target.box.width} x ${target.box.height}, is near ${name(near)}`] : [];
  });
}"""


FROM_OTHER_PAGES = tuple(
    f"chapters/{name}.html" for name in ("01_the_argument", "11_verdict", "a2_data", "a3_reproduce", "your_numbers")
)
# What a phone alone shows, its bar and drawers, is alike on all pages of a kind.
KINDS_OF_PAGE = ["index.html", "search.html", "chapters/06_imagenet_extrapolation.html", "chapters/explorer.html"]
OF_LAYOUT = ["target-size", "scrollable-region-focusable"]  # axe's rules whose answer hangs on the width


def is_chapter(page):
    return page.startswith("chapters/") and not page.endswith("explorer.html")


def scroll(tab, when):
    wide, width = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{when}: {wide} wide, where {width} are seen"] if wide > width else []


def opens(tab, page):
    """The theme's script runs from a folder too, and every picture is there."""
    if tab.evaluate("document.body.dataset.theme") != "auto":
        yield "the theme's script did not run"
    broken = "[...document.images].filter(i => {i.loading = 'eager'; return !i.complete"
    said = "['width', 'height', 'loading'].map(name => i.getAttribute(name))"
    pictures = tab.evaluate(f"[...document.querySelectorAll('article img')].map(i => {said})")
    for place, (width, height, loading) in enumerate(pictures):
        if not (width and height):
            yield f"picture {place}: no place is reserved"
        if place and is_chapter(page) and loading != "lazy":
            yield f"picture {place}: loads before it is needed"
    until(tab, f"{broken}}}).length === 0")
    if lost := tab.evaluate(f"{broken} || !i.naturalWidth}}).map(i => i.src)"):
        yield f"pictures are broken: {lost}"


def keyboard(tab, page):
    """The first step skips to the content; nothing that a mouse can use is without a place in the order."""
    if tab.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count():
        yield "an order of its own for the Tab key"
    if tab.evaluate("[...document.querySelectorAll('article [onclick]')].filter(e => e.tabIndex < 0).length"):
        yield "something only a mouse can use"
    tab.keyboard.press("Tab")
    if not tab.evaluate("document.activeElement.className").startswith("skip-to-content"):
        yield "the first step of the Tab key does not skip to the content"


def outputs(tab, page):
    """The button that shows code takes no width from what the code gives."""
    narrow = tab.evaluate("""() => [...document.querySelectorAll("div.cell:has(> details.hide)")].filter(cell => {
      const fold = cell.querySelector(":scope > details.hide").getBoundingClientRect();
      const outputs = [...cell.querySelectorAll(".cell_output .output, .cell_output img")];
      return outputs.some(o => o.getBoundingClientRect().top < fold.bottom && o.getBoundingClientRect().height);
    }).length""")
    if narrow:
        yield f"{narrow} outputs stand beside their fold"


def folds(tab, page):
    """Sections and tables open by keyboard."""
    for kind in ("fold", "figure-data"):
        closed = tab.locator(f"article details.{kind}:not([open]) > summary:visible")
        before = closed.count()
        if before:
            closed.first.focus()
            tab.keyboard.press("Enter")
            if closed.count() == before:  # a section brings the folds within it, so it may be more
                yield f"details.{kind} does not open by keyboard"


def numbers(tab, page):
    """A number leads to the line that explains it."""
    if not is_chapter(page):
        return
    # A page of numbers from other pages links there: their own tests follow the links.
    link = tab.locator("a.how[href^='#'], a.computed[href^='#']").first
    if not link.count():
        if page not in FROM_OTHER_PAGES:
            yield "no number leads to its explanation"
        return
    name = link.get_attribute("href").lstrip("#")
    link.focus()
    tab.keyboard.press("Enter")
    until(tab, "document.querySelector(':target')?.closest('details').open")
    if not tab.locator(f'[id="{name}"]').is_visible():
        yield f"number {name} leads to a line that is not seen"


def viewer(tab, page):
    """Open the first table, where there is a viewer, so that it is judged with the rest."""
    if tab.locator(".dl-view").count():
        tab.locator(".dl-view").first.press("Enter")
        tab.wait_for_selector(".dl-viewer th button")
    return []


def fits(tab, page):
    """Nothing scrolls sideways and everything to press has room, folded or open, whatever the fonts."""
    for state in ("closed", "open"):
        tab.evaluate(UNFOLD if state == "open" else UNFOLD.replace("true", "false"))
        tab.evaluate("scrollTo(0, 0)")  # scrolled, what is read lies below the bar at the top
        for font, rules in FONTS.items():
            tab.evaluate(SET, rules)
            yield from (f"{font}, {state}: {fault}" for fault in tab.evaluate(SMALL))
            yield from scroll(tab, f"{font}, {state}")
    tab.evaluate(SET, "")


def accessible(tab, page):
    """All that axe-core can tell. It passes over what is folded: code, tables, how to cite."""
    tab.evaluate(UNFOLD)
    tab.evaluate(SET, ".back-to-top { display: none !important; }")  # the theme's, outside all landmarks
    on_a_phone = tab.viewport_size["width"] < 500
    if on_a_phone and page not in KINDS_OF_PAGE:
        yield from audit(tab, runOnly=OF_LAYOUT)[0]
    else:
        yield from audit(tab, rules=OTHERS)[0]
    tab.evaluate(SET, "")


def contrast(tab, page):
    """Colours do not hang on the width."""
    if tab.viewport_size["width"] < 500 and page not in KINDS_OF_PAGE:
        return
    tab.evaluate(UNFOLD)
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        yield from (f"{scheme}: {fault}" for fault in faint(tab))


@pytest.mark.parametrize("page", PAGES)
def test_page(visit, page):
    tab = visit(page, base=HTML.as_uri())
    faults = []
    for check in (opens, keyboard, outputs, folds, numbers, viewer, fits, accessible, contrast):
        faults += [f"{check.__name__} at a desk: {fault}" for fault in check(tab, page)]
    tab.set_viewport_size({"width": 390, "height": 844})
    for check in (fits, accessible, contrast):
        faults += [f"{check.__name__} on a phone: {fault}" for fault in check(tab, page)]
    assert not faults, "\n".join(faults)


def test_faint_kinds_of_text_are_found(visit):
    tab = visit("chapters/09_cost.html")
    tab.evaluate(UNFOLD)
    kinds = (".highlight .k", ".highlight .s2", ".highlight .mi", "caption", "a.computed", "td", ".badge")
    for kind in (*kinds, "tbody tr:nth-child(7) td:nth-child(2)"):
        tab.evaluate(SET, f"article {kind} {{ color: #777 !important; background: #888 !important; }}")
        assert faint(tab), kind
    tab.evaluate(SET, "")
    assert not faint(tab)


def test_targets_and_widths_without_room_are_found(visit):
    tab = visit("chapters/09_cost.html")
    tab.evaluate(UNFOLD)
    small = ".figure-files, .figure-files a { min-width: 0 !important; min-height: 0 !important; font: 2px/1 serif; }"
    for rules, found in (
        (small, lambda: tab.evaluate(SMALL)),
        ("article p { width: 2000px; }", lambda: scroll(tab, "")),
    ):
        assert not found()
        tab.evaluate(SET, rules)
        assert found(), rules
        tab.evaluate(SET, "")


@pytest.mark.parametrize("page", [page for page in PAGES if 'class="figure-file"' in (HTML / page).read_text("utf-8")])
def test_every_figure_can_be_taken_away(page):
    soup = BeautifulSoup((HTML / page).read_text("utf-8"), "html.parser")
    for kind, start in {"csv": b"", "svg": b"<svg", "png": b"\x89PNG"}.items():
        links = soup.select(f"a.figure-file[download$='.{kind}']")
        assert len(links) == len(soup.select("article .cell_output img"))
        for link in links:
            content = (HTML / page).parent.joinpath(link["href"]).read_bytes()
            assert content.startswith(start) and len(content) > 20
