"""Claims of chapter 08: little better than chance on ANLI; a huge corpus could not solve NLI."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.dates import CUTOFF, LATEST, date_of
from dl_limits.studies.nli import cells
from dl_limits.studies.nli import later as nli_later
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, Verdict, combine, decide

NOISES = (0.0, cells.NOISE)  # the two named reference specifications of the first claim
LITTLE = (-np.inf, cells.MARGIN)
SHORT_OF_VERIFIERS = (-np.inf, -3.0)
BEHIND = (-np.inf, 0.0)
CEILING = "GPT-3's level as a ceiling"
_NOISES = (0.0, 1.0, 2.0, 3.0, 4.0)  # points of the prompt, for the alternatives
NO_SIZE = {"anli_r1": 1000, "anli_r2": 1000, "anli_r3": 1200}  # whole test sets, where a source states none


def little_better(evidence="2026"):
    """Return the verdict on "little better than chance" performance on adversarial NLI.

    Components: the nine cells of GPT-3 175B. A cell holds if its excess over chance lies below
    5 points, each end of its interval one-sided at 5 %, with and without prompt noise. All
    nine: the claim holds; some: in part; none: as `verdicts.combine` says of the nine.
    """
    table = cells.bounds(NOISES)
    ends = table.groupby("cell", sort=False).agg({"excess": "first", "lower": "min", "upper": "max"})
    components = {cell: decide(row["lower"], row["upper"], LITTLE) for cell, row in ends.iterrows()}
    words = list(components.values())
    alone = int((table.loc[table["noise_sd"] == 0, "upper"] <= cells.MARGIN).sum())
    left = int((cells.below_margin(cells.NOISE) < 0.05).sum())
    margin, noise = f"{cells.MARGIN:g} points", f"{cells.NOISE:g} points"
    reason = (
        f"{words.count(HOLDS)} of the {len(words)} scores of GPT-3 175B are shown to lie less than {margin} above "
        f"chance if the wording may move a score by {noise} ({alone} of the {len(words)} if it may not); "
        f"{words.count(FAILS) or 'none'} {'is' if words.count(FAILS) < 2 else 'are'} shown to lie further above. "
        f"Corrected for nine tests by Holm's method, {left or 'none'} of them would be left."
    )
    if date_of(evidence) == LATEST:
        again = cells.reevaluation()["accuracy_pct"]
        ends_2022 = f"{again.min():.1f} to {again.max():.1f} %"
        reason += f" Asked again in 2022 in {len(again)} wordings (round 3, zero-shot): {ends_2022}."
    return Verdict.of(
        "anli-chance",
        evidence,
        verdict=some_hold(components),
        components=components,
        numbers=(ends["excess"].mean(), ends["lower"].min(), ends["upper"].max()),
        unit="percentage points above chance",
        reason=reason,
    )


def some_hold(components):
    """Return the verdict of a claim on scores that are judged one by one: all hold, or some, in part."""
    words = set(components.values())
    return PARTLY if HOLDS in words and words != {HOLDS} else combine(components)


def corpus_not_enough(evidence="2026"):
    """Return the verdict on "training on an incredibly large corpus couldn't solve it".

    2020: GPT-3's best setting minus one small model fine-tuned on ANLI, by round; holds if
    the upper end is below zero. 2026: the best later model minus the agreement of verifiers,
    prompted models and models trained on ANLI apart; a part holds if the upper end is below
    −3 points in every round. Beside it, whether GPT-3's level is a ceiling: whether no prompted
    model got past it. That agreement is selected, so the claim holds in part at best.
    """
    until = date_of(evidence)
    if date_of(evidence) == CUTOFF:
        table = nli_later.reference_small_model(until)
        components = {r: decide(row["low"], row["high"], BEHIND) for r, row in table.iterrows()}
        closest = table.loc[table["difference"].idxmax()]
        reason = (
            f"{closest['model']}, trained with {closest['times_less_compute']:.0f} times less computing and then "
            f"on ANLI itself, is ahead of GPT-3's best setting in all {len(table)} rounds, "
            f"by {-closest['difference']:.1f} points or more. "
            "This is about GPT-3: it does not show that no corpus can."
        )
        verdict, unit = combine(components), "percentage points, GPT-3 minus a small model"
    else:
        table = nli_later.verifier_gaps()
        components = late_components(table)
        prompted = table[table["group"] == "prompted only"]
        closest = prompted.loc[prompted["round"] == "round 3"].iloc[0]
        reason = (
            f"Prompted models have come from {closest['accuracy_pct'] - closest['past_gpt3']:.1f} to "
            f"{closest['accuracy_pct']:.1f} % on round 3, still {-closest['difference']:.1f} points short of the "
            "agreement of the people who checked the questions. That agreement is selected, "
            "so the claim can hold in part at best."
        )
        word = combine(components)
        without = combine({name: part for name, part in components.items() if name != CEILING})
        reason += f" Without the part on GPT-3's level, added when results were known, the rule would say: {without}."
        verdict, unit = PARTLY if word == HOLDS else word, "percentage points, prompted models minus the verifiers"
    return Verdict.of(
        "nli-corpus",
        evidence,
        verdict=verdict,
        components=components,
        numbers=(closest["difference"], table["low"].min(), table["high"].max()),
        unit=unit,
        reason=reason,
    )


def late_components(gaps):
    """Return the parts of the claim of 2026 from `later.verifier_gaps`."""
    components = {}
    for group, rows in gaps.groupby("group", sort=False):
        words = {row["round"]: decide(row["low"], row["high"], SHORT_OF_VERIFIERS) for _, row in rows.iterrows()}
        components[f"{group}: short of the verifiers"] = combine(words)
    prompted = gaps[gaps["group"] == "prompted only"]
    passed = {row["round"]: decide(row["past_low"], row["past_high"], BEHIND) for _, row in prompted.iterrows()}
    components[CEILING] = combine(passed)
    return components


def without_each_source():
    """Return the parts of the verdict of 2026 with each source left out in turn.

    Returns
    -------
    DataFrame
        ``change`` (the source, by its key), the word of each part and ``verdict``. The last row adds the
        results whose number of examples is not stated, as if they were on the whole test sets.
    """
    every = cells.results()
    cases = {"nothing left out": every}
    later = every[every["benchmark"].isin(cells.ROUNDS) & every["family"].ne("GPT-3") & every["split"].ne("dev")]
    cases |= {source: every[every["source"] != source] for source in sorted(later["source"].unique())}
    sizes = every["benchmark"].astype(str).map(NO_SIZE).astype("Int64")
    cases["with sizes not stated"] = every.assign(examples=every["examples"].fillna(sizes))
    rows = []
    for change, table in cases.items():
        parts = late_components(nli_later.verifier_gaps(table))
        rows.append({"change": change} | parts | {"verdict": combine(parts)})
    return pd.DataFrame(rows)


def anli_chance_alternatives():
    """Judge the nine scores with each amount of noise from the prompt."""
    words = []
    for _, rows in cells.bounds(_NOISES).groupby("noise_sd"):
        parts = {row.cell: decide(row.lower, row.upper, LITTLE) for row in rows.itertuples()}
        words.append(some_hold(parts))
    return words


def nli_corpus_alternatives():
    """Judge the evidence without each source in turn."""
    table = without_each_source().iloc[1:]
    return [PARTLY if word == HOLDS else word for word in table["verdict"]]


CLAIMS = {"anli-chance": little_better, "nli-corpus": corpus_not_enough}
ALTERNATIVES = {
    "anli-chance": (anli_chance_alternatives, "noise of the prompt"),
    "nli-corpus": (nli_corpus_alternatives, "one source left out"),
}
