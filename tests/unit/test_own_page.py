"""A team's own page: frozen, approved, kept apart from the cases, counted, and off with the application."""

from __future__ import annotations

import datetime as dt
import json
import os
import zipfile

import pytest
from starlette.websockets import WebSocketDisconnect

from labs.prototype_kit.application import own_page
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.project_settings import read_settings
from labs.prototype_kit.own_page_files import pack_own_page
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.small_prototype import OUR_PAGE, application, approve, as_person, shared_copy

PAGE = """
import json, os, socket
from pathlib import Path
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute

async def home(request):
    told = JSONResponse({"user": request.headers.get("x-forwarded-user"), "cookies": request.cookies,
                         "query": str(request.query_params), "body": (await request.body()).decode()})
    told.set_cookie("own", "1")
    told.set_cookie("prototype-language", "fr")
    return told

def attempt(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__

def peek(request):
    state = Path(os.environ["PROTOTYPE_VERSION"]).parents[1]
    return JSONResponse({
        "cases": attempt(lambda: (state / "cases.sqlite").read_bytes()[:6].decode()),
        "event": attempt(lambda: (state / "campus.json").write_text("{}")),
        "token": attempt(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes().decode()[:6]),
        "call": attempt(lambda: bool(socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 2))),
        "kill": attempt(lambda: os.kill(os.getppid(), 0)),
        "own": attempt(lambda: bool(Path(__file__).read_text())),
        "model": attempt(lambda: (state / "versions" / "2" / "model.json").is_file()),
        "note": attempt(lambda: Path(os.environ["TMPDIR"], "note").write_text("kept")),
    })

async def echo(socket):
    await socket.accept()
    await socket.send_text(socket.headers["x-forwarded-user"])
    while True:
        await socket.send_text("again " + await socket.receive_text())

app = Starlette(routes=[Route("/", home, methods=["GET", "POST"]), Route("/peek", peek), WebSocketRoute("/ws", echo)])
"""
COMMAND = "python -m uvicorn page:app --port {port} --log-level warning"


def _with_page(folder, command=COMMAND):
    (folder / "app").mkdir()
    (folder / "app" / "page.py").write_text(PAGE, "utf-8")
    path = folder / "prototype.toml"
    path.write_text(path.read_text("utf-8") + f'\n[app]\ncommand = "{command}"\n', "utf-8")
    return folder


@pytest.fixture(scope="module")
def served(trained_prototype, tmp_path_factory):
    """One application whose second version has a page of its team; most tests share it."""
    folder = _with_page(shared_copy(trained_prototype, tmp_path_factory.mktemp("own")))
    assert make_version(folder) == 2
    approve(folder, 2)
    with application(folder) as client:
        yield client


def test_a_page_tells_what_its_own_code_is_not_counted_in_and_leads_there(served):
    page = served.get("/own").text
    assert "nobody reviews it" in page
    assert 'href="/app/"' in page
    assert "La page propre à l’équipe" in served.get("/own?language=fr").text


def test_the_approver_sees_which_files_run_as_code(served):
    page = served.get("/versions", headers=as_person("aline")).text
    assert "page.py" in page
    assert "uvicorn page:app" in page


