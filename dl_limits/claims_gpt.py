"""Claims about GPT-3: its text, its size, its scores, and what ten times more would bring."""

from __future__ import annotations

from dl_limits import gpt_history, task_scores, tenfold_tasks
from dl_limits.rounding import rounded
from dl_limits.verdicts import FAILS, HOLDS, LATEST, PARTLY, UNDECIDED, Verdict, combine, date_of, decide

WORDS_REGION = (1e11, 1e12)
PARAMS_REGION = (1.745e11, 1.755e11)  # 175 billion, as printed
WEB_RULE = (0.10, 0.50)
HALF = 0.5
MODEST_RULE = (0.10, 0.25)
HISTORY = "02_gpt_scaling_history"
TENFOLD = "03_ten_times_more"


def between(low, high, fails_below, holds_from):
    """Return the verdict of a claim with two thresholds: between them nothing is decided."""
    if low >= holds_from:
        return HOLDS
    return FAILS if high < fails_below else UNDECIDED


def gpt3_words(evidence="2026"):
    """Return the verdict on "trained on hundreds of billions of words", "175 billion parameter"."""
    words = gpt_history.words(date_of(evidence))
    sizes = gpt_history.models().loc["gpt_3_175b", ["params", "params_in_compute"]].astype(float)
    components = {
        "words": decide(words["low"], words["high"], WORDS_REGION),
        "parameters": decide(sizes.min(), sizes.max(), PARAMS_REGION),
    }
    return Verdict(
        id="gpt3-words",
        evidence=evidence,
        verdict=combine(components),
        estimate=rounded(words["seen"] / 1e9, 4),
        low=rounded(words["low"] / 1e9, 4),
        high=rounded(words["high"] / 1e9, 4),
        unit="billion words seen in training",
        chapter=HISTORY,
        reason=(
            f"{gpt_history.tokens('GPT-3')[0] / 1e9:.0f} billion tokens at {words['words_per_token']:.1f} words each "
            "are "
            f"{words['seen'] / 1e9:.0f} billion words, {words['low'] / 1e9:.0f} to {words['high'] / 1e9:.0f}."
        ),
        components=components,
    )


def whole_internet(evidence="2026"):
    """Return the verdict on "nearly the whole Internet".

    Holds from half of the text of the indexed web of 2020, fails below a tenth. The
    interval is the union over estimates of the whole web and of its largest public
    crawl; a share of a part bounds that of the whole from above, so smaller parts,
    which bound it less closely, do not count.
    """
    shares = gpt_history.web_shares(date_of(evidence))
    shares = shares[shares["kind"] != "smaller part"]
    whole = shares[shares["kind"] == "whole web"]
    first = (whole if len(whole) else shares).iloc[-1]
    low, high = shares["low"].min(), shares["high"].max()
    return Verdict(
        id="whole-internet",
        evidence=evidence,
        verdict=between(low, high, *WEB_RULE),
        estimate=rounded(100 * first["share"], 4),
        low=rounded(100 * low, 4),
        high=rounded(100 * high, 4),
        unit="per cent of the text, unique tokens",
        chapter=HISTORY,
        reason=(
            f"What it read, counted once, is about {100 * first['share']:.2g} % of the text ({first['stock']}); "
            f"all estimates together, {100 * low:.1g} to {100 * high:.1g} %."
        ),
        components={},
    )


def size_main_difference(evidence="2026"):
    """Return the verdict on "the main difference … was in terms of size" (GPT-2 to GPT-3).

    Size is the number of parameters; the share of the predicted fall of the loss that
    it explains must exceed one half, for every law and every plausible number of
    tokens. One component for each way of counting data.
    """
    table = gpt_history.size_shares(date_of(evidence))
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
    table = gpt_history.size_shares(date_of(evidence))
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
    return Verdict(
        id=claim,
        evidence=evidence,
        verdict=combine(components),
        estimate=rounded(estimate, 4),
        low=rounded(table["low"].min(), 4),
        high=rounded(table["high"].max(), 4),
        unit=f"share of {what} in the predicted fall of the loss",
        chapter=HISTORY,
        reason=(
            f"Share of {what} in the predicted gain: {ends[0]} if data are the tokens seen, "
            f"{ends[1]} if only text never seen before counts."
        ),
        components=components,
    )


