"""The marking desk: one task across all learners, without their names, by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.context import Sender, Who
from hub.campus.marking_desk import desk_answer, give_mark
from hub.campus.problems import Problem
from hub.campus.web.rendering import back_to, pages_of

router = APIRouter(prefix="/courses/{course}/desk")


def desk_path(course: str, **query: str) -> str:
    """Return the address of the desk, below the campus."""
    named = {name: value for name, value in query.items() if value}
    return f"/courses/{quote(course, safe='')}/desk{'?' if named else ''}{urlencode(named)}"


def answer_after(waiting: Sequence[str], skipped: str) -> str:
    """Return the receipt after the skipped one, or the first; empty if none waits."""
    place = waiting.index(skipped) + 1 if skipped in waiting else 0
    return waiting[place % len(waiting)] if waiting else ""


@router.get("")
def desk(
    course: str,
    request: Request,
    who: Who,
    *,
    lab: str = "",
    task: str = "",
    receipt: str = "",
    skip: str = "",
    last: str = "",
    names: bool = False,
) -> Response:
    """Show the tasks in which answers wait; with `lab` and `task` one of these answers and its rubric."""
    who.must_train(course)
    store = who.campus.store
    waiting = store.marking.answers(course, lab, task) if lab and task else []
    chosen = receipt or answer_after(waiting, skip)
    answer = desk_answer(who, chosen, task) if chosen and task else None
    if answer and (answer.attempt.course, answer.attempt.lab) != (course, lab):
        raise Problem("not-found")
    labs = {each.lab: each for each in store.courses.labs(course)}
    titles = {
        slug: store.courses.task_titles(course, slug, each.version, who.language)
        for slug, each in labs.items()
    }
    return pages_of(request).show(
        who,
        "desk.html",
        course=store.courses.get(course),
        labs=labs,
        lab=lab,
        task=task,
        tasks=[] if answer else [each for each in store.marking.tasks(course) if lab in ("", each.lab)],
        titles=titles,
        answer=answer,
        learner=store.people.get(answer.attempt.learner) if answer and names else None,
        names=names,
        waiting=len(waiting),
        comments=store.marking.comments(course, lab, task) if answer else [],
        last=last,
    )


@router.post("")
def mark_answer(
    course: str,
    who: Sender,
    receipt: Annotated[str, Form()],
    task: Annotated[str, Form()],
    *,
    score: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
    names: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a mark, then show the next answer that waits."""
    who.must_train(course)
    answer = desk_answer(who, receipt, task)
    if answer.attempt.course != course:
        raise Problem("not-found")
    give_mark(who, answer, score, comment, seen)
    shown = "1" if names else ""
    return back_to(desk_path(course, lab=answer.attempt.lab, task=task, last=receipt, names=shown))
