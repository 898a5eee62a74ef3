"""The curve command says what `extrapolate` and `PowerLaw` say, of the rows of the file."""

import jsonschema
import numpy as np
import pandas as pd
import pytest

from dl_limits import cli
from dl_limits.cli.curve import curve_schema
from dl_limits.cli.writing import disappointed
from dl_limits.laws import PowerLaw, extrapolate


def test_the_answer_is_the_engines(answer, curve_csv):
    found = answer("curve", curve_csv, "--at", "1e6", "1e7", "--at", 3e7, "--target", "1.05", "--level", ".9")
    jsonschema.validate(found, curve_schema())
    table = pd.read_csv(curve_csv)
    forecast = extrapolate(table["examples"], table["test_error"])
    at = [1e6, 1e7, 3e7]
    rows = pd.DataFrame(found["forecasts"])
    np.testing.assert_allclose(rows[["x", "forecast"]], np.column_stack([at, forecast.predict(at)]))
    np.testing.assert_allclose(rows[["low", "high"]].T, forecast.predict_interval(at, 0.9))
    assert found["required"]["estimate"] == pytest.approx(forecast.required(1.05, 0.9).estimate)
    floor = PowerLaw(table["test_error"], table["examples"], floor="estimate").fit()
    assert found["floor"]["estimate"] == pytest.approx(floor.params["floor"])
    assert [found["floor"]["low"], found["floor"]["high"]] == pytest.approx(floor.conf_int(0.1).loc["floor"].tolist())
    assert found["input"] | {"file": ""} == {"file": "", "rows": 12, "columns": {"y": "test_error", "x": "examples"},
                                             "guessed": ["y", "x"], "where": []}  # fmt: skip


def test_past_forecasts_are_those_of_the_earlier_points_alone(answer, curve_csv):
    table = pd.read_csv(curve_csv)
    past = answer("curve", curve_csv)["past"]
    assert len(past) > 2
    for one in past:
        seen = one["points_seen"]
        early, late = table[:seen], table[seen:]
        forecast = extrapolate(early["examples"], early["test_error"])
        low, high = forecast.predict_interval(late["examples"])
        assert (one["largest_x"], one["later_points"]) == (early["examples"].max(), len(late))
        assert one["inside"] == late["test_error"].between(low, high).sum()
        errors = np.log(forecast.predict(late["examples"]) / late["test_error"])
        assert one["rms_log_error"] == pytest.approx(np.sqrt((errors**2).mean()))


def test_origins_of_a_long_curve_count_points(answer, write):
    x = np.arange(1, 201)
    rows = "\n".join(f"{a},{1 + a**-0.5}" for a in x)
    past = answer("curve", write(f"x,y\n{rows}\n"))["past"]
    assert all(one["points_seen"] + one["later_points"] == 200 for one in past)
    assert all(one["largest_x"] == one["points_seen"] for one in past) and past[-1]["points_seen"] > 100


def test_order_and_format_of_the_file_do_not_matter(answer, write, curve_csv):
    table = pd.read_csv(curve_csv, dtype=str)
    given = answer("curve", curve_csv)
    for text in (table[::-1].to_csv(index=False, sep="\t"), table.to_json(orient="records", lines=True)):
        other = answer("curve", write(text, "same"))
        np.testing.assert_allclose(pd.DataFrame(other["forecasts"]), pd.DataFrame(given["forecasts"]))


def test_past_forecasts_that_held_too_seldom_are_named():
    for inside, later, level, told in (
        (6, 13, 0.95, True),
        (7, 9, 0.95, False),
        (3, 4, 0.95, False),
        (6, 13, 0.5, False),
    ):
        notes = disappointed([(later, later), (inside, later)], level)
        assert notes == [f"Only {inside} of {later} past outcomes were inside their interval: trust this one less than "
                         f"its {100 * level:g} %."] * told  # fmt: skip


def test_a_floor_is_looked_for_only_where_a_curve_falls(answer, write):
    rising = answer("curve", write("x,y\n1,1\n2,2\n4,3\n8,4.5\n16,6\n"))
    assert rising["floor"] is None and any("does not fall" in note for note in rising["notes"])
    one_x = answer("curve", write("x,y\n5,1\n5,2\n5,3\n5,4.5\n"), "--at", "6", "--target", "1")
    jsonschema.validate(one_x, curve_schema())
    assert one_x["forecasts"][0]["high"] is None and one_x["required"]["estimate"] is None  # no limit


def test_what_is_printed_for_people(capsys, curve_csv):
    assert cli.main(["curve", curve_csv, "--target", "1.05"]) == 0
    said = capsys.readouterr().out
    assert "12 rows" in said and "(guessed; to name others: --y, --x)" in said
    assert "test_error = 1.05: reached at examples = " in said and "floor, by one law with a floor: " in said
    assert "later ones" in said and said.count("floor") == 3  # once in a line, twice as names of laws
    assert cli.main(["curve", curve_csv, "--target", "0.99"]) == 0
    assert "does not come there within 1,000,000 times the largest examples; the better end" in capsys.readouterr().out
    assert cli.main(["curve", curve_csv, "--target", "0.1"]) == 0
    assert "not even the better end of the interval" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--at", "0"], "0 is not positive"),
        (["--at", "ten"], "'ten' is no number"),
        (["--level", "95"], "write 95 % as 0.95"),
        (["--y", "loss"], "no column loss"),
        (["--nonsense"], "unrecognized arguments"),
    ],
)
def test_bad_options(fault, curve_csv, arguments, said):
    assert said in fault("curve", curve_csv, *arguments)


def test_bad_rows(fault, write):
    assert fault("curve", write("x,y\n1,2\n2,abc\n")).endswith(
        "runs.csv, row 3, column y: “abc” is no number: write plain digits (1234.5 or 1.2e21) or take the row out"
    )
    assert "needs at least 4" in fault("curve", write("x,y\n1,2\n2,1\n"))
