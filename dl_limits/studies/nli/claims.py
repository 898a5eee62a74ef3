"""Claims of chapter 08: little better than chance on ANLI; a huge corpus could not solve NLI."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, date_of
from dl_limits.inference.chance import ChanceTest, difference
from dl_limits.studies.nli import cells
from dl_limits.studies.nli import later as nli_later
from dl_limits.verdicts import UNDECIDED, Analysis, Part, Power, Region, Threshold, Verdict, combine, times_more
from dl_limits.words import about, fixed, number

BEHIND = Region(high=0.0)  # points, GPT-3 minus a small model
SHORT_OF_CHECKERS = Region(high=-3.0)  # points, best prompted model minus the checkers' agreement
SWEPT = (0.0, 1.0, 2.0, 3.0, 4.0)  # points of prompt noise, for the other analyses
SHOWN = 0.9  # how often a score exactly at chance must be shown to be little better
_LEVEL, _TAIL = 0.05, stats.norm.isf(0.025)
_RANKS = (np.arange(400) + 0.5) / 400
_GPT3 = pd.Timestamp("2020-05-28")


# ------------------------------------------------------------------ little better than chance


def little_better(evidence="2026"):
    """Return the verdict on "little better than chance" performance on adversarial NLI.

    Parts: the *mean* over the nine scores of GPT-3 175B, and *every* one of them. A part holds if the excess over
    guessing lies below a margin: the smallest whole number of points at which a score exactly at chance is shown to do
    so nine times in ten, with the prompt noise used (`margin`). Primary noise: the most that what was measured on
    GPT-3 itself allows (`cells.own_noise`); a sweep gives the other analyses, each with its own margin.
    """
    until = date_of(evidence)
    noise = cells.own_noise(until)[1]
    parts = _chance_parts(cells.largest_cells(), noise, SWEPT)
    mean, worst = (part.primary for part in parts)
    again = cells.reevaluation()
    known = again["published"].max() <= until
    added = f" Asked in {len(again)} other wordings: {again['accuracy_pct'].mean():.1f} %." if known else ""
    one = fixed(1)
    reason = (
        f"GPT-3 was {one(mean.estimate)} points better than guessing on average ({one(mean.low)} to {one(mean.high)}; "
        f"little is under {parts[0].region.high:.0f}), at best {one(worst.estimate)}.{added}"
    )
    return Verdict.of(
        "anli-chance",
        evidence,
        parts,
        unit="percentage points above chance",
        reason=reason,
        brief=f"{one(mean.estimate)} points better than guessing on average, {one(worst.estimate)} at best.",
        evidence_to=again["published"].max() if known else _GPT3,
    )


def mean_error(examples, noise):
    """Return the standard error of the mean over three rounds in three settings, in points.

    The settings of a round share its questions: their sampling error is taken as one. The rounds of a setting share its
    wording: their prompt noise is taken as one. Both err on the side of too wide.

    Parameters
    ----------
    examples : array_like, shape (3,)
        Questions of each round.
    noise : float
        Points.
    """
    chance = 1 / 3
    questions = 1e4 * chance * (1 - chance) * np.sum(1 / np.asarray(examples, float)) / len(examples) ** 2
    return float(np.sqrt(questions + noise**2 / len(cells.PROMPT_SETTINGS)))


def margin(error):
    """Return the smallest whole number of points that an exact tie with chance stays below nine times in ten.

    Parameters
    ----------
    error : float
        Standard error in points: a score at chance is shown to lie below the margin if its 95 % interval does.
    """
    return float(np.ceil((_TAIL + stats.norm.ppf(SHOWN)) * error))


def _chance_parts(test, noise, swept=()):
    examples = test.n[:: len(cells.PROMPT_SETTINGS)]  # one a round
    fits = {sd: test.fit(sd) for sd in (noise, *swept)}
    names = {sd: f"prompt noise {sd:.1f} points" for sd in fits}
    means, worst = [], []
    for sd, fit in fits.items():
        error, at = mean_error(examples, sd), float(fit.excess.mean())
        draws = tuple(at + error * stats.norm.ppf(_RANKS))
        means.append((Analysis(names[sd], at, at - _TAIL * error, at + _TAIL * error, draws), margin(error)))
        one = float(np.sqrt(1e4 * 2 / 9 / test.n.min() + sd**2))
        # all below: the largest upper end will do; one above: nine tests, so Bonferroni's lower ends
        low = fit.conf_int(_LEVEL / len(test.n))["lower"].max()
        worst.append(
            (Analysis(names[sd], *_ordered(fit.excess.max(), low, fit.conf_int(_LEVEL)["upper"].max())), margin(one))
        )
    return [
        _little("the mean over the nine scores", means, test, noise),
        _little("every single score", worst, test, noise),
    ]


def _ordered(estimate, low, high):
    return float(np.clip(estimate, low, high)), float(low), float(high)


def _little(name, found, test, noise):
    """Return a part, each analysis moved so that its own margin lies at that of the primary one."""
    (first, most), *others = found
    moved = tuple(analysis.moved(most - own) for analysis, own in others)
    needs = ""
    region = Region(high=most)
    if region.word(first.low, first.high) == UNDECIDED:
        wanted = abs(most - first.estimate) / (_TAIL + stats.norm.ppf(0.8))
        # half of the variance for the questions, half for the wordings
        questions, wordings = 2e4 * 2 / 9 / wanted**2, np.ceil(2 * noise**2 / wanted**2)
        needs = f"about {about(questions)} questions, asked in {about(wordings)} wordings"
    return Part(name, region, first, moved, needs)


def _chance_at(truth, evidence, rng):
    """Return the word if all nine scores truly lay `truth` points above chance."""
    sd, most = cells.own_noise(date_of(evidence))
    real = cells.largest_cells()
    settings = len(cells.PROMPT_SETTINGS)
    prompt = np.tile(rng.normal(0, sd, settings), len(real.n) // settings)  # one wording for the rounds of a setting
    share = np.clip(1 / 3 + (truth + prompt) / 100, 0, 1)
    scores = 100 * rng.binomial(real.n, share) / real.n
    parts = _chance_parts(ChanceTest(np.round(scores, 1), real.n, decimals=1), most)
    return combine({part.name: part.word for part in parts})


# ------------------------------------------------------------------ could not solve it


def corpus_not_enough(evidence="2026"):
    """Return the verdict on "training on an incredibly large corpus couldn't solve it".

    Parts: *GPT-3 then*, its best setting minus a small model trained on ANLI, below zero in every round (primary is
    the small model with the most right answers); and, once there is one, *any prompted model since*: the best model
    that was only prompted minus the agreement of the people who checked the questions. To solve the test is to come
    within three points of them in all rounds, so the round in which it falls furthest short counts. Other analyses:
    the round where it comes closest, models trained on ANLI, and models whose training is unknown. That
    agreement is selected and no accuracy of people.
    """
    until = date_of(evidence)
    small = nli_later.reference_small_model(min(until, CUTOFF))
    parts = [_then(_gaps_then(until))]
    newest = _GPT3
    gaps = _gaps_since(until)
    if len(gaps):
        parts.append(_since(gaps))
        newest = gaps["published"].max()
        last = gaps[gaps["group"] == "prompted only"].iloc[-1]
        reason = (
            f"The best model that was only prompted reached {last['accuracy_pct']:.0f} % on round 3, "
            f"{-last['difference']:.0f} points short of the people who checked the questions."
        )
        brief = f"The best prompted model stayed {-last['difference']:.0f} points short of people."
    else:
        reason = (
            f"{small['model'].iloc[0]}, trained on ANLI with {small['times_less_compute'].iloc[0]:.0f} times less "
            f"compute, is ahead of GPT-3 by {-small['difference'].max():.0f} points or more in all rounds."
        )
        brief = f"A small trained model was {-small['difference'].max():.0f} points or more ahead of it."
    return Verdict.of(
        "nli-corpus",
        evidence,
        parts,
        unit="percentage points",
        reason=reason,
        brief=brief,
        evidence_to=newest,
    )


@cache
def _gaps_then(until):
    """Return GPT-3's best setting minus each small model, by round, with the small one's ``right`` answers."""
    noise = (cells.own_noise(until)[1],) * 2
    best, table = nli_later.best_gpt3(), cells.results(CUTOFF)
    table = table[table["regime"].eq("fine-tuned") & table["split"].eq("test") & table["benchmark"].isin(cells.ROUNDS)]
    table = table[table["training_flop"].notna()]
    rows = []
    for model, part in table.groupby("model"):
        if len(part) == len(cells.ROUNDS):
            for row in part.to_dict("records"):
                gap = difference(_score(best.loc[row["benchmark"]]), _score(row), alpha=_LEVEL, noise_sd=noise)
                right = row["accuracy_pct"] * row["examples"] / 100
                rows.append([model, cells.ROUNDS[str(row["benchmark"])], right, *gap])
    return pd.DataFrame(rows, columns=["model", "round", "right", "difference", "low", "high"])


def _then(table):
    """Return the part on GPT-3: every round behind; primary is the small model with the most right answers."""
    order = table.groupby("model")["right"].sum().sort_values(ascending=False).index
    first, *others = (_largest(f"against {model}", table[table["model"] == model]) for model in order)
    more = times_more(first.estimate, first.low, first.high, BEHIND.high)
    return Part(
        "GPT-3 then", BEHIND, first, tuple(others), f"the mean over about {about(np.ceil(more))} wordings of the prompt"
    )


def _largest(name, rows):
    """Return the analysis of the largest of several differences: all below needs no correction, one above does."""
    half = (rows["high"] - rows["low"]) / 2
    wider = stats.norm.isf(_LEVEL / 2 / len(rows)) / _TAIL
    low = (rows["difference"] - wider * half).max()
    return Analysis(name, *_ordered(rows["difference"].max(), low, rows["high"].max()))


def _smallest(name, rows):
    turned = pd.DataFrame({"difference": -rows["difference"], "low": -rows["high"], "high": -rows["low"]})
    found = _largest(name, turned)
    return Analysis(name, -found.estimate, -found.high, -found.low)


_SINCE, _NEEDS = "any prompted model since", "the same models asked in many wordings"
_GROUPS = {"prompted": "prompted only", "trained": "trained on ANLI"}


@cache
def _gaps_since(until):
    """Return the best later score minus the checkers' agreement, by group and round, with ``published``."""
    noise = (cells.own_noise(until)[1], 0.0)
    table = cells.results(until)
    table = table[table["benchmark"].isin(cells.ROUNDS) & ~table["split"].eq("dev") & table["examples"].notna()]
    table = table[table["family"].ne("GPT-3") & table["published"].gt(CUTOFF)].assign(group=nli_later.group_of)
    sets, rows = data.load("nli_test_sets").set_index(["benchmark", "split"]), []

    def gap(row, benchmark, split):
        people = sets.loc[(benchmark, split)]
        return difference(
            _score(row), (people["verifier_labels_pct"], int(people["examples"]), 1), alpha=_LEVEL, noise_sd=noise
        )

    for key, name in _GROUPS.items():
        best = [table[(table["group"] == key) & (table["benchmark"] == benchmark)] for benchmark in cells.ROUNDS]
        if all(map(len, best)):
            for benchmark, part in zip(cells.ROUNDS, best, strict=True):
                row = part.loc[part["accuracy_pct"].idxmax()]
                rows.append(
                    [
                        name,
                        cells.ROUNDS[benchmark],
                        row["model"],
                        row["accuracy_pct"],
                        row["published"],
                        *gap(row, benchmark, "test"),
                    ]
                )
    counted = data.load("anli_later")
    counted = counted[
        (counted["published"] <= until) & (counted["published"] > CUTOFF) & counted["benchmark"].eq("anli_r3")
    ]
    for split, part in counted[counted["examples"].notna()].groupby("split", observed=True):
        row = part.loc[part["accuracy_pct"].idxmax()]
        rows.append(
            [
                f"training unknown, {split} questions",
                "round 3",
                row["model"],
                row["accuracy_pct"],
                row["published"],
                *gap(row.to_dict() | {"decimals": 1}, "anli_r3", split),
            ]
        )
    columns = ["group", "round", "model", "accuracy_pct", "published", "difference", "low", "high"]
    found = pd.DataFrame(rows, columns=columns)
    return found if (found["group"] == "prompted only").any() else found.iloc[:0]


