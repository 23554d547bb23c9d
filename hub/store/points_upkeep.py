"""Upkeep of kept points: what a transaction changed is counted again before it commits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.store.counted_points import LabPoints, count_points
from hub.store.database_connections import Database
from hub.store.points_models import KeptPoints, PointsChange, PointsVersion

FEW = 300
"""Up to so many learners are counted by name; for more it is quicker to count the whole course."""
AT_ONCE = 500
KEY = ("course", "learner", "lab")

Each = TypeVar("Each")


def settle_points(session: Session) -> None:
    """Count again the points that changes in this transaction, or changes left by others, are about."""
    session.flush()
    courses = session.scalars(select(PointsChange.course).distinct().order_by(PointsChange.course)).all()
    for course in courses:
        _settle_course(session, course)


def settle_all(database: Database) -> int:
    """Count again whatever waits, a transaction for each course; return how many courses there were.

    For changes that were not made through the store: a migration's, or a bulk insert's.
    """
    with database.read() as session:
        courses = session.scalars(select(PointsChange.course).distinct().order_by(PointsChange.course)).all()
    for course in courses:
        with database.write() as session:
            _settle_course(session, course)
    return len(courses)


def _settle_course(session: Session, course: str) -> None:
    # The version is taken first. Two transactions that change one course wait here for each other on PostgreSQL, so
    # the second counts what the first committed.
    version = _next_version(session, course)
    change = PointsChange
    rows = session.execute(select(change.id, change.learner, change.lab).where(change.course == course)).all()
    wanted = {(learner, lab) for _id, learner, lab in rows}
    counted = _count(session, course, wanted)
    _keep(session, course, version, {key: counted[key] for key in wanted if key in counted})
    _remove(session, course, version, [key for key in wanted if key not in counted])
    for ids in in_parts([row.id for row in rows]):
        session.execute(delete(change).where(change.id.in_(ids)))


def _next_version(session: Session, course: str) -> int:
    made = _insert(session, PointsVersion).values(course=course, version=1, removed=0)
    raised = made.on_conflict_do_update(
        index_elements=["course"], set_={"version": PointsVersion.version + 1}
    )
    return int(session.scalar(raised.returning(PointsVersion.version)) or 0)


def _count(
    session: Session, course: str, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], LabPoints]:
    learners, labs = {learner for learner, _lab in wanted}, {lab for _learner, lab in wanted}
    lab = next(iter(labs)) if len(labs) == 1 else ""
    found = count_points(session, course, lab, learners=learners if len(learners) <= FEW else None)
    return {(learner, lab): points for learner, mine in found.items() for lab, points in mine.items()}


def _keep(session: Session, course: str, version: int, found: Mapping[tuple[str, str], LabPoints]) -> None:
    statement = _insert(session, KeptPoints)
    others = [name for name in KeptPoints.__table__.columns.keys() if name not in KEY]  # noqa: SIM118 - of columns
    statement = statement.on_conflict_do_update(
        index_elements=list(KEY), set_={name: statement.excluded[name] for name in others}
    )
    rows = [
        {"course": course, "learner": learner, "lab": lab, "changed": version, **_columns(points)}
        for (learner, lab), points in sorted(found.items())
    ]
    for part in in_parts(rows):
        session.execute(statement, part)


def _columns(points: LabPoints) -> dict[str, Any]:
    return {name: getattr(points, name) for name in LabPoints._fields}


def _remove(session: Session, course: str, version: int, gone: Sequence[tuple[str, str]]) -> None:
    if not gone:
        return
    for part in in_parts(gone):
        session.execute(
            delete(KeptPoints).where(
                KeptPoints.course == course, tuple_(KeptPoints.learner, KeptPoints.lab).in_(part)
            )
        )
    session.get_one(PointsVersion, course, populate_existing=True).removed = version
    session.flush()


def _insert(session: Session, table: Any) -> Any:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert(table)


def in_parts(rows: Sequence[Each]) -> Iterator[list[Each]]:
    """Yield rows, as many at once as one statement takes."""
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        yield part
