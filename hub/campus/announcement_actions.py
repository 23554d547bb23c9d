"""Announcements: what an administrator tells everybody, checked and written down."""

from __future__ import annotations

from collections.abc import Mapping

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor

LONGEST, MOST_HOURS = 400, 24 * 90


def make_announcement(who: Visitor, texts: Mapping[str, str], hours: int) -> bool:
    """Show texts by language to everybody for some hours; without any text, end what is shown and return False.

    Raises Problem for an unknown language, and for a text or a time that is too long.
    """
    who.must_administer()
    given = {code: " ".join(text.split()) for code, text in texts.items()}
    given = {code: text for code, text in given.items() if text}
    if not given:
        who.campus.store.announcements.clear()
        return False
    known = set(given) <= set(who.campus.settings.languages)
    if not known or not 1 <= hours <= MOST_HOURS or any(len(text) > LONGEST for text in given.values()):
        raise Problem("bad-request", {"fields": "hours, text"})
    who.campus.store.announcements.publish(given, hours)
    who.note("announced", next(iter(given.values())))
    return True
