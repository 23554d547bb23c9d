"""The API of a formgrader: the course as one record, graded notebooks, and a place to put marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.campus import course_actions
from hub.campus.api.exchange_models import RecordModel
from hub.campus.api.typed_body import documented_body, file_answer, read_json
from hub.campus.problem_codes import Problem
from hub.campus.request_bodies import Body
from hub.campus.request_context import Visitor, Who
from hub.shared_names import formgrader_server
from hub.store.table_models import Attempt

router = APIRouter(tags=["marking"])
page = APIRouter()
LONGEST_COMMENT = 20_000
MOST_TIMES = 2.0
"""A person may give a task so many times its points: extra credit is part of a mark."""


@router.get("/courses/{course}/gradebook", response_model=RecordModel)
def course_gradebook(course: str, who: Who, since: str = "") -> dict[str, Any]:
    """The course with each learner's newest graded attempt and its marks; with `since` only what changed after it.

    `since` is the `cursor` of an earlier answer.
    """
    who.must_train(course)
    try:
        return who.campus.store.coursebook.record(course, since)
    except (ValueError, TypeError) as error:
        raise Problem("bad-request", {"fields": "since"}) from error


@router.get(
    "/attempts/{receipt}/notebook", response_class=Response, responses=file_answer("application/json")
)
def graded_notebook(receipt: str, who: Who) -> Response:
    """The newest graded notebook of an attempt, as the grader left it; for trainers."""
    found = course_actions.own_attempt(who, receipt)
    who.must_train(found.course)
    result = who.campus.store.results.result_for(found.id)
    if result is None:
        raise Problem("not-graded", {"name": found.learner})
    return Response(who.campus.store.blobs.get(result.grading.notebook), media_type="application/json")


class MarkBody(BaseModel):
    """A mark for one task; what is left out stays as it was. A score of null takes a person's score back."""

    model_config = ConfigDict(extra="forbid", strict=True)
    grade_id: str = Field(min_length=1, max_length=255)
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None
    comment: str = Field("", max_length=LONGEST_COMMENT)


class MarkModel(BaseModel):
    """A mark as it counts now."""

    grade_id: str
    score: float | None
    comment: str
    given_by: str


@router.post("/attempts/{receipt}/marks", status_code=201, openapi_extra=documented_body(MarkBody))
def give_mark(receipt: str, who: Who, body: Body) -> MarkModel:
    """Give a mark. What is left out stays as it was; earlier marks are kept.

    A score of null takes a person's score back, and the engine's counts again.
    """
    found = course_actions.own_attempt(who, receipt)
    who.must_train(found.course)
    asked = read_json(MarkBody, body)
    given = asked.model_dump(include={"score", "comment"}, exclude_unset=True)
    if not given:
        raise Problem("bad-request", {"fields": "score, comment"})
    _fits(who, found, asked.grade_id, given)
    row = who.campus.store.results.change_mark(found.id, asked.grade_id, given, who.name)
    who.note("marked", f"{receipt} {asked.grade_id}")
    return MarkModel(grade_id=row.grade_id, score=row.score, comment=row.comment, given_by=row.given_by)


def _fits(who: Visitor, attempt: Attempt, grade_id: str, given: Mapping[str, Any]) -> None:
    """Raise Problem for a task that the lab does not have, and for points that the task cannot earn."""
    result = who.campus.store.results.result_for(attempt.id)
    tasks = {each.grade_id: each.max_score for each in result.verdicts} if result else {}
    if grade_id not in tasks and grade_id not in course_actions.cell_names(who, attempt.course, attempt.lab):
        raise Problem("unknown-task", {"task": grade_id[:80], "lab": attempt.lab})
    score = given.get("score")
    if score is None:
        return
    if result is None:
        raise Problem("not-graded-yet", {"name": attempt.learner})
    most = MOST_TIMES * tasks.get(grade_id, 0.0)
    if not 0 <= score <= most:
        raise Problem("bad-score", {"task": grade_id[:80], "most": f"{most:g}", "score": f"{score:g}"})


@page.get("/courses/{course}/formgrader")
def go_to_formgrader(course: str, who: Who) -> Response:
    """Go to this course's formgrader, in a server of the trainer's own that is started first if it does not run."""
    who.must_train(course)
    settings = who.campus.settings
    server = formgrader_server(course)
    path = f"/user/{quote(who.name)}/{quote(server)}/formgrader"
    user = who.campus.hub.user(who.token, fresh=True)
    if user is not None and server in user.ready:
        return RedirectResponse(f"{settings.learner_address}{path}", 303)
    begin = f"{settings.address}/hub/spawn/{quote(who.name)}/{quote(server)}"
    return RedirectResponse(f"{begin}?{urlencode({'next': path})}", 303)
