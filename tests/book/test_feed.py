"""The feed of changes: valid Atom, entries that say the news, the same ids whenever and wherever it is built."""

import csv
import datetime
import re
from pathlib import Path
from urllib.parse import urlparse
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from _ext.limits_site import feed

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
ATOM = "{http://www.w3.org/2005/Atom}"
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
PAGE = BeautifulSoup((HTML / "changed.html").read_text("utf-8"), "html.parser")
with (ROOT / feed.FORECASTS).open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
CHANGES = """<article><section id="v"><h2>{heading}</h2><section id="changed"><h3>Verdicts</h3>
<table><thead><tr><th>claim</th><th>evidence</th><th>new word</th><th>old word (old rule)</th><th>why</th></tr></thead>
<tbody><tr><td>the sky &lt; falls</td><td>2020</td><td>undecided</td><td>holds (a rule)</td><td>too few data</td></tr>
<tr><td>the same</td><td>2026</td><td>does not hold</td><td>holds</td><td>it stands</td></tr></tbody></table>
<ul><li><p>Facts corrected: <a class="x" href="chapters/a2_data.html">one</a>.</p></li></ul>
</section></section></article>"""


def written(entries, base=""):
    return ElementTree.fromstring(feed.atom(entries, CITATION, base))


def changes(heading="1.2.0, 2027-03-04"):
    return feed.versions(BeautifulSoup(CHANGES.format(heading=heading), "html.parser"), CITATION)


def one(element, name):
    """The text of the one child that RFC 4287 demands."""
    found = element.findall(ATOM + name)
    assert len(found) == 1, name
    return found[0].text


def test_the_sites_feed_has_what_the_standard_demands_and_leads_to_places_that_exist():
    root = ElementTree.parse(HTML / feed.FILE).getroot()
    entries = root.findall(f"{ATOM}entry")
    assert root.tag == f"{ATOM}feed" and one(root, "title") and root.find(f"{ATOM}author/{ATOM}name").text
    ids = [one(element, "id") for element in (root, *entries)]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", name) for name in ids)
    days = [datetime.datetime.fromisoformat(one(element, "updated")) for element in (root, *entries)]
    assert all(day.tzinfo for day in days) and days[0] == max(days[1:])
    assert days[1:] == sorted(days[1:], reverse=True)
    for entry in entries:
        assert one(entry, "title").strip() and entry.find(f"{ATOM}content").get("type") == "html"
        body = BeautifulSoup(one(entry, "content"), "html.parser")
        assert body.get_text(strip=True) and not body.select("[class], [style], script")
        link = urlparse(entry.find(f"{ATOM}link[@rel='alternate']").get("href"))
        target = BeautifulSoup((HTML / link.path).read_text("utf-8"), "html.parser")
        assert not link.fragment or target.find(id=link.fragment)


def test_every_changed_verdict_and_every_forecast_of_the_book_is_in_it():
    root = ElementTree.parse(HTML / feed.FILE).getroot()
    kinds = [entry.find(f"{ATOM}category").get("term") for entry in root.findall(f"{ATOM}entry")]
    rows = [
        row
        for table in PAGE.select("table")
        if "old word" in table.thead.get_text()
        for row in table.select("tbody tr")
    ]
    assert kinds.count("verdict") == len(rows) > 0
    resolved = [row for row in ROWS if row["value"]]
    assert kinds.count("forecast") == len({row["version"] for row in ROWS}) + len(resolved)
    text = " ".join("".join(root.itertext()).split())
    assert all(f"What counts: {row['rule']}" in text for row in ROWS)


def test_every_page_names_the_feed_and_one_tells_of_it():
    for path in HTML.rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for link in soup.select("link[type='application/atom+xml']"):
            assert (path.parent / link["href"]).resolve() == HTML / feed.FILE
        if soup.select_one(".left-details"):
            assert len(soup.select("head link[type='application/atom+xml'][rel=alternate]")) == 1, path
    assert PAGE.select_one(f".follow a[href='{feed.FILE}']")


def test_an_entry_says_what_it_was_what_it_is_and_why():
    first, second, fact, version = changes()
    assert first.title == "“The sky < falls”: undecided (before: holds; evidence to July 2020)"
    assert second.title == "“The sky < falls”: does not hold (before: holds; evidence to 2026)"
    body = BeautifulSoup(first.content, "html.parser").get_text(" ")
    assert all(words in body for words in ("holds (a rule)", "undecided", "too few data"))
    assert fact.content == '<ul><li><p>Facts corrected: <a href="chapters/a2_data.html">one</a>.</p></li></ul>'
    assert version.title == "Version 1.2.0: verdicts" and "<h3" not in version.content
    assert {entry.day for entry in changes()} == {datetime.date(2027, 3, 4)}


def test_ids_stay_when_a_version_is_released_and_wherever_the_site_is():
    before, after = (changes(heading) for heading in ("Unreleased (1.2.0)", "1.2.0, 2027-03-04"))
    assert {entry.day for entry in before} == {CITATION["date-released"]}
    here, there = written(before), written(after, "https://book.example/b/")
    assert [one(e, "id") for e in here.iter(f"{ATOM}entry")] == [one(e, "id") for e in there.iter(f"{ATOM}entry")]
    assert one(here, "id") == one(there, "id")
    links = [link.get("href") for link in there.iter(f"{ATOM}link")]
    assert "https://book.example/b/feed.xml" in links and all(
        link.startswith("https://book.example/b/") for link in links
    )


def test_a_resolved_forecast_is_news():
    row = ROWS[0] | {"value": "1e27", "resolved_on": "2028-01-15", "value_locator": "the table, row 3"}
    entry = feed.forecasts([row])[-1]
    assert entry.day == datetime.date(2028, 1, 15) and "1e+27" in entry.title and row["resolves_by"] in entry.title
    assert f"{float(row['q50']):.3g}" in entry.content and "the table, row 3" in entry.content


def test_what_would_be_a_wrong_feed_is_refused():
    with pytest.raises(ExtensionError, match="names no version"):
        changes("Later")
    with pytest.raises(ExtensionError, match="says twice"):
        feed.atom(changes() + changes(), CITATION)
    with pytest.raises(ExtensionError, match="empty"):
        feed.atom([], CITATION)
