"""A real hub behind both real proxies, seen through HTTP: signing in, two origins, restarts.

No container engine is needed: servers are plain processes here, which the hub's own pages cannot tell.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import time

import httpx
import pyotp
import pytest

from hub.secret_keys import Secrets
from tests.support.hub_people import PASSWORD
from tests.support.hub_run import Hub, follow, form_token, open_server, sign_in
from tests.support.learner_kernel import ask, kernel

NEW = "four words in row"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(tmp_path_factory.mktemp("hub"), more="c.Accounts.auth_refresh_age = 1")
    for name in ("amina.k", "bosco.n", "chantal.m", "david.h", "esther.i"):
        made.town.add(name)
    made.town.add("newcomer", password=None)
    try:
        yield made.start()
    finally:
        made.stop_all()


def _groups(hub, name):
    query = (
        "select groups.name from groups join user_group_map on group_id = groups.id "
        "join users on user_id = users.id where users.name = ? order by 1"
    )
    with sqlite3.connect(hub.settings.state / "jupyterhub.sqlite") as db:
        return [row[0] for row in db.execute(query, (name,))]


# One-time links


def test_opening_a_link_shows_whose_it_is_and_does_not_spend_it(hub):
    link = hub.town.link("newcomer")
    for _ in range(3):
        page = hub.browser().get(link)
        assert page.status_code == 200
        assert "Welcome, Newcomer Example" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


def _send(browser, link, **fields):
    page = browser.get(link)
    return browser.post(link, data={"_xsrf": form_token(page.text), **fields})


def test_sending_the_form_signs_in_once_and_goes_to_the_campus(hub):
    link = hub.town.link("newcomer")
    browser = hub.browser()
    answer = _send(browser, link)
    assert (answer.status_code, answer.headers["location"]) == (302, "/services/campus/")
    assert browser.get("/hub/home").status_code == 200
    again = hub.browser().get(link)
    assert again.status_code == 404
    assert "This link does not work any more" in again.text


def test_a_link_from_elsewhere_cannot_be_sent_without_its_form(hub):
    link = hub.town.link("newcomer")
    answer = hub.browser().post(link, data={})
    assert answer.status_code == 403
    assert "This page was open for too long, so nothing was sent." in answer.text
    assert hub.browser().get(link).status_code == 200


def test_a_link_that_has_expired_or_never_was_says_what_to_do(hub):
    for link in (hub.town.link("newcomer", minutes=-1), f"{hub.settings.address}/hub/welcome/n0thing"):
        answer = hub.browser().get(link)
        assert answer.status_code == 404
        assert "ask your trainer or administrator for a new link" in answer.text


def test_a_first_sign_in_chooses_a_password_and_a_mistake_does_not_spend_the_link(hub):
    link = hub.town.link("newcomer", "welcome")
    for fields, sentence in [
        ({}, "This password is too short."),
        ({"password": "short", "again": "short"}, "This password is too short."),
        ({"password": NEW, "again": NEW + "!"}, "The two passwords are not the same."),
        ({"password": "x" * 1025, "again": "x" * 1025}, "This password is too long."),
        ({"password": "1234567890", "again": "1234567890"}, "This password is easy to guess."),
        ({"password": "newcomer12", "again": "newcomer12"}, "This password is easy to guess."),
    ]:
        answer = _send(hub.browser(), link, **fields)
        assert answer.status_code == 400
        assert sentence in answer.text
    assert _send(hub.browser(), link, password=NEW, again=NEW).status_code == 302
    assert sign_in(hub.browser(), "newcomer", NEW).status_code == 302


def test_a_link_signs_out_whoever_used_this_browser_before(hub):
    browser = hub.signed_in("bosco.n")
    session = browser.cookies["jupyterhub-session-id"]
    _send(browser, hub.town.link("amina.k"))
    assert ">amina.k<" in browser.get("/hub/home").text
    assert browser.cookies["jupyterhub-session-id"] != session


def test_a_links_secret_stays_out_of_the_log(hub):
    link = hub.town.link("amina.k")
    _send(hub.browser(), link)
    assert link.rsplit("/", 1)[1] not in hub.log("hub")
    assert "/hub/welcome/…" in hub.log("hub")


# Passwords


def test_the_right_password_leads_to_the_campus(hub):
    answer = sign_in(hub.browser(), "amina.k", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (302, "/services/campus/")


def test_after_signing_in_one_is_where_one_wanted_to_go(hub):
    browser = hub.browser()
    page = browser.get("/hub/login?next=/user/amina.k/lab")
    action = re.search(r'form action="([^"]+)"', page.text)[1].replace("&amp;", "&")
    answer = browser.post(
        action, data={"username": "amina.k", "password": PASSWORD, "_xsrf": form_token(page.text)}
    )
    assert answer.headers["location"] == "/user/amina.k/lab"


def test_nobody_is_sent_to_another_site_after_signing_in(hub):
    browser = hub.browser()
    page = browser.get("/hub/login")
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = browser.post(
            "/hub/login",
            params={"next": elsewhere},
            data={"username": "amina.k", "password": PASSWORD, "_xsrf": form_token(page.text)},
        )
        assert "evil.example/" not in answer.headers.get("location", "").replace("%5Cevil.example", "")


@pytest.mark.parametrize("name", ["amina.k", "nobody.here", "Not A Name!", "é" * 300, ""])
def test_a_wrong_password_and_a_wrong_name_look_the_same(hub, name):
    answer = sign_in(hub.browser(), name, "wrong")
    assert answer.status_code == 403
    assert "This user name and password do not go together." in answer.text


def test_the_login_page_speaks_the_browsers_language_or_the_chosen_one(hub):
    browser = hub.browser()
    assert "Se connecter" in browser.get("/hub/login", headers={"Accept-Language": "fr-RW"}).text
    assert "Injira" in browser.get("/hub/login?lang=rw").text
    assert "Injira" in browser.get("/hub/login").text
    assert '<html lang="rw">' in browser.get("/hub/login").text


def test_a_missing_page_speaks_the_visitors_language_too(hub):
    answer = hub.browser().get("/hub/nothing/here", headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


@pytest.fixture
def esther(hub):
    """Somebody whose language other tests find as it was."""
    yield "esther.i"
    hub.town.store.people.set_language("esther.i", "en")


def test_a_language_chosen_once_is_the_persons_everywhere(hub, esther):
    hub.signed_in(esther).get("/hub/home?lang=fr")
    assert hub.town.store.people.get(esther).language == "fr"


def test_somebody_signed_in_reads_the_hub_in_the_language_of_the_account_not_of_the_computer(hub, esther):
    hub.town.store.people.set_language(esther, "fr")
    answer = hub.signed_in(esther).get("/hub/password", headers={"Accept-Language": "en"})
    assert '<html lang="fr">' in answer.text


def test_guessing_is_slowed_down_and_says_how_long_to_wait(hub):
    browser = hub.browser()
    for turn in range(5):
        # Who guesses may claim to be anywhere.
        browser.headers["X-Real-Ip"] = browser.headers["X-Forwarded-For"] = f"10.9.9.{turn}"
        sign_in(browser, "david.h", "wrong")
    answer = sign_in(browser, "david.h", PASSWORD)
    assert answer.status_code == 429
    assert "Too many attempts to sign in. Wait five minutes, then try again." in answer.text


def test_a_changed_password_ends_every_other_session(hub):
    here, elsewhere = hub.signed_in("esther.i"), hub.signed_in("esther.i")
    page = here.get("/hub/password")
    fields = {"_xsrf": form_token(page.text), "old": PASSWORD, "password": NEW, "again": NEW}
    answer = here.post("/hub/password", data=fields)
    assert "Wherever else you were signed in, you are now signed out." in answer.text
    assert here.get("/hub/home").status_code == 200
    assert elsewhere.get("/hub/home").headers["location"].startswith("/hub/login")
    assert sign_in(hub.browser(), "esther.i", PASSWORD).status_code == 403
    assert sign_in(hub.browser(), "esther.i", NEW).status_code == 302


def test_a_password_is_not_changed_without_the_old_one(hub):
    browser = hub.signed_in("bosco.n")
    page = browser.get("/hub/password")
    fields = {"_xsrf": form_token(page.text), "old": "wrong", "password": NEW, "again": NEW}
    answer = browser.post("/hub/password", data=fields)
    assert answer.status_code == 400
    assert "The old password is not right, so nothing was changed." in answer.text
    assert sign_in(hub.browser(), "bosco.n", PASSWORD).status_code == 302


def test_a_closed_account_is_signed_out_and_stays_out(hub):
    browser = hub.signed_in("chantal.m")
    hub.town.store.people.set_disabled("chantal.m", True)
    time.sleep(1.2)
    assert browser.get("/hub/home").status_code != 200
    assert sign_in(hub.browser(), "chantal.m", PASSWORD).status_code == 403
    assert hub.browser().get(hub.town.link("chantal.m")).status_code == 404


def test_roles_in_the_store_become_groups_of_the_hub(hub):
    browser = hub.signed_in("bosco.n")
    assert _groups(hub, "bosco.n") == ["learner"]
    hub.town.add("bosco.n", role="trainer")
    time.sleep(1.2)
    browser.get("/hub/home")
    assert _groups(hub, "bosco.n") == ["trainer"]


# Pages and cookies


def test_no_cookie_can_be_read_by_a_script_or_sent_by_another_site(hub):
    browser = hub.browser()
    browser.get("/hub/login")
    answer = sign_in(browser, "amina.k", PASSWORD)
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        "_xsrf",
        "jupyterhub-hub-login",
        "jupyterhub-session-id",
    }
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_no_page_may_be_framed(hub):
    for path in ("/hub/login", "/hub/nothing", "/hub/welcome/x"):
        assert "frame-ancestors 'none'" in hub.browser().get(path).headers["content-security-policy"]


def test_evaluating_says_on_every_page_that_nobody_is_isolated(hub):
    browser = hub.signed_in("amina.k")
    for path in ("/hub/home", "/hub/password", "/hub/nothing"):
        assert "people are not separated from each other" in browser.get(path).text
    assert "people are not separated from each other" in hub.browser().get("/hub/login").text


def test_a_learner_learns_nothing_about_others_from_the_hub(hub):
    browser = hub.signed_in("amina.k")
    xsrf = form_token(browser.get("/hub/password").text)
    headers = {"X-XSRFToken": xsrf, "Accept": "application/json"}
    assert browser.get("/hub/api/users", headers=headers).status_code == 403
    assert browser.get("/hub/api/users/bosco.n", headers=headers).status_code in (403, 404)
    assert browser.get("/hub/admin").status_code == 403
    assert browser.post("/hub/api/users/bosco.n/server", headers=headers).status_code in (403, 404)


# Two origins


def test_the_learners_origin_serves_nothing_of_hub_and_campus(hub):
    for path in ("/", "/hub/login", "/hub/api/", "/services/campus/", "/hub/static/css/style.min.css"):
        answer = hub.browser().get(f"{hub.settings.learner_address}{path}")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(f"{hub.settings.address}/")
        assert "set-cookie" not in answer.headers


@pytest.fixture(scope="module")
def amina(hub):
    """Amina's browser, with her server running and open."""
    browser = hub.signed_in("amina.k")
    answers = open_server(browser, "amina.k")
    assert answers[-1].status_code == 200
    browser.trail = [str(answer.url) for answer in answers]
    browser.last = answers[-1]
    return browser


