"""The extrapolator against its parts and against a straight line, on curves of known truth."""

import numpy as np
import pytest

from dl_limits.calibration import simulated_curves
from dl_limits.inference import scoring
from dl_limits.laws import curve_laws


@pytest.fixture(scope="module")
def scores():
    return scoring.score(simulated_curves.simulated(12, seed=5))


def test_the_average_forecasts_better_than_any_of_its_laws(scores):
    overall = np.exp(np.log(scores["rmse_log"]).groupby(scores["method"]).mean())
    single = overall[[*curve_laws.LAWS, "least-squares line"]]
    assert overall["extrapolator"] < single.min()


def test_its_interval_covers_and_a_straight_lines_does_not(scores):
    coverage = scores.groupby("method")["coverage"].mean()
    assert 0.92 < coverage["extrapolator"] < 0.995
    assert coverage["least-squares line"] < 0.8
    score = scores.groupby("method")["interval_score"].mean()
    assert score["extrapolator"] < score["least-squares line"] / 2


def test_runs_of_this_book_are_forecast_better_than_by_a_line():
    table = scoring.summarise(scoring.score(simulated_curves.runs_at_one_size())).set_index("method")
    assert table.loc["extrapolator", "rmse_log"] < table.loc["least-squares line", "rmse_log"] / 3
    assert table.loc["least-squares line", "beaten_share"] > 0.8


def test_simulated_curves_are_the_same_for_the_same_seed_and_new_points_lie_beyond():
    first, second = (list(simulated_curves.simulated(2, seed=9)) for _ in range(2))
    assert len(first) == 2 * len(simulated_curves.CURVE_SHAPES)
    for (_, _, x, y, x_new, y_new), again in zip(first, second, strict=True):
        assert len(x) == len(y) >= 5
        assert len(x_new) == len(y_new) == 8
        assert x_new.min() > x.max()
        np.testing.assert_array_equal(y, again[3])


def test_the_summary_counts_curves_and_averages_logs():
    scores = scoring.score(list(simulated_curves.simulated(1, seed=2))[:3])
    table = scoring.summarise(scores.assign(kind="one", curve=scores["kind"]))
    row = table.set_index("method").loc["power"]
    logs = np.log(scores.loc[scores["method"] == "power", "rmse_log"])
    assert row["curves"] == 3
    assert row["rmse_log"] == pytest.approx(np.exp(logs.mean()))
