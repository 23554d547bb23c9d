"""Five people's whole lab in Chromium, and four in Firefox: mouse, keyboard, touch at 360 px, French, a screen reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from labs.kit.own_words import written_cells
from labs.kit.run_cells import text_of
from tests.conftest import CHROMIUM_ARGS, browser_path, missing
from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look, wait_until
from tests.support.firefox_relay import firefox_path, relay_script
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import wide

pytestmark = [pytest.mark.browser, pytest.mark.full]

WROTE = "Dear Madam, a person answers for this bar, and you may ask again."
MOST_TABS = 250


@dataclass(frozen=True)
class Person:
    """How somebody works: what their browser is like, how they press something, and how they write into it."""

    screen: dict[str, Any]
    press: Callable[[Any, Any], None]
    language: str = "en"

    def write(self, page: Any, place: Any, text: str) -> None:
        """Write a text in place of what is there."""
        self.press(page, place)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)


def click(page: Any, place: Any) -> None:
    """Press with a mouse."""
    place.click()


def tap(page: Any, place: Any) -> None:
    """Press with a finger."""
    place.tap()


def by_keyboard(page: Any, place: Any) -> None:
    """Go there with Tab, or back with Shift + Tab, and press it.

    Nobody goes round the end of the page: there the browser's own bar has the keys, and a page without them does
    nothing on Enter.
    """
    place.wait_for()
    reached = "(one) => one === document.activeElement || one.contains(document.activeElement)"
    before = "(one) => Boolean(document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING)"
    for _ in range(MOST_TABS):
        if place.evaluate(reached):
            break
        page.keyboard.press("Shift+Tab" if place.evaluate(before) else "Tab")
    assert place.evaluate(reached), "Tab reaches it"
    if place.evaluate("(one) => one.matches('button, a')"):
        page.keyboard.press("Enter")
    elif place.evaluate("(one) => one.matches('input')"):
        page.keyboard.press("Space")


def by_name(page: Any, place: Any) -> None:
    """Find it as a screen reader's list of controls does: by its role and its name, then press it by keyboard."""
    named = "(one) => one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent"
    assert place.evaluate(named).strip(), "it has a name"
    by_keyboard(page, place)


PEOPLE = {
    "mouse": Person({"viewport": {"width": 1280, "height": 900}}, click),
    "keyboard": Person({"viewport": {"width": 1280, "height": 900}}, by_keyboard),
    "finger": Person({"viewport": {"width": 360, "height": 740}}, click),
    "touch": Person({"viewport": {"width": 360, "height": 740}, "has_touch": True}, tap),
    "french": Person({"viewport": {"width": 768, "height": 900}, "locale": "fr-FR"}, click, "fr"),
    "reader": Person({"viewport": {"width": 1280, "height": 900}}, by_name),
}
SAYS = {
    "en": {"passed": "Yes. With the bar at 0.06", "handed in": "Handed in. Receipt R-1"},
    "fr": {"passed": "Oui. Avec la barre à 0.06", "handed in": "Travail remis. Récépissé R-1"},
}


WAYS = [
    *(("chromium", name) for name in ("mouse", "keyboard", "touch", "french", "reader")),
    *(("firefox", name) for name in ("mouse", "keyboard", "french")),
    ("firefox touch", "finger"),
]


@pytest.fixture(scope="module")
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Chromium, then its Firefox."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        if request.param == "chromium":
            started = play.chromium.launch(executable_path=browser_path(), args=CHROMIUM_ARGS)
        else:
            if not firefox_path():
                missing("Firefox")
            touch = request.param == "firefox touch"
            script = relay_script(tmp_path_factory.mktemp("firefox"), touch=touch)
            prefs = {"dom.w3c_touch_events.enabled": int(touch)}
            started = play.firefox.launch(
                executable_path=script, channel="moz-firefox", firefox_user_prefs=prefs
            )
        yield started
        started.close()


@pytest.mark.parametrize(("either", "name"), WAYS, indirect=["either"])
def test_a_person_reads_runs_answers_writes_and_hands_in_a_whole_lab(
    served: Served, either: Any, name: str
) -> None:
    person = PEOPLE[name]
    context = either.new_context(**person.screen)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    try:
        page.goto(served.page_address)
        if person.language != "en":
            page.locator("select.language").select_option(person.language)
            page.wait_for_function("(code) => document.documentElement.lang === code", arg=person.language)
        whole_lab(served, page, person)
        look(page, f"desk-{name}-{either.browser_type.name}")
    finally:
        page.request.get(f"{served.address}/isomo/language/{SLUG}/en")
        context.close()
    work = json.loads(served.arrived[0][f"{SLUG}.ipynb"])
    assert "bar = 0.06" in {text_of(cell) for cell in work["cells"]}
    assert WROTE in text_of(dict(written_cells(work))["j-why"])
    assert json.loads(served.arrived[0]["answers.json"])["answers"]["r2"]


def whole_lab(served: Served, page: Any, person: Person) -> None:
    """Go through a lab part by part, from the question to the receipt."""
    says = SAYS[person.language]
    DeskPage(page, whole=False)
    for _ in range(20):
        if page.locator("#task-r2 input").count():
            person.press(page, page.locator("#task-r2 input").first)
        if page.locator("#section-5").count():
            break
        person.press(page, page.locator(".steps a.button"))
    person.write(page, page.locator("#section-5 .cell.task .cm-content"), "bar = 0.06")
    person.press(page, page.locator("#section-5 .cell.task button.run"))
    page.locator("#section-5 .cell.task[aria-busy=false]").wait_for()
    person.press(page, page.locator("#section-5 .cell.check button.run"))
    page.locator("#section-5 .cell.check", has_text=says["passed"]).wait_for()
    person.press(page, page.locator(".steps a.button"))
    person.write(page, page.locator('[id="words-j-why"]'), WROTE)
    page.locator(".saved[data-status=saved]").wait_for()
    wait_until(lambda: served.words() == WROTE, "what was written is saved")
    assert wide(page) <= 0
    person.press(page, page.locator("button.hand-in"))
    person.press(page, page.locator("dialog[open] button.run"))
    page.locator("dialog[open]", has_text=says["handed in"]).wait_for()
