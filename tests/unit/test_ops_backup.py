"""When a backup is due, and what `status` and `doctor` say of the last one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.isomo_settings import CHECKOUT, parse_settings
from hub.ops import docker_daemon
from hub.ops.backup_run import PARTS, Report, keep_report, last_report
from hub.ops.backup_schedule import is_due
from hub.ops.process_list import program_list
from hub.ops.restic_backups import password_file, repository_of
from hub.ops.verbs import doctor, status
from hub.verb_errors import IsomoError

KIGALI = ZoneInfo("Africa/Kigali")
NIGHT = datetime(2026, 11, 28, 2, 0, tzinfo=KIGALI)


def made(moment: datetime, *, well: bool = True) -> Report:
    return Report(moment.astimezone(UTC).isoformat(), well=well, problem="" if well else "restic failed")


def settings(tmp_path, **more):
    return parse_settings(
        {"state": str(tmp_path), "backup": {"repository": str(tmp_path / "repository"), **more}}
    )


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (NIGHT, None, True),
        (NIGHT, made(NIGHT - timedelta(days=1)), True),
        (NIGHT - timedelta(minutes=1), made(NIGHT - timedelta(hours=23)), False),
        (NIGHT + timedelta(hours=5), made(NIGHT + timedelta(minutes=3)), False),
        (NIGHT + timedelta(hours=9), made(NIGHT - timedelta(days=1, hours=-1)), True),
        (NIGHT + timedelta(minutes=30), made(NIGHT, well=False), False),
        (NIGHT + timedelta(minutes=60), made(NIGHT, well=False), True),
    ],
    ids=[
        "the first one at once",
        "at its hour",
        "not before its hour",
        "once a night",
        "made up for after a machine was off",
        "a failure not at once again",
        "a failure again after an hour",
    ],
)
def test_a_backup_is_due_once_a_night_at_the_offices_time(now, last, due):
    assert is_due(now, 2, last) is due


def findings(made_settings):
    return [(each.grade, each.text, each.do) for each in doctor.check_backups(made_settings)]


def test_doctor_says_of_backups_what_to_do_about_them(tmp_path):
    none = findings(parse_settings({"state": str(tmp_path)}))
    assert [grade for grade, _text, _do in none] == ["look"]
    assert "[backup]" in none[0][2]
    here = settings(tmp_path)
    assert findings(here) == [("look", "none was made yet", "Make one: ./isomo backup")]
    keep_report(here, made(datetime.now(UTC)))
    assert findings(here)[0][0] == "good"
    kept = replace(made(datetime.now(UTC)), problem="restic forget failed")
    keep_report(here, kept)
    assert findings(here)[0][0] == "look"
    assert "old ones could not be removed: restic forget failed" in findings(here)[0][1]
    keep_report(here, made(datetime.now(UTC) - timedelta(hours=27)))
    assert findings(here)[0][0] == "bad"
    keep_report(here, made(datetime.now(UTC), well=False))
    assert findings(here) == [("bad", "the last one failed: restic failed", "Try again: ./isomo backup")]


def test_status_has_a_line_for_the_last_backup(tmp_path, capsys):
    here = settings(tmp_path)
    status.backup_line(here)
    assert capsys.readouterr().out == ""
    keep_report(here, made(datetime.now(UTC) - timedelta(hours=2)))
    status.backup_line(here)
    assert capsys.readouterr().out == "Backup             2 h 0 min ago, 0 MB new\n"
    keep_report(here, made(datetime.now(UTC), well=False))
    status.backup_line(here)
    assert "failed 0 s ago; ./isomo doctor says why" in capsys.readouterr().out


def test_a_report_that_cannot_be_read_is_no_report(tmp_path):
    here = settings(tmp_path)
    keep_report(here, made(NIGHT))
    (tmp_path / "run" / "backup.json").write_text("{")
    assert last_report(here) is None


def test_the_schedule_runs_only_where_there_is_a_place_for_backups(tmp_path):
    names = {
        True: program_list(settings(tmp_path), {}, {}),
        False: program_list(parse_settings({"state": str(tmp_path)}), {}, {}),
    }
    assert [any(each.name == "backup" for each in names[which]) for which in (True, False)] == [True, False]


def test_without_a_place_the_verb_says_which_lines_to_write(tmp_path):
    with pytest.raises(IsomoError, match="names no place for backups") as refused:
        repository_of(parse_settings({"state": str(tmp_path)}))
    assert "[backup]" in refused.value.tip


def test_a_password_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    file = password_file(settings(tmp_path))
    first = file.read_text()
    assert len(first.strip()) >= 32
    assert file.stat().st_mode & 0o077 == 0
    assert password_file(settings(tmp_path)).read_text() == first


def test_a_large_log_of_the_engine_is_put_away_when_it_starts(tmp_path):
    log = tmp_path / "engine.log"
    log.write_bytes(b"x" * 1000)
    docker_daemon.put_away(log)
    assert log.exists()
    log.write_bytes(b"x" * 10_000_001)
    docker_daemon.put_away(log)
    assert [path.name for path in tmp_path.iterdir()] == ["engine.log.1"]


MADE_AGAIN = {
    "gradebooks": "./isomo gradebook rebuild",
    "labs": "./isomo up",
    "images": "./isomo up packs them for other machines",
    "run": "of the processes that run now",
    "engine": "the socket of the engine's filter",
    "logs": "of this machine",
    "upgrades": "copies for the way back",
    "restoring": "only there during a restore",
}
"""Folders of the state that no backup holds, and why nothing is lost with them."""


def test_a_backup_holds_every_folder_of_the_state_that_is_not_made_again() -> None:
    """Projects of data teams were forgotten once."""
    sources = [path for room in ("hub", "graders", "images") for path in (CHECKOUT / room).rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    named = set(re.findall(r'\bstate / "([a-z-]+)"', text))
    assert named - {*PARTS} == set(MADE_AGAIN)
    assert {"projects", "homes", "blobs", "keys"} <= named
