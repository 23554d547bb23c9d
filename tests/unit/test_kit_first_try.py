"""The first try of a task: it is kept for good, and of a decision it does not say which part is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.authoring.content_checks import lay_out
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit.first_try import LOOK_AGAIN, MOST_KEPT, note_first_try
from labs.kit.home_files import Home
from labs.kit.kit_sentences import kit_sentence
from labs.kit.lab_session import Lab
from labs.kit.lab_texts import Lesson
from labs.kit.show import panel
from labs.kit.task_attempts import Attempt
from labs.kit.task_form import Asked

WRONG = {"cannot": "boxes", "means": "hers", "above": "wait"}
STILL_WRONG = WRONG | {"cannot": "often"}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Lab 14, whose task j is a decision with three parts."""
    folder = tmp_path / "labs" / "what-is-ai"
    lay_out(built_files(find_lab("what-is-ai"))[1], folder, "fr")
    monkeypatch.chdir(folder)
    made = Lab(home=Home(tmp_path))
    made.start("what-is-ai")
    return made


def test_the_first_try_of_a_decision_does_not_say_which_part_is_wrong_and_the_second_does(lab: Lab) -> None:
    first = lab.attempt("j", WRONG)
    assert first.shown.text == kit_sentence(LOOK_AGAIN, "fr").replace("**", "")
    assert lab.next_hint("j").rung == 0
    second = lab.attempt("j", STILL_WRONG)
    assert second.outcome == "not-yet"
    assert second.shown.text in lab._lesson.task("j")["says"].values()
    assert lab.next_hint("j").rung == 1


def test_what_was_answered_first_is_kept_whatever_is_answered_later(lab: Lab) -> None:
    lab.attempt("j", WRONG)
    lab.attempt("j", STILL_WRONG)
    kept = lab.book.checks("j")
    assert kept["first"]["answers"] == WRONG
    assert kept["first"]["outcome"] == "not-yet"
    assert kept["tries"] == 2
    assert b'"first"' in lab.book.as_bytes()


def test_an_answer_that_is_not_complete_is_no_try(lab: Lab) -> None:
    made = lab.attempt("j", {"cannot": "fine", "means": "similar", "above": None})
    assert made.key == "incomplete"
    assert "first" not in lab.book.checks("j")
    assert lab.attempt("j", WRONG).key == "first-try"


def test_a_form_that_opens_again_is_no_second_try(lab: Lab) -> None:
    lab.attempt("j", WRONG)
    Asked(lab, "j")
    assert lab.book.checks("j")["tries"] == 1
    assert lab.attempt("j", WRONG).key != "first-try", "Who asks again for the same answers is told."


def test_a_long_first_answer_is_not_kept_twice() -> None:
    about = {"t4": {"kind": "change", "parts": []}}
    lesson = Lesson("a-lab", "1", "en", about, {"tasks": about})
    made = Attempt("not-yet", "wrong", panel("not-yet", ["Not yet."]), "t4")
    shown, facts = note_first_try(lesson, "t4", {}, {"text": "a" * MOST_KEPT}, made, asked=True)
    assert shown is made
    assert facts["first"] == {"outcome": "not-yet", "key": "wrong"}
