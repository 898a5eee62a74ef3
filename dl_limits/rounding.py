"""One home for rounding: what is shown or compared must not hang on the last bit of some machine's arithmetic.

The share 1/8 is 12.5 %: whether ``f"{12.5:.0f}"`` says 12 or 13 hangs on the bits that another
processor's linear algebra moves. Such values are no accident: counts, years and quarters give
exact ties. `steady` moves every value off these borders, by far more than arithmetic can
err and by far less than anyone can read.
"""

from __future__ import annotations

import pandas as pd
from pandas.api.types import is_float_dtype

NUDGE = 1e-7  # relative; arithmetic errs by 1e-15 to 1e-10, the finest numbers shown have five digits


def steady(value):
    """Return a number a little further from zero, so that a tie always rounds away from it.

    Parameters
    ----------
    value : float or array_like
        About to be rounded or formatted.
    """
    return value * (1 + NUDGE)


def fixed(value, digits):
    """Return a number rounded to so many decimals (or, negative, to tens), never minus zero."""
    return round(float(steady(value)), digits) + 0.0


def text(value, form):
    """Format a number by a format specification such as ``'.2f'``; without the sign of a zero."""
    return format(steady(value), f"z{form}" if form.endswith(("f", "%")) and "z" not in form else form)


def csv(table, digits=5):
    """Return a table as CSV with so many significant digits; what is zero but for the last bits is zero."""

    def cleared(column):
        return column.mask(column.abs() < 1e-9 * column.abs().max(), 0.0) if is_float_dtype(column.dtype) else column

    cleared_table = pd.DataFrame({name: cleared(table[name]) for name in table})
    return cleared_table.to_csv(index=False, float_format=lambda v: text(v, f".{digits}g"), date_format="%Y-%m")
