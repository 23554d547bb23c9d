"""The exchange on PostgreSQL: the unit tests of its API, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store
from hub.store.models import Base
from tests.support.campus import Campus
from tests.support.stores import fill, settings_for
from tests.unit import test_campus_exchange


@pytest.fixture
def campus(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield Campus(tmp_path, fill(store))
    store.database.engine.dispose()


SAME = [name for name in dir(test_campus_exchange) if name.startswith("test_")]
globals().update({name: getattr(test_campus_exchange, name) for name in SAME})
