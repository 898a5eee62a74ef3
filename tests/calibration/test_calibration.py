"""The stored coverage is what the code gives, and what is recommended keeps its promise."""

import importlib
import inspect
import pkgutil
import re
from html import unescape
from pathlib import Path

import joblib
import nbformat
import numpy as np
import pytest

import dl_limits
from dl_limits import calibration, data
from dl_limits.calibration import report
from dl_limits.calibration.registry import Simulation
from dl_limits.inference import breaks, chance, chance_trend, scoring, trend_shapes
from dl_limits.laws import curve_laws, linear, surface
from dl_limits.laws.surface import results as surface_results
from dl_limits.studies.progress import rates
from dl_limits.studies.scaling import fit
from dl_limits.studies.tasks import gains
from tools import calibrate

STORED = data.load("interval_coverage").set_index("simulation_id")
DEVIATIONS = {(d.id, quantity): why for d in calibration.SIMULATIONS.values() for quantity, why in d.deviations.items()}
A1 = Path(__file__).parents[2] / "chapters" / "a1_methods.ipynb"


def test_every_design_is_stored_in_full():
    assert set(STORED["design"]) == set(calibration.SIMULATIONS)
    assert (STORED["repetitions"] == 1000).all()
    assert (STORED["nominal"] == calibration.NOMINAL).all()


@pytest.mark.parametrize("name", calibration.SIMULATIONS)
def test_the_first_repetitions_are_those_of_the_stored_run(name):
    short = calibration.measure(calibration.SIMULATIONS[name], calibration.FIRST, n_jobs=2).set_index("simulation_id")
    stored = STORED[STORED["design"] == name]
    anew = f"measured on other data or by other code: run `python -m tools.calibrate '{name}'`"
    assert list(short.index) == list(stored.index), anew
    # one decision may turn on the last digit of another machine's arithmetic
    assert (short["hits_of_first"] - stored["hits_of_first"].astype(int)).abs().max() <= 1, anew
    assert (short["hits_of_first"] == stored["hits_of_first"].astype(int)).mean() > 0.9, anew
    for column in ("title", "kind", "recommended"):
        assert (short[column] == stored[column]).all(), anew
    assert (short["chapters"] == stored["chapters"].fillna("")).all(), anew


def test_a_design_measured_anew_leaves_the_others_as_they_are_written():
    stored = (data.DIRECTORY / "interval_coverage.csv").read_text(encoding="utf-8")
    header, *rows = stored.splitlines(keepends=True)
    again = [row.replace("this_audit_2026", "again") for row in rows if row.startswith("compute-growth_")]
    found = calibrate.merged(stored, header + "".join(again), "design", calibration.SIMULATIONS)
    assert again and found.replace(",again,", ",this_audit_2026,") == stored
    assert [row for row in found.splitlines(keepends=True) if ",again," in row] == again


def test_an_unknown_design_is_named():
    with pytest.raises(SystemExit, match="neither a table nor a part of one: steady"):
        calibrate.main(["steady"])


def outside(table, most):
    """Which rows cover less than 93 % or more than `most`, beyond three Monte Carlo errors."""
    slack = 3 * table["monte_carlo_error"]
    return (table["coverage"] < report.ACCEPTED[0] - slack) | (table["coverage"] > most + slack)


def test_recommended_methods_hold_what_they_promise():
    """93 to 97 %, up to 99 % where a floor is weakly identified; three Monte Carlo errors beside it."""
    table = report.recommended()
    floor = table["design"].isin(
        ["floor-inside", "floor-beyond", "tails-floor", "points-records", "points-error-records"]
    )
    assert not outside(table, np.where(floor, 0.99, report.ACCEPTED[1])).any()


def test_what_the_other_chapters_use_and_falls_outside_is_listed_with_its_reason():
    table = report.other_chapters()
    table = table[table["recommended"]]
    found = table[outside(table, report.ACCEPTED[1])]
    assert set(zip(found["design"], found["quantity"], strict=True)) == set(DEVIATIONS)
    narrow = found["note"].str.startswith("too narrow") | found["note"].str.contains("far from it")
    assert ((found["coverage"] < 0.95) == narrow).all()
    assert (found["note"].str.startswith("too wide") | narrow).all()


def test_the_page_shows_every_reason_and_every_design():
    stored = nbformat.read(A1, 4)
    html = " ".join(o.get("data", {}).get("text/html", "") for c in stored.cells for o in c.get("outputs", []))
    shown = unescape(html)
    assert [reason for reason in DEVIATIONS.values() if reason not in shown] == []
    assert [d.title for d in calibration.SIMULATIONS.values() if d.title not in shown] == []


def test_each_design_stands_in_one_table():
    designs = set(calibration.SIMULATIONS)
    others = set(report.other_chapters()["design"])
    one, surfaces = set(report.recommended()["design"]), set(report.surface_coverage()["design"])
    assert one | surfaces | others == designs
    assert len(one) + len(surfaces) + len(others) == len(designs)