def test_a_request_is_handed_on_with_its_person_and_without_our_cookies(served):
    served.cookies.clear()
    headers = {
        "Cookie": "own=1; prototype-abc=secret; jupyterhub-session-id=x; _xsrf=y",
        "X-Forwarded-User": "aline",
    }
    answer = served.get("/app/?a=1", headers=headers)
    assert answer.json() == {"user": "colin", "cookies": {"own": "1"}, "query": "a=1", "body": ""}
    assert [each.split("=")[0] for each in answer.headers.get_list("set-cookie")] == ["own"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    served.cookies.clear()


def test_a_form_of_the_page_arrives_and_one_of_another_site_does_not(served):
    assert served.post("/app/", content=b"text=1", headers=OUR_PAGE).json()["body"] == "text=1"
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert served.post("/app/", content=b"text=1", headers=elsewhere).status_code == 403


def test_the_page_reads_neither_cases_nor_our_token_and_calls_and_signals_nobody(served):
    found = served.get("/app/peek").json()
    assert [found[name] for name in ("cases", "event", "token")] == ["PermissionError"] * 3
    assert [found[name] for name in ("own", "model", "note")] == [True, True, 4]
    from labs.prototype_kit.application.confined_command import NETWORK_ABI, SCOPE_ABI, kernel_version

    if kernel_version() >= NETWORK_ABI:
        assert found["call"] == "PermissionError"
    if kernel_version() >= SCOPE_ABI:
        assert found["kill"] == "PermissionError"


def test_a_websocket_is_handed_on_both_ways(served):
    with served.websocket_connect("/app/ws", headers={"X-Remote-User": "colin"}) as socket:
        assert socket.receive_text() == "colin"
        socket.send_text("one")
        assert socket.receive_text() == "again one"


def test_a_websocket_of_another_site_is_refused(served):
    headers = {"X-Remote-User": "colin", "Origin": "https://elsewhere.example"}
    with pytest.raises(WebSocketDisconnect), served.websocket_connect("/app/ws", headers=headers):
        pass


@pytest.mark.parametrize(("who", "status"), [("mallory", 403), ("", 401)])
def test_who_is_not_invited_does_not_reach_it(served, who, status):
    assert served.get("/app/", headers={"X-Remote-User": who}).status_code == status


def test_a_visit_is_counted_and_a_part_of_the_page_is_not(served):
    store, month = served.app.state.service.store, dt.datetime.now(dt.UTC).strftime("%Y-%m")
    before = store.month(month)["visits"]
    served.get("/app/")
    served.get("/app/peek")
    assert store.month(month)["visits"] == before + 1
    assert "visits of the team" in served.get("/month").text


def test_the_off_switch_ends_the_page_and_its_open_connections(trained_prototype, tmp_path, monkeypatch):
    monkeypatch.setattr("labs.prototype_kit.application.own_page_routes.LOOK_EVERY", 0.1)
    folder = _with_page(shared_copy(trained_prototype, tmp_path))
    make_version(folder)
    with application(folder) as client:
        assert client.get("/app/").status_code == 404, "version 1 has no such page"
        assert "team's own page" not in client.get("/").text
        form = {"what": "approved", "version": "2", "why": "read the code"}
        client.post("/versions", data=form, headers=as_person("aline"))
        with client.websocket_connect("/app/ws", headers={"X-Remote-User": "colin"}) as socket:
            assert socket.receive_text() == "colin"
            off = {"what": "switched off", "why": "it is wrong"}
            client.post("/versions", data=off, headers=as_person("aline"))
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()
        assert client.get("/app/").status_code == 503
        service = client.app.state.service
        service._end_quiet()
        assert [page._child for page in service._own_pages.values()] == [None]


def test_files_that_were_changed_after_the_approval_are_not_run(trained_prototype, tmp_path):
    folder = _with_page(shared_copy(trained_prototype, tmp_path))
    make_version(folder)
    approve(folder, 2)
    packed = service_folder(folder) / "versions" / "2" / own_page.FILE
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("app/more.py", "")
    with application(folder) as client:
        assert "not those that were approved" in client.get("/app/").text


def test_a_page_that_does_not_start_says_what_to_do(trained_prototype, tmp_path):
    folder = _with_page(shared_copy(trained_prototype, tmp_path), "python nothing-here.py {port}")
    make_version(folder)
    approve(folder, 2)
    with application(folder) as client:
        assert "did not start. Use the page “One case”" in client.get("/app/").text


def test_without_a_kernel_that_keeps_it_apart_no_code_of_a_team_runs(served, monkeypatch):
    monkeypatch.setattr(own_page, "kernel_version", lambda: 0)
    service = served.app.state.service
    with pytest.raises(PrototypeError, match="no Landlock"):
        own_page.OwnPage(service.live(), service.state).port()


def test_the_same_files_make_the_same_archive_and_links_stay_out(trained_prototype, tmp_path):
    folder = _with_page(shared_copy(trained_prototype, tmp_path))
    settings = read_settings(folder)
    first = pack_own_page(folder, settings)
    (folder / "app" / "secret").symlink_to("/etc/passwd")
    os.utime(folder / "app" / "page.py", (1, 1))
    assert pack_own_page(folder, settings) == first
    assert first.about["app_files"] == ["page.py"]


def test_packages_that_cannot_be_fetched_tell_how_to_bring_them(trained_prototype, tmp_path):
    folder = _with_page(shared_copy(trained_prototype, tmp_path))
    (folder / "wheels").mkdir()
    (folder / "app" / "requirements.txt").write_text("streamlit\n", "utf-8")
    with pytest.raises(
        PrototypeError, match=r"pip download --only-binary=:all: -r app/requirements.txt -d wheels"
    ):
        make_version(folder)
    assert json.loads((service_folder(folder) / "versions" / "1" / "version.json").read_text("utf-8"))
    assert not (service_folder(folder) / "versions" / "2").exists()


def test_a_command_without_a_port_and_an_empty_folder_are_said(trained_prototype, tmp_path):
    folder = _with_page(shared_copy(trained_prototype, tmp_path), "python page.py")
    with pytest.raises(PrototypeError, match="names no"):
        read_settings(folder)
    path = folder / "prototype.toml"
    path.write_text(path.read_text("utf-8").replace("page.py", "page.py {port}"), "utf-8")
    (folder / "app" / "page.py").unlink()
    with pytest.raises(PrototypeError, match="the folder app has no files"):
        make_version(folder)
