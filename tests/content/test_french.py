"""French as an office in Kigali writes it: one word for one thing, and its own typography. See docs/authoring.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from labs.authoring.lab_preview import ROOT

CATALOGUES = sorted(
    path
    for room in ("labs", "hub", "graders")
    for path in (ROOT / room).rglob("*.po")
    if "fr" in path.relative_to(ROOT).with_suffix("").parts and "template" not in path.parts
)
NOT_OURS = {
    "labo": "atelier",
    "laboratoire": "atelier",
    "tâche": "exercice",
    "reçu d": "récépissé",
    "analyse d’impact": "évaluation d’impact",
    "étude d’impact": "évaluation d’impact",
    "permis de bâtir": "permis de construire",
    "personnes urgentes": "personnes en urgence",
    "centile": "percentile",
}
"""A word that was used once, and the one that is used everywhere."""
CODE = re.compile(r"```.*?```|`[^`]*`|%\(\w+\)s|\{\w*\}", re.DOTALL)
ORDINARY_SPACE = re.compile(r" [;:!?»]|« | %|\d \d{3}\b(?! \d)")
"""Where French wants a space that no line ends at."""


def sentences(path: Path) -> Iterator[str]:
    """Every translated sentence, without code and placeholders."""
    for entry in polib.pofile(str(path)):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            yield CODE.sub("…", text)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_signs_are_held_to_their_word_by_a_space_that_does_not_break(path: Path) -> None:
    """A telephone number in the text of lab 4 is written as it is dialled."""
    wrong = [text for text in sentences(path) if ORDINARY_SPACE.search(text.replace("+250 700", ""))]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_one_thing_has_one_name(path: Path) -> None:
    wrong = [
        (word, text)
        for text in sentences(path)
        for word in NOT_OURS
        if re.search(rf"\b{word}s?\b", text, re.IGNORECASE)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_learners_are_addressed_as_people_who_are_not_all_men(path: Path) -> None:
    """“Votre formateur” alone marks the texts of nobody's trainer who is a woman."""
    wrong = [
        text
        for text in sentences(path)
        if re.search(r"votre formateur ;|[Vv]otre formateur (vous )?li", text)
    ]
    assert wrong == []


def pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Every English sentence with its French one."""
    for entry in polib.pofile(str(path)):
        for french in (entry.msgstr, *entry.msgstr_plural.values()):
            if french:
                yield entry.msgid, french


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_feedback_is_called_retour_and_only_what_a_trainer_typed_commentaire(path: Path) -> None:
    wrong = [
        (english, french)
        for english, french in pairs(path)
        if ("feedback" in english.lower()) > ("retour" in french.lower())
        or ("commentaire" in french.lower()) > ("comment" in english.lower())
    ]
    assert wrong == []


#: Sentences about the certificate of a server and its key, which is a “certificat” in French.
OF_A_SERVER = re.compile(r"\btls\b|\bPEM\b|\{path\}|BEGIN CERTIFICATE")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_person_has_earned_is_an_attestation_and_only_a_server_has_a_certificat(path: Path) -> None:
    server = path.name == "ops.po"  # its table of settings has the name of the file alone
    wrong = [
        (english, french)
        for english, french in pairs(path)
        if not (server and english == "Certificate") and not OF_A_SERVER.search(english)
        if re.search(r"\bcertificats?\b", french.lower())
        or ("certificate" in english.lower()) > ("attestation" in french.lower() or "acte de" in french)
    ]
    assert wrong == []


def test_the_desk_calls_feedback_as_the_campus_does() -> None:
    words = ROOT / "labs" / "desk" / "src" / "words"
    english, french = (json.loads((words / f"{code}.json").read_text("utf-8")) for code in ("en", "fr"))
    about = [name for name, text in english.items() if "feedback" in text.lower()]
    assert about
    assert [name for name in about if "retour" not in french[name].lower()] == []


LABS = [path for path in CATALOGUES if path.is_relative_to(ROOT / "labs")]


@pytest.mark.parametrize("path", LABS, ids=lambda path: str(path.relative_to(ROOT)))
def test_apostrophes_and_quotation_marks_are_the_printed_ones(path: Path) -> None:
    wrong = [text for text in sentences(path) if re.search(r"\w'\w|(?<![=\w])\"\w+\"", text)]
    assert wrong == []


def test_one_sentence_is_said_in_one_way_in_all_labs() -> None:
    """Of shorter texts, names of columns and choices, the French may depend on what they stand next to."""
    said: dict[str, set[str]] = {}
    for path in ROOT.glob("labs/[0-9]*/locale/fr.po"):
        for english, french in pairs(path):
            if english.count(" ") >= 2 and english.endswith((".", "?", "*")):
                said.setdefault(english, set()).add(french)
    assert {english: ways for english, ways in said.items() if len(ways) > 1} == {}
