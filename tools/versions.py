"""Put released versions beside the newest site: `/v0.1/` for each minor version, with a note on every older page.

The publish workflow runs `python -m tools.versions older`, where `older` holds the archives of earlier releases
with their checksums. The result, `_build/site`, is what is published.
"""

import hashlib
import re
import shutil
import sys
import tarfile
from pathlib import Path

import yaml

ARCHIVE = re.compile(r"limits-of-deep-learning-v(\d+)\.(\d+)\.(\d+)-html\.tar\.gz")
NOTE = (
    '<div class="admonition warning" role="note"><p class="admonition-title">An older version</p>'
    '<p>This page is of version {version}. <a href="{newest}">The newest version</a> may say otherwise; '
    '<a href="{changed}">what changed</a> tells why.</p></div>'
)
ARTICLE = re.compile(r"<article\b[^>]*>")
LIST = '<p class="versions">Every released version stays readable'


class VersionsError(Exception):
    """Older versions cannot be put beside the newest; says why."""


def latest(archives):
    """Return the newest archive of each minor version, newest version first.

    Parameters
    ----------
    archives : Path
        Folder of ``limits-of-deep-learning-vX.Y.Z-html.tar.gz``, each with its ``.sha256``.

    Returns
    -------
    dict
        ``(X, Y, Z)`` to path.

    Raises
    ------
    VersionsError
        If an archive has another name, or is not what its checksum says.
    """
    found = {}
    for path in sorted(archives.glob("*.tar.gz")):
        if not (named := ARCHIVE.fullmatch(path.name)):
            raise VersionsError(f"{path.name} is no archive of a release: limits-of-deep-learning-v1.2.3-html.tar.gz")
        said = path.with_name(f"{path.name}.sha256")
        if not said.is_file() or said.read_text("utf-8").split()[:1] != [hashlib.sha256(path.read_bytes()).hexdigest()]:
            raise VersionsError(f"{path.name} is not what {said.name} says: download both again")
        found[tuple(map(int, named.groups()))] = path
    minor = {version[:2]: version for version in sorted(found)}
    return {version: found[version] for version in sorted(minor.values(), reverse=True)}


def unpack(archive, folder):
    """Unpack the folder `html` of an archive as a folder of another name."""
    apart = folder.with_name(f".{folder.name}")
    with tarfile.open(archive) as packed:
        packed.extractall(apart, filter="data")
    (apart / "html").rename(folder)
    shutil.rmtree(apart)


def note(folder, version, site):
    """Say on each page of an older version that it is one, and lead to the same page of the newest."""
    for path in sorted(folder.rglob("*.html")):
        name, text = path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
        up = "../" * (name.count("/") + 1)
        newest = up + (name if (site / name).is_file() and name != "404.html" else "index.html")
        words = NOTE.format(version=".".join(map(str, version)), newest=newest, changed=f"{up}changed.html")
        if found := ARTICLE.search(text):
            noted = f"{text[: found.end()]}{words}{text[found.end() :]}"
            path.write_text(noted, encoding="utf-8", newline="\n")


def main(root, archives):
    """Compose `_build/site`.

    Returns
    -------
    list of str
        Folders of the versions, newest first; the first is this version's own.

    Raises
    ------
    VersionsError
        If an archive is wrong, one of a newer version is there, or the page of changes has no place for the list.
    """
    built, site = root / "_build" / "html", root / "_build" / "site"
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    own = tuple(map(int, str(citation["version"]).split(".")))
    older = latest(archives)
    if newer := [version for version in older if version > own]:
        raise VersionsError(f"version {newer[0]} was released before {own}: CITATION.cff names an older version")
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(built, site)
    shutil.copytree(built, site / f"v{own[0]}.{own[1]}")
    names = [f"v{own[0]}.{own[1]}"]
    for version, archive in older.items():
        if version[:2] != own[:2]:
            names.append(f"v{version[0]}.{version[1]}")
            unpack(archive, site / names[-1])
            note(site / names[-1], version, site)
            # Who follows an older version's feed hears of the newest.
            shutil.copy(site / "feed.xml", site / names[-1])
    page = site / "changed.html"
    text = page.read_text(encoding="utf-8")
    links = ", ".join(f'<a href="{name}/index.html">{name}</a>' for name in names)
    if LIST not in text:
        raise VersionsError("changed.html has no place for the list of versions: build the book with BOOK_URL")
    page.write_text(text.replace(LIST, f"{LIST}: {links}"), encoding="utf-8", newline="\n")
    return names


if __name__ == "__main__":
    try:
        print(*main(Path.cwd(), Path(sys.argv[1])), sep="\n")
    except VersionsError as error:
        sys.exit(str(error))
