"""Data and bibliography may hold anything: it is shown as text, nothing of it runs, nothing is loaded for it."""

import csv
import functools
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import nbformat.v4 as nbf
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from _ext import limits_pages
from _ext.limits_site import policy, reading, spreadsheets
from tools import pdf

pytestmark = pytest.mark.builder  # `make test-builder`

ROOT = Path(__file__).parents[2]
TABLES = sorted(ROOT.glob("data/*.csv"))
EVIL = [
    "<script>window.ran = 1; alert(1)</script>",
    '"><img src=x onerror="window.ran = 1">',
    "<a href=javascript:alert(1)>press</a>",
    "[press](javascript:alert(1)) ![see](http://127.0.0.1:9/x.png)",
    "{raw}`<b>x</b>` {cite:t}`nobody` {{ 7 * 7 }}",
    "```{raw} html <script>window.ran = 1</script>",
    "$\\href{javascript:alert(1)}{x}$ &lt;b&gt; &amp;",
    "<!--<script>",
    "]]> </textarea></title></style></script><b>bold</b>",
    "\u202eright to left\u202c",
]
FORMULAS = ["=1+1", '=HYPERLINK("http://127.0.0.1:9","x")', "+x", "-x", "@SUM(1)", "\t=1+1", " =1+1", "＝1+1"]
LINKS = ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", " javascript:alert(1)", "//127.0.0.1:9/x"]


def everything(separator=" "):
    return separator.join(EVIL)


def resource():
    fields = [{"name": name, "type": "string", "description": text, "unit": text, "constraints": {"enum": EVIL}}
              for name, text in zip([*EVIL, "source"], [*EVIL, "the source"], strict=True)]  # fmt: skip
    return {
        "name": "evil",
        "path": "evil.csv",
        "title": everything(),
        "description": everything(),
        "rows": 2,
        "bytes": 10,
        "hash": EVIL[0],
        "licenses": [{"name": EVIL[0], "path": link} for link in LINKS],
        "sources": [{"title": text, "path": link} for text in EVIL for link in LINKS] + [{"title": EVIL[1]}],
        "schema": {"fields": fields},
    }


def table():
    out = io.StringIO()
    rows = [[*EVIL, "source"], [*EVIL, "good"], [*(FORMULAS * 2)[: len(EVIL)], EVIL[0]]]
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


