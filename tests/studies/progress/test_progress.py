"""Vision and speech: what enters the series, three rates, forecasts by shape, and the rule."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import dates
from dl_limits.inference import trend_shapes
from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.record_process import Records, monthly_records
from dl_limits.studies.progress import rates


def test_record_series_are_those_of_the_tables():
    found = rates.records("Switchboard", rates.QUOTE)
    np.testing.assert_allclose(np.exp(found.points[1])[:4], [16.1, 11.5, 10.4, 8.0])
    assert found.level(2018) == pytest.approx(5.0)
    assert rates.records("LibriSpeech other").level(2024) == pytest.approx(2.5)
    assert np.exp(rates.records("ImageNet top-1").best[-1]) == pytest.approx(8.9)
    assert rates.people("Switchboard") == [5.1, 5.9] and rates.people("ImageNet top-1") == []


def test_unreproduced_frozen_human_and_incomparable_results_are_left_out():
    names = set(rates.systems("ImageNet top-1")["system"])
    assert not any(n.startswith(("OmniVec", "ViT-22B")) for n in names)
    assert rates.systems("Switchboard")["error_pct"].min() == pytest.approx(4.3)  # not 2.3 on mended references
    assert not rates.systems("LibriSpeech clean")["system"].str.contains("humans|Samba").any()
    single = rates.systems(rates.SINGLE)
    assert len(single) < len(rates.systems("ImageNet top-1")) and not single["system"].str.contains("nets").any()
    with pytest.raises(ValueError, match="series must be one of"):
        rates.systems("MNIST")


def test_records_are_counted_by_period():
    assert rates.record_counts("ImageNet top-1", dates.CUTOFF) == (8, 6)
    assert rates.record_counts("Switchboard", dates.LATEST) == (3, 1)


def test_rates_by_period_are_plain_arithmetic():
    early, window, late = rates.rates_by_period("ImageNet top-1")
    assert early == pytest.approx(100 * (1 - (17.2 / 36.7) ** (1 / (2016 - (2012 + 8 / 12)))))
    assert window == pytest.approx(100 * (1 - np.sqrt(16.5 / 17.2)))
    assert late == pytest.approx(100 * (1 - (11.39 / 16.5) ** (1 / 3)))


def test_ranges_of_the_rates_hold_the_rates():
    for rate, low, high in rates.rate_intervals("ImageNet top-1", n_sim=300):
        assert low < rate < high


def test_points_ratio_estimate_is_plain_arithmetic():
    found = rates.points_ratio("ImageNet top-1", dates.LATEST, n_sim=50)
    late = (16.5 - 11.39) / (2021 - 2018)
    early = (36.7 - 17.2) / (2016 - (2012 + 8 / 12))
    assert found.estimate == pytest.approx(late / early)


def test_ratios_of_a_known_truth_are_found(monkeypatch):
    """Attempts whose best tenth falls half as fast after 2018, one paper each."""
    rng = np.random.default_rng(5)
    years = np.sort(rng.uniform(2012, 2021, 500))
    pace = 0.3 * np.clip(years - 2012, 0, 4) + 0.2 * np.clip(years - 2016, 0, 2) + 0.15 * np.clip(years - 2018, 0, 3)
    error = 40 * np.exp(-pace + 0.15 * rng.standard_normal(500))
    published = pd.to_datetime([f"{int(y)}-{int(12 * (y % 1)) + 1:02d}-01" for y in years])
    truth = pd.DataFrame({"published": published, "error_pct": error, "group": np.arange(500).astype(str)})
    truth["years"] = truth["published"].dt.year + (truth["published"].dt.month - 1) / 12
    monkeypatch.setattr(rates, "systems", lambda series: truth)
    for method in (rates.relative_ratio, rates.frontier_ratio):
        found = method("ImageNet top-1", rates.LATE_END)
        assert found.low < 0.5 < found.high and found.estimate == pytest.approx(0.5, abs=0.15)


def test_compute_is_not_measured_for_speech():
    found = rates.compute_ratio("Switchboard", dates.LATEST)
    assert np.isnan(found.estimate) and (found.low, found.high) == (-np.inf, np.inf)


def test_shapes_forecast_their_own_truth_best():
    years = np.arange(2010, 2020, 0.5)
    bent = 40 * np.exp(-0.3 * np.minimum(years - 2010, 4) - 0.05 * np.maximum(years - 2014, 0))
    level = 5 + 35 * np.exp(-0.6 * (years - 2010))
    for errors, best in ((bent, "one break"), (level, "levelling off at a floor")):
        months = pd.to_datetime([f"{int(y)}-{1 if y % 1 == 0 else 7:02d}-01" for y in years])
        scores = trend_shapes.scores(trend_shapes.next_records(monthly_records(errors, months))).set_index("shape")
        assert scores.loc[best, "error_pct"] < 0.6 * scores.loc["straight line", "error_pct"]
        assert scores.loc[trend_shapes.NO_CHANGE, "skill"] == 0
    few = Records(years[:3], np.log(level[:3]), np.ones(3, bool))
    with pytest.raises(ValueError, match="3 records; forecasts need more than"):
        trend_shapes.next_records(few)


def test_power_grows_with_the_size_of_the_break():
    fit = BreakModel(rates.records("ImageNet top-1")).fit()
    none, half, all_but_over = (fit.power(2017.0, ratio) for ratio in (1.0, 0.5, 0.1))
    assert none == pytest.approx(0.05, abs=0.03) and none < half < all_but_over
    with pytest.raises(ValueError, match="record series only"):
        BreakModel(np.arange(8.0), np.arange(8.0)).fit().power(4.0, 0.5)
