"""People and the audit log for administrators; counts, and nobody's notebooks, for coordinators."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub import invitations
from hub.campus.context import Sender, Visitor, Who
from hub.campus.problems import Problem
from hub.campus.web.rendering import PageNumber, back_to, pages_of
from hub.names import is_username
from hub.store.people import ROLES
from hub.store.results import count_classes

router = APIRouter()
PAGE = 50
LINK_LASTS = timedelta(days=3)


@router.get("/people")
def people_page(request: Request, who: Who, q: str = "", page: PageNumber = 1, part: str = "") -> Response:
    """Everybody with an account, by page, searched by name."""
    who.must_administer()
    store = who.campus.store
    found, total = store.people.search(q, page=page - 1, size=PAGE)
    return pages_of(request).show(
        who,
        "people_list.html" if part == "list" else "people.html",
        people=found,
        roles=store.people.roles_of([each.username for each in found]),
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        q=q,
        all_roles=ROLES,
        courses=store.courses.all(),
    )


@router.post("/people")
def invite(
    request: Request,
    who: Sender,
    username: Annotated[str, Form()],
    display_name: Annotated[str, Form()],
    role: Annotated[str, Form()] = "learner",
    *,
    course: Annotated[str, Form()] = "",
) -> Response:
    """Make an account and a one-time link for it."""
    who.must_administer()
    store = who.campus.store
    if not is_username(username):
        raise Problem("bad-username", {"name": username})
    if store.people.get(username) is not None:
        raise Problem("name-taken", {"name": username})
    if role not in ROLES or not display_name.strip():
        raise Problem("bad-request", {"fields": "role, display_name"})
    store.people.add(username, display_name.strip(), roles=(role,), language=who.language)
    if course and store.courses.get(course) is not None:
        store.courses.add_member(course, username, "trainer" if role == "trainer" else "learner")
    who.note("invited", f"{username} as {role}")
    return _link(request, who, username, "welcome")


@router.post("/people/{name}/link")
def new_link(name: str, request: Request, who: Sender) -> Response:
    """A new one-time link, with which a person chooses a new password."""
    _known(who, name)
    who.note("made-link", name)
    return _link(request, who, name, "reset")


def _link(request: Request, who: Visitor, name: str, kind: invitations.Kind) -> Response:
    store, settings = who.campus.store, who.campus.settings
    address = invitations.link(settings, invitations.create(store, name, kind, LINK_LASTS))
    return pages_of(request).show(who, "invited.html", name=name, address=address, days=LINK_LASTS.days)


@router.post("/people/{name}/disable")
def disable(name: str, who: Sender) -> Response:
    """Close an account: its owner is signed out and their servers stop; nothing of theirs is removed."""
    _known(who, name)
    if name == who.name:
        raise Problem("not-yourself")
    campus = who.campus
    campus.store.people.set_disabled(name, True)
    campus.store.sessions.end_all(name)
    who.note("disabled", name)
    if not campus.hub.stop_servers(name, campus.secrets.campus_token):
        who.note("servers-not-stopped", name)  # The keeper stops them within a minute of the hub's return.
    return back_to("/people")


@router.post("/people/{name}/enable")
def enable(name: str, who: Sender) -> Response:
    """Open an account again."""
    _known(who, name)
    who.campus.store.people.set_disabled(name, False)
    who.note("enabled", name)
    return back_to("/people")


def _known(who: Visitor, name: str) -> None:
    who.must_administer()
    if who.campus.store.people.get(name) is None:
        raise Problem("no-such-person", {"name": name})


@router.get("/audit")
def audit_page(request: Request, who: Who, person: str = "", page: PageNumber = 1) -> Response:
    """Who did what, the newest first."""
    who.must_administer()
    found = who.campus.store.audit.newest(page=page - 1, size=PAGE + 1, who=person)
    return pages_of(request).show(
        who, "audit.html", entries=found[:PAGE], more=len(found) > PAGE, page=page, person=person
    )


@router.get("/overview")
def overview(request: Request, who: Who) -> Response:
    """How far the classes of one's own institution are: numbers only."""
    if "coordinator" not in who.roles or who.person.institution is None:
        who.refuse("overview")
    store = who.campus.store
    courses = [
        (
            course,
            [
                (lab, count_classes(store.database, course.id, lab.lab))
                for lab in store.courses.labs(course.id)
            ],
        )
        for course in store.courses.all()
        if course.institution == who.person.institution
    ]
    return pages_of(request).show(who, "overview.html", courses=courses)
