"""Kept points are those that are counted from the rows, after any sequence of what people do."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select, text

from hub.ops.database_copies import dump_postgres, load_postgres
from hub.store import GradedRecord, Store
from hub.store.counted_points import LabPoints, count_points
from hub.store.marking_models import LateWork
from hub.store.moved_work import repeat_work
from hub.store.person_rows import erase_rows
from hub.store.points_models import KeptPoints, PointsChange
from hub.store.points_upkeep import settle_all
from hub.store.table_models import Attempt, Course
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER, fill, filled, hand_in, settings_for

OTHER = "everyone-2026b-minict"
SCORES = st.sampled_from((None, 0.0, 0.5, 2.0))
FLAG = {"kind": "guarded", "line": "sys.modules", "without": 0.0}
learners = st.sampled_from(LEARNERS)


class SeveralMonths(RuleBasedStateMachine):
    """A course in which work is handed in, graded, graded again, marked, forgiven, moved and erased."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = filled(Path(self.folder.name))
        self.store.courses.add(OTHER, "Everyone 2026b", "minict")
        self.store.courses.add_member(OTHER, TRAINER, "trainer")
        self.here = set(LEARNERS)

    def teardown(self) -> None:
        self.store.database.engine.dispose()
        self.folder.cleanup()

    def newest(self) -> Attempt | None:
        with self.store.database.read() as session:
            return session.scalar(select(Attempt).order_by(Attempt.id.desc()).limit(1))

    @rule(learner=learners)
    def hands_in(self, learner: str) -> None:
        if learner in self.here:
            hand_in(self.store, learner)

    @rule(
        score=SCORES, outcome=st.sampled_from(("passed", "not-yet", "could-not-check")), flags=st.booleans()
    )
    def is_graded(self, score: float | None, outcome: str, flags: bool) -> None:
        job = self.store.claim_ungraded("test", 60)
        task = {"grade_id": "add_test", "outcome": outcome, "score": score, "max_score": 2.0, "message": ""}
        if job is not None:
            found = {**task, "flags": [FLAG] if flags else []}
            self.store.record_grading(
                job, GradedRecord([found], notebook=b"{}", feedback_html=b"<p></p>", engine="test")
            )

    @rule()
    def is_graded_again(self) -> None:
        self.store.gradings.ask_again(COURSE, LAB, TRAINER)

    @rule(score=SCORES)
    def is_marked(self, score: float | None) -> None:
        if attempt := self.newest():
            self.store.results.mark(attempt.id, "add_test", score, "", TRAINER)

    @rule(days=st.integers(0, 3))
    def is_late(self, days: int) -> None:
        if attempt := self.newest():
            note = LateWork(
                attempt=attempt.id,
                due_at=attempt.received_at,
                days=days,
                points_off=days / 2,
                given_by=TRAINER,
                given_at=attempt.received_at,
            )
            with self.store.database.write() as session:
                session.add(note)

    @rule()
    def has_its_flags_cleared(self) -> None:
        attempt = self.newest()
        result = self.store.results.result_for(attempt.id) if attempt else None
        if attempt is not None and result is not None:
            self.store.flags.rule(attempt.id, result.verdicts[0], "cleared", "", TRAINER)

    @rule(learner=learners, back=st.booleans())
    def moves(self, learner: str, back: bool) -> None:
        if learner in self.here:
            old, new = (OTHER, COURSE) if back else (COURSE, OTHER)
            with self.store.database.write() as session:
                repeat_work(session, learner, old, new, "Africa/Kigali")

    @rule(learner=learners)
    def is_erased(self, learner: str) -> None:
        if learner in self.here:
            self.here.discard(learner)
            erase_rows(self.store.database, self.store.blobs, learner, "E-1")

    @invariant()
    def kept_points_are_the_counted_ones(self) -> None:
        with self.store.database.read() as session:
            assert session.scalar(select(PointsChange.id).limit(1)) is None
            for course in session.scalars(select(Course.id)):
                counted = count_points(session, course)
                assert kept(session, course) == counted
                in_memory, _version = self.store.marks._points.points(course)
                assert scores(in_memory) == scores(counted)
                of_lab = {
                    name: {LAB: each} for name, each in self.store.marks.lab_points(course, LAB).items()
                }
                here = {name: {LAB: labs[LAB]} for name, labs in counted.items() if LAB in labs}
                assert scores(of_lab) == scores(here)
                assert {n: e[LAB].newest for n, e in of_lab.items()} == {
                    n: e[LAB].newest for n, e in here.items()
                }

    @invariant()
    def counts_are_of_those_who_are_here(self) -> None:
        with self.store.database.read() as session:
            counted = count_points(session, COURSE)
        here = [counted[name][LAB] for name in self.here if LAB in counted.get(name, {})]
        found = self.store.marks.counts(COURSE).get(LAB)
        assert (found.handed_in if found else 0) == len(here)
        assert (found.to_mark if found else 0) == sum(each.to_mark for each in here)
        assert (found.flags if found else 0) == sum(each.flags for each in here)


