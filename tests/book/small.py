"""A book of one chapter, with the real configuration, extension and tools: quick to build, safe to break."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat.v4 as nbf

ROOT = Path(__file__).parents[2]
CODE = """
import os
from dl_limits import used
from IPython.display import display
with open(os.environ["RUNS"], "a") as runs:
    runs.write("x")
value = f'{FACTOR * float(open("../data/value.txt").read()) + used.ZERO:.1f}'
display({"text/plain": value}, metadata={"numbers": {"a-value": [value, "a value of the test"]}}, raw=True)
"""
PROSE = '# A\n\nhere <span data-number="a-value">?</span>'
INDEX = '# Book\n\nthere <span data-number="a-value">?</span>\n'


def notebook(code, prose):
    """Return a notebook of two cells as text."""
    cells = [nbf.new_markdown_cell(prose, id="prose"), nbf.new_code_cell(code, id="code")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbf.writes(nbf.new_notebook(cells=cells, metadata=kernel))


class Book:
    """A one-chapter book whose every execution leaves a letter in a file."""

    def __init__(self, root):
        root.mkdir(parents=True)
        self.root, self.runs_file = root, root.parent / "runs"
        for name in ("_config.yml", "CITATION.cff", "_ext", "assets", "tools"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / name)
        for name in ("references.bib", "requirements.txt", "dl_limits/__init__.py", "dl_limits/unused.py"):
            self.write(name, "")
        self.write("dl_limits/used.py", "ZERO = 0")
        self.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n")
        self.write("data/value.txt", "1")
        self.write("index.md", INDEX)
        self.write("README.md", "# Not a page of the book\n")
        self.chapter("1")

    def write(self, name, text):
        """Write a file of the book."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def chapter(self, factor, name="a", code=CODE, prose=PROSE):
        """Write a chapter."""
        self.write(f"chapters/{name}.ipynb", notebook(code.replace("FACTOR", factor), prose))

    def start(self, tool="tools.book", without=(), options=None, **variables):
        """Start a tool in surroundings of its own."""
        env = {k: v for k, v in os.environ.items() if k not in ("BOOK_URL", "REPOSITORY_URL", "REPORT_URL", *without)}
        env |= {"RUNS": str(self.runs_file)} | variables
        return subprocess.Popen(
            [sys.executable, "-m", tool], cwd=self.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            **(options or {}),
        )  # fmt: skip

    def run(self, *arguments, **variables):
        """Run a tool to its end; return its exit code and keep what it said."""
        process = self.start(*arguments, **variables)
        self.said = process.communicate()[0].decode("utf-8", "replace")
        print(self.said)  # pytest shows it where a build fails that should not
        return process.returncode

    def build(self, **variables):
        """Build; return the exit code."""
        return self.run(**variables)

    def execute(self, **variables):
        """Execute the chapters alone; return the exit code."""
        return self.run("tools.execution", **variables)

    def shown(self):
        """Return the number that both pages show."""
        pages = [self.root / "_build/html" / p for p in ("index.html", "chapters/a.html")]
        return [re.search(r">t?here\s*(?:<[^>]*>)+([\d.]+)<", p.read_text("utf-8"))[1] for p in pages]

    def outputs(self, name="a"):
        """Return the outputs of a chapter's last execution."""
        path = self.root / "_build" / "executed" / f"{name}.ipynb"
        return nbf.reads(path.read_text("utf-8")).cells[1].outputs

    @property
    def runs(self):
        """How many times the chapter was executed."""
        return len(self.runs_file.read_text()) if self.runs_file.exists() else 0
