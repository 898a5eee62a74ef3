import json

import numpy as np
import pytest

from dl_limits import cli


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path as text."""

    def written(text, name="runs.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


@pytest.fixture
def answer(capsys):
    """Run a command with --json and return the document."""

    def answered(*arguments):
        assert cli.main([*map(str, arguments), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return answered


@pytest.fixture
def fault(capsys):
    """Run a command that must fail: return its one line, when nothing was printed besides."""

    def failed(*arguments):
        try:
            status = cli.main([*map(str, arguments)])
        except SystemExit as end:  # argparse: its usage stands above the line
            status = end.code
        said = capsys.readouterr()
        assert (status, said.out) == (2, "")
        return said.err.splitlines()[-1]

    return failed


@pytest.fixture
def surface_csv(write):
    """Runs on a known surface, and its parameters."""
    n, d = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(1e9, 1e11, 6)))
    loss = (1.8 + 400 / n**0.34 + 2000 / d**0.37) * np.exp(0.002 * np.random.default_rng(1).standard_normal(n.size))
    rows = "\n".join(f"{a!r},{b!r},{c!r}" for a, b, c in zip(n.tolist(), d.tolist(), loss.tolist(), strict=True))
    return write(f"params,tokens,val_loss\n{rows}\n")


@pytest.fixture
def curve_csv(write):
    """A curve that ends at a floor of 1."""
    rng = np.random.default_rng(0)
    x = 100 * 2 ** np.arange(12)
    y = (1 + 20 * x**-0.5) * np.exp(0.003 * rng.standard_normal(12))
    return write("\n".join(["examples,test_error", *(f"{a},{b:.6f}" for a, b in zip(x, y, strict=True))]) + "\n")
