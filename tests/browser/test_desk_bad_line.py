"""The learner's desk on a bad line, in two windows and on two devices: not a character is lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from labs.kit.own_words import written_cells
from labs.kit.run_cells import text_of
from tests.support.desk_page import DeskPage
from tests.support.desk_sequences import Typist, line_is_back, run_sequences
from tests.support.desk_served import SLUG, Served, look, wait_until
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import wide

pytestmark = pytest.mark.browser

WROTE = "Dear Madam, the bar was set so that six in ten are found.\n1. I answer for it. *You may ask again.*"
PAGE_KEPT = "async (address) => Boolean(await caches.match(address))"


def test_what_is_written_without_a_line_is_saved_when_it_is_back(served: Served, desk_page: Any) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    page.context.set_offline(True)
    desk.write("bar = None", "bar = 0.31")
    box = desk.task("j-why").locator("textarea")
    box.fill(WROTE)
    desk.task("r2").locator("input").first.check()
    page.locator(".banner", has_text="There is no connection at the moment.").wait_for()
    desk.says(desk.task("j-why"), "Kept on this device.")
    desk.says(desk.run('lab.check("t4"'), "This code runs when the connection is back.")
    look(page, "desk-offline")
    assert served.words() == ""

    page.context.set_offline(False)
    desk.saved()
    assert served.words() == WROTE
    assert served.source("t4-answer") == "bar = 0.31"
    assert served.answers("r2")


def test_a_window_closed_at_the_last_key_loses_nothing_and_the_next_one_sends_it(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    page.context.set_offline(True)
    desk.write("bar = None", "bar = 0.2")
    box = desk.task("j-why").locator("textarea")
    box.focus()
    page.keyboard.type(WROTE)
    page.close()

    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(served.page_address)
    desk = DeskPage(again)
    assert desk.task("j-why").locator("textarea").input_value() == WROTE
    desk.saved()
    wait_until(lambda: served.words() == WROTE, "the next window sends what the last one kept")
    assert served.source("t4-answer") == "bar = 0.2"


def test_the_page_opens_with_no_line_at_all_once_it_was_seen(served: Served, desk_page: Any) -> None:
    page = desk_page
    page.goto(served.page_address)
    DeskPage(page)
    wait_until(lambda: page.evaluate(PAGE_KEPT, f"{served.address}/desk/{SLUG}"), "the worker keeps the page")
    page.context.set_offline(True)
    page.goto(f"{served.address}/desk/{SLUG}")
    page.wait_for_selector(".bar h1")
    page.evaluate("location.hash = '#part-6'")
    box = page.locator('[id="task-j-why"] textarea')
    box.fill(WROTE)
    page.locator(".saved[data-status=kept]").wait_for()
    page.context.set_offline(False)
    page.locator(".saved[data-status=saved]").wait_for()
    assert served.words() == WROTE


def test_a_page_that_the_worker_kept_shows_what_was_saved_after_it_was_kept(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()
    desk = DeskPage(page)
    box = page.locator('[id="task-j-why"] textarea')
    box.fill(WROTE)
    desk.write("bar = None", "bar = 0.31")
    desk.saved()
    wait_until(lambda: served.words() == WROTE, "the server has it, and the page that is kept does not")
    page.context.set_offline(True)
    page.close()

    again = page.context.new_page()
    again.goto(f"{served.address}/desk/{SLUG}")
    desk = DeskPage(again)
    box = again.locator('[id="task-j-why"] textarea')
    assert box.input_value() == WROTE
    again.locator(".cell.task .code", has_text="bar = 0.31").wait_for()
    box.focus()
    again.keyboard.press("Control+End")
    again.keyboard.insert_text(" And more.")
    again.context.set_offline(False)
    desk.saved()
    assert again.locator(".conflict:visible").count() == 0, "nobody is in conflict with oneself"
    assert served.words() == f"{WROTE} And more."


def test_work_handed_in_without_a_line_waits_and_is_sent_with_the_learners_own_time(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    page.context.set_offline(True)
    desk.task("j-why").locator("textarea").fill(WROTE)
    desk.says(desk.hand_in(), "is handed in by itself when the connection is back")
    look(page, "desk-handed-in-offline")
    assert served.arrived == []
    page.context.set_offline(False)
    wait_until(lambda: len(served.arrived) == 1, "it is sent by itself")
    page.locator(".news", has_text="Handed in. Receipt R-1").wait_for(state="attached")
    work = json.loads(served.arrived[0][f"{SLUG}.ipynb"])
    assert work["metadata"]["isomo"]["handed_in_at"].startswith("20")
    assert "six in ten" in text_of(dict(written_cells(work))["j-why"])
    page.wait_for_timeout(500)
    assert len(served.arrived) == 1, "once"


def test_two_windows_know_of_each_other_and_neither_overwrites_the_other(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    other = page.context.new_page()
    other.goto(served.page_address)
    second = DeskPage(other)
    for one in (page, other):
        one.locator(".banner", has_text="also open in another window").wait_for()
    second.task("j-why").locator("textarea").fill("Words of the second window.")
    second.saved()
    page.wait_for_function(
        "document.querySelector('[id=\"task-j-why\"] textarea').value === 'Words of the second window.'"
    )
    desk.write("bar = None", "bar = 0.1")
    desk.saved()
    other.wait_for_function(
        "document.querySelector('[id=cell-t4-answer] .code').innerText.includes('bar = 0.1')"
        " || document.querySelector('[id=cell-t4-answer] textarea')?.value === 'bar = 0.1'"
    )
    page.bring_to_front()
    assert served.source("t4-answer") == "bar = 0.1"
    other.close()
    page.locator(".banner.quiet").wait_for(state="hidden")


OTHER_DEVICE = "also open on another device"
WORDS_ARE = "(words) => document.querySelector('[id=\"task-j-why\"] textarea').value === words"


def test_two_devices_are_told_of_each_other_and_of_the_newer_save_and_show_what_the_other_wrote(
    served: Served, desk_page: Any, browser: Any
) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    elsewhere = browser.new_context(viewport={"width": 360, "height": 740})
    elsewhere.set_default_timeout(PATIENCE)
    phone = elsewhere.new_page()
    phone.goto(served.page_address)
    there = DeskPage(phone)
    for one in (page, phone):  # Nobody types: both pages say by themselves that they are there.
        one.get_by_text(OTHER_DEVICE).wait_for()
    there.task("j-why").locator("textarea").fill("Written on the phone.")
    there.saved()
    phone.locator(".newest", has_text="came from this device").wait_for()
    look(phone, "desk-two-devices-360")
    assert wide(phone) <= 0

    desk.write("bar = None", "bar = 0.1")
    desk.saved()
    page.wait_for_function(WORDS_ARE, arg="Written on the phone.")
    assert not page.get_by_text("also open in another window").count(), "another browser is no window"
    page.locator(".newest", has_text="came from this device").wait_for()
    look(page, "desk-two-devices")

    page.goto(served.page_address)
    desk = DeskPage(page)
    there.task("r2").locator("input").first.check()
    there.saved()
    phone.wait_for_function(
        "document.querySelector('[id=cell-t4-answer]').textContent.includes('bar = 0.1')"
        " || document.querySelector('[id=cell-t4-answer] textarea')?.value === 'bar = 0.1'"
    )
    page.locator(".newest", has_text="came from the other device").wait_for()
    assert (served.source("t4-answer"), served.words()) == ("bar = 0.1", "Written on the phone.")

    with phone.expect_response("**/here"):
        pass  # It has just said that it is there, and is silent for too long only after 45 seconds.
    phone.close(run_before_unload=True)
    page.get_by_text(OTHER_DEVICE).wait_for(state="hidden", timeout=35_000)
    assert not page.locator(".conflict:visible").count()
    assert (served.source("t4-answer"), served.words()) == ("bar = 0.1", "Written on the phone.")
    elsewhere.close()


def test_a_learner_who_goes_on_in_another_browser_after_the_first_died_is_not_told_of_another_device(
    served: Served, desk_page: Any, browser: Any
) -> None:
    died = browser.new_context()
    first = died.new_page()
    first.route("**/leave", lambda route: route.abort())  # As if its plug had been pulled.
    first.goto(served.page_address)
    desk = DeskPage(first)
    desk.task("j-why").locator("textarea").fill(WROTE)
    desk.saved()
    died.close()

    page = desk_page
    with page.expect_response("**/here") as said:
        page.goto(served.page_address)
        desk = DeskPage(page)
        desk.write("bar = None", "bar = 0.1")
        desk.saved()
    assert said.value.json()["elsewhere"]["open"] is False
    assert said.value.json()["elsewhere"]["saved_there"], "the server remembers the other browser"
    assert not page.get_by_text(OTHER_DEVICE).count()
    assert desk.task("j-why").locator("textarea").input_value() == WROTE


CLOCK = re.compile(r"(\d\d):(\d\d)\.")
CLOCK_IS_FAST = "const now = Date.now.bind(Date); globalThis.minutes = 60; Date.now = () => now() + globalThis.minutes * 60_000;"
"""A computer whose clock is an hour fast; after five minutes less something was written five minutes ago."""


def test_the_same_text_changed_on_two_devices_is_shown_twice_with_times_and_the_learner_decides(
    served: Served, desk_page: Any, browser: Any
) -> None:
    page = desk_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.add_init_script(CLOCK_IS_FAST)
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    elsewhere = browser.new_context()
    phone = elsewhere.new_page()
    phone.goto(served.page_address)
    there = DeskPage(phone)
    page.context.set_offline(True)
    page.evaluate("globalThis.minutes = 55")
    desk.task("j-why").locator("textarea").fill("Written on the computer.")
    page.evaluate("globalThis.minutes = 60")
    there.task("j-why").locator("textarea").fill("Written on the phone.")
    there.saved()
    elsewhere.close()
    page.context.set_offline(False)
    conflict = desk.task("j-why").locator(".conflict")
    desk.says(conflict, "Written on the phone.")
    times = conflict.locator(".times", has_text="What was written there is newer.")
    times.wait_for()
    there_at, here_at = (int(hour) * 60 + int(minute) for hour, minute in CLOCK.findall(times.inner_text()))
    assert (there_at - here_at) % (24 * 60) in (4, 5, 6), times.inner_text()
    assert wide(page) <= 0
    conflict.scroll_into_view_if_needed()
    look(page, "desk-conflict")
    assert served.words() == "Written on the phone.", "nothing was overwritten"
    conflict.get_by_role("button", name="Keep what is here").click()
    desk.saved()
    assert served.words() == "Written on the computer."


FAULTS = (*("type",) * 3, *("code",) * 2, "cut", "back", "hang", "lose", "close", "kept page", "back")


def suffer(served: Served, browser: Any, seed: int) -> None:
    """One learner types while her line is cut, hangs, loses answers, and her window closes at any key."""
    served.begin_again()
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    try:
        typist = Typist(seed)
        page = opened(served, context)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        page.reload()  # From here on the worker has a page to show without a line.
        for _ in range(14):
            step = typist.dice.choice(FAULTS)
            if step in ("close", "kept page"):
                page.close()
                page = opened(served, context, cut=step == "kept page")
            elif not typist.do(page, step):
                line_is_back(page)
            typist.pause(page)
        line_is_back(page)
        page.close()
        page = opened(served, context)
        assert page.locator(".conflict:visible").count() == 0, f"seed {seed}: no conflict with oneself"
        page.locator(".saved[data-status=saved]").wait_for()
        wait_until(
            lambda: served.words() == typist.words, f"seed {seed}: {served.words()!r} is {typist.words!r}"
        )
        wait_until(lambda: served.source("t4-answer") == typist.code, f"seed {seed}: {typist.code!r}")
    finally:
        context.close()


def opened(served: Served, context: Any, *, cut: bool = False) -> Any:
    """Return a page with all parts of the lab, from the server, or as the service worker kept it."""
    context.set_offline(cut)
    page = context.new_page()
    page.goto(served.page_address)
    DeskPage(page)
    page.locator(".cell.task").scroll_into_view_if_needed()
    page.locator(".cell.task .cm-content").wait_for()
    return page


@pytest.mark.parametrize("seed", range(1, 5))
def test_whatever_the_line_does_not_a_character_is_lost(served: Served, browser: Any, seed: int) -> None:
    suffer(served, browser, seed)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_a_thousand_sequences_of_faults_lose_not_a_character(served: Served, browser: Any) -> None:
    run_sequences("line", range(100, 1100), lambda seed: suffer(served, browser, seed))
