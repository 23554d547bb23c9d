"""Runs what every learner's notebook of a lab begins with once, and lets submissions go on from there.

A lab begins with cells of its teacher's: imports, the data, a first look at it. If a submission still has them as
they were given, nothing of the learner's has run when they end, and each child would repeat the same. So a second
process is forked from the template, runs them, and is forked in turn (`lab_template`). The cells are taken from the
teacher's own notebook, word for word and from its top: no learner decides what runs there.

Not shared is what could differ from learner to learner: files that a learner brought, numbers drawn by chance, and
anything that a fork would not carry over. As the cells may have asked for the time, none is shared for long. What a
learner answered with controls is not there yet while they run; if they look for it, they are not shared.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.contract.work_contract import ANSWERS, EngineError, Limits
from graders.contract.work_files import files_fingerprint, send_files
from graders.engine import judged_cell as judged
from graders.engine import notebook_reading, static_findings
from graders.engine.notebook_reading import Json
from graders.engine.notebook_runner import Runner
from graders.engine.notebook_steps import Kind, SharedStart, Step, filled_steps
from graders.engine.sandbox_supervisor import Child, StoppedError, Template

KEPT = 3
"""Labs at the same time; each holds what its cells loaded, and pages that its template no longer shares."""

WORTH = 2
"""From how many submissions on a beginning is shared: one that is never seen again is not worth a process."""

SECONDS = 60.0
"""For how long submissions go on from one beginning."""

SETTLED = 10.0
"""Seconds before one leaves its place to another lab's: if more labs arrive than have a place, none is turned out
before it was of use."""

MOST_KNOWN = 200
SEEDING = frozenset({"seed", "set_state", "setstate"})


@dataclass(frozen=True)
class Setting:
    """All that decides how a lab's first steps run; files are by path, in base64."""

    files: Mapping[str, str]
    trusted: frozenset[str]
    limits: Limits

    def digest(self, base: Template, steps: Sequence[Step]) -> bytes:
        """Return a digest that is equal for two submissions that can go on from one beginning."""
        told = [
            base.pid,
            list(map(repr, steps)),
            files_fingerprint(self.files),
            sorted(self.trusted),
            repr(self.limits),
        ]
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).digest()


class LabTemplate(Template):
    """A template of one lab, forked from the room's."""

    def __init__(self, base: Template) -> None:
        super().__init__(base.room)
        self._base = base
        self._keeper: Child | None = None
        self._made = time.monotonic()
        self.opened: SharedStart | None = None
        self.users = 0
        self.is_retired = False

    def open(self, steps: Sequence[Step], setting: Setting) -> bool:
        """Run a lab's first steps; whether submissions can go on from there.

        Raises:
            EngineError: the room's template ended.
        """
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._keeper = self._base.spawn(setting.limits, theirs)
            self.opened = self._opened(self._keeper, steps, setting)
        except StoppedError:
            self.opened = None
        if self.opened is not None:
            threading.Thread(target=self._listen, daemon=True).start()
        return self.opened is not None

    def _opened(self, keeper: Child, steps: Sequence[Step], setting: Setting) -> SharedStart | None:
        if setting.files:
            send_files(keeper, setting.files, [], SECONDS)
        keeper.ask({"do": "end"}, SECONDS)
        opened = Runner(self._base, setting.limits, setting.files, setting.trusted).open(keeper, steps)
        if opened is None:
            return None
        answer = keeper.ask({"do": "end"}, SECONDS)
        by_chance = answer.get("drawn") is not False and not any(map(_seeds, steps))
        by_chance |= any(map(_lacks_a_seed, steps))
        return None if answer.get("left") is not None or by_chance else opened

    def age(self) -> float:
        """Return seconds since it was begun."""
        return time.monotonic() - self._made

    def stop(self) -> None:
        """End it, and every child with it."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        if self._keeper is not None:
            self._keeper.close()


@dataclass
class Beginning:
    """Known facts of one lab's first steps."""

    seen: int = 0
    template: LabTemplate | None = None
    making: threading.Event | None = None
    """Set when it has been made, or was found to be none that can be shared."""
    is_refused: bool = False


