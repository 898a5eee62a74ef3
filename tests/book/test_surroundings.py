"""The book in surroundings that people really have: it comes out the same, or one sentence says what is wrong."""

import json
import os
import resource
import shutil
import signal
import time

import psutil
import pytest

from tests.book.small import CODE, INDEX

pytestmark = pytest.mark.builder  # `make test-builder`

SHOWING = CODE + "\nimport matplotlib\nprint(matplotlib.rcParams['lines.linewidth'], 'x' in globals(), '−')"


def test_folders_may_have_any_name(named_book):
    assert named_book.build() == 0 and named_book.shown() == ["1.0", "1.0"]
    assert named_book.build() == 0 and named_book.runs == 1


# Each stands for a kind of container, service, console or personal setting.
SURROUNDINGS = {
    "no home": {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/x"},
    "C locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "8-bit console": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    "Python settings": {"PYTHONPATH": "own", "PYTHONSTARTUP": "own/start.py", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo",
                        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "own/pyc"},
    "threads": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
}  # fmt: skip


@pytest.mark.parametrize("variables", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_settings_of_the_machine_change_nothing(book, variables):
    book.chapter("1", code=SHOWING)
    assert book.execute() == 0
    plain = book.outputs()
    shutil.rmtree(book.root / "_build")
    book.write("own/dl_limits/used.py", "ZERO = 9")  # found first, it would show
    book.write("own/start.py", "x = 1")
    assert book.build(**variables) == 0 and book.shown() == ["1.0", "1.0"]
    assert book.outputs() == plain


def test_without_a_home_variable(book):
    assert book.build(without=("HOME", "USERPROFILE", "LANG", "LC_ALL", "TERM")) == 0


def test_personal_settings_of_libraries_do_not_enter(book):
    book.chapter("1", code=SHOWING)
    assert book.execute() == 0
    plain = book.outputs()
    shutil.rmtree(book.root / "_build")
    home = book.root.parent / "home"
    for place in ("matplotlibrc", ".config/matplotlib/matplotlibrc"):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text("lines.linewidth: 9\n")
    startup = home / ".ipython" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("x = 1\n")
    personal = {"HOME": str(home), "MATPLOTLIBRC": str(home / "matplotlibrc"), "IPYTHONDIR": str(home / ".ipython")}
    assert book.execute(**personal) == 0
    assert book.outputs() == plain


def test_another_kernel_of_the_same_name_is_not_started(book):
    spec = book.root.parent / "share" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["false"], "display_name": "Other", "language": "python"}))
    path = str(spec.parents[2])
    assert book.execute(JUPYTER_PATH=path, JUPYTER_DATA_DIR=path) == 0


def test_talk_on_standard_error_does_not_stop_the_book_but_a_warning_does(book):
    book.chapter("1", code=CODE + "\nprint('building the font cache', file=__import__('sys').stderr)")
    assert book.execute() == 0 and "building the font cache" in book.said
    assert [output.output_type for output in book.outputs()] == ["display_data"]
    book.chapter("1", code=CODE + "\nimport warnings; warnings.warn('not so sure')")
    for _ in range(2):  # a refused run is not kept
        assert book.execute() and "a.ipynb, cell 1" in book.said and "not so sure" in book.said
    book.chapter("1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]


def test_an_error_names_its_chapter_and_cell(book):
    book.chapter("1 / 0 + 1")
    assert book.build() and "a.ipynb, cell 1: ZeroDivisionError" in book.said


def test_what_a_chapter_starts_ends_with_it(book):
    start = "\nimport subprocess, sys\nwaiting = [sys.executable, '-c', 'import time; time.sleep(600)']"
    start += "\nprint(subprocess.Popen(waiting, stdin=-3, stdout=-3, stderr=-3).pid)"  # -3: none
    book.chapter("1", code=CODE + start)
    assert book.execute() == 0
    number = int(book.outputs()[-1].text)
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


# ------------------------------------------------------------------ edits, links, leftovers


def test_an_edit_during_a_run_is_noticed_even_when_taken_back(book):
    edit = "\nfor text in ('2', '1'):\n    open('../data/value.txt', 'w').write(text)"
    book.chapter("1", code=CODE + edit)
    assert book.build() and "data/value.txt changed while it ran: build again" in book.said
    book.chapter("1")
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"] and book.runs == 2


def test_a_linked_data_folder_is_followed(book):
    (book.root / "data").rename(book.root.parent / "elsewhere")
    (book.root / "data").symlink_to(book.root.parent / "elsewhere", target_is_directory=True)
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]
    (book.root.parent / "elsewhere" / "value.txt").write_text("2")
    assert book.build() == 0 and book.shown() == ["2.0", "2.0"]


def test_what_editors_leave_behind_is_ignored(book):
    assert book.build() == 0
    book.write("chapters/.ipynb_checkpoints/a-checkpoint.ipynb", "half a noteb")
    (book.root / ".#index.md").symlink_to("someone@somewhere.1234")
    assert book.build() == 0 and book.runs == 1


# ------------------------------------------------------------------ damage, kills, company


def damage(file, how):
    """Leave a file as kills, full disks and strangers do."""
    content = file.read_bytes()
    file.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "garbage": b"\x00\xff{"}[how])


def test_damage_in_the_build_folder_is_mended(book):
    assert book.build() == 0
    before = book.shown()
    kept = [file for file in sorted((book.root / "_build").rglob("*")) if file.is_file()]
    assert len(kept) > 20
    for shift in range(2):  # each file in two ways
        for number, file in enumerate(kept):
            damage(file, ["cut", "empty", "garbage"][(number + shift) % 3])
        assert book.build() == 0 and book.shown() == before
        assert "a kept run is damaged and is made again" in book.said and book.runs == 2 + shift


def test_a_damaged_site_is_not_up_to_date(book):
    assert book.build() == 0
    site = book.root / "_build" / "html"
    whole = {file: file.read_bytes() for file in site.rglob("*") if file.is_file()}
    (site / "stray.csv").write_text("left by another build")
    damage(site / "index.html", "empty")
    assert book.build() == 0
    (site / "searchindex.js").unlink()
    assert book.build() == 0
    assert {file: file.read_bytes() for file in site.rglob("*") if file.is_file()} == whole and book.runs == 1


@pytest.mark.parametrize("seconds", [0.4, 1.2, 2.0])
def test_a_killed_build_leaves_nothing_that_hurts(book, seconds):
    process = book.start(options={"start_new_session": True})
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]


def test_two_builds_at_once_are_one_after_the_other(book):
    processes = [book.start(), book.start()]
    said = [process.communicate()[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sum("is building this book" in text for text in said) == 1, said
    assert book.shown() == ["1.0", "1.0"] and book.runs == 1


@pytest.mark.parametrize("bytes_left", [0, 30_000])
def test_a_full_disk_is_said_and_leaves_nothing_that_hurts(book, bytes_left):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

    assert book.build(options={"preexec_fn": small_files})
    assert "The book was not built" in book.said
    assert book.build() == 0 and book.shown() == ["1.0", "1.0"]


def test_where_nothing_can_be_written_one_sentence_says_so(book):
    (book.root / "_build").symlink_to("/proc/self")  # as on a read-only disk, for an administrator too
    assert book.build() and "Traceback" not in book.said
    assert book.said.startswith("The book was not built: ") and "_build" in book.said


def test_an_interrupted_page_is_not_served_as_new(book):
    assert book.build() == 0
    book.write("index.md", INDEX.replace("a-value", "nothing"))
    assert book.build()
    assert not (book.root / "_build" / "built.stamp").exists()
