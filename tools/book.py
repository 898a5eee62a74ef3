"""Build the book into `_build/html`, or say that it is up to date.

Every build starts from clean pages. Only the executed chapters are kept, keyed by all they depend
on. Sphinx's own incremental state is what lets a failed build pass when repeated, and leaves one
chapter's old number on another chapter's page: it is not used.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

NOT_INPUT = {".git", ".github", ".ci", ".devcontainer", ".venv", "_build", "tests", "benchmarks"}
ENVIRONMENT = ["SOURCE_DATE_EPOCH", "BOOK_URL", "REPOSITORY_URL"]


def fingerprint(root):
    """Hash whatever could matter: a file nobody thought of must not leave a stale book."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(repr([os.environ.get(name) for name in ENVIRONMENT]).encode())
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            f
            for f in folders
            if f not in NOT_INPUT and not f.endswith(("cache", ".egg-info", "checkpoints", "cache__"))
        )
        for path in (Path(folder, name) for name in sorted(files)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build(root):
    """Build unless the last success was made from the same inputs; return the exit code."""
    out, stamp = root / "_build" / "html", root / "_build" / "built.stamp"
    want = fingerprint(root)
    if not (stamp.is_file() and stamp.read_text() == want and (out / "index.html").is_file()):
        stamp.unlink(missing_ok=True)
        for name in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(root / "_build" / name, ignore_errors=True)
        # Warnings are errors; PYTHONHASHSEED is fixed because set order reaches the search index.
        run = "from jupyter_book.cli.main import main; main()"
        command = [sys.executable, "-c", run, "build", "-W", "--keep-going", "-q", "."]
        code = subprocess.run(command, cwd=root, env=os.environ | {"PYTHONHASHSEED": "0"}).returncode
        if code or not (out / "index.html").is_file():
            print("The book was not built: see the first message above.", file=sys.stderr)
            return code or 1
        stamp.write_text(want)
    print(out / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()))
