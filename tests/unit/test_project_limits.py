"""Limits of data teams' project folders: who sets them, when they wait, and what is told of them."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub import folder_use, home_images, home_limits, project_quotas
from hub.hub_process.container_spawner import LabSpawner, SpawnFailedError
from hub.hub_process.project_servers import application_server
from hub.isomo_settings import Settings, SettingsError, parse_settings
from hub.ops import container_filter, home_checks
from hub.ops.container_body import Policy, projects_in
from hub.project_places import application_folder, project_folders, team_folder
from hub.shared_names import APPLICATIONS
from tests.support.pretended_campus import Campus

NAME = "letters-desk"
LIMIT = 64 << 20


def settings(state: Path, **more: object) -> Settings:
    return parse_settings({"state": str(state), "prototypes": True, **more})


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """The team's folder of a project, with work in it."""
    folder = team_folder(tmp_path, NAME)
    folder.mkdir(parents=True)
    (folder / "prepare.py").write_text("rows = 3")
    return folder


def refuse(*_words: object) -> None:
    raise AssertionError("nothing is moved while a server uses the folder")


def test_a_projects_folder_takes_5_gb_unless_the_administrator_says_otherwise() -> None:
    assert str(parse_settings({}).data_team.folder_quota) == "5 GB"
    assert str(parse_settings({"data_team": {"folder_quota": "20 GB"}}).data_team.folder_quota) == "20 GB"
    with pytest.raises(SettingsError, match=r"data_team\.folder_quota is 5\. Write a number and a unit"):
        parse_settings({"data_team": {"folder_quota": 5}})


