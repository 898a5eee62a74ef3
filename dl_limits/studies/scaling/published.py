"""Loss laws as they were printed."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.laws.loss import SURFACE_PARAMETERS, power_law


def published_law(name):
    """Return the printed parameters of a one-variable law or projection, by name.

    Parameters
    ----------
    name : str
        A value of ``law`` in the table ``loss_laws``, such as ``'kaplan_n'``.

    Raises
    ------
    ValueError
        For a law that is not in the table.
    """
    return _printed("loss_laws", "law", name)


def published_surface(name):
    """Return ``E``, ``A``, ``B``, ``alpha``, ``beta`` of a published fit of the surface.

    Parameters
    ----------
    name : str
        A value of ``fit`` in the table ``loss_surfaces``; printed logarithms are undone.

    Raises
    ------
    ValueError
        For a fit that is not in the table, or that has no surface.
    """
    printed = _printed("loss_surfaces", "fit", name)
    for key in ("E", "A", "B"):
        if f"log_{key}" in printed:
            printed[key] = np.exp(printed[f"log_{key}"])
    if not set(SURFACE_PARAMETERS) <= set(printed.index):
        raise ValueError(f"{name!r} has no surface, only {', '.join(printed.index)}")
    return printed[list(SURFACE_PARAMETERS)]


def _printed(table, column, name):
    rows = data.load(table)
    if name not in set(rows[column]):
        raise ValueError(f"{column} must be one of {', '.join(sorted(set(rows[column])))}, not {name!r}")
    rows = rows[rows[column] == name]
    return pd.Series(rows["value"].to_numpy(float), rows["parameter"].astype(str).to_numpy())


def as_printed(values, draws, rng):
    """Return draws of printed parameters that would have been rounded to the same digits.

    Parameters
    ----------
    values : Series
        Parameters as printed.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame, shape (draws, len(values))
        Each uniform over half a unit of its last printed digit on either side. A zero at the end, lost in
        a number, counts as not printed: the draws are then wider.
    """
    # No law is printed with more than seven digits: what lies behind them is arithmetic.
    half = values.map(lambda value: 0.5 * 10.0 ** Decimal(f"{value:.7g}").normalize().as_tuple().exponent)
    shift = rng.uniform(-1, 1, (draws, len(values)))
    return pd.DataFrame(values.to_numpy(float) + shift * half.to_numpy(float), columns=values.index)


def gpt3_law(pf_days):
    """Return L = 2.57 C**-0.048, C in petaFLOP/s-days (Brown et al. 2020, figure 3.1)."""
    law = published_law("gpt3_c")
    return law["coefficient"] * pf_days ** -law["exponent"]


def conjectured_end():
    """Return compute (petaFLOP/s-days) and loss (nats per token) at which Kaplan's laws contradict each other.

    There L(C_min) meets the loss that the data of compute-efficient training allow,
    L(D(C_min)) with D = 4e10 C_min**0.26 (equations 1.2, 1.3 and 6.7). Their conjecture:
    the loss at this point may be a rough estimate of the entropy of text. Equation 6.8
    prints about 1e4 and 1.7 and calls both highly uncertain; the printed parameters
    give a point about ten times further out.
    """
    compute, text, growth = (published_law(n) for n in ("kaplan_cmin", "kaplan_d", "kaplan_data_growth"))
    slope = compute["exponent"] - growth["p"] * text["exponent"]
    offset = compute["exponent"] * np.log(compute["scale"]) - text["exponent"] * np.log(text["scale"] / growth["d_1"])
    pf_days = float(np.exp(offset / slope))
    return pf_days, float(power_law(pf_days, **compute))
