"""Learning curves on the machine at hand: a grid of runs, in parallel, resumed when interrupted.

>>> table = run(Grid.of("tiny", ["digits"], widths=[4], sizes=[20, 40], seeds=1))
>>> list(table["size"])
[20, 40]

On the command line ``python -m dl_limits.experiments run --grid full --out full.csv``.
On a cluster, three lines (or Ray, with ``ray.util.joblib.register_ray()``)::

    client = distributed.Client(address)
    with joblib.parallel_config(backend="dask"):
        run("full", "full.csv")

`dl_limits.experiments.training` says what one run is.
"""

from __future__ import annotations

import csv
import importlib.metadata
import io
import math
import os
import platform
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import joblib
import pandas as pd
from threadpoolctl import threadpool_info
from tqdm import tqdm

from dl_limits.experiments import training
from dl_limits.laws.checks import choice

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None

VERSION = 1  # of the runs: goes up whenever a change of `training` could change a number
COLUMNS = ("grid", "version", *training.Run._fields)
WIDTHS = {"digits": 128, "five": 128, "language": 64}  # of the widest networks, which all comparisons use
PACKAGES = ("numpy", "scipy", "scikit-learn", "joblib", "threadpoolctl")


class ResultsError(ValueError):
    """A results file that cannot be written, is in use, or does not belong to this grid; says which and why."""


class Cell(NamedTuple):
    """One run to be made."""

    task: str
    width: int
    size: int
    seed: int


@dataclass(frozen=True)
class Grid:
    """Named runs to be made, each once.

    Attributes
    ----------
    name : str
        Written into every row.
    cells : tuple of Cell
        Task, hidden units, training examples and repetition of each run.

    Raises
    ------
    ValueError
        For an unknown task, a width or size that is not a positive whole number, a
        size larger than the data, or a run listed twice.
    """

    name: str
    cells: tuple

    def __post_init__(self):
        """Refuse what could not be run."""
        seen = set()
        for cell in self.cells:
            choice(cell.task, training.FAMILY, "task")
            for name in ("width", "size"):
                value = getattr(cell, name)
                if not (isinstance(value, int) and value > 0):
                    raise ValueError(f"{name} must be a positive whole number, not {value!r}: {cell}")
            training.check_size(cell.task, cell.size, cell.seed)
            if cell in seen:
                raise ValueError(f"listed twice: {cell}")
            seen.add(cell)

    @classmethod
    def of(cls, name, tasks, widths, sizes, seeds):
        """Return the grid of all combinations; `seeds` says how many repetitions."""
        return cls(name, tuple(Cell(*cell) for cell in product(tasks, widths, sizes, range(seeds))))

    def __add__(self, other):
        """Return both grids as one, under the first one's name."""
        return Grid(self.name, self.cells + other.cells)


def _doublings(first, count):
    return [first * 2**k for k in range(count)]


def _page():
    """Return what chapter 05 trains whenever it is executed: a part of the quick grid, all tasks, ten seconds."""
    grid = Grid.of("page", ["digits"], [WIDTHS["digits"]], _doublings(22, 5), 4)
    grid += Grid.of("page", ["five_digits", "five_pretrained"], [WIDTHS["five"]], _doublings(10, 5), 1)
    return grid + Grid.of("page", ["language", "language_pretrained"], [WIDTHS["language"]], _doublings(500, 5), 1)


def _quick():
    """Return small sizes, few repetitions: a part of the full grid."""
    grid = Grid.of("quick", ["digits"], [WIDTHS["digits"]], _doublings(22, 5), 4)
    grid += Grid.of("quick", ["five_digits", "five_pretrained"], [WIDTHS["five"]], _doublings(10, 5), 4)
    return grid + Grid.of("quick", ["language", "language_pretrained"], [WIDTHS["language"]], _doublings(500, 5), 3)


def _full():
    digits, five, words = _doublings(22, 7), _doublings(10, 7), _doublings(500, 8)
    grid = Grid.of("full", ["digits"], [8, 32, WIDTHS["digits"]], digits, 20)
    grid += Grid.of("full", ["digits_pretrained"], [WIDTHS["digits"]], digits, 20)
    grid += Grid.of("full", ["five_digits", "five_pretrained"], [WIDTHS["five"]], five, 20)
    grid += Grid.of("full", ["language"], [1, 4, 16, WIDTHS["language"]], words, 8)
    return grid + Grid.of("full", ["language_pretrained"], [WIDTHS["language"]], words, 8)


GRIDS = {"page": _page, "quick": _quick, "full": _full}


