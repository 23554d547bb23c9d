"""Which names code takes from outside: the same as Python's own symbol tables say."""

from __future__ import annotations

import ast
import symtable

import pytest

from graders.engine.name_scopes import bound_names, loaded_names

SOURCES = [
    "def f(a, *b, c=d, **e):\n    g = a + h\n    return g, b, c, e",
    "def f():\n    global k\n    k = m\n    return [n for n in k if n in o]",
    "f = lambda p, q=r: p + q + s",
    "class T(base):\n    u = v\n    def w(self):\n        return self.x + u + y",
    "def f(n):\n    def g(m):\n        nonlocal n\n        n = m + z\n        return n\n    return g",
    "def f():\n    import math as m\n    with open(path) as file:\n        return m.pi, file\n    for i in rows:\n        del i",
    "def f(v):\n    match v:\n        case {'a': b, **rest}:\n            return b, rest, other\n        case [c, *d]:\n            return c, d",
    "def f():\n    try:\n        return one\n    except ValueError as error:\n        return error",
    "async def f(xs):\n    async for x in xs:\n        yield x + outside",
    "@wrap(mark)\ndef f(x: kind) -> other:\n    return x",
]


def _globals(table: symtable.SymbolTable) -> set[str]:
    """Names that the functions and classes below a table look up in the module."""
    found = set()
    for inner in table.get_children():
        found |= {one.get_name() for one in inner.get_symbols() if one.is_global() and one.is_referenced()}
        found |= _globals(inner)
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_names_from_outside_are_those_that_python_looks_up_in_the_module(source: str) -> None:
    table = symtable.symtable(source, "cell", "exec")
    module = {one.get_name() for one in table.get_symbols() if one.is_referenced()}
    ours = set(loaded_names(ast.parse(source)))
    assert ours == (module | _globals(table)) - {".0"}


@pytest.mark.parametrize("source", [*SOURCES, "a, (b, *c) = d\nimport e.f, g as h\nfor i in j: pass"])
def test_names_that_statements_bind_are_those_that_python_binds_in_the_module(source: str) -> None:
    table = symtable.symtable(source, "cell", "exec")
    binds = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
    spaces = {one.get_name() for one in table.get_symbols() if one.is_namespace()}
    assert set(bound_names(ast.parse(source).body)) == binds | spaces
