"""What the rules say of simulated truths: a short run finds what is stored, for every claim."""

import pytest

from dl_limits import claims, data
from dl_limits.calibration import power

SHORT = 4  # repetitions; those of the stored run that are counted by themselves come first
DEAR = {"diminishing-vision", "diminishing-speech", "imagenet-compute"}  # a repetition takes longer


@pytest.mark.parametrize("claim", claims.POWER)
@pytest.mark.parametrize("evidence", ["2020", "2026"])
@pytest.mark.parametrize("truth", power.THREE_TRUTHS)
def test_a_short_run_finds_the_same(claim, evidence, truth):
    stored = data.load("verdict_power")
    stored = stored[(stored["claim_id"] == claim) & (stored["evidence"] == evidence) & (stored["truth"] == truth)]
    assert stored["true_value"].eq(claims.POWER[claim].truths(evidence)[truth]).all()
    count = power.FIRST if claim not in DEAR else SHORT
    words = power.simulated_words(claim, evidence, truth, count)
    kept = stored.set_index("word")["of_first"]
    if count == power.FIRST:
        assert {word: words.count(word) for word in set(words)} == kept[kept > 0].to_dict()
    else:
        assert all(words.count(word) <= kept.get(word, 0) for word in set(words))


def test_repetitions_do_not_hang_on_their_number():
    few, more = (power.simulated_words("state-of-the-art", "2026", "border", n) for n in (3, 6))
    assert more[:3] == few


def test_an_answer_that_is_no_word_is_refused(monkeypatch):
    from dl_limits.verdicts import Power

    wrong = Power(lambda evidence: dict.fromkeys(power.THREE_TRUTHS, 0.0), lambda *_: "perhaps", "none", 2)
    monkeypatch.setitem(claims.POWER, "state-of-the-art", wrong)
    with pytest.raises(ValueError, match="returned 'perhaps', no word"):
        power.measure_power("state-of-the-art")


def test_characteristics_are_the_shares_of_the_right_words():
    table = power.characteristics(data.load("verdict_power")).set_index(["claim_id", "evidence"])
    stored = data.load("verdict_power").set_index(["claim_id", "evidence", "truth", "word"])["share"]
    assert len(table) == 2 * len(claims.POWER)
    row = table.loc[("nli-corpus", "2026")]
    assert row["inside"] == stored.get(("nli-corpus", "2026", "inside", "holds"))
    assert row["outside"] == stored.get(("nli-corpus", "2026", "outside", "does not hold"))
    assert (
        table.loc[("imagenet-compute", "2020"), "outside"]
        == stored[("imagenet-compute", "2020", "outside", "holds in part")]
    )
