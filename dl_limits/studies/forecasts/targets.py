"""What is forecast: the histories to learn from, and what will resolve each forecast, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.dates import LATEST, decimal_year
from dl_limits.studies.cost import runs
from dl_limits.studies.gpt import compute
from dl_limits.studies.imagenet.points import documented_models
from dl_limits.studies.wall import horizons, pause

_RUNS_SEEN = 2026 + 7 / 12  # the table of July 2026
_ALL_SEEN = 2026 + 11 / 12


@dataclass(frozen=True)
class Target:
    """A quantity whose best value so far is forecast.

    Attributes
    ----------
    name, unit : str
    tables : callable
        The histories to learn from, each with ``year`` and ``value``, where larger is better; the first is the longest.
    seen_to : float
        Decimal year to which the source was followed.
    to_unit : callable
        From ``value`` to the unit.
    ceiling : callable
        A value that no draw may pass, since the world does not hold more.
    method, rule : str
        How it is forecast; what will resolve it, in words.
    source, locator : str
        Key of the bibliography and place of what will resolve it.
    """

    name: str
    unit: str
    tables: Callable
    seen_to: float
    method: str
    rule: str
    source: str
    locator: str
    to_unit: Callable = np.asarray
    ceiling: Callable = lambda: np.inf


# ------------------------------------------------------------------ histories


def _runs():
    return [pause.largest_runs()]


def _costs():
    return [runs.frontier_costs()]


def _energy():
    return [runs.energies()]


def _horizons():
    table = horizons.time_horizons().rename(columns={"horizon_min": "value"})
    return [table[table["year"] >= since].reset_index(drop=True) for since in horizons.SPANS]


def _texts():
    table = data.load("training_sets")
    table = compute.frontier(table.assign(year=decimal_year(table["published"])), compute.TOP, "training_tokens")
    return [table.rename(columns={"training_tokens": "value"}).astype({"value": float}).reset_index(drop=True)]


def _images():
    table = documented_models(LATEST)
    table = table.assign(year=decimal_year(table["published"]), value=100 / table["top1_error_pct"])
    return [compute.frontier(table, compute.TOP, "value").reset_index(drop=True)]


def _inference():
    parts = [data.load("nli_results"), data.load("anli_later")]
    table = pd.concat([part[["published", "benchmark", "regime", "accuracy_pct"]] for part in parts])
    prompted = table["regime"].isin(["zero-shot", "one-shot", "few-shot"]) & table["benchmark"].eq("anli_r3")
    table = table[prompted]
    table = table.assign(
        year=decimal_year(table["published"]), value=table["accuracy_pct"] / (100 - table["accuracy_pct"])
    )
    return [compute.frontier(table, compute.TOP, "value").reset_index(drop=True)]


def _economy():
    table = data.load("economy").query("quantity == 'us_gdp'")
    return float(table["value_usd"].max())


def _electricity():
    table = data.load("data_centre_electricity")
    return 1e6 * float(table["electricity_twh"].max())  # TWh to MWh


_POOL = (
    "half: runs to come drawn around a persistent line; half: the record's own years drawn anew; moved and widened "
    "as past forecasts made so would have asked"
)
_DATABASE = "table of notable models as it stands three months after the date"
_OWN = "kept up with papers; any newer report that meets the rule counts"
FORECAST_TARGETS = {
    target.name: target
    for target in (
        Target(
            "largest_run",
            "FLOP",
            _runs,
            _RUNS_SEEN,
            f"{_POOL}; the ten largest of their time since 2018",
            "Largest training compute among models published by the date; compute worked out from scores left out.",
            "epoch_ai_models",
            f"{_DATABASE}, training compute",
        ),
        Target(
            "dearest_run",
            "USD of 2023",
            _costs,
            _RUNS_SEEN,
            f"{_POOL}; hardware written off and energy; no draw above US GDP",
            "Largest cost of the final run, hardware written off and energy, among models published by the date.",
            "epoch_ai_models",
            f"{_DATABASE}, training cost, turned to dollars of 2023",
            ceiling=_economy,
        ),
        Target(
            "largest_energy",
            "MWh",
            _energy,
            _RUNS_SEEN,
            f"{_POOL}; all accounts; no draw above the electricity of all data centres projected for 2030",
            "Most chip hours times rated power among models published by the date, told by developers or the database.",
            "epoch_ai_models",
            f"{_DATABASE}, chips times hours times rated power",
            ceiling=_electricity,
        ),
        Target(
            "time_horizon",
            "minutes",
            _horizons,
            2026 + 9 / 12,
            f"{_POOL}; the line half the time from models since 2023 alone",
            "Longest 50 % time horizon, central estimate, of a model released by the date, on the suite then in use.",
            "metr_2026_horizons",
            "results file as it stands three months after the date",
        ),
        Target(
            "largest_text",
            "tokens",
            _texts,
            _RUNS_SEEN,
            f"{_POOL}; the ten largest of their time",
            "Most tokens seen in training, told by developers or the database, of a model published by the date.",
            "epoch_ai_models",
            f"{_DATABASE}, dataset size, and model cards",
        ),
        Target(
            "imagenet_error",
            "% top-1 error",
            _images,
            _ALL_SEEN,
            f"{_POOL}; one over the error, the ten best of their time with documented compute",
            "Lowest top-1 error on ImageNet's validation set of a model published by the date, fine-tuned, not a claim "
            "that nobody reproduced, whose training compute is stated or can be counted from what its paper says.",
            "this_audit_2026",
            f"table imagenet_models, {_OWN}",
            lambda value: 100 / np.asarray(value),
        ),
        Target(
            "anli_r3_prompted",
            "% right",
            _inference,
            _ALL_SEEN,
            f"{_POOL}; the odds of a right answer, the ten best of their time",
            "Highest accuracy on round 3 of Adversarial NLI (development or test, at least 1,000 questions) of a model "
            "that is only prompted, published by the date.",
            "this_audit_2026",
            f"tables nli_results and anli_later, {_OWN}",
            lambda value: 100 * np.asarray(value) / (1 + np.asarray(value)),
        ),
    )
}
