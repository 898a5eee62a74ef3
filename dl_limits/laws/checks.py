"""Checks of arguments that several models share: one clear error, naming argument and place."""

from __future__ import annotations

import numpy as np
import pandas as pd


def positive(values, name):
    """Return `values` as a one-dimensional array of positive, finite numbers.

    Raises
    ------
    ValueError
        Naming the argument and the first position that is wrong.
    """
    array = np.atleast_1d(np.asarray(values, float))
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional")
    bad = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    if len(bad):
        raise ValueError(f"{name} must be positive and finite; position {bad[0]} holds {array[bad[0]]}")
    return array


def choice(value, known, name):
    """Raise ValueError unless `value` is one of `known`."""
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")


def labels(groups):
    """Return `groups` as an array of at least two labels with none missing, or raise ValueError."""
    groups = np.asarray(groups)
    if groups.ndim != 1 or pd.isna(groups).any() or len(pd.unique(groups)) < 2:
        raise ValueError("groups must be one-dimensional, with at least two labels and no missing one")
    return groups


def check_alpha(alpha):
    """Raise ValueError unless `alpha` lies between 0 and 1."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha!r}")
