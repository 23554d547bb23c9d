"""A trainer reads which line did what, and what the mark would be without it, in their language."""

from __future__ import annotations

from typing import Any

import pytest

from hub.campus.flag_words import ALIVE, DEEDS, ENDS, WHOLE, flag_sentence
from hub.campus.web.page_rendering import template_translator


def said(flag: Any, language: str = "en") -> str:
    return flag_sentence(flag, template_translator(language), lambda points: f"{points:g}", 2.0)


DIFFERS = {
    "key": "mark-differs",
    "what": "imports ctypes",
    "cell": 3,
    "line": 2,
    "code": "import ctypes",
    "without": 0.0,
}


def test_a_flag_names_cell_line_and_code_and_what_the_mark_would_be() -> None:
    assert said(DIFFERS) == (
        "Cell 3, line 2, “import ctypes”, imports ctypes, which reaches how Python runs the tests. "
        "Without it this task earns 0 of 2."
    )


def test_it_is_read_in_french() -> None:
    assert said(DIFFERS, "fr").startswith(
        "La cellule 3, ligne 2, «\u00a0import ctypes\u00a0», importe ctypes, qui touche"
    )
    assert said(DIFFERS, "fr").endswith("Sans cela, cet exercice rapporte 0 sur 2.")


def test_a_changed_name_of_the_lab_is_named() -> None:
    told = said({"key": "mark-differs", "what": "given:letters", "without": 1.0})
    assert told == (
        "This notebook changes letters, which the lab gives and the test relies on. Without it this task earns 1 of 2."
    )


@pytest.mark.parametrize("key", ENDS)
@pytest.mark.parametrize(
    "what", [*(f"{kind} x" for kind in DEEDS), "mutated:x", "builtin:x", *ALIVE, "?", ""]
)
@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_every_kind_of_evidence_is_a_whole_sentence(key: str, what: str, language: str) -> None:
    told = said({"key": key, "what": what, "cell": 1}, language)
    assert told.endswith(".")
    assert "%(" not in told


@pytest.mark.parametrize("key", WHOLE)
def test_what_was_seen_directly_has_a_sentence(key: str) -> None:
    assert "%(" not in said({"key": key, "what": "total"})
    assert said(key)


def test_a_flag_of_an_older_result_shows_its_words() -> None:
    assert said("uses exec") == "Look at this one: uses exec"
    assert said({"key": "new-kind", "what": "x"}) == "Look at this one: new-kind x"


def test_a_long_line_is_cut() -> None:
    assert len(said({**DIFFERS, "code": "x" * 5000})) < 300
