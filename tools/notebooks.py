"""Re-execute the chapters in place and store them in one normal form."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

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


def refresh(path):
    """Execute one chapter and write it back if that changed it."""
    old = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(old, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, record_timing=False, resources=folder).execute()
    new = nbformat.writes(normalise(nbformat.from_dict(notebook))) + "\n"
    if new != old:
        path.write_text(new, encoding="utf-8", newline="\n")
    return f"{'changed' if new != old else 'as it was'}: {path.relative_to(ROOT)}"


if __name__ == "__main__":
    chapters = [Path(p).resolve() for p in sys.argv[1:]] or sorted(ROOT.glob("chapters/*.ipynb"))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        print(*pool.map(refresh, chapters), sep="\n")
    README_FIGURE.write_text(readme_figure(), encoding="utf-8", newline="\n")
