"""How GPT grew: sizes, text, compute; words and the web; the shares of size and of data.

GPT-2's training tokens were never published. Everything that needs them is a range:
the epochs that others reported times the size of its text. What counts as data is a
choice of its own, so three ways of counting are kept apart (`ACCOUNTS`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from dl_limits import data, loss_laws
from dl_limits.estimate import percentile_interval
from dl_limits.surface import LossSurface, same_size
from dl_limits.verdicts import LATEST

LARGEST = {"GPT-1": "gpt_1", "GPT-2": "gpt_2_1542m", "GPT-3": "gpt_3_175b"}
STEPS = (("GPT-1", "GPT-2"), ("GPT-2", "GPT-3"))
ACCOUNTS = ("tokens seen", "effective tokens", "unique text")
LAW_YEARS = {"Kaplan 2020": 2020, "Hoffmann 2022": 2022, "replication 2024": 2024}
_DRAWS = 1000

# ------------------------------------------------------------------ the family


def models():
    """Return the 13 models, largest of each generation marked, with 6ND where tokens are known.

    Returns
    -------
    DataFrame, indexed by model_id
        The table ``gpt_models`` with ``largest`` (bool).
    """
    table = data.load("gpt_models").set_index("model_id")
    return table.assign(largest=table.index.isin(LARGEST.values()))


def growth():
    """Return by how much each axis grew from one generation's largest model to the next.

    Returns
    -------
    DataFrame
        ``step``, ``axis``, ``low``, ``high``: the factor; equal ends where it is known.
    """
    table, rows = models(), []
    for old, new in STEPS:
        a, b = table.loc[LARGEST[old]], table.loc[LARGEST[new]]
        rows.append([f"{old} to {new}", "parameters", *[b["params"] / a["params"]] * 2])
        for account in ACCOUNTS:
            start, end = tokens(old, account), tokens(new, account)
            rows.append([f"{old} to {new}", account, end[0] / start[1], end[1] / start[0]])
        rows.append([f"{old} to {new}", "training compute", *_compute_factor(old, new)])
    return pd.DataFrame(rows, columns=["step", "axis", "low", "high"])


def _compute_factor(old, new):
    flop = {}
    for model in (old, new):
        printed = models().loc[LARGEST[model], "training_flop"]
        others = _counts(model, "training_flop")
        flop[model] = [printed] if others.empty else list(others)
    return min(flop[new]) / max(flop[old]), max(flop[new]) / min(flop[old])


def compute_check():
    """Return C = 6ND (3ND for T5) against the printed compute, all 17 rows of Table D.1.

    Returns
    -------
    DataFrame
        ``model``, ``counted_flop``, ``printed_flop``, ``deviation_pct``.
    """
    gpt = models().query("family == 'GPT-3'")
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


def _counts(item, quantity, until=LATEST):
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
    constant = float(_counts("all", "repetition_constant").iloc[0])
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
    seen = float(models().loc[LARGEST["GPT-3"], "training_tokens"])
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
        Which reports of epochs count. Sizes of texts always count: the texts existed.

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
            "tokens seen": float(models().loc[LARGEST[model], "training_tokens"]),
            "effective tokens": effective_tokens(corpora["tokens"].astype(float), corpora["epochs"]).sum(),
            "unique text": corpora["unique_tokens"].sum(),
        }
        return known[account], known[account]
    text = _counts(model, "tokens_per_epoch")
    epochs = _counts(model, "epochs", until)
    ends = []
    for size, often in ((text.min(), epochs.min()), (text.max(), epochs.max())):
        value = {
            "tokens seen": size * often,
            "effective tokens": effective_tokens(size, often),
            "unique text": size,
        }
        ends.append(float(value[account]))
    return tuple(ends)


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


# ------------------------------------------------------------------ the web


def web_text(year=2020, draws=20_000, seed=0):
    """Return draws of the indexed web's text in a year, in tokens: the published model of 2024 taken there.

    Pages × bytes per page ÷ bytes per token, each lognormal with its published 95 %
    interval, changed by the published growth per year (Villalobos et al. 2022,
    version 2; inputs of their code).
    """
    rng = np.random.default_rng(seed)
    stock = data.load("web_stock").set_index("stock_id")
    counts = data.load("token_counts").set_index("count_id")

    def lognormal(row):
        low, high = np.log([row["low"], row["high"]])
        return np.exp(rng.normal((low + high) / 2, (high - low) / (2 * 1.959964), draws))

    page, token = counts.loc["bytes_per_page"], counts.loc["bytes_per_token"]
    # their code draws 6 less a lognormal of 1 to 4 bytes per token: mirrored, so that 5 is the upper end
    per_token = 6 - lognormal({"low": 6 - token["high"], "high": 6 - token["low"]})
    tokens_2024 = lognormal(stock.loc["web_pages_2024"]) * lognormal(page) / np.maximum(per_token, 0.5)
    yearly = lognormal(stock.loc["growth_pages"]) * lognormal(stock.loc["growth_text"])
    return tokens_2024 * yearly ** (year - int(stock.loc["web_pages_2024", "reference_year"]))


def web_shares(until=LATEST):
    """Return the share of several stocks of text that GPT-3 saw, unique tokens.

    Parameters
    ----------
    until : Timestamp
        Only stocks that were public by then.

    Returns
    -------
    DataFrame
        ``stock``, ``kind``, ``tokens`` and ``share``, ``low``, ``high`` (fractions). 'whole web' is
        an estimate; 'largest crawl' bounds it from above; a 'smaller part' bounds it
        less closely still, however few its words.
    """
    stock = data.load("web_stock").set_index("stock_id")
    counts = data.load("token_counts").set_index("count_id")
    unique = tokens("GPT-3", "unique text")[0]
    page, token = counts.loc["bytes_per_page"], counts.loc["bytes_per_token"]
    per_page = [page[a] / token[b] for a, b in (("value", "value"), ("low", "high"), ("high", "low"))]
    per_word = 1 / counts.loc["words_per_token_epoch", "value"]
    raw, kept = (counts.loc[k, "value"] for k in ("gpt3_text_raw", "gpt3_text_filtered"))
    crawled = data.load("gpt3_training_mix").iloc[0]["tokens"] * raw / kept
    rows = [("Common Crawl, as downloaded", "smaller part", 2020, [crawled] * 3)]
    for key, name, kind, factor in (
        ("cc_urls_2019", "Common Crawl's pages to 2019", "largest crawl", per_page),
        ("cc_words_authors", "the crawl as the authors count it", "smaller part", [per_word] * 3),
        ("fineweb_2016_2019", "its English, strictly filtered", "smaller part", [1] * 3),
        ("refinedweb", "the same to 2023, no page twice", "smaller part", [1] * 3),
        ("google_index_2020", "Google's index of 2020", "whole web", per_page),
        ("cc_text_model_2020", "Common Crawl, model of 2022", "largest crawl", [per_word] * 3),
        ("web_text_model_2022", "indexed web, model of 2022", "whole web", [per_word] * 3),
    ):
        row = stock.loc[key]
        ends = [row["value"], *row[["low", "high"]].fillna(row["value"])]
        rows.append((name, kind, row["stated_year"], [a * b for a, b in zip(ends, factor, strict=True)]))
    draws = web_text()
    rows.append(
        ("indexed web, model of 2024", "whole web", 2024, [np.median(draws), *percentile_interval(draws, 0.05)])
    )
    table = pd.DataFrame([(n, k, *t) for n, k, year, t in rows if year <= until.year])
    table.columns = ["stock", "kind", "tokens", "tokens_low", "tokens_high"]
    return table.assign(
        share=unique / table["tokens"], low=unique / table["tokens_high"], high=unique / table["tokens_low"]
    )


# ------------------------------------------------------------------ size or data?


@lru_cache
def replicated_surface(draws=_DRAWS):
    """Return the surface refitted to the 240 published runs, resampled by size of model.

    Returns
    -------
    LossSurfaceResults
        With its `draws`.
    """
    runs = data.load("chinchilla_runs")
    runs = runs[runs["in_replication"].astype(bool)]
    fit = LossSurface(runs["loss"], runs["params"], runs["tokens"], groups=same_size(runs["params"])).fit()
    fit.bootstrap(draws)
    return fit


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


def laws(until=LATEST):
    """Return the published loss laws by name, as functions of a model's sizes and its tokens.

    Returns
    -------
    dict
        ``law((params, non_embedding_params), tokens)`` in nats per token; the replication
        gives an array whose first entry is the estimate and whose others are its resamples.
    """
    kaplan = loss_laws.published_law("kaplan_nd")
    hoffmann = loss_laws.published_surface("hoffmann_unrounded")
    found = {
        "Kaplan 2020": lambda n, d: kaplan_loss(kaplan, n[1], d),
        "Hoffmann 2022": lambda n, d: loss_laws.loss(hoffmann, n[0], d),
        "replication 2024": lambda n, d: loss_laws.loss(_replication_draws(), n[0], d).to_numpy(),
    }
    return {name: law for name, law in found.items() if LAW_YEARS[name] <= until.year}


def kaplan_loss(p, non_embedding_params, tokens):
    """Return Kaplan's L(N, D), nats per token (Kaplan et al. 2020, equation 1.5)."""
    size = (p["scale_n"] / non_embedding_params) ** (p["alpha_n"] / p["alpha_d"])
    return (size + p["scale_d"] / tokens) ** p["alpha_d"]


@lru_cache
def _replication_draws():
    fit = replicated_surface()
    return pd.concat([fit.params.to_frame().T, fit.draws], ignore_index=True)


@lru_cache
def sizes(model_id):
    """Return parameters and non-embedding parameters of a GPT model."""
    row = models().loc[model_id]
    return float(row["params"]), float(loss_laws.non_embedding_params(float(row["layers"]), float(row["width"])))


def size_share(step, law, start_tokens, end_tokens):
    """Return the share of parameters in the predicted fall of the loss over one generation.

    Parameters
    ----------
    step : tuple of str
        One of `STEPS`.
    law : callable
        One of `laws`.
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
def size_shares(until=LATEST, points=9):
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
    for step in STEPS:
        for account in ACCOUNTS:
            if account == "effective tokens" and _counts("all", "repetition_constant", until).empty:
                continue
            for name, law in laws(until).items():
                curve = share_curve(step, law, account, until, points)
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
