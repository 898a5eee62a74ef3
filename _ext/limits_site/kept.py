"""What one build leaves for the next, whole or not at all: a file is renamed into place and checked before use."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# All that a chapter's outputs and the ledger depend on, beside the chapter's own cells.
INPUTS = ["dl_limits", "data", "references.bib", "requirements.txt"]


def key(root):
    """Hash names and contents, not times: a reverted change must find its old files again."""
    whole = hashlib.sha256(sys.version[:4].encode())
    for name in INPUTS:
        files = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                whole.update(path.relative_to(root).as_posix().encode() + b"\0")
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def folder(app):
    """Return where results for this state of package, data and lock are kept."""
    return Path(app.srcdir) / "_build" / ".kept" / key(Path(app.srcdir))


def content(path, make):
    """Return what is kept at a path; made when it is not there, and made again when it is damaged.

    The first line of a kept file is the hash of the rest: whatever is cut off, emptied or overwritten shows.

    Parameters
    ----------
    path : pathlib.Path
        Where it is kept.
    make : callable
        Returns the content.

    Returns
    -------
    bytes
    """
    if path.is_file():
        mark, _, kept = path.read_bytes().partition(b"\n")
        if mark == digest(kept).encode():
            return kept
        print(f"{path.name} in {path.parent} was damaged and is made again.", file=sys.stderr)
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # its own name: two builds may meet here
    try:
        with open(handle, "wb") as file:
            file.write(digest(made).encode() + b"\n" + made)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return made


def claims(app, part):
    """Return the claims (``'json'``) or their schema (``'schema'``), as the command line prints them."""

    def make():
        command = [sys.executable, "-m", "dl_limits", "claims", f"--{part}"]
        return subprocess.run(command, cwd=app.srcdir, check=True, stdout=subprocess.PIPE).stdout

    return content(folder(app) / f"claims.{part}", make)


def digest(made):
    """Return the hash of bytes as text."""
    return hashlib.sha256(made).hexdigest()
