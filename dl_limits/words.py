"""Numbers as readers see them: rounded so that the last bits of a machine's arithmetic never show, and in words.

What lies exactly half-way between two roundings (12.5 as a whole number) goes up or down by its
last bit, which another processor's linear algebra may set differently. Such ties are common: shares
of small counts, averages of two published values, years and a half. So every number is first moved
away from zero by a ten-millionth of itself. Ties then always round away from zero, and nothing that
short decimals or small counts give lies near a border any more.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

NUDGE = 1e-7
MOST = 0.01  # of the last digit that is kept: long whole numbers must not grow
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
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


@dataclass(frozen=True)
class Number:
    """A number that prose quotes.

    Attributes
    ----------
    value : float
    digits : int or None
        Decimals that are kept; negative for tens, hundreds. None for a date in years: the
        year in which it lies.
    formula : str
        How it comes about, in words.
    source : str
        Where its inputs stand: table and rows, or the function that computes it.

    Raises
    ------
    ValueError
        Where the value has no place in a sentence: not finite.
    """

    value: float
    digits: int | None
    formula: str
    source: str

    def __post_init__(self):
        """Refuse what has no place in a sentence."""
        if not np.isfinite(self.value):
            raise ValueError(f"prose cannot quote {self.value}: {self.formula}")

    @property
    def text(self):
        """The number as prose has it.

        >>> Number(-0.125, 2, "", "").text, Number(24950, -2, "", "").text, Number(2026.9, None, "", "").text
        ('−0.13', '25,000', '2026')
        """
        if self.digits is None:
            return str(int(steady(self.value)))
        return format(rounded(self.value, self.digits), f",.{max(self.digits, 0)}f").replace("-", "−")


def formatted(value, form):
    """Return a value for the cell of a table: by a format specification, a function, or as it is."""
    if form is None:
        return str(value)
    if callable(form):
        return form(value)
    text = said(value, form).replace("-", "−").replace("%", "\u202f%")
    return re.sub(r"e\+?(−?)0*(\d+)$", "\u00a0×\u00a010^\\1\\2", text)


def span(low, high, form):
    """Return intervals as words for the cells of a table: ``'0.56 to 0.64'``; infinite ends are 'no limit'."""
    ends = [[said(v, form).replace("-", "−") if np.isfinite(v) else "no limit" for v in end] for end in (low, high)]
    return [f"{a} to {b}" for a, b in zip(*ends, strict=True)]


def ratio(value):
    """Format a ratio for a table cell: plain up to 10,000, a power of ten beyond."""
    return f"{float(said(float(value), '.2g')):,g}" if value < 1e4 else power_cell(np.log10(value))


def known(form):
    """Return a format for a table cell that is a dash where a number was never published."""
    return lambda value: "–" if pd.isna(value) else formatted(value, form)


def number(value):
    """Return a number for a cell: two digits at least, words for what has no end or is not known."""
    if pd.isna(value):
        return "–"
    if np.isinf(value):
        return "no limit"
    value = steady(float(value))
    return (f"{value:,.0f}" if abs(value) >= 99.5 else f"{value:.2g}").replace("-", "−")


def per_cent(share):
    """Return a share as a number of per cent, without the sign."""
    value = 100 * share
    if not np.isfinite(value):
        return number(value)
    return number(rounded(value) if abs(steady(value)) >= 10 else value)


def power_cell(exponent, digits=1):
    """Return ten to a power; there is no raised decimal point, so a broken exponent keeps the caret.

    >>> power_cell(4.93), power_cell(18, 0), power_cell(-np.inf)
    ('10^4.9', '10¹⁸', '0')
    """
    if not np.isfinite(exponent):
        return "0" if exponent < 0 else number(exponent)
    shown = said(float(exponent), f".{digits}f")
    return f"10^{shown}" if digits else f"10{shown.translate(_SUPERSCRIPTS)}"


def fall(slope):
    """Return a slope of the log error as the per cent by which the error falls."""
    return per_cent(1 - np.exp(slope))


def about(value):
    """Return a computed need in two digits: '27,000', 'no limit'."""
    return number(float(f"{value:.2g}"))


def fixed(digits):
    """Return a format with so many decimals; words for what has no end."""
    return lambda value: (
        number(value) if not np.isfinite(value) else said(float(value), f".{digits}f").replace("-", "−")
    )


def in_words(probability):
    """Return a simulated probability in two digits, without claiming certainty."""
    if probability > 0.994:
        return "more than 0.99"
    return said(float(probability), ".2f") if probability > 0.006 else "less than 0.01"


def listing(words, last="and"):
    """Return words as a list in a sentence.

    >>> listing(["x"]), listing(["x", "y"]), listing("abc", "or")
    ('x', 'x and y', 'a, b or c')
    """
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def plain(value):
    """Return a value that JSON can hold: no infinity, no missing value, no number of NumPy's.

    >>> plain({"high": np.inf, "n": np.int64(3)})
    {'high': None, 'n': 3}
    """
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def exactly(properties):
    """Return the JSON Schema of an object with these properties, no more and no fewer."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def print_utf8():
    """Let this process print UTF-8; characters that a name or path of this system hides are shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
