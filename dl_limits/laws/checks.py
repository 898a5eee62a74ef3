"""Checks of arguments that every public entry shares: one clear error, naming argument and place.

What comes out of a check is a copy: a caller who changes an array later changes no result.
"""

from __future__ import annotations

from decimal import Decimal
from numbers import Integral, Real

import numpy as np
import pandas as pd

SAME = 1e-9  # values nearer than this, relatively, are one value in two roundings
_KINDS = {
    "M": "dates: turn them into numbers first, such as years",
    "m": "spans of time: turn them into numbers first, such as years",
    "c": "complex ones",
    "b": "truth values",
    "U": "text",
    "S": "text",
}


def numbers(values, name, *, ndim=1):
    """Return `values` as a new array of finite real numbers.

    Parameters
    ----------
    values : array_like
        Integers or floating-point numbers, in NumPy, pandas or a list; a scalar counts as one value.
    name : str
        Of the argument, for the message.
    ndim : int
        Dimensions that are wanted.

    Raises
    ------
    ValueError
        For hidden values of a masked array; for dates, complex numbers, truth values and text; for another number
        of dimensions; for values that are missing or not finite, naming the first position.
    """
    array = _real(values, name)
    if ndim == 1:
        array = np.atleast_1d(array)
    if array.ndim != ndim:
        raise ValueError(f"{name} must be {('a number', 'one-dimensional', 'two-dimensional')[ndim]}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = ", ".join(map(str, bad[0]))
        raise ValueError(f"{name} must be finite; position {place} holds {array[tuple(bad[0])]}")
    return array


def positive(values, name):
    """Return `values` as a new one-dimensional array of positive, finite numbers.

    Raises
    ------
    ValueError
        As `numbers`, and naming the first position that is not positive.
    """
    array = np.atleast_1d(_real(values, name))
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional")
    bad = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    if len(bad):
        raise ValueError(f"{name} must be positive and finite; position {bad[0]} holds {array[bad[0]]}")
    return array


def _real(values, name):
    """Return a float copy of what holds real numbers only; missing values become NaN."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} is a masked array with hidden values: leave these rows out first")
    if isinstance(values, pd.DataFrame):
        columns = [_real(values[column], f"{name}[{column!r}]") for column in values]
        return np.column_stack(columns) if columns else np.empty((len(values), 0))
    if isinstance(values, set | frozenset | dict):
        raise ValueError(f"{name} must be a sequence of numbers, not a {type(values).__name__}")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
    if array.dtype.kind in _KINDS and array.size:
        raise ValueError(f"{name} must hold plain numbers, not {_KINDS[array.dtype.kind]}")
    if array.dtype.kind == "O":
        flat = [np.nan if v is None or v is pd.NA else v for v in array.ravel()]
        for v in flat:
            if not isinstance(v, Real | Decimal) or isinstance(v, bool):
                raise ValueError(f"{name} must hold plain numbers, not {type(v).__name__}")
        array = np.array([float(v) for v in flat]).reshape(array.shape)
    return np.array(array, float)


def whole(values, name, least=0):
    """Return `values` as a new one-dimensional array of whole numbers, or raise ValueError.

    Parameters
    ----------
    values : array_like
        Whole numbers; 1000.0 counts as one.
    name : str
        Of the argument.
    least : int
        Smallest that is allowed.
    """
    array = numbers(values, name)
    bad = np.flatnonzero((array < least) | (array != np.round(array)))
    if len(bad):
        raise ValueError(f"{name} must be whole numbers of at least {least}; position {bad[0]} holds {array[bad[0]]}")
    return array.astype(int)


def single(value, name):
    """Return `value` as a finite float, or raise ValueError."""
    return float(numbers(value, name, ndim=0))


def paired(**given):
    """Raise ValueError unless rows that are used together belong together.

    Parameters
    ----------
    **given
        Arguments by name; the first sets the number of rows. None and single values are skipped.

    Raises
    ------
    ValueError
        For unequal lengths, and for pandas objects with unequal indexes: they would be paired by position.
    """
    given = {name: v for name, v in given.items() if v is not None and not isinstance(v, str) and np.ndim(v)}
    first = next(iter(given), None)
    for name, value in given.items():
        if len(value) != len(given[first]):
            raise ValueError(f"{name} has {len(value)} rows, {first} has {len(given[first])}")
    labelled = {name: v.index for name, v in given.items() if isinstance(v, pd.Series | pd.DataFrame)}
    first = next(iter(labelled), None)
    for name, index in labelled.items():
        if not index.equals(labelled[first]):
            raise ValueError(
                f"{name} and {first} have different indexes and would be paired by position: "
                f"align them first, as by {name}.reindex({first}.index), or pass arrays"
            )


def distinct(values):
    """Return how many different values there are among positive ones; those within `SAME` count once."""
    return 1 + int(np.sum(np.diff(np.log(np.sort(values))) > SAME))


def check_varies(values, name):
    """Raise ValueError where `values` are all one value but for rounding."""
    if np.ptp(values) <= SAME * np.abs(values).max():
        raise ValueError(f"{name} does not vary")


def choice(value, known, name):
    """Raise ValueError unless `value` is one of `known`."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(str, known))}, not {value!r}")


def labels(groups, name="groups", least=2):
    """Return `groups` as a new array of labels with none missing, or raise ValueError.

    Parameters
    ----------
    groups : array_like, shape (n,)
        Labels of any kind.
    name : str
        Of the argument.
    least : int
        How many different labels are needed.
    """
    hidden = isinstance(groups, np.ma.MaskedArray) and np.ma.is_masked(groups)
    if not hasattr(groups, "dtype"):  # NumPy would make text of a missing label among strings
        groups = np.array(list(groups), object)
    groups = np.array(groups)
    if groups.ndim != 1 or hidden or pd.isna(groups).any() or len(pd.unique(groups)) < least:
        raise ValueError(f"{name} must be one-dimensional, with at least two labels and no missing one")
    return groups


def codes(groups):
    """Return the labels of `groups` as whole numbers from 0 on, in their order where they have one."""
    return pd.factorize(np.asarray(groups), sort=True)[0]


def check_alpha(alpha):
    """Raise ValueError unless `alpha` lies between 0 and 1."""
    if not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha!r}")


def check_count(n, name, least=1):
    """Raise ValueError unless `n` is a whole number of at least `least`."""
    if not isinstance(n, Integral) or isinstance(n, bool) or n < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {n!r}")
