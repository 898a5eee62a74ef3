"""What is read from the runs: known truth, other routes to the same number, and the rules of the claims."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data, figures
from dl_limits.experiments import runs as experiments_runs
from dl_limits.experiments import training
from dl_limits.laws.powerlaw import PowerLaw
from dl_limits.studies.learning import claims, curves, laws, vtab
from dl_limits.studies.learning import figures as learning_figures
from tools import elsewhere

ROOT = Path(__file__).parents[3]
SIZES = 10 * 2 ** np.arange(7)


def table(curve, task="five_digits", seeds=6, noise=0.0, width=None, start=0):
    """Runs whose mean error is `curve(size)`, with multiplicative noise."""
    rng = np.random.default_rng(start)
    rows = []
    for size in SIZES:
        for seed in range(seeds):
            y = curve(size) * np.exp(noise * rng.standard_normal())
            rows.append((task, width or curves.WIDEST[task], size, seed, y, y))
    return pd.DataFrame(rows, columns=["task", "width", "size", "seed", "test_error_pct", "test_loss_nats"])


def law(size):
    return 60 * size**-0.5


# ------------------------------------------------------------------ intervals


def test_jackknife_of_a_mean_is_the_t_interval():
    frame = pd.DataFrame(np.random.default_rng(1).normal(5, 1, (2, 9)))
    found = curves.jackknife(lambda y: y, [frame], "language")
    for row, values in zip(found.itertuples(), frame.to_numpy(), strict=True):
        low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
        assert (row.estimate, row.low, row.high) == pytest.approx((values.mean(), low, high))


def test_the_correction_is_that_of_nadeau_and_bengio():
    assert curves.variance_factor("digits", 20) == pytest.approx(1 / 20 + 0.2 / 0.8)
    assert curves.variance_factor("language_pretrained", 8) == pytest.approx(1 / 8)


def test_corrected_intervals_cover_where_plain_ones_do_not():
    """Repeated splits of 200 points: nearest mean in five dimensions, truth from very many points."""
    rng = np.random.default_rng(3)
    shift, train, splits, sets = 0.35, 80, 20, 250
    hits, errors = {"digits": 0, "language": 0}, []
    frames = []
    for _ in range(sets):
        y = np.arange(200) % 2
        x = rng.standard_normal((200, 5)) + shift * (2 * y[:, None] - 1)
        row = []
        for _ in range(splits):
            order = rng.permutation(200)
            held, seen = order[:40], order[40 : 40 + train]
            means = [x[seen[y[seen] == k]].mean(axis=0) for k in (0, 1)]
            direction, middle = means[1] - means[0], (means[0] + means[1]) / 2
            guess = (x[held] - middle) @ direction > 0
            row.append((guess != y[held]).mean())
            # exact error of this rule in the population
            scale = np.linalg.norm(direction)
            ends = [((sign * shift - middle) @ direction) / scale for sign in (-1, 1)]
            errors.append((stats.norm.sf(-ends[0]) + stats.norm.cdf(-ends[1])) / 2)
        frames.append(pd.DataFrame([row]))
    truth = np.mean(errors)
    for frame in frames:
        for task in hits:
            found = curves.jackknife(lambda v: v, [frame], task).iloc[0]
            hits[task] += found["low"] <= truth <= found["high"]
    assert hits["digits"] / sets > 0.93
    assert hits["language"] / sets < 0.85  # the plain interval, had we used it for the digits


def test_unequal_seeds_are_refused():
    frame = pd.DataFrame(np.ones((2, 3)))
    with pytest.raises(ValueError, match="same two seeds"):
        curves.jackknife(lambda a, b: a - b, [frame, frame.rename(columns={0: 9})], "digits")


# ------------------------------------------------------------------ curves


def test_slopes_gains_and_laws_of_an_exact_power_law():
    runs = table(law)
    slope = curves.slopes(runs).iloc[0]
    assert slope["estimate"] == pytest.approx(-0.5 * np.log(2))
    gains = curves.data_gains(runs, "five_digits", 128)
    np.testing.assert_allclose(gains["estimate"], law(SIZES[:-1]) - law(SIZES[1:]))
    np.testing.assert_allclose(gains["share"], 1 - 2**-0.5)
    found = laws.fitted_laws(runs).iloc[0]
    assert found["exponent"] == pytest.approx(0.5)
    assert found["floor_low"] == 0


def test_slope_interval_covers():
    inside = 0
    for start in range(200):
        runs = table(law, "language", seeds=8, noise=0.1, start=start)
        row = curves.slopes(runs).iloc[0]
        inside += row["low"] <= -0.5 * np.log(2) <= row["high"]
    assert 0.9 <= inside / 200 <= 0.99


def test_missing_curves_are_named():
    with pytest.raises(ValueError, match="no runs of task 'digits' with width 3"):
        curves.means(table(law), "digits", 3)
    with pytest.raises(ValueError, match="grid must be one of full, quick"):
        curves.stored("huge")


# ------------------------------------------------------------------ pretraining


def both(pretrained, noise=0.0):
    return pd.concat([table(law, noise=noise), table(pretrained, "five_pretrained", noise=noise, start=1)])


def test_worth_of_a_curve_four_sizes_ahead():
    found = curves.worth(both(lambda n: law(4 * n)), "five_digits").set_index("size")
    np.testing.assert_allclose(found["estimate"].iloc[:-2], 4)
    assert np.isinf(found["estimate"].iloc[-1])
    assert curves.worth(both(law), "five_digits")["estimate"].to_numpy() == pytest.approx(1)
    assert curves.worth(both(lambda n: law(n / 4)), "five_digits")["estimate"].iloc[0] == 0


def test_worth_interval_holds_the_truth_and_knows_no_end():
    found = curves.worth(both(lambda n: law(4 * n), noise=0.05), "five_digits").set_index("size")
    inside = found.iloc[:4]  # beyond, four times the size was not trained from scratch
    assert (inside["low"] < 4).all() and (inside["high"] > 4).all()
    assert np.isinf(found.loc[640, "high"])


def test_advantage_has_the_sign_of_help():
    helped = curves.advantage(both(lambda n: law(n) - 3), "five_digits")
    np.testing.assert_allclose(helped["estimate"], 3)
    np.testing.assert_allclose(helped["scratch"] - helped["pretrained"], 3)
    with pytest.raises(ValueError, match="task must be one of"):
        curves.advantage(both(law), "five_pretrained")


@pytest.mark.parametrize(("low", "end"), [([1, 1, 1], 40), ([1, 1, -1], 20), ([1, -1, 1], 10), ([-1, 1, 1], np.nan)])
def test_the_advantage_ends_before_the_first_interval_that_holds_zero(low, end):
    np.testing.assert_equal(curves.ends_at(pd.DataFrame({"size": [10, 20, 40], "low": low})), end)


# ------------------------------------------------------------------ forecasts and floors


def test_an_exact_law_is_carried_on_exactly():
    curve = pd.Series(law(SIZES[:5]), SIZES[:5])
    found = laws.carry_on(curve, [320, 640]).set_index(["method", "size"])["forecast"]
    for size in (320, 640):
        assert found["power law", size] == pytest.approx(law(size))
        assert found["no change", size] == law(160)
        assert found["average of laws", size] == pytest.approx(law(size), rel=0.02)


def test_the_stored_forecast_follows_from_the_stored_quick_grid():
    cells = [(c.task, c.width, c.size) for c in experiments_runs.grid_of("full").cells]
    keys = ["task", "width", "method", "size"]
    again = laws.forecast_curve(curves.stored("quick"), cells).set_index(keys)
    before = data.load("learning_curve_forecasts").astype({"task": str, "method": str}).set_index(keys)
    assert set(again.index) == set(before.index)
    again = again.loc[before.index]
    np.testing.assert_allclose(again["forecast"].astype(float), before["forecast"], rtol=0.02)
    plain = before.index.get_level_values("method") == "power law"
    for end in ("low", "high"):  # later versions of the average may have other intervals: the stored ones stand
        np.testing.assert_allclose(again.loc[plain, end].astype(float), before.loc[plain, end], rtol=1e-4)


def test_the_quick_grid_is_found_again_in_the_full_one():
    found = curves.same_runs(curves.stored("quick"), curves.stored())
    assert len(found) == len(curves.stored("quick"))
    assert (found[["error_difference", "loss_difference"]] == 0).all(axis=None)


def test_the_stored_full_grid_is_the_grid():
    cells = curves.stored()[["task", "width", "size", "seed"]].itertuples(index=False)
    assert {experiments_runs.Cell(*map(str, c[:1]), *map(int, c[1:])) for c in cells} == set(
        experiments_runs.grid_of("full").cells
    )


def test_a_stored_run_is_made_again():
    """Within an image or two of the some 180 held out: other processors, other last bits."""
    row = curves.stored().query("task == 'five_digits' and size == 640 and seed == 19").iloc[0]
    again = training.train(row["task"], row["width"], row["size"], row["seed"])
    assert again.test_error_pct == pytest.approx(row["test_error_pct"], abs=1.2)
    assert again.test_loss_nats == pytest.approx(row["test_loss_nats"], abs=1e-3)


def test_the_first_figure_of_the_chapter_holds_the_stored_runs_and_its_own_near_them():
    """Nbval leaves this cell alone, for the networks that the chapter trains; all else in it is compared here."""
    cells = nbformat.read(ROOT / "chapters" / "05_learning_curves.ipynb", 4).cells
    cell = next(cell for cell in cells if '"05_learning_curve"' in cell.source)
    assert "nbval-ignore-output" in cell.metadata["tags"]
    ours, page = curves.stored(), {c.seed for c in experiments_runs.grid_of("page").cells if c.task == "digits"}
    digits = curves.by_seed(ours, "digits", 128)
    curve = digits.mean(axis=1)
    fit = PowerLaw(curve.to_numpy(), curve.index.to_numpy(float)).fit()
    ax = learning_figures.plot_learning_curve(digits, digits[sorted(page)].mean(axis=1).loc[:352], fit)
    assert cell.outputs[0]["data"]["text/plain"] == figures.alt_text(ax)
    (table,), expected = elsewhere.tables(cell), figures.table_behind(ax)
    just_now = expected.pop("just_now_pct"), table.pop("just_now_pct")
    pd.testing.assert_frame_equal(table, expected, rtol=1e-4, check_dtype=False)
    np.testing.assert_allclose(*just_now, atol=elsewhere.TRAINED)
    plt.close(ax.figure)


def test_forecasts_are_judged_by_what_came():
    judged = laws.judge(curves.stored()).set_index(["task", "method", "size"])
    row = judged.loc[("digits", "power law", 1408)]
    outcome = curves.stored().query("task == 'digits' and width == 128 and size == 1408")["test_error_pct"].mean()
    assert row["outcome"] == pytest.approx(outcome)
    assert row["off_pct"] == pytest.approx(100 * (row["forecast"] / outcome - 1))
    assert row["inside"] == (row["low"] <= outcome <= row["high"])
    summary = laws.verdict_of_forecast(judged.reset_index()).set_index("method")
    assert summary.loc["power law", "inside"] == judged.xs("power law", level="method")["inside"].sum()
    assert summary.loc["no change", "bias_pct"] > 0  # curves that fall lie below their last point


def test_a_known_floor_is_found():
    entropy = training.language().entropy
    runs = table(lambda n: entropy + 3 * n**-0.6, "language", noise=1e-4)
    floors = laws.curve_floors(runs)
    assert floors["floor"].to_numpy()[-1] == pytest.approx(entropy, abs=0.02)
    assert ((floors["low"] < entropy) & (entropy < floors["high"])).sum() >= len(floors) - 1
    fit = laws.above_floor(runs)
    assert fit.params["exponent"] == pytest.approx(0.6, abs=0.02)
    assert fit.required(1.01 * entropy).estimate == pytest.approx((0.01 * entropy / 3) ** (-1 / 0.6), rel=0.1)


def test_rolling_scores_are_those_of_the_forecasts_themselves():
    runs = table(law, noise=0.05)
    found = laws.rolling(runs).set_index("method")
    assert (found["curves"] == 3).all()
    errors = []
    for _, _, x, y, x_new, y_new in laws.origins(runs):
        slope, level = np.polyfit(np.log(x), np.log(y), 1)
        errors.append(np.log(np.sqrt(np.mean((level + slope * np.log(x_new) - np.log(y_new)) ** 2))))
    assert found.loc["power law", "rmse_log"] == pytest.approx(np.exp(np.mean(errors)))
    assert found.loc["no change", "rmse_log"] > found.loc["power law", "rmse_log"]


# ------------------------------------------------------------------ claims


@pytest.mark.parametrize("claim", [claims.more_data, claims.from_scratch])
def test_unknown_evidence_is_named(claim):
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claim("2031")


# ------------------------------------------------------------------ three ways of starting


def test_three_ways_are_the_published_cells():
    errors = vtab.three_ways(vtab.published_scores())
    raw = data.load("vtab_scores").astype({"train_examples": str}).set_index(["method", "task", "train_examples"])
    for task, row in errors.iterrows():
        assert row["from scratch"] == pytest.approx(100 - raw.loc[("From-Scratch", task, "1000"), "accuracy_pct"])
        assert row["pretrained"] == pytest.approx(100 - raw.loc[("Sup-100%", task, "1000"), "accuracy_pct"])
    gain = errors["from scratch"] - errors["pretrained"]
    assert gain.mean() == pytest.approx(claims.from_scratch().parts[0].primary.estimate)


def test_the_figure_of_starts_counts_who_gains():
    errors = pd.DataFrame(
        {"from scratch": [50.0, 40, 30], "pretrained": [10.0, 45, 20], "from scratch, all examples": [5.0, 4, 31]},
        index=pd.Index(["a", "b", "c"], name="task"),
    )
    ax = learning_figures.plot_starts(errors)
    assert "lower error on 2 of them, and more examples on 2" in figures.alt_text(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c", "b", "a"]
    plt.close(ax.figure)
