"""Every end and number of the verdict on the bill, by hand."""

import numpy as np
import pandas as pd
import pytest

from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.cost import claims, runs, trends
from dl_limits.verdicts import FAILS, HOLDS, NOTHING, PARTLY, UNDECIDED, Analysis, Part, Region
from dl_limits.words import in_words

MONEY, POWER = "economically", "environmentally"


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


def test_likely_is_four_fifths_and_unlikely_one_fifth():
    assert Region(0.8, 1.0, wrong_below=0.2) == claims.LIKELY_REGION
    assert claims.LIKELY_REGION.word(np.nextafter(0.2, 0), np.nextafter(0.2, 0)) == FAILS


@pytest.mark.parametrize(("value", "wrong"), [(0.5, 0.5), (0.6, 0.4), (0.8, 0.2), (0.95, 0.05)])
def test_the_threshold_offered(value, wrong):
    threshold = claims.THRESHOLDS["unsustainable"]
    region = threshold.region(Part("p"), value, 0.8)
    assert (region.low, region.high, region.wrong_below) == pytest.approx((value, 1.0, wrong))
    assert threshold.grid == tuple(k / 100 for k in range(50, 100)) and threshold.own([]) == 0.8
    assert threshold.form(0.9) == in_words(0.9)


@pytest.mark.parametrize(("share", "low", "high"), [(0.5, None, None), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)])
def test_the_interval_of_a_simulated_probability(share, low, high):
    found = claims._probability("p", share)
    half = 1.96 * 0.5 / np.sqrt(2 * runs.FUTURES)
    wanted = (0.5 - half, 0.5 + half) if low is None else (low, high)
    assert (found.low, found.high) == pytest.approx(wanted, abs=1e-12) and found.estimate == share
    near = claims._probability("p", 1e-6)
    assert near.low == 0 and claims._probability("p", 1 - 1e-6).high == 1
    some = claims._probability("p", 0.2)
    assert some.high - 0.2 == pytest.approx(0.2 - some.low) == pytest.approx(half * 0.8)  # sqrt(0.16) to sqrt(0.25)


@pytest.fixture
def chances(monkeypatch):
    """Three marks and bases, each probability its own."""

    def put(*rows):
        table = pd.DataFrame(rows, columns=["mark", "basis", "by_end", "by_start"])
        monkeypatch.setattr(runs, "chances", lambda until: table)
        monkeypatch.setattr(claims, "_needs", lambda name, until: f"needs of {name}")
        claims._parts.cache_clear()
        return claims._parts(LATEST)

    yield put
    claims._parts.cache_clear()


def test_analyses_are_bases_by_dates(chances):
    money, technical, power = chances(
        (claims.ECONOMIC, "amortised", 0.9, 0.85),
        (claims.ECONOMIC, "rental", 0.6, 0.5),
        (claims.ENERGY, "rated", 0.1, 0.05),
    )
    named = lambda part: [(each.name, each.estimate) for each in (part.primary, *part.others)]  # noqa: E731
    assert named(money) == [
        ("amortised, before 2031", 0.9),
        ("amortised, before 2030", 0.85),
        ("rental, before 2031", 0.6),
        ("rental, before 2030", 0.5),
    ]
    assert named(power) == [("rated, before 2031", 0.1), ("rated, before 2030", 0.05)]
    assert [part.name for part in (money, technical, power)] == [MONEY, "technically", POWER]
    assert [part.word for part in (money, technical, power)] == [HOLDS, "not testable as worded", FAILS]
    assert [part.needs for part in (money, technical, power)] == [""] * 3
    assert money.region == power.region == claims.LIKELY_REGION and technical.region is None


def test_undecided_parts_say_what_they_need(chances):
    money, technical, power = chances((claims.ECONOMIC, "amortised", 0.5, 0.4))
    assert (money.needs, technical.needs, power.needs) == (f"needs of {MONEY}", "", f"needs of {POWER}")
    assert power.kind == NOTHING and power.others == ()


@pytest.mark.parametrize("power", [0.07, None])
def test_the_bill_is_told_with_its_numbers(monkeypatch, power):
    exact = lambda value: Analysis("a", value, value, value)  # noqa: E731
    last = Part(POWER, claims.LIKELY_REGION, exact(power) if power else None, needs="n")
    parts = [Part(MONEY, claims.LIKELY_REGION, exact(0.93)), Part("technically"), last]
    monkeypatch.setattr(claims, "_parts", lambda until: parts)
    money, energy = pd.Timestamp("2024-03-01"), pd.Timestamp("2025-02-01") if power else pd.NaT
    monkeypatch.setattr(
        runs, "frontier_costs", lambda basis, until: pd.DataFrame({"published": [money - pd.Timedelta(days=99), money]})
    )
    monkeypatch.setattr(runs, "energies", lambda until: pd.DataFrame({"published": [energy]}))
    found = claims.unsustainable("2026")
    assert f"by 2030 with probability {in_words(0.93)}, and " in found.reason
    assert found.reason.endswith(f"one of 1 TWh with {in_words(power)}." if power else "the energy of enough runs.")
    assert found.brief.endswith(f"probability {in_words(0.93)}.") and found.estimate == 0.93
    assert found.evidence_to == ("2025-02" if power else "2024-03")
    assert found.verdict == (PARTLY if power else UNDECIDED)


