"""The runner loses, doubles and mixes up nothing; runs depend on their own key alone."""

import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from dl_limits.experiments import __main__, runs, training
from dl_limits.experiments.runs import COLUMNS, Cell, Grid, ResultsError, run

ROOT = Path(__file__).resolve().parents[2]
TINY = Grid.of("tiny", ["five_digits", "five_pretrained"], [4], [10, 20], 2)
# What the results file must survive does not hang on what is trained: a formula stands in for it.
STAND_IN = """
from dl_limits.experiments import training
training.train = lambda task, width, size, seed: training.Run(task, width, 285, size, seed, 50.0 / size, 1.0 + seed)
"""


@pytest.fixture(scope="module")
def expected():
    return run(TINY)


@pytest.fixture
def quick(monkeypatch):
    """Train nothing; return the table of `TINY`, so filled."""
    monkeypatch.setattr(training, "train", training.train)  # put back afterwards
    exec(STAND_IN, {})
    return run(TINY)


def test_the_table_is_tidy_and_in_the_order_of_the_grid(expected):
    assert tuple(expected.columns) == COLUMNS
    keys = expected[["task", "width", "size", "seed"]].itertuples(index=False)
    assert [Cell(*key) for key in keys] == list(TINY.cells)
    assert expected["test_error_pct"].between(0, 100).all() and (expected["test_loss_nats"] > 0).all()


def test_results_do_not_depend_on_workers_or_order(expected):
    turned = run(Grid("tiny", TINY.cells[::-1]), n_jobs=2)
    pd.testing.assert_frame_equal(turned[::-1].reset_index(drop=True), expected)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")  # its threads share Python's list of filters
