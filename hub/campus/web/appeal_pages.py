"""Appeals: a learner's form on the page of an attempt, and the list in which trainers answer."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus import course_actions
from hub.campus.appeal_actions import answer_appeal, ask_appeal
from hub.campus.request_context import Sender, Who
from hub.campus.web.class_number import ClassNumber
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import pages_of
from hub.store.appeal_store import CHANGED

router = APIRouter()


@router.post("/attempts/{receipt}/appeals")
def ask_for_appeal(
    receipt: str, who: Sender, task: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """Ask a trainer to look at a task again."""
    ask_appeal(who, course_actions.own_attempt(who, receipt), task, reason)
    return redirect_done(who, f"/attempts/{receipt}", "appealed")


@router.get("/courses/{course}/appeals")
def appeals_page(course: str, request: Request, who: Who) -> Response:
    """Show the appeals that wait, each with the answer it is about and a form."""
    who.must_train(course)
    store = who.campus.store
    waiting = store.appeals.waiting(course)
    labs = {each.lab: each for each in store.courses.labs(course)}
    results = store.results.results_for([each.attempt.id for each in waiting])
    tasks = {
        each.appeal.id: next(
            (
                verdict
                for verdict in results[each.attempt.id].verdicts
                if verdict.grade_id == each.appeal.grade_id
            ),
            None,
        )
        for each in waiting
        if each.attempt.id in results
    }
    return pages_of(request).show(
        who,
        "appeals.html",
        course=store.courses.get(course),
        waiting=waiting,
        labs=labs,
        titles={
            slug: store.courses.texts.titles(lab.source_bundle, who.language) for slug, lab in labs.items()
        },
        results=results,
        tasks=tasks,
        counts=store.appeals.counts(course),
    )


@router.post("/courses/{course}/appeals/{number}")
def decide_appeal(
    course: str,
    number: ClassNumber,
    who: Sender,
    *,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    score: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
) -> Response:
    """Answer an appeal; its learner sees the answer at once."""
    answer_appeal(who, course, number, decision, reason, score=score, seen=seen)
    code = "appeal-changed" if decision == CHANGED else "appeal-kept"
    return redirect_done(who, f"/courses/{quote(course, safe='')}/appeals", code)
