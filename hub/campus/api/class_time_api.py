"""When classes meet, for programs: a usual time, and single meetings besides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StrictBool

from hub.campus.class_meeting_actions import set_meetings, set_usual_time
from hub.campus.request_context import Visitor, Who
from hub.campus.web.class_number import ClassNumber
from hub.store.class_management import LONGEST_NOTE
from hub.store.class_times import MOST_MEETINGS
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["people and classes"])
Moment = Annotated[str, Field(max_length=40, description="A time without a zone is the office's own.")]
Place = Annotated[str, Field(max_length=LONGEST_NOTE)]


class MeetingModel(BaseModel):
    """One meeting."""

    starts_at: Moment
    place: Place = ""


class UsualTimeModel(MeetingModel):
    """The usual time of a class: once, or weekly by the office's clock from then on."""

    weekly: StrictBool = False


class ClassTimesBody(BaseModel):
    """Times at which a class is to meet; a field that is left out stays. `usual` null forgets the usual time."""

    usual: UsualTimeModel | None = None
    meetings: Annotated[list[MeetingModel], Field(max_length=MOST_MEETINGS)] | None = None


class ClassTimesAnswer(BaseModel):
    """When a class meets: its usual time, single meetings that are not over, and what comes next."""

    usual: UsualTimeModel | None
    meetings: list[MeetingModel]
    next: str | None


@router.get("/courses/{course}/classes/{number}/times")
def read_times(course: str, number: ClassNumber, who: Who) -> ClassTimesAnswer:
    """Return when a class meets; for trainers of the course and administrators."""
    who.must_manage(course)
    who.campus.store.classes.get_class(course, number)
    return _times(who, number)


@router.put("/courses/{course}/classes/{number}/times")
def put_times(course: str, number: ClassNumber, who: Who, wish: ClassTimesBody) -> ClassTimesAnswer:
    """Say when a class meets; for trainers of the course and administrators."""
    who.must_manage(course)
    who.campus.store.classes.get_class(course, number)
    if "usual" in wish.model_fields_set:
        usual = wish.usual or UsualTimeModel(starts_at="")
        set_usual_time(who, course, number, usual.starts_at, weekly=usual.weekly, place=usual.place)
    if wish.meetings is not None:
        set_meetings(who, course, number, [(each.starts_at, each.place) for each in wish.meetings])
    return _times(who, number)


def _times(who: Visitor, number: int) -> ClassTimesAnswer:
    store, now = who.campus.store.class_times, datetime.now(UTC)
    usual, coming = store.get_time(number), store.next_start(number, now)
    return ClassTimesAnswer(
        usual=UsualTimeModel(starts_at=utc_text(usual.starts_at), place=usual.place, weekly=usual.weekly)
        if usual
        else None,
        meetings=[
            MeetingModel(starts_at=utc_text(each.starts_at), place=each.place)
            for each in store.more_meetings(number, now)
        ],
        next=utc_text(coming) if coming else None,
    )
