"""The drop-in grades what stock nbgrader grades in ordinary courses, and one odd submission costs no other a mark."""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from bench import bench_courses
from graders.engine.fork_engine import ForkEngine
from graders.nbgrader.fork_autograde import UNFINISHED, ForkAutograde
from graders.nbgrader.shared_gradebook import SharedGradebook
from tests.support.course_labs import EDITORS, saved_with

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
RIGHT = "def area(a, b):\n    return a * b"
TEST = "assert area(2, 3) == 6"
TIMES = "area = lambda a, b: a * b"


def cell(name: str, source: str, **meta: Any) -> Any:
    made = new_code_cell(source, id=name)
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    made.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **kinds, **meta}
    return made


def notebook(test: str = TEST, before: str = "pass", name: str = "area") -> Any:
    cells = [
        new_markdown_cell("# Area", id="title"),
        new_code_cell(before, id="before"),
        cell(name, f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION", solution=True),
        cell(f"{name}-test", test, grade=True, locked=True, points=2),
    ]
    return new_notebook(cells=cells, metadata=KERNEL)


def write(path: Path, made: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.v4.writes(made), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with an assignment of one notebook, one of two and a helper, and one whose mark is what a test shows."""
    folder = tmp_path_factory.mktemp("ordinary")
    write(folder / "source/ps1/été 1.ipynb", notebook("assert area(2, 3) == 6"))
    (folder / "source/ps1/données 1.csv").write_text("a\n1\n2\n")
    write(folder / "source/ps2/one.ipynb", notebook("assert area(twice(1), 3) == 6", "%run helpers.ipynb"))
    write(folder / "source/ps2/two.ipynb", notebook(name="other"))
    write(folder / "source/ps3/share.ipynb", notebook("area(1, 1)"))
    helper = new_notebook(cells=[new_code_cell("def twice(x):\n    return 2 * x", id="a")], metadata=KERNEL)
    write(folder / "source/ps2/helpers.ipynb", helper)
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'x'\nc.CourseDirectory.root = {str(folder)!r}\n"
    )
    for lab in ("ps1", "ps2", "ps3"):
        bench_courses.run_nbgrader(["generate_assignment", lab], folder)
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[ForkEngine]:
    """One warm engine for all batches here."""
    with ForkEngine() as one, pytest.MonkeyPatch.context() as patch:
        patch.setattr(one, "close", lambda: None)
        yield one
    one._openings.close()


@pytest.fixture
def course(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, in which the test stands."""
    copied = bench_courses.copy_course(made, tmp_path / "copy", drop_in=False)
    monkeypatch.chdir(copied)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return copied


def hand_in(
    course: Path, learner: str, change: Callable[[Any], None] = lambda _: None, lab: str = "ps1"
) -> Path:
    """Hand in every released notebook with the right answer; `change` alters each of them."""
    folder = course / "submitted" / learner / lab
    for path in (course / "release" / lab).glob("*.ipynb"):
        found = nbformat.read(path, as_version=4)
        for one in found.cells:
            if one.metadata.get("nbgrader", {}).get("solution"):
                one.source = TIMES
        change(found)
        write(folder / path.name, found)
    return folder


def grade(engine: ForkEngine | None, lab: str = "ps1", *, stock: bool = False, **config: Any) -> str | None:
    """Grade in this process; return what ended the batch, or None."""
    app = AutogradeApp()
    app.initialize([lab, "--log-level=WARN"])
    app.log.propagate = True
    app.coursedir.assignment_id = lab
    for name, value in config.items():
        kind, trait = name.split("__")
        app.config[kind][trait] = value
    if stock:
        converter = Autograde(coursedir=app.coursedir, parent=app)
    else:
        given = {} if engine is None else {"engine": engine}
        converter = ForkAutograde(coursedir=app.coursedir, parent=app, **given)
    try:
        converter.start()
    except NbGraderException as error:
        return str(error)
    return None


def marks(course: Path) -> dict[str, float | None]:
    """Each learner's marks, for both notebooks together."""
    found: dict[str, float | None] = {}
    for (learner, _cell), (mark, *_) in bench_courses.gradebook_scores(course).items():
        found[learner] = mark if found.get(learner) is None else found[learner] + (mark or 0)
    return found


def test_one_renamed_notebook_is_reported_by_name_and_all_others_are_graded(course, engine, caplog):
    hand_in(course, "amina")
    renamed = hand_in(course, "mukasa")
    (renamed / "été 1.ipynb").rename(renamed / "été 1 (Mukasa).ipynb")
    hand_in(course, "zawadi")
    said = grade(engine)
    assert said == "Not graded: 1. The lines above say why. All others are graded."
    assert marks(course) == {"amina": 2, "mukasa": None, "zawadi": 2}
    assert "été 1 (Mukasa).ipynb has another name than the assignment's notebook" in caplog.text
    assert "Rename it to été 1.ipynb" in caplog.text


@pytest.mark.parametrize("timeout", [-1, None, 0, 10**12])
def test_a_timeout_of_none_zero_or_less_is_no_limit(course, engine, timeout):
    hand_in(course, "amina")
    assert grade(engine, ExecutePreprocessor__timeout=timeout) is None
    assert marks(course) == {"amina": 2}


def test_each_cell_has_the_time_that_timeout_func_gives_it(course, engine):
    def slow(found: Any) -> None:
        found.cells.insert(1, new_code_cell("import time; time.sleep(60)", id="slow"))

    def seconds(one: Any) -> int:
        return 1 if "sleep" in one.source else 30

    hand_in(course, "amina", slow)
    assert grade(engine, Execute__timeout_func=seconds) is None
    assert marks(course) == {"amina": 2}
    written = nbformat.read(course / "autograded/amina/ps1/été 1.ipynb", 4)
    assert written.cells[1].outputs[0].ename == "CellTimeoutError"


@pytest.mark.parametrize("grade_id", [None, "", 7])
def test_a_plain_cell_with_empty_nbgrader_metadata_is_a_plain_cell(course, engine, grade_id):
    def change(found: Any) -> None:
        meta = {"grade": False, "locked": False, "solution": False}
        found.cells[1].metadata["nbgrader"] = meta | ({} if grade_id is None else {"grade_id": grade_id})

    hand_in(course, "amina", change)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


def test_a_graded_cell_of_another_assignment_is_named_and_left_out(course, engine, caplog):
    foreign = cell("week9-test", "assert False", grade=True, locked=True, points=5)
    hand_in(course, "amina", lambda found: found.cells.append(foreign))
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}
    assert "the graded cell week9-test is not in this assignment" in caplog.text


def test_a_notebook_without_any_cell_of_the_assignment_is_refused_and_says_so(course, engine, caplog):
    foreign = cell("week9-test", "assert False", grade=True, locked=True, points=5)
    hand_in(course, "amina", lambda found: found.update(cells=[foreign]))
    assert grade(engine) is not None
    assert "Its graded cells (week9-test) are not in this assignment" in caplog.text


def test_a_helper_notebook_reaches_the_sandbox_whether_handed_in_or_only_released(course, engine):
    hand_in(course, "amina", lab="ps2")
    (hand_in(course, "zawadi", lab="ps2") / "helpers.ipynb").unlink()
    assert grade(engine, "ps2") is None
    assert marks(course) == {"amina": 4, "zawadi": 4}


def test_hidden_tests_and_solutions_of_another_notebook_do_not_reach_the_sandbox(course, engine):
    seen = (
        "import pathlib\nprint(sorted(p.name for p in pathlib.Path('.').glob('*')), open('two.ipynb').read())"
    )
    hand_in(course, "amina", lambda found: found.cells.insert(1, new_code_cell(seen, id="look")), lab="ps2")
    path = course / "submitted/amina/ps2/two.ipynb"
    path.write_text(path.read_text().replace("assert area(2, 3) == 6", "the test as handed in"))
    assert grade(engine, "ps2") is None
    shown = nbformat.read(course / "autograded/amina/ps2/one.ipynb", 4).cells[1].outputs[0].text
    assert "helpers.ipynb" in shown
    assert "the test as handed in" in shown
    assert "BEGIN SOLUTION" not in shown


def test_missing_cells_are_put_back_where_the_course_asks_for_it(course, engine):
    hand_in(course, "amina", lambda found: found.cells.pop())
    assert grade(engine, OverwriteCells__add_missing_cells=True) is None
    assert marks(course) == {"amina": 2}


def test_files_larger_than_a_frame_arrive_whole(course, engine):
    folder = hand_in(
        course,
        "amina",
        lambda found: found.cells.insert(
            1,
            new_code_cell("import os\nprint([os.path.getsize('big été.bin'), open('données 1.csv').read()])"),
        ),
    )
    content = bytes(range(256)) * (1 << 12) * 20 + b"end"
    (folder / "big été.bin").write_bytes(content)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}
    shown = nbformat.read(course / "autograded/amina/ps1/été 1.ipynb", 4).cells[1].outputs[0].text
    assert shown == f"[{len(content)}, 'a\\n1\\n2\\n']\n"


