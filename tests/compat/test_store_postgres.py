"""The same promises on PostgreSQL: the unit tests of the store, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store
from hub.store.models import Base
from tests.support.stores import fill, settings_for
from tests.unit import test_store


@pytest.fixture
def store(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return fill(store)


SAME = [
    name
    for name in dir(test_store)
    if name.startswith("test_") and "store" in getattr(test_store, name).__code__.co_varnames[:1]
]
globals().update({name: getattr(test_store, name) for name in SAME})
