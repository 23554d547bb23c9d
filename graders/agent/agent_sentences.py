"""Sentences of the agent: for the terminal, and for learners in their language."""

from __future__ import annotations

from pathlib import Path

from hub.message_catalogues import domain_catalogue, terminal_language

LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return `text` for the person at the terminal."""
    return agent_sentence(text, terminal_language())


def agent_plural(one: str, many: str, number: int) -> str:
    """Return `one` or `many`, as the language of the terminal has it for `number`."""
    return domain_catalogue("agent", terminal_language(), LOCALE).ngettext(one, many, number)


def agent_sentence(text: str, language: str) -> str:
    """Return `text` in `language`."""
    return domain_catalogue("agent", language, LOCALE).gettext(text)
