"""The drill: back up a running installation, restore it into an empty directory elsewhere, miss nothing.

restic, SQLite and PostgreSQL are the real ones.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hub import command_line, home_images, home_limits
from hub.isomo_settings import CHECKOUT, parse_settings
from hub.ops.application_cases import place_cases
from hub.ops.backup_run import last_report, make_backup
from hub.project_places import application_folder, team_folder
from hub.store import Store
from labs.prototype_kit.application.case_store import CaseStore
from tests.support.backup_installation import Installed, need_restic
from tests.support.small_stores import COURSE, LEARNERS, RIGHT, hand_in


@pytest.fixture
def installed(tmp_path, monkeypatch):
    need_restic()
    return Installed(tmp_path / "here", monkeypatch)


def verb(*words: str) -> int:
    return command_line.main(list(words))


def handed_in(store: Store) -> list[tuple[str, str, str, str]]:
    return sorted(
        (a.receipt, a.learner, a.bundle, a.received_at.isoformat()) for a in store.attempts.list(COURSE)
    )


def test_the_drill_restores_every_attempt_and_receipt_into_an_empty_directory_elsewhere(
    installed, tmp_path, capsys
):
    before, files = handed_in(installed.store), installed.keep_receipts()
    assert verb("backup") == 0
    assert "Attempts           4" in capsys.readouterr().out
    assert not (installed.settings.state / "snapshot").exists()
    shutil.rmtree(installed.settings.state)

    settings = installed.use(tmp_path / "another machine" / "isomo")
    assert verb("restore") == 0, capsys.readouterr().err
    assert "4 of 4 verify" in capsys.readouterr().out
    store = Store.open(settings)
    assert handed_in(store) == before
    assert [verb("verify-receipt", str(file)) for file in files] == [0] * 4
    assert (settings.state / "homes" / "0a1b2c" / "notes.txt").read_text() == "half a sentence"
    with sqlite3.connect(settings.state / "isomo.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (settings.state / "isomo.sqlite").stat().st_mode & 0o077 == 0
    # A learner goes on where they were.
    attempt, new = hand_in(store, LEARNERS[0], RIGHT + b"\n")
    assert (attempt.number, new) == (3, True)


def test_a_backup_of_work_that_goes_on_holds_each_attempt_that_had_its_receipt(installed, tmp_path):
    stop, receipts = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            content = RIGHT + b"\n" * (len(receipts) + 1)
            receipts.append(hand_in(installed.store, LEARNERS[1], content)[0].receipt)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while not receipts:
            pass
        known = list(receipts)
        make_backup(installed.settings)
    finally:
        stop.set()
        thread.join()
    settings = installed.use(tmp_path / "there")
    assert verb("restore") == 0
    assert set(known) <= {attempt.receipt for attempt in Store.open(settings).attempts.list(COURSE)}


def test_a_backup_is_encrypted_and_closed_without_its_password(installed, tmp_path, capsys):
    make_backup(installed.settings)
    stored = b"".join(
        path.read_bytes() for path in (installed.folder / "repository").rglob("*") if path.is_file()
    )
    assert b"amina.k" not in stored
    assert b"half a sentence" not in stored
    # A password that only this machine has is lost with it.
    file = installed.folder / "isomo.toml"
    file.write_text(file.read_text().replace(f'password_file = "{installed.password}"', ""))
    (installed.settings.state / "keys" / "backup_password").write_text(installed.password.read_text())
    assert verb("backup") == 0
    assert "without it nobody can open the backups" in capsys.readouterr().out
    wrong = tmp_path / "wrong"
    wrong.write_text("something else")
    installed.use(tmp_path / "there")
    assert verb("restore", "--password-file", str(wrong)) == 1
    assert "The password does not open this backup." in capsys.readouterr().err


def test_restore_never_overwrites_an_installation(installed, capsys):
    make_backup(installed.settings)
    assert verb("restore") == 1
    said = capsys.readouterr().err
    assert "holds an installation already (isomo.sqlite, blobs, homes, keys)" in said
    assert "--into FOLDER" in said


def test_what_is_missing_from_a_backup_is_named(installed, tmp_path, capsys):
    lost = installed.store.attempts.list(COURSE)[0]
    name = next(iter(installed.store.blobs.manifest(lost.bundle).values()))
    path = installed.store.blobs.path(name)
    path.chmod(0o600)
    path.write_bytes(b"something else")
    make_backup(installed.settings)
    installed.use(tmp_path / "there")
    assert verb("restore") == 1
    assert "is damaged." in capsys.readouterr().out


def test_each_backup_leaves_a_report_and_so_does_one_that_failed(installed):
    report = make_backup(installed.settings)
    assert last_report(installed.settings) == report
    assert (report.well, report.attempts) == (True, 4)
    shutil.rmtree(installed.folder / "repository")
    (installed.folder / "repository").write_text("in the way")
    assert verb("backup") == 1
    failed = last_report(installed.settings)
    assert failed is not None
    assert not failed.well
    assert "restic" in failed.problem


@pytest.mark.full
def test_a_backup_that_was_killed_is_in_nobodys_way(installed, tmp_path):
    make_backup(installed.settings)
    (installed.settings.state / "homes" / "0a1b2c" / "large").write_bytes(os.urandom(80_000_000))
    locks = installed.folder / "repository" / "locks"
    code = "from hub.ops.backup_run import make_backup; from hub.isomo_settings import load_settings; make_backup(load_settings())"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, start_new_session=True)
    while process.poll() is None and not any(locks.iterdir()):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert any(locks.iterdir())
    report = make_backup(installed.settings)
    assert report.well
    # The lock of the killed one is removed when its process is gone for good; until then old backups stay.
    assert report.problem == "" or "forget" in report.problem
    assert not (installed.settings.state / "snapshot").exists()


def test_only_as_many_backups_are_kept_as_the_settings_say(installed, capsys):
    for _ in range(3):
        make_backup(installed.settings)
    capsys.readouterr()
    assert verb("backup", "--list", "--json") == 0
    # Three of one day: the newest two, of which one is also that day's.
    assert len(json.loads(capsys.readouterr().out)["snapshots"]) == 2


def test_a_postgresql_installation_is_restored_into_an_empty_database(
    tmp_path, monkeypatch, postgres, capsys
):
    need_restic()
    first, second = (postgres.replace("@/isomo?", f"@/drill_{name}?") for name in ("one", "two"))
    for name in ("drill_one", "drill_two"):
        _createdb(postgres, name)
    installed = Installed(tmp_path / "here", monkeypatch, database=first)
    before, files = handed_in(installed.store), installed.keep_receipts()
    make_backup(installed.settings)
    installed.use(tmp_path / "there", database=first)
    assert verb("restore") == 1
    assert "is not empty" in capsys.readouterr().err
    settings = installed.use(tmp_path / "there", database=second)
    assert verb("restore") == 0, capsys.readouterr().err
    assert handed_in(Store.open(settings)) == before
    assert [verb("verify-receipt", str(file)) for file in files] == [0] * 4


def _createdb(address: str, name: str) -> None:
    host = address.partition("host=")[2]
    program = sorted(Path("/usr/lib/postgresql").glob("*/bin/createdb"))[-1]
    subprocess.run([str(program), "-h", host, "-U", "isomo", name], check=True)


def application_folder_of(settings, project: str) -> Path:
    folder = application_folder(settings.state, project)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def answer_case(cases: CaseStore, value: str) -> None:
    cases.add_cases("amina.k", 1, "page", [({"text": value}, {"label": "water", "person": ""})])


def test_a_team_and_its_application_find_their_work_after_a_restore(installed, tmp_path, capsys):
    """The last cases are in SQLite's log only while the application runs."""
    team = team_folder(installed.settings.state, "letters") / "letters"
    team.mkdir(parents=True)
    (team / "prepare.py").write_text("rows = 3")
    folder = application_folder_of(installed.settings, "letters")
    cases = CaseStore(folder)
    try:
        answer_case(cases, "no water")
        assert (folder / "cases.sqlite-wal").stat().st_size > 0
        make_backup(installed.settings)
        answer_case(cases, "after the backup")
    finally:
        cases.close()
    settings = installed.use(tmp_path / "there")
    assert verb("restore") == 0, capsys.readouterr().err
    assert (team_folder(settings.state, "letters") / "letters" / "prepare.py").read_text() == "rows = 3"
    again = application_folder(settings.state, "letters")
    assert sorted(each.name for each in again.iterdir()) == ["cases.sqlite"]
    with sqlite3.connect(again / "cases.sqlite") as database:
        assert "no water" in str(database.execute("SELECT * FROM cases").fetchall())
    was, now = (folder / "cases.sqlite").stat(), (again / "cases.sqlite").stat()
    assert (was.st_mode, was.st_uid) == (now.st_mode, now.st_uid)


