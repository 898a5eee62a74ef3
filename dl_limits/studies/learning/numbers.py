"""The numbers that chapter 05 quotes: what each is and where it comes from.

How many of the runs that the page trains equal the stored ones is none of them: it hangs on the processor.
"""

from __future__ import annotations

import numpy as np

from dl_limits import data
from dl_limits.experiments.training import language
from dl_limits.studies.learning import claims, curves, laws, vtab
from dl_limits.words import Number

_RUNS = "learning_curve_runs, grid full"
_DIGITS = f"{_RUNS}, task digits, width 128"
_WORDS = f"{_RUNS}, task language, width 64"
_PAIR = f"{_RUNS}, tasks language and language_pretrained, width 64"
_ENTROPY = "experiments.training.language"
_FORECASTS = f"learning_curve_forecasts; {_RUNS}"


def numbers():
    """Return every number of chapter 05 by name: a dict of `dl_limits.words.Number`."""
    runs = curves.stored()
    return (
        _digits(runs)
        | _exponents(runs)
        | _pretraining(runs)
        | _language(runs)
        | _forecast(runs)
        | _made(runs)
        | _published()
    )


def _digits(runs):
    """Return how the error of the widest network on ten digits falls."""
    frame = curves.by_seed(runs, "digits", curves.WIDEST["digits"])
    gains, error = curves.data_gains(runs, "digits", curves.WIDEST["digits"])["estimate"], frame.mean(axis=1)
    change = curves.changes(runs).set_index(["task", "width"]).loc[("digits", curves.WIDEST["digits"])]
    fall, mean = "per cent off the mean error for a doubling of images", f"mean test error of {frame.shape[1]} runs"
    end = f"95 % end, splits sharing images: {fall}"
    return {
        "fall": Number(-change["estimate"], 0, f"{fall}, from the slope of log error", _DIGITS),
        "fall_low": Number(-change["high"], 0, f"lower {end}", _DIGITS),
        "fall_high": Number(-change["low"], 0, f"upper {end}", _DIGITS),
        "first_gain": Number(gains.iloc[0], 1, "points of mean error that the first doubling removes", _DIGITS),
        "last_gain": Number(gains.iloc[-1], 1, "points of mean error that the last doubling removes", _DIGITS),
        "first": Number(frame.index[0], 0, "training images, smallest size", _DIGITS),
        "last": Number(frame.index[-1], 0, "training images, largest size", _DIGITS),
        "first_error": Number(error.iloc[0], 1, f"{mean}, smallest size, per cent", _DIGITS),
        "last_error": Number(error.iloc[-1], 1, f"{mean}, largest size, per cent", _DIGITS),
    }


def _exponents(runs):
    """Return our exponent on ten digits, and published ones."""
    ours = runs[(runs["task"] == "digits") & (runs["width"] == curves.WIDEST["digits"])]
    fit = laws.fitted_laws(ours).iloc[0]
    line = "least-squares slope of log mean error on log images, sign turned"
    values = {
        "exponent": Number(fit["exponent"], 2, line, _DIGITS),
        "exponent_low": Number(fit["exponent_low"], 2, f"lower 95 % end: {line}", _DIGITS),
        "exponent_high": Number(fit["exponent_high"], 2, f"upper 95 % end: {line}", _DIGITS),
    }
    rows = {
        "hestness_low": ("hestness_lowest", 2, "lowest exponent of learning curves in four domains"),
        "hestness_high": ("hestness_highest", 2, "highest exponent of learning curves in four domains"),
        "top1": ("hestness_imagenet_top1", 2, "exponent of ImageNet's top-1 error in training images"),
        "top5": ("hestness_imagenet_top5", 2, "exponent of ImageNet's top-5 error in training images"),
        "kaplan": ("kaplan_data", 3, "exponent of language models' loss in tokens of text"),
    }
    value = data.load("learning_curve_published").set_index("curve_id")["exponent"]
    return values | {
        name: Number(value[row], digits, f"{what}, as printed", f"learning_curve_published, row {row}")
        for name, (row, digits, what) in rows.items()
    }


def _pretraining(runs):
    """Return what pretraining is worth."""
    table, few = curves.advantage(runs, "language"), curves.advantage(runs, "five_digits").iloc[0]
    words, worth = table.iloc[0], curves.worth(runs, "language").iloc[0]
    gain, draws = "points of error, scratch less pretrained, smallest size", "95 % end, curves simulated"
    times = "words from scratch over words pretrained for the same loss, smallest size"
    five = f"{_RUNS}, tasks five_digits and five_pretrained, width 128"
    return {
        "words_first": Number(words["size"], 0, "words of text, smallest size", _PAIR),
        "words_gain": Number(words["estimate"], 1, gain, _PAIR),
        "words_low": Number(words["low"], 1, f"lower 95 % end over repetitions: {gain}", _PAIR),
        "words_high": Number(words["high"], 1, f"upper 95 % end over repetitions: {gain}", _PAIR),
        "words_end": Number(
            curves.ends_at(table), 0, "words up to which every 95 % interval of the advantage is above zero", _PAIR
        ),
        "worth": Number(worth["estimate"], 1, times, _PAIR),
        "worth_low": Number(worth["low"], 1, f"lower {draws}: {times}", _PAIR),
        "worth_high": Number(worth["high"], 1, f"upper {draws}: {times}", _PAIR),
        "five_gain": Number(few["estimate"], 1, gain, five),
        "five_low": Number(few["low"], 1, f"lower 95 % end, splits sharing images: {gain}", five),
        "five_high": Number(few["high"], 1, f"upper 95 % end, splits sharing images: {gain}", five),
    }


