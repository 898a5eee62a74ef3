"""The numbers that chapter 02 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits import data, dates
from dl_limits.studies.gpt import compute, family, shares, web
from dl_limits.words import Number

_COUNTS = "token_counts"
_GPT3 = "gpt_models, row gpt_3_175b"
_MIX = "gpt3_training_mix, all rows"
_LISTED = "notable_models, all but doubtful rows"


def numbers():
    """Return every number of chapter 02 by name: a dict of `dl_limits.words.Number`."""
    return _growth() | _texts() | _checked() | _shares() | _words() | _web() | _placed() | _doubling() | _bends()


def _growth():
    """Return by how much GPT-3 exceeds GPT-2."""
    last = family.growth().set_index(["step", "axis"]).loc["GPT-2 to GPT-3"]
    seen, text, size = (last.loc[axis] for axis in ("tokens seen", "unique text", "parameters"))
    both = f"{_GPT3}; {_COUNTS}, GPT-2's tokens_per_epoch and epochs"
    different = f"{_MIX}; {_GPT3}; {_COUNTS}, GPT-2's tokens_per_epoch"
    return {
        "seen_low": Number(seen["low"], 1, "tokens GPT-3 saw over the most that GPT-2 may have seen", both),
        "seen_high": Number(seen["high"], 1, "tokens GPT-3 saw over the fewest that GPT-2 may have seen", both),
        "unique_growth": Number(
            text.mean(), 0, "different tokens GPT-3 saw over GPT-2's: mean of lowest and highest", different
        ),
        "params_growth": Number(
            size["low"], 0, "parameters, GPT-3 over GPT-2", "gpt_models, rows gpt_3_175b, gpt_2_1542m"
        ),
    }


def _texts():
    """Return what was reported of the texts of GPT-2 and GPT-3."""
    value = data.load("token_counts").set_index("count_id")["value"]
    rows = {
        "gpt2_gb": ("gpt2_text", 1, 0, "size of GPT-2's text, GB"),
        "gpt3_gb": ("gpt3_text_filtered", 1, 0, "size of GPT-3's filtered web text, GB"),
        "epochs_low": ("gpt2_epochs_carlini", 1, 0, "epochs of GPT-2, as Carlini et al. report"),
        "epochs_mid": ("gpt2_epochs_komatsuzaki_low", 1, 0, "epochs of GPT-2, lower end of Komatsuzaki's range"),
        "epochs_high": ("gpt2_epochs_komatsuzaki_high", 1, 0, "epochs of GPT-2, upper end of Komatsuzaki's range"),
        "gpt2_tokens": ("gpt2_tokens_per_epoch", 1e9, 1, "estimated length of GPT-2's text, billion tokens"),
        "replica": ("openwebtext_tokens", 1e9, 1, "length of the public replica of GPT-2's text, billion tokens"),
    }
    crawl, size = data.load("gpt3_training_mix")["tokens"].max(), 1e9 * value["gpt3_text_filtered"]
    kept = 100 * value["gpt3_text_filtered"] / value["gpt3_text_raw"]
    a_token = f"{_COUNTS}, row gpt3_text_filtered; gpt3_training_mix, row Common Crawl (filtered)"
    downloaded = f"{_COUNTS}, rows gpt3_text_filtered and gpt3_text_raw"
    return {
        n: Number(value[row] / unit, d, what, f"{_COUNTS}, row {row}") for n, (row, unit, d, what) in rows.items()
    } | {
        "bytes": Number(size / crawl, 1, "bytes of GPT-3's filtered web text per token", a_token),
        "kept": Number(kept, 1, "per cent of the downloaded bytes that passed the filter", downloaded),
    }


def _checked():
    """Return how well six operations a parameter and token reproduce the printed compute."""
    deviation, source = family.compute_check()["deviation_pct"], "compute_table_d1; gpt_models, family GPT-3"
    what = "largest error of six operations per parameter and token (T5: three), per cent of printed compute"
    return {
        "rows": Number(len(deviation), 0, "models whose training compute the GPT-3 paper prints", source),
        "worst": Number(deviation.abs().max(), 1, what, source),
    }


def _shares():
    """Return the shares of size in the gain from GPT-2 to GPT-3."""
    source = "studies.gpt.shares.size_shares"
    table = shares.size_shares().query("step == 'GPT-2 to GPT-3'").set_index(["account", "law"])
    then = shares.size_shares(dates.CUTOFF).query("step == 'GPT-2 to GPT-3'").set_index(["account", "law"])
    newest, kaplan = table.loc[("unique text", "replication 2024")], then.loc[("unique text", "Kaplan 2020")]
    curve = shares.wide_curves()["replication 2024"]
    even = curve.loc[(curve["estimate"] - 0.5).abs().idxmin(), "start_tokens"]
    what = "share of size in the predicted gain from GPT-2 to GPT-3, unique text, {}, per cent: {}"
    ends = {"share_unique": "estimate", "share_low": "low", "share_high": "high"}
    named = {"estimate": "median", "low": "lower 95 % end", "high": "upper 95 % end"}
    half = "billion tokens GPT-2 saw at which size's share is nearest one half, replicated law"
    least = "smallest lower 95 % end of size's share in the predicted gain, tokens seen, all laws, per cent"
    return {
        "share_seen": Number(100 * table.loc["tokens seen", "low"].min(), 0, least, source),
        "cross": Number(even / 1e9, 0, half, "studies.gpt.shares.wide_curves"),
        **{
            name: Number(100 * newest[end], 0, what.format("replicated law", named[end]), source)
            for name, end in ends.items()
        },
        **{
            f"kaplan_{name}": Number(100 * kaplan[end], 0, what.format("Kaplan's law, as of 2020", named[end]), source)
            for name, end in ends.items()
        },
    }


def _words():
    """Return GPT-3's words and tokens."""
    words, mix, seen = family.words(), family.mix(), family.tokens("GPT-3")[0]
    printed, measured = f"{_COUNTS}, row words_per_token_gpt3", f"{_COUNTS}, rows bytes_per_token and bytes_per_word"
    unique = f"{_MIX}; {_GPT3}; {printed}"
    return {
        "ratio": Number(words["words_per_token"], 1, "words per token, as the authors say", printed),
        "ratio_low": Number(words["ratio_low"], 1, "bytes per token, lower 95 % end, over bytes per word", measured),
        "ratio_high": Number(words["ratio_high"], 1, "bytes per token, upper 95 % end, over bytes per word", measured),
        "tokens": Number(seen / 1e9, 0, "tokens that GPT-3 saw, billions", _GPT3),
        "words": Number(
            words["seen"] / 1e9, 0, "tokens GPT-3 saw times words per token, billion words", f"{_GPT3}; {printed}"
        ),
        "words_unique": Number(
            words["unique"] / 1e9, 0, "different tokens GPT-3 saw times words per token, billion words", unique
        ),
        "corpus": Number(mix["tokens"].sum() / 1e9, 0, "sum of the tokens of GPT-3's corpora, billions", _MIX),
        "unread": Number(
            100 * (1 - mix["unique_tokens"].sum() / mix["tokens"].sum()),
            0,
            "per cent of the corpora's tokens never seen",
            unique,
        ),
        "weights": Number(mix["weight_pct"].sum(), 0, "sum of the printed weights of GPT-3's corpora, per cent", _MIX),
    }


