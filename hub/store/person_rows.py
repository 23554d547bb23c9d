"""Rows of a person: which are removed when they are erased, and which keep an act of office without the name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.orm import Session

from hub.store import table_models
from hub.store.api_tokens import ApiToken
from hub.store.certificate_store import Certificate
from hub.store.content_files import Blobs
from hub.store.database_connections import Database
from hub.store.lab_drafts import LabDraft
from hub.store.live_models import LiveChoice, LiveReport, LiveStanding
from hub.store.lti_lines import LtiLine
from hub.store.mail_queue import Mail, MailChoice
from hub.store.marking_models import (
    MARKING_APPEND_ONLY,
    Appeal,
    CourseNote,
    ExtraTime,
    FlagRuling,
    LateWork,
    SecondMark,
)
from hub.store.migrations.kept_rows import keep_rows, let_rows_change
from hub.store.project_store import Project, ProjectMember
from hub.store.saved_comments import SavedComment
from hub.store.sign_in import ExternalIdentity, SecondFactor

WORK = ("attempt", "grading", "verdict", "mark", "feedback_return", *MARKING_APPEND_ONLY)
"""Append-only tables that hold people's work; the audit log is none of them, and stays as it is."""

OWN: tuple[Any, ...] = (
    table_models.PersonRole.username,
    table_models.Invitation.username,
    table_models.CourseMember.username,
    table_models.ClassMember.username,
    table_models.Extension.learner,
    table_models.WebSession.username,
    ApiToken.username,
    table_models.RosterDraft.username,
    table_models.Refusal.who,
    ExternalIdentity.username,
    SecondFactor.username,
    LtiLine.username,
    Certificate.learner,
    MailChoice.username,
    Mail.username,
    ExtraTime.username,
    CourseNote.learner,
    LiveReport.learner,
    LiveStanding.learner,
    LiveChoice.username,
    ProjectMember.username,
)
"""Columns that say whose a row is: the row goes with its person."""

ACTS: tuple[Any, ...] = (
    table_models.Mark.given_by,
    table_models.FeedbackReturn.returned_by,
    table_models.GradingRequest.asked_by,
    table_models.Regrade.asked_by,
    table_models.Regrade.applied_by,
    table_models.Regrade.undone_by,
    table_models.MarksSignoff.signed_by,
    table_models.MarksSignoff.withdrawn_by,
    table_models.Extension.given_by,
    table_models.CourseMember.added_by,
    Certificate.issued_by,
    Certificate.revoked_by,
    LateWork.given_by,
    FlagRuling.given_by,
    SecondMark.given_by,
    Appeal.answered_by,
    ExtraTime.given_by,
    CourseNote.written_by,
    SavedComment.saved_by,
    LabDraft.saved_by,
    Project.made_by,
    Project.off_by,
    ProjectMember.added_by,
)
"""Columns that say who acted for the office: the act stays, the name gives way to the number of the erasure."""

PARTS_OF_WORK: tuple[Any, ...] = (
    table_models.RegradeItem.attempt,
    table_models.Mark.attempt,
    table_models.Lease.attempt,
    table_models.GradingRequest.attempt,
    LateWork.attempt,
    FlagRuling.attempt,
    SecondMark.attempt,
    Appeal.attempt,
)
"""Columns that say of which attempt a row is: the row goes with it. Gradings go after what came of them."""


class _Operations:
    """The part of Alembic's operations that triggers are made with, on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_bind(self) -> Any:
        """Return the connection."""
        return self._session.connection()

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self._session.execute(text(statement))


@contextmanager
def rows_may_go(session: Session) -> Iterator[None]:
    """Take the triggers off the tables of people's work, within this transaction; nobody else sees them gone."""
    operations = _Operations(session)
    for table in WORK:
        let_rows_change(operations, table)
    yield
    session.flush()
    for table in WORK:
        keep_rows(operations, table)


def remove_work(session: Session, attempts: Select[Any]) -> set[str]:
    """Remove attempts and all that came of them; return the names of the files that they named."""
    attempt, grading = table_models.Attempt, table_models.Grading
    ids = list(session.scalars(attempts))
    gradings = list(session.scalars(select(grading.id).where(grading.attempt.in_(ids))))
    item, returned = table_models.RegradeItem, table_models.FeedbackReturn
    files = set(session.scalars(select(attempt.bundle).where(attempt.id.in_(ids))))
    for pair in (
        select(grading.notebook, grading.feedback).where(grading.id.in_(gradings)),
        select(item.notebook, item.feedback).where(item.attempt.in_(ids)),
        select(returned.feedback, returned.feedback).where(returned.grading.in_(gradings)),
    ):
        files |= {name for row in session.execute(pair) for name in row if name}
    session.execute(update(attempt).where(attempt.moved_from.in_(ids)).values(moved_from=None))
    for statement in (
        *(delete(column.class_).where(column.in_(ids)) for column in PARTS_OF_WORK),
        delete(returned).where(returned.grading.in_(gradings)),
        delete(table_models.Verdict).where(table_models.Verdict.grading.in_(gradings)),
        delete(grading).where(grading.id.in_(gradings)),
        delete(attempt).where(attempt.id.in_(ids)),
    ):
        session.execute(statement)
    return files


def erase_rows(database: Database, blobs: Blobs, username: str, number: str) -> tuple[set[str], int]:
    """Erase a person from every table but the audit log, in one transaction.

    Returns the files that nothing of theirs names any more, and the number of attempts. `number` stands in for their
    name where they acted for the office.
    """
    with database.write() as session:
        attempts = select(table_models.Attempt.id).where(table_models.Attempt.learner == username)
        count = len(list(session.scalars(attempts)))
        with rows_may_go(session):
            files = remove_work(session, attempts)
            for column in OWN:
                session.execute(delete(column.class_).where(column == username))
            for column in ACTS:
                session.execute(update(column.class_).where(column == username).values({column.key: number}))
            files |= _sign_offs_without(session, blobs, username)
            session.execute(delete(table_models.Person).where(table_models.Person.username == username))
    return files, count


def _sign_offs_without(session: Session, blobs: Blobs, username: str) -> set[str]:
    """Take a person out of the tables of final marks; return the names of the files before."""
    gone = set()
    for row in session.scalars(select(table_models.MarksSignoff)):
        table = json.loads(blobs.get(row.table))
        if username in table:
            del table[username]
            gone.add(row.table)
            row.table = blobs.put(json.dumps(table, sort_keys=True).encode())
    return gone
