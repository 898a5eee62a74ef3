"""What the explorer is given: the audit's own results, for every combination of choices."""

import json

import numpy as np
import pytest

from dl_limits import dates
from dl_limits.page import explorer
from dl_limits.studies.imagenet import fits, points
from dl_limits.studies.tasks import backtest
from dl_limits.studies.tasks import scores as tasks_scores


@pytest.fixture(scope="module")
def extrapolations():
    return explorer.extrapolations()


@pytest.fixture(scope="module")
def tasks():
    return explorer.tasks()


def at(extrapolations, key, target=5.0):
    return extrapolations["fits"][key]["answers"][extrapolations["targets"].index(target)]


def test_the_published_fit_is_chapter_06s(extrapolations):
    fit, (start, target) = fits.published_fit(), points.levels()
    expected = [*fit.multiplier(start, target).log10(), *fit.required(target).log10()]
    np.testing.assert_allclose(at(extrapolations, "published/power/ols/path", target), expected, atol=5.1e-4)


@pytest.mark.parametrize("recipe", ["path", "fixed"])
@pytest.mark.parametrize("direction", ["ols", "reverse"])
def test_documented_fits_are_chapter_06s(extrapolations, recipe, direction):
    fit = fits.documented_fit(dates.LATEST, fixed_recipe=recipe == "fixed", method=direction)
    expected = fit.multiplier(*points.levels()).log10()
    found = at(extrapolations, f"documented_2026/power/{direction}/{recipe}")[:3]
    np.testing.assert_allclose(found, expected, atol=5.1e-4)


def test_a_lower_target_needs_more_and_intervals_hold_the_estimate(extrapolations):
    for key, fit in extrapolations["fits"].items():
        rows = np.array([[np.nan if v is None else float(v) for v in row] for row in fit["answers"]])
        with np.errstate(invalid="ignore"):  # a line that does not fall never gets there: infinity less infinity
            assert (np.diff(rows[:, 0]) < 0).all() or np.isinf(rows[:, 0]).all(), key
        for low, middle, high in ((1, 0, 2), (4, 3, 5)):
            known = ~np.isnan(rows[:, low])
            assert (rows[known, low] <= rows[known, middle]).all(), key
            assert (rows[known, middle] <= rows[known, high]).all(), key
        assert np.isnan(rows[:, 4]).all() == ("/rma/" in key)


def test_curves_pass_where_the_answers_say(extrapolations):
    fit, exponents = extrapolations["fits"]["documented_2020/power/ols/path"], np.array(extrapolations["exponents"])
    for target, row in zip(extrapolations["targets"], fit["answers"], strict=True):
        drawn = np.interp(row[3], exponents, np.log10(np.array(fit["curve"], float)))
        assert drawn == pytest.approx(np.log10(target), abs=1e-3)


def test_task_forecasts_are_the_back_tests(tasks):
    scores = tasks_scores.load_scores()
    scores = scores.where((scores.info["score_unit"] != "perplexity") & (scores.info["artefact"] == ""))
    table = backtest.next_tenfold(scores)
    assert sum(map(len, tasks["series"].values())) == len(table)
    row = table[(table["task"] == "LAMBADA") & (table["setting"] == "few")].iloc[0]
    shown = tasks["series"]["LAMBADA"]["few"]["steps"][0]
    np.testing.assert_allclose(shown, row[["predicted", "low", "high"]].astype(float), atol=0.006)


def test_no_interval_where_no_check_is_possible(tasks):
    steps = [series["steps"] for task in tasks["series"].values() for series in task.values()]
    assert all(None not in one and None not in two and three[1:] == [None, None] for one, two, three in steps)


def test_everything_is_json_that_browsers_read(extrapolations, tasks):
    text = json.dumps({"a": extrapolations, "b": tasks}, allow_nan=False)
    assert "Infinity" not in text and len(text) < 200_000
