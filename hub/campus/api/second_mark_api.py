"""Second marks of a sample of answers, and how well two markers agree, for programs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hub.campus import course_actions
from hub.campus.marking_desk import desk_answer, give_second_mark
from hub.campus.request_context import Visitor, Who
from hub.store.second_marks import MarkedTwice, marker_agreement

router = APIRouter(tags=["marking"])


class SampledAnswer(BaseModel):
    """An answer of the sample. The first mark is told once the second is there, or to whom gave it."""

    receipt: str
    first: float | None
    first_by: str | None
    second: float | None
    second_by: str | None


class SecondMarks(BaseModel):
    """The sample of a task, and the agreement over the answers that were marked twice."""

    sample: list[SampledAnswer]
    pairs: int
    same: float = Field(description="Share of the pairs with the same points, from 0 to 1.")
    kappa: float | None = Field(description="Cohen's kappa; null if it is not defined.")


class SecondMarkWish(BaseModel):
    """Points of the second mark."""

    score: float = Field(ge=0, le=1000)


@router.get("/courses/{course}/labs/{lab}/second-marks/{task}")
def second_marks(course: str, lab: str, task: str, who: Who) -> SecondMarks:
    """Return the sample of a task that a second trainer marks."""
    who.must_train(course)
    course_actions.released_lab(who, course, lab)
    sample = who.campus.store.second_marks.sample(course, lab, task)
    found = marker_agreement([(each.first, each.second) for each in sample if each.second is not None])
    return SecondMarks(
        sample=[_answer(who, each) for each in sample], pairs=found.pairs, same=found.same, kappa=found.kappa
    )


@router.put("/attempts/{receipt}/second-marks/{task}", status_code=204)
def put_second_mark(receipt: str, task: str, who: Who, wish: SecondMarkWish) -> None:
    """Keep a second mark of an answer that somebody else marked first."""
    give_second_mark(who, desk_answer(who, receipt, task), f"{wish.score:g}")


def _answer(who: Visitor, each: MarkedTwice) -> SampledAnswer:
    is_told = each.second is not None or each.first_by == who.name
    return SampledAnswer(
        receipt=each.receipt,
        first=each.first if is_told else None,
        first_by=each.first_by if is_told else None,
        second=each.second,
        second_by=each.second_by or None,
    )
