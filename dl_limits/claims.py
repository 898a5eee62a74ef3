"""The ledger: each claim's decision rule, applied by code.

A claim has a region R of its estimand and an interval I, the union over its named
reference specifications. It *holds* if I lies in R, it *does not hold* if the two
are disjoint, else it is *undecided*. The words come from this module only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from dl_limits import imagenet

SCHEMA_VERSION = "1.0"
HOLDS, FAILS, UNDECIDED, PARTLY = "holds", "does not hold", "undecided", "holds in part"
DATES = {"2020": imagenet.CUTOFF, "2026": imagenet.LATEST}


def decide(low, high, region):
    """Return the mechanical rule's verdict for an interval and a region.

    Parameters
    ----------
    low, high : float
        Ends of the interval I; ``high`` may be ``inf``.
    region : tuple of float
        Ends of R.

    Returns
    -------
    str
        'holds', 'does not hold' or 'undecided'.

    Raises
    ------
    ValueError
        For an end that is not a number, or ends in the wrong order.
    """
    for name, (a, b) in {"interval": (low, high), "region": region}.items():
        if not a <= b:
            raise ValueError(f"{name}: ends must be numbers in order, got {a!r} and {b!r}")
    if low >= region[0] and high <= region[1]:
        return HOLDS
    return FAILS if high < region[0] or low > region[1] else UNDECIDED


def combine(components):
    """Return the verdict of a claim from those of its listed components.

    All alike: that verdict. Some hold and some do not: 'holds in part'. Anything
    else contains something undecided, and so does the claim.
    """
    verdicts = set(components.values())
    if len(verdicts) == 1:
        return verdicts.pop()
    return PARTLY if {HOLDS, FAILS} <= verdicts else UNDECIDED


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict on the evidence of one date.

    Attributes
    ----------
    id, evidence, verdict : str
        Which claim, evidence up to which year, and the rule's word.
    estimate, low, high : float
        Estimate of the first reference specification and the union interval.
    unit, chapter, reason : str
        Unit of the three numbers, where they are derived, one sentence.
    components : dict
        Verdict of each listed component.
    """

    id: str
    evidence: str
    verdict: str
    estimate: float
    low: float
    high: float
    unit: str
    chapter: str
    reason: str
    components: dict


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
    until = _date(evidence)
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


def _date(evidence):
    if evidence not in DATES:
        raise ValueError(f"evidence must be one of {', '.join(DATES)}, not {evidence!r}")
    return DATES[evidence]


CLAIMS = {"imagenet-compute": imagenet_compute}


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
