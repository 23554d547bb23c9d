"""Schedules of labs, extra time of people, and late work, for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus import course_actions
from hub.campus.request_context import Visitor, Who
from hub.campus.schedule_actions import (
    TypedSchedule,
    forgive_late,
    set_class_times,
    set_extra_time,
    set_schedule,
)
from hub.campus.web.class_number import ClassNumber
from hub.store.lab_schedules import MOST_DAYS, MOST_MINUTES, MOST_PERCENT, MOST_POINTS
from hub.store.signed_receipts import utc_text_or_none

router = APIRouter(tags=["teaching"])
Moment = Annotated[str | None, Field(max_length=40, description="A time without a zone is the office's own.")]


class ClassTimesModel(BaseModel):
    """Times of a class; null means the lab's own."""

    opens_at: Moment = None
    closes_at: Moment = None


class ScheduleBody(ClassTimesModel):
    """Times at which a lab opens and closes; late work is refused, accepted, or costs points (off for each day)."""

    grace_minutes: int = Field(0, ge=0, le=MOST_MINUTES)
    late_policy: str = Field("refused", max_length=16)
    points_per_day: float = Field(0.0, ge=0, le=MOST_POINTS)
    late_days: int = Field(0, ge=0, le=MOST_DAYS)


class ScheduleModel(ScheduleBody):
    """A schedule, the lab's state, and the times of classes by number."""

    state: str
    takes_until: str | None
    classes: dict[int, ClassTimesModel]


class ExtraTimeBody(BaseModel):
    """Extra time in percent of the time between opening and closing; 0 for none."""

    percent: int = Field(ge=0, le=MOST_PERCENT)


@router.get("/courses/{course}/labs/{lab}/schedule")
def read_schedule(course: str, lab: str, who: Who) -> ScheduleModel:
    """Return when a lab opens and closes."""
    who.must_train(course)
    return _schedule(who, course, lab)


def _schedule(who: Visitor, course: str, lab: str) -> ScheduleModel:
    found = course_actions.released_lab(who, course, lab)
    times = who.campus.store.schedules.class_times(course, lab)
    return ScheduleModel(
        opens_at=utc_text_or_none(found.opens_at),
        closes_at=utc_text_or_none(found.closes_at),
        grace_minutes=found.grace_minutes,
        late_policy=found.late_policy,
        points_per_day=found.points_per_day,
        late_days=found.late_days,
        state=found.state(),
        takes_until=utc_text_or_none(found.takes_until),
        classes={
            each.class_id: ClassTimesModel(
                opens_at=utc_text_or_none(each.opens_at),
                closes_at=utc_text_or_none(each.closes_at),
            )
            for each in times
            if each.opens_at or each.closes_at
        },
    )


@router.put("/courses/{course}/labs/{lab}/schedule")
def put_schedule(course: str, lab: str, who: Who, wish: ScheduleBody) -> ScheduleModel:
    """Set when a lab opens and closes; what is left out is not set any more."""
    typed = TypedSchedule(
        wish.opens_at or "",
        wish.closes_at or "",
        str(wish.grace_minutes),
        wish.late_policy,
        str(wish.points_per_day),
        str(wish.late_days),
    )
    set_schedule(who, course, lab, typed)
    return _schedule(who, course, lab)


@router.put("/courses/{course}/labs/{lab}/schedule/classes/{number}")
def put_class_times(
    course: str, lab: str, number: ClassNumber, who: Who, wish: ClassTimesModel
) -> ScheduleModel:
    """Give a class other times than the lab's own."""
    set_class_times(who, course, lab, number, opens_at=wish.opens_at or "", closes_at=wish.closes_at or "")
    return _schedule(who, course, lab)


@router.put("/courses/{course}/people/{name}/extra-time")
def put_extra_time(course: str, name: str, who: Who, wish: ExtraTimeBody) -> ExtraTimeBody:
    """Give a learner extra time in every lab."""
    return ExtraTimeBody(percent=set_extra_time(who, course, name, str(wish.percent)))


@router.post("/attempts/{receipt}/in-time")
def count_as_in_time(receipt: str, who: Who) -> dict[str, bool]:
    """Count an attempt as in time after all; `changed` is false if it does already."""
    return {"changed": forgive_late(who, course_actions.own_attempt(who, receipt))}
