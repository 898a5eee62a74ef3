"""The numbers that chapter 10 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits.inference import scoring
from dl_limits.studies.after_2020 import bought, checks, hindcasts, text
from dl_limits.words import Number

_FORECASTS = "studies.after_2020.hindcasts.forecasts"


def numbers():
    """Return every number of chapter 10 by name: a dict of `dl_limits.words.Number`."""
    scored = scoring.assess(hindcasts.forecasts())
    return _answer(scored) | _gained(scored) | _bought() | _families() | _text()


def _answer(scored):
    """Return how the forecasts of July 2020 came out."""
    whole = scoring.summary(scored.assign(group="all")).iloc[0]
    held, end = "per cent of 95 % intervals that held, mean over sources", "95 % end, sources resampled"
    beyond = "outcomes beyond the 95 % interval, on the side of"
    return {
        "forecasts": Number(len(scored), 0, "forecasts that one rule makes from the data of July 2020", _FORECASTS),
        "inside": Number(scored["inside"].sum(), 0, "outcomes inside their forecast's 95 % interval", _FORECASTS),
        "short": Number((scored["signed"] < -1).sum(), 0, f"{beyond} less progress or growth", _FORECASTS),
        "further": Number((scored["signed"] > 1).sum(), 0, f"{beyond} more progress or growth", _FORECASTS),
        "sources": Number(whole["sources"], 0, "different papers or models behind the outcomes", _FORECASTS),
        "cover": Number(100 * whole["inside"], 0, held, _FORECASTS),
        "cover_low": Number(100 * whole["inside_low"], 0, f"{held}: lower {end}", _FORECASTS),
        "cover_high": Number(100 * whole["inside_high"], 0, f"{held}: upper {end}", _FORECASTS),
    }


def _gained(scored):
    """Return what the laws gained over forecasts without a law, and where the trend in print would be."""
    table = scoring.summary(scored).set_index("group")
    gain, mean = table["log_gain no change"], "log score of the law less that of"
    one, runs, speech = "GPT-3 tasks, one-shot", checks.RUNS, "Speech records"
    each, source = "mean over sources", f"{_FORECASTS}, scored by inference.scoring.summary"
    growth = "growth of the largest runs' compute, times a year, from the doubling time printed in 2018"
    printed, trend = checks.printed_trend(), "studies.after_2020.checks.printed_trend"
    ahead = "powers of ten by which the trend printed in 2018 tops the largest run to July 2026"
    return {
        "gain_one": Number(gain[one], 1, f"{one}: {mean} no change, {each}", source),
        "over_one": Number(table.loc[one, "log_gain trend"], 1, f"{one}: {mean} the trend, {each}", source),
        "gain_runs": Number(gain[runs], 1, f"{runs}: {mean} no change, {each}", source),
        "gain_speech": Number(gain[speech], 1, f"{speech}: {mean} no change, {each}", source),
        "printed_growth": Number(printed["growth"], 1, growth, "compute_trends, row amodei_largest"),
        "printed_gap": Number(printed["gap"], 1, ahead, trend),
    }


def _bought():
    """Return what the runs after GPT-3 closed of its remaining gap."""
    medians, source = bought.bought_table().set_index(["model", "setting"]), "language_benchmarks and gpt3_scores"
    closed, times = "per cent of GPT-3's remaining gap closed, median of", "training compute over GPT-3's"
    end, values = "95 % end over tasks", {}
    for name, model in (("palm", "PaLM 540B"), ("later", "PaLM 2-L")):
        row, rows, tasks = medians.loc[(model, "one")], f"{source}, {model}, protocol palm_one_shot", "one-shot tasks"
        values |= {
            name: Number(100 * row["estimate"], 0, f"{model}: {closed} {tasks}", rows),
            f"{name}_low": Number(100 * row["low"], 0, f"{model}: {closed} {tasks}, lower {end}", rows),
            f"{name}_high": Number(100 * row["high"], 0, f"{model}: {closed} {tasks}, upper {end}", rows),
            f"{name}_times": Number(
                row["times_compute"], 0, f"{model}: {times}", f"language_benchmarks and gpt_models, {model}"
            ),
        }
        if name == "palm":
            values["palm_tasks"] = Number(row["tasks"], 0, f"{tasks} on which {model} was scored like GPT-3", rows)
    for name, model in (("gopher", "Gopher 280B"), ("llama", "Llama 2-70B")):
        rows, share = f"{source}, {model}, protocol gpt3_zero_shot", medians.loc[(model, "zero"), "estimate"]
        values[name] = Number(100 * share, 0, f"{model}: {closed} zero-shot tasks", rows)
    return values


def _families():
    """Return the slopes within families, beside GPT-3's."""
    table = bought.family_table().set_index("protocol")
    what = "per cent of the remaining gap closed by a tenfold of compute, median task"
    common, cards, source = table.loc["harness"], table.loc["llama3_card"], "language_benchmarks, protocol"
    own = f"{source} harness, and gpt3_scores"
    return {
        "slope_low": Number(100 * common["closed"].min(), 0, f"flattest family: {what}", f"{source} harness"),
        "slope_high": Number(100 * common["closed"].max(), 0, f"steepest family: {what}", f"{source} harness"),
        "slope_gpt3_low": Number(100 * common["gpt3"].min(), 0, f"GPT-3 on a family's tasks, lowest: {what}", own),
        "slope_gpt3_high": Number(100 * common["gpt3"].max(), 0, f"GPT-3 on a family's tasks, highest: {what}", own),
        "llama_low": Number(100 * cards["closed"].min(), 0, f"flattest family: {what}", f"{source} llama3_card"),
        "llama_high": Number(100 * cards["closed"].max(), 0, f"steepest family: {what}", f"{source} llama3_card"),
    }


def _text():
    """Return when training sets would meet the stock of text."""
    crossing, line = text.text_crossing(), "training_sets, the largest so far"
    when = "year in which the line through the largest training sets meets"
    both = f"{line}; text_limits, row effective_2024"
    return {
        "growth": Number(crossing["growth"], 1, "growth of the largest training sets so far, times a year", line),
        "crossing": Number(crossing["year"], None, f"{when} the usable stock of text", both),
        "crossing_low": Number(crossing["year_low"], None, f"{when} the usable stock's low end", both),
        "crossing_high": Number(crossing["year_high"], None, f"{when} the usable stock's high end", both),
    }
