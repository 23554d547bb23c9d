"""Evidence for a flag, from a second and guarded run of the notebook; no flag if that run earns the same.

A graded notebook in which something could have reached the machinery runs a second time, guarded: what leads there is
refused, and what the teacher's cells gave is put back for each test. A test that earns the same is not flagged. One
that earns less is, with the lines that were refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graders.contract.work_contract import Flag
from graders.engine import cell_scores
from graders.engine.notebook_steps import Kind, Result, Step, filled_steps

MARK_DIFFERS = "mark-differs"
LOOKED_AT_TEST = "looked-at-test"
CANNOT_TELL = "cannot-tell"
MISSING = "given-missing"
SEEN_DIRECTLY = ("forged-output", "impossible-mark")
"""Kinds that the trusted side saw for itself, in the outputs of the test."""

LATE = frozenset(("stopped-after", "out-of-time-after-stop", "out-of-wall-time", "out-of-processor-time"))
"""Messages for cells that took too long."""

MOST_FLAGS = 4
"""So many pieces of evidence are shown for one test."""


def is_suspected(result: Result, steps: Sequence[Step]) -> bool:
    """Return whether a guarded run can tell something that is not known yet.

    If a cell took too long, the notebook runs again only for a mark that could be doubted: a loop costs its time twice.
    """
    suspected = [
        step
        for step in filled_steps(steps)
        if step.kind is Kind.TEST and is_open(result.noticed.get(step.key, ()))
    ]
    was_late = any(said.key in LATE for said in result.stops.values())
    return any(not was_late or points_of_test(result, step) > 0 for step in suspected)


def is_open(noticed: Iterable[str]) -> bool:
    """Return whether something was noticed whose effect is not known."""
    return any(one not in SEEN_DIRECTLY and not one.startswith("missing:") for one in noticed)


def points_of_test(result: Result, step: Step) -> float:
    """Return what a test earned in one run."""
    if step.key in result.forged:
        return 0.0
    try:
        return cell_scores.earned_points(result.outputs.get(step.key, []), step.points)
    except ValueError:
        return 0.0


def differing_tests(result: Result, guarded: Result, steps: Sequence[Step]) -> list[Step]:
    """Return the tests that earned more than they do in the guarded run, and of which something was noticed."""
    return [
        step
        for step in filled_steps(steps)
        if step.kind is Kind.TEST
        and result.noticed.get(step.key)
        and points_of_test(result, step) > points_of_test(guarded, step)
    ]


def is_explained(guarded: Result, result: Result, steps: Iterable[Step]) -> bool:
    """Return whether each difference follows from something that was refused, put back or left out."""
    return all(_causes(result, guarded, step) for step in steps)


def settle_flags(result: Result, guarded: Result | None, steps: Sequence[Step]) -> None:
    """Turn what was noticed into flags.

    Args:
        result: the graded run; its `flags` are set.
        guarded: the same notebook, guarded; None if it could not be run to its end.
        steps: the notebook.
    """
    sources = {step.key: step.source for step in steps}
    numbers = {step.key: number for number, step in enumerate(filled_steps(steps), 1)}
    show = _Shown(result, sources, numbers)
    for step in filled_steps(steps):
        noticed = result.noticed.get(step.key, ())
        direct = [Flag(key) for key in SEEN_DIRECTLY if key in noticed]
        direct += [Flag(MISSING, one.partition(":")[2]) for one in noticed if one.startswith("missing:")]
        found = [*result.flags.get(step.key, ()), *direct]
        if is_open(noticed):
            found += _flags(result, guarded, step, show)
        if found:
            result.flags[step.key] = tuple(dict.fromkeys(found))[:MOST_FLAGS]


def _flags(result: Result, guarded: Result | None, step: Step, show: _Shown) -> list[Flag]:
    mark = points_of_test(result, step)
    if guarded is None:
        return [show.noticed(CANNOT_TELL, what) for what in result.noticed[step.key]] if mark > 0 else []
    during = [one for one in guarded.refusals if one[3] == step.key and not one[0].startswith("defines ")]
    looked = [show.refused(LOOKED_AT_TEST, one, None) for one in during]
    without = points_of_test(guarded, step)
    if mark <= without:
        return looked
    causes = _causes(result, guarded, step)
    if not causes:
        return [show.noticed(CANNOT_TELL, what) for what in result.noticed[step.key]]
    return looked + [show.cause(MARK_DIFFERS, one, without) for one in causes]


def _causes(result: Result, guarded: Result, step: Step) -> list[tuple[str, str, int, str] | str]:
    """Return what the guarded run refused or put back; else what only the graded run had, and a copy leaves out."""
    refused: list[tuple[str, str, int, str] | str] = list(guarded.refusals)
    back: list[tuple[str, str, int, str] | str] = list(guarded.put_back.get(step.key, ()))
    alive = [
        one
        for one in result.noticed.get(step.key, ())
        if one in ("thread", "timer", "task", "signal", "trace")
    ]
    altered = [
        one for one in result.noticed.get(step.key, ()) if one.startswith(("event:", "printer:", "shell."))
    ]
    return [*refused, *back, *alive, *altered]


class _Shown:
    """Makes flags, with the cell and the line as a trainer sees them."""

    def __init__(self, result: Result, sources: dict[str, str], numbers: dict[str, int]) -> None:
        self._places = result.places
        self._sources = sources
        self._numbers = numbers

    def refused(self, key: str, refusal: tuple[str, str, int, str], without: float | None) -> Flag:
        """Return a flag for something that was refused."""
        what, cell, line, _ = refusal
        seen = self._places.get(what)
        if seen is not None and not line:
            cell, line = seen
        return self._flag(key, what, cell, line, without)

    def noticed(self, key: str, what: str, without: float | None = None) -> Flag:
        """Return a flag for something that was noticed."""
        cell, line = self._places.get(what, ("", 0))
        return self._flag(key, what, cell, line, without)

    def cause(self, key: str, cause: tuple[str, str, int, str] | str, without: float) -> Flag:
        """Return a flag for either."""
        if isinstance(cause, str):
            return self.noticed(key, cause, without)
        return self.refused(key, cause, without)

    def _flag(self, key: str, what: str, cell: str, line: int, without: float | None) -> Flag:
        lines = self._sources.get(cell, "").splitlines()
        code = lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ""
        return Flag(key, what, self._numbers.get(cell, 0), line if code else 0, code, without)
