"""What a submission may take with the drop-in follows from nbgrader's own time limit of its cells."""

from __future__ import annotations

import pytest

from graders.contract.work import Limits
from graders.engine.notebook_steps import Kind, Step
from graders.nbgrader.time_limits import LARGE, limits_for

HOUR = 3600


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
    assert (found.wall, found.cpu) == (wall, wall)
    assert found.task_wall == max(cells, default=Limits.task_wall)


def test_files_that_come_along_do_not_use_up_the_room_for_new_ones() -> None:
    assert limits_for(steps(1), 40 * LARGE + 1, HOUR).file_size == Limits().file_size + 41 * LARGE
    assert limits_for(steps(1), LARGE, HOUR).file_size == Limits().file_size
