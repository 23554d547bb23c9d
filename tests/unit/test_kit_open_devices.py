"""A learner's devices know of each other: who has the same lab open, and which saved last."""

from __future__ import annotations

from typing import Any

import pytest

from labs.kit.open_devices import HERE_SECONDS, MOST_DEVICES, OpenDevices

LAB = "where-to-set-the-bar"


class Learner:
    """A learner's devices, and a clock that goes on with each request and when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.devices = OpenDevices(lambda: self.now)

    def asks(self, name: str, *, lab: str = LAB, saves_at: float | None = None) -> dict[str, Any]:
        """A device asks, or saves; return what it is told of others."""
        self.now += 1
        self.devices.sign(lab, name)
        if saves_at is not None:
            self.devices.note_save(lab, name, saves_at)
        return self.devices.others(lab, name)

    def closes(self, name: str) -> None:
        self.devices.leave(LAB, name)

    def waits(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def learner() -> Learner:
    return Learner()


def test_one_device_is_told_of_no_other(learner: Learner) -> None:
    assert learner.asks("phone") == {}
    assert learner.asks("phone", saves_at=5.0) == {}


def test_two_devices_that_go_on_asking_are_told_of_each_other(learner: Learner) -> None:
    learner.asks("computer")
    learner.asks("phone")
    assert learner.asks("computer") == {"open": True}
    assert learner.asks("phone") == {"open": True}


@pytest.mark.parametrize("seconds", [0.0, 10.0, HERE_SECONDS - 2])
def test_who_goes_on_at_another_device_after_the_first_was_killed_is_never_told_of_it(
    learner: Learner, seconds: float
) -> None:
    learner.asks("computer", saves_at=50.0)
    learner.waits(seconds)
    for _ in range(3):
        assert learner.asks("phone") == {"open": False, "saved_there": 50.0}


def test_a_browser_that_is_closed_and_opened_again_is_the_same_device(learner: Learner) -> None:
    learner.asks("computer")
    learner.closes("computer")
    assert learner.asks("computer") == {}
    learner.waits(HERE_SECONDS + 1)
    assert learner.asks("computer") == {}


def test_a_page_that_is_loaded_again_still_knows_of_the_other_device(learner: Learner) -> None:
    learner.asks("computer")
    learner.asks("phone")
    learner.asks("computer")
    learner.closes("phone")
    assert learner.asks("phone") == {"open": True}


def test_both_are_told_which_of_them_saved_last(learner: Learner) -> None:
    learner.asks("computer", saves_at=50.0)
    learner.asks("phone", saves_at=60.0)
    assert learner.asks("computer") == {"open": True, "saved_here": 50.0, "saved_there": 60.0}
    assert learner.asks("phone") == {"open": True, "saved_here": 60.0, "saved_there": 50.0}


def test_another_lab_on_another_device_is_nobody_s_news(learner: Learner) -> None:
    for _ in range(2):
        learner.asks("computer", lab="who-is-in-the-data")
        assert learner.asks("phone") == {}


def test_a_device_that_was_silent_is_not_open_any_more(learner: Learner) -> None:
    learner.asks("phone")
    learner.asks("computer")
    learner.waits(HERE_SECONDS - 2)
    assert learner.asks("phone") == {"open": True}
    learner.waits(1)
    assert learner.asks("phone") == {}


def test_what_a_closed_device_saved_is_told_and_that_it_is_closed(learner: Learner) -> None:
    learner.asks("phone")
    learner.asks("computer", saves_at=50.0)
    assert learner.asks("phone") == {"open": True, "saved_there": 50.0}
    learner.closes("computer")
    assert learner.asks("phone") == {"open": False, "saved_there": 50.0}
    learner.asks("computer")
    assert learner.asks("phone") == {"open": True, "saved_there": 50.0}


def test_a_save_that_ends_after_its_page_was_closed_does_not_open_it_again(learner: Learner) -> None:
    learner.asks("phone")
    learner.asks("computer")
    learner.closes("computer")
    learner.devices.note_save(LAB, "computer", 50.0)
    assert learner.asks("phone") == {"open": False, "saved_there": 50.0}


@pytest.mark.parametrize("name", ["", "Phone", "a" * 41, "a\nb", "../x"])
def test_a_page_without_a_name_is_no_device(learner: Learner, name: str) -> None:
    learner.asks("phone")
    assert learner.asks(name, saves_at=50.0) == {}
    learner.closes(name)
    assert learner.asks("phone") == {}


def test_many_names_of_one_lab_do_not_fill_the_memory(learner: Learner) -> None:
    for number in range(MOST_DEVICES * 2):
        learner.asks(f"device{number}", saves_at=float(number + 1))
    assert learner.asks("phone")["saved_there"] == MOST_DEVICES * 2
    assert len(learner.devices._labs[LAB]) == MOST_DEVICES
