"""When could we have known? Words and drawings are the package's; mouse, finger, keys, address, no script."""

import json
from pathlib import Path

from dl_limits.claims import timeline
from dl_limits.dates import date_of
from dl_limits.studies.imagenet import scales

HTML = Path(__file__).parents[2] / "_build" / "html"
SLIDER = ".dl-years input"
HERO = "figure:has(.dl-states)"
CHIPS = """() => Object.fromEntries([...document.querySelectorAll("tr[data-claim]")].map(row =>
  [row.dataset.claim, [...row.querySelectorAll("summary .badge")].find(chip => chip.checkVisibility()).textContent]))"""
SHIFT = """() => new Promise(done => new PerformanceObserver(list =>
  done(list.getEntries().map(e => e.value).reduce((a, b) => a + b, 0))).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => done(0), 300))"""


def said(verdict, kind):
    return f"{verdict}: {kind}" if kind else verdict


def published():
    """Return the words of every claim at each of `timeline.DAYS`, from the file for programs."""
    claims = json.loads((HTML / "claims.json").read_text(encoding="utf-8"))["claims"]
    words = {day: {} for day in timeline.DAYS}
    for claim in claims:
        words["2020"][claim["id"]] = said(claim["verdict_2020"], claim["evidence_2020"].get("kind"))
        words["2026"][claim["id"]] = said(claim["verdict"], claim.get("kind"))
        for row in claim["timeline"]:
            words[row["evidence"]][claim["id"]] = said(row["verdict"], row["kind"])
    return words


def drawn(tab):
    """Wait for the figure's drawing and return its file's name and its size on the page."""
    image = tab.locator(f"{HERO} img")
    image.scroll_into_view_if_needed()
    image.evaluate("one => one.decode()")
    box = image.bounding_box()
    return image.evaluate("one => one.currentSrc").rsplit("/", 1)[1], (box["width"], box["height"])


def test_every_date_says_what_the_package_says(visit):
    """By the keyboard from now to July 2020: chips, sentence, drawing, address; nothing jumps while the page loads."""
    tab, words = visit("index.html"), published()
    assert tab.evaluate(SHIFT) < 0.01
    assert tab.evaluate(CHIPS) == words["2026"] and "#" not in tab.url
    static, size = drawn(tab)
    tab.locator(SLIDER).focus()
    for day in reversed(timeline.DAYS[:-1]):
        tab.keyboard.press("ArrowLeft")
        assert tab.evaluate(CHIPS) == words[day], day
        label = timeline.day_in_words(day)
        assert tab.locator(SLIDER).get_attribute("aria-valuetext") == label
        assert f"year={day[:4] if '-' in day else 'july-2020'}" in tab.url
        assert scales.networks_known(date_of(day)) in tab.locator(".dl-states .said").inner_text()
        name, now = drawn(tab)
        assert now == size and (HTML / "_images" / name).is_file()
        tab.locator(SLIDER).focus()
    assert name != static and name.startswith("01_two_scales_2020_both")
    tab.keyboard.press("End")
    assert tab.evaluate(CHIPS) == words["2026"] and "#" not in tab.url and drawn(tab)[0] == static


def test_one_click_turns_the_wall_into_a_slope(visit):
    tab = visit("chapters/01_the_argument.html")
    for scale in ("ordinary", "logarithmic", "both"):
        button = tab.locator(f".dl-states button[data-scale={scale}]")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert (f"scale={scale}" in tab.url) == (scale != "both")
        name, size = drawn(tab)
        assert (f"_{scale}.svg" in name) == (scale != "both")
    assert "#" not in tab.url


def test_a_finger_on_a_phone_and_an_address(visit):
    tab, words = visit("chapters/11_verdict.html#foreign=kept&year=2022", 390), published()
    assert tab.evaluate(CHIPS) == words["2022-12-31"]
    box = tab.locator(SLIDER).bounding_box()
    assert box["height"] >= 28 and box["x"] + box["width"] <= 390
    tab.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)  # a touch on a slider arrives as a press of the pointer
    assert tab.evaluate(CHIPS) == words["2020"]
    assert "foreign=kept" in tab.url and "year=july-2020" in tab.url
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.evaluate("location.hash = '#year=1066&scale=nonsense'")
    tab.wait_for_timeout(50)
    assert tab.evaluate(CHIPS) == words["2026"]
    tab = visit("index.html#year=2021&scale=logarithmic", 390, base=HTML.as_uri())
    assert tab.evaluate(CHIPS) == words["2021-12-31"]
    assert drawn(tab)[0] == "01_two_scales_2021-12-31_logarithmic-narrow.svg"
    buttons = [each.bounding_box() for each in tab.locator(".dl-states button").all()]
    assert len(buttons) == 3 and min(each["height"] for each in buttons) >= 28


def test_without_scripts_no_control_stands_there(browser, served):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{served}/index.html")
    assert tab.locator(".dl-years *, .dl-states *").count() == 0
    assert tab.locator("table.scoreboard tr[data-claim]").count() == len(published()["2026"])
    assert "twice" in tab.locator("figure img").first.get_attribute("alt")
    context.close()
