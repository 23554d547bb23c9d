"""A cell of one line is a magic's if it begins with one's name and sets no name."""

from __future__ import annotations

import pytest

from graders.engine import static_findings
from graders.engine.guarded_source import guard_source
from graders.engine.line_magics import line_magic


@pytest.mark.parametrize(
    ("line", "name", "rest"),
    [
        ("run helper.py", "run", "helper.py"),
        ("history", "history", ""),
        ("ls -l", "ls", "-l"),
        ("  pip install x\n", "pip", "install x"),
        ("time = 3", None, None),
        ("ls, rm = 1, 2", None, None),
        ("total", None, None),
        ("run helper.py\nx = 1", None, None),
    ],
)
def test_a_line_is_a_magic_by_its_first_word(line: str, name: str | None, rest: str | None) -> None:
    found = line_magic(line)
    assert (found and found.name, found and found.rest) == (name, rest)


def test_a_magic_that_is_no_python_is_read_as_its_call() -> None:
    text, tree = static_findings.parse_cell("run helper.py")
    assert text == "get_ipython().run_line_magic('run', 'helper.py')\n"
    assert tree is not None
    assert "uses the magic run" in static_findings.all_findings("run helper.py")


def test_a_name_that_may_be_a_magic_is_noticed_and_a_harmless_one_is_not() -> None:
    assert "uses the magic history" in static_findings.all_findings("history")
    assert not static_findings.all_findings("who")
    assert not static_findings.all_findings("total")


def test_a_guarded_line_asks_whether_the_notebook_hides_the_magic() -> None:
    made = guard_source("history", "3")
    assert "__isomo__.is_magic('history', '3', 1)" in made
    assert made.rstrip().endswith("else history")
    assert "is_magic" not in guard_source("total", "3")
    assert guard_source("ls; x = 1", "3").startswith("try:\n    if __isomo__.is_magic('ls'")
