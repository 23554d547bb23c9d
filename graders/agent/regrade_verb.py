"""Verb `regrade`: after a changed test or judge, who would have another result, and why; applied, or taken back."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from types import FrameType
from typing import Any

from graders.agent import grading_jobs
from graders.agent.agent_sentences import _, agent_plural
from graders.agent.engine_client import NotStartedError, PipedEngine
from graders.agent.engine_launchers import engine_starter
from graders.agent.grade_verb import courses_with, terminal_person
from graders.agent.progress_bar import Bar
from graders.agent.submission_limits import core_count, limits_of
from graders.contract.message_facts import Says
from graders.contract.work_contract import EngineError, Graded, Limits, Work
from graders.engine import notebook_reading
from hub.isomo_settings import load_settings
from hub.message_catalogues import terminal_language
from hub.store import GradingJob, Progress, Store
from hub.store.regrade_store import Change
from hub.store.table_models import Regrade
from hub.store.verdict_messages import TEXTS, message_text, task_sentences
from hub.verb_errors import IsomoError
from hub.verb_options import Parser, UsageError
from labs.kit import lab_notebooks

MOST_LINES = 12
MOST_SHOWN = 50
SIGN = {"passed": "✓", "not-yet": "…", "not-attempted": "–", "could-not-check": "!"}


def arguments() -> argparse.ArgumentParser:
    """Return the words after `regrade`."""
    parser = Parser(
        "regrade",
        description=_("Grade a lab anew after a changed test or judge. Nothing counts until --yes."),
        epilog=_(
            "isomo regrade undo NUMBER takes one back; isomo regrade list shows those that were applied."
        ),
    )
    parser.add_argument("lab", help=_("the lab's short name, or undo, or list"))
    parser.add_argument("number", nargs="?", type=int, help=_("with undo: which one"))
    parser.add_argument("--course", default="", help=_("only in this course"))
    parser.add_argument("--workers", type=int, default=0, help=_("how many at once; by default one per core"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help=_("only show who would change"))
    parser.add_argument("--json", action="store_true", help=_("with --dry-run: print one JSON object"))
    how.add_argument("--yes", action="store_true", help=_("make the changes count"))
    return parser


def command(argv: list[str]) -> int:
    """Propose, and apply if that was asked for; or take back; or list."""
    options = arguments().parse_args(argv)
    settings = load_settings()
    store = Store.open(settings)
    if options.lab == "list":
        return _list(store)
    if options.lab == "undo":
        return _undo(store, options.number)
    if options.json and not options.dry_run:
        raise UsageError(
            _("--json goes with --dry-run only."),
            _("Type ./isomo regrade {lab} --dry-run --json").format(lab=options.lab),
        )
    if not options.dry_run and not options.yes:
        raise IsomoError(
            _("regrade needs to know how far to go."),
            _("First look: ./isomo regrade {lab} --dry-run   Then apply: ./isomo regrade {lab} --yes").format(
                lab=options.lab
            ),
        )
    courses = courses_with(store, options.lab)
    if options.course and options.course not in courses:
        raise IsomoError(
            _("{lab} is not released in {course}.").format(lab=options.lab, course=options.course),
            _("It is in: {courses}.").format(courses=", ".join(courses)),
        )
    found: list[dict[str, Any]] = []
    start = engine_starter(settings, purpose=f"{socket.gethostname()}/regrade-{os.getpid()}")
    workers = options.workers or core_count(settings)
    with closing(PipedEngine(start, workers)) as engine, closing(PipedEngine(start, 1, "apart")) as apart:
        for course in [options.course] if options.course else courses:
            regrade = store.regrades.begin(course, options.lab, terminal_person())
            missed = Proposing(store, regrade, engine, apart, workers, limits=limits_of(settings)).run()
            if options.json:
                found.append(proposal_facts(store, regrade, missed))
                continue
            _report(store, regrade, missed)
            if options.yes:
                _apply(store, regrade)
    if options.json:
        print_line(json.dumps({"lab": options.lab, "courses": found}, ensure_ascii=False))
    return 0


class Proposing:
    """Grades what a proposal still lacks; killed in the middle, the next one goes on where it stopped."""

    def __init__(
        self,
        store: Store,
        regrade: Regrade,
        engine: PipedEngine,
        apart: PipedEngine,
        workers: int,
        *,
        limits: Limits = grading_jobs.USUAL,
    ) -> None:
        self._store = store
        self._limits = limits
        self._regrade = regrade
        self._engine = engine
        self._apart = apart
        self._alone = threading.Lock()
        self._workers = workers
        self._stopped = threading.Event()

    def run(self) -> list[str]:
        """Returns the learners whose work could not be checked."""
        missed: list[str] = []
        waiting = list(self._store.regrades.jobs(self._regrade, missed.append))
        if not waiting:
            return missed
        earlier = signal.signal(signal.SIGINT, self._interrupted)
        bar, done = Bar(_("Grading anew")), 0
        try:
            with ThreadPoolExecutor(self._workers + 1) as pool:
                running: dict[Future[None], GradingJob] = {}
                queue = iter(waiting)
                while not self._stopped.is_set():
                    for job in _some(queue, self._workers + 1 - len(running)):
                        running[pool.submit(self._one, job)] = job
                    if not running:
                        break
                    for future in wait(running, 0.25, FIRST_COMPLETED).done:
                        missed += self._ended(future, running.pop(future))
                        done += 1
                    bar.show(Progress(len(waiting), done, 0, len(missed)))
                if self._stopped.is_set():
                    self._engine.close()
                    self._apart.close()
            bar.end(Progress(len(waiting), done, 0, len(missed)))
        finally:
            signal.signal(signal.SIGINT, earlier)
        if self._stopped.is_set():
            raise KeyboardInterrupt
        return missed

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped.set()

    def _ended(self, future: Future[None], job: GradingJob) -> list[str]:
        try:
            future.result()
        except NotStartedError as error:
            raise IsomoError(str(error), _("Nothing was changed. ./isomo doctor says what to do.")) from error
        except EngineError:
            return [job.learner]
        return []

    def _one(self, job: GradingJob) -> None:
        work = grading_jobs.work_of(job, self._limits)
        graded = grading_jobs.grade_parts(grading_jobs.parts_of(job, work), self._grade)
        self._store.regrades.propose(self._regrade, job, grading_jobs.record_of(job, work, graded))

    def _grade(self, work: Work) -> Graded:
        try:
            return self._engine.grade(work)
        except NotStartedError:
            raise
        except EngineError:
            if self._stopped.is_set():
                raise
            # What ended the engine took others with it; each is tried once more with no other next to it.
            with self._alone:
                return self._apart.grade(work)


def _some(queue: Iterator[GradingJob], most: int) -> list[GradingJob]:
    return [job for _number, job in zip(range(most), queue, strict=False)]


def proposal_facts(store: Store, regrade: Regrade, missed: list[str]) -> dict[str, Any]:
    """Return who would change in one course, for programs."""
    changes = store.regrades.changes(regrade)
    return {
        "course": regrade.course,
        "looked_at": store.regrades.counted(regrade),
        "could_not_check": missed,
        "changes": [
            {
                "learner": each.learner,
                "before": each.score_before,
                "after": each.score_after,
                "tasks": list(each.tasks),
            }
            for each in changes
        ],
    }


def _report(store: Store, regrade: Regrade, missed: list[str]) -> None:
    """Print who would change, from what to what, and why."""
    changes = store.regrades.changes(regrade)
    where = f"{regrade.course}/{regrade.lab}"
    looked = store.regrades.counted(regrade)
    if not looked and not missed:
        print_line(_("{lab}: every newest result is of the released version already.").format(lab=where))
        return
    ups = sum(each.score_after > each.score_before for each in changes)
    downs = sum(each.score_after < each.score_before for each in changes)
    print_line(
        _("{lab}: {count} of {total} would change: {up} up, {down} down.").format(
            lab=where, count=len(changes), total=looked + len(missed), up=ups, down=downs
        )
    )
    before, after = store.regrades.sources(regrade)
    for line in changed_files(
        before, after, regrade.lab, Counter(name for each in changes for name in each.tasks)
    ):
        print_line(f"  {line}")
    says = task_sentences(after.get(TEXTS), terminal_language())
    for each in changes[:MOST_SHOWN]:
        print_line(f"  {change_line(each, says)}")
    if len(changes) > MOST_SHOWN:
        print_line("  " + _("… and {count} more.").format(count=len(changes) - MOST_SHOWN))
    if missed:
        print_line(
            _("{count} could not be checked and keep what they have: {names}").format(
                count=len(missed), names=", ".join(missed[:MOST_SHOWN])
            )
        )


def change_line(change: Change, says: Says | None = None) -> str:
    """Return one learner's change as a line: `amina.k  3 → 5   t4: … 0 → ✓ 2  (the message)`."""
    old, new = ({each["grade_id"]: each for each in side} for side in (change.before, change.after))
    parts = []
    for name in change.tasks:
        was, will = old.get(name), new.get(name)
        found = will or {}
        note = message_text(found.get("message"), found.get("said"), terminal_language(), says)
        parts.append(f"{name}: {_brief(was)} → {_brief(will)}" + (f" ({note[:80]})" if note else ""))
    return f"{change.learner:<20} {change.score_before:g} → {change.score_after:g}   {'; '.join(parts)}"


