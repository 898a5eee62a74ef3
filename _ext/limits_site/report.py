"""Report a fault, at the foot of each page: a letter or an issue that is begun, or what to write down."""

import os
import re
from urllib.parse import quote

from sphinx.errors import ExtensionError

from . import sharing

SENTENCE = "Sentence or number: "  # `book.js` knows it: there it fills in what the reader selected
ADDRESS = re.compile(r"mailto:[\w.+-]+@[\w.-]+|https://[^\s\"'<>]+")


def address(page):
    """Return where faults go: REPORT_URL, `report_url` of _config.yml, or the repository's issues; empty if none.

    Raises
    ------
    ExtensionError
        If it is neither a mail address nor a web address.
    """
    given = os.environ.get("REPORT_URL") or page.app.config.report_url
    if given and not ADDRESS.fullmatch(given):
        raise ExtensionError(f"REPORT_URL or report_url: {given!r} is neither mailto:name@host nor https://…")
    return given or (f"https://github.com/{page.repository[0]}/issues/new" if page.repository else "")


def lines(page):
    """Return what a report holds, begun."""
    return "\n".join([
        f"Page: {page.title} ({page.name}.html)",
        f"Version: {page.citation['version']}",
        SENTENCE,
        "What is wrong, and which source says so: ",
    ])  # fmt: skip


def begun(place, page):
    """Return the address with subject and text filled in; other trackers than GitHub's take none."""
    subject, body = quote(f"Fault: {page.title}", safe=""), quote(lines(page), safe="")
    if place.startswith("mailto:"):
        return f"{place}?subject={subject}&body={body}"
    issue = re.fullmatch(r"https://github\.com/.+/issues/new", place)
    return f"{place}?title={subject}&body={body}" if issue else place


def finish(soup, page):
    """Add it to the foot of a page."""
    foot = soup.select_one(".left-details")
    if not foot or page.name in sharing.NO_PAGES:
        return
    line = soup.new_tag("div")
    if place := address(page):
        link = soup.new_tag("a", href=begun(place, page), attrs={"class": "report"})
        link.string = "Report a fault on this page"
        line.append(link)
    else:
        fold, summary = soup.new_tag("details", attrs={"class": "report"}), soup.new_tag("summary")
        summary.string = "Report a fault on this page"
        how, note = soup.new_tag("p"), soup.new_tag("pre")
        how.string = (
            "This copy names no address for reports: fill in these lines, and give them to whoever gave it to you."
        )
        note.string = lines(page)
        fold.extend([summary, how, note])
        line.append(fold)
    foot.append(line)


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("report_url", "", "html", str)
