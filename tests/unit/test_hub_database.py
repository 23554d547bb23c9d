"""JupyterHub's database: a start that does not depend on how many people it knows, indexes, commits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest
from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.metrics import TOTAL_USERS
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from hub.hub_process.hub_database import (
    add_indexes,
    connection_options,
    count_users,
    missing_indexes,
    skip_known_users,
)
from hub.hub_process.store_authenticator import Accounts

PEOPLE = ("amina.k", "bosco.n", "claudine.u")


@pytest.fixture
def hub(tmp_path) -> Iterator[JupyterHub]:
    """A hub that has not started yet, with three people; JupyterHub is one for each process."""
    app = JupyterHub()
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    app.db = orm.new_session_factory(url, **connection_options(url))()
    app.db.add_all(orm.User(name=name, created=datetime(2026, 1, 5)) for name in PEOPLE)
    app.db.commit()
    app.db.expunge_all()
    yield app
    app.db.close()


def read_by(app: JupyterHub, **accounts: object) -> list[str]:
    """Return the names of users that the hub reads while it starts."""
    read: list[str] = []

    def note(user: orm.User, _context: object) -> None:
        read.append(user.name)

    app.authenticator = Accounts(parent=app, **accounts)
    event.listen(orm.User, "load", note)
    try:
        asyncio.run(app.init_users())
    finally:
        event.remove(orm.User, "load", note)
    return read


def test_a_hub_that_starts_reads_none_of_the_people_it_knows(hub):
    assert read_by(hub, allow_all=True) == []


def test_people_of_a_database_without_dates_get_one(hub):
    hub.db.query(orm.User).filter_by(name="bosco.n").update({"created": None})
    hub.db.commit()
    assert read_by(hub, allow_all=True) == ["bosco.n"]
    assert hub.db.query(orm.User).filter_by(created=None).count() == 0


def test_an_office_that_lets_in_only_those_the_hub_knows_still_has_them_read(hub):
    assert sorted(read_by(hub, allow_all=False, allow_existing_users=True)) == sorted(PEOPLE)
    assert hub.authenticator.allowed_users == set(PEOPLE)


def test_only_the_next_question_for_everybody_is_narrowed(hub):
    db: Session = hub.db
    skip_known_users(db)
    assert db.query(orm.User).filter(orm.User.name == "amina.k").one().name == "amina.k"
    assert db.query(orm.User.name).count() == len(PEOPLE)
    assert list(db.query(orm.User)) == []
    assert len(list(db.query(orm.User))) == len(PEOPLE)


def test_the_figure_of_all_users_is_right_all_the_same(hub):
    read_by(hub, allow_all=True)
    assert count_users(hub.db) == len(PEOPLE)
    assert TOTAL_USERS._value.get() == len(PEOPLE)
    assert len(list(hub.db.query(orm.User))) == len(PEOPLE)


def test_a_commit_does_not_wait_for_the_disk_and_foreign_keys_hold_all_the_same(hub):
    found = {
        name: hub.db.execute(text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}


def test_what_jupyterhub_searches_has_an_index_once_a_hub_has_started(hub):
    assert ("spawners", "user_id") in missing_indexes(hub.db)
    assert ("api_tokens", "session_id") in missing_indexes(hub.db)
    read_by(hub, allow_all=True)
    assert missing_indexes(hub.db) == []
    plan = hub.db.execute(text("EXPLAIN QUERY PLAN SELECT * FROM api_tokens WHERE user_id = 1")).all()
    assert "USING INDEX" in str(plan)
    add_indexes(hub.db)  # The next start.
