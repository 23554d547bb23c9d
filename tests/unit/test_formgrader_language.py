"""Formgrader's page for marking words the engine's messages for the trainer who reads it."""

from __future__ import annotations

import json
import re
from typing import ClassVar

import nbformat
import pytest

from graders.contract import message_facts
from graders.contract.shown_messages import VERDICT, error_output, notice_output, said_data
from graders.nbgrader.formgrader.server_extension import MarkingExporter, reword_messages
from images.image_contents import MESSAGE_MODULES, find_recipe
from tests.unit.test_inert_pages import exported
from tests.unit.test_rules import ROOT, _imports

STOPPED = message_facts.stopped_after(30)
OWN = "Stopped after 30 seconds, says the learner."


class Marking(MarkingExporter):
    """The page, of a notebook whose author wrote nothing for the marker."""

    _guides: ClassVar[dict[str, str]] = {}


def graded(*outputs, **said):
    cell = nbformat.v4.new_code_cell("while True: pass", outputs=[nbformat.from_dict(one) for one in outputs])
    cell.metadata["isomo"] = {"said": said_data(said)}
    cell.metadata["nbgrader"] = {
        **{"grade_id": "t", "grade": True, "solution": False, "locked": True, "task": False},
        **{"points": 1, "schema_version": 3},
    }
    return nbformat.v4.new_notebook(cells=[cell])


def page(notebook):
    shown = exported(Marking, "formgrade", json.dumps(notebook).encode())
    return re.sub(r"<[^>]+>", "", shown).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "there", "away"),
    [("fr", "Arrêté après 30 secondes.", "Stopped after 30 seconds."), ("en", "Stopped after 30 seconds.", "Arrêté")],
)  # fmt: skip
def test_a_trainer_reads_why_a_cell_was_stopped_in_their_language(monkeypatch, language, there, away):
    monkeypatch.setenv("ISOMO_LANG", language)
    shown = page(graded(error_output("CellTimeoutError", str(STOPPED)), CellTimeoutError=STOPPED))
    assert there in shown
    assert away not in shown


def test_a_notice_among_outputs_is_in_the_trainers_language(monkeypatch):
    monkeypatch.setenv("ISOMO_LANG", "fr")
    many = message_facts.too_many_outputs(1000)
    assert str(many) not in page(graded(notice_output(many)))


def test_what_a_learner_printed_or_raised_stays_as_it_is(monkeypatch):
    monkeypatch.setenv("ISOMO_LANG", "fr")
    printed = {"output_type": "stream", "name": "stdout", "text": OWN}
    assert OWN in page(graded(printed))
    assert OWN in page(graded(error_output("ValueError", OWN), CellTimeoutError=STOPPED))


@pytest.mark.parametrize("outputs", [None, "text", [None, 3, "x"], [[]]])
def test_outputs_of_another_shape_cost_the_page_nothing(outputs):
    notebook = graded()
    notebook.cells[0].outputs = outputs
    reword_messages(notebook, "fr")
    assert notebook.cells[0].outputs in (outputs, [])


def test_a_judges_sentence_is_worded_from_its_data():
    notebook = graded({"output_type": "stream", "name": "stdout", "text": "old\n"}, **{VERDICT: STOPPED})
    reword_messages(notebook, "fr")
    assert notebook.cells[0].outputs[0].text.startswith("Arrêté après 30 secondes.")


def test_the_learners_image_has_all_that_words_a_message_and_no_more_of_the_contract():
    files = {each.pattern for each in find_recipe("lab").files if each.pattern.startswith("graders/contract")}
    there = {f"graders/contract/{part}.py" for part in MESSAGE_MODULES}
    assert files == there | {"graders/contract/locale/**/*"}
    needed = {
        f"{name.replace('.', '/')}.py"
        for part in there
        for name in _imports(ROOT / part)
        if name.startswith("graders.contract.")
    }
    assert {name for name in needed if (ROOT / name).is_file()} <= there
