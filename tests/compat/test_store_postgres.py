"""The same promises on PostgreSQL: the unit tests of the store, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store
from hub.store.models import Base
from tests.support.stores import fill, settings_for
from tests.unit import test_marks_table, test_store


@pytest.fixture
def store(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return fill(store)


SAME = {
    name: test
    for module in (test_store, test_marks_table)
    for name, test in vars(module).items()
    if name.startswith("test_") and "store" in test.__code__.co_varnames[:1]
}
globals().update(SAME)
