"""Before a prototype is shared: who answers for it, who may do what, and what an archive holds."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.frozen_versions import read_version
from labs.prototype_kit.application.hub_identity import HubIdentity, HubSettings
from labs.prototype_kit.application.person_identity import LocalIdentity, Person, rights_of
from labs.prototype_kit.application.project_settings import read_settings
from labs.prototype_kit.project_archive import archive_files, write_package
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.small_prototype import (
    CASE,
    HEADER,
    answer_all,
    application,
    as_person,
    name_people,
    shared_copy,
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"approver": ""}, "Name the approver"),
        ({"approver": "deborah"}, "deborah is in the team and cannot approve it"),
        ({"reviewers": []}, "Name at least one reviewer"),
    ],
)
def test_it_is_not_shared_while_nobody_answers_for_it(trained_prototype, tmp_path, change, sentence):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    name_people(folder, **change)
    with pytest.raises(PrototypeError, match=sentence):
        make_version(folder)


def test_it_is_not_shared_while_a_required_answer_is_missing(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    answer_all(folder, "high")
    path = folder / "impact.toml"
    path.write_text(re.sub(r"(?m)^lawyer = .*$", 'lawyer = "-"', path.read_text("utf-8")), "utf-8")
    with pytest.raises(PrototypeError, match="What did the lawyer and the data protection officer say"):
        make_version(folder)
    assert not service_folder(folder).exists()


def test_two_people_who_share_at_once_make_no_mixture(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    make_version(folder)
    taken = service_folder(folder) / "versions" / "2"
    shutil.copytree(service_folder(folder) / "versions" / "1", taken)
    assert make_version(folder) == 3
    assert read_version(service_folder(folder), 2).about == read_version(service_folder(folder), 1).about


def test_who_leaves_the_team_may_no_longer_see_its_pages(own_prototype):
    folder, client = own_prototype
    assert client.get("/api/reviews", headers={HEADER: "deborah"}).status_code == 200
    name_people(folder, team=["diane"])
    make_version(folder)
    client.post(
        "/versions", data={"what": "approved", "version": "2", "why": "new team"}, headers=as_person("aline")
    )
    assert client.get("/api/reviews", headers={HEADER: "deborah"}).status_code == 403


def test_a_group_of_the_hub_opens_the_application_and_builds_no_reviewers(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    make_version(folder, ("district-office",))
    settings = read_version(service_folder(folder), 1).settings
    rights = rights_of(Person("gloria", frozenset({"district-office"})), settings)
    assert (rights.use, rights.review, rights.approve, rights.switch) == (True, False, False, False)
    assert not rights_of(Person("gloria"), settings).use


def test_an_administrator_switches_off_and_approves_nothing(trained_prototype):
    rights = rights_of(Person("admin", admin=True), read_settings(trained_prototype))
    assert (rights.switch, rights.approve) == (True, False)


def test_a_program_for_one_person_listens_on_this_machine_only(tmp_path, monkeypatch):
    from labs.prototype_kit.application.__main__ import serve_application

    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    with pytest.raises(PrototypeError, match="Other machines may connect only where people are signed in"):
        serve_application(tmp_path, host="0.0.0.0")
    assert LocalIdentity("colin").person(None).name == "colin"


def test_a_token_made_for_another_service_opens_nothing():
    told = {
        "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTERHUB_API_URL": "http://hub/api",
        "JUPYTERHUB_SERVICE_NAME": "desk",
    }
    settings = HubSettings.read(told)
    assert settings
    hub = HubIdentity(settings)
    answers = {
        "mine": {
            "kind": "user",
            "name": "colin",
            "groups": ["a"],
            "scopes": ["access:services!service=desk"],
        },
        "other": {
            "kind": "user",
            "name": "colin",
            "groups": ["a"],
            "scopes": ["access:services!service=other"],
        },
    }
    hub._ask = lambda _path, _form, token: answers.get(token)  # type: ignore[method-assign]
    assert hub._person_of("mine") == Person("colin", frozenset({"a"}))
    assert hub._person_of("other") is None
    assert hub._person_of("unknown") is None


def test_the_programs_way_in_takes_a_token_and_never_a_browsers_session():
    settings = HubSettings.read({"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_API_URL": "http://hub/api"})
    assert settings
    hub = HubIdentity(settings)
    scopes = sorted(settings.access)
    hub._ask = lambda *_asked: {"kind": "user", "name": "colin", "scopes": scopes}  # type: ignore[method-assign]
    hub._sessions["session"] = (math.inf, "of the browser")

    def asked(**headers: str) -> Request:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return Request({"type": "http", "headers": raw})

    browser = asked(cookie=f"{hub.cookie}=session")
    program = asked(cookie=f"{hub.cookie}=session", authorization="token mine")
    assert (hub.person(browser), hub.program(browser)) == (Person("colin"), None)
    assert hub.program(program) == Person("colin")
    assert (hub.session(browser), hub.session(program)) == ("session", None)


@pytest.mark.parametrize("state", ["é", "\u2028", ""])
def test_a_sign_in_that_nobody_began_is_refused_whatever_it_brings(state):
    settings = HubSettings.read({"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_API_URL": "http://hub/api"})
    assert settings
    query = urlencode({"state": state, "code": "c"}).encode()
    assert (
        HubIdentity(settings).finish(Request({"type": "http", "headers": [], "query_string": query})) is None
    )


def test_a_server_that_the_hub_started_takes_tokens_made_for_it_and_knows_administrators():
    told = {
        "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTERHUB_API_URL": "http://hub/api",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-_applications-desk",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=_applications/desk"]',
        "JUPYTERHUB_PUBLIC_HUB_URL": "https://labs.example/hub/",
        "ISOMO_ADMINISTRATORS": "administrator",
    }
    settings = HubSettings.read(told)
    assert settings
    assert settings.authorize == "https://labs.example/hub/api/oauth2/authorize"
    hub = HubIdentity(settings)

    def answer(_path, _form, token):
        server, group = token.split("/")
        scopes = [f"access:servers!server=_applications/{server}"]
        return {"kind": "user", "name": "ana", "groups": [group], "scopes": scopes}

    hub._ask = answer  # type: ignore[method-assign]
    assert hub._person_of("desk/administrator") == Person("ana", frozenset({"administrator"}), True)
    assert hub._person_of("desk/learner") == Person("ana", frozenset({"learner"}))
    assert hub._person_of("other/administrator") is None


def test_the_people_of_the_campus_count_before_those_of_the_project_and_so_does_its_switch(
    trained_prototype, tmp_path
):
    folder = shared_copy(trained_prototype, tmp_path)
    told = {"team": ["dan"], "approver": "aline", "reviewers": [], "users": ["bosco"], "off": ""}
    path = service_folder(folder) / "campus.json"
    path.write_text(json.dumps(told), "utf-8")
    with application(folder) as client:
        assert client.get("/", headers=as_person("colin")).status_code == 403
        assert client.get("/", headers=as_person("bosco")).status_code == 200
        path.write_text(json.dumps(told | {"off": "the forms changed"}), "utf-8")
        answer = client.post("/", data=CASE, headers=as_person("bosco"))
        assert answer.status_code == 503
        assert "Decide the case as you did before it existed." in answer.text
        client.app.state.service.tell_campus()
    usage = json.loads((service_folder(folder) / "usage.json").read_text("utf-8"))
    assert (usage["live"], usage["versions"]) == (1, [1])


def test_an_archive_holds_no_data_and_all_that_the_application_imports(own_prototype):
    folder, _client = own_prototype
    path = write_package(folder)
    assert path.name == "desk-1.tar.gz"
    files = archive_files(read_version(service_folder(folder), 1), None)
    assert not [name for name in files if "data.csv" in name or "cases.sqlite" in name]
    ours = {
        f"labs/prototype_kit/{p.relative_to(Path(__file__).parents[2] / 'labs/prototype_kit')}"
        for p in (Path(__file__).parents[2] / "labs/prototype_kit/application").rglob("*.py")
    }
    assert ours <= set(files)
    assert {
        "Dockerfile",
        "README.md",
        "requirements.txt",
        "openapi.json",
        "card.en.md",
        "card.fr.md",
        "examples/request.json",
    } <= set(files)
    assert "--hash=sha256:" in files["requirements.txt"].decode()


def test_an_unapproved_version_is_not_packaged(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    make_version(folder)
    with pytest.raises(PrototypeError, match="Only an approved version is packaged"):
        write_package(folder)


def test_the_application_imports_nothing_of_the_bench_the_hub_or_pandas():
    """Law of the folder: what runs beside learners' and colleagues' data holds no hub code and no notebook."""
    import ast

    folder = Path(__file__).parents[2] / "labs/prototype_kit/application"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith(("hub", "graders", "pandas", "pandera", "matplotlib")), path
                assert not name.startswith("labs") or name.startswith("labs.prototype_kit.application"), path
