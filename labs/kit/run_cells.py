"""Remembers what was really run in each cell, so that work is not lost because it was not saved."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """A cell's source as it ran, and when."""

    source: str
    at: float


@dataclass
class Recorder:
    """Sources by cell id, as the front end sent them with `execute_request`."""

    ran: dict[str, Ran] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    """Cells whose last run stopped with an error."""

    def listen(self, shell: Any) -> None:
        """Be told of every cell from now on."""
        shell.events.register("pre_run_cell", self.note)
        # The cell that is running now began before we listened.
        parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
        self._keep(parent.get("metadata", {}).get("cellId"), parent.get("content", {}).get("code"))

    def note(self, info: Any) -> None:
        """A cell begins."""
        self._keep(getattr(info, "cell_id", None), getattr(info, "raw_cell", None))

    def _keep(self, cell: object, source: object) -> None:
        if isinstance(cell, str) and isinstance(source, str):
            self.ran[cell] = Ran(source, time.time())
            self.failed.discard(cell)

    def stopped(self, cell: str) -> None:
        """A cell stopped with an error."""
        if cell:
            self.failed.add(cell)

    def has_failed(self, cell: str) -> bool:
        """Return whether a cell was run, and its last run stopped with an error."""
        return cell in self.failed

    def as_run(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return cells with the sources that were run last."""
        return [
            {**cell, "source": self.ran[cell["id"]].source} if cell.get("id") in self.ran else cell
            for cell in cells
        ]

    def unsaved(self, notebook: dict[str, Any], saved_at: float) -> dict[str, str]:
        """Return the sources that ran after the notebook was saved and differ from what was saved, by cell id."""
        found = {}
        for cell in notebook.get("cells", []):
            ran = self.ran.get(cell.get("id", ""))
            if ran and cell.get("cell_type") == "code" and ran.at > saved_at and ran.source != text_of(cell):
                found[cell["id"]] = ran.source
        return found


def text_of(cell: dict[str, Any]) -> str:
    """Return a cell's source, which may be stored as lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook from disk. Raises OSError or ValueError with no sentence: callers have better ones."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise ValueError(path.name)
    return found


def slim_notebook(notebook: dict[str, Any], sources: dict[str, str]) -> bytes:
    """Return the notebook to hand in: `sources` replace what was saved; outputs go, as graders make them again."""
    cells = []
    for cell in notebook["cells"]:
        kept = dict(cell)
        if cell.get("id") in sources:
            kept["source"] = sources[cell["id"]]
        if kept.get("cell_type") == "code":
            kept |= {"outputs": [], "execution_count": None}
            kept["metadata"] = {k: v for k, v in kept.get("metadata", {}).items() if k != "execution"}
        cells.append(kept)
    metadata = {key: value for key, value in notebook.get("metadata", {}).items() if key != "widgets"}
    made = {**notebook, "cells": cells, "metadata": metadata}
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
