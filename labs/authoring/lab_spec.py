"""Reads a lab's folder: `lab.toml` (what is asked and said), `lab.py` (what is read and run)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.authoring.finding_report import Report, english_finding
from labs.authoring.lab_numbers import path_problems
from labs.authoring.lab_source import Cell, parse_lab
from labs.authoring.value_problems import wrong_names, wrong_numbers
from labs.kit.lab_facts import RUNGS
from labs.kit.own_words import BOX, KIND, PART

LABS = Path(__file__).resolve().parents[1]
FOLDER = re.compile(r"^\d\d-[a-z0-9]+(-[a-z0-9]+)*$")
KINDS = {
    "recall": "a question from an earlier lab; no points",
    "predict": "T1: say what will happen, then see",
    "read": "T2: run, and read what it shows",
    "together": "T3: put lines together",
    "change": "T4: change something to reach a band",
    "judge": "J: decide as a public servant",
    "break": "B: make the model fail in the stated way",
    "text": "free text, read by a person with a rubric",
}
PARTS = {"one", "several", "menu", "slider", "order", "letter", "review"}
SETTINGS = ("min", "max", "step", "value", "slots", "lines", "most", "fields", "item", "text")
FREE = {"passed", "not-attempted", "incomplete", "after-the-run"}
"""Verdicts that need no hints."""


@dataclass(frozen=True)
class Part:
    """One thing to answer: choices, a menu, a slider, lines to order, a text to write, pairs to look at one by one."""

    name: str
    type: str
    ask: str
    options: list[dict[str, Any]]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One task. `says` are sentences by verdict key, `hints` three rungs by misconception."""

    id: str
    kind: str
    points: float
    ask: str
    parts: list[Part]
    says: dict[str, str]
    hints: dict[str, dict[str, str]]
    rubric: str = ""
    minutes: float = 0
    """What the task takes besides reading it, if its author knows better than `prose.TASK_MINUTES`."""

    @property
    def is_manual(self) -> bool:
        """Return whether a person marks it."""
        return self.kind == KIND

    @property
    def is_plain_choice(self) -> bool:
        """Return whether its options say which is right, so that it needs no separate function."""
        return (
            bool(self.parts)
            and not self.is_manual
            and all("says" in option for part in self.parts for option in part.options)
        )


@dataclass(frozen=True)
class Lab:
    """A lab as its author wrote it."""

    folder: Path
    facts: dict[str, Any]
    tasks: dict[str, Task]
    cells: list[Cell]
    words: dict[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The folder's name without its number."""
        return self.folder.name[3:]

    @property
    def number(self) -> int:
        """The lab's place in the path of all labs, as learners see it; 0 if it has none yet."""
        return int(self.facts.get("number", 0))

    @property
    def builds_on(self) -> list[str]:
        """Slugs of the labs that a learner should have done before."""
        return [str(slug) for slug in self.facts.get("builds_on", [])]

    @property
    def is_draft(self) -> bool:
        """Return whether translations may still be missing."""
        return bool(self.facts.get("draft"))

    @property
    def pieces(self) -> list[dict[str, Any]]:
        """The parts of about ten minutes: title, minutes, tasks."""
        return list(self.facts.get("piece", []))


def lab_folders() -> list[Path]:
    """Return every lab's folder, in order."""
    return sorted(path for path in LABS.iterdir() if FOLDER.match(path.name))


def find_lab(name: str) -> Path:
    """Return the folder of a lab, named by its folder, slug or number. Raises FileNotFoundError with a sentence."""
    given = Path(name)
    if given.is_dir() and (given / "lab.toml").is_file():
        return given.resolve()
    for folder in lab_folders():
        if name in (folder.name, folder.name[3:], folder.name[:2], folder.name[:2].lstrip("0")):
            return folder
    known = ", ".join(folder.name for folder in lab_folders())
    raise FileNotFoundError(f"There is no lab {name!r} in {LABS.name}/. There are: {known}.")


def load_lab(folder: Path) -> Lab:
    """Return the lab in `folder`. Raises LabError with every problem of its form."""
    report = Report(folder)
    facts = _toml(folder, report)
    cells = parse_lab(_read(folder, "lab.py", report), report)
    for problem in wrong_numbers(facts, _read(folder, "lab.toml", report).splitlines()):
        report.add(*problem)
    report.stop()
    tasks = {name: _task(name, found, report) for name, found in facts.get("task", {}).items()}
    lab = Lab(folder, facts, tasks, cells, facts.get("words", {}))
    for problem in form_errors(lab):
        report.add(*problem)
    report.stop()
    return lab


def _read(folder: Path, name: str, report: Report) -> str:
    try:
        return (folder / name).read_text("utf-8")
    except FileNotFoundError:
        report.add(name, 0, english_finding("This file is missing. See docs/authoring.md."))
        return ""


def _toml(folder: Path, report: Report) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(folder, "lab.toml", report))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        report.add(
            "lab.toml",
            int(line[1]) if line else 0,
            english_finding("This is not TOML: {error}.", error=error),
        )
        return {}


def _task(name: str, found: dict[str, Any], report: Report) -> Task:
    parts = [_part(name, each, report) for each in found.get("part", [])]
    if "option" in found:
        parts.insert(0, _part(name, {**found, "name": "choice", "type": "one", "ask": ""}, report))
    if found.get("kind") == KIND:
        parts = [Part(PART, "letter", "", [], dict(BOX))]
    return Task(
        id=name,
        kind=str(found.get("kind", "")),
        points=float(found.get("points", 0)),
        ask=str(found.get("ask", "")),
        parts=parts,
        says={key: str(text) for key, text in found.get("says", {}).items()},
        hints={key: dict(rungs) for key, rungs in found.get("hints", {}).items()},
        rubric=str(found.get("rubric", "")),
        minutes=float(found.get("minutes", 0)),
    )


