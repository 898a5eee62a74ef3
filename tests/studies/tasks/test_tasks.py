"""Scores by task: the table agrees with itself, the statistics with statsmodels and with known truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from dl_limits import data
from dl_limits.inference import scoring
from dl_limits.laws import loss as laws_loss
from dl_limits.page import sortable
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.studies.scaling import published
from dl_limits.studies.tasks import abilities, backtest, gains, tenfold
from dl_limits.studies.tasks import scores as tasks_scores
from dl_limits.studies.tasks.scores import TaskScores

X = np.array([-3.14, -2.69, -2.36, -2.12, -1.82, -1.42, -1.13, 0.0])  # as the eight models lie


@pytest.fixture(scope="module")
def scores():
    return tasks_scores.load_scores()


@pytest.fixture(scope="module")
def percent(scores):
    return scores.where(scores.info["score_unit"] != "perplexity")


def made(points, panels=None, chance=0.0, items=1000):
    """Series of percentages on eight models a decade and a bit apart."""
    m = len(points)
    info = pd.DataFrame(
        {
            "task": [f"t{i}" for i in range(m)],
            "metric": "accuracy",
            "setting": "few",
            "panel": panels if panels is not None else "one",
            "task_group": "one",
            "score_unit": "percent",
            "chance_pct": chance,
            "items": items,
        }
    )
    return TaskScores(info, np.asarray(points, float), X + 23.5, 10.0 ** (X + 11))


# ------------------------------------------------------------------ the table


def test_every_cell_is_there(scores):
    assert len(data.load("gpt3_scores")) == 63 * 3 * 8 + 14
    assert scores.points.shape == (189, 8)
    assert scores.info.groupby(["task", "metric"], observed=True).size().eq(3).all()
    assert scores.info["task"].nunique() == 52
    assert tasks_scores.natural_accuracy(scores).sum() == 26 * 3 - 1  # zero-shot WiC is an artefact


def test_superglue_averages_recompute():
    check = tasks_scores.superglue_check()
    assert len(check) == 24
    assert (check["printed"] - check["recomputed"]).abs().max() < 0.06


def test_differences_from_the_body_are_the_known_four():
    found = tasks_scores.body_check()
    assert found.attrs["compared"] == 169
    assert {(r.task, r.setting, r.body, r.table_h1) for r in found.itertuples()} == {
        ("Winograd", "state_of_the_art", 90.1, 93.8),
        ("PIQA", "state_of_the_art", 79.4, 77.1),
        ("PIQA", "zero", 80.5, 81.0),
        ("Quac", "one", 43.3, 43.4),
    }


def test_slopes_that_the_audit_names(scores):
    few = gains.gains(scores.where(tasks_scores.natural_accuracy(scores) & (scores.info["setting"] == "few")))
    points = few.set_index("task")["points"]
    assert points["ANLI R2"] == pytest.approx(-0.2, abs=0.05)
    assert points["LAMBADA"] > 20 and points["TriviaQA"] > 20
    assert set(points.index[points > 20]) == {"LAMBADA", "TriviaQA"}


def test_anli_and_one_more_never_moved():
    table = abilities.abilities().set_index("kind")
    assert set(table.loc["little or no rise", "task"]) == {"ANLI R1", "ANLI R2", "ANLI R3", "WiC"}
    assert (table.loc["near its ceiling", "last"] >= 85).all()


def test_state_of_the_art_by_hand():
    table = tasks_scores.printed_records()
    won = table[table["beats"] & ~table["bleu"]]
    assert {(r.task, r.metric) for r in won.itertuples()} == {
        ("LAMBADA", "accuracy"),
        ("LAMBADA", "perplexity"),
        ("TriviaQA", "accuracy"),
        ("PIQA", "accuracy"),
    }
    assert set(table.loc[table["beats"] & table["bleu"], "task"]) == {"Fr -> En 14", "De -> En 16"}


def test_gap_of_a_perfect_score_is_half_an_item(scores):
    perfect = (scores.points == 100).nonzero()
    assert len(perfect[0]) == 1
    assert np.exp(scores.log_gap[perfect]) == pytest.approx(50 / 2000)
    ppl = (scores.info["score_unit"] == "perplexity").to_numpy()
    assert np.exp(scores.log_gap[ppl]) == pytest.approx(scores.points[ppl] - 1)
    back = scores.from_log_gap(scores.log_gap[:, 3])
    assert back == pytest.approx(scores.points[:, 3])


def test_prompt_noise_recomputes():
    noise = tasks_scores.prompt_noise()
    assert (noise["pairs"], noise["of"]) == (15, 39)
    assert noise["second_draw"] == pytest.approx(0.99, abs=0.01)


def test_a_missing_size_is_named(monkeypatch):
    whole = data.load
    broken = lambda name: whole(name).iloc[1:] if name == "gpt3_scores" else whole(name)  # noqa: E731
    monkeypatch.setattr(tasks_scores.data, "load", broken)
    with pytest.raises(ValueError, match="HellaSwag"):
        tasks_scores.load_scores()


# ------------------------------------------------------------------ lines, curves, pooling


def test_lines_are_ordinary_least_squares():
    y = np.random.default_rng(0).normal(size=(4, 8))
    found = scoring.lines(X, y)
    for i in range(4):
        ols = sm.OLS(y[i], sm.add_constant(X)).fit()
        assert (found.intercept[i], found.slope[i]) == pytest.approx(tuple(ols.params))
        assert found.slope_se[i] == pytest.approx(ols.bse[1])
        frame = ols.get_prediction([[1, 1.0]]).summary_frame()
        half = (frame["obs_ci_upper"] - frame["mean"]).iloc[0]
        assert found.prediction_se(1.0)[i] * 2.4469119 == pytest.approx(half)
        assert found.at(1.0)[i] == pytest.approx(frame["mean"].iloc[0])
        quadratic = sm.OLS(y[i], np.vander(X, 3, increasing=True)).fit()
        coefficient, t = gains.curvature(X, y)
        assert (coefficient[i], t[i]) == pytest.approx((quadratic.params[2], quadratic.tvalues[2]))


@pytest.mark.parametrize(("x", "y"), [([0, 0, 1], np.zeros((1, 3))), (X, np.zeros((1, 7)))])
def test_lines_refuse_what_they_cannot_fit(x, y):
    with pytest.raises(ValueError, match="distinct"):
        scoring.lines(x, y)


def test_logistic_without_floor_is_the_ordinary_glm():
    share = np.array([0.1, 0.14, 0.22, 0.3, 0.43, 0.52, 0.66, 0.71])
    found = gains.logistic(made([100 * share])).iloc[0]
    glm = sm.GLM(share, sm.add_constant(X), family=sm.families.Binomial()).fit(scale="X2")
    assert (found["slope"], found["slope_se"]) == pytest.approx((glm.params[1], glm.bse[1]), rel=1e-6)


def test_logistic_finds_the_truth_above_chance():
    rng = np.random.default_rng(1)
    truth = 0.25 + 0.75 / (1 + np.exp(-(1.0 + 0.9 * X)))
    points = 100 * rng.binomial(2000, truth, (60, 8)) / 2000
    found = gains.logistic(made(points, chance=25.0), at=1.0)
    assert found["fitted"].all()
    assert found["slope"].mean() == pytest.approx(0.9, abs=3 * found["slope"].std() / 60**0.5 + 0.01)
    covered = (found["slope"] - 0.9).abs() < 2.447 * found["slope_se"]
    assert covered.mean() > 0.85
    assert found["predicted"].mean() == pytest.approx(100 * (0.25 + 0.75 / (1 + np.exp(-1.9))), abs=1)


def test_a_series_below_chance_is_not_identified():
    found = gains.logistic(made([[24, 25, 24, 25, 24, 25, 24, 24]], chance=25.0)).iloc[0]
    assert not found["fitted"] and np.isnan(found["slope"])


def test_pooling_between_its_limits():
    slopes = np.array([0.1, 0.2, 0.3, 0.4])
    sure = gains.pooled(slopes, np.full(4, 1e-6), ["a"] * 4)
    assert sure == pytest.approx(slopes, abs=1e-6)
    unsure = gains.pooled(slopes, np.full(4, 10.0), ["a"] * 4)
    assert unsure == pytest.approx(np.full(4, 0.25))  # no spread beyond noise: all lean on the mean
    apart = gains.pooled(slopes, np.full(4, 10.0), ["a", "a", "b", "b"])
    assert apart == pytest.approx([0.15, 0.15, 0.35, 0.35])
    assert gains.pooled([0.5], [9.0], ["alone"]) == pytest.approx([0.5])


def test_pooling_lowers_the_error_of_noisy_slopes():
    rng = np.random.default_rng(3)
    truth = rng.normal(0.2, 0.05, (200, 10))
    noisy = truth + rng.normal(0, 0.1, truth.shape)
    shrunk = np.array([gains.pooled(row, np.full(10, 0.1), ["a"] * 10) for row in noisy])
    assert ((shrunk - truth) ** 2).mean() < 0.5 * ((noisy - truth) ** 2).mean()


def test_share_closed_is_that_of_a_power_law():
    truth = np.array([0.05, 0.2, 0.5])
    points = 100 - 60 * 10 ** (np.log10(1 - truth)[:, None] * X)
    found = gains.gains(made(points, items=1e9))
    assert found["closed"].to_numpy() == pytest.approx(truth)
    assert found["closed_low"].to_numpy() == pytest.approx(truth, abs=1e-6)
    assert found["curvature"].abs().max() < 1e-9


def test_shared_errors_leave_few_directions():
    rng = np.random.default_rng(4)
    line, shock = 3.9 - 0.1 * X, rng.normal(0, 0.02, 8)
    same = gains.shared_error(made(100 - np.exp(line + shock + rng.normal(0, 1e-5, (40, 8)))))
    own = gains.shared_error(made(100 - np.exp(line + rng.normal(0, 0.02, (400, 8)))))
    assert same["effective"] == pytest.approx(1, abs=0.02)
    assert own["effective"] == pytest.approx(own["most"], abs=0.4)


# ------------------------------------------------------------------ back-test


@pytest.mark.parametrize(
    ("method", "points"),
    [
        ("line in points", 40 + 5 * X),
        ("last three sizes", np.r_[np.full(4, 20.0), 40 + 5 * X[4:]]),
        ("gap", 100 - 60 * 10 ** (-0.1 * X)),
        ("gap, pooled", 100 - 60 * 10 ** (-0.1 * X)),
        ("logistic", 100 / (1 + np.exp(-0.5 - X))),
        ("no change", np.full(8, 33.0)),
    ],
)
def test_a_method_forecasts_its_own_law(method, points):
    known = made([points, points + 1e-9], items=1e9)
    table = backtest.run_backtest(known, 7, 7, (method,))
    if method != "no change":
        assert table["error"].abs().max() < 1e-5
    else:
        assert table["error"].abs().max() < 1e-8
    assert table["actual"].to_numpy() == pytest.approx([points[7]] * 2)


def test_interval_score_by_hand():
    assert scoring.interval_score(5.0, 4.0, 7.0) == 3.0
    assert scoring.interval_score(3.0, 4.0, 7.0) == pytest.approx(3 + 40 * 1)
    assert scoring.interval_score(8.0, 4.0, 7.0) == pytest.approx(3 + 40 * 1)


def test_calibrated_intervals_cover_where_nominal_ones_do_not():
    """Each curve bends a little in its own way; the straight line's interval knows nothing of that."""
    rng = np.random.default_rng(5)
    bend, slope = rng.normal(0, 0.04, (300, 1)), rng.normal(0.25, 0.05, (300, 1))
    gap = np.log(50) - slope * X - bend * X**2 + rng.normal(0, 0.01, (300, 8))
    known = made(100 - np.exp(gap), items=1e6)
    table = backtest.run_backtest(known, methods=("gap", backtest.BEST))
    nominal = table[table["method"] == "gap"]
    fitted = backtest.calibrated(table, known)
    assert nominal["actual"].between(nominal["low"], nominal["high"]).mean() < 0.8
    assert fitted["actual"].between(fitted["low"], fitted["high"]).mean() == pytest.approx(0.95, abs=0.02)