def _language(runs):
    """Return how near the language's loss comes to its floor, and what fits say of that floor."""
    entropy, floors = language().entropy, laws.curve_floors(runs)
    late, longest = floors.iloc[-1], floors["largest"].iloc[-1]
    near, surface = laws.above_floor(runs).required(1.001 * entropy), laws.size_data_surface(runs)
    low, high = surface.conf_int().loc["E"]
    pretrained = laws.fitted_laws(runs[runs["task"] == "language_pretrained"]).iloc[0]
    known, fit = f"{_WORDS}; {_ENTROPY}", "floor fitted to the largest network's mean curve, all texts, nats"
    close = "words for 0.1 % above the entropy over the longest text's"
    all_sizes, widths = "floor E of the surface over size of network and text, nats", f"{_RUNS}, task language"
    return {
        "entropy": Number(entropy, 3, "entropy of the next word, the exact floor of the loss, nats", _ENTROPY),
        "crossing": Number(
            laws.crossings(runs).estimate, -3, "words at which the power law without floor falls to the entropy", known
        ),
        "reached": Number(
            late["reached_pct"], 1, "per cent by which the loss on the longest text exceeds the entropy", known
        ),
        "near": Number(near.estimate / longest, 0, f"{close}, excess a power law", known),
        "near_low": Number(near.low / longest, 0, f"lower 95 % end (Fieller): {close}", known),
        "near_high": Number(near.high / longest, 0, f"upper 95 % end (Fieller): {close}", known),
        "early_high": Number(
            floors["high"].iloc[0], 2, "upper 95 % end of the floor fitted to the four shortest texts, nats", _WORDS
        ),
        "late": Number(late["floor"], 3, fit, _WORDS),
        "late_low": Number(late["low"], 3, f"lower 95 % end, profile likelihood: {fit}", _WORDS),
        "late_high": Number(late["high"], 3, f"upper 95 % end, profile likelihood: {fit}", _WORDS),
        "surface": Number(surface.params["E"], 3, all_sizes, widths),
        "surface_low": Number(low, 3, f"lower 95 % end: {all_sizes}", widths),
        "surface_high": Number(high, 3, f"upper 95 % end: {all_sizes}", widths),
        "missed_high": Number(
            pretrained["floor_high"],
            3,
            "upper 95 % end of the floor fitted to the pretrained network's curve, nats",
            f"{_RUNS}, task language_pretrained",
        ),
    }


def _forecast(runs):
    """Return how the stored forecast fared."""
    score = laws.verdict_of_forecast(laws.judge(runs)).set_index("method")
    average, off = score.loc["average of laws"], "root mean square error of the forecasts, per cent of the outcome"
    return {
        "forecasts": Number(average["forecasts"], 0, "forecasts of the average of laws", "learning_curve_forecasts"),
        "inside": Number(average["inside"], 0, "95 % intervals of the average that hold the outcome", _FORECASTS),
        "typical": Number(average["typical_pct"], 0, f"{off}: average of laws", _FORECASTS),
        "still": Number(score.loc["no change", "typical_pct"], 0, f"{off}: no change", _FORECASTS),
    }


def _made(runs):
    """Return what the full grid took."""
    facts = data.load("learning_curve_environment").set_index("item")["value"]
    seconds = float(facts["cpu_seconds_full_grid"])
    return {
        "runs": Number(len(runs), 0, "training runs of the full grid", _RUNS),
        "minutes": Number(
            seconds / 60,
            0,
            "minutes of processor time that the full grid took",
            "learning_curve_environment, row cpu_seconds_full_grid",
        ),
    }


def _published():
    """Return what nineteen published tasks say of a start from scratch with 1,000 examples."""
    mean = claims.from_scratch().parts[0].primary
    more = claims.more_data().parts[0].primary
    each = vtab.advantages(vtab.published_scores())["estimate"]
    gain, table = "error from scratch less error pretrained with labels, 1,000 examples, points", "vtab_scores"
    few = f"tasks whose {gain}, is below two"
    return {
        "vtab_left": Number(
            100 * np.exp(more.estimate), 0, "per cent of the error left with all examples, geometric mean", table
        ),
        "vtab": Number(mean.estimate, 0, f"mean over tasks: {gain}", table),
        "vtab_low": Number(mean.low, 0, f"lower 95 % end of the mean over tasks: {gain}", table),
        "vtab_high": Number(mean.high, 0, f"upper 95 % end of the mean over tasks: {gain}", table),
        "vtab_few": Number((each < claims.WORSE.low).sum(), 0, few, table),
        "vtab_lost": Number((each < 0).sum(), 0, f"tasks whose {gain}, is negative", table),
        "vtab_tasks": Number(len(each), 0, "tasks in the comparison", table),
    }
