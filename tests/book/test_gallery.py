"""Each figure has its page, its bare version and its place in the gallery; the whole book is one zip."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pybtex.database import parse_string
from rocrate.rocrate import ROCrate

from _ext.limits_site import archive, citing, gallery, units
from _ext.limits_site.typography import printed
from tools.files import NOT_INPUT

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
ABOUT = archive.yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))


def soup(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def shown():
    """The figures of all chapters by name: page, table, picture, number."""
    found = {}
    for path in sorted(HTML.glob("chapters/*.html")):
        for files in soup(path).select("p.figure-files"):
            name = files.select_one("a[download$='.csv']")["download"].removesuffix(".csv")
            own = files.select("a:not([download])")
            number = files.find_previous("figure").select_one(".figure-number")
            found[name] = {
                "page": path.name,
                "table": files.find_previous("table").get_text(),
                "picture": files.find_previous("img")["src"],
                "number": number.get_text() if number else "",
                "own": own[0]["href"],
            }
    return found


@pytest.fixture(scope="module")
def own(shown):
    """The pages of figures, by name."""
    return {name: soup(HTML / "figures" / f"{name}.html") for name in shown}


def test_each_figure_has_one_page_one_bare_version_and_one_place_in_the_gallery(shown):
    assert len(shown) >= 60
    names = sorted(shown)
    assert names == sorted(p.stem for p in HTML.glob("figures/*.html") if p.stem != "index")
    assert names == sorted(p.stem for p in HTML.glob("figures/embed/*.html"))
    listed = soup(HTML / "figures/index.html").select(".gallery a[href]:has(img)")
    assert names == sorted(a["href"].removesuffix(".html") for a in listed)
    assert all(shown[name]["own"] == f"../figures/{name}.html" for name in names)
    assert soup(HTML / "index.html").select_one(".sidebar-tree a[href='figures/index.html']")


def test_a_figure_is_on_its_own_page_what_it_is_in_its_chapter(shown, own):
    for name, page in own.items():
        assert page.find("table").get_text() == shown[name]["table"], name
        assert page.select_one("#own-figure img")["src"] == shown[name]["picture"], name
        assert page.picture.source["srcset"] == f"../_images/{name}-narrow.svg"
        assert page.h1.get_text().startswith(shown[name]["number"]) and page.figcaption.get_text(), name
        for kind in ("csv", "svg", "png"):
            assert page.select_one(f"a[download='{name}.{kind}']")["href"] == f"../_downloads/figures/{name}.{kind}"
        assert page.select_one(f".figure-source a[href='../chapters/{shown[name]['page']}#figure-{name}']"), name
        assert any(f'"{name}"' in code.get_text() for code in page.select(".highlight pre")), name


def test_the_table_shown_is_the_file_to_take(own):
    for name, page in own.items():
        rows = list(csv.reader(io.StringIO((HTML / f"_downloads/figures/{name}.csv").read_text("utf-8-sig"))))
        body = [[td.get_text() for td in tr.select("td")] for tr in page.select(".figure-data tbody tr")]
        assert len(body) == len(rows) - 1, name
        assert body == [[printed(cell) for cell in row] for row in rows[1:]], name


def test_how_to_cite_parses_and_names_version_and_date(own):
    keys = set()
    for name, page in own.items():
        (entry,) = parse_string(page.select("pre")[0].get_text(), "bibtex").entries.values()
        assert entry.key == f"limits_figure_{name}" and entry.fields["version"] == str(ABOUT["version"])
        assert entry.fields["date"] == str(ABOUT["date-released"]) and entry.persons["author"]
        assert name in entry.fields.get("url", entry.fields.get("note", "")).replace("\\_", "_")
        keys.add(entry.key)
    assert len(keys) == len(own)


def test_each_table_says_how_to_cite_it():
    page = soup(HTML / "chapters/a2_data.html")
    package = json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        pre = page.find(id=resource["name"]).select_one("details.cite pre")
        (entry,) = parse_string(pre.get_text(), "bibtex").entries.values()
        assert entry.key == f"limits_table_{resource['name']}"
        assert resource["name"] in entry.fields["title"].replace("\\_", "_")


def test_a_bare_version_needs_nothing_but_itself(shown):
    for name in shown:
        text = (HTML / f"figures/embed/{name}.html").read_text("utf-8")
        page = BeautifulSoup(text, "html.parser")
        loads = [tag.get("src") or tag.get("srcset") or tag.get("href") for tag in page.select("[src], [srcset], link")]
        assert len(loads) == 2 and all(address.startswith("data:image/svg+xml;base64,") for address in loads), name
        assert not page.select("script, iframe, [style]") and page.img["alt"] and page.title.get_text()
        rules = page.select_one("meta[http-equiv]")["content"]
        assert re.fullmatch(r"default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+'", rules)
        assert ABOUT["title"] in page.p.get_text()


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("top1_error_pct", "%"),
        ("training_flop", "FLOP"),
        ("co2_t", "tonnes of CO₂"),
        ("loss_nats_97_params", "nats"),  # of the network with 97 parameters
        ("times_tokens", None),  # a ratio
        ("log10_usd", "log₁₀ of US dollars"),
        ("log10_low", None),
        ("size", None),  # one thing in a table, another behind a figure
        ("model", None),
    ],
)
def test_units_of_columns(column, unit):
    assert units.of(f"{column}\n1\n", ROOT).get(column) == unit


def test_only_powers_of_ten_are_named_so(own):
    """A sentence beside the figure says it of the values, and none is as large as a year."""
    for name, page in own.items():
        head, *rows = csv.reader(io.StringIO((HTML / f"_downloads/figures/{name}.csv").read_text("utf-8-sig")))
        columns = [place for place, column in enumerate(head) if column.startswith("log10_")]
        if columns:
            assert re.search(r"powers? of ten|10\^|times more", page.select_one("#own-figure img")["alt"]), name
            assert all(abs(float(row[k])) < 1000 for row in rows for k in columns if row[k] not in ("", "inf", "-inf"))


def test_units_of_the_data_package_are_taken():
    assert units.of("hits_of_first\n1\n", ROOT) == {"hits_of_first": "data sets"}


@pytest.mark.parametrize("text", ["18–20 % of $5 & more", "a_b {c} #1 ^2 ~ \\"])
def test_what_latex_would_take_for_a_command_is_escaped(text):
    escaped = citing.escape(text)
    assert not re.search(r"(?<!\\)[%$&#_]", escaped)
    parse_string(citing.entry("misc", "x", {"title": escaped}), "bibtex")


@pytest.mark.parametrize(
    ("alt", "title"),
    [
        ("Error against compute. Of 31 networks, 27", "Error against compute"),
        ("Doubling times: 3.4 months", "Doubling times"),
        ("One sentence only.", "One sentence only"),
    ],
)
def test_the_first_words_name_a_figure(alt, title):
    assert gallery.Figure("n", "p", "t", "", alt, "", "", "", "").title == title


# ------------------------------------------------------------------ the whole book as one file


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    target = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(HTML / archive.FILE) as whole:
        assert whole.testzip() is None
        whole.extractall(target)
    return target / archive.TOP


def test_the_zip_holds_every_committed_file(unpacked, tmp_path):
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here: nothing is committed")
    committed = {*filter(None, listed.split("\0"))}
    held = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    # A book is not built again for a new test: in the zip of an older build that alone may be missing.
    assert {name.split("/")[0] for name in committed ^ held} <= {archive.METADATA, *NOT_INPUT}
    archive.pack(ROOT, tmp_path / "new.zip")
    with zipfile.ZipFile(tmp_path / "new.zip") as new:
        assert {*new.namelist()} == {f"{archive.TOP}/{name}" for name in (*committed, archive.METADATA)}


def test_the_zip_says_what_lies_in_it_as_the_standard_asks(unpacked):
    crate = ROCrate(unpacked)  # refuses what is no RO-Crate
    root = crate.root_dataset
    # What RO-Crate 1.2 demands of the root: name, description, date, licence; of each file that it is there.
    assert (
        crate.name == ABOUT["title"] and crate.description and str(ABOUT["date-released"]) in str(root["datePublished"])
    )
    assert root["license"] and root["version"] == str(ABOUT["version"])
    graph = json.loads((unpacked / archive.METADATA).read_text("utf-8"))["@graph"]
    ids = [entity["@id"] for entity in graph]
    assert len(ids) == len(set(ids)) and not re.search(r"uuid", json.dumps(graph))
    parts = [entity.id for entity in crate.data_entities]
    assert {f"chapters/{p.name}" for p in ROOT.glob("chapters/*.ipynb")} | {
        f"data/{p.name}" for p in ROOT.glob("data/*.csv")
    } < set(parts)
    for entity in crate.data_entities:
        assert (unpacked / entity.id).exists() and entity["name"] and entity["license"], entity.id
    for entity in graph:  # each reference leads to an entity
        for value in entity.values():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict) and not one["@id"].startswith("https://w3id.org/"):
                    assert one["@id"] in ids, one


def test_equal_sources_give_equal_bytes_whenever_and_by_whom_they_are_packed(tmp_path):
    sources = []
    for number, mode in enumerate((0o644, 0o664)):
        root = tmp_path / f"copy {number}"
        (root / "chapters").mkdir(parents=True)
        shutil.copy(ROOT / "CITATION.cff", root)
        (root / "chapters/one.ipynb").write_text('{"cells": []}')
        (root / "chapters/one.ipynb").chmod(mode)
        archive.pack(root, tmp_path / f"{number}.zip")
        sources.append((tmp_path / f"{number}.zip").read_bytes())
    assert sources[0] == sources[1]
