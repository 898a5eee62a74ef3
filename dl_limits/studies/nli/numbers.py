"""The numbers that chapter 08 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.nli import cells, claims
from dl_limits.studies.nli import later as nli_later
from dl_limits.words import Number

_NINE = "nli_results, GPT-3 175B on ANLI in Table H.1"
_SMALLER = "nli_results, the seven smaller GPT-3 on ANLI in Table H.1"
_NOISY = "two points of prompt noise"
_MUCH_LARGER = 2e24  # FLOP; GPT-3 175B had 3.14e23


def numbers():
    """Return every number of chapter 08 by name: a dict of `dl_limits.words.Number`."""
    return _scores() | _rounds() | _printed() | _margins() | _slopes() | _small() | _uses() | _forecasts() | _sources()


def _scores():
    """Return how far the nine scores of the largest model lie above chance."""
    plain, noisy, best = cells.largest_cells().fit(), cells.largest_cells().fit(cells.NOISE), "round 3, few-shot"
    p, p_noisy, p_three = (cells.above_chance(noise) for noise in (0, cells.NOISE, 3))
    ends = noisy.conf_int().loc[best]
    end, holm = f"one-sided 95 % end of score less a third, {_NOISY}", "by Holm's method"
    least, count = "smallest of nine p-values against guessing", "of nine scores, those above chance at 5 %"
    far, row = "largest of nine distances above chance, in standard errors", f"{_NINE}, {best}"
    return {
        "mean": Number(plain.excess.mean(), 1, "mean of nine scores less a third, percentage points", _NINE),
        "r3": Number(plain.excess[best], 1, f"{best}: score less a third, percentage points", row),
        "r3_low": Number(ends["lower"], 1, f"{best}: lower {end}", row),
        "r3_high": Number(ends["upper"], 1, f"{best}: upper {end}", row),
        "z": Number(plain.z.max(), 1, f"{far}, no noise", _NINE),
        "z_noisy": Number(noisy.z.max(), 1, f"{far}, {_NOISY}", _NINE),
        "p_noisy": Number(p_noisy.min(), 3, f"{least} {holm}, {_NOISY}", _NINE),
        "p_three": Number(p_three.min(), 2, f"{least} {holm}, three points of noise", _NINE),
        "above": Number((p <= 0.05).sum(), 0, f"{count} {holm}, no noise", _NINE),
        "above_noisy": Number((p_noisy <= 0.05).sum(), 0, f"{count} {holm}, {_NOISY}", _NINE),
    }


def _rounds():
    """Return the three rounds taken together, and how closely the smaller scores hug chance."""
    together, spread = cells.pooled_rounds(), cells.smaller_cells()
    few, source = together.loc["few-shot"], f"{_NINE}, few-shot"
    share, end = "share right over all rounds less a third, points", f"one-sided 95 % end of the excess, {_NOISY}"
    ratio = "mean squared distance from chance, in standard errors, of 63 scores of smaller models"
    less = "chi-square probability that 63 independent guessers scatter as little"
    return {
        "few": Number(few["excess"], 1, f"few-shot: {share}", source),
        "few_low_all": Number(few["lower"], 1, f"few-shot, all rounds: lower {end}", source),
        "few_high_all": Number(few["upper"], 1, f"few-shot, all rounds: upper {end}", source),
        "few_alike": Number(few["p_alike"], 3, "chi-square p-value of equal accuracy in three few-shot rounds", source),
        "zero": Number(together.loc["zero-shot", "excess"], 1, f"zero-shot: {share}", f"{_NINE}, zero-shot"),
        "one": Number(together.loc["one-shot", "excess"], 1, f"one-shot: {share}", f"{_NINE}, one-shot"),
        "ratio": Number(spread["ratio"], 2, ratio, _SMALLER),
        "p_less": Number(spread["p_less"], 3, less, _SMALLER),
    }


def _printed():
    """Return what stands in the tables as it is, or nearly."""
    sets = data.load("nli_test_sets").query("split == 'test'").set_index("benchmark")
    first = sets.loc["anli_r1"]
    commonest = 100 * first[["entailment", "neutral", "contradiction"]].max() / first["examples"]
    people = "per cent of checkers' single answers that equal the final one, round 3"
    usual = "per cent of round 1's questions with the commonest answer"
    prompted = "best later score on round 3 of a model that was only prompted, per cent"
    best = nli_later.verifier_gaps().set_index(["group", "round"]).loc[("prompted only", "round 3")]
    printed = data.load("nli_results").set_index("result_id")["accuracy_pct"]
    hans, gpt3 = "bert_base_hans_not_entailed_fine_tuned", "GPT-3's few-shot score on questions of round 3"
    bert = "of BERT-Base, 100 times fine-tuned on MNLI, on"
    rows = {
        "clean": ("gpt_3_175b_anli_r3_few_shot_2", f"{gpt3} without overlap with its training text, per cent"),
        "dirty": ("gpt_3_175b_anli_r3_few_shot", f"{gpt3}, per cent"),
        "mnli": ("bert_base_mnli_fine_tuned", f"mean score {bert} MNLI, per cent"),
        "hans": (hans, f"mean score {bert} HANS without entailment, per cent"),
        "hans_low": (f"{hans}_2", f"lowest score {bert} HANS without entailment, per cent"),
        "hans_high": (f"{hans}_3", f"highest score {bert} HANS without entailment, per cent"),
    }
    values = {n: Number(printed[row], 1, what, f"nli_results, row {row}") for n, (row, what) in rows.items()}
    return values | {
        "palm": Number(best["accuracy_pct"], 1, prompted, "studies.nli.later.verifier_gaps"),
        "people": Number(sets.loc["anli_r3", "verifier_labels_pct"], 1, people, "nli_test_sets, anli_r3, split test"),
        "largest_class": Number(commonest, 1, usual, "nli_test_sets, anli_r1, split test"),
    }


def _margins():
    """Return what was measured of noise, what the margin of five points shows, and with what power."""
    curve, found = cells.margin_curve().set_index("margin"), cells.detectable_table().set_index("test")
    five, three, thousand = curve.loc[cells.MARGIN], curve.loc[3], found.loc["round 1 or 2"]
    below = "of nine scores, those shown less than five points above chance,"
    chance, power = "per cent of guessers that 1,000 questions show", "studies.nli.cells.margin_curve"
    least, size = "smallest excess found on 1,000 questions, 80 % power, points,", "studies.nli.cells.detectable_table"
    draws = "root mean square over five tasks: distance of GPT-3's two few-shot scores over √2, points"
    wordings = "standard deviation of GPT-3's zero-shot scores on round 3 over six wordings, points"
    again, over = cells.reevaluation()["accuracy_pct"].std(), "points above chance"
    return {
        "draws": Number(cells.draws_noise(), 1, draws, "nli_prompt_noise, rows other worked examples"),
        "wordings": Number(again, 1, wordings, "nli_results, GPT-3 175B, source bigscience_evaluation"),
        "cells": Number(five["cells_0"], 0, f"{below} no noise", _NINE),
        "cells_noise": Number(five["cells_2"], 0, f"{below} {_NOISY}", _NINE),
        **_judged(),
        "power": Number(100 * five["power_0"], 0, f"{chance} below five {over}, no noise", power),
        "power_noise": Number(100 * five["power_2"], 0, f"{chance} below five {over}, {_NOISY}", power),
        "power_three": Number(100 * three["power_0"], 0, f"{chance} below three {over}, no noise", power),
        "power_three_noise": Number(100 * three["power_2"], 0, f"{chance} below three {over}, {_NOISY}", power),
        "seen": Number(thousand["no_noise"], 1, f"{least} no noise", size),
        "seen_noise": Number(thousand["with_noise"], 1, f"{least} {_NOISY}", size),
    }


def _judged():
    """Return what the verdict on the nine scores rests on."""
    mean, worst = claims.little_better().parts
    noise, most = cells.own_noise()
    rule, rows = "studies.nli.claims.little_better", "nli_prompt_noise and nli_results, rows of GPT-3 175B"
    own = "standard deviation of GPT-3's own scores over prompts, points"
    least = "smallest whole margin below which guessing is shown nine times in ten:"
    later = data.load("anli_later").query("model == 'GPT-4'")["accuracy_pct"].max()
    return {
        "noise": Number(noise, 1, f"{own}, pooled", rows),
        "noise_most": Number(most, 1, f"{own}, upper end of its 90 % interval", rows),
        "margin_mean": Number(mean.region.high, 0, f"{least} the mean of nine scores", rule),
        "margin_cell": Number(worst.region.high, 0, f"{least} a single score", rule),
        "mean_low": Number(mean.primary.low, 1, "mean of nine scores less a third: lower 95 % end, points", rule),
        "mean_high": Number(mean.primary.high, 1, "mean of nine scores less a third: upper 95 % end, points", rule),
        "worst_high": Number(worst.primary.high, 1, "largest upper 95 % end of the nine scores' excess, points", rule),
        "gpt4": Number(later, 1, "right answers of GPT-4, round 3, the better of two prompts, per cent", "anli_later"),
    }


def _slopes():
    """Return the points that a tenfold of compute added."""
    table, what = cells.accuracy_slopes(), "least-squares slope of score on log compute, points per tenfold"
    table = table.set_index(["family", "cell"])
    anli = table[table.index.get_level_values("cell").str.startswith("round")]
    own, bloom, rte = anli.loc["GPT-3"], anli.loc["BLOOM"], table.loc[("GPT-3", "RTE, few-shot")]
    gpt3, times = "nli_results, the eight GPT-3 on ANLI in Table H.1", "largest over smallest training compute of the"
    older = "nli_results, the eight GPT-3 on RTE, few-shot, dev"
    other = "nli_results, BLOOM on ANLI, median over prompt wordings"
    rise = "likelihood-ratio statistic, curve from chance over guessing at every size, divided by over-dispersion"
    return {
        "slope_mean": Number(own["slope"].mean(), 1, f"mean of nine series: {what}", gpt3),
        "slope_high": Number(own["slope"].max(), 1, f"largest of nine series: {what}", gpt3),
        "slope_positive": Number((own["low"] > 0).sum(), 0, "of nine slopes' 95 % intervals, those above zero", gpt3),
        "times": Number(own["times"].iloc[0], 0, f"{times} GPT-3 family", gpt3),
        "bloom_low": Number(bloom["slope"].min(), 1, f"smallest of three rounds: {what}", other),
        "bloom_high": Number(bloom["slope"].max(), 1, f"largest of three rounds: {what}", other),
        "bloom_times": Number(bloom["times"].iloc[0], 0, f"{times} BLOOM family", other),
        "rte": Number(rte["slope"], 1, f"RTE, few-shot: {what}", older),
        "rte_low": Number(rte["low"], 1, f"RTE, few-shot: lower 95 % end of the {what}", older),
        "rte_high": Number(rte["high"], 1, f"RTE, few-shot: upper 95 % end of the {what}", older),
        "rise": Number(own.loc["round 3, few-shot", "rise"], 0, rise, f"{gpt3}, round 3, few-shot"),
    }


def _small():
    """Return how far small models trained on ANLI are ahead in round 3."""
    source = "nli_results, rows chosen by studies.nli.later.reference_small_model"
    early, late = (nli_later.reference_small_model(until).loc["round 3"] for until in (CUTOFF, LATEST))
    end = f"one-sided 95 % end, {_NOISY} on each side: {early['model']} less GPT-3's best, round 3"
    values = {
        "xlnet_low": Number(-early["high"], 1, f"lower {end}", source),
        "xlnet_high": Number(-early["low"], 1, f"upper {end}", source),
    }
    for name, row in (("xlnet", early), ("albert", late)):
        lead, times = f"{row['model']} less GPT-3's best, round 3, points", "GPT-3's pretraining compute over that of"
        values |= {
            name: Number(-row["difference"], 1, lead, source),
            f"{name}_times": Number(row["times_less_compute"], 0, f"{times} {row['model']}", source),
        }
    return values


def _uses():
    """Return what more compute added, and what another use did."""
    points, what = nli_later.steps().set_index("step")["points"], "share right over all rounds, points"
    steps = {
        "tuned_small": ("smallest BLOOM, instructed", "BLOOMZ-560M less BLOOM-560M"),
        "bloom_scale": ("BLOOM, smallest to largest", "BLOOM-176B less BLOOM-560M, zero-shot"),
        "examples": ("PaLM, given six examples", "PaLM 540B, few-shot less zero-shot"),
        "votes": ("PaLM, reasons and a vote", "PaLM 540B few-shot, with rationales and vote less without"),
        "scale": ("GPT-3, smallest to largest", "GPT-3 175B less GPT-3 125M, few-shot"),
        "glam": ("GPT-3 to GLaM, no examples", "GLaM 64B/64E less GPT-3 175B, zero-shot"),
        "palm_zero": ("GPT-3 to PaLM, no examples", "PaLM 540B less GPT-3 175B, zero-shot"),
    }
    source = "studies.nli.later.steps"
    values = {n: Number(points[row], 1, f"{how}: {what}", f"{source}, {row}") for n, (row, how) in steps.items()}
    both = points["smallest BLOOM, instructed"] + points["tuned BLOOM, smallest to largest"]
    return values | {"bloom_both": Number(both, 1, f"BLOOMZ-176B less BLOOM-560M: {what}", source)}


def _forecasts():
    """Return how GPT-3's own lines fared with later models."""
    table, source = nli_later.later_forecasts(), "studies.nli.later.later_forecasts"
    beyond = table[table["training_flop"] > _MUCH_LARGER]
    least = beyond["training_flop"].min() / cells.gpt3_cells()["training_flop"].max()
    row = table.set_index(["model", "cell"]).loc[("PaLM 540B", "round 3, few-shot")]
    rule, miss = "later scores, prompted without rationales, compute at least GPT-3's", "outside the 95 % interval of"
    palm, flop = "PaLM 540B, round 3, few-shot, per cent", "more than 2×10²⁴ FLOP"
    return {
        "n_forecasts": Number(len(table), 0, rule, source),
        "families": Number(table["family"].nunique(), 0, f"families of models behind {rule}", source),
        "missed": Number((~table["inside_line"]).sum(), 0, f"{miss} GPT-3's line: {rule}", source),
        "curve_missed": Number((~table["inside_curve"]).sum(), 0, f"{miss} GPT-3's curve from chance: {rule}", source),
        "n_beyond": Number(len(beyond), 0, f"later scores, prompted without rationales, of models with {flop}", source),
        "palm_times": Number(least, 0, f"smallest compute of later models with {flop}, over GPT-3 175B's", source),
        "few_got": Number(row["accuracy_pct"], 1, f"score of {palm}", source),
        "few_low": Number(row["line_low"], 0, f"lower 95 % end of GPT-3's line: {palm}", source),
        "few_high": Number(row["line_high"], 0, f"upper 95 % end of GPT-3's line: {palm}", source),
        "curve_low": Number(row["curve_low"], 0, f"lower 95 % end of GPT-3's curve from chance: {palm}", source),
        "curve_high": Number(row["curve_high"], 0, f"upper 95 % end of GPT-3's curve from chance: {palm}", source),
    }


def _sources():
    """Return how far sources disagree, from one another."""
    apart = nli_later.disagreements()
    tuned = apart.loc[apart["regime"] == "fine-tuned", "spread"]
    what, scores = "spread of a model's scores in one round and setting, points", "studies.nli.later.disagreements"
    return {
        "old_new": Number(tuned.max(), 1, f"largest {what}, fine-tuned", scores),
        "prompts": Number(apart["spread"].max(), 1, f"largest {what}", scores),
    }
