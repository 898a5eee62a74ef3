"""Validated tables: ``load(name)`` returns a typed DataFrame or raises one `DataError`.

``data/datapackage.json`` is the only schema. Frictionless checks the tables against it;
this module adds what Frictionless lets through (infinite or oddly written numbers, row
counts, truncation, keys of the bibliography) and turns everything into one error.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

DIRECTORY = Path(__file__).resolve().parent.parent / "data"
PACKAGE = "datapackage.json"
BIBLIOGRAPHY = "references.bib"  # beside the data folder
_DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_validated: dict[tuple[str, str], pd.DataFrame] = {}


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
        return "\n".join([f"{n} fault{'s' * (n != 1)} in the data:", *(f"  {f}" for f in self.faults)])


class UnknownTableError(DataError, KeyError):
    """No table has this name; the message lists the names there are."""


def tables(directory: str | Path | None = None) -> list[str]:
    """Return the names of all tables.

    Parameters
    ----------
    directory : path, optional
        Another folder with a data package.
    """
    return [resource["name"] for resource in _package(_folder(directory))["resources"]]


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
        booleans as boolean, closed lists as category, other text as string.

    Raises
    ------
    DataError
        For every fault of the table; its ``faults`` are the single places.
    """
    folder = _folder(directory)
    resource = _resource(folder, name)
    references = _references(folder, resource["schema"])
    files = [folder / PACKAGE, folder.parent / BIBLIOGRAPHY, folder / resource["path"]]
    files += [folder / other["path"] for other in references]
    raw = {path: _read(path) for path in files}
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in raw.values()))
    key = (name, digest.hexdigest())
    if key not in _validated:
        text = _decode(raw[files[2]], resource["path"])
        faults = _validate(folder, resource, references, text, _keys(raw[files[1]]))
        if faults:
            raise DataError(sorted(faults, key=lambda f: (f.row is not None, f.row or 0)))
        _validated[key] = _typed(text, resource["schema"]["fields"])
    return _validated[key].copy()


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
    rows = [
        {
            "field": field["name"],
            "type": field["type"],
            "unit": field.get("unit", ""),
            "description": field["description"],
            "constraints": "; ".join(_words(*item) for item in field.get("constraints", {}).items()),
        }
        for field in _resource(_folder(directory), name)["schema"]["fields"]
    ]
    return pd.DataFrame(rows)


def _words(rule: str, value: object) -> str:
    if value is True:
        return rule
    return f"{rule} {' | '.join(map(str, value)) if isinstance(value, list) else value}"


def _folder(directory: str | Path | None) -> Path:
    return DIRECTORY if directory is None else Path(directory)


def _alone(file: str, rule: str, row=None, column=None, value=None) -> DataError:
    return DataError([Fault(file, row, column, value, rule)])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _alone(path.name, f"file cannot be read: {error.strerror or error}") from None


def _package(folder: Path) -> dict:
    raw = _read(folder / PACKAGE)
    try:
        return json.loads(raw)
    except ValueError as error:
        raise _alone(PACKAGE, f"not valid JSON: {error}") from None


def _resource(folder: Path, name: str) -> dict:
    known = {resource["name"]: resource for resource in _package(folder)["resources"]}
    if name not in known:
        rule = f"no table of this name; the tables are {', '.join(known)}"
        raise UnknownTableError([Fault(PACKAGE, None, None, str(name), rule)])
    return known[name]


def _references(folder: Path, schema: dict) -> list[dict]:
    """Return the tables that the foreign keys reach, directly or through another table."""
    found: dict[str, dict] = {}
    for key in schema.get("foreignKeys", []):
        other = _resource(folder, key["reference"]["resource"])
        for table in [other, *_references(folder, other["schema"])]:
            found[table["name"]] = table
    return list(found.values())


