"""Numbers as a page's scripts look them up: few digits, and JSON only."""

from __future__ import annotations

import numpy as np

from dl_limits.words import rounded

SIGNIFICANT = 5


def looked_up(values, digits):
    """Return numbers as nested lists that JSON can hold: null where not finite but 'inf' where unbounded.

    Rounded to so many decimals, and to no more digits than a fit gives on every machine.

    >>> looked_up([1.23456, np.inf, np.nan], 2)
    [1.23, 'inf', None]
    """
    if np.ndim(values):
        return [looked_up(v, digits) for v in values]
    value = float(values)
    if not np.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else None
    size = int(np.floor(np.log10(abs(value)))) if value else 0
    digits = min(digits, SIGNIFICANT - 1 - size)
    return rounded(round(value, digits + 4), digits)  # a tie that is a difference of larger numbers is off by more
