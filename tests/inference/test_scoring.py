"""Scores are what their definitions say, one forecast at a time."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from dl_limits.inference import scoring
from dl_limits.inference.scoring import Belief, assess, coverage, interval_score, quantile_score, source_mean, summary

NARROW, WIDE = Belief(0.0, 1.0, 5.0), Belief(0.5, 2.0, np.inf)


def table(outcomes, better=1, belief=NARROW):
    rows = [
        {"belief": belief, "rivals": {"no change": WIDE, "trend": belief}, "y": y, "better": better} for y in outcomes
    ]
    return pd.DataFrame(rows, index=[f"run {k}" for k in range(len(rows))])


@pytest.mark.parametrize("better", [1, -1])
def test_each_forecast_is_scored_by_its_distribution(better):
    outcomes = np.array([-4.0, -0.3, 0.0, 2.0])
    found = assess(table(outcomes, better))
    half = stats.t.isf(0.025, 5)
    assert found["low"].tolist() == pytest.approx([-half] * 4) and found["high"].tolist() == pytest.approx([half] * 4)
    assert found["inside"].tolist() == [False, True, True, True]
    np.testing.assert_allclose(found["signed"], better * outcomes / half)
    below = stats.t.cdf(outcomes, 5)
    np.testing.assert_allclose(found["rank"], below if better > 0 else 1 - below)
    np.testing.assert_allclose(found["log_score"], stats.t.logpdf(outcomes, 5))
    np.testing.assert_allclose(
        found["log_gain no change"], stats.t.logpdf(outcomes, 5) - stats.norm.logpdf(outcomes, 0.5, 2)
    )
    np.testing.assert_allclose(found["interval_score"], [2 * half + 40 * (4 - half), *[2 * half] * 3])
    other = 2 * 2 * stats.norm.isf(0.025)
    np.testing.assert_allclose(found["interval_ratio no change"].iloc[1:], 2 * half / other)
    assert (found["log_gain trend"] == 0).all() and (found["interval_ratio trend"] == 1).all()
    assert list(found.index) == [f"run {k}" for k in range(4)]


def test_an_outcome_at_an_end_lies_inside():
    low, high = NARROW.interval()
    assert assess(table([low, high, np.nextafter(low, -9), np.nextafter(high, 9)]))["inside"].tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_a_forecast_without_rivals_gains_nothing_over_them():
    row = pd.DataFrame([{"belief": NARROW, "rivals": {}, "y": 1.0, "better": 1}])
    found = assess(row)
    assert found[["log_gain trend", "interval_ratio no change"]].isna().all(axis=None)
    assert found["log_score"].notna().all()


def test_the_interval_score_is_gneiting_and_rafterys():
    assert interval_score(1.0, 0.0, 2.0, 0.5) == 2.0
    assert interval_score(-1.0, 0.0, 2.0, 0.5) == 2.0 + 4 * 1.0
    assert interval_score(5.0, 0.0, 2.0, 0.5) == 2.0 + 4 * 3.0
    with pytest.raises(ValueError, match="alpha must lie"):
        interval_score(1.0, 0.0, 2.0, 1.0)


def test_the_quantile_score_tends_to_the_ranked_probability_score():
    levels = (np.arange(400) + 0.5) / 400
    for y in (-1.5, 0.2, 3.0):
        crps = integrate.quad(lambda x, y=y: (stats.norm.cdf(x) - (x >= y)) ** 2, -12, 12, points=[y], limit=200)[0]
        assert quantile_score(y, stats.norm.ppf(levels), levels) == pytest.approx(crps, rel=0.01)
    assert quantile_score(3.0, [1.0], [0.5]) == 2.0
    with pytest.raises(ValueError, match="must rise"):
        quantile_score(0.0, [1.0, 0.0], [0.25, 0.75])
    with pytest.raises(ValueError, match="symmetrical"):
        quantile_score(0.0, [0.0, 1.0], [0.25, 0.5])


def test_few_sources_go_by_student_and_many_are_drawn_again():
    few = np.array([0.2, 0.5, 0.9, 0.4, 0.7, 0.6, 0.1, 0.8, 0.3])
    mean, low, high = source_mean(few)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 8, few.mean(), few.std(ddof=1) / 3))
    many = np.append(few, 0.55)
    mean, low, high = source_mean(many, seed=4)
    draws = np.random.default_rng(4).choice(many, (2000, 10)).mean(axis=1)
    assert mean == many.mean() and np.quantile(draws, 0.02) < low < np.quantile(draws, 0.03)
    assert np.quantile(draws, 0.97) < high < np.quantile(draws, 0.98)
    assert source_mean([0.2, 0.4])[0] == pytest.approx(0.3) and np.isnan(source_mean([0.2, 0.4])[1:]).all()
    assert np.isfinite(source_mean([0.2, 0.4, 0.5])).all()
    assert np.isnan(source_mean([0.3, 0.3, 0.3])[1:]).all() and np.isnan(source_mean([])[0])


def test_every_source_counts_once():
    scored = assess(table([0.0, 0.0, 0.0, 9.0, -9.0, 9.0]))
    scored = scored.assign(source=[*"aaab", "c", "c"], group="all")
    (row,) = summary(scored).itertuples()
    assert (row.forecasts, row.sources) == (6, 3)
    assert row.inside == pytest.approx((1 + 0 + 0) / 3) and row.inside_low == 0 and row.inside_high == 1
    assert row.signed == pytest.approx((0 + 9 + 0) / 3 / stats.t.isf(0.025, 5))
    assert (row.better, row.worse) == pytest.approx((2 / 6, 1 / 6))
    exact = assess(table(stats.t.ppf([0.25, 0.75, 0.1, 0.9, 0.2, 0.8], 5) * (1 - 1e-9))).assign(source=list("abcdef"))
    held = coverage(exact).set_index("level")["inside"]
    assert held.to_dict() == pytest.approx({0.5: 2 / 6, 0.8: 1.0, 0.95: 1.0})


def test_scores_of_curves_are_counted_by_hand():
    x = 100.0 * 2 ** np.arange(7)
    y = 3 * x**-0.4 * np.exp(0.02 * np.random.default_rng(0).standard_normal(7))
    found = scoring.score([("power", 0, x[:5], y[:5], x[5:], y[5:])]).set_index("method")
    plain = scoring.PowerLaw(y[:5], x[:5]).fit()
    low, high = np.log(plain.predict_interval(x[5:]))
    truth = np.log(y[5:])
    row = found.loc["least-squares line"]
    assert row["coverage"] == ((low <= truth) & (truth <= high)).mean()
    assert row["interval_score"] == pytest.approx(interval_score(truth, low, high).mean())
    assert row["rmse_log"] == pytest.approx(np.sqrt(np.mean((np.log(plain.predict(x[5:])) - truth) ** 2)))
    ahead = scoring.extrapolate(x[:5], y[:5])
    assert found.loc["extrapolator", "rmse_log"] == pytest.approx(
        np.sqrt(np.mean((np.log(ahead.predict(x[5:])) - truth) ** 2))
    )
    means = scoring.summarise(pd.concat([found.reset_index()] * 2).assign(curve=[*[0] * len(found), *[1] * len(found)]))
    means = means.set_index("method")
    assert (means["curves"] == 2).all() and np.isnan(means.loc["extrapolator", "beaten_share"])
    assert means.loc["least-squares line", "rmse_log"] == pytest.approx(row["rmse_log"])
    won = found.loc["extrapolator", "rmse_log"] < row["rmse_log"]
    assert means.loc["least-squares line", "beaten_share"] == won
