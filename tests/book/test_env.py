"""The environment is made in whatever surroundings, whole or not at all; what forbids it is said in one sentence."""

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import env

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.builder  # `make test-builder`
# A backend that needs nothing installed; it makes the wheels of the mini project's locks too.
BACKEND = """
import zipfile

def wheel(folder, name, files):
    info = f"{name}-1.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(f"{file},,\\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(f"{folder}/{name}-1-py3-none-any.whl", "w") as archive:
        for file, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(file, text)
    return f"{name}-1-py3-none-any.whl"

def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, "own", {"own.py": ""})
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "own"\n'


def project(root, *packages):
    """Write a project whose locks hold a package each, to be installed without a network."""
    (root / "tools").mkdir(parents=True)
    for name in ("env.py", "lock.py"):
        shutil.copy(ROOT / "tools" / name, root / "tools")
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PYPROJECT)
    for lock, package in (("requirements.txt", "book"), ("requirements-test.txt", "tests")):
        file = runpy.run_path(str(root / "backend.py"))["wheel"](root, package, {f"{package}.py": ""})
        (root / lock).write_text(f"./{file} --hash=sha256:{hashlib.sha256((root / file).read_bytes()).hexdigest()}\n")
    return root


def start(root, *arguments, **variables):
    command = [sys.executable, "-I", str(root / "tools" / "env.py"), *arguments]
    surroundings = os.environ | {"PIP_NO_INDEX": "1"} | variables
    return subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process):
    said = process.communicate(timeout=300)[0]
    print(said)
    return process.returncode, said


def has(root, *modules):
    command = [env.python(root / ".venv"), "-I", "-c", f"import {', '.join(modules)}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def test_environment_is_made_in_any_surroundings_once(tmp_path):
    root = project(tmp_path / "a [b] #1 %20 ü 'q'")
    config = tmp_path / "pip.conf"
    elsewhere = f"{tmp_path}/elsewhere"
    config.write_text(
        f"[global]\nuser = true\ntarget = {elsewhere}\nprefix = {elsewhere}\n"
        "no-binary = :all:\nrequire-virtualenv = true\nrequire-hashes = true\n"
    )
    odd = {"PIP_CONFIG_FILE": str(config), "PIP_USER": "1", "HOME": os.devnull, "PYTHONHOME": "/nowhere",
           "PYTHONPATH": "/nowhere", "PYTHONSTARTUP": "/nowhere", "PYTHONUSERBASE": "/nowhere", "PYTHONNOUSERSITE": "1",
           "PYTHONWARNINGS": "error", "PYTHONSAFEPATH": "1", "PYTHONOPTIMIZE": "2"}  # fmt: skip
    first, second = start(root, **odd), start(root, **odd)
    said = [finish(process) for process in (first, second)]
    assert [code for code, _ in said] == [0, 0]
    assert sum("Installing" in words for _, words in said) == 1  # the other one waited
    assert has(root, "book", "own") and not has(root, "tests")
    assert not Path(elsewhere).exists()

    assert finish(start(root, "--tests", **odd)) == (0, "Installing what only the tests need into .venv ...\n")
    assert has(root, "book", "own", "tests")
    assert finish(start(root, "--tests", PATH="")) == (0, "")  # as wanted: nothing is started

    # A package that no system of this kind has, among what only tests need.
    (root / "requirements-test.txt").write_text("missing==1 --hash=sha256:" + "0" * 64)
    code, said = finish(start(root, "--tests"))
    assert code == 1 and said.endswith("the tests' packages were not installed: see pip's message above. "
                                       "The book does not need them.\n")  # fmt: skip
    assert finish(start(root)) == (0, "")

    # Killed while the environment was made: nothing is built upon the ruin.
    next((root / ".venv").rglob("pip/__main__.py")).unlink()
    (root / ".venv" / "requirements.stamp").unlink()
    assert finish(start(root)) == (0, "Installing the packages (about a minute) into .venv ...\n")
    assert has(root, "book", "own") and not has(root, "tests")


def test_what_changes_an_environment_and_what_does_not(tmp_path):
    root, layers = project(tmp_path / "p"), [env.BOOK, env.TESTS]

    def hashes():
        return env.wanted(root, root / ".venv", layers)

    before = hashes()
    (root / "pyproject.toml").write_text(PYPROJECT + "[tool.ruff]\nline-length = 1\n")
    assert hashes() == before
    (root / "requirements-test.txt").write_text("")
    assert hashes()[0] == before[0] and hashes()[1] != before[1]
    before = hashes()
    (root / "requirements.txt").write_text("")
    assert hashes()[0] != before[0] and hashes()[1] != before[1]
    before = hashes()
    (root / "pyproject.toml").write_text(PYPROJECT + '[tool.setuptools]\npackages = ["own"]\n')
    assert hashes()[0] != before[0]
    assert env.wanted(root, root / "other", layers)[0] != hashes()[0]


def test_where_packages_come_from_is_the_users_own(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PIP_INDEX_URL": "x", "HTTPS_PROXY": "y", "PIP_USER": "1", "PYTHONHOME": "z"})
    kept = env.variables()
    assert (kept["PIP_INDEX_URL"], kept["HTTPS_PROXY"], kept["PIP_USER"]) == ("x", "y", "0")
    assert "PYTHONHOME" not in kept


def forbidden(root):
    """Return the sentence that ends an attempt."""
    with pytest.raises(SystemExit) as stop:
        env.main([], root)
    return stop.value.code


def test_what_is_not_possible_is_said_in_one_sentence(tmp_path, monkeypatch):
    root = project(tmp_path / "p")
    (root / "_build").write_text("as unwritable as a read-only disk, for root too")
    assert forbidden(root) == f"The environment was not made: File exists: {root / '_build'}."
    colon = project(tmp_path / f"a{os.pathsep}b")
    assert forbidden(colon).startswith(f"Python environments cannot lie in a folder whose name has a “{os.pathsep}”")
    monkeypatch.setattr(env.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    assert "on Debian and Ubuntu install python3." in forbidden(root)
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert forbidden(root).startswith("Python 3.11 or newer is needed")


def test_unknown_options_are_refused():
    with pytest.raises(SystemExit, match="--test"):
        env.main(["--test"])


@pytest.mark.skipif(os.name == "nt", reason="make is not how Windows installs")
def test_disk_full_is_said(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "x")

    root = project(tmp_path / "p")
    monkeypatch.setattr(env.subprocess, "run", full)
    assert forbidden(root) == "The environment was not made: No space left on device: x."
