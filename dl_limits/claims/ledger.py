"""The ledger: each claim of the article as a pure function that returns its `Verdict`.

The rule and its words are in `dl_limits.verdicts`. Each chapter's claims live in a room of
their own (``studies.<topic>.claims``); here they are put together. What a claim says, who said it
first and what its rule is in words stand in the table ``claims``, in the order of the
article. To add a claim: a function in a room, and a row of that table.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

import pandas as pd

from dl_limits import data
from dl_limits.dates import DATES
from dl_limits.studies.cost import claims as cost_claims
from dl_limits.studies.gpt import claims as gpt_claims
from dl_limits.studies.imagenet import claims as imagenet_claims
from dl_limits.studies.learning import claims as learning_claims
from dl_limits.studies.nli import claims as nli_claims
from dl_limits.studies.progress import claims as progress_claims
from dl_limits.studies.scaling import claims as scaling_claims
from dl_limits.studies.tasks import claims as tasks_claims

CLAIMS = (
    gpt_claims.CLAIMS
    | tasks_claims.CLAIMS
    | scaling_claims.CLAIMS
    | learning_claims.CLAIMS
    | imagenet_claims.CLAIMS
    | progress_claims.CLAIMS
    | nli_claims.CLAIMS
    | cost_claims.CLAIMS
)
ALTERNATIVES = (
    gpt_claims.ALTERNATIVES
    | tasks_claims.ALTERNATIVES
    | learning_claims.ALTERNATIVES
    | imagenet_claims.ALTERNATIVES
    | progress_claims.ALTERNATIVES
    | nli_claims.ALTERNATIVES
    | cost_claims.ALTERNATIVES
)
WORDING = ["title", "quote", "said_by", "quotation_check", "estimand", "rule", "would_change"]
NUMBERS = ["estimate", "low", "high"]


def wording():
    """Return what is said of each claim: the table ``claims`` for all in `CLAIMS`, in the order of the article.

    Returns
    -------
    DataFrame, indexed by claim_id

    Raises
    ------
    ValueError
        For a claim without a row.
    """
    table = data.load("claims").set_index("claim_id")
    if missing := sorted(set(CLAIMS) - set(table.index)):
        raise ValueError(f"claims.csv has no row for {', '.join(missing)}")
    return table[table.index.isin(CLAIMS)]


@cache
def verdict(claim_id, evidence="2026"):
    """Return the verdict on one claim, computed once.

    Parameters
    ----------
    claim_id : str
        One of `CLAIMS`.
    evidence : {'2020', '2026'}
        Public by July 2020, or by 2026.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        For a claim that is not in `CLAIMS`.
    """
    if claim_id not in CLAIMS:
        raise ValueError(f"claim_id must be one of {', '.join(CLAIMS)}, not {claim_id!r}")
    return CLAIMS[claim_id](evidence)


def evaluate():
    """Return every claim at both dates, in the order of the article.

    Returns
    -------
    DataFrame
        One row a claim and date: the fields of `Verdict`, and ``chapter`` and `WORDING` from the ledger.
    """
    table, said = wording(), ["chapter", *WORDING]
    rows = [asdict(verdict(claim, e)) | table.loc[claim, said].to_dict() for claim in table.index for e in DATES]
    return pd.DataFrame(rows)


def scoreboard():
    """Return one row a claim: both verdicts, the numbers of 2026, and the sensitivity.

    Returns
    -------
    DataFrame, indexed by id
        ``title``, ``verdict_2020``, ``verdict_2026``, ``estimate``, ``low``, ``high``, ``unit``,
        ``chapter``, ``quotation_check``, and ``specifications``, ``other_verdict``, ``varied``
        of `alternatives` (missing where no chapter has specifications).
    """
    table = evaluate().set_index("id")
    late = table[table["evidence"] == "2026"].rename(columns={"verdict": "verdict_2026"})
    early = table.loc[table["evidence"] == "2020", "verdict"].rename("verdict_2020")
    return late.join(early).join(alternatives({claim: verdict(claim).verdict for claim in late.index}))


def alternatives(verdicts):
    """Return how many specifications alone would give another verdict.

    A room's ``ALTERNATIVES`` take a claim's specifications from its chapter and judge every one
    alone, by the claim's own rule. How many part says how much a verdict hangs on one analyst's
    choices; it is no probability, since the specifications share data and are not drawn from
    anything. Claims whose chapter has no such list are shown as 'not available'.

    Parameters
    ----------
    verdicts : dict
        Claim and its verdict on the evidence to 2026.

    Returns
    -------
    DataFrame, indexed by claim
        ``specifications``, ``other_verdict`` (integers; missing where no chapter has them) and
        ``varied``, what differs between them (missing alike).
    """
    rows = {}
    for claim, verdict in verdicts.items():
        judge, varied = ALTERNATIVES.get(claim, (None, None))
        words = judge() if judge else None
        rows[claim] = [len(words), sum(w != verdict for w in words), varied] if judge else [None, None, None]
    frame = pd.DataFrame.from_dict(rows, "index", columns=["specifications", "other_verdict", "varied"])
    return frame.astype({"specifications": "Int64", "other_verdict": "Int64"})
