"""What the explorer shows: every combination of choices, computed here, so that the browser only looks up.

A browser cannot fit; it gets the answers for all choices as one table and draws them.
Nothing is interpolated: each step of a slider is a row.
"""

from __future__ import annotations

import html
import json

import numpy as np
from IPython.display import HTML, display

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.imagenet import fits as imagenet_fits
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.studies.tasks import backtest, gains
from dl_limits.studies.tasks import scores as tasks_scores
from dl_limits.words import rounded

# What the choices are called: short enough for a phone.
SAMPLES = {
    "published": "the paper’s 13 networks, as published",
    "mended": "the paper’s networks, faults mended",
    "documented_2020": "all documented to July 2020",
    "documented_2026": "all documented to 2026",
}
_FORMS = {
    "power": ("power law", "power law (straight in tenfolds)"),
    "exponential": ("exponential", "exponential in 1/error"),
}
DIRECTIONS = {
    "ols": "predict error from computing",
    "reverse": "predict computing from error",
    "rma": "between the two (symmetric)",
}
RECIPES = {"path": "improving, as the field’s did", "fixed": "held fixed at July 2020"}
TARGETS = np.arange(2, 23) / 2  # 1 to 11 %, by halves
EXPONENTS = np.arange(16, 47)  # where the fitted line is drawn, powers of ten
EXPLORER_STEPS = {1: 7, 2: 4, 3: None}  # tenfolds ahead, and how many sizes were left to check forecasts that far
PLACES = np.arange(-16, 13) / 4  # where a task's curve is drawn, in tenfolds from GPT-3
SIGNIFICANT = 5
PRICE = "gpt_3_175b_davinci_cloud_rental"


def price():
    """Return what GPT-3's training operations cost in a cloud: dollars per FLOP, and in all."""
    row = data.load("training_costs").set_index("cost_id").loc[PRICE]
    return {"usd_per_flop": float(row["cost_usd"] / row["training_flop"]), "usd": rounded(row["cost_usd"])}


def sample(name):
    """Return the points of one of `SAMPLES` and the column of their compute."""
    if name in ("published", "mended"):
        return imagenet_points.regression_points("together" if name == "mended" else ()), "peak_burden_flop"
    return imagenet_points.documented_models(CUTOFF if name == "documented_2020" else LATEST), "training_flop"


def fit_task(name, form, direction, recipe):
    """Return the law fitted to one combination of choices.

    Parameters
    ----------
    name, form, direction, recipe : str
        Keys of `SAMPLES`, `_FORMS`, `DIRECTIONS` and `RECIPES`.

    Returns
    -------
    dl_limits.laws.powerlaw_results.PowerLawResults
        Documented models with errors by leaving out papers, as in chapter 06.
    """
    points, compute = sample(name)
    controls = points["years"] if recipe == "fixed" else None
    law = imagenet_fits.ERROR_LAWS[_FORMS[form][0]](
        points["top1_error_pct"], points[compute], groups=points["paper"], controls=controls
    )
    robust = compute == "training_flop" and direction != "rma"
    return law.fit(direction, cov="jackknife" if robust else "classical")


def answers(result):
    """Return multiplier and required compute with their 95 % intervals, a row for each of `TARGETS` (log10).

    The compute needed by the symmetric line has no closed interval: it is left out (NaN).
    """
    start = imagenet_points.levels()[0]
    rows = []
    for target in TARGETS:
        needed = result.multiplier(start, target).log10()
        z = float(result.model.axis(target))
        reach = result.line.reach(z) / np.log(10)
        ends = (np.nan, np.nan) if result.method == "rma" else np.array(result.line.reach_interval(z)) / np.log(10)
        rows.append([*needed, reach, *ends])
    return np.array(rows)


def extrapolations():
    """Return all choices of the ImageNet extrapolation."""
    fits = {}
    for name in SAMPLES:
        for form in _FORMS:
            for direction in DIRECTIONS:
                for recipe in RECIPES:
                    result = fit_task(name, form, direction, recipe)
                    curve = result.predict(10.0**EXPONENTS)
                    fits[f"{name}/{form}/{direction}/{recipe}"] = {
                        "answers": _plain(answers(result), 4),
                        "curve": _plain(np.where(curve < 200, curve, np.nan), 3),
                    }
    points = {}
    for name in SAMPLES:
        table, compute = sample(name)
        points[name] = [
            [m, *_plain([np.log10(c), e], 3)]
            for m, c, e in zip(table["model"], table[compute], table["top1_error_pct"], strict=True)
        ]
    return {
        "start": rounded(imagenet_points.levels()[0], 2),
        "targets": TARGETS.tolist(),
        "exponents": EXPONENTS.tolist(),
        "points": points,
        "fits": fits,
    }


