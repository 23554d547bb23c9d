"""nbgrader's autograde converter with the sandbox in the place of its Execute preprocessor.

nbgrader's own preprocessors sanitise before and save the grades after; only running the notebook is ours, several
at a time, in sandboxes that see neither the course nor its gradebook.
"""

from __future__ import annotations

import base64
import gc
import os
import re
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbgrader.utils import rmtree
from sqlalchemy.orm import configure_mappers
from traitlets import Instance, Integer, default

from graders.engine import notebooks
from graders.engine.api import EngineError, Limits, Work
from graders.engine.fork import NOTHING, ForkEngine, Given, trusted_findings
from graders.engine.notebook_steps import Kind, Result, Step
from graders.engine.openings import opening
from graders.nbgrader.shared_gradebook import SharedGradebook, shared

LARGEST_FILES = 32 << 20
MANY = 3
"""With so many submissions it is known from the start that a lab's first cells are worth being shared."""
EXPECTED = 50
"""For so many submissions at a time the gradebook is asked what it has of them."""
WRITERS = 8
"""Files of that many submissions are made safe on the disk at the same time: it waits, and computes nothing."""
UNFINISHED = ".isomo-unfinished"
"""Stands in a submission's folder until all of it is written."""


@dataclass
class Task:
    """One notebook of a submission on its way through."""

    filename: str
    nb: Any
    resources: dict[str, Any]
    running: Future[Result] | None = None
    result: Result | None = None


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
        """Whether none of its notebooks is still running."""
        return all(task.running is None or task.running.done() for task in self.tasks)


class Lab(NamedTuple):
    """What the engine knows of a lab from its teacher's notebook."""

    trusted: frozenset[str] = frozenset()
    given: Given = NOTHING

    @staticmethod
    def read(path: Path, *, many: bool) -> Lab:
        """From the notebook at `path`."""
        source = nbformat.read(str(path), as_version=4)
        return Lab(trusted_findings(source), Given(opening(source), many))