def test_a_learners_file_over_the_limit_is_left_out_with_a_warning(course, engine, caplog):
    (hand_in(course, "amina") / "video.bin").write_bytes(b"0" * 3000)
    assert grade(engine, ForkAutograde__largest_files=2000) is None
    assert marks(course) == {"amina": 2}
    assert "video.bin is left out" in caplog.text


def test_files_of_the_assignment_over_the_limit_name_the_setting(course, engine, caplog):
    hand_in(course, "amina")
    assert grade(engine, ForkAutograde__largest_files=3) is not None
    assert "c.ForkAutograde.largest_files" in caplog.text


def test_a_notebook_that_is_large_because_of_its_outputs_is_graded(course, engine):
    def print_much(found: Any) -> None:
        found.cells[1].outputs = [new_output("stream", name="stdout", text="0" * 21_000_000)]

    hand_in(course, "amina", print_much)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


def test_a_damaged_notebook_costs_the_other_one_nothing_and_is_tried_again(course, engine, caplog):
    broken = hand_in(course, "amina", lab="ps2") / "two.ipynb"
    whole = broken.read_text()
    broken.write_text(whole[:100])
    assert grade(engine, "ps2") is not None
    assert marks(course) == {"amina": 2}
    assert "two.ipynb was not graded" in caplog.text
    assert (course / "autograded/amina/ps2/one.ipynb").is_file()
    broken.write_text(whole)
    assert grade(engine, "ps2") is None
    assert marks(course) == {"amina": 4}
    assert not (course / "autograded/amina/ps2" / UNFINISHED).exists()


