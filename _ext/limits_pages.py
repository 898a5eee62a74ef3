"""Pages made from the project's own files: the data dictionary with its viewer, the table of packages."""

import csv
import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

# ------------------------------------------------------------------ the schema of claims.json


def write_schema(app, error):
    """Put the schema of claims.json beside it; kept for each state of package and data."""
    root = Path(app.srcdir)
    if error or not (root / "data" / "claims.csv").is_file() or app.builder.name != "html":
        return
    kept = Path(app.config.nb_execution_cache_path) / "claims.schema.json"
    if not kept.is_file():
        command = [sys.executable, "-m", "dl_limits", "claims", "--schema"]
        kept.write_bytes(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    shutil.copyfile(kept, Path(app.outdir) / kept.name)


# ------------------------------------------------------------------ the data dictionary


def package(root):
    """Return the data package, as written."""
    return json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))


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


def row(cells, tag="td"):
    """Return one row of a table; header cells get their scope."""
    scope = ' scope="col"' if tag == "th" else ""
    return "<tr>" + "".join(f"<{tag}{scope}>{cell}</{tag}>" for cell in cells) + "</tr>"


def table(caption, heads, rows):
    """Return an HTML table; cells are HTML already."""
    return (
        f'<div class="output"><table class="dl-table"><caption>{caption}</caption>\n'
        f"<thead>{row(heads, 'th')}</thead>\n"
        f"<tbody>{chr(10).join(map(row, rows))}</tbody></table></div>"
    )


def contents(resources):
    """Return the list of all tables, with what a reader needs to choose one."""
    rows = [
        [
            f'<a href="#{r["name"]}">{r["name"]}</a>',
            html.escape(r["title"]),
            f"{r['rows']:,}",
            str(len(r["schema"]["fields"])),
            f"{r['bytes'] / 1000:,.1f}",
        ]
        for r in resources
    ]
    return table(f"All {len(resources)} tables", ["table", "what it holds", "rows", "columns", "kB"], rows)


def dictionary(resource):
    """Return the fields of one table, folded."""
    escape = html.escape
    rows = [
        [
            f"<code>{f['name']}</code>",
            escape(f["description"]),
            escape(f.get("unit", "")),
            escape(rules(f.get("constraints", {}))),
        ]
        for f in resource["schema"]["fields"]
    ]
    heads = ["column", "what it holds", "unit", "rule"]
    body = table(f"Columns of {resource['name']}", heads, rows)
    return f"<details><summary>The {len(rows)} columns</summary>{body}</details>"


def facts(resource):
    """Return where one table comes from, as a paragraph of HTML: licence, sources, disagreements, checksum."""
    name, file = resource["name"], resource["path"]
    sources = [
        f'<a href="{s["path"]}">{html.escape(s["title"])}</a>' if "path" in s else html.escape(s["title"])
        for s in resource["sources"]
    ]
    twice = [f["name"] for f in resource["schema"]["fields"] if "alternative" in f["name"]]
    twice += [
        f["name"]
        for f in resource["schema"]["fields"]
        if "two sources disagree" in f["description"] and f["name"] not in twice
    ]
    kept = f" Where sources disagree, the other value stands in <code>{', '.join(twice)}</code>." if twice else ""
    licences = ", ".join(f'<a href="{x["path"]}">{x["name"]}</a>' for x in resource["licenses"])
    return (
        f"<p>{html.escape(resource['description'])}{kept}</p>\n"
        f'<p class="facts"><a download href="../data/{file}">{file}</a> · {resource["rows"]:,} rows · {licences} · '
        f'{"; ".join(sources)} · <span class="hash">{resource["hash"]}</span></p>\n'
        f'<button type="button" class="dl-view" data-table="{name}">View {name}</button>'
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
            if keys := cited(root, resource):
                section += self.parse_text_to_nodes(f"Sources of the rows: {{cite:t}}`{','.join(keys)}`.")
            section += raw(dictionary(resource))
            out.append(section)
        script = '<script src="../_static/tables.js"></script>'
        return [*out, raw(script)]


def cited(root, resource):
    """Return the bibliography keys that stand in the column `source`, sorted."""
    with (root / "data" / resource["path"]).open(encoding="utf-8", newline="") as file:
        return sorted({line["source"] for line in csv.DictReader(file) if line.get("source")})


def raw(text):
    """Return HTML as a node."""
    return nodes.raw("", text, format="html")


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
            [[f"<code>{html.escape(n)}</code>", v, html.escape(why)] for n, v, why in rows],
        )
        summary = f"The {len(rows)} direct dependencies; the lock pins {locked} packages"
        return [raw(f"<details><summary>{summary}</summary>{body}</details>")]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("data-dictionary", DataDictionary)
    app.add_directive("environment", Environment)
    app.connect("build-finished", write_schema)
    app.connect("build-finished", write_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
