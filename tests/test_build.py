"""The built site: nothing missing, broken, unresolved, foreign or revealing; never stale."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag

import nbformat.v4 as nbf
import pytest
import resvg_py
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token

from _ext.limits_site import accessible, light, mathml, paper, typography
from tools import pdf

ROOT = Path(__file__).parent.parent
HTML = ROOT / "_build" / "html"
PAGES = {p: BeautifulSoup(p.read_text("utf-8"), "html.parser") for p in sorted(HTML.rglob("*.html"))}


def test_every_toc_page_exists():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    names = [toc["root"], *re.findall(r"'file': '([^']+)'", repr(toc))]
    assert len(names) > 1
    assert [n for n in names if not (HTML / n).with_suffix(".html").is_file()] == []


def test_every_chapter_is_in_the_toc():
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    assert [p.name for p in ROOT.glob("chapters/*.*") if f"chapters/{p.stem}" not in toc] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_lead_somewhere(page):
    if PAGES[page].find("base"):  # the 404 page of a published site: it must not depend on where it is shown
        return
    for tag in PAGES[page].select("[href], [src]"):
        address, anchor = urldefrag(unquote(tag.get("href") or tag.get("src")))
        if re.match(r"[a-z]+:|//", address):
            described = tag.name == "link" and tag["rel"] == ["canonical"]
            assert tag.name == "a" or described or address.startswith("data:"), f"loads from elsewhere: {tag}"
            continue
        target = (page.parent / address.split("?")[0]).resolve() if address else page
        assert target.is_relative_to(HTML) and target.is_file(), f"broken: {tag}"
        if anchor and target in PAGES:
            assert PAGES[target].find(id=anchor) or anchor == "#", f"no such anchor: {tag}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_nothing_is_unresolved(page):
    soup = BeautifulSoup(str(PAGES[page].select_one("article")), "html.parser")
    assert not soup.select(".problematic, .system-message, .missing")
    for code in soup.select("pre, code"):
        code.decompose()
    assert not re.search(r"\?\?|\{(glue|cite|ref|eq|numref|doc)\b|\[\?\]|\bnan\b", soup.get_text())
    assert all(image.get("alt") for image in PAGES[page].select("article img"))


def test_nothing_comes_from_elsewhere_and_nothing_tells_of_this_machine():
    private = re.compile(rf"{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}/|/(home|Users)/\w+/")
    for path in HTML.rglob("*"):
        if path.suffix in {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".csv", ".ipynb"}:
            text = path.read_text("utf-8")
            assert not private.search(text), path
            assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import\s", text), path


# The rest builds a tiny book several times, with the real configuration, extension and builder.


def notebook(code, prose):
    cells = [nbf.new_markdown_cell(prose, id="prose"), nbf.new_code_cell(code, id="code")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbf.writes(nbf.new_notebook(cells=cells, metadata=kernel))


CODE = """
import os
from myst_nb import glue
open(os.environ["RUNS"], "a").write("x")
glue("a-value", FACTOR * float(open("../data/value.txt").read()), display=False)
"""
PROSE = "# A\n\nhere {glue:text}`a-value:.1f`"
INDEX = "# Book\n\nthere {glue:text}`chapters/a.ipynb::a-value:.1f`\n"


class Book:
    """A one-chapter book whose every execution leaves a mark."""

    def __init__(self, root):
        self.root, self.runs_file = root, root.parent / "runs"
        for name in ("_config.yml", "CITATION.cff", "_ext", "assets", "tools"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / name)
        for name in ("references.bib", "requirements.txt", "dl_limits/x.py"):
            self.write(name, "")
        self.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n")
        self.write("data/value.txt", "1")
        self.write("index.md", INDEX)
        self.chapter("1")

    def write(self, name, text):
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def chapter(self, factor):
        self.write("chapters/a.ipynb", notebook(CODE.replace("FACTOR", factor), PROSE))

    def build(self, **variables):
        env = {k: v for k, v in os.environ.items() if k not in ("BOOK_URL", "REPOSITORY_URL")}
        env |= {"RUNS": str(self.runs_file)} | variables
        done = subprocess.run([sys.executable, "tools/book.py"], cwd=self.root, env=env, capture_output=True, text=True)
        print(done.stdout, done.stderr)  # pytest shows it where a build fails that should not
        return done.returncode

    def shown(self):
        pages = [self.root / "_build/html" / p for p in ("index.html", "chapters/a.html")]
        return [re.search(r">t?here\s*(?:<[^>]*>)+([\d.]+)<", p.read_text("utf-8"))[1] for p in pages]

    @property
    def runs(self):
        return len(self.runs_file.read_text())


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book").mkdir()
    return Book(tmp_path / "book")


def test_a_change_executes_again_and_a_revert_does_not(book):
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"] and book.runs == 1
    book.write("data/value.txt", "2")
    assert book.build() == 0 and book.shown() == ["2.0", "2.0"] and book.runs == 2
    book.write("data/value.txt", "1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"] and book.runs == 2
    for name in ("dl_limits/x.py", "requirements.txt"):
        book.write(name, "# changed")
        assert book.build() == 0
    assert book.runs == 4


def test_an_edited_chapter_changes_its_number_on_other_pages_too(book):
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]
    book.chapter("3")
    assert book.build() == 0 and book.shown() == ["3.0", "3.0"]


@pytest.mark.parametrize("math", [r"\nosuch", r"\tfrac12", r"\hat{b}_1", r"{\hat b}_1", r"\underbrace{x}_y"])
def test_math_that_cannot_be_set_right_is_refused(math, caplog):
    node = nodes.math(math, math)
    translator = SimpleNamespace(encode=str)
    mathml.mathml(translator, node, block=False)
    assert "math" in caplog.text


def test_math_becomes_mathml(caplog):
    node = nodes.math("", r"\hat\beta^2 = \hat{b_1} \times 10^{4}")
    assert mathml.mathml(None, node, block=True).count("<mover") == 2
    assert not caplog.text


def test_mending_twice_changes_nothing():
    for page in PAGES:
        soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
        accessible.finish(soup)
        once = str(soup)
        accessible.finish(soup)
        assert str(soup) == once


def test_a_failed_build_fails_again(book):
    book.write("index.md", INDEX.replace("a-value", "renamed"))
    assert book.build() and book.build()
    book.write("index.md", INDEX)
    book.chapter("1 / 0 *")
    assert book.build() and book.build()
    book.chapter("1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]


def test_a_known_address_gives_cards_site_map_and_launch_buttons(book):
    home = "https://someone.github.io/limits"
    assert book.build(BOOK_URL=home, REPOSITORY_URL="https://github.com/someone/limits/tree/v1.0") == 0
    html = book.root / "_build" / "html"
    page = BeautifulSoup((html / "chapters/a.html").read_text("utf-8"), "html.parser")
    assert page.select_one("link[rel=canonical]")["href"] == f"{home}/chapters/a.html"
    card = page.select_one("meta[property='og:image']")["content"].removeprefix(f"{home}/")
    assert (html / card).read_bytes().startswith(b"\x89PNG")
    assert f"<loc>{home}/chapters/a.html</loc>" in (html / "sitemap.xml").read_text("utf-8")
    assert f"Sitemap: {home}/sitemap.xml" in (html / "robots.txt").read_text("utf-8")
    assert BeautifulSoup((html / "404.html").read_text("utf-8"), "html.parser").base["href"] == f"{home}/"
    links = {a.get_text(): a["href"] for a in page.select(".page-tools a")}
    assert links["Binder"] == "https://mybinder.org/v2/gh/someone/limits/v1.0?urlpath=lab/tree/chapters/a.ipynb"
    assert links["Colab"] == "https://colab.research.google.com/github/someone/limits/blob/v1.0/chapters/a.ipynb"


def test_without_an_address_nothing_points_to_one(book):
    assert book.build() == 0
    html = book.root / "_build" / "html"
    page = BeautifulSoup((html / "chapters/a.html").read_text("utf-8"), "html.parser")
    assert not page.select("link[rel=canonical], meta[property='og:image']") and not (html / "sitemap.xml").exists()
    assert [a.get_text() for a in page.select(".page-tools a")] == ["Notebook"]


def entries(page):
    return {
        e["@type"]: e for e in map(json.loads, (s.string for s in page.select("script[type='application/ld+json']")))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_page_is_described(page):
    soup, name = PAGES[page], page.relative_to(HTML).as_posix()
    assert soup.title.get_text(strip=True)
    assert 20 < len(soup.select_one("meta[name=description]")["content"]) < 320
    if name not in ("404.html", "search.html"):
        article = entries(soup)["ScholarlyArticle"]
        assert article["headline"] and len(article["headline"]) <= 110
        assert article["author"][0]["name"] and re.fullmatch(r"\d{4}-\d\d-\d\d", article["datePublished"])


def test_titles_and_descriptions_differ_from_page_to_page():
    for found in (
        [s.title.get_text() for s in PAGES.values()],
        [s.select_one("meta[name=description]")["content"] for s in PAGES.values()],
    ):
        assert len(set(found)) == len(found)


def test_the_data_set_is_described_and_there():
    dataset = entries(PAGES[HTML / "index.html"])["Dataset"]
    assert dataset["name"] and 50 <= len(dataset["description"]) <= 5000 and dataset["license"].startswith("https://")
    assert dataset["distribution"] and all(
        (HTML / d["contentUrl"]).is_file() for d in dataset["distribution"] if "://" not in d["contentUrl"]
    )
    assert json.loads((HTML / "claims.json").read_text("utf-8"))["claims"]
    assert (HTML / "data" / "datapackage.json").is_file()


def test_slimming_a_drawing_changes_no_pixel():
    text = (ROOT / ".github" / "figure.svg").read_text("utf-8")
    slim = light.slim(text)
    drawn = [bytes(resvg_py.svg_to_bytes(svg_string=t, dpi=96, skip_system_fonts=True)) for t in (text, slim)]
    assert drawn[0] == drawn[1] and len(slim) < 0.8 * len(text)
    assert light.slim(slim) == slim


def test_styles_show_unmarked_code_in_the_colour_of_text():
    html = BeautifulSoup('<div class="highlight"><pre><span></span><span class="n">x</span></pre></div>', "html.parser")
    light.plain_code(html)
    assert str(html.pre) == "<pre>x</pre>"
    kinds = {STANDARD_TYPES[token]: token for token in STANDARD_TYPES}
    for name in ("a11y-high-contrast-light", "a11y-high-contrast-dark"):
        style = get_style_by_name(name)
        for kind in light.PLAIN_CODE:
            assert style.style_for_token(kinds[kind]) == style.style_for_token(Token.Text), (name, kind)


def test_type_is_set_as_printers_do():
    html = "<article><p>GPT-3's share, 5 % <b>16</b> % 'as is' from <b>-16</b> to (-3)</p>"
    html += "<code>x = 'GPT-3 %d'</code></article>"
    soup = BeautifulSoup(html, "html.parser")
    for _ in range(2):  # the second pass changes nothing
        typography.mend(soup)
        typography.tie_names(soup)
        shown = (
            '<p><span class="tied">GPT-3</span>’s share, 5\u202f% <b>16</b>\u202f% ‘as is’ from <b>−16</b> to (−3)</p>'
        )
        assert str(soup.p) == shown
        assert str(soup.code) == "<code>x = 'GPT-3 %d'</code>"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_no_typewriter_marks_are_left(page):
    for text in PAGES[page].article.find_all(string=re.compile(r"\w'|(?<!\w)'\w|\d %(?!\w)")):
        assert text.find_parent(["pre", "code", "script"]), text


@pytest.mark.parametrize("page", [p for p in PAGES if re.match(r"\w\d_|\d\d_", p.stem)], ids=lambda p: p.stem)
def test_chapters_are_numbered_where_their_titles_stand(page):
    number = f"{page.stem.split('_')[0].upper()} · "
    assert PAGES[page].h1.get_text().startswith(number) and PAGES[page].title.get_text().startswith(number)
    links = PAGES[HTML / "index.html"].select(f".sidebar-tree a[href='chapters/{page.name}']")
    assert [link.get_text().startswith(number) for link in links] == [True]
    assert json.dumps(number).rstrip('"') in (HTML / "searchindex.js").read_text("utf-8")
    cited = PAGES[page].select_one(".cite pre").get_text()
    assert f"chapter = {{{number.lstrip('0').rstrip(' ·')}}}" in cited and "·" not in cited


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_figure_has_a_caption(page):
    for image in PAGES[page].select("article img"):
        words = image.find_parent("figure").figcaption.get_text(" ", strip=True)
        assert len(words) > 20


def test_previous_and_next_follow_the_table_of_contents_by_question():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    names = [toc["root"], *(chapter["file"] for chapter in toc["chapters"])]
    titles = [PAGES[HTML / f"{name}.html"].h1.get_text().rstrip("¶") for name in names]
    for place, name in enumerate(names):
        around = [around.get_text() for around in PAGES[HTML / f"{name}.html"].select(".related-pages .title")]
        wanted = [*titles[place + 1 : place + 2], *(["Home"] if place == 1 else titles[max(place - 1, 0) : place])]
        assert around == wanted


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent.name == "chapters"], ids=lambda p: p.stem)
def test_every_chapter_has_its_aids(page):
    soup = PAGES[page]
    assert re.fullmatch(r"\d+ min read", soup.select_one(".page-tools span").get_text())
    assert soup.select_one(".cite pre").get_text().startswith("@incollection{")
    box = soup.select_one("article .verdict")
    assert box is None or re.search(r"#cell-\d+$", box.select_one("a.how")["href"])
    terms = soup.select("article a.term")
    assert terms or not soup.select("#words-used strong")
    for link in [*terms, *soup.select("article a.reference.internal[href*='bibliography.html#']")]:
        assert len(link["data-preview"].split()) >= 3, link


def test_printed_links_lead_within_the_book_or_to_a_public_address():
    ids = {"source-id1", "id1", "claim", "document-index", "document-chapters/a"}
    for href, base, wanted in [
        ("https://example.org/x.html", "", "https://example.org/x.html"),
        ("#id1", "", "#id1"),
        ("index.html#id1", "", "#source-id1"),  # the list of sources, not the chapter's own first anchor
        ("chapters/a.html#claim", "", "#claim"),
        ("a.html", "", "#document-chapters/a"),
        ("../index.html", "", "#document-index"),
        ("b.html#nothing", "", None),
        ("../data/t.csv", "", None),
        ("../data/t.csv", "https://example.org/", "https://example.org/data/t.csv"),
    ]:
        assert paper.address(href, ids, base) == wanted


def test_the_pdf_has_bookmarks_and_tells_of_no_folder(book):
    if not pdf.chromium():
        reason = "no Chromium found: install it, or set CHROMIUM to its path"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    book.write("index.md", f"{INDEX}\n[there](chapters/a.ipynb)\n")
    subprocess.run(
        [sys.executable, "tools/pdf.py"], cwd=book.root, env=os.environ | {"RUNS": str(book.runs_file)}, check=True
    )
    printed = (book.root / "_build" / "limits-of-deep-learning.pdf").read_bytes()
    assert printed.startswith(b"%PDF") and b"/Outlines" in printed and b"/Link" in printed
    assert b"file:" not in printed and str(book.root).encode() not in printed
