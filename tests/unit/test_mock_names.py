"""Whose mocks are whose: names of `unittest.mock` in a teacher's notebook, and what they excuse in a learner's."""

from __future__ import annotations

import ast
import json

import pytest

from graders.contract.guard_policy import GUARD
from graders.engine import mock_names
from graders.engine.asking_tests import asking_cell
from graders.engine.fork_engine import trusted_findings
from graders.engine.static_findings import Cell
from tests.support.small_notebooks import cell

FROM = "from unittest.mock import ANY, Mock as M, call, patch"
KNOWN = mock_names.mock_bindings(ast.parse(f"{FROM}\nimport unittest.mock as um"))


@pytest.mark.parametrize(
    ("source", "name", "full"),
    [
        (FROM, "M", "unittest.mock.Mock"),
        ("import unittest.mock", "unittest.mock", "unittest.mock"),
        ("import unittest.mock as um", "um", "unittest.mock"),
        ("from unittest import mock", "mock", "unittest.mock"),
    ],
)
def test_each_way_of_importing_mocks_is_known(source: str, name: str, full: str) -> None:
    assert mock_names.mock_bindings(ast.parse(source))[name] == full


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("m = M(x=1)", f"m = {GUARD}.mocks.calling(M)(x=1)"),
        (
            "with patch.object(a, 'b'):\n    pass",
            f"with {GUARD}.mocks.calling(patch.object)(a, 'b'):\n    pass",
        ),
        ("m.assert_called_with(ANY)", f"m.assert_called_with({GUARD}.mocks.own(ANY))"),
        ("assert m.mock_calls == [um.call(1)]", "mocks.calling("),
        ("assert await f(M()) == 3", f"assert await f({GUARD}.mocks.calling(M)()) == 3"),
        ("assert f(x).mean() == 2", f"assert {GUARD}.asked(f(x), 'mean')() == 2"),
    ],
)
def test_a_teachers_call_of_the_module_says_so(source: str, asked: str) -> None:
    assert asked in asking_cell(source, KNOWN)


@pytest.mark.parametrize(
    "source", ["assert solve(3) == 4", "m = other.Mock()", "patched.start()", "print('%"]
)
def test_every_other_line_of_a_test_stays(source: str) -> None:
    assert asking_cell(source, KNOWN) == source


def taught(*cells: dict[str, object]) -> frozenset[str]:
    return trusted_findings(json.loads(json.dumps({"cells": cells})))


def test_a_given_import_of_mocks_excuses_no_mock_of_a_learners() -> None:
    trusted = taught(cell(FROM, "given", locked=True))
    assert mock_names.WHAT not in trusted
    assert mock_names.unexcused_findings(Cell("answer = M()"), trusted) == {mock_names.WHAT}
    assert mock_names.WHAT in mock_names.unexcused_findings(Cell("from unittest.mock import Mock"), trusted)
    assert mock_names.unexcused_findings(Cell("answer = 3"), trusted) == frozenset()


def test_mocks_of_a_solution_are_the_task_and_trusted() -> None:
    trusted = taught(cell(FROM, "given", locked=True), cell("answer = M()", "answer", solution=True))
    assert mock_names.unexcused_findings(Cell("answer = M()"), trusted) == frozenset()
    assert mock_names.unexcused_findings(Cell("from unittest.mock import Mock"), trusted) == frozenset()
