"""Validated tables: ``load(name)`` returns a typed DataFrame or raises one `DataError`.

``data/datapackage.json`` is the only schema. Frictionless checks the tables against it;
this module adds what Frictionless lets through (infinite or oddly written numbers, row
counts, truncation, keys of the bibliography, text that a spreadsheet would run or no eye
would see, links that are no web addresses) and turns everything into one error.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import sys
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

DIRECTORY = Path(__file__).resolve().parent.parent / "data"
PACKAGE = "datapackage.json"
BIBLIOGRAPHY = "references.bib"  # beside the data folder
ENTRY = "dl_limits.data.entry"  # audit event: an entry of the package is used, or all (*); `tools.execution` listens
_PLAIN = {
    "integer": re.compile(r"-?(0|[1-9]\d*)", re.ASCII),
    "number": re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII),
    "yearmonth": re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII),
    "boolean": re.compile("true|false"),
}
_PLAIN_WORDS = {
    "integer": "an integer in plain ASCII digits",
    "number": "a finite number in plain ASCII digits",
    "yearmonth": "a month written YYYY-MM",
    "boolean": "true or false",
}
_CONVERT = {"integer": int, "number": float, "boolean": "true".__eq__}
_DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
_MONTHS = "datetime64[ns]"
_DICTIONARY = ["name", "type", "unit", "description"]
_UNSEEN = {  # categories of Unicode; what is unassigned is left out, since it depends on the version of Python
    "Cc": "control character",
    "Cf": "invisible or direction-changing character",
    "Co": "private character",
    "Cs": "half of a character",
    "Zl": "line separator",
    "Zp": "line separator",
}
_FORMULA = tuple("=@+-＝＠＋－")  # the wide ones count as well where Excel speaks Chinese, Japanese or Korean
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?([/?#][^\s<>\"\\^`{|}]*)?", re.ASCII)
_BIB_LINK = re.compile(r"\burl\s*=\s*[{\"]?\s*([^\s{}\"]*)|\\(?:url|href)\s*\{\s*([^}]*)|((?:java|vb)script\s*:)", re.I)
_BIB_KEY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_BIB_ENTRY = re.compile(r"^@\w+\{\s*([^,\s]+)\s*,(.*?)^\}", re.MULTILINE | re.DOTALL)
_ARXIV = re.compile(r"eprint\s*=\s*\{(\d\d)(\d\d)\.\d+")
_YEAR = re.compile(r"year\s*=\s*\{(\d{4})\}")
_validated: dict[tuple[str, str], pd.DataFrame] = {}
_known_by: ContextVar[pd.Timestamp | None] = ContextVar("known_by", default=None)


@dataclass(frozen=True)
class Fault:
    """One offending place.

    Parameters
    ----------
    file : str
        Name of the file.
    row : int or None
        Line as an editor shows it (the header is line 1); None for the whole file.
    column : str or None
        Name of the column, where there is one.
    value : str or None
        What stands there.
    rule : str
        The rule that is broken.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        value = "" if self.value is None else f", value {self.value!r}"
        return f"{self.file}{row}{column}{value}: {self.rule}"


