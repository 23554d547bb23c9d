"""Two `up` that are started together: the second waits for the first."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hub.ops.single_run import only_one


def test_the_second_says_that_it_waits_and_begins_after_the_first_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "up.lock"
    order: list[str] = []

    def second() -> None:
        with only_one(lock):
            order.append("second")

    with only_one(lock):
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=0.3)
        order.append("first")
    other.join(timeout=30)
    assert order == ["first", "second"]
    assert "Another isomo up is at work on this installation" in capsys.readouterr().out


def test_one_alone_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_one(tmp_path / "up.lock"):
        pass
    assert capsys.readouterr().out == ""
