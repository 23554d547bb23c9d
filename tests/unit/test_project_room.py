"""Room of data teams' folders as the campus sees it: how full they are, what fits, and what it does if nothing does."""

from __future__ import annotations

import html
import os
import types

import pytest

from hub import home_images
from hub.campus import project_folders
from hub.campus.project_folders import tell_application
from hub.isomo_settings import parse_settings
from hub.project_places import application_folder, team_folder
from hub.shared_names import APPLICATIONS
from tests.support.pretended_campus import Campus
from tests.unit.test_project_pages import NAME, PAGE, send, share, taken_in, told


@pytest.fixture
def campus(tmp_path):
    """A campus with a project: deborah builds, aline approves, colin uses."""
    made = Campus(tmp_path)
    made.settings.__dict__["prototypes"] = True
    for name, role in (("deborah", "data-team"), ("aline", "coordinator"), ("colin", "learner")):
        made.store.people.add(name, name.title(), roles=[role])
    projects = made.store.projects
    projects.add(NAME, "Letters desk", "triage", "deborah")
    projects.join(NAME, "aline", "approver", "deborah")
    tell_application(made.settings.state, projects.get(NAME), projects.present(NAME))
    return made


@pytest.fixture
def team(campus):
    """The browser of the person who made the project."""
    return campus.browser("deborah")


@pytest.fixture
def small_folder(monkeypatch):
    """The application's folder has 1 GB, of which 150 MB are left."""
    room = types.SimpleNamespace(f_bavail=150, f_bfree=150, f_blocks=1000, f_frsize=10**6)
    monkeypatch.setattr(project_folders.os, "fstatvfs", lambda _folder: room)
    monkeypatch.setattr(project_folders, "LEFT_FREE", 10**8)


def test_versions_leave_a_tenth_of_the_applications_folder_to_its_cases(campus, team, small_folder):
    for number, size in ((1, 40_000_000), (2, 60_000_000)):
        with (share(campus, number) / "model.skops").open("wb") as file:
            file.truncate(size)
    assert "Version 2 was not taken in: the application's folder is almost full" in html.unescape(
        team.get(PAGE).text
    )
    assert taken_in(campus) == [1]


def test_the_team_sees_how_full_the_projects_folders_are_and_what_to_do(campus, team, monkeypatch):
    assert "of 5.0 GB" not in team.get(PAGE).text, "nothing is told where there is no limit"
    rooms = {"team": 4_700_000_000, "application": 300_000_000}
    monkeypatch.setattr(
        project_folders,
        "folder_room",
        lambda _settings, folder: project_folders.Room(rooms[folder.name], 5 * 10**9),
    )
    page = html.unescape(team.get(PAGE).text)
    assert "The team's folder: 4.7 of 5.0 GB" in page
    assert "The application's folder: 0.3 of 5.0 GB" in page
    assert "The team's folder is almost full. Delete files that the team does not need." in page
    assert "The application's folder is almost full." not in page
    assert "of 5.0 GB" not in campus.browser("aline").get(PAGE).text


def test_a_folder_with_a_limit_says_how_full_it_is(tmp_path, monkeypatch):
    chosen = parse_settings({"state": str(tmp_path)})
    folder = team_folder(tmp_path, NAME)
    folder.mkdir(parents=True)
    assert project_folders.folder_room(chosen, folder) is None
    monkeypatch.setattr(project_folders.home_limits, "is_limited", lambda *_words: True)
    found = os.statvfs(folder)
    room = project_folders.folder_room(chosen, folder)
    assert room.most == found.f_blocks * found.f_frsize
    assert 0 < room.used < room.most


@pytest.fixture
def image_away(campus):
    """The image of the application's folder is not mounted."""
    image = home_images.image_of(campus.settings, application_folder(campus.settings.state, NAME))
    image.parent.mkdir(parents=True)
    image.touch()
    return image


def test_nothing_is_written_below_an_image_that_is_not_mounted(campus, team, image_away):
    """It would be hidden as soon as the image is there again."""
    before = told(campus)
    share(campus)
    assert send(team, f"{PAGE}/people", username="colin", part="user").status_code == 303
    assert told(campus) == before
    assert "The project&#39;s files cannot be reached now." in team.get(PAGE).text
    assert taken_in(campus) == []
    image_away.unlink()
    team.get(PAGE)
    assert taken_in(campus) == [1]


def test_an_application_whose_folder_takes_no_more_is_stopped_by_the_off_switch(campus, team, monkeypatch):
    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project_folders, "write_file", full)
    answer = send(campus.browser("aline"), f"{PAGE}/switch", what="off", why="the forms changed")
    assert answer.status_code == 507
    assert "folder is full, so the application was not told. What you changed is kept" in answer.text
    assert campus.hub.stopped == [(APPLICATIONS, NAME)]
    assert campus.store.projects.get(NAME).off_at is not None
