"""The exchange on PostgreSQL: the unit tests of its API, run once more against a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from hub.store import Store
from hub.store.monitoring_counts import read_figures
from hub.store.table_models import Base
from tests.support.pretended_campus import Campus
from tests.support.small_stores import fill, hand_in, settings_for
from tests.unit import test_campus_exchange


@pytest.fixture
def campus(tmp_path, postgres):
    store = Store.migrate(settings_for(tmp_path, database=postgres))
    names = ", ".join(Base.metadata.tables)
    with store.database.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield Campus(tmp_path, fill(store))
    store.refusals.close()
    store.database.engine.dispose()


SAME = [name for name in dir(test_campus_exchange) if name.startswith("test_")]
globals().update({name: getattr(test_campus_exchange, name) for name in SAME})


def test_figures_for_monitoring_are_read_from_postgresql_and_count_the_task_queue(campus):
    """The queue's own table is made by graders elsewhere; its column `status` is all that is read."""
    hand_in(campus.store)
    found = read_figures(campus.store.database)
    assert (found.attempts, found.waiting, found.jobs) == (1, 1, {})
    with campus.store.database.write() as session:
        session.execute(text("CREATE SCHEMA procrastinate"))
        session.execute(text("CREATE TABLE procrastinate.procrastinate_jobs (status text)"))
        session.execute(
            text("INSERT INTO procrastinate.procrastinate_jobs VALUES ('todo'), ('todo'), ('failed')")
        )
    try:
        assert read_figures(campus.store.database).jobs == {"todo": 2, "failed": 1}
    finally:
        with campus.store.database.write() as session:
            session.execute(text("DROP SCHEMA procrastinate CASCADE"))


def test_every_connection_expects_short_reads_also_after_a_transaction_that_failed(campus):
    def expected() -> list[str]:
        with campus.store.database.read() as session:
            names = ("jit", "max_parallel_workers_per_gather", "random_page_cost")
            return [session.scalar(text(f"SHOW {name}")) for name in names]

    with pytest.raises(ZeroDivisionError), campus.store.database.write():
        raise ZeroDivisionError
    assert expected() == ["off", "0", "1.1"]


def test_a_name_is_found_in_capitals_and_small_letters_with_its_accents(campus):
    campus.store.people.add("elodie.m", "Élodie MUKAMANA", institution="minict")
    for words in ("élodie", "ÉLODIE", "Mukamana", "ELODIE.M", "odie_m"):
        found, _count = campus.store.people.search(words)
        assert [each.username for each in found] == ["elodie.m"] * (words != "odie_m"), words
