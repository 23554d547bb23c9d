"""Marks of a course for programs: as JSON, CSV or an Excel file, and their sign-off."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from hub.campus.api.typed_body import file_answer
from hub.campus.marks_view import final_state, marks_file, sign_off, withdraw_signoff
from hub.campus.request_context import Who
from hub.campus.web.roster_pages import EXCEL
from hub.store.marks_table import MarksRow
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["marking"], prefix="/courses/{course}/marks")


class LabMark(BaseModel):
    """Points of one learner's newest checked attempt at one lab; a score of null is not checked yet."""

    receipt: str
    score: float | None
    max_score: float
    to_mark: int = Field(description="Answers that wait for a person.")
    newer_waits: bool = Field(description="Whether a newer attempt is not checked yet.")
    late_days: int = Field(description="Begun days after its closing time; 0 if it came in time.")
    points_off: float = Field(description="Points that lateness took; `score` is without them.")


class LearnerMarks(BaseModel):
    """One learner's marks by lab; a lab that was not handed in is left out."""

    learner: str
    name: str
    classes: list[str]
    labs: dict[str, LabMark]
    total: float


class CourseMarks(BaseModel):
    """The marks of a course; `digest` is what a sign-off names."""

    course: str
    labs: dict[str, float] = Field(description="What each lab is worth.")
    learners: list[LearnerMarks]
    digest: str
    final: bool
    signed_by: str | None
    signed_at: str | None
    changed_since: int


class SignoffWish(BaseModel):
    """The marks to sign off: the `digest` of those that were looked at."""

    digest: str = Field(max_length=64)


class SignedOff(BaseModel):
    """The person who called the marks final, and the time."""

    signed_by: str
    signed_at: str


@router.get("", response_model=CourseMarks)
def read_marks(course: str, who: Who) -> Response:
    """Return every learner's points at every lab."""
    who.must_train(course)
    table = who.campus.store.marks.table(course)
    final = final_state(who, course, table)
    about = {
        "digest": final.digest,
        "final": final.signed is not None,
        "signed_by": final.signed.signed_by if final.signed else None,
        "signed_at": utc_text(final.signed.signed_at) if final.signed else None,
        "changed_since": len(final.changed),
    }

    def made() -> bytes:
        # As models 26,000 marks take three times as long, and a test compares the two.
        learners = [_learner_marks(row) for row in table.rows]
        return to_json({"course": course, "labs": dict(table.most), "learners": learners, **about})

    state = (table.version, table.most, about, [(row.learner, row.classes) for row in table.rows])
    return Response(who.campus.answers.get(("marks", course), state, made), media_type="application/json")


def _learner_marks(row: MarksRow) -> dict[str, Any]:
    """Return the fields of `LearnerMarks`."""
    labs = {
        lab: {
            "receipt": each.receipt,
            "score": each.score,
            "max_score": each.most,
            "to_mark": each.to_mark,
            "newer_waits": each.waits,
            "late_days": each.late_days,
            "points_off": each.points_off,
        }
        for lab, each in row.points.items()
    }
    return {
        "learner": row.learner.username,
        "name": row.learner.display_name,
        "classes": row.classes,
        "labs": labs,
        "total": row.total,
    }


@router.get("/file.{kind}", response_class=Response, responses=file_answer("text/csv", EXCEL))
def read_marks_file(course: str, kind: str, who: Who) -> Response:
    """Return the marks as `csv` or `xlsx`; no cell of either is run by a spreadsheet program."""
    content, media_type, name = marks_file(who, course, kind)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


@router.put("/final")
def sign_marks_off(course: str, who: Who, wish: SignoffWish) -> SignedOff:
    """Call the marks final; refused if they are not those of `digest` any more."""
    signed = sign_off(who, course, wish.digest)
    return SignedOff(signed_by=signed.signed_by, signed_at=utc_text(signed.signed_at))


@router.delete("/final")
def withdraw_marks_signoff(course: str, who: Who) -> dict[str, bool]:
    """Call the marks not final any more."""
    withdraw_signoff(who, course)
    return {"final": False}
