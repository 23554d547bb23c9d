"""Sentences of the bench and of the shared application, read from `.po` files; untranslated ones stay English."""

from __future__ import annotations

import io
import os
import re
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "fr": "Français"}


def N_(text: str) -> str:  # noqa: N802 - the usual gettext name for "translate later"
    """Mark a sentence for translation where it is shown."""
    return text


@lru_cache(maxsize=8)
def sentences_in(language: str) -> NullTranslations:
    """Return the sentences in `language`, straight from the file that translators edit."""
    path = LOCALE / f"{language}.po"
    if not path.is_file():
        return NullTranslations()
    # Slow to import, and not needed in English.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def bench_sentence(text: str, language: str = "", **facts: object) -> str:
    """Return a sentence in `language` (default: the terminal's) with its facts filled in."""
    return sentences_in(language or terminal_language()).gettext(text).format(**facts)


def terminal_language() -> str:
    """Return the language of the person at the terminal or in the notebook."""
    for name in ("ISOMO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if found := os.environ.get(name):
            return found[:2].lower()
    return "en"


def share_text(share: float, language: str = "", digits: int = 0) -> str:
    """Return a share as people write it."""
    text = f"{share * 100:.{digits}f}"
    return f"{text.replace('.', ',')}\u00a0%" if (language or terminal_language()) == "fr" else f"{text}%"


def reason_text(name: str, language: str = "") -> str:
    """Return what weighed in a case, such as `text: “nta mazi”`, with the quotation marks of the language."""
    french = (language or terminal_language()) == "fr"
    return re.sub(": “(.*)”$", "\u00a0: «\u00a0\\1\u00a0»", name) if french else name


class PrototypeError(Exception):
    """Stops a step. `text` says what happened and what to do next; `facts` fill it in any language."""

    def __init__(self, text: str, **facts: object) -> None:
        self.text, self.facts = text, facts
        super().__init__(text.format(**facts))

    def worded(self, language: str = "") -> str:
        """Return the sentence in `language`."""
        return bench_sentence(self.text, language, **self.facts)
