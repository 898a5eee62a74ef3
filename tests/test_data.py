"""The tables hold what they say, and every kind of damage is reported where it is."""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest
from pybtex.database import parse_file

from dl_limits import data
from dl_limits.data import rules
from tools.stamp import stamp

ROOT = Path(__file__).resolve().parent.parent
NAMES = data.tables()

# Results of this book's own programs: the code is their source.
MEASURED_HERE = {"learning_curve_runs", "learning_curve_forecasts", "learning_curve_environment"}


@cache
def resources():
    package = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    return {r["name"]: r for r in package["resources"]}


def fields(name):
    return {field["name"]: field for field in resources()[name]["schema"]["fields"]}


@pytest.fixture
def room(tmp_path):
    """Return a copy of the data folder that a test may damage."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "references.bib", tmp_path)
    return tmp_path / "data"


def faults(room, name="imagenet_models"):
    with pytest.raises(data.DataError) as caught:
        data.load(name, room)
    message = str(caught.value)
    for fault in caught.value.faults:  # every part of every fault is in the message
        assert fault.file in message and fault.rule in message
        for part in (fault.row, fault.column):
            assert part is None or re.search(rf"\b{re.escape(str(part))}\b", message)
        assert fault.value is None or repr(fault.value) in message
    assert len(message.splitlines()) == 1 + len(caught.value.faults)
    return caught.value.faults


def records(room, name):
    return list(csv.reader(io.StringIO((room / f"{name}.csv").read_text(encoding="utf-8"))))


def store(room, name, rows):
    with (room / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def put(room, name, line, column, value):
    """Write one cell; `line` as an editor counts, header 1."""
    rows = records(room, name)
    rows[line - 1][rows[0].index(column)] = value
    store(room, name, rows)


# ------------------------------------------------------------------ the tables as they are


def test_tables_are_the_files():
    assert {p.stem for p in (ROOT / "data").glob("*.csv")} == set(NAMES)


def test_package_is_valid_for_frictionless_itself(monkeypatch):
    monkeypatch.chdir(ROOT / "data")  # brackets in a path are a pattern to it
    assert frictionless.validate("datapackage.json").valid


@pytest.mark.parametrize("name", NAMES)
def test_loads_with_the_types_of_the_schema(name):
    table, schema = data.load(name), fields(name)
    assert list(table.columns) == list(schema)
    assert len(table) == resources()[name]["rows"]
    kinds = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
    kinds |= {"yearmonth": "datetime64[ns]"}
    for column, field in schema.items():
        listed = field["type"] == "string" and "enum" in field.get("constraints", {})
        expected = "category" if listed else kinds.get(field["type"], "string")
        assert str(table[column].dtype) == expected, column
        if field["type"] == "yearmonth":
            assert (table[column].dropna().dt.day == 1).all()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_or_altered_on_the_way(name):
    raw, schema = records(ROOT / "data", name), fields(name)
    table = data.load(name)
    for place, column in enumerate(raw[0]):
        cells = [row[place] for row in raw[1:]]
        assert [c == "" for c in cells] == list(table[column].isna()), column
        written, read = filter(None, cells), list(table[column].dropna())
        if schema[column]["type"] in ("number", "integer"):
            assert list(map(float, written)) == read, column
        elif schema[column]["type"] == "string":
            assert list(written) == read, column


@pytest.mark.parametrize("name", NAMES)
def test_stored_digest_and_size(name):
    raw = (ROOT / f"data/{name}.csv").read_bytes().replace(b"\r\n", b"\n")
    digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    stated = resources()[name]
    assert (digest, len(raw)) == (stated["hash"], stated["bytes"]), "if the change is right, run `make stamp`"


@pytest.mark.parametrize("name", NAMES)
def test_every_category_occurs_and_every_range_is_a_real_one(name):
    table = data.load(name)
    for column, field in fields(name).items():
        rules = field.get("constraints", {})
        if "enum" in rules:
            assert set(table[column].dropna()) == set(rules["enum"]), column
        if field["type"] in ("number", "integer"):
            assert {"minimum", "maximum"} <= set(rules) or "enum" in rules, column


@pytest.mark.parametrize("name", NAMES)
def test_description_covers_every_column(name):
    book = data.describe(name)
    assert list(book.columns) == ["field", "type", "unit", "description", "constraints"]
    assert list(book["field"]) == list(data.load(name).columns)
    assert book["description"].str.len().min() > 10
    numeric = book["type"].isin(["number", "integer"])
    assert (book.loc[numeric, "unit"] != "").all()
    if name not in MEASURED_HERE:
        assert book.loc[book["field"] == "source", "constraints"].item().startswith("required")


@pytest.mark.parametrize("name", NAMES)
def test_resource_is_documented(name):
    resource = resources()[name]
    for key in ("title", "description", "licenses", "sources", "encoding", "rows", "hash"):
        assert resource[key], key
    assert resource["schema"]["missingValues"] == [""]
    assert resource["schema"]["primaryKey"]


def test_epoch_ai_is_attributed():
    package = json.loads((ROOT / "data/datapackage.json").read_text())
    assert any("Epoch AI" in s["title"] and "CC BY 4.0" in s["title"] for s in package["sources"])
    assert {x["name"] for x in package["licenses"]} == {"CC-BY-4.0"}


def test_bibliography_is_valid_and_used():
    entries = parse_file(str(ROOT / "references.bib")).entries
    used = set()
    for name in NAMES:
        for column, field in fields(name).items():
            if field.get("citation"):
                used |= set(data.load(name)[column].dropna())
    for path in [*ROOT.glob("*.md"), *ROOT.glob("chapters/*.ipynb")]:
        for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", path.read_text(encoding="utf-8")):
            used |= {key.strip() for key in keys.split(",")}
    assert used == set(entries)
    for key, entry in entries.items():
        assert entry.persons.get("author") and entry.fields["title"], key
        assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"]), key
    titles = [e.fields["title"].lower() for e in entries.values()]
    assert len(titles) == len(set(titles))


def test_nothing_private_in_the_data():
    for path in [*ROOT.glob("data/*.csv"), ROOT / "data/datapackage.json", ROOT / "references.bib"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"recalled|/home/|/Users/|localhost", text), path


def test_result_is_a_copy():
    first = data.load("imagenet_limits")
    value = first.loc[0, "value"]
    first.loc[0, "value"] = -1.0
    assert data.load("imagenet_limits").loc[0, "value"] == value


# ------------------------------------------------------------------ what the tables say


def test_published_regression():
    points = data.load("imagenet_regression_2020")
    x = np.log10(points["peak_burden_flop"] / 1e9)
    y = np.log10(100 / points["top1_error_pct"])
    dx = x - x.mean()
    slope = (dx * y).sum() / (dx**2).sum()
    residuals = y - y.mean() - slope * dx
    error = np.sqrt((residuals**2).sum() / (len(x) - 2) / (dx**2).sum())
    assert len(points) == 13
    assert slope == pytest.approx(0.0733, abs=5e-5)
    assert error == pytest.approx(0.0244, abs=5e-5)
    assert np.log10(11.5 / 5) / slope == pytest.approx(4.93, abs=5e-3)


def test_points_agree_with_the_models():
    points = data.load("imagenet_regression_2020").set_index("model_id")
    models = data.load("imagenet_models").set_index("model_id").loc[points.index]
    assert (models["peak_burden_flop"] == points["peak_burden_flop"]).all()
    assert (models["published"] == points["published"]).all()
    assert (models["peak_burden_includes_search"] == points["includes_architecture_search"]).all()
    apart = (models["top1_error_pct"] - points["top1_error_pct"]).abs()
    assert apart.max() < 0.05


def test_repairs_recompute_from_the_tables():
    points = data.load("imagenet_regression_2020").set_index("model_id")["peak_burden_flop"]
    trained = data.load("imagenet_models").set_index("model_id")["training_flop"]
    expected = {
        "alexnet_seven_nets": 7 * points["alexnet_7_nets"],
        "zfnet_six_nets": 6 * points["zfnet_6_nets"],
        "resnext_64x4d_cost": 2 * points["resnext_101_64x4d_320px"],
        "senet_own_training": trained["senet_154"] / 0.33,
        "mnasnet_64_devices": 64 * points["mnasnet_a3"],
        "octresnet_own_time": 2.07e13 * 1e9,
        "octresnet_224px_error": points["octresnet_152"],
        "fixres_pretraining": points["fixres_resnext_101_32x48d"] + trained["fixres_resnext_101_32x48d"] / 0.33,
    }
    repairs = data.load("imagenet_repairs_2020").set_index("repair_id")
    replaced = repairs[repairs["action"] == "replace"]["peak_burden_flop"]
    assert replaced.to_dict() == pytest.approx(expected, rel=1e-6)
    dropped = repairs[repairs["action"] == "drop"]
    assert dropped[["peak_burden_flop", "top1_error_pct"]].isna().all(axis=None)
    together = repairs.loc[repairs["applied_together"], "model_id"]
    assert not together.duplicated().any()
    alternative = data.load("imagenet_models").set_index("model_id")["top1_error_alternative_pct"]
    errors = repairs["top1_error_pct"].dropna()
    assert errors.to_dict() == {"octresnet_224px_error": alternative["octresnet_152"]}


def test_senet_carries_the_burden_of_nasnet():
    points = data.load("imagenet_regression_2020").set_index("model_id")["peak_burden_flop"]
    assert points["senet_154"] == points["nasnet_a_6_4032"]


def test_columns_that_go_together():
    models = data.load("imagenet_models")
    has = models.notna()
    for column in ("training_flop_basis", "includes_architecture_search"):
        assert (has[column] == has["training_flop"]).all()
    assert (has["peak_burden_includes_search"] == has["peak_burden_flop"]).all()
    compute = has[["training_flop", "counted_training_flop", "peak_burden_flop"]].any(axis=1)
    assert (has["compute_source"] == compute).all() and (has["compute_locator"] == compute).all()
    assert (has["top1_error_alternative_pct"] == (models["audit"] == "conflict")).all()
    assert (has["record_imagenet1k"] == models["imagenet1k_only"]).all()
    assert (models["top5_error_pct"].dropna() < models["top1_error_pct"][has["top5_error_pct"]]).all()
    search = models["training_flop_basis"] == "search_cost_included"
    assert (search == models["includes_architecture_search"].fillna(False)).all()


def test_operation_counts_recompute():
    models = data.load("imagenet_models").set_index("model_id")
    elsewhere = ["resnext_101_64x4d_320px", "senet_154", "efficientnetv2_l", "volo_d5_512"]
    rows = models[models["imagenet1k_only"] & (models["extra_data"] == "none")].drop(
        index=[m for m in elsewhere if models.loc[m, "extra_data"] == "none"]
    )
    rows = rows.dropna(subset=["counted_training_flop", "epochs", "inference_macs"])
    count = 6 * rows["inference_macs"].astype(float) * 1_281_167 * rows["epochs"]
    assert len(rows) > 35
    assert (count / rows["counted_training_flop"] - 1).abs().max() < 0.01


def test_records_follow_from_the_errors():
    models = data.load("imagenet_models")
    for flag, rows in {
        "record_any_data": models,
        "record_imagenet1k": models[models["imagenet1k_only"]],
    }.items():
        records_ = rows[rows[flag].fillna(False)].sort_values(["published", "top1_error_pct"], ascending=[True, False])
        assert records_["top1_error_pct"].is_monotonic_decreasing
        assert not records_["top1_error_pct"].duplicated().any()
        fair = rows[(rows["state_of_the_art"] != "unreproduced") & rows["published"].notna()]
        for _, row in fair.iterrows():  # nothing better came in an earlier month
            earlier = records_[records_["published"] <= row["published"]]
            assert earlier["top1_error_pct"].min() <= row["top1_error_pct"]


def test_start_and_target_of_the_projection():
    printed = data.load("projections_2020").query("paper_version == 2020")
    values = printed.set_index("quantity")["value"]
    assert values.index.is_unique
    assert values["log10_multiplier"] == 5 and values["target_error_pct"] == 5
    models = data.load("imagenet_models")
    before = models[models["published"] <= "2020-07-31"]
    assert values["start_error_pct"] == before["top1_error_pct"].min() == 11.5


def test_chinchilla_runs_are_those_of_the_replication():
    runs = data.load("chinchilla_runs")
    assert (len(runs), runs["in_replication"].sum()) == (245, 240)
    assert runs["tokens"].to_numpy() == pytest.approx(runs["training_flop"] / (6 * runs["params"]), rel=1e-8)
    per_parameter = (runs["tokens"] / runs["params"]).sort_values()
    assert set(per_parameter.index[:5]) == set(runs.index[~runs["in_replication"]])
    assert set(runs["loss"].nlargest(5).index) == set(runs.index[~runs["in_replication"]])


def test_published_surfaces_agree_with_themselves():
    table = data.load("loss_surfaces")
    value = table.pivot_table(index="fit", columns="parameter", values="value")
    printed, exact = value.loc["hoffmann_printed"], value.loc["hoffmann_unrounded"]
    for name, digits in {"E": 2, "A": 1, "B": 1}.items():
        assert round(np.exp(exact[f"log_{name}"]), digits) == printed[name]
    for name in ("alpha", "beta"):
        assert round(exact[name], 2) == printed[name]
    fitted = value.loc["replication"]
    assert fitted["beta"] / (fitted["alpha"] + fitted["beta"]) == pytest.approx(fitted["size_exponent"], abs=5e-4)
    bounded = table.dropna(subset=["low"])
    assert (bounded["low"] < bounded["high"]).all() and bounded["level_pct"].notna().all()


def test_printed_optima_for_175_billion_parameters():
    laws = data.load("loss_laws")
    optima = laws[laws["law"].str.startswith("hoffmann_175b")]
    optima = optima.pivot_table(index="law", columns="parameter", values="value")
    ratio = optima["training_flop"] / (6 * 175e9 * optima["tokens"])
    misprint = ratio.pop("hoffmann_175b_approach_3")
    assert ratio.to_numpy() == pytest.approx(1, abs=0.02)
    assert 10 * misprint == pytest.approx(1, abs=0.005)


def test_compute_of_gpt_3_recomputes():
    models = data.load("gpt_models").query("family == 'GPT-3'")
    count = 6 * models["params_in_compute"].astype(float) * models["training_tokens"].astype(float)
    assert len(models) == 8
    assert count.to_numpy() == pytest.approx(models["training_flop"], rel=0.003)
    assert models["training_pf_days"].to_numpy() == pytest.approx(models["training_flop"] / 8.64e19, rel=0.005)
    assert (models["params_in_compute"] / models["params"].astype(float) - 1).abs().max() < 0.03


# ------------------------------------------------------------------ damage: one cell

CELLS = [
    ("wrong type", "imagenet_models", 5, "params", "many", "type: not an integer"),
    ("decimal integer", "imagenet_models", 5, "params", "3.5", "type: not an integer"),
    ("wrong number", "imagenet_models", 5, "top1_error_pct", "low", "type: not a finite number"),
    ("decimal comma", "imagenet_models", 5, "top1_error_pct", "37,5", "type: not a finite number"),
    ("not a boolean", "imagenet_models", 5, "imagenet1k_only", "maybe", "type"),
    ("other boolean", "imagenet_models", 5, "imagenet1k_only", "TRUE", "type: not true or false"),
    ("not a month", "imagenet_models", 5, "published", "2013-13", "type: not a month"),
    ("a day", "imagenet_models", 5, "published", "2013-11-01", "type: not a month"),
    ("month too late", "imagenet_models", 5, "published", "2090-01", "maximum 2026-12"),
    ("too large", "imagenet_models", 5, "top1_error_pct", "100.5", "maximum 100"),
    ("zero", "imagenet_models", 5, "top1_error_pct", "0", "minimum 0.1"),
    ("negative", "imagenet_regression_2020", 5, "top1_error_pct", "-3", "minimum 0.1"),
    ("too few parameters", "imagenet_models", 5, "params", "99", "minimum 100000"),
    ("burden in Gflop", "imagenet_regression_2020", 5, "peak_burden_flop", "2.98e10", "minimum"),
    ("too much compute", "imagenet_models", 5, "training_flop", "1e30", "maximum 1e+27"),
    ("empty required", "imagenet_models", 5, "top1_error_pct", "", "required"),
    ("empty source", "imagenet_limits", 5, "source", "", "required"),
    ("unknown category", "imagenet_models", 5, "audit", "fine", "enum confirmed"),
    ("category, capital", "imagenet_models", 5, "audit", "Confirmed", "enum confirmed"),
    ("unknown version", "projections_2020", 5, "paper_version", "2021", "enum 2020 | 2022"),
    ("unknown source", "imagenet_models", 5, "source", "nobody_1999", "no entry of this key"),
    ("unknown paper", "imagenet_models", 5, "paper", "nobody_1999", "no entry of this key"),
    ("unknown compute", "imagenet_models", 5, "compute_source", "nobody_1999", "no entry of this"),
    ("bad key", "imagenet_models", 5, "model_id", "Two Words", "pattern"),
    ("inf", "imagenet_models", 5, "top1_error_pct", "inf", "type: not a finite number"),
    ("-INF", "imagenet_models", 5, "training_flop", "-INF", "type: not a finite number"),
    ("nan", "imagenet_models", 5, "top1_error_pct", "NaN", "type: not a finite number"),
    ("overflow", "imagenet_models", 5, "training_flop", "1E400", "type: number is not finite"),
    ("underscore", "imagenet_models", 5, "params", "1_000_000", "type: not an integer"),
    (
        "underscore, number",
        "imagenet_models",
        5,
        "training_flop",
        "1_0e18",
        "type: not a finite number",
    ),
    ("arabic digits", "imagenet_models", 5, "top1_error_pct", "٣٧", "type: not a finite number"),
    ("wide digits", "imagenet_models", 5, "params", "６００００００", "type: not an integer"),
    ("hexadecimal", "imagenet_models", 5, "params", "0x989680", "type: not an integer"),
    ("leading zero", "imagenet_models", 5, "params", "0600000", "type: not an integer"),
    ("plus sign", "imagenet_models", 5, "params", "+600000", "type: not an integer"),
    ("padded", "imagenet_models", 5, "top1_error_pct", " 37.5", "space at the beginning"),
    ("padded text", "imagenet_models", 5, "model", "ZFNet ", "space at the beginning or the end"),
    ("hard space", "imagenet_models", 5, "top1_error_pct", "37.5\u00a0", "space at the beginning"),
    ("NUL", "imagenet_models", 5, "model", "ZF\0Net", "control character"),
    ("line break", "imagenet_models", 5, "model", "ZF\nNet", "control character"),
    ("text that looks missing", "imagenet_models", 5, "params", "NA", "type: not an integer"),
    *[
        (f"formula {cell[0]}", "imagenet_models", 5, "note", cell, "so that a spreadsheet would run it")
        for cell in ("=1+2", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "- a list", "＝1+2", "-1e5x")
    ],
    *[
        (f"U+{ord(mark):04X}", "imagenet_models", 5, "model", f"ZF{mark}Net", f"U+{ord(mark):04X} in a cell")
        for mark in "\u00ad\u061c\u200b\u200d\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\ue000\u0085\u2028\U000e0041"
    ],
    ("tab", "imagenet_models", 5, "model", "ZF\tNet", "control character U+0009"),
]


@pytest.mark.parametrize(("name", "line", "column", "value", "rule"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS])
def test_a_bad_cell_is_named(room, name, line, column, value, rule):
    put(room, name, line, column, value)
    (fault,) = faults(room, name)
    assert (fault.file, fault.row, fault.column) == (f"{name}.csv", line, column)
    assert (fault.value or "") == value
    assert rule in fault.rule


@pytest.mark.parametrize(
    "cell", ["-2", "+3.5", "-1e5", "−5 points", "a = b", "<b onclick='x'>&amp;</b>", "naïve 模型 ½"]
)
def test_plain_text_stays_as_it_is(room, cell):
    put(room, "imagenet_models", 5, "note", cell)
    assert data.load("imagenet_models", room)["note"][3] == cell


@pytest.mark.parametrize("name", NAMES)
def test_markup_in_any_table_is_text(room, name):
    """The site escapes it; a table neither runs nor repairs anything."""
    free = [c for c, f in fields(name).items() if f["type"] == "string" and not f.get("citation")]
    keyed = [c for key in resources()[name]["schema"].get("foreignKeys", []) for c in key["fields"]]
    rules = {c: set(fields(name)[c].get("constraints", {})) for c in free}
    free = [c for c in free if c not in keyed and not rules[c] & {"enum", "pattern"}]
    markup = "<script>alert(1)</script>{eval-rst}`x`[y](javascript:z)"
    for column in free:
        put(room, name, 2, column, markup)
    assert (data.load(name, room).loc[0, free] == markup).all()


def test_the_folder_may_be_a_symbolic_link(room, tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    try:
        (book / "data").symlink_to(room, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    shutil.copy(ROOT / "references.bib", book)
    assert data.load("imagenet_models", book / "data")["note"][3] != "changed"
    put(room, "imagenet_models", 5, "note", "changed")
    assert data.load("imagenet_models", book / "data")["note"][3] == "changed"


def test_all_places_are_listed_together(room):
    put(room, "imagenet_models", 3, "top1_error_pct", "130")
    put(room, "imagenet_models", 9, "audit", "fine")
    put(room, "imagenet_models", 9, "source", "nobody_1999")
    put(room, "imagenet_models", 151, "params", "1e6")
    found = [(f.row, f.column) for f in faults(room)]
    assert found == [(3, "top1_error_pct"), (9, "audit"), (9, "source"), (151, "params")]


def test_lines_are_counted_as_an_editor_does(room):
    put(room, "imagenet_models", 4, "note", "one\ntwo\nthree")
    put(room, "imagenet_models", 8, "params", "many")
    text = (room / "imagenet_models.csv").read_text(encoding="utf-8").split("\n")
    (line,) = [n for n, row in enumerate(text, 1) if ",many," in row]
    assert [(f.row, f.column) for f in faults(room)] == [(4, "note"), (line, "params")]


# ------------------------------------------------------------------ damage: keys


def test_duplicate_key(room):
    rows = records(room, "imagenet_models")
    put(room, "imagenet_models", 7, "model_id", rows[3][0])
    (fault,) = faults(room)
    assert (fault.row, fault.column) == (7, "model_id")
    assert (fault.value, fault.rule) == (rows[3][0], "duplicate key")


def test_foreign_key(room):
    put(room, "imagenet_repairs_2020", 4, "model_id", "no_such_model")
    (fault,) = faults(room, "imagenet_repairs_2020")
    assert (fault.file, fault.row, fault.column) == ("imagenet_repairs_2020.csv", 4, "model_id")
    assert fault.value == "no_such_model"
    assert "foreign key" in fault.rule and "imagenet_regression_2020" in fault.rule


def test_foreign_key_when_the_other_table_changes(room):
    data.load("imagenet_regression_2020", room)
    put(room, "imagenet_models", 3, "model_id", "renamed")
    (fault,) = faults(room, "imagenet_regression_2020")
    assert (fault.row, fault.column, fault.value) == (2, "model_id", "alexnet_7_nets")


def test_other_table_of_a_foreign_key_is_unreadable(room):
    path = room / "imagenet_models.csv"
    path.write_bytes(path.read_bytes().replace(b"OverFeat", b"\xd6verfeat"))
    assert any("imagenet_models" in str(f) for f in faults(room, "imagenet_regression_2020"))


def test_key_removed_from_the_bibliography(room):
    cited = (data.load("imagenet_limits", room)["source"] == "shankar_2020_accuracy").sum()
    book = room.parent / "references.bib"
    book.write_text(book.read_text(encoding="utf-8").replace("{shankar_2020_accuracy,", "{gone,"))
    found = faults(room, "imagenet_limits")
    assert {f.value for f in found} == {"shankar_2020_accuracy"} and len(found) == cited > 0


# ------------------------------------------------------------------ damage: links and descriptions


def describe(room, edit):
    """Change the package; return the faults it then has."""
    path = room / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    edit(package)
    path.write_text(json.dumps(package), encoding="utf-8")
    for call in (data.tables, lambda room: data.describe("gpt_models", room)):
        with pytest.raises(data.DataError):
            call(room)
    return faults(room)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "ftp://example.org/x",
        "file.csv",
        'https://example.org/"><script>alert(1)</script>',
        "https://example.org/a b",
        " https://example.org",
        "https://",
    ],
)
def test_a_source_that_is_no_web_address(room, address):
    def edit(package):
        package["sources"][1]["path"] = address
        package["resources"][3]["sources"].append({"title": "x", "path": address})
        package["licenses"][0]["path"] = address

    found = describe(room, edit)
    assert {(f.file, f.value) for f in found} == {("datapackage.json", address)} and len(found) == 3
    assert all("path is not an http(s) address" in f.rule for f in found)
    assert "imagenet_limits" in str(found[2])


@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\x07"])
def test_a_description_with_unseen_characters(room, mark):
    def edit(package):
        package["resources"][3]["schema"]["fields"][0]["description"] += mark
        package["resources"][4]["title"] += mark
        package["title"] += mark

    found = describe(room, edit)
    assert len(found) == 3 and all(f"U+{ord(mark):04X}" in f.rule for f in found)
    assert "imagenet_limits" in found[1].rule and "projections_2020" in found[2].rule


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("  url = {javascript:alert(1)},", "not an http(s) address"),
        ('  URL="javascript:alert(1)",', "not an http(s) address"),
        ("  url = script # {x},", "not an http(s) address"),
        ("  note = {\\url{ftp://example.org}},", "not an http(s) address"),
        ("  note = {\\href{vbscript:x}{here}},", "not an http(s) address"),
        ("  note = {see javascript :alert(1)},", "not an http(s) address"),
        ("  note = {a\u202eb},", "U+202E"),
        ("  note = {a\u200bb},", "U+200B"),
        ("  note = {a\u2028b},", "U+2028"),
        ("  note = {a\x00b},", "U+0000"),
    ],
)
def test_a_reference_that_is_dangerous(room, line, rule):
    book = room.parent / "references.bib"
    text = book.read_text(encoding="utf-8").split("\n")
    text.insert(1, line)
    book.write_text("\n".join(text), encoding="utf-8", newline="")
    (fault,) = faults(room)
    assert (fault.file, fault.row) == ("references.bib", 2) and rule in fault.rule


def test_a_bibliography_with_windows_line_ends_and_tabs(room):
    book = room.parent / "references.bib"
    book.write_bytes(book.read_bytes().replace(b"\n  ", b"\r\n\t"))
    pd.testing.assert_frame_equal(data.load("imagenet_models", room), data.load("imagenet_models"))


# ------------------------------------------------------------------ damage: header and file


def header(room, change):
    rows = records(room, "imagenet_models")
    change(rows)
    store(room, "imagenet_models", rows)
    return [(f.row, f.column, f.rule) for f in faults(room)]


def test_missing_column(room):
    def change(rows):
        for row in rows:
            del row[4]

    assert header(room, change) == [(1, "top1_error_pct", "column is missing")]


def test_extra_column(room):
    def change(rows):
        for row in rows:
            row.append("x")

    assert header(room, change) == [(1, "x", "column is not in the schema")]


def test_renamed_column_is_reported_alone(room):
    def change(rows):
        rows[0][4] = "top1_error"
        rows[5][8] = "many"

    assert header(room, change) == [
        (1, "top1_error_pct", "column is missing"),
        (1, "top1_error", "column is not in the schema"),
    ]


def test_reordered_columns(room):
    def change(rows):
        for row in rows:
            row[4], row[6] = row[6], row[4]

    ((row, column, rule),) = header(room, change)
    assert (row, column) == (1, "top5_error_pct") and "order" in rule


def test_doubled_column(room):
    def change(rows):
        for row in rows:
            row.append(row[4])

    assert header(room, change) == [(1, "top1_error_pct", "column appears twice")]


def test_other_separator(room):
    path = room / "imagenet_limits.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert {f.row for f in faults(room, "imagenet_limits")} == {1}


def test_byte_order_mark(room):
    path = room / "imagenet_limits.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (fault,) = faults(room, "imagenet_limits")
    assert fault.row == 1 and "byte-order mark" in fault.rule


def test_missing_file(room):
    (room / "imagenet_models.csv").unlink()
    (fault,) = faults(room)
    assert fault.file == "imagenet_models.csv" and "cannot be read" in fault.rule


@pytest.mark.parametrize("name", ["datapackage.json", "../references.bib", "imagenet_models.csv"])
def test_missing_companion(room, name):
    (room / name).unlink()
    (fault,) = faults(room, "imagenet_regression_2020")
    assert fault.file == Path(name).name


def test_broken_schema(room):
    (room / "datapackage.json").write_text("{")
    (fault,) = faults(room)
    assert fault.file == "datapackage.json" and "JSON" in fault.rule


def test_empty_file(room):
    (room / "imagenet_models.csv").write_bytes(b"")
    (fault,) = faults(room)
    assert fault.rule == "file is empty"


def test_bad_encoding(room):
    path = room / "imagenet_models.csv"
    lines = path.read_bytes().split(b"\n")
    lines[6] = lines[6].replace(b"OverFeat", "Överfeat".encode("latin-1"))
    path.write_bytes(b"\n".join(lines))
    (fault,) = faults(room)
    assert fault.row == 7 and "encoding" in fault.rule and fault.value == r"\xd6"


def test_utf_16(room):
    path = room / "imagenet_models.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert "encoding" in faults(room)[0].rule


def test_open_quote(room):
    put(room, "imagenet_limits", len(records(room, "imagenet_limits")), "note", 'an "open')
    path = room / "imagenet_limits.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip().rstrip('"') + "\n", encoding="utf-8")
    assert faults(room, "imagenet_limits")[0].file == "imagenet_limits.csv"


def test_last_rows_missing(room):
    store(room, "imagenet_models", records(room, "imagenet_models")[:-3])
    (fault,) = faults(room)
    stated = resources()["imagenet_models"]["rows"]
    assert fault.row is None and f"{stated - 3} rows, datapackage.json says {stated}" in fault.rule


def test_a_row_too_many(room):
    rows = records(room, "imagenet_limits")
    store(room, "imagenet_limits", [*rows, ["another", *rows[-1][1:]]])
    (fault,) = faults(room, "imagenet_limits")
    assert f"{len(rows)} rows" in fault.rule


@pytest.mark.parametrize("cut", [2, 20, 60, 120])
def test_row_cut_off(room, cut):
    path = room / "imagenet_limits.csv"
    last = len(records(room, "imagenet_limits"))
    path.write_bytes(path.read_bytes()[:-cut])
    found = faults(room, "imagenet_limits")
    assert any(f.row == last and "cut off" in f.rule for f in found)


def test_last_line_end_missing(room):
    path = room / "imagenet_limits.csv"
    last = len(records(room, "imagenet_limits"))
    path.write_bytes(path.read_bytes()[:-1])
    (fault,) = faults(room, "imagenet_limits")
    assert fault.row == last and "cut off" in fault.rule


def test_row_too_short_is_one_fault(room):
    rows = records(room, "imagenet_models")
    rows[9] = rows[9][:12]
    store(room, "imagenet_models", rows)
    (fault,) = faults(room)
    assert fault.row == 10 and "29 cells expected, 12 found" in fault.rule


def test_row_too_long_is_one_fault(room):
    rows = records(room, "imagenet_models")
    rows[9].append("x")
    store(room, "imagenet_models", rows)
    (fault,) = faults(room)
    assert fault.row == 10 and "29 cells expected, 30 found" in fault.rule


def test_blank_line(room):
    path = room / "imagenet_models.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines.insert(5, "")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(f.row, f.rule.split(":")[0]) for f in faults(room)] == [
        (None, "row count"),
        (6, "row is blank"),
    ]


def test_windows_line_ends_are_the_same_table(room):
    path = room / "imagenet_models.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    pd.testing.assert_frame_equal(data.load("imagenet_models", room), data.load("imagenet_models"))


def test_damage_after_a_good_load_is_seen(room):
    data.load("imagenet_models", room)
    put(room, "imagenet_models", 5, "top1_error_pct", "130")
    assert faults(room)[0].row == 5


# ------------------------------------------------------------------ the seal of what Frictionless passed


def edited(room, change):
    """Let `change` work on the entries of the package, by name."""
    path = room / data.PACKAGE
    package = json.loads(path.read_text("utf-8"))
    change({resource["name"]: resource for resource in package["resources"]})
    path.write_text(json.dumps(package), "utf-8")


def test_every_table_is_sealed_as_it_is(monkeypatch):
    monkeypatch.setattr(data, "_validated", {})
    monkeypatch.setattr(rules, "_frictionless", lambda folder, resource, others: asked.append(resource["name"]) or [])
    asked = []
    for name in NAMES:
        data.load(name)
    assert not asked, f"run `make stamp`: changed since it was run are {asked}"


def test_the_same_is_loaded_without_a_seal(room):
    edited(room, lambda entries: [entry.pop(rules.SEAL) for entry in entries.values()])
    for name in NAMES:
        pd.testing.assert_frame_equal(data.load(name, room), data.load(name))


def test_a_stricter_schema_breaks_the_seal(room):
    def stricter(entries):
        (field,) = (f for f in entries["imagenet_models"]["schema"]["fields"] if f["name"] == "top1_error_pct")
        field["constraints"]["maximum"] = 20

    edited(room, stricter)
    assert {fault.rule for fault in faults(room)} == {"maximum 20"}


def test_a_table_is_stamped_only_if_it_is_right(room):
    put(room, "imagenet_models", 5, "top1_error_pct", "130")
    with pytest.raises(data.DataError, match="row 5, column top1_error_pct"):
        stamp(room)
    faults(room)
    shutil.copy(ROOT / "data/imagenet_models.csv", room)
    stamp(room)
    assert (room / data.PACKAGE).read_bytes() == (ROOT / "data" / data.PACKAGE).read_bytes()


@pytest.mark.parametrize("call", [data.load, data.describe])
def test_unknown_table(call):
    with pytest.raises(data.DataError) as caught:
        call("imagenet")
    assert isinstance(caught.value, KeyError) and isinstance(caught.value, ValueError)
    for name in NAMES:
        assert name in str(caught.value)


# ------------------------------------------------------------------ time


def test_importing_the_module_does_not_import_frictionless():
    code = "import sys, dl_limits.data; sys.exit('frictionless' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
