"""Trainers' actions on times: a lab's schedule, the times of a class, a person's extra time, late work forgiven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.campus import course_actions
from hub.campus.late_recount import recount_learners
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.store.course_store import Lab
from hub.store.lab_schedules import (
    LATE_POLICIES,
    MOST_DAYS,
    MOST_MINUTES,
    MOST_PERCENT,
    MOST_POINTS,
    Schedule,
)
from hub.store.table_models import Attempt


@dataclass(frozen=True)
class TypedSchedule:
    """A schedule as a trainer typed it; times without a zone are the office's own."""

    opens_at: str = ""
    closes_at: str = ""
    grace_minutes: str = ""
    late_policy: str = "refused"
    points_per_day: str = ""
    late_days: str = ""


def number_in(text: str, most: float) -> float:
    """Return a number that was typed, 0 for none. Raises Problem if it does not fit."""
    try:
        found = float(text.strip().replace(",", ".") or 0)
    except ValueError:
        found = -1.0
    if not 0 <= found <= most:
        raise Problem("bad-schedule-number", {"value": text[:20], "most": f"{most:g}"})
    return found


def whole_number_in(text: str, most: int) -> int:
    """Return a whole number that was typed, 0 for none. Raises Problem if it does not fit."""
    found = number_in(text, most)
    if found != int(found):
        raise Problem("bad-schedule-number", {"value": text[:20], "most": most})
    return int(found)


def set_schedule(who: Visitor, course: str, lab: str, typed: TypedSchedule) -> Schedule:
    """Set when a lab opens and closes and what becomes of late work; late work that is there is counted again."""
    who.must_train(course)
    found = course_actions.released_lab(who, course, lab)
    schedule = read_schedule(who, found, typed)
    who.campus.store.schedules.change(course, lab, schedule)
    course_actions.recount_late(who, course, lab)
    who.note("scheduled", f"{course}/{lab} {_in_short(schedule)}")
    return schedule


def read_schedule(who: Visitor, lab: Lab, typed: TypedSchedule) -> Schedule:
    """Return the schedule that was typed. Raises Problem for what does not fit together."""
    zone = who.campus.settings.timezone
    if typed.late_policy not in LATE_POLICIES:
        raise Problem("no-late-policy", {"value": typed.late_policy[:40]})
    made = Schedule(
        opens_at=course_actions.closing_time(typed.opens_at, zone),
        closes_at=_closing(typed.closes_at, lab.closes_at, zone),
        grace_minutes=whole_number_in(typed.grace_minutes, MOST_MINUTES),
        late_policy=typed.late_policy,
        points_per_day=number_in(typed.points_per_day, MOST_POINTS),
        late_days=whole_number_in(typed.late_days, MOST_DAYS),
    )
    if made.late_policy == "points" and not made.points_per_day:
        raise Problem("points-per-day-missing")
    _must_fit(made.opens_at, made.closes_at, zone)
    return replace(made, points_per_day=made.points_per_day if made.late_policy == "points" else 0.0)


def _closing(text: str, known: datetime | None, zone: str) -> datetime | None:
    """Return a closing time: one to come, or the one that is there already. Raises Problem for another."""
    found = course_actions.closing_time(text, zone)
    if found is not None and known is not None and abs((found - known).total_seconds()) < 60:
        return known  # A form shows minutes, and saving it unchanged must not move the seconds.
    return course_actions.future_closing_time(text, zone)


def _must_fit(opens: datetime | None, closes: datetime | None, zone: str) -> None:
    if opens and closes and opens >= closes:
        local = closes.astimezone(ZoneInfo(zone))
        raise Problem("opens-after-closing", {"closes": f"{local:%Y-%m-%d %H:%M}"})


def _in_short(schedule: Schedule) -> str:
    return (
        f"opens {schedule.opens_at or 'at once'}, closes {schedule.closes_at or 'never'}, "
        f"grace {schedule.grace_minutes} min, late {schedule.late_policy} {schedule.points_per_day:g}/day "
        f"for {schedule.late_days or 'any'} days"
    )


def set_class_times(
    who: Visitor, course: str, lab: str, class_id: int, *, opens_at: str, closes_at: str
) -> None:
    """Give a class times for a lab that differ from the lab's own; empty ones are the lab's own."""
    who.must_train(course)
    found, store = course_actions.released_lab(who, course, lab), who.campus.store
    group = store.classes.get_class(course, class_id)
    zone = who.campus.settings.timezone
    known = {each.class_id: each.closes_at for each in store.schedules.class_times(course, lab)}
    opens, closes = (
        course_actions.closing_time(opens_at, zone),
        _closing(closes_at, known.get(class_id), zone),
    )
    _must_fit(opens or found.opens_at, closes or found.closes_at, zone)
    store.schedules.set_class_times(class_id, lab, opens, closes)
    course_actions.recount_late(who, course, lab, store.schedules.learners_of(class_id))
    times = f"opens {opens or 'with the lab'}, closes {closes or 'with the lab'}"
    who.note("scheduled", f"{course}/{lab} class {group.title}: {times}")


def set_extra_time(who: Visitor, course: str, learner: str, percent: str) -> int:
    """Give a learner extra time in every lab, in percent; 0 ends it. Returns the percent."""
    who.must_manage(course)
    store = who.campus.store
    if "learner" not in store.courses.roles(course, learner):
        raise Problem("unknown-person-in-course", {"name": learner[:40]})
    found = whole_number_in(percent, MOST_PERCENT)
    store.schedules.set_extra_time(learner, found, who.name)
    recount_learners(store, [learner], who.name)
    who.note("extra-time", f"{learner} {found}%")
    return found


def forgive_late(who: Visitor, attempt: Attempt) -> bool:
    """Count an attempt as in time after all; its learner sees that once the feedback is returned."""
    who.must_train(attempt.course)
    store = who.campus.store
    if not store.late.forgive(attempt.id, who.name):
        return False
    store.results.return_changes_at_once(attempt.id, who.name)
    who.note("forgave-late", attempt.receipt)
    return True
