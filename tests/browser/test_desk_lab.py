"""A lab at the learner's desk, in a real browser, on a real kernel: reading, running, answering, writing, handing in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labs.kit.own_words import written_cells
from labs.kit.run_cells import text_of
from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look, wait_until

pytestmark = pytest.mark.browser

WROTE = "Dear Madam, the bar was set so that six in ten are found.\n1. I answer for it. *You may ask again.*"

HEAR = """() => {
  window.said = "";
  const hear = (changes) => {
    for (const change of changes) for (const node of change.addedNodes) window.said += node.textContent;
  };
  new MutationObserver(hear).observe(document.body, { childList: true, subtree: true });
}"""
"""Keeps what the page says, also what it says for a moment only."""


def test_a_learner_runs_answers_writes_and_hands_in_without_a_manual(served: Served, desk_page: Any) -> None:
    page = desk_page
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
    served: Served, desk_page: Any
) -> None:
    page = desk_page
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


def test_a_hint_is_shown_below_a_check_and_an_error_is_told_in_plain_words(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
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
    assert not trace.is_visible(), "Python's own words are folded, once"
    cell.locator("summary").click()
    assert "baar" in trace.inner_text()
    look(page, "desk-error")


def test_a_kernel_that_dies_comes_back_to_where_the_learner_was(served: Served, desk_page: Any) -> None:
    page = desk_page
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.07")
    cell = desk.run("bar = None", write="import os; os._exit(1)")
    desk.says(cell, "stopped while this cell ran")
    desk.run("bar = None", write="print(len(scores))")
    desk.says(cell, "2000")


def test_an_idle_kernel_is_stopped_and_comes_back_with_what_was_run(
    served_briefly: Served, desk_page: Any
) -> None:
    page, served = desk_page, served_briefly
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = 0.07")
    page.evaluate(HEAR)
    wait_until(lambda: not served.sessions(), "the kernel's end")
    cell = desk.run("bar = None", write="print(len(scores), 'cases')")
    desk.says(cell, "2000 cases")
    assert "had stopped while nobody used it" in page.evaluate("window.said")


def test_sliders_of_the_widget_library_work(served: Served, desk_page: Any) -> None:
    page = desk_page
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


def test_a_prediction_is_given_once_and_stays(served: Served, desk_page: Any) -> None:
    page = desk_page
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


def test_locked_code_is_shown_on_demand_and_cannot_be_changed(served: Served, desk_page: Any) -> None:
    page = desk_page
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


def test_a_trainer_s_message_appears_at_the_desk_and_reports_can_be_switched_off_there(
    served: Served, desk_page: Any
) -> None:
    page, sent = desk_page, []
    said = {"known": True, "reported": True, "next_seconds": 120}
    note = {"number": 7, "name": "Claudine", "text": "Count the districts again.", "written_at": ""}

    def answer(route: Any) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data_json)
            said.update({key: value for key, value in sent[-1].items() if key == "reported"})
        messages = [] if {"read": 7} in sent else [note]
        route.fulfill(json={**said, "messages": messages})

    page.route("**/desk/*/live", answer)
    page.goto(served.page_address)
    page.get_by_text("Count the districts again.").wait_for()
    look(page, "desk-message")
    page.get_by_role("button", name="I have read it").click()
    page.get_by_text("Count the districts again.").wait_for(state="detached")
    page.get_by_role("button", name="Do not show it").click()
    page.get_by_text("Your trainer does not see where you are in this lab.").wait_for()
    assert sent == [{"read": 7}, {"reported": False}]
