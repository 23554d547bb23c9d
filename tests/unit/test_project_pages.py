"""Data teams' projects on the campus: who sees, builds, opens and stops what."""

from __future__ import annotations

import functools
import json
import os
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hub.campus import project_folders
from hub.hub_process import case_deletion, server_keeper
from hub.hub_process.project_servers import application_server, project_server
from hub.project_places import application_folder, team_folder
from hub.shared_names import APPLICATIONS, formgrader_server, is_username
from labs.prototype_kit.application.case_store import CaseStore
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, TRAINER

NAME = "letters-desk"
SERVER = f"project-{NAME}"
PAGE = f"{ROOT}/projects/{NAME}"


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    made.settings.__dict__["prototypes"] = True
    people = made.store.people
    for name, role in (("deborah", "data-team"), ("dan", "data-team"), ("aline", "coordinator")):
        people.add(name, name.title(), roles=[role])
    for name in ("colin", "remy", "mallory"):
        people.add(name, name.title(), roles=["learner"])
    people.add("root.admin", "Root", roles=["administrator"])
    return made


def send(browser, path, **form):
    page = browser.get(f"{ROOT}/")
    page = browser.get(page.headers["location"]) if page.is_redirect else page
    return browser.post(path, data={"key": form_key(page.text), **form})


@pytest.fixture
def team(campus):
    """The browser of the person who made the project."""
    browser = campus.browser("deborah")
    answer = send(browser, f"{ROOT}/projects", name=NAME, title="Letters desk", template="triage")
    assert answer.headers["location"] == PAGE
    for name, part in (("aline", "approver"), ("remy", "reviewer"), ("colin", "user"), ("dan", "team")):
        assert send(browser, f"{PAGE}/people", username=name, part=part).status_code == 303
    return browser


def told(campus):
    return json.loads((application_folder(campus.settings.state, NAME) / "campus.json").read_text())


def share(campus, number=1):
    """Make the files of a version as the bench does in the team's folder."""
    folder = team_folder(campus.settings.state, NAME) / NAME / "service" / "versions" / str(number)
    folder.mkdir(parents=True)
    for name in project_folders.FILES:
        (folder / name).write_text(name)
    return folder


def test_a_member_of_a_data_team_makes_a_project_and_names_its_people(campus, team):
    page = team.get(PAGE).text
    assert all(name in page for name in ("Letters desk", "aline", "remy", "colin", "dan"))
    assert told(campus) == {
        "team": ["deborah", "dan"],
        "approver": "aline",
        "reviewers": ["remy"],
        "users": ["colin"],
        "off": "",
    }


def test_a_learner_makes_no_project_and_a_stranger_sees_none(campus, team):
    learner = campus.browser("mallory")
    assert send(learner, f"{ROOT}/projects", name="other", title="x", template="triage").status_code == 403
    answer = learner.get(PAGE)
    assert answer.status_code == 404
    assert "Ask its team to add you." in answer.text
    assert learner.get(f"{ROOT}/projects").status_code == 404
    assert "Letters desk" in campus.browser("colin").get(f"{ROOT}/projects").text


def test_without_the_setting_there_are_no_projects(campus, team):
    campus.settings.__dict__["prototypes"] = False
    assert team.get(PAGE).status_code == 404
    assert "/projects" not in team.get(f"{ROOT}/").text


def test_nobody_approves_what_they_have_built(campus, team):
    answer = send(team, f"{PAGE}/people", username="dan", part="approver")
    assert answer.status_code == 409
    assert "dan cannot be in the team and approve" in answer.text
    assert send(team, f"{PAGE}/people", username="aline", part="team").status_code == 409


@pytest.mark.parametrize("name", ["", "A b", "x" * 23, "../up", "9lives"])
def test_a_name_that_no_server_can_have_makes_no_project(campus, name):
    answer = send(campus.browser("deborah"), f"{ROOT}/projects", name=name, title="T", template="triage")
    assert answer.status_code == 422
    assert campus.store.projects.all() == []


