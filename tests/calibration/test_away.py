"""Forecasts of new runs on public sets: the stored scores are those of the code, and the bookkeeping is honest."""

import numpy as np
import pytest

from dl_limits.calibration import away
from dl_limits.laws.surface import rolling


@pytest.mark.parametrize("name", away.kept_sets())
def test_stored_scores_are_those_of_the_code(name):
    """Of the two sets that are kept here; the others can be had at their sources."""
    runs = away.kept_sets()[name]
    found = away.summarised(away.score_runs(*runs)).set_index("method")
    stored = away.stored_forecasts().query("set_id == @name").set_index("method").loc[found.index]
    assert (found["forecasts"] == stored["forecasts"]).all() and stored["runs"].eq(len(runs[0])).all()
    for column in ("coverage_pct", "interval_score_pct", "mean_error_pct"):
        # a run at the very edge of its interval may fall to either side on another processor
        np.testing.assert_allclose(found[column].astype(float), stored[column].astype(float), rtol=0.02)


def test_nothing_larger_is_known():
    loss, params, tokens = away.kept_sets()["chinchilla_runs"]
    compute, seen = rolling.log_compute(params, tokens), []
    for below, known, ahead in away.held_back_tasks(loss, params, tokens):
        seen.append(below)
        assert compute[known].max() <= compute.max() - below < compute[ahead].min()
        assert compute[ahead].max() <= compute.max() - below + away.HALF_DECADE + 1e-6
    assert seen == list(away.BELOW)


def test_small_sets_have_no_tasks():
    assert len(away.score_runs([3.0, 2.9, 2.8], [1e7, 1e8, 1e9], [1e9, 1e10, 1e11])) == 0


def test_the_ladder_is_foretold_from_small_runs_alone():
    table = away.ladder()
    assert list(table["run"]) == ["7B-4T", "13B-5T"]
    np.testing.assert_allclose(table["error_pct"], 100 * (table["predicted"] / table["loss"] - 1))
    assert (table["low"] < table["loss"]).all() and (table["loss"] < table["high"]).all()
    assert (table["error_pct"].abs() < abs(table["published_error_pct"].dropna().iloc[0])).all()


def test_stored_curves_are_as_wide_as_promised_and_no_wider():
    """LCDB itself is not kept here: `python -m benchmarks.curves --learn` computes the table from it."""
    stored = away.stored_curves()
    assert list(stored["collection"]) == ["whole curves", "5 to 14 points of each"]
    assert ((stored["coverage_pct"] - 95).abs() <= 2 * stored["coverage_se_pct"]).all()
    # an interval is never shorter than what it must cover: its score is at least twice the typical error
    assert (stored["median_score_pct"] > 2 * stored["error_pct"]).all()
