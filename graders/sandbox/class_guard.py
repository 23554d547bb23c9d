"""The part of the guard that refuses and tells, and that guards learners' classes: their methods answer no test.

A test that compares, prints or asks an object of a learner's class gets the answer of the class above it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import (
    MISSING,
    NoMemory,
    answer_of_above,
    is_asked_by_test,
    is_bound_here,
    is_learners,
    is_learners_callable,
    method_above,
    plain_text,
)
from graders.sandbox.run_refusals import RefusedAccessError, refusal_error


class ClassGuard:
    """Refuses, tells of it with cell and line, and answers for learners' classes."""

    def __init__(self, tell: Callable[[str, str, int], None], order: dict[str, Any]) -> None:
        # What the teacher's own notebook does as well, and names that tests rely on.
        self._trusted = frozenset(order.get("trusted", ()))
        self.held = frozenset(order.get("holds", ()))
        # Names that the teacher's cell takes from elsewhere, while it runs.
        self.asks: frozenset[str] = frozenset()
        self.memory = policy.allowed_less(policy.MEMORY, self._trusted)
        self._report = tell
        self._has_refused = False
        self.maker = _maker_of_classes(self)

    def _tell(self, what: str, cell: str, line: int) -> None:
        self._has_refused = True
        self._report(what, cell, line)

    def leaves_out(self) -> bool:
        """Return whether a learner's statement that failed is left out, so that the rest of its cell runs.

        What was refused before may be why it failed. A mark that the rest earns needs none of it.
        """
        return self._has_refused

    def refuse(self, what: str, cell: str = "", line: int = 0) -> Any:
        """Tell of a refusal, and stop the line that asked.

        Raises:
            Refused: unless the teacher's own notebook does the same.
        """
        if what in self._trusted:
            return None
        self._tell(what, cell, line)
        raise refusal_error(what)(f"{what}: not available while a mark is checked")

    def told(self, what: str, cell: str, line: int) -> None:
        """Tell of a line that was left without its effect."""
        self._tell(what, cell, line)

    def _forbid_memory(self, kind: type, cell: str, line: int) -> None:
        """Have no object of a class hand out an address, however it came to hold one."""
        if issubclass(kind, type):
            # Its objects are classes, which get this themselves.
            return
        for name in self.memory:
            if name in vars(kind) and type(vars(kind)[name]) is not NoMemory:
                self._tell(f"defines {name}", cell, line)
            refuse = functools.partial(self.refuse_memory, cell=cell, line=line)
            type.__setattr__(kind, name, NoMemory(name, refuse))

    def refuse_memory(self, name: str, cell: str, line: int) -> None:
        """Raises what is no AttributeError, for which another method of the object would be asked."""
        self._tell(f"defines {name}", cell, line)
        raise RefusedAccessError(f"defines {name}: not available while a mark is checked")

    def words(self, given: Any, cell: str, line: int) -> Any:
        """Return the keywords of a call, of which none may name memory."""
        if isinstance(given, Mapping):
            given = {plain_text(name): one for name, one in dict(given).items()}
            for name in self.memory.intersection(given):
                self.refuse_memory(name, cell, line)
        return given

    def own(self, function: Any, name: str = "", cell: str = "", line: int = 0) -> Any:
        """Return a learner's method that a test does not get an answer from: it gets the answer of the class above."""
        if not callable(function):
            return function
        tell = functools.partial(self._tell, f"defines {name}", cell, line)
        self_guard = self

        @functools.wraps(function)
        def answer(*given: Any, **words: Any) -> Any:
            self, *args = given or (None,)
            if not is_asked_by_test(sys._getframe(1)) or self_guard._may_answer(self, name, args):
                found = function(*given, **words)
                if name in ("__getattr__", "__getattribute__") and self_guard.memory.intersection(args):
                    self_guard.refuse_memory(str(args[0]), cell, line)
                return found
            above = method_above(type(self), name, answer)
            if above is MISSING and not policy.is_answering(name):
                return function(*given, **words)
            tell()
            return answer_of_above(above, name, self, tuple(args), words)

        return answer

    def asked(self, value: Any, name: str) -> Any:
        """Return `value.name`, which a test calls for an answer, unless a learner's code would give that answer."""
        found = getattr(value, name)
        if not is_learners_callable(found) or self._is_teachers(name) or self._is_asked_class(value, name):
            return found
        self._tell(f"defines {name}", "", 0)
        return lambda *args, **words: answer_of_above(MISSING, name, value, args, words)

    def _may_answer(self, value: Any, method: str, args: Sequence[Any]) -> bool:
        """Return whether a learner's method answers a test: the task is to write it, or it answers no comparison."""
        if self._is_teachers(method) or self._is_asked_class(value, method):
            return True
        if method in ("__getattr__", "__getattribute__"):
            # Its class could have the attribute itself.
            return type(args[0]) is str and not policy.is_answering(args[0]) if args else False
        name = type(value).__name__
        free = f"answers {name}.{method}" in self._trusted or not policy.is_answering(method)
        return free and self._is_about(name)

    def _is_about(self, kind: str) -> bool:
        """Return whether the cell that asks names a class, or something that uses that class in the solution."""
        return kind in self.asks or any(f"leads {one} {kind}" in self._trusted for one in self.asks)

    def _is_asked_class(self, value: Any, method: str) -> bool:
        """Return whether a test names the class of `value`, as if the task is to write this method."""
        name = type(value).__name__
        return not method.startswith("_") and name[:1].isupper() and name in self.held

    def finished(self, kind: type, free: str, cell: str, line: int) -> type:
        """Return a learner's new class, whose answering methods are guarded however its body bound them."""
        for name, value in list(vars(kind).items()):
            if policy.is_answering(name) and name not in free.split() and is_bound_here(kind, name, value):
                type.__setattr__(kind, name, self.own(value, name, cell, line))
        self._forbid_memory(kind, cell, line)
        return kind

    def matched(self, kind: Any, names: str, cell: str, line: int) -> None:
        """Refuse a class pattern that reads what leads to machinery; of learners' objects it may read fields."""
        asked = [*names.split(), *(getattr(kind, "__match_args__", ()) if isinstance(kind, type) else ())]
        for name in asked:
            if name in policy.FRAMES or (
                policy.is_interesting(name) and name not in policy.READABLE and not is_learners(kind)
            ):
                self.refuse(f"uses {name}", cell, line)

    def _is_teachers(self, name: str) -> bool:
        """Return whether the teacher's own classes define a method, or one of its family."""
        family = next((one.split() for one in policy.FAMILIES if name in one.split()), [name])
        text = name in ("__repr__", "__str__", "__format__") and "defines its own text form" in self._trusted
        return text or any(f"defines {one}" in self._trusted for one in family)


def _maker_of_classes(guard: ClassGuard) -> type[type]:
    """Return what takes the place of `type` in a metaclass: the methods of what it makes are guarded."""

    class Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], **words: Any) -> Any:
            return guard.finished(super().__new__(cls, name, bases, dict(space), **words), "", "", 0)

    return Maker
