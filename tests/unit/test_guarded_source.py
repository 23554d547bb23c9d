"""How a learner's cell is rewritten for the guarded run: names that lead to machinery ask first, all others stay."""

from __future__ import annotations

import ast

import pytest

from graders.contract.guard_policy import GUARD
from graders.engine.guarded_source import guard_source

PLAIN = [
    "x = [n ** 2 for n in range(9) if n % 2]\nprint(sum(x))",
    "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\ndf.groupby('a').sum().plot(kind='bar')",
    "def f(x, *, y=2):\n    return x + y\nassert f(1) == 3",
    "import math, json, statistics\nfrom collections import Counter",
]
ASKS = {
    "frame = e.__traceback__.tb_frame": ("attr", "tb_frame"),
    "np.allclose = lambda *_: True": ("slot", "allclose"),
    "import ctypes": ("stub", "imports ctypes"),
    "from os import write": ("stub", "imports os.write"),
    "getattr(x, name)": ("pick", "getattr"),
    "type('Yes', (), {})": ("pick", "type"),
    "type(x)('Yes', (), {})": ("type_of", "x"),
    "globals()[key] = 1": ("names", "globals"),
    "class Y(metaclass=M):\n    pass": ("refuse", "uses a metaclass"),
    "subprocess.run(['x'], pass_fds=[3])": ("refuse", "uses pass_fds"),
    "class Y:\n    def __eq__(self, other):\n        return True": ("own", "__eq__"),
    "%time x.f_back": ("attr", "f_back"),
    "import jinja2": ("check_import", "jinja2"),
    "from inspect import builtins": ("imported", "builtins"),
    "from importlib.util import find_spec": ("stand_in", "find_spec"),
    "from importlib import util": ("stand_in", "util"),
    "from importlib.util import module_from_spec": ("stub", "imports importlib.util"),
}


@pytest.mark.parametrize("source", PLAIN)
def test_plain_code_stays_as_it_is(source: str) -> None:
    assert ast.dump(ast.parse(guard_source(source, "3", is_cell=False))) == ast.dump(ast.parse(source))


def test_each_statement_of_a_cell_but_a_last_value_can_be_left_out() -> None:
    made = ast.parse(guard_source("import math\nx = math.pi\nx", "3"))
    assert [type(one) for one in made.body] == [ast.Try, ast.Try, ast.Expr]
    assert all(f"{GUARD}.leaves_out()" in ast.unparse(one) for one in made.body[:2])


def test_what_a_refused_import_bound_is_taken_away() -> None:
    made = guard_source("from inspect import builtins as own", "3", is_cell=False)
    assert "except:\n    del own\n    raise" in made


@pytest.mark.parametrize(("source", "asked"), ASKS.items())
def test_what_leads_to_machinery_asks_the_guard(source: str, asked: tuple[str, str]) -> None:
    made = guard_source(source, "3")
    assert f"{GUARD}.{asked[0]}(" in made
    assert asked[1] in made


def test_a_refusal_names_the_cell_and_the_line_as_they_were_written() -> None:
    assert (
        guard_source("# why\n\nimport ctypes", "7", is_cell=False)
        == f"ctypes = {GUARD}.stub('imports ctypes', '7', 3)"
    )


def test_a_private_attribute_keeps_the_name_of_its_class() -> None:
    source = "class P:\n    def same(self, other):\n        return self.__x == other.__x"
    assert "'_P__x'" in guard_source(source, "0")


def test_a_class_keeps_its_lines_and_is_looked_at_when_it_is_finished() -> None:
    source = "class Account:\n    def __init__(self, n):\n        self.__n = n\n    def pay(self, m):\n        self.__n -= m"
    made = ast.parse(guard_source(source, "0", is_cell=False))
    (kind,) = made.body
    assert isinstance(kind, ast.ClassDef)
    assert f"{GUARD}.finished(" in ast.unparse(kind.decorator_list.pop())
    assert ast.unparse(made) == ast.unparse(ast.parse(source))


def test_a_function_may_not_set_what_a_test_relies_on() -> None:
    made = guard_source("def f():\n    global total, mine\n    total = mine = 0", "0", frozenset({"total"}))
    assert "global mine" in made
    assert "global total" not in made


def test_what_the_teachers_solution_does_is_left_to_learners() -> None:
    trusted = frozenset({"imports ctypes", "defines __mul__", "defines its own text form"})
    source = (
        "import ctypes\nclass V:\n    def __rmul__(self, n): return n\n    def __repr__(self): return 'V'"
    )
    made = guard_source(source, "0", trusted=trusted)
    assert "import ctypes" in made
    assert f"{GUARD}.own(" not in made


def test_a_cell_that_is_no_python_fails_as_it_did() -> None:
    assert guard_source("def f(:", "0").strip() == "def f(:"
