"""Runs one notebook in the sandbox, cell by cell, and decides on the trusted side what to make of it."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graders.contract.message_facts import Message
from graders.contract.shown_messages import VERDICT, error_output
from graders.contract.work_contract import ANSWERS, EngineError, Flag, Limits, Outcome
from graders.contract.work_files import send_files
from graders.engine import cell_scores, static_findings
from graders.engine import judged_cell as judged
from graders.engine.asking_tests import asking_cell
from graders.engine.cell_outputs import Recorder, verdict_outputs
from graders.engine.guarded_source import guard_source
from graders.engine.judge_answers import Answers, Bench, FaultError, Verdict, claimed_answer, seed_of
from graders.engine.judged_cell import JudgedCell
from graders.engine.learner_findings import LearnerFindings
from graders.engine.notebook_steps import (
    Kind,
    Result,
    SharedStart,
    Step,
    filled_steps,
    hidden_statements,
    is_collectable,
    names_held,
    relied_on,
)
from graders.engine.sandbox_supervisor import Child, Ended, StoppedError, StoppedInCopyError, Template
from graders.engine.submission_clock import LEAST_SECONDS, SubmissionClock

MOST_RESTARTS = 3
LARGEST_FILES = 8 << 20
MOST_FILES = 1000
CANARY = "raise AssertionError('this test has to fail')"


class Runner:
    """Runs the steps of one notebook. `trusted` are findings that the teacher's own notebook has as well.

    `opened` says that children of `template` have already run the first steps; judges are then forked from `court`.
    With `is_guarded`, the learner's cells run rewritten, and what leads to machinery is refused.
    """

    def __init__(
        self,
        template: Template,
        limits: Limits,
        files: Mapping[str, str],
        trusted: Iterable[str] = (),
        own: Iterable[str] = (),
        *,
        opened: SharedStart | None = None,
        court: Template | None = None,
        is_guarded: bool = False,
    ) -> None:
        self._template = template
        self._judges = court or template
        self._limits = limits
        self._files = files
        self._own = sorted(own)
        self._trusted = frozenset(trusted)
        self._child: Child | None = None
        self._recorder = Recorder(limits.output)
        self._result = Result()
        self._findings = LearnerFindings(self._result, self._trusted, is_guarded=is_guarded)
        self._done: list[tuple[Step, static_findings.Cell]] = []
        self._restarts = 0
        self._clock = SubmissionClock(limits)
        answers = self._files.get(ANSWERS)
        self._answers = Answers.read(None if answers is None else base64.b64decode(answers))
        self._bench: Bench | None = None
        self._is_guarded = is_guarded
        # Whether code that could look at a test comes anywhere, so that no test may leave its text behind.
        self._is_careful = is_guarded
        self._cells: dict[str, static_findings.Cell] = {}
        self._preludes: dict[str, str] = {}
        self._first = 0
        # What a step makes and a later one relies on, by step; all that it makes if that is not known.
        self._kept: dict[str, frozenset[str]] = {}
        if opened is not None:
            self._go_on_from(opened)

    def _go_on_from(self, opened: SharedStart) -> None:
        self._first = opened.steps
        self._result = copy.deepcopy(opened.result)
        self._recorder = copy.deepcopy(opened.recorder)
        self._findings = LearnerFindings(self._result, self._trusted, is_guarded=self._is_guarded)
        self._findings.go_on_from(opened)

    def open(self, child: Child, steps: Sequence[Step]) -> SharedStart | None:
        """Run a notebook's first steps in `child`; None if one does not end well, or leaves something to look at.

        Raises:
            StoppedError: the child ended.
            EngineError: the template ended.
        """
        self._child = child
        for number, step in enumerate(filled_steps(steps), 1):
            if step.kind is Kind.TEST:
                # Each learner's own, judged without their process.
                continue
            self._result.counts[step.key] = number
            self._step(step)
        shown = [one for outputs in self._recorder.cells.values() for one in outputs]
        ended_well = all(one["output_type"] != "error" for one in shown) and not self._result.stops
        if not ended_well or self._findings.found or any(self._result.noticed.values()) or child.notes:
            return None
        return self._findings.shared_start(len(steps), self._recorder)

    def run(self, steps: Sequence[Step], *, collect: bool = False) -> Result:
        """Run every step; a step that ends the process gets its sentence, and a fresh child goes on after it.

        Raises:
            EngineError: our fault; nothing is known about this notebook.
        """
        self._bench = Bench(self._judges.spawn, self._answers, self._seed(steps))
        self._kept = relied_on(steps)
        self._look_ahead(steps)
        try:
            for number, step in enumerate(filled_steps(steps), 1):
                if number > self._first or step.kind is Kind.TEST:
                    self._result.counts[step.key] = number
                    self._step(step)
            if collect and self._child is not None:
                self._collect()
        finally:
            self._drop_child()
            self._count(self._bench.close())
        self._result.outputs = self._recorder.cells
        self._result.widgets = self._recorder.widgets()
        return self._result

    def _look_ahead(self, steps: Sequence[Step]) -> None:
        """Read every cell once; a test must not leave its text to a later cell that could look for it."""
        for step in filled_steps(steps):
            is_learners = step.kind is Kind.LEARNER
            read = static_findings.read_learners_cell if is_learners else static_findings.parse_lab_cell
            self._cells[step.key] = read(step.source)
            if is_learners and self._findings.unexcused(self._cells[step.key]):
                self._is_careful = True
        if self._is_careful:
            self._preludes = hidden_statements(steps)
            self._findings.hold(names_held(steps))

    def _seed(self, steps: Sequence[Step]) -> str:
        """Return the seed of this attempt, made from its content: a changed attempt is asked on other inputs."""
        written = [step.source for step in steps if step.kind is Kind.LEARNER]
        return seed_of(self._files.get(ANSWERS, ""), *written)

    def _step(self, step: Step) -> None:
        cell = self._cells.get(step.key) or static_findings.parse_lab_cell(step.source)
        self._recorder.begin(step.key)
        self._recorder.is_testing = step.kind is Kind.TEST
        if step.kind is Kind.LEARNER:
            self._findings.read_cell(step.key, cell)
        case = judged.read_judged_cell(step.source) if step.kind is Kind.TEST else None
        if case is not None and case.is_of_controls:
            self._record_verdict(step, case, self._judging.verdict(case, {}))
            return
        if self._restarts > MOST_RESTARTS:
            self._stopped(step, Message("not-run"))
            return
        try:
            self._ensure_child()
            if case is not None:
                self._record_verdict(step, case, self._probed(step, case))
                return
            if step.kind is Kind.TEST and (self._findings.found or self._is_careful):
                self._test_carefully(step, cell)
            else:
                self._judge(step, cell, self._order(step, cell))
            self._done.append((step, cell))
        except StoppedInCopyError as stop:
            self._stopped(step, stop.message)
        except StoppedError as stop:
            self._stopped(step, stop.message)
            self._drop_child()
            self._restarts += 1

    @property
    def _child_or_fail(self) -> Child:
        if self._child is None:
            raise EngineError("a cell ran before its sandbox was there")
        return self._child

    def _ensure_child(self) -> None:
        """Make a child ready for this step, replaying what ran before if the last one died."""
        if self._child is not None:
            return
        self._child = self._template.spawn(self._limits)
        self._child.patience = self._clock.patience
        self._child.read_text = self._findings.read_text
        if self._files:
            send_files(self._child, self._files, self._own)
        if self._is_guarded:
            self._child.is_guarded = True
            order: dict[str, Any] = {"do": "guard", "trusted": sorted(self._trusted)}
            self._child.ask({**order, "holds": sorted(self._findings.held)}, 30)
        is_careful = bool(self._findings.found) or self._is_careful
        for step, cell in self._done:
            source = step.visible or step.source if step.kind is Kind.TEST and is_careful else step.source
            visible: dict[str, Any] = {"do": "run", "source": source, "cell": step.key, "lab": True}
            visible["asks"] = sorted(cell.needs)
            order = self._order(step, cell) if source == step.source else visible
            self._child.ask(order, self._clock.seconds_for(step), None, self._clock.late)

    def _order(self, step: Step, cell: static_findings.Cell) -> dict[str, Any]:
        order: dict[str, Any] = {"do": "run", "cell": step.key, "source": step.source}
        if step.kind is Kind.TEST:
            order["test"] = True
        if step.kind is Kind.LEARNER and self._is_guarded:
            order["transformed"] = guard_source(step.source, step.key, self._findings.held, self._trusted)
        if step.kind is not Kind.LEARNER:
            read = cell.transformed
            order |= {
                "transformed": asking_cell(read, self._findings.mocks) if self._is_guarded else read,
                "gives": sorted(cell.binds),
                "keeps": sorted(cell.binds & self._kept.get(step.key, cell.binds)),
                "loads": self._findings.needed(cell),
                "asks": sorted(cell.needs),
                "holds": sorted(self._findings.held),
            }
        return order

    def _ask(self, step: Step, order: dict[str, Any], *, show: bool = True) -> dict[str, Any]:
        seconds = self._clock.seconds_for(step)

        def take(kind: Any, content: Any, size: int) -> None:
            self._recorder.take(step.key, kind, content, size)

        if seconds <= LEAST_SECONDS:
            raise StoppedError(self._clock.late)
        child = self._child_or_fail
        try:
            reply = child.ask(order, seconds, take if show else None, self._clock.late)
        finally:
            self._clock.excuse(child.patience)
            self._note()
        if reply.get("status") == "timeout":
            self._clock.shorten_rest(step, self._clock.late)
        return reply

    def _note(self) -> None:
        """Take up what the sandbox told while a step ran."""
        if self._child is None:
            return
        self._findings.read_notes(self._child.notes)
        self._result.refusals += [one for one in self._child.refusals if one not in self._result.refusals]

    def _judge(self, step: Step, cell: static_findings.Cell, order: dict[str, Any]) -> None:
        reply = self._ask(step, order)
        self._complete(step, reply)
        if step.kind is Kind.TEST:
            self._flag(step, cell, reply)
        if step.kind is Kind.GIVEN:
            self._findings.read_given(cell, reply)
        if step.kind is not Kind.LEARNER:
            self._findings.add_given(cell)

    def _test_carefully(self, step: Step, cell: static_findings.Cell) -> None:
        """Code that could reach the machinery came before: first see that failing is possible, then test in a copy."""
        canary = {"do": "run", "cell": step.key, "source": CANARY, "transformed": CANARY, "test": True, "loads": [],
                  "aside": True}  # fmt: skip
        probe = Recorder()
        reply = self._child_or_fail.ask(
            canary,
            self._clock.seconds_for(step),
            lambda *message: probe.take("canary", *message),
            self._clock.late,
        )
        alive = reply.get("status") == "error" and any(
            map(cell_scores.is_failure, probe.cells.get("canary", []))
        )
        order = self._order(step, cell)
        hidden = self._preludes.get(step.key, "")
        prelude = self._with_mocks(hidden).get("transformed", hidden)
        if step.visible is None and not prelude and not self._is_guarded:
            self._judge(step, cell, order)
        else:
            # A copy has no thread, no timer and no task of the learner's.
            self._judge(step, cell, order | {"aside": True, "prelude": prelude})
            shown = step.source if step.visible is None else step.visible
            again = {"do": "run", "cell": step.key, "source": shown, "lab": True, "asks": order["asks"]}
            again |= self._with_mocks(shown)
            self._ask(step, again, show=False)
        if not alive:
            self._forged(step)

    def _with_mocks(self, text: str) -> dict[str, Any]:
        if not (self._is_guarded and self._findings.mocks):
            return {}
        return {
            "transformed": asking_cell(static_findings.parse_cell(text)[0], self._findings.mocks),
        }

    @property
    def _judging(self) -> Bench:
        if self._bench is None:
            raise EngineError("a cell was judged before there was a judge")
        return self._bench

    def _probed(self, step: Step, case: JudgedCell) -> Verdict:
        """Ask the learner's code, then its judge. What the code shows meanwhile decides nothing."""
        reply = self._ask(step, {"do": "run", "cell": step.key, "source": case.visible}, show=False)
        problem = (
            f"{reply.get('ename')}: {reply.get('evalue')}"[:200] if reply.get("status") == "error" else None
        )
        try:
            inputs = self._judging.draw(case) if case.draws else None
        except FaultError as fault:
            return Verdict(Outcome.COULD_NOT_CHECK, None, fault=str(fault))
        order = {"do": "probe", "cell": step.key, "source": case.probe, "inputs": inputs, "large": True}
        reply = self._ask(step, order, show=False)
        if reply.get("status") == "timeout":
            return self._judging.verdict(case, {}, None, self._clock.late)
        claim = claimed_answer(reply)
        return self._judging.verdict(case, claim.named, claim.probed, claim.problem or problem)

    def _record_verdict(self, step: Step, case: JudgedCell, verdict: Verdict) -> None:
        """Write a verdict as nbgrader knows it: a number shown as the test's result, its sentence above it."""
        message = verdict.message
        if verdict.outcome is Outcome.COULD_NOT_CHECK:
            message = Message("could-not-check")
            self._result.flags[step.key] = (Flag("could-not-check", verdict.fault),)
        elif not self._answers.is_readable and not case.probe:
            message = Message("answers-unreadable")
        self._result.verdicts[step.key] = replace(verdict, message=message)
        self._recorder.cells[step.key] = verdict_outputs(
            message, verdict.score, self._result.counts[step.key]
        )
        if message is not None:
            self._result.said[step.key] = {VERDICT: message}

    def _complete(self, step: Step, reply: dict[str, Any]) -> None:
        """As nbgrader does: an error that the notebook kept from being shown is shown."""
        shown = self._recorder.cells[step.key]
        status, ename = reply.get("status"), str(reply.get("ename", ""))
        if status == "timeout":
            self._stops(step, "CellTimeoutError", self._clock.late)
        elif status == "error" and not any(
            one["output_type"] == "error" and one["ename"] == ename for one in shown
        ):
            lines = reply.get("traceback")
            lines = [str(line) for line in lines] if isinstance(lines, list) and lines else None
            shown.append(error_output(ename, str(reply.get("evalue", "")), lines))

    def _flag(self, step: Step, cell: static_findings.Cell, reply: dict[str, Any]) -> None:
        found = self._findings.altered(reply) | self._findings.taken(cell)
        shown = self._recorder.cells[step.key]
        results = [one for one in shown if one["output_type"] == "execute_result"]
        if len(results) > 1 or (results and (reply.get("status") != "ok" or not cell.last_is_value)):
            # A result comes last and once; anything else was not shown by this test.
            found.add("forged-output")
            shown[:] = [one for one in shown if one["output_type"] != "execute_result"]
        number = cell_scores.shown_number(shown)
        if number is not None and number > step.points:
            found.add("impossible-mark")
            self._fails(step, "ImpossibleMark", Message("impossible-mark"))
        elif results and not cell.last_is_constant and (number is None or not number >= 0):
            found.add("result-is-no-mark")
        concerned = self._findings.found if results else self._findings.found - {"defines its own text form"}
        self._result.noticed[step.key] = tuple(sorted(found | concerned))

    def _fails(self, step: Step, ename: str, message: Message) -> None:
        """First, so that nothing shown before it can count."""
        self._recorder.cells.setdefault(step.key, []).insert(0, error_output(ename, str(message)))
        self._result.said.setdefault(step.key, {})[ename] = message

    def _stops(self, step: Step, ename: str, message: Message) -> None:
        self._fails(step, ename, message)
        self._result.stops[step.key] = message

    def _forged(self, step: Step) -> None:
        self._stops(step, "ForgedResult", Message("could-not-fail"))
        self._result.forged.add(step.key)
        self._result.noticed[step.key] = (*self._result.noticed.get(step.key, ()), "forged-output")

    def _stopped(self, step: Step, message: Message) -> None:
        self._clock.shorten_rest(step, message)
        self._stops(step, "Stopped", message)
        if step.kind is Kind.TEST and self._findings.found:
            self._result.noticed[step.key] = tuple(sorted(self._findings.found))

    def _collect(self) -> None:
        try:
            reply = self._child_or_fail.ask({"do": "collect", "largest": LARGEST_FILES, "large": True}, 20)
        except StoppedError:
            return
        files = reply.get("files")
        if isinstance(files, dict):
            # Each is written and synced outside, so a claim of a million of them must not be believed.
            kept = [
                (name, one)
                for name, one in files.items()
                if isinstance(one, str) and is_collectable(name, one)
            ]
            self._result.files = dict(kept[:MOST_FILES])

    def _drop_child(self) -> None:
        if self._child is not None:
            self._count(self._child.close())
            self._child = None

    def _count(self, ended: Ended | None) -> None:
        if ended is not None:
            self._result.cpu += ended.cpu + ended.forking
            self._result.peak = max(self._result.peak, ended.peak)