def test_a_dask_cluster_gives_equal_results(expected, tmp_path):
    cluster = {"processes": False, "n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**cluster) as local, Client(local), joblib.parallel_config(backend="dask"):
        pd.testing.assert_frame_equal(run(TINY, tmp_path / "runs.csv"), expected)


def test_every_part_of_the_key_changes_the_run():
    base = ("five_digits", 4, 20, 0)
    others = [
        ("five_pretrained", 4, 20, 0),
        ("five_digits", 5, 20, 0),
        ("five_digits", 4, 21, 0),
        ("five_digits", 4, 20, 1),
    ]
    losses = [training.train(*key).test_loss_nats for key in [base, *others]]
    assert len(set(losses)) == 5


def test_params_are_counted():
    assert training.train("digits", 8, 20, 0).params == 64 * 8 + 8 + 8 * 10 + 10


# ------------------------------------------------------------------ data


@pytest.mark.parametrize("task", ["digits", "five_digits"])
def test_no_training_set_of_any_size_holds_a_test_row(task):
    for seed in range(20):
        order, test, pretraining = training.split(task, seed)
        assert len(set(order)) == len(order) and len(set(test)) == len(test)
        assert not set(test) & (set(order) | set(pretraining))
        for size in (len(order) // 4, len(order) // 2):  # doubling adds rows, exchanges none
            assert set(order[:size]) < set(order[: 2 * size])


def test_no_image_appears_twice():
    pixels, _ = training.images()
    assert len(np.unique(pixels, axis=0)) == len(pixels)


def test_training_sets_and_tests_are_balanced():
    labels = training.images()[1]
    for task, size in (("digits", 22), ("digits", 1408), ("five_digits", 10), ("five_digits", 640)):
        order, test, _ = training.split(task, 3)
        counts = np.unique(labels[order[:size]], return_counts=True)[1]
        assert len(counts) == (10 if task == "digits" else 5)
        assert np.ptp(counts) <= (1 if size < 1000 else 8)
        assert len(np.unique(labels[test])) == len(counts)


def test_partners_share_split_and_test():
    for a, b in (("digits", "digits_pretrained"), ("five_digits", "five_pretrained")):
        for mine, partners in zip(training.split(a, 1), training.split(b, 1), strict=True):
            np.testing.assert_array_equal(mine, partners)


def test_pretraining_never_sees_the_target_digits_or_their_test():
    labels = training.images()[1]
    order, test, pretraining = training.split("five_pretrained", 0)
    assert not set(labels[pretraining]) & (set(labels[order]) | set(labels[test]))


def test_leaked_rows_are_refused(monkeypatch):
    order, test, rest = training.split("digits", 0)
    monkeypatch.setattr(training, "split", lambda task, seed: (np.append(order, test[:1]), test, rest))
    with pytest.raises(RuntimeError, match="test rows"):
        training.train("digits", 4, len(order) + 1, 0)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_pretrained_network_starts_from_its_teacher():
    pixels, labels = training.images()
    teacher = training._pretrained_on_images("five_pretrained", 4, 0)
    model = training._network(4, 20, 1)
    plain = training._network(4, 20, 1).set_params(max_iter=1, learning_rate_init=1e-300).fit(pixels[:20], labels[:20])
    training._start(model, pixels[:20], labels[:20], teacher)
    np.testing.assert_array_equal(model.coefs_[0], teacher.coefs_[0])
    np.testing.assert_allclose(model.coefs_[1], plain.coefs_[1], atol=1e-12)
    assert model.max_iter > 100 and model.learning_rate_init == 0.001


def test_bare_scikit_learn_gives_the_same_network():
    from sklearn.neural_network import MLPClassifier

    pixels, labels = training.images()
    order, test, _ = training.split("digits", 0)
    state = int(training.rng_of(0, 0, 8, 64).integers(2**31))
    rows = order[:64]
    bare = MLPClassifier((8,), batch_size=32, max_iter=1000, n_iter_no_change=1000, random_state=state)
    with pytest.warns(Warning, match="reached"):
        bare.fit(pixels[rows], labels[rows])
    error = 100 * (1 - bare.score(pixels[test], labels[test]))
    assert training.train("digits", 8, 64, 0).test_error_pct == pytest.approx(error)


# ------------------------------------------------------------------ the results file


def program(path, before=""):
    """Return the command that makes the tiny grid into a file."""
    grid = "Grid.of('tiny', ['five_digits', 'five_pretrained'], [4], [10, 20], 2)"
    return [sys.executable, "-c", f"{before}\nfrom dl_limits.experiments import Grid, run\nrun({grid}, {str(path)!r})"]


# So slow that it is killed between two rows.
SLOW = """
import time
quick = training.train
training.train = lambda *cell: (time.sleep(0.1), quick(*cell))[1]
"""


def test_a_grid_killed_three_times_goes_on_where_it_stopped(quick, tmp_path):
    path = tmp_path / "runs.csv"
    kept = []
    for rows in (1, 3, 5):
        process = subprocess.Popen(program(path, f"{STAND_IN}{SLOW}"), cwd=ROOT)
        while process.poll() is None and not (path.exists() and path.read_bytes().count(b"\n") > rows):
            time.sleep(0.01)
        process.kill()
        process.wait()
        lines = path.read_bytes().splitlines()
        assert lines[: len(kept)] == kept  # nothing lost
        kept = lines
        with path.open("ab") as file:
            file.write(b"tiny,1,five_dig")  # as if killed in the middle of a line
    assert len(kept) >= 6
    pd.testing.assert_frame_equal(run(TINY, path), quick)
    lines = path.read_bytes().splitlines()
    assert lines[: len(kept)] == kept
    assert len(lines) == 1 + len(TINY.cells) == len(set(lines))  # nothing doubled


def test_a_second_run_on_the_same_file_is_refused(quick, tmp_path):
    path = tmp_path / "runs.csv"
    wait = "import sys\nfrom dl_limits.experiments import training\ntraining.train = lambda *cell: sys.stdin.read()"
    first = subprocess.Popen(program(path, wait), cwd=ROOT, stdin=subprocess.PIPE)
    while first.poll() is None and not (path.exists() and path.stat().st_size):
        time.sleep(0.01)
    before = path.read_bytes()
    with pytest.raises(ResultsError, match="another run is writing into it") as caught:
        run(TINY, path)
    assert str(path) in str(caught.value) and path.read_bytes() == before
    first.kill()  # and the file is free again
    first.wait()
    pd.testing.assert_frame_equal(run(TINY, path), quick)


def test_a_run_that_fails_frees_its_file(tmp_path, monkeypatch):
    path = tmp_path / "runs.csv"
    for _ in range(2):
        monkeypatch.setattr(training, "train", lambda *cell: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(TINY, path)


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system does not limit the size of files")
def test_a_disk_that_fills_in_mid_line_is_an_error(quick, tmp_path):
    """A limit on the size of files does what a full disk does: it takes a part of the line."""
    path = tmp_path / "runs.csv"
    run(TINY, path)
    whole = path.read_bytes()
    path.unlink()
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({len(whole) - 5}, {len(whole) - 5}))"
    process = subprocess.run(program(path, STAND_IN + limit), cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode and f"ResultsError: {path}: cannot be written: " in process.stderr
    assert path.read_bytes() == whole[:-5]
    pd.testing.assert_frame_equal(run(TINY, path), quick)
    assert path.read_bytes() == whole


def test_a_write_in_pieces_is_finished(quick, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:7]))
    pd.testing.assert_frame_equal(run(TINY, tmp_path / "runs.csv"), quick)
    monkeypatch.undo()
    monkeypatch.setattr(training, "train", lambda *cell: pytest.fail("trained again"))
    pd.testing.assert_frame_equal(run(TINY, tmp_path / "runs.csv"), quick)


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no open file")
def test_a_file_deleted_meanwhile_is_an_error(tmp_path, monkeypatch):
    path, train = tmp_path / "runs.csv", training.train
    monkeypatch.setattr(training, "train", lambda *cell: (path.unlink(missing_ok=True), train(*cell))[1])
    with pytest.raises(ResultsError, match="deleted while runs were written into it"):
        run(TINY, path)


def test_a_finished_grid_trains_nothing(quick, tmp_path, monkeypatch):
    path = tmp_path / "runs.csv"
    run(TINY, path)
    monkeypatch.setattr(training, "train", lambda *cell: pytest.fail("trained again"))
    pd.testing.assert_frame_equal(run(TINY, path), quick)


@pytest.mark.parametrize("cut", range(1, 30, 7))
def test_a_file_cut_off_in_its_header_is_begun_again(cut, tmp_path):
    path = tmp_path / "runs.csv"
    one = Grid("one", TINY.cells[:1])
    run(one, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    run(one, path)
    assert path.read_bytes() == whole


@pytest.fixture(scope="module")
def lines(expected):
    return [",".join(map(str, row)) for row in [COLUMNS, *expected.itertuples(index=False)]]


def cell(line, place, value):
    """Return a line with another value in one place."""
    cells = line.split(",")
    cells[place] = value
    return ",".join(cells)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: ["x,y", *t[1:]], "line 1: not a results file"),
        (lambda t: [t[0], t[1].replace("tiny", "huge")], "line 2: grid 'huge', version 1; this is grid 'tiny'"),
        (lambda t: [t[0], t[1].replace("tiny,1", "tiny,0")], "line 2: grid 'tiny', version 0"),
        (
            lambda t: [t[0], t[1].replace("five_digits,4", "five_digits,5")],
            "line 2: a run that grid 'tiny' does not hold",
        ),
        (lambda t: [*t[:3], t[1]], "line 4: a run that an earlier line holds too"),
        (lambda t: [t[0], t[1] + ",7"], "line 2: not a run"),
        (lambda t: [t[0], "a,b"], "line 2: not a run"),
        (lambda t: [t[0], "", *t[1:]], "line 2: not a run"),
        (lambda t: [*t[:3], t[3].replace("tiny,1", "tiny,1\r")], "line 4: not a run"),
        (lambda t: [*t[:3], t[3].replace("tiny,1,five", "tiny,1,fi\x00ve")], "line 4: a run that grid 'tiny' does not"),
        (lambda t: [*t[:3], t[3].replace("tiny,1,five", "tiny,1,fi\xffve")], "line 4: not valid UTF-8"),
        (lambda t: [*t[:3], cell(t[3], 3, "0_4")], "line 4: not a run"),
        (lambda t: [*t[:3], cell(t[3], -1, " 1.5")], "line 4: not a run"),
        (lambda t: [*t[:3], cell(t[3], -1, "nan")], "line 4: the loss is not a number from 0 up: nan"),
        (lambda t: [*t[:3], cell(t[3], -1, "inf")], "line 4: the loss is not a number from 0 up: inf"),
        (lambda t: [*t[:3], cell(t[3], -1, "-0.1")], "line 4: the loss is not a number from 0 up: -0.1"),
        (lambda t: [*t[:3], cell(t[3], -2, "nan")], "line 4: the error is not between 0 and 100 %: nan"),
        (lambda t: [*t[:3], cell(t[3], -2, "100.5")], "line 4: the error is not between 0 and 100 %: 100.5"),
        (lambda t: [*t[:3], cell(t[3], -2, "-1.0")], "line 4: the error is not between 0 and 100 %: -1.0"),
        (lambda t: [*t[:3], cell(t[3], 4, "7")], "line 4: 7 params; the same network has 285 in an earlier line"),
        (lambda t: [t[0], cell(t[1], 4, "-7")], "line 2: -7 params"),
    ],
)
def test_a_foreign_or_damaged_file_is_refused_untouched(change, message, lines, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_bytes(("\n".join(change(lines)) + "\n").encode("latin-1"))
    before = path.read_bytes()
    with pytest.raises(ResultsError, match=message) as caught:
        run(TINY, path)
    assert str(path) in str(caught.value) and path.read_bytes() == before


def test_an_unwritable_file_is_named_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "train", lambda *cell: pytest.fail("trained in vain"))
    for path in (tmp_path / "no_such_folder" / "runs.csv", tmp_path):
        with pytest.raises(ResultsError, match=r"cannot be (read|written)") as caught:
            run(TINY, path)
        assert str(path) in str(caught.value)


