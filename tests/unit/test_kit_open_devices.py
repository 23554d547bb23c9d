"""A learner's devices know of each other: who has the same lab open, and which saved last."""

from __future__ import annotations

import pytest

from labs.kit.open_devices import HERE_SECONDS, MOST_DEVICES, OpenDevices

LAB = "where-to-set-the-bar"


class Clock:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def devices(clock: Clock) -> OpenDevices:
    return OpenDevices(clock)


def test_one_device_is_told_of_no_other(devices: OpenDevices) -> None:
    assert devices.sign(LAB, "phone") == {}
    assert devices.sign(LAB, "phone", saved_at=5.0) == {}


def test_the_second_device_is_told_of_the_first_and_the_first_of_the_second(devices: OpenDevices) -> None:
    devices.sign(LAB, "computer")
    assert devices.sign(LAB, "phone") == {"open": True}
    assert devices.sign(LAB, "computer") == {"open": True}


def test_both_are_told_which_of_them_saved_last(devices: OpenDevices) -> None:
    devices.sign(LAB, "computer", saved_at=50.0)
    assert devices.sign(LAB, "phone", saved_at=60.0) == {
        "open": True,
        "saved_here": 60.0,
        "saved_there": 50.0,
    }
    assert devices.sign(LAB, "computer") == {"open": True, "saved_here": 50.0, "saved_there": 60.0}


def test_another_lab_on_another_device_is_nobody_s_news(devices: OpenDevices) -> None:
    devices.sign("who-is-in-the-data", "computer")
    assert devices.sign(LAB, "phone") == {}


def test_a_device_that_was_silent_is_not_open_any_more(devices: OpenDevices, clock: Clock) -> None:
    devices.sign(LAB, "computer")
    clock.now += HERE_SECONDS
    assert devices.sign(LAB, "phone") == {"open": True}
    clock.now += 1
    assert devices.sign(LAB, "phone") == {}


def test_what_a_closed_device_saved_is_told_and_that_it_is_closed(devices: OpenDevices) -> None:
    devices.sign(LAB, "computer", saved_at=50.0)
    devices.leave(LAB, "computer")
    assert devices.sign(LAB, "phone") == {"open": False, "saved_there": 50.0}
    devices.sign(LAB, "computer")
    assert devices.sign(LAB, "phone") == {"open": True, "saved_there": 50.0}


@pytest.mark.parametrize("name", ["", "Phone", "a" * 41, "a\nb", "../x"])
def test_a_page_without_a_name_is_no_device(devices: OpenDevices, name: str) -> None:
    devices.sign(LAB, "phone")
    assert devices.sign(LAB, name) == {}
    devices.leave(LAB, name)
    assert devices.sign(LAB, "phone") == {}


def test_many_names_of_one_lab_do_not_fill_the_memory(devices: OpenDevices) -> None:
    for number in range(MOST_DEVICES * 2):
        devices.sign(LAB, f"device{number}", saved_at=float(number + 1))
    assert devices.sign(LAB, "phone")["saved_there"] == MOST_DEVICES * 2
    assert len(devices._labs[LAB]) == MOST_DEVICES