class ForkAutograde(Autograde):
    """Autograde in sandboxes. Configured as `Autograde`, of which it is one."""

    workers = Integer(
        help="How many submissions run at the same time; by default four more than there are cores, "
        "so that none stands still while one waits, begins or ends."
    ).tag(config=True)
    engine = Instance(ForkEngine)
    _kernels = Instance(KernelSpecManager, ())

    @default("workers")
    def _workers_default(self) -> int:
        return len(os.sched_getaffinity(0)) + 4

    @default("engine")
    def _engine_default(self) -> ForkEngine:
        return ForkEngine()

    def convert_notebooks(self) -> None:
        """Grade every submission found; a bad one is reported at the end and never stops the others."""
        self._failed: list[Batch] = []
        self._sources: dict[str, Lab] = {}
        self._languages: dict[str, str] = {}
        course = self.coursedir
        with (
            shared(course.db_url, course.course_id) as gradebook,
            ThreadPoolExecutor(self.workers) as pool,
            ThreadPoolExecutor(WRITERS) as self._writers,
        ):
            warming = pool.submit(self.engine.template)
            try:
                self.prepare()
                self._before, self._after, self._execute = self._pipelines()
                if self._execute is not None and self._execute.enabled:
                    self._refuse_if_needed(warming)
                self._all(gradebook, pool)
            finally:
                self.engine.close()
        self._report()

    @staticmethod
    def prepare() -> None:
        """Have nbformat compile its schema and SQLAlchemy its mappers, which take as long as two notebooks, while the
        template starts. What is there then stays: looking for garbage among it would cost as much again.
        """
        nbformat.validate(nbformat.v4.new_notebook())
        configure_mappers()
        gc.freeze()

    def _pipelines(self) -> tuple[list[Any], list[Any], ExecutePreprocessor | None]:
        """nbgrader's preprocessors, made once; what comes before and after the run."""
        made: list[list[Any]] = []
        for sanitizing in (True, False):
            self._sanitizing = sanitizing
            self._init_preprocessors()
            made.append(list(self.exporter._preprocessors))
        self._sanitizing = True
        sanitize, grade = made
        for number, one in enumerate(grade):
            if isinstance(one, ExecutePreprocessor):
                return [*sanitize, *grade[:number]], grade[number + 1 :], one
        return sanitize, grade, None

    def _refuse_if_needed(self, warming: Future[Any]) -> None:
        try:
            warming.result()
        except EngineError as error:
            self.log.error(str(error))
            raise NbGraderException(str(error)) from error

    def _all(self, gradebook: SharedGradebook, pool: ThreadPoolExecutor) -> None:
        waiting: deque[Batch] = deque()
        for some in batched(map(self._batch, sorted(self.assignments)), EXPECTED):
            for assignment, theirs in groupby(some, lambda one: one.assignment):
                gradebook.expect(assignment, [one.student for one in theirs])
            for one in some:
                batch = self._guarded(self._begin, one, pool)
                if batch is not None and (batch.tasks or batch.problem):
                    waiting.append(batch)
                while len(waiting) > 3 * self.workers:
                    self._end(waiting, gradebook)
        while waiting:
            self._end(waiting, gradebook)

    def _batch(self, path: str) -> Batch:
        pattern = self._format_source("(?P<assignment_id>.*)", "(?P<student_id>.*)", escape=True)
        match = re.match(pattern, path)
        if match is None:
            raise NbGraderException(f"Could not match '{path}' with regexp '{pattern}'")
        return Batch(match["assignment_id"], match["student_id"], path)

    def _guarded(self, step: Any, batch: Batch, *rest: Any) -> Batch | None:
        """Run one step for one submission; what goes wrong concerns that submission only."""
        try:
            step(batch, *rest)
        except (KeyboardInterrupt, NbGraderException):
            self._remove(batch)
            raise
        except Exception as error:
            self.log.error("There was an error processing assignment: %s", batch.path)
            self.log.error(
                "%s", error if isinstance(error, notebooks.NotANotebookError) else traceback.format_exc()
            )
            self._remove(batch)
            self._failed.append(batch)
            return None
        return batch

    def _begin(self, batch: Batch, pool: ThreadPoolExecutor) -> None:
        """Everything before the run: copy files, sanitise, hand to a sandbox."""
        self.notebooks = sorted(self.assignments[batch.path])
        self._drop_unfinished(batch)
        if not self.init_destination(batch.assignment, batch.student):
            return
        folder = Path(self._format_dest(batch.assignment, batch.student))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / UNFINISHED).touch()
        self.run_pre_convert_hook()
        self.init_assignment(batch.assignment, batch.student)
        batch.tasks = [self._sanitized(name) for name in self.notebooks]
        files = self._files(batch)
        if self._execute is not None and self._execute.enabled:
            for task in batch.tasks:
                task.running = pool.submit(self._run, task, files, self._execute.timeout)

    def _drop_unfinished(self, batch: Batch) -> None:
        """Take away what a killed run left behind; a notebook that a trainer removed stays removed."""
        folder = Path(self._format_dest(batch.assignment, batch.student))
        if self.coursedir.notebook_id == "*" and (folder / UNFINISHED).exists():
            rmtree(str(folder))

    def _sanitized(self, filename: str) -> Task:
        self.log.info("Sanitizing %s", filename)
        path = Path(filename)
        if path.is_symlink():
            raise notebooks.NotANotebookError(f"{filename} is a link, and only files are graded.")
        data = path.read_bytes()
        notebooks.read(data)
        nb = nbformat.reads(data.decode(), as_version=4)
        resources = self.init_single_notebook_resources(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        for one in self._before:
            nb, resources = one(nb, resources)
            _forget_copies(nb)
        _refuse_foreign(nb, filename)
        self._refuse_kernel(nb, filename)
        return Task(filename, nb, resources)

    def _refuse_kernel(self, nb: Any, filename: str) -> None:
        """The sandbox runs Python; anything else is said rather than run wrongly."""
        asked = str(nb.metadata.get("kernelspec", {}).get("name", "python"))
        try:
            language = self._language("python3" if asked == "python" else asked)
        except NoSuchKernel:
            raise notebooks.NotANotebookError(
                f"{filename} asks for the kernel {asked}, which is not here."
            ) from None
        if language.lower() != "python":
            raise notebooks.NotANotebookError(
                f"{filename} is written in {language}, and only Python is graded here."
            )

    def _language(self, kernel: str) -> str:
        if kernel not in self._languages:
            self._languages[kernel] = str(self._kernels.get_kernel_spec(kernel).language)
        return self._languages[kernel]

    def _files(self, batch: Batch) -> dict[str, bytes]:
        folder = Path(self._format_dest(batch.assignment, batch.student))
        found, total = {}, 0
        for path in sorted(folder.rglob("*")):
            plain = path.is_file() and not path.is_symlink()
            if plain and path.suffix != ".ipynb" and path.name != UNFINISHED:
                total += path.stat().st_size
                if total > LARGEST_FILES:
                    raise ValueError(f"the files beside this notebook are over {LARGEST_FILES >> 20} MiB")
                found[str(path.relative_to(folder))] = path.read_bytes()
        return found

    def _run(self, task: Task, files: dict[str, bytes], seconds: int | None) -> Result:
        limits = Limits(
            task_wall=float(seconds or Limits.task_wall), wall=max(Limits.wall, 10.0 * (seconds or 30))
        )
        names = task.resources["nbgrader"]
        own = self._own(names["assignment"], files)
        work = Work(
            self.coursedir.course_id,
            names["assignment"],
            names["student"],
            b"",
            b"",
            None,
            files,
            limits,
            own,
        )
        lab = self._lab(names)
        return self.engine.run(work, self._steps(task.nb), lab.trusted, given=lab.given, collect=True)

    def _own(self, assignment: str, files: dict[str, bytes]) -> frozenset[str]:
        """Files that the learner brought: the teacher's were put over theirs before."""
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        return frozenset(name for name in files if not (source / name).is_file())

    def _steps(self, nb: Any) -> list[Step]:
        steps = []
        for number, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            kind = Kind.GIVEN if utils.is_locked(cell) else Kind.LEARNER
            if notebooks.is_test(cell):
                kind = Kind.TEST
            steps.append(Step(str(number), cell.source, kind, notebooks.points(cell)))
        return steps

    def _lab(self, names: dict[str, str]) -> Lab:
        """What the teacher's own notebook does, where it is at hand."""
        if names["notebook"] not in self._sources:
            folder = self.coursedir.format_path(self.coursedir.source_directory, ".", names["assignment"])
            path = Path(folder) / f"{names['notebook']}.ipynb"
            many = len(self.assignments) >= MANY
            self._sources[names["notebook"]] = Lab.read(path, many=many) if path.is_file() else Lab()
        return self._sources[names["notebook"]]

    def _end(self, waiting: deque[Batch], gradebook: SharedGradebook) -> None:
        """Put the oldest submission away, and with it those behind it that are done: one commit for all of them.

        Grades first, then files, so that a killed run is found and done again.
        """
        group = [waiting.popleft()]
        while waiting and waiting[0].is_done:
            group.append(waiting.popleft())
        group = [batch for batch in group if self._guarded(self._await, batch)]
        try:
            for batch in group:
                self._mark(batch, gradebook)
            gradebook.save()
        except Exception:
            # Which of them it was shows one by one. What was entered for those still on their way went with it.
            gradebook.undo()
            group = [batch for batch in group if self._guarded(self._mark_alone, batch, gradebook)]
            for batch in waiting:
                self._enter(batch)
        written = list(self._writers.map(lambda batch: self._guarded(self._write, batch), group))
        for batch in filter(None, written):
            self._guarded(self._close, batch)
            gradebook.leave(batch.assignment, batch.student)

    def _await(self, batch: Batch) -> None:
        for task in batch.tasks:
            task.result = task.running.result() if task.running else None

    def _mark(self, batch: Batch, gradebook: SharedGradebook) -> None:
        for task in batch.tasks:
            self._grade(task, task.result, gradebook)

    def _mark_alone(self, batch: Batch, gradebook: SharedGradebook) -> None:
        try:
            self._enter(batch)
            self._mark(batch, gradebook)
            gradebook.save()
        except BaseException:
            gradebook.undo()
            raise

    def _enter(self, batch: Batch) -> None:
        """Have the learner and the submission in the gradebook."""
        self.notebooks = [task.filename for task in batch.tasks]
        self.init_assignment(batch.assignment, batch.student)

    def _write(self, batch: Batch) -> None:
        folder = Path(self._format_dest(batch.assignment, batch.student))
        for task in batch.tasks:
            if task.result is not None:
                _write_files(folder, task.result.files)
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / Path(task.filename).name, nbformat.v4.writes(task.nb).encode("utf-8", "replace"))
        (folder / UNFINISHED).unlink(missing_ok=True)

    def _close(self, batch: Batch) -> None:
        self.notebooks = [task.filename for task in batch.tasks]
        self.set_permissions(batch.assignment, batch.student)
        self.run_post_convert_hook()

    def _grade(self, task: Task, result: Result | None, gradebook: SharedGradebook) -> None:
        self.log.info("Autograding %s", task.filename)
        if result is not None:
            _fill(task.nb, result)
        for one in self._after:
            if self._asks_for_sums(one, task, gradebook):
                gradebook.refresh()
            task.nb, task.resources = one(task.nb, task.resources)
            if isinstance(one, SaveAutoGrades):
                self._flag(task, gradebook)

    @staticmethod
    def _asks_for_sums(step: Any, task: Task, gradebook: SharedGradebook) -> bool:
        """Whether a step reads scores, which SQL computes: penalties do, and nobody knows of a course's own steps."""
        if isinstance(step, AssignLatePenalties):
            names = task.resources["nbgrader"]
            return bool(gradebook.find_submission(names["assignment"], names["student"]).total_seconds_late)
        return not type(step).__module__.startswith(("nbgrader.preprocessors.", "nbconvert.preprocessors."))

    def _flag(self, task: Task, gradebook: SharedGradebook) -> None:
        """Marks that a trainer should look at appear in formgrader as waiting for them."""
        names = task.resources["nbgrader"]
        for cell in task.nb.cells:
            flags = cell.metadata.get("isomo", {}).get("flags")
            if flags and utils.is_grade(cell):
                grade = gradebook.find_grade(
                    cell.metadata.nbgrader.grade_id, names["notebook"], names["assignment"], names["student"]
                )
                grade.needs_manual_grade = True
                self.log.warning(
                    "%s: look at %s: %s", names["student"], cell.metadata.nbgrader.grade_id, flags
                )

    def _remove(self, batch: Batch) -> None:
        folder = Path(self._format_dest(batch.assignment, batch.student))
        if self.coursedir.notebook_id == "*":
            if folder.exists():
                self.log.warning("Removing failed assignment: %s", folder)
                rmtree(str(folder))
            return
        for name in [*self.assignments.get(batch.path, []), UNFINISHED]:
            (folder / Path(name).name).unlink(missing_ok=True)

    def _report(self) -> None:
        for batch in self._failed:
            self.log.error(
                "There was an error processing assignment '%s' for student '%s'",
                batch.assignment,
                batch.student,
            )
        if self._failed:
            # nbgrader ends without a word on what is raised here.
            said = f"Not graded: {len(self._failed)}. The lines above say why. All others are graded."
            self.log.error(said)
            raise NbGraderException(said)


