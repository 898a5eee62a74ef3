"""What the built site says of the claims, the data and the environment is what the files say."""

import csv
import hashlib
import json
import re
import zipfile
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup

from _ext import limits_pages
from _ext.limits_site.typography import printed

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
PACKAGE = json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def ledger():
    return json.loads((HTML / "claims.json").read_text("utf-8"))


def soup(page):
    return BeautifulSoup((HTML / page).read_text("utf-8"), "html.parser")


def badges(tag):
    return [badge.get_text() for badge in tag.select(".badge")]


def test_the_site_carries_a_ledger_that_keeps_to_the_schema_beside_it(ledger):
    jsonschema.validate(ledger, json.loads((HTML / "claims.schema.json").read_text("utf-8")))


def with_kind(claim):
    return f"{claim['verdict']}: {claim['kind']}" if claim["kind"] else claim["verdict"]


def early(claim):
    return {"verdict": claim["verdict_2020"], "kind": claim["evidence_2020"]["kind"]}


def words_of(claim):
    """The verdict of today, and that of July 2020 where it is another."""
    both = [with_kind(claim), with_kind(early(claim))]
    return both[: len(set(both))]


GROUPS = {"does not hold": "Wrong", "holds": "Right", "holds in part": "Right in part",
          "undecided": "Nobody can tell yet", "not testable as worded": "Cannot be tested"}  # fmt: skip


def test_index_and_verdict_page_show_the_verdicts_of_the_ledger(ledger):
    expected = {c["id"]: (words_of(c), GROUPS[c["verdict"]]) for c in ledger["claims"]}
    for page in ("index.html", "chapters/11_verdict.html"):
        found = {}
        for group in soup(page).select("table.scoreboard tbody"):
            for row in group.select("tr:not(.group)"):
                found[row.a["href"].split("#")[1]] = (badges(row), group.select_one(".group").get_text())
        assert found == expected, page


def test_the_step_that_does_not_follow_comes_first_and_each_why_is_short(ledger):
    rows = soup("index.html").select("table.scoreboard tr:not(.group) details")
    assert soup("index.html").select_one("table.scoreboard tbody a")["href"].endswith("#limit-to-diminishing")
    assert len(rows) == len(ledger["claims"])
    for row in rows:
        for aside in row.summary.select(".badge, .then"):
            aside.decompose()
        why = re.sub(r"\(leans[^)]*\)", "", row.summary.get_text()).split()
        assert 4 <= len([word for word in why if re.search(r"\w", word)]) <= 12, why
        assert {"Rule:", "Measured:"} < {b.get_text() for b in row.select("b")}


def test_each_chapter_shows_the_verdict_and_the_sentence_of_the_ledger(ledger):
    for claim in ledger["claims"]:
        page, anchor = claim["anchor"].split("#")
        box = soup(page).find(id=anchor)
        assert box is not None and "verdict" in box["class"], claim["anchor"]
        assert badges(box)[: len(words_of(claim))] == words_of(claim), claim["id"]
        shown = re.sub(r"\s", "", box.get_text())
        for reason in (claim["reason"], claim["evidence_2020"]["reason"]):
            assert re.sub(r"\s", "", printed(reason)).replace("^", "") in shown, claim["id"]


def test_each_claim_has_a_permanent_address(ledger):
    rows = soup("chapters/11_verdict.html").select("table.scoreboard tbody tr:not(.group)")
    assert {row.get("id") for row in rows} == {claim["id"] for claim in ledger["claims"]}


def test_the_index_answers_first_and_in_few_words():
    first = soup("index.html").select_one("article h1 ~ p")
    assert first.strong and 20 <= len(first.strong.get_text().split()) <= 60 and len(first.get_text().split()) <= 110


def test_ten_minutes_are_ten_minutes():
    (way,) = (li for li in soup("index.html").select("article li") if li.get_text().startswith("Read it in ten"))
    minutes = [soup(a["href"]).select_one(".page-tools span").get_text().split()[0] for a in way.select("a")]
    assert sum(map(int, minutes)) <= 10


