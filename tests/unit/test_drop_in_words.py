"""The drop-in's sentences: all of them in French, with the same blanks to fill."""

from __future__ import annotations

import re

import polib
import pytest
from babel.messages.extract import extract_from_file

from graders.nbgrader.words import LOCALE, _, catalogue


def _french() -> dict[str, str]:
    return {one.msgid: one.msgstr for one in polib.pofile(LOCALE / "fr" / "LC_MESSAGES" / "nbgrader.po")}


def test_every_sentence_of_the_drop_in_is_in_the_french_catalogue_and_no_other() -> None:
    said = {
        message
        for path in LOCALE.parent.glob("*.py")
        if path.name != "gradebook.py"  # a verb of the hub's, which speaks through the agent's catalogue
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
    assert catalogue("../fr").gettext(sentence) == sentence
