"""With the wheel's shortcut, `nbgrader autograde` runs in a warm engine, for courses that use the drop-in."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bench import bench_courses
from tests.compat import test_warm_engine
from tests.compat.test_warm_engine import (
    NBGRADER,
    RIGHT,
    hand_in,
    marks,
    place,
    run,
    server_pid,
    shown,
    start_engine,
)

made, course, alone = test_warm_engine.made, test_warm_engine.course, test_warm_engine.alone
PARENT = "import os\nprint('parent', os.getppid())\n"
"""In a configuration: which process the run was forked from."""


@pytest.fixture(scope="module")
def shortcut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An environment with a warm engine, and with the wheel's line for the start of Python."""
    with place() as environment:
        started = bench_courses.with_shortcut(environment, tmp_path_factory.mktemp("start"))
        start_engine(started)
        yield started


def test_with_the_wheels_shortcut_nbgrader_autograde_runs_in_the_warm_engine(course, shortcut):
    hand_in(course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + PARENT)
    code, out, err = run(course, shortcut, *NBGRADER, "--debug")
    assert (code, marks(course)) == (0, {"amina": 2})
    assert f"parent {server_pid(shortcut)}\n" in out
    assert "Sanitizing" in err


def test_a_course_that_took_the_line_back_is_graded_by_nbgraders_own_engine_in_spite_of_the_shortcut(
    made, tmp_path, shortcut
):
    course = bench_courses.copy_course(made, tmp_path / "course", drop_in=False, keep_warm=True)
    config = course / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text()}# from graders.nbgrader import drop_in; drop_in.install(c)\n{PARENT}"
    )
    hand_in(course, f"import os\nprint(os.path.exists({str(course / 'gradebook.db')!r}))\n{RIGHT}")
    code, out, _ = run(course, shortcut, *NBGRADER)
    assert (code, marks(course), shown(course)) == (0, {"amina": 2}, "True\n")
    assert f"parent {server_pid(shortcut)}\n" in out


def test_a_course_without_the_line_meets_no_warm_engine(made, tmp_path, shortcut):
    course = bench_courses.copy_course(made, tmp_path / "course", drop_in=False, keep_warm=True)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + PARENT)
    code, out, _ = run(course, shortcut, "nbgrader", "autograde", "no-such-lab")
    assert code == 1
    assert f"parent {os.getpid()}\n" in out


def test_the_shortcut_without_a_warm_engine_grades_as_ever(course, alone, tmp_path):
    hand_in(course)
    started = bench_courses.with_shortcut({**alone, "CI": "true"}, tmp_path / "start")
    assert run(course, started, *NBGRADER)[0] == 0
    assert marks(course) == {"amina": 2}