def test_an_application_cannot_have_a_backup_copy_a_file_that_is_not_its_own(installed, tmp_path):
    folder = application_folder_of(installed.settings, "letters")
    (folder / "cases.sqlite").symlink_to(installed.settings.state / "isomo.sqlite")
    assert make_backup(installed.settings).problem == ""
    settings = installed.use(tmp_path / "there")
    assert verb("restore") == 0
    assert (application_folder(settings.state, "letters") / "cases.sqlite").is_symlink()


def test_a_damaged_file_of_cases_is_told_and_does_not_keep_a_backup_from_being_made(
    installed, tmp_path, capsys
):
    folder = application_folder_of(installed.settings, "letters")
    (folder / "cases.sqlite").write_text("no database at all")
    report = make_backup(installed.settings)
    assert report.well
    assert (
        report.problem == "Cases of applications that are damaged, and were backed up as they are: letters."
    )
    settings = installed.use(tmp_path / "there")
    assert verb("restore") == 0
    assert (
        application_folder(settings.state, "letters") / "cases.sqlite"
    ).read_text() == "no database at all"


def test_a_damaged_copy_of_cases_is_told_after_a_restore(tmp_path):
    copy = tmp_path / "staging" / "cases" / "letters" / "cases.sqlite"
    copy.parent.mkdir(parents=True)
    copy.write_text("no database at all")
    assert place_cases(tmp_path / "part", tmp_path / "staging") == ["letters"]


