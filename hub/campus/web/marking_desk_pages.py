"""The marking desk: one task across all learners, without their names, by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from hub.campus.marking_desk import (
    DeskAnswer,
    change_comment,
    desk_answer,
    give_mark,
    keep_comment,
    rule_flags,
)
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Sender, Who
from hub.campus.web.done_messages import redirect_done
from hub.campus.web.page_rendering import back_to, pages_of
from hub.store import Store
from hub.store.marking_queue import WaitingTask

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
def marking_desk(
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
    flagged: bool = False,
) -> Response:
    """Show the tasks in which answers wait; with `lab` and `task` one of these answers and its rubric.

    With `flagged` the answers are those with flags that nobody has decided about.
    """
    who.must_train(course)
    store = who.campus.store
    waiting = _waiting(store, course, lab, task, flagged=flagged) if lab and task else []
    chosen = receipt or answer_after(waiting, skip)
    answer = desk_answer(who, chosen, task) if chosen and task else None
    if answer and (answer.attempt.course, answer.attempt.lab) != (course, lab):
        raise Problem("not-found")
    labs = {each.lab: each for each in store.courses.labs(course)}
    texts = store.courses.texts
    titles = {slug: texts.titles(each.source_bundle, who.language) for slug, each in labs.items()}
    marked_by = answer.mark.given_by if answer and answer.mark else ""
    return pages_of(request).show(
        who,
        "desk.html",
        course=store.courses.get(course),
        labs=labs,
        lab=lab,
        task=task,
        tasks=[] if answer else _tasks(store, course, lab),
        titles=titles,
        answer=answer,
        learner=store.people.get(answer.attempt.learner) if answer and names else None,
        names=names,
        marker=store.people.names({marked_by}).get(marked_by) or marked_by,
        flagged=flagged,
        flags=[] if answer else store.flags.tasks(course, store.marks.flagged_learners(course)),
        second=[] if answer else store.second_marks.tasks(course, store.marks.version(course)),
        appeals=store.appeals.counts(course).get(None, 0),
        waiting=len(waiting),
        comments=_comments(store, course, lab, task) if answer else [],
        bank=store.saved_comments.lines(course, lab, task) if answer else [],
        last=last,
    )


def _tasks(store: Store, course: str, lab: str) -> list[WaitingTask]:
    """Return the tasks in which answers wait, of one lab if it is named."""
    labs = store.marks.labs_to_mark(course)
    return store.marking.tasks(course, labs & {lab} if lab else labs)


def _comments(store: Store, course: str, lab: str, task: str) -> list[str]:
    """Return comments that were given before and are not in the bank."""
    kept = {each.comment.text for each in store.saved_comments.lines(course, lab, task)}
    return [text for text in store.marking.comments(course, lab, task) if text not in kept]


def _waiting(store: Store, course: str, lab: str, task: str, *, flagged: bool) -> list[str]:
    """Return the receipts of the answers that a trainer reads one after the other."""
    if not flagged:
        return store.marking.answers(course, lab, task)
    found = store.flags.flagged(course, lab)
    return [each.receipt for each in found if each.grade_id == task and each.ruling is None]


def _answer_to_mark(who: Sender, course: str, receipt: str, task: str) -> DeskAnswer:
    """Return an answer of a course to somebody who may mark it. Raises Problem."""
    who.must_train(course)
    answer = desk_answer(who, receipt, task)
    if answer.attempt.course != course:
        raise Problem("not-found")
    return answer


@router.post("/flags")
def rule_on_flags(
    course: str,
    who: Sender,
    receipt: Annotated[str, Form()],
    task: Annotated[str, Form()],
    *,
    ruling: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    score: Annotated[str, Form()] = "",
    seen: Annotated[int, Form()] = 0,
    names: Annotated[bool, Form()] = False,
) -> Response:
    """Clear or uphold the flags of a task, then show the next one that has some."""
    answer = _answer_to_mark(who, course, receipt, task)
    rule_flags(who, answer, ruling, reason, score=score, seen=seen)
    shown = "1" if names else ""
    path = desk_path(course, lab=answer.attempt.lab, task=task, flagged="1", last=receipt, names=shown)
    return redirect_done(who, path, f"flags-{ruling}")


@router.post("/comments")
def save_comments(
    course: str,
    who: Sender,
    receipt: Annotated[str, Form()],
    task: Annotated[str, Form()],
    *,
    number: Annotated[int, Form()] = 0,
    text: Annotated[str, Form()] = "",
    names: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a comment for a task, change one by its number, or remove it by an empty text."""
    answer = _answer_to_mark(who, course, receipt, task)
    if number:
        change_comment(who, course, number, text)
    else:
        keep_comment(who, answer, text)
    shown = "1" if names else ""
    return redirect_done(
        who, desk_path(course, lab=answer.attempt.lab, task=task, receipt=receipt, names=shown), "saved"
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
    keep: Annotated[bool, Form()] = False,
    seen: Annotated[int, Form()] = 0,
    names: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a mark, and the comment for others with `keep`; then show the next answer that waits."""
    answer = _answer_to_mark(who, course, receipt, task)
    give_mark(who, answer, score, comment, seen)
    if keep:
        keep_comment(who, answer, comment)
    shown = "1" if names else ""
    return back_to(desk_path(course, lab=answer.attempt.lab, task=task, last=receipt, names=shown))
