"""The claim of chapter 06: 10⁵ times more computing for 5 % ImageNet error."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import LATEST, date_of
from dl_limits.studies.imagenet import fits, points, specifications, stress
from dl_limits.verdicts import HOLDS, PARTLY, Analysis, Part, Power, Region, Threshold, Verdict, combine
from dl_limits.words import about, number

VERDICT = "the verdict: all documented, with a floor"
DECISIVE_RUN = 1e3  # times the largest of the 13 points
REPRODUCES, DOCUMENTED, ATTAINED = "the number follows from its 13 points", "all documented networks", "attained"
_Z = 1.959964 + 0.841621  # both ends of a 95 % interval, and 80 % power
_RESAMPLES = 4000  # so that the word near a border does not hang on the seed


def imagenet_compute(evidence="2026"):
    """Return the verdict on "10⁵ times more computing for 5 % ImageNet error".

    Parts: the number *follows from its 13 points*; it is what *all documented networks* give; it is *attained* as said
    (5 % was reached, and with 10⁴ to 10⁶ times the compute), which is a part only once 5 % was reached or a run was at
    least 10³ times the largest of the 13 points. Primary for the second: error on training compute over every network
    whose compute is documented and was on record by the date (`recorded_by`), papers resampled whole, with a floor of
    the error where the likelihood asks for one (`stress.multipliers`). Other analyses: the same with the compute that
    was recorded later, and every specification of the chapter's curve for top-1 error.
    """
    until = date_of(evidence)
    parts = _parts(until)
    first, robust = parts[0].primary, parts[1].primary
    high = f"10^{robust.high:.1f}" if np.isfinite(robust.high) else "no limit"
    why = "their errors fit a floor above 5 % as well" if not np.isfinite(robust.high) else "they are few"
    reason = (
        f"The paper’s 13 points give 10^{first.estimate:.1f}; all documented networks leave 10^{robust.low:.1f} to "
        f"{high}: {why}."
    )
    models = recorded_by(points.documented_models(until), until)
    return Verdict.of(
        "imagenet-compute",
        evidence,
        parts,
        unit="log10 of the multiplier of compute",
        reason=reason,
        brief=f"All documented networks leave anything from 10^{robust.low:.1f} times to {high}.",
        evidence_to=models["published"].max(),
    )


@cache
def _parts(until):
    region = Region(*points.claimed_region())
    printed = float(fits.published_fit().multiplier(*points.levels()).log10()[0])
    models = points.documented_models(until)
    known = recorded_by(models, until)
    parts = [
        Part(REPRODUCES, region, Analysis("refitted", printed, printed, printed)),
        _robust_part(known, region, (*_with_later_records(models, known), *_specified())),
    ]
    reached, tried = points.smallest_multiple_at_target(until)
    if np.isfinite(reached) or points.largest_multiple(until) >= DECISIVE_RUN:
        parts.append(attained(reached, tried, region))
    return parts


@cache
def _specified():
    others = specifications.specifications().where(measure="top-1").estimates()
    return tuple(
        Analysis(f"specification {row.Index + 1}", *_inside(row.estimate, row.low, row.high))
        for row in others.itertuples()
    )


def recorded_by(models, until):
    """Return the models whose compute was on record by a date: that of the source of the figure, not of the model.

    A source that gives a year alone counts from its end. Today everything in the table is on record.
    """
    if until >= LATEST:
        return models
    dates = models["compute_source"].fillna(models["source"]).astype(str).map(data.source_dates())
    return models[dates <= until]


def _with_later_records(models, known):
    if len(models) == len(known):
        return ()
    draws, _ = stress.multipliers(models, _RESAMPLES)
    return (Analysis.of_draws(f"with the compute of {len(models) - len(known)} networks recorded later", draws),)


def _inside(estimate, low, high):
    return float(np.clip(estimate, low, high)), float(low), float(high)


def _robust_part(models, region, others=(), n_boot=_RESAMPLES):
    draws, floor = stress.multipliers(models, n_boot)
    name = "with a floor, as the likelihood asks" if floor else "without a floor"
    first = Analysis.of_draws(name, draws)
    return Part(DOCUMENTED, region, first, others, _networks_needed(first, len(models), region))


def _networks_needed(found, n, region):
    """Return how many documented networks would put the interval inside the region, were the truth its middle."""
    low, high = (found.at_rank(rank) for rank in (0.25, 0.75))
    if not np.isfinite(high):
        return f"larger networks: with a floor, no number of networks like today’s {n} sets an upper end"
    times = (_Z * (high - low) / 1.349 / ((region.high - region.low) / 2)) ** 2
    return f"about {about(n * max(1.0, times))} documented networks (today {n})"


def judged_table(until):
    """Return `fits.reference_table` with the interval of the verdict's primary analysis as its last row."""
    primary = _parts(until)[1].primary
    row = {"estimate": primary.estimate, "low": primary.low, "high": primary.high}
    return pd.concat([fits.reference_table(until), pd.DataFrame(row, [VERDICT])])