def test_forecasts_of_the_chapters_are_scored_by_their_own_code():
    table = report.extrapolation_errors()
    assert set(table["chapter"]) == {"03", "04", "05", "06", "07", "08", "10"}
    assert table["inside"].dropna().between(0, 1).all() and (table["forecasts"] > 0).all()
    late = fit.held_back()
    row = table[table["chapter"] == "04"].iloc[0]
    assert (row["forecasts"], row["inside"]) == (len(late), late["covered"].mean())
    next_one = trend_shapes.next_records(rates.records("ImageNet top-1"))
    still = table.set_index(["chapter", "method"]).loc[("07", trend_shapes.NO_CHANGE), "error"]
    steps = -np.diff(rates.records("ImageNet top-1").points[1])[-len(next_one) :]
    assert still == pytest.approx(100 * np.sqrt(np.mean(steps**2)))


def test_each_quantity_of_a_design_has_one_recommendation():
    # tests of a floor and bootstraps of one quantity are shown beside it
    counts = STORED.groupby(["design", "quantity"])["recommended"].sum()
    assert (counts <= 1).all()
    assert (counts.xs("exponent", level="quantity") == 1).all()


def test_a_known_coverage_is_measured():
    def draw(rng):
        z = rng.standard_normal()
        yield "right", "level", z - 1.959964, z + 1.959964, 0.0
        yield "narrow", "level", z - 1.0, z + 1.0, 0.0
        yield "open", "level", z, np.inf, 0.0

    table = calibration.measure(Simulation("normal", "a normal mean", draw, {"level": "right"}), 4000).set_index(
        "method"
    )
    for method, truth in {"right": 0.95, "narrow": 0.682689, "open": 0.5}.items():
        assert table.loc[method, "coverage"] == pytest.approx(truth, abs=4 * table.loc[method, "monte_carlo_error"])
    assert table.loc["open", "unbounded_share"] == 1
    assert list(table["recommended"]) == [True, False, False]


def test_most_runs_pass_a_mark_later_than_a_trend_from_the_dearest_run_says():
    """Chapter 09 says so: its start was picked for being dear."""
    draw = calibration.SIMULATIONS["cost-growth"].draw
    ends = [
        (low, high, truth)
        for i in range(60)
        for _, quantity, low, high, truth in draw(np.random.default_rng([9, i]))
        if quantity == "years to $10 billion, a run"
    ]
    low, high, truth = np.transpose(ends)
    assert (truth > high).sum() > 2 * (truth < low).sum()


def test_workers_do_not_matter():
    one, two = (calibration.measure(calibration.SIMULATIONS["documented-50"], 4, n_jobs=n) for n in (1, 2))
    assert one.equals(two)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert one.equals(calibration.measure(calibration.SIMULATIONS["documented-50"], 4))


# What fits or draws for the estimators and is no estimator itself; the registry of this appendix.
PLUMBING = {"checks", "estimate", "linear", "resampling", "floor_solver", "floor_profile", "intervals"}
ROOMS = ("laws", "inference", "experiments", "studies")
# arguments that ask for a level or for a number of draws: their function makes an interval, a test or a forecast
ASKS = {"alpha", "level", "n_boot", "n_sim", "draws", "n_draws", "resamples"}
# the same with a fixed level and number of draws: no argument tells of them
FIXED = {"calibrated", "carry_on", "compute_ratio", "compute_ratio_of"}
FIXED |= {"doubling_months", "frontier_ratio", "jackknife", "web_text"}


def estimators():
    """Names of the classes that fit, and of all public functions and methods that take one of `ASKS` or are `FIXED`."""
    names = set()
    for module in pkgutil.walk_packages(dl_limits.__path__, "dl_limits."):
        parts = module.name.split(".")
        if parts[1] not in ROOMS or parts[-1] in PLUMBING or parts[-1] == "__main__":
            continue
        members = vars(importlib.import_module(module.name))
        own = {n: o for n, o in members.items() if getattr(o, "__module__", "") == module.name}
        for name, item in own.items():
            if inspect.isclass(item):
                names |= {name} if hasattr(item, "fit") else set()
                names |= {n for n, o in vars(item).items() if inspect.isfunction(o) and asks(n, o)}
            elif inspect.isfunction(inspect.unwrap(item)) and asks(name, inspect.unwrap(item)):
                names.add(name)
    return names - {"summary", "summary_frame"}


def asks(name, function):
    return name in FIXED or (not name.startswith("_") and bool(ASKS & set(inspect.signature(function).parameters)))


def test_the_appendix_names_every_method_of_the_package():
    text = "".join(c.source for c in nbformat.read(A1, 4).cells if c.cell_type == "markdown")
    names = [
        *linear.LINE_METHODS,
        *linear.COVARIANCES,
        *surface.OBJECTIVES,
        *surface_results.SURFACE_METHODS,
        *curve_laws.LAWS,
    ]
    names += [*chance.INTERVALS, *chance.CORRECTIONS, *chance_trend.TREND_FORMS, *breaks.KINDS, *gains.FORECAST_METHODS]
    names += [*trend_shapes.SHAPES, *scoring.RIVALS]
    assert [name for name in names if f"`{name}`" not in text] == []
    code = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", text))))
    found = estimators()
    assert {"PowerLaw", "BreakModel", "crossing", "date_set", "worth"} | FIXED <= found
    # a variant of a function for data at hand, as simulations draw them, goes by the name of the function
    assert sorted(name for name in found if name.removesuffix("_of") not in code) == []
