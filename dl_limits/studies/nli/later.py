"""Adversarial NLI after GPT-3's cells: other regimes, later models, forecasts, verifiers.

The claim: "training on an incredibly large corpus couldn't solve it". Every row of
`nli_results` says whether ANLI was in the training of the model; models that were only
pretrained and prompted are kept apart from those that were trained on ANLI.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.inference.chance import difference
from dl_limits.studies.nli.cells import LARGEST_MODEL, NOISE, ROUNDS, gpt3_cells, results, trend_of

PROMPTED = ("zero-shot", "one-shot", "few-shot")
_GROUPS = {"prompted only": "prompted", "trained on ANLI": "trained"}
BOTH_NOISY = (NOISE, NOISE)
_LANDSCAPE = "anli_r3"  # the one round whose results are shown together


def _score(row):
    """Return percentage, examples and digits of one row of `nli_results`."""
    return float(row["accuracy_pct"]), int(row["examples"]), int(row["decimals"])


def best_gpt3():
    """Return the best cell of GPT-3 175B in each round, whatever the setting."""
    cells = gpt3_cells()
    cells = cells[cells["model"] == LARGEST_MODEL]
    return cells.loc[cells.groupby("benchmark", observed=True)["accuracy_pct"].idxmax()].set_index("benchmark")


def small_models(until=LATEST):
    """Return GPT-3 175B, best of its three settings, minus each small model fine-tuned on ANLI.

    Parameters
    ----------
    until : Timestamp
        Date of publication.

    Returns
    -------
    DataFrame
        ``model``, ``round``, ``accuracy_pct``, ``times_less_compute``, ``difference``, ``low``, ``high``
        (points; each end one-sided at 5 %, 2 points of noise on both sides), and ``right``, the right
        answers over all rounds. Models with all three rounds on the test sets and known compute.
    """
    best = best_gpt3()
    table = results(until)
    table = table[table["regime"].eq("fine-tuned") & table["split"].eq("test") & table["training_flop"].notna()]
    rows = []
    for model, part in table[table["benchmark"].isin(ROUNDS)].groupby("model"):
        if len(part) != len(ROUNDS):
            continue
        right = float((part["accuracy_pct"] * part["examples"].astype(float)).sum() / 100)
        for _, row in part.iterrows():
            gap = difference(_score(best.loc[row["benchmark"]]), _score(row), noise_sd=BOTH_NOISY)
            times = best["training_flop"].max() / row["training_flop"]
            name = ROUNDS[str(row["benchmark"])]
            rows.append([model, name, row["accuracy_pct"], times, *gap, right])
    columns = ["model", "round", "accuracy_pct", "times_less_compute", "difference", "low", "high", "right"]
    return pd.DataFrame(rows, columns=columns)


def small_models_by_round():
    """Return `small_models` with a row a model and a column a round, in words: '−8.1 (−13.8 to −2.3)'."""
    table = small_models()
    ends = table[["difference", "low", "high"]].map("{:+.1f}".format).replace("-", "−", regex=True)
    table["versus"] = ends["difference"] + " (" + ends["low"] + " to " + ends["high"] + ")"
    wide = table.pivot_table("versus", ["right", "model", "times_less_compute"], "round", "first")
    return wide.reset_index().drop(columns="right").rename_axis(columns=None)


def reference_small_model(until=LATEST):
    """Return the rows of `small_models` of the one model with most right answers over all rounds."""
    table = small_models(until)
    return table[table["model"] == table.loc[table["right"].idxmax(), "model"]].set_index("round")


def group_of(table):
    """Return 'prompted', 'trained' (ANLI in training, with labels or without) or 'tuned' for each row."""
    prompted = table["regime"].isin(PROMPTED)
    group = pd.Series("tuned", table.index).mask(prompted, "prompted")
    return group.mask(table["benchmark_in_training"].eq("yes"), "trained")


def verifier_gaps(table=None):
    """Return the best later score of each group and round minus the agreement of verifiers.

    The agreement is the share of first verifiers' labels that equal the final label, among
    questions that were kept because verifiers agreed: it is no unbiased accuracy of people.
    It is counted as one observation a question, which is less than was observed.

    Parameters
    ----------
    table : DataFrame, optional
        Rows of `nli_results` to choose from; by default all with a known number of examples.

    Returns
    -------
    DataFrame
        ``group``, ``round``, ``model``, ``protocol``, ``accuracy_pct``, ``difference``, ``low``, ``high`` (points;
        each end one-sided at 5 %, 2 points of prompt noise on the model's side) and ``past_gpt3``,
        ``past_low``, ``past_high``: the same model minus the best cell of GPT-3.
    """
    table = results() if table is None else table
    table = table[table["benchmark"].isin(ROUNDS) & ~table["split"].eq("dev") & table["examples"].notna()]
    table = table[table["family"] != "GPT-3"].assign(group=group_of)
    sets = data.load("nli_test_sets").query("split == 'test'").set_index("benchmark")
    best, rows = best_gpt3(), []
    for name, group in _GROUPS.items():
        for benchmark, label in ROUNDS.items():
            part = table[(table["group"] == group) & (table["benchmark"] == benchmark)]
            row = part.loc[part["accuracy_pct"].idxmax()]
            people = (sets.loc[benchmark, "verifier_labels_pct"], int(sets.loc[benchmark, "examples"]), 1)
            gap = difference(_score(row), people, noise_sd=(NOISE, 0.0))
            past = difference(_score(row), _score(best.loc[benchmark]), noise_sd=BOTH_NOISY)
            rows.append([name, label, *row[["model", "protocol", "accuracy_pct"]], *gap, *past])
    columns = ["group", "round", "model", "protocol", "accuracy_pct", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "past_gpt3", "past_low", "past_high"])


def cell_trends():
    """Return the line and the curve through the eight sizes of GPT-3 in each round and setting, as of July 2020."""
    with data.known_by(CUTOFF):
        own = gpt3_cells()
    return {cell: [trend_of(rows).fit(f) for f in ("line", "floor")] for cell, rows in own.groupby("cell")}


def comparable():
    """Return the later results that GPT-3's trends may be held against, by the rule of `later_forecasts`.

    Returns
    -------
    DataFrame
        Rows of ``nli_results`` with ``cell``, by compute.
    """
    later = results()
    keep = later["benchmark"].isin(ROUNDS) & later["regime"].isin(PROMPTED) & ~later["split"].eq("dev")
    keep &= later["family"].ne("GPT-3") & ~later["protocol"].str.contains("rationale")
    keep &= later["training_flop"].ge(gpt3_cells()["training_flop"].max()) & later["examples"].notna()
    later = later[keep].sort_values(["training_flop", "model"], kind="stable")
    return later.assign(cell=later["benchmark"].astype(str).map(ROUNDS) + ", " + later["regime"].astype(str))


@cache
def later_forecasts():
    """Extrapolate GPT-3's own trends to every later model with as much compute, and compare.

    The rule: prompted without rationales, never tuned, not on the dev set, compute known and at
    least that of GPT-3 175B; each is forecast from the eight sizes of GPT-3 in the same round
    and setting. The interval holds the curve, sampling and 2 points of prompt noise.

    Returns
    -------
    DataFrame
        ``model``, ``family``, ``cell``, ``training_flop``, ``accuracy_pct`` (what it got), ``line``, ``line_low``,
        ``line_high``, ``curve_low``, ``curve_high`` (95 %), ``inside_line``, ``inside_curve``.
    """
    fits, rows = cell_trends(), []
    for _, row in comparable().iterrows():
        cell = row["cell"]
        line, curve = fits[cell]
        at = row["training_flop"], int(row["examples"])
        ends = *line.predict_interval(*at, noise_sd=NOISE), *curve.predict_interval(*at, noise_sd=NOISE)
        got = row["accuracy_pct"]
        inside = ends[0] <= got <= ends[1], ends[2] <= got <= ends[3]
        predicted = float(line.predict(row["training_flop"])[0])
        rows.append([row["model"], row["family"], cell, at[0], got, predicted, *ends, *inside])
    columns = ["model", "family", "cell", "training_flop", "accuracy_pct", "line", "line_low", "line_high"]
    return pd.DataFrame(rows, columns=[*columns, "curve_low", "curve_high", "inside_line", "inside_curve"])


def carried_on(cell="round 3, few-shot"):
    """Carry GPT-3's line in one round and setting on to the later models of `later_forecasts`.

    Parameters
    ----------
    cell : str
        Round and setting; some later model must have been asked in that way.

    Returns
    -------
    scores, later, line : DataFrame
        GPT-3's eight sizes and the later models of that cell, each with ``model``, ``times`` (training compute over
        that of GPT-3 175B) and ``accuracy_pct``; and the line, ``times``, ``middle``, ``low`` and ``high`` (95 % for
        a new score, per cent), from the smallest size to past the largest later model.
    """
    own = gpt3_cells()
    own, models = own[own["cell"] == cell], later_forecasts().query("cell == @cell")
    largest, line = own["training_flop"].max(), cell_trends()[cell][0]
    places = np.geomspace(own["training_flop"].min(), 1.6 * models["training_flop"].max(), 60)
    ends = [line.predict_interval(flop, int(own["examples"].iloc[0]), noise_sd=NOISE) for flop in places]
    band = pd.DataFrame(ends, columns=["low", "high"]).assign(times=places / largest, middle=line.predict(places))
    scores, later = (t.assign(times=t["training_flop"] / largest) for t in (own, models))
    columns = ["model", "times", "accuracy_pct"]
    return scores[columns], later[[*columns, "line_low", "line_high"]], band


def _pick(model, regime, protocol=None, split=None):
    """Return the three rounds of one model and regime, indexed by round."""
    table = results()
    keep = table["model"].eq(model) & table["regime"].eq(regime) & table["benchmark"].isin(ROUNDS)
    if protocol is not None:
        keep &= table["protocol"].eq(protocol)
    if split is not None:
        keep &= table["split"].eq(split)
    part = table[keep].drop_duplicates("benchmark").set_index("benchmark")
    if len(part) != len(ROUNDS):
        raise ValueError(f"{model}, {regime}, {protocol or 'any protocol'}: not all three rounds are in nli_results")
    return part


def steps():
    """Split what moved the scores: more compute in one regime, or another regime or recipe without more compute.

    Returns
    -------
    DataFrame
        ``kind`` ('more compute', 'same compute or less'), ``step``, ``times`` (compute after over before), ``points``,
        ``low``, ``high``: difference of the share right over the three rounds together, each end one-sided
        at 5 %, with 2 points of noise on both sides (shared by the rounds of one model).
    """
    median, vote = "median over prompt wordings", "rationales, vote of 40 samples"
    few = _pick("PaLM 540B", "few-shot", "answers only")
    voted = _pick("PaLM 540B", "few-shot", vote)
    bloom = {s: _pick(f"BLOOM-{s}", "zero-shot", median) for s in ("560M", "176B")}
    bloomz = {s: _pick(f"BLOOMZ-{s}", "instruction-tuned", median) for s in ("560M", "176B")}
    own = {s: _pick(LARGEST_MODEL, s, "one prompt") for s in ("zero-shot", "few-shot")}
    small = _pick("GPT-3 125M", "few-shot", "one prompt")
    glam = _pick("GLaM 64B/64E", "zero-shot")
    palm = _pick("PaLM 540B", "zero-shot", "one prompt or mean over prompts")
    albert = _pick("ALBERT-xxlarge", "fine-tuned", split="test")
    moves = [
        ("more compute", "GPT-3, smallest to largest", small, own["few-shot"]),
        ("more compute", "BLOOM, smallest to largest", bloom["560M"], bloom["176B"]),
        ("more compute", "tuned BLOOM, smallest to largest", bloomz["560M"], bloomz["176B"]),
        ("more compute", "GPT-3 to PaLM, no examples", own["zero-shot"], palm),
        ("same compute or less", "GPT-3, given examples", own["zero-shot"], own["few-shot"]),
        ("same compute or less", "PaLM, given six examples", palm, few),
        ("same compute or less", "PaLM, reasons and a vote", few, voted),
        ("same compute or less", "smallest BLOOM, instructed", bloom["560M"], bloomz["560M"]),
        ("same compute or less", "largest BLOOM, instructed", bloom["176B"], bloomz["176B"]),
        ("same compute or less", "GPT-3 to GLaM, no examples", own["zero-shot"], glam),
        ("same compute or less", "small model trained on the test", own["few-shot"], albert),
    ]
    rows = []
    for kind, step, before, after in moves:
        times = after["training_flop"].iloc[0] / before["training_flop"].iloc[0]
        rows.append([kind, step, times, *difference(_total(after), _total(before), noise_sd=BOTH_NOISY)])
    return pd.DataFrame(rows, columns=["kind", "step", "times", "points", "low", "high"])


def _total(rounds):
    """Return percentage, examples and digits of three rounds taken together."""
    n = rounds["examples"].astype(int)
    return float((rounds["accuracy_pct"] * n).sum() / n.sum()), int(n.sum()), 1


def landscape():
    """Return every result on round 3 with known compute, test sets only.

    Returns
    -------
    DataFrame
        ``model``, ``regime``, ``protocol``, ``training_flop``, ``accuracy_pct``, ``benchmark_in_training`` and
        ``group``: 'GPT-3' (Table H.1), 'prompted', 'tuned' or 'trained'.
    """
    table = results()
    table = table[table["benchmark"].eq(_LANDSCAPE) & table["training_flop"].notna() & ~table["split"].eq("dev")]
    own = table[table["family"] == "GPT-3"].index
    table = table.assign(group=group_of).loc[table.index.difference(own)]
    cells = gpt3_cells((_LANDSCAPE,)).assign(group="GPT-3")
    columns = ["model", "regime", "protocol", "training_flop", "accuracy_pct", "benchmark_in_training", "group"]
    return pd.concat([cells, table])[columns].reset_index(drop=True)


def later_table():
    """Return the best later score of each model and way of using it, by round.

    Returns
    -------
    DataFrame
        ``model``, ``used`` (prompted, tuned to instructions, trained on ANLI), ``in_training`` (ANLI: yes, no,
        unknown), ``r1``, ``r2``, ``r3`` in per cent, NaN where not reported. Development questions are left out.
    """
    table = results()
    table = table[table["benchmark"].isin(ROUNDS) & table["family"].ne("GPT-3") & ~table["split"].eq("dev")]
    words = {"prompted": "prompted", "tuned": "tuned to instructions", "trained": "trained on ANLI"}
    table = table.assign(used=group_of(table).map(words), in_training=table["benchmark_in_training"].astype(str))
    keys = ["model", "used", "in_training"]
    wide = table.pivot_table("accuracy_pct", keys, "benchmark", "max", observed=True).reset_index()
    wide = wide.rename(columns=dict(zip(ROUNDS, ("r1", "r2", "r3"), strict=True))).rename_axis(columns=None)
    order = wide["used"].map(list(words.values()).index)
    return wide.assign(order=order).sort_values(["order", "r1", "r2"]).drop(columns="order").reset_index(drop=True)


def disagreements():
    """Return models whose score in one round differs between sources or protocols.

    Returns
    -------
    DataFrame
        ``model``, ``regime``, ``round``, ``scores``, ``lowest``, ``highest``, ``spread`` (points), largest first.
    """
    table = results()
    table = table[table["benchmark"].isin(ROUNDS) & ~table["split"].eq("dev") & table["family"].ne("GPT-3")]
    grouped = table.groupby(["model", "regime", "benchmark"], observed=True)["accuracy_pct"]
    rows = grouped.agg(["count", "min", "max"]).query("count > 1").reset_index()
    rows["round"] = rows.pop("benchmark").astype(str).map(ROUNDS)
    rows = rows.rename(columns={"count": "scores", "min": "lowest", "max": "highest"})
    rows["spread"] = rows["highest"] - rows["lowest"]
    return rows.sort_values("spread", ascending=False, kind="stable").reset_index(drop=True)
