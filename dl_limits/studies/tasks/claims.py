"""Claims of chapter 03: state-of-the-art results; ten times more computing brings only modest gains."""

from __future__ import annotations

from dl_limits.dates import LATEST, date_of
from dl_limits.studies.tasks import scores, tenfold
from dl_limits.verdicts import FAILS, HALF, HOLDS, PARTLY, UNDECIDED, Verdict

MODEST_RULE = (0.10, 0.25)


def state_of_the_art(evidence="2026"):
    """Return the verdict on "achieves state-of-the-art results".

    The share of task-metrics whose best setting beats the printed state of the art:
    from one half it holds, above none in part. BLEU is left out.
    """
    shares = scores.record_shares()
    shares = shares[shares["counting"] != "BLEU alone"]
    low, high = shares["share"].min(), shares["share"].max()
    first = shares.iloc[0]
    return Verdict.of(
        "state-of-the-art",
        evidence,
        verdict=above_record(low, high),
        numbers=(first["share"], low, high),
        unit="share of task-metrics above the printed state of the art",
        reason=(
            f"GPT-3 beats the printed state of the art of fine-tuned models on {first['above']:.0f} of "
            f"{first['of']:.0f} task-metrics, {100 * first['share']:.0f} %; "
            f"other ways of counting give {100 * low:.1f} to {100 * high:.1f} %."
        ),
    )


def above_record(low, high):
    """Return the verdict on a share of records: from one half it holds, above none in part."""
    if low >= HALF:
        return HOLDS
    return FAILS if high == 0 else PARTLY if low > 0 and high < HALF else UNDECIDED


def tenfold_modest(evidence="2026"):
    """Return the verdict on "10X the data and 10X the compute … modest gains on accuracy".

    The share of the remaining gap that ten times the data (at the same size) closes,
    median over non-synthetic accuracy tasks: modest below a tenth, not modest above a
    quarter. Components: predicted from Table H.1 through the loss laws; measured, on the
    one model of GPT-3's size with about ten times its data.
    """
    until = date_of(evidence)
    table = tenfold.predicted(until)
    low, high = table["low"].min(), table["high"].max()
    components = {"predicted from Table H.1": modest(low, high)}
    reason = (
        f"Ten times the data should close {100 * table['estimate'].iloc[0]:.0f} % of what is missing on the median "
        "task; "
        f"all {len(table)} reference fits together allow {100 * low:.0f} to {100 * high:.0f} %.".replace("-", "−")
    )
    if date_of(evidence) == LATEST:
        model = tenfold.natural_experiment()
        components["Falcon-180B beside GPT-3"] = modest(model["low"], model["high"])
        reason += (
            f" The one model of its size with {model['times_data']:.1f} times its data closed "
            f"{100 * model['estimate']:.0f} % ({100 * model['low']:.0f} to {100 * model['high']:.0f} %), but differs "
            "in more than data."
        )
    return Verdict.of(
        "tenfold-modest",
        evidence,
        components=components,
        numbers=(table["estimate"].iloc[0], low, high),
        unit="share of the remaining gap, median task",
        reason=reason,
    )


def modest(low, high):
    """Return whether a share of the gap is modest: below a tenth it is, above a quarter not."""
    if high < MODEST_RULE[0]:
        return HOLDS
    return FAILS if low > MODEST_RULE[1] else UNDECIDED


def state_of_the_art_alternatives():
    """Judge each way of counting, BLEU apart."""
    shares = scores.record_shares()
    return [above_record(s, s) for s in shares.loc[shares["counting"] != "BLEU alone", "share"]]


def tenfold_modest_alternatives():
    """Judge each loss law with each line and setting."""
    return [modest(row.low, row.high) for row in tenfold.predicted(LATEST).itertuples()]


CLAIMS = {"state-of-the-art": state_of_the_art, "tenfold-modest": tenfold_modest}
ALTERNATIVES = {
    "state-of-the-art": (state_of_the_art_alternatives, "way of counting"),
    "tenfold-modest": (tenfold_modest_alternatives, "loss law, line, setting; the part 'predicted'"),
}
