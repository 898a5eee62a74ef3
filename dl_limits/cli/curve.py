"""``dl-limits curve``: carry one learning curve on."""

from __future__ import annotations

import numpy as np

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
from dl_limits.laws import PowerLaw, extrapolate
from dl_limits.laws.extrapolation import FARTHEST, MOST_POINTS
from dl_limits.words import exactly

_AHEAD = (2, 10)  # times the largest x, where the caller asks for no x
_PASSAGES = 100  # points of a drawn line
_FEWEST = 4  # points of a forecast


def add_curve(commands):
    """Add the command to the program."""
    summary = "carry a learning curve on: forecasts with intervals, the floor, the x that a target needs"
    example = "dl-limits curve runs.csv --x compute --y loss --at 1e22 1e23 --target 2.0 --plot curve.svg"
    parser = add_command(commands, "curve", _solve, curve_schema, summary, example)
    parser.add_argument("--x", metavar="COL", help="column of the resource (compute, examples, parameters, steps)")
    parser.add_argument("--y", metavar="COL", help="column of what is measured (a loss, an error)")
    parser.add_argument("--at", metavar="X", type=amount, nargs="+", action="extend",
                        help="forecast here (default: 2 and 10 times the largest x)")  # fmt: skip
    parser.add_argument("--target", metavar="Y", type=amount, help="say which x is needed for this y")


def curve_schema():
    """Return the JSON Schema of ``dl-limits curve --json``."""
    target = exactly({"target": NUMBER, "method": TEXT} | ESTIMATE)
    floor = exactly({"status": TEXT, "sentence": TEXT} | ESTIMATE)
    past = {"points_seen": COUNT, "largest_x": NUMBER, "later_points": COUNT, "inside": COUNT, "rms_log_error": NUMBER}
    weights = {"type": "object", "additionalProperties": {"type": "number"}}
    parts = {"forecasts": rows_of({"x": NUMBER, "forecast": NUMBER, "low": NUMBER, "high": NUMBER})}
    parts |= {"required": {"anyOf": [target, {"type": "null"}]}, "floor": {"anyOf": [floor, {"type": "null"}]}}
    return document_schema("curve", parts | {"weights": weights, "past": rows_of(past)})


def _solve(options):
    table = read_table(options.file).selected(options.where)
    columns, guessed = choose_columns(table, {"y": options.y, "x": options.x}, {"x", "y"})
    x, y = (np.array(table.numbers(columns[role])) for role in ("x", "y"))
    try:
        forecast = extrapolate(x, y)
    except ValueError as error:
        raise InputFault(f"{table.name}: {error}") from None
    at = np.array(options.at or [factor * x.max() for factor in _AHEAD])
    notes = list(forecast.notes)
    floor, why = _floor(x, y, options.level)
    past = _past(forecast, x, y, options.level)
    counts = [(numbers["inside"], numbers["later_points"]) for numbers, *_ in past]
    notes += [*([why] if why else []), *disappointed(counts, options.level)]
    ends = forecast.predict_interval(at, options.level)
    parts = zip(at, forecast.predict(at), *ends, strict=True)
    result = document(
        "curve",
        table,
        columns,
        guessed,
        level=options.level,
        forecasts=[dict(zip(("x", "forecast", "low", "high"), row, strict=True)) for row in parts],
        floor=floor,
        required=_required(forecast, options.target, options.level),
        weights=forecast.weights.to_dict(),
        past=[numbers for numbers, *_ in past],
        notes=notes,
    )

    def draw():
        from dl_limits.cli import figures  # loads Matplotlib

        drawn = [line for _, *line in past]
        return figures.plot_one_curve(x, y, _line(forecast, x, at, options.level), drawn, result)

    return Answer(result, lambda: _print(result, columns_in_words(table, columns, guessed)), draw)


