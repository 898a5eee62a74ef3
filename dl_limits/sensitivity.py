"""How often another reasonable analysis would give another verdict.

Each function takes one claim's specifications from its chapter and judges every one of them
alone, by the claim's own rule. The answer is how much a verdict hangs on one analyst's
choices; it is no probability, since the specifications share data and are not drawn from
anything. Claims whose chapter has no such list are absent, and shown as 'not available'.
"""

from __future__ import annotations

import pandas as pd

from dl_limits import (
    claims_cost,
    claims_gpt,
    claims_imagenet,
    claims_learning,
    claims_nli,
    claims_progress,
    cost,
    gpt_history,
    imagenet,
    learning,
    nli,
    progress,
    task_scores,
    tenfold_tasks,
)
from dl_limits.verdicts import HOLDS, LATEST, PARTLY, combine, decide

_NOISES = (0.0, 1.0, 2.0, 3.0, 4.0)
_READINGS = ["by_start", "by_end"]  # of "by 2030"


def size_main_difference():
    """Judge each loss law with each way of counting data."""
    table = gpt_history.size_shares(LATEST)
    rows = table[table["step"] == "GPT-2 to GPT-3"]
    return [decide(row.low, row.high, (claims_gpt.HALF, float("inf"))) for row in rows.itertuples()]


def gpts_by_data():
    """Judge each loss law with each way of counting data, both generations together."""
    region = (claims_gpt.HALF, float("inf"))
    steps = gpt_history.size_shares(LATEST).groupby(["account", "law"], sort=False)
    return [combine({r.step: decide(1 - r.high, 1 - r.low, region) for r in rows.itertuples()}) for _, rows in steps]


def whole_internet():
    """Judge each estimate of the web's text."""
    shares = gpt_history.web_shares(LATEST)
    return [claims_gpt.between(row.low, row.high, *claims_gpt.WEB_RULE) for row in shares.itertuples()]


def state_of_the_art():
    """Judge each way of counting, BLEU apart."""
    shares = task_scores.record_shares()
    return [claims_gpt.above_record(s, s) for s in shares.loc[shares["counting"] != "BLEU alone", "share"]]


def tenfold_modest():
    """Judge each loss law with each line and setting."""
    return [claims_gpt.modest(row.low, row.high) for row in tenfold_tasks.predicted(LATEST).itertuples()]


def imagenet_compute():
    """Judge the part 'robust' by each specification of chapter 06's curve for top-1 error."""
    table = imagenet.specifications().where(measure="top-1").estimates()
    return [decide(row.low, row.high, claims_imagenet.REGION) for row in table.itertuples()]


def diminishing_vision():
    """Judge each test, rate and method of chapter 07 alone."""
    table = progress.ratios(LATEST)
    rows = table[table["series"].isin(progress.VISION) & table["quantity"].isin(claims_progress.QUANTITIES)]
    return [decide(row.low, row.high, claims_progress.REGION) for row in rows.itertuples()]


def anli_chance():
    """Judge the nine scores with each amount of noise from the prompt."""
    words = []
    for _, rows in nli.bounds(_NOISES).groupby("noise_sd"):
        parts = {row.cell: decide(row.lower, row.upper, claims_nli.LITTLE) for row in rows.itertuples()}
        words.append(claims_nli.some_hold(parts))
    return words


def nli_corpus():
    """Judge the evidence without each source in turn."""
    table = claims_nli.without_each_source().iloc[1:]
    return [PARTLY if word == HOLDS else word for word in table["verdict"]]


def more_data():
    """Judge each task and size of network of chapter 05."""
    table = learning.slopes(learning.stored())
    return [decide(row.low, row.high, claims_learning.FALLING) for row in table.itertuples()]


def unsustainable():
    """Judge each path of cost by both readings of the year; the other parts are undecided in every case."""
    table = cost.threshold_years(LATEST)
    chances = table.loc[table["threshold"] == claims_cost.ECONOMIC, _READINGS].to_numpy().ravel()
    return [claims_cost.decide_probability(p, p) for p in chances]


SPECIFICATIONS = {
    "size-main-difference": (size_main_difference, "loss law, way of counting data"),
    "gpts-by-data": (gpts_by_data, "loss law, way of counting data"),
    "whole-internet": (whole_internet, "estimate of the web"),
    "state-of-the-art": (state_of_the_art, "way of counting"),
    "tenfold-modest": (tenfold_modest, "loss law, line, setting; the part 'predicted'"),
    "imagenet-compute": (imagenet_compute, "data, form, date, estimator, errors; the part 'robust'"),
    "diminishing-vision": (diminishing_vision, "test, rate, method"),
    "anli-chance": (anli_chance, "noise of the prompt"),
    "nli-corpus": (nli_corpus, "one source left out"),
    "more-data": (more_data, "task, size of network"),
    "unsustainable": (unsustainable, "path of cost, reading of the year; the part 'economically'"),
}


def table(verdicts):
    """Return how many specifications alone would give another verdict.

    Parameters
    ----------
    verdicts : dict
        Claim and its verdict on the evidence to 2026.

    Returns
    -------
    DataFrame, indexed by claim
        ``specifications``, ``other_verdict`` (integers; missing where no chapter has them) and
        ``varied``, what differs between them (missing alike).
    """
    rows = {}
    for claim, verdict in verdicts.items():
        judge, varied = SPECIFICATIONS.get(claim, (None, None))
        words = judge() if judge else None
        rows[claim] = [len(words), sum(w != verdict for w in words), varied] if judge else [None, None, None]
    frame = pd.DataFrame.from_dict(rows, "index", columns=["specifications", "other_verdict", "varied"])
    return frame.astype({"specifications": "Int64", "other_verdict": "Int64"})