def test_a_member_who_leaves_loses_the_folder_and_their_server_stops(campus, team):
    state = campus.settings
    assert project_server(campus.store, state, "dan", f"project-{NAME}") is not None
    assert send(team, f"{PAGE}/people/dan/team/remove").status_code == 303
    assert project_server(campus.store, state, "dan", f"project-{NAME}") is None
    assert campus.hub.stopped == [("dan", f"project-{NAME}")]
    assert "dan" not in told(campus)["team"]
    assert send(team, f"{PAGE}/people/deborah/team/remove").status_code == 409


def test_the_files_of_a_member_who_leaves_stay_with_the_team(campus, team):
    kept = team_folder(campus.settings.state, NAME) / "notes.md"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("by dan", "utf-8")
    send(team, f"{PAGE}/people/dan/team/remove")
    assert kept.read_text("utf-8") == "by dan"
    server = project_server(campus.store, campus.settings, "deborah", SERVER)
    assert server.folder(campus.settings) == kept.parent


def test_an_approver_who_leaves_loses_the_application_at_once_and_a_new_one_is_asked_for(campus, team):
    share(campus)
    assert "has no approver now" not in team.get(PAGE).text
    send(campus.browser("aline"), f"{PAGE}/people/aline/approver/remove")
    assert told(campus)["approver"] == ""
    assert campus.browser("aline").get(PAGE).status_code == 404
    assert "The application has no approver now" in team.get(PAGE).text
    send(team, f"{PAGE}/people", username="mallory", part="approver")
    assert told(campus)["approver"] == "mallory"
    assert "has no approver now" not in team.get(PAGE).text


def test_an_account_that_is_closed_takes_part_in_no_application_until_it_is_open_again(campus, team):
    share(campus)
    root = campus.browser("root.admin")
    for name in ("aline", "dan"):
        assert send(root, f"{ROOT}/people/{name}/disable").status_code == 303
    assert (told(campus)["approver"], told(campus)["team"]) == ("", ["deborah"])
    page = team.get(PAGE).text
    assert "The application has no approver now" in page
    assert page.count("account closed") == 2
    send(root, f"{ROOT}/people/aline/enable")
    assert told(campus)["approver"] == "aline"


def test_a_review_that_is_due_is_said_on_the_projects_page(campus, team):
    share(campus)
    told_back = application_folder(campus.settings.state, NAME) / "usage.json"
    told_back.write_text(json.dumps({"live": 1, "review_on": "2026-01-01", "expires_on": "2099-01-01"}))
    assert "The review was due on 2026-01-01." in team.get(PAGE).text
    told_back.write_text(json.dumps({"live": 1, "review_on": "2099-01-01", "expires_on": "2099-01-01"}))
    assert "The review was due" not in team.get(PAGE).text


def test_the_keeper_stops_servers_of_a_project_that_their_owners_may_not_have_any_more(
    campus, team, monkeypatch
):
    running = {"deborah": ["", SERVER], "dan": ["", SERVER], "remy": [SERVER], APPLICATIONS: [NAME, "gone"]}
    stopped = []

    def answer(request):
        if request.method == "DELETE":
            stopped.append(tuple(request.url.path.removeprefix("/hub/api/users/").split("/servers/")))
            return httpx.Response(204)
        items = [
            {"name": name, "servers": {each: {} for each in servers}} for name, servers in running.items()
        ]
        return httpx.Response(200, json={"items": items, "_pagination": {"next": None}})

    client = functools.partial(httpx.Client, transport=httpx.MockTransport(answer))
    monkeypatch.setattr(server_keeper.httpx, "Client", client)
    sweep = lambda: server_keeper.stop_closed(campus.settings, "http://hub/hub/api", "t")  # noqa: E731
    assert sweep() == 2
    assert stopped == [("remy", SERVER), (APPLICATIONS, "gone")]
    campus.store.projects.leave(NAME, "dan", "team")
    campus.store.projects.switch_off(NAME, "aline", "the forms changed")
    stopped.clear()
    assert sweep() == 4
    assert stopped == [("dan", SERVER), ("remy", SERVER), (APPLICATIONS, NAME), (APPLICATIONS, "gone")]


