"""Measured numbers in prose are computed and written there by tool: this finds typed ones, and ones of yesterday."""

import ast
import importlib
import re
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.book.small import INDEX
from tools import prose

ROOT = Path(__file__).parents[2]
PROSE = [ROOT / "index.md", *sorted(ROOT.glob("chapters/*.md")), *sorted(ROOT.glob("chapters/*.ipynb"))]

# In this order: what cannot hold a typed measurement of ours is taken away first.
NOT_PROSE = [
    r"\A---\n.*?\n---\n",  # front matter
    r"<!--.*?-->",
    r"<span data-number=.*?</span>",
    r"^(`{3,}|~{3,})(?!\s*\{(?:admonition|note|tip|important|warning|seealso|margin|figure)\})"
    r".*?^\1",  # code, but not boxes of prose
    r"^[ \t]*:[\w-]+:[^\n]*$",  # options of directives
    r"^[ \t]*>[^\n]*$",  # the article's own words
    r"“[^”]*”|\"[^\"\n]*\"",
    r"\{(?!math\})[\w:.+-]+\}`[^`]*`",  # citations, references
    r"(?<!\})`[^`\n]+`",  # inline code
    r"\]\([^)]*\)|<?https?://[^\s>)]+>?|10\.\d{4,}/\S+",  # link targets, URLs, DOIs
    r"(?i)arxiv:?\s?\d{4}\.\d{4,5}(?:v\d+)?",
    r"(?i)(?:sections?|sec\.|§|chapters?|tables?|figures?|fig\.|equations?|appendix|version|python|"
    r"CC BY)\s?\d+(?:\.\d+)*(?:\s?(?:,|and|to|–)\s?\d+(?:\.\d+)+)*",
    r"(?<![\d.])(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?(?!\d|\.\d|\s?%)",  # years
]
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.")
MEASURED = re.compile(
    r"""(?<![\w^_.,])(?:
      10\^-?\d+(?:\.\d+)?(?:\s?×)?                    # powers of ten
    | ×\s?\d[\d.,]*
    | \d+(?:[,\u2009\u202f\u00a0]\d{3})+(?:\.\d+)?(?:\s?[%×])?   # 12,345
    | \d+(?:\.\d+)?e[+-]?\d+                          # 1e18
    | \d+\.\d+(?:\s?(?:%|×|per\ ?cent))?
    | \d+\s?(?:%|×|per\ ?cent|-?fold\b|[x]\b|times\b|thousand|million|billion|trillion|[KMBT]\b)
    | \d{4,}
    )""",
    re.VERBOSE,
)


