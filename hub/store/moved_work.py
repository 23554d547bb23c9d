"""A learner's work in another course: attempts and results are repeated there, because none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from hub.store import table_models
from hub.store.marking_models import Appeal, FlagRuling, LateWork
from hub.store.signed_receipts import new_number


def repeat_work(session: Any, learner: str, old: str, new: str, zone: str) -> int:
    """Repeat a learner's attempts of course `old` in course `new`; return how many are new there.

    Only labs that `new` has released. What was repeated before, in either direction, is not repeated again.
    Work that waits to be graded is graded in the new course, and an appeal that waits is answered there.
    """
    labs = set(session.scalars(select(table_models.Release.lab).where(table_models.Release.course == new)))
    there = _attempts(session, learner, new)
    known = {_root(each): each for each in there}
    numbers: dict[str, int] = {}
    for each in there:
        numbers[each.lab] = max(numbers.get(each.lab, 0), each.number)
    moved = 0
    for attempt in _attempts(session, learner, old):
        if attempt.lab not in labs:
            continue
        copy = known.get(_root(attempt))
        if copy is None:
            numbers[attempt.lab] = numbers.get(attempt.lab, 0) + 1
            copy = _repeat(session, attempt, new, numbers[attempt.lab], zone)
            moved += 1
        _move_appeals(session, attempt, copy)
    return moved


def _attempts(session: Any, learner: str, course: str) -> list[table_models.Attempt]:
    query = (
        select(table_models.Attempt)
        .filter_by(learner=learner, course=course)
        .order_by(table_models.Attempt.id)
    )
    return list(session.scalars(query))


def _root(attempt: table_models.Attempt) -> int:
    return attempt.moved_from or attempt.id


def _move_appeals(session: Any, attempt: table_models.Attempt, copy: table_models.Attempt) -> None:
    """Let appeals that wait be about the copy; answered ones stay with the answer's course."""
    waiting = update(Appeal).where(Appeal.attempt == attempt.id, Appeal.decision.is_(None))
    session.execute(waiting.values(attempt=copy.id))


def _repeat(
    session: Any, attempt: table_models.Attempt, course: str, number: int, zone: str
) -> table_models.Attempt:
    copy = _copied(
        attempt,
        course=course,
        number=number,
        receipt=_unused_receipt(session, attempt.received_at, zone),
        moved_from=_root(attempt),
    )
    session.add(copy)
    session.flush()
    marks = _repeat_rows(session, table_models.Mark, attempt, copy)
    late = _repeat_rows(session, LateWork, attempt, copy)
    _repeat_rows(session, FlagRuling, attempt, copy)
    gradings = list(session.scalars(select(table_models.Grading).filter_by(attempt=attempt.id)))
    for grading in gradings:
        _repeat_grading(session, grading, copy, marks, late)
    if not gradings:
        now = datetime.now(UTC)
        session.add(table_models.GradingRequest(attempt=copy.id, run=1, asked_by=copy.learner, asked_at=now))
    session.flush()
    return copy


def _repeat_rows(
    session: Any, table: Any, attempt: table_models.Attempt, copy: table_models.Attempt
) -> dict[int, int]:
    """Repeat what persons noted about an attempt in one table, in its order; return the new number of each row."""
    numbers: dict[int, int] = {}
    for row in session.scalars(select(table).filter_by(attempt=attempt.id).order_by(table.id)):
        made = _copied(row, attempt=copy.id)
        session.add(made)
        session.flush()
        numbers[row.id] = made.id
    return numbers


def _repeat_grading(
    session: Any,
    grading: table_models.Grading,
    copy: table_models.Attempt,
    marks: Mapping[int, int],
    late: Mapping[int, int],
) -> None:
    made = _copied(grading, attempt=copy.id)
    session.add(made)
    session.flush()
    request = session.get(table_models.GradingRequest, (grading.attempt, grading.run))
    if request is not None:
        session.add(_copied(request, attempt=copy.id, run=made.run, done=True))
    verdicts = session.scalars(select(table_models.Verdict).filter_by(grading=grading.id))
    session.add_all([_copied(each, grading=made.id) for each in verdicts])
    returns = (
        select(table_models.FeedbackReturn)
        .filter_by(grading=grading.id)
        .order_by(table_models.FeedbackReturn.id)
    )
    for each in session.scalars(returns):
        seen = {"last_mark": _last_seen(each.last_mark, marks), "last_late": _last_seen(each.last_late, late)}
        session.add(_copied(each, grading=made.id, **seen))
        session.flush()


def _last_seen(last: int | None, numbers: Mapping[int, int]) -> int | None:
    """Return the new number of the last row that a return showed; None where time tells it."""
    if last is None:
        return None
    return max((new for old, new in numbers.items() if old <= last), default=0)


def _copied(row: Any, **changes: Any) -> Any:
    """Return a new row like `row`, with `changes`; a number that the database gives is given again."""
    columns = row.__table__.columns.keys()
    values = {name: getattr(row, name) for name in columns if name != "id"}
    return type(row)(**{**values, **changes})


def _unused_receipt(session: Any, received_at: datetime, zone: str) -> str:
    while True:
        number = new_number(received_at, zone)
        if session.scalar(select(table_models.Attempt.id).filter_by(receipt=number)) is None:
            return number