def test_a_submission_whose_other_notebooks_have_no_graded_cell_fails_whole_as_with_stock(
    course, engine, caplog
):
    whole = hand_in(course, "mukasa", lab="ps2")
    broken = hand_in(course, "amina", lab="ps2")
    (broken / "one.ipynb").write_text("{")
    (broken / "two.ipynb").write_text("{")
    assert (broken / "helpers.ipynb").is_file()
    assert whole.is_dir()
    assert grade(engine, "ps2") == "Not graded: 1. The lines above say why. All others are graded."
    assert "one.ipynb was not graded" in caplog.text
    assert "keep their marks" not in caplog.text
    assert "None of its notebooks can be graded." in caplog.text
    assert not (course / "autograded/amina/ps2").exists()
    assert marks(course)["mukasa"] == 4


@pytest.mark.parametrize("name", ["conda-env-ai-py", "python3112jvsc74a57bd0", "pycharm-1f2e", "Colab 1"])
def test_a_python_notebook_of_any_kernel_is_graded_as_python(course, engine, name):
    path = course / "gradebook.db"
    hand_in(
        course, "amina", lambda found: found.metadata.update(kernelspec={"name": name, "display_name": name})
    )
    courses_kernel(path, None)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


@pytest.mark.parametrize(
    ("kernel", "language"),
    [
        ({"name": "ir", "display_name": "R", "language": "R"}, "R"),
        ({"name": "julia-1.10", "display_name": "Julia 1.10.2", "language": "julia"}, "Julia"),
    ],
)
def test_a_notebook_in_another_language_is_refused_in_words_and_stays_where_it_is(
    course, engine, caplog, kernel, language
):
    folder = hand_in(course, "amina", lambda found: found.metadata.update(kernelspec=kernel))
    hand_in(course, "zawadi")
    courses_kernel(course / "gradebook.db", None)
    assert grade(engine) is not None
    assert f"It is written in {language}, and only Python is graded here." in caplog.text
    assert (folder / "été 1.ipynb").is_file()
    assert marks(course) == {"amina": None, "zawadi": 2}


