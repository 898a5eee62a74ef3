"""Execute the chapters, in parallel and only where something they depend on has changed.

What a chapter depends on is not declared but recorded while it runs: every file of the project that
any of its processes opened (`tools/recorder`). The record holds a hash of each, of the code of the
chapter and of the lock; a chapter is executed again unless one of its records still fits. All records
lie in `_build/executed`, the chapters with their outputs beside them, where the site is made from.
"""

import json
import os
import re
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import source_from_cache
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.files import inputs, sha256, write

FOLDER = Path("_build", "executed")
PACKAGE = "data/datapackage.json"
LONGEST_SOCKET = 80  # of the 104 characters that macOS allows: the kernel adds some
TIMEOUT = 600  # seconds a cell may take
KEPT = 8  # records a chapter: enough for a few changes and their reverts
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WARNING = re.compile(r"\b\w*Warning\b")
# What would let a reader's own settings into the book, or this machine's into its outputs.
FOREIGN = re.compile(r"PYTHON|JUPYTER|IPYTHON|MPL|MATPLOTLIB|XDG_|LC_|LANG$|LANGUAGE$|TZ$|BOOK_READS|BOOK_ROOT")


class ExecutionError(Exception):
    """A chapter cannot be executed, or must not be kept; says which, where and why."""


@dataclass(frozen=True)
class Snapshot:
    """The state of the project's files at one moment.

    Attributes
    ----------
    root : Path
    hashes : dict
        SHA-256 of each file by its path, and of each entry of the data package by ``#name``;
        ``#`` is what the package says of all tables, ``#*`` the whole.
    stats : dict
        Inode, size and times of each file: they betray an edit that was taken back.
    """

    root: Path
    hashes: dict
    stats: dict

    @classmethod
    def of(cls, root):
        """Read the state of now."""
        hashes, stats = {}, {}
        for name, path in inputs(root):
            stat = path.stat()
            stats[name] = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            hashes[name] = sha256(path.read_bytes())
        return cls(root, hashes | _entries(root / PACKAGE), stats)


def _entries(path):
    """Return a hash for each table's entry of the data package, and for what is said of all."""
    try:
        package = json.loads(path.read_bytes())
        entries = {f"#{entry['name']}": entry for entry in package["resources"]} | {"#*": package}
    except (OSError, ValueError, TypeError, KeyError):
        return {}  # whoever loads a table says what is wrong
    entries["#"] = {key: value for key, value in package.items() if key != "resources"}
    return {name: sha256(json.dumps(entry, sort_keys=True).encode()) for name, entry in entries.items()}


def environment(root):
    """Return the variables of a chapter's processes: the book's own settings, caches and language, nobody else's.

    Parameters
    ----------
    root : Path
        Of the project: its own modules come first.
    """
    home = root / "_build" / ".home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    own = {name: str(home) for name in ("HOME", "USERPROFILE", "MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR",
                                        "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_CACHE_HOME")}  # fmt: skip
    own |= {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}
    own |= {"PYTHONPATH": os.pathsep.join([str(root / "tools" / "recorder"), str(root)]), "JUPYTER_NO_CONFIG": "1"}
    # Chapters run side by side: a core each. Who sets another number gets it.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return threads | kept | own


class _OwnKernel(KernelSpecManager):
    """The Python that runs this, whatever kernels are installed under its name."""

    def get_kernel_spec(self, kernel_name):
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def execute(path, root, variables=None):
    """Run one chapter in a fresh kernel.

    Parameters
    ----------
    path, root : Path
        The notebook and the project.
    variables : dict, optional
        Further environment variables.

    Returns
    -------
    notebook : NotebookNode
        With its outputs.
    reads : set of str
        Files of the project that were read, and entries of the data package.

    Raises
    ------
    ExecutionError
        For an error or a warning in a cell, a cell that takes too long, a kernel that dies.
    """
    notebook = nbformat.read(path, 4)
    with tempfile.TemporaryDirectory(prefix="chapter-") as folder:
        notes = Path(folder, "reads")
        record = {"BOOK_READS": str(notes), "BOOK_ROOT": str(root)}
        file = str(Path(folder, "kernel.json"))
        # Where it can be, sockets in the folder: a free port may be taken before the kernel opens it.
        transport = "ipc" if os.name == "posix" and len(file) < LONGEST_SOCKET else "tcp"
        manager = AsyncKernelManager(kernel_spec_manager=_OwnKernel(), connection_file=file, transport=transport)
        client = NotebookClient(notebook, km=manager, timeout=TIMEOUT, record_timing=False, coalesce_streams=True)
        try:
            client.execute(cwd=str(path.parent), env=environment(root) | (variables or {}) | record)
        except CellTimeoutError:
            raise ExecutionError(f"{path.name}: a cell takes more than {TIMEOUT} seconds") from None
        except CellExecutionError as error:
            place = next(i for i, cell in enumerate(notebook.cells) if _has_error(cell))
            trace = ANSI.sub("", error.traceback)
            raise ExecutionError(f"{path.name}, cell {place}: {error.ename}: {error.evalue}\n{trace}") from None
        except DeadKernelError:
            raise ExecutionError(f"{path.name}: its Python died (out of memory?)") from None
        finally:
            _end(manager)
        lines = notes.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    _hear(notebook, path.name)
    return notebook, {source for line in lines if (source := _source(line))}


def _end(manager):
    """End a kernel and all that it started: workers would wait for more work, and hold this program's output open."""
    if not manager.has_kernel:
        return
    group = getattr(manager.provisioner, "pgid", None)  # of its own, where the system has groups
    run_sync(manager.shutdown_kernel)()
    if group:
        with suppress(ProcessLookupError, PermissionError):  # nothing is left of it
            os.killpg(group, signal.SIGKILL)


