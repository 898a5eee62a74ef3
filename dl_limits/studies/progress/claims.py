"""The claims that vision and speech entered diminishing returns in 2016-17."""

from __future__ import annotations

import numpy as np

from dl_limits.dates import LATEST, date_of
from dl_limits.studies.progress import rates
from dl_limits.verdicts import UNDECIDED, Verdict, decide

THRESHOLD = 0.67
REGION = (-np.inf, THRESHOLD)
QUANTITIES = {"relative": "share of the error per year", "compute": "per tenfold of computing"}


def verdict_table(until):
    """Return the rule applied to every series and quantity, one row each.

    Parameters
    ----------
    until : Timestamp
        Evidence up to this date.

    Returns
    -------
    DataFrame
        ``series``, ``quantity``, ``estimate`` (of the first method), ``low``, ``high``
        (union of the methods), ``verdict``. Fewer than five records in either period: undecided.
    """
    table = rates.ratios(until)
    grouped = table.groupby(["series", "quantity"], sort=False)
    union = grouped.agg(estimate=("estimate", "first"), low=("low", "min"), high=("high", "max")).reset_index()
    few = [min(rates.record_counts(series, until)) < rates.MIN_RECORDS for series in union["series"]]
    words = [
        UNDECIDED if short else decide(row.low, row.high, REGION)
        for row, short in zip(union.itertuples(), few, strict=True)
    ]
    return union.assign(verdict=words)


def vision(evidence="2026"):
    """Return the verdict on "diminishing returns in 2016-17" for ImageNet.

    Components: the rate of 2018-20 over that of 2012-15 lies below 0.67, as a share of
    the error per year and per tenfold of computing, for top-1 and top-5; every break date
    that is not rejected lies in 2016-17 (undecided without a break at 5 %). Percentage points per year are shown in the
    chapter but decide nothing: they shrink along any falling power law.
    """
    until = date_of(evidence)
    table = verdict_table(until)
    rows = table[table["series"].isin(rates.VISION) & table["quantity"].isin(QUANTITIES)]
    components = {
        f"{row.series.removeprefix('ImageNet ')}, {QUANTITIES[row.quantity]}": row.verdict for row in rows.itertuples()
    }
    _, test, dates = rates.date_set("ImageNet top-1", min(until, rates.DATA_END))
    found = test.pvalue <= 0.05
    components["the date"] = decide(dates.min(), dates.max(), rates.CLAIMED) if found else UNDECIDED
    main = rows.iloc[0]
    reason = (
        f"Per year, the share of the top-1 error removed in 2018–20 was {main.estimate:.2f} times that of 2012–15; "
        f"the intervals together run from {main.low:.2f} to {main.high:.1f}."
    )
    return _verdict("diminishing-vision", evidence, main, reason, components)


def speech(evidence="2026"):
    """Return the same verdict for speech: one component a test set."""
    until = date_of(evidence)
    table = verdict_table(until)
    rows = table[table["series"].isin(rates.SPEECH) & (table["quantity"] == "relative")]
    components = dict(zip(rows["series"], rows["verdict"], strict=True))
    fewest = min(min(rates.record_counts(series, until)) for series in rates.SPEECH)
    least = ", ".join(f"{s} {' and '.join(map(str, rates.record_counts(s, until)))}" for s in rates.SPEECH)
    reason = f"Records in 2012–15 and in 2018–20: {least}. The rule asks for {rates.MIN_RECORDS} in each."
    if fewest >= rates.MIN_RECORDS:
        reason = "Every test set has enough records."
    return _verdict("diminishing-speech", evidence, rows.iloc[0], reason, components)


def _verdict(name, evidence, row, reason, components):
    numbers, unit = (row.estimate, row.low, row.high), f"rate of 2018-20 over rate of 2012-15, {row.series}"
    return Verdict.of(name, evidence, components=components, numbers=numbers, unit=unit, reason=reason)


def diminishing_vision_alternatives():
    """Judge each test, rate and method of chapter 07 alone."""
    table = rates.ratios(LATEST)
    rows = table[table["series"].isin(rates.VISION) & table["quantity"].isin(QUANTITIES)]
    return [decide(row.low, row.high, REGION) for row in rows.itertuples()]


CLAIMS = {"diminishing-vision": vision, "diminishing-speech": speech}
ALTERNATIVES = {
    "diminishing-vision": (diminishing_vision_alternatives, "test, rate, method"),
}
