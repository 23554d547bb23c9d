"""For every lab: a written task has a box, and the cell below it is worth its points and waits for a person's mark."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graders.contract.work_contract import Outcome
from graders.engine import notebook_reading
from graders.engine.fork_engine import ForkEngine
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import Lab, load_lab
from labs.kit.own_words import EMPTY_CELL, with_own_words
from labs.kit.run_cells import text_of
from tests.support.lab_work import Edition

WROTE = "I answer for it. Come to desk 4; *you* lose no day."
OLD_WAY = re.compile(r"double-?\s?cli|\bCtrl\b", re.IGNORECASE)


def written(lab: Lab) -> list[str]:
    """The lab's written tasks."""
    return [task.id for task in lab.tasks.values() if task.is_manual]


@cache
def released(folder: Path) -> dict[str, bytes]:
    """The lab's built files."""
    return built_files(folder)[1]


def cells(content: bytes) -> list[dict[str, Any]]:
    return list(json.loads(content)["cells"])


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_a_written_task_is_a_locked_box_and_below_it_a_cell_that_nobody_edits(
    folder: Path, language: str
) -> None:
    lab, files = load_lab(folder), released(folder)
    found = cells(files[f"release/{language}/{lab.slug}.ipynb"])
    assert written(lab), "each lab has a task that a person marks"
    for task in written(lab):
        place = next(n for n, cell in enumerate(found) if cell["id"] == f"{task}-answer")
        box, cell = found[place - 1], found[place]
        assert text_of(box) == f'lab.ask("{task}")'
        marks = box["metadata"]["nbgrader"]
        assert (marks["locked"], marks["grade"], marks["solution"]) == (True, False, False)
        assert (cell["cell_type"], text_of(cell), cell["metadata"]["editable"]) == (
            "markdown",
            EMPTY_CELL,
            False,
        )
        marks = cell["metadata"]["nbgrader"]
        assert (marks["grade"], marks["solution"], marks["grade_id"]) == (True, True, task)
        assert marks["points"] == lab.tasks[task].points > 0


def test_words_reach_every_cell_that_a_person_marks_and_change_no_other(folder: Path) -> None:
    lab, files = load_lab(folder), released(folder)
    handed_out = files[f"release/en/{lab.slug}.ipynb"]
    answers = {task: {"words": f"{task}: {WROTE}"} for task in written(lab)}
    work = {f"{lab.slug}.ipynb": handed_out, "answers.json": json.dumps({"answers": answers}).encode()}
    arrived = cells(with_own_words(lab.slug, work)[f"{lab.slug}.ipynb"])
    changed = {}
    for before, after in zip(cells(handed_out), arrived, strict=True):
        same = {**after, "source": before["source"]}
        assert same == before
        if text_of(before) != text_of(after):
            changed[notebook_reading.nbgrader_metadata(after)["grade_id"]] = text_of(after)
    assert changed.keys() == set(written(lab))
    assert all("desk 4; \\*you\\* lose no day." in text for text in changed.values())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_lab_asks_for_a_double_click_or_for_a_key_that_a_phone_lacks(folder: Path, language: str) -> None:
    files, slug = released(folder), folder.name[3:]
    said = [text_of(cell) for cell in cells(files[f"release/{language}/{slug}.ipynb"])]
    said.append(json.dumps(json.loads(files["source/texts.json"])["languages"][language], ensure_ascii=False))
    assert [found[0] for text in said if (found := OLD_WAY.search(text))] == []


def test_words_wait_for_a_persons_mark_and_a_cell_without_words_does_not(
    lab_edition: Edition, engine: ForkEngine
) -> None:
    lab = lab_edition.lab
    answers = {task: {"words": WROTE} for task in written(lab)}
    name, kept = f"{lab.slug}.ipynb", json.dumps({"answers": answers}).encode()
    handed_out = lab_edition.files[f"release/en/{name}"]
    work = with_own_words(lab.slug, {name: handed_out, "answers.json": kept})
    found = {}
    for notebook in (handed_out, work[name]):
        graded = engine.grade(lab_edition.work(notebook, {}))
        marks = [one for one in graded.tasks if one.grade_id in answers]
        found[notebook] = {(one.outcome, one.score) for one in marks}
        assert len(marks) == len(answers)
    assert found[handed_out] == {(Outcome.NOT_ATTEMPTED, 0.0)}
    assert found[work[name]] == {(Outcome.NOT_YET, None)}, "no mark before a person gives one"
