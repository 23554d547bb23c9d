"""The same promises on PostgreSQL: the unit tests of the store, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store, database_connections
from hub.store.audit_log import AuditFilter
from hub.store.table_models import Base
from tests.support.small_stores import fill, settings_for
from tests.unit import (
    test_enrolments,
    test_marks_table,
    test_regrade_page,
    test_rosters,
    test_schedules,
    test_store,
    test_store_migrations,
)


@pytest.fixture
def store(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return fill(store)


def _same(module):
    return {
        name: test
        for name, test in vars(module).items()
        if name.startswith("test_") and callable(test) and "store" in test.__code__.co_varnames[:1]
    }


for each in (test_store, test_marks_table, test_enrolments, test_rosters, test_schedules, test_regrade_page):
    globals().update(_same(each))


def test_an_edited_or_a_removed_entry_of_the_audit_log_is_found(store):
    for number in range(3):
        store.audit.add("admin", "invited", f"person-{number}")
    assert store.audit.check().entries == 3
    with store.database.write() as session:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        session.execute(text("UPDATE audit SET object = 'nobody' WHERE object = 'person-1'"))
        session.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
    assert store.audit.check().wrong_at is not None


def test_an_older_database_becomes_sealed(tmp_path, postgres):
    other = postgres.replace("/isomo?", "/isomo_older?")
    with Store(settings_for(tmp_path, database=postgres)).database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("CREATE DATABASE isomo_older")
        )
    older = Store(settings_for(tmp_path, database=other))
    test_store_migrations.test_an_older_database_keeps_its_people_and_its_log_becomes_sealed(older)
    older.database.engine.dispose()


def test_a_read_asks_the_server_once_for_each_statement(store):
    """Without a transaction around it, each statement is one of its own: no BEGIN before, no COMMIT after."""
    query = text("SELECT pg_current_xact_id()::text")
    with store.database.read() as session:
        assert session.scalar(query) != session.scalar(query)
    with store.database.write() as session:
        assert session.scalar(query) == session.scalar(query)


def test_rows_are_read_in_pieces_within_one_transaction(store):
    query = text("SELECT pg_current_xact_id()::text")
    with store.database.read(in_pieces=True) as session:
        assert session.scalar(query) == session.scalar(query)
    for number in range(3):
        store.audit.add("admin", "invited", f"person-{number}")
    assert [each.object for each in store.audit.every(AuditFilter(who="admin"))] == [
        "person-0",
        "person-1",
        "person-2",
    ]


@pytest.mark.parametrize("use", ["read", "write"])
def test_a_connection_that_the_server_closed_while_it_rested_is_replaced(store, monkeypatch, use):
    """After a restart of PostgreSQL nobody sees an error."""
    monkeypatch.setattr(database_connections, "REST_SECONDS", 0.0)
    other = Store.open(store.settings)
    with getattr(other.database, use)() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    with store.database.write() as session:
        session.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    with getattr(other.database, use)() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) != process
    other.database.engine.dispose()


@pytest.mark.parametrize(("rest", "newest"), [(600.0, "SELECT pg_backend_pid()"), (0.0, "SELECT 1")])
def test_only_a_connection_that_has_rested_is_pinged(store, monkeypatch, rest, newest):
    """A ping is one more question to the server for each read."""
    monkeypatch.setattr(database_connections, "REST_SECONDS", rest)
    other = Store.open(store.settings)
    with other.database.read() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    with other.database.read() as session:
        session.connection()
        query = text("SELECT query FROM pg_stat_activity WHERE pid = :process")
        with store.database.read() as looking:
            assert looking.scalar(query, {"process": process}) == newest
    other.database.engine.dispose()
