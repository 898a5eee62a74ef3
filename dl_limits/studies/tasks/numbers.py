"""The numbers that chapter 03 quotes: what each is and where it comes from."""

from __future__ import annotations

import pandas as pd

from dl_limits.dates import CUTOFF
from dl_limits.studies.tasks import abilities, backtest, gains, scores, tenfold
from dl_limits.words import Number

_MODELS = "gpt_models, family GPT-3"
_ACCURACIES = f"gpt3_scores, accuracies without synthetic tasks, hidden tests, zero-shot WiC; {_MODELS}"
_SERIES = f"gpt3_scores without perplexity and hidden tests; {_MODELS}"
_LANGUAGE = f"gpt3_scores without perplexity, synthetic tasks and hidden tests; {_MODELS}"
_EQUAL = "equal_size_scores, model {}"
_PREDICTED = "studies.tasks.tenfold.predicted"


def numbers():
    """Return every number of chapter 03 by name: a dict of `dl_limits.words.Number`."""
    return _table() | _typical() | _meanings() | _predicted() | _measured() | _covered() | _noise() | _shared()


def _percent():
    series = scores.load_scores()
    return series.where(series.info["score_unit"] != "perplexity")


def _table():
    """Return how well the table of all scores agrees with itself and with the body of the paper."""
    averages, differences = scores.superglue_check(), scores.body_check()
    worst = (averages["printed"] - averages["recomputed"]).abs().max()
    recomputed = "gpt3_scores, SuperGLUE on its development sets"
    body = "gpt3_body_scores; gpt3_scores, model gpt_3_175b; gpt3_tasks, state_of_the_art"
    differ = "cells that differ by more than half the last printed digit"
    return {
        "averages": Number(len(averages), 0, "SuperGLUE averages that the paper prints, development sets", recomputed),
        "worst": Number(worst, 2, "largest difference, printed average less recomputed, points", recomputed),
        "cells": Number(differences.attrs["compared"], 0, "cells that the paper prints in body and table", body),
        "differ": Number(len(differences), 0, differ, body),
    }


def _typical():
    """Return what a tenfold of compute did to the median task, and to two tasks."""
    table, points = abilities.typical().set_index("setting"), abilities.abilities().set_index("task")["points"]
    few, bends = table.loc["few"], 100 * table["shrinking"]
    what, line = "gap closed per tenfold of compute, median task, per cent", "line of few-shot score on log compute"
    bend = "per cent of tasks whose log gap bends up, {} of three settings"
    return {
        "few": Number(100 * few["closed"], 0, f"{what}, few-shot", _ACCURACIES),
        "zero": Number(100 * table.loc["zero", "closed"], 0, f"{what}, zero-shot", _ACCURACIES),
        "points": Number(few["points"], 1, "points per tenfold of compute, median task, few-shot", _ACCURACIES),
        "early_half": Number(100 * few["closed_early"], 0, f"{what}, few-shot, four smallest models", _ACCURACIES),
        "late_half": Number(100 * few["closed_late"], 0, f"{what}, few-shot, four largest models", _ACCURACIES),
        "least": Number(
            -points["ANLI R2"], 1, f"points lost per tenfold, ANLI R2: {line}", f"gpt3_scores, task ANLI R2; {_MODELS}"
        ),
        "lambada": Number(
            points["LAMBADA"], 0, f"points per tenfold, LAMBADA: {line}", f"gpt3_scores, task LAMBADA; {_MODELS}"
        ),
        "bending": Number(bends.min(), 0, bend.format("lowest"), _ACCURACIES),
        "bending_most": Number(bends.max(), 0, bend.format("highest"), _ACCURACIES),
    }


def _meanings():
    """Return what ten times the data, or the parameters, take off the loss."""
    table, source = tenfold.four_meanings(), "studies.tasks.tenfold.four_meanings"
    own = 100 * table[table["surface"] == "replication 2024"].set_index("path")[["estimate", "low", "high"]]
    what = "per cent of GPT-3's reducible loss that ten times the {} removes"
    data = what.format("data")
    return {
        "data": Number(own.loc["data", "estimate"], 0, f"{data}, refitted surface", source),
        "data_low": Number(own.loc["data", "low"], 0, f"lower 95 % end: {data}", source),
        "data_high": Number(own.loc["data", "high"], 0, f"upper 95 % end: {data}", source),
        "params": Number(own.loc["params", "estimate"], 0, f"{what.format('parameters')}, refitted surface", source),
    }


