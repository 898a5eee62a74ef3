"""GPT's history: published numbers, closed forms, and splits that must add up."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.laws import loss as laws_loss
from dl_limits.studies.gpt import compute, family, figures, web
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.studies.scaling import fit
from dl_limits.studies.scaling import published as scaling_published

# ------------------------------------------------------------------ tokens, words, compute


def test_compute_of_all_17_rows_recomputes():
    check = family.compute_check()
    assert len(check) == 17
    assert check["deviation_pct"].abs().max() < 0.31


def test_pf_days_are_the_same_compute():
    table = data.load("compute_table_d1")
    assert (table["training_flop"] / table["training_pf_days"] / laws_loss.FLOP_PER_PF_DAY).between(0.995, 1.005).all()


def test_effective_tokens_at_their_limits():
    constant = data.load("token_counts").set_index("count_id").loc["repetition_constant", "value"]
    assert family.effective_tokens(5.0, 1) == 5.0
    assert family.effective_tokens(5.0, 0.4) == 2.0  # not all was read
    assert family.effective_tokens(5.0, 1e9) == pytest.approx(5 * (1 + constant))
    assert family.effective_tokens(1.0, 1 + constant) == pytest.approx(1 + constant * (1 - np.exp(-1)))
    worth = family.effective_tokens(1.0, np.arange(1, 50))
    assert (np.diff(worth) > 0).all() and (np.diff(worth, 2) < 0).all()
    assert family.effective_tokens(1.0, 4) > 3.7  # the paper: up to four epochs are nearly as good as new text


def test_ranges_of_gpt_2_are_epochs_times_text():
    assert family.tokens("GPT-2") == pytest.approx((12 * 9_035_582_198, 100 * 10_666_666_667))
    # by then 12 epochs were not reported, and no size in tokens was: 40 GB at the ratio of WebText2
    assert family.tokens("GPT-2", until=CUTOFF) == pytest.approx((20 * 39.5e9 * 22.9 / 96, 100 * 40.5e9 * 22.9 / 96))
    assert family.tokens("GPT-1", "unique text", CUTOFF) == pytest.approx((0.95e9 * 2.29 / 1.62, 1.05e9 * 2.29 / 1.62))
    assert family.tokens("GPT-2", "unique text") == pytest.approx((9_035_582_198, 10_666_666_667))
    for model in family.LARGEST:
        seen, worth, unique = (family.tokens(model, account) for account in family.ACCOUNTS)
        assert unique[0] <= worth[0] <= seen[0] and unique[1] <= worth[1] <= seen[1]


def test_unknown_way_of_counting_is_refused():
    with pytest.raises(ValueError, match="account"):
        family.tokens("GPT-2", "words")


def test_printed_mix_and_its_inconsistencies():
    mix = family.mix().set_index("dataset")
    assert mix["weight_pct"].sum() == 101
    off = (mix["epochs"] - mix["epochs_printed"]).abs() / mix["epochs_printed"]
    assert set(off[off > 0.1].index) == {"WebText2", "Wikipedia"}
    assert family.tokens("GPT-3", "unique text")[0] == pytest.approx(2.38e11, rel=0.02)  # the database has 2.38e11


def test_words_are_tokens_times_the_authors_ratio():
    words = family.words()
    assert words["seen"] == pytest.approx(0.7 * 3e11)
    assert (words["ratio_low"], words["ratio_high"]) == pytest.approx((0.4, 1.0))
    assert family.words(CUTOFF)["high"] == pytest.approx(0.75 * 3e11)


def test_model_of_the_web_reproduces_the_published_stock():
    published = data.load("web_stock").set_index("stock_id").loc["web_text_2024"]
    draws = web.web_text(2024)
    assert np.median(draws) == pytest.approx(published["value"], rel=0.05)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert low == pytest.approx(published["low"], rel=0.1)
    assert high == pytest.approx(published["high"], rel=0.1)


def test_shares_of_the_web_bound_each_other():
    shares = web.web_shares()
    assert (shares["low"] <= shares["share"]).all() and (shares["share"] <= shares["high"]).all()
    crawl = shares.set_index("stock").loc["Common Crawl, as downloaded"]
    assert crawl["high"] / crawl["low"] == pytest.approx((415 * 45.5 / 565) / (405 * 44.5 / 575))  # rounding alone
    assert set(web.web_shares(CUTOFF)["stock"]) < set(shares["stock"])
    whole = shares[shares["kind"] == "whole web"]["share"].max()
    assert whole < shares[shares["kind"] != "whole web"]["share"].min()


# ------------------------------------------------------------------ size or data


def test_shapley_adds_up_and_treats_both_alike():
    rng = np.random.default_rng(0)
    table = rng.uniform(1, 3, (2, 2))
    loss = lambda n, d: table[n, d]  # noqa: E731
    by_size, by_data = gpt_shares.shapley(loss, (0, 0), (1, 1))
    assert by_size + by_data == pytest.approx(table[0, 0] - table[1, 1])
    turned = gpt_shares.shapley(lambda n, d: table[d, n], (0, 0), (1, 1))
    assert turned == pytest.approx((by_data, by_size))
    both_needed = lambda n, d: 1.0 - (n and d)  # noqa: E731
    assert gpt_shares.shapley(both_needed, (0, 0), (1, 1)) == pytest.approx((0.5, 0.5))


def test_shapley_of_a_surface_is_its_terms():
    p = scaling_published.published_surface("hoffmann_unrounded")
    start, end = (1.5e9, 1e11), (1.75e11, 3e11)
    found = gpt_shares.shapley(lambda n, d: laws_loss.loss(p, n, d), start, end)
    before, after = laws_loss.terms(p, *start), laws_loss.terms(p, *end)
    assert found == pytest.approx([a - b for a, b in zip(before, after, strict=True)])


def test_kaplan_law_has_its_one_variable_limits():
    p = scaling_published.published_law("kaplan_nd")
    size_only = (p["scale_n"] / 1e9) ** p["alpha_n"]
    assert gpt_shares.kaplan_loss(p, 1e9, 1e30) == pytest.approx(size_only)
    assert gpt_shares.kaplan_loss(p, 1e30, 1e9) == pytest.approx((p["scale_d"] / 1e9) ** p["alpha_d"])


def test_the_surface_is_the_published_optimum():
    published = scaling_published.published_surface("replication_huber")
    assert fit.surface().params.to_numpy() == pytest.approx(published.to_numpy(), rel=1e-3)


@pytest.mark.parametrize("name", gpt_shares.published_laws())
def test_more_tokens_for_gpt_2_leave_more_to_size(name):
    law = gpt_shares.published_laws()[name]
    curve = gpt_shares.share_curve(family.GENERATIONS[1], law, span=(5e9, 1e12), points=9)
    assert curve["estimate"].is_monotonic_increasing
    assert (curve["low"] <= curve["estimate"]).all() and (curve["estimate"] <= curve["high"]).all()
    same = gpt_shares.size_share(family.GENERATIONS[1], law, 3e11, 3e11)
    assert same == pytest.approx(np.ones(len(same)))


def test_shares_know_only_laws_of_their_time():
    assert set(gpt_shares.size_shares(CUTOFF)["law"]) == {"Kaplan 2020", "Kaplan 2020, single laws"}
    assert "effective tokens" not in set(gpt_shares.size_shares(CUTOFF)["account"])
    assert len(gpt_shares.size_shares(LATEST)) == 2 * 3 * 4


def test_growth_of_parameters():
    growth = family.growth().set_index(["step", "axis"])
    assert growth.loc[("GPT-2 to GPT-3", "parameters"), "low"] == pytest.approx(175e9 / 1.542e9)
    assert (growth["low"] <= growth["high"]).all()


# ------------------------------------------------------------------ the trend of compute


def line(slope=0.5, n=40, bend=0.0, at=2018.0):
    year = np.linspace(2010, 2026, n)
    months = pd.to_datetime([f"{int(y)}-{int(12 * (y % 1)) + 1:02d}" for y in year])
    flop = 10 ** (18 + slope * (year - 2010) + bend * np.maximum(year - at, 0))
    return pd.DataFrame({"published": months, "year": year, "training_flop": flop})


def test_exact_growth_is_found():
    found = compute.fit(line(np.log10(2)))
    assert found.growth() == pytest.approx((2, 2, 2), rel=1e-6)
    assert found.doubling_months() == pytest.approx((12, 12, 12), rel=1e-6)


def test_no_growth_has_no_doubling_time():
    table = line(0.0).assign(training_flop=lambda t: t["training_flop"] * np.tile([1, 3], 20))
    assert compute.fit(table).doubling_months()[2] == np.inf


def test_a_bend_is_found_at_its_date():
    table = line(0.7, bend=-0.3)
    table["training_flop"] *= 10 ** np.random.default_rng(1).normal(0, 0.1, len(table))
    found = compute.break_test(table, 2018.0, k=10, draws=60)
    assert found["before"] == pytest.approx(10**0.7, rel=0.1)
    assert found["after"] == pytest.approx(10**0.4, rel=0.1)
    assert found["p"] < 0.001 and found["p_simulated"] < 0.05


def test_a_running_maximum_bends_by_itself():
    """Models on one straight line: the tables reject too often on their records, the simulation does not."""
    rng, naive, simulated = np.random.default_rng(2), [], []
    for _ in range(30):
        table = line(0.6, n=60)
        table["training_flop"] *= 10 ** rng.normal(0, 1.0, len(table))
        found = compute.break_test(table, 2014.0, k=3, draws=60)
        naive.append(found["p"] < 0.05)
        simulated.append(found["p_simulated"] < 0.05)
    assert np.mean(naive) > 0.15
    assert np.mean(simulated) <= 0.15


def test_frontier_by_hand():
    table = pd.DataFrame(
        {
            "published": pd.to_datetime(["2010-01", "2011-01", "2011-01", "2012-01", "2013-01"]),
            "training_flop": [5.0, 9.0, 7.0, 8.0, 20.0],
        },
        index=list("abcde"),
    )
    assert list(compute.frontier(table, 1).index) == ["a", "b", "e"]  # c was published together with a larger one
    assert list(compute.frontier(table, 2).index) == ["a", "c", "b", "d", "e"]
    assert list(compute.frontier(table, 9).index) == ["a", "c", "b", "d", "e"]
    with pytest.raises(ValueError, match="k must be"):
        compute.frontier(table, 0)


def test_published_doubling_times_come_back():
    ours = compute.doubling_table().set_index("label")
    with_games = ours.loc["records 2012–18, self-play in"]
    assert with_games["doubling"] == pytest.approx(3.4, abs=0.2)  # Amodei and Hernandez 2018
    assert with_games["doubling_high"] < ours.loc["records 2012–18, as revised", "doubling"]
    recent = ours.loc["ten largest 2018–26"]
    assert recent["doubling_low"] < 5.8 < recent["doubling_high"]  # Sevilla and Roldán 2024, from 2018


def test_self_play_changes_three_models_only():
    now, before = compute.notable_models(), compute.notable_models(self_play=True)
    changed = now.index[now["training_flop"] != before["training_flop"].reindex(now.index)]
    assert set(changed) == set(compute.SELF_PLAY)
    assert "flan_137b" not in now.index


def test_models_of_one_domain_and_time():
    part = compute.notable_models(pd.Timestamp("2020-12-31"), pd.Timestamp("2018-01-01"), domain="language")
    assert set(part["domain"]) == {"language"}
    assert part["published"].between("2018-01-02", "2020-12-31").all()
    assert {"gpt_1", "gpt_2_1_5b", "gpt_3_175b_davinci"} <= set(part.index)


def test_the_figure_of_the_credit_has_a_mark_for_every_law_and_way_of_counting():
    table = gpt_shares.size_shares().query("step == 'GPT-2 to GPT-3'")
    ax = figures.plot_credit(table)
    table = table[table["law"].isin(gpt_shares.wide_curves())]
    drawn = np.sort(np.concatenate([line.get_xdata() for line in ax.lines if line.get_marker() == "o"]))
    assert drawn == pytest.approx(np.sort(table["estimate"]))
    plt.close(ax.figure)
