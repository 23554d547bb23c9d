"""Methods that the classes of a teacher's solution have without writing them: from decorators and classes above."""

from __future__ import annotations

import ast
import builtins
import collections
from collections.abc import Iterator, Sequence

from graders.contract import guard_policy as policy
from graders.engine.name_scopes import bound_names, loaded_names

COMPARING = ("__eq__", "__ne__", "__repr__", "__str__", "__format__")
ORDERING = ("__lt__", "__le__", "__gt__", "__ge__")
ASKED_AS_ANOTHER = {"__len__": ("__bool__",), "__iter__": ("__contains__",), "__getitem__": ("__contains__",)}
"""Methods by which Python answers in the place of others that a class does not have."""


def answers_of_classes(trees: Sequence[ast.Module]) -> frozenset[str]:
    """Return, as "answers CLASS.METHOD", what the classes of a teacher's solution cells answer to a test.

    A learner who writes the same class without the decorator, or without the class above, writes these methods. With
    them, as "leads NAME CLASS", which names of the solution use which of these classes: a test of another name
    gets no answer from a class that only has the right name.
    """
    found = {(name, method) for tree in trees for name, method in _found(tree)}
    found |= {(name, other) for name, method in found for other in ASKED_AS_ANOTHER.get(method, ())}
    answers = {f"answers {name}.{method}" for name, method in found if policy.is_answering(method)}
    return frozenset(answers | set(_leads(trees, {name for name, _ in found})))


def _leads(trees: Sequence[ast.Module], classes: set[str]) -> Iterator[str]:
    uses: dict[str, set[str]] = {}
    for statement in [one for tree in trees for one in tree.body]:
        for name in bound_names([statement]):
            uses.setdefault(name, set()).update(loaded_names(statement))
    for name in uses:
        seen: set[str] = set()
        pending = [name]
        while pending:
            one = pending.pop()
            if one not in seen:
                seen.add(one)
                pending += uses.get(one, ())
        yield from (f"leads {name} {kind}" for kind in seen & classes)


def _found(tree: ast.Module) -> Iterator[tuple[str, str]]:
    known = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for name, kind in known.items():
        yield from ((name, method) for method in _methods(kind, known, ()))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        if _last_name(node.value.func) in ("namedtuple", "NamedTuple"):
            names = [one.id for one in node.targets if isinstance(one, ast.Name)]
            yield from ((name, method) for name in names for method in dir(tuple))


def _methods(node: ast.ClassDef, known: dict[str, ast.ClassDef], below: tuple[str, ...]) -> Iterator[str]:
    for one in node.decorator_list:
        decorator = one.func if isinstance(one, ast.Call) else one
        if _last_name(decorator) == "dataclass":
            yield from COMPARING
            words = one.keywords if isinstance(one, ast.Call) else []
            if any(word.arg == "order" for word in words):
                yield from ORDERING
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef):
            yield inner.name
    for base in map(_last_name, node.bases):
        if base in known and base not in below:
            yield from _methods(known[base], known, (*below, node.name))
        else:
            yield from _of_library(base)


def _of_library(base: str) -> Sequence[str]:
    """Return the methods of a class of Python's own that holds data."""
    if base == "NamedTuple":
        return dir(tuple)
    found = getattr(builtins, base, getattr(collections, base, None))
    return dir(found) if isinstance(found, type) and base != "object" else ()


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
