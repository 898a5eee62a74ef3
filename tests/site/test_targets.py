"""Room for a finger: 28 pixels for whatever one can press, whichever fonts a machine has."""

from pathlib import Path

import pytest

from tests.site.conftest import pages

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGES = pages()
# Other machines have other fonts. No installed font is asked for: letters are set apart or moved together.
FONTS = {
    "as it is": "",
    "wide": ":root { font-size: 106%; } * { font-family: monospace !important; letter-spacing: .04em; }",
    "narrow": ":root { font-size: 94%; } * { font-family: serif !important; letter-spacing: -.03em; }",
}
# A style sheet made by a script is no inline style: the page's own rules allow it.
SET = "rules => { const s = new CSSStyleSheet(); s.replaceSync(rules); document.adoptedStyleSheets = [s]; }"

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


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_everything_to_press_has_room_and_nothing_scrolls_sideways(visit, page, width):
    tab, faults = visit(page, width), []
    if tab.locator(".dl-view").count():
        tab.locator(".dl-view").first.click()
        tab.wait_for_selector(".dl-viewer th button")
        tab.evaluate("scrollTo(0, 0)")  # opened, it scrolled the page below the bar at the top
    for folds in ("closed", "open"):
        tab.evaluate(
            f"document.querySelectorAll('details').forEach(fold => {{ fold.open = {str(folds == 'open').lower()}; }})"
        )
        for font, rules in FONTS.items():
            tab.evaluate(SET, rules)
            faults += [f"{font}, {folds}: {fault}" for fault in tab.evaluate(SMALL)]
            scroll = tab.evaluate("document.documentElement.scrollWidth")
            faults += [f"{font}, {folds}: {scroll} wide"] if scroll > width else []
    assert not faults, "\n".join(faults)
