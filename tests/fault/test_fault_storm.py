"""Ten thousand faults while work arrives: no receipt without its work, and none graded twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from hub.isomo_settings import CHECKOUT
from tests.support.fault_storm import LEARNERS, found_afterwards, small_disk, storm
from tests.support.small_stores import COURSE, fill, settings_for

SEEDS, FAULTS = 20, 250
DONE = CHECKOUT / ".isomo" / "fault-storms.jsonl"
"""A line for each storm that was run to its end on this machine."""


def _store(folder, database):
    from hub.store import Store

    store = fill(Store.migrate(settings_for(folder, database=database)))
    for name in LEARNERS:
        store.people.add(name, name.title(), institution="minict")
        store.courses.add_member(COURSE, name, "learner")
    return store


def run_storm(tmp_path, database: str, seed: int, faults: int) -> dict[str, int]:
    """Run a storm to its end; return its counts."""
    try:
        with small_disk(tmp_path, 400) as folder:
            store = _store(folder, database)
            with storm(folder, store, database, seed) as made:
                for _ in range(faults):
                    made.one_fault()
                made.settle()
            counts = {**found_afterwards(made), **made.done}
            store.refusals.close()
            store.database.engine.dispose()
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI") or (os.geteuid() == 0 and shutil.which("mkfs.ext4")):
            raise
        pytest.skip(f"No small disk: {error}")
    return counts


def test_sixty_faults_lose_nothing_and_double_nothing(tmp_path):
    counts = run_storm(tmp_path, "sqlite", 0, 60)
    assert counts["receipts"] > 0


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_ten_thousand_faults_lose_nothing_and_double_nothing(tmp_path, postgres, database, seed):
    """Twenty storms of 250 faults on each database."""
    if database == "postgresql":
        _empty(postgres)
        database = postgres
    counts = run_storm(tmp_path, database, seed, FAULTS)
    kind = database.partition(":")[0]
    with DONE.open("a") as file:
        file.write(json.dumps({"seed": seed, "database": kind, "faults": FAULTS, **counts}) + "\n")


def _empty(address: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
