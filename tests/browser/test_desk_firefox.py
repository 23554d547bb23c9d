"""The desk in Debian's Firefox: opening, writing, running, checking, handing in, and a line that is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labs.kit.own_words import written_cells
from labs.kit.run_cells import text_of
from tests.conftest import missing
from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look, wait_until
from tests.support.firefox_relay import firefox_path, relay_script

pytestmark = pytest.mark.browser

WROTE = "Dear Madam, a person answers for this bar, and you may ask again."


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Firefox, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    if not firefox_path():
        missing("Firefox")
    script = relay_script(tmp_path_factory.mktemp("firefox"))
    with sync_playwright() as play:
        started = play.firefox.launch(executable_path=script, channel="moz-firefox")
        yield started
        started.close()


def test_a_learner_in_firefox_writes_runs_checks_and_hands_in_what_was_written_without_a_line(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    bar = desk.run("bar = None", write="bar = 0.06")
    desk.says(bar, "earlier cells were run first.")
    desk.says(desk.run('lab.check("t4"'), "Yes. With the bar at 0.06")
    desk.saved()

    page.context.set_offline(True)
    desk.task("j-why").locator("textarea").fill(WROTE)
    desk.says(desk.task("j-why"), "Kept on this device.")
    assert served.words() == ""
    page.context.set_offline(False)
    desk.saved()
    wait_until(lambda: served.words() == WROTE, "what was written without a line is saved")

    desk.says(desk.hand_in(), "Handed in. Receipt R-1")
    look(page, "desk-firefox")
    work = json.loads(served.arrived[0][f"{SLUG}.ipynb"])
    assert "bar = 0.06" in {text_of(cell) for cell in work["cells"]}
    assert WROTE in text_of(dict(written_cells(work))["j-why"])


@pytest.mark.full
def test_what_was_typed_in_firefox_before_its_window_closed_without_a_line_is_there_again(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    page.context.set_offline(True)
    desk.write("bar = None", "bar = 0.31")
    desk.task("j-why").locator("textarea").fill(WROTE)
    page.wait_for_timeout(300)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(served.page_address)
    desk = DeskPage(again)
    desk.saved()
    wait_until(lambda: served.words() == WROTE, "the words")
    wait_until(lambda: served.source("t4-answer") == "bar = 0.31", "the code")
