"""A team fills its project's folder: what the file system refuses, what its members see, and what goes on.

Images are tried wherever the kernel has loop devices.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import folder_use, home_images, home_limits
from hub.isomo_settings import Settings, parse_settings
from hub.ops import home_checks
from hub.project_places import TEAM_PLACE, application_folder, team_folder
from labs.prototype_kit.application.case_store import CaseStore
from tests.conftest import missing
from tests.support.project_hub import NAME, SERVER, container_name, open_folder, project_hub, run
from tests.support.small_labs import lab_image

pytestmark = pytest.mark.engine

LIMIT = 64 << 20
GROUP = 300_001
FILL = (
    "n=0; while dd if=/dev/zero of=shared/filled-$n bs=1M count=16 2>/tmp/said; do n=$((n + 1)); done; "
    "tail -1 /tmp/said; grep -o 'No space left on device' /tmp/said"
)


@pytest.fixture(scope="module", autouse=True)
def root() -> None:
    if os.geteuid():
        missing("The right of root to mount a project's image")


def forget_all(chosen: Settings) -> None:
    for image in home_images.all_images(chosen):
        home_limits.forget_home(chosen, home_images.folder_of(chosen, image))


@pytest.fixture
def chosen(tmp_path: Path) -> Iterator[Settings]:
    made = parse_settings({"state": str(tmp_path), "home_images": True, "prototypes": True})
    yield made
    forget_all(made)


@pytest.fixture
def team(chosen: Settings) -> Path:
    """A team's folder as the hub makes it, with a file of a member."""
    folder = team_folder(chosen.state, NAME)
    folder.mkdir(parents=True)
    os.chown(folder, 0, GROUP)
    folder.chmod(0o2770)
    work = folder / "prepare.py"
    work.write_text("rows = 3")
    os.chown(work, 200_001, GROUP)
    work.chmod(0o660)
    return folder


