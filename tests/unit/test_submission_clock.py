"""Time that the cells of one submission may take, and the message that a learner reads at the end of that time."""

from __future__ import annotations

import pytest

from graders.contract import message_facts
from graders.contract.work_contract import Limits
from graders.engine import submission_clock
from graders.engine.notebook_steps import Kind, Step
from graders.engine.submission_clock import AFTER_STOP, LEAST_SECONDS, SubmissionClock


class Now:
    """Clock on the wall that a test turns."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    made = Now()
    monkeypatch.setattr(submission_clock.time, "monotonic", made)
    return made


def step(seconds: float | None = None) -> Step:
    return Step("1", "1", Kind.LEARNER, 0.0, seconds)


def stop(clock: SubmissionClock, now: Now, seconds: float | None = None) -> float:
    """Let a cell run until it is stopped; returns how long that took."""
    one = step(seconds)
    took = clock.seconds_for(one)
    now.seconds += took
    clock.shorten_rest(one, clock.late)
    return took


def test_three_cells_that_never_end_cost_a_submission_a_minute(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=300.0))
    assert [stop(clock, now) for _ in range(3)] == [30.0, 30.0, LEAST_SECONDS]
    assert clock.late == message_facts.out_of_time_after_stop(AFTER_STOP)


def test_a_long_notebook_without_an_endless_cell_has_all_of_its_time(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=300.0))
    for _ in range(10):
        assert clock.seconds_for(step()) == 30.0
        now.seconds += 29.0
    assert clock.seconds_for(step()) == 10.0
    assert clock.late == message_facts.out_of_wall_time(300)


def test_time_before_the_first_stopped_cell_is_not_counted(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=300.0))
    clock.seconds_for(step())
    now.seconds += 200.0
    stop(clock, now)
    assert clock.seconds_for(step()) == 30.0
    now.seconds += 29.0
    assert clock.seconds_for(step()) == 1.0
    assert clock.late == message_facts.out_of_time_after_stop(AFTER_STOP)


def test_what_a_stopped_cell_leaves_is_never_more_than_was_left(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=60.0))
    clock.seconds_for(step())
    now.seconds += 25.0
    stop(clock, now)
    assert clock.seconds_for(step()) == 5.0
    assert clock.late == message_facts.out_of_wall_time(60)


def test_a_course_with_long_cells_leaves_as_long_again_after_a_stopped_one(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=6000.0))
    assert stop(clock, now, 600.0) == 600.0
    assert clock.seconds_for(step(600.0)) == 600.0
    now.seconds += 590.0
    assert clock.seconds_for(step(600.0)) == 10.0
    assert clock.late == message_facts.out_of_time_after_stop(1200)


def test_a_cell_that_ends_for_another_reason_leaves_the_time_as_it_is(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=300.0))
    clock.seconds_for(step())
    clock.shorten_rest(step(), message_facts.used_too_much_memory(1 << 30))
    now.seconds += 100.0
    assert clock.seconds_for(step()) == 30.0


def test_time_that_a_crowded_machine_took_from_a_stopped_cell_is_not_counted(now: Now) -> None:
    clock = SubmissionClock(Limits(wall=300.0))
    clock.seconds_for(step())
    now.seconds += 70.0
    clock.excuse(clock.patience - 40.0)
    clock.shorten_rest(step(), clock.late)
    assert clock.seconds_for(step()) == 30.0
    assert clock.patience == 260.0
