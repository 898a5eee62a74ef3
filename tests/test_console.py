"""Programs print UTF-8 into any pipe, whatever code the system or the user has chosen for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dl_limits.experiments import __main__

ROOT = Path(__file__).parent.parent
WORD = "−½ µ 模"  # in no 8-bit code together
CONSOLES = {
    "Windows": {"PYTHONIOENCODING": "cp1252"},
    "ASCII": {"PYTHONIOENCODING": "ascii:strict"},
    "bare locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
# Each program, with the slow part of it replaced by one row of text.
CLAIMS = f"""
import pandas
from dl_limits import claims
claims.to_json = lambda: {{"id": {WORD!a}}}
columns = "id evidence verdict kind lean robustness evidence_to estimate low high unit reason needs"
row = dict.fromkeys(columns.split(), {WORD!a})
claims.evaluate = lambda: pandas.DataFrame([row])
"""
ENVIRONMENT = f"import platform\nplatform.machine = lambda: {WORD!a}\n"


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.builder) for name in CONSOLES])  # `make test-builder`
def console(request):
    return {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "PYTHONIO"))} | CONSOLES[request.param]


def printed(console, module, arguments, before):
    """Return what ``python -m module`` writes into a pipe, as bytes."""
    code = (
        f"import runpy, sys\n{before}\nsys.argv[1:] = {arguments!r}\nrunpy.run_module({module!r}, run_name='__main__')"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=console, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode("utf-8", "replace")
    return run.stdout.decode("utf-8")


def test_json(console):
    assert json.loads(printed(console, "dl_limits", ["claims", "--json"], CLAIMS)) == {"id": WORD}


def test_table(console):
    assert f"- {WORD}, {WORD}: {WORD}" in printed(console, "dl_limits", ["claims"], CLAIMS)


def test_environment(console):
    if not sys.prefix.isascii() and console.get("LC_ALL") == "C":  # the next test is about this
        console |= {"PYTHONUTF8": "1"}
    assert f"processor,{WORD}" in printed(console, "dl_limits.experiments", ["environment"], ENVIRONMENT)


@pytest.mark.parametrize("command", [["environment"], ["run", "--grid", "quick", "--out", "unused.csv"]])
def test_a_python_that_cannot_name_its_own_folder_is_told_so(monkeypatch, capsys, command):
    """As threadpoolctl fails where Python is bound to ASCII and lies in a folder named “ü”."""

    def fail(*args, **kwargs):
        raise UnicodeEncodeError("ascii", "ü", 0, 1, "ordinal not in range(128)")

    for name in ("environment", "run"):
        monkeypatch.setattr(__main__, name, fail)
    with pytest.raises(SystemExit, match="2"):
        __main__.main(command)
    assert "set PYTHONUTF8=1" in capsys.readouterr().err


def test_an_error_can_name_any_file(console, tmp_path):
    """The path stands in the message, which goes to standard error."""
    path = str(tmp_path / WORD / "runs.csv")
    command = [sys.executable, "-m", "dl_limits.experiments", "run", "--out", path]
    run = subprocess.run(command, cwd=ROOT, env=console, capture_output=True, check=False)
    assert run.returncode == 2 and b"cannot be written" in run.stderr and b"Traceback" not in run.stderr
