"""Open forecasts: fixed once made, made by the code that says so, scored with known values."""

import shutil

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.inference.record_steps import monthly_steps, year_blocks
from dl_limits.inference.scoring import interval_score, quantile_score
from dl_limits.studies.forecasts import drawing, ledger
from dl_limits.studies.forecasts.targets import FORECAST_TARGETS
from tools import forecast

QUANTILE_LEVELS = drawing.QUANTILE_LEVELS


@pytest.fixture(scope="module")
def stored():
    return forecast.stored()


# ------------------------------------------------------------------ the table


def test_no_forecast_has_changed_since_it_was_made(stored):
    found = {int(version): ledger.digest(part) for version, part in stored.groupby("version")}
    assert found == ledger.DIGESTS, "a forecast is never changed: make a new version (python -m tools.forecast new)"


def test_the_digest_sees_every_fixed_cell_and_no_resolution(stored):
    whole = ledger.digest(stored)
    for column in ledger.FIXED:
        other = stored.copy()
        other.loc[3, column] += "0"
        assert ledger.digest(other) != whole, column
    assert ledger.digest(stored.assign(value="1", resolved_on="2028-03", value_locator="x")) == whole


def test_the_newest_version_is_what_the_code_gives(stored):
    version = max(ledger.DIGESTS)
    kept, made = stored[stored["version"] == str(version)].reset_index(drop=True), ledger.rows(version)
    numeric = ["so_far", *ledger.QUANTILES]
    pd.testing.assert_frame_equal(kept[ledger.FIXED].drop(columns=numeric), made[ledger.FIXED].drop(columns=numeric))
    # another processor's last digits may move a draw across a quantile, never far
    assert np.log(kept[numeric].astype(float)).to_numpy() == pytest.approx(
        np.log(made[numeric].astype(float)).to_numpy(), abs=0.05
    )


def test_every_forecast_is_whole():
    table = data.load("open_forecasts")
    assert len(table) >= 12 and set(table["target"]) == set(FORECAST_TARGETS)
    quantiles = table[ledger.QUANTILES].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (table["resolves_by"] > table["made_on"]).all()
    grows = ~table["target"].eq("imagenet_error")
    ends = np.where(grows, quantiles[:, 0] - table["so_far"], table["so_far"] - quantiles[:, -1])
    assert (ends >= -1e-9 * table["so_far"]).all()  # a record does not fall
    for _, part in table.groupby(["target", "version"], observed=True):
        best = part.sort_values("resolves_by")["q50"].to_numpy()
        assert (np.diff(best) >= 0).all() or part["target"].iloc[0] == "imagenet_error"


def test_no_draw_passes_what_the_world_holds():
    for name in ("dearest_run", "largest_energy"):
        assert drawing.expected_best(name)["q95"].max() <= FORECAST_TARGETS[name].ceiling()


def test_a_new_version_is_appended_and_leaves_the_old(tmp_path, stored):
    shutil.copytree(data.DIRECTORY, tmp_path / "data")
    shutil.copy(data.DIRECTORY.parent / "references.bib", tmp_path)
    version, digest = forecast.new(tmp_path / "data")
    both = forecast.stored(tmp_path / "data")
    pd.testing.assert_frame_equal(both.head(len(stored)), stored)
    assert version == max(ledger.DIGESTS) + 1 and ledger.digest(both.tail(len(both) - len(stored))) == digest


# ------------------------------------------------------------------ scores


def test_a_forecast_of_one_number_gets_its_absolute_error():
    assert quantile_score(3.0, [1.0] * 5, QUANTILE_LEVELS) == pytest.approx(2.0)
    assert quantile_score(-1.0, [1.0] * 5, QUANTILE_LEVELS) == pytest.approx(2.0)


def test_the_quantile_score_is_the_weighted_mean_of_interval_scores():
    quantiles = np.array([-2.0, -0.5, 0.3, 1.0, 4.0])
    for y in (-3.0, -1.0, 0.2, 5.5):
        parts = 0.5 * abs(y - quantiles[2])
        for k, level in ((0, 0.9), (1, 0.5)):
            parts += (1 - level) / 2 * interval_score(y, quantiles[k], quantiles[-1 - k], level)
        assert quantile_score(y, quantiles, QUANTILE_LEVELS) == pytest.approx(parts / 2.5)


@pytest.mark.parametrize(
    ("quantiles", "levels", "word"),
    [([2, 1], [0.25, 0.75], "rise"), ([1, 2], [0.25, 0.5], "symmetrical"), ([1], [0.25, 0.75], "rise")],
)
def test_what_is_no_forecast_is_named(quantiles, levels, word):
    with pytest.raises(ValueError, match=word):
        quantile_score(1.0, quantiles, levels)


