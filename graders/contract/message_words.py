"""Messages worded for a reader: the sentence of `messages`, translated by the catalogues in `locale/`."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from graders.contract.message_facts import Message, sentence_of

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "engine"


def worded_message(message: Message, language: str) -> str:
    """Return a message as its reader sees it; what has no translation is in English.

    Args:
        message: a key and its facts.
        language: two letters, as in "fr".

    Example:
        worded(messages.stopped_after(30), "fr")
    """
    words = message_catalogue(language)

    def translated(one: str, many: str, n: int) -> str:
        return words.ngettext(one, many, n) if many else words.gettext(one)

    return sentence_of(message, translated)


def terminal_language(environ: Mapping[str, str] | None = None) -> str:
    """Return the two letters of the language that the environment asks for, empty if it asks for none."""
    env = os.environ if environ is None else environ
    asked = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "")
    return asked[:2].lower()


@lru_cache(maxsize=32)
def message_catalogue(language: str, domain: str = DOMAIN, locale: Path = LOCALE) -> NullTranslations:
    """Return one language's sentences, straight from the `.po` file that translators edit."""
    path = locale / language / "LC_MESSAGES" / f"{domain}.po"
    if not language.isalpha() or not path.is_file():
        return NullTranslations()
    # Slow to import, and not needed in English.
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ModuleNotFoundError:
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
