"""A trainer's message at the desk: by keyboard alone, on a narrow screen, in French, and for a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import axe_script, faults, wide

pytestmark = pytest.mark.browser

LONG = "https://example.org/" + "a-word-that-no-line-of-a-phone-can-hold-" * 3
NOTES = [
    {"number": 7, "name": "Claudine", "text": "Comptez les districts encore une fois.", "written_at": ""},
    {"number": 8, "name": "", "text": f"Relisez {LONG}", "written_at": ""},
]
FOCUSED = "document.activeElement.id"


@pytest.fixture
def narrow(served: Served, browser: Any) -> Iterator[Any]:
    """A lab in French on a screen of 320 pixels, to which a trainer has written twice."""
    context = browser.new_context(viewport={"width": 320, "height": 740}, locale="fr-FR")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    said: dict[str, Any] = {"known": True, "reported": True, "next_seconds": 120}
    left = list(NOTES)

    def answer(route: Any) -> None:
        sent = route.request.post_data_json if route.request.method == "POST" else {}
        left[:] = [note for note in left if note["number"] != sent.get("read")]
        said.update({key: value for key, value in sent.items() if key == "reported"})
        route.fulfill(json={**said, "messages": left})

    page.goto(served.page_address)
    page.request.get(f"{served.address}/isomo/language/{SLUG}/fr")
    page.route("**/desk/*/live", answer)
    page.goto(f"{served.page_address}#part-5")
    page.reload()
    yield page
    page.request.get(f"{served.address}/isomo/language/{SLUG}/en")
    context.close()


def test_a_message_is_read_by_keyboard_at_320_pixels_in_french_and_the_focus_is_never_lost(
    narrow: Any,
) -> None:
    page = narrow
    DeskPage(page, whole=False)
    region = page.locator(".live-messages")
    assert region.get_attribute("role") == "status"
    assert region.get_attribute("hidden") is None, "what appears in a region that was there before is told"
    page.get_by_text("Claudine vous écrit\u00a0:").wait_for()
    page.get_by_text("Votre formateur vous écrit\u00a0:").wait_for()
    look(page, "desk-message-320-fr")
    assert wide(page) <= 0
    assert faults(page, axe_script()) == []

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == "read-7":
            break
    assert page.evaluate(FOCUSED) == "read-7", "Tab reaches the message before the lab"
    page.keyboard.press("Enter")
    page.locator("#read-7").wait_for(state="detached")
    assert page.evaluate(FOCUSED) == "read-8", "the next message has the focus"
    page.keyboard.press("Enter")
    page.locator("#read-8").wait_for(state="detached")
    assert page.evaluate(FOCUSED) == "lab", "after the last message the lab has it"
    choice = page.locator(".live-choice button")
    choice.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Votre formateur ne voit pas où vous en êtes").wait_for()
    assert choice.evaluate("(one) => one === document.activeElement"), "it can be pressed again at once"