def test_calibration_never_learns_from_its_own_task():
    points = 40 + 5 * X + np.zeros((6, 8))
    points[0, 7] += 30  # one task that breaks away
    known = made(points, items=1e9)
    fitted = backtest.calibrated(backtest.run_backtest(known, methods=(backtest.BEST,)), known).set_index("task")
    assert fitted.loc["t0", "width"] < 0.5 * fitted.loc["t1", "width"]
    assert fitted.loc["t0", "actual"] > fitted.loc["t0", "high"]


def test_a_panel_of_one_task_is_refused():
    known = made([40 + 5 * X, 30 + 4 * X], panels=["one", "two"])
    with pytest.raises(ValueError, match="one task only"):
        backtest.calibrated(backtest.run_backtest(known, methods=(backtest.BEST,)), known)


@pytest.mark.parametrize(("learn", "target"), [(2, 7), (8, 7), (7, 8)])
def test_steps_that_do_not_exist_are_refused(learn, target):
    with pytest.raises(ValueError, match="learn"):
        backtest.run_backtest(made([40 + 5 * X]), learn, target)


def test_perplexity_and_unknown_methods_are_refused(scores):
    with pytest.raises(ValueError, match="perplexity"):
        backtest.run_backtest(scores)
    with pytest.raises(ValueError, match="method"):
        gains.forecast(scores, "magic", 1.0)


