"""A lab at the learner's desk, in a real browser, on a real kernel: reading, running, answering, writing, handing in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.ops.desk_build import ensure_desk
from labs.authoring.spec import find
from labs.kit.cells import text_of
from labs.kit.own_words import written_cells
from tests.support.desk_page import DeskPage
from tests.support.labs_served import HEADERS, TOKEN, campus_served, labs_served
from tests.support.notebook_page import PATIENCE

pytestmark = pytest.mark.browser

SLUG = "where-to-set-the-bar"
WROTE = "Dear Madam, the bar was set so that six in ten are found.\n1. I answer for it. *You may ask again.*"


class Served:
    """The lab of a learner, at an address, and what the campus got."""

    def __init__(self, address: str, root: Path, arrived: list[dict[str, bytes]]) -> None:
        self.address, self.root, self.arrived = address, root, arrived
        self.folder = root / "labs" / SLUG
        self.page_address = f"{address}/desk/{SLUG}?token={TOKEN}"
        self.released = (self.folder / f"{SLUG}.ipynb").read_bytes()

    def notebook(self) -> Any:
        """The notebook on the disk."""
        return json.loads((self.folder / f"{SLUG}.ipynb").read_text())

    def source(self, name: str) -> str:
        """A cell's text on the disk."""
        return next(text_of(cell) for cell in self.notebook()["cells"] if cell["id"] == name)

    def answers(self, task: str) -> Any:
        """A task's answers on the disk."""
        try:
            return json.loads((self.folder / "answers.json").read_text())["answers"].get(task)
        except (OSError, ValueError):
            return None

    def sessions(self) -> Any:
        """What runs."""
        return httpx.get(f"{self.address}/api/sessions", headers=HEADERS).json()

    def begin_again(self) -> None:
        """Stop what runs and put everything back as it was released."""
        for session in self.sessions():
            httpx.delete(f"{self.address}/api/sessions/{session['id']}", headers=HEADERS)
        (self.folder / "answers.json").unlink(missing_ok=True)
        (self.folder / f"{SLUG}.ipynb").write_bytes(self.released)
        self.arrived.clear()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("desk")
    env = {"ISOMO_DESK": str(ensure_desk())}
    with campus_served() as (campus, arrived), labs_served([find(SLUG)], root, env={**campus, **env}) as at:
        yield Served(at, root, arrived)


@pytest.fixture
def served(server: Served) -> Served:
    server.begin_again()
    return server


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def words_on_disk(served: Served) -> str:
    """The written task's words on the disk."""
    return str((served.answers("j-why") or {}).get("words", ""))


def look(page: Any, name: str) -> None:
    """Keep a picture, where ISOMO_PICTURES names a folder."""
    if os.environ.get("ISOMO_PICTURES"):
        page.screenshot(path=f"{os.environ['ISOMO_PICTURES']}/{name}.png", full_page=True)


