"""The answers of chapter 06: the page counts what the package's table holds, by mouse, touch and keyboard."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from dl_limits.studies.imagenet import points, specifications
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED
from tests.site.conftest import until

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGE = "chapters/06_imagenet_extrapolation.html"
BOX = "#specifications"
CHOSEN = [  # what stands in the address, and the rows of the table that it asks for
    ("", "index == index"),
    ("date=left-out&measure=top-1", "date == 'left out' and measure == 'top-1'"),
    ("form=power-law&estimator=reverse.symmetric-rma&sort=data", "form == 'power law' and estimator in @bounds"),
    (
        "data=points-repaired&date=in&form=power-law",
        "data == 'points, repaired' and date == 'in' and form == 'power law'",
    ),
]
WORDS = [HOLDS, UNDECIDED, FAILS]
SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  window.shifted += entry.value; })).observe({type: "layout-shift", buffered: true}); }"""


@pytest.fixture(scope="module")
def table():
    return specifications.specifications().estimates()


def said(tab):
    """Return what the sentence says, exactly: name and value."""
    found = tab.evaluate(
        f"() => [...document.querySelectorAll('{BOX} .sentence data')].map((d) => [d.className, d.value])"
    )
    return {name: float(value) for name, value in found}


def counted(rows):
    """Return what it must say, from the package's own table."""
    words = specifications.rule_words(rows)
    ordered = np.sort(rows["estimate"].to_numpy())
    low, high = ordered[(len(rows) - 1) // 2], ordered[len(rows) // 2]
    return {
        "count": len(rows),
        "more": (rows["estimate"] > points.claimed_power()).sum(),
        "median": low if low == high else (low + high) / 2,
        "consistent": (words != FAILS).sum(),
        **{name: (words == word).sum() for name, word in zip(("holds", "undecided", "fails"), WORDS, strict=True)},
    }


def agrees(shown, computed):
    assert shown.keys() == computed.keys()
    return all(math.isclose(shown[name], computed[name], abs_tol=1e-3 if name == "median" else 0) for name in computed)


def test_the_sentence_says_what_the_table_holds(visit, table):
    tab = visit(PAGE)
    assert tab.evaluate(SHIFTS) is None
    for address, query in CHOSEN:
        tab.evaluate(f"location.hash = '{address}'") if address else None
        rows = table.query(query, local_dict={"bounds": specifications.BOUNDS})
        until(tab, f"document.querySelector('{BOX} .sentence data').value == {len(rows)}")
        assert agrees(said(tab), counted(rows)), address
    assert (
        "never reached" in tab.locator(f"{BOX} .sentence").inner_text()
    )  # of the repaired points the middle is infinite
    shares = [float(s) for s in re.findall(r"\((\d+) % of the spread\)", tab.locator(BOX).inner_text())]
    assert shares == pytest.approx(
        [100 * specifications.choice_shares(table)[n] for n in list(specifications.MEANINGS)[:5]], abs=0.5
    )
    assert tab.evaluate("window.shifted") < 0.01
    tab.get_by_role("button", name="What the claim says").click()
    asked = table.query(
        "form == 'power law' and date == 'left out' and measure == 'top-1' and estimator not in @b",
        local_dict={"b": specifications.BOUNDS},
    )
    assert agrees(said(tab), counted(asked))
    tab.reload()  # the address keeps the choice
    assert agrees(said(tab), counted(asked))
    faults = Axe().run(tab, context=BOX).response["violations"]
    assert [fault["id"] for fault in faults] == []


@pytest.mark.parametrize("base", [None, HTML.as_uri()])
def test_mouse_and_keyboard_reach_every_answer(visit, table, base):
    tab = visit(
        f"{PAGE}#date=nonsense&sort=price&imagenet=3", **({"base": base} if base else {})
    )  # foreign: as if nothing stood there
    assert said(tab)["count"] == len(table)
    switch = tab.locator(f"{BOX} input[name=form][value=exponential]")
    switch.focus()
    tab.keyboard.press("Space")
    rows = table[table["form"] == "power law"]
    assert agrees(said(tab), counted(rows))
    assert "form=power-law" in tab.url and "imagenet=3" in tab.url  # what is not ours stays
    place = tab.locator(f"{BOX} input[type=range]")
    place.focus()
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowRight")
    second = rows.iloc[1]
    for part in (
        place.get_attribute("aria-valuetext"),
        tab.locator(f"{BOX} .detail").inner_text().replace("10", "10^").replace("^^", "^"),
    ):
        assert all(str(second[name]) in part for name in specifications.MEANINGS), part
        assert f"{second['estimate']:.1f} times" in part and specifications.rule_words(rows).iloc[1] in part
    picture = tab.locator(f"{BOX} svg")
    picture.scroll_into_view_if_needed()
    frame = picture.bounding_box()
    tab.mouse.move(frame["x"] + frame["width"] - 5, frame["y"] + 150)
    assert place.input_value() == str(len(rows))
    assert "never reached" in tab.locator(f"{BOX} .detail").inner_text()
    tab.locator(f"{BOX} select").select_option("data")
    assert "data points, repaired" in tab.locator(f"{BOX} .detail").inner_text()  # the last group is last in order
    for one in tab.locator(f"{BOX} input[name=date]").all():
        one.uncheck()
    assert "No answer is left" in tab.locator(f"{BOX} .sentence").inner_text()
    assert place.is_disabled()


def test_a_finger_is_enough_and_without_scripts_the_figure_says_it(browser, served, table):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(f"{served}/{PAGE}#form=power-law")
    picture = tab.locator(f"{BOX} svg")
    picture.scroll_into_view_if_needed()
    frame = picture.bounding_box()
    tab.touchscreen.tap(frame["x"] + frame["width"] - 5, frame["y"] + 150)
    assert tab.locator(f"{BOX} input[type=range]").input_value() == str(len(table[table["form"] == "power law"]))
    tab.locator(f"{BOX} label", has_text="left out").tap()
    assert agrees(said(tab), counted(table[(table["form"] == "power law") & (table["date"] == "in")]))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    small = tab.evaluate(f"""() => [...document.querySelectorAll('{BOX} :is(label, button, select, input[type=range])')]
        .filter((one) => one.getBoundingClientRect().height < 28).length""")
    assert small == 0
    context.close()
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{served}/{PAGE}")
    box = tab.locator(BOX)
    assert box.inner_text().strip() == "" and box.bounding_box()["height"] < 30  # nothing that does nothing
    assert tab.locator(f"img[alt*=': {len(table)} reasonable answers, sorted']").count() == 1
    context.close()
