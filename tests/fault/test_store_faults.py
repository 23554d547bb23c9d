"""What goes wrong under the store: a full disk, processes killed between any two steps, a clock that is wrong."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.isomo_settings import CHECKOUT
from hub.store import GradedRecord, Store
from hub.store.content_files import Blobs
from hub.store.disk_full import DiskFull
from hub.store.signed_receipts import public_keys, verify_receipt
from tests.support.pretended_campus import Campus, attempts_url, work
from tests.support.small_stores import COURSE, LAB, LEARNERS, filled, hand_in

GRADED = GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"", engine="test")


def _or_missing(present: object, what: str) -> None:
    if not present:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is missing")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB of its own; the machine's disk is left alone."""
    _or_missing(os.geteuid() == 0 and shutil.which("mkfs.ext4"), "root, or mkfs.ext4,")
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(12 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", image], check=True)
    mounted = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, check=False)
    _or_missing(mounted.returncode == 0, "A loop device")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _drafts(store):
    return [path for path in store.blobs.folder.rglob("*") if path.is_file() and path.name.startswith(".")]


def _whole(store):
    """Every attempt with a receipt still has all its files, as they were."""
    for attempt in store.attempts.list(COURSE):
        files = store.attempts.files(attempt)
        assert Blobs(store.blobs.folder).put_bundle(files) == attempt.bundle
        verify_receipt(store.attempts.receipt(attempt), public_keys(store.settings))


def _until_it_fails(step):
    for _ in range(2000):
        step()


