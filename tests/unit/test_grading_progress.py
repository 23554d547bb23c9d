"""Progress of grading, shared by all who watch."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from hub.campus import grading_progress
from hub.campus.grading_progress import Live
from hub.store import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(grading_progress.time, "monotonic", lambda: clock.now)
    return clock


def live_of(*counts: tuple[int, int]) -> Live:
    """Return a view of a store whose grading is at each of `counts` (all, graded), one after the other."""
    left = iter(counts)
    return Live(SimpleNamespace(progress=lambda *_: Progress(*next(left), 0, 0)))


def test_watchers_are_told_the_rate_and_the_time_left(clock):
    live = live_of((10, 2), (10, 6), (10, 10))
    assert live.pace("course", "lab").said()["seconds_left"] is None
    clock.now = 102.0
    pace = live.pace("course", "lab")
    assert (pace.rate, pace.seconds_left) == (2.0, 2)
    clock.now = 110.0
    assert live.pace("course", "lab").seconds_left is None


def test_an_answer_is_shared_for_less_than_a_second(clock):
    live = live_of((10, 2), (10, 6))
    assert live.progress("course", "lab").graded == 2
    clock.now += 0.8
    assert live.progress("course", "lab").graded == 2
    clock.now += 0.2
    assert live.progress("course", "lab").graded == 6


def test_a_page_counts_what_there_is_at_its_moment(clock):
    """Else the first live message after it would be news that the page does not show."""
    live = live_of((10, 2), (10, 6))
    assert live.progress("course", "lab").graded == 2
    assert live.pace("course", "lab", of_now=True).progress.graded == 6
    assert live.progress("course", "lab").graded == 6


def test_who_watches_one_lab_does_not_wait_for_the_counts_of_another():
    asked, answered = threading.Event(), threading.Event()

    def progress(_course: str, lab: str) -> Progress:
        if lab == "slow":
            asked.set()
            assert answered.wait(60)
        return Progress(1, 1, 0, 0)

    live = Live(SimpleNamespace(progress=progress))
    slow = threading.Thread(target=live.progress, args=("course", "slow"), daemon=True)
    slow.start()
    assert asked.wait(60)
    quick = threading.Thread(target=live.progress, args=("course", "quick"), daemon=True)
    quick.start()
    quick.join(60)
    waits = quick.is_alive()
    answered.set()
    slow.join(60)
    assert not waits
