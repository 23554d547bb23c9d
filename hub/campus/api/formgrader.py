"""What a formgrader needs: the course as one record, graded notebooks, and a place to put marks."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from hub.campus import course_actions
from hub.campus.context import Body, Visitor, Who
from hub.campus.problems import Problem
from hub.names import formgrader_server
from hub.store.models import Attempt

router = APIRouter(tags=["marking"])
page = APIRouter()
LONGEST_COMMENT = 20_000
MOST_TIMES = 2.0
"""A person may give a task so many times its points: extra credit is part of a mark."""


@router.get("/courses/{course}/gradebook")
def gradebook(course: str, who: Who, since: str = "") -> dict[str, Any]:
    """The course with each learner's newest graded attempt and its marks; with `since` only what changed after it.

    `since` is the `cursor` of an earlier answer.
    """
    who.must_train(course)
    try:
        return who.campus.store.coursebook.record(course, since)
    except (ValueError, TypeError) as error:
        raise Problem("bad-request", {"fields": "since"}) from error


@router.get("/attempts/{receipt}/notebook", response_class=Response)
def notebook(receipt: str, who: Who) -> Response:
    """The newest graded notebook of an attempt, as the grader left it; for trainers."""
    found = course_actions.own_attempt(who, receipt)
    who.must_train(found.course)
    result = who.campus.store.results.result_for(found.id)
    if result is None:
        raise Problem("not-graded", {"name": found.learner})
    return Response(who.campus.store.blobs.get(result.grading.notebook), media_type="application/json")


@router.post("/attempts/{receipt}/marks", status_code=201)
def mark(receipt: str, who: Who, body: Body) -> dict[str, Any]:
    """Give a mark: JSON `{"grade_id": …, "score": …, "comment": …}`. What is left out stays as it was.

    A score of null takes a person's score back, and the engine's counts again. Earlier marks are kept.
    """
    found = course_actions.own_attempt(who, receipt)
    who.must_train(found.course)
    grade_id, given = _checked(body)
    _fits(who, found, grade_id, given)
    row = who.campus.store.results.change_mark(found.id, grade_id, given, who.name)
    who.note("marked", f"{receipt} {grade_id}")
    return {"grade_id": row.grade_id, "score": row.score, "comment": row.comment, "given_by": row.given_by}


def _checked(body: bytes) -> tuple[str, dict[str, Any]]:
    """The task and what is given for it. Raises Problem for what makes no sense."""
    try:
        asked = json.loads(body)
        grade_id = asked.pop("grade_id")
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise Problem("bad-request", {"fields": "grade_id"}) from error
    wrong = sorted(set(asked) - {"score", "comment"})
    if not isinstance(grade_id, str) or not 0 < len(grade_id) <= 255:
        wrong.append("grade_id")
    if not _is_score(asked.get("score")):
        wrong.append("score")
    if not isinstance(asked.get("comment", ""), str) or len(asked.get("comment", "")) > LONGEST_COMMENT:
        wrong.append("comment")
    if wrong or not asked:
        raise Problem("bad-request", {"fields": ", ".join(wrong) or "score, comment"})
    return grade_id, asked


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


def _is_score(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@page.get("/courses/{course}/formgrader")
def formgrader(course: str, who: Who) -> Response:
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
