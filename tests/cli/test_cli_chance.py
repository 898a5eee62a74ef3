"""The chance command says what `ChanceTest` says, of the rows of the file; p-values against scipy's exact test."""

import jsonschema
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from dl_limits import cli
from dl_limits.cli.chance import chance_schema

SCORES = "task,accuracy,items,chance\na,41.5,1000,1/3\nb,50.0,200,0.5\nc,20,50,.25\nd,100,40,0.5\ne,0,40,1/4\n"


def test_the_answer_is_the_exact_tests(answer, write):
    found = answer("chance", write(SCORES))
    jsonschema.validate(found, chance_schema())
    rows = pd.DataFrame(found["scores"])
    chances = [1 / 3, 0.5, 0.25, 0.5, 0.25]
    np.testing.assert_allclose(rows["chance_pct"], np.multiply(100, chances))
    right = [415, 100, 10, 40, 0]
    assert rows["count_low"].tolist() == rows["count_high"].tolist() == right
    tests = [binomtest(k, n, p, "greater") for k, n, p in zip(right, rows["items"], chances, strict=True)]
    np.testing.assert_allclose(rows["p_above"], [test.pvalue for test in tests])
    np.testing.assert_allclose(rows["p_above_holm"], multipletests(rows["p_above"], method="holm")[1])
    ends = [binomtest(k, n).proportion_ci(0.95) for k, n in zip(right, rows["items"], strict=True)]
    np.testing.assert_allclose(rows[["low", "high"]], 100 * np.array(ends), atol=1e-9)
    assert rows["label"].tolist() == list("abcde")


def test_shares_and_one_chance_for_all(answer, write):
    found = answer("chance", write("acc,n\n0.415,1000\n0.50,200\n"), "--chance", "1/3")
    rows = pd.DataFrame(found["scores"])
    assert rows["accuracy_pct"].tolist() == pytest.approx([41.5, 50]) and rows["label"].tolist() == ["row 2", "row 3"]
    assert rows["count_low"].tolist() == [415, 99]  # 0.50 of 200 is printed for 99 to 101
    assert found["notes"][0] == "No acc exceeds 1: they were read as shares."
    for cell, ends in (("0.5", (180, 220)), ("0.3", (100, 140)), ("1", (200, 400))):  # a share of one digit: tens
        short = answer("chance", write(f"acc,n\n{cell},400\n0.3125,400\n"), "--chance", "1/3")
        assert (short["scores"][0]["count_low"], short["scores"][0]["count_high"]) == ends
        assert "rounded where its digits end" in short["notes"][1]
    per_cent = answer("chance", write("acc_pct,n\n0.5,1000\n1.0,200\n"), "--chance", "0.01")["scores"]
    assert [row["accuracy_pct"] for row in per_cent] == [0.5, 1.0]


def test_what_is_printed_for_people(capsys, write):
    assert cli.main(["chance", write(SCORES)]) == 0
    said = capsys.readouterr().out
    assert "p (above chance)" in said and "above chance 2 of 5, below chance 1" in said


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("acc,n\n41.53,10\n", ["--chance", "1/3"], "row 2, column acc: no count of 10 gives this accuracy"),
        (
            "acc,n\n0.52,400\n28.25,400\n",
            ["--chance", "1/3"],
            "row 2, column acc: no count of 400 gives this accuracy: it was",
        ),
        ("acc,n\n0.0052,400\n", ["--chance", "1/3"], "this accuracy: is it a mean"),  # a share: nothing is mixed
        ("acc,n\n141,10\n", ["--chance", "1/3"], "row 2, column acc: “141” is no accuracy"),
        ("acc,n\n50,10.5\n", ["--chance", "1/3"], "row 2, column n: 10.5 is no number of questions"),
        ("acc,n\n50,10\n", ["--chance", "33"], "neither a column nor a share"),
        ("acc,n\n50,10\n", [], "no column looks like chance"),
        ("acc,n,chance\n50,10,33\n", [], "row 2, column chance: “33” is no chance level"),
    ],
)
def test_bad_input(fault, write, text, arguments, said):
    assert said in fault("chance", write(text), *arguments)
