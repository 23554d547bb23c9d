"""Finds by which names a teacher's notebook calls `unittest.mock`, and whose mocks those are.

Mocks of a teacher's cell may do anything in the guarded run; a learner's stay tame there, also if only the teacher
imported the module. If a teacher's own solution uses it, mocks are the task: then a learner's are trusted as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import partial

from graders.contract import guard_policy as policy
from graders.engine import kept_mocks
from graders.engine.static_findings import Cell

MODULE = "unittest.mock"
WHAT = f"imports {MODULE}"
EXCUSES = frozenset({WHAT, "uses mock"})
"""Findings in a learner's cell that the same line of a given cell or of a test does not excuse."""
TOLD = policy.MOCK_ANSWERS | policy.MOCK_METHODS
"""Attributes of a teacher's mock that a learner's line has no reason to name, unless mocks are the task."""
MADE = "made:"
"""How full names of names begin that a teacher's cell gave to a part of the module, or to a class derived from one."""


def mock_bindings(tree: ast.AST) -> dict[str, str]:
    """Return what a cell's imports make of the module: a name, with dots if needed, and its full name.

    Example:
        bindings(ast.parse("from unittest.mock import Mock as M"))  # {"M": "unittest.mock.Mock"}
    """
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == MODULE:
                    found[alias.asname or MODULE] = MODULE
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full == MODULE or full.startswith(f"{MODULE}."):
                    found[alias.asname or alias.name] = full
    return found


def made_names(tree: ast.AST, known: Mapping[str, str]) -> dict[str, str]:
    """Return the names that a cell gives to parts of the module and to classes derived from them, with full names.

    Example:
        tree = ast.parse("class Fake(M): pass")
        made_names(tree, {"M": "unittest.mock.Mock"})  # {"Fake": "made:unittest.mock.Mock"}
    """
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        for name, values in kept_mocks.named_values(node):
            fulls = [full_name(value, {**known, **found}) for value in values]
            if fulls and fulls[0] is not None and None not in fulls:
                found[name] = MADE + fulls[0].removeprefix(MADE)
    return {name: full for name, full in found.items() if name not in known}


def without_excuses(found: Iterable[str], cells: Iterable[tuple[ast.AST, bool]]) -> frozenset[str]:
    """Return a teacher's findings, in which a given cell or a test excuses no mock of a learner's.

    The bindings are among them as `"mocks NAME=FULL NAME"`. `cells` has each cell's tree, and whether it is a solution.
    """
    trees = list(cells)
    known = {name: full for tree, _ in trees for name, full in mock_bindings(tree).items()}
    for tree, _ in trees:
        known.update(made_names(tree, known))
    is_mock = partial(_is_named_in, known)
    for name in kept_mocks.doubtful_names([tree for tree, _ in trees], is_mock):
        if known.get(name, "").startswith(MADE):
            del known[name]
    if any(mock_findings(tree, known) or mock_bindings(tree) for tree, is_solution in trees if is_solution):
        return frozenset(found)
    return frozenset({*found} - EXCUSES) | {f"mocks {name}={full}" for name, full in known.items()}


def _is_named_in(known: Mapping[str, str], value: ast.AST) -> bool:
    return full_name(value, known) is not None


def from_findings(trusted: Iterable[str]) -> dict[str, str]:
    """Return the bindings that a teacher's findings name."""
    told = (one.removeprefix("mocks ").partition("=") for one in trusted if one.startswith("mocks "))
    return {name: full for name, _, full in told}


def mock_findings(tree: ast.AST | None, known: Mapping[str, str]) -> list[tuple[str, ast.AST]]:
    """Return the finding, with its place, for each use of the module by one of these names, and of a mock's answers."""
    if tree is None or not known:
        return []
    return [(WHAT, node) for node in ast.walk(tree) if _is_site(node, known)]


def _is_site(node: ast.AST, known: Mapping[str, str]) -> bool:
    """Return whether a node names the module, or what tells a mock its answers."""
    if isinstance(node, ast.Constant):
        return node.value in TOLD
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    if isinstance(node, ast.Attribute) and (node.attr in TOLD or node.attr.startswith(("_mock", "assert_"))):
        return True
    return (full_name(node, known) or MADE)[: len(MADE)] != MADE


def unexcused_findings(cell: Cell, trusted: frozenset[str]) -> frozenset[str]:
    """Return what a learner's cell shows, and the teacher's own notebook does not."""
    used = frozenset(what for what, _ in mock_findings(cell.tree, from_findings(trusted)))
    return (cell.warnings | used) - trusted


def full_name(node: ast.AST, known: Mapping[str, str]) -> str | None:
    """Return the full name of a name or of an attribute of one, None if it is not of the module."""
    parts: list[str] = []
    made_of = kept_mocks.bases_of(node)
    if made_of:
        return next((full for full in (full_name(base, known) for base in made_of) if full is not None), None)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return known.get(kept_mocks.parts_of(node.value.id))
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.insert(0, node.id)
    for count in range(1, len(parts) + 1):
        full = known.get(".".join(parts[:count]))
        if full is not None:
            return ".".join([full, *parts[count:]])
    return None
