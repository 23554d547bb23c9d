"""What is wrong with how a page looks or is read: faults that axe-core finds, and what is cut off at its side."""

from __future__ import annotations

from typing import Any

from hub.ops.desk_build import prepared_workshop


def axe_script() -> str:
    """Return the accessibility checker's script, from the desk's own lock file."""
    return (prepared_workshop(dev=True) / "node_modules" / "axe-core" / "axe.min.js").read_text()


def faults(page: Any, axe: str) -> list[str]:
    """Return what axe-core finds, in one line each."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def wide(page: Any) -> int:
    """Return how many pixels of the page are cut off at its side."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
