"""Only what changed is executed again, and nothing is left out: dependencies are recorded; the record is tested."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest

from dl_limits import data
from tests.book.small import ROOT, notebook
from tools import execution
from tools.files import inputs

pytestmark = pytest.mark.builder  # `make test-builder`

# One chapter for each way in which a file can enter: each prints what the files say.
WAYS = {
    "plain": "from dl_limits import used\nprint(used.NAME, open('../data/value.txt').read())",
    "late": "def f():\n    from dl_limits import late\n    return late.NAME\nprint(f())",
    "worker": "import joblib\nfrom dl_limits import jobs\nprint(joblib.Parallel(2)([joblib.delayed(jobs.f)(1)] * 2))",
    "tables": "from dl_limits import data\nprint(data.load('one').to_csv(), data.load('two').to_csv())",
    "titles": "from dl_limits import data\nprint(data.tables(), data.describe('one').to_csv())",
    "absent": "import pathlib\np = pathlib.Path('../data/perhaps.txt')\n"
    "try:\n    print(p.read_text())\nexcept OSError:\n    print('none')",
}
JOB = """
def f(i):
    from dl_limits import inside
    return inside.NAME, open('../data/inner.txt').read()
"""
FILES = {
    "dl_limits/__init__.py": "",
    "dl_limits/used.py": "from dl_limits import deeper\nNAME = 'used' + deeper.NAME",
    "dl_limits/deeper.py": "NAME = 'deeper'",
    "dl_limits/late.py": "NAME = 'late'",
    "dl_limits/jobs.py": JOB,
    "dl_limits/inside.py": "NAME = 'inside'",
    "data/value.txt": "1",
    "data/inner.txt": "2",
    "data/one.csv": "key,source\na,s\n",
    "data/two.csv": "key,source\na,s\n",
    "data/three.csv": "key,source\na,s\nb,s\n",
    "references.bib": "@misc{s,\n title = {S},\n year = {2020},\n}\n",
    "requirements.txt": "",
}


def package(title="t", tables=("one", "two", "three")):
    resources = {}
    for name in tables:
        fields = [{"name": n, "type": "string", "description": n} for n in ("key", "source")]
        schema = {"fields": fields, "primaryKey": ["key"]}
        resources[name] = {"name": name, "path": f"{name}.csv", "rows": 1, "schema": schema}
    resources["one"]["schema"]["fields"][0]["description"] = title
    reference = {"resource": "three", "fields": ["key"]}
    resources["two"]["schema"]["foreignKeys"] = [{"fields": ["key"], "reference": reference}]
    resources["three"]["rows"] = 2
    return json.dumps({"resources": list(resources.values())})


@pytest.fixture(scope="module")
def executed_project(tmp_path_factory):
    """A project without pages: chapters, modules, tables; all of it executed."""
    root = tmp_path_factory.mktemp("executed") / "project"
    for name, text in FILES.items():
        write(root / name, text)
    write(root / "data/datapackage.json", package())
    shutil.copytree(ROOT / "tools", root / "tools")
    shutil.copytree(ROOT / "dl_limits/data", root / "dl_limits/data")
    for name, code in WAYS.items():
        write(root / f"chapters/{name}.ipynb", notebook(code, "# A chapter"))
    assert execution.run(root) == sorted(WAYS)
    return root


@pytest.fixture
def project(executed_project, tmp_path):
    """A copy of it, with what is kept of its runs."""
    return Path(shutil.copytree(executed_project, tmp_path / "project"))


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def outputs(root):
    found = {path.stem: nbformat.read(execution.executed(root, path), 4) for path in execution.chapters(root)}
    return {name: [cell.outputs for cell in nb.cells if cell.cell_type == "code"] for name, nb in found.items()}


# What is changed, and the chapters that must notice: that of each way, and those that share the file.
CHANGES = {
    "dl_limits/used.py": ("NAME = 'other'", {"plain"}),
    "dl_limits/deeper.py": ("NAME = 'other'", {"plain"}),
    "dl_limits/late.py": ("NAME = 'other'", {"late"}),
    "dl_limits/inside.py": ("NAME = 'other'", {"worker"}),
    "data/value.txt": ("3", {"plain"}),
    "data/inner.txt": ("3", {"worker"}),
    "data/perhaps.txt": ("here", {"absent"}),
    "data/one.csv": ("key,source\nb,s\n", {"tables"}),
    "data/two.csv": ("key,source\nb,s\n", {"tables"}),
    "data/three.csv": ("key,source\na,s\nc,s\n", {"tables"}),
    "data/datapackage.json": (package(title="other"), {"tables", "titles"}),
}


def batches():
    """Return the changes in groups, no chapter twice in one: in a full run each has its own effect."""
    groups = []
    for name, (_, wanted) in CHANGES.items():
        group = next((g for g in groups if not any(CHANGES[other][1] & wanted for other in g)), None)
        if group is None:
            groups.append(group := [])
        group.append(name)
    return groups


@pytest.mark.parametrize("group", batches(), ids=" ".join)
def test_each_change_is_noticed_by_the_chapters_that_a_full_run_changes(project, tmp_path, group):
    before = {name: (project / name).read_text("utf-8") for name in group if (project / name).exists()}
    assert execution.run(project) == []
    for name in group:
        text, wanted = CHANGES[name]
        write(project / name, text)
        assert set(execution.run(project)) == wanted, name
    full = tmp_path / "full"
    shutil.copytree(project, full, ignore=shutil.ignore_patterns("_build"))
    execution.run(full)
    assert outputs(project) == outputs(full)
    for name in group:
        write(project / name, before[name]) if name in before else (project / name).unlink()
    assert execution.run(project) == [], "what is taken back finds its runs again"


def test_a_new_table_is_noticed_where_all_tables_are_listed(project):
    execution.run(project)
    write(project / "data/four.csv", "key,source\na,s\n")
    write(project / "data/datapackage.json", package(tables=("one", "two", "three", "four")))
    assert execution.run(project) == ["titles"]


def test_only_the_data_module_reads_the_package_past_its_announcements():
    found = [path for path in ROOT.glob("dl_limits/**/*.py") if data.PACKAGE in path.read_text("utf-8")]
    assert {path.parent for path in found} == {ROOT / "dl_limits" / "data"}
    assert not any(
        data.PACKAGE in c.source
        for p in execution.chapters(ROOT)
        for c in nbformat.read(p, 4).cells
        if c.cell_type == "code"
    )


# ------------------------------------------------------------------ the real book


@pytest.mark.again
@pytest.mark.parametrize("path", execution.chapters(ROOT), ids=lambda path: path.stem)
def test_a_chapter_runs_with_nothing_but_what_its_record_names(path, tmp_path):
    """Every other module and table is absent: no record of the book leaves anything out."""
    reads = record(path)["reads"]
    for name, file in inputs(ROOT):
        if name in reads or name.startswith(("tools/", "chapters/")):
            write_bytes(tmp_path / name, file.read_bytes())
    package = json.loads((ROOT / "data" / data.PACKAGE).read_bytes())
    if "#*" not in reads:
        package["resources"] = [entry for entry in package["resources"] if f"#{entry['name']}" in reads]
    write(tmp_path / "data" / data.PACKAGE, json.dumps(package))
    alone, _ = execution.execute(tmp_path / "chapters" / path.name, tmp_path)
    book = nbformat.read(execution.executed(ROOT, path), 4)
    for one, other in zip(alone.cells, book.cells, strict=True):
        if "nbval-ignore-output" not in other.metadata.get("tags", []):  # depends on the machine, and says so
            assert one.get("outputs") == other.get("outputs")


def record(path):
    records = [json.loads(file.read_bytes()) for file in (ROOT / execution.FOLDER / path.stem).glob("*.json")]
    snapshot = execution.Snapshot.of(ROOT)
    return next(r for r in records if execution.fits(r, nbformat.read(path, 4), snapshot))


def write_bytes(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
