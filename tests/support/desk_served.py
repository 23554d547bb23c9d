"""A lab served to one learner's desk, and what is on the disk and at the campus afterwards."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from labs.kit.run_cells import text_of
from tests.support.labs_served import HEADERS, TOKEN

SLUG = "where-to-set-the-bar"


class Served:
    """The lab of a learner, at an address, and what the campus got."""

    def __init__(self, address: str, root: Path, arrived: list[dict[str, bytes]]) -> None:
        self.address, self.root, self.arrived = address, root, arrived
        self.folder = root / "labs" / SLUG
        self.page_address = f"{address}/desk/{SLUG}?token={TOKEN}"
        self.released = (self.folder / f"{SLUG}.ipynb").read_bytes()

    def notebook(self) -> Any:
        """Return the notebook on the disk."""
        return json.loads((self.folder / f"{SLUG}.ipynb").read_text())

    def source(self, name: str) -> str:
        """Return a cell's text on the disk."""
        return next(text_of(cell) for cell in self.notebook()["cells"] if cell["id"] == name)

    def answers(self, task: str) -> Any:
        """Return a task's answers on the disk."""
        try:
            return json.loads((self.folder / "answers.json").read_text())["answers"].get(task)
        except (OSError, ValueError):
            return None

    def words(self) -> str:
        """Return the written task's words on the disk."""
        return str((self.answers("j-why") or {}).get("words", ""))

    def sessions(self) -> Any:
        """Return what runs."""
        return httpx.get(f"{self.address}/api/sessions", headers=HEADERS).json()

    def begin_again(self) -> None:
        """Stop what runs and put everything back as it was released."""
        for session in self.sessions():
            httpx.delete(f"{self.address}/api/sessions/{session['id']}", headers=HEADERS)
        (self.folder / "answers.json").unlink(missing_ok=True)
        (self.folder / f"{SLUG}.ipynb").write_bytes(self.released)
        self.arrived.clear()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def look(page: Any, name: str) -> None:
    """Keep a picture, where ISOMO_PICTURES names a folder."""
    if os.environ.get("ISOMO_PICTURES"):
        page.screenshot(path=f"{os.environ['ISOMO_PICTURES']}/{name}.png", full_page=True)
