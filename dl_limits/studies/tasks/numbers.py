"""The numbers that chapter 03 quotes: what each is and where it comes from."""

from __future__ import annotations

import pandas as pd

from dl_limits.dates import CUTOFF
from dl_limits.studies.tasks import abilities, backtest, claims, gains, scores, tenfold
from dl_limits.words import Number

_MODELS = "gpt_models, family GPT-3"
_ACCURACIES = f"gpt3_scores, accuracies without synthetic tasks, hidden tests, zero-shot WiC; {_MODELS}"
_SERIES = f"gpt3_scores without perplexity and hidden tests; {_MODELS}"
_LANGUAGE = f"gpt3_scores without perplexity, synthetic tasks and hidden tests; {_MODELS}"
_EQUAL = "equal_size_scores, model {}"
_PREDICTED = "studies.tasks.tenfold.predicted"


def numbers():
    """Return every number of chapter 03 by name: a dict of `dl_limits.words.Number`."""
    return (
        _table() | _typical() | _meanings() | _predicted() | _direct() | _measured() | _covered() | _noise() | _shared()
    )


def _percent():
    series = scores.load_scores()
    return series.where(series.info["score_unit"] != "perplexity")


def _table():
    """Return how well the table of all scores agrees with itself and with the body of the paper."""
    averages, differences = scores.superglue_check(), scores.body_check()
    worst = (averages["printed"] - averages["recomputed"]).abs().max()
    recomputed = "gpt3_scores, SuperGLUE and its tasks, development sets"
    body = "gpt3_body_scores; gpt3_scores, model gpt_3_175b; gpt3_tasks, state_of_the_art"
    differ = "cells of body and Table H.1 that differ by more than half the last printed digit"
    return {
        "averages": Number(
            len(averages), 0, "SuperGLUE averages in Table H.1: eight sizes, three settings", recomputed
        ),
        "worst": Number(worst, 2, "largest difference of printed and recomputed averages, points", recomputed),
        "cells": Number(differences.attrs["compared"], 0, "cells printed in the paper's body and in Table H.1", body),
        "differ": Number(len(differences), 0, differ, body),
    }