def about(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


def test_owner_group_and_mode_of_a_teams_folder_are_the_same_in_its_image(chosen, team) -> None:
    before = about(team), about(team / "prepare.py")
    assert home_limits.limit_project(chosen, team, LIMIT)
    assert home_images.is_mounted(team)
    assert (
        (about(team), about(team / "prepare.py")) == before == ((0, GROUP, 0o2770), (200_001, GROUP, 0o660))
    )
    made = team / "made later"
    made.mkdir()
    assert made.stat().st_gid == GROUP
    assert about(home_images.image_of(chosen, team))[::2] == (0, 0o600)
    assert os.statvfs(team).f_blocks * os.statvfs(team).f_frsize <= LIMIT


def test_projects_are_there_again_when_their_images_were_unmounted_as_by_a_restart(chosen, team) -> None:
    application = application_folder(chosen.state, NAME)
    application.mkdir()
    (application / "campus.json").write_text("{}")
    for folder in (team, application):
        assert home_limits.limit_project(chosen, folder, LIMIT)
        subprocess.run(["umount", folder], check=True)
        assert list(folder.iterdir()) == [], "nothing takes room below the image"
    assert home_images.mount_all(chosen) == []
    assert (team / "prepare.py").read_text() == "rows = 3"
    assert about(team) == (0, GROUP, 0o2770)
    assert (application / "campus.json").exists()
    forget_all(chosen)
    assert list((chosen.state / home_images.FOLDER).glob("projects/*")) == []


@pytest.fixture
def member(docker_client, team) -> Iterator[object]:
    """A member's server that has the folder from before it had a limit."""
    made = docker_client.containers.run(
        lab_image(docker_client),
        ["sleep", "600"],
        detach=True,
        user=f"1000:{GROUP}",
        volumes={str(team): {"bind": TEAM_PLACE, "mode": "rw"}},
    )
    try:
        yield made
    finally:
        with contextlib.suppress(Exception):
            made.remove(force=True)


def test_while_a_server_uses_a_folder_nothing_in_it_is_moved(chosen, team, member) -> None:
    assert folder_use.is_used(team)
    assert not home_limits.limit_project(chosen, team, LIMIT)
    assert not home_images.is_mounted(team)
    assert run(member, f"cd {TEAM_PLACE} && echo 'more = 1' >> prepare.py && cat prepare.py") == (
        "rows = 3more = 1"
    )
    member.remove(force=True)
    assert not folder_use.is_used(team)
    assert home_limits.limit_project(chosen, team, LIMIT)
    assert (team / "prepare.py").read_text() == "rows = 3more = 1\n"


def test_an_image_grows_only_when_no_server_uses_it(chosen, team, docker_client) -> None:
    assert home_limits.limit_project(chosen, team, LIMIT)
    small = os.statvfs(team).f_blocks
    server = docker_client.containers.run(
        lab_image(docker_client),
        ["sleep", "600"],
        detach=True,
        volumes={str(team): {"bind": TEAM_PLACE, "mode": "rw"}},
    )
    try:
        assert home_limits.limit_project(chosen, team, 2 * LIMIT)
        assert os.statvfs(team).f_blocks == small
    finally:
        server.remove(force=True)
    assert home_limits.limit_project(chosen, team, 2 * LIMIT)
    assert os.statvfs(team).f_blocks > 1.5 * small
    assert (team / "prepare.py").read_text() == "rows = 3"


def test_a_server_that_comes_while_files_are_moved_keeps_its_folder(chosen, team, monkeypatch) -> None:
    asked = []

    def comes_late(_folder: object) -> bool:
        asked.append(_folder)
        return len(asked) > 1

    monkeypatch.setattr(folder_use, "is_used", comes_late)
    assert not home_limits.limit_project(chosen, team, LIMIT)
    assert not home_images.is_mounted(team)
    assert not home_images.image_of(chosen, team).exists()
    assert (team / "prepare.py").read_text() == "rows = 3"


def test_a_folder_that_changes_while_it_is_copied_stays_as_it_is(chosen, team, monkeypatch) -> None:
    """A process of the hub may delete old cases in it, and half of a database is none."""
    usual = home_images._run

    def run_and_write(*words: object, **more: object) -> None:
        usual(*words, **more)
        if words[0] == "cp":
            (team / "prepare.py").write_text("rows = 4")

    monkeypatch.setattr(home_images, "_run", run_and_write)
    assert not home_limits.limit_project(chosen, team, LIMIT)
    assert not home_images.is_mounted(team)
    assert (team / "prepare.py").read_text() == "rows = 4"
    monkeypatch.setattr(home_images, "_run", usual)
    assert home_limits.limit_project(chosen, team, LIMIT)
    assert (team / "prepare.py").read_text() == "rows = 4"


def test_an_application_in_a_full_folder_keeps_each_answered_case_and_starts_again(chosen) -> None:
    folder = application_folder(chosen.state, NAME)
    folder.mkdir(parents=True)
    assert home_limits.limit_project(chosen, folder, LIMIT)
    cases, answered = CaseStore(folder), []
    with pytest.raises(OSError, match="No space left on device"):  # noqa: PT012 - how many fit is the folder's affair
        while True:
            row = ({"text": "x" * 200_000}, {"label": "water", "person": "unsure"})
            answered.append(cases.add_cases("colin", 1, "form", [row])[0])
    assert cases.review(answered[-1], "remy", "water", "", 3.0)
    cases.close()
    again = CaseStore(folder)
    try:
        assert len(answered) > 50
        assert [case["id"] for case in reversed(again.latest(10_000))] == answered
        assert again.waiting() == len(answered) - 1
        again.event("aline", "switched off", 1, "its folder is full")
        assert again.forget(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)) == len(answered)
    finally:
        again.close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    more = {"home_images": True, "data_team": {"folder_quota": "64 MiB"}}
    with project_hub(tmp_path_factory.mktemp("limits"), docker_client, **more) as made:
        try:
            yield made
        finally:
            made.stop_all()
            forget_all(made.settings)


@pytest.mark.full
def test_a_team_takes_no_more_than_its_limit_and_its_members_share_what_is_there(hub, docker_client) -> None:
    members = {}
    for name in ("deborah", "dan"):
        _browser, answer = open_folder(hub, name)
        assert answer.headers.get("location") == f"/user/{name}/{SERVER}/lab", answer.text
        members[name] = docker_client.containers.get(container_name(hub, name, SERVER))
    folder = team_folder(hub.settings.state, NAME)
    assert home_images.is_mounted(folder)
    assert run(members["deborah"], "echo ours > shared/note; cat shared/note") == "ours"
    assert run(members["dan"], FILL).endswith("No space left on device")
    assert os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize < 2 << 20
    assert run(members["deborah"], "cat shared/note") == "ours"
    assert run(members["dan"], "rm shared/filled-0; echo again > shared/note2; cat shared/note2") == "again"


@pytest.mark.full
def test_doctor_says_that_images_keep_projects_limits_after_it_tried(hub, monkeypatch) -> None:
    bench = hub.settings.engine.images[0]
    monkeypatch.setattr(home_checks.local_images, "bench_image", lambda _settings: bench)
    found = home_checks.limit_check(hub.settings, home_checks.limited_projects(hub.settings))
    assert (found.grade, found.text.splitlines()[0]) == (
        "good",
        "a project's folder takes 64 MiB, kept by an image for each; one that was filled for a trial took no more",
    )
