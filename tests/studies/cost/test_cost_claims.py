"""The verdict on the bill: runs drawn around a trend, and the rule on their probability."""

import numpy as np
import pandas as pd
import pytest

from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.cost import claims, runs, trends
from dl_limits.verdicts import FAILS, HOLDS, NOTHING, UNDECIDED, UNTESTABLE


def steady(growth, scatter=0.05, n=40, start=2015.0, first=1e6):
    years = start + np.arange(n) / 4
    noise = scatter * np.random.default_rng(0).standard_normal(n)
    return pd.DataFrame({"year": years, "value": first * growth ** (years - start) * np.exp(noise)})


@pytest.mark.parametrize(
    ("value", "word"), [(0.81, HOLDS), (0.8, HOLDS), (0.79, UNDECIDED), (0.2, UNDECIDED), (0.19, FAILS)]
)
def test_the_rule_of_probabilities(value, word):
    assert claims.LIKELY_REGION.word(value, value) == word


def test_on_a_line_without_scatter_a_run_passes_when_the_line_does():
    table, rng = steady(2.0), np.random.default_rng(1)
    crossing = 2015 + np.log2(1e10 / 1e6)
    early, late = (runs.passes(table, 1e10, crossing + shift, rng, draws=400) for shift in (-1.0, 1.0))
    assert early < 0.05 and late > 0.95


def test_scatter_lets_a_run_pass_before_the_line_does():
    calm, wild = (runs.passes(steady(2.0, s), 1e10, 2027.0, np.random.default_rng(1), draws=800) for s in (0.05, 1.0))
    assert 2015 + np.log2(1e4) > 2028 and calm < 0.05 < 0.2 < wild


def test_a_mark_that_grows_with_the_trend_is_passed_less_often():
    table = steady(2.0, 0.5)
    fixed, growing = (
        runs.passes(table, 3e9, 2028.0, np.random.default_rng(2), yearly, 2024.75, draws=800) for yearly in (1.0, 2.0)
    )
    assert growing < fixed


def test_arrivals_are_those_of_the_last_three_years():
    dense = steady(1.0, 1.0)
    thin = dense[(dense["year"] < 2021.8) | (np.arange(len(dense)) % 6 == 0)]
    many, few = (runs.passes(t, 8e6, 2030.0, np.random.default_rng(3), draws=1500) for t in (dense, thin))
    assert few < many


def test_no_run_no_passing():
    table = steady(2.0)
    assert runs.passes(table, 1.0, table["year"].iloc[-1], np.random.default_rng(0), draws=50) == 0


def test_the_verdict_is_that_of_its_probabilities():
    late, table = claims.unsustainable("2026"), runs.chances(LATEST).set_index(["mark", "basis"])
    money = table.loc[(claims.ECONOMIC, trends.BASES["amortised"])]
    assert late.estimate == pytest.approx(money["by_end"], abs=1e-4) and "If trends held" in late.reason
    names = {part.name: part for part in late.parts}
    assert names["technically"].word == UNTESTABLE
    economic = names["economically"]
    assert economic.word == claims.LIKELY_REGION.word(economic.primary.low, economic.primary.high)
    assert set(table.columns) == {"by_end", "by_start"} and (table["by_start"] <= table["by_end"]).all()


def test_in_2020_too_few_runs_told_their_energy():
    early = claims.unsustainable("2020")
    part = next(part for part in early.parts if part.name == "environmentally")
    assert part.kind == NOTHING and len(runs.energies(CUTOFF)) < 5 <= len(runs.energies(LATEST))
    assert part.needs.startswith("the energy of 5 runs")


@pytest.mark.parametrize("until", [CUTOFF, LATEST])
def test_nothing_later_enters(until):
    for table in (runs.frontier_costs("amortised", until), runs.energies(until)):
        assert (table["published"] <= until).all() and table["year"].is_monotonic_increasing


def test_years_needed_are_few_where_the_next_ones_decide_and_none_where_none_does():
    table = pd.DataFrame({"year": np.arange(2010, 2020, 0.5), "value": np.exp(np.arange(20) * 0.1)})
    by_length = lambda more, rng: 0.99 if len(more) > 24 else 0.5  # noqa: E731
    assert 1 < claims.years_needed(table, by_length) <= 4  # two runs a year came lately
    assert claims.years_needed(table, lambda more, rng: 0.0) == 1
    assert claims.years_needed(table, lambda more, rng: 0.5) is None


def test_what_would_decide_the_bill_of_2020_is_a_number_of_years():
    part = claims.unsustainable("2020").parts[0]
    assert part.word == UNDECIDED and part.needs.startswith("about ") and "further year" in part.needs
    assert claims.unsustainable("2026").parts[0].needs == ""  # decided: nothing is needed
