"""Puts a line in that is IPython's, and no Python."""

from __future__ import annotations

from typing import Any


def build(book: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with a cell of one word and an option."""
    for cell in book["cells"]:
        if cell["source"].startswith("pass  # A line"):
            cell["source"] = "history -f told.txt"
    return book
