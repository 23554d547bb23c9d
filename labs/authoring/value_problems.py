"""Values of a lab that cannot be meant: a number that is none, a dataset or a task that does not exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.authoring.finding_report import Finding, english_finding

if TYPE_CHECKING:
    from labs.authoring.lab_spec import Lab

CARDS = Path(__file__).resolve().parents[1] / "datasets" / "cards"
NUMBERS = {"number", "minutes", "points", "min", "max", "step", "slots", "lines", "most"}
"""Keys of lab.toml whose values are numbers. A part's `value` may be text."""
CALLS = {"ask", "check", "hint", "answer", "reveal"}
"""Calls of `lab` whose first argument is a task."""


def wrong_numbers(facts: Any, lines: list[str]) -> Iterator[tuple[str, int, str]]:
    """Numbers of lab.toml that are none: (file, line, sentence). Sentences and words may be called as they like."""
    if isinstance(facts, list):
        for one in facts:
            yield from wrong_numbers(one, lines)
    elif isinstance(facts, dict):
        for key, value in facts.items():
            if key in ("words", "says", "hints"):
                continue
            if key in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
                line = next((n for n, text in enumerate(lines, 1) if _is(text, key, value)), 0)
                yield (
                    "lab.toml",
                    line,
                    english_finding(
                        "`{key}` is {value}. Write a number, without quotation marks.",
                        key=key,
                        value=repr(value),
                    ),
                )
            elif isinstance(value, dict | list):
                yield from wrong_numbers(value, lines)


def _is(line: str, key: str, value: Any) -> bool:
    said, _, rest = line.partition("=")
    return said.strip() == key and str(value).lower() in rest.lower()


def known_datasets() -> set[str]:
    """Return the names of all datasets; each has a card."""
    return {path.stem for path in CARDS.glob("*.toml")} - {"common"}


def wrong_names(lab: Lab) -> Iterator[tuple[str, int, str]]:
    """Yield the datasets and tasks that the lab asks for and that do not exist: (file, line, sentence)."""
    known = known_datasets()
    listed = lab.facts.get("datasets", [])
    for name in listed if isinstance(listed, list) else [listed]:
        if name not in known:
            lines = (lab.folder / "lab.toml").read_text("utf-8").splitlines()
            line = next((n for n, text in enumerate(lines, 1) if text.startswith("datasets")), 0)
            yield "lab.toml", line, _no_dataset(name)
    for cell in lab.cells:
        for line, call, name in () if cell.markdown else _calls(cell.source):
            where = cell.line + line - 1
            if call == "load" and name not in known:
                yield "lab.py", where, _no_dataset(name)
            elif call in CALLS and name not in lab.tasks:
                yield (
                    "lab.py",
                    where,
                    english_finding(
                        'lab.{call}("{name}"): there is no [task.{name}] in lab.toml.', call=call, name=name
                    ),
                )


def _no_dataset(name: Any) -> Finding:
    return english_finding(
        "There is no dataset {name}. There are: {known}.",
        name=repr(name),
        known=", ".join(sorted(known_datasets())),
    )


def _calls(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield the calls of `lab` with a text as first argument: (line, what is called, the text)."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # A gap for the learner to fill; running the lab shows whether it may be one.
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        owner, first = node.func.value, node.args[0]
        if isinstance(owner, ast.Name) and owner.id == "lab" and isinstance(first, ast.Constant):
            yield node.lineno, node.func.attr, str(first.value)
