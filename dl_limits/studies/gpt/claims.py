"""Claims about GPT-3: its text, its size, its scores, and what ten times more would bring."""

from __future__ import annotations

from dl_limits.dates import LATEST, date_of
from dl_limits.studies.gpt import family, web
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.verdicts import HALF, Verdict, between, combine, decide

WORDS_REGION = (1e11, 1e12)
PARAMS_REGION = (1.745e11, 1.755e11)  # 175 billion, as printed
WEB_RULE = (0.10, 0.50)


def gpt3_words(evidence="2026"):
    """Return the verdict on "trained on hundreds of billions of words", "175 billion parameter"."""
    words = family.words(date_of(evidence))
    sizes = family.family_models().loc["gpt_3_175b", ["params", "params_in_compute"]].astype(float)
    components = {
        "words": decide(words["low"], words["high"], WORDS_REGION),
        "parameters": decide(sizes.min(), sizes.max(), PARAMS_REGION),
    }
    return Verdict.of(
        "gpt3-words",
        evidence,
        components=components,
        numbers=(words["seen"] / 1e9, words["low"] / 1e9, words["high"] / 1e9),
        unit="billion words seen in training",
        reason=(
            f"{family.tokens('GPT-3')[0] / 1e9:.0f} billion tokens at {words['words_per_token']:.1f} words each "
            "are "
            f"{words['seen'] / 1e9:.0f} billion words, {words['low'] / 1e9:.0f} to {words['high'] / 1e9:.0f}."
        ),
    )


def whole_internet(evidence="2026"):
    """Return the verdict on "nearly the whole Internet".

    Holds from half of the text of the indexed web of 2020, fails below a tenth. The
    interval is the union over estimates of the whole web and of its largest public
    crawl; a share of a part bounds that of the whole from above, so smaller parts,
    which bound it less closely, do not count.
    """
    shares = web.web_shares(date_of(evidence))
    shares = shares[shares["kind"] != "smaller part"]
    whole = shares[shares["kind"] == "whole web"]
    first = (whole if len(whole) else shares).iloc[-1]
    low, high = shares["low"].min(), shares["high"].max()
    return Verdict.of(
        "whole-internet",
        evidence,
        verdict=between(low, high, *WEB_RULE),
        numbers=(100 * first["share"], 100 * low, 100 * high),
        unit="per cent of the text, unique tokens",
        reason=(
            f"What it read, counted once, is about {100 * first['share']:.2g} % of the text ({first['stock']}); "
            f"all estimates together, {100 * low:.1g} to {100 * high:.1g} %."
        ),
    )


def size_main_difference(evidence="2026"):
    """Return the verdict on "the main difference … was in terms of size" (GPT-2 to GPT-3).

    Size is the number of parameters; the share of the predicted fall of the loss that
    it explains must exceed one half, for every law and every plausible number of
    tokens. One component for each way of counting data.
    """
    table = gpt_shares.size_shares(date_of(evidence))
    table = table[table["step"] == "GPT-2 to GPT-3"]
    components = {
        account: decide(part["low"].min(), part["high"].max(), (HALF, float("inf")))
        for account, part in table.groupby("account", sort=False)
    }
    first = table[(table["account"] == "tokens seen")].iloc[-1]
    return _share_verdict("size-main-difference", evidence, components, first["estimate"], table, "parameters")


def gpts_by_data(evidence="2026"):
    """Return the verdict on "each successive GPT model improved … largely by scaling the training data".

    The share of data must exceed one half in both steps; one component for each step
    and way of counting data.
    """
    table = gpt_shares.size_shares(date_of(evidence))
    table = table.assign(estimate=1 - table["estimate"], low=1 - table["high"], high=1 - table["low"])
    components = {
        f"{step}, {account}": decide(part["low"].min(), part["high"].max(), (HALF, float("inf")))
        for (step, account), part in table.groupby(["step", "account"], sort=False)
    }
    last = table[(table["step"] == "GPT-2 to GPT-3") & (table["account"] == "tokens seen")].iloc[-1]
    return _share_verdict("gpts-by-data", evidence, components, last["estimate"], table, "data")


def _share_verdict(claim, evidence, components, estimate, table, what):
    seen = table[table["account"] == "tokens seen"]
    text = table[table["account"] == "unique text"]
    spans = [f"{100 * part['low'].min():.0f} to {100 * part['high'].max():.0f} %" for part in (seen, text)]
    ends = [span.replace("-", "−") for span in spans]
    return Verdict.of(
        claim,
        evidence,
        components=components,
        numbers=(estimate, table["low"].min(), table["high"].max()),
        unit=f"share of {what} in the predicted fall of the loss",
        reason=(
            f"Share of {what} in the predicted gain: {ends[0]} if data are the tokens seen, "
            f"{ends[1]} if only text never seen before counts."
        ),
    )


def size_main_difference_alternatives():
    """Judge each loss law with each way of counting data."""
    table = gpt_shares.size_shares(LATEST)
    rows = table[table["step"] == "GPT-2 to GPT-3"]
    return [decide(row.low, row.high, (HALF, float("inf"))) for row in rows.itertuples()]


def gpts_by_data_alternatives():
    """Judge each loss law with each way of counting data, both generations together."""
    region = (HALF, float("inf"))
    steps = gpt_shares.size_shares(LATEST).groupby(["account", "law"], sort=False)
    return [combine({r.step: decide(1 - r.high, 1 - r.low, region) for r in rows.itertuples()}) for _, rows in steps]


def whole_internet_alternatives():
    """Judge each estimate of the web's text."""
    shares = web.web_shares(LATEST)
    return [between(row.low, row.high, *WEB_RULE) for row in shares.itertuples()]


CLAIMS = {
    "gpt3-words": gpt3_words,
    "whole-internet": whole_internet,
    "size-main-difference": size_main_difference,
    "gpts-by-data": gpts_by_data,
}
ALTERNATIVES = {
    "size-main-difference": (size_main_difference_alternatives, "loss law, way of counting data"),
    "gpts-by-data": (gpts_by_data_alternatives, "loss law, way of counting data"),
    "whole-internet": (whole_internet_alternatives, "estimate of the web"),
}
