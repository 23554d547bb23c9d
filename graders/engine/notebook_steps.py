"""A notebook as a list of steps to run, and what running them showed."""

from __future__ import annotations

import ast
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graders.contract.message_facts import Message
from graders.contract.shown_messages import Output
from graders.contract.work_contract import Flag
from graders.engine import judged_cell as judged
from graders.engine import names_used, static_findings
from graders.engine.cell_outputs import Recorder
from graders.engine.judge_answers import Verdict
from graders.engine.name_scopes import bound_names, loaded_names


class Kind(Enum):
    """Author of a cell."""

    LEARNER = "learner"
    GIVEN = "given"
    TEST = "test"


@dataclass(frozen=True)
class Step:
    """One code cell to run. `key` names it in the result."""

    key: str
    source: str
    kind: Kind
    points: float = 0.0
    seconds: float | None = None
    """The longest that it may take, if that is not what all cells may."""

    @property
    def visible(self) -> str | None:
        """The test as learners know it, or None if it hides nothing."""
        shown = judged.HIDDEN.sub("", self.source)
        return shown if shown != self.source else None


@dataclass
class Result:
    """Outcome of running a notebook."""

    outputs: dict[str, list[Output]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    stops: dict[str, Message] = field(default_factory=dict)
    # What the engine itself shows in a cell, by the kind of output: see shown_messages.in_language.
    said: dict[str, dict[str, Message]] = field(default_factory=dict)
    # By test: what its runner noticed, and what is left of it as evidence.
    noticed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    flags: dict[str, tuple[Flag, ...]] = field(default_factory=dict)
    # Where the learner's code did what was noticed: cell and line.
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    # In a guarded run: what was refused (what, cell, line, cell that was running), and put back for a test.
    refusals: list[tuple[str, str, int, str]] = field(default_factory=list)
    put_back: dict[str, tuple[str, ...]] = field(default_factory=dict)
    forged: set[str] = field(default_factory=set)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Any] | None = None
    cpu: float = 0.0
    peak: int = 0


@dataclass(frozen=True)
class SharedStart:
    """State that a notebook's first steps left on this side of the sandbox, for notebooks that go on from there."""

    steps: int
    result: Result
    recorder: Recorder
    given: frozenset[str]
    later: Mapping[str, frozenset[str]]
    learner_binds: frozenset[str]


def relied_on(steps: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Return, for each step, the names that the teacher's later cells, or functions in any of them, may ask for."""
    cells = [
        (step, static_findings.parse_lab_cell(step.source)) for step in steps if step.kind is not Kind.LEARNER
    ]
    names = set().union(*(inner for _, cell in cells for inner in cell.later.values()))
    found = {}
    for step, cell in reversed(cells):
        found[step.key] = frozenset(names)
        names |= cell.needs
    return found


def names_held(steps: Sequence[Step]) -> frozenset[str]:
    """Return names of the teacher's cells, and of Python, that the teacher's tests and cells rely on."""
    cells = [
        (step, static_findings.parse_lab_cell(step.source))
        for step in filled_steps(steps)
        if step.kind is not Kind.LEARNER
    ]
    made = {name for step, cell in cells if step.kind is Kind.GIVEN for name in cell.binds}
    later = {name: names for _, cell in cells for name, names in cell.later.items()}
    wanted, pending = set(), [name for _, cell in cells for name in cell.needs]
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += later.get(name, ())
    return frozenset(name for name in wanted if name in made or names_used.is_builtin(name))


def filled_steps(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that have something to run."""
    return [step for step in steps if step.source.strip()]


def hidden_statements(steps: Sequence[Step]) -> dict[str, str]:
    """Return, for each test, the statements of earlier tests' hidden parts that make a name which it needs.

    A hidden part runs in a copy, so that its text stays unknown; what a later test takes from it runs there again.
    """
    made: dict[str, ast.stmt] = {}
    found: dict[str, str] = {}
    for step in filled_steps(steps):
        cell = (
            static_findings.parse_lab_cell(step.source)
            if step.kind is not Kind.LEARNER
            else static_findings.Cell(step.source)
        )
        if step.kind is Kind.TEST and made:
            text = _statements_for(cell.needs, made)
            if text:
                found[step.key] = text
        visible = step.visible if step.kind is Kind.TEST else None
        shown = static_findings.parse_lab_cell(visible).binds if visible is not None else cell.binds
        for name in shown:
            made.pop(name, None)
        if visible is not None and cell.tree is not None:
            for statement in cell.tree.body:
                made |= dict.fromkeys(set(bound_names([statement])) - shown, statement)
    return found


def _statements_for(names: frozenset[str], made: Mapping[str, ast.stmt]) -> str:
    """The statements that make `names`, and what these statements need, in the order in which they were written."""
    wanted, pending = set(), list(names)
    while pending:
        name = pending.pop()
        if name in made and name not in wanted:
            wanted.add(name)
            pending += loaded_names(made[name])
    chosen = {id(made[name]): made[name] for name in made if name in wanted}
    return "\n".join(ast.unparse(one) for one in chosen.values())


def is_collectable(name: str, content: str) -> bool:
    """Return whether a claimed file has a usable name and readable content."""
    parts = name.split("/")
    if (
        len(name) > 400
        or not name.isprintable()
        or any(part in ("", ".", "..") or len(part) > 100 for part in parts)
    ):
        return False
    try:
        base64.b64decode(content, validate=True)
    except ValueError:
        return False
    return True


def is_unexpected(altered: str, trusted: frozenset[str]) -> bool:
    """Return whether a change counts; a given name that the teacher's own solution sets or changes may change."""
    kind, _, name = altered.partition(":")
    if kind in ("given", "mutated") and f"mutates {name}" in trusted:
        return False
    return not (kind in ("given", "mutated", "builtin") and name in trusted)
