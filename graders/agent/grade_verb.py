"""Verb `grade`: grade what waits for one lab, with or without an agent running, and show the progress."""

from __future__ import annotations

import argparse
import difflib
import getpass
import os
import signal
import socket
import sys
import threading
from types import FrameType

from graders.agent.agent_loop import Agent, Wanted
from graders.agent.agent_sentences import _
from graders.agent.engine_launchers import engine_starter
from graders.agent.progress_bar import Bar
from graders.agent.submission_limits import core_count, limits_of
from hub.isomo_settings import load_settings
from hub.store import Progress, Store
from hub.verb_errors import IsomoError
from hub.verb_options import Parser


def arguments() -> argparse.ArgumentParser:
    """Return the words after `grade`."""
    parser = Parser("grade", description=_("Grade what waits for a lab."))
    parser.add_argument("lab", help=_("the lab's short name"))
    parser.add_argument("--learner", default="", help=_("only what this learner handed in"))
    parser.add_argument("--workers", type=int, default=0, help=_("how many at once; by default one per core"))
    return parser


def command(argv: list[str]) -> int:
    """Grade, then say how it went; 1 if something could not be checked."""
    options = arguments().parse_args(argv)
    settings = load_settings()
    store = Store.open(settings)
    courses = courses_with(store, options.lab)
    for course in courses:
        store.gradings.ask_again(
            course, options.lab, terminal_person(), options.learner or None, unchecked=True
        )
    before = lab_progress(store, courses, options.lab, options.learner)
    if not before.total:
        raise IsomoError(
            _("Nothing was handed in for {lab} yet.").format(lab=options.lab)
            if not options.learner
            else _("{learner} has not handed in {lab} yet.").format(learner=options.learner, lab=options.lab),
            _("It is graded by itself as soon as it arrives."),
        )
    if before.graded == before.total:
        sys.stdout.write(_("All {total} that were handed in are graded.").format(total=before.total) + "\n")
        sys.stdout.write(
            _("After a change of the lab: ./isomo regrade {lab} --dry-run").format(lab=options.lab) + "\n"
        )
        return 0
    name = f"{socket.gethostname()}/grade-{os.getpid()}"
    wanted = Wanted(options.lab, options.learner)
    start, workers = engine_starter(settings, purpose=name), options.workers or core_count(settings)
    agent = Agent(store.gradings, start, name, workers, wanted, limits=limits_of(settings))
    after = _watched(agent, store, courses, options)
    sys.stdout.write(grading_sentence(after, before) + "\n")
    return 1 if after.graded < after.total or after.unchecked else 0


def terminal_person() -> str:
    """Return the name of the person at the terminal, as the store has it."""
    return f"console/{getpass.getuser()}"


def _watched(agent: Agent, store: Store, courses: list[str], options: argparse.Namespace) -> Progress:
    """Run the agent in a thread while the bar is drawn; returns how far it came."""

    def look() -> Progress:
        return lab_progress(store, courses, options.lab, options.learner)

    def is_done() -> bool:
        now = look()
        return now.graded + now.could_not_check >= now.total

    stopped = threading.Event()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    earlier = signal.signal(signal.SIGINT, interrupted)
    running = threading.Thread(target=agent.run, kwargs={"until": is_done})
    running.start()
    bar = Bar(_("Grading"))
    try:
        while running.is_alive() and not stopped.wait(0.25):
            bar.show(look())
    finally:
        if stopped.is_set():
            agent.hurry()
        running.join()
        bar.end(look())
        signal.signal(signal.SIGINT, earlier)
    if stopped.is_set():
        raise KeyboardInterrupt
    return look()


def courses_with(store: Store, lab: str) -> list[str]:
    """Return the courses in which `lab` is released. Raises IsomoError if there is none, with a guess."""
    released = {each.id: {one.lab for one in store.courses.labs(each.id)} for each in store.courses.all()}
    found = [course for course, labs in released.items() if lab in labs]
    if not found:
        known = sorted(set().union(*released.values())) if released else []
        near = difflib.get_close_matches(lab, known, n=1)
        raise IsomoError(
            _("No lab called {lab} is released.").format(lab=lab),
            _("Did you mean {near}?").format(near=near[0])
            if near
            else _("Released are: {labs}.").format(labs=", ".join(known) or "–"),
        )
    return found


def lab_progress(store: Store, courses: list[str], lab: str, learner: str = "") -> Progress:
    """Return how far the grading of a lab is, over all courses that have it."""
    each = [store.gradings.progress(course, lab, learner) for course in courses]
    return Progress(
        total=sum(one.total for one in each),
        graded=sum(one.graded for one in each),
        failed=sum(one.failed for one in each),
        could_not_check=sum(one.could_not_check for one in each),
        unchecked=sum(one.unchecked for one in each),
    )


def grading_sentence(after: Progress, before: Progress) -> str:
    """Return one sentence about what was done."""
    parts = [
        _("Graded {new}; {done} of {total} are done.").format(
            new=after.graded - before.graded, done=after.graded, total=after.total
        )
    ]
    if after.failed:
        parts.append(_("{count} could not be read; their learners were told why.").format(count=after.failed))
    if after.could_not_check:
        parts.append(
            _(
                "{count} could not be checked, by no fault of their learners; the agent tries them again."
            ).format(count=after.could_not_check)
        )
    if after.unchecked:
        parts.append(
            _(
                "{count} could not be checked after several tries, by no fault of their learners; "
                "this command tries them once more."
            ).format(count=after.unchecked)
        )
    return " ".join(parts)
