"""Learning curves on the machine at hand: a grid of runs, in parallel, resumed when interrupted.

>>> table = run(Grid.of("tiny", ["digits"], widths=[4], sizes=[20, 40], seeds=1))
>>> list(table["size"])
[20, 40]

On the command line ``python -m dl_limits.experiments run --grid full --out full.csv``.
On a cluster, three lines (or Ray, with ``ray.util.joblib.register_ray()``)::

    client = distributed.Client(address)
    with joblib.parallel_config(backend="dask"):
        run("full", "full.csv")

`dl_limits.training` says what one run is.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import io
import os
import platform
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import joblib
import pandas as pd
from threadpoolctl import threadpool_info
from tqdm import tqdm

from dl_limits import training
from dl_limits.checks import choice

VERSION = 1  # of the runs: goes up whenever a change of `training` could change a number
COLUMNS = ("grid", "version", *training.Run._fields)
WIDTHS = {"digits": 128, "five": 128, "language": 64}  # of the widest networks, which all comparisons use
PACKAGES = ("numpy", "scipy", "scikit-learn", "joblib", "threadpoolctl")


class ResultsError(ValueError):
    """A results file that cannot be written, or that does not belong to this grid; says which and why."""


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
        disk. An interrupted grid goes on from the lines there.
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
        For a file that cannot be written, is damaged, or holds another grid or version.
    """
    grid = grid_of(grid)
    done = {} if path is None else _open(Path(path), grid)
    todo = [cell for cell in grid.cells if cell not in done]
    finished = joblib.Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered")(
        joblib.delayed(training.train)(*cell) for cell in todo
    )
    bar = tqdm(finished, "runs", len(grid.cells), initial=len(done), unit="run") if progress else finished
    for row in bar:
        done[Cell(row.task, row.width, row.size, row.seed)] = row
        if path is not None:
            _append(Path(path), _line((grid.name, VERSION, *row)))
    rows = [(grid.name, VERSION, *done[cell]) for cell in grid.cells]
    return pd.DataFrame(rows, columns=COLUMNS)


# ------------------------------------------------------------------ the results file


def _line(cells):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _append(path, line):
    """Append one whole line in one write, and force it to disk."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0))
        try:
            os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}") from None


def _open(path, grid):
    """Return the runs of a results file by cell; begin the file if there is none.

    A last line without line end is the trace of an interruption: it is cut off, and
    its run is made again.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raw = b""
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror or error}") from None
    header, whole = _line(COLUMNS), raw[: raw.rfind(b"\n") + 1]
    if (not whole and not header.startswith(raw)) or (whole and not whole.startswith(header)):
        raise ResultsError(f"{path}, line 1: not a results file: its columns are not {', '.join(COLUMNS)}")
    done = _rows(path, whole.decode().splitlines()[1:], grid)
    if whole != raw:
        with path.open("r+b") as file:
            file.truncate(len(whole))
    _append(path, b"" if whole else header)  # also tells at once whether the file can be written
    return done


def _rows(path, lines, grid):
    known, done, kinds = set(grid.cells), {}, (str, int, int, int, int, float, float)
    for number, cells in enumerate(csv.reader(lines), 2):
        place = f"{path}, line {number}"
        try:
            name, version, *values = cells
            row = training.Run(*(kind(value) for kind, value in zip(kinds, values, strict=True)))
        except ValueError:
            raise ResultsError(f"{place}: not a run: {cells}") from None
        if (name, version) != (grid.name, str(VERSION)):
            theirs = f"grid {name!r}, version {version}"
            raise ResultsError(f"{place}: {theirs}; this is grid {grid.name!r}, version {VERSION}: use another file")
        cell = Cell(row.task, row.width, row.size, row.seed)
        if cell not in known:
            raise ResultsError(f"{place}: a run that grid {grid.name!r} does not hold: {cell}")
        if cell in done:
            raise ResultsError(f"{place}: a run that an earlier line holds too: {cell}")
        done[cell] = row
    return done


# ------------------------------------------------------------------ the command line


def environment():
    """Return what could make numbers differ between machines, by name."""
    blas = sorted({f"{i['internal_api']} {i['version']}" for i in threadpool_info() if i["user_api"] == "blas"})
    facts = {"python": platform.python_version(), "system": platform.system(), "processor": platform.machine()}
    facts |= {name: importlib.metadata.version(name) for name in PACKAGES}
    return pd.Series(facts | {"blas": " and ".join(blas), "cores": str(os.cpu_count())})


def main(arguments=None):
    """Run a grid with a progress bar, or print the environment."""
    parser = argparse.ArgumentParser(prog="python -m dl_limits.experiments", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("run", help="make the runs of a grid; go on where an earlier call stopped")
    make.add_argument("--grid", default="quick", help=f"one of {', '.join(GRIDS)}")
    make.add_argument("--out", help="results file (default: learning_curves_<grid>.csv)")
    make.add_argument("--jobs", type=int, default=-1, help="workers; default: all cores")
    commands.add_parser("environment", help="print versions and processor")
    options = parser.parse_args(arguments)
    if options.command == "environment":
        print(environment().rename_axis("item").to_csv(header=["value"], lineterminator="\n"), end="")
        return 0
    out = options.out or f"learning_curves_{options.grid}.csv"
    try:
        table = run(options.grid, out, n_jobs=options.jobs, progress=True)
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    print(f"{len(table)} runs in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
