"""Findings in one notebook: in the learner's source, in what the sandbox tells, in names that are not as given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graders.engine import mock_names, names_used, static_findings
from graders.engine.cell_outputs import Recorder
from graders.engine.notebook_steps import Result, SharedStart, is_unexpected

# What is seen at run time, and what the same looks like in a source.
SAME = {
    "opens a system path": ("names a system path",),
    "calls os.fork": ("imports multiprocessing", "uses fork"),
    "calls _thread.start_new_thread": ("imports threading", "imports concurrent.futures"),
}


class LearnerFindings:
    """Collects what could reach a test. `trusted` are findings that the teacher's own notebook has as well."""

    def __init__(self, result: Result, trusted: frozenset[str], *, is_guarded: bool) -> None:
        self._result = result
        self._trusted = trusted
        self._is_guarded = is_guarded
        self._changed = {name.partition(" ")[2] for name in trusted if name.startswith("mutates ")}
        self.mocks = mock_names.from_findings(trusted)
        self.found: set[str] = set()
        # Names that tests rely on, and that the teacher's solution leaves alone.
        self.held: frozenset[str] = frozenset()
        self._learner_binds: set[str] = set()
        # What the teacher's cells made so far, and what code inside each of these names uses.
        self._given: set[str] = set()
        self._later: dict[str, frozenset[str]] = {}

    def go_on_from(self, opened: SharedStart) -> None:
        """Take over what a lab's first cells made."""
        self._given, self._later = set(opened.given), dict(opened.later)
        self._learner_binds = set(opened.learner_binds)

    def shared_start(self, steps: int, recorder: Recorder) -> SharedStart:
        """Return what these steps made, for notebooks that go on from there."""
        binds = frozenset(self._learner_binds)
        return SharedStart(steps, self._result, recorder, frozenset(self._given), self._later, binds)

    def hold(self, names: frozenset[str]) -> None:
        """Learn which names of the teacher's cells the tests rely on."""
        self.held = names - self._trusted - self._changed

    def unexcused(self, cell: static_findings.Cell) -> frozenset[str]:
        """Return the findings in a learner's cell that the teacher's own notebook does not have."""
        return mock_names.unexcused_findings(cell, self._trusted)

    def read_cell(self, key: str, cell: static_findings.Cell) -> None:
        """Take up what a learner's cell shows, with its place."""
        wanted = set(self.unexcused(cell))
        self.found |= wanted
        for what, node in (*cell.sites, *mock_names.mock_findings(cell.tree, self.mocks)):
            if what in wanted:
                self._result.places.setdefault(what, (key, getattr(node, "lineno", 0)))
        self._learner_binds |= cell.binds

    def read_notes(self, notes: Mapping[str, tuple[str, int]]) -> None:
        """Count what the sandbox saw the learner's code do like what its source shows."""
        for note, place in notes.items():
            if not self._is_the_teachers(note):
                self.found.add(note)
                self._result.places.setdefault(note, place)

    def read_text(self, frame: Mapping[str, Any]) -> bool:
        """Return whether text that is about to become code is plain; other findings count as a cell's own."""
        maker = str(frame.get("maker"))
        text = str(frame.get("text"))
        found = static_findings.found_in_text(text, maker, is_guarded=self._is_guarded)
        if self._is_guarded and not maker and self.held.intersection(static_findings.WORD.findall(text)):
            found |= {"names what the lab gives"}
        for what in found - self._trusted:
            self.found.add(f"evaluates text: {what}")
            line = frame.get("line")
            place = (str(frame.get("cell"))[:20], line if type(line) is int else 0)
            self._result.places.setdefault(f"evaluates text: {what}", place)
        return not found - self._trusted

    def _is_the_teachers(self, note: str) -> bool:
        """Return whether the teacher's own notebook reads as if it did the same."""
        verb, _, what = note.partition(" ")
        return bool(
            {note, f"imports {what.partition('.')[0]}", f"uses {what}", *SAME.get(note, ())} & self._trusted
        ) and (verb in ("calls", "reads") or note in SAME)

    def read_given(self, cell: static_findings.Cell, reply: Mapping[str, Any]) -> None:
        """Take up what a teacher's cell that is no test was made from: names that the learner had changed."""
        self.found |= self.taken(cell) | self.altered(reply)

    def add_given(self, cell: static_findings.Cell) -> None:
        """Learn what a teacher's cell made."""
        self._given |= cell.binds
        self._later |= cell.later

    def needed(self, cell: static_findings.Cell) -> list[str]:
        """Return names that a teacher's cell relies on, and those that the teacher's functions among them rely on."""
        found, pending = set(), list(cell.needs)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._later.get(name, ())
        return sorted(found)

    def taken(self, cell: static_findings.Cell) -> set[str]:
        """Names that this cell relies on and that a learner's cell sets, though they are the teacher's or Python's."""
        relied = self.needed(cell)
        made = {name for name in relied if f"given {name}" in self._trusted} | self._given
        needed = set(relied) - self._trusted - self._changed
        gone = (needed & made) - self._given - cell.binds
        taken = {name for name in needed & self._learner_binds if name in made or names_used.is_builtin(name)}
        return {f"missing:{name}" for name in gone} | {f"given:{name}" for name in taken}

    def altered(self, reply: Mapping[str, Any]) -> set[str]:
        """Return what the sandbox says was not in its place when a teacher's cell ran; none of it is sure."""
        altered = reply.get("altered")
        if self._is_guarded and isinstance(altered, list):
            key = str(reply.get("cell"))[:20]
            self._result.put_back[key] = tuple(one[:80] for one in self._counting(map(str, altered)))
            if self._counting(map(str, reply.get("during") or ())):
                # Set while the test ran: what the test showed then says nothing.
                self._result.forged.add(key)
        found = (str(one)[:80] for one in altered) if isinstance(altered, list) else ("forged-output",)
        return set(self._counting(found))

    def _counting(self, altered: Iterable[str]) -> list[str]:
        return [one for one in altered if is_unexpected(one, self._trusted)]
