"""Quiet moments of the machine (labs/kit/quiet_machine.py)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from labs.kit import quiet_machine
from labs.kit.quiet_machine import idle_seconds, wait_until_quiet


class Machine:
    """A clock that moves only while somebody pauses, and cores of which `idle` do nothing in each pause."""

    def __init__(self, *idle: float) -> None:
        self.now, self.rested = 100.0, 0.0
        self._idle = list(idle)
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.rested += seconds * (self._idle.pop(0) if self._idle else 0)

    def install(self, monkeypatch: Any) -> Machine:
        monkeypatch.setattr(quiet_machine, "time", self)
        monkeypatch.setattr(quiet_machine, "asyncio", self)
        monkeypatch.setattr(quiet_machine, "idle_seconds", lambda: self.rested)
        return self


def test_it_waits_while_all_cores_work(monkeypatch: Any) -> None:
    machine = Machine(0.0, 0.2, 0.4, 0.6).install(monkeypatch)
    asyncio.run(wait_until_quiet(1000))
    assert len(machine.pauses) == 4


def test_it_does_not_wait_for_ever(monkeypatch: Any) -> None:
    machine = Machine().install(monkeypatch)
    asyncio.run(wait_until_quiet(60))
    assert machine.now == pytest.approx(160.0)


def test_servers_that_wait_for_the_same_moment_look_at_different_ones(monkeypatch: Any) -> None:
    machine = Machine().install(monkeypatch)
    asyncio.run(wait_until_quiet(60))
    assert len({round(pause, 6) for pause in machine.pauses}) > 10


def test_idle_time_is_that_of_the_whole_machine(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(quiet_machine, "STAT", tmp_path / "stat")
    assert idle_seconds() is None
    ticks = quiet_machine.TICKS
    (tmp_path / "stat").write_text(f"cpu  7 0 9 {30 * ticks} {12 * ticks} 0 1 0 0 0\ncpu0 1 2 3\n")
    assert idle_seconds() == 42
    (tmp_path / "stat").write_text("")
    assert idle_seconds() is None


def test_a_kernel_that_does_not_count_idle_time_makes_nobody_wait(monkeypatch: Any) -> None:
    machine = Machine().install(monkeypatch)
    monkeypatch.setattr(quiet_machine, "idle_seconds", lambda: None)
    asyncio.run(wait_until_quiet(60))
    assert len(machine.pauses) == 1
