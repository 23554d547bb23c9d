"""No sentence of a lab names a keyboard, a mouse or JupyterLab's marks alone: it is read on phones and at the desk.

And none is put together of pieces by signs that another language writes in another way.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from labs.authoring.lab_sentences import lab_catalogue, lab_sentences, markdown_blocks
from labs.authoring.lab_spec import load_lab

NEEDS = [
    (r"Shift|Ctrl|\bEnter\*|\[\*\]", r"\*\*Run\*\*"),
    (r"\bMaj\b|Ctrl|Entrée\*|\[\*\]", r"\*\*Exécuter\*\*"),
    (r"\b[Cc]lick (in|on|into) the\b|right-click|double-click|\bmouse\b", r"\bphone\b"),
    (r"\b[Cc]liquez\b|clic droit|double-clic|\bsouris\b", r"\btéléphone\b"),
]
"""What a paragraph may say only if it also says the other."""


def sentences(folder: Path, language: str) -> list[str]:
    """Return all that learners read of a lab in a language."""
    lab = load_lab(folder)
    said = [text for text, _, _ in lab_sentences(lab)]
    return said if language == "en" else [lab_catalogue(folder, language).get(text, text) for text in said]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_sentence_that_names_a_key_or_a_mouse_names_the_way_of_a_phone_as_well(
    folder: Path, language: str
) -> None:
    left_out = [
        text
        for text in sentences(folder, language)
        for named, other in NEEDS
        if re.search(named, text) and not re.search(other, text)
    ]
    assert left_out == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_text_before_a_question_speaks_of_its_cell_for_jupyterlab_alone(
    folder: Path, language: str
) -> None:
    """At the desk a question is there already, and the cell that opens the lab is not seen at all."""
    known = lab_catalogue(folder, "fr") if language == "fr" else {}
    before = [
        known.get(part, part)
        for text, cell in pairwise(load_lab(folder).cells)
        if text.markdown and re.match(r'\s*lab\.ask\("|from labs\.kit import lab', cell.source)
        for part in markdown_blocks(text.source)
    ]
    speaks = re.compile(r"(?i)\brun the next (two )?cells?\b(?!, then write)|exécutez les deux cellules")
    assert [text for text in before if speaks.search(text)] == []


def test_a_colon_between_two_sentences_is_in_the_catalogue_as_french_has_a_space_before_it(
    folder: Path,
) -> None:
    code = (folder / "checks.py").read_text("utf-8")
    assert re.findall(r"lab\.say\([^()]*\)\}[^\"]{0,12}[:;?!] ", code) == []


def test_a_large_number_in_a_table_is_written_as_the_language_writes_it(folder: Path) -> None:
    assert re.findall(r"\{[^{}]*:,\}", (folder / "checks.py").read_text("utf-8")) == []
