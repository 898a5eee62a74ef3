"""The rule of imports: lower rooms only, no circle, no data of the book in the engine, nothing that another keeps."""

import ast
import doctest
import importlib
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "dl_limits"
ORDER = ["words", "dates", "data", "figures", "verdicts", "laws", "inference", "experiments", "studies", "claims",
         "calibration", "page", "cli", "__main__"]  # fmt: skip
PARTS = {"CLAIMS", "DESIGNS", "POWER", "THRESHOLDS", "numbers"}  # what every room of a kind has, under one name
HEAVY = ["frictionless", "matplotlib", "IPython", "dl_limits.data"]  # not needed to fit a law
ENGINE, BOOK = {"laws", "inference"}, {"data", "dates", "verdicts"}


def imports(source, modules):
    """Yield what a module imports from the package: the module it comes from, and the name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == "dl_limits")
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "dl_limits"):
            assert not node.level, "imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in modules else node.module), alias.name


def faults(sources):
    """Return every import that breaks the rule, as text."""
    found, graph = [], {}
    for module, source in sources.items():
        room = module.split(".")[1]
        for origin, name in imports(source, sources):
            if (origin, name) == ("dl_limits", "__version__"):  # no room
                continue
            graph.setdefault(module, set()).add(origin)
            other = f"{origin}.".split(".")[1]
            if other != room and ORDER.index(other) >= ORDER.index(room):
                found.append(f"{module} imports upward: {origin}")
            if room in ENGINE and other in BOOK:
                found.append(f"{module} imports what is the book's: {origin}")
            if module.endswith(".figures") and room != "calibration" and other not in ("words", "figures"):
                found.append(f"{module} imports more than the style: {origin}")
            if name.startswith("_"):
                found.append(f"{module} imports what is private: {origin}.{name}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append(f"circle: {' -> '.join(error.args[1])}")
    return found


def public(source):
    """Yield the public names that a module defines."""
    for node in ast.parse(source).body:
        names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        if isinstance(node, ast.Assign):
            names = [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        yield from (name for name in names if not name.startswith("_"))


@pytest.fixture(scope="module")
def sources():
    paths = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts): p for p in PACKAGE.rglob("*.py")}
    named = {name.removesuffix(".__init__"): path.read_text("utf-8") for name, path in paths.items()}
    assert {name.split(".")[1] for name in named if "." in name} == set(ORDER)
    return {name: source for name, source in named.items() if name != "dl_limits"}


def test_a_newcomer_finds_the_room(sources):
    folders = [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__")]
    sizes = {folder: sum(p.name != "__pycache__" for p in folder.iterdir()) for folder in folders}
    assert sizes.pop(PACKAGE) <= 16 and max(sizes.values()) <= 16
    assert {name: n for name, source in sources.items() if (n := source.count("\n")) > 450} == {}


def test_no_public_name_stands_in_two_rooms(sources):
    faces, places = {module.rpartition(".")[0] for module in sources}, {}
    for module, source in sources.items():
        for name in public(source) if module not in faces and not module.endswith("__main__") else ():
            places.setdefault(name, []).append(module)
    assert {name: rooms for name, rooms in places.items() if len(rooms) > 1 and name not in PARTS} == {}


def test_the_package_shows_its_plan_and_loads_a_room_when_it_is_named():
    code = "import sys, dl_limits\nbefore = set(sys.modules)\nprint([m for m in before if m.startswith('dl_limits.')])"
    code += "\nprint(dir(dl_limits))\nfrom dl_limits.laws import PowerLaw\nimport dl_limits.inference"
    code += f"\nprint([m for m in ('numpy', 'pandas') if m in before], [m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True)
    first, plan, loaded = run.stdout.splitlines()
    assert (first, loaded) == ("[]", "[] []")
    assert ast.literal_eval(plan) == sorted(set(ORDER) - {"__main__"})


@pytest.mark.parametrize("face", sorted(ENGINE))
def test_the_example_of_a_face_runs(face):
    outcome = doctest.testmod(importlib.import_module(f"dl_limits.{face}"))
    assert outcome.attempted > 1 and outcome.failed == 0


def test_imports_go_one_way(sources):
    assert faults(sources) == []


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("dl_limits.laws.linear", "from dl_limits.studies.nli import cells", "upward"),
        ("dl_limits.laws.linear", "from dl_limits import data", "the book's"),
        ("dl_limits.inference.breaks", "from dl_limits.dates import CUTOFF", "the book's"),
        ("dl_limits.studies.nli.cells", "from dl_limits.studies.nli import claims", "circle"),
        ("dl_limits.studies.nli.cells", "import dl_limits.claims.ledger", "upward"),
        ("dl_limits.studies.nli.figures", "from dl_limits.studies.nli import cells", "more than the style"),
        ("dl_limits.page.board", "from dl_limits.words import _DECIMALS", "private"),
    ],
)
def test_an_offending_import_is_found(sources, module, line, fault):
    found = faults(sources | {module: f"{sources[module]}\n{line}\n"})
    assert any(fault in text and (module in text) for text in found)
