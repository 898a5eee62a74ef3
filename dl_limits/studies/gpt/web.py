"""How large the web's text was, and which share of it GPT-3 read."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import LATEST
from dl_limits.laws.resampling import percentile_interval
from dl_limits.studies.gpt.family import tokens

_ROUNDING = 5e9  # the mix is printed to ten billion tokens


def web_text(year=2020):
    """Return draws of the indexed web's text in a year, in tokens: the published model of 2024 taken there.

    Pages × bytes per page ÷ bytes per token, each lognormal with its published 95 %
    interval, changed by the published growth per year (Villalobos et al. 2022,
    version 2; inputs of their code).
    """
    rng = np.random.default_rng(0)
    stock = data.load("web_stock").set_index("stock_id")
    counts = data.load("token_counts").set_index("count_id")

    def lognormal(row):
        low, high = np.log([row["low"], row["high"]])
        return np.exp(rng.normal((low + high) / 2, (high - low) / (2 * 1.959964), 20_000))

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
        Only stocks that were public by then, and could be turned into tokens by factors public by then.

    Returns
    -------
    DataFrame
        ``stock``, ``kind``, ``stated_year``, ``tokens`` and ``share``, ``low``, ``high`` (fractions). 'whole web' is
        an estimate; 'largest crawl' bounds it from above; a 'smaller part' bounds it
        less closely still, however few its words.
    """
    stock = data.load("web_stock").set_index("stock_id")
    counts = data.load("token_counts").set_index("count_id")
    unique = tokens("GPT-3", "unique text")[0]
    page, token = counts.loc["bytes_per_page"], counts.loc["bytes_per_token"]
    per_page = [page[a] / token[b] for a, b in (("value", "value"), ("low", "high"), ("high", "low"))]
    per_word, of_authors = (1 / counts.loc[row, "value"] for row in ("words_per_token_epoch", "words_per_token_gpt3"))
    measured = int(max(page["stated_year"], token["stated_year"]))  # a factor of a later date is a leak as well
    by_words = int(counts.loc["words_per_token_epoch", "stated_year"])
    raw, kept = (counts.loc[k] for k in ("gpt3_text_raw", "gpt3_text_filtered"))
    filtered = float(data.load("gpt3_training_mix").iloc[0]["tokens"])
    crawled = [
        (filtered + by) * raw[a] / kept[b]  # rounding of the three printed numbers
        for by, a, b in ((0, "value", "value"), (-_ROUNDING, "low", "high"), (_ROUNDING, "high", "low"))
    ]
    rows = [("Common Crawl, as downloaded", "smaller part", 2020, crawled)]
    for key, name, kind, factor, year in (
        ("cc_urls_2019", "Common Crawl's pages to 2019", "largest crawl", per_page, measured),
        ("cc_words_authors", "GPT-3's crawl, its authors' count", "smaller part", [of_authors] * 3, 0),
        ("fineweb_2016_2019", "filtered English pages, 2016–19", "smaller part", [1] * 3, 0),
        ("refinedweb", "filtered pages to 2023, no repeats", "smaller part", [1] * 3, 0),
        ("google_index_2020", "Google's index of 2020", "whole web", per_page, measured),
        ("cc_text_model_2020", "Common Crawl, model of 2022", "largest crawl", [per_word] * 3, by_words),
        ("web_text_model_2022", "indexed web, model of 2022", "whole web", [per_word] * 3, by_words),
    ):
        if key not in stock.index:  # what was read at second hand may be left out (`data.first_hand`)
            continue
        row = stock.loc[key]
        ends = [row["value"], *row[["low", "high"]].fillna(row["value"])]
        rows.append(
            (name, kind, max(int(row["stated_year"]), year), [a * b for a, b in zip(ends, factor, strict=True)])
        )
    draws = web_text()
    rows.append(
        ("indexed web, model of 2024", "whole web", 2024, [np.median(draws), *percentile_interval(draws, 0.05)])
    )
    table = pd.DataFrame([(n, k, year, *t) for n, k, year, t in rows if year <= until.year])
    table.columns = ["stock", "kind", "stated_year", "tokens", "tokens_low", "tokens_high"]
    return table.assign(
        share=unique / table["tokens"], low=unique / table["tokens_high"], high=unique / table["tokens_low"]
    )
