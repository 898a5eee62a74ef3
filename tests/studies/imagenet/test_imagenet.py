"""The ImageNet chapter's numbers against print, direct computation and known truth."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from dl_limits import data, dates
from dl_limits.dates import date_of
from dl_limits.figures.style import alt_text
from dl_limits.laws import powerlaw
from dl_limits.studies.imagenet import backtest, fits, points, scales, specifications, stress

POINTS = points.regression_points()


def test_the_published_fit_reproduces():
    fit = fits.published_fit()
    assert fit.nobs == 13
    assert fit.params["exponent"] == pytest.approx(0.0733, abs=5e-5)
    assert fit.bse["exponent"] == pytest.approx(0.0244, abs=5e-5)
    assert fit.rsquared == pytest.approx(0.452, abs=5e-4)
    assert points.levels() == (11.5, 5.0)
    assert fit.multiplier(*points.levels()).log10()[0] == pytest.approx(4.93, abs=0.005)


def test_the_exponential_form_reproduces():
    """Slope and intercept as published by the authors' data: 1/error on log10 of Gflop."""
    law = powerlaw.ReciprocalLaw(POINTS["top1_error_pct"] / 100, POINTS["peak_burden_flop"] / 1e9)
    fit = law.fit()
    assert fit.params.tolist() == pytest.approx([-4.14564, 0.86692], abs=1e-5)
    assert fit.bse.tolist() == pytest.approx([2.91088, 0.26972], abs=1e-5)
    assert fit.multiplier(0.115, 0.05).log10()[0] == pytest.approx(13.04, abs=0.005)


def test_the_authors_revision_gives_the_known_range():
    table = fits.revision_table().set_index(["form", "specification"])
    assert table.loc[("polynomial", "network operations"), "estimate"] == pytest.approx(4.41, abs=0.01)
    assert table.loc[("exponential", "network operations"), "estimate"] == pytest.approx(0.065 / 0.033)
    table = table.reset_index()
    power_laws = table.loc[table["form"] == "polynomial", "estimate"]
    assert power_laws.min() == pytest.approx(3.9, abs=0.05)
    assert power_laws.max() == pytest.approx(5.6, abs=0.05)
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()


def test_repairs_change_what_they_name_and_nothing_else():
    published = POINTS["peak_burden_flop"]
    for repair in data.load("imagenet_repairs_2020").itertuples():
        repaired = points.regression_points([repair.repair_id])
        if repair.action == "drop":
            assert set(POINTS.index) - set(repaired.index) == {repair.model_id}
            continue
        changed = repaired[["peak_burden_flop", "top1_error_pct"]].ne(POINTS[["peak_burden_flop", "top1_error_pct"]])
        assert changed.index[changed.any(axis=1)].tolist() == [repair.model_id]
        assert repaired["peak_burden_flop"].drop(repair.model_id).equals(published.drop(repair.model_id))


def test_repairs_pull_both_ways():
    table = fits.repair_table().set_index("change")["estimate"]
    assert table["MnasNet: 64 devices"] == pytest.approx(6.1, abs=0.05)
    assert table["without OctResNet-152"] == pytest.approx(4.1, abs=0.05)
    assert len(table) == 1 + (data.load("imagenet_repairs_2020")["action"] == "replace").sum() + 13 + 2


@pytest.mark.parametrize(
    ("repairs", "message"),
    [(["nonsense"], "unknown"), (["octresnet_left_out", "octresnet_own_time"], "more than one")],
)
def test_impossible_repairs_are_named(repairs, message):
    with pytest.raises(ValueError, match=message):
        points.regression_points(repairs)


def test_documented_models_are_what_the_rules_say():
    models = points.documented_models()
    assert models["training_flop"].notna().all()
    assert (models["published"] <= dates.CUTOFF).all()
    assert not models["includes_architecture_search"].any()
    later = points.documented_models(dates.LATEST, after=dates.CUTOFF)
    assert not set(models.index) & set(later.index)
    assert not later["evaluation"].str.contains("frozen|zero-shot").any()
    assert set(points.documented_models(search=True)["includes_architecture_search"]) == {True, False}


