"""The built site: nothing missing, broken, unresolved, foreign or revealing; never stale."""

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urldefrag

import pytest
import resvg_py
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Token

from _ext.limits_site import accessible, light, mathml, paper, typography
from tests.book.small import INDEX
from tools import pdf

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
PAGES = {
    p: BeautifulSoup(p.read_text("utf-8"), "html.parser")
    for p in sorted(HTML.rglob("*.html"))
    if p.parent.name != "embed"  # a figure in one file, not a page of the book: test_gallery
}
BOOK = [p for p in PAGES if p.parent.name != "figures"]  # pages of figures: test_gallery


def test_every_toc_page_exists():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    names = [toc["root"], *re.findall(r"'file': '([^']+)'", repr(toc))]
    assert len(names) > 1
    assert [n for n in names if not (HTML / n).with_suffix(".html").is_file()] == []


def test_every_chapter_is_in_the_toc():
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    assert [p.name for p in ROOT.glob("chapters/*.*") if p.is_file() and f"chapters/{p.stem}" not in toc] == []


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
            choices = target.stem == "explorer" and "=" in anchor  # what they may be, its own tests say
            assert choices or PAGES[target].find(id=anchor) or anchor == "#", f"no such anchor: {tag}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_nothing_is_unresolved(page):
    soup = BeautifulSoup(str(PAGES[page].select_one("article")), "html.parser")
    assert not soup.select(".problematic, .system-message, .missing")
    for code in soup.select("pre, code"):
        code.decompose()
    assert not re.search(r"\?\?|\{(glue|cite|ref|eq|numref|doc)\b|\[\?\]|\bnan\b", soup.get_text())
    # within a link that has words of its own a picture says nothing more
    assert all(image.get("alt") or image.find_parent("a").get_text() for image in PAGES[page].select("article img"))


def test_nothing_comes_from_elsewhere_and_nothing_tells_of_this_machine():
    private = re.compile(rf"{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}/|/(home|Users)/\w+/")
    for path in HTML.rglob("*"):
        if path.suffix in {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".csv", ".ipynb"}:
            text = path.read_text("utf-8")
            assert not private.search(text), path
            assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import\s", text), path


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


def test_a_style_sheet_keeps_what_is_used():
    css = """/* note */ .used > a, .gone b { color : red ; } .gone { x: y }
    @media print { .gone { x: y } } @media screen { p:not(.gone) .used { margin: 0 1px } }
    @font-face { font-family: "A , B" } a :hover { width: calc(1px + 2px) } .é, li { --x: url(a;b) }"""
    slim = light.stylesheet(css, {"used"})
    assert slim == (
        ".used > a,.gone b{color:red}@media screen{p:not(.gone) .used{margin:0 1px}}"
        '@font-face{font-family:"A , B"}a :hover{width:calc(1px + 2px)}.é,li{--x:url(a;b)}'
    )
    assert light.stylesheet(slim, {"used"}) == slim and ".gone{x:y}" in light.stylesheet(css)


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


@pytest.mark.parametrize("page", [p for p in BOOK if re.match(r"\w\d_|\d\d_", p.stem)], ids=lambda p: p.stem)
def test_chapters_are_numbered_where_their_titles_stand(page):
    number = f"{page.stem.split('_')[0].upper()} · "
    assert PAGES[page].h1.get_text().startswith(number) and PAGES[page].title.get_text().startswith(number)
    links = PAGES[HTML / "index.html"].select(f".sidebar-tree a[href='chapters/{page.name}']")
    assert [link.get_text().startswith(number) for link in links] == [True]
    assert json.dumps(number).rstrip('"') in (HTML / "searchindex.js").read_text("utf-8")
    cited = PAGES[page].select_one(".cite pre").get_text()
    assert f"chapter = {{{number.lstrip('0').rstrip(' ·')}}}" in cited and "·" not in cited


@pytest.mark.parametrize("page", BOOK, ids=lambda p: p.stem)
def test_every_figure_has_a_caption(page):
    for image in PAGES[page].select("article img"):
        words = image.find_parent("figure").figcaption.get_text(" ", strip=True)
        assert len(words) > 20


@pytest.mark.parametrize("page", BOOK, ids=lambda p: p.stem)
def test_figures_are_numbered_in_order_and_have_an_address_and_a_drawing_for_phones(page):
    figures = [image.find_parent("figure") for image in PAGES[page].select("article img")]
    for place, figure in enumerate(figures, 1):
        link = figure.figcaption.select_one(".figure-number")
        assert link["href"] == f"#{figure['id']}" and link.get_text().endswith(str(place))
        narrow = (page.parent / figure.picture.source["srcset"]).resolve()
        assert re.search(r'<svg[^>]* width="295.2pt"', narrow.read_text("utf-8")), narrow  # 4.1 inches


