"""The ledger: each claim of the article as a pure function that returns its `Verdict`.

The rule and its words are in `dl_limits.verdicts`. Each chapter's claims live in a room of
their own (``studies.<topic>.claims``); here they are put together. What a claim says, who said it
first and what its rule is in words stand in the table ``claims``, in the order of the
article. To add a claim: a function in a room, and a row of that table.
"""

from __future__ import annotations

from dataclasses import fields, replace
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
from dl_limits.verdicts import TOO_FEW, UNDECIDED, UNTESTABLE, VOCABULARY, able

_ROOMS = (
    gpt_claims,
    tasks_claims,
    scaling_claims,
    learning_claims,
    imagenet_claims,
    progress_claims,
    nli_claims,
    cost_claims,
)
CLAIMS = {claim: judge for room in _ROOMS for claim, judge in room.CLAIMS.items()}
POWER = {claim: power for room in _ROOMS for claim, power in room.POWER.items()}
THRESHOLDS = {claim: threshold for room in _ROOMS for claim, threshold in room.THRESHOLDS.items()}
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


def next_look(claim_id):
    """Return the last month by which evidence on a claim must be searched for again.

    Parameters
    ----------
    claim_id : str

    Returns
    -------
    str
        As ``YYYY-MM``: ``searched`` and ``look_every`` months, from the table ``claims``.
    """
    row = wording().loc[claim_id]
    return str(pd.Period(row["searched"], "M") + int(row["look_every"]))


@cache
def verdict(claim_id, evidence="2026"):
    """Return the verdict on one claim, computed once.

    A rule that seldom said the right word in simulations (`dl_limits.verdicts.able`) has too few data,
    whatever its interval: the verdict is then undecided.

    Parameters
    ----------
    claim_id : str
        One of `CLAIMS`.
    evidence : str
        As in `dl_limits.dates.date_of`.

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
    found = CLAIMS[claim_id](evidence)
    said = power_of(claim_id, _measured(claim_id, found))
    if found.verdict == UNTESTABLE:
        return replace(found, could_say=(UNTESTABLE,))
    if len(said):
        words = set(said.loc[said["share"] > 0, "word"]) | {found.verdict}
        found = replace(found, could_say=tuple(word for word in VOCABULARY if word in words))
        if not can_speak(found):
            found = replace(found, verdict=UNDECIDED, kind=TOO_FEW)
    return found


def _measured(claim_id, found):
    """Return the date at which the power was measured: of a day between, now if it has all the evidence of now."""
    if found.evidence in DATES:
        return found.evidence
    first, last = DATES
    return last if CLAIMS[claim_id](last).evidence_to == found.evidence_to else first


def can_speak(found):
    """Return whether the rule of a verdict finds the right word often enough (`dl_limits.verdicts.able`).

    Parameters
    ----------
    found : Verdict

    Returns
    -------
    bool
    """
    said = power_of(found.id, _measured(found.id, found))
    return not len(said) or able(said, POWER[found.id].right)


def power_of(claim_id, evidence):
    """Return how often a claim's rule said which word at which truth.

    Parameters
    ----------
    claim_id : str
    evidence : {'2020', '2026'}

    Returns
    -------
    DataFrame
        Rows of the table ``verdict_power``.
    """
    table = data.load("verdict_power")
    return table[(table["claim_id"] == claim_id) & (table["evidence"] == evidence)]


def evaluate():
    """Return every claim at both dates, in the order of the article.

    Returns
    -------
    DataFrame
        One row a claim and date: the fields of `Verdict` without its parts, and ``chapter`` and
        `WORDING` from the ledger.
    """
    table, said = wording(), ["chapter", *WORDING]
    found = [verdict(claim, evidence) for claim in table.index for evidence in DATES]
    names = [field.name for field in fields(found[0]) if field.name != "parts"]
    return pd.DataFrame(
        [{name: getattr(each, name) for name in names} | table.loc[each.id, said].to_dict() for each in found]
    )


def scoreboard():
    """Return one row a claim: both verdicts, and the fields of that of 2026.

    Returns
    -------
    DataFrame, indexed by id
        ``verdict_2020``, ``verdict_2026``, and all other columns of `evaluate` for 2026.
    """
    table = evaluate().set_index("id")
    late = table[table["evidence"] == "2026"].rename(columns={"verdict": "verdict_2026"})
    return late.join(table.loc[table["evidence"] == "2020", "verdict"].rename("verdict_2020"))