@pytest.fixture
def old_case(campus, team):
    """The folder of an application with one case of last year and one of today; it is off, and does not run."""
    campus.store.projects.switch_off(NAME, "aline", "the forms changed")
    server = application_server(campus.store.projects.get(NAME))
    folder = server.make_folder(campus.settings)
    store = CaseStore(folder)
    for _ in range(2):
        store.add_cases("colin", 1, "form", [({"note": "private"}, {"label": "yes", "person": ""})])
    store._write("UPDATE cases SET at = '2025-01-01T00:00:00+00:00' WHERE id = 1")
    store.close()
    if os.geteuid() == 0:
        for path in folder.iterdir():
            os.chown(path, server.user, server.group)
    return folder


def test_old_cases_are_deleted_although_their_application_does_not_run(campus, old_case):
    assert case_deletion.delete_old_cases(campus.settings) == 1
    assert case_deletion.delete_old_cases(campus.settings) == 0
    owners = {path.stat().st_uid for path in old_case.glob("cases.sqlite*")}
    assert owners == {old_case.stat().st_uid}
    store = CaseStore(old_case)
    assert [store.case(number)["input"] for number in (1, 2)] == [{}, {"note": "private"}]


def test_deleting_old_cases_follows_no_link_out_of_an_applications_folder(campus, old_case, tmp_path, caplog):
    secret = tmp_path / "secret"
    secret.mkdir()
    (old_case / "cases.sqlite").rename(secret / "cases.sqlite")
    (old_case / "cases.sqlite").symlink_to(secret / "cases.sqlite")
    before = (secret / "cases.sqlite").read_bytes()
    assert case_deletion.delete_old_cases(campus.settings) == 0
    assert (secret / "cases.sqlite").read_bytes() == before


def test_an_application_whose_cases_cannot_be_read_keeps_no_other_one_back(campus, old_case, caplog):
    campus.store.projects.add("aaa-first", "A first one", "triage", "deborah")
    broken = application_server(campus.store.projects.get("aaa-first")).make_folder(campus.settings)
    (broken / "cases.sqlite").write_text("no database at all, but long enough to be read as one" * 100)
    assert case_deletion.delete_old_cases(campus.settings) == 1
    assert "cases-not-deleted project=aaa-first" in caplog.text


def test_the_keeper_leaves_a_formgrader_to_a_trainer_of_its_course_only(campus):
    store, server = campus.store, formgrader_server(COURSE)
    assert server_keeper.why_closed(store, campus.settings, TRAINER, server) == ""
    assert server_keeper.why_closed(store, campus.settings, "colin", server) == "part-taken-away"
    assert server_keeper.why_closed(store, campus.settings, "colin", "") == ""


def test_members_have_users_of_their_own_and_the_projects_group(campus, team):
    found = [
        project_server(campus.store, campus.settings, name, f"project-{NAME}") for name in ("deborah", "dan")
    ]
    assert len({each.user for each in found}) == 2
    assert len({each.group for each in found}) == 1
    application = project_server(campus.store, campus.settings, APPLICATIONS, NAME)
    assert application.user not in {each.user for each in found}
    assert application.folder(campus.settings) != found[0].folder(campus.settings)


def test_only_the_team_has_a_server_in_the_folder(campus, team):
    for name in ("aline", "remy", "colin", "mallory", "root.admin"):
        assert project_server(campus.store, campus.settings, name, f"project-{NAME}") is None
    assert campus.browser("colin").get(f"{PAGE}/work").status_code == 403
    begin = team.get(f"{PAGE}/work").headers["location"]
    assert f"/hub/spawn/deborah/project-{NAME}" in begin
    assert parse_qs(urlsplit(begin).query)["next"] == [f"/user/deborah/project-{NAME}/lab/tree/{NAME}"]


def test_no_person_can_have_the_name_of_the_account_that_owns_applications():
    assert not is_username(APPLICATIONS)


def test_a_shared_version_is_taken_in_once_and_never_written_again(campus, team):
    folder = share(campus)
    page = team.get(PAGE).text
    assert "Version 1" in page
    assert "waits for the approver" in page
    (folder / "model.skops").write_text("another model")
    team.get(PAGE)
    kept = application_folder(campus.settings.state, NAME) / "versions" / "1" / "model.skops"
    assert kept.read_text() == "model.skops"


