"""The same gradebook in a schema of its own on PostgreSQL: the unit tests, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from graders.nbgrader import gradebook_verb
from hub.store import Store
from hub.store.table_models import Base
from tests.support.small_stores import COURSE, fill, settings_for
from tests.unit import test_gradebook


@pytest.fixture
def store(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        session.execute(text(f'DROP SCHEMA IF EXISTS "gb_{COURSE}" CASCADE'))
    yield fill(store)
    store.database.engine.dispose()


here = test_gradebook.here
_alembic_on_the_path = test_gradebook._alembic_on_the_path
SAME = [
    name
    for name in dir(test_gradebook)
    if name.startswith("test_")
    and getattr(test_gradebook, name).__code__.co_varnames[:1][0] in ("store", "here")
]
globals().update({name: getattr(test_gradebook, name) for name in SAME})


def test_each_course_has_a_schema_of_its_own_beside_the_store(store):
    store.courses.add("other", "Other")
    for course in (COURSE, "other"):
        gradebook_verb.rebuild_gradebook(store, course)
    engine = create_engine(store.settings.database_url)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT table_schema FROM information_schema.tables WHERE table_name = 'submitted_assignment'"
            )
        ).scalars()
        assert set(found) == {f"gb_{COURSE}", "gb_other"}
    engine.dispose()
