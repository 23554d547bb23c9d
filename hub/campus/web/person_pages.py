"""One person, for an administrator: name, institution, roles, e-mail, courses, classes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.person_erasure import backups_until
from hub.campus.request_context import Sender, Who
from hub.campus.web import people_actions
from hub.campus.web.class_number import chosen_class
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.own_pages import data_file
from hub.campus.web.page_rendering import pages_of
from hub.store.account_store import ROLES

router = APIRouter(prefix="/people/{name}")


@router.get("")
def person_page(name: str, request: Request, who: Who) -> Response:
    """Everything about a person that an administrator may change."""
    person = people_actions.known_person(who, name)
    store = who.campus.store
    enrolments = store.enrolments.of_person(name)
    mine = {each.course.id for each in enrolments}
    classes = store.classes.classes_of(mine)
    return pages_of(request).show(
        who,
        "person.html",
        person=person,
        roles=store.people.roles(name),
        all_roles=ROLES,
        tree=store.institutions.tree(archived=True),
        enrolments=[(each, classes[each.course.id]) for each in enrolments],
        others=[each for each in store.courses.open_ones() if each.id not in mine],
        backups_until=backups_until(who.campus.settings),
    )


@router.post("")
def change_person(
    name: str,
    who: Sender,
    display_name: Annotated[str, Form()],
    language: Annotated[str, Form()],
    role: Annotated[list[str] | None, Form()] = None,
    *,
    institution: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Change a person."""
    people_actions.change_person(
        who,
        name,
        display_name=display_name,
        roles=role or [],
        institution=institution,
        language=language,
        email=email,
    )
    return redirect_done(who, f"/people/{name}", "saved")


@router.post("/enrol")
def enrol_in_course(
    name: str, who: Sender, course: Annotated[str, Form()], part: Annotated[str, Form()] = "learner"
) -> Response:
    """Enrol a person in a course."""
    people_actions.known_person(who, name)
    people_actions.enrol_person(who, course, name, part)
    return redirect_done(who, f"/people/{name}", "enrolled", name=name)


@router.post("/class")
def put_in_class(
    name: str, who: Sender, course: Annotated[str, Form()], group: Annotated[str, Form()] = ""
) -> Response:
    """Put a person into another class of a course."""
    people_actions.known_person(who, name)
    people_actions.put_in_class(who, course, name, chosen_class(group))
    return redirect_done(who, f"/people/{name}", "put-in-class", name=name)


@router.post("/take-out")
def take_out(name: str, who: Sender, course: Annotated[str, Form()]) -> Response:
    """End a person's part in a course."""
    people_actions.known_person(who, name)
    people_actions.take_out(who, course, name)
    return redirect_done(who, f"/people/{name}", "taken-out", name=name)


@router.post("/move")
def move_to_course(
    name: str, who: Sender, course: Annotated[str, Form()], to: Annotated[str, Form()]
) -> Response:
    """Move a learner to another course with their work."""
    moved = people_actions.move_person(who, name, course, to)
    return redirect_done(who, f"/people/{name}", "moved", name=name, number=moved)


@router.get("/data.zip")
def person_data(name: str, who: Who) -> Response:
    """Send all that is kept of a person, for them: an administrator hands it over."""
    person = people_actions.known_person(who, name)
    who.note("exported-person", name)
    return data_file(who.campus.store, name, person.language)


@router.post("/erase")
def erase_for_good(name: str, who: Sender, typed: Annotated[str, Form()] = "") -> Response:
    """Erase a person, for good; their user name must be typed."""
    gone = people_actions.erase_known_person(who, name, typed)
    return redirect_done(
        who, "/people", "erased", number=gone.number, attempts=gone.attempts, files=gone.files
    )
