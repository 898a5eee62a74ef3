"""Execute the chapters as other processors would, and compare with their stored outputs as nbval does.

OpenBLAS and NumPy carry code for many processors and can be told which of it to use. Each name of
`KERNELS` is one such setting. A setting that this processor cannot run is left out, and says so; one
that does not come into force is an error, since the comparison would then compare nothing.

    python -m tools.elsewhere --kernels Nehalem,SkylakeX --chapters 02,04

With ``--perturb`` the processor stays and every float that `dl_limits.data.load` returns (but small whole
numbers) is moved by a relative 1e-9: no rounded value of the book may lie so near to a border that this
shows. Networks that chapter 05 trains itself load nothing and are not moved.
"""

import argparse
import base64
import contextlib
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from tools import execution
from tools.files import write

ROOT = Path(__file__).resolve().parent.parent
OUT = Path("_build", "elsewhere")
SETTINGS = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
NEEDS = {
    "Nehalem": ("SSE42",), "Sandybridge": ("AVX",), "Haswell": ("AVX2", "FMA3"), "Zen": ("AVX2", "FMA3"),
    "SkylakeX": ("AVX512_SKX",),
}  # fmt: skip
PERTURBED = 1e-9  # relative
COUNT = 1e6  # whole numbers below it are counts, years, ranks
TRAINED = 0.5  # points of error: how far a mean of trained networks may be from the stored one on another processor
EMBEDDED = 1e-2  # relative: one step of a third digit, in which ends of saturated (ill conditioned) curves flip
DATA = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.DOTALL)
CSV = re.compile(r"data:text/csv;base64,([A-Za-z0-9+/=]+)")


def _plain():
    """Return what NumPy dispatches on this processor beyond its baseline: switched off, the baseline is left."""
    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def _threads(count):
    return dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), str(count))


KERNELS = {
    **{name: {"OPENBLAS_CORETYPE": name} for name in NEEDS},
    "plain": {"NPY_DISABLE_CPU_FEATURES": " ".join(_plain())},
    "1-thread": _threads(1),
    "2-threads": _threads(2),
}
HEAVIEST = ("02", "04", "06")  # with most linear algebra: what CI runs

# What each kernel does before its first cell, by IPython's folder of startup files.
STARTUP = """
import json
import os

import numpy
import scipy.linalg
import threadpoolctl
from numpy._core._multiarray_umath import __cpu_features__

with open(os.environ["BOOK_FOUND"], "w") as file:
    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    json.dump({"pools": pools, "features": [name for name, on in __cpu_features__.items() if on]}, file)
del json, os, numpy, scipy, threadpoolctl, __cpu_features__, file, pools
if {seed} is not None:
    from tools.elsewhere import perturb

    perturb({seed})
    del perturb
"""


def perturb(seed):
    """Let `dl_limits.data.load` return numbers moved by a relative 1e-9, up or down.

    Equal numbers are moved alike, so that ties stay ties, and whole numbers below `COUNT` not at all: they
    are counts, years and ranks, which no arithmetic makes inexact.

    Parameters
    ----------
    seed : int
        Which signs.
    """
    import zlib

    import numpy as np

    from dl_limits import data

    load = data.load

    def sign(value):
        return 1 - 2 * (zlib.crc32(f"{seed} {value!r}".encode()) & 1)

    def moved(column):
        whole = column.isna() | ((column % 1 == 0) & (column.abs() < COUNT))
        return column.where(whole, column * (1 + PERTURBED * np.array([sign(float(v)) for v in column])))

    def perturbed(name, directory=None):
        table = load(name, directory)
        return table.assign(**{c: moved(table[c]) for c in table.select_dtypes("float")})

    data.load = perturbed


def missing(kernel):
    """Return why this processor cannot run a kernel, or None."""
    lacking = [name for name in NEEDS.get(kernel, ()) if not __cpu_features__.get(name)]
    if lacking:
        return f"this processor has no {' and no '.join(lacking)}"
    if kernel == "Zen" and _answer(kernel) == {"Haswell"}:
        return "the OpenBLAS installed has Haswell's code for it"
    return "NumPy has no code here beyond its baseline" if kernel == "plain" and not _plain() else None


