"""What a stored chapter must be, before anything is run."""

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import README_FIGURE, alt_text, normalise, readme_figure

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))
MACHINE = re.compile(r"(?<![\w.:/])/(home|Users|root|tmp|var|private)/\w|[A-Z]:\\\\?Users|ipykernel_\d")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d|iopub\.")


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
        assert cell.execution_count, f"never run:\n{cell.source}"
        last = ast.parse(cell.source).body[-1]
        if isinstance(last, ast.Expr) and not cell.source.rstrip().endswith(";"):
            assert cell.outputs, f"no stored output:\n{cell.source}"


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


def test_every_figure_has_its_computed_alt_text(code):
    for cell in code:
        alt = alt_text(cell)
        stored = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        assert alt == stored, "run `make notebooks`"
        if alt is not None:
            assert len(alt) > 20, f"alt text says nothing: {alt!r}"
            assert not re.match(r"<\w+|Figure\(", alt), f"a repr is no alt text: {alt!r}"


def test_normal_form(chapter):
    raw = chapter.read_text(encoding="utf-8")
    assert raw == nbformat.writes(normalise(nbformat.reads(raw, 4))) + "\n", "run `make notebooks`"
    assert not TIME.search(raw)
    assert not MACHINE.search(raw)
    assert not re.search(r"0x[0-9a-f]{8,}", raw)


@pytest.mark.parametrize("line", ["/home/ann/x", "'/var/ipykernel_4'", r"C:\\Users\\ann", "/root/b"])
def test_machine_paths_are_seen(line):
    assert MACHINE.search(line)


def test_the_readme_shows_the_stored_figure():
    assert README_FIGURE.read_text(encoding="utf-8") == readme_figure(), "run `make notebooks`"
