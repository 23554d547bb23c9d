"""What a submission may take with the drop-in follows from nbgrader's own time limit of its cells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbgrader.converters import Autograde

from graders.contract import message_facts
from graders.contract.work_contract import Limits
from graders.engine.notebook_steps import Kind, Step
from graders.engine.submission_clock import AFTER_STOP
from graders.nbgrader.fork_autograde import ForkAutograde
from graders.nbgrader.time_limits import LARGE, limits_for

HOUR = 3600
PAGE = Path(__file__).parents[2].joinpath("docs/nbgrader-engine.md").read_text("utf-8")


def steps(*seconds: float) -> list[Step]:
    return [Step(str(number), "1", Kind.LEARNER, 0.0, each) for number, each in enumerate(seconds)]


@pytest.mark.parametrize(
    ("cells", "longest", "wall"),
    [
        ((30, 30, 30), HOUR, 300),
        ((1, 1), HOUR, 60),
        ((5, 120), HOUR, 1200),
        ((HOUR, 30), HOUR, HOUR),
        ((90, 90), 90, 90),
        ((20, 20), 20, 60),
        ((), HOUR, 300),
    ],
)
def test_a_submission_has_ten_times_its_longest_cell_and_a_minute_at_least(
    cells: tuple[float, ...], longest: float, wall: float
) -> None:
    """Cells without a limit have `longest`, and with them the whole submission."""
    found = limits_for(steps(*cells), 0, longest)
    assert (found.wall, found.cpu) == (wall, 2 * wall)
    assert found.task_wall == max(cells, default=Limits.task_wall)


def test_files_that_come_along_do_not_use_up_the_room_for_new_ones() -> None:
    assert limits_for(steps(1), 40 * LARGE + 1, HOUR).file_size == Limits().file_size + 41 * LARGE
    assert limits_for(steps(1), LARGE, HOUR).file_size == Limits().file_size


def test_a_course_that_says_how_long_a_submission_may_take_is_obeyed() -> None:
    found = limits_for(steps(30, 30), 0, HOUR, 20)
    assert (found.wall, found.cpu, found.task_wall) == (20, 40, 20)
    assert limits_for(steps(30), 0, HOUR, 900).wall == 900
    assert limits_for(steps(30), 0, HOUR, 0).wall == 300


def test_the_page_has_every_setting_of_the_drop_in_with_its_default() -> None:
    ours = set(ForkAutograde.class_traits(config=True)) - set(Autograde.class_traits(config=True))
    told = dict(re.findall(r"^\| `c\.ForkAutograde\.(\w+)` \| `(\w+)`", PAGE, re.MULTILINE))
    assert set(re.findall(r"^\| `c\.ForkAutograde\.(\w+)` \|", PAGE, re.MULTILINE)) == ours
    for name in ("submission_seconds", "longest", "largest_files"):
        assert told[name] == str(ForkAutograde.class_traits()[name].default_value)
    assert set(re.findall(r"c\.ForkAutograde\.(\w+)", PAGE)) == ours


def test_the_page_says_what_learners_read_at_a_limit() -> None:
    assert f"| {message_facts.stopped_after(30)} |" in PAGE
    assert f"| {message_facts.out_of_time_after_stop(AFTER_STOP)} |" in PAGE
    assert f"| {message_facts.out_of_wall_time(limits_for(steps(30), 0, HOUR).wall)} |" in PAGE
