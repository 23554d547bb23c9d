"""A page as a screen reader gets it: Chromium's accessibility tree, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SILENT = {"none", "generic", "InlineTextBox", "StaticText", "LineBreak", "ListMarker"}


@dataclass(frozen=True)
class Node:
    """One thing that a screen reader stops at."""

    role: str
    name: str
    description: str
    states: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.role} {self.name}".strip()


def tree_of(page: Any) -> list[Node]:
    """Return what a screen reader stops at, in its order; plain texts and boxes without a role are left out."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    nodes = {each["nodeId"]: each for each in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    root = next(each["nodeId"] for each in nodes.values() if "parentId" not in each)
    return list(_read(nodes, root))


def _read(nodes: dict[str, Any], name: str) -> Iterator[Node]:
    found = nodes.get(name)
    if found is None:
        return
    role = _text(found, "role")
    if not found["ignored"] and role not in SILENT:
        states = {each["name"]: each["value"].get("value") for each in found.get("properties", [])}
        yield Node(role, _text(found, "name"), _text(found, "description"), states)
    for child in found.get("childIds", []):
        yield from _read(nodes, child)


def _text(found: dict[str, Any], key: str) -> str:
    return str(found.get(key, {}).get("value", "")).strip()