# ------------------------------------------------------------------ arguments


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Cell("letters", 4, 10, 0), "task must be one of digits, .*, not 'letters'"),
        (Cell("digits", 4, 0, 0), "size must be a positive whole number, not 0"),
        (Cell("digits", 4, -5, 0), "size must be a positive whole number, not -5"),
        (Cell("digits", 4, 2.5, 0), "size must be a positive whole number, not 2.5"),
        (Cell("digits", 0, 10, 0), "width must be a positive whole number, not 0"),
        (Cell("digits", 4, 2000, 0), "size 2000 is larger than the data: task digits, seed 0 has 1437"),
        (Cell("five_pretrained", 4, 900, 1), "size 900 is larger than the data: task five_pretrained, seed 1"),
    ],
)
def test_impossible_cells_are_named(cell, message):
    with pytest.raises(ValueError, match=message):
        Grid("mine", (cell,))


def test_a_cell_listed_twice_is_named():
    with pytest.raises(ValueError, match="listed twice: Cell"):
        Grid("mine", TINY.cells[:1] * 2)


def test_an_unknown_grid_is_named():
    with pytest.raises(ValueError, match="grid must be one of page, quick, full, not 'huge'"):
        run("huge")


def test_smaller_grids_are_parts_of_larger_ones():
    page, quick, full = (set(runs.grid_of(name).cells) for name in ("page", "quick", "full"))
    assert page < quick < full
    assert {cell.task for cell in page} == {cell.task for cell in quick}


