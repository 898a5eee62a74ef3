"""Validated tables: ``load(name)`` returns a typed DataFrame or raises one `DataError`.

``data/datapackage.json`` is the only schema; what is checked beside it stands in `dl_limits.data.rules`.
Imports nothing else of the package.
"""

from __future__ import annotations

import hashlib
import re
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import pandas as pd

from dl_limits.data import rules
from dl_limits.data.rules import (
    BIBLIOGRAPHY,
    MONTH_TYPE,
    PACKAGE,
    SEAL,
    DataError,
    Fault,
    UnknownTableError,
    alone,
    bibliography_keys,
    constraint_words,
    decode,
    faults_of,
    parsed,
    records_of,
    referred,
    seal,
)

DIRECTORY = Path(__file__).resolve().parents[2] / "data"
ENTRY = "dl_limits.data.entry"  # audit event: an entry of the package is used, or all (*); `tools.execution` listens
_DICTIONARY = ["name", "type", "unit", "description"]
_BIB_ENTRY = re.compile(r"^@\w+\{\s*([^,\s]+)\s*,(.*?)^\}", re.MULTILINE | re.DOTALL)
_ARXIV = re.compile(r"eprint\s*=\s*\{(\d\d)(\d\d)\.\d+")
_YEAR = re.compile(r"year\s*=\s*\{(\d{4})\}")
_validated: dict[tuple[str, str], pd.DataFrame] = {}
_known_by: ContextVar[pd.Timestamp | None] = ContextVar("known_by", default=None)
_first_hand: ContextVar[bool] = ContextVar("first_hand", default=False)
_TELLS = ("read_in", "basis", "locator", "compute_locator", "note")  # columns that say where a value was read
_SECOND_HAND = r"(?i)\bsecond(?:ary|[ _-]hand)|quotation|\bquoted in"


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
    others = [_resource(folder, name) for name in referred(resource)]
    table = _read(folder / resource["path"])
    bibliography = _read(folder.parent / BIBLIOGRAPHY)
    parts = [_read(folder / PACKAGE), bibliography, table]
    parts += [_read(folder / other["path"]) for other in others]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts))
    key = (name, digest.hexdigest())
    if key not in _validated:
        for other, raw in zip(others, parts[3:], strict=True):
            records_of(decode(raw, other["path"]), other["path"])
        text = decode(table, resource["path"])
        records = records_of(text, resource["path"])
        keys = bibliography_keys(bibliography)
        sealed = resource.get(SEAL) == seal(resource, others, parts[2:])
        faults = faults_of(folder, resource, others, text, records, keys, sealed)
        if faults:
            raise DataError(faults)
        rows = [cells for _, cells in records[1:]]
        _validated[key] = rules.typed(rows, resource["schema"]["fields"])
    kept, until = _validated[key].copy(), _known_by.get()
    if _first_hand.get():
        kept = kept[~second_hand(kept)].reset_index(drop=True)
    if until is not None:
        kept = kept[published(name, kept, folder) <= until].reset_index(drop=True)
    return kept


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


def second_hand(table):
    """Return which rows of a table were read in a text that quotes their source, as the rows themselves say.

    Parameters
    ----------
    table : DataFrame
        As `load` gives.

    Returns
    -------
    Series of bool
    """
    told = [table[column].astype("string").fillna("") for column in _TELLS if column in table]
    marks = [column.str.contains(_SECOND_HAND, regex=True) for column in told]
    return pd.concat(marks, axis=1).any(axis=1) if marks else pd.Series(False, table.index)


@contextmanager
def first_hand():
    """Let `load` leave out what was read at second hand (`second_hand`): no verdict may hang on it alone."""
    token = _first_hand.set(True)
    try:
        yield
    finally:
        _first_hand.reset(token)


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
        raise alone(f"{name}.csv", "no column published or source: its rows cannot be dated")
    return table["source"].astype(str).map(source_dates(directory)).astype(MONTH_TYPE)


def source_dates(directory=None):
    """Return the date of every entry of references.bib that has one, by its key, as `published` reads it."""
    folder = Path(directory or DIRECTORY)
    dates = {}
    for key, body in _BIB_ENTRY.findall(decode(_read(folder.parent / BIBLIOGRAPHY), BIBLIOGRAPHY)):
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
    book["constraints"] = ["; ".join(constraint_words(*rule) for rule in each.items()) for each in rules]
    return book.rename(columns={"name": "field"})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise alone(path.name, f"file cannot be read: {error.strerror or error}") from None


def _resources(folder: Path) -> dict[str, dict]:
    return parsed(_read(folder / PACKAGE))


def _resource(folder: Path, name: str) -> dict:
    known = _resources(folder)
    if name not in known:
        rule = f"no table of this name; the tables are {', '.join(known)}"
        raise UnknownTableError([Fault(PACKAGE, None, None, str(name), rule)])
    sys.audit(ENTRY, name)
    return known[name]
