"""Sign-in through an OpenID Connect provider that runs as a process of its own, with a real hub and real proxies."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.hub_people import COURSE
from tests.support.hub_run import Hub, free_ports
from tests.support.openid_provider import ProviderProcess
from tests.support.small_stores import RIGHT

PEOPLE = [
    {"sub": "1001", "preferred_username": "Amina.K", "name": "Amina Keza"},
    {
        "sub": "1002",
        "preferred_username": "grâce.uwase@office.gov.rw",
        "name": "Grâce Uwase",
        "groups": ["ai-trainers", "all"],
        "institution": "ministry of ict",
        "locale": "fr-RW",
    },
    {"sub": "1003", "preferred_username": "admin", "name": "Somebody else"},
    {"sub": "1004", "preferred_username": "closed.c"},
    {"sub": "1006", "preferred_username": "bosco.n"},
    {"sub": "1005", "preferred_username": "grace.uwase", "name": "Another Grace"},
]


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    made = ProviderProcess(tmp_path_factory.mktemp("provider"), free_ports(9)[8], PEOPLE)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def hub(tmp_path_factory, provider):
    folder = tmp_path_factory.mktemp("hub")
    (folder / "secret").write_text("a secret of the client\n")
    made = Hub(
        folder,
        settings_more={
            "oidc": {
                "issuer": provider.issuer,
                "client_id": "isomo",
                "secret_file": str(folder / "secret"),
                "label": "Government account",
                "trainer_groups": ["ai-trainers"],
            }
        },
    )
    made.town.add("amina.k")
    made.town.add("admin", role="administrator")
    made.town.add("closed.c")
    made.town.add("bosco.n")
    made.town.store.courses.add_institution("minict", "Ministry of ICT")
    made.town.store.people.set_disabled("closed.c", True)
    try:
        yield made.start()
    finally:
        made.stop_all()


def signed_in_as(browser: httpx.Client) -> str:
    page = browser.get("/hub/home")
    return page.text if page.status_code == 200 else ""


def test_the_sign_in_page_offers_the_office_next_to_local_accounts(hub):
    page = hub.browser().get("/hub/login?next=%2Fhub%2Fhome").text
    assert "Sign in with: Government account" in page
    assert 'name="password"' in page
    french = hub.browser().get("/hub/login?lang=fr").text
    assert "Se connecter avec\u00a0: Government account" in french


def test_somebody_who_came_by_password_goes_on_with_the_same_work(hub, provider):
    store = hub.town.store
    store.attempts.submit(COURSE, "sums", "amina.k", {"sums.ipynb": RIGHT})
    browser = hub.browser()
    answer = provider.go_through(browser, "1001", "/hub/openid?next=/hub/home")
    assert (answer.status_code, answer.headers["location"]) == (302, "/hub/home")
    assert ">amina.k<" in signed_in_as(browser)
    assert ">amina.k<" in signed_in_as(hub.signed_in("amina.k"))
    assert [each.learner for each in store.attempts.list(COURSE)] == ["amina.k"]


def test_a_new_person_gets_an_account_with_name_role_and_institution(hub, provider):
    browser = hub.browser()
    assert provider.go_through(browser, "1002").status_code == 302
    assert ">grace.uwase<" in signed_in_as(browser)
    person = hub.town.store.people.get("grace.uwase")
    assert (person.display_name, person.institution, person.language) == ("Grâce Uwase", "minict", "fr")
    assert hub.town.store.people.roles("grace.uwase") == ["learner", "trainer"]


def test_two_people_of_the_same_name_are_two_people(hub, provider):
    provider.go_through(hub.browser(), "1002")
    browser = hub.browser()
    provider.go_through(browser, "1005")
    assert ">grace.uwase-" in signed_in_as(browser)


def test_a_name_alone_never_opens_an_administrators_account(hub, provider):
    browser = hub.browser()
    assert provider.go_through(browser, "1003").status_code == 302
    assert ">admin-" in signed_in_as(browser)
    assert hub.town.store.people.roles("admin") == ["administrator"]


def test_a_closed_account_stays_closed_whichever_way_somebody_comes(hub, provider):
    browser = hub.browser()
    answer = provider.go_through(browser, "1004")
    assert answer.headers["location"] == "/hub/login?problem=closed"
    assert "Your account here is closed." in browser.get(answer.headers["location"]).text
    assert signed_in_as(browser) == ""


def test_who_set_up_a_second_step_is_asked_for_it_this_way_too(hub, provider):
    factors = hub.town.store.second_factors
    factors.begin("bosco.n", "JBSWY3DPEHPK3PXP")
    factors.confirm("bosco.n", 0, ["sparecode2"])
    browser = hub.browser()
    asked = provider.go_through(browser, "1006", "/hub/openid?next=/hub/home")
    assert "Second step" in asked.text
    assert signed_in_as(browser) == ""
    fields = dict(re.findall(r'name="(_xsrf|ticket)" value="([^"]+)"', asked.text))
    action = re.search(r'action="([^"]+)"', asked.text)[1]
    answer = browser.post(action, data={**fields, "code": "sparecode2"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/hub/home")
    assert ">bosco.n<" in signed_in_as(browser)


def test_an_answer_that_belongs_to_another_browser_signs_nobody_in(hub, provider):
    back = provider.callback(hub.browser(), "1001")
    thief = hub.browser()
    answer = thief.get(back)
    assert answer.headers["location"] == "/hub/login?problem=try-again"
    assert signed_in_as(thief) == ""
    assert "was not finished. Try again." in thief.get(answer.headers["location"]).text


def test_a_code_is_good_once(hub, provider):
    browser = hub.browser()
    back = provider.callback(browser, "1001")
    assert browser.get(back).headers["location"] != "/hub/login?problem=try-again"
    again = hub.browser()
    again.cookies.update(browser.cookies)
    assert again.get(back).headers["location"] == "/hub/login?problem=try-again"


def test_signing_out_ends_the_session_at_the_office_too(hub, provider):
    browser = hub.browser()
    provider.go_through(browser, "1001")
    gone = browser.get("/hub/logout").headers["location"]
    assert gone.startswith(f"{provider.issuer}/oauth2/end_session?client_id=isomo&post_logout_redirect_uri=")
    form = httpx.get(gone)
    back = re.search(r'name="redirect_uri" value="([^"]+)"', form.text)
    assert back, form.text
    assert back[1] == f"{hub.settings.address}/hub/login"
    assert signed_in_as(browser) == ""
    by_password = hub.signed_in("amina.k")
    assert by_password.get("/hub/logout").headers["location"] == "/hub/login"


def test_new_keys_of_the_provider_are_followed_without_a_restart(hub, provider):
    provider.go_through(hub.browser(), "1001")
    before = httpx.get(f"{provider.issuer}/jwks").json()
    provider.stop()
    provider.start()
    assert httpx.get(f"{provider.issuer}/jwks").json() != before
    hub.wait_until(lambda: _comes_in(hub, provider), "a sign-in with the new key", 20)


def _comes_in(hub, provider) -> bool:
    browser = hub.browser()
    provider.go_through(browser, "1001")
    return ">amina.k<" in signed_in_as(browser)


def test_while_the_provider_is_down_a_sentence_says_so_and_passwords_go_on(hub, provider):
    browser = hub.browser()
    back = provider.callback(browser, "1001")
    provider.stop()
    try:
        answer = browser.get(back)
        assert answer.headers["location"] == "/hub/login?problem=provider-away"
        said = browser.get(answer.headers["location"]).text
        assert "sign-in does not answer. Try again in a minute" in said
        assert ">amina.k<" in signed_in_as(hub.signed_in("amina.k"))
    finally:
        provider.start()