def _since(gaps):
    """Return the part on later models: the round in which the best one falls furthest short counts."""
    prompted = gaps[gaps["group"] == "prompted only"]
    others = [_largest("prompted only, closest round", prompted)]
    others += [_smallest(name, rows) for name, rows in gaps.groupby("group", sort=False) if name != "prompted only"]
    return Part(_SINCE, SHORT_OF_CHECKERS, _smallest("prompted only", prompted), tuple(others), _NEEDS)


def _score(row):
    return float(row["accuracy_pct"]), int(row["examples"]), int(row["decimals"])


def _corpus_at(truth, evidence, rng):
    """Return the word if GPT-3 stood `truth` points from the small model in each round, later models from people."""
    until = date_of(evidence)
    words = {}
    for name, table in (("then", _gaps_then(until)), ("since", _gaps_since(until))):
        if not len(table):
            continue
        rows = table.copy()
        error = (rows["high"] - rows["low"]) / 2 / _TAIL
        moved = truth - rows["difference"] + rng.standard_normal(len(rows)) * error
        rows[["difference", "low", "high"]] = rows[["difference", "low", "high"]].add(moved, axis=0)
        words[name] = (_then if name == "then" else _since)(rows).word
    return combine(words)


CLAIMS = {"anli-chance": little_better, "nli-corpus": corpus_not_enough}


