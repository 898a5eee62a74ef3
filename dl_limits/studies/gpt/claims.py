"""Claims about GPT-3's size and text: how much, of how much, and which of the two did more."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import date_of
from dl_limits.studies.gpt import family, shares, web
from dl_limits.studies.scaling import fit
from dl_limits.verdicts import HALF, Analysis, Part, Power, Region, Threshold, Verdict, combine, times_more, word_at
from dl_limits.words import about, number, per_cent, rounded

WORDS_REGION = Region(1e11, 1e12)
PARAMS_REGION = Region(1.745e11, 1.755e11)  # 175 billion, as printed
WEB_RULE = Region(HALF, 1.0, wrong_below=0.10)
LEADS = Region(HALF)
_GPT3 = pd.Timestamp("2020-05-28")  # its paper: sizes, mix of texts, words per token
_EFFECTS = {"effect on the loss, text as seen": "tokens seen", "effect on the loss, unique text": "unique text"}


# ------------------------------------------------------------------ words and parameters


def gpt3_words(evidence="2026"):
    """Return the verdict on "trained on hundreds of billions of words", "175 billion parameter".

    Parts: words seen (tokens seen times words per token), and parameters, printed and as used in the
    paper's own table of compute.
    """
    words = family.words(date_of(evidence))
    return Verdict.of(
        "gpt3-words",
        evidence,
        _words_parts(words, family.family_models().loc["gpt_3_175b", ["params", "params_in_compute"]].astype(float)),
        unit="words seen in training",
        reason=(
            f"{family.tokens('GPT-3')[0] / 1e9:.0f} billion tokens at {words['words_per_token']:.1f} words each are "
            f"about {words['seen'] / 1e9:.0f} billion words."
        ),
        brief=f"It saw about {words['seen'] / 1e9:.0f} billion words in training.",
        evidence_to=_GPT3,
    )


def _words_parts(words, sizes):
    seen = Analysis("tokens seen times words per token", words["seen"], words["low"], words["high"])
    return [
        Part("words seen", WORDS_REGION, seen),
        Part("parameters", PARAMS_REGION, Analysis("as printed", sizes.mean(), sizes.min(), sizes.max())),
    ]


def _words_at(truth, evidence, rng):
    """Return the word if GPT-3 had seen `truth` words and had that share of 175 billion parameters, at most all."""
    words = family.words(date_of(evidence))
    unknown = np.exp(rng.uniform(*np.log([words["low"] / words["seen"], words["high"] / words["seen"]])))
    seen = truth / unknown  # the ratio that the authors print errs by so much
    ends = {end: seen * words[end] / words["seen"] for end in ("low", "high")}
    sizes = pd.Series([1.746e11, 1.75e11]) * min(1.0, truth / WORDS_REGION.low)
    parts = _words_parts({"seen": seen} | ends, sizes)
    return combine({part.name: part.word for part in parts})


# ------------------------------------------------------------------ the Internet


def whole_internet(evidence="2026"):
    """Return the verdict on "nearly the whole Internet".

    One part: the different tokens that GPT-3 saw as a share of the text of the indexed web of 2020.
    Primary is the newest estimate of the whole web that was public and could be turned into tokens by then;
    before there was one, the newest of the largest crawl, and before that the largest part of the web, each of
    which bounds the share from above. Other parts are shown as other analyses.
    """
    until = date_of(evidence)
    table = web.web_shares(until)
    part = _web_part(table)
    return Verdict.of(
        "whole-internet",
        evidence,
        [part],
        unit="share of the text, unique tokens",
        reason=(
            f"What it read, counted once, is about {number(100 * part.primary.estimate)} % of the text "
            f"({part.primary.name})."
        ),
        brief=f"It read about {number(rounded(100 * part.primary.estimate, 2))} % of the web’s text.",
        evidence_to=min(until, pd.Timestamp(f"{table['stated_year'].max()}-12-31")) if len(table) else _GPT3,
    )


def _web_part(table):
    best = next(
        rows for kind in ("whole web", "largest crawl", "smaller part") if len(rows := table[table["kind"] == kind])
    )
    analyses = {row.Index: Analysis(row.stock, row.share, row.low, row.high) for row in table.itertuples()}
    # of estimates the newest; of parts, each of which bounds the share of the whole from above, the largest
    primary = analyses.pop(best["share"].idxmin() if best["kind"].iloc[0] == "smaller part" else best.index[-1])
    needs = "an estimate of the web's text that differs from all of today's by more than tenfold"
    return Part("share of the indexed web", WEB_RULE, primary, tuple(analyses.values()), needs)


def _web_at(truth, evidence, rng):
    return word_at([_web_part(web.web_shares(date_of(evidence)))], truth, rng)


# ------------------------------------------------------------------ size or data


def size_main_difference(evidence="2026"):
    """Return the verdict on "the main difference … was in terms of size" (GPT-2 to GPT-3).

    Parts: *descriptive*, the share of the parameters in the growth of both (on logarithmic scales), with
    each text counted once; and the *effect*, the share of the parameters in the predicted fall of the loss
    (`shares.share_draws`), with the text as seen and with unique text. Primary is the newest published
    law: it rests on the most runs and knew its predecessors.
    """
    until = date_of(evidence)
    growth = family.growth(until).query("step == 'GPT-2 to GPT-3'").set_index("axis")
    size, text = growth.loc["parameters", "low"], growth.loc["unique text"]
    return Verdict.of(
        "size-main-difference",
        evidence,
        _size_parts(until),
        unit="share of the parameters",
        reason=(
            f"GPT-3 had {size:.0f} times the parameters of GPT-2 and {np.sqrt(text['low'] * text['high']):.0f} times "
            "the text; their shares of the gain in loss depend on how text is counted."
        ),
        brief=f"It grew {size:.0f} times; the credit depends on how text is counted.",
        evidence_to=_newest(until),
    )


def gpts_by_data(evidence="2026"):
    """Return the verdict on "each successive GPT model improved … largely by scaling the training data".

    Parts: both steps, with the text as seen and with unique text; the share of data in the predicted fall of
    the loss must exceed one half. Primary as in `size_main_difference`.
    """
    until = date_of(evidence)
    parts = _data_parts(until)
    spans = [f"{100 * p.primary.low:.0f} to {100 * p.primary.high:.0f} %".replace("-", "−") for p in parts]
    return Verdict.of(
        "gpts-by-data",
        evidence,
        parts,
        unit="share of the data in the predicted fall of the loss",
        reason=(
            f"From GPT-2 to GPT-3 data made {spans[2]} of the predicted gain if tokens seen count, {spans[3]} if only "
            "new text does."
        ),
        brief=f"Data made {spans[3]} of GPT-3’s gain if repeats are ignored.",
        evidence_to=_newest(until),
    )


@cache
def _size_parts(until):
    step = " to ".join(family.GENERATIONS[1])
    growth = family.growth(until).query(f"step == '{step}'").set_index("axis")
    size = np.log(growth.loc["parameters", "low"])
    described = {}
    for account in ("unique text", "tokens seen"):
        ends = np.log(growth.loc[account, ["low", "high"]].to_numpy(float))
        low, high = sorted(size / (size + ends))
        described[account] = Analysis(account, size / (size + ends.mean()), low, high)
    first = Part("descriptive, text counted once", LEADS, described.pop("unique text"), tuple(described.values()))
    return [first, *(_effect(name, family.GENERATIONS[1], account, until) for name, account in _EFFECTS.items())]


@cache
def _data_parts(until):
    parts = []
    for step in family.GENERATIONS:
        for account in _EFFECTS.values():
            parts.append(_effect(f"{' to '.join(step)}, {account}", step, account, until, of_data=True))
    return parts


def _effect(name, step, account, until, of_data=False):
    """Return the part on the predicted fall of the loss; to text seen, repeats at what they are worth are an aside."""
    counted = [account] + [a for a in shares.accounts(until) if account == "tokens seen" and a == "effective tokens"]
    analyses = []
    for each in counted:
        for law in reversed(shares.laws_by(until)):
            draws = shares.share_draws(step, each, law, until)
            label = law if each == account else f"{law}, {each}"
            analyses.append(Analysis.of_draws(label, 1 - draws if of_data else draws))
    first, *others = analyses
    factor = times_more(first.estimate, first.low, first.high, HALF)
    behind = len(fit.runs())
    runs = f"about {about(behind * factor)}" if factor < 1e4 else "more than a million"
    needs = f"a law of this form fitted to {runs} training runs (today’s: {behind}), or the makers’ own counts of text"
    return Part(name, LEADS, first, tuple(others), needs)


def _newest(until):
    """Return the date of the newest law or count of tokens that was public by a date."""
    year = max(shares.LAW_YEARS[law] for law in shares.laws_by(until))
    counts = data.load("token_counts")
    year = max(year, int(counts.loc[counts["stated_year"] <= until.year, "stated_year"].max()))
    return min(until, pd.Timestamp(f"{year}-12-31"))


def _shares_at(parts):
    return lambda truth, evidence, rng: word_at(parts(date_of(evidence)), truth, rng)


CLAIMS = {
    "gpt3-words": gpt3_words,
    "whole-internet": whole_internet,
    "size-main-difference": size_main_difference,
    "gpts-by-data": gpts_by_data,
}


def _leading(meaning):
    return Threshold(
        meaning,
        lambda parts: LEADS.low,
        lambda part, value, own: Region(value),
        tuple(np.arange(1, 100) / 100),
        lambda value: f"{per_cent(value)} %",
    )


THRESHOLDS = {
    "whole-internet": Threshold(
        "“nearly the whole” means at least {} of the web’s text, and it is wrong below a fifth of that",
        lambda parts: WEB_RULE.low,
        lambda part, value, own: Region(value, 1.0, wrong_below=value * WEB_RULE.wrong_below / WEB_RULE.low),
        tuple(np.geomspace(1e-4, 1.0, 81)),
        lambda value: f"{number(100 * value)} %",
    ),
    "size-main-difference": _leading("“main” means more than {} of the growth, or of the gain"),
    "gpts-by-data": _leading("“largely” means more than {} of the gain"),
}
_LAW_NOISE = "the law’s own error, or rounding and the spread between laws; the range of tokens"
_SHARES = {"inside": 0.9, "border": HALF, "outside": 0.1}  # nearly all, one half, hardly any
POWER = {
    "gpt3-words": Power(
        lambda evidence: {"inside": 3e11, "border": WORDS_REGION.low, "outside": 1e10},
        _words_at,
        "the printed ratio of words to tokens errs within its range; who read a tenth is a tenth the size",
    ),
    "whole-internet": Power(
        lambda evidence: {"inside": 0.8, "border": HALF, "outside": 0.01},
        _web_at,
        "the error of the estimate of the web",
    ),
    "size-main-difference": Power(lambda evidence: _SHARES, _shares_at(_size_parts), _LAW_NOISE),
    "gpts-by-data": Power(lambda evidence: _SHARES, _shares_at(_data_parts), _LAW_NOISE),
}
