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
    (the union of the reference intervals lies in the region); it is *attainable*
    (decided only by a run of at least 10³ times the largest of the 13 points).
    """
    until = _date(evidence)
    table = imagenet.reference_table(until)
    point = table["estimate"].iloc[0]
    low, high = table["low"].min(), table["high"].max()
    largest = imagenet.largest_multiple(until)
    components = {
        "reproduces": decide(point, point, IMAGENET_REGION),
        "robust": decide(low, high, IMAGENET_REGION),
        "attainable": _attainable(until, largest),
    }
    reason = (
        f"The paper's points give 10^{point:.1f}; the reference intervals together run from "
        f"10^{low:.1f} to {f'10^{high:.0f}' if np.isfinite(high) else 'no upper limit'}; "
        f"the largest documented run had {largest:.1f} times the computing of their largest."
    )
    return Verdict(
        id="imagenet-compute",
        evidence=evidence,
        verdict=combine(components),
        estimate=round(float(point), 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
        unit="log10 of the multiplier of compute",
        chapter="06_imagenet_extrapolation",
        reason=reason,
        components=components,
    )


def _attainable(until, largest):
    if largest < IMAGENET_DECISIVE_RUN:
        return UNDECIDED
    best = imagenet.documented_models(until)["top1_error_pct"].min()
    return HOLDS if best <= imagenet.levels()[1] else FAILS


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


def verdict_by_width(table, widths, centre=5.0):
    """Shares of a curve's intervals for which the claim holds, fails or is undecided.

    Parameters
    ----------
    table : DataFrame
        From `SpecificationCurve.estimates`, powers of ten.
    widths : array_like
        Half-widths w of the region ``centre ± w``.
    centre : float
        The claimed power of ten.

    Returns
    -------
    DataFrame
        Columns 'holds', 'undecided', 'does not hold', one row a width.
    """
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    rows = []
    for w in widths:
        words = [decide(a, b, (centre - w, centre + w)) for a, b in zip(low, high, strict=True)]
        rows.append([words.count(word) / len(words) for word in (HOLDS, UNDECIDED, FAILS)])
    frame = pd.DataFrame(rows, columns=[HOLDS, UNDECIDED, FAILS])
    frame.insert(0, "half_width", np.asarray(widths, float))
    return frame
