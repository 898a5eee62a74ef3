"""Read a table of runs or scores from a file: CSV, TSV or JSON lines, told apart by what is inside.

Whatever is wrong with it is one `InputFault`: a line that names file, row (as an editor counts lines),
column, and what to do. No row is left out and no value is mended.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from dl_limits.words import listing

# The usual names of a column, the likeliest first. A name counts by itself (`loss`) or among other words (`val_loss`).
USUAL_NAMES = {
    "x": "x, compute, flop, flops, examples, samples, images, size, train size, n, tokens, d, params, parameters, "
    "steps, step, epoch, epochs, budget",
    "y": "y, loss, error, err, perplexity, ppl, wer, cer, nll, bpb, mae, mse, rmse, accuracy, acc, score",
    "params": "params, parameters, n, n params, model size, size",
    "tokens": "tokens, d, n tokens, train tokens, data, examples",
    "loss": "loss, l, nll, perplexity, ppl, bpb, error, y",
    "accuracy": "accuracy, acc, score",
    "items": "items, examples, questions, n, count, total, size",
    "chance": "chance, baseline, random, guess",
    "label": "label, name, task, model, system, method, benchmark, dataset, run, id",
}
_ANY_TEXT = ("label", "chance")  # a chance may be written 1/3
STANDARD_INPUT = "-"
_SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class InputFault(Exception):
    """The input cannot be used; says in one line where, why, and what to do."""


@dataclass(frozen=True)
class Table:
    """The cells of a file, as written.

    Attributes
    ----------
    name : str
        Of the file, for messages.
    where : list of str
        The conditions that its rows meet, as given.
    columns : dict of str to list of str
        Cells by column; an absent one is ``''``.
    lines : list of int
        Where each row stands in the file, counted from 1.
    """

    name: str
    columns: dict[str, list[str]]
    lines: list[int]
    where: tuple[str, ...] = ()

    def fault(self, why, row=None, column=None):
        """Return the fault of a place: of a row (from 0), of a column, or of the whole file."""
        place = [self.name]
        if row is not None:
            place.append(f"row {self.lines[row]}")
        if column is not None:
            place.append(f"column {column}")
        return InputFault(f"{', '.join(place)}: {why}")

    def numbers(self, column):
        """Return a column as positive, finite numbers.

        Raises
        ------
        InputFault
            Naming the first cell that is none.
        """
        found = []
        for row, cell in enumerate(self.columns[column]):
            value = number_of(cell)
            if value is None:
                raise self.fault(_why_no_number(cell), row, column)
            if not 0 < value < math.inf:
                raise self.fault(f"{cell.strip()} is not positive and finite: correct it or take the row out",
                                 row, column)  # fmt: skip
            found.append(value)
        return found

    def selected(self, where):
        """Return the table with the rows that meet all conditions.

        Parameters
        ----------
        where : sequence of str
            Each ``column=value``, compared as text.

        Raises
        ------
        InputFault
            For a condition of another form, a column that is not there, or one that no row meets.
        """
        kept = range(len(self.lines))
        for condition in where:
            column, equals, value = condition.partition("=")
            if not equals or column not in self.columns:
                raise self.fault(f"--where {condition}: write COLUMN=VALUE; the columns are {listing(self.columns)}")
            cells, before = self.columns[column], kept
            kept = [row for row in before if cells[row].strip() == value.strip()]
            if not kept:
                known = listing(sorted({cells[row].strip() for row in before})[:10])
                raise self.fault(f"--where {condition}: no row has it; the first values are {known}", column=column)
        columns = {column: [cells[row] for row in kept] for column, cells in self.columns.items()}
        return Table(self.name, columns, [self.lines[row] for row in kept], tuple(where))

    def is_numeric(self, column):
        """Whether the first cell that holds anything holds a number."""
        first = next((cell for cell in self.columns[column] if cell.strip()), "")
        return number_of(first) is not None


def number_of(cell):
    """Return what a cell says in plain digits as a number, or None."""
    text = cell.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def _why_no_number(cell):
    text = cell.strip()
    if not text:
        return "the cell is empty: fill it in or take the row out"
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    if re.fullmatch(r"[+-]?[\d.]*\d,\d+", text):
        return f"“{shown}” is no number: write a decimal point, and thousands without a mark"
    if re.fullmatch(r"[\d.]+\s*[kKmMbBgGtT]", text):
        return f"“{shown}” is no number: write it out, 10k as 1e4 and 7B as 7e9"
    return f"“{shown}” is no number: write plain digits (1234.5 or 1.2e21) or take the row out"


def read_table(path):
    """Read a file, or standard input.

    Parameters
    ----------
    path : str
        Of the file; ``'-'`` is standard input.

    Returns
    -------
    Table

    Raises
    ------
    InputFault
        For a file that cannot be read, is no UTF-8, or is no table.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    try:
        raw = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        raise InputFault(f"{name}: {error.strerror or error}: check the path") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputFault(f"{name}, row {line}: not UTF-8: save the file in that encoding") from None
    if not text.strip():
        raise InputFault(f"{name}: the file is empty: give a header and rows")
    table = _json_lines(name, text) if text.lstrip()[0] in "{[" else _separated(name, text)
    if not table.lines:
        raise InputFault(f"{name}: a header and no rows: nothing can be fitted")
    return table


