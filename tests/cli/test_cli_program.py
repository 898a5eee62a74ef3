"""The program as a whole: status, help, schemas, what it loads, and pictures that are whole or not there."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

from dl_limits import __version__, cli
from dl_limits.cli import InputFault

ROOT = Path(__file__).parents[2]
SCORES = "name,accuracy,items,chance\na,41.5,1000,1/3\nb,50.0,200,1/2\n"


@pytest.fixture
def commands(curve_csv, write, tmp_path):
    (tmp_path / "curve.csv").write_text(Path(curve_csv).read_text("utf-8"), "utf-8")
    return {"curve": ["curve", str(tmp_path / "curve.csv")], "chance": ["chance", write(SCORES, "scores.csv")]}


@pytest.mark.parametrize("command", ["curve", "surface", "chance", "claims"])
def test_help_has_an_example_and_schema_is_one(capsys, command):
    for option in ("--help", "--schema"):
        with pytest.raises(SystemExit, match="0"):
            cli.main([command, option])
    said = capsys.readouterr().out
    assert f"example: dl-limits {command}" in said
    jsonschema.Draft202012Validator.check_schema(json.loads(said[said.index("{\n") :]))


def test_version_and_no_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"dl-limits {__version__}\n"
    with pytest.raises(SystemExit, match="2"):
        cli.main([])


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("command", ["curve", "surface", "chance"])
def test_a_picture_says_what_it_shows(tmp_path, commands, surface_csv, kind, command, capsys):
    path = tmp_path / f"picture.{kind}"
    arguments = commands.get(command, ["surface", surface_csv, "--at", "7e10", "1.4e12"])
    for _ in range(2):  # written again over itself
        assert cli.main([*arguments, "--plot", str(path)]) == 0
    told = path.read_text("utf-8") if kind == "svg" else Image.open(path).text["Description"]
    assert "interval" in told or "forecast" in told
    if kind == "svg":
        ET.fromstring(told)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_equal_input_gives_equal_bytes(tmp_path, commands, capsys):
    pictures = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in pictures:
        cli.main([*commands["curve"], "--plot", str(path)])
    assert pictures[0].read_bytes() == pictures[1].read_bytes()


def test_a_picture_that_cannot_be_written_leaves_the_old_one_and_prints_nothing(tmp_path, commands, fault, monkeypatch):
    assert "the ending must be .svg or .png" in fault(*commands["curve"], "--plot", tmp_path / "a.pdf")
    assert "make it first" in fault(*commands["curve"], "--plot", tmp_path / "no" / "a.svg")
    old = tmp_path / "a.svg"
    old.write_text("old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "No space left on device: the picture was not written" in fault(*commands["curve"], "--plot", old)
    assert old.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir() if "a.svg" in p.name) == ["a.svg"]


def test_bad_rows_touch_no_picture(tmp_path, write, fault):
    path = tmp_path / "a.svg"
    assert "row 3, column y" in fault("curve", write("x,y\n1,2\n2,\n"), "--plot", path)
    assert not path.exists()


def test_draw_returns_the_axes(commands, write):
    assert "forecast" in cli.draw(commands["curve"]).figure.alt_text
    with pytest.raises(InputFault, match="column y"):
        cli.draw(["curve", write("x,y\n1,2\n2,\n")])


def test_fitting_loads_neither_tables_nor_a_plotting_library(commands):
    heavy = ["frictionless", "matplotlib", "IPython", "dl_limits.data", "dl_limits.claims"]
    code = f"import sys\nfrom dl_limits.cli import main\nassert main({commands['curve']!r}) == 0\n"
    code += f"print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_pipe_that_closes_early_is_no_error(commands):
    command = [sys.executable, "-m", "dl_limits", *commands["curve"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_claims_without_the_tables_say_what_is_missing(monkeypatch, tmp_path, fault):
    monkeypatch.setattr("dl_limits.cli.ledger._TABLES", tmp_path / "data" / "datapackage.json")
    for option in ([], ["--json"], ["--schema"]):
        assert "needs the book's data folder" in fault("claims", *option)


def test_claims_without_their_library_say_how_to_get_it(monkeypatch, fault):
    monkeypatch.setattr("dl_limits.cli.ledger.find_spec", lambda name: None)
    assert "pip install 'dl-limits[audit]'" in fault("claims")
