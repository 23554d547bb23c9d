"""A shared application whose folder is full: no answered case is lost, people still decide, and a sentence says why."""

from __future__ import annotations

import datetime as dt
import errno
import os
import sqlite3
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.prototype_kit import command_line
from labs.prototype_kit.application import case_store, disk_room, own_page
from labs.prototype_kit.application.batch_chunks import KeptChunk
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.model_file import file_hash
from tests.support.small_prototype import CASE, OUR_PAGE, as_person, ask_case

ANSWER = {"label": "water", "person": "unsure"}
MEGABYTE = 10**6


def room(free: int, total: int = 1000) -> SimpleNamespace:
    """Return what the kernel says of a file system with so many megabytes."""
    return SimpleNamespace(f_bavail=free, f_blocks=total, f_frsize=MEGABYTE)


@pytest.fixture
def cases(tmp_path):
    made = CaseStore(tmp_path)
    yield made
    made.close()


def add(cases: CaseStore, text: str) -> int:
    return cases.add_cases("colin", 1, "form", [({"text": text}, ANSWER)])[0]


def texts(cases: CaseStore) -> list[str]:
    return [case["input"]["text"] for case in reversed(cases.latest(1000))]


def test_cases_that_were_answered_before_the_disk_was_full_are_all_there_and_it_goes_on(cases):
    """SQLite refuses a page too many as it refuses one that finds no room."""
    pages = cases._db.execute("PRAGMA page_count").fetchone()[0]
    cases._db.execute(f"PRAGMA max_page_count = {pages + 20}")
    kept: list[str] = []
    with pytest.raises(sqlite3.OperationalError) as refused:  # noqa: PT012 - how many fit is SQLite's affair
        while True:
            text = f"{len(kept)} " + "x" * 3000
            add(cases, text)
            kept.append(text)
    assert disk_room.is_disk_full(refused.value)
    assert len(kept) > 5
    assert texts(cases) == kept
    with pytest.raises(sqlite3.OperationalError, match="full"):
        cases.add_chunk("colin", 1, KeptChunk(1, "x" * 10**6, "[]", "{}", []))
    cases._db.execute(f"PRAGMA max_page_count = {pages + 1000}")
    add(cases, "there is room again")
    assert texts(cases) == [*kept, "there is room again"]


def test_a_case_is_refused_while_there_is_room_for_what_people_decide(cases, monkeypatch):
    first = add(cases, "no water")
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free=67))
    with pytest.raises(OSError, match="No space left") as refused:
        add(cases, "no light")
    assert disk_room.is_disk_full(refused.value)
    with pytest.raises(OSError, match="No space left"):
        cases.add_chunk("colin", 1, KeptChunk(1, "[]", "[]", "{}", []))
    cases.contest(first, "colin", "it is urgent")
    assert cases.review(first, "remy", "water", "", 3.0)
    cases.event("aline", "switched off", 1, "the forms changed")
    assert cases.forget(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)) == 1
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free=68))
    assert add(cases, "no light") == first + 1


@pytest.mark.parametrize(("most", "largest"), [(2, 10**6), (100, 15), (100, 1)])
def test_what_is_old_is_deleted_in_small_steps_and_nothing_is_left_out(cases, monkeypatch, most, largest):
    monkeypatch.setattr(case_store, "MOST_IN_STEP", most)
    monkeypatch.setattr(case_store, "LARGEST_STEP", largest)
    for number in range(5):
        add(cases, f"case {number}")
    inputs = '{"text": "one\\ntwo"}'
    answers = '{"labels": "water\\nlight", "persons": "\\n"}'
    cases.add_chunk("colin", 1, KeptChunk(2, inputs, answers, "{}", []))
    assert cases.forget(dt.datetime.now(dt.UTC) - dt.timedelta(days=1)) == 0
    assert cases.forget(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)) == 7
    assert cases.latest(100) == []
    assert cases.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))["cases"] == 7


@pytest.mark.parametrize(
    ("free", "total", "fits"),
    [(63, 10**6, False), (68, 10**6, True), (24, 100, False), (25, 100, True), (0, 0, True)],
    ids=[
        "a large disk",
        "a large disk with room",
        "a small folder",
        "a small folder with room",
        "no figures",
    ],
)
def test_what_is_kept_free_is_64_megabytes_and_in_a_small_folder_a_quarter(monkeypatch, free, total, fits):
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free, total))
    assert disk_room.has_room(Path("/any")) == fits