def _part(task: str, found: dict[str, Any], report: Report) -> Part:
    kind = str(found.get("type", "one"))
    if kind not in PARTS:
        report.add(
            "lab.toml",
            0,
            english_finding(
                "Task {task} has a part of type {kind}. Known: {known}.",
                task=task,
                kind=repr(kind),
                known=", ".join(sorted(PARTS)),
            ),
        )
    settings = {key: found[key] for key in SETTINGS if key in found}
    name = str(found.get("name", "choice"))
    return Part(name, kind, str(found.get("ask", "")), list(found.get("option", [])), settings)


def line_of(lab: Lab, text: str) -> int:
    """Return the line of `lab.toml` that holds `text`, 0 if none does."""
    for number, line in enumerate((lab.folder / "lab.toml").read_text("utf-8").splitlines(), 1):
        if text in line:
            return number
    return 0


def form_errors(lab: Lab) -> Iterator[tuple[str, int, str]]:
    """Yield errors in the lab's form: (file, line, sentence)."""
    for key in ("title", "minutes", "track"):
        if key not in lab.facts:
            yield "lab.toml", 0, english_finding("`{key}` is missing.", key=key)
    yield from path_problems(lab)
    yield from wrong_names(lab)
    for name, task in lab.tasks.items():
        yield from _task_shape(lab, name, task)
    for objective in lab.facts.get("objective", []):
        for name in objective.get("tasks") or [""]:
            if name not in lab.tasks:
                text = str(objective.get("text", ""))
                yield (
                    "lab.toml",
                    line_of(lab, text),
                    english_finding("The objective {text} has no task of the lab.", text=repr(text)),
                )
    planned = [name for piece in lab.pieces for name in piece.get("tasks", [])]
    for name in sorted(set(planned) ^ set(lab.tasks)):
        yield (
            "lab.toml",
            line_of(lab, name),
            english_finding("Task {task} has to be in one [[piece]] and in [task.{task}].", task=name),
        )
    yield from _cell_shape(lab)


def _task_shape(lab: Lab, name: str, task: Task) -> Iterator[tuple[str, int, str]]:
    line = line_of(lab, f"[task.{name}]")
    if task.kind not in KINDS:
        yield (
            "lab.toml",
            line,
            english_finding(
                "Task {task} has kind {kind}. Known: {known}.",
                task=name,
                kind=repr(task.kind),
                known=", ".join(KINDS),
            ),
        )
    needed = {option["says"] for part in task.parts for option in part.options if "says" in option}
    wanted = set() if task.is_manual else {"passed"} | needed
    for key in sorted(wanted - set(task.says)):
        yield (
            "lab.toml",
            line,
            english_finding(
                "Task {task} has no sentence for {key} in [task.{task}.says].", task=name, key=repr(key)
            ),
        )
    for key in sorted(
        set(task.says) - FREE - set(task.hints) if task.kind not in ("predict", "recall") else []
    ):
        yield (
            "lab.toml",
            line_of(lab, key),
            english_finding("Task {task} has no hints in [task.{task}.hints.{key}].", task=name, key=key),
        )
    for key, rungs in task.hints.items():
        for rung in RUNGS:
            if not str(rungs.get(rung, "")).strip():
                where = line_of(lab, f"[task.{name}.hints.{key}]")
                yield (
                    "lab.toml",
                    where,
                    english_finding(
                        "The hints for {key} of task {task} have no rung {rung}.",
                        key=repr(key),
                        task=name,
                        rung=repr(rung),
                    ),
                )


def _cell_shape(lab: Lab) -> Iterator[tuple[str, int, str]]:
    checked, seen = set(), set()
    for cell in lab.cells:
        if cell.task and cell.task not in lab.tasks:
            yield (
                "lab.py",
                cell.line,
                english_finding("There is no [task.{task}] in lab.toml.", task=cell.task),
            )
        if (cell.is_check or cell.is_manual or cell.is_answer) and not cell.task:
            yield "lab.py", cell.line, english_finding('This cell needs {{"task": "…"}}.')
        if cell.is_check or cell.is_manual:
            checked.add(cell.task)
        if cell.id in seen:
            yield (
                "lab.py",
                cell.line,
                english_finding('A second cell {cell}: give one of them {{"id": "…"}}.', cell=repr(cell.id)),
            )
        seen.add(cell.id)
    yield from _written_shape(lab)
    for name in sorted(set(lab.tasks) - checked):
        yield (
            "lab.py",
            0,
            english_finding('Task {task} has no cell with {{"task": "{task}", "check": true}}.', task=name),
        )


def _written_shape(lab: Lab) -> Iterator[tuple[str, int, str]]:
    """A written task is a box to write in and, below it, the text cell into which its words go."""
    for name in (task.id for task in lab.tasks.values() if task.is_manual):
        own = [cell for cell in lab.cells if cell.task == name and (cell.is_check or cell.is_manual)]
        if [cell.is_check for cell in own] != [True, False]:
            line = own[0].line if own else 0
            yield (
                "lab.py",
                line,
                english_finding(
                    'Task {task} is a text: it needs lab.ask("{task}") in a cell with "check": true, '
                    'and below it a markdown cell with "manual": true.',
                    task=name,
                ),
            )
