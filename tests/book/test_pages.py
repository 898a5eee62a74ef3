"""What the built site says of the claims, the data and the environment is what the files say."""

import csv
import hashlib
import json
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


def test_index_and_verdict_page_show_the_verdicts_of_the_ledger(ledger):
    expected = {c["id"]: [c["verdict_2020"], with_kind(c)] for c in ledger["claims"]}
    for page in ("index.html", "chapters/11_verdict.html"):
        rows = soup(page).select("table.scoreboard tbody tr")
        assert {row.a["href"].split("#")[1]: badges(row) for row in rows} == expected, page


def test_each_chapter_shows_the_verdict_and_the_sentence_of_the_ledger(ledger):
    for claim in ledger["claims"]:
        page, anchor = claim["anchor"].split("#")
        box = soup(page).find(id=anchor)
        assert box is not None and "verdict" in box["class"], claim["anchor"]
        early = {"verdict": claim["verdict_2020"], "kind": claim["evidence_2020"]["kind"]}
        assert badges(box)[:2] == [with_kind(early), with_kind(claim)], claim["id"]
        shown = box.get_text().replace(" ", "")
        for reason in (claim["reason"], claim["evidence_2020"]["reason"]):
            assert printed(reason).replace(" ", "").replace("^", "") in shown, claim["id"]


def test_each_claim_has_a_permanent_address(ledger):
    ids = {row.get("id") for row in soup("chapters/11_verdict.html").select("table.scoreboard tbody tr")}
    assert ids == {claim["id"] for claim in ledger["claims"]}


def test_the_index_answers_in_few_words():
    answer = next(p for p in soup("index.html").select("article p") if p.get_text().startswith("The short answer"))
    assert len(answer.get_text().split()) <= 150


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