def test_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(runs.GRIDS, "quick", lambda: TINY)
    out = tmp_path / "runs.csv"
    assert __main__.main(["run", "--out", str(out), "--jobs", "1"]) == 0
    assert "8 runs in" in capsys.readouterr().out and out.read_bytes().count(b"\n") == 9
    with pytest.raises(SystemExit):
        __main__.main(["run", "--grid", "huge"])
    assert "grid must be one of page, quick, full" in capsys.readouterr().err
    __main__.main(["environment"])
    assert {"python", "scikit-learn", "blas"} <= {row.split(",")[0] for row in capsys.readouterr().out.splitlines()}


# ------------------------------------------------------------------ the language


@pytest.fixture(scope="module")
def language():
    return training.language()


def test_pairs_are_stationary_by_another_route(language):
    """The left eigenvector of the chain on pairs, from LAPACK."""
    v = language.words
    chain = np.zeros((v**2, v**2))
    for i, j in product(range(v), repeat=2):
        chain[i * v + j, j * v : (j + 1) * v] = language.following[i, j]
    values, vectors = np.linalg.eig(chain.T)
    vector = np.real(vectors[:, np.argmax(values.real)])
    np.testing.assert_allclose(language.pairs.ravel(), vector / vector.sum(), atol=1e-12)


def test_exact_entropy_and_error_match_a_long_simulation(language):
    words = language.sample(400_000, np.random.default_rng(5))
    surprise = -np.log(language.following[words[:-2], words[1:-1], words[2:]])
    blocks = surprise[: len(surprise) // 200 * 200].reshape(200, -1).mean(axis=1)  # neighbours depend on each other
    assert blocks.std() / np.sqrt(200) < 0.003
    assert abs(surprise.mean() - language.entropy) < 4 * blocks.std() / np.sqrt(200)
    best = language.following.argmax(axis=2)[words[:-2], words[1:-1]]
    assert abs((best != words[2:]).mean() - language.best_error) < 0.004


def test_no_model_beats_the_entropy(language):
    rng = np.random.default_rng(1)
    for _ in range(20):
        other = language.following * np.exp(0.1 * rng.standard_normal(language.following.shape))
        other /= other.sum(axis=2, keepdims=True)
        assert language.loss(other) > language.entropy
        assert language.error(other) >= language.best_error


def test_words_follow_zipf_and_depend_on_both_words_before(language):
    words = np.sort(language.pairs.sum(axis=0))[::-1]
    slope = np.polyfit(np.log(np.arange(1, len(words) + 1)), np.log(words), 1)[0]
    assert -1.2 < slope < -0.8
    one_back = np.einsum("ij,ijk->jk", language.pairs, language.following) / language.pairs.sum(axis=0)[:, None]
    bigram = language.loss(np.broadcast_to(one_back, language.following.shape))
    unigram = -(words * np.log(words)).sum()
    assert language.entropy + 0.1 < bigram < unigram - 0.1


def test_a_longer_sample_begins_with_the_shorter(language):
    long, short = (language.sample(n, np.random.default_rng(3)) for n in (500, 100))
    np.testing.assert_array_equal(long[:100], short)


def test_runs_come_near_the_floor_and_stay_above_it(language):
    few, many = (training.train("language", 16, size, 0) for size in (500, 4000))
    assert language.entropy < many.test_loss_nats < few.test_loss_nats < np.log(language.words)
    assert many.test_error_pct > 100 * language.best_error
