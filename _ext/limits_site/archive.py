"""Everything that the book is made of as one zip, which says in itself what lies in it (RO-Crate).

Equal sources give equal bytes: names are sorted, times and rights are the same for all, and the description
holds no time but that of the release.
"""

import json
import subprocess
import zipfile

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.model.dataset import Dataset
from rocrate.rocrate import ROCrate

from tools.files import inputs

FILE = "_downloads/limits-of-deep-learning-source.zip"
TOP = "limits-of-deep-learning"
METADATA = "ro-crate-metadata.json"
STANDARD = "1.2"
TEXT, CODE = "https://creativecommons.org/licenses/by/4.0/", "https://opensource.org/license/mit"
FOLDERS = {  # the parts with code
    "dl_limits/": "The Python package: laws, inference, data, verdicts",
    "tools/": "What executes the chapters and builds the book",
    "_ext/": "What Sphinx needs to make the pages",
    "tests/": "The tests of all this",
}


def names(root):
    """Return the names of the book's own files, sorted: those that git keeps, or all where there is no git."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout.decode()
        found = filter(None, listed.split("\0"))
    except (OSError, subprocess.CalledProcessError):
        found = (name for name, _ in inputs(root))
    return sorted(name for name in found if (root / name).is_file())


def described(root, files):
    """Return the RO-Crate description of the zip.

    Parameters
    ----------
    root : pathlib.Path
        Of the project.
    files : list of str
        The names of all that the zip holds.

    Returns
    -------
    dict
        JSON-LD.
    """
    about = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    crate = ROCrate(gen_preview=False, version=STANDARD)
    crate.name, crate.description, crate.datePublished = about["title"], about["abstract"], about["date-released"]
    crate.keywords = about["keywords"]
    text = crate.add(ContextEntity(crate, TEXT, {"@type": "CreativeWork", "name": "CC BY 4.0: text, figures, data"}))
    code = crate.add(ContextEntity(crate, CODE, {"@type": "CreativeWork", "name": "MIT: code"}))
    crate.license = [text, code]
    crate.creator = [
        crate.add(ContextEntity(crate, f"#author-{place}", {"@type": "Organization", "name": author["name"]}))
        for place, author in enumerate(about["authors"], 1)
    ]
    crate.root_dataset["version"] = str(about["version"])
    for name in files:
        if name.startswith("chapters/") and name.endswith(".ipynb"):
            kind = {"@type": ["File", "SoftwareSourceCode"], "encodingFormat": "application/x-ipynb+json"}
            crate.add_file(dest_path=name, properties=kind | {"name": title(root / name)})["license"] = text
    for folder, words in FOLDERS.items():
        if any(name.startswith(folder) for name in files):
            crate.add(Dataset(crate, dest_path=folder, properties={"name": words}))["license"] = code
    for resource in tables(root):
        name = f"data/{resource['path']}"
        properties = {
            "name": resource["title"],
            "description": resource["description"],
            "encodingFormat": "text/csv",
            "contentSize": str(resource["bytes"]),
            "sha256": resource["hash"].removeprefix("sha256:"),
            "variableMeasured": [field["name"] for field in resource["schema"]["fields"]],
        }
        crate.add_file(dest_path=name, properties=properties)["license"] = text
    return crate.metadata.generate()


def title(notebook):
    """Return the title of a notebook: its first heading."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = (line for cell in cells if cell["cell_type"] == "markdown" for line in "".join(cell["source"]).splitlines())
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), notebook.stem)


def tables(root):
    """Return the tables of the data package, if there is one."""
    package = root / "data" / "datapackage.json"
    return json.loads(package.read_text(encoding="utf-8"))["resources"] if package.is_file() else []


def pack(root, target):
    """Write the zip.

    Parameters
    ----------
    root, target : pathlib.Path
        Of the project, and where the zip is written.
    """
    files = names(root)
    crate = json.dumps(described(root, files), indent=1, ensure_ascii=False) + "\n"
    contents = {name: root / name for name in files} | {METADATA: None}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(contents.items()):
            entry = zipfile.ZipInfo(f"{TOP}/{name}")  # of 1980: a zip knows no earlier time
            runs = path is not None and path.stat().st_mode & 0o100
            entry.create_system, entry.external_attr = 3, (0o100755 if runs else 0o100644) << 16
            archive.writestr(entry, path.read_bytes() if path else crate.encode(), zipfile.ZIP_DEFLATED)
