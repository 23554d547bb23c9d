"""nbgrader's autograde converter with the sandbox in the place of its Execute preprocessor.

nbgrader's own preprocessors sanitise before and save the grades after; only running the notebook is ours, several
at a time, in sandboxes that see neither the course nor its gradebook.
"""

from __future__ import annotations

import gc
import os
import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader import utils
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import rmtree
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers
from traitlets import Instance, Integer, default

from graders.contract.work_contract import EngineError, Work
from graders.engine import notebook_reading
from graders.engine.fork_engine import ForkEngine
from graders.engine.needed_imports import preload_for
from graders.engine.notebook_steps import Kind, Result, Step
from graders.engine.sandbox_supervisor import Room
from graders.nbgrader.course_files import MIB, Folders, Nearby, plain_files
from graders.nbgrader.flag_lines import flag_line
from graders.nbgrader.read_submission import (
    fit_cells,
    forget_copies,
    read_notebook,
    refuse_other_languages,
    told_reason,
)
from graders.nbgrader.shared_gradebook import SharedGradebook, reads_scores, share_gradebook
from graders.nbgrader.shared_work import share_work
from graders.nbgrader.submission_batches import (
    UNFINISHED,
    Batch,
    Lab,
    Task,
    fill_outputs,
    in_batches,
    write_file,
    write_files,
)
from graders.nbgrader.terminal_sentences import _
from graders.nbgrader.time_limits import MOST_SECONDS, WholeTime, cell_seconds, limits_for
from graders.nbgrader.warm_engine import WarmAutograde

MANY = 3
"""With so many submissions it is known from the start that a lab's first cells are worth being shared."""
EXPECTED = 50
"""For so many submissions at a time the gradebook is asked what it has of them."""
FEW = 5
"""Below this number of submissions a template gets no more than they import, and starts a second or two earlier."""
WRITERS = 8
"""Files of that many submissions are made safe on the disk at the same time: it waits, and computes nothing."""


