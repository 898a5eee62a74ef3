"""How much of the spread of many answers each choice behind them accounts for."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd


def variance_shares(table, choices, answer="estimate"):
    """Return the share of each choice in the variance of the answers' ranks: its Shapley effect.

    What some choices explain together is the variance of the mean rank over what was chosen for them. The share of
    one choice is what it adds to that, averaged over all orders in which choices can be made known. So what two of
    them do together, or what only their coming together can do because some combinations are missing, is divided
    evenly between them, and the order in which a table names them plays no part.

    Ranks, because an answer may be infinite: a line that never gets there. Ties share their mean rank.

    Parameters
    ----------
    table : DataFrame
        One row an answer; every combination of `choices` at most once.
    choices : sequence of str
        Columns that say what was chosen.
    answer : str
        Column of the answers; infinite ones rank as what they are.

    Returns
    -------
    Series, indexed by choice, largest first
        Shares, not below zero; they add up to one.

    Raises
    ------
    ValueError
        If a combination of choices stands there twice, an answer is missing, or all answers are the same.

    Notes
    -----
    Shapley effects: Owen (2014), "Sobol' indices and Shapley value", SIAM/ASA Journal on Uncertainty Quantification 2,
    245-251; for choices that are not independent, as here, where combinations are missing, Song, Nelson & Staum
    (2016), the same journal 4, 1060-1083.
    """
    choices = list(choices)
    if table[answer].isna().any():
        raise ValueError(f"{answer}: a missing answer has no rank; leave its row out")
    if table.duplicated(choices).any():
        raise ValueError(f"the same choices twice: {tuple(table.loc[table.duplicated(choices), choices].iloc[0])}")
    rank = table[answer].rank()
    total = rank.var(ddof=0)
    if total == 0:
        raise ValueError(f"{answer}: all answers are the same, so nothing can be shared out")

    def explained(chosen):
        means = rank.groupby([table[name] for name in chosen]).transform("mean") if chosen else rank * 0
        return means.var(ddof=0) / total

    known = {frozenset(some): explained(some) for n in range(len(choices) + 1) for some in combinations(choices, n)}
    effects = {}
    for name in choices:
        before = [some for some in known if name not in some]
        weights = [1 / (len(choices) * comb(len(choices) - 1, len(some))) for some in before]
        effects[name] = np.dot(weights, [known[some | {name}] - known[some] for some in before])
    return pd.Series(effects, name="share").sort_values(ascending=False, kind="stable")