def test_a_learner_runs_answers_writes_and_hands_in_without_a_manual(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    bar = desk.run("bar = None", write="bar = 0.06")
    desk.says(bar, "earlier cells were run first.")
    assert page.locator(".cell.given .result table").count() >= 2, "what ran first shows its results"
    check = desk.run('lab.check("t4"')
    desk.says(check, "Yes. With the bar at 0.06")
    question = desk.task("r1")
    question.locator("input[type=radio]").nth(0).check()
    question.get_by_role("button", name="Check").click()
    question.locator("[role=status]:not(:empty)").first.wait_for()
    desk.task("j-why").locator("textarea").fill(WROTE)
    desk.saved()
    look(page, "desk-whole")

    dialog = desk.hand_in()
    desk.says(dialog, "Handed in. Receipt R-1")
    look(page, "desk-handed-in")
    work = json.loads(served.arrived[0][f"{SLUG}.ipynb"])
    assert {"bar = 0.06"} <= {text_of(cell) for cell in work["cells"]}
    assert "six in ten" in text_of(dict(written_cells(work))["j-why"])
    before = json.loads(served.released)["cells"]
    assert [cell["id"] for cell in work["cells"]] == [cell["id"] for cell in before], (
        "no cell more, none less"
    )
    answers = json.loads(served.arrived[0]["answers.json"])
    assert answers["answers"]["j-why"] == {"words": WROTE}
    assert answers["checks"]["t4"]["outcome"] == "passed"


def test_results_and_answers_are_there_again_and_the_desk_goes_on_where_one_stopped(
    served: Served, page: Any
) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.5")
    desk.says(desk.run('lab.check("t4"'), "Not yet")
    desk.task("r2").locator("input").first.check()
    desk.saved()

    page.goto(served.page_address)
    desk = DeskPage(page, whole=False)
    assert page.locator("h2").first.inner_text().startswith("1 · "), "the first part that is not done"
    assert desk.task("r2").locator("input").first.is_checked()
    page.goto(f"{served.address}/desk/{SLUG}#part-5")
    page.reload()
    page.locator(".cell.task .cm-content", has_text="bar = 0.5").wait_for()
    page.locator(".cell.check .result", has_text="Not yet").wait_for()
    assert "Part 5 of 7" in page.locator(".steps").inner_text()


def test_a_hint_is_shown_below_a_check_and_an_error_is_told_in_plain_words(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.5")
    check = desk.run('lab.check("t4"')
    check.get_by_role("button", name="Hint 1 of 3").click()
    check.locator("[role=status]", has_text="Hint 1 of 3").wait_for()

    cell = desk.run("bar = None", write="bar = baar")
    desk.says(cell, "Python does not know")
    desk.says(cell, "This code stopped with an error: NameError.")
    trace = cell.locator("details pre")
    assert not trace.is_visible(), "Python's own words are folded"
    cell.locator("summary").click()
    assert "baar" in trace.inner_text()
    look(page, "desk-error")


def test_a_kernel_that_dies_comes_back_to_where_the_learner_was(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.07")
    cell = desk.run("bar = None", write="import os; os._exit(1)")
    desk.says(cell, "stopped while this cell ran")
    desk.run("bar = None", write="print(len(scores))")
    desk.says(cell, "2000")


def test_sliders_of_the_widget_library_work(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    code = (
        "import ipywidgets as w; s = w.IntSlider(value=3, description='Files'); l = w.Label('none');"
        " s.observe(lambda c: setattr(l, 'value', f'chosen {c.new}'), 'value'); w.VBox([s, l])"
    )
    cell = desk.run("bar = None", write=code)
    handle = cell.locator("[role=slider]")
    handle.focus()
    page.keyboard.press("ArrowRight")
    desk.says(cell, "chosen 4")
    look(page, "desk-slider")


def test_a_prediction_is_given_once_and_stays(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    question = desk.task("t1")
    question.locator("input").nth(1).check()
    assert served.answers("t1") is None, "nothing is given before the button is pressed"
    question.get_by_role("button", name="Keep my answer").click()
    question.locator("input:disabled").first.wait_for()
    given = served.answers("t1")
    assert given
    page.goto(served.page_address)
    desk = DeskPage(page)
    assert desk.task("t1").locator("input").nth(1).is_checked()
    assert desk.task("t1").locator("input").nth(0).is_disabled()


def test_locked_code_is_shown_on_demand_and_cannot_be_changed(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    cell = desk.cell("cases = lab.load")
    assert not cell.locator(".code").is_visible()
    cell.get_by_role("button", name="Show code").click()
    cell.locator(".cm-content").click()
    page.keyboard.type("xyz")
    assert "xyz" not in cell.locator(".code").inner_text()
    desk.saved()
    assert "xyz" not in json.dumps(served.notebook())


def test_what_is_written_without_a_line_is_saved_when_it_is_back(served: Served, page: Any) -> None:
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
    assert words_on_disk(served) == ""

    page.context.set_offline(False)
    desk.saved()
    assert words_on_disk(served) == WROTE
    assert served.source("t4-answer") == "bar = 0.31"
    assert served.answers("r2")


def test_a_window_closed_at_the_last_key_loses_nothing_and_the_next_one_sends_it(
    served: Served, page: Any
) -> None:
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
    wait_until(lambda: words_on_disk(served) == WROTE, "the next window sends what the last one kept")
    assert served.source("t4-answer") == "bar = 0.2"


def test_the_page_opens_with_no_line_at_all_once_it_was_seen(served: Served, page: Any) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()  # This visit passes through the worker, which keeps what it sees.
    DeskPage(page)
    page.context.set_offline(True)
    page.goto(f"{served.address}/desk/{SLUG}")
    page.wait_for_selector(".bar h1")
    page.evaluate("location.hash = '#part-6'")
    box = page.locator('[id="task-j-why"] textarea')
    box.fill(WROTE)
    page.locator(".saved[data-status=kept]").wait_for()
    page.context.set_offline(False)
    page.locator(".saved[data-status=saved]").wait_for()
    assert words_on_disk(served) == WROTE
    del desk


def test_work_handed_in_without_a_line_waits_and_is_sent_with_the_learners_own_time(
    served: Served, page: Any
) -> None:
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


def test_two_windows_know_of_each_other_and_neither_overwrites_the_other(served: Served, page: Any) -> None:
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
    other.locator(".cm-content", has_text="bar = 0.1").wait_for()
    page.bring_to_front()
    assert served.source("t4-answer") == "bar = 0.1"
    other.close()
    page.locator(".banner.quiet").wait_for(state="hidden")


def test_the_same_text_changed_on_two_devices_is_shown_twice_and_the_learner_decides(
    served: Served, page: Any, browser: Any
) -> None:
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.saved()
    elsewhere = browser.new_context()
    phone = elsewhere.new_page()
    phone.goto(served.page_address)
    there = DeskPage(phone)
    page.context.set_offline(True)
    desk.task("j-why").locator("textarea").fill("Written on the computer.")
    there.task("j-why").locator("textarea").fill("Written on the phone.")
    there.saved()
    elsewhere.close()
    page.context.set_offline(False)
    conflict = desk.task("j-why").locator(".conflict")
    desk.says(conflict, "Written on the phone.")
    look(page, "desk-conflict")
    assert words_on_disk(served) == "Written on the phone.", "nothing was overwritten"
    conflict.get_by_role("button", name="Keep what is here").click()
    desk.saved()
    assert words_on_disk(served) == "Written on the computer."