def scores(points):
    return {
        (name, lab): (each.receipt, each.score, each.to_mark, each.waits, each.flags)
        for name, labs in points.items()
        for lab, each in labs.items()
    }


def kept(session, course):
    found: dict[str, dict[str, LabPoints]] = {}
    for row in session.scalars(select(KeptPoints).where(KeptPoints.course == course)):
        values = {name: getattr(row, name) for name in LabPoints._fields}
        found.setdefault(row.learner, {})[row.lab] = LabPoints(**values)
    return found


TestSeveralMonths = SeveralMonths.TestCase
TestSeveralMonths.settings = settings(
    deadline=None,
    max_examples=25,
    stateful_step_count=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_what_was_written_past_the_store_is_counted_by_the_next_reader(tmp_path):
    store = filled(tmp_path)
    store.database.before_commit = None
    hand_in(store)
    with store.database.read() as session:
        assert kept(session, COURSE) == {}
    assert store.marks.handed_in(COURSE)[LAB] == 1
    assert settle_all(store.database) == 0


def test_kept_points_are_right_on_postgresql(tmp_path, postgres):
    # Other tests of this process use the database that all share.
    own = database_of_ones_own(tmp_path, postgres, "isomo_points")
    store = fill(Store.migrate(settings_for(tmp_path, database=own)))
    attempt, _receipt = hand_in(store)
    store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    with store.database.read() as session:
        assert kept(session, COURSE) == count_points(session, COURSE) != {}
    erase_rows(store.database, store.blobs, LEARNERS[0], "E-1")
    with store.database.read() as session:
        assert kept(session, COURSE) == {}
    assert store.marks.handed_in(COURSE)[LAB] == 0


def test_postgresql_knows_what_kept_points_hold_as_soon_as_a_migration_counted_them(tmp_path, postgres):
    settings = settings_for(tmp_path, database=database_of_ones_own(tmp_path, postgres, "isomo_counted"))
    store = fill(Store.migrate(settings))
    assert columns_with_statistics(store, "kept_points") == 0
    store.database.before_commit = None
    hand_in(store)
    assert columns_with_statistics(Store.migrate(settings), "kept_points") > 0


def test_postgresql_knows_what_a_restored_database_holds(tmp_path, postgres):
    settings = settings_for(tmp_path, database=database_of_ones_own(tmp_path, postgres, "isomo_dumped"))
    hand_in(fill(Store.migrate(settings)))
    dump = dump_postgres(settings.database_url, tmp_path / "isomo.dump")
    empty = settings_for(tmp_path, database=database_of_ones_own(tmp_path, postgres, "isomo_restored"))
    load_postgres(empty.database_url, dump)
    assert columns_with_statistics(Store.open(empty), "attempt") > 0


def database_of_ones_own(folder, postgres, name):
    with Store(settings_for(folder, database=postgres)).database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(f"CREATE DATABASE {name}"))
    return postgres.replace("/isomo?", f"/{name}?")


def columns_with_statistics(store, table):
    counted = text("SELECT count(*) FROM pg_stats WHERE tablename = :table")
    with store.database.read() as session:
        return session.scalar(counted, {"table": table})
