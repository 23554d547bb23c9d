"""The live class for its trainer: who is stuck on what, who is at which task, and a message to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.live_class import RECENT, choose_reports, lab_words, watch_class, write_to_learners
from hub.campus.request_context import Sender, Who
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of

router = APIRouter()
LIVE = "/courses/{course}/classes/{number}/live"


@router.get(LIVE)
def live_page(course: str, number: ClassNumber, request: Request, who: Who, part: str = "") -> Response:
    """Show a class of now; with `part=now` only what changes."""
    found = watch_class(who, course, number)
    labs = sorted({each.lab for each in found.learners if each.lab})
    return pages_of(request).show(
        who,
        "live_now.html" if part == "now" else "live.html",
        course=next(each for each in who.teaching if each.id == course),
        live=found,
        labs=labs,
        words=lab_words(who, course, labs),
        hours=int(RECENT.total_seconds() // 3600),
    )


@router.post(LIVE)
def write_message(
    course: str,
    number: ClassNumber,
    who: Sender,
    learner: Annotated[list[str] | None, Form()] = None,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Send a message to some of the class."""
    count = write_to_learners(who, course, number, learner or [], text)
    code = "note-written" if count else "none-at-a-lab"
    return redirect_done(who, f"/courses/{course}/classes/{number}/live", code, number=count)


@router.post("/me/live")
def choose_reporting(who: Sender, reported: Annotated[str, Form()] = "") -> Response:
    """Keep whether this person lets their labs report."""
    choose_reports(who, reported=bool(reported))
    return redirect_done(who, "/me", "saved")