def test_a_restore_never_overwrites_projects(installed, capsys):
    state = installed.folder / "other"
    installed.use(state)
    team_folder(state, "letters").mkdir(parents=True)
    assert verb("restore") == 1
    assert "holds an installation already (projects)" in capsys.readouterr().err


@pytest.mark.skipif(
    os.geteuid() != 0 and not os.environ.get("CI"), reason="only root may mount a home's image"
)
def test_a_home_in_an_image_is_in_a_backup_and_gets_its_image_again_after_a_restore(
    installed, tmp_path, capsys
):
    before = parse_settings({"state": str(installed.settings.state), "home_images": True, "evaluate": False})
    home = installed.settings.state / "homes" / "0a1b2c"
    limited = []
    try:
        assert home_limits.limit_home(before, home, 32 << 20)
        limited.append((before, home))
        # As after a restart of the machine: the backup mounts it.
        subprocess.run(["umount", home], check=True)
        make_backup(installed.settings)
        settings = installed.use(tmp_path / "there")
        assert verb("restore") == 0, capsys.readouterr().err
        again = settings.state / "homes" / "0a1b2c"
        assert not home_images.is_mounted(again)
        assert (again / "notes.txt").read_text() == "half a sentence"
        after = parse_settings({"state": str(settings.state), "home_images": True, "evaluate": False})
        assert home_limits.limit_home(after, again, 32 << 20)
        limited.append((after, again))
        assert home_images.is_mounted(again)
        assert (again / "notes.txt").read_text() == "half a sentence"
    finally:
        for each, place in limited:
            home_images.remove_image(each, place)


@pytest.mark.skipif(
    os.geteuid() != 0 and not os.environ.get("CI"), reason="only root may mount a project's image"
)
def test_a_project_in_images_is_in_a_backup_and_an_ordinary_folder_after_a_restore(
    installed, tmp_path, capsys
):
    before = parse_settings({"state": str(installed.settings.state), "home_images": True, "evaluate": False})
    team = team_folder(before.state, "letters")
    team.mkdir(parents=True)
    (team / "prepare.py").write_text("rows = 3")
    folder = application_folder_of(before, "letters")
    places = (team, folder)
    try:
        for place in places:
            assert home_limits.limit_project(before, place, 32 << 20)
        cases = CaseStore(folder)
        answer_case(cases, "no water")
        cases.close()
        for place in places:  # As after a restart of the machine: the backup mounts them.
            subprocess.run(["umount", place], check=True)
        assert make_backup(installed.settings).problem == ""
        settings = installed.use(tmp_path / "there")
        assert verb("restore") == 0, capsys.readouterr().err
        again = team_folder(settings.state, "letters")
        assert not home_images.is_mounted(again)
        assert (again / "prepare.py").read_text() == "rows = 3"
        with sqlite3.connect(application_folder(settings.state, "letters") / "cases.sqlite") as database:
            assert "no water" in str(database.execute("SELECT * FROM cases").fetchall())
    finally:
        for place in places:
            home_images.remove_image(before, place)
