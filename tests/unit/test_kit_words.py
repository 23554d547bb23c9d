"""The kit's sentences, which a learner meets in every lab: all in French, and in Kinyarwanda only what is sure."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import polib
import pytest

from labs.kit import lab_progress
from labs.kit.kit_sentences import LOCALE, REVIEWED, kit_sentence
from labs.kit.lab_texts import Lesson

ELSEWHERE = LOCALE.parents[2] / "graders" / "nbgrader" / "missing_engine.py"
SURE = {"Try again": "Ongera ugerageze"}


FORMGRADER = LOCALE.parents[2] / "graders" / "nbgrader" / "formgrader"
"""Speaks through the kit's catalogue: both are in the lab image."""


def _said() -> set[str]:
    """Every sentence that is marked in the kit's code, and in what speaks through its catalogue."""
    found = set()
    for path in sorted([*LOCALE.parent.glob("*.py"), *FORMGRADER.glob("*.py"), ELSEWHERE]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
            if marked and node.args and not isinstance(node.args[0], ast.Name):
                found.add(ast.literal_eval(node.args[0]))
    return found


def _kept(language: str) -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(LOCALE / f"{language}.po")}


def _fields(text: str) -> list[str]:
    return sorted({name for _, name, *_ in string.Formatter().parse(text) if name})


def test_every_sentence_is_in_the_french_catalogue_and_no_other():
    kept = _kept("fr")
    assert set(kept) == _said()
    assert [text for text, french in kept.items() if not french] == []


def test_kinyarwanda_has_only_sure_terms_marked_as_unreviewed():
    entries = [entry for entry in polib.pofile(Path(LOCALE / "rw.po")) if entry.msgstr]
    assert set(_kept("rw")) == _said()
    assert {entry.msgid: entry.msgstr for entry in entries} == SURE
    assert all(entry.tcomment.startswith("unreviewed") for entry in entries)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("sentence", [lab_progress.WELCOME, lab_progress.GO_ON, lab_progress.ALL_DONE])
def test_a_title_that_asks_is_not_followed_by_a_colon(sentence, language):
    said = kit_sentence(
        sentence, language, title="Should this be AI at all?", minutes=60, n=1, piece="Break it"
    )
    assert said.startswith("**Should this be AI at all?** · ")


@pytest.mark.parametrize("language", ["fr", "rw"])
def test_a_translation_names_the_same_things(language):
    for text, translated in _kept(language).items():
        if translated:
            assert _fields(translated) == _fields(text), text


def test_a_learner_reads_french_buttons_in_a_french_lab():
    assert kit_sentence("Keep my answer", "fr") == "Garder ma réponse"
    assert kit_sentence("Hint {n} of {all}", "fr", n=1, all=3) == "Indice 1 sur 3"
    assert kit_sentence("Check", "rw") == "Check"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ""),
        ("fr", "pas encore par une personne de langue maternelle française"),
        ("rw", "not yet reviewed"),
    ],
)
def test_a_lab_says_that_no_native_speaker_has_read_its_language(language, said):
    _links, note = lab_progress.language_links(Lesson("lab", "1", language, {}, {}))
    assert said in note
    assert bool(note) == (language not in REVIEWED)
