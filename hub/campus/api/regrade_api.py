"""Regrades of a lab for programs: look who would change, apply it, take it back."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus.regrade_actions import apply_regrade, regrade_view, undo_regrade, want_regrade
from hub.campus.request_context import Visitor, Who
from hub.campus.web.class_number import ClassNumber

router = APIRouter(tags=["marking"], prefix="/courses/{course}/labs/{lab}/regrade")


class RegradeChange(BaseModel):
    """A learner who would have other points."""

    learner: str
    before: float
    after: float
    tasks: list[str]


class RegradeModel(BaseModel):
    """The state of a lab's regrade; `digest` names the changes that were looked at."""

    state: Literal["none", "looking", "ready"]
    left: int = Field(description="Attempts that are still to be looked at.")
    changes: list[RegradeChange]
    digest: str
    applied: list[int] = Field(description="Numbers of regrades that count, for undo.")


class RegradeWish(BaseModel):
    """The changes to apply: the `digest` of those that were looked at."""

    digest: str = Field(max_length=64)


class RegradeApplied(BaseModel):
    """For how many learners the regrade counts."""

    changed: int


class RegradeUndone(BaseModel):
    """Numbers of learners who have their earlier result again, and of those who keep theirs."""

    back: int
    kept: int


@router.get("")
def read_regrade(course: str, lab: str, who: Who) -> RegradeModel:
    """Return who would have another result with the released version of a lab."""
    return _said(who, course, lab)


@router.post("", status_code=202)
def ask_regrade(course: str, lab: str, who: Who) -> RegradeModel:
    """Have the newest attempts looked at; nothing changes for anybody."""
    want_regrade(who, course, lab)
    return _said(who, course, lab)


@router.put("")
def apply_lab_regrade(course: str, lab: str, who: Who, wish: RegradeWish) -> RegradeApplied:
    """Make the changes count that were looked at; learners see them once feedback is returned."""
    return RegradeApplied(changed=apply_regrade(who, course, lab, wish.digest))


@router.delete("/{number}")
def undo_lab_regrade(course: str, lab: str, number: ClassNumber, who: Who) -> RegradeUndone:
    """Give everybody their earlier result back."""
    back, kept = undo_regrade(who, course, lab, number)
    return RegradeUndone(back=back, kept=kept)


def _said(who: Visitor, course: str, lab: str) -> RegradeModel:
    view = regrade_view(who, course, lab)
    looking = view.proposal is not None and view.proposal.wanted_at is not None
    changes = [
        RegradeChange(
            learner=each.learner, before=each.score_before, after=each.score_after, tasks=list(each.tasks)
        )
        for each in view.changes
    ]
    return RegradeModel(
        state="none" if view.proposal is None else "looking" if looking else "ready",
        left=view.left,
        changes=changes,
        digest=view.digest,
        applied=[each.id for each in view.applied if each.undone_at is None],
    )
