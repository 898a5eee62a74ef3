"""The slider beside a verdict: by mouse, touch and keyboard the word is what the package says at that threshold."""

from pathlib import Path

import pytest

from dl_limits import claims
from dl_limits.page.board import turns
from tests.site.axe import OTHERS, audit, faint
from tests.site.conftest import until

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGE, CLAIM, OTHER = "chapters/03_ten_times_more.html", "tenfold-modest", "state-of-the-art"
SLIDER = f"#{CLAIM} .chooser input"


def values(claim):
    return claims.threshold_of(claim).steps(claims.verdict(claim).parts)


def shown(tab, claim):
    """The value and the word of today and of July 2020 that a box shows; checks that it says whose they are."""
    step = int(tab.locator(f"#{claim} .chooser input").input_value())
    value, box = float(values(claim)[step]), tab.locator(f"#{claim}")
    text = claims.threshold_of(claim).form(value)
    late, early = (claims.at_threshold(claim, value, evidence) for evidence in ("2026", "2020"))
    yours = value != claims.own_threshold(claim)
    assert box.locator(".word .badge").inner_text() == f"{late.verdict}: {late.kind}".removesuffix(": ")
    assert (f"With your threshold of {text}: " in box.locator(".word").inner_text()) == yours
    assert box.locator(".chooser button").is_visible() == yours
    assert box.locator(".chooser input").get_attribute("aria-valuetext").startswith(f"{text}: {late.verdict}")
    if yours:
        assert box.locator(".early .badge").inner_text() == f"{early.verdict}: {early.kind}".removesuffix(": ")
        own = claims.threshold_of(claim).form(claims.own_threshold(claim))
        assert f"The book’s own is {own}: {claims.verdict(claim).verdict}" in box.locator("[aria-live]").inner_text()
    return value


def test_mouse_and_keyboard_move_the_word_and_the_address(visit):
    tab = visit(PAGE)
    own = claims.own_threshold(CLAIM)
    assert shown(tab, CLAIM) == own and shown(tab, OTHER) == claims.own_threshold(OTHER)
    before = tab.locator(f"#{CLAIM} .word").inner_html()
    place = tab.locator(SLIDER)
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box["height"] >= 28
    words = set()
    for share in (0.01, 0.3, 0.6, 0.99):
        tab.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        words.add(claims.at_threshold(CLAIM, shown(tab, CLAIM)).verdict)
        assert place.bounding_box()["y"] == pytest.approx(box["y"], abs=1)  # it stays under the pointer
    assert len(words) == 3
    place.focus()
    tab.keyboard.press("Home")
    assert shown(tab, CLAIM) == values(CLAIM)[0]
    tab.keyboard.press("ArrowRight")
    value = shown(tab, CLAIM)
    assert value == values(CLAIM)[1] and tab.evaluate("location.hash") == f"#{CLAIM}={value:g}"
    tab.locator(f"#{OTHER} .chooser input").press("End")
    assert tab.evaluate("location.hash") == f"#{CLAIM}={value:g}&{OTHER}=1" and shown(tab, OTHER) == 1
    assert shown(tab, CLAIM) == value
    assert not audit(tab, [[".verdict"]], rules=OTHERS)[0] and not faint(tab)
    tab.locator(f"#{CLAIM} .chooser button").press("Enter")  # back to the book's
    assert shown(tab, CLAIM) == own and tab.locator(f"#{CLAIM} .word").inner_html() == before
    assert tab.evaluate("location.hash") == f"#{OTHER}=1" and tab.evaluate("document.activeElement.type") == "range"


def test_touch_on_a_phone_from_a_folder(browser):
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark"
    ) as context:
        tab = context.new_page()
        tab.goto((HTML / PAGE).as_uri() + f"#{CLAIM}=0.2&other=1")
        assert shown(tab, CLAIM) == 0.2
        until(tab, f"Math.abs(document.querySelector('{SLIDER}').getBoundingClientRect().y - 422) < 422")  # in sight
        box = tab.locator(SLIDER).bounding_box()
        tab.touchscreen.tap(box["x"] + 0.95 * box["width"], box["y"] + box["height"] / 2)
        value = shown(tab, CLAIM)
        assert value > 0.5 and tab.evaluate("location.hash") == f"#{CLAIM}={value:g}&other=1"  # another's is kept
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert not faint(tab)


def test_foreign_values_in_the_address_are_the_books_own(visit):
    tab = visit(f"{PAGE}#{CLAIM}=<b>")
    assert shown(tab, CLAIM) == claims.own_threshold(CLAIM)
    for place, text in enumerate(["", "abc", "-1", "1e9", "Infinity", "NaN", "%", "0x", "0.1 ; 2"], start=20):
        tab.evaluate(f"location.hash = '{CLAIM}={text}&{OTHER}={place / 100 + 0.002}'")
        until(tab, f"document.querySelector('#{OTHER} output').value === '{place} %'")  # the nearest value to choose
        assert shown(tab, CLAIM) == claims.own_threshold(CLAIM) and shown(tab, OTHER) == place / 100


def test_two_boxes_of_one_chapter_follow_the_address(visit):
    tab = visit("chapters/08_nli_weaknesses.html#anli-chance=9&nli-corpus=25")
    assert shown(tab, "anli-chance") == 9 and shown(tab, "nli-corpus") == 25


def test_without_scripts_the_turning_points_are_text(browser, served):
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(f"{served}/{PAGE}")
        assert tab.locator(f"#{CLAIM} .threshold").inner_text().replace("\u202f", " ").endswith(turns(CLAIM))
        assert tab.locator(".chooser > *").count() == 0
        assert tab.locator(f"#{CLAIM} .chooser").bounding_box()["height"] == 0
