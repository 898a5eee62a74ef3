"""What the explorer shows: every combination of choices, computed here, so that the browser only looks up.

A browser cannot fit; it gets the answers for all choices as one table and draws them.
Nothing is interpolated: each step of a slider is a row.
"""

from __future__ import annotations

import html
import json
from urllib.parse import urlencode

from IPython.display import HTML, display

from dl_limits import data
from dl_limits.page import explorer_imagenet, explorer_tasks
from dl_limits.studies.imagenet.claims import imagenet_compute
from dl_limits.studies.tasks.claims import tenfold_modest
from dl_limits.words import rounded

PRICE = "gpt_3_175b_davinci_cloud_rental"
_QUESTIONS = {
    "imagenet": "How much more computing would a lower error on ImageNet take?",
    "tasks": "What would ten times more computing have brought GPT-3?",
}


def price():
    """Return what GPT-3's training operations cost in a cloud: dollars per FLOP, and in all."""
    row = data.load("training_costs").set_index("cost_id").loc[PRICE]
    return {"usd_per_flop": float(row["cost_usd"] / row["training_flop"]), "usd": rounded(row["cost_usd"])}


def verdicts():
    """Return the book's own words of today on the two claims that the choices bear on."""
    return {"imagenet": imagenet_compute().verdict, "tasks": tenfold_modest().verdict}


def payload():
    """Return all that the script looks up: answers for every combination, bounds, words of the rule."""
    return {
        "price": price(),
        "most": {
            "operations": rounded(explorer_imagenet.most_operations(), 1),
            "dollars": rounded(explorer_imagenet.most_dollars(), 2),
            "years": explorer_imagenet.YEARS_OF_OUTPUT,
        },
        "verdicts": verdicts(),
        "imagenet": explorer_imagenet.extrapolations(),
        "tasks": explorer_tasks.tasks(),
    }


def show():
    """Put the explorer on the page: controls in HTML, all answers beside them; `explorer.js` joins the two."""
    given = payload()
    text = json.dumps(given, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    tasks = given["tasks"]["series"]
    groups = {
        name: {key: task["label"] for key, task in tasks.items() if task["group"] == group}
        for group, (name, _) in explorer_tasks.SPELT_OUT.items()
    }
    display(
        HTML(
            '<div id="explorer">\n'
            + _panel(
                "imagenet",
                explorer_imagenet.network_views(given["imagenet"]),
                _select("data", "Networks", explorer_imagenet.SAMPLES)
                + _select("form", "Form of the law", explorer_imagenet.FORMS)
                + _select("direction", "Direction of the fit", explorer_imagenet.DIRECTIONS)
                + _select("recipe", "Recipe (method, data)", explorer_imagenet.RECIPES)
                + _slider("target", "Target error, %", explorer_imagenet.TARGETS[[0, -1]], 0.5, 5),
            )
            + _panel(
                "tasks",
                explorer_tasks.task_views(given["tasks"]),
                _menu("task", "Task", "".join(_group(name, tests, "ANLI R3") for name, tests in groups.items()))
                + _select("setting", "Examples in the prompt", explorer_tasks.PROMPTS)
                + _slider("steps", "Steps of ten times", (1, len(explorer_tasks.EXPLORER_STEPS)), 1, 1),
            )
            + f'<script type="application/json" id="explorer-data">{text}</script>\n</div>'
        )
    )


def _panel(name, presets, controls):
    title = _QUESTIONS[name]
    views = "".join(
        f'<button type="button" data-view="{html.escape(urlencode(view))}">{html.escape(label)}</button>'
        for label, view in presets.items()
    )
    return (
        f'<form class="explorer" id="explorer-{name}" aria-label="{title}"><p class="question">{title}</p>'
        f'<div class="views" role="group" aria-label="Ready-made views">{views}</div>'
        f'<div class="controls">{controls}</div>'
        f'<output class="answer">This needs scripts: the numbers of the book itself do not.</output>'
        f'<div class="plot"></div>'
        f'<div class="walk"><button type="button" data-walk="-1" aria-label="Point before">◀</button>'
        f'<button type="button" data-walk="1" aria-label="Next point">▶</button><output class="point"></output></div>'
        f'<details class="figure-data"><summary>Table behind this figure</summary>'
        f'<div class="table-wrapper"><table class="dl-table"><caption>{title}</caption></table></div></details>'
        f'<p class="figure-files"><a class="share" href="#">Link to this view</a></p></form>\n'
    )


def _menu(name, label, items, attributes=""):
    return f'<label>{label}<select name="{name}"{attributes}>{items}</select></label>'


def _select(name, label, options):
    items = "".join(
        f'<option value="{html.escape(key)}" data-note="{html.escape(note)}">{html.escape(words)}</option>'
        for key, (words, note) in options.items()
    )
    described = f"explorer-note-{name}"
    menu = _menu(name, label, items, f' aria-describedby="{described}"')
    return f'<div>{menu}<small class="note" id="{described}"></small></div>'


def _group(name, options, chosen):
    items = "".join(
        f'<option value="{html.escape(key)}"{" selected" if key == chosen else ""}>{html.escape(words)}</option>'
        for key, words in options.items()
    )
    return f'<optgroup label="{html.escape(name)}">{items}</optgroup>'


def _slider(name, label, ends, step, value):
    low, high = ends
    return (
        f'<label>{label}: <output class="value">{value:g}</output>'
        f'<input type="range" name="{name}" min="{low:g}" max="{high:g}" step="{step:g}" value="{value:g}"></label>'
    )
