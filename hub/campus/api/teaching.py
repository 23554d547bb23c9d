"""The trainer's side of the exchange: release, close, return feedback, and watch the grading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.campus import course_actions
from hub.campus.context import Body, ReleaseBody, Visitor, Who
from hub.campus.problems import Problem
from hub.store.receipts import utc_text

router = APIRouter(tags=["teaching"])


class ExtensionWish(BaseModel):
    """Until when one learner may hand in; a time without a zone is the office's own."""

    closes_at: str = Field(max_length=40)


@router.put("/courses/{course}/labs/{lab}/release")
@router.put("/courses/{course}/labs/{lab:path}/release", include_in_schema=False)
def release(course: str, lab: str, who: Who, body: ReleaseBody, request: Request) -> dict[str, Any]:
    """Release a lab: JSON `{"library": slug, "closes_at": …}`, or a zip with `release/…` and `source/…`."""
    if request.headers.get("content-type", "").startswith("application/json"):
        wish = _json(body)
        slug, closes_at = wish.get("library", lab), wish.get("closes_at")
        if slug != lab or not isinstance(closes_at, str | None):
            raise Problem("bad-request", {"fields": "library, closes_at"})
        course_actions.release_built(who, course, lab, closes_at)
    else:
        course_actions.release_zip(who, course, lab, body)
    return {"course": course, "lab": lab, "state": course_actions.released(who, course, lab).state()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Problem("bad-request", {"fields": "JSON"}) from error
    if not isinstance(found, dict):
        raise Problem("bad-request", {"fields": "JSON"})
    return found


@router.delete("/courses/{course}/labs/{lab}/release")
def close(course: str, lab: str, who: Who) -> dict[str, Any]:
    """Take no more work for a lab."""
    course_actions.close(who, course, lab)
    return {"course": course, "lab": lab, "state": "closed"}


@router.put("/courses/{course}/labs/{lab}/feedback")
def return_many(course: str, lab: str, who: Who, body: Body) -> dict[str, Any]:
    """Return feedback for every learner's newest graded attempt, or for `{"learners": [...]}` only.

    `{"at_once": true}` lets it return by itself from now on, `false` waits for a trainer again.
    """
    wish = _json(body)
    if isinstance(at_once := wish.get("at_once"), bool):
        course_actions.return_at_once(who, course, lab, at_once=at_once)
        return {"at_once": at_once}
    learners = wish.get("learners")
    if learners is not None and not isinstance(learners, list):
        raise Problem("bad-request", {"fields": "learners"})
    return {"returned": course_actions.return_feedback(who, course, lab, learners)}


@router.put("/courses/{course}/labs/{lab}/feedback/{learner}")
def return_one(course: str, lab: str, learner: str, who: Who, body: Body) -> dict[str, Any]:
    """Return one learner's feedback, with the page in the body (HTML, or a zip of it) or the grader's own."""
    who.must_train(course)
    names = course_actions.return_feedback(
        who, course, lab, [learner], course_actions.feedback_page(body, lab)
    )
    if not names:
        raise Problem("not-graded", {"name": learner})
    return {"returned": names}


@router.post("/courses/{course}/labs/{lab}/gradings", status_code=202)
def grade_again(course: str, lab: str, who: Who, learner: str = "") -> dict[str, Any]:
    """Ask for every newest attempt, or one learner's, to be graded once more."""
    return {"asked": course_actions.grade_again(who, course, lab, learner or None)}


@router.put("/courses/{course}/labs/{lab}/extensions/{learner}")
def give_extension(course: str, lab: str, learner: str, who: Who, wish: ExtensionWish) -> dict[str, Any]:
    """Let one learner hand in until a time of their own; it counts where it is later than the lab's."""
    _must_learn(who, course, lab, learner)
    course_actions.extend(who, course, lab, [learner], wish.closes_at)
    until = who.campus.store.extensions.lab(course, lab)[learner]
    return {"learner": learner, "closes_at": utc_text(until)}


@router.delete("/courses/{course}/labs/{lab}/extensions/{learner}")
def end_extension(course: str, lab: str, learner: str, who: Who) -> dict[str, Any]:
    """Let the lab's own closing time count again for one learner."""
    _must_learn(who, course, lab, learner)
    course_actions.extend(who, course, lab, [learner], None, end=True)
    return {"learner": learner, "closes_at": None}


@router.get("/courses/{course}/labs/{lab}/extensions")
def list_extensions(course: str, lab: str, who: Who) -> dict[str, str]:
    """Return the closing times of learners who have one of their own."""
    who.must_train(course)
    return {name: utc_text(until) for name, until in who.campus.store.extensions.lab(course, lab).items()}


def _must_learn(who: Visitor, course: str, lab: str, learner: str) -> None:
    who.must_train(course)
    course_actions.released(who, course, lab)
    if "learner" not in who.campus.store.courses.roles(course, learner):
        raise Problem("unknown-person-in-course", {"name": learner[:40]})


@router.get("/courses/{course}/labs/{lab}/progress")
def progress(course: str, lab: str, who: Who) -> dict[str, Any]:
    """How far grading is, counted in attempts; gradings a second, and seconds left at that rate."""
    who.must_train(course)
    return who.campus.live.pace(course, lab).said()


@router.get("/courses/{course}/labs/{lab}/events", response_class=StreamingResponse)
def events(course: str, lab: str, who: Who) -> StreamingResponse:
    """The same, as server-sent events, one whenever it changes."""
    who.must_train(course)

    async def stream() -> AsyncIterator[str]:
        last = None
        while True:
            now = await asyncio.to_thread(who.campus.live.pace, course, lab)
            # A line now and then also when nothing changes, or proxies close what seems dead.
            changed = now.progress != last
            yield f"data: {json.dumps(now.said())}\n\n" if changed else ": still here\n\n"
            last = now.progress
            await asyncio.sleep(1)

    return StreamingResponse(stream(), media_type="text/event-stream")
