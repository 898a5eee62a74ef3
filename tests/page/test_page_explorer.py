"""What the explorer is given: the audit's own results, for every combination of choices."""

import json

import numpy as np
import pytest

from dl_limits import dates
from dl_limits.page import explorer_imagenet, explorer_tasks
from dl_limits.studies.imagenet import claims, fits, points
from dl_limits.studies.tasks import backtest
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED


@pytest.fixture(scope="module")
def extrapolations():
    return explorer_imagenet.extrapolations()


@pytest.fixture(scope="module")
def tasks():
    return explorer_tasks.tasks()


def at(extrapolations, key, target=5.0):
    return extrapolations["fits"][key]["answers"][extrapolations["targets"].index(target)]


def floats(row):
    return np.array([np.nan if v is None else float(v) for v in row])


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


@pytest.mark.parametrize("year", ["2020", "2026"])
def test_with_a_floor_all_documented_networks_give_the_verdicts_own_interval(extrapolations, year):
    until = dates.date_of(year)
    part = claims._robust_part(points.documented_models(until), claims.Region(*points.claimed_region()))
    assert "with a floor" in part.primary.name  # the likelihood asks for it
    found = extrapolations["fits"][f"documented_{year}/floor/ols/path"]
    low, high = floats(at(extrapolations, f"documented_{year}/floor/ols/path"))[1:3]
    np.testing.assert_allclose([low, high], [part.primary.low, part.primary.high], atol=5.1e-4)
    assert found["word"] == part.word


def test_a_lower_target_needs_more_and_intervals_hold_the_estimate(extrapolations):
    for key, fit in extrapolations["fits"].items():
        rows = np.array([floats(row) for row in fit["answers"]])
        steps = np.diff(rows[np.isfinite(rows[:, 0]), 0])
        assert (steps < 0).all(), key
        assert np.isinf(rows[: len(rows) - len(steps) - 1, 0]).all(), key  # never reached: the lowest targets
        for low, middle, high in ((1, 0, 2), (4, 3, 5)):
            known = ~np.isnan(rows[:, low])
            assert (rows[known, low] <= rows[known, middle]).all(), key
            assert (rows[known, middle] <= rows[known, high]).all(), key
        assert np.isnan(rows[:, 4]).all() == ("/rma/" in key)


@pytest.mark.parametrize("key", ["documented_2020/power/ols/path", "documented_2026/floor/ols/path"])
def test_curves_pass_where_the_answers_say(extrapolations, key):
    fit, exponents = extrapolations["fits"][key], np.array(extrapolations["exponents"])
    seen = 0
    for target, row in zip(extrapolations["targets"], fit["answers"], strict=True):
        if row[3] != "inf" and row[3] < exponents[-1]:
            drawn = np.interp(row[3], exponents, np.log10(np.array(fit["curve"], float)))
            assert drawn == pytest.approx(np.log10(target), abs=4e-3 if "floor" in key else 1e-3)
            seen += 1
    assert seen > 10


def test_a_line_that_does_not_fall_is_not_drawn(extrapolations):
    rising = {
        key for key, fit in extrapolations["fits"].items() if fit["answers"][-1][0] == "inf" and "/floor/" not in key
    }
    assert rising and all(key.startswith("mended/") and key.endswith("/fixed") for key in rising)
    for key, fit in extrapolations["fits"].items():
        drawn = [value for value in fit["curve"] if value is not None]
        assert (drawn == []) == (key in rising)
        assert (np.diff(drawn) <= 0).all(), key  # rounded


@pytest.mark.parametrize(
    ("low", "high", "word", "reason"),
    [
        (4.2, 5.9, HOLDS, "the whole range lies within 10⁴ to 10⁶ times"),
        (6.1, np.inf, FAILS, "above 10⁶ times: more would be needed"),
        (0.2, 3.9, FAILS, "below 10⁴ times: less would be enough"),
        (2.8, 18.3, UNDECIDED, "holds all of 10⁴ to 10⁶ times, which the rule takes for 10⁵, but also less and more"),
        (5.0, 7.0, UNDECIDED, "holds part of 10⁴ to 10⁶ times, which the rule takes for 10⁵, but also more"),
    ],
)
def test_what_a_range_says_of_the_claim(low, high, word, reason):
    found = explorer_imagenet.multiplier_consequence(low, high)
    assert found[0] == word and reason in found[1]