def _points(value):
    return f"{number(value)} points"


THRESHOLDS = {
    "anli-chance": Threshold(
        "“little” means less than {} on average; of one score alone, more by as much as in the book’s rule",
        lambda parts: parts[0].region.high,
        lambda part, value, own: Region(high=part.region.high + value - own),
        tuple(np.arange(1, 41) / 2),
        _points,
    ),
    "nli-corpus": Threshold(
        "“solved” means within {} of the people who checked the questions",
        lambda parts: -SHORT_OF_CHECKERS.high,
        lambda part, value, own: Region(high=-value) if part.name == _SINCE else None,
        tuple(np.arange(0, 61) / 2),
        _points,
    ),
}
POWER = {
    "anli-chance": Power(
        lambda evidence: {
            "inside": 0.0,
            "border": margin(mean_error([1000, 1000, 1200], cells.own_noise(date_of(evidence))[1])),
            "outside": 20.0,
        },
        _chance_at,
        "questions, rounding, prompt noise as measured on GPT-3, shared by the rounds of a setting",
    ),
    "nli-corpus": Power(
        lambda evidence: {
            "inside": -15.0,
            "border": 0.0 if evidence == "2020" else SHORT_OF_CHECKERS.high,
            "outside": 12.0,
        },
        _corpus_at,
        "questions and prompt noise; the same distance in every round",
    ),
}
