"""Appeals and decisions about flags for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus import course_actions
from hub.campus.appeal_actions import LONGEST_TEXT, answer_appeal, ask_appeal
from hub.campus.marking_desk import desk_answer, rule_flags
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Who
from hub.campus.web.class_number import ClassNumber
from hub.store.marking_models import Appeal
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["marking"])


class AppealBody(BaseModel):
    """The task of a returned result that a trainer should look at again, and the reason."""

    task: str = Field(max_length=255)
    reason: str = Field(max_length=LONGEST_TEXT)


class AppealAnswer(BaseModel):
    """The answer to an appeal: `kept`, or `changed` with the new points. `seen` is the number of the mark looked at."""

    decision: str = Field(max_length=16)
    reason: str = Field(max_length=LONGEST_TEXT)
    score: float | None = None
    seen: int = Field(0, ge=0, le=2**31 - 1)


class AppealModel(BaseModel):
    """An appeal; `decision` is null while it waits."""

    number: int
    receipt: str
    task: str
    reason: str
    asked_at: str
    decision: str | None
    answer: str


class RulingBody(BaseModel):
    """A decision about the flags of a task: `cleared` or `upheld`, and points for those that are upheld."""

    ruling: str = Field(max_length=16)
    reason: str = Field(max_length=20_000)
    score: float | None = None
    seen: int = Field(0, ge=0, le=2**31 - 1)


def _said(appeal: Appeal, receipt: str) -> AppealModel:
    return AppealModel(
        number=appeal.id,
        receipt=receipt,
        task=appeal.grade_id,
        reason=appeal.reason,
        asked_at=utc_text(appeal.asked_at),
        decision=appeal.decision,
        answer=appeal.answer,
    )


@router.post("/attempts/{receipt}/appeals", status_code=201)
def ask_for_appeal(receipt: str, who: Who, wish: AppealBody) -> AppealModel:
    """Appeal the mark of one task of one's own attempt."""
    return _said(ask_appeal(who, course_actions.own_attempt(who, receipt), wish.task, wish.reason), receipt)


@router.get("/attempts/{receipt}/appeals")
def list_of_attempt(receipt: str, who: Who) -> list[AppealModel]:
    """Return the appeals about an attempt."""
    attempt = course_actions.own_attempt(who, receipt)
    found = who.campus.store.appeals.about([attempt.id]).get(attempt.id, [])
    return [_said(each, receipt) for each in found]


@router.get("/courses/{course}/appeals")
def waiting_appeals(course: str, who: Who) -> list[AppealModel]:
    """Return the appeals of a course that wait for an answer."""
    who.must_train(course)
    return [_said(each.appeal, each.attempt.receipt) for each in who.campus.store.appeals.waiting(course)]


@router.put("/courses/{course}/appeals/{number}")
def decide_appeal(course: str, number: ClassNumber, who: Who, wish: AppealAnswer) -> AppealModel:
    """Answer an appeal; a changed mark is returned to its learner at once."""
    score = "" if wish.score is None else str(wish.score)
    attempt = answer_appeal(who, course, number, wish.decision, wish.reason, score=score, seen=wish.seen)
    found = who.campus.store.appeals.get(number)
    if found is None:
        raise Problem("not-found")
    return _said(found, attempt.receipt)


@router.put("/attempts/{receipt}/flags/{task:path}")
def rule_on_flags(receipt: str, task: str, who: Who, wish: RulingBody) -> dict[str, str]:
    """Clear or uphold the flags of a task, with a reason."""
    found = desk_answer(who, receipt, task)
    score = "" if wish.score is None else str(wish.score)
    rule_flags(who, found, wish.ruling, wish.reason, score=score, seen=wish.seen)
    return {"receipt": receipt, "task": task, "ruling": wish.ruling}