def _floor(x, y, level):
    """Return what one law with a floor says of it, or None and why it says nothing."""
    if np.ptp(x) == 0 or np.polyfit(np.log(x), np.log(y), 1)[0] >= 0:
        return None, (
            "No floor was looked for: the curve does not fall. A y that rises is forecast without an upper end; if it "
            "has one, as accuracies do, give 1 or 100 minus it."
        )
    try:
        fit = PowerLaw(y, x, floor="estimate").fit()
    except ValueError as error:
        return None, f"No floor was looked for: {error}."
    low, high = fit.conf_int(1 - level).loc["floor"]
    found = fit.identification
    ends = {"estimate": fit.params["floor"], "low": low, "high": high}
    return ends | {"status": found.status, "sentence": f"{found.sentence[:-1]} (at 95 %)."}, None


def _required(forecast, target, level):
    if target is None:
        return None
    found = forecast.required(target, level)
    return {"target": target, "estimate": found.estimate, "low": found.low, "high": found.high, "method": found.method}


def _past(forecast, x, y, level):
    """Forecast the later points from the earlier ones, at the origins by which the forecast weighed its laws.

    Each is a forecast of its own, which knows nothing of what came later.
    """
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    size = -(-len(x) // MOST_POINTS)  # an origin of a long curve counts groups of so many points
    found = []
    for seen in (size * int(k) for k in forecast.errors.index):
        if seen < _FEWEST:
            continue
        early, late = extrapolate(x[:seen], y[:seen]), y[seen:]
        low, high = early.predict_interval(x[seen:], level)
        error = float(np.sqrt(np.mean(np.log(early.predict(x[seen:]) / late) ** 2)))
        numbers = {"points_seen": seen, "largest_x": x[seen - 1], "later_points": len(late)}
        numbers |= {"inside": int(((low <= late) & (late <= high)).sum()), "rms_log_error": error}
        ahead = np.geomspace(x[seen - 1], x[-1], _PASSAGES)
        found.append((numbers, ahead, early.predict(ahead)))
    return found


def _line(forecast, x, at, level):
    """Return x, forecast, low and high along the picture."""
    along = np.geomspace(min(x.min(), at.min()), max(x.max(), at.max()), _PASSAGES)
    return along, forecast.predict(along), *forecast.predict_interval(along, level)


def _reached(found, level, name):
    """Return which value of the column `name` reaches a target, in words."""
    if np.isinf(found["low"]):
        return f"not even the better end of the interval comes there within {FARTHEST:,.0f} times the largest {name}"
    if np.isinf(found["estimate"]):
        better = figure_text(found["low"], 2)
        return (
            f"the forecast does not come there within {FARTHEST:,.0f} times the largest {name}; the better end of the "
            f"{level} interval does, at {better}"
        )
    at, ends = figure_text(found["estimate"], 2), interval_text(found["low"], found["high"], 2)
    beyond = "" if np.isfinite(found["high"]) else f", up to {FARTHEST:,.0f} times the largest {name}"
    return f"reached at {name} = {at} ({level} interval {ends}{beyond})"


def _print(result, told):
    level = f"{100 * result['level']:g} %"
    print(told, end="\n\n")
    rows = [[figure_text(r["x"]), figure_text(r["forecast"]), interval_text(r["low"], r["high"])]
            for r in result["forecasts"]]  # fmt: skip
    print_columns([result["input"]["columns"]["x"], "forecast", f"{level} interval of a new point"], rows)
    print()
    if found := result["required"]:
        target = f"{result['input']['columns']['y']} = {figure_text(found['target'])}"
        print(f"{target}: {_reached(found, level, result['input']['columns']['x'])}")
    if found := result["floor"]:
        ends = interval_text(found["low"], found["high"], 3)
        print(f"floor, by one law with a floor: {figure_text(found['estimate'], 3)} ({level} interval {ends})")
        if found["status"] != "identified":
            print(f"  {found['sentence']}")
    shares = sorted(result["weights"].items(), key=lambda item: -item[1])
    print(f"laws: {', '.join(f'{name} {100 * part:.0f} %' for name, part in shares if part >= 0.005)}")
    if result["past"]:
        rows = [[f"the first {past['points_seen']} points", f"{past['inside']} of {past['later_points']} later ones",
                 f"{100 * past['rms_log_error']:.2g} %"] for past in result["past"]]  # fmt: skip
        print()
        print_columns(["past forecasts from", "inside interval", "error (root mean square)"], rows)
    print(end="\n" * bool(result["notes"]))
    for note in result["notes"]:
        print(f"note: {note}")
