"""``dl-limits chance``: accuracies against what guessing gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from dl_limits.cli.options import add_command
from dl_limits.cli.reading import choose_columns, number_of, read_table
from dl_limits.cli.writing import (
    COUNT,
    NUMBER,
    TEXT,
    Answer,
    columns_in_words,
    document,
    document_schema,
    figure_text,
    interval_text,
    print_columns,
    rows_of,
)
from dl_limits.inference import ChanceTest
from dl_limits.inference.chance import possible_counts

_ROLES = ("accuracy", "items", "chance", "label")


def add_chance(commands):
    """Add the command to the program."""
    summary = "test accuracies against guessing: exact p-values, intervals, Holm's correction"
    example = "dl-limits chance scores.csv --accuracy acc --items n --chance 1/4 --plot chance.png"
    parser = add_command(commands, "chance", _solve, chance_schema, summary, example)
    parser.add_argument("--accuracy", metavar="COL", help="column of accuracies: per cent, or shares if none exceeds 1")
    parser.add_argument("--items", metavar="COL", help="column of numbers of questions")
    parser.add_argument("--chance", metavar="COL|SHARE", help="column of chance levels, or one for all, as 1/4 or .25")
    parser.add_argument("--label", metavar="COL", help="column of names")


def chance_schema():
    """Return the JSON Schema of ``dl-limits chance --json``."""
    names = ("accuracy_pct", "chance_pct", "excess_points", "low", "high", "p_above", "p_above_holm", "p_below",
             "p_below_holm")  # fmt: skip
    row = {"label": TEXT, "items": COUNT, "count_low": COUNT, "count_high": COUNT} | dict.fromkeys(names, NUMBER)
    return document_schema("chance", {"scores": rows_of(row)})


def _solve(options):
    table = read_table(options.file).selected(options.where)
    given = {role: getattr(options, role) for role in _ROLES}
    fixed = None
    if given["chance"] is not None and given["chance"] not in table.columns:
        fixed = _chance(given["chance"])
        if fixed is None:
            raise table.fault(f"--chance {given['chance']} is neither a column nor a share between 0 and 1, as 1/4")
        del given["chance"]
    columns, guessed = choose_columns(table, given, set(given) - {"label"})
    columns.setdefault("chance", None)
    accuracy, decimals, shares, notes = _accuracies(table, columns["accuracy"])
    items = _items(table, columns["items"])
    chance = _chances(table, columns["chance"], fixed)
    names = table.columns[columns["label"]] if columns["label"] else [f"row {line}" for line in table.lines]
    rows = _tested(table, columns, accuracy, decimals, shares, items, chance, options.level)
    rows.insert(0, "label", names)
    rejected = {side: int((rows[f"p_{side}_holm"] <= 1 - options.level).sum()) for side in ("above", "below")}
    notes.append(
        f"At a family-wise error of {1 - options.level:.2g}: above chance {rejected['above']} of {len(rows)}, below "
        f"chance {rejected['below']}. The noise of prompts and training runs is not in these numbers."
    )
    result = document("chance", table, columns, guessed, level=options.level, scores=rows.to_dict("records"),
                      notes=notes)  # fmt: skip

    def draw():
        from dl_limits.cli import figures  # loads Matplotlib

        return figures.plot_chance(result)

    return Answer(result, lambda: _print(result, columns_in_words(table, columns, guessed)), draw)


def _accuracies(table, column):
    """Return accuracies in per cent, the digits printed after the point, whether they were shares, and notes."""
    values = []
    for row, cell in enumerate(table.columns[column]):
        value = number_of(cell.strip().removesuffix("%"))
        if value is None or not 0 <= value <= 100:
            raise table.fault(
                f"“{cell}” is no accuracy: write per cent from 0 to 100, or shares from 0 to 1", row, column
            )
        values.append(value)
    shares = max(values) <= 1 and not column.lower().endswith(("pct", "percent", "%"))
    digits = [_digits(cell.strip().removesuffix("%")) for cell in table.columns[column]]
    notes = [f"No {column} exceeds 1: they were read as shares."] if shares else []
    kept = any("." in cell and cell.strip(" %").endswith("0") for cell in table.columns[column])
    if len(set(digits)) > 1 and not kept:
        notes.append(
            f"Each {column} was taken as rounded where its digits end. If a program dropped last zeros, write them: "
            "0.3 then counts as anything from 0.25 to 0.35."
        )
    scale, moved = (100, 2) if shares else (1, 0)
    return scale * np.array(values), np.array(digits) - moved, shares, notes


def _digits(cell):
    """Return how many digits a number has after the point, its exponent counted."""
    mantissa, _, exponent = cell.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


def _items(table, column):
    values = table.numbers(column)
    for row, value in enumerate(values):
        if value != int(value):
            raise table.fault(f"{value:g} is no number of questions: write a whole number", row, column)
    return np.array(values, int)


def _chances(table, column, fixed):
    if column is None:
        return np.full(len(table.lines), fixed)
    found = [_chance(cell) for cell in table.columns[column]]
    for row, value in enumerate(found):
        if value is None:
            cell = table.columns[column][row]
            raise table.fault(
                f"“{cell}” is no chance level: write a share between 0 and 1, as 0.25 or 1/4", row, column
            )
    return np.array(found)


def _chance(text):
    """Return a share between 0 and 1, written as a decimal or a fraction, or None."""
    try:
        value = float(Fraction(text.strip()))
    except (ValueError, ZeroDivisionError):
        return None
    return value if 0 < value < 1 else None


def _tested(table, columns, accuracy, decimals, shares, items, chance, level):
    """Test the scores of each chance level together; Holm's correction is over all of them."""
    parts = []
    for row in range(len(items)):
        try:
            possible_counts(accuracy[row], items[row], decimals[row])
        except ValueError:
            why = "is it a mean of several runs, or of other questions?"
            if not shares and 0 < accuracy[row] <= 1 < accuracy.max():
                why = "it was read as per cent, since another row exceeds 1: write all in per cent, or all as shares"
            raise table.fault(
                f"no count of {items[row]} gives this accuracy: {why}", row, columns["accuracy"]
            ) from None
        parts.append(ChanceTest(accuracy[row], items[row], chance[row], decimals=decimals[row], labels=[row]).fit())
    ends = 100 * chance[:, None] + pd.concat([part.conf_int(1 - level) for part in parts]).to_numpy()
    rows = pd.DataFrame({"items": items, "accuracy_pct": accuracy, "chance_pct": 100 * chance})
    rows["count_low"] = [int(part.model.count_low[0]) for part in parts]
    rows["count_high"] = [int(part.model.count_high[0]) for part in parts]
    rows["excess_points"] = accuracy - 100 * chance
    rows["low"], rows["high"] = ends.T
    for side in ("above", "below"):
        p_values = pd.concat([getattr(part, f"p_{side}")() for part in parts])
        rows[f"p_{side}"], rows[f"p_{side}_holm"] = p_values, parts[0].adjusted(p_values)
    return rows


def _print(result, told):
    level = f"{100 * result['level']:g} %"
    print(told, end="\n\n")
    rows = [
        [
            r["label"],
            str(r["items"]),
            figure_text(r["accuracy_pct"], 3),
            interval_text(r["low"], r["high"], 3),
            figure_text(r["chance_pct"], 3),
            figure_text(r["p_above"], 2),
            figure_text(r["p_above_holm"], 2),
        ]
        for r in result["scores"]
    ]
    heads = ["", "items", "accuracy %", f"{level} interval", "chance %", "p (above chance)", "Holm"]
    print_columns(heads, rows)
    print()
    for note in result["notes"]:
        print(f"note: {note}")
