"""The drop-in's sentences for the person at the terminal, in the terminal's language."""

from __future__ import annotations

import io
import os
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return `text` in the terminal's language, or in English if it has no translation."""
    return catalogue(terminal_language()).gettext(text)


def terminal_language() -> str:
    """Return the two letters of the language that the environment asks for."""
    asked = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return asked[:2].lower()


@lru_cache(maxsize=8)
def catalogue(language: str) -> NullTranslations:
    """Return one language's sentences, straight from the `.po` file that translators edit."""
    path = LOCALE / language / "LC_MESSAGES" / "nbgrader.po"
    if not language.isalpha() or not path.is_file():
        return NullTranslations()
    # Slow to import, and not needed in English.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
