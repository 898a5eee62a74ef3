"""The explorer: the browser shows what Python computes, keeps the view in the address, needs no mouse."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from dl_limits import data
from dl_limits.page import explorer
from dl_limits.studies.imagenet import points
from dl_limits.studies.tasks import backtest
from dl_limits.studies.tasks import scores as tasks_scores

HTML = Path(__file__).parents[2] / "_build" / "html"
PAGE = "chapters/explorer.html"
CHOICES = [
    ("published", "power", "ols", "path", 5.0),
    ("mended", "exponential", "ols", "path", 3.5),
    ("documented_2020", "power", "reverse", "fixed", 8.0),
    ("documented_2026", "exponential", "reverse", "path", 1.0),
    ("documented_2026", "power", "rma", "fixed", 5.0),
]


def value(tab, form, name):
    return float(tab.locator(f"#explorer-{form} data.{name}").get_attribute("value"))


def log10_close(shown, computed):
    """Equal within 1 % before the logarithm, or both without limit."""
    return shown == computed if math.isinf(computed) else abs(shown - computed) < np.log10(1.01)


@pytest.mark.parametrize("choice", CHOICES)
def test_imagenet_values_are_pythons(visit, choice):
    data_set, form, direction, recipe, target = choice
    tab = visit(f"{PAGE}#data={data_set}&form={form}&direction={direction}&recipe={recipe}&target={target:g}")
    result = explorer.fit_task(data_set, form, direction, recipe)
    needed = result.multiplier(points.levels()[0], target)
    for name, computed in zip(("multiplier", "low", "high"), needed.log10(), strict=True):
        assert log10_close(value(tab, "imagenet", name), computed), name
    if direction != "rma":
        reached = result.required(target).log10()
        price = data.load("training_costs").set_index("cost_id").loc[explorer.PRICE]
        for name, computed in zip(("required", "required-low", "required-high"), reached, strict=True):
            assert log10_close(value(tab, "imagenet", name), computed), name
        dollars = reached[0] + np.log10(price["cost_usd"] / price["training_flop"])
        assert log10_close(value(tab, "imagenet", "dollars"), dollars)


TASKS = [("LAMBADA", "few", 1), ("ANLI R3", "zero", 2), ("2D+", "one", 1)]


@pytest.mark.parametrize(("task", "setting", "step"), TASKS)
def test_task_values_are_pythons(visit, task, setting, step):
    tab = visit(f"{PAGE}#task={task.replace('+', '%2B').replace(' ', '+')}&setting={setting}&steps={step}")
    scores = tasks_scores.load_scores()
    scores = scores.where((scores.info["score_unit"] != "perplexity") & (scores.info["artefact"] == ""))
    table = backtest.next_tenfold(scores, step, learn=explorer.EXPLORER_STEPS[step])
    row = table[(table["task"] == task) & (table["setting"] == setting) & (table["metric"] == "accuracy")].iloc[0]
    for name in ("last", "predicted", "low", "high"):
        assert value(tab, "tasks", name) == pytest.approx(row[name], rel=0.01, abs=0.01), name


def test_three_steps_have_no_interval_because_none_could_be_checked(visit):
    tab = visit(f"{PAGE}#steps=3")
    assert tab.locator("#explorer-tasks data.low").count() == 0
    assert "No forecast this far" in tab.locator("#explorer-tasks .answer").inner_text()


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


def test_an_unknown_choice_in_the_address_changes_nothing(visit):
    tab = visit(f"{PAGE}#data=nonsense&target=999&task=nothing")
    assert tab.locator("#explorer-imagenet [name=data]").input_value() == "published"
    assert tab.locator("#explorer-tasks [name=task]").input_value() == "LAMBADA"
    assert np.isfinite(value(tab, "imagenet", "multiplier"))


def test_it_works_from_a_folder(visit):
    tab = visit(PAGE, base=HTML.as_uri())
    tab.locator("#explorer-imagenet [name=form]").select_option("exponential")
    assert value(tab, "imagenet", "multiplier") > 10
    tab.locator("#explorer-imagenet summary").click()
    assert tab.locator("#explorer-imagenet tbody tr").count() > 13


def test_every_combination_draws(visit):
    tab = visit(PAGE)
    counts = tab.evaluate(
        """() => {
          const form = document.getElementById("explorer-imagenet"), seen = [];
          for (const d of form.elements.data.options) for (const f of form.elements.form.options)
            for (const r of form.elements.direction.options) for (const c of form.elements.recipe.options) {
              d.selected = f.selected = r.selected = c.selected = true;
              form.dispatchEvent(new Event("input"));
              seen.push(form.querySelectorAll(".plot circle").length);
            }
          return seen;
        }"""
    )
    assert len(counts) == 4 * 2 * 3 * 2 and min(counts) >= 8


@pytest.mark.parametrize("target", [1, 5])
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