def attained(reached, tried, region):
    """Return the part on whether a target was attained at the multiple that a claim says.

    Parameters
    ----------
    reached : float
        Smallest multiple (power of ten) at which the target was reached, ``inf`` if never.
    tried : float
        Largest multiple (power of ten) tried without reaching it, ``-inf`` if none.
    region : Region
        Multiples at which the claim expects it.

    Returns
    -------
    Part
        Reached inside the region: holds. Reached below or above it, or missed beyond it: does not hold. Else
        undecided: missing it below is what the claim expects.
    """
    needs = f"5 % reached, or a run of more than 10^{region.high:g} times the compute that misses it"
    if np.isfinite(reached):
        return Part(ATTAINED, region, Analysis("first run at the target", reached, reached, reached), needs=needs)
    return Part(ATTAINED, region, Analysis("not reached so far", np.inf, tried, np.inf), needs=needs)


def _word_at(truth, evidence, rng):
    """Return the word if all documented networks followed one line on which the multiplier is `truth` powers of ten."""
    models = recorded_by(points.documented_models(date_of(evidence)), date_of(evidence))
    start, target = points.levels()
    h = np.log10(models["training_flop"].to_numpy())
    fit = fits.documented_fit(date_of(evidence))
    z = np.log(models["top1_error_pct"].to_numpy())
    resid = z - np.log(fit.predict(models["training_flop"]))
    papers = models["paper"].astype("category").cat.codes.to_numpy()
    # half of the variance shared within a paper
    shared, own = (resid[rng.integers(len(resid), size=n)] for n in (papers.max() + 1, len(resid)))
    slope = np.log(start / target) / truth
    line = z.mean() - slope * (h - h.mean())
    drawn = models.assign(top1_error_pct=np.exp(line + (shared[papers] + own) / np.sqrt(2)))
    part = _robust_part(drawn, Region(*points.claimed_region()), n_boot=200)
    return combine({REPRODUCES: HOLDS, DOCUMENTED: part.word})


CLAIMS = {"imagenet-compute": imagenet_compute}
THRESHOLDS = {
    "imagenet-compute": Threshold(
        "“10⁵ times” means within {} of it",
        lambda parts: (parts[0].region.high - parts[0].region.low) / 2,
        lambda part, value, own: Region(part.region.low + own - value, part.region.high - own + value),
        tuple(np.arange(1, 101) / 20),
        lambda value: f"{number(value)} power{'' if value == 1 else 's'} of ten",
    )
}
POWER = {
    "imagenet-compute": Power(
        lambda evidence: {"inside": 5.0, "border": 6.0, "outside": 9.0},
        _word_at,
        "the real compute and papers; residuals drawn anew, half of the variance shared in a paper; no floor in truth",
        repetitions=100,
        right={"inside": HOLDS, "outside": PARTLY},  # that a number follows from its points stays true
    )
}