def _brief(verdict: Mapping[str, Any] | None) -> str:
    if verdict is None:
        return "∅"
    score = "?" if verdict["score"] is None else f"{verdict['score']:g}"
    return f"{SIGN.get(verdict['outcome'], '')} {score}/{verdict['max_score']:g}"


def changed_files(
    before: Mapping[str, bytes], after: Mapping[str, bytes], lab: str, touched: Mapping[str, int]
) -> list[str]:
    """Return what differs in the grader's files: changed cells line by line, other files by name."""
    lines: list[str] = []
    old, new = (_cells(_source(side, lab)) for side in (before, after))
    main = {name for side in (before, after) for name in lab_notebooks.main_names(side, lab)}
    for name in [*new, *(name for name in old if name not in new)]:
        if old.get(name, "") != new.get(name, ""):
            lines.append(
                _("{task} changed; {count} results with it:").format(task=name, count=touched.get(name, 0))
            )
            lines += _difference(old.get(name, ""), new.get(name, ""))
    others = sorted(name for name in {*before, *after} - main if before.get(name) != after.get(name))
    if others:
        lines.append(_("Changed beside the notebook: {files}").format(files=", ".join(others)))
    return lines


def _source(files: Mapping[str, bytes], lab: str) -> bytes:
    try:
        return lab_notebooks.joined_source(files, lab)
    except (ValueError, LookupError, TypeError):
        return b""