def test_a_server_opens_on_the_learners_origin_after_signing_in_through_the_hub(hub, amina):
    learner, campus = hub.settings.learner_address, hub.settings.address
    assert amina.trail[0] == f"{campus}/user/amina.k/lab"
    assert amina.trail[-1] == f"{learner}/user/amina.k/lab"
    assert any(url.startswith(f"{campus}/hub/api/oauth2/authorize") for url in amina.trail)
    assert "frame-ancestors 'none'" in amina.last.headers["content-security-policy"]


def test_the_campus_origin_never_serves_a_server(hub, amina):
    answer = amina.get("/user/amina.k/api/status")
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{hub.settings.learner_address}/user/amina.k/api/status"


def test_nobody_enters_somebody_elses_server(hub, amina):
    browser = hub.signed_in("bosco.n")
    answers = follow(browser, f"{hub.settings.learner_address}/user/amina.k/lab")
    assert answers[-1].status_code == 403


def _server_environment(hub, name):
    return next(env for env in hub.servers().values() if env["JUPYTERHUB_USER"] == name)


def test_a_server_knows_its_owner_its_course_and_the_campus(hub, amina):
    env = _server_environment(hub, "amina.k")
    assert env["ISOMO_COURSE"] == "everyone-2026a-minict"
    assert env["ISOMO_ROLE"] == "learner"
    assert env["ISOMO_LANG"] == "en"
    assert env["JUPYTERHUB_PUBLIC_URL"] == f"{hub.settings.learner_address}/user/amina.k/"


