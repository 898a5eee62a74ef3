"""The explorer: the browser shows what Python computes, keeps the view in the address, needs no mouse."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from dl_limits.page import explorer, explorer_imagenet, explorer_tasks
from dl_limits.studies.tasks import backtest

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGE = "chapters/explorer.html"
CHOICES = [
    ("published", "power", "ols", "path", 5),
    ("mended", "exponential", "ols", "path", 2.5),
    ("documented_2020", "power", "reverse", "fixed", 8.5),
    ("documented_2026", "exponential", "reverse", "path", 2.5),
    ("documented_2026", "power", "rma", "fixed", 5),
]
TASKS = [("LAMBADA", "few", 1), ("ANLI R3", "zero", 2), ("2D+", "one", 1)]
# Every combination of choices, with the words of its answer; first as many as show every line and task, drawn.
EVERY = """() => {
  const images = document.getElementById("explorer-imagenet"), tasks = document.getElementById("explorer-tasks");
  const fields = form => [...form.elements].filter(field => field.name).map(field => [field.name, field.value]);
  const svg = () => document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const values = (form, name) => [...form.elements[name].options].map(option => option.value);
  const go = (form, chosen) => {
    for (const [name, value] of Object.entries(chosen)) form.elements[name].value = value;
    form.dispatchEvent(new Event("input"));
    const plot = form.querySelector(".plot > svg");
    return {
      chosen, shown: Object.fromEntries(fields(form)),
      words: form.querySelector(".answer").textContent, name: plot.getAttribute("aria-label") ?? "",
      data: Object.fromEntries([...form.querySelectorAll("data")].map(one => [one.className, one.value])),
      points: plot.querySelectorAll('circle[r^="3"]').length,
      line: plot.querySelectorAll(':is(g, path)[stroke-width="2"]:is(path, :has(> path))').length,
      broken: /NaN|Infinity|undefined/.test(plot.innerHTML + form.querySelector("tbody").textContent),
    };
  };
  const lines = [], all = [];
  for (const data of values(images, "data")) for (const form of values(images, "form"))
    for (const direction of form === "floor" ? ["ols"] : values(images, "direction"))
      for (const recipe of form === "floor" ? ["path"] : values(images, "recipe"))
        lines.push({ data, form, direction, recipe });
  const drawn = lines.map(line => go(images, { ...line, target: 5 })).concat(
    values(tasks, "task").map((task, i) => go(tasks, { task, setting: "few", steps: 1 + i % 3 })));
  document.body.hidden = true;  // nothing to lay out: only words from here on
  Plot.plot = () => Object.assign(svg(), { scale: () => ({ apply: () => 0 }) });
  for (const line of lines) for (let target = 1; target <= 11; target += 0.5) all.push(go(images, { ...line, target }));
  for (const task of values(tasks, "task")) for (const setting of values(tasks, "setting"))
    for (const steps of [1, 2, 3]) all.push(go(tasks, { task, setting, steps }));
  return JSON.stringify([drawn, all]);
}"""
NO_WORD = re.compile(
    r"NaN|Infinity|undefined|null|\[object|without limit|"
    r"(?<![\w-])-\d|"  # a hyphen for a minus
    r"−0(\.0+)?(?![\d.])|"  # minus nothing
    r"\d{5}"  # no number is read without its thousands
)


def value(tab, form, name):
    return float(tab.locator(f"#explorer-{form} data.{name}").get_attribute("value"))


def close(shown, computed):
    """Equal within 1 % before the logarithm, or both without limit."""
    return shown == computed if math.isinf(computed) else abs(shown - computed) < np.log10(1.01)


def test_every_combination_of_choices_is_said_in_words_and_drawn(visit):
    drawn, every = json.loads(visit(PAGE).evaluate(EVERY))
    assert len(every) == 4 * (2 * 3 * 2 + 1) * len(explorer_imagenet.TARGETS) + 62 * 3 * 3
    for one in drawn + every:
        assert not NO_WORD.search(one["words"] + one["name"]), one
        assert not one["broken"] and "What it says of the claim" in one["words"], one
    images, tasks = ([one for one in every if kind in one["chosen"]] for kind in ("data", "task"))
    found = {tuple(one["chosen"].values()): one for one in every}
    check_what_stands_in_the_words(images, tasks, found)
    check_the_values_are_pythons(found)
    rising = [one for one in drawn if "Too few points for this choice" in one["words"]]
    assert rising and all(one["line"] == 0 and "no line is drawn" in one["name"] for one in rising)
    assert all(one["line"] == 1 for one in drawn if one not in rising)
    assert min(one["points"] for one in drawn) >= 8


def check_what_stands_in_the_words(images, tasks, found):
    capped = [one for one in images if float(one["data"].get("required", "nan")) > explorer_imagenet.most_operations()]
    assert len(capped) > 20  # finite, and absurd
    for one in capped:
        asked = one["words"].split("95")[0]
        assert "asks for more than all computing there will ever be" in asked and "10" not in asked.replace("10.", "")
        assert "a bound of 10⁷⁰ operations" in one["words"] and "No money buys that" in one["words"]
    assert (
        "more than the United States produce in 1,000 years" in found["published", "power", "ols", "fixed", 1]["words"]
    )
    assert "levels off at 5.2\u202f%" in found["documented_2026", "floor", "ols", "path", 5]["words"]
    solved = [one for one in tasks if float(one["data"]["last"]) >= 100]
    assert solved and all("nothing is left to gain" in one["words"] for one in solved)
    assert all("So the line expects no gain" in one["words"] for one in tasks
               if float(one["data"]["predicted"]) < float(one["data"]["last"]) and one not in solved)  # fmt: skip
    assert "3.8 points below what GPT-3 scored" in found["ANLI R3", "few", 3]["words"]
    other = [one for one in tasks if one["shown"]["setting"] != one["chosen"]["setting"]]
    assert [tuple(one["chosen"].values()) for one in other] == [("WiC", "zero", step) for step in (1, 2, 3)]
    assert all(
        "“no example” cannot be used" in one["words"] and "“few examples” is shown" in one["words"] for one in other
    )
    for one in tasks:
        assert ("No forecast this far" in one["words"]) == ("low" not in one["data"]) == (one["chosen"]["steps"] == 3)


def check_the_values_are_pythons(found):
    price = explorer.price()["usd_per_flop"]
    for data_set, form, direction, recipe, target in CHOICES:
        shown = found[data_set, form, direction, recipe, target]["data"]
        result = explorer_imagenet.fit_choice(data_set, form, direction, recipe)
        expected = dict(zip(("multiplier", "low", "high"), result.multiplier(11.5, target).log10(), strict=True))
        if direction != "rma":
            reached = result.required(target).log10()
            expected |= dict(zip(("required", "required-low", "required-high"), reached, strict=True))
            expected["dollars"] = reached[0] + np.log10(price)
        for name, computed in expected.items():
            assert close(float(shown[name]), computed), (data_set, name)
    for task, setting, step in TASKS:
        table = backtest.next_tenfold(explorer_tasks.series(), step, learn=explorer_tasks.EXPLORER_STEPS[step])
        row = table[(table["task"] == task) & (table["setting"] == setting) & (table["metric"] == "accuracy")].iloc[0]
        for name in ("last", "predicted", "low", "high"):
            shown = float(found[task, setting, step]["data"][name])
            assert shown == pytest.approx(row[name], rel=0.01, abs=0.01), name


def test_ready_made_views_and_names_of_points_by_mouse_and_keyboard(visit):
    tab = visit(PAGE, 390)
    form = tab.locator("#explorer-imagenet")
    floor = form.get_by_role("button", name="With a floor")
    floor.focus()
    tab.keyboard.press("Enter")
    assert floor.get_attribute("aria-pressed") == "true" and "form=floor" in tab.url
    assert form.locator("[aria-pressed=true]").count() == 1
    assert form.locator("[name=direction]").is_disabled()  # one direction only, and it says which
    named = form.locator("output.point")
    assert "Tap a point" in named.inner_text()
    form.get_by_role("button", name="Next point").focus()
    tab.keyboard.press("Enter")
    first = named.inner_text()
    assert re.fullmatch(r"AlexNet.*, 2012: 10¹⁸ operations, error 40.7 %", first)
    tab.keyboard.press("Enter")
    assert named.inner_text() != first
    form.locator(".plot").evaluate("box => box.scrollIntoView({ block: 'center', behavior: 'instant' })")
    spot = form.locator(".plot circle[r='3']").first.bounding_box()  # the first in the list, and the highest
    tab.mouse.click(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2 - 3)
    assert named.inner_text() == first
    ring = form.locator(".plot .ring").bounding_box()
    assert ring["x"] + ring["width"] / 2 == pytest.approx(spot["x"] + spot["width"] / 2, abs=1)
    solved = tab.locator("#explorer-tasks").get_by_role("button", name="Already solved")
    solved.click()
    assert "task=2D%2B" in tab.url and "form=floor" in tab.url  # the other question is left alone


@pytest.mark.parametrize("width", [390, 1280])
def test_keyboard_alone_changes_figure_answer_and_address(visit, width):
    tab = visit(PAGE, width)
    before = tab.locator("#explorer-imagenet .answer").inner_text()
    picture = tab.locator("#explorer-imagenet .plot > svg").get_attribute("aria-label")
    tab.locator("#explorer-imagenet [name=target]").focus()
    tab.keyboard.press("ArrowLeft")
    assert tab.locator("#explorer-imagenet .answer").inner_text() != before
    assert tab.locator("#explorer-imagenet .plot > svg").get_attribute("aria-label") != picture
    assert "target=4.5" in tab.url
    again = tab.locator("#explorer-imagenet .answer").inner_text()
    tab.reload()
    assert tab.locator("#explorer-imagenet .answer").inner_text() == again
    assert tab.locator("#explorer-imagenet .plot > svg").bounding_box()["width"] <= width


def test_an_unknown_choice_in_the_address_is_named_and_changes_nothing(visit):
    tab = visit(f"{PAGE}#data=nonsense&target=abc&task=nothing&form=floor&direction=reverse")
    images, tasks = tab.locator("#explorer-imagenet"), tab.locator("#explorer-tasks")
    assert images.locator("[name=data]").input_value() == "published"
    assert images.locator("[name=target]").input_value() == "5"
    assert tasks.locator("[name=task]").input_value() == "ANLI R3"
    said = images.locator(".notice").inner_text()
    assert "(Networks, Target error)" in said and "in one direction" in said
    assert "(Task)" in tasks.locator(".notice").inner_text()
    assert "direction=ols" in tab.url and "target=5" in tab.url
    images.locator("[name=target]").press("ArrowLeft")
    assert images.locator(".notice").count() == 0  # said once


def test_it_works_from_a_folder(visit):
    tab = visit(PAGE, base=HTML.as_uri())
    tab.locator("#explorer-imagenet [name=form]").select_option("exponential")
    assert value(tab, "imagenet", "multiplier") > 10
    tab.locator("#explorer-imagenet summary").click()
    assert tab.locator("#explorer-imagenet tbody tr").count() > 13


@pytest.mark.parametrize("target", [2.5, 5])
def test_words_show_no_more_digits_than_are_known(visit, target):
    tab = visit(f"{PAGE}#target={target}")
    answer = tab.locator("#explorer-imagenet .answer")
    assert not re.search(r"\d\.\d\d", answer.inner_text())
    exact = value(tab, "imagenet", "required")
    assert exact != round(exact)
    assert answer.locator("data.required sup").inner_text() == f"{exact:.0f}"


def test_choices_fit_their_boxes_on_a_phone(visit):
    tab = visit(PAGE, 390)
    cut = tab.evaluate(
        """() => [...document.querySelectorAll(".explorer select")].flatMap(box => {
          const probe = document.createElement("span"), style = getComputedStyle(box);
          probe.style.cssText = `position: absolute; white-space: nowrap; font: ${style.font}`;
          document.body.append(probe);
          const wide = [...box.options].filter(option => {
            probe.textContent = option.text;
            return probe.offsetWidth + 32 > box.clientWidth;  // the arrow and the padding
          });
          return wide.map(option => option.text);
        })"""
    )
    assert cut == []