def _cells(notebook: bytes) -> dict[str, str]:
    """Graded cells and what they hold."""
    try:
        cells = notebook_reading.read_notebook(notebook)["cells"]
    except notebook_reading.NotANotebookError:
        return {}
    return {
        str(notebook_reading.nbgrader_metadata(cell)["grade_id"]): str(cell["source"])
        for cell in cells
        if notebook_reading.is_marked(cell)
    }


def _difference(old: str, new: str) -> list[str]:
    lines = [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[:1] in "+-"]
    return [f"    {line}" for line in lines[:MOST_LINES]] + (["    …"] if len(lines) > MOST_LINES else [])


def _apply(store: Store, regrade: Regrade) -> None:
    made = store.regrades.apply(regrade, terminal_person())
    print_line(
        _(
            "Applied to {count}. Return the feedback once more for learners to see it. Undo with: {undo}"
        ).format(count=len(made), undo=f"./isomo regrade undo {regrade.id}")
    )


def _undo(store: Store, number: int | None) -> int:
    if number is None:
        raise IsomoError(_("undo needs the number of a regrade."), _("./isomo regrade list shows them."))
    regrade, back, kept = store.regrades.undo(number, terminal_person())
    print_line(
        agent_plural(
            "{lab}: {count} learner has the earlier result again.",
            "{lab}: {count} learners have their earlier result again.",
            len(back),
        ).format(lab=f"{regrade.course}/{regrade.lab}", count=len(back))
    )
    if kept:
        print_line(
            _("{count} keep what they have, because it was graded once more since: {names}").format(
                count=len(kept), names=", ".join(kept)
            )
        )
    return 0


def _list(store: Store) -> int:
    found = store.regrades.all()
    for each in found:
        state = _("taken back") if each.undone_at else _("applied")
        print_line(
            f"{each.id:>5}  {each.applied_at:%Y-%m-%d %H:%M}  {each.course}/{each.lab}  {state}  {each.applied_by}"
        )
    if not found:
        print_line(_("Nothing was graded again yet."))
    return 0


def print_line(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
