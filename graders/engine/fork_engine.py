"""The fork-server engine: one warm template, a fresh sandbox for each submission."""

from __future__ import annotations

import ast
import json
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from graders.contract.message_facts import Message
from graders.contract.shown_messages import said_data
from graders.contract.work_contract import ANSWERS, EngineError, Flag, Graded, Outcome, TaskResult, Work
from graders.contract.work_files import Encoded
from graders.engine import (
    cell_scores,
    flag_evidence,
    mock_names,
    names_used,
    notebook_reading,
    static_findings,
)
from graders.engine.guarded_source import UnguardedError
from graders.engine.notebook_reading import Json, NotANotebookError, Submission
from graders.engine.notebook_runner import Runner
from graders.engine.notebook_steps import Kind, Result, Step
from graders.engine.sandbox_supervisor import Room, Template
from graders.engine.shared_first_cells import Openings, Setting, opening_sources, shared_beginning
from graders.engine.teachers_classes import answers_of_classes
from graders.pages.hidden_tests import visible_text

NAME = "fork-2"
GUARDED_TRIES = 2


class TeacherCells(NamedTuple):
    """Cells with which the teacher's notebook of a lab begins, and whether many submissions of it wait."""

    sources: Sequence[str] = ()
    many: bool = False


NOTHING = TeacherCells()


