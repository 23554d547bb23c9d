"""Pages of one attempt: its receipt, and its feedback once a trainer returned it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from hub.campus import course_actions
from hub.campus.appeal_actions import deadline_of, may_appeal
from hub.campus.lab_views import attempt_standings
from hub.campus.request_context import Visitor, Who, warning_texts
from hub.campus.task_feedback import task_feedback
from hub.campus.web.page_rendering import pages_of
from hub.store.graded_results import Result
from hub.store.marking_models import Appeal
from hub.store.table_models import Attempt

router = APIRouter()


def _title(who: Visitor, attempt: Attempt) -> str:
    lab = who.campus.store.courses.lab(attempt.course, attempt.lab)
    return lab.named(who.language) if lab else attempt.lab


def _task_titles(who: Visitor, attempt: Attempt, result: Result | None) -> Mapping[str, str]:
    if result is None:
        return {}
    version = result.grading.lab_version
    return who.campus.store.courses.task_titles(attempt.course, attempt.lab, version, who.language)


def _task_sentences(who: Visitor, attempt: Attempt, result: Result | None) -> Mapping[tuple[str, str], str]:
    if result is None:
        return {}
    version = result.grading.lab_version
    return who.campus.store.courses.task_sentences(attempt.course, attempt.lab, version, who.language)


def _names(
    who: Visitor, attempt: Attempt, result: Result | None = None, appeals: Sequence[Appeal] = ()
) -> Mapping[str, str]:
    """Return how the learner, and those who marked or answered an appeal, are called, by account."""
    accounts = (
        {attempt.learner, *(mark.given_by for mark in result.marks.values())} if result else {attempt.learner}
    )
    accounts |= {each.answered_by for each in appeals if each.answered_by}
    shown = who.campus.store.people.names(accounts)
    return {name: called for name, called in shown.items() if called}


def _other_attempts(who: Visitor, attempt: Attempt) -> list[tuple[Attempt, Result]]:
    """Return the other attempts of this learner at the lab, the newest first, with the result that `who` may see."""
    store, trainer = who.campus.store, who.trains(attempt.course)
    found = attempt_standings(store, store.attempts.list(attempt.course, attempt.lab, attempt.learner))
    seen = [(each.attempt, each.seen_by(trainer=trainer)) for each in found if each.attempt.id != attempt.id]
    return [(other, result) for other, result in seen if result]


@router.get("/receipts/{receipt}")
def receipt_page(receipt: str, request: Request, who: Who) -> Response:
    """The receipt, to read and to keep."""
    attempt = course_actions.own_attempt(who, receipt)
    return pages_of(request).show(
        who,
        "receipt.html",
        attempt=attempt,
        title=_title(who, attempt),
        names=_names(who, attempt),
        course=who.campus.store.courses.get(attempt.course),
        signed=who.campus.store.attempts.receipt(attempt),
        warnings=warning_texts(attempt.warnings, who.language),
    )


@router.get("/receipts/{receipt}/file")
def receipt_file(receipt: str, who: Who) -> Response:
    """The signed receipt as a file, which `./isomo verify-receipt` reads."""
    attempt = course_actions.own_attempt(who, receipt)
    name = f"{attempt.learner}-{attempt.receipt}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JSONResponse(who.campus.store.attempts.receipt(attempt), headers=headers)


@router.get("/attempts/{receipt}")
def attempt_page(receipt: str, request: Request, who: Who) -> Response:
    """Score, a line for each task, and the grader's page in a frame that can run nothing."""
    attempt = course_actions.own_attempt(who, receipt)
    trainer = who.trains(attempt.course)
    standing = attempt_standings(who.campus.store, [attempt])[0]
    result, store = standing.seen_by(trainer=trainer), who.campus.store
    appeals = store.appeals.about([attempt.id]).get(attempt.id, [])
    may_ask = attempt.learner == who.name and may_appeal(who, standing.returned)
    return pages_of(request).show(
        who,
        "attempt.html",
        attempt=attempt,
        title=_title(who, attempt),
        standing=standing,
        others=_other_attempts(who, attempt),
        result=result,
        titles=_task_titles(who, attempt, result),
        says=_task_sentences(who, attempt, result),
        names=_names(who, attempt, result, appeals),
        tasks=task_feedback(store, attempt, result, who.language) if result else [],
        rulings=store.flags.about([result]) if result and trainer else {},
        appeals=appeals,
        waiting={each.grade_id for each in appeals if each.decision is None},
        appeal_until=deadline_of(who, standing.returned) if may_ask else None,
        trainer=trainer,
        change=store.results.changes_for([attempt.id]).get(attempt.id),
        warnings=warning_texts(attempt.warnings, who.language),
    )