def test_each_folder_has_an_image_of_its_own_and_each_image_leads_back_to_its_folder(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    places = [
        tmp_path / "homes" / "ab12",
        application_folder(tmp_path, NAME),
        team_folder(tmp_path, NAME),
        team_folder(tmp_path, "other-desk"),
    ]
    images = [home_images.image_of(chosen, place) for place in places]
    assert len(set(images)) == len(places)
    for image in images:
        image.parent.mkdir(parents=True, exist_ok=True)
        image.touch()
    assert home_images.all_images(chosen) == images
    assert [home_images.folder_of(chosen, image) for image in images] == places


def test_only_the_two_folders_of_a_project_are_its_folders(tmp_path: Path, team: Path) -> None:
    (tmp_path / "projects" / NAME / "other").mkdir()
    assert project_folders(tmp_path) == [team]
    home_limits.forget_home(settings(tmp_path), team / "inner")
    assert (team / "prepare.py").exists()


@pytest.mark.parametrize("way", ["image", "quota"])
def test_a_folder_that_a_server_uses_is_left_alone_and_gets_its_limit_later(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: way)
    monkeypatch.setattr(project_quotas, "project_of", lambda _folder: 0)
    done: list[Path] = []
    with monkeypatch.context() as used:
        used.setattr(folder_use, "is_used", lambda _folder: True)
        used.setattr(home_images, "mount_home", refuse)
        used.setattr(project_quotas, "limit_folder", refuse)
        assert not home_limits.limit_project(settings(tmp_path), team, LIMIT)
    monkeypatch.setattr(folder_use, "is_used", lambda _folder: False)
    monkeypatch.setattr(home_images, "mount_home", lambda _settings, folder, *_more: done.append(folder))
    monkeypatch.setattr(project_quotas, "limit_folder", lambda folder, _limit: done.append(folder))
    assert home_limits.limit_project(settings(tmp_path), team, LIMIT)
    assert done == [team]


def test_a_quota_that_is_there_is_raised_while_servers_run(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in the folder is touched."""
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "quota")
    monkeypatch.setattr(project_quotas, "project_of", lambda _folder: 1 << 25)
    monkeypatch.setattr(folder_use, "is_used", lambda _folder: True)
    limits: list[int] = []
    monkeypatch.setattr(project_quotas, "limit_folder", lambda _folder, limit: limits.append(limit))
    assert home_limits.limit_project(settings(tmp_path), team, 2 * LIMIT)
    assert limits == [2 * LIMIT]


def test_an_image_does_not_grow_under_servers_that_use_it(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = home_images.image_of(settings(tmp_path), team)
    image.parent.mkdir(parents=True)
    image.write_bytes(bytes(1000))
    monkeypatch.setattr(home_images, "is_mounted", lambda _folder: True)
    monkeypatch.setattr(folder_use, "is_used", lambda _folder: True)
    monkeypatch.setattr(home_images, "mount_home", refuse)
    assert home_limits.limit_project(settings(tmp_path), team, 2000)


def test_a_process_that_is_locked_into_a_folder_uses_it(tmp_path: Path) -> None:
    assert folder_use.is_used(Path("/"))  # This process is.
    assert not folder_use.is_used(tmp_path)
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        assert not folder_use.is_used(handle)
    finally:
        os.close(handle)


# Who sets it.


def policy_for(state: Path) -> Policy:
    return Policy(settings(state, data_team={"folder_quota": "64 MiB"}), frozenset())


def test_the_filter_finds_the_projects_folders_that_a_container_mounts_and_follows_no_link(
    tmp_path: Path, team: Path
) -> None:
    (tmp_path / "projects" / "away").symlink_to(tmp_path / "projects" / NAME)
    binds = [
        f"{team}:/home/learner/shared:rw",
        f"{team}:/home/learner/service:rw",
        f"{tmp_path}/projects/away/team:/home/learner/shared:rw",
        f"{tmp_path}/projects/{NAME}:/home/learner/shared:rw",
        "/etc:/home/learner/shared:rw",
    ]
    assert projects_in({"Binds": binds}, policy_for(tmp_path)) == [team]
    assert projects_in({}, policy_for(tmp_path)) == []


def test_the_filter_sets_a_projects_limit_and_one_start_waits_for_the_one_before(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the second could move files of which the first has just begun to make use."""
    monkeypatch.setattr(container_filter, "PROJECT_LOCKS", defaultdict(asyncio.Lock))
    set_limits: list[tuple[Path, int]] = []
    monkeypatch.setattr(
        home_limits, "limit_project", lambda _settings, *words: set_limits.append(words) or True
    )
    container = {"HostConfig": {"Binds": [f"{team}:/home/learner/shared:rw"]}}
    seen: list[str] = []

    async def start(name: str) -> None:
        async with container_filter.limited_folders(container, policy_for(tmp_path)):
            seen.append(f"{name} begins")
            await asyncio.sleep(0.02)
            seen.append(f"{name} runs")

    async def both() -> None:
        await asyncio.gather(start("deborah"), start("dan"))

    asyncio.run(both())
    assert seen in (
        ["deborah begins", "deborah runs", "dan begins", "dan runs"],
        ["dan begins", "dan runs", "deborah begins", "deborah runs"],
    )
    assert set_limits == [(team, LIMIT)] * 2


@pytest.fixture
def spawner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The spawner of a project's application, on a hub that no filter guards."""
    campus = Campus(tmp_path)
    campus.store.people.add("deborah", "Deborah", roles=["data-team"])
    campus.store.projects.add(NAME, "Letters desk", "triage", "deborah")
    monkeypatch.setattr("hub.hub_process.project_servers.os.chown", lambda *_words: None)
    monkeypatch.setattr("hub.hub_process.container_spawner.make_home", lambda home: home)
    monkeypatch.setattr(home_limits, "may_set_limits", lambda: True)
    monkeypatch.setattr(home_limits, "limit_home", lambda *_words: False)
    made = LabSpawner(
        settings=settings(campus.settings.state, data_team={"folder_quota": "64 MiB"}),
        directory=lambda: campus.store,
        names_key=b"k" * 32,
        bench_image="isomo-bench:1",
    )
    made.user = SimpleNamespace(name=APPLICATIONS, groups=[], url="/", escaped_name="a", id=1, base_url="/")
    made.orm_spawner = SimpleNamespace(name=NAME, server=None, state=None, user_options={})
    return made


def test_a_hub_without_the_filter_sets_a_projects_limit_itself(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limits: list[tuple[Path, int]] = []
    monkeypatch.setattr(
        home_limits, "limit_project", lambda _settings, *words: set_limits.append(words) or True
    )
    spawner.prepare()
    project = spawner.directory().projects.get(NAME)
    assert set_limits == [(application_server(project).folder(spawner.settings), LIMIT)]


def test_a_server_whose_projects_image_cannot_be_mounted_does_not_start(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would show an empty folder, and new cases would be hidden below the image."""

    def away(*_words: object) -> bool:
        raise home_limits.HomeAwayError("mount: no loop device")

    monkeypatch.setattr(home_limits, "limit_project", away)
    with pytest.raises(SpawnFailedError, match="could not start your server"):
        spawner.prepare()


# What doctor says.


def told(state: Path, what: str, **more: object) -> list[Any]:
    return [each for each in home_checks.home_checks(settings(state, **more)) if each.what == what]


def test_doctor_claims_no_limit_of_projects_where_there_is_none(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "homes").mkdir()
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "none")
    (found,) = told(tmp_path, "Limit of projects")
    assert (found.grade, found.text) == (
        "look",
        "no limit: one team can fill the disk, and its folder is only watched",
    )
    assert "home_images = true" in found.do
    assert told(tmp_path, "Limit of projects", prototypes=False) == []


def test_doctor_names_projects_that_are_larger_than_their_limit(tmp_path: Path, team: Path) -> None:
    (team / "large").write_bytes(bytes(200_000))
    (found,) = told(tmp_path, "Projects", data_team={"folder_quota": "100 kB"})
    assert found.text == "1 folder of a project is larger than 100 kB"
    assert found.do == "Ask their teams to tidy up: letters-desk/team"
    assert told(tmp_path, "Projects") == []


def test_doctor_names_images_that_are_not_mounted(tmp_path: Path, team: Path) -> None:
    image = home_images.image_of(settings(tmp_path), team)
    image.parent.mkdir(parents=True)
    image.touch()
    (found,) = told(tmp_path, "Images of homes")
    assert (found.grade, found.text) == (
        "bad",
        "not mounted, so that no server starts there: letters-desk/team",
    )


def test_doctor_tells_how_many_folders_of_projects_have_no_limit_yet(
    tmp_path: Path, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(tmp_path)
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "image")
    monkeypatch.setattr(home_limits, "may_set_limits", lambda: True)
    engine = SimpleNamespace(images=SimpleNamespace(get=lambda _name: None))
    monkeypatch.setattr(home_checks.docker_daemon, "connect_engine", lambda **_how: engine)
    monkeypatch.setattr(home_checks.local_images, "bench_image", lambda _settings: "isomo-bench:1")
    monkeypatch.setattr(home_checks, "try_limit", lambda *_words: "")
    found = home_checks.limit_check(chosen, home_checks.limited_projects(chosen))
    assert found.grade == "good"
    assert found.text == (
        "a project's folder takes 5 GB, kept by an image for each; one that was filled for a trial took no more\n"
        "1 folder gets it when a server of the project starts and no other one of it runs"
    )


def test_doctors_trial_of_a_project_leaves_nothing_and_runs_as_a_member_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, users = settings(tmp_path), []

    def filled(_client: object, _image: str, folder: Path, user: str) -> bytes:
        users.append(user)
        assert folder.stat().st_mode & 0o7777 == 0o2770
        return b'{"refused": true, "written": 1000}'

    monkeypatch.setattr(home_limits, "limit_project", lambda *_words: True)
    monkeypatch.setattr(home_checks, "_filled", filled)
    monkeypatch.setattr(home_checks.os, "chown", lambda *_words: None)
    monkeypatch.setattr(home_checks.local_images, "bench_image", lambda _settings: "isomo-bench:1")
    client: Any = None
    assert home_checks.try_limit(client, chosen, home_checks.limited_projects(chosen)) == ""
    assert users == ["200000:300000"]
    assert list((tmp_path / "projects").iterdir()) == []
