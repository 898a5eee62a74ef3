"""The verdicts on vision and speech, part by part."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import dates
from dl_limits.studies.progress import claims, rates
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED, Analysis, combine


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.1, 0.66, HOLDS), (0.1, 0.67, HOLDS), (0.6, 0.68, UNDECIDED), (0.68, np.inf, FAILS)]
)
def test_diminished_is_below_two_thirds(low, high, word):
    assert claims.DIMINISHED.word(low, high) == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(2016.0, 2018.0, HOLDS), (2015.9, 2017.0, UNDECIDED), (2014.0, 2015.9, FAILS), (2018.1, 2020.0, FAILS)],
)
def test_the_date_lies_in_the_claimed_years(low, high, word):
    assert claims.DATE_REGION.word(low, high) == word


@pytest.mark.parametrize(("claim", "series"), [(claims.vision, "ImageNet top-1"), (claims.speech, "Switchboard")])
def test_all_dated_systems_are_primary(claim, series):
    part = claim("2026").parts[0]
    found = rates.frontier_ratio(series, dates.LATEST)
    assert (part.primary.low, part.primary.high) == (found.low, found.high)
    assert part.primary.name.startswith(f"{series}, best") and f"{series}, profile" in part.words
    assert len(part.primary.draws) == 500


def test_the_parts_of_both_claims():
    vision, speech = claims.vision("2026"), claims.speech("2026")
    assert list(vision.components) == [claims.PER_YEAR, claims.PER_TENFOLD, claims.DATE]
    assert list(speech.components) == [claims.PER_YEAR, claims.DATE]
    for found in (vision, speech):
        assert found.verdict == combine(found.components) and found.evidence_to <= "2020-12"


def test_without_a_break_there_is_nothing_to_date():
    part = claims._date_part([(None, 20), (Analysis("other", 2017, 2016, 2018), 9)])
    assert part.word == UNDECIDED and part.primary is None and part.others == () and "20" in part.needs


def test_the_records_that_a_date_needs_grow_with_its_interval():
    part = claims._date_part([(Analysis("a", 2015, 2012, 2018), 10)])
    assert part.needs.startswith("about 90 records instead of 10")


def test_a_clear_break_is_dated():
    years = np.arange(2010, 2021, 0.5)
    level = 40 * np.exp(-0.6 * np.minimum(years - 2010, 7) - 0.1 * np.maximum(years - 2017, 0))
    level *= np.exp(0.02 * np.random.default_rng(1).standard_normal(len(years)))
    months = pd.to_datetime([f"{int(y)}-{1 + round(12 * (y % 1)):02d}-01" for y in years])
    found = claims._date_of(rates.monthly_records(level, months), "clear", 200)
    assert found and found.low <= 2017 <= found.high and found.high - found.low < 1.5


@pytest.mark.parametrize("truth", [0.2, 1.5])
def test_simulated_series_have_the_rate_that_is_asked_for(truth):
    ratios = []
    for i in range(12):
        table = claims._drawn_systems("ImageNet top-1", truth, dates.LATEST, np.random.default_rng(i))
        ratios.append(rates.frontier_ratio_of(table, n_boot=2).estimate)
    assert np.median(ratios) == pytest.approx(truth, abs=0.45)


def test_evidence_of_2020_knows_nothing_later():
    early = claims.vision("2020")
    assert early.evidence_to <= "2020-07" and claims.speech("2020").evidence_to <= "2020-07"
