"""Tables of labs: numbers as the language writes them, and no column that a phone hides from a question."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from labs.authoring import content_checks
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import LABS
from labs.datasets.learners_data import ready_data
from labs.kit.lab_progress import lab_checks
from labs.kit.lab_session import Lab

ONE, TRIAGE, DRAFT = "01-who-is-in-the-data", "13-ship-a-triage-desk", "16-check-the-draft"


def in_language(name: str, language: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the tools of a lab as its learner has them in a language."""
    ready_data()
    content_checks.lay_out(built_files(LABS / name)[1], place, language)
    monkeypatch.chdir(place)
    module = lab_checks(place, name[3:])
    assert module
    session = Lab(SimpleNamespace(events=None), grading=True)
    session._slug = name[3:]
    monkeypatch.setattr(session, "_lesson", content_checks.Lesson.read(place, name[3:], language))
    monkeypatch.setattr(module, "lab", session)
    return module


@pytest.mark.parametrize(("language", "count"), [("en", "5,000"), ("fr", "5\u202f000")])
def test_a_large_number_is_written_in_a_table_as_in_a_sentence(
    language: str, count: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = in_language(ONE, language, tmp_path, monkeypatch)
    assert desk.lab.count(np.int64(5000)) == count
    assert count in desk.doors(desk.register()).text


@pytest.mark.parametrize(("language", "head"), [("en", "Question 1: "), ("fr", "Question 1\u00a0: ")])
def test_a_question_to_reply_to_has_its_colon_as_the_language_sets_it(
    language: str, head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = in_language(DRAFT, language, tmp_path, monkeypatch)
    assert desk.reply("1").text.startswith(head)


def test_the_limits_of_the_triage_desk_are_two_tables_of_which_each_fits_a_phone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = in_language(TRIAGE, "en", tmp_path, monkeypatch)
    new = desk.new_letters()
    rng = np.random.default_rng(1)
    chance = rng.dirichlet(np.full(10, 0.2), len(new))
    model: Any = SimpleNamespace(classes_=np.array(sorted(new["category"].unique())))
    shown = desk.limits(model, chance, new)
    columns = [len(re.findall(r"<th ", table)) for table in re.findall(r"<table.*?</table>", shown.html)]
    assert columns == [3, 5]
    assert shown.html.count("<td") == 6 * 3 + 6 * 5
