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
    held, end = "per cent of 95 % intervals that held, each source counting once", "95 % end over sources"
    beyond = "outcomes beyond the 95 % interval, on the side of"
    return {
        "forecasts": Number(len(scored), 0, "forecasts that one rule makes from the data of July 2020", _FORECASTS),
        "inside": Number(scored["inside"].sum(), 0, "outcomes inside their forecast's 95 % interval", _FORECASTS),
        "short": Number((scored["signed"] < -1).sum(), 0, f"{beyond} less progress or growth", _FORECASTS),
        "further": Number((scored["signed"] > 1).sum(), 0, f"{beyond} more progress or growth", _FORECASTS),
        "sources": Number(whole["sources"], 0, "different papers, families or owners among the outcomes", _FORECASTS),
        "cover": Number(100 * whole["inside"], 0, held, _FORECASTS),
        "cover_low": Number(100 * whole["inside_low"], 0, f"lower {end}: {held}", _FORECASTS),
        "cover_high": Number(100 * whole["inside_high"], 0, f"upper {end}: {held}", _FORECASTS),
    }


def _gained(scored):
    """Return what the laws gained over forecasts without a law, and where the trend in print would be."""
    table = scoring.summary(scored).set_index("group")
    gain, mean = table["log_gain no change"], "mean log score gained, each source counting once: law over"
    one, runs, speech = "GPT-3 tasks, one-shot", checks.RUNS, "Speech records"
    growth = "growth of the largest runs' compute as printed in 2018, times a year"
    printed, trend = checks.printed_trend(), "studies.after_2020.checks.printed_trend"
    ahead = "powers of ten by which the trend printed in 2018 tops the largest run of 2026"
    return {
        "gain_one": Number(gain[one], 1, f"{mean} no change", f"{_FORECASTS}, {one}"),
        "over_one": Number(table.loc[one, "log_gain trend"], 1, f"{mean} trend", f"{_FORECASTS}, {one}"),
        "gain_runs": Number(gain[runs], 1, f"{mean} no change", f"{_FORECASTS}, {runs}"),
        "gain_speech": Number(gain[speech], 1, f"{mean} no change", f"{_FORECASTS}, {speech}"),
        "printed_growth": Number(printed["growth"], 1, growth, "compute_trends, row amodei_largest"),
        "printed_gap": Number(printed["gap"], 1, ahead, trend),
    }


def _bought():
    """Return what the runs after GPT-3 closed of its remaining gap."""
    medians, source = bought.bought_table().set_index(["model", "setting"]), "language_benchmarks and gpt3_scores"
    closed, times = "median per cent of GPT-3's remaining gap closed", "training compute over GPT-3's"
    end, values = "95 % end, over tasks, of the median share closed, per cent", {}
    for name, model in (("palm", "PaLM 540B"), ("later", "PaLM 2-L")):
        row, rows, tasks = medians.loc[(model, "one")], f"{source}, {model}, protocol palm_one_shot", "one-shot tasks"
        values |= {
            name: Number(100 * row["estimate"], 0, f"{model}: {closed}, {tasks}", rows),
            f"{name}_low": Number(100 * row["low"], 0, f"{model}: lower {end}", rows),
            f"{name}_high": Number(100 * row["high"], 0, f"{model}: upper {end}", rows),
            f"{name}_times": Number(
                row["times_compute"], 0, f"{model}: {times}", f"language_benchmarks and gpt_models, {model}"
            ),
        }
        if name == "palm":
            values["palm_tasks"] = Number(row["tasks"], 0, f"{tasks} on which {model} was scored like GPT-3", rows)
    for name, model in (("gopher", "Gopher 280B"), ("llama", "Llama 2-70B")):
        rows, share = f"{source}, {model}, protocol gpt3_zero_shot", medians.loc[(model, "zero"), "estimate"]
        values[name] = Number(100 * share, 0, f"{model}: {closed}, zero-shot tasks", rows)
    return values


def _families():
    """Return the slopes within families, beside GPT-3's."""
    table, what = bought.family_table().set_index("protocol"), "per cent of the gap closed by a tenfold, median task"
    common, cards, source = table.loc["harness"], table.loc["llama3_card"], "language_benchmarks, protocol"
    own = f"{source} harness, and gpt3_scores"
    return {
        "slope_low": Number(100 * common["closed"].min(), 0, f"smallest family: {what}", f"{source} harness"),
        "slope_high": Number(100 * common["closed"].max(), 0, f"largest family: {what}", f"{source} harness"),
        "slope_gpt3_low": Number(100 * common["gpt3"].min(), 0, f"GPT-3, smallest over the families: {what}", own),
        "slope_gpt3_high": Number(100 * common["gpt3"].max(), 0, f"GPT-3, largest over the families: {what}", own),
        "llama_low": Number(100 * cards["closed"].min(), 0, f"smallest family: {what}", f"{source} llama3_card"),
        "llama_high": Number(100 * cards["closed"].max(), 0, f"largest family: {what}", f"{source} llama3_card"),
    }


def _text():
    """Return when training sets would meet the stock of text."""
    crossing, line = text.text_crossing(), "training_sets, the largest so far"
    when, both = (
        "year in which the line through the largest training sets meets",
        f"{line}; text_limits, row effective_2024",
    )
    return {
        "growth": Number(crossing["growth"], 1, "growth of the largest training sets, times a year", line),
        "crossing": Number(crossing["year"], None, f"{when} the usable stock", both),
        "crossing_low": Number(crossing["year_low"], None, f"{when} the stock's low end", both),
        "crossing_high": Number(crossing["year_high"], None, f"{when} the stock's high end", both),
    }
