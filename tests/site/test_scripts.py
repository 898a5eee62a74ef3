"""Scripts meet odd addresses and odd words, or none run at all."""

import pytest

from tests.site.conftest import PAGES, until

CHAPTER, DATA, EXPLORER = "chapters/06_imagenet_extrapolation.html", "chapters/a2_data.html", "chapters/explorer.html"


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_nothing_stands_there_that_does_nothing(browser, served, name):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{served}/{name}")
        assert page.locator("button:visible, select:visible, input[type=range]:visible, a.share").count() == 0
        assert page.locator("details.figure-data:has(table:not(:has(td)))").count() == 0
        if name == EXPLORER:
            assert page.get_by_text("The explorer needs scripts").is_visible()


def test_with_scripts_all_of_it_is_there(visit):
    assert visit(CHAPTER).locator(".page-tools .all-code").inner_text() == "Show all code"
    assert visit(DATA).locator("button.dl-view").count() > 20
    assert visit(EXPLORER).locator("a.share:visible").count() == 2
    tab = visit("chapters/03_ten_times_more.html")
    tab.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    table = tab.locator("table.dl-sortable")
    heads = table.locator("thead th")
    heads.first.locator("button").click()
    column = "t => [...t.tBodies[0].rows].map(row => row.cells[0].textContent)"
    up = table.evaluate(column)
    heads.first.locator("button").click()
    assert heads.first.get_attribute("aria-sort") == "descending"
    down = table.evaluate(column)
    assert len(set(up)) > 5 and down[0] == up[-1] and sorted(down) == sorted(up)


NOWHERE = ["%", "%E0%A4%A", "%00", "constructor", "__proto__", "<script>", "number-99-none"]


@pytest.mark.parametrize(
    ("name", "hash_"),
    [
        *((CHAPTER, hash_) for hash_ in NOWHERE),
        *((name, "%") for name in (EXPLORER, DATA, "index.html", "search.html")),
    ],
)
def test_an_address_that_leads_nowhere_disturbs_nothing(visit, name, hash_):
    page = visit(f"{name}#{hash_}")  # an error in a script fails the test at its end
    page.evaluate("location.hash = '%zz'")
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.classList.contains('no-preview')")  # the last listener is attached


def test_an_address_that_leads_into_a_fold_still_opens_it(visit):
    anchor = visit(CHAPTER).locator("details [id^='number-']").last.get_attribute("id")
    page = visit(f"{CHAPTER}#{anchor.replace('n', '%6e', 1)}")
    assert page.locator(f"#{anchor}").is_visible()


@pytest.mark.parametrize(
    "words", ["constructor", "__proto__", "hasOwnProperty", "toString valueOf", "learning constructor"]
)
def test_a_search_always_answers(visit, words):
    page = visit(f"search.html?q={words.replace(' ', '+')}")
    until(page, "document.querySelector('#search-results h2')?.innerText === 'Search Results'")
    assert page.locator(".search-summary").inner_text().startswith(("Your search did not", "Search finished"))
    assert "undefined" not in page.locator("#search-results").inner_text()
    for link in page.locator("#search-results li a").all():
        assert page.request.get(page.evaluate("a => a.href", link.element_handle())).ok


def test_a_search_shows_titles_once_and_as_text(visit):
    page = visit("search.html?q=the+verdict")
    until(page, "document.querySelector('#search-results h2')?.innerText === 'Search Results'")
    shown = page.locator("#search-results li").all_inner_texts()
    assert "11 · The verdict" in shown and not any(" > 11 · The verdict" in words for words in shown)


def test_marks_of_a_search_can_be_taken_away(visit):
    page = visit("search.html?q=floor")
    page.wait_for_selector("#search-results li a")
    page.locator("#search-results li a").first.click()
    page.wait_for_selector("article .highlighted")
    page.locator(".highlight-link a").click()
    assert page.locator(".highlighted").count() == 0


ASKED = ["NaN", "abc", "Infinity", "-Infinity", "<b>5</b>", "1e1", "5.25", "99", "-1", " 5", "", "0x5", "٥"]


def test_the_explorer_takes_no_value_that_it_does_not_offer(visit):
    page = visit(EXPLORER)
    names = ("target", "steps", "data", "form")
    values = "names => names.map(name => document.querySelector(`[name=${name}]`).value)"
    # Before each a choice that it does offer, so that what is left afterwards was put there.
    offered = {"target": "3", "steps": "2", "data": "documented_2026", "form": "power"}
    for asked in ASKED:
        for wanted in (offered, {"target": asked, "steps": asked, "data": asked, "form": "exponential"}):
            page.evaluate("wanted => { location.hash = new URLSearchParams(wanted); }", wanted)
            until(page, f"location.hash.includes('form={wanted['form']}')")
        until(page, "location.hash.includes('target=5&')")
        assert page.evaluate(values, names) == ["5", "1", "published", "exponential"], asked
        assert "steps=1" in page.url and "data=published" in page.url and "form=exponential" in page.url
        assert page.locator("#explorer-imagenet .plot > svg").count() == 1


def test_an_anchor_leaves_the_explorers_choices_and_its_address_alone(visit):
    page = visit(f"{EXPLORER}#target=3")
    anchor = page.locator("article section").first.get_attribute("id")
    page.evaluate(f"location.hash = '{anchor}'")
    until(page, "document.querySelector(':target')")
    assert page.url.endswith(f"#{anchor}")
    assert page.locator("#explorer-imagenet [name=target]").input_value() == "3"


def test_the_button_for_all_code_moves_nothing_when_it_comes(visit):
    tab = visit(CHAPTER, 390)
    height = "document.querySelector('.page-tools').getBoundingClientRect().height"
    after = tab.evaluate(height)
    tab.evaluate("document.querySelector('.all-code-place').replaceChildren()")  # as it was before the script ran
    assert tab.evaluate(height) == after
    tab.evaluate("document.querySelector('.all-code-place').remove()")
    assert tab.evaluate(height) < after  # here the line does break
