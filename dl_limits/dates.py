"""Which day counts as "then" and which as "now", and dates as decimal years."""

from __future__ import annotations

import pandas as pd

CUTOFF = pd.Timestamp("2020-07-31")
LATEST = pd.Timestamp("2026-11-30")
DATES = {"2020": CUTOFF, "2026": LATEST}


def date_of(evidence):
    """Return the last day of publication that evidence may have.

    Parameters
    ----------
    evidence : str
        '2020' (July), '2026' (today), or any day between them as ``YYYY-MM-DD``.

    Raises
    ------
    ValueError
        For anything else.
    """
    if evidence in DATES:
        return DATES[evidence]
    day = pd.to_datetime(evidence, format="%Y-%m-%d", errors="coerce") if isinstance(evidence, str) else pd.NaT
    if not CUTOFF <= day <= LATEST:
        days = f"a day from {CUTOFF:%Y-%m-%d} to {LATEST:%Y-%m-%d}"
        raise ValueError(f"evidence must be one of {', '.join(DATES)}, or {days}, not {evidence!r}")
    return day


def decimal_year(dates):
    """Return dates, of which the month alone is known, as decimal years: 2016.0 is January 2016.

    `dl_limits.inference.record_process.Records` counts the same way, without this module: it knows nothing of the book.
    """
    dates = getattr(dates, "dt", dates)  # a Series or one Timestamp
    return dates.year + (dates.month - 1) / 12


def year_of(published):
    """Return how many whole years after the cut-off each month of publication lies."""
    months = (published.dt.year - CUTOFF.year) * 12 + published.dt.month - CUTOFF.month
    return (months - 1) // 12
