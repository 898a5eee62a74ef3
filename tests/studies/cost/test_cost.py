"""The bill: the calculator against printed bills, growth against simulated truth, thresholds in closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data
from dl_limits.studies.cost import bill, trends
from dl_limits.studies.cost.trends import Growth


def growth(factor, log_se=0.0):
    log = np.log(factor)
    return Growth(factor, np.exp(log - 1.96 * log_se), np.exp(log + 1.96 * log_se), log, log_se, np.inf, 0)


def test_calculator_gives_the_printed_bills():
    printed = data.load("training_energy").query("source == 'touvron_2023_llama'")
    assert len(printed) == 3
    for row in printed.itertuples():
        mine = bill.hours_bill(row.chip_hours, usd_per_chip_hour=1, chip_power_w=row.rated_power_w)
        assert mine.energy_mwh == pytest.approx(row.energy_mwh, rel=0.005)
        assert mine.emissions_t == pytest.approx(row.emissions_t, rel=0.01)
    deepseek = data.load("training_costs").set_index("cost_id").loc["deepseek_v3_stated", "cost_usd"]
    assert bill.hours_bill(2.788e6, usd_per_chip_hour=2, chip_power_w=700).cost_usd == pytest.approx(deepseek)
    # LLaMA-65B: 6 N D operations at the utilisation that its hours imply
    flop = 6 * 65.2e9 * 1.4e12
    share = flop / (1022362 * 3600 * 312e12)
    run = bill.training_bill(flop, peak_flop_per_s=312e12, utilisation=share, usd_per_chip_hour=1.5, chip_power_w=400)
    assert run.chip_hours == pytest.approx(1022362) and run.cost_usd == pytest.approx(1.5 * 1022362)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"training_flop": 0}, "training_flop must be positive"),
        ({"utilisation": 1.2}, "at most 1"),
        ({"usd_per_chip_hour": float("inf")}, "usd_per_chip_hour must be positive and finite"),
        ({"power_usage_effectiveness": 0.9}, "at least 1"),
        ({"co2_g_per_kwh": float("nan")}, "co2_g_per_kwh"),
    ],
)
def test_calculator_names_the_bad_number(change, match):
    given = {
        "training_flop": 1e20,
        "peak_flop_per_s": 1e14,
        "utilisation": 0.4,
        "usd_per_chip_hour": 1,
        "chip_power_w": 400,
    }
    with pytest.raises(ValueError, match=match):
        bill.training_bill(**(given | change))


def test_growth_of_a_known_truth_is_covered(monkeypatch):
    rng = np.random.default_rng(1)
    years = np.linspace(2016, 2025, 48)
    hits = 0
    for _ in range(300):
        usd = np.exp(7 + np.log(2.5) * (years - 2016) + 1.2 * rng.standard_normal(48))
        table = pd.DataFrame({"year": years, "cost_usd": usd, "training_flop": np.arange(48.0), "published": years})
        monkeypatch.setattr(trends, "costs", lambda basis, until, table=table: table)
        found = trends.cost_growth()
        hits += found.low <= 2.5 <= found.high
    assert hits / 300 == pytest.approx(0.93, abs=0.045)  # HAC with 48 points covers a little less than 95 %


def test_growth_overlaps_the_published_rate():
    found, printed = trends.cost_growth(until=trends.PUBLISHED_UNTIL), trends.published_growth("cost_cottier_2024")
    assert found.low < printed.factor < found.high
    assert printed.low == pytest.approx(np.exp(np.log(2.4) - 1.96 * np.log(2.9 / 2) / (2 * 1.644854)), rel=1e-4)
    with pytest.raises(ValueError, match="basis must be one of"):
        trends.costs("stated")


def test_crossing_in_closed_form():
    draws = trends.crossing(1e8, 2025.0, growth(10), 1e10, n_draws=40_000)
    assert np.median(draws) == pytest.approx(2027, abs=0.02)
    spread = np.log10(2) / stats.norm.isf(0.05)
    assert draws.std() == pytest.approx(spread, rel=0.03)
    # a threshold that grows as fast as the quantity is never reached, one already passed is passed now
    assert np.isinf(trends.crossing(1.0, 2025, growth(1.02), 1e6, yearly=1.02)).all()
    assert (trends.crossing(1e12, 2025, growth(2), 1.0) == 2025).all()
    # two growths multiply
    both = trends.crossing(1.0, 2025, [growth(2), growth(5)], 1e4, n_draws=40_000)
    assert np.median(both) == pytest.approx(2029, abs=0.03)
    # a growing threshold: 10 times at 4 times a year against 2 times a year takes log 10 / log 2 years
    moving = trends.crossing(1.0, 2025, growth(4), 10.0, yearly=2.0, n_draws=40_000)
    assert np.median(moving) == pytest.approx(2025 + np.log2(10), abs=0.02)


def test_counterforces_multiply():
    forces = {"a": growth(2.0), "b": growth(3.0, 0.1)}
    fall = trends.fixed_capability([1.0, 2.0], forces, n_draws=40_000)
    np.testing.assert_allclose(fall["median"], [1 / 6, 1 / 36], rtol=0.01)
    np.testing.assert_allclose(np.log(fall["high"] * [6, 36]), [0.196, 0.392], rtol=0.05)


def test_unit_price_and_projections():
    assert trends.unit_price() == pytest.approx(1e-17)
    table = trends.projection_table()
    law = table[table["model"] == "2020, power law"]
    assert law["flop"].diff().iloc[1] == pytest.approx(4.93, abs=0.01)  # chapter 06
    np.testing.assert_allclose(table["usd"] - table["flop"], -17)
    assert (table["usd_high"].dropna() > 15).all()
