"""The claim of chapter 06: 10⁵ times more computing for 5 % ImageNet error."""

from __future__ import annotations

import numpy as np

from dl_limits.dates import date_of
from dl_limits.studies.imagenet import fits, points, specifications
from dl_limits.verdicts import FAILS, UNDECIDED, Verdict, combine, decide

DECISIVE_RUN = 1e3  # times the largest of the 13 points


def imagenet_compute(evidence="2026"):
    """Return the verdict on "10⁵ times more computing for 5 % ImageNet error".

    Components: the number *reproduces* from the paper's 13 points; it is *robust*
    (the union of the reference intervals lies in the region); it is *attained* as
    said (5 % was reached, and with 10⁴ to 10⁶ times the computing). On the evidence
    to 2026 the claim stays undecided as long as 5 % has not been reached and no run
    was at least 10³ times the largest of the 13 points.
    """
    until = date_of(evidence)
    table = fits.reference_table(until)
    published = fits.published_fit().multiplier(*points.levels()).log10()[0]
    point = table["estimate"].iloc[0]
    low, high = table["low"].min(), table["high"].max()
    largest, region = points.largest_multiple(until), points.claimed_region()
    components = {
        "reproduces": decide(published, published, region),
        "robust": decide(low, high, region),
        "attained": attained(*points.smallest_multiple_at_target(until), region),
    }
    untested = evidence == "2026" and components["attained"] == UNDECIDED and largest < DECISIVE_RUN
    reason = (
        f"The {table.index[0]} give 10^{point:.1f}; the 95 % intervals of {len(table)} fits together leave "
        f"10^{low:.1f} to {f'10^{high:.1f}' if np.isfinite(high) else 'no upper limit'}. "
        "To count as the 10⁵ of the claim, all of it would have to lie within "
        f"10^{region[0]:.0f} to 10^{region[1]:.0f}."
    )
    if untested:
        size = f"{largest:.1f} times the computing of the paper's largest"
        reason += f" The largest documented run since had {size}: no test."
    return Verdict.of(
        "imagenet-compute",
        evidence,
        verdict=UNDECIDED if untested else combine(components),
        components=components,
        numbers=(point, low, high),
        unit="log10 of the multiplier of compute",
        reason=reason,
    )


def attained(reached, tried, region):
    """Return whether a target was attained at the multiple that a claim says.

    Parameters
    ----------
    reached : float
        Smallest multiple (power of ten) at which the target was reached, ``inf`` if never.
    tried : float
        Largest multiple (power of ten) tried without reaching it, ``-inf`` if none.
    region : tuple of float
        Multiples at which the claim expects it.

    Returns
    -------
    str
        Reached inside the region: holds. Reached below or above it, or missed
        beyond it: does not hold. Else undecided: missing it below is what the
        claim expects.
    """
    if np.isfinite(reached):
        return decide(reached, reached, region)
    return FAILS if tried > region[1] else UNDECIDED


def imagenet_compute_alternatives():
    """Judge the part 'robust' by each specification of chapter 06's curve for top-1 error."""
    table = specifications.specifications().where(measure="top-1").estimates()
    region = points.claimed_region()
    return [decide(row.low, row.high, region) for row in table.itertuples()]


CLAIMS = {"imagenet-compute": imagenet_compute}
ALTERNATIVES = {
    "imagenet-compute": (imagenet_compute_alternatives, "data, form, date, estimator, errors; the part 'robust'"),
}
