"""The comparison with other processors sees what it should, and data moved by 1e-9 change no text."""

import base64
import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dl_limits import claims, data
from tools import elsewhere, execution

ROOT = Path(__file__).parents[2]
CHAPTER = ROOT / "chapters" / "01_the_argument.ipynb"

pytestmark = pytest.mark.builder  # `make test-builder`
VERDICTS = """
import json
from dl_limits import claims
found = {f"{name} {date}": verdict(date).reason for name, verdict in claims.CLAIMS.items() for date in ("2020", "2026")}
print(json.dumps(found))
"""


def differing(folder, change):
    """Return the cells of the chapter that differ once `change` was made to all its outputs."""
    notebook = nbformat.read(CHAPTER, 4)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        output["data"] = {kind: change(text) for kind, text in output["data"].items()}
    nbformat.write(notebook, folder / CHAPTER.name)
    return elsewhere.differences(folder, CHAPTER)


def test_another_drawing_is_no_difference(tmp_path):
    changed = []

    def redraw(text):
        new = re.sub(r'(?<= d="M )\d+', "7", text)
        changed.append(new != text)
        return new

    assert differing(tmp_path, redraw) == {}
    assert any(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("data-axes=\"x", "data-axes=\"z"),
        lambda text: re.sub(r"(?<=text/csv;base64,)\w{4}", "Ym9v", text),
        lambda text: text if text.startswith("<") else re.sub(r"\d", "7", text),
    ],
    ids=["axes", "table", "sentence"],
)  # fmt: skip
def test_what_a_figure_says_is_compared(change, tmp_path):
    found = differing(tmp_path, change)
    assert found and all(re.fullmatch(r"Cell \d+", cell) for cell in found)
    assert "the stored output is not today's" in next(iter(found.values()))


def test_trained_networks_are_compared_within_a_tolerance():
    """Chapter 05 trains some while it is executed: on another processor their last digits are others."""
    stored = nbformat.read(CHAPTER.with_name("05_learning_curves.ipynb"), 4)
    ours = next(cell for cell in stored.cells if "nbval-ignore-output" in cell.metadata.get("tags", []))
    (table,) = elsewhere.tables(ours)
    for shift, count in ((0.4, 0), (0.6, 1)):
        made = copy.deepcopy(stored)
        moved = table.assign(just_now_pct=table["just_now_pct"] + shift).to_csv(index=False)
        data = base64.b64encode(moved.encode()).decode()
        cell = made.cells[stored.cells.index(ours)]
        for output in cell.outputs:
            if page := output["data"].get("text/html"):
                output["data"]["text/html"] = elsewhere.CSV.sub(f"data:text/csv;base64,{data}", page)
        assert len(elsewhere.trained(made, stored)) == count


def test_a_chapter_that_was_not_executed_is_no_success(tmp_path):
    found = elsewhere.differences(tmp_path, CHAPTER)
    assert found and all("not executed as it stands" in text for text in found.values())


@pytest.mark.parametrize(
    ("kernel", "lost", "words"),
    [
        ("SkylakeX", "AVX512_SKX", "this processor has no AVX512_SKX"),
        ("Haswell", "FMA3", "this processor has no FMA3"),
        ("Nehalem", "AVX512_SKX", None),
    ],
)
def test_a_kernel_that_the_processor_cannot_run_is_left_out(kernel, lost, words, monkeypatch):
    features = {name: name != lost for names in elsewhere.NEEDS.values() for name in names}
    monkeypatch.setattr(elsewhere, "__cpu_features__", features)
    assert elsewhere.missing(kernel) == words


