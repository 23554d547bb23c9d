"""Libraries that a few submissions need, so that a template for them starts without all others.

Read on the trusted side. Only names out of a fixed list leave this module, never a line of what was read.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from graders.engine.sandbox_supervisor import PRELOAD

LARGEST = 20_000_000
"""Bytes of one file that is read; for a larger one all libraries are taken."""

IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import\b|import\s+([\w., ]+))", re.MULTILINE)
DRAWS = re.compile(r"plot|pylab|\bplt\b|\.hist\(")
LIGHT = frozenset({"numpy", "pandas", "sklearn", "matplotlib", "ipywidgets", "IPython", "traitlets", "labs"})
"""Libraries of which it is known what they import themselves; anything else may need any of the list."""

DRAWING = ("matplotlib.pyplot", "matplotlib_inline.backend_inline")


def preload_for(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return what of the usual libraries the code in these files may import; all if that is not known.

    >>> preload_for([])
    ()
    """
    files = list(paths)
    try:
        code = "\n".join(map(_code, files))
    except ValueError:
        return PRELOAD
    local = {path.stem for path in files}
    tops = {name.partition(".")[0] for name in _imported(code)} - local
    if tops - LIGHT - sys.stdlib_module_names - {""}:
        return PRELOAD
    return tuple(name for name in PRELOAD if _is_needed(name, code, tops))


def _is_needed(name: str, code: str, tops: set[str]) -> bool:
    top, _, inner = name.partition(".")
    if name in DRAWING:
        return "matplotlib" in tops or DRAWS.search(code) is not None
    if top == "numpy":
        return bool(tops & {"numpy", "pandas", "sklearn", "matplotlib"})
    if top == "sklearn":
        return top in tops and inner.partition(".")[0] in code
    return top in tops


def _imported(code: str) -> Iterable[str]:
    for before, after in IMPORT.findall(code):
        yield from (part.split()[0] if part.split() else "" for part in (before or after).split(","))


def _code(path: Path) -> str:
    """Return a Python file's text, or a notebook's code cells; nothing for other files.

    Raises:
        ValueError: it is too large, or no notebook.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path} is too large")
    if path.suffix != ".ipynb":
        return path.read_text("utf-8", "replace")
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path} is no notebook") from error
