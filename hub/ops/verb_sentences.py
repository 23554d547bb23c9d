"""Sentences of the administrator's verbs, in the language of the terminal."""

from __future__ import annotations

from pathlib import Path

from hub.message_catalogues import domain_catalogue, terminal_language

LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return `text` for the person at the terminal."""
    return domain_catalogue("ops", terminal_language(), LOCALE).gettext(text)


def plural_sentence(one: str, many: str, number: int) -> str:
    """Return `one` or `many`, as the language of the terminal has it for `number`."""
    return domain_catalogue("ops", terminal_language(), LOCALE).ngettext(one, many, number)
