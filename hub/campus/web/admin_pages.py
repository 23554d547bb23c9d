"""People for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.request_context import Sender, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import PageNumber, pages_of
from hub.campus.web.people_actions import add_person, close_account, known_person, open_account
from hub.campus.web.sign_in_links import show_link
from hub.store.account_store import ROLES

router = APIRouter()
PAGE = 50


@router.get("/people")
def people_page(
    request: Request,
    who: Who,
    q: str = "",
    page: PageNumber = 1,
    part: str = "",
    *,
    institution: str = "",
    role: str = "",
) -> Response:
    """Everybody with an account, by page, searched by name, institution and role."""
    who.must_administer()
    store = who.campus.store
    found, total = store.people.search(q, page=page - 1, size=PAGE, institution=institution, role=role)
    tree = store.institutions.tree(archived=True)
    return pages_of(request).show(
        who,
        "people_list.html" if part == "list" else "people.html",
        people=found,
        roles=store.people.roles_of([each.username for each in found]),
        titles={each.institution.id: each.institution.title for each in tree},
        tree=tree,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        q=q,
        institution=institution,
        role=role,
        all_roles=ROLES,
        courses=store.courses.open_ones(),
    )


@router.post("/people")
def invite_person(
    request: Request,
    who: Sender,
    username: Annotated[str, Form()],
    display_name: Annotated[str, Form()],
    role: Annotated[str, Form()] = "learner",
    *,
    course: Annotated[str, Form()] = "",
    institution: Annotated[str, Form()] = "",
) -> Response:
    """Make an account and a one-time link for it."""
    add_person(
        who,
        username,
        display_name,
        roles=(role,),
        institution=institution,
        language=who.language,
        course=course,
    )
    return show_link(request, who, username, "welcome", "/people")


@router.post("/people/{name}/link")
def new_link(name: str, request: Request, who: Sender) -> Response:
    """A new one-time link, with which a person chooses a new password."""
    known_person(who, name)
    who.note("made-link", name)
    return show_link(request, who, name, "reset", f"/people/{name}")


@router.post("/people/{name}/disable")
def disable_account(name: str, who: Sender) -> Response:
    """Close an account."""
    close_account(who, name)
    return redirect_done(who, f"/people/{name}", "account-closed", name=name)


@router.post("/people/{name}/enable")
def enable_account(name: str, who: Sender) -> Response:
    """Open an account again."""
    open_account(who, name)
    return redirect_done(who, f"/people/{name}", "account-opened", name=name)
