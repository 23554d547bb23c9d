"""The hub's own pages in a real browser: on a phone, by keyboard, and while a server starts."""

from __future__ import annotations

import pytest

from tests.support.hub_people import PASSWORD
from tests.support.hub_run import Hub

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    made = Hub(tmp_path_factory.mktemp("hub"))
    for name in ("amina.k", "bosco.n"):
        made.town.add(name)
    try:
        yield made.start()
    finally:
        made.stop_all()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    opened = context.new_page()
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    yield opened
    context.close()


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_one_signs_in_with_the_keyboard_alone(hub, page):
    page.goto(f"{hub.settings.address}/hub/login")
    page.wait_for_function("document.activeElement.id === 'username_input'")
    page.keyboard.type("amina.k")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/campus/")


def test_pages_fit_a_phone_and_load_nothing_from_elsewhere(hub, page):
    for path in ("/hub/login", "/hub/welcome/nothing", "/hub/nothing"):
        page.goto(f"{hub.settings.address}{path}")
        assert _fits(page), path
    assert all(url.startswith((hub.settings.address, "data:")) for url in page.asked), page.asked


def test_a_link_opens_a_form_and_leads_in(hub, page):
    page.goto(hub.town.link("bosco.n"))
    assert "Welcome, Bosco Example" in page.inner_text("h1")
    assert _fits(page)
    page.click("summary")
    page.fill("#password_input", "four words in row")
    page.fill("#again_input", "four words in row")
    page.click("#welcome_submit")
    page.wait_for_url("**/services/campus/")


def test_the_language_is_one_click_away_and_stays(hub, page):
    page.goto(f"{hub.settings.address}/hub/login")
    page.click("text=Français")
    assert page.inner_text("h1") == "Se connecter"
    page.goto(f"{hub.settings.address}/hub/login")
    assert page.inner_text("h1") == "Se connecter"


def test_the_waiting_page_goes_on_to_jupyterlab_on_the_other_origin(hub, page):
    page.goto(f"{hub.settings.address}/hub/login?next=/hub/spawn/amina.k?next=/user/amina.k/lab")
    page.fill("#username_input", "amina.k")
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url(f"{hub.settings.learner_address}/user/amina.k/lab**", timeout=90_000)
    page.wait_for_selector("#jupyterlab-splash, .jp-LabShell", state="attached", timeout=90_000)
    # A script on this origin sees no cookie of the hub, and cannot act there.
    cookies = page.evaluate("document.cookie")
    assert "hub" not in cookies
    assert "session" not in cookies
    answer = page.evaluate(
        "async (url) => { try { const r = await fetch(url, {credentials: 'include'}); return await r.text() }"
        " catch (error) { return 'blocked' } }",
        f"{hub.settings.address}/hub/api/user",
    )
    assert answer == "blocked"
