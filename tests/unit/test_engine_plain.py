"""What the engine's reader finds in learners' cells, without running them."""

import pytest

from graders.engine import static_findings

HONEST = [
    "import numpy as np\nimport pandas as pd\ndf = pd.read_csv('data.csv')\ndf['x'] = df.a * 2\ndf.head()",
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (4, 3)\nplt.plot([1, 2])",
    "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression().fit(X, y)\nmodel.predict(X)",
    "class Office:\n    def __init__(self, name):\n        self._name = name\n    def busy(self):\n        return len(self._name) > 3",
    "df.query('days > 10')",
    "df.columns = ['a', 'b']",
    "total = sum(x for x in range(10))\nprint(f'{total}')",
    "%time sum(range(10))",
    "if __name__ == '__main__':\n    print('hi')",
    "with open('letters.txt') as f:\n    text = f.read()",
    "def f(x):\n    return getattr(x, 'name', None)",
    "this is not python",
    "from __future__ import annotations",
    "rng = np.random.default_rng(0)\nrng.choice([1, 2])",
]
SUSPECT = [
    ("get_ipython().input_transformers_cleanup.append(lambda lines: [])", "uses get_ipython"),
    ("import builtins\nbuiltins.abs = lambda x: 0", "imports builtins"),
    ("import sys", "imports sys"),
    ("class A:\n    def __eq__(self, other):\n        return True", "defines __eq__"),
    ("A = type('A', (), {'__eq__': lambda a, b: True})", "makes a class by type()"),
    ("A = type('A', (), {'__eq__': lambda a, b: True})", "names __eq__ in text"),
    ("from unittest.mock import ANY", "imports unittest.mock"),
    ("np = __import__('numpy')", "uses __import__"),
    ("eval('1')", "uses eval"),
    ("import numpy as np\nnp.allclose = lambda *a: True", "changes np.allclose"),
    ("from numpy.lib.stride_tricks import as_strided", "imports numpy.lib.stride_tricks"),
    ("np.lib.stride_tricks.as_strided(x)", "uses as_strided"),
    ("(lambda: 0).__globals__", "uses __globals__"),
    ("def g():\n    yield\ng().gi_frame.f_back", "uses f_back"),
    ("getattr(x, 'a' + 'b')", "uses getattr with a computed name"),
    ("open('/proc/self/mem', 'rb')", "names a system path"),
    ("open('/pr' + 'oc/self/mem', 'rb')", "opens a computed path"),
    ("print(In)", "uses In"),
    ("print(_i3)", "uses _i3"),
    ("!ls", "runs a shell command"),
    ("%run other.py", "uses the magic run"),
    ("%time exec('1')", "uses get_ipython"),
    ("%precision 0", "uses the magic precision"),
    ("df.query('@pd.io.common.os.system(\"id\")')", "uses query with computed text"),
    ("class F(float):\n    pass", "derives from float"),
    ("class A:\n    def __repr__(self):\n        return '3'", "defines its own text form"),
    ("from os import _exit as abs", "redefines abs"),
    ("'{0.gi_frame.f_back}'.format(g)", "names f_back in text"),
    ("pd.io.common.os", "uses os"),
    ("import joblib\njoblib.load('x')", "imports joblib"),
    ("np.load('x.npy', allow_pickle=True)", "uses load"),
    ("class A:\n    __eq__ = lambda a, b: True", "defines __eq__"),
    ("from numpy import *", "imports everything from numpy"),
]


@pytest.mark.parametrize("source", HONEST)
def test_ordinary_lab_code_is_plain(source: str) -> None:
    assert static_findings.all_findings(source) == frozenset()


@pytest.mark.parametrize(("source", "finding"), SUSPECT)
def test_code_that_could_reach_the_machinery_is_named(source: str, finding: str) -> None:
    assert finding in static_findings.all_findings(source)


def test_names_that_a_cell_sets_are_those_of_its_own_level() -> None:
    cell = static_findings.Cell(
        "a = 1\nimport numpy as np\ndef f(b):\n    c = b\n    global d\n    d = 2\nfor e in []:\n    pass"
    )
    assert cell.binds == {"a", "np", "f", "d", "e"}


def test_a_comprehensions_own_names_are_neither_needed_nor_set() -> None:
    cell = static_findings.Cell("y = [('tax' in x) * z for x in X]")
    assert cell.binds == {"y"}
    assert cell.needs == {"X", "z"}


def test_deep_nesting_is_a_finding_and_no_crash() -> None:
    assert static_findings.all_findings("x = " + "-" * 3000 + "1") is not None


@pytest.mark.parametrize(
    ("source", "value", "constant"), [("1", True, True), ("x", True, False), ("x = 1", False, False)]
)
def test_a_cell_knows_whether_it_ends_in_a_value(source: str, value: bool, constant: bool) -> None:
    cell = static_findings.Cell(source)
    assert (cell.last_is_value, cell.last_is_constant) == (value, constant)
