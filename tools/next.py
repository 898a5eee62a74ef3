"""Build the book with the next Sphinx (requirements-next.txt) and compare it with the usual one, page by page.

Jupyter Book 1 is frozen and holds Sphinx back. On the day the old Sphinx fails, this build is the way out;
run in CI, it is known to work. The chapters' outputs are those of `make book`: only the site is made anew.
"""

import difflib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import execution
from tools.env import NEXT, EnvironmentFault, ensure, python, variables
from tools.files import inputs

ROOT = Path(__file__).resolve().parent.parent
# What each Sphinx brings of its own, and the zip of the source, whose copy has no git to list files.
OWN_FILES = re.compile(r"_static/|\.buildinfo$|searchindex\.js$|_downloads/[\w-]+-source\.zip$")
OWN_WORDS = re.compile(rb"\?v=[0-9a-f]+|(?<=Generated with Sphinx )[\d.]+")
# Of these pages Sphinx itself writes the markup, and each version another: what they say is compared.
WRITTEN_BY_SPHINX = re.compile(r"reference/")
SHOWN = 20  # lines of a page's difference


def book(site):
    """Return the contents of a site's files by name, less what each Sphinx brings of its own."""
    files = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    found = {name: path.read_bytes() for name, path in files.items() if not OWN_FILES.match(name)}
    for name in (name for name in found if name.endswith(".html")):
        found[name] = OWN_WORDS.sub(b"", found[name])
        if WRITTEN_BY_SPHINX.match(name):
            found[name] = b"\n".join(re.sub(rb"<[^>]*>", b" ", found[name]).split())
    return found


def differences(usual, coming):
    """Yield what differs between two sites, in words and lines.

    Parameters
    ----------
    usual, coming : Path
        Folders of the two sites.
    """
    one, two = book(usual), book(coming)
    for name in sorted(one.keys() | two.keys()):
        if name not in two:
            yield f"{name}: missing in the next one"
        elif name not in one:
            yield f"{name}: only in the next one"
        elif one[name] != two[name]:
            yield f"{name}: differs"
            if name.endswith(".html"):
                lines = [page[name].decode("utf-8", "replace").splitlines() for page in (one, two)]
                changed = [line for line in difflib.unified_diff(*lines, lineterm="", n=0) if line[:3] not in
                           ("---", "+++") and not line.startswith("@@")]  # fmt: skip
                yield from (f"  {line[:200]}" for line in changed[:SHOWN])


def build(root, venv):
    """Build a copy of the book with another environment; return the folder of the site."""
    copy = root / "_build" / "next"
    shutil.rmtree(copy, ignore_errors=True)
    for name, path in inputs(root):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy / name)
    shutil.copytree(root / execution.FOLDER, copy / execution.FOLDER)
    if subprocess.run([str(python(venv)), "-m", "tools.book"], cwd=copy, env=variables()).returncode:
        sys.exit("The next Sphinx does not build the book: see above.")
    return copy / "_build" / "html"


def main(root=ROOT):
    """Make the environment, build, compare; return the exit code."""
    usual, venv = root / "_build" / "html", root / ".venv-next"
    if not (usual / "index.html").is_file():
        sys.exit("The usual book to compare with is not there: run `make book` first.")
    try:
        ensure(root, venv, [NEXT])
    except EnvironmentFault as fault:
        sys.exit(f"{fault}.")
    found = list(differences(usual, build(root, venv)))
    print(*found, sep="\n")
    print(
        "The next Sphinx makes another book."
        if found
        else f"The next Sphinx makes the same book: {len(book(usual))} files."
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
