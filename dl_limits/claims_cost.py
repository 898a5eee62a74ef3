"""The claim that progress is becoming economically, technically and environmentally unsustainable."""

from __future__ import annotations

from dl_limits import cost
from dl_limits.rounding import rounded
from dl_limits.verdicts import FAILS, HOLDS, LATEST, UNDECIDED, Verdict, combine, date_of, in_words

LIKELY, UNLIKELY = 0.8, 0.2
YEAR = 2030
_READINGS = ["by_start", "by_end"]  # of "by 2030"
ECONOMIC, ENERGY = "0.1 % of US GDP", "1 TWh"


def decide_probability(low, high):
    """Return the rule's word for an interval of probabilities.

    Above 0.8 throughout: holds. Below 0.2 throughout: does not hold. Else undecided.

    Raises
    ------
    ValueError
        For ends that are not probabilities in order.
    """
    if not 0 <= low <= high <= 1:
        raise ValueError(f"probabilities must lie in order between 0 and 1, got {low!r} and {high!r}")
    if low > LIKELY:
        return HOLDS
    return FAILS if high < UNLIKELY else UNDECIDED


def probabilities(evidence, threshold):
    """Return estimate, low and high of the probability that a run passes a threshold by 2030, if trends held.

    'By 2030' may mean the beginning or the end of that year: both readings and all named
    paths form the interval. None where no path exists on the evidence.
    """
    table = cost.threshold_years(date_of(evidence))
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
    return Verdict(
        id="unsustainable",
        evidence=evidence,
        verdict=combine(components),
        estimate=estimate,
        low=low,
        high=high,
        unit="probability, if trends held",
        chapter="09_cost",
        reason=reason,
        components=components,
    )


def unsustainable_alternatives():
    """Judge each path of cost by both readings of the year; the other parts are undecided in every case."""
    table = cost.threshold_years(LATEST)
    chances = table.loc[table["threshold"] == ECONOMIC, _READINGS].to_numpy().ravel()
    return [decide_probability(p, p) for p in chances]


CLAIMS = {"unsustainable": unsustainable}
ALTERNATIVES = {
    "unsustainable": (unsustainable_alternatives, "path of cost, reading of the year; the part 'economically'"),
}