BIBLIOGRAPHY = """@article{good, author = {{%s}}, title = {{%s}}, journal = {{%s}}, year = {2020},
  url = {javascript:alert(1)}, note = {{%s} \\href{javascript:alert(1)}{press} \\url{javascript:alert(2)}}}
"""
CODE = """
import base64
from pathlib import Path
from IPython.display import HTML, display
drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="90pt"><rect width="9" height="9"/></svg>'
display({"image/svg+xml": drawing, "text/plain": "a drawing"}, raw=True)
data = base64.b64encode(Path("../data/evil.csv").read_bytes()).decode()
display(HTML(f'<p class="figure-data"><a download="x.csv" href="data:text/csv;base64,{data}">Data</a></p>'))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A small book of hostile tables, with the real configuration, extensions and builder."""
    root = tmp_path_factory.mktemp("hostile")
    for name in ("_config.yml", "CITATION.cff", "_ext", "assets", "tools"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
    tex = [re.sub(r"([$&#%_])", r"\\\1", text.replace("\\", "")) for text in EVIL[:4]]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    code = nbf.new_code_cell(CODE, id="code")
    notebook = nbf.new_notebook(cells=[nbf.new_markdown_cell("# A drawing", id="prose"), code], metadata=kernel)
    files = {
        "references.bib": BIBLIOGRAPHY % tuple(tex),
        "requirements.txt": "",
        "dl_limits/x.py": "",
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n- file: chapters/tables\n",
        "data/datapackage.json": json.dumps({"title": EVIL[0], "description": EVIL[7], "resources": [resource()]}),
        "data/evil.csv": table(),
        "index.md": "# Book\n\nA source: {cite:t}`good`.\n\n```{bibliography}\n```\n",
        "chapters/tables.md": "# Tables\n\n```{data-dictionary}\n```\n",
        "chapters/a.ipynb": nbf.writes(notebook),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if k != "BOOK_URL"}
    env["REPOSITORY_URL"] = 'https://github.com/some/one/tree/v1"onclick="alert(1)'
    done = subprocess.run([sys.executable, "-m", "tools.book"], cwd=root, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "_build" / "html"


def soup(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def browser():
    path = pdf.chromium()
    if not path:
        reason = "no Chromium found: install it, or set CHROMIUM to its path"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(params=["served", "folder"])
def base(request, site):
    if request.param == "folder":
        yield site.as_uri()
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


PAGES = [
    "index.html",
    "chapters/a.html",
    "chapters/tables.html",
    "search.html?q=bold",
    "search.html?q=script+window+ran",
]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("unruled", [False, True], ids=["with its rules", "without them"])
def test_nothing_runs_and_nothing_is_loaded(browser, base, name, unruled):
    """Also where a browser does not keep the page's rules: escaping alone must do."""
    seen = []
    with browser.new_context(bypass_csp=unruled) as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda m: m.type in ("error", "warning") and seen.append(m.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda r: r.url.startswith((base, "data:")) or seen.append(r.url))
        page.on("requestfailed", lambda r: seen.append(r.url))
        page.on("response", lambda r: r.status >= 400 and seen.append(r.url))
        page.goto(f"{base}/{name}", wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        if view := page.query_selector(".dl-view"):
            view.click()
            page.wait_for_selector(".dl-viewer tbody tr")
            cells = page.locator(".dl-viewer tbody tr").first.locator("td").all_text_contents()
            assert cells == [*EVIL, "good"]
        if "search" in name:
            page.wait_for_selector("#search-results li a")
        page.wait_for_timeout(200)
        assert seen == [] and page.evaluate("window.ran") is None
        assert page.locator("article b, article script, [onerror], [onclick], article iframe").count() == 0


def typed(words):
    """Return text as it was typed: quotes, dashes and blanks are set for print."""
    for printed_mark, mark in [("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'"), ("–", "--"), ("−", "-")]:
        words = words.replace(printed_mark, mark)
    return re.sub(r"\s+", " ", words)


def test_all_of_it_is_there_to_read(site):
    section = soup(site / "chapters/tables.html").find(id="evil")
    for place in (section.h2, section.p, section.select_one(".facts"), section.details):
        assert [evil for evil in EVIL if evil not in typed(place.get_text())] == []
    assert [link for link in LINKS if f"({link})" not in typed(section.select_one(".facts").get_text())] == []
    figure = {typed(td.get_text()) for td in soup(site / "chapters/a.html").select(".figure-data td")}
    assert set(EVIL) <= figure
    index = soup(site / "index.html")
    assert "window.ran = 1; alert(1)" in index.article.get_text() and "onerror=" in index.article.get_text()
    data = [json.loads(s.string) for s in index.head.select("script[type='application/ld+json']")]
    assert [entry["name"] for entry in data if entry["@type"] == "Dataset"] == [EVIL[0]]


def test_links_lead_to_the_web_or_nowhere(site):
    for path in site.rglob("*.html"):
        for link in soup(path).select("a[href]"):
            assert re.match(r"https://|#|[\w./-]+(#|$)", link["href"]), link
            assert not re.search(r"[\"'<>\s]", link["href"]), link
    page = soup(site / "chapters/a.html")
    assert {a["href"].count("v1%22onclick%3D%22alert%281%29") for a in page.select(".page-tools a[href^=https]")} == {1}


@pytest.mark.parametrize(
    "href", ["javascript:x", "JaVa\tScript:x", "\x01javascript:x", "vbscript:x", "data:text/html,x", "file:///x"]
)
def test_what_is_no_place_is_no_link(href):
    assert not policy.leads(href)
    assert "<a" not in limits_pages.link(href, "words") and "words" in limits_pages.link(href, "words")


@pytest.mark.parametrize(
    "href", ["https://example.org/a:b", "a.html#b:c", "../x.csv", "#a", "?q=a:b", "mailto:a@example.org", ""]
)
def test_places_are_links(href):
    assert policy.leads(href)


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "<b>", "", "C:evil"])
@pytest.mark.parametrize("part", ["name", "path"])
def test_a_table_cannot_write_or_read_outside(tmp_path, name, part):
    (tmp_path / "data").mkdir()
    described = {"resources": [{"name": "good", "path": "good.csv"} | {part: name}]}
    (tmp_path / "data/datapackage.json").write_text(json.dumps(described))
    with pytest.raises(limits_pages.ExtensionError, match="no name for a table"):
        limits_pages.package(tmp_path)


@pytest.mark.parametrize(
    "address", ["https://github.com/a/b;rm -rf ~", "https://github.com/a/b`x`", 'https://github.com/a"/b']
)
def test_a_repository_is_two_names_or_there_is_none(monkeypatch, address):
    from _ext.limits_site import Page

    monkeypatch.setenv("REPOSITORY_URL", address)
    page = Page(SimpleNamespace(srcdir=ROOT), "chapters/01_the_argument", "x")
    assert page.repository is None and reading.launches(page) == []


# ------------------------------------------------------------------ spreadsheets


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_for_spreadsheets_is_a_formula(cell):
    assert spreadsheets.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1", "-1.5e-3", "+2", "-.5", "-inf", "1", "a=b", "x@y", "", "–", "−5", "'x"])
def test_other_cells_stay_as_they_are(cell):
    assert spreadsheets.harmless(cell) == cell


def test_files_for_programs_stay_and_files_for_spreadsheets_are_harmless(site):
    assert (site / "data/evil.csv").read_text("utf-8") == table()
    for path in (site / "_downloads/for_spreadsheets/evil.csv", site / "_downloads/figures/x.csv"):
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))):
            for cell in row:
                assert not re.match(r"\s*[=+@＝-]", cell), cell
        assert path.read_text("utf-8-sig").count("'") == len(EVIL)  # one a formula, nothing else


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_pandas_reads_the_same_from_both(path):
    there = pd.read_csv(io.BytesIO(spreadsheets.text(path.read_text("utf-8")).encode()))
    pd.testing.assert_frame_equal(there, pd.read_csv(path))


# ------------------------------------------------------------------ what is kept from build to build


def test_damaged_drawings_are_not_published(site):
    drawings = sorted((site.parent / ".kept" / "png").iterdir())
    assert drawings
    drawings[0].write_bytes(drawings[0].read_bytes()[:-20])
    (site / "index.html").unlink()  # something to build
    env = {k: v for k, v in os.environ.items() if k != "BOOK_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tools.book"], cwd=site.parents[1], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stderr.count("was damaged and is made again") == 1
    published = (site / "_downloads/figures/x.png").read_bytes()
    assert published.startswith(b"\x89PNG") and published.endswith(b"IEND\xaeB`\x82")
