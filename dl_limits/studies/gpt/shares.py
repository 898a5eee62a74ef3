"""Size or data: which share of the fall in loss from one GPT to the next came from which (Shapley)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from dl_limits.dates import LATEST
from dl_limits.laws import loss as laws_loss
from dl_limits.laws.resampling import percentile_interval
from dl_limits.studies.gpt.family import ACCOUNTS, GENERATIONS, LARGEST, sizes, token_counts, tokens
from dl_limits.studies.scaling import fit, published

LAW_YEARS = {"Kaplan 2020": 2020, "Hoffmann 2022": 2022, "replication 2024": 2024}


def shapley(loss, start, end):
    """Split the fall of a loss of two inputs between them, whatever the order.

    Parameters
    ----------
    loss : callable
        ``loss(params, tokens)``: a number, or an array of draws.
    start, end : tuple of float
        Parameters and tokens before and after.

    Returns
    -------
    tuple
        What parameters and what tokens take off the loss (Shapley 1953: the mean over
        both orders); they add up to the whole.
    """
    (n0, d0), (n1, d1) = start, end
    first, last, size_only, data_only = loss(n0, d0), loss(n1, d1), loss(n1, d0), loss(n0, d1)
    return ((first - size_only) + (data_only - last)) / 2, ((first - data_only) + (size_only - last)) / 2


def published_laws(until=LATEST):
    """Return the published loss laws by name, as functions of a model's sizes and its tokens.

    Returns
    -------
    dict
        ``law((params, non_embedding_params), tokens)`` in nats per token; the replication
        gives an array whose first entry is the estimate and whose others are its resamples.
    """
    kaplan = published.published_law("kaplan_nd")
    hoffmann = published.published_surface("hoffmann_unrounded")
    found = {
        "Kaplan 2020": lambda n, d: kaplan_loss(kaplan, n[1], d),
        "Hoffmann 2022": lambda n, d: laws_loss.loss(hoffmann, n[0], d),
        "replication 2024": lambda n, d: laws_loss.loss(_replication_draws(), n[0], d).to_numpy(),
    }
    return {name: law for name, law in found.items() if LAW_YEARS[name] <= until.year}


def kaplan_loss(p, non_embedding_params, tokens):
    """Return Kaplan's L(N, D), nats per token (Kaplan et al. 2020, equation 1.5)."""
    size = (p["scale_n"] / non_embedding_params) ** (p["alpha_n"] / p["alpha_d"])
    return (size + p["scale_d"] / tokens) ** p["alpha_d"]


@lru_cache
def _replication_draws():
    results = fit.surface()
    return pd.concat([results.params.to_frame().T, results.draws], ignore_index=True)


def size_share(step, law, start_tokens, end_tokens):
    """Return the share of parameters in the predicted fall of the loss over one generation.

    Parameters
    ----------
    step : tuple of str
        One of `STEPS`.
    law : callable
        One of `published_laws`.
    start_tokens, end_tokens : float
        Training tokens of the two models.

    Returns
    -------
    ndarray, shape (m,)
        Estimate first, then resamples where the law has them. Above one: data took away.
    """
    start, end = (sizes(LARGEST[name]) for name in step)
    by_size, by_data = shapley(law, (start, start_tokens), (end, end_tokens))
    return np.atleast_1d(by_size / (by_size + by_data))


@lru_cache
def size_shares(until=LATEST):
    """Return the share of parameters for every law, way of counting and generation.

    Returns
    -------
    DataFrame
        ``step``, ``account``, ``law``, and over the plausible range of tokens
        ``tokens`` and ``estimate`` (at its geometric middle), ``low``, ``high`` (the union
        of the law's 95 % intervals; a law without uncertainty adds none). Kept: do
        not change it in place.
    """
    rows = []
    for step in GENERATIONS:
        for account in ACCOUNTS:
            if account == "effective tokens" and token_counts("all", "repetition_constant", until).empty:
                continue
            for name, law in published_laws(until).items():
                curve = share_curve(step, law, account, until, points=9)
                middle = curve.iloc[len(curve) // 2]
                rows.append(
                    [
                        " to ".join(step),
                        account,
                        name,
                        middle["start_tokens"],
                        middle["estimate"],
                        curve["low"].min(),
                        curve["high"].max(),
                    ]
                )
    return pd.DataFrame(rows, columns=["step", "account", "law", "tokens", "estimate", "low", "high"])


def wide_curves():
    """Return `share_curve` from GPT-2 to GPT-3 for every law, over more tokens of GPT-2 than are plausible."""
    laws = published_laws().items()
    return {name: share_curve(GENERATIONS[1], law, span=(4e9, 1.3e12)) for name, law in laws}


def share_curve(step, law, account="tokens seen", until=LATEST, points=25, span=None):
    """Return the share of parameters as a curve over the tokens of the earlier model.

    Parameters
    ----------
    step, law
        As in `size_share`.
    account : str
        One of `ACCOUNTS`.
    until : Timestamp
        Which reports count.
    points : int
        Points of the curve (odd: the middle one is the geometric middle).
    span : tuple of float, optional
        Other ends of the curve, tokens. By default the plausible range of both models,
        walked through together: the later model's range matters only for GPT-2.

    Returns
    -------
    DataFrame
        ``start_tokens``, ``end_tokens``, ``estimate``, ``low``, ``high``.
    """
    starts, ends = tokens(step[0], account, until), tokens(step[1], account, until)
    grid = [(a, b) for a in np.geomspace(*(span or starts), points) for b in sorted(set(ends))]
    if starts[0] == starts[1] and span is None:  # GPT-1: the range is that of its successor
        grid = [(starts[0], b) for b in np.geomspace(*ends, points)]
    rows = []
    for a, b in grid:
        share = size_share(step, law, a, b)
        low, high = percentile_interval(share[1:], 0.05) if len(share) > 1 else (share[0], share[0])
        rows.append([a, b, share[0], low, high])
    return pd.DataFrame(rows, columns=["start_tokens", "end_tokens", "estimate", "low", "high"])
