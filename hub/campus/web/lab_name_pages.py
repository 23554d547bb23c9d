"""Page on which a trainer renames a released lab, withdraws it, or puts it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.course_actions import released_lab
from hub.campus.lab_drafting import rename_lab, withdraw_lab
from hub.campus.request_context import Sender, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.campus.web.trainer_pages import lab_path

router = APIRouter()
NAME = "/courses/{course}/labs/{lab}/name"


@router.get(NAME)
def name_page(course: str, lab: str, request: Request, who: Who) -> Response:
    """Show a lab's title in each language, its minutes, and whether it is withdrawn."""
    who.must_train(course)
    store = who.campus.store
    return pages_of(request).show(
        who,
        "lab_name.html",
        course=store.courses.get(course),
        lab=released_lab(who, course, lab),
        handed_in=store.marks.handed_in(course)[lab],
    )


@router.post(NAME)
async def save_lab_name(
    course: str, lab: str, request: Request, who: Sender, minutes: Annotated[str, Form()] = ""
) -> Response:
    """Save another title and other minutes."""
    form = await request.form()
    title = {code: str(form.get(f"title-{code}", "")) for code in who.campus.settings.languages}
    number = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 else 0
    rename_lab(who, course, lab, title, number)
    return redirect_done(who, lab_path(course, lab), "saved")


@router.post("/courses/{course}/labs/{lab}/withdraw")
def withdraw_from_list(course: str, lab: str, who: Sender, back: Annotated[str, Form()] = "") -> Response:
    """Take the lab off the learners' lists, or with `back` put it there again."""
    withdraw_lab(who, course, lab, withdrawn=not back)
    return redirect_done(who, lab_path(course, lab), "lab-back" if back else "lab-withdrawn")
