"""Institutions: the tree, and one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.store.institution_tree import short_name_from

router = APIRouter(prefix="/institutions")


@router.get("")
def institutions_page(request: Request, who: Who) -> Response:
    """Every institution, each one below its parent."""
    who.must_administer()
    tree = who.campus.store.institutions.tree(archived=True)
    return pages_of(request).show(who, "institutions.html", tree=tree)


@router.post("")
def add_institution(
    who: Sender,
    title: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    parent: Annotated[str, Form()] = "",
) -> Response:
    """Make an institution; without a short name it gets one from its title."""
    who.must_administer()
    short = name.strip().lower() or short_name_from(title)
    who.campus.store.institutions.add(short, title, parent or None)
    who.note("made-institution", short)
    return redirect_done(who, "/institutions", "made", name=title)


@router.get("/{name}")
def institution_page(name: str, request: Request, who: Who) -> Response:
    """One institution."""
    who.must_administer()
    store = who.campus.store
    found = store.institutions.get(name)
    if found is None:
        raise Problem("no-such-institution", {"name": name[:60]})
    return pages_of(request).show(
        who,
        "institution.html",
        institution=found,
        tree=store.institutions.tree(archived=True),
        number=store.people.count_in(name),
    )


@router.post("/{name}")
def change_institution(
    name: str, who: Sender, title: Annotated[str, Form()], parent: Annotated[str, Form()] = ""
) -> Response:
    """Rename an institution, or put it below another one."""
    who.must_administer()
    who.campus.store.institutions.change(name, title=title, parent=parent)
    who.note("changed-institution", name)
    return redirect_done(who, "/institutions", "saved")


@router.post("/{name}/archive")
def archive_institution(name: str, who: Sender, back: Annotated[str, Form()] = "") -> Response:
    """Archive an institution, or bring it back."""
    who.must_administer()
    who.campus.store.institutions.archive(name, archived=not back)
    who.note("brought-back" if back else "archived", f"institution {name}")
    return redirect_done(who, "/institutions", "brought-back" if back else "archived", name=name)