def plain(text):
    """Bring one number to one spelling, whether typed in Unicode or in LaTeX."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻·]+", lambda m: "^" + m[0].translate(SUPERSCRIPT), text)
    text = re.sub(r"\\times|\\cdot", "×", text).replace(r"\%", "%").replace("−", "-")
    return re.sub(r"\^\{([^}]*)\}", r"^\1", text)


def typed_numbers(markdown):
    """Return every measured-looking number that stands in the prose itself."""
    for pattern in NOT_PROSE:
        markdown = re.sub(pattern, "▯", markdown, flags=re.S | re.M)
    return [re.sub(r"\s", "", match[0]) for match in MEASURED.finditer(plain(markdown))]


ALLOWED = {
    re.sub(r"\s", "", plain(number))
    for number in tomllib.loads((ROOT / "tests/book/allowed_numbers.toml").read_text("utf-8"))
}


def cells(path):
    """Return the Markdown of a page, a text for each cell."""
    if path.suffix == ".ipynb":
        return [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown"]
    return [path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def numbers():
    return prose.computed(ROOT)  # of the execution that the book was made from


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_every_number_is_todays(path, numbers):
    for cell in cells(path):
        assert prose.filled(cell, numbers, path.name) == cell, "run `make notebooks`"
        # a mark that the pattern does not know would be left as it is
        assert cell.count("data-number") == len(prose.MARK.findall(cell)) and "{glue:text}" not in cell


def test_every_number_that_a_chapter_computes_is_quoted(numbers):
    quoted = {mark[1] for path in PROSE for cell in cells(path) for mark in prose.MARK.findall(cell)}
    assert sorted(numbers.keys() - quoted) == []


def test_every_number_says_how_it_comes_about_and_from_what(numbers):
    tables = {path.stem for path in (ROOT / "data").glob("*.csv")}
    for key, (_, meaning, _) in numbers.items():
        formula, source = meaning.removesuffix(".").split(". From: ")
        names = set(re.findall(r"[\w.]+", source))
        assert len(formula.split()) >= 2 and (names & tables or any(map(in_package, names))), f"{key}: {meaning}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("dl_limits/**/numbers.py")), ids=lambda path: path.parent.name)
def test_no_part_of_a_study_overrides_a_number_of_another(path):
    dicts = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Dict)]
    named = [pair for node in dicts for pair in zip(node.keys, node.values, strict=True)]
    names = [key.value for key, value in named if isinstance(key, ast.Constant) and "Number(" in ast.unparse(value)]
    assert len(names) > 10 and len(names) == len(set(names))


def in_package(name):
    """Whether a dotted name is a module of the package, or something in one."""
    module, _, attribute = name.rpartition(".")
    path = ROOT / "dl_limits" / name.replace(".", "/")
    if not module or path.is_dir() or path.with_suffix(".py").exists():
        return bool(module)
    try:
        return hasattr(importlib.import_module(f"dl_limits.{module}"), attribute)
    except ImportError:
        return False


def test_a_number_that_nobody_or_two_compute_is_named(book):
    assert book.execute() == 0
    with pytest.raises(prose.NumberError, match=r"index\.md: no chapter computes the number 'b-value'"):
        prose.filled('<span data-number="b-value">1</span>', prose.computed(book.root), "index.md")
    book.chapter("2", "b")
    assert book.execute() == 0
    with pytest.raises(prose.NumberError, match=r"b\.ipynb and a both compute the number a-value"):
        prose.computed(book.root)


def test_an_old_number_is_written_anew(book):
    assert book.execute() == 0
    prose.fill_pages(book.root, prose.computed(book.root))
    assert (book.root / "index.md").read_text(encoding="utf-8") == INDEX.replace("?", "1.0")


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.stem)
def test_no_measured_number_is_typed(path):
    found = [n for cell in cells(path) for n in typed_numbers(cell) if n not in ALLOWED]
    assert not found, f"compute these, or give a reason in tests/book/allowed_numbers.toml: {found}"


@pytest.mark.parametrize(
    ("prose", "number"),
    [
        ("the slope is 0.0733 here", "0.0733"),
        ("error fell by 12 %", "12%"),
        ("error fell by 12 per cent", "12percent"),
        ("about 10⁴·⁹³ more", "10^4.93"),
        ("about $10^{4.9}$ more", "10^4.9"),
        (r"about $3 \times$ more", "3×"),
        ("took 1e18 operations", "1e18"),
        ("needs 40× more", "40×"),
        ("it has 175 billion parameters", "175billion"),
        ("it has 175B parameters", "175B"),
        ("on 1,281,167 images", "1,281,167"),
        ("on 14285 images", "14285"),
        ("| model | 23.4 |", "23.4"),
        (":::{note}\nIt is 3.5 here.\n:::", "3.5"),
        ("```{note}\nIt is 3.5 here.\n```", "3.5"),
        ("{math}`10^{4.9}`", "10^4.9"),
        ('twice <span data-number="a">3.5</span>, not 7.25', "7.25"),
        ("in 2020 it was 28.5", "28.5"),
        ("> around 10⁵\n\n:name: x\nand “5 %” but 6.5 after", "6.5"),
        ("```python\n0.5\n```\nthen 6.5", "6.5"),
    ],
)
def test_typed_numbers_are_caught(prose, number):
    assert typed_numbers(prose) == [number]


@pytest.mark.parametrize(
    "prose",
    [
        "from July 2020 to 2026, 2016–17, in 3 of 13 points",
        '<span data-number="06-multiplier">4.93</span> and {cite:t}`x2007`',
        '10<sup><span data-number="a">4.9</span></sup>, ×<span data-number="b">3</span> %',
        "> around 10⁵ for 5 % error",
        "said “around 11.5 percent”",
        "`0.5` and\n```\n0.25\n```\n",
        "see arXiv:2007.05558, [paper](https://x.org/1.5), Table 2.1, section 3.2 and chapter 06",
        "$y = a x^{-b} + c_1^2$",
        "Python 3.11, CC BY 4.0, doi 10.1234/abc.5",
    ],
)
def test_what_is_not_a_measurement_passes(prose):
    assert typed_numbers(prose) == []
