"""Follows a teacher's classes of mocks through loops, lists, dicts and calls of `type`.

A loop's name and a list's parts count as mocks only if every value that the teacher writes there is one: a class of
the learner's among them would make the learner's mocks the teacher's.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

Named = tuple[str, Sequence[ast.AST]]
"""A name, and the values that it may have: a loop's name has several."""

Loop = ast.For | ast.AsyncFor | ast.comprehension


def parts_of(name: str) -> str:
    """Return under which name the parts of a list, a tuple or a dict are known."""
    return f"{name}[]"


def named_values(node: ast.AST) -> list[Named]:
    """Return what a statement or a loop names, each with its values."""
    if isinstance(node, ast.ClassDef):
        return [(node.name, [base]) for base in node.bases]
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        parts = _parts(node.value)
        whole: list[Named] = [(name, [node.value]) for name in names]
        return whole + [(parts_of(name), parts) for name in names if parts]
    if isinstance(node, Loop):
        return list(_loop_names(node))
    return []


def bases_of(node: ast.AST) -> list[ast.expr]:
    """Return the bases of a class that `type(name, bases, body)` makes, none for anything else."""
    is_type = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"
    if not is_type or not isinstance(node, ast.Call) or len(node.args) != 3:
        return []
    return node.args[1].elts if isinstance(node.args[1], ast.Tuple) else []


def doubtful_names(trees: Iterable[ast.AST], is_mock: Callable[[ast.AST], bool]) -> frozenset[str]:
    """Return the loops' names that the teacher also gives to something else: a parameter, or a learner's class."""
    sure: Counter[str] = Counter()
    every: Counter[str] = Counter()
    names: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        every.update(_bound_by(node))
        for name, values in _loop_names(node) if isinstance(node, Loop) else ():
            names.add(name)
            sure[name] += bool(values) and all(map(is_mock, values))
    return frozenset(name for name in names if every[name] > sure[name])


def _parts(node: ast.AST) -> list[ast.expr]:
    """Return the values of a list, a tuple, a set or a dict that is written out."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    return node.values if isinstance(node, ast.Dict) else []


def _loop_names(node: Loop) -> Iterator[Named]:
    """Yield the names that a loop gives, each with the values that it goes through."""
    source, kind = _gone_through(node.iter)
    if isinstance(node.target, ast.Name) and kind != "items":
        yield node.target.id, _values(source)
    if not isinstance(node.target, ast.Tuple):
        return
    rows = [one.elts if isinstance(one, ast.Tuple | ast.List) else [] for one in _parts(source)]
    for place, target in enumerate(node.target.elts):
        if not isinstance(target, ast.Name):
            continue
        if kind == "items":
            yield target.id, _values(source) if place == 1 else []
        elif rows and all(len(row) > place for row in rows):
            yield target.id, [row[place] for row in rows]


def _gone_through(node: ast.expr) -> tuple[ast.expr, str]:
    """Return what a loop goes through, without the dict's method that it calls, and that method."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        if node.func.attr in ("values", "items"):
            return node.func.value, node.func.attr
    return node, ""


def _values(source: ast.expr) -> list[ast.expr]:
    """Return the parts of what a loop goes through: written out, or one that speaks for all of a named one's."""
    if isinstance(source, ast.Name):
        return [ast.Subscript(source, ast.Constant(0), ast.Load())]
    return _parts(source)


def _bound_by(node: ast.AST) -> list[str]:
    """Return the names that a node itself binds."""
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.alias):
        return [node.asname or node.name]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    return [node.name] if isinstance(node, ast.ExceptHandler) and node.name else []