@pytest.mark.parametrize("trick", ["link", "pipe", "missing", "folder-link"])
def test_a_version_with_a_link_a_pipe_or_a_gap_is_refused_with_a_sentence(campus, team, tmp_path, trick):
    folder = share(campus)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "model.skops").write_text("a secret of the host")
    (folder / "model.skops").unlink()
    if trick == "link":
        (folder / "model.skops").symlink_to(secret / "model.skops")
    elif trick == "pipe":
        os.mkfifo(folder / "model.skops")
    elif trick == "folder-link":
        for name in project_folders.FILES:
            (secret / name).write_text("a secret of the host")
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.symlink_to(secret)
    page = team.get(PAGE)
    assert page.status_code == 200
    assert "Version 1 could not be taken in" in page.text
    assert project_folders.version_numbers(application_folder(campus.settings.state, NAME)) == []


@pytest.mark.parametrize("trick", ["link", "folder", "aside"])
def test_the_campus_writes_through_no_link_that_the_application_put_into_its_folder(
    campus, team, tmp_path, trick
):
    folder, secret = application_folder(campus.settings.state, NAME), tmp_path / "secret"
    secret.write_text("a file of the host")
    (folder / "campus.json").unlink()
    if trick == "link":
        (folder / "campus.json").symlink_to(secret)
    elif trick == "folder":
        (folder / "campus.json").mkdir()
        (folder / "campus.json" / "more").write_text("x")
    else:
        (folder / ".campus.json.new").symlink_to(secret)
    assert send(team, f"{PAGE}/people", username="mallory", part="user").status_code == 303
    assert secret.read_text() == "a file of the host"
    assert told(campus)["users"] == ["colin", "mallory"]
    assert (folder / "campus.json").stat().st_mode & 0o777 == 0o644


def test_a_version_goes_into_no_folder_that_the_application_linked_to(campus, team, tmp_path):
    share(campus)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (application_folder(campus.settings.state, NAME) / "versions").symlink_to(elsewhere)
    assert "Version 1 could not be taken in" in team.get(PAGE).text
    assert list(elsewhere.iterdir()) == []


def test_a_version_is_readable_for_the_application_whatever_the_umask(campus, team):
    share(campus)
    before = os.umask(0o077)
    try:
        team.get(PAGE)
    finally:
        os.umask(before)
    versions = application_folder(campus.settings.state, NAME) / "versions"
    modes = {path.stat().st_mode & 0o777 for path in versions.rglob("*.*")}
    assert modes == {0o644}
    assert {path.stat().st_mode & 0o777 for path in (versions, versions / "1")} == {0o755}


def test_two_people_who_open_a_project_at_once_take_a_version_in_once(campus, team, monkeypatch):
    share(campus)
    state, copy, inner = campus.settings.state, project_folders._copy, []

    def copy_and_come_second(file, out, size):
        if not inner:
            inner.append("running")
            inner[:] = project_folders.take_versions(state, NAME).numbers
        copy(file, out, size)

    monkeypatch.setattr(project_folders, "_copy", copy_and_come_second)
    assert project_folders.take_versions(state, NAME) == project_folders.Taken([], None)
    assert inner == [1]
    versions = application_folder(state, NAME) / "versions"
    assert [path.name for path in versions.iterdir()] == ["1"]
    assert all((versions / "1" / name).read_text() == name for name in project_folders.FILES)


def test_a_version_that_cannot_be_taken_in_keeps_no_other_one_back(campus, team):
    (share(campus, 1) / "model.skops").unlink()
    share(campus, 2)
    page = team.get(PAGE).text
    assert "Version 1 could not be taken in" in page
    assert taken_in(campus) == [2]
    campus.hub.servers[APPLICATIONS] = {NAME: {"ready": True}}
    campus.hub.token(APPLICATIONS)
    assert campus.browser("colin").get(f"{PAGE}/open").status_code == 303


def test_a_page_takes_in_a_few_versions_and_says_that_more_wait(campus, team):
    for number in range(1, 6):
        share(campus, number)
    assert "2 more versions wait. Open this page again" in team.get(PAGE).text
    assert taken_in(campus) == [1, 2, 3]
    assert "more versions wait" not in team.get(PAGE).text
    assert taken_in(campus) == [1, 2, 3, 4, 5]