def _keys(raw: bytes) -> set[str]:
    text = _decode(raw, BIBLIOGRAPHY)
    return set(re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", text, re.MULTILINE))


def _decode(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        value = repr(raw[error.start : error.end])[2:-1]
        raise _alone(file, "encoding: not valid UTF-8", row, None, value) from None


def _rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return line number and cells of every record."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _alone(file, f"not readable as CSV: {error}", line) from None
    return records


def _validate(folder: Path, resource: dict, references: list[dict], text: str, keys: set[str]):
    """Return all faults of one table; raise at once where the rest would be noise."""
    file, schema = resource["path"], resource["schema"]
    fields = schema["fields"]
    if not text:
        raise _alone(file, "file is empty")
    records = _rows(text, file)
    _check_header(file, records[0][1], [field["name"] for field in fields])
    body = records[1:]
    faults: dict[tuple, Fault] = {}

    def add(row=None, column=None, value=None, rule=""):
        faults.setdefault((row, column), Fault(file, row, column, value, rule))

    broken = set()
    for line, cells in body:
        if len(cells) != len(fields):
            broken.add(line)
            rule = f"{len(fields)} cells expected, {len(cells)} found"
            add(line, None, None, "row is blank" if not cells else f"{rule} (row cut off?)")
            continue
        for field, cell in zip(fields, cells, strict=True):
            if rule := _cell_rule(field, cell, keys):
                add(line, field["name"], cell, rule)
    last = body[-1][0] if body else 1
    if last not in broken and not text.endswith("\n"):
        add(last, None, None, "the last line has no line end: file cut off?")
    for row, column, value, rule in _frictionless(folder, resource, references, records):
        if row not in broken:
            add(row, column, value, rule)
    if len(body) != resource["rows"]:
        found = f"{len(body)} rows, but {PACKAGE} says {resource['rows']}"
        faults[None, None] = Fault(file, None, None, None, f"row count: {found}")
    return list(faults.values())


def _check_header(file: str, header: list[str], expected: list[str]) -> None:
    """Raise for a header that is not the expected one; nothing else can be said then."""
    if header == expected:
        return
    faults = [Fault(file, 1, name, None, "column is missing") for name in expected if name not in header]
    extra = [name for name in header if name not in expected]
    faults += [Fault(file, 1, name, None, "column is not in the schema") for name in extra]
    twice = sorted({name for name in header if header.count(name) > 1 and name in expected})
    faults += [Fault(file, 1, name, None, "column appears twice") for name in twice]
    if not faults:
        first = next(a for a, b in zip(header, expected, strict=True) if a != b)
        faults = [Fault(file, 1, first, None, "columns stand in another order than in the schema")]
    raise DataError(faults)


def _cell_rule(field: dict, cell: str, keys: set[str]) -> str | None:
    """Return the rule broken by one cell that Frictionless is too lax about, if any."""
    if not cell:
        return None
    kind = field["type"]
    if found := _CONTROL.search(cell):
        return f"control character {found[0]!r} in a cell"
    if cell != cell.strip():
        return "space at the beginning or the end of a cell"
    if kind == "integer" and not _INTEGER.fullmatch(cell):
        return "type: not an integer in plain ASCII digits"
    if kind == "number" and not _NUMBER.fullmatch(cell):
        return "type: not a number in plain ASCII digits"
    if kind == "number" and float(cell) in (float("inf"), float("-inf")):
        return "type: number is not finite"
    if kind == "yearmonth" and not _MONTH.fullmatch(cell):
        return "type: not a month written YYYY-MM"
    if field.get("citation") and cell not in keys:
        return f"no entry of this key in {BIBLIOGRAPHY}"
    return None


def _frictionless(folder: Path, resource: dict, references: list[dict], records: list):
    """Yield row, column, value and rule of every fault Frictionless finds."""
    from frictionless import Package  # imported here: it takes longer than all the rest

    # Counts and digests are of the whole file; the first is checked above with a clearer message.
    ours = [copy.deepcopy(table) for table in (resource, *references)]
    for table in ours:
        for key in ("bytes", "hash", "rows", "licenses", "sources"):
            table.pop(key, None)
    package = Package.from_descriptor({"resources": ours}, basepath=str(folder))
    report = package.get_resource(resource["name"]).validate()
    names = [field["name"] for field in resource["schema"]["fields"]]
    constraints = {f["name"]: f.get("constraints", {}) for f in resource["schema"]["fields"]}
    for error in [*report.errors, *(e for task in report.tasks for e in task.errors)]:
        number = getattr(error, "row_number", None)
        row = None if number is None else records[number - 1][0]
        column = getattr(error, "field_name", None)
        value = getattr(error, "cell", None)
        if error.type == "primary-key":
            column = ", ".join(resource["schema"]["primaryKey"])
            value = records[number - 1][1][names.index(resource["schema"]["primaryKey"][0])]
            rule = "duplicate key"
        elif error.type == "foreign-key":
            column, value = ", ".join(error.field_names), ", ".join(map(str, error.field_cells))
            rule = f"foreign key: no such {', '.join(error.reference_field_names)} in {error.reference_name}"
        elif error.type == "constraint-error":
            broken = re.search(r'constraint "(\w+)"', error.note)[1]
            rule = _words(broken, constraints[column].get(broken, True))
        else:
            rule = f"{error.type.replace('-error', '')}: {error.note}"
        yield row, column, value, rule


def _typed(text: str, fields: list[dict]) -> pd.DataFrame:
    """Return the validated text as a DataFrame with the types of the schema."""
    types = {field["name"]: _DTYPES.get(field["type"], "string") for field in fields}
    table = pd.read_csv(
        io.StringIO(text),
        dtype=types,
        keep_default_na=False,
        na_values={name: [""] for name in types},
        float_precision="round_trip",
    )
    for field in fields:
        name, choices = field["name"], field.get("constraints", {}).get("enum")
        if field["type"] == "yearmonth":
            table[name] = pd.to_datetime(table[name], format="%Y-%m").astype("datetime64[ns]")
        elif choices and field["type"] == "string":
            table[name] = table[name].astype(pd.CategoricalDtype(choices))
    return table
