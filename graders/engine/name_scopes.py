"""Names that code takes from outside itself: Python's own rules of scope, read off a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*FUNCTIONS, ast.ClassDef, *COMPREHENSIONS)


def loaded_names(node: ast.AST, local: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names that `node` reads and that no function or comprehension around the reading binds.

    Args:
        node: any part of a syntax tree.
        local: names that the code around `node` binds.
    """
    if isinstance(node, FUNCTIONS):
        yield from _loaded_by_function(node, local)
    elif isinstance(node, ast.ClassDef):
        yield from _loaded_by_class(node, local)
    elif isinstance(node, COMPREHENSIONS):
        inside = local | frozenset(_targets(node.generators))
        for child in ast.iter_child_nodes(node):
            yield from loaded_names(child, inside)
    elif isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in local:
            yield node.id
    else:
        for child in ast.iter_child_nodes(node):
            yield from loaded_names(child, local)


def _loaded_by_function(node: Function, local: frozenset[str]) -> Iterator[str]:
    arguments = node.args
    outside: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
    outside += [one.annotation for one in _arguments(arguments)]
    if not isinstance(node, ast.Lambda):
        outside += [*node.decorator_list, node.returns]
    for one in outside:
        if one is not None:
            yield from loaded_names(one, local)
    inside = local | bound_inside(node)
    body: list[ast.stmt] | list[ast.expr] = node.body if isinstance(node.body, list) else [node.body]
    for statement in body:
        yield from loaded_names(statement, inside)


def _loaded_by_class(node: ast.ClassDef, local: frozenset[str]) -> Iterator[str]:
    for part in (*node.decorator_list, *node.bases, *(one.value for one in node.keywords)):
        yield from loaded_names(part, local)
    own = local | frozenset(bound_names(node.body))
    for statement in node.body:
        # Methods do not see the names of their class.
        yield from loaded_names(statement, local if isinstance(statement, FUNCTIONS) else own)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    starred = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def bound_inside(function: Function) -> frozenset[str]:
    """Return the names that are local to `function`: its arguments, and what its body binds."""
    body = function.body if isinstance(function.body, list) else []
    outer = {
        name
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Global)
        for name in node.names
    }
    own = {one.arg for one in _arguments(function.args)} | set(bound_names(body))
    return frozenset(own - outer)


def bound_names(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that statements bind in the scope in which they run, not in scopes inside them."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        if not isinstance(node, SCOPES):
            yield from bound_names(ast.iter_child_nodes(node))


def _targets(generators: Iterable[ast.comprehension]) -> Iterator[str]:
    for one in generators:
        yield from bound_names([one.target])
