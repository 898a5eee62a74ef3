"""The project's files as inputs of the book, and files that are either whole or not there."""

import hashlib
import os
from pathlib import Path

NOT_INPUT = {
    ".git",
    ".github",
    ".ci",
    ".devcontainer",
    ".venv",
    ".venv-next",
    ".venv-mutants",
    "_build",
    "build",
    "dist",
    "tests",
    "benchmarks",
    ".hypothesis",
}
PASSING = ("cache", ".egg-info", "checkpoints", "cache__")  # endings of folders that tools leave behind


def sha256(content):
    """Return the hash of bytes as text."""
    return hashlib.sha256(content).hexdigest()


def inputs(root):
    """Yield name (from the root, with slashes) and path of every file that the book could depend on.

    Links are followed: `data/` may be one. A folder that was seen is not entered again.
    """
    seen = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(f for f in folders if f not in NOT_INPUT and not f.endswith(PASSING))
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file():  # not the sockets, locks and broken links of editors
                yield path.relative_to(root).as_posix(), path


def write(path, content):
    """Write bytes so that the file is whole or, after a kill or on a full disk, as it was before."""
    passing = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        passing.write_bytes(content)
        os.replace(passing, path)
    finally:
        passing.unlink(missing_ok=True)
