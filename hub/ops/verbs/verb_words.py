"""Sentences of the verbs for people and classes, in the language of the terminal."""

from __future__ import annotations

from pathlib import Path

from hub.campus.problem_codes import PROBLEMS
from hub.campus.request_context import LOCALE as CAMPUS_LOCALE
from hub.message_catalogues import domain_catalogue, terminal_language
from hub.store.refused_change import RefusedChange
from hub.store.store_sentences import LOCALE as STORE_LOCALE
from hub.verb_errors import IsomoError

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def _(text: str) -> str:
    """Return `text` for the person at the terminal."""
    return domain_catalogue("people", terminal_language(), LOCALE).gettext(text)


def plural_words(one: str, many: str, number: int) -> str:
    """Return `one` or `many`, as the language of the terminal has it for `number`."""
    return domain_catalogue("people", terminal_language(), LOCALE).ngettext(one, many, number)


def store_sentence(text: str, **facts: object) -> str:
    """Return a sentence of the store's catalogue, facts filled in."""
    return domain_catalogue("store", terminal_language(), STORE_LOCALE).gettext(text).format(**facts)


def refusal_error(error: RefusedChange) -> IsomoError:
    """Return a change that the store refused, as the error that ends a verb."""
    sentence = domain_catalogue("campus", terminal_language(), CAMPUS_LOCALE).gettext(PROBLEMS[error.code][1])
    return IsomoError(sentence.format(**error.facts))