def _has_error(cell):
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _source(name):
    """Return what a line of the record stands for, or None where it is no input."""
    if name.startswith(("_build/", ".venv/")) or name == PACKAGE:
        return None  # of the package single entries count
    if "__pycache__" in name:
        return source_from_cache(name) if name.endswith(".pyc") else None  # None: a copy being written
    return name


def _hear(notebook, name):
    """Refuse warnings on the standard error of a chapter; take other talk (of caches, fonts) out of the book."""
    for place, cell in enumerate(notebook.cells):
        talk = [output for output in cell.get("outputs", []) if output.get("name") == "stderr"]
        text = "".join(output["text"] for output in talk)
        if WARNING.search(text):
            raise ExecutionError(f"{name}, cell {place}, warns: {text.strip()}")
        if talk:
            print(f"{name}, cell {place}, says beside its results: {text.strip()}", flush=True)
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


# ------------------------------------------------------------------ records


def code(notebook):
    """Return the hash of what is executed: code and tags, not prose."""
    cells = [(cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells if cell.cell_type == "code"]
    return sha256(json.dumps(cells).encode())


def _base(snapshot):
    version = "{}.{}".format(*sys.version_info)
    names = ("requirements.txt", "tools/execution.py", "tools/recorder/sitecustomize.py")
    return [version, *(snapshot.hashes.get(name) for name in names)]


def fits(record, notebook, snapshot):
    """Whether what a record remembers is the state of a snapshot."""
    same = record["code"] == code(notebook) and record["base"] == _base(snapshot)
    return same and all(snapshot.hashes.get(name) == value for name, value in record["reads"].items())


def _records(folder):
    """Yield the whole records of a chapter, newest first; what is damaged is taken away."""
    for file in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            record = json.loads(file.read_bytes())
            whole = record.pop("sum") == _sum(record)
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if whole:
            yield file, record
        else:
            print(f"{file.parent.name}: a kept run is damaged and is made again", flush=True)
            file.unlink()


def _sum(record):
    return sha256(json.dumps(record, sort_keys=True).encode())


def _keep(folder, notebook, reads, snapshot, seconds):
    """Keep a run, unless what it read has changed meanwhile."""
    now = Snapshot.of(snapshot.root)
    before, after = ({name: (s.hashes.get(name), s.stats.get(name)) for name in reads} for s in (snapshot, now))
    if moved := sorted(name for name in reads if before[name] != after[name]):
        raise ExecutionError(f"{folder.name}: {', '.join(moved)} changed while it ran: build again")
    cells = [{"execution_count": cell.execution_count, "outputs": cell.outputs}
             for cell in notebook.cells if cell.cell_type == "code"]  # fmt: skip
    hashes = {name: snapshot.hashes.get(name) for name in sorted(reads | {"#"})}
    record = {"code": code(notebook), "base": _base(snapshot), "reads": hashes, "seconds": seconds, "cells": cells}
    record = json.loads(json.dumps(record))
    key = sha256(json.dumps([record["code"], record["base"], hashes]).encode())[:16]
    write(folder / f"{key}.json", json.dumps(record | {"sum": _sum(record)}).encode())
    for file in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        file.unlink()
    return record


def _filled(notebook, record):
    """Return the chapter with the outputs of a record."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, kept in zip(cells, record["cells"], strict=True):
        cell.execution_count = kept["execution_count"]
        cell.outputs = [nbformat.from_dict(output) for output in kept["outputs"]]
    return notebook


# ------------------------------------------------------------------ all chapters


def chapters(root):
    """Return the paths of all chapters that are notebooks."""
    return sorted(root.glob("chapters/*.ipynb"))


def executed(root, path):
    """Return where a chapter lies with its outputs."""
    return root / FOLDER / path.name


def run(root, paths=None):
    """Bring the outputs of chapters up to date.

    Parameters
    ----------
    root : Path
        Of the project.
    paths : list of Path, optional
        Chapters; all if not given.

    Returns
    -------
    list of str
        Names of the chapters that were executed.

    Raises
    ------
    ExecutionError
        With one paragraph for each chapter that failed, when all others are done.
    """
    paths, snapshot, todo = paths or chapters(root), Snapshot.of(root), []
    for path in paths:
        folder = root / FOLDER / path.stem
        folder.mkdir(parents=True, exist_ok=True)
        notebook, records = nbformat.read(path, 4), list(_records(folder))
        fitting = next((record for _, record in records if fits(record, notebook, snapshot)), None)
        if fitting:
            write(executed(root, path), nbformat.writes(_filled(notebook, fitting)).encode())
        else:
            guess = max((record["seconds"] for _, record in records), default=float("inf"))
            todo.append((-guess, path))  # the longest first, so that no core waits for it at the end

    def make(path):
        start = time.perf_counter()
        notebook, reads = execute(path, root)
        seconds = time.perf_counter() - start
        record = _keep(root / FOLDER / path.stem, notebook, reads, snapshot, seconds)
        write(executed(root, path), nbformat.writes(_filled(nbformat.read(path, 4), record)).encode())
        print(f"{path.stem}: {seconds:.1f} s", flush=True)

    faults = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _, future in [(path, pool.submit(make, path)) for _, path in sorted(todo)]:
            try:
                future.result()
            except ExecutionError as error:
                faults.append(str(error))
    if faults:
        raise ExecutionError("\n\n".join(faults))
    return [path.stem for _, path in todo]


if __name__ == "__main__":
    try:
        run(Path.cwd())
    except (ExecutionError, OSError) as error:
        sys.exit(f"{error}")