def resolved(values):
    """Return a table of forecasts with quantiles e^-2 to e^2 and a record of 1, resolved with these values."""
    quantiles = dict(zip(ledger.QUANTILES, np.exp([-2.0, -1.0, 0.0, 1.0, 2.0]), strict=True))
    rows = [
        {
            "forecast_id": f"f{i}",
            "target": target,
            "version": 1,
            "resolves_by": pd.Timestamp("2027-12-01"),
            "so_far": 1.0,
        }
        | quantiles
        | {"value": value}
        for i, (target, value) in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_resolved_rows_are_scored_and_others_wait():
    e = np.e
    table = resolved([("largest_run", 1.0), ("largest_run", e**1.5), ("time_horizon", e**3), ("time_horizon", np.nan)])
    scored = ledger.resolved_scores(table).set_index("forecast_id")
    assert list(scored.index) == ["f0", "f1", "f2"]
    assert scored["inside_50"].tolist() == [True, False, False]
    assert scored["inside_90"].tolist() == [True, True, False]
    assert scored["standing"].tolist() == pytest.approx([0.0, 1.5, 3.0])
    assert scored["interval"].tolist() == pytest.approx([4.0, 4.0, 4.0 + 20 * 1.0])
    # by hand: 2/5 of (.05·2 + .25·1 + 0 + .25·1 + .05·2)
    assert scored.loc["f0", "score"] == pytest.approx(0.4 * 0.7)
    summary = ledger.score_summary(scored.reset_index()).set_index("target")
    assert summary.loc["largest_run", "resolved"] == 2 and summary.loc["all", "resolved"] == 3
    assert summary.loc["all", "inside_90"] == pytest.approx((1 + 0) / 2)  # targets count alike


def test_scoring_says_how_many_are_resolved(capsys):
    forecast.main(["score"])
    table = data.load("open_forecasts")
    assert f"{table['value'].notna().sum()} of {len(table)} forecasts are resolved" in capsys.readouterr().out


# ------------------------------------------------------------------ the method


def test_steps_of_a_record_are_monthly_and_see_nothing_later():
    years, values = [2020.0, 2021.5, 2022.25, 2024.0], [1.0, 3.0, 2.0, 9.0]
    steps, now = monthly_steps(years, values, 2023.0)
    assert now == 3.0 and steps.sum() == 2.0 and (steps >= 0).all() and (steps > 0).sum() == 1
    with pytest.raises(ValueError, match="two years of history"):
        monthly_steps(years, values, 2021.0)


def test_a_record_that_grows_evenly_is_carried_on_evenly():
    years = 2010 + np.arange(120) / 12
    drawn = year_blocks(years, np.arange(120.0), [2021.0, 2022.5], 2020.0, np.random.default_rng(0), 50)
    assert drawn == pytest.approx(np.tile([119.0 + 12, 119.0 + 30], (50, 1)))
    with pytest.raises(ValueError, match=r"after 2020\.00"):
        year_blocks(years, np.arange(120.0), [2020.0], 2020.0, np.random.default_rng(0), 5)


def test_past_forecasts_saw_nothing_that_came_later(monkeypatch):
    plain = drawing.past("largest_run")
    tables = FORECAST_TARGETS["largest_run"].tables()
    changed = [t.assign(value=t["value"].where(t["year"] < 2023, t["value"] * 1e6)) for t in tables]
    monkeypatch.setitem(
        drawing.FORECAST_TARGETS, "largest_run", drawing.FORECAST_TARGETS["largest_run"].__class__(
            **{**vars(FORECAST_TARGETS["largest_run"]), "tables": lambda: changed}
        )
    )  # fmt: skip
    other = drawing.past.__wrapped__("largest_run")
    early = plain["origin"] <= 2023
    pd.testing.assert_frame_equal(plain[early][["low", "median", "high"]], other[early][["low", "median", "high"]])
    assert (other["y"] > plain["y"]).any()


def test_past_forecasts_moved_and_widened_so_hold_nine_in_ten():
    assert -1 < drawing.lean() < 1
    for name in FORECAST_TARGETS:
        table, factor = drawing.past(name), drawing.widening(name)
        down, up = table["median"] - table["low"], table["high"] - table["median"]
        middle = table["median"] + drawing.lean() * (down if drawing.lean() < 0 else up)
        held = (table["y"] >= middle - factor * down - 1e-9) & (table["y"] <= middle + factor * up + 1e-9)
        assert factor >= 1 and held.mean() >= 0.9 - 1e-9, name
