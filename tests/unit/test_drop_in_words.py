"""The drop-in's sentences: all of them in French, with the same blanks to fill."""

from __future__ import annotations

import re

import nbformat
import polib
import pytest
from babel.messages.extract import extract_from_file

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.message_words import message_catalogue
from graders.contract.shown_messages import error_output
from graders.engine.notebook_reading import NotANotebookError
from graders.engine.notebook_steps import Result
from graders.nbgrader.read_submission import told_reason
from graders.nbgrader.submission_batches import fill_outputs
from graders.nbgrader.terminal_sentences import LOCALE, _


def _french() -> dict[str, str]:
    return {one.msgid: one.msgstr for one in polib.pofile(LOCALE / "fr" / "LC_MESSAGES" / "nbgrader.po")}


def test_every_sentence_of_the_drop_in_is_in_the_french_catalogue_and_no_other() -> None:
    said = {
        message
        for path in LOCALE.parent.glob("*.py")
        if path.name != "gradebook_verb.py"  # a verb of the hub's, which speaks through the agent's catalogue
        for _line, message, *_rest in extract_from_file("python", path, keywords={"_": None})
    }
    assert set(_french()) == said


def test_translations_leave_the_same_blanks_to_fill() -> None:
    blanks = re.compile(r"\{\w*\}|%s")
    pairs = _french().items()
    assert [one for one, other in pairs if blanks.findall(one) != blanks.findall(other)] == []


def test_a_sentence_is_said_in_the_terminals_language(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "None of its notebooks can be graded."
    monkeypatch.setenv("LC_ALL", "fr_RW.UTF-8")
    assert _(sentence) == "Aucun de ses notebooks ne peut être corrigé."
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert _(sentence) == sentence
    assert message_catalogue("../fr", "nbgrader", LOCALE).gettext(sentence) == sentence


def test_what_the_engine_shows_in_a_graded_notebook_is_in_the_terminals_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    stopped = message_facts.stopped_after(3)
    shown = {"0": [error_output("CellTimeoutError", str(stopped)), error_output("ValueError", "bad")]}
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("while True: pass")])
    nb.cells[0].metadata["isomo"] = {"cell": "a", "said": {"Stopped": "handed in"}}
    fill_outputs(nb, Result(outputs=shown, said={"0": {"CellTimeoutError": stopped}}))
    first, second = nb.cells[0].outputs
    assert first.evalue.startswith("Arrêté après 3 secondes.")
    assert second.evalue == "bad"
    assert nb.cells[0].metadata["isomo"] == {"cell": "a", "said": {"CellTimeoutError": stopped.as_data()}}
    nbformat.validate(nb)


def test_a_notebook_that_cannot_be_read_is_refused_in_the_terminals_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert told_reason(NotANotebookError(Message("not-json"))).startswith("Ce fichier n’est pas un notebook")
    assert told_reason(NotANotebookError("as it is")) == "as it is"
