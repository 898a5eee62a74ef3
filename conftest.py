"""The chapters as tests: each stored output against the execution from which the book was just made.

They are compared by nbval, as strictly as when it runs them: what is saved is a second execution.
``make test-nbval`` (pytest with ``--nbval``) executes them again all the same.
"""

import os
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, find_metadata_tags
from xdist.scheduler import LoadScopeScheduling

from tools import execution

ROOT = Path(__file__).parent


class ExecutedChapter(IPyNbFile):
    """A stored chapter and what its last execution gave."""

    def setup(self):
        """Read the execution; start no kernel."""
        self.setup_sanitize_files()
        path = execution.executed(ROOT, self.path)
        self.executed = nbformat.read(path, 4) if path.is_file() else None

    def collect(self):
        """Yield a test for each cell of code."""
        self.nb = nbformat.read(self.path, 4)
        cells = [cell for cell in self.nb.cells if cell.cell_type == "code"]
        for number, cell in enumerate(cells):
            name, options = f"Cell {number}", {"check": True} | dict(find_metadata_tags(cell.metadata))
            yield ExecutedCell.from_parent(self, name=name, cell_num=number, cell=cell, options=options)


class ExecutedCell(IPyNbCell):
    """A stored cell and its outputs of today."""

    def runtest(self):
        """Compare stored and computed outputs."""
        executed, stored = self.parent.executed, self.parent.nb
        if executed is None or execution.code(executed) != execution.code(stored):
            self.raise_cell_error("not executed as it stands: run `make book` first")
        self.test_outputs = [cell for cell in executed.cells if cell.cell_type == "code"][self.cell_num].outputs
        if self.options["check"] and not self.compare_outputs(self.test_outputs, self.cell.outputs):
            difference = "\n".join(map(str, self.comparison_traceback))
            self.raise_cell_error("the stored output is not today's: run `make notebooks`", difference)


def pytest_configure(config):
    """Give nbval's kernels the surroundings in which the book is made."""
    if config.option.nbval:
        os.environ.update(execution.environment(ROOT))


class SharedFits(LoadScopeScheduling):
    """Let one process run the tests of a file, which share what they fit, and the claims; each page is apart."""

    def _split_scope(self, nodeid):
        file, _, name = nodeid.partition("::")
        if name.startswith("test_page["):
            return nodeid
        return "tests/claims" if file.startswith("tests/claims/") else file


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which may be switched off
def pytest_xdist_make_scheduler(config, log):
    """Share tests out as `SharedFits` says where ``--dist loadscope`` asks for it."""
    return SharedFits(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collect_file(file_path, parent):
    """Collect chapters, unless nbval does."""
    if file_path.suffix == ".ipynb" and not (parent.config.option.nbval or parent.config.option.nbval_lax):
        return ExecutedChapter.from_parent(parent, path=file_path)