def test_chances_are_those_of_the_marks(monkeypatch):
    seen = {}
    monkeypatch.setattr(runs, "economic", lambda *given: seen.update(economic=given) or 0.1)
    monkeypatch.setattr(runs, "passes", lambda *given, draws: seen.update(passes=(*given, draws)) or 0.2)
    assert claims._chance(MONEY, "table", LATEST, "rng") == 0.1 and claims._chance(POWER, "table", LATEST, "rng") == 0.2
    assert seen["economic"] == ("table", trends.SHARES["0.1 % of US GDP"], 2031.0, LATEST, "rng", 400)
    assert seen["passes"] == ("table", trends.TWH, 2031.0, "rng", 400)


@pytest.mark.parametrize("until", [CUTOFF, LATEST])
def test_histories_are_costs_and_energies(until):
    assert claims._history(MONEY, until).equals(runs.frontier_costs("amortised", until))
    assert claims._history(POWER, until).equals(runs.energies(until))


@pytest.mark.parametrize(
    ("rows", "years", "said"),
    [
        (4, 1, "the energy of 5 runs, told in one way"),
        (5, 1, "about 1 further year of documented runs like those so far"),
        (9, 2, "about 2 further years of documented runs like those so far"),
        (9, None, "more than 6 further years of documented runs like those so far"),
    ],
)
def test_what_an_open_part_needs(monkeypatch, rows, years, said):
    table = pd.DataFrame({"year": np.arange(rows), "value": 1.0})
    monkeypatch.setattr(claims, "_history", lambda name, until: table)
    monkeypatch.setattr(claims, "_chance", lambda *given: given)

    def needed(given, chance):
        assert given is table and chance("more", "rng") == (POWER, "more", LATEST, "rng")
        return years

    monkeypatch.setattr(claims, "years_needed", needed)
    assert claims._needs(POWER, LATEST) == said


@pytest.mark.parametrize(("decided", "years"), [(16, 1), (15, None), (20, 1)])
@pytest.mark.parametrize("probability", [0.8, 0.19])
def test_sixteen_of_twenty_futures_must_decide(monkeypatch, decided, years, probability):
    table = pd.DataFrame({"year": [2018.0, 2019.0, 2020.0], "value": [3.0, 1.0, 2.0]})
    asked, count = [], iter(range(10_000))

    def futures(given, end, rng, trials):
        asked.append((end, trials))
        return np.full((trials, 2), end), np.full((trials, 2), np.log(7.0)), np.tile([True, False], (trials, 1))

    def chance(more, rng):
        assert list(more["value"]) == pytest.approx([3.0, 1.0, 2.0, 7.0]) and more["year"].iloc[-1] == asked[-1][0]
        return probability if next(count) % 20 < decided else 0.5

    monkeypatch.setattr(runs, "futures", futures)
    assert claims.years_needed(table, chance) == years
    assert asked == [(2020.0 + k, 20) for k in range(1, 2 if years else 7)]


class Unit:
    """Standard normal numbers that are nought but for one."""

    def __init__(self, k=None):
        self.k = k

    def standard_normal(self, size):
        return (np.arange(size) == self.k).astype(float)


@pytest.fixture
def history(monkeypatch):
    x = np.array([2015.0, 2016.0, 2017.5, 2018.0, 2019.0, 2020.0])
    y = 2.0 + 0.7 * (x - 2020) + np.array([0.1, -0.2, 0.3, -0.1, 0.2, -0.3])
    table = pd.DataFrame({"year": x, "value": np.exp(y)})
    drawn = []
    monkeypatch.setattr(claims, "_history", lambda name, until: table if name == MONEY else table.iloc[:4])
    monkeypatch.setattr(claims, "_chance", lambda name, more, until, rng: drawn.append(more) or 0.9)
    return x, y, drawn


@pytest.mark.parametrize("truth", [1.0, 2.5, 6.0])
def test_simulated_costs_grow_at_the_truth_to_todays_level(history, truth):
    x, y, drawn = history
    assert claims._word_at(truth, "2026", Unit()) == UNDECIDED  # four runs tell no energy
    line = np.polyval(np.polyfit(x, y, 1), 2020.0) + np.log(truth) * (x - 2020)
    assert np.log(drawn[0]["value"].to_numpy()) == pytest.approx(line) and len(drawn) == 1


def test_simulated_scatter_persists_by_half_a_year(history):
    x, y, drawn = history
    for k in (None, *range(len(x))):
        claims._word_at(1.0, "2026", Unit(k))
    logs = np.log(np.stack([table["value"].to_numpy() for table in drawn]))
    shock = (logs[1:] - logs[0]).T
    resid = y - np.polyval(np.polyfit(x, y, 1), x)
    covariance = shock @ shock.T / (np.sum(resid**2) / (len(x) - 2))
    apart = np.abs(x[:, None] - x)
    assert covariance == pytest.approx(np.where(apart == 0, 1.0, 0.4 * 0.5**apart))


@pytest.mark.parametrize(("share", "word"), [(0.9, HOLDS), (0.5, UNDECIDED), (0.1, FAILS)])
def test_both_parts_count_once_five_runs_are_known(monkeypatch, history, share, word):
    x, _, _ = history
    table = pd.DataFrame({"year": x[:5], "value": np.exp(x[:5] - 2015)})
    monkeypatch.setattr(claims, "_history", lambda name, until: table)
    monkeypatch.setattr(claims, "_chance", lambda *given: share)
    assert claims._word_at(1.0, "2026", Unit()) == word