class DataError(ValueError):
    """A table breaks its schema; the message lists every offending place, one a line.

    Parameters
    ----------
    faults : list of Fault
        The places.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults)

    def __str__(self) -> str:
        """Return the number of faults and one line for each."""
        n = len(self.faults)
        return "\n  ".join([f"{n} fault{'s' * (n != 1)} in the data:", *map(str, self.faults)])


class UnknownTableError(DataError, KeyError):
    """No table has this name; the message lists the names there are."""

    def __str__(self) -> str:
        """Return the one fault: nothing is wrong with the data."""
        return str(self.faults[0])


def tables(directory: str | Path | None = None) -> list[str]:
    """Return the names of all tables.

    Parameters
    ----------
    directory : path, optional
        Another folder with a data package.
    """
    sys.audit(ENTRY, "*")
    return list(_resources(Path(directory or DIRECTORY)))


def load(name: str, directory: str | Path | None = None) -> pd.DataFrame:
    """Return a validated, typed table.

    Parameters
    ----------
    name : str
        One of `tables()`.
    directory : path, optional
        Another folder with a data package; its bibliography lies beside it.

    Returns
    -------
    DataFrame
        Integers as Int64, numbers as float64, months as datetime64 (first day),
        booleans as boolean, closed lists as category, other text as string. Inside
        `known_by` the rows published by its date only.

    Raises
    ------
    DataError
        For every fault of the table; its ``faults`` are the single places.
    """
    folder = Path(directory or DIRECTORY)
    resource = _resource(folder, name)
    targets = [key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])]
    others = [_resource(folder, target) for target in targets]
    table = _read(folder / resource["path"])
    bibliography = _read(folder.parent / BIBLIOGRAPHY)
    parts = [_read(folder / PACKAGE), bibliography, table]
    parts += [_read(folder / other["path"]) for other in others]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts))
    key = (name, digest.hexdigest())
    if key not in _validated:
        for other, raw in zip(others, parts[3:], strict=True):
            _records(_decode(raw, other["path"]), other["path"])
        text = _decode(table, resource["path"])
        records = _records(text, resource["path"])
        keys = _bibliography(bibliography)
        faults = _faults(folder, resource, others, text, records, keys)
        if faults:
            raise DataError(faults)
        rows = [cells for _, cells in records[1:]]
        _validated[key] = _typed(rows, resource["schema"]["fields"])
    until = _known_by.get()
    if until is None:
        return _validated[key].copy()
    dates = published(name, _validated[key], folder)
    return _validated[key][dates <= until].reset_index(drop=True)


@contextmanager
def known_by(date):
    """Let `load` return only what was published by a date, whoever calls it: no forecast can see its outcome.

    Parameters
    ----------
    date : Timestamp
        Last day. Rows without a date are not known by any.
    """
    token = _known_by.set(pd.Timestamp(date))
    try:
        yield
    finally:
        _known_by.reset(token)


def published(name, table, directory=None):
    """Return when each row of a table was published.

    The row's own ``published`` where the table has it; otherwise the date of its
    ``source``: the month of its arXiv number, else the end of its year.

    Parameters
    ----------
    name : str
        Of the table, for the error.
    table : DataFrame
        Rows of it.
    directory : path, optional
        As in `load`.

    Returns
    -------
    Series of datetime64

    Raises
    ------
    DataError
        For a table with neither column: its rows cannot be dated.
    """
    if "published" in table:
        return table["published"]
    if "source" not in table:
        raise _alone(f"{name}.csv", "no column published or source: its rows cannot be dated")
    return table["source"].astype(str).map(source_dates(directory)).astype(_MONTHS)


def source_dates(directory=None):
    """Return the date of every entry of references.bib that has one, by its key, as `published` reads it."""
    folder = Path(directory or DIRECTORY)
    dates = {}
    for key, body in _BIB_ENTRY.findall(_decode(_read(folder.parent / BIBLIOGRAPHY), BIBLIOGRAPHY)):
        if number := _ARXIV.search(body):
            dates[key] = pd.Timestamp(2000 + int(number[1]), int(number[2]), 1)
        elif year := _YEAR.search(body):
            dates[key] = pd.Timestamp(int(year[1]), 12, 31)
    return dates


def describe(name: str, directory: str | Path | None = None) -> pd.DataFrame:
    """Return the dictionary of a table, one row a column.

    Parameters
    ----------
    name : str
        One of `tables()`.
    directory : path, optional
        Another folder with a data package.

    Returns
    -------
    DataFrame
        ``field``, ``type``, ``unit``, ``description``, ``constraints``.
    """
    fields = _resource(Path(directory or DIRECTORY), name)["schema"]["fields"]
    book = pd.DataFrame({key: [f.get(key, "") for f in fields] for key in _DICTIONARY})
    rules = [f.get("constraints", {}) for f in fields]
    book["constraints"] = ["; ".join(_words(*rule) for rule in each.items()) for each in rules]
    return book.rename(columns={"name": "field"})


def _words(rule: str, value: object) -> str:
    """Return a constraint as words: ``required``, ``minimum 0.1``, ``enum a | b``."""
    if value is True:
        return rule
    return f"{rule} {' | '.join(map(str, value)) if isinstance(value, list) else value}"


def _alone(file: str, rule: str, row: int | None = None, value: str | None = None) -> DataError:
    return DataError([Fault(file, row, None, value, rule)])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _alone(path.name, f"file cannot be read: {error.strerror or error}") from None


def _resources(folder: Path) -> dict[str, dict]:
    return _parsed(_read(folder / PACKAGE))


@lru_cache(maxsize=4)
def _parsed(raw: bytes) -> dict[str, dict]:
    """Return the resources of a package; kept by content, since the schema is long and often asked."""
    try:
        package = json.loads(raw)
        resources = {resource["name"]: resource for resource in package["resources"]}
        faults = list(_package_rules(package))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _alone(PACKAGE, f"not a data package in JSON: {error!r}") from None
    if faults:
        raise DataError(faults)
    return resources


def _package_rules(package: dict):
    """Yield every fault of what a package says beside the schema, all of which the site prints."""
    for part in (package, *package["resources"]):
        for kind in ("sources", "licenses"):
            for number, entry in enumerate(part.get(kind, []), 1):
                if not _ADDRESS.fullmatch(entry.get("path", "https://-")):
                    rule = f"{kind} {number} of {part['name']}: path is not an http(s) address"
                    yield Fault(PACKAGE, None, None, entry["path"], rule)
        own = {key: value for key, value in part.items() if key not in ("resources", "dialect")}
        for text in _texts(own):
            if rule := _unseen(text):
                yield Fault(PACKAGE, None, None, None, f"{rule} in the description of {part['name']}")


def _texts(value):
    """Yield every string of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _unseen(text: str) -> str | None:
    """Return what is in a text that no reader would see, if anything."""
    if text.isprintable():
        return None
    kinds = ((unicodedata.category(character), character) for character in text)
    return next((f"{_UNSEEN[kind]} U+{ord(character):04X}" for kind, character in kinds if kind in _UNSEEN), None)


