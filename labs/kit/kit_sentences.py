"""The kit's own sentences, through gettext; what has no translation stays in English."""

from __future__ import annotations

import io
import os
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "fr": "Français", "rw": "Ikinyarwanda"}
REVIEWED = ("en",)
"""Languages that a person whose first language it is has signed off; see docs/languages.md."""


def N_(text: str) -> str:  # noqa: N802 - the usual gettext name for "translate later"
    """Mark a sentence for translation where it is shown."""
    return text


@lru_cache(maxsize=8)
def kit_catalogue(language: str) -> NullTranslations:
    """Return the kit's sentences in one language, straight from the `.po` file that translators edit."""
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


def kit_sentence(text: str, language: str, **facts: Any) -> str:
    """Return a sentence of the kit in `language`, its facts filled in."""
    return kit_catalogue(language).gettext(text).format(**facts)


def own_language(*asked: object) -> str:
    """Return the first of `asked` that we have, else what the server says, else English."""
    for one in (*asked, os.environ.get("ISOMO_LANG")):
        if isinstance(one, str) and one in LANGUAGES:
            return one
    return "en"
