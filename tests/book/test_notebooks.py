"""What a stored chapter must be, before anything is run."""

import ast
import base64
import contextlib
import copy
import io
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from tools.notebooks import README_FIGURE, alt_text, normalise, readme_figure

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))
MACHINE = re.compile(r"(?<![\w.:/])/(home|Users|root|tmp|var|private)/\w|[A-Z]:\\\\?Users|ipykernel_\d")
TRACES = {
    "a time of execution": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*|iopub\.\w+"),
    "a path of this machine": MACHINE,
    "an address in memory": re.compile(r"0x[0-9a-f]{8,}"),
}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


@pytest.fixture
def code(chapter):
    return [c for c in nbformat.read(chapter, 4).cells if c.cell_type == "code" and c.source.strip()]


def text(output):
    return "".join(map(str, [output.get("text", ""), *output.get("data", {}).values()]))


def test_there_are_chapters():
    assert CHAPTERS


def test_every_cell_was_run_and_what_displays_has_output(code):
    for cell in code:
        assert cell.execution_count, f"never run: run `make notebooks`\n{cell.source}"
        last = ast.parse(cell.source).body[-1]
        if isinstance(last, ast.Expr) and not cell.source.rstrip().endswith(";"):
            assert cell.outputs, f"no stored output: run `make notebooks`\n{cell.source}"


def test_no_error_stderr_or_warning(code):
    for output in (o for cell in code for o in cell.outputs):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        assert not re.search(r"\b\w*Warning:", text(output))


def test_logic_lives_in_the_package(code):
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for cell in code:
        assert not any(isinstance(node, definitions) for node in ast.walk(ast.parse(cell.source)))


def test_cells_are_small(code):
    lengths = sorted(len(cell.source.splitlines()) for cell in code)
    assert statistics.median(lengths) <= 5
    assert sum(n <= 15 for n in lengths) >= 0.9 * len(lengths)


def test_no_line_needs_sideways_scrolling(code):
    assert [line for cell in code for line in cell.source.splitlines() if len(line) > 100] == []


HEADLINES = ["02", "03", "04", "05", "06", "07", "08", "09"]


@pytest.mark.parametrize("number", HEADLINES)
def test_the_headline_regression_is_visible_and_runs_where_it_is_pasted(number):
    (path,) = ROOT.glob(f"chapters/{number}_*.ipynb")
    (cell,) = (c for c in nbformat.read(path, 4).cells if "show-input" in c.metadata.get("tags", []))
    assert re.search(r"statsmodels|dl_limits\.(laws|inference)", cell.source)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(cell.source, {})  # nothing of the chapter's other cells
    assert said.getvalue() == "".join(output["text"] for output in cell.outputs)


def test_every_figure_has_its_computed_alt_text(code):
    for cell in code:
        alt = alt_text(cell)
        stored = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        assert alt == stored, "run `make notebooks`"
        if alt is not None:
            assert len(alt) > 20, f"alt text says nothing: {alt!r}"
            assert not re.match(r"<\w+|Figure\(", alt), f"a repr is no alt text: {alt!r}"


def oddities(raw):
    """Return in words what readers would meet of an unfinished chapter.

    What an editor adds on saving (names of kernels, versions, its own settings, other
    spacing) reaches neither the page nor the download, so it may stay.
    """
    found = [f"{what}: {match[0]}" for what, pattern in TRACES.items() if (match := pattern.search(raw))]
    stored = nbformat.reads(raw, 4).cells
    for number, (cell, normal) in enumerate(zip(stored, normalise(nbformat.reads(raw, 4)).cells, strict=True)):
        for key in ("tags", "mystnb"):
            if cell.metadata.get(key, {}) != normal.metadata.get(key, {}):
                found.append(f"cell {number}: {key} {cell.metadata.get(key)}, should be {normal.metadata.get(key)}")
    return found


def test_a_stored_chapter_is_finished(chapter):
    assert oddities(chapter.read_text(encoding="utf-8")) == [], "run `make notebooks`"