def _answer(kernel):
    """Return which code OpenBLAS takes when it is asked for that of a kernel."""
    code = "import numpy, scipy.linalg; from threadpoolctl import threadpool_info as pools; "
    code += "print(*[pool['architecture'] for pool in pools() if pool['user_api'] == 'blas'])"
    asked = os.environ | KERNELS[kernel]
    done = subprocess.run([sys.executable, "-c", code], env=asked, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def not_in_force(variables, found):
    """Return what of a setting a process does not have, in words."""
    pools, faults = found["pools"], []
    if not pools:
        faults.append("no linear algebra was found in use")
    if core := variables.get("OPENBLAS_CORETYPE"):
        faults += [f"{p['prefix']} uses {p['architecture']}" for p in pools if p["architecture"] != core]
    if count := variables.get("OPENBLAS_NUM_THREADS"):
        faults += [f"{p['prefix']} has {p['num_threads']} threads" for p in pools if p["num_threads"] != int(count)]
    disabled = set(variables.get("NPY_DISABLE_CPU_FEATURES", "").split())
    return faults + [f"NumPy still uses {name}" for name in sorted(disabled & set(found["features"]))]


def execute(path, variables, seed=None):
    """Execute one chapter under a setting and make sure that the setting was in force.

    Parameters
    ----------
    path : Path
    variables : dict
        One of `KERNELS`.
    seed : int, optional
        Of `perturb`.

    Returns
    -------
    NotebookNode

    Raises
    ------
    execution.ExecutionError
        Also where another kernel was in use than the one asked for.
    """
    with tempfile.TemporaryDirectory(prefix="ipython-") as folder:
        start = Path(folder, "profile_default", "startup", "00-elsewhere.py")
        start.parent.mkdir(parents=True)
        start.write_text(STARTUP.replace("{seed}", str(seed)), encoding="utf-8")
        found = Path(folder, "found.json")
        extra = {"IPYTHONDIR": folder, "BOOK_FOUND": str(found)}
        notebook, _ = execution.execute(path, ROOT, variables | extra)
        faults = not_in_force(variables, json.loads(found.read_text(encoding="utf-8")))
    if faults:
        raise execution.ExecutionError(f"{path.name}: {'; '.join(faults)}: this compares nothing")
    return notebook


class _Failed:
    """A plugin of pytest that remembers which cells differ, and how."""

    def __init__(self):
        self.cells, self.compared = {}, 0

    def pytest_runtest_logreport(self, report):
        self.compared += report.when == "call"
        if report.failed:
            self.cells[report.nodeid.split("::")[-1]] = str(report.longrepr)


def differences(folder, path):
    """Compare the chapter executed into a folder with the stored one, as the tests do (`conftest.py`).

    Parameters
    ----------
    folder : Path
        Where `write` put the executed chapter, under its own name.
    path : Path
        The stored chapter.

    Returns
    -------
    dict of str
        What nbval says, by the name of each cell that differs.
    """
    usual, execution.FOLDER = execution.FOLDER, folder  # where conftest.py looks for executed chapters
    try:
        failed = _Failed()
        # From the root: pytest takes brackets in a path for the name of a test's parameter.
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.chdir(ROOT):
            pytest.main(["--color=no", "-p", "no:cacheprovider", os.path.relpath(path)], plugins=[failed])
    finally:
        execution.FOLDER = usual
    return failed.cells if failed.compared else {"all cells": f"nothing was compared: {said.getvalue()}"}


def tables(cell):
    """Return the tables behind the figures of a cell."""
    pages = [output["data"].get("text/html", "") for output in cell.outputs if "data" in output]
    return [pd.read_csv(io.BytesIO(base64.b64decode(data))) for page in pages for data in CSV.findall(page)]


def trained(made, stored):
    """Compare what the tests leave alone, tables of networks that a chapter trains itself, within `TRAINED`.

    Parameters
    ----------
    made, stored : NotebookNode

    Returns
    -------
    dict of str
        As `differences`.
    """
    found, pairs = {}, zip(made.cells, stored.cells, strict=True)
    for place, (now, then) in enumerate(pairs):
        if "nbval-ignore-output" in then.metadata.get("tags", []):
            for new, old in zip(tables(now), tables(then), strict=True):
                alike = list(new) == list(old) and new.isna().equals(old.isna())
                gap = np.nanmax(np.abs(new - old)) if alike else np.inf
                if gap > TRAINED:
                    found[f"trained networks (cell {place})"] = f"{gap:.3g} from the stored values, {TRAINED} allowed"
    return found


def _unlike(now, then, place):
    """Yield where two values of JSON differ: numbers by more than `EMBEDDED`, all else at all."""
    if isinstance(now, dict) and isinstance(then, dict) and list(now) == list(then):
        for key in now:
            yield from _unlike(now[key], then[key], f"{place}.{key}")
    elif isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        for index, pair in enumerate(zip(now, then, strict=True)):
            yield from _unlike(*pair, f"{place}[{index}]")
    elif {type(now), type(then)} <= {int, float}:
        if not math.isclose(now, then, rel_tol=EMBEDDED):
            yield f"{place} is {now}, stored {then}"
    elif type(now) is not type(then) or now != then:
        yield f"{place} is {str(now)[:80]}, stored {str(then)[:80]}"


def embedded(made, stored):
    """Compare the JSON that pages carry for their scripts, numbers within a relative `EMBEDDED`.

    Parameters
    ----------
    made, stored : NotebookNode

    Returns
    -------
    dict of str
        As `differences`.
    """
    new, old = (
        [
            (name, json.loads(text))
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            for name, text in DATA.findall(output.get("data", {}).get("text/html", ""))
        ]
        for notebook in (made, stored)
    )
    if [name for name, _ in new] != [name for name, _ in old]:
        return {"embedded data": f"{[name for name, _ in new]}, stored {[name for name, _ in old]}"}
    found = {}
    for (name, now), (_, then) in zip(new, old, strict=True):
        if faults := list(_unlike(now, then, name)):
            found[f"embedded data {name}"] = "\n".join(faults)
    return found


def compare(kernel, variables, paths, seed=None, jobs=None):
    """Execute chapters under a setting, print a line for each, and return how many differ."""
    folder, bad = OUT / kernel, 0
    (ROOT / folder).mkdir(parents=True, exist_ok=True)

    def run(path):
        try:
            notebook = execute(path, variables, seed)
        except execution.ExecutionError as error:
            return None, {"not executed": str(error)}
        write(ROOT / folder / path.name, nbformat.writes(notebook).encode())
        return notebook, {}

    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        for path, (notebook, cells) in zip(paths, pool.map(run, paths), strict=True):
            if notebook:
                stored = nbformat.read(path, 4)
                cells = differences(folder, path) | trained(notebook, stored) | embedded(notebook, stored)
            bad += bool(cells)
            print(f"{kernel:>10}  {path.stem}: {', '.join(cells) + ' differ' if cells else 'equal'}", flush=True)
            for name, text in cells.items():
                print(f"--- {path.stem}, {name}\n{text}", flush=True)
    return bad


def main(arguments=None):
    """Compare; exit 1 where a chapter differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.elsewhere", description=__doc__.split("\n")[0])
    parser.add_argument("--kernels", default=",".join(KERNELS), help="names with commas (default: all)")
    parser.add_argument("--chapters", help="first letters of file names, with commas, or 'heaviest' (default: all)")
    parser.add_argument("--perturb", type=int, nargs="+", metavar="SEED", help="move the data instead of the processor")
    options = parser.parse_args(arguments)
    if unknown := set(options.kernels.split(",")) - set(KERNELS):
        parser.error(f"no kernel {', '.join(sorted(unknown))}: there are {', '.join(KERNELS)}")
    starts = HEAVIEST if options.chapters == "heaviest" else tuple((options.chapters or "").split(","))
    paths = [path for path in execution.chapters(ROOT) if path.name.startswith(starts)]
    if not paths:
        parser.error(f"no chapter begins with {' or '.join(starts)}")
    for name in SETTINGS:  # a setting of this shell would come into every run
        os.environ.pop(name, None)
    if options.perturb:
        bad = sum(compare(f"seed-{seed}", {}, paths, seed) for seed in options.perturb)
        print(f"{len(paths) * len(options.perturb)} comparisons, {bad} differ")
        return int(bool(bad))
    bad = done = 0
    for kernel in options.kernels.split(","):
        if why := missing(kernel):
            print(f"{kernel:>10}  left out: {why}", flush=True)
            continue
        bad, done = bad + compare(kernel, KERNELS[kernel], paths), done + len(paths)
    print(f"{done} comparisons, {bad} differ")
    return int(bool(bad) or not done)


if __name__ == "__main__":
    sys.exit(main())
