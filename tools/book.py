"""Build the book into `_build/html`, or say that it is up to date.

Every build starts from clean pages. Only the executed chapters are kept (`tools.execution`), each
keyed by what it depends on. Sphinx's own incremental state is what lets a failed build pass when
repeated, and leaves one chapter's old number on another chapter's page: it is not used.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import execution
from tools.files import inputs, sha256, write
from tools.lock import hold

ENVIRONMENT = ["SOURCE_DATE_EPOCH", "BOOK_URL", "REPOSITORY_URL"]


def fingerprint(root):
    """Hash whatever could matter: a file nobody thought of must not leave a stale book."""
    given = [sys.version, *(os.environ.get(name) for name in ENVIRONMENT)]
    return sha256(json.dumps([given, [(name, sha256(path.read_bytes())) for name, path in inputs(root)]]).encode())


def built(root):
    """Return the hash of every file of the site: pages that were emptied or deleted must be noticed."""
    files = sorted(path for path in (root / "_build" / "html").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256(path.read_bytes()) for path in files}


def up_to_date(root, stamp, want):
    """Whether the last build succeeded, from the same inputs, and is still there as it was."""
    try:
        last = json.loads(stamp.read_bytes())
        return last["inputs"] == want and last["files"] == built(root) and last["files"] != {}
    except (OSError, ValueError, TypeError, KeyError):
        return False


def sphinx(root, *options):
    """Run Jupyter Book; return its exit code. Warnings are errors: -W, and never a page half right."""
    run = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", run, "build", "-W", "--keep-going", "-q", *options, "."]
    shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
    return subprocess.run(command, cwd=root, env=execution.environment(root)).returncode


def build(root):
    """Build unless the last success was made from the same inputs; return the exit code."""
    out, stamp = root / "_build" / "html", root / "_build" / "built.stamp"
    want = fingerprint(root)
    if not up_to_date(root, stamp, want):
        stamp.unlink(missing_ok=True)
        for name in ("html", "jupyter_execute"):
            shutil.rmtree(root / "_build" / name, ignore_errors=True)
        code = sphinx(root)
        if code or not (out / "index.html").is_file():
            print("The book was not built: see the first message above.", file=sys.stderr)
            return code or 1
        if fingerprint(root) != want:
            print("The book was not built: a file changed meanwhile. Build again.", file=sys.stderr)
            return 1
        write(stamp, json.dumps({"inputs": want, "files": built(root)}).encode())
    print(out / "index.html")
    return 0


def main(root):
    """Build one book at a time; say in one sentence what the surroundings do not allow."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a folder's name may not exist in the console's letters
    try:
        (root / "_build").mkdir(exist_ok=True)
        with hold(root / "_build" / "book.lock", "is building this book"):
            return build(root)
    except OSError as error:
        print(f"The book was not built: {error.strerror or error}: {error.filename or root}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path.cwd()).resolve()))
