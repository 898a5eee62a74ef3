"""Marks of figures: by mouse, finger and keys; the static drawing stays as it is."""

import gzip
import json
import re

import pytest
from bs4 import BeautifulSoup

from tests.site.conftest import HTML, until

PAGE, FIGURE = "chapters/06_imagenet_extrapolation.html", "#figure-06_extrapolation"
ASKED, WANTED = 50, 25  # milliseconds from tap to words; figures with marks
TIP = f"document.querySelector('{FIGURE} .marks.marked .mark-tip')?.textContent"
TIMED = f"""() => {{
  window.told = 0;
  addEventListener("pointerup", () => {{ window.tapped = performance.now(); }}, {{ capture: true, once: true }});
  new MutationObserver((_, watch) => {{
    watch.disconnect();
    requestAnimationFrame(() => {{ window.told = performance.now(); }});
  }}).observe(document.querySelector("{FIGURE} .mark-tip"), {{ childList: true }});
}}"""  # to the frame that shows the words
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((entry) => { sum += entry.value; });
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""


def marks(name):
    """Return what the script of a figure holds."""
    text = (HTML / "_downloads" / "figures" / f"{name}.marks.js").read_text(encoding="utf-8")
    return json.loads(f"[{text[len('figureMarks(') : -len(');') - 1]}]")


def test_most_figures_tell_what_their_marks_are():
    named = {}
    for page in HTML.rglob("*.html"):
        if 'data-marks="' not in (text := page.read_text(encoding="utf-8")):
            continue
        for figure in BeautifulSoup(text, "html.parser").select("figure[data-marks]"):
            assert (page.parent / figure["data-marks-file"]).is_file(), (page, figure["data-marks"])
            named[figure["data-marks"]] = page.name
    print(f"{len(named)} figures with marks")
    assert len(named) >= WANTED
    for name in named:
        found, here = marks(name)
        assert found == name and here["texts"] and all(here["texts"])
        assert len(here["texts"]) == len(here["wide"]) == len(here["narrow"]), name
        assert all(0 <= side <= 10_000 for kind in ("wide", "narrow") for place in here[kind] for side in place), name
        assert not re.search(r"\bnan\b|None|[{}]", " ".join(here["texts"])), name


def test_the_script_is_small():
    packed = len(gzip.compress((HTML / "_static" / "marks.js").read_bytes()))
    print(f"marks.js: {packed} bytes packed")
    assert packed <= 8_000


def place(page, number, kind):
    """Return where a mark lies in the window, after it was scrolled to."""
    image = page.locator(f"{FIGURE} img")
    image.scroll_into_view_if_needed()
    until(page, f"document.querySelector('{FIGURE}.lively') !== null")
    box, at = image.bounding_box(), marks("06_extrapolation")[1][kind][number]
    return box["x"] + at[0] / 1e4 * box["width"], box["y"] + at[1] / 1e4 * box["height"]


@pytest.mark.parametrize("base", ["served", "folder"])
def test_mouse_and_keys(visit, base):
    page = visit(PAGE, base=HTML.as_uri()) if base == "folder" else visit(PAGE)
    texts = marks("06_extrapolation")[1]["texts"]
    before = page.locator(FIGURE).bounding_box()["height"], page.evaluate(SHIFTS)
    x, y = place(page, 0, "wide")
    page.mouse.move(x, y)
    until(page, f"{TIP} === {json.dumps(texts[0])}")
    ring = page.locator(f"{FIGURE} .mark-ring").bounding_box()
    assert abs(ring["x"] + ring["width"] / 2 - x) < 1 and abs(ring["y"] + ring["height"] / 2 - y) < 1
    page.mouse.move(5, 5)
    until(page, f"{TIP} === undefined")
    layer = page.locator(f"{FIGURE} .marks")
    layer.focus()
    page.keyboard.press("ArrowRight")
    first = page.evaluate(TIP)
    page.keyboard.press("End")
    last = page.evaluate(TIP)
    assert {first, last} <= set(texts) and first != last
    assert last in page.locator(f"{FIGURE} .mark-spoken").text_content()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    assert page.evaluate(TIP) == first
    page.keyboard.press("Escape")
    assert page.evaluate(TIP) is None
    assert (page.locator(FIGURE).bounding_box()["height"], page.evaluate(SHIFTS)) == before


def test_touch_on_a_phone_and_how_long_it_takes(browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((HTML / PAGE).as_uri())
    times, texts = [], marks("06_extrapolation")[1]["texts"]
    for number in (0, 6, 12):
        at = place(page, number, "narrow")
        page.evaluate(TIMED)
        page.touchscreen.tap(*at)
        until(page, "window.told > window.tapped")
        assert page.evaluate(TIP) == texts[number]
        times.append(page.evaluate("window.told - window.tapped"))
        tip = page.locator(f"{FIGURE} .mark-tip").bounding_box()
        assert tip["x"] >= 0 and tip["x"] + tip["width"] <= 390
    print("from tap to words, ms:", [round(time, 1) for time in times])
    assert sorted(times)[1] < ASKED
    page.touchscreen.tap(at[0], at[1] + 200)
    until(page, f"{TIP} === undefined")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_without_scripts_nothing_is_missing_and_nothing_dead(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((HTML / PAGE).as_uri())
    assert page.locator(f"{FIGURE} img").is_visible()
    assert page.locator(".marks, .mark-tip").count() == 0
    context.close()
