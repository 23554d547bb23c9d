"""Work and traces of a country's campus for `bench campus`: results, marks, returns, audit, reports, mails."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.campus_bulk import Rows, bulk_insert
from bench.campus_town import (
    AUDIT_PER_LEARNER,
    LABS,
    LIVE_CLASS_SIZE,
    LIVE_EVENTS,
    TASKS,
    Town,
    account_tables,
    course_name,
    course_tables,
    institution_tables,
    lab_name,
    lab_opening,
    learner_name,
    receipt_number,
    secret_digest,
    trainer_name,
)
from hub.store import Store, table_models
from hub.store.points_models import PointsChange
from hub.store.points_upkeep import settle_all, settle_points
from tests.support.small_stores import RELEASED, RIGHT, SOURCE


def fill_store(store: Store, town: Town) -> None:
    """Insert a country into an empty store."""
    blobs = _blobs(store)
    with bulk_insert(store) as insert:
        for table, columns, rows in history_tables(town, blobs):
            insert(table, columns, rows)
    with store.database.write() as session:
        session.get_one(table_models.AuditHead, 1).entries = town.learners * AUDIT_PER_LEARNER
        work = table_models.Attempt
        noted = sa.select(work.course, work.lab, work.learner).distinct()
        session.execute(sa.insert(PointsChange).from_select(["course", "lab", "learner"], noted))
        store.database.before_commit = (
            None  # A transaction for each course, below, and not one for all of them.
        )
    settle_all(store.database)
    store.database.refresh_statistics("kept_points")
    store.database.before_commit = settle_points


def _blobs(store: Store) -> dict[str, str]:
    page = b"<!doctype html><title>Feedback</title><h1>Sums</h1>" + b"<p>Two of three tasks passed.</p>" * 40
    files = {"lab.ipynb": RIGHT}
    return {
        "notebook": store.blobs.put(RIGHT),
        "feedback": store.blobs.put(page),
        "work": store.blobs.put_bundle(
            files | {f"{lab_name(number)}.ipynb": RIGHT for number in range(LABS)}
        ),
        "release": store.blobs.put_bundle({f"{lab_name(number)}.ipynb": RELEASED for number in range(LABS)}),
        "source": store.blobs.put_bundle({f"{lab_name(number)}.ipynb": SOURCE for number in range(LABS)}),
    }


def history_tables(town: Town, blobs: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Yield each table with its columns and rows, those that others point to first."""
    yield from institution_tables(town)
    yield from account_tables(town)
    yield from course_tables(town, blobs)
    yield from _work(town, blobs)
    yield from _gradings(town, blobs)
    yield from _marks(town)
    yield from _exceptions(town)
    yield from _traces(town)
    yield from _reports(town)
    yield from _letters(town)


def _pairs(town: Town) -> Iterator[tuple[int, int, int]]:
    """Yield number, lab and learner of each attempt, in the order of time."""
    number = 0
    for lab in range(LABS):
        for place in range(town.learners):
            number += 1
            yield number, lab, place


