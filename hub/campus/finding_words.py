"""Findings of a draft's check, worded in the reader's language; what has no translation is shown in English."""

from __future__ import annotations

from dataclasses import dataclass

from hub.isomo_settings import CHECKOUT
from hub.message_catalogues import domain_catalogue
from hub.store.lab_drafts import DraftFinding

LOCALE = CHECKOUT / "labs" / "authoring" / "locale"
"""Catalogues of the checks' sentences; the sentences are in the checks of `labs.authoring`."""


@dataclass(frozen=True)
class WordedFinding:
    """A finding as somebody reads it; `language` is that of the sentence."""

    file: str
    line: int
    sentence: str
    language: str


def worded_finding(found: DraftFinding, language: str) -> WordedFinding:
    """Return a finding in the reader's language.

    Key and facts come from a sandbox. A key that no catalogue has is never used as a format.
    """
    translated = domain_catalogue("findings", language, LOCALE).gettext(found.key) if found.key else ""
    if translated in ("", found.key):
        return WordedFinding(found.file, found.line, found.sentence, "en")
    try:
        sentence = translated.format_map(found.facts)
    except (LookupError, ValueError, AttributeError):
        return WordedFinding(found.file, found.line, found.sentence, "en")
    return WordedFinding(found.file, found.line, sentence, language)
