"""The store's sentences, in the language of the terminal."""

from __future__ import annotations

from pathlib import Path

from hub.message_catalogues import domain_catalogue, terminal_language

LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return `text` for the person at the terminal."""
    return domain_catalogue("store", terminal_language(), LOCALE).gettext(text)