def test_documented_fit_is_least_squares_with_the_papers_left_out_in_turn():
    models = points.documented_models()
    design = sm.add_constant(np.column_stack([np.log10(models["training_flop"]), models["years"]]))
    error, papers = np.log10(models["top1_error_pct"].to_numpy()), models["paper"].to_numpy()
    direct = sm.OLS(error, design).fit().params[1]
    without = [sm.OLS(error[papers != p], design[papers != p]).fit().params[1] for p in np.unique(papers)]
    g = len(without)
    ours = fits.documented_fit(fixed_recipe=True)
    assert ours.params["exponent"] == pytest.approx(-direct)
    assert ours.bse["exponent"] == pytest.approx(np.sqrt((g - 1) / g * np.sum((np.array(without) - direct) ** 2)))
    assert ours.line.df == g - 1


def test_known_multipliers_of_other_choices():
    """Figures of quick trials that the rules of evidence name, within their rounding."""
    path = fits.documented_fit().multiplier(*points.levels()).log10()
    fixed = fits.documented_fit(fixed_recipe=True).multiplier(*points.levels()).log10()
    assert path[0] == pytest.approx(4.8, abs=0.05)
    assert 7 <= fixed[0] < 7.5
    trend = fits.time_trend(points.documented_models(), "training_flop")
    assert trend["r_squared"] == pytest.approx(0.71, abs=0.01)
    assert trend["r_squared_with_year"] == pytest.approx(0.89, abs=0.02)


def test_time_trend_finds_a_known_truth():
    rng = np.random.default_rng(4)
    years, log_compute = rng.uniform(-8, 0, 300), rng.uniform(18, 23, 300)
    error = 10 ** (3 - 0.08 * log_compute - 0.02 * years + 0.001 * rng.standard_normal(300))
    table = pd.DataFrame({"top1_error_pct": error, "training_flop": 10**log_compute, "years": years})
    assert fits.time_trend(table, "training_flop")["years_per_tenfold"] == pytest.approx(4, abs=0.05)


def test_the_curve_holds_every_choice_once():
    curve = specifications.specifications()
    table = curve.estimates()
    assert not table[curve.choice_names].duplicated().any()
    assert set(table["date"]) == {"in", "left out"}
    assert set(table["estimator"]) == set(specifications.ESTIMATORS)
    published = table.query(
        "data == '13 published points' and form == 'power law' and date == 'left out' "
        "and estimator == 'least squares' and errors == 'classical'"
    )
    assert published["estimate"].tolist() == pytest.approx([4.9323], abs=1e-4)
    assert not table.query("measure == 'top-5'")["data"].str.contains("points").any()
    summary = specifications.curve_summary(curve)
    assert summary["n"].sum() == len(curve)
    assert (summary["median"] >= summary["smallest"]).all()
    assert (table["low"] <= table["estimate"]).all() and (table["estimate"] <= table["high"]).all()


def test_standard_errors_alone_move_no_answer_and_have_no_share_of_the_spread():
    table = specifications.specifications().estimates()
    shares = specifications.choice_shares(table)
    assert shares.sum() == pytest.approx(1) and set(shares.index) == set(specifications.MEANINGS) - {"errors"}
    once = table[table["errors"] == "classical"]  # each answer has one such interval
    assert specifications.choice_shares(once).to_dict() == pytest.approx(shares.to_dict())
    path = table.query("date == 'left out' and measure == 'top-1'")
    assert specifications.choice_shares(path).idxmax() == "form"


def test_the_rule_judges_each_answer_by_its_interval():
    table = specifications.specifications().estimates()
    inside = (table["low"] >= 4) & (table["high"] <= 6)
    beside = (table["low"] > 6) | (table["high"] < 4)
    assert (
        specifications.rule_words(table).map({"holds": 1, "undecided": 0, "does not hold": -1}).tolist()
        == (inside.astype(int) - beside.astype(int)).tolist()
    )


def test_the_primary_part_asks_what_the_claim_says():
    table = specifications.primary(specifications.specifications()).estimates()
    assert set(table["measure"]) == {"top-1"} and set(table["form"]) == {"power law"}
    assert not set(table["estimator"]) & set(specifications.BOUNDS)