def grid_of(grid):
    """Return the grid of this name; a `Grid` is returned as it is.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    if isinstance(grid, Grid):
        return grid
    choice(grid, GRIDS, "grid")
    return GRIDS[grid]()


def run(grid="quick", path=None, *, n_jobs=None, progress=False):
    """Train and test every network of a grid that is not yet in the results file.

    Parameters
    ----------
    grid : str or Grid
        'page' (ten seconds on two cores; what chapter 05 trains), 'quick' (half a minute; what its
        forecast rests on), 'full' (twenty minutes), or your own.
    path : path, optional
        Results file, a CSV: each finished run is appended as one line and forced to
        disk. An interrupted grid goes on from the lines there; two at once are refused.
    n_jobs : int, optional
        Workers, as joblib counts them; None is one, or what a surrounding
        ``joblib.parallel_config`` says. Results do not depend on it.
    progress : bool
        Whether a progress bar is written to standard error.

    Returns
    -------
    DataFrame
        One row a run, in the order of the grid, with the columns `COLUMNS`.

    Raises
    ------
    ValueError
        For an unknown grid.
    ResultsError
        For a file that cannot be written, is damaged, is in use by another run, or
        holds another grid or version.
    """
    grid = grid_of(grid)
    with nullcontext() if path is None else _Results(Path(path)) as results:
        done = {} if results is None else results.resume(grid)
        todo = [cell for cell in grid.cells if cell not in done]
        finished = joblib.Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered")(
            joblib.delayed(training.train)(*cell) for cell in todo
        )
        bar = tqdm(finished, "runs", len(grid.cells), initial=len(done), unit="run") if progress else finished
        for row in bar:
            done[Cell(row.task, row.width, row.size, row.seed)] = row
            if results is not None:
                results.append(_line((grid.name, VERSION, *row)))
    rows = [(grid.name, VERSION, *done[cell]) for cell in grid.cells]
    return pd.DataFrame(rows, columns=COLUMNS)


# ------------------------------------------------------------------ the results file


def _line(cells):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


class _Results:
    """A results file, open and locked: the system frees it when the process ends, however that happens."""

    def __init__(self, path):
        self.path = path
        try:
            self.file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise self._error("cannot be written", error) from None
        try:
            self._lock()
        except OSError as error:
            os.close(self.file)
            if isinstance(error, BlockingIOError | PermissionError):
                raise ResultsError(f"{path}: another run is writing into it: wait, or use another file") from None
            raise self._error("cannot be locked", error) from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.file)

    def _error(self, what, error):
        return ResultsError(f"{self.path}: {what}: {error.strerror or error}")

    def _lock(self):
        if fcntl:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:  # Windows locks bytes, and nobody may read them: one far behind the end
            os.lseek(self.file, 2**30, os.SEEK_SET)
            msvcrt.locking(self.file, msvcrt.LK_NBLCK, 1)

    def append(self, line):
        """Append one whole line, and force it to disk: a full disk takes a part of it before it says so."""
        try:
            while line:
                line = line[os.write(self.file, line) :]
            os.fsync(self.file)
            if not os.fstat(self.file).st_nlink:
                raise ResultsError(f"{self.path}: deleted while runs were written into it")
        except OSError as error:
            raise self._error("cannot be written", error) from None

    def resume(self, grid):
        """Return the runs in the file by cell; begin the file if it is empty.

        A last line without line end is the trace of an interruption: it is cut off, and
        its run is made again.
        """
        try:
            raw = self.path.read_bytes()
        except OSError as error:
            raise self._error("cannot be read", error) from None
        header, whole = _line(COLUMNS), raw[: raw.rfind(b"\n") + 1]
        if (not whole and not header.startswith(raw)) or (whole and not whole.startswith(header)):
            rule = f"not a results file: its columns are not {', '.join(COLUMNS)}"
            raise ResultsError(f"{self.path}, line 1: {rule}")
        done = _rows(self.path, whole.split(b"\n")[1:-1], grid)
        if whole != raw:
            os.ftruncate(self.file, len(whole))
        self.append(b"" if whole else header)  # also tells at once whether the file can be written
        return done


def _rows(path, lines, grid):
    """Return the runs of lines by cell; every line must be one that this program could have written."""
    known, done, params = set(grid.cells), {}, {}
    for number, line in enumerate(lines, 2):
        place = f"{path}, line {number}"
        name, version, row = _run(line, place)
        if (name, version) != (grid.name, str(VERSION)):
            theirs = f"grid {name!r}, version {version}"
            raise ResultsError(f"{place}: {theirs}; this is grid {grid.name!r}, version {VERSION}: use another file")
        cell = Cell(row.task, row.width, row.size, row.seed)
        if cell not in known:
            raise ResultsError(f"{place}: a run that grid {grid.name!r} does not hold: {cell}")
        if cell in done:
            raise ResultsError(f"{place}: a run that an earlier line holds too: {cell}")
        if not 0 <= row.test_error_pct <= 100:
            raise ResultsError(f"{place}: the error is not between 0 and 100 %: {row.test_error_pct}")
        if not 0 <= row.test_loss_nats < math.inf:
            raise ResultsError(f"{place}: the loss is not a number from 0 up: {row.test_loss_nats}")
        # A training set smaller than the number of classes has fewer outputs.
        same = params.setdefault((row.task, row.width, min(row.size, 10)), row.params)
        if row.params != same or row.params < 1:
            raise ResultsError(f"{place}: {row.params} params; the same network has {same} in an earlier line")
        done[cell] = row
    return done


def _run(line, place):
    """Return grid, version and run of one line."""
    kinds = (str, int, int, int, int, float, float)
    try:
        name, version, *values = next(csv.reader([line.decode()]))
        row = training.Run(*(kind(value) for kind, value in zip(kinds, values, strict=True)))
    except UnicodeDecodeError:
        raise ResultsError(f"{place}: not valid UTF-8: {line!r}") from None
    except (ValueError, csv.Error):
        row = None
    if row is None or _line((name, version, *row)) != line + b"\n":  # Python also reads 1_0, blanks and other digits
        raise ResultsError(f"{place}: not a run: {line.decode()!r}")
    return name, version, row


def environment():
    """Return what could make numbers differ between machines, by name."""
    blas = sorted({f"{i['internal_api']} {i['version']}" for i in threadpool_info() if i["user_api"] == "blas"})
    facts = {"python": platform.python_version(), "system": platform.system(), "processor": platform.machine()}
    facts |= {name: importlib.metadata.version(name) for name in PACKAGES}
    return pd.Series(facts | {"blas": " and ".join(blas), "cores": str(os.cpu_count())})
