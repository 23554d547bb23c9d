"""A value that a learner leaves out, or fills with something else: no mark is lost by it, none is earned, and the
sentence is about what is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest

from labs.authoring import content_checks
from labs.authoring.finding_report import Report
from labs.authoring.lab_build import built_files
from labs.authoring.lab_mutants import Case
from labs.authoring.lab_spec import LABS, load_lab
from labs.datasets.learners_data import ready_data

COLUMN = pd.Series([0.5, 0.6, 0.7])
NINE, TWELVE, THIRTEEN = "09-same-citizen-twice", "12-it-worked-in-june", "13-ship-a-triage-desk"


@lru_cache(maxsize=4)
def words_of(lab: str) -> dict[str, Any]:
    """Return what the lab's `mutants.py` defines, so that its good answers can be given in other ways."""
    found: dict[str, Any] = {"__file__": str(LABS / lab / "mutants.py")}
    names = ("solution", "mutant", "gaming", "untouched")
    silent = dict.fromkeys(names, lambda *_, **__: None)
    found |= silent | {"here": type("Silent", (), {name: staticmethod(silent[name]) for name in names})}
    exec((LABS / lab / "mutants.py").read_text("utf-8"), found)
    return found


def stops(*_: Any) -> Any:
    raise TypeError("'>=' not supported between instances of 'float' and 'NoneType'")


def nothing(*_: Any) -> None:
    """Give nothing back, as an untouched function does."""


def dots(*_: Any) -> Any:
    return ...


CASES: list[tuple[str, str, str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    (NINE, "t4", "passed", lambda lab: {"find_pairs": lab["search"](lab["full"], 0.72), "alike": None}),
    (NINE, "t4", "passed", lambda lab: {"find_pairs": lab["search"](lab["full"], 0.72), "alike": COLUMN}),
    (NINE, "t4", "not-attempted", lambda _: {"find_pairs": stops, "alike": None}),
    (NINE, "t4", "not-attempted", lambda _: {"find_pairs": nothing, "alike": ...}),
    (NINE, "t4", "wrong-shape", lambda _: {"find_pairs": nothing, "alike": COLUMN}),
    (NINE, "t4", "code-stops", lambda _: {"find_pairs": stops, "alike": COLUMN}),
    (TWELVE, "t4", "passed", lambda lab: {"alarms": lab["alarm"](0.25), "limit": None}),
    (TWELVE, "t4", "not-attempted", lambda _: {"alarms": stops, "limit": None}),
    (TWELVE, "t4", "code-stops", lambda _: {"alarms": stops, "limit": COLUMN}),
    (TWELVE, "c", "not-attempted", lambda _: {"recalibrate": None}),
    (TWELVE, "c", "not-attempted", lambda _: {"recalibrate": dots}),
    (TWELVE, "c", "wrong-shape", lambda _: {"recalibrate": lambda score: ["high"] * len(score)}),
    (TWELVE, "b", "not-attempted", lambda _: {"october": None}),
    (TWELVE, "b", "not-attempted", lambda _: {"october": dots}),
    (THIRTEEN, "t4", "passed", lambda lab: {"route": lab["desk"](0.6), "limit": None}),
    (THIRTEEN, "t4", "not-attempted", lambda _: {"route": stops, "limit": None}),
    (THIRTEEN, "t4", "not-attempted", lambda _: {"route": dots, "limit": None}),
    (THIRTEEN, "t4", "gives-nothing-back", lambda _: {"route": nothing, "limit": COLUMN}),
    (THIRTEEN, "b", "not-attempted", lambda _: {"attack": None}),
    (THIRTEEN, "b", "not-attempted", lambda _: {"attack": dots}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lab", "task", "key", "given"),
    CASES,
    ids=[f"{lab[:2]}-{task}-{n}" for n, (lab, task, _, _) in enumerate(CASES)],
)
def test_what_is_left_out_is_said_and_costs_nothing_if_the_work_is_done(
    lab: str, task: str, key: str, given: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    ready_data()
    kind = {"passed": "solution", "not-attempted": "untouched"}.get(key, "mutant")
    case = Case(kind, task, key, given(words_of(lab)), 1)
    report = Report(LABS / lab)
    content_checks.cases_hold(load_lab(LABS / lab), built_files(LABS / lab)[1], [case], report)
    assert [str(problem) for problem in report.problems] == []


@pytest.mark.parametrize(
    ("lab", "task"), [(TWELVE, "c"), (TWELVE, "b"), (THIRTEEN, "b"), (NINE, "t4"), (THIRTEEN, "t4")]
)
def test_a_cell_that_never_ran_is_work_not_attempted_and_no_error_of_the_learner(lab: str, task: str) -> None:
    judge = content_checks.Judge(load_lab(LABS / lab))
    assert judge.verdict(Case("untouched", task, "not-attempted", {}, 1)).outcome == "not-attempted"


def test_no_probe_looks_for_a_learners_value_among_others_as_a_whole_column_cannot_be_compared() -> None:
    found = [
        f"{path.parent.name}: {line.strip()}"
        for path in sorted(LABS.glob("[0-9][0-9]-*/probe.py"))
        for line in path.read_text("utf-8").splitlines()
        if " in (None" in line
    ]
    assert found == []
