"""How GPT grew: sizes, text, compute; words and the web; the shares of size and of data.

GPT-2's training tokens were never published. Everything that needs them is a range:
the epochs that others reported times the size of its text. What counts as data is a
choice of its own, so three ways of counting are kept apart (`ACCOUNTS`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import LATEST
from dl_limits.laws import loss as laws_loss

LARGEST = {"GPT-1": "gpt_1", "GPT-2": "gpt_2_1542m", "GPT-3": "gpt_3_175b"}
GENERATIONS = (("GPT-1", "GPT-2"), ("GPT-2", "GPT-3"))
ACCOUNTS = ("tokens seen", "effective tokens", "unique text")

# ------------------------------------------------------------------ the family


def family_models():
    """Return the 13 models, largest of each generation marked, with 6ND where tokens are known.

    Returns
    -------
    DataFrame, indexed by model_id
        The table ``gpt_models`` with ``largest`` (bool).
    """
    table = data.load("gpt_models").set_index("model_id")
    return table.assign(largest=table.index.isin(LARGEST.values()))


def growth(until=LATEST):
    """Return by how much each axis grew from one generation's largest model to the next.

    Parameters
    ----------
    until : Timestamp
        Which reports of epochs and of the sizes of texts count.

    Returns
    -------
    DataFrame
        ``step``, ``axis``, ``low``, ``high``: the factor; equal ends where it is known.
    """
    table, rows = family_models(), []
    for old, new in GENERATIONS:
        a, b = table.loc[LARGEST[old]], table.loc[LARGEST[new]]
        rows.append([f"{old} to {new}", "parameters", *[b["params"] / a["params"]] * 2])
        for account in ACCOUNTS:
            start, end = tokens(old, account, until), tokens(new, account, until)
            rows.append([f"{old} to {new}", account, end[0] / start[1], end[1] / start[0]])
        rows.append([f"{old} to {new}", "training compute", *_compute_factor(old, new)])
    return pd.DataFrame(rows, columns=["step", "axis", "low", "high"])


def _compute_factor(old, new):
    flop = {}
    for model in (old, new):
        printed = family_models().loc[LARGEST[model], "training_flop"]
        others = token_counts(model, "training_flop")
        flop[model] = [printed] if others.empty else list(others)
    return min(flop[new]) / max(flop[old]), max(flop[new]) / min(flop[old])


def compute_check():
    """Return C = 6ND (3ND for T5) against the printed compute, all 17 rows of Table D.1.

    Returns
    -------
    DataFrame
        ``model``, ``counted_flop``, ``printed_flop``, ``deviation_pct``.
    """
    gpt = family_models().query("family == 'GPT-3'")
    mine = gpt.assign(params=gpt["params_in_compute"], flop_per_param_token=6)
    keep = ["model", "params", "training_tokens", "flop_per_param_token", "training_flop"]
    rows = pd.concat([data.load("compute_table_d1")[keep], mine[keep]], ignore_index=True)
    counted = rows[["params", "training_tokens", "flop_per_param_token"]].astype(float).prod(axis=1)
    return pd.DataFrame(
        {
            "model": rows["model"],
            "counted_flop": counted,
            "printed_flop": rows["training_flop"],
            "deviation_pct": 100 * (counted / rows["training_flop"] - 1),
        }
    )


# ------------------------------------------------------------------ tokens


def token_counts(item, quantity, until=LATEST):
    """Return the rows of ``token_counts`` for an item and a quantity, stated by then."""
    table = data.load("token_counts")
    keep = (table["item"] == item) & (table["quantity"] == quantity) & (table["stated_year"] <= until.year)
    return table.loc[keep, "value"]


def effective_tokens(unique, epochs):
    """Return what repeated text is worth in tokens never seen before.

    Parameters
    ----------
    unique : float or ndarray
        Different tokens.
    epochs : float or ndarray
        How often each was seen; up to one, a token seen is a token.

    Returns
    -------
    float or ndarray
        U (1 + R* (1 - exp(-R / R*))), R = epochs - 1 (Muennighoff et al. 2023).
    """
    constant = float(token_counts("all", "repetition_constant").iloc[0])
    repeats = np.maximum(np.asarray(epochs, float) - 1, 0)
    seen_once = unique * np.minimum(epochs, 1)
    return seen_once * (1 + constant * -np.expm1(-repeats / constant))


def mix():
    """Return GPT-3's corpora with epochs recomputed from the printed weights.

    Returns
    -------
    DataFrame
        ``dataset``, ``tokens``, ``weight_pct``, ``epochs_printed``, ``epochs``
        (weights scaled to add up to 100), ``unique_tokens`` (seen at least once).
    """
    table = data.load("gpt3_training_mix")
    seen = float(family_models().loc[LARGEST["GPT-3"], "training_tokens"])
    epochs = seen * table["weight_pct"] / table["weight_pct"].sum() / table["tokens"].astype(float)
    unique = table["tokens"].astype(float) * np.minimum(epochs, 1)
    keep = ["dataset", "tokens", "weight_pct", "epochs_printed"]
    return table[keep].assign(epochs=epochs, unique_tokens=unique)


def tokens(model, account="tokens seen", until=LATEST):
    """Return the plausible range of a generation's training tokens.

    Parameters
    ----------
    model : {'GPT-1', 'GPT-2', 'GPT-3'}
        Its largest size.
    account : {'tokens seen', 'effective tokens', 'unique text'}
        Repeats in full, at what they are worth (`effective_tokens`), or not at all.
    until : Timestamp
        Which reports of epochs and of the sizes of texts count. Where no size in tokens was public yet, it is
        converted from words or bytes by the ratio of a text that was (Kaplan et al. 2020, section 2.3).

    Returns
    -------
    tuple of float
        Lowest and highest.
    """
    if account not in ACCOUNTS:
        raise ValueError(f"account must be one of {', '.join(ACCOUNTS)}, not {account!r}")
    if model == "GPT-3":
        corpora = mix()
        known = {
            "tokens seen": float(family_models().loc[LARGEST[model], "training_tokens"]),
            "effective tokens": effective_tokens(corpora["tokens"].astype(float), corpora["epochs"]).sum(),
            "unique text": corpora["unique_tokens"].sum(),
        }
        return known[account], known[account]
    ends = []
    sizes_and_epochs = (_ends(model, kind, until) for kind in ("tokens_per_epoch", "epochs"))
    for size, often in zip(*sizes_and_epochs, strict=True):
        value = {
            "tokens seen": size * often,
            "effective tokens": effective_tokens(size, often),
            "unique text": size,
        }
        ends.append(float(value[account]))
    return tuple(ends)


# What stands in where nothing was counted yet, or nothing at first hand: bounds worked out from what was.
_BOUNDS = {"tokens_per_epoch": "tokens_per_epoch_converted", "epochs": "epochs_by_hardware"}


def _ends(model, quantity, until):
    """Return the smallest and largest count of a quantity, or the bounds that stand in for it."""
    counts = token_counts(model, quantity, until)
    if len(counts):
        return float(counts.min()), float(counts.max())
    table = data.load("token_counts").set_index(["item", "quantity"])
    return tuple(map(float, table.loc[(model, _BOUNDS[quantity]), ["low", "high"]]))


def words(until=LATEST):
    """Return the words that GPT-3 saw, from its authors' ratio and the widest published range.

    Parameters
    ----------
    until : Timestamp
        Before bytes per token were published with an interval, the rounding of the
        authors' ratio (0.7, printed to one decimal) is the range.

    Returns
    -------
    dict
        ``words_per_token`` with ``ratio_low``, ``ratio_high`` (published interval of
        bytes per token over bytes per word); ``seen``, ``low``, ``high`` in words and
        ``unique`` at the same ratio.
    """
    counts = data.load("token_counts").set_index("count_id")
    ratio = counts.loc["words_per_token_gpt3", "value"]
    per_word = counts.loc["bytes_per_word", "value"]
    measured = counts.loc["bytes_per_token"]
    public = measured["stated_year"] <= until.year
    low, high = measured[["low", "high"]] / per_word if public else (ratio - 0.05, ratio + 0.05)
    seen = tokens("GPT-3")[0]
    return {
        "words_per_token": ratio,
        "ratio_low": low,
        "ratio_high": high,
        "seen": seen * ratio,
        "low": seen * low,
        "high": seen * high,
        "unique": tokens("GPT-3", "unique text")[0] * ratio,
    }


@lru_cache
def sizes(model_id):
    """Return parameters and non-embedding parameters of a GPT model."""
    row = family_models().loc[model_id]
    return float(row["params"]), float(laws_loss.non_embedding_params(float(row["layers"]), float(row["width"])))