def test_the_words_of_all_lines_are_counted(extrapolations):
    assert sum(extrapolations["words"].values()) == len(extrapolations["fits"]) == 4 * (2 * 3 * 2 + 1)
    views = explorer_imagenet.network_views(extrapolations)
    needed = {key: floats(at(extrapolations, key))[0] for key in extrapolations["fits"]}
    chosen = ["/".join(list(view.values())[:4]) for view in views.values()]
    assert set(chosen) <= set(needed)
    finite = [value for value in needed.values() if np.isfinite(value)]
    assert [needed[chosen[-2]], needed[chosen[-1]]] == [min(finite), max(finite)]


def test_the_bounds_are_what_their_definitions_give():
    # 1.99e30 kg, c = 3.00e8 m/s: 1.79e47 J; k T ln 2 at 2.725 K: 2.61e-23 J
    assert explorer_imagenet.most_operations() == pytest.approx(np.log10(1.787e47 / 2.608e-23), abs=0.001)
    assert explorer_imagenet.most_dollars() == pytest.approx(np.log10(29.18e12) + 3, abs=0.001)


def test_task_forecasts_are_the_back_tests(tasks):
    table = backtest.next_tenfold(explorer_tasks.series())
    assert sum(len(task["settings"]) for task in tasks["series"].values()) == len(table)
    row = table[(table["task"] == "LAMBADA") & (table["setting"] == "few")].iloc[0]
    shown = tasks["series"]["LAMBADA"]["settings"]["few"]
    np.testing.assert_allclose(shown["steps"][0], row[["predicted", "low", "high"]].astype(float), atol=0.006)
    assert shown["shares"][0] == pytest.approx(100 * row["gain"] / (100 - row["last"]), abs=0.5)
    assert explorer_tasks.task_views(tasks)["Already solved"]["task"] == "2D+"


def test_what_a_forecast_says_of_modest_gains():
    assert explorer_tasks.gain_consequence(50, 52, 51, 54) == (
        HOLDS,
        "of what was left the range runs from 2 to 8 %, all of it below 10 %, and the rule calls that modest",
    )
    assert explorer_tasks.gain_consequence(50, 70, 65, 80)[0] == FAILS
    word, reason = explorer_tasks.gain_consequence(98, 98.4, 50, 99.5)
    assert word == UNDECIDED and "from a loss of more than all to 75 %" in reason
    assert explorer_tasks.gain_consequence(100, 92.7, 80, 99) == ("", "")  # nothing left: no share of it


def test_no_interval_where_no_check_is_possible(tasks):
    steps = [series["steps"] for task in tasks["series"].values() for series in task["settings"].values()]
    assert all(None not in one and None not in two and three[1:] == [None, None] for one, two, three in steps)


def test_every_task_is_spelt_out_and_grouped(tasks):
    labels = [task["label"] for task in tasks["series"].values()]
    assert len(set(labels)) == len(labels)
    assert not [label for label in labels if "->" in label or "_" in label]
    assert {task["group"] for task in tasks["series"].values()} == set(explorer_tasks.SPELT_OUT)
    with pytest.raises(ValueError, match=r"2Dy.*SPELT_OUT"):
        explorer_tasks.label("2Dy", "arithmetic", "accuracy")


def test_what_is_left_out_says_why(tasks):
    assert tasks["left_out"] == {"WiC": {"zero": "0.0 at every size: the answers had another form"}}


def test_everything_is_json_that_browsers_read(extrapolations, tasks):
    text = json.dumps({"a": extrapolations, "b": tasks}, allow_nan=False)
    assert "Infinity" not in text and len(text) < 250_000