def test_terms_show_the_meaning_that_the_glossary_gives(book):
    book.write("glossary.md", "# Words\n\n```{glossary}\nfloor\nlimit\n  What is *left*.\n```\n")
    book.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n- file: glossary\n")
    book.write("index.md", f"{INDEX}\nA {{term}}`floor` and {{term}}`limits <limit>`.\n")
    assert book.build() == 0
    page = BeautifulSoup((book.root / "_build/html/index.html").read_text("utf-8"), "html.parser")
    terms = [(a["href"], a.get_text(), a["data-preview"]) for a in page.select("article a.term")]
    assert terms == [(f"glossary.html#term-{name}", words, "What is left.") for name, words in
                     (("floor", "floor"), ("limit", "limits"))]  # fmt: skip


def test_the_numbers_of_a_page_lead_to_the_tables_that_they_come_from():
    tables = {path.stem for path in (ROOT / "data").glob("*.csv")}
    ids = {tag["id"] for tag in PAGES[HTML / "chapters/a2_data.html"].select("[id]")}
    cells = [cell for soup in PAGES.values() for cell in soup.select(".dl-numbers td:last-child")]
    named = [cell for cell in cells if re.match(r"\w*", cell.get_text())[0] in tables]
    assert len(named) > 50
    for cell in named:
        name = cell.a.get_text()
        assert name in tables & ids and cell.a["href"].endswith(f"a2_data.html#{name}")


def test_previous_and_next_follow_the_table_of_contents_by_question():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    names = [toc["root"], *re.findall(r"'file': '([^']+)'", repr(toc))]
    titles = [PAGES[HTML / f"{name}.html"].h1.get_text().rstrip("¶") for name in names]
    for place, name in enumerate(names):
        around = [around.get_text() for around in PAGES[HTML / f"{name}.html"].select(".related-pages .title")]
        wanted = [*titles[place + 1 : place + 2], *(["Home"] if place == 1 else titles[max(place - 1, 0) : place])]
        assert around == wanted


def test_verdicts_on_the_words_at_the_head_of_a_chapter_stand_below_them():
    shown, soup_of_terms = {}, PAGES[HTML / "glossary.html"]
    for page, soup in PAGES.items():
        article = soup.article
        lines = article.select("p.answered") if article else []
        for line in lines:
            box = article.find(id=line.a["href"][1:])
            assert box.select_one(".badge").get_text() == line.a.get_text()
            title = box.select_one(".claim").get_text()
            assert line.get_text().startswith(f"{title}: ")
            before = line.find_previous_sibling()
            assert not box.find_previous("h2") and (before.name == "blockquote" or before in lines)
            for term in line.select("a.term"):
                assert soup_of_terms.find(id=term["href"].split("#")[1]) and term["data-preview"]
            shown[box["id"]] = page
    assert {"whole-internet", "tenfold-modest", "more-data", "from-scratch", "unsustainable"} <= set(shown)


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent.name == "chapters"], ids=lambda p: p.stem)
def test_every_chapter_has_its_aids(page):
    soup = PAGES[page]
    assert re.fullmatch(r"\d+ min read", soup.select_one(".page-tools span").get_text())
    assert soup.select_one(".cite pre").get_text().startswith("@incollection{")
    box = soup.select_one("article .verdict")
    assert box is None or re.search(r"#number-\d\d-[\w-]+$", box.select_one("a.how")["href"])
    assert not soup.find(string="Words used on this page")  # they are in the glossary
    for link in [
        *soup.select("article a.term"),
        *soup.select("article a.reference.internal[href*='bibliography.html#']"),
    ]:
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


@pytest.mark.builder
def test_the_pdf_has_bookmarks_and_tells_of_no_folder(book):
    if not pdf.chromium():
        reason = "no Chromium found: install it, or set CHROMIUM to its path"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    book.write("index.md", f"{INDEX}\n[there](chapters/a.ipynb)\n")
    assert book.run("tools.pdf") == 0
    printed = (book.root / "_build" / "limits-of-deep-learning.pdf").read_bytes()
    assert printed.startswith(b"%PDF") and b"/Outlines" in printed and b"/Link" in printed
    assert b"file:" not in printed and str(book.root).encode() not in printed
    sheet = (book.root / "_build" / "limits-of-deep-learning-summary.pdf").read_bytes()
    assert sheet.startswith(b"%PDF") and sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 1
