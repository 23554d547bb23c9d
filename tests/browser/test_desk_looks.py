"""The desk for everybody: by keyboard alone, at 320 px, in French, in the dark, and without a fault that axe-core finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look, wait_until
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import axe_script, faults, wide

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker."""
    return axe_script()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_a_whole_lab_its_results_and_its_dialog(
    served: Served, browser: Any, axe: str, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.run("bar = None", write="bar = baar")
    desk.run("desk.bars(")
    desk.run('lab.check("t4"')
    desk.cell("cases = lab.load").get_by_role("button", name="Show code").click()
    page.locator(".cell.given .cm-content").first.wait_for()
    page.evaluate("scrollTo(0, 0)")
    look(page, f"desk-{scheme}")
    found = faults(page, axe)
    assert found == []
    page.locator("button.hand-in").click()
    page.locator("dialog[open]").wait_for()
    look(page, f"desk-dialog-{scheme}")
    assert faults(page, axe) == []
    context.close()


@pytest.mark.parametrize("width", [320, 360, 768])
def test_everything_fits_a_phone(served: Served, browser: Any, axe: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 740}, has_touch=True, is_mobile=width < 700
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.page_address)
    DeskPage(page)
    page.locator('[id="task-j"] .isomo-view img, [id="task-j"] .isomo-view table').first.wait_for()
    look(page, f"desk-{width}")
    assert wide(page) <= 0
    assert faults(page, axe) == []
    for part in (0, 2, 6):
        page.evaluate(f"location.hash = '#part-{part}'")
        page.locator(f"#section-{part}").wait_for()
        look(page, f"desk-{width}-part-{part}")
        assert wide(page) <= 0, f"part {part}"
    context.close()


def test_a_lab_can_be_done_by_touch_at_360_pixels(served: Served, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{served.page_address}#part-5")
    page.locator(".cell.task .cm-content").tap()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("bar = 0.06")
    page.locator(".cell.task button.run").tap()
    page.locator(".cell.task .note", has_text="earlier cells were run first").wait_for()
    page.locator(".cell.check button.run").tap()
    page.locator(".cell.check", has_text="Yes. With the bar at 0.06").wait_for()
    page.locator(".steps a.button").tap()
    page.locator("#section-6 textarea").tap()
    page.keyboard.insert_text("I answer for it.")
    page.locator(".saved[data-status=saved]").wait_for()
    small = page.evaluate(
        "[...document.querySelectorAll('main button, .bar button, .steps a')]"
        ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)"
        ".map((one) => one.textContent)"
    )
    assert small == [], "everything is large enough for a finger"
    page.locator("button.hand-in").tap()
    page.locator("dialog[open] button.run").wait_for()
    assert wide(page) <= 0
    wait_until(lambda: served.words() == "I answer for it.", "what was written by touch is saved")
    context.close()


@pytest.mark.parametrize(
    "more", [{"device_scale_factor": 2}, {"forced_colors": "active"}], ids=["zoom", "contrast"]
)
def test_axe_finds_no_fault_at_twice_the_size_and_in_high_contrast(
    served: Served, browser: Any, axe: str, more: dict[str, Any]
) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 450}, **more)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{served.page_address}#part-5")
    desk = DeskPage(page, whole=False)
    desk.run("bar = None", write="bar = baar")
    look(page, f"desk-{'-'.join(more)}")
    assert wide(page) <= 0
    assert faults(page, axe) == []
    page.locator(".cell.task .cm-content").focus()
    page.keyboard.press("Tab")
    ring = page.evaluate(
        "[document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]"
    )
    assert ring == ["run", "solid"], "what has the focus is seen"
    borders = page.evaluate(
        "[...document.querySelectorAll('main button')].filter((one) => one.checkVisibility())"
        ".map((one) => getComputedStyle(one).borderTopStyle)"
    )
    assert set(borders) == {"solid"}, "a button has an edge also where its colour is taken away"
    context.close()


def test_a_lab_can_be_done_by_keyboard_alone(served: Served, desk_page: Any) -> None:
    page = desk_page
    page.goto(f"{served.page_address}#part-5")
    DeskPage(page, whole=False)
    page.locator(".cell.task .cm-content").wait_for()
    keys = page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
                return
        raise AssertionError(f"Tab never reaches {selector}")

    tab_to(".cell.task .cm-content")
    keys.press("Control+A")
    keys.type("bar = 0.06")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.className") == "run", "Tab leaves the code for its button"
    keys.press("Enter")
    page.locator(".cell.task .note", has_text="earlier cells were run first").wait_for()
    assert page.evaluate("document.activeElement.className") == "run", "the focus stays where it was"
    tab_to(".cell.check button.run")
    keys.press("Enter")
    page.locator(".cell.check", has_text="Yes. With the bar at 0.06").wait_for()
    page.wait_for_function(
        "document.querySelector('.desk > [aria-live]').textContent.startsWith('Finished.')"
    )
    tab_to(".steps a.button")
    keys.press("Enter")
    page.wait_for_function("document.activeElement.tagName === 'H2'")
    assert page.locator("h2").first.inner_text().startswith("6 ")


def test_a_french_learner_reads_french_and_answers_stay_when_the_language_changes(
    served: Served, desk_page: Any
) -> None:
    page = desk_page
    page.goto(f"{served.page_address}#part-6")
    desk = DeskPage(page, whole=False)
    desk.task("j-why").locator("textarea").fill("Murakoze. Merci.")
    desk.saved()
    try:
        page.locator("select.language").select_option("fr")
        page.wait_for_function("document.documentElement.lang === 'fr' && document.querySelector('.hand-in')")
        assert page.locator(".hand-in").inner_text() == "Remettre"
        page.evaluate("location.hash = '#all'")
        french = DeskPage(page)
        assert french.task("j-why").locator("textarea").input_value() == "Murakoze. Merci."
        look(page, "desk-french")
        english = [
            text for text in ("Run", "Show code", "Check") if page.get_by_text(text, exact=True).count()
        ]
        assert english == []
    finally:
        page.request.get(f"{served.address}/isomo/language/{SLUG}/en")
