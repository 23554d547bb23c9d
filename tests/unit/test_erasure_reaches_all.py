"""Erasing a person reaches each table that names one: a table of tomorrow that is forgotten fails here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.store.marking_models import Appeal, CourseNote, ExtraTime, FlagRuling, LateWork, SecondMark
from hub.store.person_rows import ACTS, OWN, erase_rows
from hub.store.table_models import Base
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, filled

HANDLED = {"attempt.learner", "person.username", "feedback_return.returned_by"}
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def known() -> set[str]:
    return HANDLED | {f"{column.class_.__tablename__}.{column.key}" for column in (*OWN, *ACTS)}


def test_each_column_that_leads_to_a_person_is_erased_or_given_a_number() -> None:
    leads = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    assert leads - known() == set()


def test_each_column_that_says_who_acted_is_given_a_number() -> None:
    acts = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_by")
    }
    assert acts - known() == set()


@pytest.mark.parametrize("who", ["amina.k", TRAINER])
def test_somebody_with_late_work_rulings_appeals_and_notes_can_be_erased(tmp_path: Path, who: str) -> None:
    store = filled(tmp_path)
    attempt = store.attempts.submit(COURSE, LAB, "amina.k", {f"{LAB}.ipynb": RIGHT})[0]
    given = {"given_by": TRAINER, "given_at": NOW}
    with store.database.write() as session:
        session.add_all(
            [
                LateWork(attempt=attempt.id, due_at=NOW, days=1, points_off=1, **given),
                FlagRuling(
                    attempt=attempt.id, grade_id="a", flags_sha256="0", ruling="cleared", reason="", **given
                ),
                SecondMark(attempt=attempt.id, grade_id="a", score=1, **given),
                Appeal(attempt=attempt.id, grade_id="a", reason="", asked_at=NOW, answered_by=TRAINER),
                CourseNote(
                    course=COURSE, lab=LAB, learner="amina.k", text="", written_by=TRAINER, written_at=NOW
                ),
                ExtraTime(username="amina.k", percent=50, **given),
            ]
        )
    erase_rows(store.database, store.blobs, who, "E-23456789")
    assert store.people.get(who) is None
