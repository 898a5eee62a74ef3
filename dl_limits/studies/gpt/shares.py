"""Size or data: which share of the fall in loss from one GPT to the next came from which (Shapley).

GPT-2's tokens were never published, so a share is a curve over them (`share_curve`); for a verdict the
curve becomes a distribution (`share_draws`): every power of two of the plausible range counts alike.
"""

from __future__ import annotations

import zlib
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from dl_limits.dates import LATEST
from dl_limits.laws import loss as laws_loss
from dl_limits.laws.resampling import percentile_interval
from dl_limits.studies.gpt.family import ACCOUNTS, GENERATIONS, LARGEST, sizes, token_counts, tokens
from dl_limits.studies.scaling import fit, published

DRAWS, _SEED = 1000, 2
LAW_YEARS = {"Kaplan 2020, single laws": 2020, "Kaplan 2020": 2020, "Hoffmann 2022": 2022, "replication 2024": 2024}


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
    """Return the published loss laws by name, one a paper, as functions of a model's sizes and its tokens.

    Returns
    -------
    dict
        ``law((params, non_embedding_params), tokens)`` in nats per token; the replication
        gives an array whose first entry is the estimate and whose others are its resamples.
    """
    return {name: law for name, law in laws_by(until).items() if name != "Kaplan 2020, single laws"}


def laws_by(until=LATEST):
    """Return `published_laws` and Kaplan's second set of parameters, that of his laws in one variable; newest last."""
    found = {}
    for name, (loss, printed) in _LAWS.items():
        if LAW_YEARS[name] <= until.year:
            found[name] = partial(_of_law, loss, printed())
    return found


def drawn_laws(until=LATEST):
    """Return `laws_by` with an error each: ``law(sizes, tokens)`` gives the estimate and then `DRAWS` draws.

    The draws are the law's resamples, or its printed parameters within their rounding (`published.as_printed`). The
    spread between laws is not in them.
    """
    found = {}
    for name in laws_by(until):
        loss, printed = _LAWS[name]
        parameters = printed()
        if isinstance(parameters, pd.Series):
            draws = published.as_printed(parameters, DRAWS, np.random.default_rng(_SEED))
            parameters = pd.concat([parameters.to_frame().T, draws], ignore_index=True)
        found[name] = partial(_of_law, loss, parameters)
    return found


def _of_law(loss, parameters, n, d):
    value = loss(parameters, n, d)
    return value.to_numpy() if isinstance(value, pd.Series) else value


def kaplan_loss(p, non_embedding_params, tokens):
    """Return Kaplan's L(N, D), nats per token (Kaplan et al. 2020, equation 1.5)."""
    size = (p["scale_n"] / non_embedding_params) ** (p["alpha_n"] / p["alpha_d"])
    return (size + p["scale_d"] / tokens) ** p["alpha_d"]


def _single_laws():
    parts = {letter: published.published_law(f"kaplan_{letter}") for letter in "nd"}
    named = {"alpha": "exponent", "scale": "scale"}
    return pd.Series({f"{new}_{k}": part[old] for k, part in parts.items() for new, old in named.items()})


@lru_cache
def _replication_draws():
    results = fit.surface()
    return pd.concat([results.params.to_frame().T, results.draws], ignore_index=True)


_BY_KAPLAN, _BY_HOFFMANN = (lambda p, n, d: kaplan_loss(p, n[1], d)), (lambda p, n, d: laws_loss.loss(p, n[0], d))
RESAMPLED = {"replication 2024"}  # laws that come with resamples of their own
_LAWS = {  # the loss of sizes and tokens, and the parameters as printed, or resampled; oldest first
    "Kaplan 2020, single laws": (_BY_KAPLAN, _single_laws),
    "Kaplan 2020": (_BY_KAPLAN, partial(published.published_law, "kaplan_nd")),
    "Hoffmann 2022": (_BY_HOFFMANN, partial(published.published_surface, "hoffmann_unrounded")),
    "replication 2024": (_BY_HOFFMANN, _replication_draws),
}


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
def share_draws(step, account, law, until=LATEST):
    """Return the distribution of the share of parameters by one published law.

    It holds what GPT-1 and GPT-2 may have read (log-uniform over the plausible range), and the error of
    the law: its resamples where it has them; else the rounding of its printed parameters and the spread
    between all laws of a size and a text that were public by then (`between_laws`).

    Parameters
    ----------
    step : tuple of str
        One of `GENERATIONS`.
    account : str
        One of `ACCOUNTS`.
    law : str
        A key of `laws_by`.
    until : Timestamp
        Which reports count.

    Returns
    -------
    ndarray, shape (DRAWS,)
    """
    rng = np.random.default_rng([_SEED, zlib.crc32(f"{step} {account} {law}".encode())])
    ranges = (tokens(name, account, until) for name in step)
    start, end = (np.exp(rng.uniform(*np.log(each), DRAWS)) for each in ranges)
    loss, printed = _LAWS[law]
    parameters = printed()
    if isinstance(parameters, pd.DataFrame):
        parameters, error = parameters.iloc[1 : DRAWS + 1].reset_index(drop=True), 0.0
    else:
        parameters = published.as_printed(parameters, DRAWS, rng)
        error = rng.normal(0, between_laws(step, account, until), DRAWS)
    (n0, m0), (n1, m1) = (sizes(LARGEST[name]) for name in step)
    by_size, by_data = shapley(lambda n, d: loss(parameters, n, d), ((n0, m0), start), ((n1, m1), end))
    return (by_size / (by_size + by_data)).to_numpy() + error


def between_laws(step, account, until=LATEST):
    """Return the standard deviation between the shares of all laws public by then, each at the middle of the tokens."""
    middle = [np.sqrt(np.prod(tokens(name, account, until))) for name in step]
    laws = laws_by(until)
    return float(np.std([size_share(step, law, *middle)[0] for law in laws.values()], ddof=1))


@lru_cache
def size_shares(until=LATEST):
    """Return the share of parameters for every law, way of counting and generation.

    Returns
    -------
    DataFrame
        ``step``, ``account``, ``law`` (the newest last), and of `share_draws` the median
        ``estimate`` and the 95 % ends ``low`` and ``high``. Kept: do not change it in place.
    """
    rows = []
    for step in GENERATIONS:
        for account in accounts(until):
            for law in laws_by(until):
                found = np.quantile(share_draws(step, account, law, until), [0.5, 0.025, 0.975])
                rows.append([" to ".join(step), account, law, *found])
    return pd.DataFrame(rows, columns=["step", "account", "law", "estimate", "low", "high"])


def accounts(until=LATEST):
    """Return the ways of counting data that can be computed from what was public by then."""
    known = not token_counts("all", "repetition_constant", until).empty
    return [account for account in ACCOUNTS if account != "effective tokens" or known]


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
