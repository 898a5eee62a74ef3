"""The comparison of the usual book with the next Sphinx's: blind to what is Sphinx's own, to nothing else."""

import pytest

from tools.next import differences

PAGE = """<!-- Generated with Sphinx {sphinx} and Furo 1 -->
<p id="a">Text <a href="b.html">b</a></p><script src="s.js?v={mark}"></script>"""


def site(folder, sphinx, mark):
    """Write a site of one page."""
    files = {
        "a.html": PAGE.format(sphinx=sphinx, mark=mark),
        "_images/f.svg": "<svg/>",
        "_static/doctools.js": mark,
        "searchindex.js": mark,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def sites(tmp_path):
    return site(tmp_path / "usual", "7.4.7", "0123abcd"), site(tmp_path / "next", "9.0.4", "fedc9876")


def test_what_is_sphinx_own_is_no_difference(sites):
    assert list(differences(*sites)) == []


@pytest.mark.parametrize(
    ("old", "new"), [("Text", "Other"), ('id="a"', 'id="c"'), ("b.html", "c.html"), ("<p", "<div")]
)
def test_text_anchors_links_and_markup_are_compared(sites, old, new):
    page = sites[1] / "a.html"
    page.write_text(page.read_text().replace(old, new))
    found = list(differences(*sites))
    assert found[0] == "a.html: differs" and new in found[-1] and old in found[1]


def test_missing_added_and_changed_files_are_named(sites):
    (sites[1] / "_images/f.svg").write_text("<svg></svg>")
    (sites[1] / "a.html").rename(sites[1] / "b.html")
    names = ["_images/f.svg: differs", "a.html: missing in the next one", "b.html: only in the next one"]
    assert list(differences(*sites)) == names
