"""A learner's server that is killed, or becomes another Isomo's, under an open tab: nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.desk_page import DeskPage
from tests.support.desk_restarts import Restarts, restarts
from tests.support.desk_served import Served, look, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Restarts, Served]]:
    """A server and its disk."""
    with restarts(tmp_path_factory.mktemp("restarts")) as made:
        yield made


def test_words_and_code_typed_while_the_server_is_dead_are_saved_when_it_lives_again(
    both: tuple[Restarts, Served], desk_page: Any
) -> None:
    server, served = both
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.5")
    desk.saved()
    box = desk.task("j-why").locator("textarea")
    box.focus()
    page.keyboard.insert_text("One. ")
    server.kill()
    page.keyboard.insert_text("Two. ")
    desk.write("bar = 0.5" if "bar = 0.5" in str(desk.state) else "bar = None", "bar = 0.07")
    page.locator(".saved[data-status=kept]").wait_for()
    desk.says(desk.run('lab.check("t4"'), "This code runs when the connection is back.")
    server.start()
    desk.saved()
    wait_until(lambda: served.words() == "One. Two. ", f"{served.words()!r}")
    assert served.source("t4-answer") == "bar = 0.07"
    check = desk.run('lab.check("t4"')
    desk.says(check, "Yes. With the bar at 0.07")


TAKEN = "caches.keys().then((names) => names.includes('isomo-desk-{version}'))"


def opened_through_the_worker(served: Served, page: Any) -> DeskPage:
    """Open the lab so that the service worker keeps its page."""
    page.goto(served.page_address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()
    return DeskPage(page)


def upgraded(server: Restarts, page: Any, version: str) -> None:
    """Upgrade Isomo, and wait until its new service worker has taken over the open tab."""
    # The browser looks for a new worker by itself too, a second after a page has loaded: it may be the first.
    page.evaluate(
        """() => {
          window.takenOver = false;
          navigator.serviceWorker.addEventListener("controllerchange", () => { window.takenOver = true; });
        }"""
    )
    server.kill()
    server.upgrade(version)
    server.start()

    def taken_over() -> bool:
        page.evaluate(
            "navigator.serviceWorker.getRegistration().then((found) => found.update()).catch(() => undefined)"
        )
        return bool(page.evaluate("window.takenOver"))

    wait_until(taken_over, "the new worker takes over the tab")
    assert page.evaluate(TAKEN.format(version=version))


def test_a_new_worker_that_takes_over_unsent_words_says_that_they_are_saved_when_they_are(
    both: tuple[Restarts, Served], desk_page: Any
) -> None:
    server, served = both
    page = desk_page
    desk = opened_through_the_worker(served, page)
    desk.saved()
    page.route("**/save", lambda route: route.abort())
    desk.task("j-why").locator("textarea").fill("Typed before the new worker.")
    page.locator(".saved[data-status=kept]").wait_for()
    upgraded(server, page, "aaaaaaaaaaaa")
    told = page.locator(".news p", has_text="Isomo was updated.")
    assert told.count() == 0, "its words are not saved yet"
    page.unroute("**/save")
    page.evaluate("dispatchEvent(new Event('online'))")
    desk.saved()
    told.first.wait_for(state="attached")
    assert told.count() == 1
    assert served.words() == "Typed before the new worker."


def test_after_a_new_worker_a_reload_without_a_line_shows_the_lab_and_what_was_not_sent(
    both: tuple[Restarts, Served], desk_page: Any
) -> None:
    server, served = both
    page = desk_page
    desk = opened_through_the_worker(served, page)
    desk.saved()
    page.route("**/save", lambda route: route.abort())
    written = "Typed before the new worker and the reload."
    desk.task("j-why").locator("textarea").fill(written)
    page.locator(".saved[data-status=kept]").wait_for()
    upgraded(server, page, "bbbbbbbbbbbb")
    page.context.set_offline(True)
    page.reload()
    desk = DeskPage(page)
    box = desk.task("j-why").locator("textarea")
    assert box.input_value() == written
    written += " And after them."
    box.fill(written)
    page.unroute("**/save")
    page.context.set_offline(False)
    desk.saved()
    wait_until(lambda: served.words() == written, "all of it is at the server")
    page.reload()
    DeskPage(page).saved()
    page.wait_for_function("caches.keys().then((names) => names.length === 1)")


def test_an_upgrade_under_an_open_tab_is_told_in_one_sentence_and_loses_nothing(
    both: tuple[Restarts, Served], desk_page: Any
) -> None:
    server, served = both
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    box = desk.task("j-why").locator("textarea")
    box.fill("Before the upgrade.")
    desk.saved()
    server.kill()
    box.fill("Before the upgrade, and during it.")
    server.upgrade()
    server.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    desk.saved()
    told = page.locator(".news p", has_text="Isomo was updated. Your work is saved.")
    told.first.wait_for(state="attached")
    assert told.count() == 1
    box.fill("Before the upgrade, during it and after it.")
    desk.saved()
    look(page, "desk-upgraded")
    assert served.words() == "Before the upgrade, during it and after it."
    page.reload()
    desk = DeskPage(page)
    assert "new-" in page.locator("script[type=module]").first.get_attribute("src")
    assert desk.task("j-why").locator("textarea").input_value() == served.words()
    page.wait_for_timeout(500)
    assert page.locator(".news p", has_text="Isomo was updated").count() == 0
