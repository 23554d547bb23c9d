"""A flag in nbgrader's log: where, what, and what the task would earn without it."""

from __future__ import annotations

import pytest

from graders.nbgrader.flag_lines import flag_line


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_a_line_names_the_place_the_deed_and_the_mark_without_it() -> None:
    flag = {
        "key": "mark-differs",
        "what": "imports ctypes",
        "cell": 3,
        "line": 2,
        "code": "x = {1}",
        "without": 0.0,
    }
    assert flag_line(flag) == "cell 3, line 2: x = {1}; imports ctypes; without it the task earns 0"


@pytest.mark.parametrize(
    ("flag", "line"),
    [
        (
            {"key": "cannot-tell", "what": "thread"},
            "thread; what the task would earn without it could not be told",
        ),
        ({"key": "forged-output"}, "forged-output"),
        ({"key": "mark-differs", "what": "{odd", "cell": 1}, "cell 1; {odd; without it the task earns 0"),
        ("uses exec", "uses exec"),
    ],
)
def test_what_is_not_known_is_left_out(flag: object, line: str) -> None:
    assert flag_line(flag) == line
