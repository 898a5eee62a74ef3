"""The Atom feed of what changed: verdicts, facts, forecasts and versions, from the page "what changed" and a table.

No clock is read. A version has the date of its heading in CHANGELOG.md, one not yet released that of CITATION.cff,
a forecast its month. An entry keeps its id as long as the version, heading or claim that it is about keep their names.
"""

import csv
import datetime
import re
import textwrap
import uuid
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from urllib.parse import urljoin

import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from feedgenerator import Atom1Feed
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

FILE, PAGE, FORECASTS = "feed.xml", "changed", "data/open_forecasts.csv"
TITLE = "The Limits of Deep Learning: what changed"
HEADING = re.compile(r"(?:Unreleased \((\d+\.\d+\.\d+)\)|(\d+\.\d+\.\d+), (\d{4}-\d\d-\d\d))")
COLUMNS = ["claim", "evidence", "new word", "old word (old rule)", "why"]  # of a table of changed verdicts
FACTS = ("New evidence", "Facts corrected")  # how such a line of CHANGELOG.md begins


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes
    ----------
    key : str
        What its id is made of: equal keys are one entry to a feed reader.
    kind : str
        ``'verdict'``, ``'fact'``, ``'forecast'`` or ``'version'``.
    title, content : str
        Plain text, and HTML.
    day : datetime.date
    place : str
        Page of the site, with anchor.
    """

    key: str
    kind: str
    title: str
    content: str
    day: datetime.date
    place: str


def identifier(key):
    """Return the same address for the same key, whatever the site's address is."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"limits-of-deep-learning/{key}").urn


def bare(tags):
    """Return elements as HTML that needs no style sheet: no heading, wrapper or attribute but addresses."""
    soup = BeautifulSoup("".join(map(str, tags)), "html.parser")
    for tag in soup.select("h2, h3, .headerlink"):
        tag.decompose()
    for tag in soup.find_all(True):
        if tag.name in ("div", "span", "section", "colgroup"):
            tag.unwrap()
        else:
            tag.attrs = {name: value for name, value in tag.attrs.items() if name == "href"}
    return str(soup).strip()


def text(tag):
    """Return the words of an element."""
    return re.sub(r"\s+", " ", tag.get_text()).replace("\N{NO-BREAK SPACE}", " ").strip()


def heading(section):
    """Return the words of a section's heading."""
    found = BeautifulSoup(str(section.find(["h2", "h3"], recursive=False)), "html.parser")
    for mark in found.select(".headerlink"):
        mark.decompose()
    return text(found)


def verdicts(section, version, **common):
    """Yield an entry for each row of a table of changed verdicts."""
    for table in section.select("table"):
        if [text(cell) for cell in table.select("thead th")] != COLUMNS:
            continue
        claim = ""
        for row in table.select("tbody tr"):
            cells = [text(cell) for cell in row.select("td")]
            claim = claim if cells[0] == "the same" else cells[0]
            evidence, new, old, why = cells[1:]
            when = {"both": "July 2020, and 2026", "2020": "July 2020"}.get(evidence, evidence)
            before = "new" if old == "no row" else f"before: {old.split(' (')[0]}"
            title = f"“{claim[0].upper()}{claim[1:]}”: {new} ({before}; evidence to {when})"
            lines = [("Old word", old), ("New word", new), ("Why", why)]
            body = BeautifulSoup("", "html.parser")
            for name, words in lines:
                paragraph = body.new_tag("p")
                paragraph.string = f"{name}: {words}"
                body.append(paragraph)
            yield Entry(f"{version}/verdict/{claim}/{evidence}", "verdict", title, str(body), **common)


def facts(section, version, **common):
    """Yield an entry for each line of a section that tells of facts."""
    for item in section.select("li"):
        for start in FACTS:
            if text(item).startswith(start):
                title = textwrap.shorten(text(item), 110, placeholder=" …")
                yield Entry(f"{version}/fact/{start}", "fact", title, f"<ul>{bare([item])}</ul>", **common)


def versions(page, citation):
    """Return the entries of the page "what changed".

    Parameters
    ----------
    page : bs4.BeautifulSoup
    citation : dict
        Contents of CITATION.cff.

    Raises
    ------
    ExtensionError
        If a heading of CHANGELOG.md names no version.
    """
    found = []
    for section in page.select("article section:has(> h2)"):
        if not (said := HEADING.fullmatch(heading(section))):
            form = "'## 1.2.3, 2026-12-31' or '## Unreleased (1.2.3)'"
            raise ExtensionError(f"CHANGELOG.md: the heading {heading(section)!r} names no version: write {form}")
        version = said[1] or said[2]
        day = datetime.date.fromisoformat(said[3]) if said[3] else citation["date-released"]
        parts = section.find_all("section", recursive=False)
        for part in parts:
            common = {"day": day, "place": f"{PAGE}.html#{part['id']}"}
            found += [*verdicts(part, version, **common), *facts(part, version, **common)]
        for part in parts:
            words = heading(part)
            title = f"Version {version}: {words[0].lower()}{words[1:]}"
            place = f"{PAGE}.html#{part['id']}"
            found.append(Entry(f"{version}/{words}", "version", title, bare(part.contents), day, place))
    return found


