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

# Its errors come with what Sphinx said; the traceback on top would hide that.
JUPYTER_BOOK = """
from jupyter_book.cli.main import main
try:
    main(standalone_mode=False)
except RuntimeError:
    raise SystemExit(1)
"""
ENVIRONMENT = ["SOURCE_DATE_EPOCH", "BOOK_URL", "REPOSITORY_URL", "REPORT_URL"]


class BookError(Exception):
    """The book cannot be built; says why."""


def state(root):
    """Return a hash of whatever could matter, by name: a file nobody thought of must not leave a stale book."""
    given = [sys.version, *(os.environ.get(name) for name in ENVIRONMENT)]
    return {"surroundings": repr(given)} | {name: sha256(path.read_bytes()) for name, path in inputs(root)}


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
    """Run Jupyter Book; say whether it succeeded. Warnings are errors: -W, and never a page half right."""
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", "-W", "--keep-going", "-q", *options, "."]
    shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
    return subprocess.run(command, cwd=root, env=execution.environment(root)).returncode == 0


def build(root):
    """Build the site unless the last success was made from the same inputs.

    Raises
    ------
    BookError, tools.execution.ExecutionError, OSError
        When it was not built; what stands in `_build` then is no site.
    """
    out, stamp = root / "_build" / "html", root / "_build" / "built.stamp"
    want = state(root)
    if up_to_date(root, stamp, want):
        return
    stamp.unlink(missing_ok=True)
    for name in ("html", "jupyter_execute"):
        shutil.rmtree(root / "_build" / name, ignore_errors=True)
    execution.run(root)
    if not (sphinx(root) and (out / "index.html").is_file()):
        raise BookError("see the first message above")
    now = state(root)
    if changed := sorted(name for name in want.keys() | now.keys() if want.get(name) != now.get(name)):
        raise BookError(f"{', '.join(changed)} changed meanwhile: build again")
    write(stamp, json.dumps({"inputs": want, "files": built(root)}).encode())


def forget_compiled(root):
    """Take away compiled copies of the project's modules: Python leaves them cut off when a disk is full."""
    for folder in ("dl_limits", "_ext", "tools"):
        for compiled in list((root / folder).rglob("__pycache__")):
            shutil.rmtree(compiled, ignore_errors=True)


def main(root):
    """Build one book at a time; say in one sentence what stands in the way."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a folder's name may not exist in the console's letters
    try:
        (root / "_build").mkdir(exist_ok=True)
        with hold(root / "_build" / "book.lock", "is building this book"):
            build(root)
        print(root / "_build" / "html" / "index.html")
        return 0
    except (BookError, execution.ExecutionError) as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or root}"
    print(f"The book was not built: {reason}", file=sys.stderr)
    forget_compiled(root)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path.cwd()).resolve()))
