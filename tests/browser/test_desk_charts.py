"""Charts at the desk are drawn for the screen that shows them: they fit it, and their words can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.desk_page import DeskPage
from tests.support.desk_served import SLUG, Served, look
from tests.support.notebook_page import PATIENCE
from tests.support.page_faults import axe_script, faults, wide

pytestmark = pytest.mark.browser

KIT = "bar = 0.06\ndesk.picture(scores, trial)"
OWN = (
    "bar = 0.06\nimport pandas as pd\n"
    "days = {'enregistrement d’une entreprise ou d’une coopérative': 31, 'jugement non exécuté': 12}\n"
    "pd.Series(days).plot.barh(figsize=(11, 3), xlabel='days from the first letter to the decision')"
)
WORDS = """(svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].map((one) => parseFloat(getComputedStyle(one).fontSize) * scale);
}"""
OUTSIDE = """(svg) => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1;
  }).map((one) => one.textContent);
}"""
HIDDEN = "(svg) => svg.parentElement.scrollWidth - svg.parentElement.clientWidth"
DOTS = """(image) => ({ shown: image.getBoundingClientRect().width, dots: image.naturalWidth,
  room: image.closest('.result').clientWidth })"""


@contextmanager
def screen(browser: Any, served: Served, width: int, **more: Any) -> Iterator[Any]:
    """The whole lab on a screen of this width, in pixels."""
    context = browser.new_context(viewport={"width": width, "height": 740}, **more)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.page_address)
    yield page
    context.close()


def run_own(desk: DeskPage, code: str) -> Any:
    """Run lines of the learner's own; returns their cell."""
    cell = desk.cell("bar = None")
    cell.locator(".cm-content").click()
    desk.page.keyboard.press("Control+A")
    desk.page.keyboard.insert_text(code)
    return desk.run("bar = None")


def test_a_lab_that_is_opened_draws_the_picture_of_each_task_once(served: Served, browser: Any) -> None:
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 740})
    page = context.new_page()
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.extend(_views_in(frame))))
    page.goto(served.page_address)
    desk = DeskPage(page)
    desk.task("j").locator("figure svg").wait_for(timeout=PATIENCE)
    desk.run("bar = None")
    context.close()
    assert "j" in asked
    assert sorted(asked) == sorted(set(asked))


def _views_in(frame: str | bytes) -> list[str]:
    """Return the tasks whose pictures a message to the kernel asks for."""
    text = frame if isinstance(frame, str) else frame.decode(errors="replace")
    return re.findall(r'act\(\\*"(\w+)\\*", \\*"view', text)


@pytest.mark.parametrize("width", [320, 400])
def test_on_a_phone_a_chart_fits_its_frame_and_its_words_are_twelve_pixels_high(
    served: Served, browser: Any, width: int
) -> None:
    with screen(browser, served, width, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
        desk = DeskPage(page)
        asked = desk.task("j").locator("figure svg")
        result = run_own(desk, KIT).locator("figure svg")
        for chart in (asked, result):
            chart.scroll_into_view_if_needed()
            heights = chart.evaluate(WORDS)
            assert len(heights) > 5
            assert min(heights) >= 11.95
            assert chart.evaluate(OUTSIDE) == []
            assert chart.evaluate(HIDDEN) <= 0
            assert chart.bounding_box()["width"] >= width - 60, "the room that there is is used"
        look(page, f"desk-charts-{width}")
        assert wide(page) <= 0
        assert faults(page, axe_script()) == []


@pytest.mark.parametrize("width", [320, 400])
def test_on_a_phone_a_chart_of_a_learners_own_lines_fits_and_is_sharp(
    served: Served, browser: Any, width: int
) -> None:
    with screen(browser, served, width, has_touch=True, is_mobile=True, device_scale_factor=2) as page:
        cell = run_own(DeskPage(page), OWN)
        image = cell.locator(".result img")
        found = image.evaluate(DOTS)
        assert found["room"] - 30 <= found["shown"] <= found["room"] + 0.5
        assert found["dots"] == pytest.approx(2 * found["shown"], abs=2), (
            "its words are shown as high as drawn"
        )
        assert "Warning" not in cell.locator(".result").inner_text()
        look(page, f"desk-own-chart-{width}")
        assert wide(page) <= 0


def test_on_a_wide_screen_charts_are_as_they_were_and_one_drawn_there_moves_in_its_frame_on_a_phone(
    served: Served, browser: Any
) -> None:
    with screen(browser, served, 1280) as page:
        desk = DeskPage(page)
        chart = run_own(desk, KIT).locator("figure svg")
        assert chart.bounding_box()["width"] == pytest.approx(614.4, abs=1)
        assert "min-width:520px" in chart.get_attribute("style")
        page.set_viewport_size({"width": 400, "height": 740})
        chart.evaluate("(svg) => svg.parentElement.focus()")
        assert chart.evaluate("(svg) => document.activeElement === svg.parentElement")
        assert chart.evaluate(HIDDEN) > 0
        assert min(chart.evaluate(WORDS)) >= 10
        assert wide(page) <= 0
        desk.run("bar = None")
        cell = desk.cell("bar = None")
        cell.locator("figure svg").wait_for()
        assert cell.locator("figure svg").evaluate(HIDDEN) <= 0, "run again, it fits"
        assert min(cell.locator("figure svg").evaluate(WORDS)) >= 11.95


def test_in_french_and_in_the_dark_a_chart_fits_the_smallest_phone(served: Served, browser: Any) -> None:
    with screen(browser, served, 320, has_touch=True, is_mobile=True, color_scheme="dark") as page:
        try:
            page.locator("select.language").select_option("fr")
            page.wait_for_function(
                "document.documentElement.lang === 'fr' && document.querySelector('.hand-in')"
            )
            page.evaluate("location.hash = '#all'")
            desk = DeskPage(page)
            chart = run_own(desk, KIT).locator("figure svg")
            chart.scroll_into_view_if_needed()
            assert chart.evaluate(OUTSIDE) == []
            assert chart.evaluate(HIDDEN) <= 0
            assert min(chart.evaluate(WORDS)) >= 11.95
            assert chart.evaluate("(svg) => svg.parentElement.getAttribute('aria-label')")
            assert chart.evaluate("(svg) => getComputedStyle(svg).backgroundColor") == "rgb(255, 255, 255)"
            look(page, "desk-charts-french-dark")
        finally:
            page.request.get(f"{served.address}/isomo/language/{SLUG}/en")
