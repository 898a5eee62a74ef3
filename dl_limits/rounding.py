"""Round and format numbers so that the last bits of a machine's arithmetic never show.

What lies exactly half-way between two roundings (12.5 as a whole number) goes up or down by its
last bit, which another processor's linear algebra may set differently. Such ties are common: shares
of small counts, averages of two published values, years and a half. So every number is first moved
away from zero by a ten-millionth of itself. Ties then always round away from zero, and nothing that
short decimals or small counts give lies near a border any more.
"""

from __future__ import annotations

import re

import numpy as np

NUDGE = 1e-7
MOST = 0.01  # of the last digit that is kept: long whole numbers must not grow
_DECIMALS = re.compile(r"\.(\d+)([f%])$")


def steady(value, unit=np.inf):
    """Move numbers a little away from zero, off the border between two roundings.

    Parameters
    ----------
    value : float or array_like
    unit : float
        What one in the last digit kept is worth; the move is at most a hundredth of it.

    Returns
    -------
    float or ndarray
    """
    return value + np.copysign(np.minimum(NUDGE * np.abs(value), MOST * unit), value)


def rounded(value, digits=0):
    """Return a plain float rounded to `digits` decimals (negative: tens, hundreds), never minus zero.

    >>> rounded(12.5), rounded(0.125, 2), rounded(-0.001, 2), rounded(24950, -2)
    (13.0, 0.13, 0.0, 25000.0)
    """
    return round(float(steady(float(value), 10.0**-digits)), digits) + 0.0


def said(value, form):
    """Format a number as `format` does, but ties away from zero and no minus before zero.

    >>> said(12.5, ".0f"), said(0.125, ".0%"), said(-0.001, ".1f"), said(0.245, ".2g"), said(7, "d")
    ('13', '13%', '0.0', '0.25', '7')
    """
    if not isinstance(value, float | np.floating):
        return format(value, form)
    if not (decimals := _DECIMALS.search(form)):
        return format(float(steady(value)), form)
    unit = 10.0 ** -(int(decimals[1]) + 2 * (decimals[2] == "%"))
    return format(float(steady(value, unit)), re.sub("^[-+ ]?", r"\g<0>z", form))  # z: zero has no sign
