"""Build the committed state twice, in clean clones in different folders, and compare every byte of site and PDF."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("html", "limits-of-deep-learning.pdf")


def clone_and_build(folder):
    """Clone the last commit into a folder, build book and PDF there, and return a hash for each file."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    date = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=folder, check=True, capture_output=True, text=True)
    env = os.environ | {"SOURCE_DATE_EPOCH": date.stdout.strip()}
    for tool in ("tools.book", "tools.pdf"):
        subprocess.run([sys.executable, "-m", tool], cwd=folder, env=env, check=True)
    parts = [folder / "_build" / part for part in PARTS]
    files = [f for part in parts for f in [part, *part.rglob("*")] if f.is_file()]
    return {f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def main():
    """Compare, name what differs, and fail if anything does."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory(prefix="elsewhere-") as second:
        one, two = clone_and_build(Path(first) / "a"), clone_and_build(Path(second) / "deeper" / "b")
    different = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
    print(*(f"differs: {name}" for name in different), sep="\n")
    print(f"{len(one)} files, {len(different)} differ")
    return bool(different) or not one


if __name__ == "__main__":
    sys.exit(main())