class Openings:
    """The beginnings that are shared at the moment. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Beginning] = OrderedDict()

    @contextlib.contextmanager
    def borrow(
        self, base: Template, steps: Sequence[Step], setting: Setting, *, many: bool = False
    ) -> Iterator[LabTemplate | None]:
        """Lend a template in which `steps` have run, or None if each child has to run them.

        The first borrower, and any that asks while the template is made, does without; if it is known that
        `many` will ask, they wait for it.
        """
        template = self._taken(base, steps, setting, many) if steps else None
        try:
            yield template
        finally:
            if template is not None:
                self._give_back(template)

    def _taken(
        self, base: Template, steps: Sequence[Step], setting: Setting, many: bool
    ) -> LabTemplate | None:
        with self._lock:
            one = self._beginning(setting.digest(base, steps))
            one.seen += 1
            if one.template is not None and one.template.age() < SECONDS:
                one.template.users += 1
                return one.template
            worth = many or one.seen >= WORTH
            if one.is_refused or not worth or (one.making is None and not self._has_place()):
                return None
            making, left = one.making, []
            if making is None:
                one.making = threading.Event()
                left = self._leaving(one)
        self._retire(left)
        if making is None:
            return self._made(one, base, steps, setting)
        return self._waited_for(one, making) if many else None

    def _waited_for(self, one: Beginning, making: threading.Event) -> LabTemplate | None:
        making.wait(SECONDS)
        with self._lock:
            if one.template is not None:
                one.template.users += 1
            return one.template

    def _made(
        self, one: Beginning, base: Template, steps: Sequence[Step], setting: Setting
    ) -> LabTemplate | None:
        made = LabTemplate(base)
        try:
            is_open = made.open(steps, setting)
        except EngineError:
            is_open = False
        with self._lock:
            made.users += is_open
            # What cannot be shared once is not tried again.
            one.template, one.is_refused = (made, False) if is_open else (None, True)
            if one.making is not None:
                one.making.set()
                one.making = None
        if not is_open:
            self._retire([made])
        return made if is_open else None

    def _holding(self) -> list[Beginning]:
        """Return the labs with a process that is young enough, the least recently asked for first."""
        return [
            one for one in self._known.values() if one.template is not None and one.template.age() < SECONDS
        ]

    def _has_place(self) -> bool:
        """Return whether one more may be made, if need be in the place of one that has served for a while."""
        holding = self._holding()
        return len(holding) < KEPT or any(one.template.age() >= SETTLED for one in holding if one.template)

    def _leaving(self, coming: Beginning) -> list[LabTemplate]:
        """Take out those that are too old, and one more if the new one needs its place."""
        staying = [one for one in self._holding() if one is not coming]
        if len(staying) >= KEPT:
            staying.remove(next(one for one in staying if one.template and one.template.age() >= SETTLED))
        left = []
        for one in self._known.values():
            if one.template is not None and not any(one is other for other in staying):
                left.append(one.template)
                one.template = None
        return left

    def _beginning(self, key: bytes) -> Beginning:
        one = self._known.setdefault(key, Beginning())
        self._known.move_to_end(key)
        while len(self._known) > MOST_KNOWN:
            forgotten = next(iter(self._known.values()))
            if forgotten.template is not None or forgotten.making is not None:
                break
            self._known.popitem(last=False)
        return one

    def _retire(self, templates: Sequence[LabTemplate]) -> None:
        """End them, each when its last child has gone."""
        with self._lock:
            for one in templates:
                one.is_retired = True
            free = [one for one in templates if not one.users]
        for one in free:
            one.stop()

    def _give_back(self, template: LabTemplate) -> None:
        with self._lock:
            template.users -= 1
            is_last = template.is_retired and not template.users
        if is_last:
            template.stop()

    def forget(self, template: LabTemplate) -> None:
        """It answers no more."""
        with self._lock:
            for one in self._known.values():
                if one.template is template:
                    one.template = None
        self._retire([template])

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            held = [one.template for one in self._known.values() if one.template is not None]
            self._known.clear()
        self._retire(held)


def opening_sources(source: Json) -> tuple[str, ...]:
    """Return the sources of the code cells before a learner's first in the teacher's own notebook.

    A task that is answered with controls is none of these: what it is worth is judged without the learner's
    process.
    """
    found = []
    for cell in source["cells"]:
        if cell["cell_type"] != "code":
            continue
        if notebook_reading.is_solution(cell) or (
            notebook_reading.is_grade(cell) and not _is_of_controls(cell["source"])
        ):
            break
        if cell["source"].strip():
            found.append(cell["source"])
    return tuple(found)


def shared_beginning(steps: Sequence[Step], given: Sequence[str]) -> list[Step]:
    """Return the first of `steps`, if they are word for word what a teacher's notebook begins with; else none."""
    first = filled_steps(steps)[: len(given)]
    while first and first[-1].kind is Kind.TEST:
        first.pop()
    is_given = [step.source for step in first] == list(given)[: len(first)] and all(map(_is_open, first))
    return first if is_given else []


def _is_open(step: Step) -> bool:
    """Return whether a line may run away from learners and their data, or does not run at all."""
    if step.kind is Kind.TEST:
        return _is_of_controls(step.source)
    return step.visible is None and ANSWERS not in step.source


def _is_of_controls(source: str) -> bool:
    case = judged.read_judged_cell(source)
    return case is not None and case.is_of_controls


def _seeds(step: Step) -> bool:
    """Return whether a step sets a generator of random numbers to where it always begins."""
    tree = static_findings.parse_lab_cell(step.source).tree
    return tree is not None and any(
        isinstance(node, ast.Attribute) and node.attr in SEEDING for node in ast.walk(tree)
    )


def _lacks_a_seed(step: Step) -> bool:
    """Return whether a step makes a Python generator without a seed: it then seeds itself, unseen."""
    tree = static_findings.parse_lab_cell(step.source).tree
    return tree is not None and any(
        isinstance(node, ast.Call)
        and not node.args
        and not node.keywords
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "Random"
        for node in ast.walk(tree)
    )