@lru_cache(maxsize=4)
def _bibliography(raw: bytes) -> set[str]:
    """Return the keys of a bibliography, every text and link of which the site prints."""
    text, faults = _decode(raw, BIBLIOGRAPHY), []
    for row, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if rule := _unseen(line.replace("\t", " ")):
            faults.append(Fault(BIBLIOGRAPHY, row, None, line, rule))
    for link in _BIB_LINK.finditer(text):
        address = next(part for part in link.groups() if part is not None)
        if not _ADDRESS.fullmatch(address):
            row = text.count("\n", 0, link.start()) + 1
            faults.append(Fault(BIBLIOGRAPHY, row, None, address, "not an http(s) address"))
    if faults:
        raise DataError(faults)
    return set(_BIB_KEY.findall(text))


def _resource(folder: Path, name: str) -> dict:
    known = _resources(folder)
    if name not in known:
        rule = f"no table of this name; the tables are {', '.join(known)}"
        raise UnknownTableError([Fault(PACKAGE, None, None, str(name), rule)])
    sys.audit(ENTRY, name)
    return known[name]


def _decode(raw: bytes, file: str) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _alone(file, "encoding: byte-order mark before the header", 1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        value = "".join(f"\\x{byte:02x}" for byte in raw[error.start : error.end])
        row = raw.count(b"\n", 0, error.start) + 1
        raise _alone(file, "encoding: not valid UTF-8", row, value) from None


def _records(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return first line and cells of every record, the header included."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _alone(file, f"not readable as CSV (cut off?): {error}", line) from None
    if not records:
        raise _alone(file, "file is empty")
    return records


def _faults(folder, resource, others, text, records, keys) -> list[Fault]:
    """Return all faults of one table, those of the header alone if it has any."""
    file, fields = resource["path"], resource["schema"]["fields"]
    names = [field["name"] for field in fields]
    if broken := list(_header_rules(records[0][1], names)):
        return [Fault(file, 1, column, None, rule) for column, rule in broken]
    found: dict[tuple, Fault] = {}  # the first rule that a place breaks is the one reported

    def add(row, column, value, rule):
        found.setdefault((row or 0, column), Fault(file, row, column, value, rule))

    if len(records) - 1 != resource["rows"]:
        counted = f"{len(records) - 1} rows, {PACKAGE} says {resource['rows']}"
        add(None, None, None, f"row count: {counted}")
    for line, cells in records[1:]:
        if len(cells) != len(names):
            rule = f"{len(names)} cells expected, {len(cells)} found (row cut off?)"
            add(line, None, None, rule if cells else "row is blank")
            continue
        for field, cell in zip(fields, cells, strict=True):
            if rule := _cell_rule(field, cell, keys):
                add(line, field["name"], cell, rule)
    if not text.endswith("\n"):
        add(records[-1][0], None, None, "the last line has no line end (file cut off?)")
    for number, column, value, rule in _frictionless(folder, resource, others):
        line, cells = records[number - 1] if number else (None, names)
        if len(cells) == len(names):
            value = cells[names.index(column)] if number and column in names else value
            add(line, column, value, rule)
    order = {name: place for place, name in enumerate(names)}
    return [found[k] for k in sorted(found, key=lambda k: (k[0], order.get(k[1], -1)))]


def _header_rules(header: list[str], expected: list[str]):
    """Yield the column and the rule of every fault of the header."""
    for name in expected:
        if header.count(name) != 1:
            yield name, "column appears twice" if name in header else "column is missing"
    for name in header:
        if name not in expected:
            yield name, "column is not in the schema"
    if sorted(header) == sorted(expected) and header != expected:
        first = next(a for a, b in zip(header, expected, strict=True) if a != b)
        yield first, "columns stand in another order than in the schema"


def _cell_rule(field: dict, cell: str, keys: set[str]) -> str | None:
    """Return the rule broken by one cell that Frictionless is too lax about, if any."""
    kind = field["type"]
    if not cell:
        return None
    if unseen := _unseen(cell):
        return f"{unseen} in a cell"
    if cell != cell.strip():
        return "space at the beginning or the end of a cell"
    if kind in _PLAIN and not _PLAIN[kind].fullmatch(cell):
        return f"type: not {_PLAIN_WORDS[kind]}"
    if kind == "number" and math.isinf(float(cell)):
        return "type: number is not finite"
    if kind == "string" and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"begins with {cell[0]!r}, so that a spreadsheet would run it: begin with a word"
    if field.get("citation") and cell not in keys:
        return f"no entry of this key in {BIBLIOGRAPHY}"
    return None


def _frictionless(folder: Path, resource: dict, others: list[dict]):
    """Yield record number, column, value and rule of every fault Frictionless finds."""
    from frictionless import Package  # imported here: it takes longer than all the rest

    # Size and digest are left to the tests, so that one damaged cell gives one fault.
    keep = ("name", "profile", "path", "format", "encoding", "dialect", "schema")
    copies = [{key: table[key] for key in keep if key in table} for table in (resource, *others)]
    for table in copies[1:]:
        table["schema"] = {k: v for k, v in table["schema"].items() if k != "foreignKeys"}
    package = Package.from_descriptor({"resources": copies}, basepath=str(folder))
    report = package.get_resource(resource["name"]).validate()
    constraints = {f["name"]: f.get("constraints", {}) for f in resource["schema"]["fields"]}
    for error in [*report.errors, *(error for task in report.tasks for error in task.errors)]:
        column, value = getattr(error, "field_name", None), getattr(error, "cell", None)
        rule = f"{error.type.removesuffix('-error')}: {error.note}"
        if error.type in ("primary-key", "unique-error"):
            column = column or ", ".join(resource["schema"]["primaryKey"])
            rule = "duplicate key"
        elif error.type == "foreign-key":
            column, value = ", ".join(error.field_names), ", ".join(map(str, error.field_cells))
            rule = f"foreign key: not in {error.reference_name}"
        elif match := re.match(r'constraint "(\w+)"', error.note):
            rule = _words(match[1], constraints[column].get(match[1], True))
        yield getattr(error, "row_number", None), column, value, rule


def _typed(rows: list[list[str]], fields: list[dict]) -> pd.DataFrame:
    """Return validated cells as a DataFrame with the types of the schema."""
    table = {}
    for field, cells in zip(fields, zip(*rows, strict=True), strict=True):
        kind, choices = field["type"], field.get("constraints", {}).get("enum")
        values = [_CONVERT.get(kind, str)(cell) if cell else None for cell in cells]
        if kind == "yearmonth":
            table[field["name"]] = pd.to_datetime(pd.Series(values), format="%Y-%m").astype(_MONTHS)
        else:
            dtype = _DTYPES.get(kind, pd.CategoricalDtype(choices) if choices else "string")
            table[field["name"]] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(table)