class ForkEngine:
    """Engine that grades in sandboxes forked from a warm template. Safe to use from several threads.

    Example:
        with ForkEngine() as engine:
            graded = engine.grade(Work("course", "lab", "learner", source, notebook))
            points = {task.grade_id: task.score for task in graded.tasks}
    """

    name = NAME

    def __init__(self, room: Room | None = None, template: Template | None = None) -> None:
        """Use a warm template, or start one on first use.

        Args:
            room: libraries to import beforehand and folders to show; None for the default.
            template: a warm template, instead of `room`.
        """
        self._room = room
        self._template = template
        self._openings = Openings()
        self._lock = threading.Lock()
        # What sandboxes have used so far: processor seconds, and the largest one's memory in bytes.
        self.cpu = 0.0
        self.peak = 0

    def template(self) -> Template:
        """Return the warm template, which starts on first use and takes about 3 seconds.

        Raises:
            EngineError: this machine does not allow the sandbox.
        """
        with self._lock:
            if self._template is None:
                self._template = Template(self._room).start()
            return self._template

    def run(
        self,
        work: Work,
        steps: list[Step],
        trusted: frozenset[str],
        *,
        given: TeacherCells = NOTHING,
        collect: bool = False,
    ) -> Result:
        """Run steps in a fresh sandbox; a template that died is replaced once.

        The teacher's first cells may run once for several learners.

        Args:
            work: the submission, for its limits, files and answers.
            steps: code cells in the order in which they run.
            trusted: findings that the teacher's own notebook has as well; these are not flagged.
            given: the teacher's first cells, and whether many submissions with them wait.
            collect: whether to return the files that the notebook wrote.

        Returns:
            Outputs, scores and flags by the key of each step; processor time in seconds, memory in bytes.

        Raises:
            EngineError: nothing could be said about this submission; try again.
        """
        files = Encoded(work.files if work.answers is None else {**work.files, ANSWERS: work.answers})
        result = self._from_beginning(work, files, steps, trusted, given, collect) or self._from_scratch(
            work, files, steps, trusted, collect
        )
        if flag_evidence.is_suspected(result, steps):
            result.cpu += self._look_closer(work, files, steps, trusted, result)
        else:
            flag_evidence.settle_flags(result, None, steps)
        with self._lock:
            self.cpu += result.cpu
            self.peak = max(self.peak, result.peak)
        return result

    def _look_closer(
        self, work: Work, files: Encoded, steps: list[Step], trusted: frozenset[str], result: Result
    ) -> float:
        """Run the notebook guarded, and turn what was noticed into flags; returns processor seconds.

        A difference that nothing explains may be chance: then once more.
        """
        cpu, guarded = 0.0, None
        for _ in range(GUARDED_TRIES):
            try:
                guarded = Runner(self.template(), work.limits, files, trusted, work.own, is_guarded=True).run(
                    steps
                )
            except (EngineError, UnguardedError):
                guarded = None
                break
            cpu += guarded.cpu
            if flag_evidence.is_explained(
                guarded, result, flag_evidence.differing_tests(result, guarded, steps)
            ):
                break
        flag_evidence.settle_flags(result, guarded, steps)
        return cpu

    def _from_beginning(
        self, work: Work, files: Encoded, steps: list[Step], trusted: frozenset[str],
        given: TeacherCells, collect: bool,
    ) -> Result | None:  # fmt: skip
        """Go on from where this lab's first cells have run already; None if it has to begin with them."""
        if work.own - {ANSWERS}:
            return None
        template, setting = self.template(), Setting(files.without(ANSWERS), trusted, work.limits)
        first = shared_beginning(steps, given.sources)
        with self._openings.borrow(template, first, setting, many=given.many) as lab:
            if lab is None:
                return None
            try:
                runner = Runner(lab, work.limits, files, trusted, work.own, opened=lab.opened, court=template)
                return runner.run(steps, collect=collect)
            except EngineError:
                self._openings.forget(lab)
                return None

    def _from_scratch(
        self, work: Work, files: Encoded, steps: list[Step], trusted: frozenset[str], collect: bool
    ) -> Result:
        template = self.template()
        try:
            return Runner(template, work.limits, files, trusted, work.own).run(steps, collect=collect)
        except EngineError:
            with self._lock:
                if self._template is template:
                    template.stop()
                    self._template = None
            self._openings.close()
            return Runner(self.template(), work.limits, files, trusted, work.own).run(steps, collect=collect)

    def grade(self, work: Work) -> Graded:
        """Grade one submission.

        Args:
            work: the grader's notebook and the learner's, with files, answers and limits.

        Returns:
            One result per graded cell, the graded notebook as JSON, and times in seconds. If a notebook
            cannot be read, its tasks were not attempted.

        Raises:
            EngineError: our fault, for example that this machine does not allow the sandbox; the submission
                is retried.

        Example:
            graded = ForkEngine().grade(work)
        """
        began = time.monotonic()
        try:
            source = notebook_reading.read_notebook(work.source)
        except NotANotebookError as error:
            raise EngineError(f"the source notebook of {work.lab} cannot be read: {error}") from error
        try:
            submission = notebook_reading.restore_cells(notebook_reading.read_notebook(work.notebook), source)
        except NotANotebookError as error:
            return _unreadable(work, source, error.message)
        result = self.run(
            work, steps_of(submission), trusted_findings(source), given=TeacherCells(opening_sources(source))
        )
        _fill(submission, result)
        return Graded(
            tasks=tuple(_verdicts(submission, result)),
            notebook=json.dumps(submission.notebook, ensure_ascii=True, indent=1).encode(),
            engine=self.name,
            cpu_seconds=result.cpu,
            wall_seconds=time.monotonic() - began,
        )

    def close(self) -> None:
        """End the templates. The engine starts others if it is used again."""
        self._openings.close()
        with self._lock:
            if self._template is not None:
                self._template.stop()
                self._template = None

    def __enter__(self) -> ForkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def steps_of(submission: Submission) -> list[Step]:
    """Return the code cells of a restored submission, each with whose it is."""
    given = {cell["source"] for cell in submission.source["cells"] if not notebook_reading.is_solution(cell)}
    steps = []
    for number, cell in enumerate(submission.notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if notebook_reading.is_test(cell):
            kind = Kind.TEST
        elif notebook_reading.is_locked(cell) or (
            not notebook_reading.is_solution(cell) and cell["source"] in given
        ):
            kind = Kind.GIVEN
        else:
            kind = Kind.LEARNER
        steps.append(Step(str(number), cell["source"], kind, notebook_reading.cell_points(cell)))
    return steps


def trusted_findings(source: Json) -> frozenset[str]:
    """Return what the teacher's own notebook does.

    These are findings, names that its solutions set, and, as `"given NAME"`, `"mutates NAME"`, `"method NAME"` and
    `"answers CLASS.METHOD"`, names that its other cells make, names whose values its solutions change, and methods of
    its solutions' classes, written there or not.
    """
    found: set[str] = set()
    trees: list[tuple[ast.Module, bool]] = []
    for cell in source["cells"]:
        if cell["cell_type"] != "code":
            continue
        read = static_findings.parse_lab_cell(cell["source"])
        found |= read.warnings
        if read.tree is not None:
            trees.append((read.tree, notebook_reading.is_solution(cell)))
        if notebook_reading.is_solution(cell):
            inside = names_used.names_changed_inside(read.tree) if read.tree is not None else frozenset()
            found |= read.binds | {f"mutates {name}" for name in read.changes | inside}
            found |= {f"method {name}" for name in static_findings.methods_in(read)}
        elif notebook_reading.is_locked(cell) and not notebook_reading.is_grade(cell):
            found |= {f"given {name}" for name in read.binds}
    found |= answers_of_classes([tree for tree, is_solution in trees if is_solution])
    return mock_names.without_excuses(found, trees)


def _fill(submission: Submission, result: Result) -> None:
    """Write outputs, and what a trainer should look at, into the notebook; a judge's text stays in the source."""
    for number, cell in enumerate(submission.notebook["cells"]):
        key = str(number)
        if cell["cell_type"] == "code" and key in result.outputs:
            cell["outputs"] = result.outputs[key]
            cell["execution_count"] = result.counts.get(key)
            if key in result.verdicts:
                cell["source"] = visible_text(cell["source"])
        note_on(cell["metadata"], result, key)
    if result.widgets:
        submission.notebook["metadata"]["widgets"] = result.widgets


def note_on(metadata: Json, result: Result, key: str) -> None:
    """Write a cell's flags and the messages that it shows into its metadata, in the place of what was handed in."""
    before = metadata.get("isomo")
    kept = before.items() if isinstance(before, dict) else ()
    about: Json = {name: value for name, value in kept if name not in ("flags", "said")}
    if flags := result.flags.get(key):
        about["flags"] = [flag.as_data() for flag in flags]
    if said := result.said.get(key):
        about["said"] = said_data(said)
    if about:
        metadata["isomo"] = about
    else:
        metadata.pop("isomo", None)


def _verdicts(submission: Submission, result: Result) -> list[TaskResult]:
    originals = {
        notebook_reading.nbgrader_metadata(cell).get("grade_id"): cell for cell in submission.source["cells"]
    }
    verdicts = []
    attempted = True
    for number, cell in enumerate(submission.notebook["cells"]):
        grade_id = notebook_reading.nbgrader_metadata(cell).get("grade_id")
        if grade_id in originals and notebook_reading.is_solution(cell):
            attempted = not notebook_reading.is_blank(cell, originals[grade_id])
        if notebook_reading.is_marked(cell):
            verdicts.append(_verdict(cell, str(number), result, attempted, submission.duplicated))
    for name in submission.missing:
        most = notebook_reading.cell_points(originals[name])
        verdicts.append(
            TaskResult(
                name, Outcome.NOT_ATTEMPTED, 0.0, most, Message("cell-missing"), (Flag("cell-missing"),)
            )
        )
    return verdicts


def _verdict(cell: Json, key: str, result: Result, attempted: bool, duplicated: set[str]) -> TaskResult:
    grade_id, most = (
        str(notebook_reading.nbgrader_metadata(cell)["grade_id"]),
        notebook_reading.cell_points(cell),
    )
    flags = result.flags.get(key, ()) + ((Flag("duplicated-cell"),) if grade_id in duplicated else ())
    message = Message("duplicated") if grade_id in duplicated else None
    if not notebook_reading.is_test(cell):
        score = None if attempted or not notebook_reading.is_solution(cell) else 0.0
        outcome = Outcome.NOT_YET if score is None else Outcome.NOT_ATTEMPTED
        message = message if score is None else Message("not-attempted")
        return TaskResult(grade_id, outcome, score, most, message, flags)
    if key in result.verdicts:
        said = result.verdicts[key]
        return TaskResult(grade_id, said.outcome, said.score, most, said.message or message, flags)
    try:
        score = 0.0 if key in result.forged else cell_scores.earned_points(cell["outputs"], most)
    except ValueError:
        score, flags = 0.0, tuple(dict.fromkeys((*flags, Flag("impossible-mark"))))
    if score >= most:
        outcome = Outcome.PASSED
    elif score == 0 and not attempted:
        outcome, message = Outcome.NOT_ATTEMPTED, Message("not-attempted")
    else:
        outcome = Outcome.NOT_YET
    return TaskResult(grade_id, outcome, score, most, result.stops.get(key) or message, flags)


def _unreadable(work: Work, source: Json, problem: Message) -> Graded:
    tasks = tuple(
        TaskResult(
            str(notebook_reading.nbgrader_metadata(cell)["grade_id"]),
            Outcome.NOT_ATTEMPTED,
            0.0,
            notebook_reading.cell_points(cell),
            problem,
        )
        for cell in source["cells"]
        if notebook_reading.is_marked(cell)
    )
    return Graded(tasks, work.notebook, NAME, problem=problem)
