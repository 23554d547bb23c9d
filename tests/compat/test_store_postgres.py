"""The same promises on PostgreSQL: the unit tests of the store, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store
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
