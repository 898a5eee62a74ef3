"""The ledger: each claim of the article as a pure function that returns its `Verdict`.

The rule and its words are in `dl_limits.verdicts`. Claims of other chapters live in
rooms of their own (``claims_<topic>``) and are entered in `CLAIMS` here.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from dl_limits import claims_cost, claims_progress, imagenet
from dl_limits.verdicts import DATES, FAILS, UNDECIDED, Verdict, combine, date_of, decide

SCHEMA_VERSION = "1.0"
IMAGENET_REGION = (4.0, 6.0)
IMAGENET_DECISIVE_RUN = 1e3


def imagenet_compute(evidence="2026"):
    """Return the verdict on "10⁵ times more computing for 5 % ImageNet error".

    Components: the number *reproduces* from the paper's 13 points; it is *robust*
    (the union of the reference intervals lies in the region); it is *attained* as
    said (5 % was reached, and with 10⁴ to 10⁶ times the computing). On the evidence
    to 2026 the claim stays undecided as long as 5 % has not been reached and no run
    was at least 10³ times the largest of the 13 points.
    """
    until = date_of(evidence)
    table = imagenet.reference_table(until)
    published = imagenet.published_fit().multiplier(*imagenet.levels()).log10()[0]
    point = table["estimate"].iloc[0]
    low, high = table["low"].min(), table["high"].max()
    largest = imagenet.largest_multiple(until)
    components = {
        "reproduces": decide(published, published, IMAGENET_REGION),
        "robust": decide(low, high, IMAGENET_REGION),
        "attained": attained(*imagenet.smallest_multiple_at_target(until), IMAGENET_REGION),
    }
    untested = evidence == "2026" and components["attained"] == UNDECIDED and largest < IMAGENET_DECISIVE_RUN
    reason = (
        f"The {table.index[0]} give 10^{point:.1f}; the 95 % intervals of {len(table)} fits together leave "
        f"10^{low:.1f} to {f'10^{high:.1f}' if np.isfinite(high) else 'no upper limit'}."
    )
    if untested:
        size = f"{largest:.1f} times the computing of the paper's largest"
        reason += f" The largest documented run since had {size}: no test."
    return Verdict(
        id="imagenet-compute",
        evidence=evidence,
        verdict=UNDECIDED if untested else combine(components),
        estimate=round(float(point), 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
        unit="log10 of the multiplier of compute",
        chapter="06_imagenet_extrapolation",
        reason=reason,
        components=components,
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


CLAIMS = {
    "imagenet-compute": imagenet_compute,
    "diminishing-vision": claims_progress.vision,
    "diminishing-speech": claims_progress.speech,
    "unsustainable": claims_cost.unsustainable,
}


def evaluate():
    """Return every claim at both dates.

    Returns
    -------
    DataFrame
        One row a claim and date, the fields of `Verdict`.
    """
    return pd.DataFrame([asdict(claim(e)) for claim in CLAIMS.values() for e in DATES])


def to_json():
    """Return the ledger for other programs: ``{"version", "claims": [...]}``.

    The top level of each claim is the verdict on the evidence to 2026; that of
    2020 is under ``verdict_2020``. Infinite ends are null: JSON has no infinity.
    """
    claims = []
    for claim in CLAIMS.values():
        entry = {k: _plain(v) for k, v in asdict(claim("2026")).items()}
        entry["verdict_2020"] = claim("2020").verdict
        claims.append(entry)
    return {"version": SCHEMA_VERSION, "claims": claims}


def _plain(value):
    return None if isinstance(value, float) and not np.isfinite(value) else value


def thresholds(table, centre=5.0):
    """How the verdict of each reference interval hangs on the width of the region.

    Parameters
    ----------
    table : DataFrame
        ``low``, ``high`` (powers of ten), one row a named fit.
    centre : float
        The claimed power of ten; the region is ``centre ± w``.

    Returns
    -------
    DataFrame
        The rows of `table` and their union, with ``fails_below``: does not hold for
        w smaller than this; ``holds_from``: holds for w at least this (``inf``: never).
    """
    union = pd.DataFrame({"low": [table["low"].min()], "high": [table["high"].max()]}, ["all together"])
    rows = pd.concat([table[["low", "high"]], union])
    below, above = centre - rows["low"], rows["high"] - centre
    rows["fails_below"] = np.maximum(0, np.maximum(-below, -above))
    rows["holds_from"] = np.maximum(0, np.maximum(below, above))
    return rows.rename_axis("fit").reset_index()
