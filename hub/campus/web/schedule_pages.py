"""Pages for the times of a lab, for a course and its classes; extra time of a person; late work that is forgiven."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import course_actions
from hub.campus.request_context import Sender, Who
from hub.campus.schedule_actions import (
    TypedSchedule,
    forgive_late,
    set_class_times,
    set_extra_time,
    set_schedule,
)
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.campus.web.trainer_pages import lab_path

router = APIRouter()
SCHEDULE = "/courses/{course}/labs/{lab}/schedule"
Typed = Annotated[str, Form()]


@router.get(SCHEDULE)
def schedule_page(course: str, lab: str, request: Request, who: Who) -> Response:
    """Show the times of a lab, of its classes, and of people who have more time."""
    who.must_train(course)
    store = who.campus.store
    released = course_actions.released_lab(who, course, lab)
    extra, extended = store.schedules.extra_times_in(course), store.extensions.lab(course, lab)
    names = {*extra, *extended}
    learners = {each.username: each for each in store.courses.learners(course, names)}
    return pages_of(request).show(
        who,
        "schedule.html",
        course=store.courses.get(course),
        lab=released,
        classes=store.schedules.class_times(course, lab),
        extra=[(learners[name], percent) for name, percent in sorted(extra.items()) if name in learners],
        extended=[(learners[name], until) for name, until in sorted(extended.items()) if name in learners],
    )


@router.post(SCHEDULE)
def change_schedule(
    course: str,
    lab: str,
    who: Sender,
    *,
    opens_at: Typed = "",
    closes_at: Typed = "",
    grace_minutes: Typed = "",
    late_policy: Typed = "refused",
    points_per_day: Typed = "",
    late_days: Typed = "",
) -> Response:
    """Set when a lab opens and closes, and what becomes of late work."""
    typed = TypedSchedule(opens_at, closes_at, grace_minutes, late_policy, points_per_day, late_days)
    set_schedule(who, course, lab, typed)
    return redirect_done(who, f"{lab_path(course, lab)}/schedule", "scheduled")


@router.post(SCHEDULE + "/classes/{number}")
def change_class_times(
    course: str,
    lab: str,
    number: ClassNumber,
    who: Sender,
    *,
    opens_at: Typed = "",
    closes_at: Typed = "",
) -> Response:
    """Give a class other times, or with empty fields the lab's own."""
    set_class_times(who, course, lab, number, opens_at=opens_at, closes_at=closes_at)
    return redirect_done(who, f"{lab_path(course, lab)}/schedule", "scheduled")


@router.post("/courses/{course}/people/{name}/extra-time")
def change_extra_time(course: str, name: str, who: Sender, percent: Typed = "") -> Response:
    """Give a learner extra time in every lab."""
    found = set_extra_time(who, course, name, percent)
    path = f"/courses/{course}/people"
    if not found:
        return redirect_done(who, path, "extra-time-ended", name=name)
    return redirect_done(who, path, "extra-time", name=name, percent=found)


@router.post("/attempts/{receipt}/in-time")
def count_as_in_time(receipt: str, who: Sender) -> Response:
    """Take nothing off an attempt that was late."""
    forgive_late(who, course_actions.own_attempt(who, receipt))
    return redirect_done(who, f"/attempts/{receipt}", "forgave-late")