def courses_kernel(database: Path, kernel: str | None) -> None:
    """Have the assignment say nothing of its kernel, so that the learner's counts."""
    import sqlite3

    with sqlite3.connect(database) as book:
        book.execute("update notebook set kernelspec = ?", (json.dumps(kernel),))


@pytest.mark.parametrize("editor", EDITORS)
def test_a_notebook_saved_with_another_program_is_graded(course, engine, editor):
    path = hand_in(course, "amina") / "été 1.ipynb"
    path.write_bytes(saved_with(editor, path.read_bytes()))
    courses_kernel(course / "gradebook.db", None)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


def test_data_in_a_subfolder_are_where_they_were_released(course, engine):
    read = "print(open('données/été 2.csv').read(), open('mine/own.csv').read())"
    folder = hand_in(course, "amina", lambda found: found.cells.insert(1, new_code_cell(read, id="read")))
    for path, text in (
        (course / "source/ps1/données/été 2.csv", "released"),
        (folder / "données/été 2.csv", "changed"),
        (folder / "mine/own.csv", "own"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}
    shown = nbformat.read(course / "autograded/amina/ps1/été 1.ipynb", 4).cells[1].outputs[0].text
    assert shown == "released own\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_with_a_byte_order_mark_is_graded(course, engine, encoding):
    path = hand_in(course, "amina") / "été 1.ipynb"
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_version_of_the_format_is_graded_with_and_without_ids(course, engine, minor):
    path = hand_in(course, "amina") / "été 1.ipynb"
    found = json.loads(path.read_text("utf-8"))
    found["nbformat_minor"] = minor
    for number, one in enumerate(found["cells"]):
        if number % 2:
            one.pop("id", None)
    path.write_text(json.dumps(found), "utf-8")
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_test_or_answer_whose_type_was_changed_is_code_again(course, engine, kind):
    def change(found: Any) -> None:
        for one in found.cells[2:]:
            one.cell_type = kind
            del one["outputs"], one["execution_count"]

    hand_in(course, "amina", change)
    assert grade(engine) is None
    assert marks(course) == {"amina": 2}


def test_marks_and_failures_are_those_of_the_stock_engine(course, engine, caplog):
    caplog.set_level(logging.CRITICAL)
    hand_in(course, "amina")
    hand_in(course, "kalisa", lambda found: found.cells.pop())
    (hand_in(course, "mukasa") / "été 1.ipynb").rename(course / "submitted/mukasa/ps1/other.ipynb")
    assert grade(engine, stock=True) is not None
    theirs = bench_courses.gradebook_scores(course)
    for folder in (course / "autograded").iterdir():
        folder.rename(course / f"stock-{folder.name}")
    assert grade(engine) is not None
    assert bench_courses.gradebook_scores(course) == theirs


def in_r(folder: Path) -> None:
    found = nbformat.read(folder / "été 1.ipynb", 4)
    found.metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    write(folder / "été 1.ipynb", found)


def damaged(folder: Path) -> None:
    (folder / "été 1.ipynb").write_text("{")


@pytest.mark.parametrize("spoil", [in_r, damaged])
def test_a_class_of_which_nothing_can_be_graded_has_the_rows_that_stock_leaves(course, engine, spoil):
    """Formgrader and an export then show who handed something in."""
    courses_kernel(course / "gradebook.db", None)
    for learner in ("amina", "zawadi"):
        spoil(hand_in(course, learner))
    other = bench_courses.copy_course(course, course.with_name("stock"), drop_in=False)
    assert grade(engine) is not None
    assert marks(course) == {"amina": None, "zawadi": None}
    assert not list((course / "autograded").glob("*/ps1"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(other)
        assert grade(engine, stock=True) is not None
    assert bench_courses.gradebook_scores(other) == bench_courses.gradebook_scores(course)


def test_rows_that_another_program_made_meanwhile_stay_and_the_others_are_added(course, engine, monkeypatch):
    expect = SharedGradebook.expect

    def overtaken(self: SharedGradebook, assignment: str, students: list[str]) -> None:
        expect(self, assignment, students)
        self.db.rollback()
        with Gradebook(self.db_url) as other:
            other.add_student("amina")
            other.add_submission(assignment, "amina")

    for learner in ("amina", "zawadi"):
        damaged(hand_in(course, learner))
    monkeypatch.setattr(SharedGradebook, "expect", overtaken)
    assert grade(engine) == "Not graded: 2. The lines above say why. All others are graded."
    assert marks(course) == {"amina": None, "zawadi": None}


LOOP = "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except:\n        print('Try again.')"
REASONS = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text("utf-8"))["courses"]


def waits_without_end(course: Path) -> tuple[str, float]:
    """A bare `except` catches the interrupt that should end the loop."""
    hand_in(course, "amina", lambda found: found.cells.insert(1, new_code_cell(LOOP, id="loop")))
    return "ps1", 2


def shows_more_than_the_points(course: Path) -> tuple[str, float]:
    def change(found: Any) -> None:
        found.cells[2].source = "def area(a, b):\n    return 3"

    hand_in(course, "amina", change, lab="ps3")
    return "ps3", 0


EXCEPTIONS = {
    "a-cell-that-nothing-ends": waits_without_end,
    "more-than-the-points": shows_more_than_the_points,
}


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_work_at_which_stock_ends_a_submission_gets_its_marks(course, engine, name):
    lab, mark = EXCEPTIONS[name](course)
    assert grade(engine, lab, ExecutePreprocessor__timeout=1) is None
    assert marks(course) == {"amina": mark}


@pytest.mark.full
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_stock_gives_no_marks_at_all_for_it(course, engine, name):
    lab, _mark = EXCEPTIONS[name](course)
    assert grade(engine, lab, stock=True, ExecutePreprocessor__timeout=1) is not None
    assert marks(course) == {"amina": None}


def test_each_difference_has_a_reason_and_no_reason_is_left_over():
    assert set(REASONS) == set(EXCEPTIONS)
    assert all(reason.endswith(".") for reason in REASONS.values())


def test_a_few_submissions_have_a_template_with_what_they_import(course):
    table = (
        "import pandas as pd\nimport matplotlib.pyplot as plt\nplt.plot([1]); pd.DataFrame({'a': [1]}).plot()"
    )
    hand_in(course, "amina", lambda found: found.cells.insert(1, new_code_cell(table)))
    assert grade(None) is None
    assert marks(course) == {"amina": 2}
    shown = nbformat.read(course / "autograded/amina/ps1/été 1.ipynb", 4).cells[1].outputs
    kinds = [one.output_type for one in shown]
    assert "error" not in kinds
    assert any("image/png" in one.get("data", {}) for one in shown)
