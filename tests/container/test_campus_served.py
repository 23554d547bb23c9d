"""The campus beside a real hub, behind both real proxies: signing in for real, tokens of real servers, live views."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta

import httpx
import pytest

from hub import sign_in_links
from hub.campus.request_context import COOKIE
from hub.isomo_settings import CHECKOUT
from hub.shared_names import SIGN_OUT_DONE
from hub.store import GradedRecord
from tests.support.hub_run import Hub, follow, open_server
from tests.support.pretended_campus import API, ROOT, form_key, work, zipped
from tests.support.small_stores import COURSE, LAB, RIGHT, TRAINER, fill

AMINA = "amina.k"
HERE = f"{API}/courses/{COURSE}/labs/{LAB}"
GRADED = GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"<p>well done</p>", engine="test")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(
        tmp_path_factory.mktemp("hub"),
        more="c.Accounts.auth_refresh_age = 1",
        settings_more={"grading": {"submission_size": "1 MB"}},
    )
    fill(made.town.store)
    try:
        made.start()
        made.start_campus()
        made.wait_for(f"{made.settings.campus_url}/api/openapi.json")
        yield made
    finally:
        made.stop_all()


def signed_in(hub, name):
    """A browser that came through a one-time link, as on a first day, and looks at the campus."""
    browser = hub.browser()
    token = sign_in_links.create_link_token(hub.town.store, name, "sign-in", timedelta(minutes=5))
    page = browser.get(sign_in_links.link_address(hub.settings, token))
    xsrf = page.text.split('name="_xsrf" value="')[1].split('"')[0]
    browser.post(f"/hub/welcome/{token}", data={"_xsrf": xsrf})
    browser.headers["Origin"] = hub.settings.address
    browser.trail = follow(browser, f"{ROOT}/")
    return browser


@pytest.fixture(scope="module")
def amina(hub):
    return signed_in(hub, AMINA)


@pytest.fixture(scope="module")
def claudine(hub):
    return signed_in(hub, TRAINER)


@pytest.fixture(scope="module")
def server(hub, amina):
    """What a program in Amina's own server sends with."""
    open_server(amina, AMINA)
    token = next(
        env["JUPYTERHUB_API_TOKEN"] for env in hub.servers().values() if env["JUPYTERHUB_USER"] == AMINA
    )
    inner = hub.settings.campus_url.removesuffix(ROOT)
    with httpx.Client(base_url=inner, headers={"Authorization": f"token {token}"}, timeout=30) as client:
        yield client


def test_signing_in_goes_through_the_hub_with_a_proof_and_ends_at_ones_labs(hub, amina):
    trail = [str(answer.url) for answer in amina.trail]
    assert any("/hub/api/oauth2/authorize" in url and "code_challenge=" in url for url in trail)
    assert trail[-1] == f"{hub.settings.address}{ROOT}/"
    assert "Sums" in amina.trail[-1].text
    assert amina.cookies.get(COOKIE, path=ROOT)


def test_a_campus_without_a_database_says_what_to_do_and_ends(tmp_path):
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "ISOMO_STATE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "hub.campus"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "The database is not at this version of Isomo yet.",
        "Run ./isomo up, which brings it up to date.",
    ]


def test_the_front_door_leads_to_the_campus(hub, amina):
    answers = follow(amina, hub.settings.address)
    assert str(answers[-1].url) == f"{hub.settings.address}{ROOT}/"


def test_a_servers_own_token_hands_in_work_and_opens_nothing_of_others(hub, amina, server):
    assert server.get(f"{API}/me").json()["name"] == AMINA
    answer = server.post(f"{HERE}/attempts", content=work())
    assert answer.status_code == 201
    assert answer.json()["learner"] == AMINA
    assert server.post(f"{HERE}/attempts", content=work()).json() == answer.json()
    assert server.get(f"{HERE}/attempts", params={"learner": "bosco.n"}).status_code == 404
    assert server.get(f"{ROOT}/people").status_code == 404


def test_the_open_button_leads_to_the_server_that_runs(hub, amina, server):
    answer = amina.get(f"{ROOT}/open/{COURSE}/{LAB}")
    assert (
        answer.headers["location"] == f"{hub.settings.learner_address}/user/{AMINA}/isomo/open/{COURSE}/{LAB}"
    )


def test_a_click_needs_no_sign_in_after_the_list_of_labs_has_signed_in_until_somebody_signs_out(hub, server):
    browser = signed_in(hub, AMINA)
    del browser.headers["Origin"]
    framed = follow(browser, re.search(r'<iframe hidden sandbox src="([^"]+)"', browser.trail[-1].text)[1])
    assert [answer.status_code for answer in framed] == [302, 302, 302, 302, 204]
    assert framed[-1].content == b""
    click = follow(browser, f"{ROOT}/open/{COURSE}/{LAB}")
    assert not [answer.url for answer in click if "oauth" in str(answer.url)]
    browser.get(f"/hub/logout?{SIGN_OUT_DONE}=1")
    signed_out = follow(browser, click[1].url)
    assert str(signed_out[-1].url).startswith(f"{hub.settings.address}/hub/login"), "its cookie opens nothing"


