"""Each package that a part imports is declared where that part runs, and a declared one is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = {
    "hub",
    "labs",
    "graders",
    "images",
    "bench",
    "tests",
    "docs",
    "checks",
    "shared",
    "hidden",
    "probe",
    "judge",
}
WHEEL = "the wheel"
# Where a part's files are -> where it runs; every one of these places must declare what the part imports.
RUNS_IN: dict[str, tuple[tuple[str, ...], ...]] = {
    r"(hub|graders/agent)/": (("host", "workers"),),
    r"graders/(contract|sandbox|engine)/": (("grader", "science"), (WHEEL,)),
    r"graders/pages/": (("host", "workers"), ("lab", "science"), (WHEEL,)),
    r"graders/nbgrader/(?!gradebook)": (("host",), (WHEEL,)),
    r"graders/nbgrader/(exchange|projection|formgrader)/": (("lab", "science"),),
    r"labs/(kit|\d\d-[^/]+)/": (("lab", "science"),),
    r"labs/datasets/": (("science",),),
    r"labs/prototype_kit/application/": (("application",),),
    r"labs/prototype_kit/(?!application/)": (("prototype", "application", "science"),),
    r"labs/authoring/(?!template)": (("host", "science", "test"),),
    r"docs/site/": (("host", "docs"),),
    r"(tests|bench)/": (("host", "workers", "science", "lab", "grader", "application", "prototype", "test"),),
}
TOOLS = {
    *(
        "psycopg",
        "uvicorn",
        "jupyterlab",
        "matplotlib",
        "ipywidgets",
        "pytest-xdist",
        "pytest-timeout",
        "ruff",
        "mypy",
    ),
    *(
        "types-docker",
        "pandas-stubs",
        "uv",
        "pip",
        "types-jsonschema",
        "types-openpyxl",
        "types-zxcvbn",
        "types-pygments",
        "types-openpyxl",
        "types-psutil",
        "types-pyyaml",
        "setuptools",
    ),
    *(
        "python-multipart",
        "ipykernel",
        "jupyterhub",
        "nbgrader",
        "oidc-provider-mock",
        "sphinx",
        "myst-parser",
    ),
}
"""Run as programs, found by name, or read by a checker of types: imported nowhere in some group."""


def _declared(group: str) -> set[str]:
    lines = PROJECT["project"]["dependencies"] if group == WHEEL else PROJECT["dependency-groups"][group]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@cache
def _imports() -> dict[str, set[str]]:
    """Names of the distributions that each tracked module imports."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name: set(_of(ROOT / name)) for name in listed if name and (ROOT / name).is_file()}


@cache
def _brought() -> dict[str, list[str]]:
    """The distributions that bring each importable name; asking takes a second."""
    return dict(packages_distributions())


def _of(path: Path) -> list[str]:
    brought = _brought()
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
    tops = {name.partition(".")[0] for name in names} - OURS - set(sys.stdlib_module_names)
    return [canonicalize_name(brought.get(top, [top])[0]) for top in tops]


@pytest.mark.parametrize("part", RUNS_IN)
def test_what_a_part_imports_is_declared_wherever_it_runs(part: str) -> None:
    """A package that comes with another one leaves with it."""
    missing = {
        f"{path} imports {name}: declare it in {' or '.join(groups)}"
        for path, used in _imports().items()
        if re.match(part, path)
        for groups in RUNS_IN[part]
        for name in used - set().union(*map(_declared, groups))
    }
    assert missing == set()


@pytest.mark.parametrize("group", [WHEEL, *PROJECT["dependency-groups"]])
def test_what_is_declared_is_imported_by_what_runs_there(group: str) -> None:
    """A package that nobody imports is a download, and a risk, for nothing."""
    used = {
        name
        for part, places in RUNS_IN.items()
        if any(group in place for place in places)
        for path, names in _imports().items()
        if re.match(part, path)
        for name in names
    }
    assert _declared(group) - used - TOOLS == set()
