"""What passes a check passes the judge, in each way that a good answer can be typed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labs.authoring import content_checks, lab_mutants
from labs.authoring.lab_mutants import Case
from labs.authoring.lab_spec import Lab, lab_folders
from labs.kit.kept_answers import AnswerBook, plain_value
from labs.kit.lab_progress import lab_checks
from labs.kit.lab_texts import Lesson
from labs.kit.task_attempts import attempt_task
from tests.support.lab_work import Edition

QUICK = {"who-is-in-the-data", "it-goes-on-writing", "check-the-draft"}
"""Labs of which the normal run tries each way; the others are tried in the full run."""


def as_array(value: Any) -> Any:
    """A list as an array of what it holds; rows keep their own form."""
    made = np.empty(len(value), dtype=object)
    made[:] = value
    return made


GIVEN: dict[type, list[Callable[[Any], Any]]] = {
    str: [str.lower, str.upper, lambda text: f"  {text}\n", np.str_],
    int: [float, np.int64, np.float64, str],
    float: [np.float64, str],
    list: [tuple, as_array, pd.Series],
    np.ndarray: [list, pd.Series],
    np.float64: [float],
    pd.Timestamp: [lambda day: day.to_datetime64(), str],
}
"""Other ways to give the same value, by its type."""


def ways(value: Any) -> list[Callable[[Any], Any]]:
    """Return the ways of giving `value`; a function is given by what it returns."""
    return GIVEN.get(type(value), [])


def returning(function: Callable[..., Any], place: int) -> Callable[..., Any]:
    """Return a function that gives the same as another, in another way."""

    def given(*questions: Any) -> Any:
        value = function(*questions)
        others = ways(value)
        return others[place](value) if place < len(others) else value

    return given


def other_ways(lab: Lab, case: Case) -> Iterator[Case]:
    """Return a good answer as others would type it: one value at a time in another way."""
    boxes = {part.name: part.type for part in lab.tasks[case.task].parts}
    for name, value in case.answers.items():
        if boxes.get(name, "letter") != "letter" or name == "rules":
            continue
        if callable(value) and not hasattr(value, "predict"):
            for place in range(3):
                yield replace(case, answers=case.answers | {name: returning(value, place)})
        for way in ways(value):
            yield replace(case, answers=case.answers | {name: way(value)})


def moved(lab: Lab, case: Case) -> Iterator[Case]:
    """A good answer to a form with one slider or menu in each of its other places."""
    for part in lab.tasks[case.task].parts:
        places: list[Any] = []
        if part.type == "slider":
            least, most, step = (part.settings[name] for name in ("min", "max", "step"))
            places = [round(least + step * n, 6) for n in range(round((most - least) / step) + 1)]
        elif part.type == "menu":
            places = [option["id"] for option in part.options]
        for place in places:
            yield replace(case, answers=case.answers | {part.name: place})


def each_lab(quick: set[str]) -> pytest.MarkDecorator:
    """Return the mark that runs a test for each lab, in the normal run for the quick ones only."""
    labs = [
        pytest.param(
            (folder, ""), id=folder.name, marks=[] if folder.name[3:] in quick else [pytest.mark.full]
        )
        for folder in lab_folders()
    ]
    return pytest.mark.parametrize("lab_edition", labs, indirect=True)


@each_lab({"where-to-set-the-bar", "what-is-ai", "the-urgent-mail"})
def test_a_slider_or_menu_that_passes_the_check_passes_the_judge(lab_edition: Edition) -> None:
    lab, judge, promised = lab_edition.lab, content_checks.Judge(lab_edition.lab), []
    with tempfile.TemporaryDirectory() as place:
        content_checks.lay_out(lab_edition.files, Path(place))
        lesson, module = Lesson.read(Path(place), lab.slug, "en"), lab_checks(Path(place), lab.slug)
        for task, best in lab_mutants.best_answers(lab_edition.cases).items():
            for case in moved(lab, Case("solution", task, None, best, 0)):
                book = AnswerBook(Path(place) / "answers", lab.slug, "en")
                book.keep(task, {name: plain_value(value) for name, value in case.answers.items()})
                if attempt_task(lesson, module, task, case.answers, book).outcome == "passed":
                    judged = judge.verdict(case)
                    if judged.outcome != "passed":
                        promised.append((task, case.answers, judged.key))
    assert promised == []


@each_lab(QUICK)
def test_what_passes_the_check_passes_the_judge(lab_edition: Edition) -> None:
    lab, judge, apart = lab_edition.lab, content_checks.Judge(lab_edition.lab), []
    with tempfile.TemporaryDirectory() as place:
        content_checks.lay_out(lab_edition.files, Path(place))
        lesson, module = Lesson.read(Path(place), lab.slug, "en"), lab_checks(Path(place), lab.slug)
        for good in lab_edition.cases:
            if good.kind != "solution":
                continue
            for case in other_ways(lab, good):
                book = AnswerBook(Path(place) / "answers", lab.slug, "en")
                book.keep(case.task, {name: plain_value(value) for name, value in case.answers.items()})
                checked = attempt_task(lesson, module, case.task, case.answers, book)
                judged = judge.verdict(case)
                if (checked.outcome == "passed") != (judged.outcome == "passed"):
                    apart.append((case.task, case.line, case.answers, checked.key, judged.key))
    assert apart == []
