"""A database of an earlier version keeps its rows, and its audit log is sealed on the way."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from hub.store import Store
from hub.store.database_connections import _config
from tests.support.small_stores import settings_for


def at_revision(store, revision):
    config = _config()
    with store.database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def filled_at(store, revision):
    at_revision(store, revision)
    store.database.before_commit = None  # Points are kept in tables that this schema does not have.
    with store.database.write() as session:
        session.execute(text("INSERT INTO institution (id, title) VALUES ('minict', 'Ministry of ICT')"))
        session.execute(
            text(
                "INSERT INTO person (username, display_name, language, institution, created_at) "
                "VALUES ('amina.k', 'Amina', 'en', 'minict', '2026-01-01 00:00:00')"
            )
        )
        for number in range(3):
            session.execute(
                text(
                    "INSERT INTO audit (at, who, what, object, address) "
                    "VALUES ('2026-01-01 00:00:00', 'admin', 'invited', :about, '')"
                ),
                {"about": f"person-{number}"},
            )


@pytest.fixture
def store(tmp_path):
    settings = settings_for(tmp_path)
    settings.state.mkdir()
    return Store(settings)


def test_an_older_database_keeps_its_people_and_its_log_becomes_sealed(store):
    filled_at(store, "0005")
    store.database.migrate()
    assert store.people.get("amina.k").institution == "minict"
    assert store.institutions.get("minict").parent is None
    found = store.audit.check()
    assert (found.whole, found.entries) == (True, 3)
    store.audit.add("admin", "invited", "one more")
    assert store.audit.check().entries == 4
    with pytest.raises(Exception, match="append-only"), store.database.write() as session:
        session.execute(text("UPDATE audit SET object = ''"))