@pytest.fixture(scope="module")
def example():
    return json.loads((ROOT / "chapters" / "06_imagenet_extrapolation.ipynb").read_text(encoding="utf-8"))


def test_a_chapter_saved_by_an_editor_is_fine(example):
    saved = copy.deepcopy(example)
    saved["metadata"] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.13.1", "file_extension": ".py"},
        "toc-autonumbering": False,
        "vscode": {"interpreter": {"hash": "12ab"}},
    }
    for cell in saved["cells"]:
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "jp-MarkdownHeadingCollapsed": True}
    assert oddities(json.dumps(saved)) == []


def code_cell(notebook, figure=False):
    return next(
        (number, cell)
        for number, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and (not figure or "mystnb" in cell["metadata"])
    )


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"execution": {"iopub.execute_input": "2026-11-02T10:00:00.1Z"}}, "a time of execution"),
        ({"ExecuteTime": {"end_time": "2026-11-02T10:00:00"}}, "a time of execution: 2026-11-02T10:00:00"),
        ({"papermill": {"file": "/home/ann/x.ipynb"}}, "a path of this machine: /home/a"),
        ({"tags": []}, "tags [], should be ['hide-input'"),
    ],
)
def test_what_is_unfinished_is_named(example, metadata, words):
    saved = copy.deepcopy(example)
    number, cell = code_cell(saved)
    cell["metadata"] |= metadata
    (found,) = oddities(json.dumps(saved))
    assert words in found
    assert "tags" not in metadata or found.startswith(f"cell {number}: ")


def test_a_figure_without_its_text_is_named(example):
    saved = copy.deepcopy(example)
    number, cell = code_cell(saved, figure=True)
    del cell["metadata"]["mystnb"]
    (found,) = oddities(json.dumps(saved))
    assert found.startswith(f"cell {number}: mystnb None, should be ") and "alt" in found


@pytest.mark.parametrize("line", ["/home/ann/x", "'/var/ipykernel_4'", r"C:\\Users\\ann", "/root/b"])
def test_machine_paths_are_seen(line):
    assert MACHINE.search(line)


RENDERED = ["01", "06", "09"]


@pytest.mark.parametrize("number", RENDERED)
def test_a_chapter_reads_as_a_page_where_notebooks_are_shown(number):
    (path,) = ROOT.glob(f"chapters/{number}_*.ipynb")
    page = BeautifulSoup(
        HTMLExporter(template_name="basic").from_notebook_node(nbformat.read(path, 4))[0], "html.parser"
    )
    for code in page.select(".jp-InputArea, .input"):
        code.decompose()
    shown = page.get_text(" ")
    for unfinished in (r"\{glue", r"\{(nb|eval|number)\b[^}]*\}`", r"<[\w.]+ object at", r"<Figure size", r"\bAxes\("):
        assert not re.search(unfinished, shown), unfinished
    marks = page.select("[data-number]")
    assert marks and all(re.search(r"\d", mark.get_text()) for mark in marks)
    assert page.select("svg, img")


def test_every_figure_is_there_for_who_does_not_trust_the_notebook(code):
    """JupyterLab draws an SVG only for a trusted notebook, a PNG for everyone."""
    for data in (output.data for cell in code for output in cell.outputs if "image/svg+xml" in output.get("data", {})):
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


ALONE = """
import sys
sys.modules["dl_limits"] = None  # as where it is not installed
exec(sys.stdin.read())
"""


def test_a_chapter_downloaded_alone_says_what_to_do():
    for path in sorted((ROOT / "_build" / "html" / "notebooks" / "chapters").glob("*.ipynb")):
        first = next(cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
        done = subprocess.run([sys.executable, "-c", ALONE], input=first.source, capture_output=True, text=True)
        assert done.returncode == 1 and "make lab" in done.stderr.splitlines()[-1], path.name


def test_the_readme_shows_the_stored_figure():
    assert README_FIGURE.read_text(encoding="utf-8") == readme_figure(), "run `make notebooks`"
