"""Every end and number of the verdicts on GPT-3's size and text, by hand."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.gpt import claims, family, shares, web
from dl_limits.studies.scaling import fit
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, Analysis, Part, Region, times_more
from dl_limits.words import about

INF = np.inf
BOTH_NAMES = ["effect on the loss, text as seen", "effect on the loss, unique text"]


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


@pytest.mark.parametrize(
    ("region", "end", "beyond", "outside"),
    [
        (claims.WORDS_REGION, 1e11, -INF, FAILS),
        (claims.WORDS_REGION, 1e12, INF, FAILS),
        (claims.PARAMS_REGION, 1.745e11, -INF, FAILS),
        (claims.PARAMS_REGION, 1.755e11, INF, FAILS),
        (claims.WEB_RULE, 0.5, -INF, UNDECIDED),
        (claims.WEB_RULE, 1.0, INF, FAILS),
        (claims.LEADS, 0.5, -INF, FAILS),
    ],
)
def test_the_ends_belong_to_what_holds(region, end, beyond, outside):
    assert [region.word(v, v) for v in (end, np.nextafter(end, beyond))] == [HOLDS, outside]


def test_the_web_is_wrong_below_a_tenth():
    assert [claims.WEB_RULE.word(v, v) for v in (0.1, np.nextafter(0.1, 0))] == [UNDECIDED, FAILS]


def test_the_thresholds_offered():
    whole, *leading = (claims.THRESHOLDS[n] for n in ("whole-internet", "size-main-difference", "gpts-by-data"))
    assert len(whole.grid) == 81 and np.diff(np.log10(whole.grid)) == pytest.approx(np.full(80, 0.05))
    assert (whole.grid[0], whole.grid[-1], whole.own([])) == (pytest.approx(1e-4), pytest.approx(1.0), 0.5)
    region = whole.region(Part("p"), 0.05, 0.5)
    assert (region.low, region.high, region.wrong_below) == (0.05, 1.0, pytest.approx(0.01))  # a fifth of it
    assert whole.form(0.05) == "5 %"
    for threshold in leading:
        assert threshold.grid == tuple(k / 100 for k in range(1, 100)) and threshold.own([]) == 0.5
        assert threshold.region(Part("p"), 0.7, 0.5) == Region(0.7) and threshold.form(0.29) == "29 %"


# ------------------------------------------------------------------ words and parameters


def test_words_and_sizes_have_their_ends():
    sizes = pd.Series([1.7e11, 1.8e11, 1.75e11])
    seen, params = claims._words_parts({"seen": 2e11, "low": 1.5e11, "high": 3e11}, sizes)
    assert seen == Part("words seen", claims.WORDS_REGION, Analysis(seen.primary.name, 2e11, 1.5e11, 3e11))
    assert params == Part("parameters", claims.PARAMS_REGION, Analysis("as printed", 1.75e11, 1.7e11, 1.8e11))


def test_words_are_told_with_their_numbers():
    found, words = claims.gpt3_words("2026"), family.words(LATEST)
    assert (found.estimate, found.low, found.high) == pytest.approx(tuple(words[k] for k in ("seen", "low", "high")))
    tokens = family.tokens("GPT-3")[0]
    said = f"{tokens / 1e9:.0f} billion tokens at {words['words_per_token']:.1f} words each are about"
    assert said in found.reason and f"{words['seen'] / 1e9:.0f} billion words." in found.reason
    assert found.brief == f"It saw about {words['seen'] / 1e9:.0f} billion words in training."
    assert found.evidence_to == "2020-05"


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("truth", [1e10, 1e11, 3e11])
def test_words_drawn_at_a_truth(monkeypatch, exact, truth, share):
    drawn = []
    real = claims._words_parts
    monkeypatch.setattr(claims, "_words_parts", lambda words, sizes: drawn.append((words, sizes)) or real(words, sizes))
    word = claims._words_at(truth, "2026", exact(share=share))
    words, (seen, sizes) = family.words(LATEST), drawn[0]
    low, high = words["low"] / words["seen"], words["high"] / words["seen"]
    unknown = low ** (1 - share) * high**share  # uniform on the logarithm
    assert seen["seen"] == pytest.approx(truth / unknown)
    assert (seen["low"] / seen["seen"], seen["high"] / seen["seen"]) == pytest.approx((low, high))
    assert list(sizes) == pytest.approx([1.746e11 * min(1, truth / 1e11), 1.75e11 * min(1, truth / 1e11)])
    if truth != 1e11:
        assert word == (HOLDS if truth == 3e11 else FAILS)


# ------------------------------------------------------------------ the web


def table(*rows):
    return pd.DataFrame(rows, columns=["stock", "kind", "stated_year", "share", "low", "high"])


SMALL, SMALLER = ("a", "smaller part", 2019, 0.6, 0.5, 0.7), ("b", "smaller part", 2020, 0.7, 0.6, 0.8)


def test_of_parts_the_largest_bounds_the_share_closest():
    for rows in ((SMALL, SMALLER), (SMALLER, SMALL)):
        part = claims._web_part(table(*rows))
        assert part.primary.name == "a" and [other.name for other in part.others] == ["b"]
    twins = table(("x", "whole web", 2020, 0.2, 0.1, 0.3), ("x", "whole web", 2021, 0.02, 0.01, 0.03))
    part = claims._web_part(twins)
    assert part.primary == Analysis("x", 0.02, 0.01, 0.03) and part.others == (Analysis("x", 0.2, 0.1, 0.3),)
    assert part.region == claims.WEB_RULE and part.needs.endswith("by more than tenfold")


@pytest.mark.parametrize(
    ("evidence", "year", "to"), [("2026", 2021, "2021-12"), ("2026", 2026, None), ("2020", 2020, "2020-07")]
)
def test_the_web_is_told_with_its_numbers(monkeypatch, evidence, year, to):
    monkeypatch.setattr(web, "web_shares", lambda until: table(("s", "whole web", year, 0.0123, 0.01, 0.02)))
    found = claims.whole_internet(evidence)
    assert "is about 1.2 % of the text (s)." in found.reason and "about 1.2 % of the web’s text" in found.brief
    assert found.evidence_to == (to or f"{LATEST:%Y-%m}")


@pytest.mark.parametrize(("truth", "word"), [(0.9, HOLDS), (0.5, UNDECIDED), (0.01, FAILS)])
def test_the_web_drawn_at_a_truth(monkeypatch, exact, truth, word):
    monkeypatch.setattr(web, "web_shares", lambda until: table(("s", "whole web", 2020, 0.2, 0.15, 0.25)))
    assert claims._web_at(truth, "2026", exact()) == word


# ------------------------------------------------------------------ size or data


def test_growth_shares_are_those_of_logarithms(monkeypatch):
    rows = [("parameters", 100, 100), ("unique text", 10, 1000), ("tokens seen", 100, 10_000)]
    growth = pd.DataFrame([("GPT-2 to GPT-3", *row) for row in rows], columns=["step", "axis", "low", "high"])
    growth = pd.concat([growth, growth.assign(step="GPT to GPT-2", low=7, high=9)])
    monkeypatch.setattr(family, "growth", lambda until: growth)
    monkeypatch.setattr(claims, "_effect", lambda name, step, account, until: Part(f"{name}|{account}|{step[0]}"))
    claims._size_parts.cache_clear()
    first, *effects = claims._size_parts(LATEST)
    claims._size_parts.cache_clear()
    unique, seen = first.primary, first.others[0]
    assert (unique.low, unique.estimate, unique.high) == pytest.approx((2 / 5, 2 / 4, 2 / 3))
    assert (seen.name, seen.low, seen.estimate, seen.high) == (
        "tokens seen",
        *map(pytest.approx, (1 / 3, 2 / 5, 1 / 2)),
    )
    assert first.region == claims.LEADS and unique.name == "unique text" and len(first.others) == 1
    accounts = ["tokens seen", "unique text"]
    assert [e.name for e in effects] == [f"{n}|{a}|GPT-2" for n, a in zip(BOTH_NAMES, accounts, strict=True)]


def test_data_has_both_steps_in_both_accounts(monkeypatch):
    monkeypatch.setattr(claims, "_effect", lambda name, step, account, until, of_data: Part(name, needs=str(of_data)))
    claims._data_parts.cache_clear()
    found = [(part.name, part.needs) for part in claims._data_parts(LATEST)]
    claims._data_parts.cache_clear()
    steps = [" to ".join(step) for step in family.GENERATIONS]
    assert found == [(f"{step}, {each}", "True") for step in steps for each in ("tokens seen", "unique text")]


@pytest.mark.parametrize("of_data", [True, False])
@pytest.mark.parametrize(("account", "aside"), [("tokens seen", True), ("unique text", False)])
def test_an_effect_has_all_laws_the_newest_first(of_data, account, aside):
    step = family.GENERATIONS[1]
    # of the parameters, unless data are asked for
    part = claims._effect("n", step, account, LATEST, **({"of_data": True} if of_data else {}))
    laws = list(shares.laws_by(LATEST))[::-1]
    asides = [f"{law}, effective tokens" for law in laws] if aside and "effective tokens" in shares.accounts() else []
    assert list(part.words) == laws + asides and part.region == claims.LEADS and part.name == "n"
    draws = shares.share_draws(step, account, laws[0], LATEST)
    assert part.primary == Analysis.of_draws(laws[0], 1 - draws if of_data else draws)
    low, middle, high = part.primary.low, part.primary.estimate, part.primary.high
    factor = times_more(middle, low, high, 0.5)
    runs = f"about {about(len(fit.runs()) * factor)}" if factor < 1e4 else "more than a million"
    assert part.needs.startswith(f"a law of this form fitted to {runs} training runs (today’s: {len(fit.runs())})")
    if asides:
        repeats = shares.share_draws(step, "effective tokens", laws[0], LATEST)
        assert next(o for o in part.others if o.name == asides[0]).draws == tuple(1 - repeats if of_data else repeats)


@pytest.mark.parametrize(
    ("factor", "said"), [(9_999.0, "about"), (10_000.0, "more than a million"), (INF, "more than")]
)
def test_a_million_runs_are_not_counted(monkeypatch, factor, said):
    monkeypatch.setattr(claims, "times_more", lambda *_: factor)
    part = claims._effect("n", family.GENERATIONS[1], "unique text", CUTOFF)
    assert part.needs.startswith(f"a law of this form fitted to {said}")


@pytest.mark.parametrize("until", ["2020-07-31", "2021-12-31", "2023-06-30", "2024-12-31", "2026-11-01"])
def test_the_newest_law_or_count_dates_the_evidence(until):
    until = pd.Timestamp(until)
    years = data.load("token_counts")["stated_year"].astype(int)
    laws = [shares.LAW_YEARS[law] for law in shares.laws_by(until)]
    newest = max([*laws, *years[years <= until.year]])
    assert claims._newest(until) == min(until, pd.Timestamp(year=newest, month=12, day=31))


def test_size_is_told_with_its_numbers():
    found = claims.size_main_difference("2026")
    growth = family.growth(LATEST).query("step == 'GPT-2 to GPT-3'").set_index("axis")
    size, text = growth.loc["parameters", "low"], growth.loc["unique text"]
    times = f"had {size:.0f} times the parameters of GPT-2 and {np.sqrt(text['low'] * text['high']):.0f} times the text"
    assert times in found.reason and f"It grew {size:.0f} times" in found.brief


def test_data_is_told_with_its_numbers(monkeypatch):
    ends = [(0.1, 0.2), (0.3, 0.4), (-0.95, 0.96), (0.94, 0.97)]
    parts = [
        Part(str(k), claims.LEADS, Analysis("a", high, low, high), needs="n") for k, (low, high) in enumerate(ends)
    ]
    monkeypatch.setattr(claims, "_data_parts", lambda until: parts)
    found = claims.gpts_by_data("2026")
    assert "data made −95 to 96 % of the predicted gain if tokens seen count, 94 to 97 % if only" in found.reason
    assert found.brief == "Data made 94 to 97 % of GPT-3’s gain if repeats are ignored." and found.verdict == PARTLY


@pytest.mark.parametrize(("truth", "word"), [(2.5, HOLDS), (0.5, UNDECIDED), (-2.5, FAILS)])
def test_shares_drawn_at_a_truth_are_those_of_the_parts(monkeypatch, exact, truth, word):
    asked = []
    parts = [Part("p", claims.LEADS, Analysis("a", 0.2, 0.0, 0.4))]
    simulate = claims._shares_at(lambda until: asked.append(until) or parts)
    assert simulate(truth, "2020", exact()) == word and asked == [CUTOFF]
