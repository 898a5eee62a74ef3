"""Formulas of loss laws against printed numbers, numeric minimisation and derivatives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from dl_limits.laws import loss as laws_loss
from dl_limits.studies.scaling import published

REPLICATION = published.published_surface("replication")
GPT3 = 174.6e9, 300e9
SURFACES = st.fixed_dictionaries(
    {
        "E": st.floats(0.5, 3),
        "A": st.floats(50, 2000),
        "B": st.floats(50, 6000),
        "alpha": st.floats(0.2, 0.6),
        "beta": st.floats(0.2, 0.6),
    }
)
SIZES, TEXTS = st.floats(1e7, 1e13), st.floats(1e8, 1e14)


# ------------------------------------------------------------------ printed numbers


def test_factor_of_a_tenfold_of_compute():
    assert 10 ** -published.published_law("gpt3_c")["exponent"] == pytest.approx(0.895, abs=5e-4)
    assert published.gpt3_law(1.0) == 2.57


def test_doubling_parameters_multiplies_the_loss_by_095():  # Kaplan et al. 2020, section 1.2
    law = published.published_law("kaplan_n")
    assert laws_loss.power_law(2.0, **law) / laws_loss.power_law(1.0, **law) == pytest.approx(0.95, abs=0.005)


def test_kaplans_loss_where_the_laws_are_said_to_break():  # equation 6.8: about 1.7 nats at 1e4 PF-days
    assert laws_loss.power_law(1e4, **published.published_law("kaplan_cmin")) == pytest.approx(1.7, abs=0.05)


def test_the_laws_of_kaplan_meet_where_both_give_one_loss():
    pf_days, loss = published.conjectured_end()
    growth = published.published_law("kaplan_data_growth")
    allowed = laws_loss.power_law(growth["d_1"] * pf_days ** growth["p"], **published.published_law("kaplan_d"))
    assert allowed == pytest.approx(loss)
    printed = published.published_law("kaplan_conjecture")
    assert abs(np.log10(pf_days / printed["pf_days"])) < 1.1  # "an order of magnitude in either direction"


def test_parameters_without_embeddings():
    assert laws_loss.non_embedding_params(96, 12288) == pytest.approx(174e9, rel=1e-3)  # GPT-3: embeddings add 0.4 %
    assert laws_loss.non_embedding_params(48, 1600) == pytest.approx(1.5e9, rel=0.02)  # GPT-2, "1.5B" in Kaplan et al.


@pytest.mark.parametrize("fit", ["hoffmann_printed", "hoffmann_unrounded"])
def test_exponent_of_the_optimal_size_printed_by_hoffmann(fit):  # Table 2: 0.46 (0.454, 0.455)
    assert laws_loss.size_exponent(published.published_surface(fit)) == pytest.approx(0.455, abs=0.004)


def test_exponent_of_the_optimal_size_printed_by_the_replication():
    assert laws_loss.size_exponent(REPLICATION) == pytest.approx(0.513, abs=5e-4)


def test_compute_of_a_model_of_175_billion_parameters():
    text = published.published_law("hoffmann_175b_text")
    assert 6 * 175e9 * text["tokens"] == pytest.approx(text["training_flop"], rel=1e-3) == 4.41e24
    needed = laws_loss.flop_where_optimal(published.published_surface("hoffmann_unrounded"), 175e9)
    approach_3 = published.published_law("hoffmann_175b_approach_3")
    assert needed / (6 * 175e9) == pytest.approx(approach_3["tokens"], rel=0.15)  # Table A3: 12.0 trillion tokens
    assert laws_loss.flop_where_optimal(REPLICATION, 175e9) == pytest.approx(text["training_flop"], rel=0.3)


def test_gopher_s_budget_wants_about_forty_billion_parameters():  # figure 4 of Hoffmann et al.: 40B at 5.76e23
    params, _ = laws_loss.optimum(published.published_surface("hoffmann_unrounded"), 5.76e23)
    assert params == pytest.approx(40e9, rel=0.02)


@pytest.mark.parametrize("name", ["nobody", "hoffmann_approach_1"])
def test_unknown_or_incomplete_surfaces_are_named(name):
    with pytest.raises(ValueError, match=name):
        published.published_surface(name)


def test_unknown_law_is_named():
    with pytest.raises(ValueError, match=r"law must be one of .*kaplan_n.* not 'newton'"):
        published.published_law("newton")


# ------------------------------------------------------------------ identities, for any surface


@settings(max_examples=50, deadline=None)
@given(SURFACES, st.floats(1e18, 1e27))
def test_optimum_is_the_minimum_on_its_isoflop(p, flop):
    params, tokens = laws_loss.optimum(p, flop)
    assert 6 * params * tokens == pytest.approx(flop)
    found = minimize_scalar(
        lambda log_n: laws_loss.reducible(p, np.exp(log_n), flop / 6 / np.exp(log_n)),
        bounds=(np.log(params) - 12, np.log(params) + 12),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert laws_loss.reducible(p, params, tokens) <= found.fun * (1 + 1e-12)
    assert np.log(params) == pytest.approx(found.x, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(SURFACES, st.floats(1e18, 1e27))
def test_on_the_frontier_every_path_has_one_elasticity(p, flop):
    best = laws_loss.elasticity(p, *laws_loss.optimum(p, flop))
    assert list(best) == list(laws_loss.PATHS)
    assert list(best.values()) == pytest.approx([laws_loss.frontier_exponent(p)] * 4)
    more = laws_loss.reducible(p, *laws_loss.optimum(p, 10 * flop)) / laws_loss.reducible(
        p, *laws_loss.optimum(p, flop)
    )
    assert 1 - more == pytest.approx(laws_loss.tenfold(p, *laws_loss.optimum(p, flop))["optimal"])


@settings(max_examples=50, deadline=None)
@given(SURFACES, SIZES, TEXTS)
def test_elasticity_is_the_derivative(p, params, tokens):
    h = 1e-5
    here = np.log(laws_loss.reducible(p, params, tokens))
    got = laws_loss.elasticity(p, params, tokens)
    for path, (grow_n, grow_d) in {"data": (0, h), "params": (h, 0), "both": (h / 2, h / 2)}.items():
        there = np.log(laws_loss.reducible(p, params * np.exp(grow_n), tokens * np.exp(grow_d)))
        assert (here - there) / h == pytest.approx(got[path], rel=1e-3, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(SURFACES, SIZES, TEXTS, st.floats(1.5, 100))
def test_tenfold_recomputes_from_the_loss(p, params, tokens, factor):
    whole = laws_loss.reducible(p, params, tokens)
    got = laws_loss.tenfold(p, params, tokens, factor)
    assert list(got) == list(laws_loss.PATHS)
    for path, place in {
        "data": (params, factor * tokens),
        "params": (factor * params, tokens),
        "both": (factor * params, factor * tokens),
    }.items():
        assert got[path] == pytest.approx(1 - laws_loss.reducible(p, *place) / whole, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(SURFACES, SIZES, TEXTS, st.floats(0.1, 5))
def test_next_percent_buys_that_percent(p, params, tokens, percent):
    got = laws_loss.next_percent(p, params, tokens, percent)
    wanted = (1 - percent / 100) * laws_loss.loss(p, params, tokens)
    size, text = laws_loss.terms(p, params, tokens)
    for path, place, part in (
        ("data", (params, tokens * got["data"]), text),
        ("params", (params * got["params"], tokens), size),
        ("both", (params * got["both"] ** 0.5, tokens * got["both"] ** 0.5), size + text),
    ):
        if got[path] < 1e30:
            assert laws_loss.loss(p, *place) == pytest.approx(wanted)
        else:  # the path ends above the asked loss, or so close to it that nothing affordable gets there
            assert part <= 1.01 * (laws_loss.loss(p, params, tokens) - wanted) or got[path] < np.inf
    flop = 6 * params * tokens
    best = laws_loss.loss(p, *laws_loss.optimum(p, flop))
    if got["optimal"] < 1e30:
        assert laws_loss.loss(p, *laws_loss.optimum(p, flop * got["optimal"])) == pytest.approx(
            (1 - percent / 100) * best
        )
        assert laws_loss.cheapest(p, (1 - percent / 100) * best) == pytest.approx(flop * got["optimal"], rel=1e-6)


def test_what_no_scale_reaches_costs_infinitely_much():
    assert laws_loss.cheapest(REPLICATION, REPLICATION["E"]) == np.inf
    assert laws_loss.cheapest(REPLICATION, 1.0) == np.inf
    assert set(laws_loss.next_percent(REPLICATION, *GPT3, percent=50).values()) == {np.inf}


def test_cheapest_is_no_dearer_than_any_place_of_the_same_loss():
    loss = laws_loss.loss(REPLICATION, *GPT3)
    assert laws_loss.cheapest(REPLICATION, loss) < 6 * np.prod(GPT3)
    params, tokens = laws_loss.optimum(REPLICATION, 1e23)
    assert laws_loss.cheapest(REPLICATION, laws_loss.loss(REPLICATION, params, tokens)) == pytest.approx(1e23)


def test_price_of_a_power_law():
    assert laws_loss.power_law_price(0.05) == pytest.approx(0.99**-20)
    assert published.gpt3_law(laws_loss.power_law_price(0.048)) / published.gpt3_law(1.0) == pytest.approx(0.99)


def test_resamples_go_through_as_one_row_each():
    draws = pd.DataFrame(
        [published.published_surface(f) for f in ("replication", "hoffmann_printed", "hoffmann_unrounded")]
    )
    for function in (laws_loss.tenfold, laws_loss.elasticity, laws_loss.next_percent):
        whole = function(draws, *GPT3)
        for i, (_, row) in enumerate(draws.iterrows()):
            for path, value in function(row, *GPT3).items():
                assert np.asarray(whole[path])[i] == pytest.approx(float(value))
    assert list(laws_loss.cheapest(draws, 2.0)) == pytest.approx(
        [laws_loss.cheapest(row, 2.0) for _, row in draws.iterrows()]
    )


@settings(max_examples=30, deadline=None)
@given(SURFACES, SIZES, TEXTS, st.floats(1e-9, 1e3))
def test_units_of_parameters_do_not_matter(p, params, tokens, unit):
    other = p | {"A": p["A"] * unit ** p["alpha"]}
    assert laws_loss.loss(other, params * unit, tokens) == pytest.approx(laws_loss.loss(p, params, tokens))
    here, there = laws_loss.tenfold(p, params, tokens), laws_loss.tenfold(other, params * unit, tokens)
    assert list(here.values()) == pytest.approx(list(there.values()))


def test_a_gain_beyond_the_floor_is_infinite_without_a_warning():
    p = {"E": 1.8, "A": 400.0, "B": 2000.0, "alpha": 0.34, "beta": 0.37}
    with np.errstate(all="raise"):
        below, above = (laws_loss.next_percent(p, 1e9, 2e10, percent)["both"] for percent in (99.0, 1.0))
    assert below == np.inf and np.isfinite(above)
