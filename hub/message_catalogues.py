"""Catalogues of translated sentences, read straight from their `.po` files.

Babel is imported late: the list of verbs is shown, in English, before any package is installed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - the usual gettext name for "translate later"
    """Mark `text` for translation where it is shown, not where it is defined."""
    return text


@lru_cache(maxsize=32)
def domain_catalogue(domain: str, language: str, locale: Path = LOCALE) -> NullTranslations:
    """Return sentences of `domain` in `language`; what has no translation stays in English.

    A `.po` file is compiled in memory: what translators edit is what is shown, with nothing to rebuild.
    """
    path = locale / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return NullTranslations()
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ModuleNotFoundError:
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def chosen_language(asked: str, accepted: str, offered: Sequence[str]) -> str:
    """Return one of `offered`: what was `asked` for, else the best of an Accept-Language header, else the first."""
    if asked in offered:
        return asked
    from babel import negotiate_locale

    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accepted.split(",")]
    return negotiate_locale(wanted, list(offered)) or offered[0]


def terminal_language(environ: dict[str, str] | None = None) -> str:
    """Return the language of the person at the terminal, from LC_ALL, LC_MESSAGES or LANG; "en" if they say none."""
    env = os.environ if environ is None else environ
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(name):
            return env[name][:2].lower()
    return "en"


def terminal_sentence(text: str) -> str:
    """`text` for the person at the terminal: settings errors, refusals of the administrator's verbs."""
    return domain_catalogue("hub", terminal_language()).gettext(text)
