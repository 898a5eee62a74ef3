"""The explorer's answers on GPT-3's tasks: forecasts of every score, spelt out, and what each says of the claim."""

from __future__ import annotations

import numpy as np

from dl_limits import data
from dl_limits.page.lookup import looked_up
from dl_limits.studies.tasks import backtest, gains
from dl_limits.studies.tasks import scores as tasks_scores
from dl_limits.studies.tasks.claims import MODEST
from dl_limits.verdicts import FAILS, HOLDS
from dl_limits.words import per_cent

EXPLORER_STEPS = {1: 7, 2: 4, 3: None}  # tenfolds ahead, and how many sizes were left to check forecasts that far
PLACES = np.arange(-16, 13) / 4  # where a task's curve is drawn, in tenfolds from GPT-3
PROMPTS = {
    "few": ("few examples", "as many solved examples as fit stand before the question"),
    "one": ("one example", "one solved example stands before the question"),
    "zero": ("no example", "the task is described in words only"),
}
# The tests of the GPT-3 paper under the names that say what they ask; groups in the order of the menu.
SPELT_OUT = {
    "nli": (
        "Does one sentence follow? (ANLI)",
        {"ANLI R1": "Adversarial, round 1", "ANLI R2": "Adversarial, round 2", "ANLI R3": "Adversarial, round 3"},
    ),
    "closed_book_qa": (
        "Questions from memory",
        {"TriviaQA": "TriviaQA", "NQs": "Natural Questions", "WebQs": "Web Questions"},
    ),
    "cloze_completion": (
        "How does the text go on?",
        {"LAMBADA": "LAMBADA: last word", "HellaSwag": "HellaSwag: next scene", "StoryCloze": "Story Cloze: ending"},
    ),
    "common_sense": (
        "Common sense and school science",
        {
            "PIQA": "Physical common sense (PIQA)",
            "ARC (Easy)": "Science exam, easy (ARC)",
            "ARC (Challenge)": "Science exam, hard (ARC)",
            "OpenBookQA": "OpenBookQA: basic science",
        },
    ),
    "winograd_style": (
        "Whom does the pronoun mean?",
        {"Winograd": "Winograd schemas", "Winogrande": "WinoGrande"},
    ),
    "reading_comprehension": (
        "Reading a text",
        {
            "SQuADv2": "Wikipedia (SQuAD 2.0)",
            "CoQA": "Conversation (CoQA)",
            "Quac": "Student and teacher (QuAC)",
            "DROP": "With sums (DROP)",
            "RACE-m": "Middle-school exam (RACE)",
            "RACE-h": "High-school exam (RACE)",
        },
    ),
    "superglue": (
        "SuperGLUE: language tests",
        {
            "SuperGLUE": "All eight together",
            "BoolQ": "Yes or no (BoolQ)",
            "CB": "Commitment Bank (CB)",
            "Copa": "Cause or effect (COPA)",
            "RTE": "Does it follow? (RTE)",
            "WiC": "Same sense of a word? (WiC)",
            "WSC": "Winograd schemas (WSC)",
            "MultiRC": "Many sentences (MultiRC)",
            "ReCoRD": "News, fill in (ReCoRD)",
        },
    ),
    "translation": (
        "Translation",
        {
            "Fr -> En 14": "French to English",
            "En -> Fr 14": "English to French",
            "De -> En 16": "German to English",
            "En -> De 16": "English to German",
            "Ro -> En 16": "Romanian to English",
            "En -> Ro 16": "English to Romanian",
        },
    ),
    "sat": ("College entrance test", {"SAT Analogies": "SAT analogies"}),
    "arithmetic": (
        "Arithmetic",
        {
            "2D+": "Adding, 2 digits",
            "2D-": "Subtracting, 2 digits",
            "3D+": "Adding, 3 digits",
            "3D-": "Subtracting, 3 digits",
            "4D+": "Adding, 4 digits",
            "4D-": "Subtracting, 4 digits",
            "5D+": "Adding, 5 digits",
            "5D-": "Subtracting, 5 digits",
            "2Dx": "Multiplying, 2 digits",
            "1DC": "Three one-digit numbers",
        },
    ),
    "word_scrambling": (
        "Unscrambling words",
        {
            "Cycled Letters": "Letters moved round",
            "Anagrams 1": "All but first and last letter mixed",
            "Anagrams 2": "All but first and last two mixed",
            "Symbol Insertion": "Signs between the letters",
            "Reversed Words": "Words spelt backwards",
        },
    ),
}
METRICS = {
    "accuracy": "",
    "average": "average",
    "exact_match": "exact answers",
    "f1": "F1",
    "f1_answers": "F1 of answers",
    "bleu_multi": "BLEU",
    "bleu_sacre": "SacreBLEU",
}


def series():
    """Return the scores that are forecast: all between 0 and 100 but what chapter 03 leaves out as an artefact."""
    scores = tasks_scores.load_scores()
    return scores.where((scores.info["score_unit"] != "perplexity") & (scores.info["artefact"] == ""))


