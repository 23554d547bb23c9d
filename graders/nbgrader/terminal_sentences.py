"""The drop-in's sentences for the person at the terminal, in the terminal's language."""

from __future__ import annotations

from pathlib import Path

from graders.contract.message_words import message_catalogue, terminal_language

LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return `text` in the terminal's language, or in English if it has no translation."""
    return message_catalogue(terminal_language(), "nbgrader", LOCALE).gettext(text)
