"""Submissions on their way through a batch, and what is written of each when it is graded."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbgrader import utils

from graders.contract.message_words import terminal_language
from graders.contract.shown_messages import in_language
from graders.engine.fork_engine import NOTHING, TeacherCells, note_on, trusted_findings
from graders.engine.notebook_steps import Result
from graders.engine.shared_first_cells import opening_sources

UNFINISHED = ".isomo-unfinished"
"""Lies in a submission's folder until all of it is graded and written; the next run grades that one again."""


@dataclass
class Task:
    """One notebook of a submission on its way through."""

    filename: str
    nb: Any
    resources: dict[str, Any]
    running: Future[Result] | None = None
    result: Result | None = None

    @property
    def is_graded(self) -> bool:
        """Return whether any of its cells can earn marks."""
        return any(utils.is_grade(cell) or utils.is_task(cell) for cell in self.nb.cells)


@dataclass
class Batch:
    """One submission on its way through."""

    assignment: str
    student: str
    path: str
    tasks: list[Task] = field(default_factory=list)
    problem: bool = False

    @property
    def is_done(self) -> bool:
        """Return whether none of its notebooks is still running."""
        return all(task.running is None or task.running.done() for task in self.tasks)


class Lab(NamedTuple):
    """Facts that the engine knows of a lab from its teacher's notebook."""

    trusted: frozenset[str] = frozenset()
    given: TeacherCells = NOTHING

    @staticmethod
    def read(path: Path, *, many: bool) -> Lab:
        """From the notebook at `path`."""
        source = nbformat.read(str(path), as_version=4)
        return Lab(trusted_findings(source), TeacherCells(opening_sources(source), many))


def in_batches(all_of_them: Iterable[Batch], count: int) -> Iterator[list[Batch]]:
    """Yield lists of so many at a time (itertools has this from Python 3.12 on)."""
    left = iter(all_of_them)
    while some := list(islice(left, count)):
        yield some


def fill_outputs(nb: Any, result: Result) -> None:
    """Put what the sandbox showed into a notebook's cells, our own messages in the terminal's language."""
    language = terminal_language()
    for number, cell in enumerate(nb.cells):
        key = str(number)
        if cell.cell_type == "code":
            shown = in_language(result.outputs.get(key, []), result.said.get(key, {}), language)
            cell.outputs = nbformat.from_dict(shown)
            cell.execution_count = result.counts.get(key)
        about = dict(cell.metadata)
        note_on(about, result, key)
        cell.metadata = nbformat.from_dict(about)
    if result.widgets:
        nb.metadata["widgets"] = nbformat.from_dict(result.widgets)


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Keep what a notebook wrote, as stock nbgrader does; names and contents are claims."""
    for name, content in files.items():
        parts = Path(name).parts
        target = folder.joinpath(*parts)
        if Path(name).is_absolute() or ".." in parts or target.suffix == ".ipynb" or len(parts) > 8:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, base64.b64decode(content))


def write_file(path: Path, data: bytes) -> None:
    """Aside, synced, then renamed."""
    aside = path.with_name(f".{path.name[:100]}.part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