def label(task, group, metric):
    """Return what a test and its measure are called in full.

    Raises
    ------
    ValueError
        For a test or measure that has no name yet.
    """
    if task not in SPELT_OUT.get(group, ("", {}))[1] or metric not in METRICS:
        raise ValueError(f"explorer: {task!r} ({group}, {metric}) has no name: add it to SPELT_OUT or METRICS")
    return ", ".join(filter(None, (SPELT_OUT[group][1][task], METRICS[metric])))


def gain_consequence(last, centre, low, high):
    """Return what the book's rule for "modest gains" says of one forecast of ten times more, as word and reason.

    The gain is the share of what was left to the full score. Word and reason are empty where nothing was left.
    """
    if last >= 100:
        return "", ""
    share, *ends = [(value - last) / (100 - last) for value in (centre, low, high)]
    word = MODEST.word(*ends)
    small, large = per_cent(MODEST.high), per_cent(MODEST.wrong_above)
    lowest = f"from {per_cent(ends[0])}" if ends[0] > -1 else "from a loss of more than all"
    told = f"of what was left the range runs {lowest} to {per_cent(ends[1])} %"
    if word == HOLDS:
        return word, f"{told}, all of it below {small} %, and the rule calls that modest"
    if word == FAILS:
        return word, f"{told}, all of it above {large} %, and the rule does not call that modest"
    return word, f"{told}; the rule calls a gain modest below {small} %, not modest above {large} %"


def tasks():
    """Return every task of the GPT-3 paper: scores, fitted curve and forecasts for `EXPLORER_STEPS`.

    Intervals are as wide as the errors were when as many tenfolds were forecast from the
    smaller sizes; for three tenfolds no such check exists, so there is no interval.
    """
    scores, method = series(), backtest.BEST
    curve = np.array([gains.forecast(scores, method, place)["predicted"] for place in PLACES]).T
    steps = []
    for tenfolds, learn in EXPLORER_STEPS.items():
        ahead = backtest.next_tenfold(scores, tenfolds, method, learn=learn or 7)
        ends = ["low", "high"]
        if learn is None:
            ahead[ends] = np.nan
        steps.append(ahead[["predicted", *ends]].to_numpy())
    here = list(PLACES).index(0.0)
    found = {}
    for i, row in enumerate(scores.info.itertuples()):
        key = f"{row.task}, {row.metric.replace('_', ' ')}" if row.metric != "accuracy" else row.task
        task = found.setdefault(
            key, {"label": label(row.task, row.task_group, row.metric), "group": str(row.task_group), "settings": {}}
        )
        last = float(scores.points[i, -1])
        word, reason = gain_consequence(last, *steps[0][i])
        task["settings"][row.setting] = {
            "scores": looked_up(scores.points[i], 2),
            "chance": looked_up(row.chance_pct, 2),
            "curve": looked_up(curve[i], 2),
            "steps": [looked_up(step[i], 2) for step in steps],
            "shares": [None if last >= 100 else looked_up(_share(last, step[i][0]), 0) for step in steps],
            "miss": looked_up(curve[i, here] - last, 1),
            "word": word,
            "reason": reason,
        }
    compute = scores.log_compute - scores.log_compute[-1]
    return {
        "compute": looked_up(compute, 3),
        "models": _models(),
        "places": PLACES.tolist(),
        "series": found,
        "medians": _medians(scores, steps[0][:, 0]),
        "left_out": _left_out(found),
    }


def _share(last, predicted):
    return 100 * (predicted - last) / (100 - last)


def _models():
    models = data.load("gpt_models").set_index("model_id")
    family = models[models.index.str.startswith("gpt_3")]
    return [str(name) for name in family.sort_values("params")["model"]]


def _medians(scores, predicted):
    """Return, by setting, over how many scores and what share of the rest the median forecast of one step closes."""
    last, setting = scores.points[:, -1], scores.info["setting"].astype(str).to_numpy()
    medians = {}
    for name in PROMPTS:
        here = (setting == name) & (last < 100)
        medians[name] = [int(here.sum()), looked_up(np.median(_share(last[here], predicted[here])), 0)]
    return medians


def _left_out(found):
    """Return why a setting of a task is not among `tasks`: by task, then setting."""
    info = tasks_scores.load_scores().info
    reasons = info[info["artefact"] != ""].set_index(["task", "setting"])["artefact"]
    return {
        key: {
            setting: str(reasons.get((key.split(",")[0], setting), "the paper gives no score"))
            for setting in PROMPTS
            if setting not in task["settings"]
        }
        for key, task in found.items()
        if len(task["settings"]) < len(PROMPTS)
    }


def task_views(answered):
    """Return named views of `tasks`: what each is called, and its choices.

    One is found among all tasks with few examples: that of the largest forecast gain for ten times more.
    """
    gain = {
        key: task["settings"]["few"]["shares"][0]
        for key, task in answered["series"].items()
        if task["settings"].get("few", {}).get("shares", [None])[0] is not None
    }
    views = {
        "Adversarial inference": "ANLI R3",
        "Trivia": "TriviaQA",
        "The last word": "LAMBADA",
        "The largest gain expected": max(gain, key=gain.get),
        "Already solved": "2D+",
    }
    return {name: {"task": task, "setting": "few", "steps": "1"} for name, task in views.items()}
