"""Claims of chapter 03: state-of-the-art results; ten times more computing brings only modest gains."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import date_of
from dl_limits.studies.tasks import checkpoints, scores, tenfold
from dl_limits.verdicts import (
    FAILS,
    HALF,
    HOLDS,
    Analysis,
    Part,
    Power,
    Region,
    Threshold,
    Verdict,
    combine,
    times_more,
    word_at,
)
from dl_limits.words import about, per_cent

MODEST = Region(high=0.10, wrong_above=0.25)
AT_LEAST_ONE, AT_LEAST_HALF = Region(1.0), Region(HALF)
_GPT3 = pd.Timestamp("2020-05-28")
_SOME, _MOST = "some", "most"
_DATA, _BOTH = "ten times the data, same size", "ten times both"


# ------------------------------------------------------------------ the state of the art


def state_of_the_art(evidence="2026"):
    """Return the verdict on "achieves state-of-the-art results".

    Parts: *some*, at least one task-metric above the printed state of the art; *most*, at least half of them. Counts of
    what the paper prints, so without an interval. Primary counts every task-metric but BLEU, which is scored in
    ways that do not compare; other ways of counting are other analyses.
    """
    date_of(evidence)
    table = scores.record_shares()
    first = table.iloc[0]
    return Verdict.of(
        "state-of-the-art",
        evidence,
        _record_parts(table),
        unit="task-metrics above the printed state of the art",
        reason=(
            f"GPT-3 beats the printed state of the art of fine-tuned models on {first['above']:.0f} of "
            f"{first['of']:.0f} task-metrics."
        ),
        brief=f"It beat the record on {first['above']:.0f} of {first['of']:.0f} measures.",
        evidence_to=_GPT3,
    )


def _record_parts(table):
    counted = table[table["counting"] != "BLEU alone"]
    return [
        Part(name, region, *_exact(counted["counting"], counted[column]))
        for name, region, column in ((_SOME, AT_LEAST_ONE, "above"), (_MOST, AT_LEAST_HALF, "share"))
    ]


def _exact(names, values):
    first, *others = (Analysis(name, *[float(value)] * 3) for name, value in zip(names, values, strict=True))
    return first, tuple(others)


def _records_at(truth, evidence, rng):
    """Return the word if each task-metric had beaten its record with probability `truth`."""
    of = int(scores.record_shares().iloc[0]["of"])
    above = rng.binomial(of, truth)
    table = pd.DataFrame({"counting": ["drawn"], "above": [above], "of": [of], "share": [above / of]})
    return combine({part.name: part.word for part in _record_parts(table)})


# ------------------------------------------------------------------ ten times more


def tenfold_modest(evidence="2026"):
    """Return the verdict on "10X the data and 10X the compute … modest gains on accuracy".

    Estimand: the share of what is missing to a perfect score that the step closes, median over tasks: modest below
    a tenth, not modest above a quarter. Parts: *ten times the data, same size* (the literal words: compute is size
    times data) and *ten times both*. Primary is direct evidence as soon as it is public: checkpoints of the largest
    Pythia, same corpus, recipe and size, whose tokens per parameter are those of GPT-3 with ten times its text; for
    both, from a smaller Pythia to it. Before: the newest loss law, carried to tasks by Table H.1. Other
    analyses: other sizes of Pythia, Falcon beside GPT-3, all laws, lines and settings.
    """
    until = date_of(evidence)
    parts = _tenfold_parts(until)
    found = parts[0].primary
    share = f"{100 * found.estimate:.0f} % of what was missing"
    where = (
        "closed {} on the largest Pythia" if _checkpoints_by(until) else "would close {} by the newest law of the time"
    )
    return Verdict.of(
        "tenfold-modest",
        evidence,
        parts,
        unit="share of the remaining gap, median task",
        reason=(
            f"Ten times the data at the same size {where.format(share)} "
            f"({100 * found.low:.0f} to {100 * found.high:.0f} %)."
        ).replace("-", "−"),
        brief=f"Ten times the data {'closed' if _checkpoints_by(until) else 'would close'} {share}.",
        evidence_to=_checkpoints_by(until) or _newest_law(until),
    )


def _checkpoints_by(until):
    dates = data.published("pythia_checkpoints", data.load("pythia_checkpoints"))
    return dates.max() if dates.max() <= until else None


def _newest_law(until):
    return min(until, _GPT3) if until.year < 2022 else min(until, pd.Timestamp(f"{until.year}-12-31"))


@cache
def _tenfold_parts(until):
    laws = {path: _by_law(until, path) for path in ("data", "both")}
    if not _checkpoints_by(until):
        return [_modest_part(name, *laws[path]) for name, path in ((_DATA, "data"), (_BOTH, "both"))]
    direct = [_checkpoint(f"Pythia {size}", (size, checkpoints.EARLY), (size, checkpoints.LATE)) for size in _sizes()]
    falcon = tenfold.natural_experiment()
    direct.append(Analysis("Falcon-180B beside GPT-3", falcon["estimate"], falcon["low"], falcon["high"]))
    both = _checkpoint(
        f"Pythia {checkpoints.SMALLER} to {checkpoints.SIZE}",
        (checkpoints.SMALLER, checkpoints.EARLY),
        (checkpoints.SIZE, checkpoints.LATE),
    )
    return [_modest_part(_DATA, *direct, *laws["data"]), _modest_part(_BOTH, both, *laws["both"])]


def _sizes():
    return sorted(checkpoints.COMPARED, key=lambda size: size != checkpoints.SIZE)  # the primary first


def _checkpoint(name, first, last, table=None, seed=0):
    table = checkpoints.pairs(first, last) if table is None else table
    grown = table["times_tokens"].iloc[0], table["times_params"].iloc[0]
    # ten times both: the path that both grew along, cut to its half of two powers of ten
    tenfolds = np.log10(grown[0]) if grown[1] == 1 else np.log10(grown[0] * grown[1]) / 2
    estimate, draws = checkpoints.closed_draws(table, np.random.default_rng(seed), tenfolds)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Analysis(name, float(np.clip(estimate, low, high)), float(low), float(high), tuple(draws))


def _by_law(until, path):
    table = tenfold.predicted(until, path)
    names = (f"{row.law}, {row.slope}, {row.setting}-shot" for row in table.itertuples())
    return [
        Analysis(name, float(np.clip(row.estimate, row.low, row.high)), row.low, row.high, tuple(row.draws))
        for name, row in zip(names, table.itertuples(), strict=True)
    ]


def _modest_part(name, first, *others):
    word = MODEST.word(first.low, first.high)
    needs = ""
    if word not in (HOLDS, FAILS):
        border = min((MODEST.high, MODEST.wrong_above), key=lambda end: abs(end - first.estimate))
        more = times_more(first.estimate, first.low, first.high, border)
        ends = f"{100 * MODEST.high:.0f} and {100 * MODEST.wrong_above:.0f} %"
        needs = f"a gain outside the rule’s middle ground: between {ends} it is neither modest nor not"
        if not MODEST.high <= first.estimate <= MODEST.wrong_above:
            needs = f"about {about(more)} times as many tasks, scored on models that differ in their text alone"
    return Part(name, MODEST, first, tuple(others), needs)


def _tenfold_at(truth, evidence, rng):
    """Return the word if each task's gap closed by `truth`, half of that to one and a half times.

    Where checkpoints are the primary analysis, they are drawn anew with the errors of their questions; before, the
    laws err as their intervals say.
    """
    parts = _tenfold_parts(date_of(evidence))
    if not _checkpoints_by(date_of(evidence)):
        return word_at(parts, truth, rng)
    words = {}
    for name, first in (
        (_DATA, (checkpoints.SIZE, checkpoints.EARLY)),
        (_BOTH, (checkpoints.SMALLER, checkpoints.EARLY)),
    ):
        table = checkpoints.pairs(first, (checkpoints.SIZE, checkpoints.LATE))
        shares = np.clip(truth * rng.uniform(0.5, 1.5, len(table) // 2), None, 0.95).repeat(2)  # one for both corpora
        grown = table["times_tokens"] * table["times_params"]
        tenfolds = np.log10(grown) / (1 if name == _DATA else 2)
        after = 1 - (1 - table["before"]) * (1 - shares) ** tenfolds
        noise = [rng.standard_normal(len(table)) * table[error] for error in ("before_error", "after_error")]
        drawn = table.assign(before=table["before"] + noise[0], after=after + noise[1])
        found = _checkpoint("drawn", None, None, drawn, int(rng.integers(2**31)))
        words[name] = MODEST.word(found.low, found.high)
    return combine(words)


CLAIMS = {"state-of-the-art": state_of_the_art, "tenfold-modest": tenfold_modest}
THRESHOLDS = {
    "state-of-the-art": Threshold(
        "“most” means at least {} of the measures",
        lambda parts: AT_LEAST_HALF.low,
        lambda part, value, own: Region(value) if part.name == _MOST else None,
        tuple(np.arange(1, 101) / 100),
        lambda value: f"{per_cent(value)} %",
    ),
    "tenfold-modest": Threshold(
        f"“modest” means at most {{}} of the gap; it is wrong above {MODEST.wrong_above / MODEST.high:g} times that",
        lambda parts: MODEST.high,
        lambda part, value, own: Region(high=value, wrong_above=value * MODEST.wrong_above / MODEST.high),
        tuple(np.arange(1, 61) / 100),
        lambda value: f"{per_cent(value)} %",
    ),
}
POWER = {
    "state-of-the-art": Power(
        lambda evidence: {"inside": 0.8, "border": HALF, "outside": 0.0}, _records_at, "which task-metrics are listed"
    ),
    "tenfold-modest": Power(
        lambda evidence: {"inside": 0.03, "border": MODEST.high, "outside": 0.5},
        _tenfold_at,
        "questions, and gains that differ by half on either side between tasks; of laws, their own errors",
    ),
}
