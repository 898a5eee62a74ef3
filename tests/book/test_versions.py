"""Released versions beside the newest: each where it belongs, with a note that leads on, and nothing else touched."""

import hashlib
import tarfile

import pytest
from bs4 import BeautifulSoup

from tools import versions

PAGE = '<html><head></head><body><article role="main"><h1>{}</h1></article></body></html>'


@pytest.fixture
def root(tmp_path):
    """A built site of version 0.3.1."""
    html = tmp_path / "_build" / "html"
    for name in ("index.html", "changed.html", "chapters/a.html"):
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / name).write_text(PAGE.format(f"new {name}"))
    (html / "changed.html").write_text(PAGE.format("x").replace("<h1>", f"{versions.LIST}.</p><h1>"))
    (html / "feed.xml").write_text("new feed")
    (tmp_path / "CITATION.cff").write_text("version: 0.3.1\n")
    (tmp_path / "older").mkdir()
    return tmp_path


def release(root, version, pages=("index.html", "chapters/a.html", "chapters/gone.html", "404.html")):
    """Keep an archive of an earlier version with its checksum, as the workflow does."""
    html = root / "then" / version / "html"
    for name in pages:
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / name).write_text(PAGE.format(f"{version} {name}"))
    (html / "feed.xml").write_text("old feed")
    path = root / "older" / f"limits-of-deep-learning-v{version}-html.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(html, "html")
    path.with_name(f"{path.name}.sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    return path


def test_each_minor_version_stays_in_its_last_form(root):
    for version in ("0.1.0", "0.2.0", "0.2.10", "0.2.9", "0.3.0"):
        release(root, version)
    assert versions.main(root, root / "older") == ["v0.3", "v0.2", "v0.1"]
    site = root / "_build" / "site"
    for name in ("index.html", "chapters/a.html"):  # the newest stands twice, as it was built
        built = (root / "_build/html" / name).read_bytes()
        assert (site / name).read_bytes() == (site / "v0.3" / name).read_bytes() == built
    assert "0.2.10 chapters/a.html" in (site / "v0.2/chapters/a.html").read_text()
    changed = BeautifulSoup((site / "changed.html").read_text(), "html.parser")
    links = [link["href"] for link in changed.select(".versions a")]
    assert links == ["v0.3/index.html", "v0.2/index.html", "v0.1/index.html"]
    assert all((site / link).is_file() for link in links)
    assert not list(site.glob(".*"))


def test_each_older_page_says_so_and_leads_to_its_newest_form(root):
    release(root, "0.1.0")
    versions.main(root, root / "older")
    site = root / "_build" / "site"
    expected = {
        "index.html": "index.html",
        "chapters/a.html": "chapters/a.html",
        "chapters/gone.html": "index.html",
        "404.html": "index.html",
    }
    for name, newest in expected.items():
        path = site / "v0.1" / name
        soup = BeautifulSoup(path.read_text(), "html.parser")
        note = soup.article.find(True, recursive=False)
        assert "version 0.1.0" in note.get_text() and not note.select("[style]")
        targets = [(path.parent / link["href"]).resolve() for link in note.select("a")]
        assert targets == [site / newest, site / "changed.html"]
        assert soup.h1.get_text() == f"0.1.0 {name}"
    assert (site / "v0.1/feed.xml").read_text() == "new feed"  # who followed an old address hears of the newest
    assert "older version" not in (site / "chapters/a.html").read_text()


def test_what_is_wrong_is_not_published(root):
    path = release(root, "0.2.0")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(versions.VersionsError, match="not what"):
        versions.main(root, root / "older")
    path.unlink()
    release(root, "0.4.0")
    with pytest.raises(versions.VersionsError, match="CITATION"):
        versions.main(root, root / "older")
    (root / "older" / "limits-of-deep-learning-v0.4.0-html.tar.gz").unlink()
    (root / "older" / "site.tar.gz").write_bytes(b"")
    with pytest.raises(versions.VersionsError, match="no archive"):
        versions.main(root, root / "older")
    (root / "older" / "site.tar.gz").unlink()
    (root / "_build/html/changed.html").write_text(PAGE.format("x"))
    with pytest.raises(versions.VersionsError, match="BOOK_URL"):
        versions.main(root, root / "older")


def test_an_archive_cannot_write_elsewhere(root):
    path = release(root, "0.2.0")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(root / "CITATION.cff", "../../outside")
    path.with_name(f"{path.name}.sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(tarfile.TarError):
        versions.main(root, root / "older")
    assert not (root / "outside").exists() and not (root / "_build" / "outside").exists()
