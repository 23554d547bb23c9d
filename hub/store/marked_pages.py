"""A grader's feedback page with what a person gave since: each task has a place, in which mark and comment appear.

The page is made where work is graded, and marks come later; comments in its HTML name the places. A learner's own
comments are not in the page, so that nobody else can name one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from hub.message_catalogues import N_, domain_catalogue
from hub.store.store_sentences import LOCALE

PLACE = re.compile(r"<!--place ([\w=-]+) ([\w=-]*)-->(.*?)<!--/place-->", re.DOTALL)
LANGUAGE = re.compile(r'<html lang="([a-z]{2,3})')
MARKED = N_("Marked by your trainer")
OF = N_("{score} of {most} points")
SAYS = N_("Your trainer writes:")


@dataclass(frozen=True)
class GivenMark:
    """Mark that a person gave for one cell; `score` is None for a comment alone."""

    grade_id: str
    score: float | None
    comment: str
    most: float = 0.0


def mark_place(grade_id: str, label: str, made: str) -> Markup:
    """Return a place for a cell's mark, with the HTML `made` in it until there is one. `label` is HTML too."""
    return Markup(f"<!--place {_key(grade_id)} {_key(label)}-->{made}<!--/place-->")  # noqa: S704 - cleaned pieces


def _key(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode()


def _text(key: str) -> str:
    try:
        return base64.urlsafe_b64decode(key).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def with_marks(page: bytes, given: Iterable[GivenMark]) -> bytes:
    """Return the page with every mark in its place; a mark whose place is gone comes first on the page."""
    waiting = {mark.grade_id: mark for mark in given if mark.score is not None or mark.comment}
    if not waiting:
        return page
    text = page.decode("utf-8", "replace")
    language = found[1] if (found := LANGUAGE.search(text)) else "en"

    def filled(match: re.Match[str]) -> str:
        mark = waiting.pop(_text(match[1]), None)
        return _filled(mark, _text(match[2]), match[3], language) if mark else match[0]

    text = PLACE.sub(filled, text)
    rest = "".join(_filled(mark, Markup("<code>{}</code>").format(mark.grade_id), "", language)
                   for mark in waiting.values())  # fmt: skip
    return _after_body(text, rest).encode("utf-8", "replace")


def _filled(mark: GivenMark, label: str, made: str, language: str) -> str:
    """Return what a place shows: the mark instead of the verdict that waited for it, and the comment below."""
    words = domain_catalogue("store", language, LOCALE)
    said = _lines(mark.comment)
    if mark.score is None:
        comment = Markup('<p class="verdict marked"><strong>✎ {}</strong><br>{}</p>')
        return made + str(comment.format(words.gettext(SAYS), said))
    points = words.gettext(OF).format(score=_number(mark.score), most=_number(mark.most))
    below = Markup("<br>{}").format(said) if said else ""
    head = Markup('<p class="verdict marked"><strong>✎ {}</strong> {} · {}{}</p>')
    return str(head.format(words.gettext(MARKED), Markup(label), points, below))  # noqa: S704 - the page's own label


def _lines(text: str) -> Markup:
    return Markup("<br>").join(text.strip().splitlines())


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _after_body(text: str, more: str) -> str:
    head, body, rest = text.partition("<body>")
    return f"{head}{body}{more}{rest}" if body else f"{more}{text}"