@pytest.mark.parametrize(
    ("used", "words"), [("Haswell", "the OpenBLAS installed has Haswell's code for it"), ("Zen", None)]
)
def test_a_kernel_that_openblas_has_no_code_for_is_left_out(used, words, monkeypatch):
    monkeypatch.setattr(elsewhere, "__cpu_features__", dict.fromkeys(("AVX2", "FMA3"), True))
    monkeypatch.setattr(elsewhere, "_answer", lambda kernel: {used})
    assert elsewhere.missing("Zen") == words


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"OPENBLAS_CORETYPE": "Zen"}, ["a uses Haswell"]),
        ({"OPENBLAS_NUM_THREADS": "2"}, ["a has 1 threads"]),
        ({"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}, ["NumPy still uses X86_V3"]),
        ({"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"}, []),
    ],
)
def test_a_setting_that_is_not_in_force_is_a_fault(variables, words):
    pool = {"prefix": "a", "architecture": "Haswell", "num_threads": 1}
    assert elsewhere.not_in_force(variables, {"pools": [pool], "features": ["X86_V3"]}) == words


def test_without_linear_algebra_nothing_is_compared():
    assert elsewhere.not_in_force({}, {"pools": [], "features": []}) == ["no linear algebra was found in use"]


# ------------------------------------------------------------------ data moved by 1e-9


def moved(code, seed):
    """Run code in a process of its own, since results are kept, on moved data; return its output."""
    lines = f"from tools.elsewhere import perturb\nperturb({seed})\n{code}"
    return json.loads(subprocess.run([sys.executable, "-c", lines], cwd=ROOT, check=True, capture_output=True).stdout)


def test_numbers_are_moved_and_small_whole_ones_are_not():
    code = """
from dl_limits import data
print(data.load("imagenet_models")[["top1_error_pct", "training_flop"]].to_json(double_precision=15))
"""
    now = moved(code, 1)
    for column in ("top1_error_pct", "training_flop"):
        was = data.load("imagenet_models")[column].dropna()
        change = np.array([now[column][str(row)] for row in was.index]) / was - 1
        whole = (was % 1 == 0) & (was < elsewhere.COUNT)
        assert (change[whole] == 0).all()
        assert abs(change[~whole]).to_numpy() == pytest.approx(elsewhere.PERTURBED, rel=1e-3)
        assert {True, False} == set(change[~whole] > 0)


def test_moved_data_change_no_verdict_and_no_reason():
    found = {
        f"{name} {date}": verdict(date).reason for name, verdict in claims.CLAIMS.items() for date in ("2020", "2026")
    }
    assert moved(VERDICTS, 1) == found


def test_moved_data_change_no_text_of_a_chapter(capsys):
    """Two chapters that take seconds; `python -m tools.elsewhere --perturb 1 2 3` moves the data of all others."""
    paths = [CHAPTER, CHAPTER.with_name("09_cost.ipynb")]
    assert elsewhere.compare("seed-2", {}, paths, seed=2) == 0, capsys.readouterr().out


# ------------------------------------------------------------------ data that a page's script reads


def with_data(text):
    html = f'<script type="application/json" id="some-data">{text}</script>'
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])


def test_the_explorers_data_are_those_of_the_book_just_made():
    stored = nbformat.read(ROOT / "chapters" / "explorer.ipynb", 4)
    made = nbformat.read(execution.executed(ROOT, ROOT / "chapters" / "explorer.ipynb"), 4)
    assert any(
        elsewhere.DATA.search(str(o.get("data", {}).get("text/html")))
        for c in stored.cells
        for o in c.get("outputs", [])
    )
    assert elsewhere.embedded(made, stored) == {}


@pytest.mark.parametrize(
    "now", ['{"a":[1.0,2.03]}', '{"a":[1.0]}', '{"a":[1.0,null]}', '{"b":[1.0,2.0]}', '{"a":[1.0,"2"]}']
)
def test_other_embedded_data_are_found(now):
    stored = with_data('{"a":[1.0,2.0]}')
    assert list(elsewhere.embedded(with_data(now), stored)) == ["embedded data some-data"]
    assert elsewhere.embedded(nbformat.v4.new_notebook(), stored)
    assert elsewhere.embedded(with_data('{"a":[1.0,2.01]}'), stored) == {}