def test_a_page_of_another_site_has_nobody_sign_in(hub, server):
    stranger = hub.browser()
    stranger.headers["Sec-Fetch-Site"] = "cross-site"
    answer = stranger.get(f"{hub.settings.learner_address}/user/{AMINA}/isomo/sign-in")
    assert (answer.status_code, answer.headers.get("set-cookie")) == (204, None)


def test_too_large_a_body_gets_its_sentence_also_in_pieces_and_through_the_proxy(hub, amina, server):
    pieces = (b"x" * 1_000_000 for _ in range(25))
    answers = [
        server.post(f"{HERE}/attempts", content=pieces),
        amina.post(f"{HERE}/attempts", content=b"x" * 12_000_000),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]) == (413, "too-large")


def test_a_browsers_address_in_the_audit_log_is_the_proxys_word_not_the_browsers(hub, amina):
    amina.get(f"{ROOT}/receipts/R-none", headers={"X-Forwarded-For": "1.2.3.4"})
    # The campus counts in memory and writes every few seconds.
    deadline = time.monotonic() + 20
    while not (
        found := [each for each in hub.town.store.refusals.newest() if each.about == "attempt R-none"]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found[0].address == "127.0.0.1"


def events(lines):
    """Data of a stream of server-sent events."""
    return (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_progress_is_told_live_through_the_proxy(hub, claudine, server):
    server.post(f"{HERE}/attempts", content=zipped({f"{LAB}.ipynb": RIGHT, "note.txt": b"live"}))
    store = hub.town.store
    while job := store.claim_ungraded("test", 60):
        last = job
        if job.submitted.get("note.txt") == b"live":
            break
        store.record_grading(job, GRADED)
    with claudine.stream("GET", f"{HERE}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = events(stream.iter_lines())
        before = next(told)
        store.record_grading(last, GRADED)
        assert next(told)["graded"] == before["graded"] + 1


def test_feedback_reaches_the_learner_after_the_trainer_returned_it(hub, amina, claudine, server):
    receipt = server.get(f"{HERE}/attempts").json()[0]["receipt"]
    assert amina.get(f"{API}/attempts/{receipt}/feedback").status_code == 404
    page = claudine.get(f"{ROOT}/courses/{COURSE}/labs/{LAB}")
    answer = claudine.post(f"{ROOT}/courses/{COURSE}/labs/{LAB}/return", data={"key": form_key(page.text)})
    assert answer.status_code == 303
    assert amina.get(f"{API}/attempts/{receipt}/feedback").text == "<p>well done</p>"


def test_a_restart_of_the_campus_signs_nobody_out_and_waits_for_no_live_view(hub, claudine):
    with contextlib.suppress(httpx.HTTPError), claudine.stream("GET", f"{HERE}/events") as stream:
        next(events(stream.iter_lines()))
        began = time.monotonic()
        hub.stop("campus", signal.SIGTERM)  # Gives up after 30 s.
        assert time.monotonic() - began < 30
    away = claudine.get(f"{ROOT}/")
    assert away.status_code in (502, 503, 504)
    hub.start_campus()
    hub.wait_for(f"{hub.settings.campus_url}/api/openapi.json")
    assert claudine.get(f"{ROOT}/").status_code == 200


def test_signing_out_ends_the_session_at_the_hub_too(hub):
    bosco = signed_in(hub, "bosco.n")
    answer = bosco.post(f"{ROOT}/sign-out", data={"key": form_key(bosco.get(f"{ROOT}/").text)})
    page = follow(bosco, answer.headers["location"])[-1].text
    # Two pages between forget what the browser keeps of its learner; each goes on by itself, without scripts too.
    while on := re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page):
        page = follow(bosco, html.unescape(on[1]))[-1].text
    answers = follow(bosco, f"{ROOT}/")
    assert "/hub/login" in str(answers[-1].url)


def test_a_closed_account_is_out_of_the_campus_at_once(hub):
    bosco = signed_in(hub, "bosco.n")
    hub.town.store.people.set_disabled("bosco.n", True)
    assert bosco.get(f"{ROOT}/").status_code == 302
    hub.town.store.people.set_disabled("bosco.n", False)


def test_nbgraders_own_commands_work_with_the_token_of_a_real_server(hub, server, tmp_path):
    env = next(env for env in hub.servers().values() if env["JUPYTERHUB_USER"] == AMINA)
    config = CHECKOUT / "images" / "jupyter" / "common"
    env = {**env, "HOME": str(tmp_path), "PYTHONPATH": str(CHECKOUT), "JUPYTER_CONFIG_PATH": str(config)}
    for words in (["fetch_assignment", LAB], ["submit", LAB], ["list", "--cached"]):
        typed = [sys.executable, "-m", "nbgrader", *words]
        done = subprocess.run(typed, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert f"{COURSE} {AMINA} {LAB}" in done.stdout + done.stderr
    newest = server.get(f"{HERE}/attempts").json()[0]
    assert (newest["learner"], newest["state"]) == (AMINA, "waiting")
    assert (tmp_path / ".isomo" / "receipts" / f"{newest['receipt']}.json").is_file()