def test_nominal_intervals_cover_about_half_of_gpt_3(percent):
    report = backtest.report(percent).set_index(["panel", "method"])["coverage"]
    assert 0.4 < report["all but synthetic", "line in points"] < 0.7
    assert report["all but synthetic", "gap, pooled, calibrated"] > 0.88


def test_forecast_of_the_next_tenfold_keeps_its_bounds(percent):
    table = backtest.next_tenfold(percent)
    assert table[["low", "predicted", "high"]].to_numpy().min() >= 0
    assert table["high"].max() <= 100
    half_item = 0.06  # a forecast of 0 counts as half an item
    assert (table["low"] <= table["predicted"] + half_item).all()
    assert (table["predicted"] <= table["high"] + half_item).all()


# ------------------------------------------------------------------ ten times the data


def test_scores_that_hang_on_the_loss_are_carried_over_exactly():
    loss = np.array([[3.0, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3, 2.1]])
    known = made(100 - np.exp(1.5 + np.array([[0.7], [0.0]]) * loss), items=1e9)
    for last in (8, 3):
        found = tenfold.closed(known, loss, np.array([0.2]), last)
        assert found == pytest.approx(np.array([[1 - np.exp(-0.14), 0.0]]), abs=1e-9)


def test_errors_of_earlier_steps_are_found():
    loss = np.linspace(3.0, 2.1, 8)
    exact = 1.5 + np.array([[0.7], [0.3]]) * loss
    assert tenfold.step_errors(made(100 - np.exp(exact), items=1e9), loss) == pytest.approx(np.zeros(3))
    exact[:, 7] -= 0.05  # the largest model gains more than its loss says
    found = tenfold.step_errors(made(100 - np.exp(exact), items=1e9), loss)
    assert found == pytest.approx(np.array([0, 0, -0.05 / (loss[6] - loss[7])]))


