"""The claim of chapter 04: the limits of the pretraining objective."""

from __future__ import annotations

from dl_limits.dates import CUTOFF, date_of
from dl_limits.laws import loss
from dl_limits.studies.scaling import fit as scaling_fit
from dl_limits.studies.scaling import published, returns
from dl_limits.verdicts import UNTESTABLE, Verdict


def pretraining_limits(evidence="2026"):
    """Return the verdict on "may eventually run into the limits of the pretraining objective".

    Not testable as worded: 'may eventually (or could already)' excludes nothing. What
    can be reported is the floor E of the loss. On the evidence of 2020 nobody had
    fitted one: the estimate is the conjecture of Kaplan et al., the interval all that
    was open, from nothing to the loss that GPT-3's own law gives. On the evidence to
    2026 it is the union of the intervals of `fit.REFERENCES`.
    """
    if date_of(evidence) == CUTOFF:
        low, high = 0.0, float(published.gpt3_law(returns.gpt3_run()[2] / loss.FLOP_PER_PF_DAY))
        estimate = float(published.published_law("kaplan_conjecture")["loss"])
        reason = (
            f"“May eventually” excludes nothing, so nothing could refute it. The only figure then was a conjecture of "
            f"about {estimate:.1f} nats per token; GPT-3's law was at {high:.2f} and still straight."
        )
    else:
        fits = {name: scaling_fit.surface(**options) for name, options in scaling_fit.REFERENCES.items()}
        ends = [fit.conf_int().loc["E"] for fit in fits.values()]
        low, high = min(e["lower"] for e in ends), max(e["upper"] for e in ends)
        estimate = next(iter(fits.values())).params["E"]
        reason = (
            f"“May eventually” still excludes nothing. Measured since: if the usual formula holds, scale alone takes "
            f"such models no lower than {estimate:.2f} nats per token ({low:.2f} to {high:.2f} over {len(fits)} fits). "
            f"Other formulas put that floor elsewhere."
        )
    return Verdict.of(
        "pretraining-limits",
        evidence,
        verdict=UNTESTABLE,
        numbers=(estimate, low, high),
        unit="nats per token",
        reason=reason,
    )


CLAIMS = {"pretraining-limits": pretraining_limits}