def _fill_up(folder: Path) -> Path:
    """Leave no byte free, as a log that grows does."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return ballast


def test_on_a_full_disk_nothing_is_half_written_and_nothing_is_lost(small_disk):
    """Work that does not fit is refused, what had a receipt stays, and with space everything goes on."""
    store = filled(small_disk)
    numbers = itertools.count()
    with pytest.raises(DiskFull) as refused:
        _until_it_fails(lambda: hand_in(store, content=random.Random(next(numbers)).randbytes(200_000)))
    assert "Free space on the disk" in refused.value.tip
    assert len(store.attempts.list(COURSE)) == next(numbers) - 1 > 5
    assert _drafts(store) == []
    _whole(store)


def test_a_full_disk_stops_rows_as_it_stops_files_and_ends_when_there_is_space(small_disk):
    store = filled(small_disk)
    attempt, _ = hand_in(store)
    store.attempts.files(attempt)
    ballast = _fill_up(small_disk)
    with pytest.raises(DiskFull):  # A few rows still fit into pages that the database has.
        _until_it_fails(lambda: store.audit.add("admin", "looked", "x" * 1900))
    ballast.unlink()
    store.audit.add("admin", "looked", "again")
    assert store.audit.newest()[0].object == "again"
    assert hand_in(store, content=b"{}")[1]
    _whole(store)


def test_the_campus_says_that_the_disk_is_full_and_takes_the_work_later(small_disk):
    campus = Campus(small_disk)
    amina = campus.program(LEARNERS[0])
    ballast = _fill_up(small_disk)
    answer = amina.post(attempts_url(), content=work(answers={"t1": "x" * 100_000}))
    assert (answer.status_code, answer.json()["error"]) == (507, "disk-full")
    assert campus.store.attempts.list(COURSE) == []
    ballast.unlink()
    assert amina.post(attempts_url(), content=work(answers={"t1": "x" * 100_000})).status_code == 201


def _program(text: str, state: Path, *argv: str, **more: str) -> subprocess.Popen[str]:
    """A Python process of its own with a `store`."""
    start = (
        "import sys; from hub.isomo_settings import load_settings; from hub.store import Store\n"
        "store = Store.open(load_settings())\n"
    )
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "ISOMO_STATE": str(state), **more}
    command = [sys.executable, "-u", "-c", start + textwrap.dedent(text), *argv]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def test_work_whose_receipt_was_shown_survives_a_kill_at_any_moment(tmp_path):
    store = filled(tmp_path)
    handing_in = """
        import itertools, json, os
        from tests.support.small_stores import hand_in
        for number in itertools.count():
            attempt, _ = hand_in(store, content=f"{os.getpid()} {number}".encode() * 500)
            print(json.dumps(store.attempts.receipt(attempt)), flush=True)
    """
    shown = []
    for turn in range(6):
        process = _program(handing_in, store.settings.state)
        shown.append(process.stdout.readline())
        time.sleep(random.Random(turn).uniform(0, 0.15))
        process.kill()
        shown += process.communicate()[0].splitlines()
    receipts = [json.loads(line) for line in shown if line.endswith("}") or line.endswith("}\n")]
    assert len(receipts) >= 6
    for receipt in receipts:
        attempt = store.attempts.get(receipt["receipt"])
        assert attempt.bundle == receipt["sha256"]
    _whole(store)


def test_every_attempt_is_graded_once_though_graders_are_killed_between_any_two_steps(tmp_path):
    store = filled(tmp_path)
    for number in range(12):
        hand_in(store, LEARNERS[number % 2], content=b"%d" % number)
    grading = """
        import time
        from hub.store import GradedRecord
        graded = GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"", engine="test")
        print("ready", flush=True)
        while job := store.claim_ungraded("worker", 0.3):
            time.sleep(0.02)
            store.record_grading(job, graded)
    """
    for turn in range(8):
        process = _program(grading, store.settings.state)
        process.stdout.readline()
        time.sleep(random.Random(turn).uniform(0, 0.12))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    end = time.monotonic() + 30
    while store.progress(COURSE, LAB).graded < 12 and time.monotonic() < end:
        if job := store.claim_ungraded("last", 60):
            assert store.record_grading(job, GRADED)
        else:
            time.sleep(0.05)
    attempts = [attempt.id for attempt in store.attempts.list(COURSE)]
    assert store.progress(COURSE, LAB).graded == 12
    assert len(store.results.results_for(attempts)) == 12


def test_a_grader_killed_before_it_recorded_leaves_nothing_and_one_killed_after_leaves_all(tmp_path):
    store = filled(tmp_path)
    attempt, _ = hand_in(store)
    before = """
        import os
        job = store.claim_ungraded("worker", 0.2)
        store.blobs.put(b"its notebook")
        os.kill(os.getpid(), 9)
    """
    after = """
        import os
        from hub.store import GradedRecord
        job = store.claim_ungraded("worker", 60)
        store.record_grading(job, GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"", engine="test"))
        os.kill(os.getpid(), 9)
    """
    _program(before, store.settings.state).wait()
    assert store.results.result_for(attempt.id) is None
    time.sleep(0.3)
    _program(after, store.settings.state).wait()
    assert store.results.result_for(attempt.id) is not None
    assert store.claim_ungraded("next", 60) is None


def _faketime() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    _or_missing(found, "libfaketime")
    return str(found[0])


def test_a_clock_in_1970_changes_neither_the_order_of_attempts_nor_who_may_grade(tmp_path):
    """The server's clock is what receipts tell; which attempt is newest does not depend on it."""
    store = filled(tmp_path)
    hand_in(store, content=b"first")
    again = """
        from tests.support.small_stores import hand_in
        attempt, new = hand_in(store, content=b"second")
        print(attempt.number, new, attempt.received_at.year, store.claim_ungraded("old", 60).number)
    """
    old = {"LD_PRELOAD": _faketime(), "FAKETIME": "1970-01-02 00:00:00"}
    assert _program(again, store.settings.state, **old).communicate()[0].split() == ["2", "True", "1970", "2"]
    newest = store.attempts.list(COURSE, LAB, LEARNERS[0])[0]
    assert newest.number == 2


def test_a_lease_from_a_wrong_clock_does_not_hold_work_for_years(tmp_path):
    store = filled(tmp_path)
    hand_in(store)
    future = datetime.now(UTC) + timedelta(days=4 * 365)
    assert store.gradings.claim("clock is wrong", 60, now=future)
    assert store.claim_ungraded("clock is right", 60) is not None
    assert store.claim_ungraded("another", 60) is None


def test_a_store_that_was_killed_while_it_was_made_is_made_the_next_time(tmp_path):
    state = filled(tmp_path).settings.state
    (state / "isomo.sqlite").unlink()
    for name in ("isomo.sqlite-wal", "isomo.sqlite-shm"):
        (state / name).unlink(missing_ok=True)
    making = (
        "import sys; from hub.isomo_settings import load_settings; from hub.store import Store; "
        "Store.migrate(load_settings())"
    )
    for turn in range(5):
        env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "ISOMO_STATE": str(state)}
        process = subprocess.Popen([sys.executable, "-c", making], env=env)
        time.sleep(0.6 + random.Random(turn).uniform(0, 0.5))
        process.kill()
        process.wait()
    subprocess.run([sys.executable, "-c", making], env=env, check=True)
    from tests.support.small_stores import settings_for

    Store.open(settings_for(tmp_path)).people.add("new.n", "New")
