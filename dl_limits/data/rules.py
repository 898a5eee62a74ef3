"""What a table, its schema and the bibliography must keep to, and the one error that lists every offending place.

Frictionless checks tables against the schema; added is what it lets through: infinite or oddly
written numbers, row counts, truncation, keys of the bibliography, text that a spreadsheet would run
or no eye would see, links that are no web addresses. Frictionless takes ten times as long as all the
rest, so what it passed is not asked again: `make stamp` seals it in the package, and one changed byte
of the table, of a table that it refers to or of their schemas breaks the seal.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

PACKAGE = "datapackage.json"
BIBLIOGRAPHY = "references.bib"  # beside the data folder
SEAL = "validated"  # property of a table in the package
# What Frictionless is told. Size and digest are left to the tests, so that one damaged cell gives one fault.
_TOLD = ("name", "profile", "path", "format", "encoding", "dialect", "schema")
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
MONTH_TYPE = "datetime64[ns]"
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


def constraint_words(rule: str, value: object) -> str:
    """Return a constraint as words: ``required``, ``minimum 0.1``, ``enum a | b``."""
    if value is True:
        return rule
    return f"{rule} {' | '.join(map(str, value)) if isinstance(value, list) else value}"


def alone(file: str, rule: str, row: int | None = None, value: str | None = None) -> DataError:
    """Return the error of a file with one fault."""
    return DataError([Fault(file, row, None, value, rule)])


@lru_cache(maxsize=4)
def parsed(raw: bytes) -> dict[str, dict]:
    """Return the resources of a package; kept by content, since the schema is long and often asked."""
    try:
        package = json.loads(raw)
        resources = {resource["name"]: resource for resource in package["resources"]}
        faults = list(_package_rules(package))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise alone(PACKAGE, f"not a data package in JSON: {error!r}") from None
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
def bibliography_keys(raw: bytes) -> set[str]:
    """Return the keys of a bibliography, every text and link of which the site prints."""
    text, faults = decode(raw, BIBLIOGRAPHY), []
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


def decode(raw: bytes, file: str) -> str:
    """Return UTF-8 as text, or raise the error that names what is none."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raise alone(file, "encoding: byte-order mark before the header", 1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        value = "".join(f"\\x{byte:02x}" for byte in raw[error.start : error.end])
        row = raw.count(b"\n", 0, error.start) + 1
        raise alone(file, "encoding: not valid UTF-8", row, value) from None


def records_of(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return first line and cells of every record, the header included."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise alone(file, f"not readable as CSV (cut off?): {error}", line) from None
    if not records:
        raise alone(file, "file is empty")
    return records


def referred(resource: dict) -> list[str]:
    """Return the names of the tables that a table's foreign keys refer to."""
    return [key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])]


def seal(resource: dict, others: list[dict], contents: list[bytes]) -> str:
    """Return the digest of a table, of those it refers to, and of all that Frictionless is told of them.

    Parameters
    ----------
    resource, others : dict, list of dict
        Their entries in the package.
    contents : list of bytes
        Their files, in the same order.
    """
    told = json.dumps(_told(resource, others), sort_keys=True).encode()
    parts = b"".join(hashlib.sha256(part).digest() for part in (told, *contents))
    return f"sha256:{hashlib.sha256(parts).hexdigest()}"


def faults_of(folder, resource, others, text, records, keys, sealed=False) -> list[Fault]:
    """Return all faults of one table, those of the header alone if it has any; Frictionless passes what is sealed."""
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
    for number, column, value, rule in () if sealed else _frictionless(folder, resource, others):
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


def _told(resource: dict, others: list[dict]) -> list[dict]:
    """Return what Frictionless is told of a table and of those it refers to."""
    copies = [{key: table[key] for key in _TOLD if key in table} for table in (resource, *others)]
    for table in copies[1:]:
        table["schema"] = {k: v for k, v in table["schema"].items() if k != "foreignKeys"}
    return copies


def _frictionless(folder: Path, resource: dict, others: list[dict]):
    """Yield record number, column, value and rule of every fault Frictionless finds."""
    from frictionless import Package  # imported here: it takes longer than all the rest

    package = Package.from_descriptor({"resources": _told(resource, others)}, basepath=str(folder))
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
            rule = constraint_words(match[1], constraints[column].get(match[1], True))
        yield getattr(error, "row_number", None), column, value, rule


def typed(rows: list[list[str]], fields: list[dict]) -> pd.DataFrame:
    """Return validated cells as a DataFrame with the types of the schema."""
    table = {}
    for field, cells in zip(fields, zip(*rows, strict=True) if rows else [()] * len(fields), strict=True):
        kind, choices = field["type"], field.get("constraints", {}).get("enum")
        values = [_CONVERT.get(kind, str)(cell) if cell else None for cell in cells]
        if kind == "yearmonth":
            table[field["name"]] = pd.to_datetime(pd.Series(values), format="%Y-%m").astype(MONTH_TYPE)
        else:
            dtype = _DTYPES.get(kind, pd.CategoricalDtype(choices) if choices else "string")
            table[field["name"]] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(table)
