"""How answers are laid out and judged: an order for each learner, near enough, and words that are too few."""

from __future__ import annotations

from types import SimpleNamespace

from labs.kit.checking import near, not_yet, passed
from labs.kit.lab_texts import Lesson
from labs.kit.option_order import shuffled_options
from labs.kit.own_words import LEAST_WORDS, count_words
from labs.kit.run_cells import Recorder
from labs.kit.stale_answers import CELL_BETWEEN_STOPPED, CELL_STOPPED, why_stale
from labs.kit.task_attempts import attempt_task

OPTIONS = [{"id": one} for one in "abcd"]


def ids(learner: str) -> list[str]:
    return [one["id"] for one in shuffled_options(OPTIONS, learner, "a-lab", "j", "why")]


def test_a_learner_sees_the_same_order_each_time_and_another_than_others() -> None:
    assert ids("amina") == ids("amina")
    assert sorted(ids("amina")) == list("abcd")
    assert len({tuple(ids(f"learner {number}")) for number in range(200)}) == 24


def test_what_the_judge_would_pass_is_near_enough_and_says_what_is_missing() -> None:
    strict, wide = not_yet("too-low", found=58), passed()
    assert near(strict, wide).outcome == "passed"
    assert near(strict, wide).key == "too-low"
    assert near(strict, not_yet("too-low")).outcome == "not-yet"
    assert near(passed(), wide).key == "passed"


def test_near_enough_is_said_without_not_yet(tmp_path) -> None:

    from labs.kit.kept_answers import AnswerBook

    about = {
        "t4": {
            "kind": "change",
            "parts": [],
            "says": {"too-low": "Not yet. Only {found} found."},
            "hints": {},
        }
    }
    lesson = Lesson("a-lab", "1", "en", about, {"tasks": about})

    def check(_answers: object) -> SimpleNamespace:
        return near(not_yet("too-low", found=58), passed())

    check.isomo_check = "t4"  # type: ignore[attr-defined]
    tools = SimpleNamespace(check=check)
    made = attempt_task(lesson, tools, "t4", {"bar": 1}, AnswerBook(tmp_path, "a-lab", "en"))  # type: ignore[arg-type]
    assert made.outcome == "passed"
    assert made.shown.text == "Near enough for full marks. Only 58 found."


def test_eight_letters_are_no_answer_to_a_written_task() -> None:
    assert count_words("a b c d e f g h") == 0
    assert count_words("yes yes yes yes yes yes yes yes yes yes yes yes") < LEAST_WORDS
    wrote = "People without a telephone are missing. In May a team goes to the market of Base and asks them."
    assert count_words(wrote) >= LEAST_WORDS


def test_a_cell_that_stopped_is_remembered_until_it_runs_again() -> None:
    recorder = Recorder()
    recorder.stopped("t4-answer")
    assert recorder.has_failed("t4-answer")
    recorder._keep("t4-answer", "bar = 0.2")
    assert not recorder.has_failed("t4-answer")


def test_a_check_does_not_look_at_what_was_there_before_a_cell_that_it_needs_stopped() -> None:
    shell = SimpleNamespace(get_parent=lambda: {"metadata": {"cellId": "own"}})
    cells = [
        {"id": "list", "cell_type": "code", "source": "mine = lab.load_own(file)"},
        {"id": "picture", "cell_type": "code", "source": "shown = desk.picture()"},
    ]
    recorder = Recorder()
    recorder._keep("own", 'lab.check("own", shape=desk.shape_of(mine))')

    def why() -> str:
        return why_stale("own", shell, recorder, lambda: {"cells": cells})

    recorder.stopped("picture")
    assert why() == ""
    recorder.stopped("list")
    assert why() == CELL_BETWEEN_STOPPED
    recorder.stopped("own-answer")
    assert why() == CELL_STOPPED
