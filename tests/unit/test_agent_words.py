"""The agent's sentences: all of them in French, with the same blanks to fill."""

from __future__ import annotations

import string
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg

from graders.agent.words import LOCALE, say
from hub.settings import CHECKOUT


def _said() -> set[str]:
    with (LOCALE / "agent.cfg").open() as file:
        methods, _options = parse_mapping_cfg(file)
    return {
        message
        for pattern, method in methods
        for path in sorted(CHECKOUT.glob(pattern))
        for _line, message, *_ in extract_from_file(method, path, keywords={"_": None, "N_": None})
    }


def _french() -> dict[str, str]:
    return {each.msgid: each.msgstr for each in polib.pofile(LOCALE / "fr" / "LC_MESSAGES" / "agent.po")}


def _blanks(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_the_agent_is_in_the_french_catalogue_and_no_other() -> None:
    assert set(_french()) == _said()


def test_translations_leave_the_same_blanks_to_fill() -> None:
    assert [msgid for msgid, msgstr in _french().items() if _blanks(msgid) != _blanks(msgstr)] == []


def test_what_has_no_translation_is_said_in_english() -> None:
    assert say("Passed", "fr") == "Réussi"
    assert say("Passed", "rw") == "Passed"
    assert Path(LOCALE, "agent.cfg").is_file()
