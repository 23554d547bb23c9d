"""The people of a course, for its trainers and administrators: classes, enrolments, sign-in links and slips."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import class_meeting_actions as actions
from hub.campus.late_recount import recount_learners
from hub.campus.request_context import Sender, Who
from hub.campus.web import people_actions
from hub.campus.web.class_number import ClassNumber, chosen_class
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import PageNumber, pages_of, template_translator
from hub.campus.web.sign_in_links import class_slips, learner_link, may_have_link

router = APIRouter(prefix="/courses/{course}")
PAGE = 50
"""People on a page: each comes with four forms, and a page is to stay below 12 kB as it goes over the line."""
NO_CLASS = "none"


@router.get("/people")
def course_people(
    course: str, request: Request, who: Who, q: str = "", page: PageNumber = 1, *, group: str = ""
) -> Response:
    """Classes of a course and its people, searched by name and by class; `group=none` for those in no class."""
    who.must_manage(course)
    store = who.campus.store
    found, total = store.enrolments.members(
        course,
        q,
        class_id=chosen_class("" if group == NO_CLASS else group),
        without_class=group == NO_CLASS,
        page=page - 1,
        size=PAGE,
    )
    roles = store.people.roles_of([each.person.username for each in found])
    return pages_of(request).show(
        who,
        "course_people.html",
        course=store.courses.get(course),
        classes=store.classes.classes(course, archived=True),
        members=[
            (each, each.part == "learner" and may_have_link(who, each, roles[each.person.username]))
            for each in found
        ],
        extra=store.schedules.extra_times([each.person.username for each in found]),
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        q=q,
        group=group,
    )


@router.post("/classes")
def add_class(
    course: str, who: Sender, title: Annotated[str, Form()], schedule: Annotated[str, Form()] = ""
) -> Response:
    """Make a class."""
    who.must_manage(course)
    who.campus.store.classes.add_class(course, title, schedule)
    who.note("made-class", f"{title} in {course}")
    return redirect_done(who, f"/courses/{course}/people", "made", name=title)


@router.get("/classes/{number}")
def class_page(course: str, number: ClassNumber, request: Request, who: Who) -> Response:
    """One class: its name, when it meets, and slips to sign in."""
    who.must_manage(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    everybody = store.enrolments.learners_in(course, number, without_password=False)
    now = datetime.now(UTC)
    new = sum(each.password_hash is None for each in everybody)
    return pages_of(request).show(
        who,
        "class.html",
        course=store.courses.get(course),
        group=group,
        people=len(everybody),
        new=new,
        time=store.class_times.get_time(number),
        next=store.class_times.next_meeting(number, now),
        meetings=store.class_times.more_meetings(number, now),
        ahead=who.campus.settings.start.class_minutes,
    )


@router.post("/classes/{number}")
def change_class(
    course: str,
    number: ClassNumber,
    who: Sender,
    title: Annotated[str, Form()],
    schedule: Annotated[str, Form()] = "",
) -> Response:
    """Rename a class, or write when it meets."""
    who.must_manage(course)
    who.campus.store.classes.change_class(course, number, title=title, schedule=schedule)
    who.note("changed-class", f"{title} in {course}")
    return redirect_done(who, f"/courses/{course}/people", "saved")


@router.post("/classes/{number}/time")
def change_time(
    course: str,
    number: ClassNumber,
    who: Sender,
    *,
    starts_at: Annotated[str, Form()] = "",
    weekly: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
) -> Response:
    """Say when and where a class meets, so that its servers are ready then; an empty time forgets it."""
    actions.set_usual_time(who, course, number, starts_at, weekly=bool(weekly), place=place)
    return redirect_done(who, f"/courses/{course}/classes/{number}", "saved")


@router.post("/classes/{number}/meetings")
def add_meeting(
    course: str,
    number: ClassNumber,
    who: Sender,
    *,
    starts_at: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
) -> Response:
    """Add one meeting, besides the usual time."""
    actions.add_meeting(who, course, number, starts_at, place)
    return redirect_done(who, f"/courses/{course}/classes/{number}", "saved")


@router.post("/classes/{number}/meetings/remove")
def remove_meeting(
    course: str, number: ClassNumber, who: Sender, starts_at: Annotated[str, Form()] = ""
) -> Response:
    """Remove one meeting."""
    actions.remove_meeting(who, course, number, starts_at)
    return redirect_done(who, f"/courses/{course}/classes/{number}", "saved")


@router.post("/classes/{number}/archive")
def archive_class(
    course: str, number: ClassNumber, who: Sender, back: Annotated[str, Form()] = ""
) -> Response:
    """Archive a class, or bring it back."""
    who.must_manage(course)
    group = who.campus.store.classes.get_class(course, number)
    who.campus.store.classes.archive_class(course, number, archived=not back)
    store = who.campus.store
    recount_learners(store, store.schedules.learners_of(number), who.name)
    who.note("brought-back" if back else "archived", f"class {group.title} in {course}")
    return redirect_done(
        who, f"/courses/{course}/people", "brought-back" if back else "archived", name=group.title
    )


@router.post("/classes/{number}/slips")
def printed_slips(
    course: str, number: ClassNumber, request: Request, who: Sender, everybody: Annotated[str, Form()] = ""
) -> Response:
    """Slips to print and cut: one for each learner, in their language, with a new link and its QR code."""
    made, expires = class_slips(who, course, number, everybody=bool(everybody))
    have = who.campus.settings.languages
    store = who.campus.store
    return pages_of(request).show(
        who,
        "slips.html",
        course=store.courses.get(course),
        group=store.classes.get_class(course, number),
        slips=[
            (each, lang, template_translator(lang))
            for each in made
            for lang in [each.person.language if each.person.language in have else have[0]]
        ],
        expires=expires,
    )


@router.post("/enrol")
def enrol_learner(
    course: str,
    who: Sender,
    username: Annotated[str, Form()],
    group: Annotated[str, Form()] = "",
    part: Annotated[str, Form()] = "learner",
) -> Response:
    """Enrol somebody who has an account."""
    people_actions.enrol_person(who, course, username, part, chosen_class(group))
    return redirect_done(who, f"/courses/{course}/people", "enrolled", name=username)


@router.post("/people/{name}/class")
def put_in_class(course: str, name: str, who: Sender, group: Annotated[str, Form()] = "") -> Response:
    """Put a learner into another class, or into none."""
    people_actions.put_in_class(who, course, name, chosen_class(group))
    return redirect_done(who, f"/courses/{course}/people", "put-in-class", name=name)


@router.post("/people/{name}/take-out")
def take_out(course: str, name: str, who: Sender) -> Response:
    """End somebody's part in the course."""
    people_actions.take_out(who, course, name)
    return redirect_done(who, f"/courses/{course}/people", "taken-out", name=name)


@router.post("/people/{name}/link")
def sign_in_link(
    course: str, name: str, request: Request, who: Sender, sure: Annotated[str, Form()] = ""
) -> Response:
    """Make a sign-in link for a learner of the course."""
    return learner_link(request, who, course, name, sure=bool(sure))