def test_versions_larger_than_a_projects_share_are_refused_before_a_byte_is_copied(campus, team, monkeypatch):
    monkeypatch.setattr(project_folders, "LARGEST_PROJECT", 300_000)
    for number in (1, 2):
        with (share(campus, number) / "model.skops").open("wb") as file:
            file.truncate(200_000)  # A sparse file, which takes no room in the team's folder.
    assert "Version 2 was not taken in: all versions of a project together" in team.get(PAGE).text
    assert taken_in(campus) == [1]


def test_a_disk_that_is_almost_full_takes_no_version_in(campus, team, monkeypatch):
    monkeypatch.setattr(project_folders, "LEFT_FREE", 1 << 62)
    share(campus)
    assert "the disk of this installation is almost full" in team.get(PAGE).text
    assert taken_in(campus) == []


def test_a_file_that_grows_while_it_is_copied_is_refused(campus, team, monkeypatch):
    folder, copy = share(campus), project_folders._copy

    def grow(file, out, size):
        with (folder / "version.json").open("a") as more:
            more.write("more")
        copy(file, out, size)

    monkeypatch.setattr(project_folders, "_copy", grow)
    assert "it grew while it was copied" in team.get(PAGE).text
    assert list((application_folder(campus.settings.state, NAME) / "versions").iterdir()) == []


def taken_in(campus):
    return project_folders.version_numbers(application_folder(campus.settings.state, NAME))


def test_what_a_killed_campus_left_is_removed(campus, team):
    share(campus)
    versions = application_folder(campus.settings.state, NAME) / "versions"
    for name in (".1.old.new", ".1.young.new"):
        (versions / name).mkdir(parents=True)
    os.utime(versions / ".1.old.new", (0, 0))
    team.get(PAGE)
    assert {path.name for path in versions.iterdir()} == {"1", ".1.young.new"}


def test_approver_and_administrator_switch_the_application_off_and_others_do_not(campus, team):
    assert send(team, f"{PAGE}/switch", what="off", why="no").status_code == 403
    approver = campus.browser("aline")
    assert send(approver, f"{PAGE}/switch", what="off", why=" ").status_code == 422
    for browser in (approver, campus.browser("root.admin")):
        assert send(browser, f"{PAGE}/switch", what="off", why="the forms changed").status_code == 303
        assert told(campus)["off"] == "the forms changed"
        assert project_server(campus.store, campus.settings, APPLICATIONS, NAME) is None
        assert campus.hub.stopped[-1] == (APPLICATIONS, NAME)
        answer = campus.browser("colin").get(f"{PAGE}/open")
        assert answer.status_code == 503
        assert "the forms changed" in answer.text
        assert send(browser, f"{PAGE}/switch", what="on").status_code == 303
        assert told(campus)["off"] == ""


def test_the_page_shows_what_the_application_told_and_survives_what_it_could_not(campus, team):
    folder = application_folder(campus.settings.state, NAME)
    figures = {"live": 1, "cases": 120, "to_person": 9, "waiting": 4, "month": "2026-11", "drift": ["days"]}
    (folder / "usage.json").write_text(json.dumps(figures))
    page = team.get(PAGE).text
    assert "<td>120</td>" in page
    assert "not like those it learned from: days" in page
    for broken in (
        "{",
        "[]",
        '{"cases": "<b>", "drift": 3, "live": {}, "reviewed": 1, "review_minutes": "x"}',
    ):
        (folder / "usage.json").write_text(broken)
        assert team.get(PAGE).status_code == 200


def test_an_application_without_a_version_says_who_makes_one(campus, team):
    answer = campus.browser("colin").get(f"{PAGE}/open")
    assert answer.status_code == 409
    assert "The team makes one" in answer.text
    assert campus.browser("root.admin").get(f"{PAGE}/open").status_code == 403


def test_the_pages_are_in_french(campus, team):
    campus.store.people.set_language("deborah", "fr")
    page = team.get(PAGE).text
    assert "Ouvrir le dossier du projet" in page
    assert "Personnes qui décident" in page
