"""Opening a lab from the campus: fetch it if it is not at home, tell if it was corrected, never touch begun work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from labs.kit.home_files import Home, is_full
from labs.kit.kit_sentences import N_, kit_sentence
from labs.kit.lab_folder import Place
from labs.kit.lab_notebooks import main_names
from labs.kit.lab_texts import NAME as TEXTS

AWAY = N_(
    "The lab could not be fetched, because the campus does not answer just now. Nothing is lost. "
    "Wait a minute, then try again."
)
NO_CAMPUS = N_(
    "This server does not know its campus. Sign out, sign in again, then open the lab from your home page."
)
NOT_OPENED = N_("The lab could not be opened: {message}")
BROKEN = N_(
    "What the campus sent for this lab cannot be read. Nothing of yours was changed. Please tell your trainer."
)

FULL = N_(
    "Your folder is full, so this lab does not fit into it. Nothing of yours was changed. Open a lab that you have, "
    "delete files that you do not need, then try again."
)


class Library(Protocol):
    """Part of the exchange's client that opening needs."""

    def fetch(self, course: str, lab: str) -> Mapping[str, bytes]:
        """Return the released files of a lab."""

    def labs(self, course: str) -> Any:
        """Return the labs of a course."""


def open_lab(home: Home, campus: Library | None, course: str, slug: str, language: str) -> str | None:
    """Have a lab at home. The answer is None, or the sentence that says why it is not."""
    place = Place(home, slug)
    if place.is_there:
        with full_is_no_reason():
            place.copy()
            place.belongs_to(course)
        return None
    if campus is None:
        return kit_sentence(NO_CAMPUS, language)
    return _fetch_lab(place, campus, course, language)


def _fetch_lab(place: Place, campus: Library, course: str, language: str) -> str | None:
    slug = place.slug
    try:
        files = campus.fetch(course, slug)
    except Exception as error:
        # Only the client's own refusals carry a sentence for people; anything else reads as "away".
        if not getattr(error, "retry", True):
            return kit_sentence(NOT_OPENED, language, message=getattr(error, "message", error))
        return kit_sentence(AWAY, language)
    if not main_names(files, slug):
        return kit_sentence(BROKEN, language)
    try:
        place.begin(course, version_of(files), language_of(files, slug) or language, files)
        if language_of(files, slug) not in ("", language):
            place.speak(language)
    except OSError as error:
        if not is_full(error):
            raise
        return kit_sentence(FULL, language)
    return None


@contextmanager
def full_is_no_reason() -> Iterator[None]:
    """Let a lab open in a full home without what would be written: its owner has to come in to make room."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise


def take_correction(home: Home, campus: Library, course: str, slug: str) -> bool:
    """If the lab was corrected since it was fetched, take the new one. Whether it was."""
    place = Place(home, slug)
    had, language = str(place.facts.get("version", "")), str(place.facts.get("language", "en"))
    if not had:
        return False  # Only built labs tell their version, and have cells that can be carried over.
    listed = [one for one in campus.labs(course) if _fact(one, "lab") == slug]
    now = str(_fact(listed[0], "version")) if listed else ""
    if not place.is_there or not now or now == had:
        return False
    files = campus.fetch(course, slug)
    if f"{slug}.ipynb" not in files or version_of(files) == had:
        return False
    place.copy(now=True)
    place.correct(course, version_of(files), language_of(files, slug) or language, files)
    if language_of(files, slug) != language:
        place.speak(language)
    return True


def _fact(found: Any, name: str) -> Any:
    return found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)


def version_of(files: Mapping[str, bytes]) -> str:
    """Return the version of fetched files, empty if they do not say."""
    return str(_json(files.get(TEXTS, b"")).get("version", ""))


def language_of(files: Mapping[str, bytes], slug: str) -> str:
    """Return the language of a fetched notebook, empty if it does not say."""
    about = _json(files.get(f"{slug}.ipynb", b"")).get("metadata", {}).get("isomo", {})
    return str(about.get("language", ""))


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
