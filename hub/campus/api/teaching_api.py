"""The trainer's side of the exchange: release, close, return feedback, and watch the grading."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StrictBool

from hub.campus import course_actions
from hub.campus.api.exchange_models import PaceModel
from hub.campus.api.typed_body import documented_body, documented_files, file_answer, read_json
from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import Body, ReleaseBody
from hub.campus.request_context import Visitor, Who
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["teaching"])


class ExtensionWish(BaseModel):
    """Until when one learner may hand in; a time without a zone is the office's own."""

    closes_at: str = Field(max_length=40)


class ReleaseWish(BaseModel):
    """A lab of the library that is released, and until when it is open."""

    library: str | None = Field(
        None, max_length=100, description="Its short name; the same as in the address."
    )
    closes_at: str | None = Field(None, max_length=40)


class LabState(BaseModel):
    """A lab of a course, and whether it takes work."""

    course: str
    lab: str
    state: str


class ReturnWish(BaseModel):
    """Whose feedback is returned (left out: everybody's), or whether it returns by itself from now on."""

    learners: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=10_000)] | None = None
    at_once: StrictBool | None = None


class ReturnedFeedback(BaseModel):
    """Learners to whom feedback was returned; with `at_once`, whether it returns by itself."""

    returned: list[str] = []
    at_once: bool | None = None


class AskedGradings(BaseModel):
    """Number of attempts that are graded once more."""

    asked: int


class OwnClosingTime(BaseModel):
    """Until when a learner may hand in; null for the lab's own closing time."""

    learner: str
    closes_at: str | None


class NoteBody(BaseModel):
    """A message to learners of a lab; they read it on their first page."""

    learners: Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=10_000)]
    text: str = Field(min_length=1, max_length=course_actions.LONGEST_NOTE)


class NotesWritten(BaseModel):
    """To how many learners a message went."""

    written: int


@router.put(
    "/courses/{course}/labs/{lab}/release",
    openapi_extra=documented_files("application/zip", json=ReleaseWish),
)
@router.put("/courses/{course}/labs/{lab:path}/release", include_in_schema=False)
def release_lab(course: str, lab: str, who: Who, body: ReleaseBody, request: Request) -> LabState:
    """Release a lab: JSON `{"library": slug, "closes_at": …}`, or a zip with `release/…` and `source/…`."""
    if request.headers.get("content-type", "").startswith("application/json"):
        wish = read_json(ReleaseWish, body)
        if (wish.library or lab) != lab:
            raise Problem("bad-request", {"fields": "library, closes_at"})
        course_actions.release_built(who, course, lab, wish.closes_at)
    else:
        course_actions.release_zip(who, course, lab, body)
    return LabState(course=course, lab=lab, state=course_actions.released_lab(who, course, lab).state())


@router.delete("/courses/{course}/labs/{lab}/release")
def close_lab(course: str, lab: str, who: Who) -> LabState:
    """Take no more work for a lab."""
    course_actions.close_lab(who, course, lab)
    return LabState(course=course, lab=lab, state="closed")


@router.put(
    "/courses/{course}/labs/{lab}/feedback",
    response_model_exclude_unset=True,
    openapi_extra=documented_body(ReturnWish, required=False),
)
def return_many(course: str, lab: str, who: Who, body: Body) -> ReturnedFeedback:
    """Return feedback for every learner's newest graded attempt, or for `{"learners": [...]}` only.

    `{"at_once": true}` lets it return by itself from now on, `false` waits for a trainer again.
    """
    wish = read_json(ReturnWish, body)
    if wish.at_once is not None:
        course_actions.return_at_once(who, course, lab, at_once=wish.at_once)
        return ReturnedFeedback(at_once=wish.at_once)
    return ReturnedFeedback(returned=course_actions.return_feedback(who, course, lab, wish.learners))


@router.post("/courses/{course}/labs/{lab}/notes", status_code=201)
def write_to_learners(course: str, lab: str, who: Who, wish: NoteBody) -> NotesWritten:
    """Write to learners about a lab, for example to those who have not handed it in."""
    return NotesWritten(
        written=course_actions.act_on(who, course, lab, "write", wish.learners, text=wish.text)
    )


@router.put(
    "/courses/{course}/labs/{lab}/feedback/{learner}",
    response_model_exclude_unset=True,
    openapi_extra=documented_files("text/html", "application/zip", required=False),
)
def return_one(course: str, lab: str, learner: str, who: Who, body: Body) -> ReturnedFeedback:
    """Return one learner's feedback, with the page in the body (HTML, or a zip of it) or the grader's own."""
    who.must_train(course)
    names = course_actions.return_feedback(
        who, course, lab, [learner], course_actions.feedback_page(body, lab)
    )
    if not names:
        raise Problem("not-graded", {"name": learner})
    return ReturnedFeedback(returned=names)


@router.post("/courses/{course}/labs/{lab}/gradings", status_code=202)
def grade_again(course: str, lab: str, who: Who, learner: str = "") -> AskedGradings:
    """Ask for every newest attempt, or one learner's, to be graded once more."""
    return AskedGradings(asked=course_actions.grade_again(who, course, lab, learner or None))


@router.put("/courses/{course}/labs/{lab}/extensions/{learner}")
def give_extension(course: str, lab: str, learner: str, who: Who, wish: ExtensionWish) -> OwnClosingTime:
    """Let one learner hand in until a time of their own; it counts where it is later than the lab's."""
    _must_learn(who, course, lab, learner)
    course_actions.extend_lab(who, course, lab, [learner], wish.closes_at)
    until = who.campus.store.extensions.lab(course, lab)[learner]
    return OwnClosingTime(learner=learner, closes_at=utc_text(until))


@router.delete("/courses/{course}/labs/{lab}/extensions/{learner}")
def end_extension(course: str, lab: str, learner: str, who: Who) -> OwnClosingTime:
    """Let the lab's own closing time count again for one learner."""
    _must_learn(who, course, lab, learner)
    course_actions.extend_lab(who, course, lab, [learner], None, end=True)
    return OwnClosingTime(learner=learner, closes_at=None)


@router.get("/courses/{course}/labs/{lab}/extensions")
def list_extensions(course: str, lab: str, who: Who) -> dict[str, str]:
    """Return the closing times of learners who have one of their own."""
    who.must_train(course)
    return {name: utc_text(until) for name, until in who.campus.store.extensions.lab(course, lab).items()}


def _must_learn(who: Visitor, course: str, lab: str, learner: str) -> None:
    who.must_train(course)
    course_actions.released_lab(who, course, lab)
    if "learner" not in who.campus.store.courses.roles(course, learner):
        raise Problem("unknown-person-in-course", {"name": learner[:40]})


@router.get("/courses/{course}/labs/{lab}/progress", response_model=PaceModel)
def grading_progress(course: str, lab: str, who: Who) -> dict[str, Any]:
    """Return the progress of grading in attempts, gradings a second, and seconds left at that rate."""
    who.must_train(course)
    return who.campus.live.pace(course, lab).said()


@router.get(
    "/courses/{course}/labs/{lab}/events",
    response_class=StreamingResponse,
    responses=file_answer("text/event-stream"),
)
def progress_events(course: str, lab: str, who: Who) -> StreamingResponse:
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