def test_the_largest_run_is_that_of_the_same_data_and_measure():
    for spec in specifications.specifications().specifications:
        assert spec.largest == spec.law.exog.max()
        assert spec.law.exog.max() <= 1.01 * points.largest_run()


def test_two_figures_for_one_run_are_shown_once():
    table = stress.compute_disagreement()
    assert not table[["training_flop", "counted_training_flop"]].duplicated().any()
    models = points.documented_models().loc[table.index]
    assert (models["training_flop_basis"] == "hardware_time").all()
    assert table["ratio"].max() > 10  # compute figures can differ by more than a decade


def test_the_sweep_ends_at_the_reverse_regression():
    sweep = stress.reliability_sweep()
    reverse = fits.documented_fit(method="reverse").multiplier(*points.levels()).log10()
    assert sweep["reliability"].iloc[0] == 1
    assert sweep["estimate"].iloc[-1] == pytest.approx(reverse[0])


def test_a_true_floor_is_inside_its_likelihood_interval(monkeypatch):
    rng = np.random.default_rng(9)
    x = 10 ** rng.uniform(18, 23, 200)
    y = 4 + 5e4 * x**-0.2 * np.exp(0.03 * rng.standard_normal(200))
    models = pd.DataFrame({"top1_error_pct": y, "training_flop": x, "paper": np.arange(200), "years": 0.0})
    monkeypatch.setattr(stress, "documented_models", lambda *a, **k: models)
    profile = stress.assumed_floors()
    allowed = profile.loc[profile["loglik_loss"] <= 1.92, "floor_pct"]
    assert allowed.min() <= 4 <= allowed.max() and allowed.max() < 5
    assert np.isinf(profile.loc[profile["floor_pct"] >= 5, "estimate"]).all()
    draws = stress.floor_draws(n_boot=100)
    assert draws.quantile(0.025) <= 4 <= draws.quantile(0.975)
    best = profile.loc[profile["loglik_loss"].idxmin(), "floor_pct"]
    assert draws.median() == pytest.approx(best, abs=0.4)


@pytest.mark.parametrize("compute", ["training_flop", "peak_burden_flop"])
def test_the_backtest_uses_nothing_from_after_the_cutoff(compute):
    later = backtest.backtest(compute)
    assert (later["published"] > dates.CUTOFF).all()
    assert (later["record"] == points.levels()[0]).all()
    assert (later["recent"] == later["recent"].iloc[0]).all() and later["recent"].iloc[0] > 11.5
    fit = fits.documented_fit() if compute == "training_flop" else fits.published_fit()
    np.testing.assert_allclose(later["predicted"], fit.predict(later[compute]))
    by_hand = (later["top1_error_pct"] >= later["lower"]) & (later["top1_error_pct"] <= later["upper"])
    assert later["inside"].equals(by_hand)


def test_scores_count_papers_not_rows():
    table = pd.DataFrame(
        {
            "paper": ["a", "a", "a", "b"],
            "inside": [True, True, True, False],
            "log10_ratio": [0.1, 0.1, 0.1, -0.3],
            "top1_error_pct": [10.0, 10, 10, 20],  # the last one above its band
            "recent": 10.0,
            "record": 20.0,
            "predicted": [9.0, 8, 7, 6],
            "lower": [5.0, 4, 3, 2],
            "upper": [15.0, 14, 13, 12],
        }
    )
    scores = backtest.backtest_scores(table)
    assert scores["papers"] == 2 and scores["models"] == 4
    assert scores["coverage"] == 0.5
    assert scores["bias"] == pytest.approx(10**-0.1)
    assert scores["skill_recent"] == pytest.approx(1 - np.sqrt((0.1**2 + 0.3**2) / np.log10(2) ** 2))
    assert scores["skill_record"] == pytest.approx(scores["skill_recent"])  # the same by symmetry here
    assert (scores["below"], scores["above"]) == (0, 1)
    assert scores["bias_low"] < scores["bias"] < scores["bias_high"]
    assert (scores["band_low_pct"], scores["band_high_pct"]) == (2, 12)


