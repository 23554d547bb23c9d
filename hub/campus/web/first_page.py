"""A person's first page: their labs, and the way to whatever else their roles open."""

from __future__ import annotations

import tempfile
import time
from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from hub.campus import course_actions
from hub.campus.lab_views import learner_labs
from hub.campus.own_work import write_own_work
from hub.campus.request_context import LANGUAGE_COOKIE, PREFIX, Sender, Who
from hub.campus.today_items import course_today, next_step
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.hub_sign_in import is_local
from hub.campus.web.learner_desk import addresses_to_prefetch
from hub.campus.web.page_rendering import pages_of

router = APIRouter()
A_YEAR = 365 * 24 * 3600
SIGN_IN_AHEAD = "isomo/sign-in"
"""Address of a learner's server that answers with nothing to somebody signed in (`labs/kit/kit_server.py`)."""
PART = 1 << 20
"""Bytes of a file that are sent at a time."""


@router.get("")
def without_slash() -> Response:
    """The address as somebody types it."""
    return RedirectResponse(f"{PREFIX}/", 307)


@router.get("/")
def learner_home(request: Request, who: Who) -> Response:
    """My labs, what I handed in, and what came back."""
    if who.first_page != "/":
        return RedirectResponse(f"{PREFIX}{who.first_page}", 303)
    store = who.campus.store
    learning = [
        (course, learner_labs(store, course.id, who.name))
        for course, role in who.memberships
        if role == "learner"
    ]
    waits = any(
        each.standings and each.standings[0].state == "waiting" for _, labs in learning for each in labs
    )
    attempts = [each.attempt.id for _, labs in learning for mine in labs for each in mine.standings]
    page = pages_of(request).show(
        who,
        "home.html",
        prefetch=addresses_to_prefetch(who.campus.settings.learner_address) if learning else [],
        sign_in_ahead=address_to_sign_in(who) if learning else "",
        learning=[(course, labs, next_step(labs)) for course, labs in learning],
        released={course.id: {mine.lab.lab: mine.lab for mine in labs} for course, labs in learning},
        waits=waits,
        notes=store.notes.unread(who.name) if learning else [],
        lab_names={
            (mine.lab.course, mine.lab.lab): mine.lab.named(who.language)
            for _, labs in learning
            for mine in labs
        },
        appeals=store.appeals.about(attempts),
        changes=store.results.changes_for(attempts),
        certificates=store.certificates.of_learner(who.name) if learning else [],
        teaching=[course_today(store, course) for course in who.teaching],
    )
    if any(next_step(labs) for _, labs in learning) and may_start_ahead(who):
        page.background = BackgroundTask(who.campus.ahead.start, who.name, who.token)
    return page


def may_start_ahead(who: Who) -> bool:
    """Return whether this person's server is to start while they read, because it does not run yet."""
    if who.session is None or not who.campus.ahead.wanted(who.name, time.monotonic()):
        return False
    user = who.campus.hub.user(who.token)
    return user is not None and not user.server_ready


def address_to_sign_in(who: Who) -> str:
    """Return the address at which this person's browser signs in at their server, "" if it is not to.

    A class clicks in the same second; without its sign-ins each click costs half of the processor time.
    """
    user = who.campus.hub.user(who.token)
    if who.session is None or user is None or not user.server_ready:
        return ""
    if not who.campus.ahead.sign_in_wanted(who.session, time.monotonic()):
        return ""
    return f"{who.campus.settings.learner_address}/user/{quote(who.name)}/{SIGN_IN_AHEAD}"


@router.get("/my-work.zip")
def own_work(who: Who) -> Response:
    """Send all that this person handed in, with receipts and the feedback that was returned."""
    # Work may be larger than memory should be; the file is closed after the answer was sent.
    kept = tempfile.TemporaryFile()  # noqa: SIM115
    write_own_work(who.campus.store, who.name, kept)
    kept.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{who.name}-work.zip"'}
    parts = iter(lambda: kept.read(PART), b"")
    return StreamingResponse(
        parts, media_type="application/zip", headers=headers, background=BackgroundTask(kept.close)
    )


@router.get("/open/{course}/{lab}")
def open_lab(course: str, lab: str, who: Who) -> Response:
    """Go to the lab in my own server, which is started first if it does not run."""
    course_actions.released_lab(who, course, lab)
    settings = who.campus.settings
    path = f"/user/{quote(who.name)}/isomo/open/{quote(course, safe='')}/{quote(lab, safe='')}"
    # A server that stopped since the hub was asked has its own page, with a button that starts it.
    known = who.campus.hub.user(who.token)
    user = known if known is not None and known.server_ready else who.campus.hub.user(who.token, fresh=True)
    if user is not None and user.server_ready:
        return RedirectResponse(f"{settings.learner_address}{path}", 303)
    return RedirectResponse(
        f"{settings.address}/hub/spawn/{quote(who.name)}?{urlencode({'next': path})}", 303
    )


@router.post("/notes/{number}")
def note_read(number: ClassNumber, who: Sender) -> Response:
    """Show a note no more."""
    who.campus.store.notes.mark_read(number, who.name)
    return RedirectResponse(f"{PREFIX}/", 303)


@router.post("/language")
def choose_language(request: Request, who: Sender, lang: Annotated[str, Form()]) -> Response:
    """Read everything in another language from now on: here, at the hub, and in labs that are opened next."""
    if lang in who.campus.settings.languages:
        who.campus.store.people.set_language(who.name, lang)
    before = urlsplit(request.headers.get("referer", "")).path
    answer = RedirectResponse(before if is_local(before) else f"{PREFIX}/", 303)
    secure = who.campus.settings.address.startswith("https")
    answer.set_cookie(
        LANGUAGE_COOKIE, lang, max_age=A_YEAR, path="/", httponly=True, samesite="lax", secure=secure
    )
    return answer
