"""``dl-limits surface``: the loss of networks in size and data, from runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits.cli.options import add_command, amount
from dl_limits.cli.reading import InputFault, choose_columns, read_table
from dl_limits.cli.writing import (
    COUNT,
    ESTIMATE,
    NUMBER,
    TEXT,
    Answer,
    columns_in_words,
    disappointed,
    document,
    document_schema,
    figure_text,
    interval_text,
    print_columns,
    rows_of,
)
from dl_limits.laws import LossSurface, compare, same_size
from dl_limits.words import exactly

_ROLES = ("params", "tokens", "loss")
_ORIGINS = (0.5, 0.65, 0.8)  # shares of the runs, by compute, from which the others are forecast
_PASSAGES = 60  # points of a drawn line


def add_surface(commands):
    """Add the command to the program."""
    summary = "fit the loss surface E + A/N^alpha + B/D^beta to runs; forecast losses, split a budget"
    example = "dl-limits surface runs.csv --at 7e9 1.4e11 --budget 1e22 1e23 --json"
    parser = add_command(commands, "surface", _solve, surface_schema, summary, example)
    parser.add_argument("--params", metavar="COL", help="column of parameters N")
    parser.add_argument("--tokens", metavar="COL", help="column of training tokens D")
    parser.add_argument("--loss", metavar="COL", help="column of final losses")
    parser.add_argument("--at", metavar=("N", "D"), type=amount, nargs="+", action="extend",
                        help="forecast the loss of a run with N parameters and D tokens; pairs may follow")  # fmt: skip
    parser.add_argument(
        "--compare", action="store_true", help="judge other laws beside it, by forecasts from smaller budgets"
    )
    parser.add_argument("--budget", metavar="FLOP", type=amount, nargs="+", action="extend",
                        help="best split of so much compute, 6ND")  # fmt: skip


def surface_schema():
    """Return the JSON Schema of ``dl-limits surface --json``."""
    past = {"runs_seen": COUNT, "largest_flop": NUMBER, "later_runs": COUNT, "inside": COUNT, "mean_error_pct": NUMBER}
    parts = {
        "parameters": rows_of({"name": TEXT} | ESTIMATE),
        "predictions": rows_of({"params": NUMBER, "tokens": NUMBER} | ESTIMATE),
        "budgets": rows_of({"flop": NUMBER, "quantity": TEXT} | ESTIMATE),
        "past": rows_of(past),
        "comparison": {"anyOf": [_comparison_schema(), {"type": "null"}]},
    }
    return document_schema("surface", parts)


def _comparison_schema():
    numbers = ("floor", "fit_pct", "miss_pct", "coverage_pct", "interval_score_pct", "weight")
    law = {"law": TEXT, "formula": TEXT, "forecasts": COUNT} | dict.fromkeys(numbers, NUMBER)
    by_law = {"type": "object", "additionalProperties": NUMBER}
    place = {"params": NUMBER, "tokens": NUMBER, "by_law": by_law, "disagreement": TEXT} | ESTIMATE
    return exactly({"laws": rows_of(law), "predictions": rows_of(place)})


def _solve(options):
    if len(options.at or []) % 2:
        raise InputFault(f"--at: {len(options.at)} numbers: give parameters and tokens in pairs, as --at 7e9 1.4e11")
    table = read_table(options.file).selected(options.where)
    columns, guessed = choose_columns(table, {role: getattr(options, role) for role in _ROLES}, set(_ROLES))
    runs = pd.DataFrame({role: table.numbers(columns[role]) for role in _ROLES})
    runs["flop"] = 6 * runs["params"] * runs["tokens"]
    try:
        fit = _fit(runs)
    except ValueError as error:
        raise InputFault(f"{table.name}: {error}") from None
    alpha = 1 - options.level
    places = np.reshape(options.at or [], (-1, 2))
    past = _past(runs, options.level)
    counts = [(numbers["inside"], numbers["later_runs"]) for numbers, _ in past]
    budgets = fit.optimal_allocation(options.budget, alpha) if options.budget else pd.DataFrame()
    result = document(
        "surface",
        table,
        columns,
        guessed,
        level=options.level,
        parameters=_parameters(fit, alpha),
        predictions=_predictions(fit, places, options.level),
        budgets=budgets.to_dict("records"),
        past=[numbers for numbers, _ in past],
        comparison=_compared(table, runs, places, options.level) if options.compare else None,
        notes=[*_centre(places), *fit.notes, *_dependence(fit), *disappointed(counts, options.level)],
    )

    def draw():
        from dl_limits.cli import figures  # loads Matplotlib

        frontier = _frontier(fit, runs, places, options.budget or [], alpha)
        drawn = past[0][1] if past else pd.DataFrame()  # the farthest look ahead
        return figures.plot_surface(runs, frontier, drawn, result)

    return Answer(result, lambda: _print(result, columns_in_words(table, columns, guessed)), draw)


def _fit(runs):
    """Fit the surface; runs of one size count as dependent where sizes repeat (Hoffmann et al.'s design)."""
    sizes = same_size(runs["params"])
    repeated = 1 < len(np.unique(sizes)) < len(sizes)
    return LossSurface(runs["loss"], runs["params"], runs["tokens"], groups=sizes if repeated else None).fit()


def _centre(places):
    told = "The forecast of a new run is the middle of three laws with a floor; the parameters are those of one."
    return [told] if len(places) else []


def _dependence(fit):
    groups = fit.model.groups
    if groups is None:
        return ["Every run has a size of its own: runs were counted as independent."]
    return [f"Runs of one size were counted as dependent: {fit.nobs} runs, {len(np.unique(groups))} sizes."]


def _parameters(fit, alpha):
    ends = fit.conf_int(alpha)
    return [
        {"name": name, "estimate": value, "low": ends["lower"][name], "high": ends["upper"][name]}
        for name, value in fit.params.items()
    ]


def _predictions(fit, places, level):
    if not len(places):
        return []
    rows = zip(*places.T, *_new_run(fit, *places.T, level), strict=True)
    return [dict(zip(("params", "tokens", "estimate", "low", "high"), row, strict=True)) for row in rows]


def _new_run(fit, params, tokens, level):
    """Return forecast, low and high of the loss of new runs, arrays of shape (k,)."""
    frame = fit.get_prediction(params, tokens).summary_frame(1 - level)
    return frame[["mean", "obs_ci_lower", "obs_ci_upper"]].to_numpy().T


def _compared(table, runs, places, level):
    """Return several laws as their past forecasts judge them, and what they say of the places asked for."""
    try:
        found = compare(runs["params"], runs["tokens"], runs["loss"])
    except ValueError as error:
        raise InputFault(f"{table.name}: --compare: {error}") from None
    told = []
    for params, tokens in places:
        (estimate,), ((low,), (high,)) = found.predict(params, tokens), found.predict_interval(params, tokens, level)
        ends = {"params": params, "tokens": tokens, "estimate": estimate, "low": low, "high": high}
        by_law = found.by_law(params, tokens).iloc[0].to_dict()
        told.append(ends | {"by_law": by_law, "disagreement": found.disagreement(params, tokens)})
    return {"laws": found.table.to_dict("records"), "predictions": told}


def _past(runs, level):
    """Fit the runs with least compute and forecast the others, from several origins.

    Returns
    -------
    list of (dict, DataFrame)
        What stands in the JSON document, and each run's loss over its forecast less one, per cent, with the
        interval. Without the origins whose runs are too few, or of too few sizes, for a surface.
    """
    ordered, found = runs.sort_values("flop", kind="stable"), []
    for seen in sorted({int(share * len(runs)) for share in _ORIGINS}):
        early, late = ordered.iloc[:seen], ordered.iloc[seen:]
        try:
            fit = _fit(early)
        except ValueError:  # too few runs or sizes so far
            continue
        middle, *ends = _new_run(fit, late["params"].to_numpy(), late["tokens"].to_numpy(), level)
        low, high = (100 * (end / middle - 1) for end in ends)
        off = 100 * (late["loss"].to_numpy() / middle - 1)
        inside, error = int(((low <= off) & (off <= high)).sum()), float(np.abs(off).mean())
        numbers = {"runs_seen": seen, "largest_flop": early["flop"].max(), "later_runs": len(late)}
        numbers |= {"inside": inside, "mean_error_pct": error}
        found.append((numbers, pd.DataFrame({"flop": late["flop"], "off": off, "low": low, "high": high})))
    return found


def _frontier(fit, runs, places, budgets, alpha):
    asked = [*runs["flop"], *(6 * n * d for n, d in places), *budgets]
    frontier = fit.optimal_allocation(np.geomspace(min(asked), max(asked), _PASSAGES), alpha)
    return frontier[frontier["quantity"] == "loss"].reset_index(drop=True)


def _print(result, told):
    level = f"{100 * result['level']:g} %"
    print(told, end="\n\n")
    _print_estimates("E + A/N^alpha + B/D^beta", level, [(r["name"], r) for r in result["parameters"]])
    runs = [(f"N {figure_text(r['params'])}, D {figure_text(r['tokens'])}", r) for r in result["predictions"]]
    _print_estimates("loss of a new run", level, runs)
    splits = [(f"{figure_text(r['flop'])} FLOP, {r['quantity'].replace('_', ' ')}", r) for r in result["budgets"]]
    _print_estimates("best split", level, splits)
    if result["past"]:
        rows = [[f"the {past['runs_seen']} with least compute", f"{past['inside']} of {past['later_runs']} others",
                 f"{past['mean_error_pct']:.2g} %"] for past in result["past"]]  # fmt: skip
        print_columns(["past forecasts from", "inside interval", "mean error"], rows)
        print()
    if result["comparison"]:
        _print_comparison(result["comparison"], level)
    for note in result["notes"]:
        print(f"note: {note}")


def _print_comparison(comparison, level):
    keys = ("floor", "fit_pct", "miss_pct", "coverage_pct", "interval_score_pct", "weight")
    rows = [[law["law"], *(figure_text(law[key], 3) for key in keys)] for law in comparison["laws"]]
    print_columns(["laws by forecast", "floor", "fit %", "miss %", "covered %", "score %", "weight"], rows)
    print()
    runs = [(f"N {figure_text(r['params'])}, D {figure_text(r['tokens'])}", r) for r in comparison["predictions"]]
    _print_estimates("average of the laws", level, runs)
    for place, run in runs:
        print(f"{place}: {run['disagreement']}")
    print(end="\n" * bool(runs))


def _print_estimates(head, level, named):
    """Print a table of estimates, unless there are none."""
    if named:
        rows = [[name, figure_text(r["estimate"]), interval_text(r["low"], r["high"])] for name, r in named]
        print_columns([head, "estimate", f"{level} interval"], rows)
        print()
