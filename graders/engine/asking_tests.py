"""Rewrites a teacher's cell for the guarded run: it asks whose the methods are that answer it, and keeps its mocks."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from graders.contract import guard_policy as policy
from graders.engine import mock_names
from graders.engine.static_findings import parse_text

SHARED = frozenset(
    f"{begin}{mock_names.MODULE}.{name}" for begin in ("", mock_names.MADE) for name in ("ANY", "call")
)
"""Objects of the module that a learner has as well: a teacher's cell gets one to itself."""


def asking_cell(transformed: str, mocks: Mapping[str, str] | None = None) -> str:
    """Return a teacher's cell, as the guarded run runs it.

    Args:
        transformed: the cell as Python, without IPython's own lines.
        mocks: by which names the notebook calls `unittest.mock`, as `mock_names.mock_bindings` has them.
    """
    tree = parse_text(transformed)
    if tree is None:
        return transformed
    try:
        asker = _Asker(dict(mocks or {}))
        made = asker.visit(tree)
        return ast.unparse(ast.fix_missing_locations(made)) if asker.asks else transformed
    except RecursionError:
        return transformed


class _Asker(ast.NodeTransformer):
    def __init__(self, mocks: dict[str, str]) -> None:
        self._mocks = mocks
        self.asks = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Ask for `value.method`, if that is one that answers tests, and say that a mock is the teacher's."""
        is_mock = mock_names.full_name(node.func, self._mocks) is not None
        is_kind = mock_names.full_name(node, self._mocks) is not None
        self.generic_visit(node)
        if is_kind:
            return self._call("mocks.kind", node)
        if is_mock:
            node.func = self._call("mocks.calling", node.func)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in policy.ANSWERS:
            node.func = self._call("asked", node.func.value, ast.Constant(node.func.attr))
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Take up a class that the teacher derives from one of mocks."""
        is_mock = any(mock_names.full_name(base, self._mocks) is not None for base in node.bases)
        self.generic_visit(node)
        if is_mock:
            node.decorator_list.append(self._path("mocks.kind"))
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._own(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        own = self._own(node)
        return self.generic_visit(node) if own is node else own

    def _own(self, node: ast.Name | ast.Attribute) -> ast.AST:
        """Put the teacher's own object in the place of one that learners have too."""
        if isinstance(node.ctx, ast.Load) and mock_names.full_name(node, self._mocks) in SHARED:
            return self._call("mocks.own", node)
        return node

    def _call(self, path: str, *values: ast.expr) -> ast.Call:
        return ast.Call(self._path(path), list(values), [])

    def _path(self, path: str) -> ast.expr:
        """Return the guard's attribute at a dotted path."""
        self.asks = True
        found: ast.expr = ast.Name(policy.GUARD, ast.Load())
        for name in path.split("."):
            found = ast.Attribute(found, name, ast.Load())
        return found
