"""`nbgrader generate_feedback`, typed in a course that our drop-in graded: learners see no hidden test, and their score."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bench import bench_courses
from tests.support.small_lab import SmallLab, chosen
from tests.support.small_stores import RELEASED, SOURCE, WRONG, notebook

AMINA, BOSCO = "amina.k", "bosco.n"
# Fails in its hidden part: the traceback quotes it, and the message comes from it.
FAILS = notebook("def add(a, b):\n    return 2", "assert add(1, 1) == 2")
HIDDEN = SOURCE.replace(b"assert add(20, 22) == 42", b"assert add(20, 22) == 42, 'ibanga-4711'")
SECRETS = ("ibanga-4711", "add(20, 22)", "HIDDEN TESTS")
PLAIN = "c = get_config()\n"
ODD = (
    'c.ClearHiddenTests.begin_test_delimeter = "VUGA BUHORO"\nc.ClearHiddenTests.end_test_delimeter = "VUGA"\n'
    "c.ClearHiddenTests.enabled = False\n"
    'c.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades"]\n'
)


def typed(course: Path, *words: str) -> str:
    """What one of nbgrader's commands says."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=course, env=bench_courses.nbgrader_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def made(folder: Path, lab: str, source: bytes, works: dict[str, dict[str, bytes]], config: str) -> Path:
    """A course of nbgrader's own with one lab, handed in by some."""
    files = {f"source/{lab}/{lab}.ipynb": source}
    for name, work in works.items():
        files |= {f"submitted/{name}/{lab}/{file}": content for file, content in work.items()}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "nbgrader_config.py").write_text(config)
    typed(folder, "generate_assignment", lab)
    return folder


def pages(course: Path, lab: str) -> dict[str, str]:
    """The pages that a trainer makes by hand, by learner."""
    typed(course, "autograde", lab)
    typed(course, "generate_feedback", lab)
    return {path.parts[-3]: path.read_text() for path in (course / "feedback").glob(f"*/{lab}/{lab}.html")}


DROP_IN = "from graders.nbgrader import drop_in; drop_in.install(c); c.ForkAutograde.keep_warm = False\n"


@pytest.mark.parametrize("more", ["", ODD], ids=["as it is", "with delimiters and steps of their own"])
def test_no_page_shows_a_hidden_test_or_what_it_said(tmp_path, more):
    source = HIDDEN
    if more:
        source = source.replace(b"END HIDDEN TESTS", b"VUGA").replace(b"BEGIN HIDDEN TESTS", b"VUGA BUHORO")
    works = {AMINA: {"sums.ipynb": FAILS}, BOSCO: {"sums.ipynb": WRONG}}
    found = pages(made(tmp_path, "sums", source, works, PLAIN + more + DROP_IN), "sums")
    assert set(found) == {AMINA, BOSCO}
    for page in found.values():
        assert [secret for secret in (*SECRETS, "VUGA") if secret in page] == []
        assert "Further tests of this task are not shown." in page
        assert "assert" in page, "what learners know of the test stays"
        assert "0.0" in page


def test_stock_nbgrader_shows_them_so_that_this_could_fail(tmp_path):
    found = pages(made(tmp_path, "sums", HIDDEN, {AMINA: {"sums.ipynb": FAILS}}, PLAIN), "sums")
    assert "ibanga-4711" in found[AMINA]


def test_a_hidden_test_that_never_ends_is_hidden_to_the_end():
    from graders.nbgrader.formgrader.safe_feedback import HIDES, HideTests

    book = nbformat.reads(
        HIDDEN.replace(b"### END HIDDEN TESTS", b"assert 'ibanga-4712'").decode(), as_version=4
    )
    cleared, _resources = HideTests().preprocess(book, {})
    assert cleared.cells[2].source == "assert add(1, 1) == 2"
    assert cleared.cells[2].outputs[0].text == f"{HIDES}\n"


def test_a_learners_own_cell_may_hold_the_same_words():
    from graders.nbgrader.formgrader.safe_feedback import HideTests

    own = "# ### BEGIN HIDDEN TESTS\nx = 1"
    book = nbformat.reads(notebook(own, "assert x").decode(), as_version=4)
    cleared, _resources = HideTests().preprocess(book, {})
    assert [cell.source for cell in cleared.cells[1:]] == [own, "assert x"]


def test_a_judged_task_shows_its_judges_sentence_and_nothing_of_the_judge(tmp_path):
    lab = SmallLab(tmp_path / "lab")
    work = lab.work(chosen("a"), v="bar = 0.05", f="length = len")
    works = {AMINA: {"count-letters.ipynb": work.notebook, "answers.json": work.answers or b""}}
    course = made(tmp_path / "course", "count-letters", lab.source, works, PLAIN + DROP_IN)
    page = pages(course, "count-letters")[AMINA]
    assert "Too low: 4." in page
    assert [
        secret for secret in ("isomo-judge", "bar_is_high", "SECRETWORD", "HIDDEN") if secret in page
    ] == []


def test_what_was_released_never_held_them(tmp_path):
    course = made(tmp_path, "sums", HIDDEN, {}, PLAIN + DROP_IN)
    assert b"ibanga" not in (course / "release" / "sums" / "sums.ipynb").read_bytes()
    assert b"ibanga" not in RELEASED
