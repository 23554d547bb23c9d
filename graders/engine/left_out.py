"""Statements of a guarded cell: one that fails after a refusal is left out, and the rest of its cell runs."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from graders.contract import guard_policy as policy
from graders.engine.names_used import is_builtin


def leave_out_failing(groups: Sequence[list[ast.stmt]]) -> list[ast.stmt]:
    """Return what a cell's statements became, so that one that fails asks the guard whether it is left out.

    What one statement became fails as a whole: a check comes before or after what it checks. A last expression, whose
    value Jupyter shows, has nothing after it.
    """
    found: list[ast.stmt] = []
    for number, group in enumerate(groups, 1):
        if not group or (number == len(groups) and isinstance(group[-1], ast.Expr)) or _never_fails(group):
            found += group
            continue
        asks = ast.parse(f"if not {policy.GUARD}.leaves_out():\n    raise").body
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, asks)
        found.append(ast.Try(group, [handler], [], []))
    return found


def _never_fails(group: list[ast.stmt]) -> bool:
    """Return whether a statement is a plain function: a test that reads its text finds it where a cell has it."""
    first = group[0]
    if (
        len(group) > 1
        or not isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef)
        or first.decorator_list
    ):
        return False
    worked_out = [*first.args.defaults, *first.args.kw_defaults, first.returns]
    worked_out += [one.annotation for one in ast.walk(first.args) if isinstance(one, ast.arg)]
    names = {one.id for each in worked_out if each for one in ast.walk(each) if isinstance(one, ast.Name)}
    calls = any(
        isinstance(one, ast.Call | ast.Subscript) for each in worked_out if each for one in ast.walk(each)
    )
    return not calls and all(map(is_builtin, names))
