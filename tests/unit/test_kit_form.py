"""A task's form: what it begins with, and what a check takes from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from labs.authoring.content_checks import lay_out
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit.home_files import Home
from labs.kit.lab_session import Lab
from labs.kit.task_form import Asked


@cache
def files() -> dict[str, bytes]:
    """Return what lab 2 is released as; it is built once."""
    return built_files(find_lab("sort-the-letters"))[1]


def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Lab:
    """Lab 2 as a learner has it, in a language."""
    folder = tmp_path / "labs" / "sort-the-letters"
    lay_out(files(), folder, language)
    monkeypatch.chdir(folder)
    lab = Lab(home=Home(tmp_path))
    lab.start("sort-the-letters")
    lab._tools = None  # No live picture: that one would train a model.
    return lab


@pytest.mark.parametrize(("language", "greeting"), [("en", "Dear Mayor,"), ("fr", "Monsieur, le comité")])
def test_a_text_to_change_begins_in_the_learners_language_and_is_no_answer_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, greeting: str
) -> None:
    lab = opened(tmp_path, monkeypatch, language)
    asked = Asked(lab, "b")
    assert asked.form.answers["letter"].startswith(greeting)
    assert asked.form.spec["labels"]["restart"], "A button puts the first text back."
    assert lab.book.of("b") == {}


def test_a_check_takes_the_answers_that_come_with_the_button(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser holds a change back while the picture of the one before is drawn; the button must not."""
    lab = opened(tmp_path, monkeypatch, "en")
    asked = Asked(lab, "r1")
    asked.message(None, {"do": "check", "answers": {"choice": "baseline"}}, None)
    assert asked.form.outcome == "passed"
    assert lab.book.of("r1") == {"choice": "baseline"}
