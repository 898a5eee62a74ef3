"""Turn the lists of direct dependencies into locks (`make lock`): exact, hashed, one set for all systems and Pythons.

The book's packages go to `requirements.txt`, what only tests need to `requirements-test.txt`, the book
with the newest Sphinx to `requirements-next.txt`. The last two follow the first wherever they can.
"""

import shutil
import subprocess
import sys
from pathlib import Path

COMPILE = ["-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
COMPILE += ["--no-header", "--no-emit-index-url", "--no-emit-find-links"]
BOOK, TESTS, NEXT = "requirements.txt", "requirements-test.txt", "requirements-next.txt"


def main(root):
    """Write the three locks."""

    def lock(*arguments):
        subprocess.run([sys.executable, *COMPILE, *arguments], cwd=root, check=True)

    lock("--upgrade", "requirements.in", "-o", BOOK)
    lock("--upgrade", "requirements-test.in", "-c", BOOK, "-o", TESTS)
    shutil.copy(root / BOOK, root / NEXT)  # what uv finds there it keeps, unless an override forbids it
    lock("requirements.in", "--override", "requirements-next.in", "-o", NEXT)


if __name__ == "__main__":
    main(Path(__file__).resolve().parent.parent)
