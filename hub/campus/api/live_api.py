"""The live class for programs: labs report checks and hints, never answers; trainers read where their class is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.campus.live_class import choose_reports, watch_class, write_to_learners
from hub.campus.request_context import Who
from hub.campus.web.class_number import ClassNumber
from hub.store.live_reports import LiveEvent
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["live class"])
A_DAY = 24 * 3600
PAUSE = 1.7
"""Seconds between two looks at a class that is watched; a page follows within two."""
TICK = 20
"""After so many looks without a change the page is told to look all the same: silence grows by itself."""
Name = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9_.-]*$")]
Key = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_.-]*$")]


class EventModel(BaseModel):
    """One check or hint, `ago` seconds before it was sent. `key` names what was missed; `rung` counts hints from 1."""

    kind: Literal["check", "hint"]
    task: Name
    outcome: Literal["", "passed", "not-yet", "not-attempted", "could-not-check"] = ""
    key: Key = ""
    rung: int = Field(0, ge=0, le=9)
    ago: float = Field(0.0, ge=0, le=A_DAY)


class ReportBody(BaseModel):
    """The events since the last report; without events it says that the lab is open."""

    events: Annotated[list[EventModel], Field(max_length=50)] = []


class NoteModel(BaseModel):
    """A message of a trainer that was not read yet."""

    number: int
    name: str
    text: str
    written_at: str


class ReportAnswer(BaseModel):
    """Answer to a report: if reports are kept, messages to this person, and in how many seconds a desk asks again."""

    reported: bool
    messages: list[NoteModel]
    next_seconds: int


class ChoiceBody(BaseModel):
    """This person's choice to let their labs report."""

    reported: bool


class LiveLearnerModel(BaseModel):
    """The place of a learner in a lab; `reason` is same-check, all-hints, silence, or empty."""

    username: str
    here: bool
    lab: str
    task: str
    outcome: str
    missing: str
    reason: str
    repeats: int
    hints: int
    passed: list[str]
    minutes: int


class StuckModel(BaseModel):
    """Learners who are stuck on the same."""

    lab: str
    task: str
    reason: str
    missing: str
    learners: list[str]


class LiveModel(BaseModel):
    """A class of now."""

    class_number: int
    learners: list[LiveLearnerModel]
    stuck: list[StuckModel]


class MessageBody(BaseModel):
    """A message to learners of a class."""

    learners: Annotated[list[str], Field(max_length=2000)]
    text: Annotated[str, Field(max_length=20_000)]


class SentModel(BaseModel):
    """To how many learners a message went."""

    sent: int


@router.post("/courses/{course}/labs/{lab}/live")
def take_lab_report(course: str, lab: str, who: Who, body: ReportBody) -> ReportAnswer:
    """Take what this person's lab reports, unless they chose otherwise; answer with messages to them."""
    who.must_see(course)
    campus, now = who.campus, datetime.now(UTC)
    wanted, unread = campus.store.live_reports.wanted_and_notes(who.name)
    if wanted and not who.trains(course):
        kept = body.events[: campus.presence.allowance(who.name, len(body.events))]
        events = [
            LiveEvent(
                each.kind, each.task, now - timedelta(seconds=each.ago), each.outcome, each.key, each.rung
            )
            for each in kept
        ]
        if events:
            campus.store.live_reports.add(course, lab, who.name, events)
        campus.presence.note(course, lab, who.name, changed=bool(events))
    notes = [
        NoteModel(
            number=each.note.id,
            name=each.writer or "",
            text=each.note.text,
            written_at=utc_text(each.note.written_at),
        )
        for each in unread
        if each.note.course == course
    ]
    seconds = campus.presence.next_seconds(course)
    return ReportAnswer(reported=wanted, messages=notes, next_seconds=seconds)


@router.put("/me/live")
def choose_reporting(who: Who, body: ChoiceBody) -> ChoiceBody:
    """Keep whether this person lets their labs report; what is kept of them goes at once if not."""
    choose_reports(who, reported=body.reported)
    return body


@router.post("/me/notes/{number}/read")
def note_read(number: ClassNumber, who: Who) -> dict[str, bool]:
    """Note that this person has read a message; one of somebody else's stays as it is."""
    who.campus.store.notes.mark_read(number, who.name)
    return {"read": True}


@router.get("/courses/{course}/classes/{number}/live")
def live_class(course: str, number: ClassNumber, who: Who) -> LiveModel:
    """Return where the learners of a class are; for trainers."""
    found = watch_class(who, course, number)
    return LiveModel(
        class_number=number,
        learners=[
            LiveLearnerModel(
                username=each.person.username,
                here=each.is_here,
                lab=each.lab,
                task=each.task,
                outcome=each.outcome,
                missing=each.key,
                reason=each.reason,
                repeats=each.repeats,
                hints=each.rung,
                passed=list(each.passed),
                minutes=each.minutes,
            )
            for each in found.learners
        ],
        stuck=[
            StuckModel(
                lab=each.lab,
                task=each.task,
                reason=each.reason,
                missing=each.key,
                learners=[one.person.username for one in each.learners],
            )
            for each in found.stuck
        ],
    )


@router.post("/courses/{course}/classes/{number}/live/messages")
def message_learners(course: str, number: ClassNumber, who: Who, body: MessageBody) -> SentModel:
    """Write to learners of a class who are at a lab; for trainers."""
    return SentModel(sent=write_to_learners(who, course, number, body.learners, body.text))


@router.get("/courses/{course}/classes/{number}/live/events", response_class=StreamingResponse)
def class_events(course: str, number: ClassNumber, who: Who) -> StreamingResponse:
    """Server-sent events, one whenever the class changed; for trainers."""
    who.must_train(course)
    who.campus.store.classes.get_class(course, number)

    async def stream() -> AsyncIterator[str]:
        last, quiet = -1, 0
        while True:
            now = who.campus.presence.changes(course)
            quiet = 0 if now != last else quiet + 1
            yield f"data: {json.dumps(now)}\n\n" if quiet % TICK == 0 else ": still here\n\n"
            last = now
            await asyncio.sleep(PAUSE)

    return StreamingResponse(stream(), media_type="text/event-stream")