def batched(all_of_them: Iterable[Batch], count: int) -> Iterator[list[Batch]]:
    """Lists of so many at a time (itertools has this from Python 3.12 on)."""
    left = iter(all_of_them)
    while some := list(islice(left, count)):
        yield some


def _forget_copies(nb: Any) -> None:
    """A copy of a graded cell has lost its name and is a cell like any other; stock nbgrader stops the batch here."""
    for cell in nb.cells:
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]


def _refuse_foreign(nb: Any, filename: str) -> None:
    """What is marked as graded, and is no cell of this lab, belongs to another one."""
    if any("nbgrader" in cell.metadata and not cell.metadata.nbgrader.get("grade_id") for cell in nb.cells):
        raise notebooks.NotANotebookError(
            f"{filename} has graded cells that this assignment does not have; it may be another assignment's."
        )


def _fill(nb: Any, result: Result) -> None:
    for number, cell in enumerate(nb.cells):
        key = str(number)
        if cell.cell_type == "code":
            cell.outputs = nbformat.from_dict(result.outputs.get(key, []))
            cell.execution_count = result.counts.get(key)
        if result.flags.get(key):
            cell.metadata["isomo"] = nbformat.from_dict(
                {"flags": [one.as_data() for one in result.flags[key]]}
            )
    if result.widgets:
        nb.metadata["widgets"] = nbformat.from_dict(result.widgets)


def _write_files(folder: Path, files: dict[str, str]) -> None:
    """Keep what a notebook wrote, as stock nbgrader does; names and contents are claims."""
    for name, content in files.items():
        parts = Path(name).parts
        target = folder.joinpath(*parts)
        if Path(name).is_absolute() or ".." in parts or target.suffix == ".ipynb" or len(parts) > 8:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, base64.b64decode(content))


def _write(path: Path, data: bytes) -> None:
    """Aside, synced, then renamed."""
    aside = path.with_name(f".{path.name[:100]}.part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