def test_a_servers_token_is_its_owners_but_opens_only_the_campus(hub, amina):
    token = _server_environment(hub, "amina.k")["JUPYTERHUB_API_TOKEN"]
    with httpx.Client(base_url=hub.settings.hub_api_url, headers={"Authorization": f"token {token}"}) as api:
        me = api.get("/user").json()
        assert me["name"] == "amina.k"
        assert "access:services!service=campus" in me["scopes"]
        assert api.get("/users").status_code == 403
        assert api.get("/users/bosco.n").status_code == 404
        assert api.delete("/users/amina.k/server").status_code in (403, 404)
        assert api.post("/users/amina.k/tokens", json={}).status_code in (403, 404)


def test_a_kernel_answers_through_a_websocket_on_the_learners_origin(hub, amina):
    async def go():
        socket = await kernel(hub, amina, "amina.k")
        return await ask(socket, "print(6 * 7)")

    assert asyncio.run(go()) == "42\n"


def test_a_restart_of_the_hub_is_invisible(hub, amina):
    async def go():
        socket = await kernel(hub, amina, "amina.k")
        await ask(socket, "x = 42; print(x)")
        hub.stop("hub", signal.SIGTERM)
        during = await ask(socket, "print(x + 1)")
        hub.start_hub()
        return during, await ask(socket, "print(x + 2)")

    assert asyncio.run(go()) == ("43\n", "44\n")
    assert amina.get("/hub/home").status_code == 200
    assert amina.get(f"{hub.settings.learner_address}/user/amina.k/lab").status_code == 200


