"""The claim that progress is becoming economically, technically and environmentally unsustainable."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from dl_limits.dates import date_of
from dl_limits.studies.cost import runs, trends
from dl_limits.verdicts import LIKELY, UNDECIDED, UNLIKELY, Analysis, Part, Power, Region, Threshold, Verdict, combine
from dl_limits.words import in_words

LIKELY_REGION = Region(LIKELY, 1.0, wrong_below=UNLIKELY)
ECONOMIC, ENERGY = "0.1 % of US GDP", "1 TWh"
_LEAST = 5  # runs that a trend needs
_MONEY, _POWER = "economically", "environmentally"
_MOST_YEARS, _TRIALS, _POWER_WANTED = 6, 20, 0.8  # of `years_needed`


def unsustainable(evidence="2026"):
    """Return the verdict on "economically, technically, and environmentally unsustainable".

    Parts: *economically*, a training run passes 0.1 % of US GDP by the end of 2030, if trends held;
    *environmentally*, one uses 1 TWh; *technically* has no definition in the source and is not testable. Whether
    such a bill is sustainable is a judgement that no rule makes. The estimand is the probability that a *run*
    passes, drawn with scatter and arrivals (`runs.passes`), not that the trend line does. Primary: costs with the
    hardware written off (what a run uses up) and chips at rated power; rental prices and the beginning of 2030
    are other analyses.
    """
    until = date_of(evidence)
    parts = _parts(until)
    money, power = parts[0].primary, parts[2].primary
    then = (
        f"and one of 1 TWh with {in_words(power.estimate)}"
        if power
        else "and nobody had measured the energy of enough runs"
    )
    reason = (
        f"If trends held, a training run passes a thousandth of the US economy by 2030 with probability "
        f"{in_words(money.estimate)}, {then}."
    )
    newest = [runs.frontier_costs("amortised", until)["published"].max(), runs.energies(until)["published"].max()]
    return Verdict.of(
        "unsustainable",
        evidence,
        parts,
        unit="probability, if trends held",
        reason=reason,
        brief=f"If trends held, a run passes the mark by 2030: probability {in_words(money.estimate)}.",
        evidence_to=max(date for date in newest if date == date),
    )


@cache
def _parts(until):
    table = runs.chances(until).set_index(["mark", "basis"])
    analyses = {
        mark: [
            _probability(f"{basis}, before {year}", table.loc[(mark, basis), column])
            for basis in table.loc[[mark]].index.get_level_values("basis")
            for column, year in (("by_end", 2031), ("by_start", 2030))
        ]
        for mark in (ECONOMIC, ENERGY)
        if mark in table.index.get_level_values("mark")
    }
    money = analyses[ECONOMIC]
    power = analyses.get(ENERGY, [])
    parts = [
        Part(_MONEY, LIKELY_REGION, money[0], tuple(money[1:])),
        Part("technically"),
        Part(_POWER, LIKELY_REGION, *(power[:1] or [None]), tuple(power[1:])),
    ]
    return [replace(part, needs=_needs(part.name, until)) if part.kind else part for part in parts]


def _chance(name, table, until, rng):
    """Return the probability that a run passes the mark of a part, few draws."""
    if name == _MONEY:
        return runs.economic(table, trends.SHARES[ECONOMIC], 2031.0, until, rng, 400)
    return runs.passes(table, trends.TWH, 2031.0, rng, draws=400)


def _history(name, until):
    return runs.frontier_costs("amortised", until) if name == _MONEY else runs.energies(until)


def _needs(name, until):
    """Return in words what would decide an undecided part."""
    table = _history(name, until)
    if len(table) < _LEAST:
        return f"the energy of {_LEAST} runs, told in one way"
    years = years_needed(table, lambda more, rng: _chance(name, more, until, rng))
    if years is None:
        return f"more than {_MOST_YEARS} further years of documented runs like those so far"
    return f"about {years} further year{'s' * (years > 1)} of documented runs like those so far"


def years_needed(table, chance, seed=0):
    """Return after how many more years a probability would be decided with 80 % power, if runs come as they came.

    Parameters
    ----------
    table : DataFrame
        ``year`` (rising) and ``value`` of the runs so far.
    chance : callable
        ``chance(table, rng)``: the probability that longer histories give.
    seed : int

    Returns
    -------
    int or None
        None where not even the longest history tried decides it so often.
    """
    rng = np.random.default_rng(seed)
    for years in range(1, _MOST_YEARS + 1):
        times, values, real = runs.futures(table, table["year"].iloc[-1] + years, rng, _TRIALS)
        words = []
        for when, what, there in zip(times, np.exp(values), real, strict=True):
            more = pd.DataFrame({"year": when[there], "value": what[there]})
            share = chance(pd.concat([table[["year", "value"]], more], ignore_index=True), rng)
            words.append(LIKELY_REGION.word(share, share))
        if np.mean([word != UNDECIDED for word in words]) >= _POWER_WANTED:
            return years
    return None


def _probability(name, share):
    """Return the analysis of a simulated probability; its interval is that of the simulation."""
    half = 1.96 * np.sqrt(share * (1 - share) / (2 * runs.FUTURES))
    return Analysis(name, float(share), float(max(0, share - half)), float(min(1, share + half)))


def _word_at(truth, evidence, rng):
    """Return the word if cost (and energy) had grown by `truth` a year, on the real dates with the real scatter.

    Four tenths of the variance persist with a half-life of a year; the newest value of the line is today's.
    """
    until, words = date_of(evidence), {}
    for name in (_MONEY, _POWER):
        table = _history(name, until)
        if len(table) < _LEAST:
            words[name] = Part(name, LIKELY_REGION).word
            continue
        x, y = table["year"].to_numpy(), np.log(table["value"].to_numpy())
        slope, level = np.polyfit(x - x[-1], y, 1)
        scatter = (y - level - slope * (x - x[-1])).std(ddof=2)
        correlation = 0.4 * 0.5 ** np.abs(x[:, None] - x) + 0.6 * np.eye(len(x))
        drawn = (
            level
            + np.log(truth) * (x - x[-1])
            + scatter * np.linalg.cholesky(correlation) @ rng.standard_normal(len(x))
        )
        found = _chance(name, table.assign(value=np.exp(drawn)), until, rng)
        words[name] = LIKELY_REGION.word(found, found)
    return combine(words)


CLAIMS = {"unsustainable": unsustainable}
THRESHOLDS = {
    "unsustainable": Threshold(
        "it holds if a run passes the mark with probability {} or more, and is wrong if with one minus that or less",
        lambda parts: LIKELY_REGION.low,
        lambda part, value, own: Region(value, 1.0, wrong_below=min(value, UNLIKELY - (value - LIKELY))),
        tuple(np.arange(50, 100) / 100),
        in_words,
    )
}
POWER = {
    "unsustainable": Power(
        # threefold a year and more was the fear; at the border the chance is about one half; costs that no longer grow
        lambda evidence: {"inside": 6.0, "border": 2.5, "outside": 1.0},
        _word_at,
        "scatter of runs about the line, of which four tenths persist with a half-life of a year; arrivals",
    )
}