def _web():
    """Return which share of the web, and of parts of it, GPT-3 read."""
    table, source = web.web_shares().set_index("stock"), "studies.gpt.web.web_shares"
    whole = table.loc["indexed web, model of 2024"]
    english, authors = (
        table.loc[name, "share"] for name in ("filtered English pages, 2016–19", "GPT-3's crawl, its authors' count")
    )
    read, indexed = "different tokens GPT-3 saw, per cent of", "the indexed web's in 2020, published model"
    return {
        "web": Number(100 * whole["share"], 2, f"{read} {indexed}: median", source),
        "web_high": Number(100 * whole["high"], 2, f"{read} {indexed}: lower 95 % end", source),
        "english": Number(100 * english, 0, f"{read} filtered English pages' tokens, crawls 2016–19", source),
        "authors": Number(
            100 * authors, 0, f"{read} the crawl's trillion words, at the authors' 0.7 words a token", source
        ),
    }


def _placed():
    """Return where the three models lie against the ten largest of their time."""
    above = compute.placed().set_index("model")["above_frontier"]
    what = "compute, powers of ten {} the line through models among the ten largest when published"
    return {
        "gpt1": Number(-above["GPT-1"], 1, f"GPT-1's {what.format('below')}", _LISTED),
        "gpt2": Number(-above["GPT-2"], 1, f"GPT-2's {what.format('below')}", _LISTED),
        "gpt3": Number(above["GPT-3"], 1, f"GPT-3's {what.format('above')}", _LISTED),
    }


def _doubling():
    """Return doubling times in months, printed and with the games of self-play in or out."""
    months = compute.doubling_table().set_index("label")["doubling"]
    old, new = months["records 2012–18, self-play in"], months["records 2012–18, as revised"]
    record = "months to double, records 2012 to May 2018, line of log compute on date"
    before = f"{_LISTED}; training_flop_2024 for AlphaGo Master, AlphaGo Zero, AlphaZero"
    return {
        "printed": Number(
            months["Amodei 2018: largest"],
            1,
            "months to double, as printed; stored as growth per year",
            "compute_trends, row amodei_largest",
        ),
        "old": Number(old, 1, f"{record}, self-play counted", before),
        "revised": Number(new, 1, f"{record}, self-play left out", _LISTED),
    }


def _bends():
    """Return how significant a slowdown of the ten largest is, by tables and by simulation."""
    bends, source = compute.break_table(), "studies.gpt.compute.break_table"
    what = "of four p values (two dates, self-play in or out) for a bend in the ten largest's growth"
    return {
        "p_naive": Number(bends["p"].max(), 2, f"largest {what}: t tables", source),
        "p_low": Number(bends["p_simulated"].min(), 2, f"smallest {what}: simulated", source),
        "p_high": Number(bends["p_simulated"].max(), 2, f"largest {what}: simulated", source),
    }