def test_a_hub_that_was_killed_comes_back_with_its_servers(hub, amina):
    hub.stop("hub", signal.SIGKILL)
    assert amina.get(f"{hub.settings.learner_address}/user/amina.k/lab").status_code == 200
    answer = hub.browser().get("/hub/login")
    assert answer.status_code == 503
    assert "This part of Isomo is not answering. Your work is kept." in answer.text
    hub.start_hub()
    assert "Your server is running." in amina.get("/hub/home").text


@pytest.mark.parametrize("which", ["learner", "campus"])
def test_a_proxy_that_was_killed_gets_its_routes_back(hub, amina, which):
    hub.stop(f"proxy-{which}", signal.SIGKILL)
    hub.start_proxy(which)
    for _ in range(100):
        time.sleep(0.2)
        try:
            inside = amina.get(f"{hub.settings.learner_address}/user/amina.k/lab").status_code
            gate = amina.get("/user/amina.k/lab").headers.get("location", "")
        except httpx.TransportError:
            continue
        if inside == 200 and gate.startswith(hub.settings.learner_address):
            return
    raise AssertionError((inside, gate))


# The second step of signing in


def _code(secret: str, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time.time()) + later)


def _second_step(browser, page, code, **fields):
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)[1]
    form = {"_xsrf": form_token(page.text), "ticket": ticket, "code": code, **fields}
    return browser.post("/hub/second-step", data=form)


def test_a_second_step_is_set_up_asked_for_and_taken_away_on_the_hubs_own_pages(hub):
    browser = hub.signed_in("david.h")
    page = browser.get("/hub/second-factor").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert "<svg" in page
    assert secret in browser.get("/hub/second-factor").text.replace(" ", "")  # A reload keeps it.

    def send(code):
        form = {"_xsrf": form_token(browser.get("/hub/second-factor").text), "code": code}
        return browser.post("/hub/second-factor", data=form)

    assert "This code is not right" in send("000000").text
    first = _code(secret)
    said = send(first).text
    spare = re.findall(r"<code>(\w+)</code>", said)
    assert len(spare) == 8

    stranger = hub.browser()
    asked = sign_in(stranger, "david.h", PASSWORD)
    assert "Second step" in asked.text
    assert stranger.get("/hub/home").status_code == 302
    assert _second_step(stranger, asked, first).status_code == 403  # It was used when it was set up.
    assert _second_step(stranger, asked, "x").status_code == 403
    assert stranger.get("/hub/home").status_code == 302
    answer = _second_step(stranger, asked, _code(secret, 30))
    assert (answer.status_code, answer.headers["location"]) == (302, "/services/campus/")
    assert ">david.h<" in stranger.get("/hub/home").text

    by_link = hub.browser()
    asked = _send(by_link, hub.town.link("david.h"))
    assert by_link.get("/hub/home").status_code == 302
    assert _second_step(by_link, asked, spare[0]).status_code == 302
    assert ">david.h<" in by_link.get("/hub/home").text

    assert "is taken away" in send(spare[1]).text
    assert sign_in(hub.browser(), "david.h", PASSWORD).status_code == 302


def test_the_offices_monitoring_reads_the_hubs_metrics_and_nothing_else(hub):
    token = {"Authorization": f"Bearer {Secrets.load(hub.settings).monitor_token}"}
    address = hub.settings.address
    said = httpx.get(f"{address}/hub/metrics", headers=token)
    assert said.status_code == 200
    alerts = {"server_spawn_duration_seconds", "running_servers", "login_duration_seconds"}
    assert all(f"jupyterhub_{name}" in said.text for name in alerts)
    assert httpx.get(f"{address}/hub/metrics").status_code == 403
    assert httpx.get(f"{address}/hub/api/users", headers=token).status_code == 403


def test_what_is_announced_is_on_the_hubs_pages_in_the_readers_language(hub):
    hub.town.store.announcements.publish({"en": "Upgrade at 18:00 <today>", "fr": "Mise à jour à 18 h"}, 1)
    try:
        hub.wait_until(
            lambda: "Upgrade at 18:00 &lt;today&gt;" in hub.browser().get("/hub/login").text, "it", 15
        )
        assert "Mise à jour à 18 h" in hub.browser().get("/hub/login?lang=fr").text
    finally:
        hub.town.store.announcements.clear()


def test_signing_out_signs_out(hub):
    browser = hub.signed_in("bosco.n")
    browser.get("/hub/logout")
    assert browser.get("/hub/home").headers["location"].startswith("/hub/login")
