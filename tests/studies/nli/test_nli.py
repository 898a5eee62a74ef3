"""Chapter 08: the data are what was printed, the claims follow their rules, the figures say what they show."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from dl_limits import data, figures
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.nli import cells as nli_cells
from dl_limits.studies.nli import figures as nli_figures
from dl_limits.studies.nli import later

# Brown et al. 2020, Table H.1, the three rows of ANLI: zero-, one- and few-shot, 125M to 175B.
PRINTED = """
33.4 34.2 33.4 33.4 34.2 32.3 33.2 34.6
32.1 31.6 31.9 34.6 30.6 31.6 32.7 32.0
32.1 32.5 30.9 32.5 33.5 33.1 33.3 36.8
33.2 31.9 33.3 33.3 33.8 33.5 33.5 35.4
35.7 33.7 33.2 32.7 32.7 33.9 33.9 33.9
35.7 33.8 32.1 31.4 32.6 33.3 32.6 34.0
33.6 34.0 33.8 33.4 35.3 34.8 34.4 34.5
35.0 32.6 33.0 33.9 34.1 33.1 32.5 35.1
35.0 34.4 35.1 36.0 32.7 33.9 34.5 40.2
"""


# ------------------------------------------------------------------ the data


def test_the_72_cells_are_those_of_the_paper():
    table = nli_cells.gpt3_cells()
    assert table["accuracy_pct"].tolist() == [float(v) for v in PRINTED.split()]
    assert table["cell"].nunique() == 9
    for _, rows in table.groupby("cell"):
        assert rows["training_flop"].is_monotonic_increasing and len(rows) == 8


def test_the_smallest_model_is_printed_twice():
    """The chapter says so; a corrected table should be noticed."""
    small = (
        nli_cells.gpt3_cells()
        .query("model == 'GPT-3 125M'")
        .pivot_table("accuracy_pct", "benchmark", "regime", observed=True)
    )
    assert (small["one-shot"] == small["few-shot"]).all() and (small["zero-shot"] != small["few-shot"]).all()


def test_every_printed_percentage_is_a_possible_count():
    table = data.load("nli_results").dropna(subset=["examples"])
    nli_cells.chance_test(table, "result_id")  # raises for a percentage that no count of its examples gives
    assert len(table) > 300


def test_digits_are_those_of_the_file():
    table = data.load("nli_results")
    assert (table["accuracy_pct"].round(table["decimals"].max()) == table["accuracy_pct"]).all()
    for digits, rows in table.groupby("decimals"):
        assert np.allclose(rows["accuracy_pct"].round(int(digits)), rows["accuracy_pct"])


def test_the_classes_of_anli_are_balanced():
    sets = data.load("nli_test_sets").dropna(subset=["neutral"])
    counts = sets[["entailment", "neutral", "contradiction"]].astype(int)
    assert (counts.sum(axis=1) == sets["examples"].astype(int)).all()
    assert (counts.max(axis=1) / sets["examples"].astype(int)).max() < 0.336
    assert sorted(sets["benchmark"].unique()) == list(nli_cells.ROUNDS)


def test_sizes_of_results_agree_with_the_test_sets():
    sizes = data.load("nli_test_sets").set_index(["benchmark", "split"])["examples"]
    table = data.load("nli_results").dropna(subset=["examples"])
    table = table[table["split"].ne("not stated") & table["locator"].ne("Table C.1")]
    for (benchmark, split), rows in table.groupby(["benchmark", "split"], observed=True):
        # two of round 3's development questions have no stored prediction of the older models
        allowed = {int(sizes[benchmark, split])} | ({1198} if split == "dev" else set())
        assert set(rows["examples"].astype(int)) <= allowed


def test_compute_follows_six_times_parameters_times_tokens():
    own = nli_cells.gpt3_cells()
    np.testing.assert_allclose(own["training_flop"], 6 * own["params"].astype(float) * 300e9, rtol=0.03)


# ------------------------------------------------------------------ GPT-3 against chance


def test_trial_figures_of_the_plan_are_met():
    plain, noisy = nli_cells.largest_cells().fit().z, nli_cells.largest_cells().fit(2).z
    assert plain["round 3, few-shot"] == pytest.approx(5, abs=0.1) and noisy["round 3, few-shot"] < 3
    assert nli_cells.smaller_cells()["ratio"] < 1 and nli_cells.smaller_cells()["p_less"] < 0.05


def test_the_primary_family_is_nine_and_holm_keeps_one():
    cells = nli_cells.all_cells()
    assert len(cells) == 72 and cells["above"].sum() == 1
    row = cells[cells["above"]].iloc[0]
    assert (row["cell"], row["model"]) == ("round 3, few-shot", "GPT-3 175B")


def test_rounds_together_are_the_sum_of_their_questions():
    table = nli_cells.pooled_rounds(0.0)
    right = {"few-shot": 368 + 340 + 482.5, "one-shot": 320 + 339 + 421, "zero-shot": 346 + 354 + 414}
    for setting, count in right.items():
        assert table.loc[setting, "n"] == 3200
        assert table.loc[setting, "excess"] == pytest.approx(100 * (count / 3200 - 1 / 3), abs=0.02)
    noisy = nli_cells.pooled_rounds()
    assert (noisy["upper"] > table["upper"] + 1).all()  # shared noise is not averaged away


def test_more_noise_never_narrows_and_counts_only_fall():
    table = nli_cells.bounds()
    for _, rows in table.groupby("cell"):
        assert (np.diff(rows["upper"]) > 0).all() and (np.diff(rows["lower"]) < 0).all()
    curve = nli_cells.margin_curve()
    assert curve["cells_0"].is_monotonic_increasing and curve["cells_2"].is_monotonic_increasing
    assert (curve["cells_2"] <= curve["cells_0"]).all() and (curve["power_2"] <= curve["power_0"]).all()
    five = curve.set_index("margin").loc[5]
    for noise in (0, 2):
        upper = table.loc[table["noise_sd"] == noise, "upper"]
        assert (
            (upper < nli_cells.MARGIN).sum() == five[f"cells_{noise}"] >= (nli_cells.below_margin(noise) < 0.05).sum()
        )


def test_allowed_noise_covers_what_was_measured_on_other_draws():
    assert 1.0 < nli_cells.draws_noise() <= nli_cells.NOISE
    own = nli_cells.measured_noise().iloc[0]
    assert own["task"] == "ANLI round 3" and own["runs"] == 6 and own["sd"] < nli_cells.NOISE


def test_scale_did_little_on_anli_and_more_beside_it():
    table = nli_cells.accuracy_slopes().set_index(["family", "cell"])
    anli = table[table.index.get_level_values("cell").str.startswith("round")]
    assert len(anli) == 12 and anli["slope"].abs().max() < 2
    assert np.isinf(anli["curve_high"]).all()
    assert (table.loc[[("GPT-3", f"RTE, {s}") for s in nli_cells.PROMPT_SETTINGS], "low"] > 1).all()
    assert anli.loc["BLOOM", "times"].iloc[0] == pytest.approx(320, rel=0.02)


# ------------------------------------------------------------------ later


def test_rows_without_a_month_are_no_evidence_of_2020():
    assert nli_cells.results(CUTOFF)["published"].notna().all()
    assert nli_cells.results(LATEST)["published"].isna().any()
    assert "ALBERT-xxlarge" not in set(later.small_models(CUTOFF)["model"])


def test_the_reference_model_is_the_one_with_most_right_answers():
    table = later.small_models(CUTOFF)
    right = {
        m: sum(a * n / 100 for a, n in zip(rows["accuracy_pct"], (1000, 1000, 1200), strict=True))
        for m, rows in table.groupby("model")
    }
    assert set(later.reference_small_model(CUTOFF)["model"]) == {max(right, key=right.get)}


def test_models_trained_on_anli_are_kept_apart():
    table = nli_cells.results()
    group = later.group_of(table)
    assert (table.loc[group == "trained", "benchmark_in_training"] == "yes").all()
    assert table.loc[group == "prompted", "regime"].isin(later.PROMPTED).all()
    gaps = later.verifier_gaps()
    assert gaps.groupby("group").size().tolist() == [3, 3] and (gaps["low"] < gaps["difference"]).all()


def test_forecasts_obey_their_rule():
    table = later.later_forecasts()
    assert table["training_flop"].min() >= nli_cells.gpt3_cells()["training_flop"].max()
    assert not table["model"].str.contains("GPT-3|FLAN|BLOOMZ").any()
    inside = table["accuracy_pct"].between(table["line_low"], table["line_high"])
    assert (inside == table["inside_line"]).all()
    assert table.loc[table["model"] == "BLOOM-176B", "inside_line"].all()
    assert not table.loc[table["model"] == "PaLM 540B", "inside_line"].any()


def test_the_line_carried_on_is_that_of_the_forecasts():
    scores, models, line = later.carried_on("round 3, zero-shot")
    assert len(scores) == 8 and scores["times"].max() == 1 and models["model"].tolist() == ["GLaM 64B/64E", "PaLM 540B"]
    for end in ("low", "high"):
        there = np.interp(np.log(models["times"]), np.log(line["times"]), line[end])
        np.testing.assert_allclose(there, models[f"line_{end}"], atol=0.02)


def test_steps_are_differences_of_all_questions():
    table = later.steps().set_index("step")
    few = [36.8 * 1000, 34.0 * 1000, 40.2 * 1200]
    zero = [34.6 * 1000, 35.4 * 1000, 34.5 * 1200]
    row = table.loc["GPT-3, given examples"]
    assert row["points"] == pytest.approx((sum(few) - sum(zero)) / 3200) and row["low"] < row["points"] < row["high"]
    assert row["times"] == 1 and table.loc["small model trained on the test", "times"] < 0.01


def test_a_step_without_all_rounds_is_refused():
    with pytest.raises(ValueError, match="Falcon-180B, one-shot, any protocol: not all three rounds"):
        later._pick("Falcon-180B", "one-shot")


# ------------------------------------------------------------------ figures

FIGURES = {
    "landscape": lambda: nli_figures.plot_landscape(later.landscape(), (68.3, 84.2)),
    "cells": lambda: nli_figures.plot_cells(nli_cells.all_cells()),
    "bounds": lambda: nli_figures.plot_bounds(nli_cells.bounds(), nli_cells.MARGIN),
    "slopes": lambda: nli_figures.plot_slopes(nli_cells.accuracy_slopes()),
    "steps": lambda: nli_figures.plot_steps(later.steps()),
    "forecasts": lambda: nli_figures.plot_forecasts(later.later_forecasts()),
    "carried on": lambda: nli_figures.plot_carried_on(*later.carried_on()),
}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("landscape", ["32.5 and 40.2 %", "66.0 %", "47.8 %", "67.9 %"]),
        ("cells", ["72 scores", "round 3, few-shot", "5.0"]),
        ("bounds", ["7 with 0", "3 with 2", "0 with 4"]),
        ("slopes", ["-0.2 to 1.5"]),
        ("steps", ["4 comparisons", "7 comparisons"]),
        ("forecasts", ["18 results of 6", "11 lie above", "0 below"]),
        ("carried on", ["32.7 and 40.2 %", "30 to 47 % for PaLM 540B", "it got 55.8 %"]),
    ],
)
def test_figures_say_what_they_show(name, says):
    ax = FIGURES[name]()
    assert all(part in figures.alt_text(ax) for part in says), figures.alt_text(ax)
    assert len(figures.table_behind(ax)) and not figures.table_behind(ax).isna().all().any()
    texts = [t for t in ax.figure.findobj(plt.Text) if t.get_text()]
    assert min(t.get_fontsize() for t in texts) >= 9
    plt.close(ax.figure)
