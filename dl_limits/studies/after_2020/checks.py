"""What the back-test rests on: dates of its inputs, the rule loosened, and what changed where it broke."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import CUTOFF
from dl_limits.inference import scoring
from dl_limits.studies.after_2020 import bought, hindcasts
from dl_limits.studies.after_2020.hindcasts import KEPT_UP
from dl_limits.studies.cost import trends
from dl_limits.studies.gpt import compute
from dl_limits.studies.imagenet import points as imagenet_points

RUNS = "Largest training run"
# What is known to differ between what a forecast was learnt from and its outcome: our reading, no estimate.
WHY = {
    ("ImageNet records", "fang_2023_eva02"): "measure: few systems still report it",
    ("Speech records", "Tuske et al. 2021 arXiv 2105.00982"): "measure: one record in our table after 2020",
    ("Speech records", "Zhang et al. 2020 arXiv 2010.10504"): "measure: no record in our table after October 2020",
    ("Speech records", "Chung et al. 2021 arXiv 2108.06209"): "measure: few systems still report it",
    ("GPT-3 tasks, zero-shot", "LLaMA"): "data; GPT-3's own largest model had slipped here",
    ("GPT-3 tasks, one-shot", "PaLM"): "scale and data; a test of 56 questions",
    ("Adversarial NLI", "PaLM"): "scale, data, recipe; fewer, balanced examples (few-shot)",
    ("Adversarial NLI", "Falcon"): "data, recipe",
    ("Adversarial NLI", "MT-NLG"): "scale, data, recipe",
    (RUNS, ""): "protocol: games of self-play were counted as training",
}
LANGUAGE = [g for g, field in hindcasts.GROUPS.items() if field == "language"]


def inputs():
    """Return what each group's forecasts were learnt from, and how much of it was written down after the cut-off.

    A row counts as later when the source of its figure (of its compute, where that has a
    source of its own) is dated after the cut-off: what was measured then, but by whom or
    from what is only known since.

    Returns
    -------
    DataFrame
        ``group``, ``law``, ``rows``, ``later`` (rows), ``form_known`` (whether the law's form was in print by then).
    """
    dates = data.source_dates()

    def count(group, law, table, form_known, column="source"):
        source = table[column]
        if column != "source":
            source = source.fillna(table["source"])
        return [group, law, len(table), int((source.astype(str).map(dates) > CUTOFF).sum()), form_known]

    with data.known_by(CUTOFF):
        documented, points = imagenet_points.documented_models(), imagenet_points.regression_points()
        pictures, speech = data.load("imagenet_models"), data.load("speech_wer")
        laws = data.load("loss_laws")
        scores, nli = data.load("gpt3_scores"), data.load("nli_results").query("family == 'GPT-3'")
        runs, costs = compute.notable_models(CUTOFF, self_play=True), trends.costs()
    laws = laws[laws["law"].isin(hindcasts.COMPUTE_LAWS) & (laws["parameter"] == "exponent")]
    by_compute, records = "ImageNet error, by compute", "line through the records"
    rows = [
        count(by_compute, "power law, documented models", documented, True, "compute_source"),
        count(by_compute, "power law, 13 published points", points, True),
        count("ImageNet records", records, pictures, True),
        count("Speech records", records, speech, True),
        count("Language-model loss", "printed exponents", laws, True),
        count("GPT-3 tasks", "power law of the gap, pooled", scores, False),
        count("Adversarial NLI", "line in points", nli, True),
        count("Largest training run", records, runs, True),
        count("Cost of the dearest run", records, costs, True),
    ]
    return pd.DataFrame(rows, columns=["group", "law", "rows", "later", "form_known"])


def printed_trend():
    """Return where the trend printed in 2018 would have been in 2026, and where the largest run was.

    Returns
    -------
    dict
        ``growth`` (a year), ``forecast`` and ``largest`` (FLOP, July 2026), ``gap`` (powers of ten).
    """
    with data.known_by(CUTOFF):
        growth = float(data.load("compute_trends").set_index("trend_id").loc["amodei_largest", "growth_per_year"])
        top = compute.notable_models(CUTOFF, self_play=True).nlargest(1, "training_flop").iloc[0]
    years = 2026 + 7 / 12 - top["year"]
    forecast = float(top["training_flop"] * growth**years)
    largest = float(compute.notable_models(KEPT_UP["compute"], self_play=True)["training_flop"].max())
    return {"growth": growth, "forecast": forecast, "largest": largest, "gap": float(np.log10(forecast / largest))}


def breaks(scored):
    """Return the forecasts that missed, one row a group and source, with what else changed.

    Parameters
    ----------
    scored : DataFrame
        `hindcasts.forecasts` after `scoring.assess`.

    Returns
    -------
    DataFrame
        ``group``, ``outcome``, ``missed`` (how many), ``way`` ('further' or 'short'), ``times_compute``,
        ``times_tokens`` (over GPT-3; NaN elsewhere) and ``differs``.
    """
    runs = bought.bought().drop_duplicates("family", keep="last").set_index("family")
    rows = []
    missed = scored[~scored["inside"]]
    source_or_all = missed["source"].where(missed["group"] != RUNS, "")  # six runs, one reason
    for (group, source), part in missed.groupby(["group", source_or_all], sort=False):
        way = "further" if (part["signed"] > 0).all() else "short"
        ratios = runs.loc[source, ["times_compute", "times_tokens"]] if group in LANGUAGE else (np.nan, np.nan)
        outcome = part["outcome"].iloc[0] if source else "all"
        rows.append([group, outcome, len(part), way, *ratios, WHY[group, source]])
    columns = ["group", "outcome", "missed", "way", "times_compute", "times_tokens", "differs"]
    return pd.DataFrame(rows, columns=columns)


def sensitivity():
    """Return how many outcomes lie inside, by other choices than the rule's.

    Returns
    -------
    DataFrame
        ``choice``, ``group``, ``forecasts``, ``inside`` (share of forecasts), ``short`` and ``further`` (counts).
    """
    every = {"choose": hindcasts.every_one}
    cases = [
        ("every eligible outcome", hindcasts.imagenet_by_compute(**every)),
        ("every eligible outcome", hindcasts.gpt3_tasks(**every)),
        ("every eligible outcome", hindcasts.adversarial(**every)),
        ("self-play not counted", hindcasts.resources(self_play=False)[: KEPT_UP["compute"].year - CUTOFF.year]),
    ]
    rows = []
    for choice, found in cases:
        scored = scoring.assess(hindcasts.tabulated(found))
        for group, part in scored.groupby("group", sort=False):
            short, further = (part["signed"] < -1).sum(), (part["signed"] > 1).sum()
            rows.append([choice, group, len(part), part["inside"].mean(), short, further])
    return pd.DataFrame(rows, columns=["choice", "group", "forecasts", "inside", "short", "further"])
