"""The claim that progress is becoming economically, technically and environmentally unsustainable."""

from __future__ import annotations

from dl_limits.dates import LATEST, date_of
from dl_limits.studies.cost import trends
from dl_limits.verdicts import UNDECIDED, Verdict, decide_probability
from dl_limits.words import in_words, rounded

YEAR = 2030
_READINGS = ["by_start", "by_end"]  # of "by 2030"
ECONOMIC, ENERGY = "0.1 % of US GDP", "1 TWh"


def probabilities(evidence, threshold):
    """Return estimate, low and high of the probability that a run passes a threshold by 2030, if trends held.

    'By 2030' may mean the beginning or the end of that year: both readings and all named
    paths form the interval. None where no path exists on the evidence.
    """
    table = trends.threshold_years(date_of(evidence))
    rows = table[table["threshold"] == threshold]
    if not len(rows):
        return None
    both = rows[["by_start", "by_end"]]
    return float(rows["by_end"].iloc[0]), float(both.min().min()), float(both.max().max())


def unsustainable(evidence="2026"):
    """Return the verdict on "economically, technically, and environmentally unsustainable".

    Components: *economically*, a frontier run passes 0.1 % of US GDP by 2030, if trends
    held; *environmentally*, one uses 1 TWh; *technically* has no definition in the source and
    stays undecided. Whether such a bill is sustainable is a judgement that no rule makes.
    """
    money, energy = (probabilities(evidence, threshold) for threshold in (ECONOMIC, ENERGY))
    components = {
        "economically": decide_probability(*money[1:]),
        "technically": UNDECIDED,
        "environmentally": decide_probability(*energy[1:]) if energy else UNDECIDED,
    }
    span = f"{in_words(money[1])} to {in_words(money[2])}"
    reason = f"If trends held from the dearest run on, 0.1 % of US GDP is passed by {YEAR} with probability {span}, "
    reason += f"depending on the path of cost and the reading of “by {YEAR}”"
    reason += (
        f", and 1 TWh with {in_words(energy[1])} to {in_words(energy[2])}."
        if energy
        else "; no series of energy use, measured in one way, had been published."
    )
    estimate, low, high = (rounded(value, 3) for value in money)
    return Verdict.of(
        "unsustainable",
        evidence,
        components=components,
        numbers=(estimate, low, high),
        unit="probability, if trends held",
        reason=reason,
    )


def unsustainable_alternatives():
    """Judge each path of cost by both readings of the year; the other parts are undecided in every case."""
    table = trends.threshold_years(LATEST)
    chances = table.loc[table["threshold"] == ECONOMIC, _READINGS].to_numpy().ravel()
    return [decide_probability(p, p) for p in chances]


CLAIMS = {"unsustainable": unsustainable}
ALTERNATIVES = {
    "unsustainable": (unsustainable_alternatives, "path of cost, reading of the year; the part 'economically'"),
}
