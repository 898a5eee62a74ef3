"""What pip installs: one version, declared dependencies that the book's lock fulfils, a wheel that works alone."""

import ast
import inspect
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import typing
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import dl_limits
from dl_limits import inference, laws

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKED = {
    re.sub(r"[-_.]+", "-", found[1]).lower(): found[2]
    for found in re.finditer(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
}
# Only the command `claims` and what stands behind it need more: these rooms are the engine and its command line.
ENGINE = ("laws", "inference", "figures", "cli", "words.py")


def test_one_version_everywhere():
    assert "version" in PROJECT["dynamic"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert cited["version"] == dl_limits.__version__
    assert f"version {dl_limits.__version__}." in " ".join((ROOT / "README.md").read_text("utf-8").split())


@pytest.mark.parametrize("group", ["dependencies", "audit"])
def test_the_books_lock_fulfils_what_is_declared(group):
    declared = PROJECT["dependencies"] if group == "dependencies" else PROJECT["optional-dependencies"][group]
    for requirement in map(Requirement, declared):
        assert requirement.specifier.contains(LOCKED[requirement.name]), requirement


def test_the_engine_imports_nothing_undeclared():
    declared = {Requirement(text).name for text in PROJECT["dependencies"]}
    found = set()
    for room in ENGINE:
        path = ROOT / "dl_limits" / room
        for file in [path] if path.is_file() else path.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                found |= {name.partition(".")[0] for name in names}
    outside = found - set(sys.stdlib_module_names) - {"dl_limits"}
    assert outside <= declared
    assert declared <= outside, "declared and never imported"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist of what is committed to the tree, made by the declared backend without a network."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CITATION.cff", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "dl_limits", source / "dl_limits", ignore=shutil.ignore_patterns("__pycache__"))
    code = "from setuptools import build_meta as b; print(b.build_sdist('..')); print(b.build_wheel('..'))"
    run = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "Deprecat" not in run.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


@pytest.mark.builder
def test_wheel_and_sdist_hold_the_package_and_no_more(built):
    wheel, sdist = built
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
    kept = {name for name in names if not name.startswith(f"dl_limits-{dl_limits.__version__}.dist-info/")}
    package = [p for p in (ROOT / "dl_limits").rglob("*") if p.suffix in (".py", ".mplstyle") or p.name == "py.typed"]
    assert kept == {path.relative_to(ROOT).as_posix() for path in package}
    for requirement in PROJECT["dependencies"]:
        assert f"Requires-Dist: {requirement}" in metadata
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert kept | {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= inside
    assert not any(name.startswith(("tests", "data", "chapters")) for name in inside)


@pytest.mark.builder
def test_the_wheel_works_in_an_environment_of_its_own(built, tmp_path):
    """The packages it asks for come from here, so that no network is needed; the project's folder is out of sight."""
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")

    def run(*command, status=0):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    run(python, "-I", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(built[0]))
    site = Path(run(python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    assert Path(run(python, "-I", "-c", "import dl_limits; print(dl_limits.__file__)").strip()).is_relative_to(site)
    run(python, "-I", "-m", "pip", "check")
    rows = "\n".join(f"{x},{1 + x**-0.5}" for x in (10, 20, 40, 80, 160, 320))
    (tmp_path / "runs.csv").write_text(f"x,loss\n{rows}\n")
    said = run(str(scripts / "dl-limits"), "curve", "runs.csv", "--at", "1000", "--plot", "curve.svg")
    assert "forecast" in said and (tmp_path / "curve.svg").stat().st_size > 1000
    assert run(python, "-I", "-m", "dl_limits", "--version") == f"dl-limits {dl_limits.__version__}\n"
    assert "needs the book's data folder" in run(str(scripts / "dl-limits"), "claims", status=2)


def public_callables():
    """Yield each function of the two faces, and each method of their classes that is public or makes an instance."""
    for face in (laws, inference):
        for name in face.__all__:
            thing = getattr(face, name)
            if not inspect.isclass(thing):
                yield name, thing
                continue
            for method, function in vars(thing).items():
                if inspect.isfunction(function) and (method == "__init__" or not method.startswith("_")):
                    yield f"{name}.{method}", function


CALLABLES = dict(public_callables())


@pytest.mark.parametrize("name", CALLABLES)
def test_the_faces_are_typed(name):
    """As ``py.typed`` promises: each argument and what is returned, by names that exist."""
    function = CALLABLES[name]
    hints = typing.get_type_hints(function)
    assert set(inspect.signature(function).parameters) - {"self"} <= hints.keys()
    assert "return" in hints