def test_later_runs_stayed_small():
    used = backtest.compute_used()
    assert (used["used"] < used["demanded"]).all()
    assert (used["demanded_low"] < used["demanded"]).all() and (used["demanded"] < used["demanded_high"]).all()
    assert points.largest_multiple() == pytest.approx(6.8, abs=0.05)
    assert points.largest_multiple(dates.CUTOFF) == pytest.approx(1, abs=0.05)
    reached, tried = points.smallest_multiple_at_target()
    assert reached == np.inf and tried == pytest.approx(np.log10(4.7), abs=0.01)  # frozen features aside


def test_what_the_chapter_says_in_words():
    """Sentences without a number in them can go stale as well."""
    curve, levels = specifications.specifications(), points.levels()
    path, fixed = (specifications.primary(curve, date).resample(5.0, 200, 6) for date in ("left out", "in"))
    assert path.p_median() > 0.1 and path.p_outside(4, 6)[0] > 0.1  # "do not speak against"
    assert fixed.p_median() == pytest.approx(1 / 201)  # "the least that so many resamples can show"
    assert fixed.median_interval()[1] > 5  # "speaks for more"
    small = specifications.primary(curve, "in").where(data="ImageNet-1k only").estimates()
    assert small["estimate"].max() < 4  # "ImageNet-1k alone give less"
    assert 4.5 < path.median_interval()[0] < 5.5  # "centre on it"
    ends = [fits.documented_fit(dates.LATEST, fixed_recipe=f).multiplier(*levels).log10() for f in (False, True)]
    assert ends[0][2] < 5 < ends[1][1]  # "leave it outside on both sides"
    moves = specifications.direct(curve).leverage_of_choices()
    assert moves.index[0] == "form"  # "the curve that is drawn matters more than the data"
    revised = fits.revision_table().set_index(["form", "specification"])
    assert set(revised.index[revised["high"] < 5]) == {
        ("polynomial", "quantile 10%"),
        ("polynomial", "hardware burden"),
        ("exponential", "network operations"),
    }
    models = data.load("imagenet_models").set_index("model_id")
    assert pd.isna(models.loc["model_soup_basic_l", "published"])
    assert revised["estimate"].idxmin()[0] == "exponential"
    used = backtest.compute_used()
    assert used["used"].between(used["demanded_low"], used["demanded_high"]).all()  # "no conflict"
    for compute in ("training_flop", "peak_burden_flop"):
        score = backtest.backtest_scores(backtest.backtest(compute))
        assert score["bias_high"] < 1 and score["above"] == 0  # "too pessimistic"
        assert score["skill_recent"] > 0 > score["skill_record"]
    best = data.load("imagenet_limits").set_index("limit_id")["value"]["best_reported"]
    assert used["top1_error_pct"].min() > best  # "is missing because its computing was not stated"


def test_each_state_of_the_two_scales_shows_what_was_published_by_then():
    """Points on the axes, the words and the lines of each day are those of the networks known on it."""
    days = ("2020", "2020-12-31", "2021-12-31", "2024-12-31", "2026")
    seen = []
    for alike, scale, sentence, ax in scales.states(days):
        for day in alike:
            models = points.documented_models(date_of(day))
            for one in ax.figure.axes:
                marks = [line for line in one.lines if line.get_marker() in ("o", "^")]
                assert sum(len(line.get_xdata()) for line in marks) == len(models)
            assert sentence.startswith(f"{len(models)} networks.") and f" {len(models)} networks" in alt_text(ax)
            seen.append((day, scale))
        lines = [line for line in ax.lines if line.get_marker() == "None"]
        later = fits.later_fit(until=date_of(alike[-1]))
        assert len(lines) == 1 + (later is not None)
        if scale == "logarithmic" and later:  # the slope that is drawn is that of the fit known then
            (x, *_, x1), (y, *_, y1) = lines[1].get_data()
            assert np.isclose((y - y1) / (x1 - x), later.params["exponent"])
            assert f"{100 * (1 - 10 ** -later.params['exponent']):.0f} %" in sentence
        plt.close(ax.figure)
    assert sorted(seen) == sorted(product(days, scales.SCALES))
    assert fits.later_fit(until=date_of("2020-12-31")) is None
