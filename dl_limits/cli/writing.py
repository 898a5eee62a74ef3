"""What a command gives back: a table to read, one JSON document, a picture; each whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binom

from dl_limits.cli.reading import InputFault
from dl_limits.words import exactly, listing, plain, said

DOCUMENT_VERSION = "1.0"  # of the JSON documents; the first number grows when a program that reads them must change
PICTURES = (".svg", ".png")
DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT, NUMBER, COUNT = {"type": "string"}, {"type": ["number", "null"]}, {"type": "integer", "minimum": 0}
WORDS = {"type": "array", "items": TEXT}
_SELDOM = 0.01  # so few or fewer would be inside by chance alone
ESTIMATE = dict.fromkeys(("estimate", "low", "high"), NUMBER)


@dataclass(frozen=True)
class Answer:
    """What a command found, and how it is shown.

    Attributes
    ----------
    document : dict
        For ``--json``.
    show : callable
        Prints it as a table.
    draw : callable or None
        Returns the axes of its picture.
    """

    document: dict
    show: Callable[[], None]
    draw: Callable | None = None


def rows_of(properties):
    """Return the JSON Schema of a list of objects with these properties."""
    return {"type": "array", "items": exactly(properties)}


def document_schema(command, properties):
    """Return the JSON Schema of what a command prints with ``--json``.

    Infinite ends and what is not known are null: JSON has neither.
    """
    columns = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
    source = exactly({"file": TEXT, "rows": COUNT, "columns": columns, "guessed": WORDS, "where": WORDS})
    head = {"version": {"const": DOCUMENT_VERSION}, "command": {"const": command}, "input": source, "notes": WORDS}
    top = head | {"level": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}} | properties
    return {"$schema": DRAFT, "title": f"dl-limits {command}"} | exactly(top)


def document(command, table, columns, guessed, **results):
    """Return what a command found, for `print_json`: then of the form that `document_schema` describes."""
    source = {"file": table.name, "rows": len(table.lines), "columns": columns, "guessed": guessed}
    source["where"] = list(table.where)
    return {"version": DOCUMENT_VERSION, "command": command, "input": source} | results


def print_json(value):
    """Print one JSON document; what is infinite or missing is null."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def print_columns(heads, rows):
    """Print a table of text, two spaces between its columns."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def columns_in_words(table, columns, guessed):
    """Return the two lines that say which rows and columns were used, and which of them were guessed."""
    used = ", ".join(column if role == column else f"{role} = {column}" for role, column in columns.items() if column)
    options = ", ".join(f"--{role}" for role in guessed)
    told = f" (guessed; to name others: {options})" if guessed else ""
    kept = f" with {listing(table.where)}" if table.where else ""
    return f"{table.name}: {len(table.lines)} rows{kept}\ncolumns: {used}{told}"


def disappointed(past, level):
    """Return a note if past forecasts held clearly less than their level promises (binomial, 1 %); a list.

    Parameters
    ----------
    past : list of (int, int)
        How many outcomes were inside, and how many there were, from each origin.
    level : float
        Of the intervals.
    """
    for inside, later in past:
        if binom.cdf(inside, later, level) < _SELDOM:
            return [f"Only {inside} of {later} past outcomes were inside their interval: trust this one less than its "
                    f"{100 * level:g} %."]  # fmt: skip
    return []


def figure_text(value, digits=4):
    """Return a number for a cell: so many digits, words for what is missing or has no end."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "no limit"
    return said(float(value), f".{digits}g")


def interval_text(low, high, digits=4):
    """Return an interval for a cell."""
    return f"{figure_text(low, digits)} to {figure_text(high, digits)}"


def picture_path(text):
    """Return the path of a picture to be written.

    Raises
    ------
    InputFault
        For an ending that is none of `PICTURES`, or a folder that is not there.
    """
    path = Path(text)
    if path.suffix.lower() not in PICTURES:
        raise InputFault(f"--plot {text}: the ending must be {' or '.join(PICTURES)}")
    if not path.absolute().parent.is_dir():
        raise InputFault(f"--plot {text}: no folder {path.parent}: make it first")
    return path


def write_picture(path, draw):
    """Draw a figure and write it so that the file is whole or as it was before.

    Parameters
    ----------
    path : Path
        From `picture_path`.
    draw : callable
        Returns the axes of a figure in the book's style.

    Raises
    ------
    InputFault
        Where the file cannot be written.
    """
    import matplotlib  # only here: nothing else of the command line needs it

    if "matplotlib.pyplot" not in sys.modules:
        matplotlib.use("agg")  # no window; who has pyplot loaded keeps their own choice
    import matplotlib.pyplot as plt

    from dl_limits.figures import STYLE, alt_text

    ax = draw()
    kind = path.suffix.lower()[1:]
    told = {"Title": "dl-limits", "Description": alt_text(ax)} | ({"Date": None} if kind == "svg" else {})
    buffer = io.BytesIO()
    with plt.style.context(STYLE):
        ax.figure.savefig(buffer, format=kind, dpi=200, metadata=told)
    plt.close(ax.figure)
    passing = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        passing.write_bytes(buffer.getvalue())
        os.replace(passing, path)
    except OSError as error:
        raise InputFault(f"--plot {path}: {error.strerror or error}: the picture was not written") from None
    finally:
        passing.unlink(missing_ok=True)
