"""Every end and number of the verdicts on the limit and on the step from it, by hand."""

import numpy as np
import pytest

from dl_limits.laws import loss
from dl_limits.studies.scaling import claims, fit, published, returns
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED, UNTESTABLE, Part, Region

RUNS = "2024-04-15"  # the published runs were read off their figure


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)


def test_at_least_as_much_is_no_shrinking():
    assert Region(1.0) == claims.NO_SHRINKING
    assert [claims.NO_SHRINKING.word(v, v) for v in (1.0, np.nextafter(1.0, 0))] == [HOLDS, FAILS]


def test_the_threshold_offered():
    threshold = claims.THRESHOLDS["limit-to-diminishing"]
    assert threshold.grid == tuple(k / 100 for k in range(50, 111)) and threshold.own([]) == 1.0
    assert threshold.region(Part("p"), 0.8, 1.0) == Region(0.8) and threshold.form(0.875) == "0.88"


@pytest.mark.parametrize("exponent", [0.05, 0.095, 0.5, 1.0])
def test_a_power_law_brings_as_much_less_as_it_falls(exponent):
    losses = 10.0 ** (-exponent * np.arange(3))  # at one, ten and a hundred times
    first, second = -np.diff(losses)
    assert claims._ratio(exponent) == pytest.approx(second / first)


def test_every_law_without_a_floor_is_an_analysis():
    found = claims.limit_to_diminishing("2020")
    part = found.parts[0]
    names = ["compute spent well", "compute", "size alone", "text alone"]
    assert list(part.words) == names and part.region == claims.NO_SHRINKING
    laws = ["kaplan_cmin", "kaplan_c", "kaplan_n", "kaplan_d"]
    for each, law in zip((part.primary, *part.others), laws, strict=True):
        exponent = published.published_law(law)["exponent"]
        half = 0.005 if exponent == 0.05 else 0.0005  # of 0.050 the last digit is lost: wider
        ends = sorted([10 ** -(exponent + half), 10 ** -(exponent - half)])
        assert ends[0] <= each.low < each.estimate < each.high <= ends[1] and len(each.draws) == 400
        assert each.high - each.low == pytest.approx(0.95 * (ends[1] - ends[0]), rel=0.06)
    assert f"brings {part.primary.estimate:.2f} times the gain" in found.reason
    assert f"each is {part.primary.estimate:.2f} of the last" in found.brief and found.evidence_to == "2020-01"


@pytest.mark.parametrize(
    ("truth", "word"), [(1.1, HOLDS), (1.002, HOLDS), (1.0, UNDECIDED), (0.998, FAILS), (0.9, FAILS)]
)
def test_a_step_known_to_the_printed_digits(truth, word):
    assert claims._step_at(truth, "2026", np.random.default_rng(0)) == word


def test_what_is_printed_errs_by_half_a_unit_and_is_read_so(monkeypatch):
    seen, asked = [], []
    monkeypatch.setattr(claims, "_ratio", lambda exponent: seen.append(exponent) or np.arange(1.0, 402.0))
    monkeypatch.setattr(claims, "combine", lambda words: asked.append(words) or HOLDS)
    monkeypatch.setattr(claims, "NO_SHRINKING", type("R", (), {"word": staticmethod(lambda *ends: ends)}))

    class Drawn:
        def uniform(self, low, high, size=None):
            assert (low, high) == (-0.0005, 0.0005)
            return 0.0003 if size is None else np.full(size, 0.0001)

    claims._step_at(0.5, "2026", Drawn())
    assert seen[0] == pytest.approx(np.full(400, np.log10(2) + 0.0004))
    assert asked == [{"": pytest.approx((11.0, 391.0))}]  # the central 95 % of 1 to 401


@pytest.mark.parametrize(("evidence", "known"), [("2024-04-14", False), (RUNS, True), ("2020", False)])
def test_the_floor_counts_once_the_runs_could_be_read(evidence, known):
    found = claims.pretraining_limits(evidence)
    assert found.verdict == UNTESTABLE and found.evidence_to == ("2024-04" if known else "2020-05")
    if known:
        draws = fit.floors_over_formulas().to_numpy().ravel()
        low, high = np.quantile(draws, [0.025, 0.975], method="inverted_cdf")
        estimate = fit.surface().params["E"]
        assert (found.estimate, found.low, found.high) == pytest.approx((estimate, low, high), abs=5.1e-5)
        assert f"{estimate:.2f} nats per token; other formulas say {low:.1f} to {high:.1f}" in found.reason
    else:
        conjecture = float(published.published_law("kaplan_conjecture")["loss"])
        reached = published.gpt3_law(returns.gpt3_run()[2] / loss.FLOP_PER_PF_DAY)
        assert (found.estimate, found.low, found.high) == pytest.approx((conjecture, 0.0, float(reached)), abs=5.1e-5)
        assert f"about {conjecture:.1f} nats per token" in found.reason
