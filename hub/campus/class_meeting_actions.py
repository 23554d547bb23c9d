"""What trainers say about when a class meets, the same from a page and from the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hub.campus.course_actions import closing_time
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor


def set_usual_time(
    who: Visitor, course: str, number: int, starts_at: str, *, weekly: bool, place: str
) -> None:
    """Say when and where a class meets, so that its servers are ready then; an empty time forgets it."""
    who.must_manage(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    start = closing_time(starts_at, who.campus.settings.timezone)
    if start and not weekly:
        _must_come(start, starts_at)
    store.class_times.set_time(course, number, start, weekly=weekly, place=place)
    when = f"begins {start} {'weekly' if weekly else 'once'}" if start else "has no time"
    who.note("changed-class", f"{group.title} in {course}: {when}")


def add_meeting(who: Visitor, course: str, number: int, starts_at: str, place: str) -> None:
    """Add one meeting to a class, besides its usual time."""
    who.must_manage(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    start = _typed(who, starts_at)
    store.class_times.add_meeting(course, number, start, place)
    who.note("changed-class", f"{group.title} in {course}: meets {start}")


def remove_meeting(who: Visitor, course: str, number: int, starts_at: str) -> None:
    """Remove one meeting of a class; removing it twice is no error."""
    who.must_manage(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    start = closing_time(starts_at, who.campus.settings.timezone)
    if start and store.class_times.remove_meeting(course, number, start):
        who.note("changed-class", f"{group.title} in {course}: does not meet {start}")


def set_meetings(who: Visitor, course: str, number: int, wanted: Sequence[tuple[str, str]]) -> None:
    """Put these meetings, as time and place, in place of the single ones that are to come."""
    who.must_manage(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    places = {_typed(who, starts_at): place for starts_at, place in wanted}
    store.class_times.set_meetings(course, number, places, datetime.now(UTC))
    who.note("changed-class", f"{group.title} in {course}: meets {len(places)} times more")


def _typed(who: Visitor, starts_at: str) -> datetime:
    start = closing_time(starts_at, who.campus.settings.timezone)
    if start is None:
        raise Problem("bad-date", {"value": ""})
    _must_come(start, starts_at)
    return start


def _must_come(start: datetime, typed: str) -> None:
    """Raise Problem for a meeting that is over."""
    if start <= datetime.now(UTC):
        raise Problem("past-class", {"value": typed[:40]})
