"""The desk in a whole installation of real processes: one path for its files, handing in, signing out, and kills."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub.desk_builds import built_names
from hub.shared_names import CLEAR_SITE, DESK_FILES
from hub.store import GradedRecord
from tests.support.desk_sequences import Typist, line_is_back, run_sequences
from tests.support.desk_served import look, wait_until
from tests.support.desk_town import LAB, LEARNER, PAGE_KEPT, WORDS, DeskTown, desk_town
from tests.support.hostile_worker import REGISTER, hostile_server

pytestmark = pytest.mark.browser

WROTE = "Dear Madam, a person answers for this bar, and you may ask again."
KEPT = """async () => {
  const names = (await indexedDB.databases()).map((one) => one.name);
  const pages = await caches.keys();
  const workers = (await navigator.serviceWorker.getRegistrations()).map((one) => one.scope);
  const texts = Object.keys(localStorage).filter((name) => name.startsWith("isomo-desk"));
  return [...names, ...pages, ...workers, ...texts];
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[DeskTown]:
    """An installation in which two labs are open."""
    with desk_town(tmp_path_factory.mktemp("town"), browser) as made:
        yield made


@pytest.fixture
def page(town: DeskTown, browser: Any) -> Iterator[Any]:
    """A learner's browser."""
    opened = town.signed_in(browser)
    yield opened
    opened.context.close()


def kept_at_the_learners_origin(town: DeskTown, page: Any) -> list[str]:
    """Return everything personal that the browser keeps for labs."""
    page.goto(f"{town.hub.settings.learner_address}{DESK_FILES}/{built_names()['style']}")
    return list(page.evaluate(KEPT))


def test_my_labs_fetches_the_desk_and_a_lab_then_loads_nothing_of_it_again(town: DeskTown, page: Any) -> None:
    with page.context.expect_event("requestfinished", lambda one: "/desk-" in one.url):
        page.goto(f"{town.campus}/")
    page.wait_for_load_state("networkidle")
    town.open_lab(page)
    page.locator(".cell.task").first.scroll_into_view_if_needed()
    page.locator(".cell.task .cm-content").first.wait_for()
    files = page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/static/desk/'))"
        ".map((one) => [new URL(one.name).pathname, one.transferSize])"
    )
    assert len(files) >= 5
    assert {size for _, size in files} == {0}, "all of it was in the browser already"
    own = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert not [name for name in own if "/desk/-/static/" in name], "nothing comes from the learner's server"


def test_a_click_goes_straight_to_the_lab_because_the_list_of_labs_signed_in(
    town: DeskTown, page: Any, browser: Any
) -> None:
    town.open_lab(page)
    other = town.signed_in(browser)
    other.wait_for_load_state("load")
    assert len(other.frames) == 2
    assert not other.locator("iframe").is_visible()
    asked: list[str] = []
    other.on("request", lambda one: asked.append(one.url) if one.is_navigation_request() else None)
    town.open_lab(other)
    other.context.close()
    assert [url.split("/")[-3] for url in asked] == ["open", "open", LEARNER], asked


def test_a_lab_that_was_opened_once_opens_without_a_line(town: DeskTown, page: Any) -> None:
    town.open_lab(page)
    wait_until(lambda: page.evaluate(PAGE_KEPT), "the worker keeps the page")
    page.context.set_offline(True)
    page.reload()
    page.locator(WORDS).fill(WROTE)
    page.locator(".saved[data-status=kept]").wait_for()
    page.context.set_offline(False)
    wait_until(lambda: town.words() == WROTE, "what was typed is sent when the line is back")


def test_after_handing_in_the_score_comes_when_it_is_returned_and_the_next_lab_is_offered(
    town: DeskTown, page: Any
) -> None:
    town.open_lab(page)
    page.locator("button.hand-in").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("button.run").click()
    dialog.locator("text=Handed in. Receipt R-").wait_for()
    dialog.locator("text=Your work is being checked.").wait_for()
    dialog.locator("a", has_text="Next lab: 5 · Hide the person").wait_for()
    look(page, "desk-handed-in-next")
    task = {
        "grade_id": "t4",
        "outcome": "passed",
        "score": 3.0,
        "max_score": 4.0,
        "message": "",
        "flags": [],
    }
    record = GradedRecord(tasks=[task], notebook=b"{}", feedback_html=b"<p>Well done.</p>", engine="test")
    assert town.store.record_grading(town.store.claim_ungraded("test", 60), record)
    town.return_feedback()
    dialog.locator("text=Your score: 3 of 4 points.").wait_for()
    look(page, "desk-score")
    dialog.get_by_role("link", name="Read your feedback").click()
    page.wait_for_url("**/services/campus/attempts/R-*")


