"""The wait for a record, the lines learnt before it, and the lengths of tasks."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.studies.cost import runs
from dl_limits.studies.wall import horizons, pause
from dl_limits.studies.wall.numbers import numbers


def test_the_wait_is_counted_in_months_and_compared_with_earlier_ones():
    wait = pause.waits()
    table = data.load("notable_models").query("not doubtful").dropna(subset=["training_flop"])
    top = table.loc[table["training_flop"].idxmax()]
    assert (wait["record"], wait["flop"]) == (top["model"], top["training_flop"])
    months = (2026 - top["published"].year) * 12 + 7 - top["published"].month
    assert wait["months"] == pytest.approx(months)
    assert wait["longest"] > wait["months"] and 0 < wait["share"] < 1


def growing(rate, until=2025.0):
    years = np.arange(2018, until, 0.25)
    dates = pd.to_datetime([f"{int(y)}-{round(12 * (y % 1)) + 1:02}" for y in years])
    noise = np.random.default_rng(3).normal(0, 0.2, len(years))
    return pd.DataFrame(
        {"published": dates, "year": years, "value": np.exp(10 + np.log(rate) * (years - 2018) + noise)}
    )


def test_what_is_expected_does_not_see_what_came():
    known = growing(4.0)
    later = pd.DataFrame({"published": [pd.Timestamp("2025-06-01")], "year": [2025 + 5 / 12], "value": [1e12]})
    plain, seen = (pause.expected(table, 2026.0) for table in (known, pd.concat([known, later], ignore_index=True)))
    pd.testing.assert_frame_equal(plain.drop(columns="below"), seen.drop(columns="below"))
    assert plain["below"].iloc[-1] < 0.05 and seen["below"].iloc[-1] == 1.0


def test_the_largest_run_to_come_never_falls_and_grows_as_the_line_does():
    table, rng = growing(4.0), np.random.default_rng(0)
    drawn = runs.largest(table, np.array([2025.0, 2027.0, 2029.0]), rng, 500)
    assert (np.diff(drawn, axis=1) >= 0).all() and (drawn[:, 0] >= np.log(table["value"].max())).all()
    pace = np.median(drawn[:, 2] - drawn[:, 1]) / 2
    assert np.exp(pace) == pytest.approx(4.0, rel=0.15)


def test_the_share_that_passes_is_the_share_of_largest_runs_above_the_mark():
    table, mark = growing(3.0), 1.5e9
    share = runs.passes(table, mark, 2028.0, np.random.default_rng(5), draws=400)
    top = runs.largest(table, np.array([2028.0]), np.random.default_rng(5), 400)[:, 0]
    assert share == pytest.approx((top > np.log(mark)).mean())
    assert 0.05 < share < 0.95


def test_horizons_double_as_fast_as_their_makers_say():
    found = horizons.doubling().set_index("since")["months"]
    printed = data.load("recent_rates").set_index("rate_id")["growth_per_year"]
    for since, rate in ((2019.0, "horizon_all_2026"), (2023.0, "horizon_since_2023")):
        assert found[since] == pytest.approx(12 * np.log(2) / np.log(printed[rate]), rel=0.1)


def test_known_compute_is_counted_on_both_sides_of_the_date():
    table, counts = data.load("time_horizons"), horizons.documented().set_index("when")
    assert counts["models"].sum() == len(table) and counts["known"].sum() == table["model_id"].count()
    assert counts.loc["since", "models"] == (table["published"] >= "2025-08-01").sum()


def test_a_tenfold_buys_less_where_the_floor_is_nearer():
    bought = pause.buys()
    assert bought["estimate"].iloc[1] < bought["estimate"].iloc[0] < bought["power_law"].iloc[0]
    assert bought["power_law"].iloc[0] == pytest.approx(bought["power_law"].iloc[1])


def test_no_number_of_the_page_rests_on_energy_that_was_measured_elsewhere():
    energy = pause.energy_accounts().set_index("model")
    assert energy.loc["Grok 4", "kind"] == "quoted" and "GLaM" not in energy.index
    assert numbers()["energy_grok_4"].value == pytest.approx(246 * 0.7, rel=1e-6)
