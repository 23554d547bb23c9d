"""A lab's notebook in a real JupyterLab, worked with as a learner does."""

from __future__ import annotations

from typing import Any

PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""


class Notebook:
    """A lab's notebook in JupyterLab, worked with as a learner does: by clicking into cells and Shift+Enter."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.wait_for_url("**/doc/tree/**", timeout=PATIENCE)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE)
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=PATIENCE)

    def cell(self, text: str) -> Any:
        """Return the code cell that holds `text`."""
        # Cells far from view are not there until one scrolls to them.
        found = self.page.locator(".jp-Notebook .jp-CodeCell", has_text=text)
        for _ in range(60):
            if found.count():
                break
            self.page.locator(".jp-WindowedPanel-outer").hover()
            self.page.mouse.wheel(0, 600)
            self.page.wait_for_timeout(100)
        return found.first

    def run(self, text: str, *, write: str | None = None) -> Any:
        """Run a cell, after writing something else into it; returns the cell."""
        cell = self.cell(text)
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        if write is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(write)
            cell = self.cell(write)
        self.page.keyboard.press("Control+Enter")
        cell.locator(".jp-InputPrompt", has_text="[*]").wait_for(state="detached")
        return cell

    def says(self, cell: Any, text: str) -> None:
        """Wait until a cell shows `text`."""
        cell.locator(".jp-OutputArea", has_text=text).wait_for()
