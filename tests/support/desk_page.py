"""A lab at the desk, worked with as a learner does."""

from __future__ import annotations

import json
from typing import Any

from tests.support.notebook_page import PATIENCE

CODE = ".cm-content, textarea.plain-code"


class DeskPage:
    """A lab's page at the desk, all its parts on one page."""

    def __init__(self, page: Any, *, whole: bool = True) -> None:
        self.page = page
        page.wait_for_url("**/desk/**", timeout=PATIENCE)
        page.wait_for_selector(".bar h1", timeout=PATIENCE)
        self.state = json.loads(page.locator("#desk-state").text_content())
        if whole:
            page.evaluate("location.hash = '#all'")
            page.wait_for_function("document.querySelectorAll('article.part').length > 1")
        page.wait_for_selector("main:not([data-drawing])", timeout=PATIENCE)

    def id_of(self, text: str) -> str:
        """Return the name of the code cell that holds `text`."""
        cells = [cell for cell in self.state["cells"] if cell["role"] != "text"]
        return str(next(cell["id"] for cell in cells if text in cell["source"]))

    def cell(self, text: str) -> Any:
        """Return the code cell that holds `text` as the lab was opened."""
        return self.page.locator(f'[id="cell-{self.id_of(text)}"]')

    def task(self, name: str) -> Any:
        """Return a task that is answered with controls, or in words."""
        return self.page.locator(f'[id="task-{name}"]')

    def write(self, text: str, new: str) -> Any:
        """Write something else into a cell; returns the cell."""
        cell = self.cell(text)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(new)
        return cell

    def run(self, text: str, *, write: str | None = None) -> Any:
        """Run a cell by its button, after writing something else into it; returns the cell."""
        cell = self.cell(text) if write is None else self.write(text, write)
        cell.locator("button.run").click()
        self.rest(cell)
        return cell

    def rest(self, cell: Any) -> None:
        """Wait until a cell has run."""
        cell.locator("xpath=self::*[@aria-busy='false']").wait_for(timeout=PATIENCE)

    def says(self, cell: Any, text: str) -> None:
        """Wait until a cell or a task shows `text`."""
        cell.get_by_text(text).first.wait_for(timeout=PATIENCE)

    def saved(self) -> None:
        """Wait until the bar says that everything is saved."""
        self.page.locator(".saved[data-status=saved]").wait_for(timeout=PATIENCE)

    def hand_in(self) -> Any:
        """Hand in by the bar's button; returns the dialog, which says how it went."""
        self.page.locator("button.hand-in").click()
        dialog = self.page.locator("dialog[open]")
        dialog.locator("button.run").click()
        dialog.locator("p[role=status]:not(:empty)").wait_for()
        return dialog
