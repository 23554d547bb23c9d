"""A written task in a real browser: somebody types an answer as people do, and every word of it is handed in."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labs.authoring.lab_spec import find_lab
from labs.kit.own_words import EMPTY_CELL, written_cells
from labs.kit.run_cells import text_of
from tests.support.labs_served import HEADERS, TOKEN, campus_served, labs_served
from tests.support.notebook_page import PATIENCE, Notebook

pytestmark = pytest.mark.browser

SLUG = "who-is-in-the-data"
TASK = "j-why"
WROTE = "Abantu bo mu byaro babuze. A bus, 0 0 coins: my x, y and z cost more than dd or 1 a day!"
MORE = " Next month a clerk visits them; I answer for it."
STRAY = "abxcvmyrzoddii00 123456 ABJKLMRZ"
"""Letters and digits that were commands, typed where there is no box."""


class Desk:
    """A lab in a learner's browser, the folder that holds her work, and what the campus got."""

    def __init__(self, address: str, root: Path, arrived: list[dict[str, bytes]]) -> None:
        self.address, self.arrived = address, arrived
        self.folder = root / "labs" / SLUG
        self.page_address = f"{address}/doc/tree/labs/{SLUG}/{SLUG}.ipynb?token={TOKEN}"

    def open(self, page: Any) -> Notebook:
        """The lab's notebook, with its first cell run."""
        page.goto(self.page_address)
        notebook = Notebook(page)
        notebook.run("lab.start")
        return notebook

    def kept(self) -> str:
        """The words on the disk."""
        try:
            found = json.loads((self.folder / "answers.json").read_text())["answers"]
        except (OSError, ValueError):
            return ""
        return str(found.get(TASK, {}).get("words", ""))

    def saved(self) -> list[tuple[str, str, str]]:
        """The notebook's cells on the disk: name, kind, text."""
        cells = json.loads((self.folder / f"{SLUG}.ipynb").read_text())["cells"]
        return [(cell["id"], cell["cell_type"], text_of(cell)) for cell in cells]

    def restart_kernel(self) -> None:
        """Stop what runs the lab's cells, and start it again."""
        (session,) = httpx.get(f"{self.address}/api/sessions", headers=HEADERS).json()
        address = f"{self.address}/api/kernels/{session['kernel']['id']}/restart"
        httpx.post(address, headers=HEADERS, timeout=60).raise_for_status()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with campus_served() as (env, arrived), labs_served([find_lab(SLUG)], tmp_path, env=env) as address:
        yield Desk(address, tmp_path, arrived)


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


def box_of(notebook: Notebook) -> Any:
    """The written task's box, shown by running its cell."""
    box = notebook.run(f'lab.ask("{TASK}")').locator(".isomo-letter textarea")
    box.wait_for()
    return box


def test_every_word_that_is_typed_is_kept_comes_back_and_is_handed_in(desk: Desk, page: Any) -> None:
    notebook = desk.open(page)
    before = desk.saved()
    box = box_of(notebook)
    box.focus()
    page.keyboard.type(WROTE, delay=5)
    wait_until(lambda: desk.kept() == WROTE, "every word is on the disk, though nobody saved anything")
    page.get_by_text("Kept. Your trainer reads it after you hand in.").wait_for()

    page.reload()
    notebook = desk.open(page)
    box = box_of(notebook)
    assert box.input_value() == WROTE, "the words are there after the page was loaded again"

    desk.restart_kernel()
    box.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(MORE, delay=5)
    page.get_by_text("Not kept yet. If this does not change, run this cell again").wait_for()
    notebook.run("lab.start")
    assert box_of(notebook).input_value() == WROTE + MORE, "words typed to a stopped kernel are not lost"
    wait_until(lambda: desk.kept() == WROTE + MORE, "they are kept as soon as the cell has run")

    progress = notebook.run("lab.progress")
    notebook.says(progress, "begun")
    assert "empty" not in progress.locator(".jp-OutputArea").first.inner_text()
    notebook.says(notebook.run("lab.submit"), "R-1")
    work = json.loads(desk.arrived[0][f"{SLUG}.ipynb"])
    found = text_of(dict(written_cells(work))[TASK])
    assert found.replace("\\", "") == WROTE + MORE
    assert [cell["id"] for cell in work["cells"]] == [name for name, _, _ in before], (
        "no cell more, none less"
    )


def test_double_clicks_and_stray_letters_change_nothing_but_are_told_as_empty(desk: Desk, page: Any) -> None:
    notebook = desk.open(page)
    before = desk.saved()
    box = box_of(notebook)
    around = page.locator(".jp-MarkdownCell", has_text="Now in your own words").first
    around.dblclick()
    page.keyboard.type(STRAY)
    page.keyboard.press("Escape")
    box.locator("xpath=ancestor::div[contains(@class, 'jp-CodeCell')]").locator(".jp-InputPrompt").click()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")  # The cell of which a person marks the text; it shows nothing.
    page.keyboard.type(STRAY)
    page.keyboard.press("Enter")
    page.keyboard.type(STRAY)
    page.keyboard.press("Escape")
    page.locator(".jp-MarkdownCell.jp-mod-selected, .jp-MarkdownCell.jp-mod-active").first.dblclick()
    page.keyboard.type(STRAY)

    handed = notebook.run("lab.submit")
    notebook.says(handed, "Part 6: your own words are still empty.")
    notebook.says(handed, "R-1")
    work = json.loads(desk.arrived[0][f"{SLUG}.ipynb"])
    assert [cell["id"] for cell in work["cells"]] == [name for name, _, _ in before]
    assert text_of(dict(written_cells(work))[TASK]) == EMPTY_CELL
    page.keyboard.press("Control+s")
    page.wait_for_timeout(1500)
    assert [one[:2] for one in desk.saved()] == [one[:2] for one in before], (
        "no cell was added, cut or converted"
    )


@pytest.mark.parametrize("width", [1280, 400])
def test_a_written_task_fits_a_computer_and_a_phone(desk: Desk, page: Any, width: int) -> None:
    notebook = desk.open(page)
    cell = notebook.run(f'lab.ask("{TASK}")')
    form = cell.locator(".isomo-form")
    form.locator("textarea").fill(WROTE)
    page.set_viewport_size({"width": width, "height": 900})
    form.get_by_text("Kept.").wait_for()
    form.scroll_into_view_if_needed()
    if os.environ.get("ISOMO_PICTURES"):
        form.evaluate("one => one.scrollIntoView({block: 'center'})")
        page.screenshot(path=f"{os.environ['ISOMO_PICTURES']}/own-words-{width}.png")
    assert form.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), "nothing is cut off at its side"
    assert form.locator("textarea").evaluate("one => one.getBoundingClientRect().width") > 200
