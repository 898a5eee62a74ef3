"""Pages made from the project's own files: the data dictionary with its viewer, the table of packages."""

import csv
import json
import re
from pathlib import Path

from docutils import nodes
from markupsafe import Markup
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")  # of tables and their files, as the Data Package standard has it
KEY = re.compile(r"[\w.:+/-]+")  # of a bibliography entry

# ------------------------------------------------------------------ the data dictionary


def package(root):
    """Return the data package, as written; its names become names of files, so they must be names."""
    described = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        for name in (resource["name"], resource["path"]):
            if not NAME.fullmatch(name):
                rule = "small letters, digits, '.', '_' and '-'"
                raise ExtensionError(f"data/datapackage.json: {name!r} is no name for a table or its file: use {rule}")
    return described


def rules(constraints):
    """Return the constraints of a field in words."""
    words = []
    for name, value in constraints.items():
        if value is True:
            words.append(name)
        elif name == "enum":
            words.append("one of " + ", ".join(map(str, value)))
        elif name != "pattern":
            words.append(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}")
    return "; ".join(words)


def html(template, *values):
    """Return HTML with values set in as text, unless they are HTML themselves."""
    return Markup(template).format(*values)


def row(cells, tag="td"):
    """Return one row of a table; header cells get their scope."""
    scope = Markup(' scope="col"' if tag == "th" else "")
    tag = Markup(tag)
    return html("<tr>{}</tr>", Markup("").join(html("<{}{}>{}</{}>", tag, scope, cell, tag) for cell in cells))


def table(caption, heads, rows):
    """Return an HTML table."""
    return html(
        '<div class="output"><table class="dl-table"><caption>{}</caption>\n'
        "<thead>{}</thead>\n<tbody>{}</tbody></table></div>",
        caption,
        row(heads, "th"),
        Markup("\n").join(map(row, rows)),
    )


def link(address, words):
    """Return a link to a web address, or the words with whatever else the address is."""
    if re.match("https?://", address):
        return html('<a href="{}">{}</a>', address, words)
    return html("<bdi>{} ({})</bdi>", words, address)


def contents(resources):
    """Return the list of all tables, with what a reader needs to choose one."""
    rows = [
        [
            html('<a href="#{}">{}</a>', r["name"], r["name"]),
            r["title"],
            f"{r['rows']:,}",
            len(r["schema"]["fields"]),
            f"{r['bytes'] / 1000:,.1f}",
        ]
        for r in resources
    ]
    return table(f"All {len(resources)} tables", ["table", "what it holds", "rows", "columns", "kB"], rows)


def dictionary(resource):
    """Return the fields of one table, folded."""
    rows = [
        [html("<code>{}</code>", f["name"]), f["description"], f.get("unit", ""), rules(f.get("constraints", {}))]
        for f in resource["schema"]["fields"]
    ]
    heads = ["column", "what it holds", "unit", "rule"]
    body = table(f"Columns of {resource['name']}", heads, rows)
    return html("<details><summary>The {} columns</summary>{}</details>", len(rows), body)


def facts(resource):
    """Return where one table comes from, as a paragraph of HTML: licence, sources, disagreements, checksum."""
    name, file = resource["name"], resource["path"]
    sources = [
        link(s["path"], s["title"]) if "path" in s else html("<bdi>{}</bdi>", s["title"]) for s in resource["sources"]
    ]
    twice = [f["name"] for f in resource["schema"]["fields"] if "alternative" in f["name"]]
    twice += [
        f["name"]
        for f in resource["schema"]["fields"]
        if "two sources disagree" in f["description"] and f["name"] not in twice
    ]
    other = " Where sources disagree, the other value stands in <code>{}</code>."
    return html(
        "<p>{}{}</p>\n"
        '<p class="facts"><a download href="../data/{}">{}</a> · '
        '<a download href="../_downloads/for_spreadsheets/{}">for spreadsheets</a> · '
        '{} rows · {} · {} · <span class="hash">{}</span></p>\n'
        '<div class="dl-viewer" data-table="{}"></div>',
        resource["description"],
        html(other, ", ".join(twice)) if twice else "",
        file,
        file,
        file,
        f"{resource['rows']:,}",
        Markup(", ").join(link(x["path"], x["name"]) for x in resource["licenses"]),
        Markup("; ").join(sources),
        resource["hash"],
        name,
    )


class DataDictionary(SphinxDirective):
    """``{data-dictionary}``: every table of the data package, its fields, its sources, its rows on demand."""

    def run(self):
        """Return one section a table."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "data" / "datapackage.json"))
        resources = package(root)["resources"]
        out = [raw(contents(resources))]
        for resource in resources:
            section = nodes.section(ids=[resource["name"]], names=[resource["name"]])
            section += nodes.title("", resource["title"])
            section += raw(facts(resource))
            section += self.sources(cited(root, resource))
            section += raw(dictionary(resource))
            out.append(section)
        return out

    def sources(self, keys):
        """Return the sentence that cites the sources of a table's rows; what can be no key is shown as it is."""
        found = [key for key in keys if KEY.fullmatch(key)]
        sentence = f"Sources of the rows: {{cite:t}}`{','.join(found)}`."
        others = [nodes.paragraph("", f"Not a source: {key}") for key in keys if key not in found]
        return [*(self.parse_text_to_nodes(sentence) if found else []), *others]


def cited(root, resource):
    """Return the bibliography keys that stand in the column `source`, sorted."""
    with (root / "data" / resource["path"]).open(encoding="utf-8", newline="") as file:
        return sorted({line["source"] for line in csv.DictReader(file) if line.get("source")})


def raw(text):
    """Return HTML as a node."""
    return nodes.raw("", str(text), format="html")


def write_tables(app, error):
    """Write each table once more as a script, beside its CSV: file:// forbids fetching."""
    root, out = Path(app.srcdir) / "data", Path(app.outdir) / "data"
    if error or app.builder.name != "html" or not (root / "datapackage.json").is_file():
        return
    out.mkdir(exist_ok=True)
    for resource in package(root.parent)["resources"]:
        text = (root / resource["path"]).read_text(encoding="utf-8")
        script = f"dlTable({json.dumps(resource['name'])}, {json.dumps(text, ensure_ascii=False)});\n"
        (out / f"{resource['name']}.js").write_text(script, encoding="utf-8", newline="\n")


# ------------------------------------------------------------------ the environment


def packages(root):
    """Return what the book directly depends on: name, locked version, reason."""
    name = re.compile(r"^([A-Za-z0-9._-]+)")
    locked = {}
    for line in (root / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"^([A-Za-z0-9._-]+)==([^\s;]+)", line):
            locked[found[1].lower()] = found[2]
    rows = []
    for line in (root / "requirements.in").read_text(encoding="utf-8").splitlines():
        if found := name.match(line):
            rows.append((found[1], locked[found[1].lower()], line.partition("#")[2].strip()))
    return rows, len(locked)


class Environment(SphinxDirective):
    """``{environment}``: the direct dependencies, with versions from the lock and reasons."""

    def run(self):
        """Return a folded table."""
        root = Path(self.env.srcdir)
        rows, locked = packages(root)
        body = table(
            "Direct dependencies, from requirements.in and requirements.txt",
            ["package", "version", "why"],
            [[html("<code>{}</code>", n), v, why] for n, v, why in rows],
        )
        summary = f"The {len(rows)} direct dependencies; the lock pins {locked} packages"
        return [raw(html("<details><summary>{}</summary>{}</details>", summary, body))]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("data-dictionary", DataDictionary)
    app.add_directive("environment", Environment)
    app.connect("build-finished", write_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