def _typical():
    """Return what a tenfold of compute did to the median task, and to two tasks."""
    table, points = abilities.typical().set_index("setting"), abilities.abilities().set_index("task")["points"]
    few, bends = table.loc["few"], 100 * table["shrinking"]
    what = "per cent of the gap closed per tenfold of compute, median task"
    line = "line of few-shot score on log compute"
    bend = "per cent of tasks whose log gap flattens (curves upwards) with log compute, {} of three settings"
    return {
        "few": Number(100 * few["closed"], 0, f"{what}, few-shot", _ACCURACIES),
        "zero": Number(100 * table.loc["zero", "closed"], 0, f"{what}, zero-shot", _ACCURACIES),
        "points": Number(few["points"], 1, "median over tasks of points per tenfold of compute, few-shot", _ACCURACIES),
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
    what = "per cent of GPT-3's reducible loss that ten times the {} removes, refitted surface"
    data = what.format("data")
    return {
        "data": Number(own.loc["data", "estimate"], 0, data, source),
        "data_low": Number(own.loc["data", "low"], 0, f"{data}: lower 95 % end", source),
        "data_high": Number(own.loc["data", "high"], 0, f"{data}: upper 95 % end", source),
        "params": Number(own.loc["params", "estimate"], 0, what.format("parameters"), source),
    }


def _predicted():
    """Return what ten times the data should bring, by the laws of 2020 and of today."""
    then, now = (100 * table.iloc[0]["estimate"] for table in (tenfold.predicted(CUTOFF), tenfold.predicted()))
    table = tenfold.predicted()
    low, high = 100 * table.iloc[0][["low", "high"]]
    steep = 100 * table.loc[table["slope"] == "last three sizes", "estimate"]
    further = "per cent of the gap left by the replicated law's forecast that GPT-3 175B closed, median task, few-shot"
    what = "per cent of the gap ten times the data closes, median task"
    fits, lines = "95 % end, few-shot, replicated law", "of all lines through the last three sizes"
    return {
        "early": Number(then, 0, f"{what}, few-shot, Kaplan's law", _PREDICTED),
        "late": Number(now, 0, f"{what}, few-shot, replicated law", _PREDICTED),
        "low": Number(low, 0, f"{what}: lower {fits}", _PREDICTED),
        "high": Number(high, 0, f"{what}: upper {fits}", _PREDICTED),
        "steep_low": Number(steep.min(), 0, f"{what}: lowest {lines}", _PREDICTED),
        "steep_high": Number(steep.max(), 0, f"{what}: highest {lines}", _PREDICTED),
        "missed": Number(100 * tenfold.last_miss(), 0, further, "studies.tasks.tenfold.last_miss"),
    }


def _direct():
    """Return what the verdict rests on since checkpoints of one model are public."""
    source, found = "studies.tasks.claims.tenfold_modest; pythia_checkpoints", {}
    steps = {"data": "ten times the data, largest Pythia", "both": "ten times data and size, Pythia"}
    for (name, step), part in zip(steps.items(), claims.tenfold_modest().parts, strict=True):
        for end in ("estimate", "low", "high"):
            key = f"direct_{name}" if end == "estimate" else f"direct_{name}_{end}"
            what = f"per cent of the gap that {step} closed, median of eight tasks: {end}"
            found[key] = Number(100 * getattr(part.primary, end), 0, what, source)
    return found


def _measured():
    """Return how later models of GPT-3's size did beside it."""
    falcon = tenfold.natural_experiment()
    opt, bloom = (tenfold.natural_experiment(m, withdrawn=True)["estimate"] for m in ("OPT-175B", "BLOOM-176B"))
    what, source = "per cent of GPT-3's gap that Falcon-180B closes, median task", _EQUAL.format("Falcon-180B")
    behind = "below GPT-3, median task, per cent of GPT-3's gap, withdrawn runs included"
    return {
        "tasks": Number(falcon["tasks"], 0, "tasks of both Falcon-180B and GPT-3, ARC's halves counted once", source),
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
    ours, cover = "gap, pooled, calibrated", "per cent of GPT-3 175B's scores inside 95 % intervals from smaller models"
    wide = "mean interval score of forecasts of GPT-3 175B, points"
    skill = "one less squared error over that of no change, forecasts of GPT-3 175B"
    typical = "root mean square error, forecasts of GPT-3 175B by the pooled line in log gap, points"
    return {
        "nominal": Number(inside["line in points"], 0, f"{cover}: line in points", _LANGUAGE),
        "nominal_gap": Number(inside["gap"], 0, f"{cover}: line in log gap", _LANGUAGE),
        "calibrated": Number(inside[ours], 0, f"{cover}: calibrated on other tasks", _LANGUAGE),
        "score_nominal": Number(score["line in points"], 0, f"{wide}: line in points", _LANGUAGE),
        "score_calibrated": Number(score[ours], 0, f"{wide}: calibrated intervals", _LANGUAGE),
        "rmse": Number(pool.loc["gap, pooled", "rmse"], 1, typical, _LANGUAGE),
        "skill_language": Number(
            none["language and knowledge", "gap, pooled"], 2, f"{skill}: pooled line, language and knowledge", _SERIES
        ),
        "skill_jump": Number(none["synthetic", "logistic"], 2, f"{skill}: logistic curve, synthetic tasks", _SERIES),
    }


def _noise():
    """Return how far chance and prompts move a score."""
    prompts, series = scores.prompt_noise(), scores.load_scores()
    items = pd.Series(series.where(scores.natural_accuracy(series)).item_noise).median()
    draws, wordings = ("score_noise, variation " + kind for kind in ("second_draw", "prompt_wording"))
    drawn = "standard deviation over two draws of GPT-3's prompt examples, pairs that differ, points"
    wording = "standard deviation over wordings of a zero-shot prompt, points: median over OPT's and BLOOM's tasks"
    sampled = "standard error from the draw of test items, points: median of GPT-3 175B's accuracies, not synthetic"
    return {
        "items": Number(items, 1, sampled, "gpt3_scores, model gpt_3_175b; gpt3_tasks, items and synthetic"),
        "draw": Number(prompts["second_draw"], 1, drawn, draws),
        "pairs": Number(prompts["pairs"], 0, "scores of GPT-3 175B printed twice with different values", draws),
        "wording": Number(prompts["wording"], 0, wording, wordings),
    }


def _shared():
    """Return how many tests the series amount to."""
    found = gains.shared_error(_percent())
    directions = "independent directions of the errors: participation ratio of their correlations"
    return {
        "series": Number(found["series"], 0, "series of scores that scatter about their line in log gap", _SERIES),
        "same": Number(found["same_task"], 2, "mean correlation of errors, settings of one task and metric", _SERIES),
        "effective": Number(found["effective"], 1, directions, _SERIES),
        "effective_short": Number(found["effective"], 0, directions, _SERIES),
        "dims": Number(found["most"], 0, "models less the two parameters of a line", _SERIES),
    }
