"""A template for a few submissions gets every library that they may need."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from graders.engine.needed_imports import preload_for
from graders.engine.sandbox_supervisor import PRELOAD


def needed(tmp_path: Path, *sources: str) -> set[str]:
    path = tmp_path / "lab.ipynb"
    cells = [new_markdown_cell("import tensorflow"), *map(new_code_cell, sources)]
    path.write_text(nbformat.v4.writes(new_notebook(cells=cells)))
    return set(preload_for([path]))


def test_a_notebook_that_imports_nothing_needs_nothing(tmp_path: Path) -> None:
    assert needed(tmp_path, "x = 1", "import os, re as regex\nfrom pathlib import Path") == set()


def test_numpy_comes_with_whatever_is_built_on_it(tmp_path: Path) -> None:
    assert needed(tmp_path, "import os, pandas as pd") == {"numpy", "pandas"}
    assert needed(tmp_path, "from sklearn.tree import DecisionTreeClassifier") == {"numpy", "sklearn.tree"}
    assert needed(tmp_path, "from sklearn import tree, metrics") == {
        "numpy",
        "sklearn.tree",
        "sklearn.metrics",
    }


@pytest.mark.parametrize(
    "source", ["%matplotlib inline", "import pandas as pd\npd.Series([1]).plot()", "%pylab"]
)
def test_whoever_draws_has_the_drawing_library(tmp_path: Path, source: str) -> None:
    assert {"matplotlib.pyplot", "matplotlib_inline.backend_inline"} <= needed(tmp_path, source)


@pytest.mark.parametrize("source", ["import seaborn as sns", "if True:\n    from wordcloud import WordCloud"])
def test_a_library_of_which_nothing_is_known_may_need_all(tmp_path: Path, source: str) -> None:
    assert needed(tmp_path, source) == set(PRELOAD)


def test_a_module_next_to_the_notebook_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import numpy as np\n")
    assert needed(tmp_path, "import helper") == set(PRELOAD)
    paths = sorted(tmp_path.iterdir())
    assert preload_for(paths) == ("numpy",)


def test_what_cannot_be_read_may_need_all(tmp_path: Path) -> None:
    path = tmp_path / "lab.ipynb"
    path.write_text("{}")
    assert preload_for([path]) == PRELOAD