def state_of_the_art(evidence="2026"):
    """Return the verdict on "achieves state-of-the-art results".

    The share of task-metrics whose best setting beats the printed state of the art:
    from one half it holds, above none in part. BLEU is left out.
    """
    date_of(evidence)
    shares = task_scores.record_shares()
    shares = shares[shares["counting"] != "BLEU alone"]
    low, high = shares["share"].min(), shares["share"].max()
    first = shares.iloc[0]
    return Verdict(
        id="state-of-the-art",
        evidence=evidence,
        verdict=above_record(low, high),
        estimate=rounded(first["share"], 4),
        low=rounded(low, 4),
        high=rounded(high, 4),
        unit="share of task-metrics above the printed state of the art",
        chapter=TENFOLD,
        reason=(
            f"GPT-3 beats the printed state of the art of fine-tuned models on {first['above']:.0f} of "
            f"{first['of']:.0f} task-metrics, {100 * first['share']:.0f} %; "
            f"other ways of counting give {100 * low:.1f} to {100 * high:.1f} %."
        ),
        components={},
    )


def above_record(low, high):
    """Return the verdict on a share of records: from one half it holds, above none in part."""
    if low >= HALF:
        return HOLDS
    return FAILS if high == 0 else PARTLY if low > 0 and high < HALF else UNDECIDED


def tenfold_modest(evidence="2026"):
    """Return the verdict on "10X the data and 10X the compute … modest gains on accuracy".

    The share of the remaining gap that ten times the data (at the same size) closes,
    median over non-synthetic accuracy tasks: modest below a tenth, not modest above a
    quarter. Components: predicted from Table H.1 through the loss laws; measured, on the
    one model of GPT-3's size with about ten times its data.
    """
    until = date_of(evidence)
    table = tenfold_tasks.predicted(until)
    low, high = table["low"].min(), table["high"].max()
    components = {"predicted from Table H.1": modest(low, high)}
    reason = (
        f"Ten times the data should close {100 * table['estimate'].iloc[0]:.0f} % of what is missing on the median "
        "task; "
        f"all {len(table)} reference fits together allow {100 * low:.0f} to {100 * high:.0f} %.".replace("-", "−")
    )
    if evidence == "2026":
        model = tenfold_tasks.natural_experiment()
        components["Falcon-180B beside GPT-3"] = modest(model["low"], model["high"])
        reason += (
            f" The one model of its size with {model['times_data']:.1f} times its data closed "
            f"{100 * model['estimate']:.0f} % ({100 * model['low']:.0f} to {100 * model['high']:.0f} %), but differs "
            "in more than data."
        )
    return Verdict(
        id="tenfold-modest",
        evidence=evidence,
        verdict=combine(components),
        estimate=rounded(table["estimate"].iloc[0], 4),
        low=rounded(low, 4),
        high=rounded(high, 4),
        unit="share of the remaining gap, median task",
        chapter=TENFOLD,
        reason=reason,
        components=components,
    )


def modest(low, high):
    """Return whether a share of the gap is modest: below a tenth it is, above a quarter not."""
    if high < MODEST_RULE[0]:
        return HOLDS
    return FAILS if low > MODEST_RULE[1] else UNDECIDED


def size_main_difference_alternatives():
    """Judge each loss law with each way of counting data."""
    table = gpt_history.size_shares(LATEST)
    rows = table[table["step"] == "GPT-2 to GPT-3"]
    return [decide(row.low, row.high, (HALF, float("inf"))) for row in rows.itertuples()]


def gpts_by_data_alternatives():
    """Judge each loss law with each way of counting data, both generations together."""
    region = (HALF, float("inf"))
    steps = gpt_history.size_shares(LATEST).groupby(["account", "law"], sort=False)
    return [combine({r.step: decide(1 - r.high, 1 - r.low, region) for r in rows.itertuples()}) for _, rows in steps]


def whole_internet_alternatives():
    """Judge each estimate of the web's text."""
    shares = gpt_history.web_shares(LATEST)
    return [between(row.low, row.high, *WEB_RULE) for row in shares.itertuples()]


def state_of_the_art_alternatives():
    """Judge each way of counting, BLEU apart."""
    shares = task_scores.record_shares()
    return [above_record(s, s) for s in shares.loc[shares["counting"] != "BLEU alone", "share"]]


def tenfold_modest_alternatives():
    """Judge each loss law with each line and setting."""
    return [modest(row.low, row.high) for row in tenfold_tasks.predicted(LATEST).itertuples()]


CLAIMS = {
    "gpt3-words": gpt3_words,
    "whole-internet": whole_internet,
    "size-main-difference": size_main_difference,
    "gpts-by-data": gpts_by_data,
}
TASK_CLAIMS = {"state-of-the-art": state_of_the_art, "tenfold-modest": tenfold_modest}
ALTERNATIVES = {
    "size-main-difference": (size_main_difference_alternatives, "loss law, way of counting data"),
    "gpts-by-data": (gpts_by_data_alternatives, "loss law, way of counting data"),
    "whole-internet": (whole_internet_alternatives, "estimate of the web"),
}
TASK_ALTERNATIVES = {
    "state-of-the-art": (state_of_the_art_alternatives, "way of counting"),
    "tenfold-modest": (tenfold_modest_alternatives, "loss law, line, setting; the part 'predicted'"),
}
