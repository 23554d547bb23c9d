"""A page of the database that cannot be read: a sentence, a line in the log, and everything else goes on."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from hub.isomo_settings import Settings
from hub.ops.database_copies import is_whole
from hub.ops.verbs import doctor
from hub.store import Store
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_stores import COURSE, LEARNERS, hand_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation in whose database a page of the audit log is damaged."""
    campus = Campus(tmp_path)
    hand_in(campus.store)
    found = campus.store.settings
    campus.store.database.engine.dispose()
    _damage(found.state / "isomo.sqlite", "audit")
    return found


def _damage(file: Path, table: str) -> None:
    """Overwrite the first page of a table, as a failing disk does."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\xff" * size)


def test_who_needs_the_page_reads_a_sentence_and_the_log_names_the_damage(settings, tmp_path, caplog):
    campus = Campus(tmp_path, Store.open(settings))
    with caplog.at_level(logging.ERROR):
        answer = campus.browser("admin").get(f"{ROOT}/audit")
    assert answer.status_code == 503
    assert "database is damaged" in answer.text
    assert "./isomo doctor" in answer.text
    assert any("database-damaged path=" in line.getMessage() for line in caplog.records)


def test_what_is_on_other_pages_goes_on(settings, tmp_path):
    store = Store.open(settings)
    assert store.attempts.list(COURSE)
    assert store.people.get(LEARNERS[0]) is not None


def test_doctor_names_it_with_the_next_step(settings):
    (found,) = doctor.check_database(settings)
    assert (found.grade, found.do) == ("bad", "Run ./isomo down, and restore a backup")


def test_a_copy_of_it_is_not_taken_for_a_good_backup(settings):
    assert not is_whole(settings.state / "isomo.sqlite")
