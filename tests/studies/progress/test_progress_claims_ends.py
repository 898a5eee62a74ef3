"""Every end and number of the verdicts on vision and speech, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.progress import claims, rates
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED, Analysis, Part, Region, times_more
from dl_limits.words import about

INF = np.inf
PER_YEAR = claims.PER_YEAR


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


@pytest.mark.parametrize(
    ("region", "end", "beyond"),
    [(claims.DIMINISHED, 0.67, INF), (claims.DATE_REGION, 2016.0, -INF), (claims.DATE_REGION, 2018.0, INF)],
)
def test_the_ends_belong_to_what_holds(region, end, beyond):
    assert [region.word(v, v) for v in (end, np.nextafter(end, beyond))] == [HOLDS, FAILS]


def test_the_threshold_offered():
    for threshold in claims.THRESHOLDS.values():
        assert threshold.grid == tuple(k / 25 for k in range(1, 101)) and threshold.own([]) == 0.67
        assert threshold.region(Part(PER_YEAR), 0.5, 0.67) == Region(high=0.5)
        assert threshold.region(Part(claims.DATE), 0.5, 0.67) is None
        assert threshold.form(0.5) == "0.50"


# ------------------------------------------------------------------ what is told


def systems(*years, series="s"):
    published = [pd.Timestamp("2012-01-01") + pd.Timedelta(days=round(365.25 * (year - 2012))) for year in years]
    return pd.DataFrame({"published": published, "years": years, "error_pct": 10.0})


def test_systems_are_counted_from_the_first_to_before_the_last(monkeypatch):
    table = systems(2014.0, 2016.0, 2017.5, 2018.0, 2020.5, 2020.99, 2022.0)
    monkeypatch.setattr(rates, "systems", lambda series: table)
    count = lambda *span, until=LATEST: claims._count("s", until, *span)  # noqa: E731
    assert (count(0, 2016.0), count(2016.0, 2018.0), count(2018.0, INF), count(0, INF)) == (1, 2, 3, 6)
    day = table["published"].iloc[3]
    assert count(0, INF, until=day) == 4 and count(0, INF, until=day - pd.Timedelta(days=1)) == 3


def rate(estimate, low, high, name="a"):
    return Part(PER_YEAR, claims.DIMINISHED, Analysis(name, estimate, low, high), needs="more")


@pytest.mark.parametrize(("evidence", "newest"), [("2020", "2020-06"), ("2026", "2020-12")])
def test_vision_is_told_with_its_numbers(monkeypatch, evidence, newest):
    monkeypatch.setattr(claims, "_vision_parts", lambda until: [rate(0.456, 0.123, 1.96)])
    monkeypatch.setattr(rates, "systems", lambda series: systems(2014.0, 2020.45, 2020.97, 2021.5))
    found = claims.vision(evidence)
    assert "took 0.46 times as large a share off the error" in found.reason and "(0.12 to 2.0)" in found.reason
    assert found.brief == "The pace became 0.46 of what it was, with a wide range."
    assert (found.evidence_to, found.id) == (newest, "diminishing-vision")
    assert found.unit == "rate of 2018-20 over rate of 2012-15, ImageNet top-1"


@pytest.mark.parametrize("high", [INF, 2.0])
def test_speech_is_told_with_its_numbers(monkeypatch, high):
    monkeypatch.setattr(claims, "_speech_parts", lambda until: [rate(0.456, 0.123, high)])
    monkeypatch.setattr(rates, "systems", lambda series: systems(2014.0, 2015.5, 2016.0, 2017.9, 2018.0, 2019, 2020))
    found = claims.speech("2026")
    said = "2 dated systems before 2016 and 3 from 2018 to 2020" if high == INF else "changed by 0.46 times"
    assert said in found.reason and "Only 3 dated systems from 2018 to 2020" in found.brief
    assert found.id == "diminishing-speech" and "Switchboard" in found.unit


# ------------------------------------------------------------------ parts


def test_ratios_become_analyses():
    row = pd.Series({"estimate": 0.9, "low": 0.2, "high": 0.7, "method": "best 10 % of all, resampled"})
    assert claims._ratio(row, "s") == Analysis("s, best 10 % of all", 0.7, 0.2, 0.7)
    assert claims._ratio(pd.Series({**row, "estimate": 0.1}), "s").estimate == 0.2
    assert claims._ratio(pd.Series({**row, "estimate": np.nan}), "s") is None


def test_all_dated_systems_come_before_records():
    rows = [("s", "q", "profile"), ("s", "q", "best 10 %"), ("s", "q", "other"), ("t", "q", "best")]
    table = pd.DataFrame(rows, columns=["series", "quantity", "method"]).set_index(["series", "quantity"])
    found = [row["method"] for row in claims._methods(table, "s", "q")]
    assert found[0] == "best 10 %" and set(found[1:]) == {"profile", "other"}


@pytest.mark.parametrize("numbers", [(0.4, 0.1, 0.9), (0.9, 0.5, 3.0), (0.66, 0.1, 3.0)])
def test_the_systems_a_rate_needs(numbers):
    first, second = Analysis("a", *numbers), Analysis("b", 1, 1, 1)
    part = claims._rate_part("n", [None, first, None, second], 20, "dated systems")
    more = times_more(*numbers, 0.67)
    many = f"about {about(20 * more)}" if more < 1000 else "more than a thousand times as many"
    assert part.needs == f"{many} dated systems instead of 20"
    assert (part.name, part.region, part.primary, part.others) == ("n", claims.DIMINISHED, first, (second,))


def test_a_thousand_times_as_many_are_not_counted(monkeypatch):
    for more, said in ((999.0, "about"), (1000.0, "more than a thousand times as many"), (INF, "more than a thousand")):
        monkeypatch.setattr(claims, "times_more", lambda *_, more=more: more)
        assert claims._rate_part("n", [Analysis("a", 1, 0, 2)], 20, "w").needs.startswith(said)


@pytest.mark.parametrize(("ends", "records"), [((2012, 2018), 90), ((2016.5, 2017.5), 10), ((2015, 2018), 22.5)])
def test_the_records_a_date_needs(ends, records):
    first, other = Analysis("a", 2017, *ends), Analysis("b", 2017, 2016, 2018)
    part = claims._date_part([(first, 10), (other, 5), (None, 3)])
    assert part.needs == f"about {about(records)} records instead of 10"
    assert (part.region, part.primary, part.others) == (claims.DATE_REGION, first, (other,))
    assert claims._date_part([(None, 7), (other, 5)]).needs.endswith("today there are 7")


@pytest.mark.parametrize("until", [CUTOFF, LATEST])
def test_the_parts_say_how_many_systems_and_networks_there_are(until):
    year, tenfold, date = claims._vision_parts(until)
    spoken, spoken_date = claims._speech_parts(until)
    last = min(until, rates.LATE_END)
    for part, series in ((year, "ImageNet top-1"), (spoken, "Switchboard")):
        n = (rates.systems(series)["published"] <= last).sum()
        assert part.needs.endswith(f" dated systems instead of {n}")
        table = rates.systems(series)
        draws, _ = rates.frontier_draws_of(table[table["published"] <= last])
        assert part.primary.draws == tuple(draws[1:]) and not any(other.draws for other in part.others)
    assert tenfold.needs.endswith(f"networks of documented compute instead of {len(claims.documented_models(last))}")
    assert all("compute" not in name and name.startswith("ImageNet") for name in year.words)
    table = rates.ratios(until)
    for part, quantity, names in (
        (year, "relative", rates.VISION),
        (tenfold, "compute", rates.VISION),
        (spoken, "relative", rates.SPEECH),
    ):
        mine = table[table["quantity"].eq(quantity) & table["series"].isin(names) & table["estimate"].notna()]
        assert len(part.words) == len(mine) and part.primary.name.startswith(next(iter(names)))
        ends = {(each.low, each.high) for each in (part.primary, *part.others)}
        assert ends == set(mine[["low", "high"]].itertuples(index=False, name=None))
    for part, series in ((date, "ImageNet top-1"), (spoken_date, "Switchboard")):
        records = len(rates.records(series, min(until, rates.DATA_END)).points[0])
        assert f"{records}" in part.needs and part.name == claims.DATE


def test_resamples_stand_behind_the_first_analysis_alone(monkeypatch):
    table, seen = systems(2014.0, 2016.0, 2019.0, 2022.0), []
    monkeypatch.setattr(rates, "systems", lambda series: table)
    monkeypatch.setattr(
        rates, "frontier_draws_of", lambda used: (seen.append(len(used)), (np.array([9.0, 1, 2]), 0))[1]
    )
    found = [Analysis("a", 1, 0, 2), Analysis("b", 1, 0, 2)]
    for until, n in ((LATEST, 3), (table["published"].iloc[2], 3), (table["published"].iloc[1], 2)):
        assert claims._with_draws(found, "s", until) == [Analysis("a", 1, 0, 2, (1, 2)), found[1]]
        assert seen.pop() == n  # a system of the day itself counts


class Fit:
    """A break at 2016 with a p-value and a set of dates."""

    def __init__(self, pvalue, inside, date=2016.0):
        self.pvalue, self.inside, self.date = pvalue, inside, date

    def fit(self):
        return self

    def test(self, seed):
        assert seed == 0
        return SimpleNamespace(pvalue=self.pvalue)

    def date_set(self, n_sim, seed):
        assert (n_sim, seed) == (400, 0)
        return pd.DataFrame({"date": [2014.0, 2015.0, 2017.0, 2019.0], "inside": self.inside})


@pytest.mark.parametrize(
    ("fit", "numbers"),
    [
        (Fit(0.05, [False, True, True, False]), (2016.0, 2015.0, 2017.0)),
        (Fit(0.0501, [False, True, True, False]), None),
        (Fit(0.01, [False] * 4), None),
        (Fit(0.01, [False, False, True, True]), (2017.0, 2017.0, 2019.0)),
        (Fit(0.01, [True, True, False, False]), (2015.0, 2014.0, 2015.0)),
    ],
)
def test_a_break_is_dated_at_five_per_cent(monkeypatch, fit, numbers):
    monkeypatch.setattr(claims, "BreakModel", lambda found: fit)
    monkeypatch.setattr(rates, "records", lambda series, until: SimpleNamespace(points=[[1, 2, 3], 0]))
    found, records = claims._dates("s", LATEST)
    assert found == (numbers and Analysis("s", *numbers)) and records == 3


def test_too_few_records_have_no_break(monkeypatch):
    def refuse(found):
        raise ValueError("too few")

    monkeypatch.setattr(claims, "BreakModel", refuse)
    assert claims._date_of(None, "s", 10) is None


# ------------------------------------------------------------------ simulated truths


SPANS = np.linspace(2012, 2020.9, 60)
EARLY, MIDDLE, LATE = np.clip(SPANS - 2012, 0, 4), np.clip(SPANS - 2016, 0, 2), np.clip(SPANS - 2018, 0, None)


def test_the_line_of_the_frontier_is_found(monkeypatch):
    z = 3.0 - 0.4 * EARLY - 0.2 * MIDDLE - 0.1 * LATE
    table = systems(*SPANS).assign(error_pct=np.exp(z))
    monkeypatch.setattr(rates, "systems", lambda series: table)
    claims._frontier.cache_clear()
    day = table["published"].iloc[40]
    assert len(claims._frontier("made", day)[0]) == 41  # a system of the day itself counts
    used, spans, level, rate_, resid = claims._frontier("made", LATEST)
    claims._frontier.cache_clear()
    assert len(used) == (table["published"] <= rates.LATE_END).sum()
    assert np.diff(spans, axis=0) == pytest.approx(np.diff(np.column_stack([EARLY, MIDDLE, LATE])[: len(used)], axis=0))
    assert rate_ == pytest.approx(-0.4, abs=1e-3)
    base = (3.0 - 0.2 * MIDDLE - 0.1 * LATE)[: len(used)]  # without the early fall
    assert level == pytest.approx(3.0, abs=5e-3) and resid - resid[0] == pytest.approx(base - base[0], abs=5e-3)
    assert np.quantile(resid, 0.1) == pytest.approx(0.0, abs=1e-12)  # a tenth lies below the frontier


@pytest.mark.parametrize(("truth", "middle"), [(0.25, 0.5), (1.0, 1.0), (0.0, 0.1), (-1.0, 0.1)])
def test_drawn_systems_fall_at_the_true_rate(monkeypatch, exact, truth, middle):
    spans = np.column_stack([EARLY, MIDDLE, LATE])
    frame = SPANS, spans, 3.0, -0.4, np.arange(60) / 100
    monkeypatch.setattr(claims, "_frontier", lambda series, until: (systems(*SPANS), *frame[1:]))
    drawn = np.log(claims._drawn_systems("s", truth, LATEST, exact())["error_pct"].to_numpy())
    assert drawn == pytest.approx(3.0 - 0.4 * (EARLY + middle * MIDDLE + truth * LATE) + np.arange(60) / 100)


@pytest.mark.parametrize("truth", [0.2, 1.0, 1.5])
def test_drawn_networks_fall_at_the_true_slope(monkeypatch, exact, truth):
    year = np.repeat([2013, 2015, 2016, 2017, 2018, 2020], 4)
    flop = 10.0 ** (17 + np.tile([0.0, 1.0, 2.0, 3.0], 6))
    z = 3 - 0.3 * np.log10(flop) + 1e-3 * np.arange(24)
    models = pd.DataFrame({"training_flop": flop, "top1_error_pct": np.exp(z)})
    models["published"] = pd.to_datetime([f"{y}-06-01" for y in year])
    asked = []
    monkeypatch.setattr(claims, "documented_models", lambda until: asked.append(until) or models)
    drawn = np.log(claims._drawn_networks(truth, LATEST, exact())["top1_error_pct"].to_numpy())
    h, early, late = np.log10(flop), year <= 2015, year >= 2018
    slope = np.polyfit(h[early], z[early], 1)[0]
    assert asked == [rates.LATE_END]
    assert np.polyfit(h[early], drawn[early], 1)[0] == pytest.approx(slope)
    assert np.polyfit(h[late], drawn[late], 1)[0] == pytest.approx(truth * slope, abs=2e-3)
    assert drawn[~early & ~late] == pytest.approx(z[~early & ~late])
    assert [drawn[here].mean() for here in (early, late)] == pytest.approx([z[here].mean() for here in (early, late)])


def test_an_estimate_outside_its_interval_is_put_at_its_end():
    found = SimpleNamespace(estimate=0.9, low=0.1, high=0.5)
    assert claims._analysis(found, "n") == Analysis("n", 0.5, 0.1, 0.5)
    assert claims._analysis(SimpleNamespace(estimate=np.nan, low=0, high=1), "n") is None


@pytest.mark.parametrize(
    ("with_compute", "rates_", "date", "word"),
    [
        (True, (0.5, 0.5), (2017, 2017), HOLDS),
        (True, (0.5, 0.8), (2017, 2017), "holds in part"),
        (False, (0.5, 0.8), (2017, 2017), HOLDS),
        (True, (0.8, 0.8), (2019, 2019), FAILS),
        (True, (0.5, 0.5), None, UNDECIDED),
    ],
)
def test_simulated_series_are_judged_by_the_same_parts(monkeypatch, exact, with_compute, rates_, date, word):
    drawn = systems(2013.0, 2019.0)
    monkeypatch.setattr(claims, "_drawn_systems", lambda *_: drawn)
    monkeypatch.setattr(claims, "_drawn_networks", lambda *_: "networks")
    found = [SimpleNamespace(estimate=r, low=r, high=r) for r in rates_]
    monkeypatch.setattr(rates, "frontier_ratio_of", lambda table, n_boot, seed: found[0] if n_boot == 100 else None)
    monkeypatch.setattr(rates, "compute_ratio_of", lambda models, column, seed: found[1])
    monkeypatch.setattr(claims, "monthly_records", lambda error, published, last: ("records", last))

    def dated(records, name, n_sim):
        assert records == ("records", drawn["published"].max()) and n_sim == 100
        return date and Analysis(name, date[0], *date)

    monkeypatch.setattr(claims, "_date_of", dated)
    assert claims._word_at(0.5, "2026", exact(), "s", with_compute) == word


def test_vision_is_tried_with_compute_and_speech_without(monkeypatch):
    seen = []
    monkeypatch.setattr(claims, "_word_at", lambda *given: seen.append(given[3:]))
    for power in claims.POWER.values():
        power.simulate(0.5, "2026", None)
    assert seen == [("ImageNet top-1", True), ("Switchboard", False)]
