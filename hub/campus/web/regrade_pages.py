"""Regrade of a lab after a corrected test: who would change, apply, undo."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import course_actions
from hub.campus.regrade_actions import MOST_SHOWN, apply_regrade, regrade_view, undo_regrade, want_regrade
from hub.campus.request_context import Sender, Who
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.campus.web.trainer_pages import lab_path

router = APIRouter(prefix="/courses/{course}/labs/{lab}/regrade")


@router.get("")
def regrade_page(course: str, lab: str, request: Request, who: Who) -> Response:
    """Show who would have another result with the released version, and why."""
    view = regrade_view(who, course, lab)
    store = who.campus.store
    released = course_actions.released_lab(who, course, lab)
    return pages_of(request).show(
        who,
        "regrade.html",
        course=store.courses.get(course),
        lab=released,
        view=view,
        most=MOST_SHOWN,
        titles=store.courses.texts.titles(released.source_bundle, who.language),
    )


@router.post("")
def ask_regrade(course: str, lab: str, who: Sender) -> Response:
    """Ask for a dry run."""
    want_regrade(who, course, lab)
    return redirect_done(who, f"{lab_path(course, lab)}/regrade", "regrade-wanted")


@router.post("/apply")
def apply_lab_regrade(course: str, lab: str, who: Sender, digest: Annotated[str, Form()] = "") -> Response:
    """Make the changes count."""
    made = apply_regrade(who, course, lab, digest)
    return redirect_done(who, f"{lab_path(course, lab)}/regrade", "regraded", number=made)


@router.post("/{number}/undo")
def undo_lab_regrade(course: str, lab: str, number: ClassNumber, who: Sender) -> Response:
    """Give everybody their earlier result back."""
    back, kept = undo_regrade(who, course, lab, number)
    return redirect_done(who, f"{lab_path(course, lab)}/regrade", "regrade-undone", number=back, kept=kept)