def received_at(town: Town, lab: int, place: int) -> datetime:
    """Return when a learner handed in a lab: in the five days after it was opened."""
    return lab_opening(town, lab) + timedelta(minutes=place * 7000 // town.learners)


def _work(town: Town, blobs: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:

    yield (
        "attempt",
        (
            "id",
            "receipt",
            "course",
            "lab",
            "learner",
            "number",
            "bundle",
            "received_at",
            "warnings",
            "moved_from",
        ),
        (
            (
                number,
                receipt_number(number),
                course_name(town.course_of(place)),
                lab_name(lab),
                learner_name(place),
                1,
                blobs["work"],
                received_at(town, lab, place),
                "[]",
                None,
            )
            for number, lab, place in _pairs(town)
        ),
    )
    yield (
        "grading_request",
        ("attempt", "run", "asked_by", "asked_at", "done"),
        (
            (number, 1, learner_name(place), received_at(town, lab, place), True)
            for number, lab, place in _pairs(town)
        ),
    )


def _gradings(town: Town, blobs: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    yield (
        "grading",
        (
            "id",
            "attempt",
            "run",
            "lab_version",
            "engine",
            "notebook",
            "feedback",
            "cpu_seconds",
            "wall_seconds",
            "recorded_at",
        ),
        (
            (
                number,
                number,
                1,
                "1",
                "bench",
                blobs["notebook"],
                blobs["feedback"],
                0.1,
                0.1,
                received_at(town, lab, place),
            )
            for number, lab, place in _pairs(town)
        ),
    )


def _marks(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    yield (
        "verdict",
        ("grading", "grade_id", "position", "outcome", "score", "max_score", "message", "flags"),
        _verdicts(town),
    )
    marked = (each for each in _pairs(town) if not _waits(*each))
    yield (
        "mark",
        ("id", "attempt", "grade_id", "score", "comment", "given_by", "given_at"),
        (
            (
                number,
                number,
                TASKS[2],
                float(number % 4),
                "Say why." if number % 3 else "",
                trainer_name(town.course_of(place)),
                received_at(town, lab, place),
            )
            for number, lab, place in marked
        ),
    )
    yield (
        "feedback_return",
        ("id", "grading", "feedback", "returned_by", "returned_at", "last_mark", "last_late"),
        (
            (
                number,
                number,
                None,
                trainer_name(town.course_of(place)),
                received_at(town, lab, place),
                number,
                0,
            )
            for number, lab, place in _pairs(town)
            if lab < LABS - 1
        ),
    )


def _exceptions(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    yield (
        "late_work",
        ("id", "attempt", "due_at", "days", "points_off", "given_by", "given_at"),
        (
            (number, number, received_at(town, lab, place), 1, 0.5, "schedule", received_at(town, lab, place))
            for number, lab, place in _pairs(town)
            if number % 100 == 0
        ),
    )
    yield (
        "appeal",
        ("id", "attempt", "grade_id", "reason", "asked_at"),
        (
            (number, number, TASKS[1], "I think that this is right.", town.now)
            for number, lab, _place in _pairs(town)
            if lab == 5 and number % 500 == 0
        ),
    )


def _waits(number: int, lab: int, _place: int) -> bool:
    """Return whether a person still has to read the text: every second one of the newest lab."""
    return lab == LABS - 1 and number % 2 == 0


def _verdicts(town: Town) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(1)
    points = [chance.choice((0.0, 1.0, 3.0, 3.0)) for _ in range(997)]
    flag = json.dumps([{"kind": "guarded", "line": "sys.modules", "without": 0.0}])
    for number, _lab, _place in _pairs(town):
        for position, task in enumerate(TASKS[:2]):
            score = points[(number * 2 + position) % 997]
            said = "Right." if score == 3.0 else "Nearly: look at the second number again."
            flags = flag if number % 2000 == 0 and position == 0 else "[]"
            yield number, task, position, "passed" if score == 3.0 else "not-yet", score, 3.0, said, flags
        yield number, TASKS[2], 2, "not-yet", None, 3.0, "", "[]"


def _traces(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    now, entries = town.now, town.learners * AUDIT_PER_LEARNER
    actions = ("marked", "made-link", "returned", "released", "changed-person", "signed-in")
    names = ("admin", *(trainer_name(number) for number in range(town.courses)))
    yield (
        "audit",
        ("id", "at", "who", "what", "object", "address", "seal"),
        (
            (
                number + 1,
                now - timedelta(seconds=entries - number),
                names[number % len(names)],
                actions[number % len(actions)],
                f"{receipt_number(number)} text",
                "10.0.0.1",
                "",
            )
            for number in range(entries)
        ),
    )
    yield (
        "refusal",
        ("day", "who", "address", "kind", "about", "times", "last_at"),
        (
            (
                f"{now - timedelta(days=back):%Y-%m-%d}",
                learner_name(each),
                "10.0.0.2",
                "course",
                "course x",
                2,
                now - timedelta(days=back),
            )
            for back in range(60)
            for each in range(min(200, town.learners))
        ),
    )


def _reports(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    now = town.now
    newest = lab_name(LABS - 1)
    columns = ("course", "lab", "learner", "task", "kind", "outcome", "key", "rung", "at")
    yield (
        "live_report",
        columns,
        (
            (
                course_name(town.course_of(place)),
                newest,
                learner_name(place),
                TASKS[step % 2],
                "hint" if step % 3 == 1 else "check",
                "" if step % 3 == 1 else "not-yet" if step % 3 == 0 else "passed",
                "" if step % 3 == 1 else "total",
                1 + step % 2 if step % 3 == 1 else 0,
                now - timedelta(days=2, minutes=9 - step),
            )
            for place in range(town.learners)
            for step in range(LIVE_EVENTS)
        ),
    )
    yield (
        "live_standing",
        ("course", "lab", "learner", "task", "outcome", "key", "repeats", "rung", "passed", "at"),
        (
            (
                course_name(town.course_of(place)),
                newest,
                learner_name(place),
                TASKS[1],
                "not-yet",
                "total",
                1,
                0,
                json.dumps([TASKS[0]]),
                now - timedelta(days=2),
            )
            for place in range(LIVE_CLASS_SIZE, town.learners)
        ),
    )


def _letters(town: Town) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    now, newest = town.now, lab_name(LABS - 1)
    yield (
        "mail",
        ("username", "kind", "about", "facts", "queued_at", "next_try", "sent_at"),
        (
            (learner_name(place), "feedback", f"{newest}/{back}", "{}", now, None, now)
            for place in range(0, town.learners, 2)
            for back in range(4)
        ),
    )
    yield (
        "web_session",
        ("key_sha256", "username", "hub_token", "expires_at"),
        (
            (secret_digest(f"session {place}"), learner_name(place), "sealed", now + timedelta(hours=5))
            for place in range(0, town.learners, 10)
        ),
    )
    yield (
        "course_note",
        ("course", "lab", "learner", "text", "written_by", "written_at", "read_at"),
        (
            (
                course_name(town.course_of(place)),
                newest,
                learner_name(place),
                "Look at task two.",
                trainer_name(town.course_of(place)),
                now,
                now if place % 2 else None,
            )
            for place in range(0, town.learners, 10)
        ),
    )