def tasks():
    """Return every task of the GPT-3 paper: scores, fitted curve and forecasts for `EXPLORER_STEPS`.

    Intervals are as wide as the errors were when as many tenfolds were forecast from the
    smaller sizes; for three tenfolds no such check exists, so there is no interval.
    """
    scores = tasks_scores.load_scores()
    scores = scores.where((scores.info["score_unit"] != "perplexity") & (scores.info["artefact"] == ""))
    method = backtest.BEST
    curve = np.array([gains.forecast(scores, method, place)["predicted"] for place in PLACES]).T
    steps = []
    for tenfolds, learn in EXPLORER_STEPS.items():
        ahead = backtest.next_tenfold(scores, tenfolds, method, learn=learn or 7)
        ends = ["low", "high"]
        if learn is None:
            ahead[ends] = np.nan
        steps.append(ahead[["predicted", *ends]].to_numpy())
    series = {}
    for i, row in enumerate(scores.info.itertuples()):
        key = f"{row.task}, {row.metric.replace('_', ' ')}" if row.metric != "accuracy" else row.task
        series.setdefault(key, {})[row.setting] = {
            "scores": _plain(scores.points[i], 2),
            "chance": _plain(row.chance_pct, 2),
            "curve": _plain(curve[i], 2),
            "steps": [_plain(step[i], 2) for step in steps],
        }
    compute = scores.log_compute - scores.log_compute[-1]
    return {"compute": _plain(compute, 3), "places": PLACES.tolist(), "series": series}


def _plain(values, digits):
    """Return numbers as nested lists that JSON can hold: null where not finite but 'inf' where unbounded.

    Rounded to so many decimals, and to no more digits than a fit gives on every machine.
    """
    if np.ndim(values):
        return [_plain(v, digits) for v in values]
    value = float(values)
    if not np.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else None
    size = int(np.floor(np.log10(abs(value)))) if value else 0
    digits = min(digits, SIGNIFICANT - 1 - size)
    return rounded(round(value, digits + 4), digits)  # a tie that is a difference of larger numbers is off by more


def show():
    """Put the explorer on the page: controls in HTML, all answers beside them; `explorer.js` joins the two."""
    payload = {"price": price(), "imagenet": extrapolations(), "tasks": tasks()}
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    names = sorted(payload["tasks"]["series"], key=str.lower)
    settings = {"few": "few examples", "one": "one example", "zero": "no example"}
    display(
        HTML(
            '<div id="explorer">\n'
            + _panel(
                "imagenet",
                "ImageNet: what would a lower error take?",
                _select("data", "Networks", SAMPLES)
                + _select("form", "Form of the law", {k: v for k, (_, v) in _FORMS.items()})
                + _select("direction", "Direction of the fit", DIRECTIONS)
                + _select("recipe", "Recipe (method, data)", RECIPES)
                + _slider("target", "Target error, %", TARGETS[0], TARGETS[-1], 0.5, 5),
            )
            + _panel(
                "tasks",
                "GPT-3: what would ten times more computing bring?",
                _select("task", "Task", dict(zip(names, names, strict=True)), "LAMBADA")
                + _select("setting", "Examples in the prompt", settings)
                + _slider("steps", "Steps of ten times", 1, len(EXPLORER_STEPS), 1, 1),
            )
            + f'<script type="application/json" id="explorer-data">{text}</script>\n</div>'
        )
    )


def _panel(name, title, controls):
    return (
        f'<form class="explorer" id="explorer-{name}" aria-label="{title}"><div class="controls">{controls}</div>'
        f'<output class="answer">This needs scripts: the numbers of the book itself do not.</output>'
        f'<div class="plot"></div><details class="figure-data"><summary>Table behind this figure</summary>'
        f'<div class="table-wrapper"><table class="dl-table"><caption>{title}</caption></table></div></details>'
        f'<p class="figure-files"><a class="share" href="#">Link to this view</a></p></form>\n'
    )


def _select(name, label, options, chosen=None):
    items = "".join(
        f'<option value="{html.escape(key)}"{" selected" if key == chosen else ""}>{html.escape(words)}</option>'
        for key, words in options.items()
    )
    return f'<label>{label}<select name="{name}">{items}</select></label>'


def _slider(name, label, low, high, step, value):
    return (
        f'<label>{label}: <output class="value">{value:g}</output>'
        f'<input type="range" name="{name}" min="{low:g}" max="{high:g}" step="{step:g}" value="{value:g}"></label>'
    )
