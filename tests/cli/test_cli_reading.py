"""A file as researchers keep it is read as it is, or refused with its place; nothing is left out or mended."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_limits.cli.reading import InputFault, Table, choose_columns, number_of, read_table

ROWS = [{"size": "1e3", "loss": "2.50", "note": "a, b"}, {"size": "2000", "loss": "2.25", "note": 'he said "x"'}]


def separated(mark):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(ROWS[0]), delimiter=mark, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue()


@pytest.mark.parametrize("text", [separated(","), separated("\t"), separated(";"), "\ufeff" + separated(",")])
def test_separators_quotes_line_ends_and_marks_of_spreadsheets(write, text):
    table = read_table(write(text))
    assert table.columns == {key: [row[key] for row in ROWS] for key in ROWS[0]}
    assert table.lines == [2, 3]


def test_json_lines_keep_the_digits_that_are_written(write):
    table = read_table(write('{"loss": 2.50, "size": 1000}\n\n{"size": 2e3, "loss": 2.25, "note": null}\n'))
    assert table.columns == {"loss": ["2.50", "2.25"], "size": ["1000", "2e3"], "note": ["", ""]}
    assert table.lines == [1, 3]


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x,y\n1,2\n")))
    table = read_table("-")
    assert (table.name, table.columns) == ("standard input", {"x": ["1"], "y": ["2"]})


def test_a_row_keeps_its_line_when_cells_hold_line_ends_and_lines_are_blank(write):
    table = read_table(write('x,note\n\n1,"two\nlines"\n,\n2,b\n'))
    assert table.lines == [3, 6]
    with pytest.raises(InputFault, match="row 6, column note: “b” is no number"):
        Table(table.name, {"note": ["1", "b"]}, table.lines).numbers("note")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("x,y\n", "a header and no rows"),
        ("1,2\n3,4\n", "row 1: numbers where the names of the columns belong"),
        ("x,x\n1,2\n", "row 1, column x: the name stands twice"),
        ("x,\n1,2\n", "row 1: column 2 has no name"),
        ("x,y\n1,2\n3\n", "row 3: 1 cells separated by commas, the header has 2"),
        ('x,y\n1,"2\n', "mend the quotes"),
        ('{"x": 1}\n{"x": \n', "row 2: no JSON"),
        ('[{"x": 1}]\n', "row 1: no object"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(write, text, said):
    with pytest.raises(InputFault) as caught:
        read_table(write(text))
    assert said in str(caught.value) and "runs.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.csv").write_bytes("x,y\n1,ü\n".encode("latin-1"))
    with pytest.raises(InputFault, match=r"latin\.csv, row 2: not UTF-8"):
        read_table(str(tmp_path / "latin.csv"))
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputFault, match="check the path"):
            read_table(str(path))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "empty"),
        ("nan", "no number"),
        ("inf", "no number"),
        ("1_000", "no number"),
        ("١٢", "no number"),
        ("1,5", "decimal point"),
        ("7B", "7e9"),
        ("0", "not positive"),
        ("-3", "not positive"),
        ("1e999", "not positive and finite"),
        ("x" * 99, "…"),
    ],
)
def test_a_cell_that_is_no_positive_number_is_named(cell, said):
    table = Table("f.csv", {"loss": ["1", cell]}, [2, 9])
    with pytest.raises(InputFault, match=f"f.csv, row 9, column loss: .*{said}") as caught:
        table.numbers("loss")
    assert len(str(caught.value)) < 160


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{!r}", " {:.17g} ", "{:.17e}", "{:+.17G}"]))
def test_every_float_is_read_as_it_was_written(value, form):
    assert number_of(form.format(value)) == value


def table_of(*names, cells="1"):
    return Table("f.csv", {name: [cells] for name in names}, [2])


@pytest.mark.parametrize(
    ("names", "roles", "chosen"),
    [
        (["N", "D", "Loss"], ["params", "tokens", "loss"], ["N", "D", "Loss"]),
        (["params", "tokens", "training_flop", "loss"], ["params", "tokens", "loss"], ["params", "tokens", "loss"]),
        (
            ["n_params", "train-tokens", "val loss"],
            ["params", "tokens", "loss"],
            ["n_params", "train-tokens", "val loss"],
        ),
        (["training_flop", "error"], ["y", "x"], ["error", "training_flop"]),
        (["compute", "test_error_pct"], ["y", "x"], ["test_error_pct", "compute"]),
        (["seed", "epoch", "loss"], ["y", "x"], ["loss", "epoch"]),
        (["task", "acc", "n"], ["accuracy", "items"], ["acc", "n"]),
    ],
)
def test_usual_names_are_recognised(names, roles, chosen):
    columns, guessed = choose_columns(table_of(*names), dict.fromkeys(roles), set(roles))
    assert list(columns.values()) == chosen and guessed == roles


def test_a_name_that_is_given_wins_and_is_not_called_a_guess():
    columns, guessed = choose_columns(table_of("loss", "final", "n"), {"y": "final", "x": None}, {"x", "y"})
    assert columns == {"y": "final", "x": "n"} and guessed == ["x"]


@pytest.mark.parametrize(
    ("names", "given_names", "said"),
    [
        (["a", "b"], {"y": None}, "no column looks like y: it has a and b; name one with --y"),
        (["train_loss", "val_loss"], {"y": None}, "train_loss and val_loss could all be y"),
        (["a", "b"], {"y": "c"}, "no column c: it has a and b"),
        (["a", "b"], {"y": "a", "x": "a"}, "y and x are all column a"),
    ],
)
def test_names_that_do_not_decide_are_asked_for(names, given_names, said):
    with pytest.raises(InputFault, match=said):
        choose_columns(table_of(*names), given_names, set(given_names))


def test_words_are_no_numbers_for_a_guess():
    table = Table("f.csv", {"loss": ["cross-entropy"], "val_loss": ["2.1"]}, [2])
    assert choose_columns(table, {"y": None}, {"y"})[0] == {"y": "val_loss"}


def test_rows_are_chosen_by_all_conditions_and_keep_their_lines():
    table = Table("f.csv", {"task": ["a", "b ", "b"], "w": ["1", "1", "2"]}, [2, 3, 4])
    kept = table.selected(["task=b", "w=2"])
    assert (kept.columns, kept.lines, kept.where) == ({"task": ["b"], "w": ["2"]}, [4], ("task=b", "w=2"))
    for condition, said in {"task": "COLUMN=VALUE", "no=1": "COLUMN=VALUE", "w=7": "no row has it.*1 and 2"}.items():
        with pytest.raises(InputFault, match=said):
            table.selected([condition])


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.text(max_size=5)), max_size=4))
def test_any_json_lines_are_read_or_refused(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("any") / "f.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    try:
        table = read_table(str(path))
    except InputFault:
        assert not records
    else:
        assert table.columns == {key: [r.get(key, "") for r in records] for key in table.columns}