class ForkAutograde(WholeTime, WarmAutograde):
    """Autograde in sandboxes. Configured as `Autograde`, of which it is one."""

    workers = Integer(
        help="How many submissions run at the same time; by default three more than there are cores, "
        "so that none stands still while one waits, begins or ends."
    ).tag(config=True)
    largest_files = Integer(
        256 * MIB,
        help="Bytes of all files next to a notebook together. "
        "A learner's own file over it is left out, with a warning.",
    ).tag(config=True)
    engine = Instance(ForkEngine)
    _kernels = Instance(KernelSpecManager, ())

    @default("workers")
    def _workers_default(self) -> int:
        return len(os.sched_getaffinity(0)) + 3

    @default("engine")
    def _engine_default(self) -> ForkEngine:
        lent = self.lent_engine()
        if lent is not None:
            return lent
        if not 0 < len(self.assignments) < FEW:
            return ForkEngine()
        return ForkEngine(Room(preload=preload_for(self._code_files()), warm=False))

    def _code_files(self) -> list[Path]:
        """Everything that could import a library: the submissions' notebooks and modules, and the teacher's."""
        folders = {Path(path) for path in self.assignments}
        names = {self._batch(path).assignment for path in self.assignments}
        source = self.coursedir.source_directory
        folders |= {Path(self.coursedir.format_path(source, ".", name)) for name in names}
        return [
            path for folder in folders for path in plain_files(folder) if path.suffix in (".py", ".ipynb")
        ]

    def convert_notebooks(self) -> None:
        """Grade every submission found; a bad one is reported at the end and never stops the others."""
        self._failed: list[Batch] = []
        self._sources: dict[str, Lab] = {}
        self._cells: dict[tuple[str, str], dict[str, str]] = {}
        course = self.coursedir
        with (
            share_gradebook(course.db_url, course.course_id) as self._gradebook,
            share_work(self.log),
            ThreadPoolExecutor(self.workers) as pool,
            ThreadPoolExecutor(WRITERS) as self._writers,
        ):
            warming = pool.submit(self.engine.template)
            try:
                self.prepare()
                self._before, self._after, self._execute = self._pipelines()
                if self._execute is not None and self._execute.enabled:
                    self._refuse_if_needed(warming)
                self._all(self._gradebook, pool)
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
        """Return nbgrader's preprocessors before and after the run, made once."""
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
        for some in in_batches(map(self._batch, sorted(self.assignments)), EXPECTED):
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
        gradebook.keep(self._failed, add_students=self.create_student)

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
        except KeyboardInterrupt:
            self._remove(batch)
            raise
        except OperationalError as error:
            self._remove(batch)
            said = _(
                "The gradebook cannot be read or written ({error}). If nbgrader was upgraded, save a copy of the "
                "gradebook, run `nbgrader db upgrade`, then grade again."
            ).format(error=error.orig)
            self.log.error(said)
            raise NbGraderException(said) from error
        except Exception as error:
            self.log.error("There was an error processing assignment: %s\n%s", batch.path, told_reason(error))
            self._remove(batch)
            self._fail(batch)
            return None
        return batch

    def _fail(self, batch: Batch) -> None:
        if batch not in self._failed:
            self._failed.append(batch)

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
        self._enter(batch, self.notebooks)
        self._read(batch, self.notebooks)
        if self._execute is not None and self._execute.enabled:
            files = self._files(batch)
            for task in batch.tasks:
                lab = self._lab(task.resources["nbgrader"])  # Here: threads would all read it at once.
                nearby = self._nearby(task, batch, files)
                task.running = pool.submit(self._run, task, lab, nearby, self._execute)

    def _read(self, batch: Batch, names: list[str]) -> None:
        """Sanitise each notebook; one that cannot be read costs the others nothing.

        Raises:
            NotANotebookError: what can be read has nothing to grade.
        """
        problems: list[tuple[str, Exception]] = []
        for name in names:
            try:
                batch.tasks.append(self._sanitized(name))
            except Exception as error:
                if len(names) == 1:
                    raise
                problems.append((name, error))
        if problems and not any(task.is_graded for task in batch.tasks):
            for name, problem in problems:
                self.log.error(_("%s was not graded: %s"), name, told_reason(problem))
            raise notebook_reading.NotANotebookError(_("None of its notebooks can be graded."))
        for name, problem in problems:
            self._leave_out(batch, name, problem)

    def _leave_out(self, batch: Batch, name: str, error: Exception) -> None:
        """Report a notebook that cannot be graded; the submission's others are."""
        self.log.error(
            _("%s was not graded: %s The other notebooks of this submission keep their marks."),
            name,
            told_reason(error),
        )
        batch.problem = True
        self._fail(batch)

    def _drop_unfinished(self, batch: Batch) -> None:
        """Take away what a killed run left behind; a notebook that a trainer removed stays removed."""
        folder = Path(self._format_dest(batch.assignment, batch.student))
        if self.coursedir.notebook_id == "*" and (folder / UNFINISHED).exists():
            rmtree(str(folder))

    def _sanitized(self, filename: str) -> Task:
        self.log.info("Sanitizing %s", filename)
        path = Path(filename)
        nb = read_notebook(path)
        resources = self.init_single_notebook_resources(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        names = resources["nbgrader"]
        for cell in fit_cells(nb, self._known_cells(names["notebook"], names["assignment"])):
            self.log.warning(
                _("%s: the graded cell %s is not in this assignment and is not graded."), filename, cell
            )
        for one in self._before:
            nb, resources = one(nb, resources)
            forget_copies(nb)
        refuse_other_languages(nb, self._kernels)
        return Task(filename, nb, resources)

    def _known_cells(self, notebook: str, assignment: str) -> dict[str, str]:
        """Return the assignment's own cells by grade_id, each with its cell type."""
        key = (notebook, assignment)
        if key not in self._cells:
            found = self._gradebook.find_notebook(notebook, assignment).source_cells
            self._cells[key] = {cell.name: cell.cell_type for cell in found}
        return self._cells[key]

    def _files(self, batch: Batch) -> Nearby:
        course = self.coursedir
        source, released = (
            Path(course.format_path(folder, ".", batch.assignment))
            for folder in (course.source_directory, course.release_directory)
        )
        graded = Path(self._format_dest(batch.assignment, batch.student))
        folders = Folders(
            graded, Path(batch.path), source, released, tuple(course.ignore), frozenset({UNFINISHED})
        )
        found = folders.nearby(self.largest_files)
        for name in found.left_out:
            self.log.warning(
                _(
                    "%s: %s is left out, because the files next to the notebook are over %s MiB. The rest is graded."
                ),
                batch.path,
                name,
                self.largest_files // MIB,
            )
        return found

    @staticmethod
    def _nearby(task: Task, batch: Batch, files: Nearby) -> Nearby:
        """Return files for one notebook: the others of its submission too, with the teacher's cells put back.

        Those with tests stay as they were handed in: what they hide is not shown to another notebook.
        """
        helpers = {
            Path(one.filename).name: nbformat.v4.writes(one.nb).encode("utf-8", "surrogatepass")
            for one in batch.tasks
            if not any(map(utils.is_grade, one.nb.cells))
        }
        return files.renewed(helpers, Path(task.filename).name)

    def _run(self, task: Task, lab: Lab, files: Nearby, execute: ExecutePreprocessor) -> Result:
        steps = self._steps(task.nb, execute)
        names = task.resources["nbgrader"]
        course = self.coursedir.course_id
        limits = limits_for(steps, files.size, self.longest, self.submission_seconds)
        work = Work(course, names["assignment"], names["student"], b"", b"", None, files, limits, files.own)
        return self.engine.run(work, steps, lab.trusted, given=lab.given, collect=True)

    def _steps(self, nb: Any, execute: ExecutePreprocessor) -> list[Step]:
        steps = []
        for number, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            kind = Kind.GIVEN if utils.is_locked(cell) else Kind.LEARNER
            if notebook_reading.is_test(cell):
                kind = Kind.TEST
            seconds = min(cell_seconds(execute, cell) or self.longest, MOST_SECONDS)
            steps.append(Step(str(number), cell.source, kind, notebook_reading.cell_points(cell), seconds))
        return steps

    def _lab(self, names: dict[str, str]) -> Lab:
        """Return what the teacher's own notebook does, if it is at hand."""
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
                self._enter(batch, [task.filename for task in batch.tasks])
        written = list(self._writers.map(lambda batch: self._guarded(self._write, batch), group))
        for batch in filter(None, written):
            self._guarded(self._close, batch)
            gradebook.leave(batch.assignment, batch.student)

    def _await(self, batch: Batch) -> None:
        for task in list(batch.tasks):
            try:
                task.result = task.running.result() if task.running else None
            except Exception as error:
                self._drop(batch, task, error)

    def _drop(self, batch: Batch, task: Task, error: Exception) -> None:
        """Go on without one notebook; the last one with marks takes its submission with it, as with stock."""
        if not any(one.is_graded for one in batch.tasks if one is not task):
            raise error
        batch.tasks.remove(task)
        self._leave_out(batch, task.filename, error)

    def _mark(self, batch: Batch, gradebook: SharedGradebook) -> None:
        for task in batch.tasks:
            self._grade(task, task.result, gradebook)

    def _mark_alone(self, batch: Batch, gradebook: SharedGradebook) -> None:
        for task in list(batch.tasks):
            try:
                self._enter(batch, [one.filename for one in batch.tasks])
                self._grade(task, task.result, gradebook)
                gradebook.save()
            except BaseException as error:
                gradebook.undo()
                if not isinstance(error, Exception) or isinstance(error, OperationalError):
                    raise
                self._drop(batch, task, error)

    def _enter(self, batch: Batch, names: list[str]) -> None:
        """Have the learner and the submission in the gradebook.

        Raises:
            NotANotebookError: no notebook has a name that the assignment has.
        """
        self.notebooks = names
        try:
            self.init_assignment(batch.assignment, batch.student)
        except NbGraderException:
            if self.notebooks:
                raise
            known = [one.name for one in self._gradebook.find_assignment(batch.assignment).notebooks]
            if not known:
                raise
            raise notebook_reading.NotANotebookError(
                _(
                    "{found} has another name than the assignment's notebook. Rename it to {wanted}, then grade again."
                ).format(
                    found=", ".join(Path(name).name for name in names),
                    wanted=" / ".join(f"{name}.ipynb" for name in known),
                )
            ) from None

    def _write(self, batch: Batch) -> None:
        folder = Path(self._format_dest(batch.assignment, batch.student))
        for task in batch.tasks:
            if task.result is not None:
                write_files(folder, task.result.files)
            folder.mkdir(parents=True, exist_ok=True)
            write_file(
                folder / Path(task.filename).name, nbformat.v4.writes(task.nb).encode("utf-8", "replace")
            )
        if not batch.problem:
            (folder / UNFINISHED).unlink(missing_ok=True)

    def _close(self, batch: Batch) -> None:
        self.notebooks = [task.filename for task in batch.tasks]
        self.set_permissions(batch.assignment, batch.student)
        self.run_post_convert_hook()

    def _grade(self, task: Task, result: Result | None, gradebook: SharedGradebook) -> None:
        self.log.info("Autograding %s", task.filename)
        if result is not None:
            fill_outputs(task.nb, result)
        for one in self._after:
            if reads_scores(one, task.resources["nbgrader"], gradebook):
                gradebook.refresh()
            task.nb, task.resources = one(task.nb, task.resources)
            if isinstance(one, SaveAutoGrades):
                self._flag(task, gradebook)

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
                    "%s: look at %s: %s",
                    names["student"],
                    cell.metadata.nbgrader.grade_id,
                    " · ".join(map(flag_line, flags)),
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
            said = _("Not graded: {count}. The lines above say why. All others are graded.")
            said = said.format(count=len(self._failed))
            self.log.error(said)
            raise NbGraderException(said)