def test_the_source_of_the_book_is_there_or_its_repository_is_named():
    link = soup("about.html").find("a", string=re.compile("source of this book|repository"))
    if "://" not in link["href"]:
        with zipfile.ZipFile(HTML / link["href"]) as archive:
            names = set(archive.namelist())
        assert {f"limits-of-deep-learning/{name}" for name in ("Makefile", "index.md", "data/claims.csv")} <= names


# ------------------------------------------------------------------ the data dictionary


@pytest.mark.parametrize("resource", PACKAGE["resources"], ids=lambda r: r["name"])
def test_every_table_is_described_and_there_to_take(resource):
    name, page = resource["name"], DICTIONARY
    section = page.find(id=name)
    text = section.get_text()
    assert resource["title"] in text and resource["hash"] in text and resource["licenses"][0]["name"] in text
    assert f"{resource['rows']:,} rows" in text
    fields = [code.get_text() for code in section.select("details tbody tr td:first-child code")]
    assert fields == [f["name"] for f in resource["schema"]["fields"]]
    file = HTML / "chapters" / section.find("a", download=True)["href"]
    assert f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" == resource["hash"]
    assert section.find(attrs={"data-table": name})  # where a script puts the viewer
    wide = HTML / "chapters" / section.find("a", string="for spreadsheets")["href"]
    assert wide.read_text("utf-8-sig") == file.read_text("utf-8")  # no cell of ours needs a mark against formulas


DICTIONARY = soup("chapters/a2_data.html") if (HTML / "chapters/a2_data.html").is_file() else None


def test_scripts_hold_the_tables():
    for resource in PACKAGE["resources"]:
        script = (HTML / "data" / f"{resource['name']}.js").read_text("utf-8")
        name, text = json.loads(f"[{script.removeprefix('dlTable(').removesuffix(');' + chr(10))}]")
        assert name == resource["name"] and text == (ROOT / "data" / resource["path"]).read_text("utf-8")


def test_rows_cite_their_sources():
    cited = limits_pages.cited(ROOT, next(r for r in PACKAGE["resources"] if r["name"] == "claims"))
    assert cited == ["limits_of_deep_learning_2020"]
    assert DICTIONARY.find(id="claims").select("a[href*='bibliography.html#']")


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ({"required": True, "minimum": 0.5}, "required; minimum 0.5"),
        ({"enum": ["a", "b"], "pattern": "^x$"}, "one of a, b"),
        ({}, ""),
    ],
)
def test_rules_in_words(constraints, words):
    assert limits_pages.rules(constraints) == words


# ------------------------------------------------------------------ the environment


def test_every_direct_dependency_has_its_locked_version_and_reason():
    rows, locked = limits_pages.packages(ROOT)
    assert len(rows) < locked
    lines = {line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    for name, version, why in rows:
        assert any(line.startswith(f"{name}=={version}") for line in lines) and why, name
    shown = soup("chapters/a3_reproduce.html").select("table.dl-table tbody tr")
    assert [tuple(td.get_text() for td in tr.select("td")) for tr in shown][-len(rows) :] == [
        tuple(map(printed, row)) for row in rows
    ]


def test_cells_are_escaped():
    assert limits_pages.row(["<b>x</b>"]) == "<tr><td>&lt;b&gt;x&lt;/b&gt;</td></tr>"
    assert limits_pages.row([limits_pages.html("<b>{}</b>", "<x>")]) == "<tr><td><b>&lt;x&gt;</b></td></tr>"
    resource = {"name": "t", "schema": {"fields": [{"name": "a", "description": "less < more", "unit": "%"}]}}
    assert "less &lt; more" in limits_pages.dictionary(resource)


def test_csv_reader_of_the_page_agrees_with_pythons(tmp_path):
    """The viewer reads what the data package writes: no carriage returns, quotes doubled."""
    for resource in PACKAGE["resources"]:
        raw = (ROOT / "data" / resource["path"]).read_bytes()
        assert b"\r" not in raw and raw.endswith(b"\n")
        assert len(list(csv.reader(raw.decode().splitlines()))) == resource["rows"] + 1
