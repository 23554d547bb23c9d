"""A rule that two labs need has one home, in labs/kit: no helper is written out twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from labs.authoring.lab_spec import lab_folders
from labs.kit import checking

FILES = ("checks.py", "judge.py", "probe.py", "shared.py")
LONG = 5
"""Lines from which on a function counts: shorter ones only call another."""


def functions(path: Path) -> list[tuple[str, str]]:
    """Return the body of every longer function of a file without its name and docstring, and its name."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 >= LONG:
            said = node.body[1:] if ast.get_docstring(node) else node.body
            body = "\n".join(ast.unparse(line) for line in said)
            found.append((f"{ast.unparse(node.args)}: {body}", node.name))
    return found


def test_no_function_is_written_in_two_labs() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for folder in lab_folders():
        for path in (folder / name for name in FILES):
            for body, name in functions(path) if path.is_file() else []:
                homes[body].add(f"{folder.name}: {name}")
    assert [sorted(places) for places in homes.values() if len({one[:2] for one in places}) > 1] == []


@pytest.mark.parametrize(
    ("chosen", "key"),
    [
        (["read", "ask", "sign"], "passed"),
        (["ask", "read", "sign"], "order-matters"),
        (["read", "guess", "sign"], "guesses"),
        (["read", "ask"], "incomplete"),
        (["read", "ask", None], "incomplete"),
        (["read", "ask", "something else"], "incomplete"),
        ("read", "not-attempted"),
        ([None, None, None], "not-attempted"),
    ],
)
def test_steps_in_order_are_judged_by_one_rule(chosen: object, key: str) -> None:
    assert checking.order_verdict(chosen, ["read", "ask", "sign"], {"guess": "guesses"}).key == key


def test_a_lab_may_say_that_two_orders_are_right() -> None:
    def either(chosen: list[str]) -> str:
        return "passed" if chosen[-1] == "sign" else "signed-early"

    orders = (["read", "ask", "sign"], ["ask", "read", "sign"], ["sign", "read", "ask"])
    found = [checking.order_verdict(one, ["read", "ask", "sign"], {}, either).key for one in orders]
    assert found == ["passed", "passed", "signed-early"]


@pytest.mark.parametrize(
    ("value", "whole"),
    [(3, 3), (3.0, 3), (3.5, None), ("3", None), (True, None), (10, None), (-1, None), (float("nan"), None)],
)
def test_a_whole_number_within_limits_is_taken_and_nothing_else(value: object, whole: int | None) -> None:
    assert checking.whole_number(value, 0, 9) == whole


def test_a_list_of_numbers_has_to_have_them_all() -> None:
    assert checking.all_numbers([1, 2.5], 2) == [1.0, 2.5]
    assert [checking.all_numbers(said, 2) for said in ([1], [1, "2"], (1, 2), None)] == [None] * 4
