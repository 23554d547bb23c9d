"""JupyterLab's file browser and terminal in a real browser, as the person there has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.hub_run import Hub

LAUNCHER = ".jp-LauncherCard[title*='terminal' i]:visible"
SCREEN = ".jp-Terminal .xterm-screen:visible"
CHUNKED = 15_000_000
"""Bytes from which JupyterLab asks before it uploads a file."""


class LabTerminal:
    """A terminal that somebody has opened in JupyterLab, in a project's folder.

    `folder` is the project's folder on this machine, `place` the same folder as the terminal sees it.
    """

    def __init__(self, hub: Hub, page: Any, folder: Path, place: str) -> None:
        self.hub, self.page, self.folder = hub, page, folder
        self.typed = len(list((folder / "data").glob("typed-*")))
        page.wait_for_selector(".jp-DirListing-content")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.keyboard.press("Control+Shift+L")
        page.click(LAUNCHER)
        page.wait_for_selector(SCREEN)
        assert self.type(f"cd {place}", ended=f"{place}/data/") == 0

    def bring(self, file: Path) -> None:
        """Upload a file by the button of the file browser, which shows the project's folder; wait for all of it."""
        with self.page.expect_file_chooser() as chooser:
            self.page.click(
                ".jp-FileBrowser-toolbar [data-command='filebrowser:upload'], [title='Upload Files']"
            )
        chooser.value.set_files(file)
        place, size = self.folder / file.name, file.stat().st_size
        if size > CHUNKED:
            self.page.click(".jp-Dialog button:has-text('Upload')")
        self.hub.wait_until(lambda: place.exists() and place.stat().st_size == size, f"{file.name} uploaded")
        try:
            file.read_text("utf-8")
        except UnicodeDecodeError:  # JupyterLab shows what it was given, and cannot; the file is there.
            self.page.click(".jp-Dialog:has-text('not UTF-8') .jp-Dialog-footer button")

    def type(self, command: str, seconds: float = 300, ended: str = "data/") -> int:
        """Type a command, wait until it ends, and return its exit code."""
        self.typed += 1
        mark = self.folder / "data" / f"typed-{self.typed}"
        self.page.click(SCREEN)
        self.page.keyboard.type(f"{command}; echo $? > {ended}{mark.name}\n")
        self.hub.wait_until(lambda: mark.exists() and mark.read_text() != "", command, seconds)
        return int(mark.read_text())