def test_earlier_errors_widen_the_interval_as_a_t_quantile():
    shares = np.full((1, 5), 0.2)
    point, low, high = tenfold.median_interval(shares, list("abcde"), (0.1, -0.1, 0.1), resamples=40_000)
    half = 0.1 * stats.t.ppf(0.975, 3)
    assert point == pytest.approx(0.2)
    assert (low, high) == pytest.approx((1 - 0.8 * np.exp(half), 1 - 0.8 * np.exp(-half)), abs=0.01)


def test_step_of_the_loss_is_the_terms_of_the_surface():

    p = published.published_surface("hoffmann_unrounded")
    law = gpt_shares.published_laws()["Hoffmann 2022"]
    loss, step = tenfold.loss_axis(law, "data")
    text = laws_loss.terms(p, 1.75e11, 3e11)[1]
    assert step == pytest.approx([text * (1 - 10 ** -p["beta"])])
    assert loss[0, -1] == pytest.approx(laws_loss.loss(p, 1.75e11, 3e11))
    both, size = (tenfold.loss_axis(law, path)[1] for path in ("both", "params"))
    assert both == pytest.approx(step + size)


def test_four_meanings_are_those_of_the_surface():
    table = tenfold.four_meanings().dropna().set_index("path")
    assert table.loc["both", "estimate"] == pytest.approx(table.loc[["data", "params"], "estimate"].sum())
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()


def test_median_over_families():
    shares = np.array([[0.1, 0.2, 0.3, 0.4]])
    point, low, high = tenfold.median_interval(shares, ["a", "b", "c", "d"])
    assert point == pytest.approx(0.25)
    assert 0.0999 < low < point < high < 0.4001
    assert tenfold.median_interval(shares, ["a"] * 4)[1:] == pytest.approx((0.25, 0.25))
    assert [tenfold.family(t) for t in ("ANLI R3", "ARC (Easy)", "RACE-h", "RTE")] == [
        "ANLI",
        "ARC",
        "RACE",
        "RTE",
    ]


def test_falcon_by_hand():
    table = tenfold.equal_size()
    row = table[(table["model"] == "Falcon-180B") & (table["task"] == "HellaSwag") & (table["shots"] == 1)].iloc[0]
    assert row["closed"] == pytest.approx((87.5 - 78.1) / (100 - 78.1))
    assert row["times_data"] == pytest.approx(3.5 / 0.3)
    found = tenfold.natural_experiment()
    assert found["tasks"] == 8 and found["better"] == 1.0
    assert found["low"] <= found["estimate"] <= found["high"]


# ------------------------------------------------------------------ on the page


def test_explorer_is_a_plain_table_with_buttons(capsys):
    frame = pd.DataFrame({"task": ["<b>", "c"], "score": [-1.5, np.nan]})
    shown = []
    original, sortable.display = sortable.display, shown.append
    try:
        sortable.sortable(frame, "A caption", {"score": ".1f"}, {"task": "task", "score": "score"})
    finally:
        sortable.display = original
    text = shown[0].data
    assert text.count('<button type="button">') == 2
    assert "&lt;b&gt;" in text and "<td>−1.5</td>" in text and "<td>–</td>" in text
    assert "http" not in text and "src=" not in text
    assert len(abilities.sortable_table()) == 186
