"""Store the chapters with the outputs of today, in one normal form; what is up to date is not executed again."""

import sys
from pathlib import Path

import nbformat

from tools import execution, prose
from tools.files import write

ROOT = Path(__file__).resolve().parent.parent
IMAGE_TYPES = ("image/svg+xml", "image/png")
README_FIGURE = ROOT / ".github" / "figure.svg"
FOLDING = {"hide-input", "remove-input", "remove-cell", "show-input"}


def alt_text(cell):
    """Return the text that the cell's figure carries beside its image, or None."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if any(kind in data for kind in IMAGE_TYPES):
            return data.get("text/plain", "")
    return None


def normalise(notebook):
    """Keep outputs; drop what changes from run to run or tells of a machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    for cell in notebook.cells:
        keep = {key: cell.metadata[key] for key in ("tags", "mystnb") if key in cell.metadata}
        if cell.cell_type == "code":
            tags = keep.get("tags", [])
            if not FOLDING & set(tags):  # readers meet folded code, researchers unfold it
                keep["tags"] = ["hide-input", *tags]
            # The page's alt text is the figure's own computed text: nobody types or forgets it.
            keep.get("mystnb", {}).pop("image", None)
            if (alt := alt_text(cell)) is not None:
                keep.setdefault("mystnb", {})["image"] = {"alt": alt}
        cell.metadata = {key: value for key, value in keep.items() if value}
    return notebook


def readme_figure():
    """Return the first figure of the ImageNet chapter: the README shows the stored one, not a copy of its own."""
    notebook = nbformat.read(ROOT / "chapters" / "06_imagenet_extrapolation.ipynb", 4)
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return next(o["data"]["image/svg+xml"] for o in outputs if "image/svg+xml" in o.get("data", {}))


def refresh(path, numbers):
    """Store one chapter with the outputs of its last execution, if that changes it; say whether it did."""
    old = path.read_text(encoding="utf-8")
    notebook = normalise(nbformat.read(execution.executed(ROOT, path), 4))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose.filled(cell.source, numbers, path.name)
    new = nbformat.writes(notebook) + "\n"
    if new != old:
        write(path, new.encode())
    return f"{'changed' if new != old else 'as it was'}: {path.relative_to(ROOT)}"


def main(paths):
    """Bring chapters up to date; return what the command says."""
    chapters = [Path(path).resolve() for path in paths] or execution.chapters(ROOT)
    try:
        execution.run(ROOT)  # all of them: one chapter quotes another's numbers
        numbers = prose.computed(ROOT)
        pages = [f"changed: {path.relative_to(ROOT)}" for path in prose.fill_pages(ROOT, numbers)]
        print(*(refresh(path, numbers) for path in chapters), *pages, sep="\n")
    except (execution.ExecutionError, prose.NumberError) as error:
        return str(error)
    write(README_FIGURE, readme_figure().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