def test_signing_out_sends_what_was_typed_and_the_browser_forgets_it(town: DeskTown, page: Any) -> None:
    town.open_lab(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.evaluate("caches.open('of another page').then(() => true)")
    home = page.context.new_page()
    home.goto(f"{town.campus}/")
    page.locator(WORDS).fill(WROTE)
    home.click("text=Sign out")
    home.wait_for_url("**/hub/login**")
    wait_until(lambda: town.words() == WROTE, "what was typed is at the server")
    page.locator("text=You have signed out.").wait_for()
    assert not page.locator("textarea").count(), "nothing of it is on the screen"
    assert kept_at_the_learners_origin(town, page) == []
    page.goto(f"{town.campus}/")
    page.wait_for_url("**/hub/login**")


def test_signing_out_asks_while_an_open_tab_has_words_that_cannot_be_sent_and_sends_them_before_it_ends(
    town: DeskTown, page: Any
) -> None:
    town.open_lab(page)
    page.locator(".saved[data-status=saved]").wait_for()
    home = page.context.new_page()
    home.goto(f"{town.campus}/")
    page.context.route("**/desk/*/save", lambda route: route.abort())
    written = f"{WROTE} Not sent yet."
    page.locator(WORDS).fill(written)
    page.locator(".saved[data-status=kept]").wait_for()
    home.click("text=Sign out")
    home.locator("[role=alert]", has_text=f"has not reached the server: {LAB}.").wait_for()
    page.locator("text=You have signed out.").wait_for()
    assert not page.locator("textarea").count(), "the next person sees nothing of it"
    assert town.words() != written
    assert "isomo-desk" in home.evaluate(KEPT), "and it is not lost"

    page.context.unroute("**/desk/*/save")
    home.get_by_role("button", name="Try again").click()
    home.wait_for_url("**/hub/login**")
    assert town.words() == written
    assert kept_at_the_learners_origin(town, page) == []


def test_signing_out_sends_and_closes_an_open_tab_whose_own_requests_hang(town: DeskTown, page: Any) -> None:
    town.open_lab(page)
    page.locator(".saved[data-status=saved]").wait_for()
    home = page.context.new_page()
    home.goto(f"{town.campus}/")
    page.route("**/desk/*/save", lambda route: None)
    written = f"{WROTE} On a line that is half open."
    page.locator(WORDS).fill(written)
    page.locator(".saved[data-status=sending]").wait_for()
    home.click("text=Sign out")
    home.wait_for_url("**/hub/login**")
    assert town.words() == written
    # The tab itself gives up its request after 20 seconds only.
    page.locator("text=You have signed out.").wait_for(timeout=5_000)
    assert not page.locator("textarea").count(), "the next person sees nothing of it"
    page.wait_for_timeout(20_000)  # Its request fails now: it has to keep nothing for another try.
    assert page.evaluate(KEPT) == []


def test_signing_out_removes_a_hostile_worker_that_answers_for_the_page_that_forgets(
    town: DeskTown, page: Any
) -> None:
    with hostile_server(town.hub.settings) as address:
        page.goto(address)
        page.evaluate(REGISTER)
        page.reload()
        assert page.locator("h1").inner_text() == "Hostile", "the worker answers for every page of its origin"
        home = page.context.new_page()
        home.goto(f"{town.campus}/")
        home.click("text=Sign out")
        home.wait_for_url("**/hub/login**")
        page.goto(address)
        assert page.locator("h1").inner_text() == "A shared lab", (
            "the worker is gone, though its page stayed open"
        )
        assert kept_at_the_learners_origin(town, page) == []


def test_no_page_but_the_campus_can_have_the_learners_origin_cleared(town: DeskTown) -> None:
    address = f"{town.hub.settings.learner_address}{CLEAR_SITE}"
    for origin, code in ((town.hub.settings.address, 204), ("https://example.org", 403), ("null", 403)):
        answer = httpx.post(address, headers={"Origin": origin})
        assert (answer.status_code, "Clear-Site-Data" in answer.headers) == (code, code == 204)
    assert httpx.post(address).status_code == 403


@pytest.mark.full
def test_signing_out_asks_if_work_cannot_be_sent_and_the_same_learner_finds_it_again(
    town: DeskTown, page: Any
) -> None:
    town.open_lab(page)
    page.locator(".saved[data-status=saved]").wait_for()
    town.kill("server")
    written = f"{WROTE} And again."
    page.locator(WORDS).fill(written)
    page.wait_for_timeout(300)
    page.close()
    home = page.context.new_page()
    home.goto(f"{town.campus}/")
    home.click("text=Sign out")
    home.locator("[role=alert]", has_text=f"has not reached the server: {LAB}.").wait_for()
    look(home, "desk-leave")
    assert "isomo-desk" in home.evaluate(KEPT)
    home.click("text=Sign out and keep it on this device")
    home.locator("[role=alert]", has_text="Keep it only if the device is your own.").wait_for()
    home.click("text=Sign out and keep it on this device")
    home.wait_for_url("**/hub/login**")
    home.goto(town.hub.town.link(LEARNER))
    home.click("#welcome_submit")
    home.wait_for_url("**/services/campus/**")
    town.open_again(home)
    home.locator(".saved[data-status=saved]").wait_for()
    wait_until(lambda: town.words() == written, "what was kept is sent")


FAULTS = (*("type",) * 5, *("code",) * 3, *("cut", "hang", "lose", "close", "close"), *("back",) * 3)
KILLS = ("server", "hub", "campus", "proxy-learner")


def suffer(town: DeskTown, browser: Any, seed: int, kills: tuple[str, ...] = KILLS) -> None:
    """One learner types while her line is cut, hangs, loses answers, and one process after the other is killed."""
    typist, page = Typist(seed), town.signed_in(browser)
    context = page.context
    try:
        town.open_again(page)
        town.begin_again()
        page.reload()
        town.open_again(page)
        steps = steps_of(typist.dice, kills)
        page = go_through(town, typist, page, steps)
        page.close()
        page = context.new_page()
        town.open_again(page)
        said = f"seed {seed} {steps}"
        assert page.locator(".conflict:visible").count() == 0, f"{said}: no conflict with oneself"
        wait_until(lambda: town.words() == typist.words, f"{said}: {town.words()!r} is {typist.words!r}")
        wait_until(lambda: town.source() == typist.code, f"{said}: {town.source()!r} is {typist.code!r}")
    finally:
        context.close()


def steps_of(dice: random.Random, kills: tuple[str, ...]) -> list[str]:
    """Return what happens: twelve steps, and up to two kills among them."""
    steps = [dice.choice(FAULTS) for _ in range(12)]
    for kill in dice.sample(kills, k=min(2, len(kills))):
        steps.insert(dice.randrange(len(steps)), kill)
    return steps


def go_through(town: DeskTown, typist: Typist, page: Any, steps: list[str]) -> Any:
    """Do all steps, then bring back what is down; return the page that is open then."""
    down = ""
    try:
        for step in steps:
            if step in KILLS:
                town.bring_back(down)
                down = step
                town.kill(step)
            elif not typist.do(page, step):
                line_is_back(page)
                town.bring_back(down)
                down = ""
                if step == "close":
                    page.close()
                    page = page.context.new_page()
                    town.open_again(page)
            typist.pause(page)
        line_is_back(page)
    finally:
        town.bring_back(down)
    return page


@pytest.mark.full
def test_a_killed_server_a_killed_campus_and_a_bad_line_lose_not_a_character(
    town: DeskTown, browser: Any
) -> None:
    suffer(town, browser, 1, kills=("server", "campus"))


@pytest.mark.full
def test_an_answer_that_is_lost_while_the_learners_proxy_is_dead_loses_nothing(
    town: DeskTown, browser: Any
) -> None:
    suffer(town, browser, 1008)


@pytest.mark.full
@pytest.mark.timeout(36_000)
def test_a_thousand_sequences_with_kills_lose_not_a_character(town: DeskTown, browser: Any) -> None:
    run_sequences("kills", range(1000, 2000), lambda seed: suffer(town, browser, seed))
