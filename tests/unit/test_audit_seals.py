"""The audit log: an entry that was edited or removed is found, whoever did it; refusals are counts."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import table_models
from hub.store.audit_log import AuditFilter
from tests.support.small_stores import filled


@pytest.fixture
def store(tmp_path):
    made = filled(tmp_path)
    for number in range(5):
        made.audit.add("admin", "invited", f"person-{number}", "10.0.0.1")
    return made


def let_rows_change(store):
    """What somebody does first who means to rewrite history."""
    from hub.store.migrations import kept_rows

    class Op:
        def get_bind(self):
            return store.database.engine

        def execute(self, statement):
            with store.database.write() as session:
                session.execute(text(statement))

    kept_rows.let_rows_change(Op(), "audit")


def tamper(store, statement):
    let_rows_change(store)
    with store.database.write() as session:
        session.execute(text(statement))


def test_a_log_that_nobody_touched_is_whole(store):
    found = store.audit.check()
    assert (found.whole, found.entries) == (True, 5)
    assert store.audit.head() == (5, found.seal)


@pytest.mark.parametrize(
    ("statement", "wrong_at"),
    [
        ("UPDATE audit SET object = 'nobody' WHERE id = 3", 3),
        ("UPDATE audit SET who = 'someone.e' WHERE id = 1", 1),
        ("UPDATE audit SET seal = 'x' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 2", 3),
    ],
)
def test_an_edited_or_a_removed_entry_is_found(store, statement, wrong_at):
    tamper(store, statement)
    found = store.audit.check()
    assert (found.whole, found.wrong_at) == (False, wrong_at)


def test_the_newest_entries_do_not_go_unseen(store):
    tamper(store, "DELETE FROM audit WHERE id > 3")
    found = store.audit.check()
    assert (found.whole, found.missing) == (False, 2)


def test_a_log_that_was_written_again_from_the_start_lacks_the_seal_that_was_noted(store):
    _number, noted = store.audit.head()
    assert store.audit.check(noted).whole
    tamper(store, "DELETE FROM audit")
    with store.database.write() as session:
        session.execute(text("DELETE FROM audit_head"))
    store.audit.add("admin", "invited", "somebody else")
    assert store.audit.check().whole
    assert not store.audit.check(noted).mark_found


def test_a_text_that_a_database_refuses_is_written_down_all_the_same(store):
    store.audit.add("admin", "invited", "a\x00b \ud800 c")
    assert store.audit.newest()[0].object == "a\ufffdb ? c"
    assert store.audit.check().whole


def test_entries_are_found_by_person_action_and_time(store):
    store.audit.add("other", "closed", "lab")
    newest = store.audit.newest()[0]
    assert [each.object for each in store.audit.newest(only=AuditFilter(who="other"))] == ["lab"]
    assert [each.object for each in store.audit.newest(only=AuditFilter(what="closed"))] == ["lab"]
    assert store.audit.newest(only=AuditFilter(before=newest.at))[0].object == "person-4"
    assert next(iter(store.audit.every(AuditFilter(since=newest.at)))).object == "lab"


def test_refused_requests_are_one_row_however_many_they_are(store):
    for number in range(30):
        store.refusals.count("amina.k", f"attempt R-{number}", "10.0.0.2")
    store.refusals.count("amina.k", "course other", "10.0.0.2")
    rows = {each.kind: (each.times, each.about) for each in store.refusals.newest("amina.k")}
    assert rows == {"attempt": (30, "attempt R-29"), "course": (1, "course other")}


def test_refusals_that_were_counted_are_written_when_the_campus_ends(store):
    store.refusals.count("amina.k", "course other", "10.0.0.2")
    store.refusals.count("amina.k", "course other", "10.0.0.2")
    store.refusals.close()
    with store.database.read() as session:
        assert [each.times for each in session.query(table_models.Refusal)] == [2]
    assert store.refusals._later is None
