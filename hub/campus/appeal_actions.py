"""Actions of learners and trainers on appeals: each checks, acts, and writes it down."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.campus.marking_desk import desk_answer, give_mark
from hub.campus.problem_codes import Problem
from hub.campus.request_context import Visitor
from hub.store.appeal_store import CHANGED, KEPT, appeal_deadline
from hub.store.graded_results import Result
from hub.store.marking_models import Appeal
from hub.store.table_models import Attempt

LONGEST_TEXT = 4000


def deadline_of(who: Visitor, returned: Result | None) -> datetime | None:
    """Return until when a returned result may be appealed; None if appeals are off or nothing was returned."""
    days = who.campus.settings.grading.appeal_days
    if returned is None or returned.returned is None or not days:
        return None
    return appeal_deadline(returned.returned.returned_at, days)


def may_appeal(who: Visitor, returned: Result | None) -> bool:
    """Return whether a returned result can still be appealed."""
    deadline = deadline_of(who, returned)
    return deadline is not None and datetime.now(UTC) < deadline


def text_in(text: str) -> str:
    """Return a reason that was typed. Raises Problem for none, and for one that is too long."""
    found = text.replace("\r\n", "\n").strip()
    if not found:
        raise Problem("no-reason")
    if len(found) > LONGEST_TEXT:
        raise Problem("long-reason", {"most": LONGEST_TEXT})
    return found


def ask_appeal(who: Visitor, attempt: Attempt, grade_id: str, reason: str) -> Appeal:
    """Ask a trainer to look at a task again. Raises Problem for what cannot be appealed."""
    if attempt.learner != who.name:
        who.refuse(f"appeal {attempt.receipt}")
    store = who.campus.store
    returned = store.results.result_for(attempt.id, returned_only=True)
    if returned is None or not any(each.grade_id == grade_id for each in returned.verdicts):
        raise Problem("unknown-task", {"task": grade_id[:80], "lab": attempt.lab})
    if not may_appeal(who, returned):
        raise Problem("appeal-too-late")
    said = text_in(reason)
    made = store.appeals.ask(attempt.id, grade_id, said)
    if made is None:
        # A form that was sent twice asked this very thing.
        return _same_appeal(store.appeals.about([attempt.id])[attempt.id], grade_id, said)
    who.note("appealed", f"{attempt.receipt} {grade_id}")
    return made


def _same_appeal(known: list[Appeal], grade_id: str, reason: str) -> Appeal:
    """Return the appeal with this reason. Raises Problem if another one about the task waits."""
    waiting = [each for each in known if each.grade_id == grade_id and each.decision is None]
    if not waiting or waiting[-1].reason != reason:
        raise Problem("appeal-waits")
    return waiting[-1]


def own_appeal(who: Visitor, course: str, number: int) -> tuple[Appeal, Attempt]:
    """Return an appeal of a course that this person trains."""
    who.must_train(course)
    store = who.campus.store
    appeal = store.appeals.get(number) if number < 1 << 31 else None
    attempt = store.attempts.by_id(appeal.attempt) if appeal else None
    if appeal is None or attempt is None or attempt.course != course:
        raise Problem("not-found")
    return appeal, attempt


def answer_appeal(
    who: Visitor, course: str, number: int, decision: str, answer: str, *, score: str = "", seen: int = 0
) -> Attempt:
    """Answer an appeal: the mark is kept, or changed to `score`. The answer returns this learner's feedback.

    Raises Problem for an appeal that was answered meanwhile, and for points that do not fit.
    """
    appeal, attempt = own_appeal(who, course, number)
    if decision not in (KEPT, CHANGED):
        raise Problem("bad-request", {"fields": "decision"})
    said = text_in(answer)
    store = who.campus.store
    if (appeal.decision, appeal.answer, appeal.answered_by) == (decision, said, who.name):
        # The form was sent twice. The first time may have ended before the points were returned.
        if decision == CHANGED:
            store.results.return_to([attempt.id], who.name)
        return attempt
    if appeal.decision is not None:
        raise Problem("appeal-answered", {"name": appeal.answered_by or "?"})
    if decision == CHANGED:
        task = desk_answer(who, attempt.receipt, appeal.grade_id)
        give_mark(who, task, score, task.mark.comment if task.mark else "", seen)
    if not store.appeals.answer(number, decision, said, who.name):
        raise Problem("appeal-answered", {"name": "?"})
    if decision == CHANGED:
        store.results.return_to([attempt.id], who.name)
    who.note("answered-appeal", f"{attempt.receipt} {appeal.grade_id}: {decision}")
    return attempt
