"""Room for a finger: 28 pixels for whatever one can press, whichever fonts a machine has."""

from pathlib import Path

import pytest

HTML = Path(__file__).parents[2] / "_build" / "html"
# A published 404 page loads everything from the published address: nothing to test here.
PAGES = [p.relative_to(HTML).as_posix() for p in sorted(HTML.rglob("*.html")) if "<base " not in p.read_text("utf-8")]
# Other machines have other fonts. No installed font is asked for: letters are set apart or moved together.
FONTS = {
    "as it is": "",
    "wide": ":root { font-size: 106%; } * { font-family: monospace !important; letter-spacing: .04em; }",
    "narrow": ":root { font-size: 94%; } * { font-family: serif !important; letter-spacing: -.03em; line-height: 1.1; }",
}
# A style sheet made by a script is no inline style: the page's own rules allow it.
SET = "rules => { const s = new CSSStyleSheet(); s.replaceSync(rules); document.adoptedStyleSheets = [s]; }"

# As WCAG 2.5.8 has it, with 28 for 24: smaller is right only if a circle of 28 pixels about its middle meets no other
# target, and for links in running text.
SMALL = """() => {
  const SIZE = 28, lists = ".page-tools, .figure-files, .facts, footer, .sidebar-drawer, .toc-drawer";
  const seen = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, label[for]")]
    .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.getClientRects().length);
  const middle = r => [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
  const running = link => {
    if (link.tagName !== "A" || link.closest(lists) || getComputedStyle(link).display !== "inline") return false;
    let block = link.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const rest = block.cloneNode(true);
    rest.querySelectorAll("a, script, style").forEach(e => e.remove());
    return /\\p{L}{2}/u.test(rest.textContent);
  };
  const targets = seen.map(e => {
    const rects = [...e.getClientRects()].sort((a, b) => b.width * b.height - a.width * a.height);
    return {e, rects, small: rects[0].width < SIZE - .01 || rects[0].height < SIZE - .01};
  }).filter(t => t.rects[0].width > 1);
  const far = (point, r) => Math.hypot(Math.max(r.left - point[0], 0, point[0] - r.right), Math.max(r.top - point[1], 0, point[1] - r.bottom));
  const meets = (one, other) => {
    if (one.e.contains(other.e) || other.e.contains(one.e)) return false;
    const [x, y] = middle(one.rects[0]), [u, v] = middle(other.rects[0]);
    return other.rects.some(r => far([x, y], r) < SIZE / 2) || (other.small && Math.hypot(x - u, y - v) < SIZE);
  };
  return targets.filter(t => t.small && !running(t.e)).flatMap(t => {
    const near = targets.find(o => o !== t && meets(t, o));
    const r = t.rects[0], name = e => `${e.tagName.toLowerCase()}.${e.className} "${(e.textContent || e.name || "").trim().slice(0, 30)}"`;
    return near ? [`${name(t.e)} in ${t.e.parentElement.className || t.e.parentElement.tagName}: ${r.width.toFixed(1)} x ${r.height.toFixed(1)}, near ${name(near.e)}`] : [];
  });
}"""


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_everything_to_press_has_room_and_nothing_scrolls_sideways(visit, page, width):
    tab, faults = visit(page, width), []
    for folds in ("closed", "open"):
        tab.evaluate(f"document.querySelectorAll('details').forEach(fold => {{ fold.open = {str(folds == 'open').lower()}; }})")
        for font, rules in FONTS.items():
            tab.evaluate(SET, rules)
            faults += [f"{font}, {folds}: {fault}" for fault in tab.evaluate(SMALL)]
            scroll = tab.evaluate("document.documentElement.scrollWidth")
            faults += [f"{font}, {folds}: {scroll} wide"] if scroll > width else []
    assert not faults, "\n".join(faults)
