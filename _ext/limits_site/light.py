"""The same page in fewer bytes."""

import re
from itertools import pairwise
from pathlib import Path

import tinycss2

BESIDE_LETTER = re.compile(r"\s+(?=[A-Za-z])|(?<=[A-Za-z])\s+")
BODY = ",;:"  # within braces a blank beside a colon means nothing; in a selector it does
# Kinds of code that both highlighting styles show in the colour of plain text: names, brackets, blanks.
PLAIN_CODE = {"n", "p", "w", "nn"}


def plain_code(soup):
    """Take the tags off code that looks the same without."""
    for span in soup.select(".highlight pre span"):
        if set(span.get("class", [])) <= PLAIN_CODE and not span.get("id"):
            span.unwrap()


def slim(svg):
    """Return the same drawing without comments, metadata, unused names or needless blanks."""
    svg = re.sub(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    used = dict.fromkeys(re.findall(r'(?:href="|url\()#([\w.-]+)', svg))
    short = {name: f"_{number:x}" for number, name in enumerate(used)}
    svg = re.sub(r' id="([\w.-]+)"', lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", svg)
    svg = re.sub(r'(href="|url\()#([\w.-]+)', lambda m: f"{m[1]}#{short[m[2]]}", svg)
    svg = re.sub(r' d="([^"]*)"', lambda m: f' d="{BESIDE_LETTER.sub("", m[1]).strip()}"', svg)
    svg = re.sub(r' style="[^"]*"', lambda m: re.sub(r"(?<=[:;])\s+", "", m[0]), svg)
    # Letters are uses of a glyph moved along the line: half of a drawing's bytes.
    svg = re.sub(r'(<use [^>]*?)transform="translate\(([-\d.]+) 0\)"', r'\1x="\2"', svg)
    svg = re.sub(r"#(?:([0-9a-f])\1)(?:([0-9a-f])\2)(?:([0-9a-f])\3)(?=[;\"])", r"#\1\2\3", svg)
    svg = svg.replace("xlink:href=", "href=").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    return re.sub(r">\s+<", "><", svg).strip() + "\n"


def stylesheet(css, used=None):
    """Return a style sheet without comments, needless blanks and, if told what is used, rules for what is nowhere.

    Parameters
    ----------
    css : str
    used : set of str, optional
        Classes, from `classes`. A rule goes if each of its selectors asks for one that is not among them.
        Without it every rule stays.
    """
    return _rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), used)


def _rules(rules, used):
    return "".join(_rule(rule, used) for rule in rules)


def _rule(rule, used):
    prelude = _compact(rule.prelude)
    if rule.type == "at-rule":
        prelude = f"@{rule.at_keyword} {prelude}".strip()
        if rule.content is None:
            return f"{prelude};"
        if rule.at_keyword not in ("media", "supports"):
            return f"{prelude}{{{_compact(rule.content, BODY)}}}"
        inner = _rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), used)
        return inner and f"{prelude}{{{inner}}}"
    if used is not None and not any(_asks(selector) <= used for selector in _selectors(rule.prelude)):
        return ""
    return f"{prelude}{{{_compact(rule.content, BODY)}}}"


def _selectors(prelude):
    """Return the tokens of each selector of a list."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _asks(selector):
    """Return the classes without which a selector fits nothing; what stands in brackets, as in :not(), may fail."""
    return {name.value for dot, name in pairwise(selector) if dot == "." and name.type == "ident"}


def _compact(tokens, around=",;"):
    """Return tokens as text, without comments and without blanks beside some signs."""
    tokens = [token for token in tokens if token.type != "comment"]
    kept = []
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.type != "whitespace":
            kept.append(token.serialize())
        elif not any(beside == sign for beside in (before, after) for sign in around):
            kept.append(" ")
    return "".join(kept).strip().rstrip(";")


def classes(folder):
    """Return the classes of a site's pages and, since scripts set some, all words of its scripts but for libraries."""
    pages = [(path, r'class="([^"]*)"') for path in folder.rglob("*.html")]
    scripts = [(path, r"([\w-]+)") for path in (folder / "_static").rglob("*.js") if ".min." not in path.name]
    texts = (text for path, pattern in pages + scripts for text in re.findall(pattern, path.read_text("utf-8")))
    return {word for text in texts for word in text.split()}


def lighten(app, error):
    """Slim all drawings and style sheets; of the libraries' sheets only what this site uses stays."""
    if error or app.builder.name != "html":
        return
    static, used, own = Path(app.outdir) / "_static", classes(Path(app.outdir)), Path(app.srcdir) / "assets"
    for path in sorted(static.rglob("*.css")):
        mine = (own / path.relative_to(static)).is_file()
        text = stylesheet(path.read_text(encoding="utf-8"), None if mine else used)
        path.write_text(text + "\n", encoding="utf-8")
    for image in (Path(app.outdir) / "_images").glob("*.svg"):
        image.write_text(slim(image.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    """Register with Sphinx: after the theme, which writes a style sheet when all is built."""
    app.connect("build-finished", lighten, priority=900)