def forecasts(rows):
    """Return the entries of the table of open forecasts: one a version, and one for each that is resolved.

    Parameters
    ----------
    rows : list of dict of str
        As the file has them.
    """

    def expected(row):
        middle, low, high = (f"{float(row[name]):.3g}" for name in ("q50", "q05", "q95"))
        return f"{middle} {row['unit']}, nine times in ten between {low} and {high}"

    found, place = [], "chapters/forecasts.html"
    for version in sorted({row["version"] for row in rows}, key=int, reverse=True):
        made = [row for row in rows if row["version"] == version]
        body = BeautifulSoup("<ul></ul>", "html.parser")
        for row in made:
            item = body.new_tag("li")
            item.string = f"By {row['resolves_by']}: {expected(row)}. What counts: {row['rule']}"
            body.ul.append(item)
        years = sorted({row["resolves_by"][:4] for row in made})
        title = f"{len(made)} forecasts for {', '.join(years)} (set {version})"
        day = datetime.date.fromisoformat(f"{made[0]['made_on']}-01")
        found.append(Entry(f"forecasts/{version}", "forecast", title, str(body), day, place))
    for row in rows:
        if row["value"]:
            what = row["rule"].split(";")[0].rstrip(".")
            title = f"Forecast resolved: {what}, by {row['resolves_by']}: {float(row['value']):.3g} {row['unit']}"
            body = BeautifulSoup("<p></p>", "html.parser")
            body.p.string = f"Expected in {row['made_on']}: {expected(row)}. Where it stands: {row['value_locator']}."
            day = datetime.date.fromisoformat(f"{row['resolved_on']}-01"[:10])
            found.append(Entry(f"resolved/{row['forecast_id']}", "forecast", title, str(body), day, place))
    return found


def atom(entries, citation, base=""):
    """Return the feed as text, newest entries first.

    Parameters
    ----------
    entries : iterable of Entry
    citation : dict
        Contents of CITATION.cff.
    base : str
        Address of the site; without it links lead on from where the feed lies.

    Raises
    ------
    ExtensionError
        If two entries are about the same, or there is none.
    """
    entries = sorted(entries, key=lambda entry: entry.day, reverse=True)
    keys = [entry.key for entry in entries]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ExtensionError(f"CHANGELOG.md or {FORECASTS} says twice: {', '.join(twice)}")
    if not entries:
        raise ExtensionError("CHANGELOG.md: no section '### …' below a version: the feed would be empty")
    feed = Atom1Feed(
        title=TITLE,
        link=urljoin(base, f"{PAGE}.html"),
        description="Changed verdicts, facts and forecasts, and what is new in each version.",
        language="en",
        author_name=" and ".join(author["name"] for author in citation["authors"]),
        feed_url=urljoin(base, FILE) if base else None,
        feed_guid=identifier("feed"),
        feed_copyright="CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    )
    for entry in entries:
        day = datetime.datetime.combine(entry.day, datetime.time(), datetime.UTC)
        feed.add_item(
            title=entry.title,
            link=urljoin(base, entry.place),
            description=None,
            content=entry.content,
            pubdate=day,
            unique_id=identifier(entry.key),
            categories=[entry.kind],
        )
    out = StringIO()
    feed.write(out, "utf-8")
    return out.getvalue() + "\n"


def finish(soup, page):
    """Name the feed in the head: of kept older versions too, a published site's pages lead to the newest."""
    if PAGE in page.app.env.found_docs:
        base = page.app.config.html_baseurl
        address = urljoin(base, FILE) if base else page.up + FILE
        link = soup.new_tag("link", href=address, rel="alternate", type="application/atom+xml", title=TITLE)
        soup.head.append(link)


def publish(app, error):
    """Write the feed."""
    root, out = Path(app.srcdir), Path(app.outdir)
    if error or app.builder.name != "html" or PAGE not in app.env.found_docs:
        return
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    page = BeautifulSoup((out / f"{PAGE}.html").read_text(encoding="utf-8"), "html.parser")
    with (root / FORECASTS).open(encoding="utf-8", newline="") as file:
        entries = forecasts(list(csv.DictReader(file))) + versions(page, citation)
    (out / FILE).write_text(atom(entries, citation, app.config.html_baseurl), encoding="utf-8", newline="\n")


class Follow(SphinxDirective):
    """``{follow}``: how to hear of changes, and where released versions stand."""

    def run(self):
        """Return paragraphs."""
        said = (
            f'<p class="follow"><a href="{FILE}" type="application/atom+xml">Follow the changes</a> in a feed reader: '
            "each changed verdict, corrected fact and resolved forecast is an entry that says what it was and why.</p>"
        )
        if self.config.html_baseurl:  # `tools.versions` adds the links
            said += '<p class="versions">Every released version stays readable.</p>'
        return [nodes.raw("", said, format="html")]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("follow", Follow)
    app.connect("build-finished", publish)
