"""`shared.py` of a lab: what its checks, its judge and its probe have in common, written once.

Each takes what it needs by `from shared import …`. What learners get is one file, `checks.py` with `shared.py` in it;
what the grader gets is the judge with as much of it as it uses. So nothing in it may be secret.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from labs.authoring.finding_report import Report, english_finding
from labs.authoring.judged_tests import CHECKING, RESERVED, Source, bound_names

FILE = "shared.py"
USERS = ("checks.py", "judge.py", "probe.py")
COPIED = ("judge.py", "probe.py", FILE)
"""Whose helpers end in a grader's cell, among the builder's own names."""
MARKS = {"check", "judge", "draw", "probe", "view"}
AS_IT_IS = english_finding(
    "Write `from shared import name`, with the names as they are: the builder puts them in its place."
)


def released_checks(folder: Path) -> bytes:
    """Return `checks.py` as learners get it: with `shared.py` in the place where it was asked for."""
    content = (folder / "checks.py").read_bytes()
    if not (folder / FILE).is_file():
        return content
    text = content.decode()
    lines = text.splitlines(keepends=True)
    body = _body((folder / FILE).read_text("utf-8"))
    for node in reversed(ast.parse(text).body):
        if _takes(node):
            lines[node.lineno - 1 : node.end_lineno] = [body]
            body = ""  # A second import takes names that are there already.
    return "".join(lines).encode()


def _body(text: str) -> str:
    """Return a module without its docstring and what has to be at the top of a file."""
    lines = text.splitlines(keepends=True)
    first = ast.parse(text).body
    skipped = 0
    for node in first:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        skipped = node.end_lineno or skipped
    return "".join(lines[skipped:]).strip("\n") + "\n"


def _takes(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "shared" and not node.level


def lab_module(path: Path) -> ModuleType | None:
    """Return a lab's file as a module, for checking it here; None if there is none."""
    if not path.is_file():
        return None
    beside = _run(path.with_name(FILE), "shared") if path.with_name(FILE).is_file() else None
    before = sys.modules.get("shared")
    try:
        if beside is not None:
            sys.modules["shared"] = beside
        return _run(path, f"{path.stem}_of_{path.parent.name[:2]}")
    finally:
        sys.modules.pop("shared", None)
        if before is not None:
            sys.modules["shared"] = before


def _run(path: Path, name: str) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def lint_shared(folder: Path, report: Report) -> None:
    """Note what cannot be put together, and helpers whose names the builder or the kit use themselves."""
    trees = {name: _tree(folder, name, report) for name in (*USERS, FILE)}
    there = Source(folder / FILE).binding
    for name in USERS:
        for node in trees[name].body:
            _taken(name, node, there, report)
            _twice(name, node, there, report)
    for node in trees[FILE].body:
        _alone(node, report)
    for name in COPIED:
        for node in trees[name].body:
            _own_names(name, node, report)


def _tree(folder: Path, name: str, report: Report) -> ast.Module:
    path = folder / name
    try:
        return ast.parse(path.read_text("utf-8") if path.is_file() else "")
    except SyntaxError as error:
        report.add(name, error.lineno or 0, english_finding("Python cannot read this: {msg}.", msg=error.msg))
        report.stop()  # Nothing else can be said of it.
        raise


def _taken(name: str, node: ast.stmt, there: dict[str, ast.stmt], report: Report) -> None:
    """Check that what a file takes from `shared.py` is in it."""
    if isinstance(node, ast.Import) and any(alias.name == "shared" for alias in node.names):
        report.add(name, node.lineno, AS_IT_IS)
    if isinstance(node, ast.ImportFrom) and _takes(node):
        for alias in node.names:
            if alias.asname or alias.name == "*":
                report.add(name, node.lineno, AS_IT_IS)
            elif alias.name not in there:
                report.add(
                    name,
                    node.lineno,
                    english_finding("There is no {name} in {file}.", name=repr(alias.name), file=FILE),
                )


def _twice(name: str, node: ast.stmt, there: dict[str, ast.stmt], report: Report) -> None:
    """Check that a name in `shared.py` does not mean something else in the file next to it."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    for bound in bound_names(node):
        if bound in there:
            report.add(
                name,
                node.lineno,
                english_finding(
                    "{bound} is in {file} too. Keep one of the two.", bound=repr(bound), file=FILE
                ),
            )


def _alone(node: ast.stmt, report: Report) -> None:
    """`shared.py` has to be understood by itself, and marks nothing."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("labs", "shared"):
        if node.module != "labs.kit.checking":
            report.add(
                FILE,
                node.lineno,
                english_finding("The judge runs without the kit: only labs.kit.checking is copied to it."),
            )
    for mark in getattr(node, "decorator_list", []):
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id in MARKS:
            report.add(
                FILE,
                node.lineno,
                english_finding(
                    "Put what is marked with @{mark} into the file it belongs to.", mark=mark.func.id
                ),
            )


def _own_names(name: str, node: ast.stmt, report: Report) -> None:
    """A helper of the same name as something around it in the grader's cell would take its place, or lose its own."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    for bound in bound_names(node):
        if bound in RESERVED:
            report.add(
                name,
                node.lineno,
                english_finding(
                    "{bound} is a name that the builder uses itself. Choose another.", bound=repr(bound)
                ),
            )
        elif bound in Source(CHECKING).binding:
            report.add(
                name,
                node.lineno,
                english_finding("{bound} is a name of labs.kit.checking. Choose another.", bound=repr(bound)),
            )
        elif hasattr(builtins, bound):
            report.add(
                name,
                node.lineno,
                english_finding("{bound} is a name of Python’s own. Choose another.", bound=repr(bound)),
            )
