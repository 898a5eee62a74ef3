"""The surface command says what `LossSurface` says, of the rows of the file."""

import jsonschema
import numpy as np
import pandas as pd
import pytest

from dl_limits import cli
from dl_limits.cli.surface import surface_schema
from dl_limits.laws import LossSurface, compare, same_size


def test_the_answer_is_the_engines(answer, surface_csv):
    arguments = ["--at", "7e10", "1.4e12", "--at", "1e9", "2e10", "--budget", "1e21", "--level", ".9"]
    found = answer("surface", surface_csv, *arguments)
    jsonschema.validate(found, surface_schema())
    table = pd.read_csv(surface_csv)
    fit = LossSurface(table["val_loss"], table["params"], table["tokens"], groups=same_size(table["params"])).fit()
    rows = pd.DataFrame(found["parameters"]).set_index("name")
    np.testing.assert_allclose(rows["estimate"], fit.params)
    np.testing.assert_allclose(rows[["low", "high"]], fit.conf_int(0.1))
    runs = pd.DataFrame(found["predictions"])
    np.testing.assert_allclose(runs[["low", "high"]].T, fit.predict_interval([7e10, 1e9], [1.4e12, 2e10], 0.9))
    np.testing.assert_allclose(runs["estimate"], fit.get_prediction([7e10, 1e9], [1.4e12, 2e10]).predicted_mean)
    assert found["comparison"] is None
    pd.testing.assert_frame_equal(pd.DataFrame(found["budgets"]), fit.optimal_allocation(1e21, 0.1))
    assert rows["low"]["alpha"] < 0.34 < rows["high"]["alpha"]


def test_laws_are_compared_as_the_engine_does(answer, surface_csv, capsys):
    arguments = ["surface", surface_csv, "--at", "7e10", "1.4e12", "--compare"]
    document = answer(*arguments)
    jsonschema.validate(document, surface_schema())
    found, table = document["comparison"], pd.read_csv(surface_csv)
    expected = compare(table["params"], table["tokens"], table["val_loss"])
    pd.testing.assert_frame_equal(pd.DataFrame(found["laws"]), expected.table, check_dtype=False)
    (place,) = found["predictions"]
    assert place["estimate"] == pytest.approx(expected.predict(7e10, 1.4e12)[0])
    assert place["disagreement"] == expected.disagreement(7e10, 1.4e12)
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert place["disagreement"] in said and "laws by forecast" in said


def test_past_forecasts_are_of_runs_with_more_compute(answer, surface_csv):
    past = answer("surface", surface_csv)["past"]
    assert past and all(one["runs_seen"] + one["later_runs"] == 36 for one in past)
    table = pd.read_csv(surface_csv)
    flop = np.sort(6 * table["params"] * table["tokens"])
    assert all(one["largest_flop"] == pytest.approx(flop[one["runs_seen"] - 1]) for one in past)


def test_runs_of_sizes_of_their_own_are_independent(answer, write):
    rng = np.random.default_rng(0)
    n, d = np.exp(rng.uniform(18, 23, 12)), np.exp(rng.uniform(21, 25, 12))
    rows = [f"{a},{b},{1.8 + 400 / a**0.34 + 2000 / b**0.37}" for a, b in zip(n, d, strict=True)]
    found = answer("surface", write("\n".join(["n,d,loss", *rows])))
    assert any("independent" in note for note in found["notes"])


def test_what_is_printed_for_people(capsys, surface_csv):
    assert cli.main(["surface", surface_csv, "--at", "7e10", "1.4e12", "--budget", "1e21"]) == 0
    said = capsys.readouterr().out
    for words in ("val_loss", "E + A/N^alpha + B/D^beta", "N 7e+10, D 1.4e+12", "1e+21 FLOP, tokens per param"):
        assert words in said


def test_bad_input(fault, surface_csv, write):
    assert "in pairs" in fault("surface", surface_csv, "--at", "7e10")
    assert "needs at least 6" in fault("surface", write("n,d,loss\n1,2,3\n"))
    few = "\n".join(f"{n},{d},{1 + n**-0.1 + d**-0.1}" for n, d in [(1, 2), (3, 5), (7, 9), (11, 4), (2, 13), (8, 1)])
    assert "--compare: loss has 6 runs" in fault("surface", write(f"n,d,loss\n{few}\n"), "--compare")
    assert "no column looks like tokens" in fault("surface", write("params,loss\n1,2\n"))
