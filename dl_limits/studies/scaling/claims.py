"""Claims of chapters 01 and 04: the limits of the pretraining objective, and what would follow from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.dates import date_of
from dl_limits.laws import loss
from dl_limits.studies.scaling import fit as scaling_fit
from dl_limits.studies.scaling import published, returns
from dl_limits.verdicts import Analysis, Part, Power, Region, Threshold, Verdict, combine
from dl_limits.words import fixed

_KAPLAN = pd.Timestamp("2020-01-23")
_GPT3 = pd.Timestamp("2020-05-28")
_RUNS = pd.Timestamp("2024-04-15")  # the published runs of Hoffmann et al. were read off their figure
NO_SHRINKING = Region(1.0)  # the next tenfold brings at least as much as the last
_LAWS = {"kaplan_cmin": "compute spent well", "kaplan_c": "compute", "kaplan_n": "size alone", "kaplan_d": "text alone"}
_DRAWS = 400


def pretraining_limits(evidence="2026"):
    """Return the verdict on "may eventually run into the limits of the pretraining objective".

    Not testable as worded: 'may eventually (or could already)' excludes nothing, so no region is defined. What
    can be reported is the floor E of the loss: before the published runs could be fitted, a conjecture of
    Kaplan et al. between nothing and the loss of GPT-3; since then the interval over formulas
    (`dl_limits.studies.scaling.fit.floors_over_formulas`).
    """
    until = date_of(evidence)
    if until < _RUNS:
        reached = float(published.gpt3_law(returns.gpt3_run()[2] / loss.FLOP_PER_PF_DAY))
        shown = Analysis(
            "conjecture of 2020", float(published.published_law("kaplan_conjecture")["loss"]), 0.0, reached
        )
        reason = (
            f"“May eventually” excludes nothing. The only figure then was a conjecture: about {shown.estimate:.1f} "
            "nats per token."
        )
    else:
        draws = scaling_fit.floors_over_formulas().to_numpy().ravel()
        estimate = scaling_fit.surface().params["E"]
        shown = Analysis.of_draws("the usual formula; interval over formulas", draws, estimate)
        reason = (
            f"“May eventually” excludes nothing. If the usual formula holds, scale takes such models no lower than "
            f"{estimate:.2f} nats per token; other formulas say {shown.low:.1f} to {shown.high:.1f}."
        )
    return Verdict.of(
        "pretraining-limits",
        evidence,
        [Part("a limit may come")],
        unit="nats per token",
        reason=reason,
        brief="“May eventually” excludes nothing, so nothing could contradict it.",
        evidence_to=_RUNS if until >= _RUNS else _GPT3,
        shown=shown,
    )


def limit_to_diminishing(evidence="2026"):
    """Return the verdict on the step from "the limits of the pretraining objective" to "diminishing returns in action".

    The step says: returns shrink because a limit is near. So where no limit is, they should not shrink. Measured on
    the laws without any floor that GPT-3's authors built on (Kaplan et al. 2020): what the next tenfold takes
    off the loss, over what the last one took off; for L = (x_0 / x)^a this is 10^-a. Below one, returns
    shrink without a limit, and shrinking returns are no sign of one. Primary is the law in compute spent
    well, which the GPT-3 paper extends; the other laws are other analyses. Intervals: the rounding of the
    printed exponents (`published.as_printed`).
    """
    first, *others = (_next_over_last(name, label) for name, label in _LAWS.items())
    return Verdict.of(
        "limit-to-diminishing",
        evidence,
        [Part("returns shrink only near a limit", NO_SHRINKING, first, tuple(others))],
        unit="gain of the next tenfold over that of the last",
        reason=(
            f"On a law with no limit at all each tenfold brings {fixed(2)(first.estimate)} times the gain of the one "
            "before: shrinking returns are no sign of a limit."
        ),
        brief=f"Gains shrink even with no limit: each is {fixed(2)(first.estimate)} of the last.",
        evidence_to=_KAPLAN,
    )


def _next_over_last(law, label):
    exponents = published.as_printed(published.published_law(law), _DRAWS, np.random.default_rng(1))["exponent"]
    return Analysis.of_draws(label, _ratio(exponents.to_numpy()))


def _ratio(exponent):
    """Return (1 - 10^-a) 10^-a over 1 - 10^-a: what the second tenfold takes off, over the first."""
    return 10.0**-exponent


def _step_at(truth, evidence, rng):
    """Return the word if the next tenfold brought `truth` times the last, known to the digits that are printed."""
    exponent = -np.log10(truth) + rng.uniform(-0.0005, 0.0005)
    draws = _ratio(exponent + rng.uniform(-0.0005, 0.0005, _DRAWS))
    return combine({"": NO_SHRINKING.word(*np.quantile(draws, [0.025, 0.975]))})


CLAIMS = {"pretraining-limits": pretraining_limits, "limit-to-diminishing": limit_to_diminishing}
THRESHOLDS = {
    "limit-to-diminishing": Threshold(
        "“diminishing” means that a tenfold brings less than {} times the gain of the one before",
        lambda parts: NO_SHRINKING.low,
        lambda part, value, own: Region(value),
        tuple(np.arange(50, 111) / 100),
        fixed(2),
    )
}
POWER = {
    "limit-to-diminishing": Power(
        lambda evidence: {"inside": 1.1, "border": 1.0, "outside": 0.9}, _step_at, "rounding of the printed exponent"
    )
}