def test_a_case_is_refused_before_its_file_is_as_large_as_the_container_lets_one_be(cases, monkeypatch):
    """SQLite would call it a broken disk."""
    add(cases, "no water")
    size = cases._file.stat().st_size
    for largest, fits in ((size, False), (2 * size, True), (-1, True)):
        monkeypatch.setattr(disk_room.resource, "getrlimit", lambda _which, most=largest: (most, most))
        assert disk_room.has_room(cases._file.parent, 0, cases._file) == fits
    monkeypatch.setattr(disk_room.resource, "getrlimit", lambda _which: (size, size))
    with pytest.raises(OSError, match="No space left"):
        add(cases, "no light")


@pytest.mark.parametrize(("free", "full"), [(0, True), (900, False)], ids=["a full quota", "a broken disk"])
def test_a_full_quota_is_told_from_a_broken_disk(monkeypatch, free, full):
    """SQLite knows a full disk, and takes a full quota for a write that failed."""
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free))
    error = sqlite3.OperationalError("disk I/O error")
    assert disk_room.is_disk_full(error, Path("/any")) == full
    assert not disk_room.is_disk_full(error)
    assert not disk_room.is_disk_full(sqlite3.OperationalError("database is locked"), Path("/any"))


@pytest.fixture
def full_application(own_prototype, monkeypatch):
    """An application with one case whose folder takes no further one."""
    _folder, client = own_prototype
    ask_case(client)

    def refuse(folder, *_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    monkeypatch.setattr(case_store, "must_have_room", refuse)
    return client


def test_whoever_asks_a_full_application_reads_a_sentence_and_the_case_before_is_there(full_application):
    client, store = full_application, full_application.app.state.service.store
    before = store.latest(10)
    answer = client.post("/", data=CASE, headers=OUR_PAGE)
    assert answer.status_code == 507
    assert "The disk is full, so this was not finished. What was there before is untouched." in answer.text
    text = "\n".join([",".join(CASE), ",".join(CASE.values())])
    answer = client.post("/batch", files={"file": ("cases.csv", text)}, headers=OUR_PAGE)
    assert answer.status_code == 507
    answer = client.post("/api/decide", json={"cases": [CASE]}, headers=OUR_PAGE)
    assert (answer.status_code, "The disk is full" in answer.json()["problem"]) == (507, True)
    assert store.latest(10) == before
    assert client.get(f"/cases/{before[0]['id']}", headers=OUR_PAGE).status_code == 200


def test_the_approver_switches_a_full_application_off(full_application):
    form = {"what": "switched off", "version": "1", "why": "its folder is full"}
    answer = full_application.post("/versions", data=form, headers=as_person("aline"))
    assert answer.status_code == 303
    assert "was switched off" in full_application.get("/", headers=as_person("colin")).text


def test_a_teams_own_page_is_unpacked_only_if_room_is_left_for_what_people_decide(tmp_path, monkeypatch):
    version = tmp_path / "versions" / "1"
    version.mkdir(parents=True)
    with zipfile.ZipFile(version / own_page.FILE, "w") as packed:
        packed.writestr("app/page.py", "x" * MEGABYTE)
    about = {"app_sha256": file_hash(version / own_page.FILE)}
    made = SimpleNamespace(folder=version, about=about)
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free=68))
    with pytest.raises(OSError, match="No space left"):
        own_page.unpack_page(made, tmp_path)
    assert list((tmp_path / "own").iterdir()) == []
    monkeypatch.setattr(disk_room.os, "statvfs", lambda _folder: room(free=69))
    assert (own_page.unpack_page(made, tmp_path) / "app" / "page.py").stat().st_size == MEGABYTE


def test_a_team_whose_folder_is_full_reads_a_sentence_at_the_terminal(monkeypatch, capsys):
    def refuse(_options):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setitem(command_line.VERBS, "card", refuse)
    assert command_line.command(["card"]) == 1
    assert "The project's folder is full, so this was not finished." in capsys.readouterr().err


def test_another_error_of_a_file_is_not_told_as_a_full_folder(monkeypatch):
    def refuse(_options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setitem(command_line.VERBS, "card", refuse)
    with pytest.raises(PermissionError):
        command_line.command(["card"])