def _predicted():
    """Return what ten times the data should bring, by the laws of 2020 and of today."""
    then, now = (100 * table.iloc[0]["estimate"] for table in (tenfold.predicted(CUTOFF), tenfold.predicted()))
    table = tenfold.predicted()
    low, high = 100 * table["low"].min(), 100 * table["high"].max()
    steep = 100 * table.loc[table["slope"] == "last three sizes", "estimate"]
    further = "gap closed beyond the replicated law's forecast of GPT-3, per cent, median task"
    what, fits = "gap closed by ten times the data, per cent", "95 % end of all fits"
    lines, source = "of the lines through the last three sizes", "studies.tasks.tenfold.last_miss"
    return {
        "early": Number(then, 0, f"{what}, median task, Kaplan's law", _PREDICTED),
        "late": Number(now, 0, f"{what}, median task, replicated law", _PREDICTED),
        "low": Number(low, 0, f"lowest {fits}: {what}", _PREDICTED),
        "high": Number(high, 0, f"highest {fits}: {what}", _PREDICTED),
        "steep_low": Number(steep.min(), 0, f"lowest {lines}: {what}", _PREDICTED),
        "steep_high": Number(steep.max(), 0, f"highest {lines}: {what}", _PREDICTED),
        "missed": Number(100 * tenfold.last_miss(), 0, further, source),
    }


def _measured():
    """Return how later models of GPT-3's size did beside it."""
    falcon = tenfold.natural_experiment()
    opt, bloom = (tenfold.natural_experiment(m, withdrawn=True)["estimate"] for m in ("OPT-175B", "BLOOM-176B"))
    what, source = "GPT-3's gap that Falcon closes, median task, per cent", _EQUAL.format("Falcon-180B")
    behind = "below GPT-3, median task, per cent of the gap, withdrawn runs included"
    return {
        "tasks": Number(falcon["tasks"], 0, "tasks of both Falcon-180B and GPT-3, parts of one counted once", source),
        "falcon": Number(100 * falcon["estimate"], 0, what, source),
        "falcon_low": Number(100 * falcon["low"], 0, f"{what}: exact lower 95 % end", source),
        "falcon_high": Number(100 * falcon["high"], 0, f"{what}: exact upper 95 % end", source),
        "opt": Number(-100 * opt, 0, f"OPT-175B {behind}", _EQUAL.format("OPT-175B")),
        "bloom": Number(-100 * bloom, 0, f"BLOOM-176B {behind}", _EQUAL.format("BLOOM-176B")),
    }


def _covered():
    """Return how forecasts of the largest model from the seven others fared."""
    report = backtest.report(_percent()).set_index(["panel", "method"])
    pool, none = report.loc["all but synthetic"], report["skill_no_change"]
    inside, score = 100 * pool["coverage"], pool["interval_score"]
    ours, cover = "gap, pooled, calibrated", "per cent of largest model's scores inside 95 % intervals"
    wide, skill = "mean interval score, largest model forecast", "one less its squared error over that of no change"
    return {
        "nominal": Number(inside["line in points"], 0, f"{cover}, line in points", _LANGUAGE),
        "nominal_gap": Number(inside["gap"], 0, f"{cover}, line in log gap", _LANGUAGE),
        "calibrated": Number(inside[ours], 0, f"{cover}, calibrated", _LANGUAGE),
        "score_nominal": Number(score["line in points"], 0, f"{wide}, line in points", _LANGUAGE),
        "score_calibrated": Number(score[ours], 0, f"{wide}, calibrated intervals", _LANGUAGE),
        "rmse": Number(pool.loc["gap, pooled", "rmse"], 1, "root mean squared error, pooled line, points", _LANGUAGE),
        "skill_language": Number(
            none["language and knowledge", "gap, pooled"], 2, f"pooled line, language and knowledge: {skill}", _SERIES
        ),
        "skill_jump": Number(none["synthetic", "logistic"], 2, f"logistic curve, synthetic tasks: {skill}", _SERIES),
    }


def _noise():
    """Return how far chance and prompts move a score."""
    prompts, series = scores.prompt_noise(), scores.load_scores()
    items = pd.Series(series.where(scores.natural_accuracy(series)).item_noise).median()
    draws, wordings = ("score_noise, variation " + kind for kind in ("second_draw", "prompt_wording"))
    drawn = "standard deviation over draws of the prompt's examples, pairs that differ, points"
    wording = "standard deviation over wordings, points: median over tasks, OPT and BLOOM"
    sampled = "median standard error of GPT-3's accuracies from test items, points"
    return {
        "items": Number(items, 1, sampled, "gpt3_scores, model gpt_3_175b; gpt3_tasks, items"),
        "draw": Number(prompts["second_draw"], 1, drawn, draws),
        "pairs": Number(prompts["pairs"], 0, "scores run twice with different results", draws),
        "wording": Number(prompts["wording"], 0, wording, wordings),
    }


def _shared():
    """Return how many tests the series amount to."""
    found = gains.shared_error(_percent())
    directions = "independent directions of the errors: participation ratio of their correlations"
    return {
        "series": Number(found["series"], 0, "series of scores with scatter about their line", _SERIES),
        "same": Number(found["same_task"], 2, "mean correlation of errors between settings of one task", _SERIES),
        "effective": Number(found["effective"], 1, directions, _SERIES),
        "effective_short": Number(found["effective"], 0, directions, _SERIES),
        "dims": Number(found["most"], 0, "models less the two parameters of a line", _SERIES),
    }
