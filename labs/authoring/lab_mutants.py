"""Reads `mutants.py` of a lab: good answers, wrong ideas with the hint that each must draw, and attempts to cheat."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any


@dataclass(frozen=True)
class Case:
    """One set of answers to a task. `key` is the verdict it must draw; None if only passing is forbidden.

    `here`: so it is on the data that learners have, which the answer was read off; on another edition it may differ.
    """

    kind: str
    task: str
    key: str | None
    answers: dict[str, Any]
    line: int
    here: bool = False


def read_mutants(folder: Path) -> list[Case]:
    """Return every case of a lab's `mutants.py`, in order."""
    return read_cases(folder / "mutants.py")


def read_cases(path: Path) -> list[Case]:
    """Return every case of a file written like `mutants.py`, in order; none if there is no such file."""
    cases: list[Case] = []
    if path.is_file():
        space = {
            "__file__": str(path),
            **_words(cases, here=False),
            "here": SimpleNamespace(**_words(cases, here=True)),
        }
        exec(compile(path.read_text("utf-8"), str(path), "exec"), space)  # noqa: S102 - the author's own file
    return cases


def _words(cases: list[Case], *, here: bool) -> dict[str, Callable[..., None]]:
    """Return the functions with which an author writes cases."""

    def note(kind: str, task: str, key: str | None, answers: dict[str, Any]) -> None:
        frame = inspect.stack()[2]
        cases.append(Case(kind, task, key, answers, frame.lineno, here))

    def solution(task: str, **answers: Any) -> None:
        note("solution", task, "passed", answers)

    def mutant(task: str, key: str, **answers: Any) -> None:
        note("mutant", task, key, answers)

    def gaming(task: str, **answers: Any) -> None:
        note("gaming", task, None, answers)

    def untouched(task: str, **answers: Any) -> None:
        note("untouched", task, "not-attempted", answers)

    return {"solution": solution, "mutant": mutant, "gaming": gaming, "untouched": untouched}


def best_answers(cases: list[Case]) -> dict[str, dict[str, Any]]:
    """Return one good answer for each task: the first that the author gives."""
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        if case.kind == "solution":
            found.setdefault(case.task, case.answers)
    return found
