"""How far grading is, as people read it."""

from __future__ import annotations

import io

from graders.agent.grade_verb import grading_sentence
from graders.agent.progress_bar import Bar, spelled_seconds
from hub.store import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_has_counts_rate_and_time_left() -> None:
    bar = Bar("Grading", Terminal())
    bar.show(Progress(2000, 1000, 0, 0), 100.0)
    text = bar.text(Progress(2000, 1642, 3, 1), 149.0)
    assert text == (
        "Grading  ████████████████████░░░░ 1,642 of 2,000  ·  13.1 a second  ·  27 s left"
        "  ·  3 could not be read  ·  1 could not be checked"
    )


def test_the_rate_counts_only_what_was_graded_while_looking() -> None:
    bar = Bar("Grading", Terminal())
    bar.show(Progress(10, 5, 0, 0), 100.0)
    assert "a second" not in bar.text(Progress(10, 5, 0, 0), 110.0)
    assert "0.1 a second" in bar.text(Progress(10, 6, 0, 0), 110.0)


def test_without_a_terminal_there_is_a_line_now_and_then() -> None:
    out = io.StringIO()
    bar = Bar("Grading", out)
    for tenth in range(100):
        bar.show(Progress(10, tenth // 10, 0, 0), 100.0 + tenth / 10)
    bar.end(Progress(10, 10, 0, 0))
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert "10 of 10" in lines[-1]
    assert "\r" not in out.getvalue()


def test_a_terminal_gets_one_line_that_changes() -> None:
    out = Terminal()
    bar = Bar("Grading", out)
    bar.show(Progress(2, 1, 0, 0))
    bar.end(Progress(2, 2, 0, 0))
    assert out.getvalue().count("\n") == 1


def test_times_are_said_as_people_say_them() -> None:
    assert [spelled_seconds(27.4), spelled_seconds(130)] == ["27 s", "2 min 10 s"]


def test_the_last_line_tells_what_was_done_and_what_was_not() -> None:
    assert grading_sentence(Progress(5, 3, 1, 2), Progress(5, 1, 0, 0)) == (
        "Graded 2; 3 of 5 are done. 1 could not be read; their learners were told why. "
        "2 could not be checked, by no fault of their learners; the agent tries them again."
    )
