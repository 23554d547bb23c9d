"""The agent's sentences: all of them in French, with the same blanks to fill."""

from __future__ import annotations

import string
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_mapping_cfg

from graders.agent.agent_sentences import LOCALE, agent_plural, agent_sentence
from hub.isomo_settings import CHECKOUT


def _said() -> set[str]:
    """Return what the agent says; of a sentence with a count, both forms."""
    with (LOCALE / "agent.cfg").open() as file:
        methods, _options = parse_mapping_cfg(file)
    keywords = {"_": None, "N_": None, "agent_plural": (1, 2)}
    return {
        form
        for pattern, method in methods
        for path in sorted(CHECKOUT.glob(pattern))
        for _line, message, *_ in extract_from_file(method, path, keywords=keywords)
        for form in ((message,) if isinstance(message, str) else message)
    }


def _french() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in polib.pofile(LOCALE / "fr" / "LC_MESSAGES" / "agent.po"):
        if each.msgid_plural:
            found |= {each.msgid: each.msgstr_plural[0], each.msgid_plural: each.msgstr_plural[1]}
        else:
            found[each.msgid] = each.msgstr
    return found


def _blanks(text: str) -> list[str]:
    return sorted(name for _, name, *_ in string.Formatter().parse(text) if name)


def test_every_sentence_of_the_agent_is_in_the_french_catalogue_and_no_other() -> None:
    assert set(_french()) == _said()


def test_translations_leave_the_same_blanks_to_fill() -> None:
    assert [msgid for msgid, msgstr in _french().items() if _blanks(msgid) != _blanks(msgstr)] == []


def test_what_has_no_translation_is_said_in_english() -> None:
    assert agent_sentence("Passed", "fr") == "Réussi"
    assert agent_sentence("Passed", "rw") == "Passed"
    assert Path(LOCALE, "agent.cfg").is_file()


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 1, "c/l: 1 learner has the earlier result again."),
        ("en", 2, "c/l: 2 learners have their earlier result again."),
        ("fr", 1, "c/l\u00a0: 1 apprenant a de nouveau son résultat précédent."),
        ("fr", 2, "c/l\u00a0: 2 apprenants ont de nouveau leur résultat précédent."),
    ],
)
def test_a_regrade_that_is_taken_back_counts_one_learner_as_one(
    language: str, number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    one, many = (
        "{lab}: {count} learner has the earlier result again.",
        "{lab}: {count} learners have their earlier result again.",
    )
    assert agent_plural(one, many, number).format(lab="c/l", count=number) == said