def _json_lines(name, text):
    records, lines = [], []
    for line, part in enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            record = json.loads(part, parse_float=str, parse_int=str, parse_constant=str)  # digits as they are written
        except (json.JSONDecodeError, RecursionError) as error:
            why = getattr(error, "msg", "too deep")
            raise InputFault(f"{name}, row {line}: no JSON ({why}): write one object a line") from None
        if not isinstance(record, dict):
            raise InputFault(f'{name}, row {line}: no object: write one a line, as {{"x": 1, "y": 2}}')
        records.append(record)
        lines.append(line)
    columns = dict.fromkeys(key for record in records for key in record)
    return Table(name, {key: [_cell(record.get(key)) for record in records] for key in columns}, lines)


def _cell(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _separated(name, text):
    head = next(line for line in text.splitlines() if line.strip())
    counts = {mark: head.count(mark) for mark in _SEPARATORS}
    separator = max(counts, key=counts.get)  # the first of equals: a header of one column has none
    reader, rows, lines, last = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), [], [], 0
    try:
        for row in reader:
            if row and any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(last + 1)
            last = reader.line_num
    except csv.Error as error:
        raise InputFault(f"{name}, row {last + 1}: {error}: mend the quotes") from None
    header = [cell.strip() for cell in rows[0]]
    if all(number_of(cell) is not None for cell in header):
        raise InputFault(f"{name}, row {lines[0]}: numbers where the names of the columns belong: put a header first")
    for place, column in enumerate(header):
        if not column:
            raise InputFault(f"{name}, row {lines[0]}: column {place + 1} has no name: give it one")
        if column in header[:place]:
            raise InputFault(f"{name}, row {lines[0]}, column {column}: the name stands twice: rename one")
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            words = _SEPARATORS[separator]
            raise InputFault(
                f"{name}, row {line}: {len(row)} cells separated by {words}, the header has {len(header)}: mend the row"
            )
    return Table(name, {column: [row[i] for row in rows[1:]] for i, column in enumerate(header)}, lines[1:])


# ------------------------------------------------------------------ which column is which


def choose_columns(table, given, required):
    """Say which column plays which role: as asked for, else by its name.

    Parameters
    ----------
    table : Table
    given : dict of str to (str or None)
        Role (a key of `USUAL_NAMES`, and the option that names it) and the column asked for.
    required : set of str
        Roles that must be filled; others may stay None.

    Returns
    -------
    columns : dict of str to (str or None)
        Role and column, in the order of `given`.
    guessed : list of str
        Roles that were guessed.

    Raises
    ------
    InputFault
        For a column that is not there, names that fit two columns, or none.
    """
    chosen = {}
    for role, column in given.items():
        if column is not None:
            if column not in table.columns:
                raise table.fault(f"no column {column}: it has {listing(table.columns)}; --{role} names one")
            chosen[role] = column
    guessed = []
    for role in given:
        if role not in chosen:
            free = [c for c in table.columns if c not in chosen.values() and (table.is_numeric(c) or role in _ANY_TEXT)]
            column = _guess(table, role, free)
            if column is None and role in required:
                raise table.fault(
                    f"no column looks like {role}: it has {listing(table.columns)}; name one with --{role}"
                )
            chosen[role] = column
            guessed += [role] if column else []
    twice = [role for role in given if chosen[role] and list(chosen.values()).count(chosen[role]) > 1]
    if twice:
        raise table.fault(f"{listing(twice)} are all column {chosen[twice[0]]}: name different ones")
    return {role: chosen[role] for role in given}, guessed


def _guess(table, role, free):
    words = {column: re.findall(r"[a-z]+|\d+", column.lower()) for column in free}
    for fits in (lambda name, own: own == name, _within):
        for name in USUAL_NAMES[role].split(", "):
            found = [column for column, own in words.items() if fits(name.split(), own)]
            if len(found) > 1:
                raise table.fault(f"{listing(found)} could all be {role}: name one with --{role}")
            if found:
                return found[0]
    return None


def _within(name, own):
    return any(own[i : i + len(name)] == name for i in range(len(own)))
