"""Knows which mocks, patches and calls of `unittest.mock` a teacher's cell made, in a guarded run.

The trusted side rewrites a teacher's cells, so that each call of the module by a name that the teacher imported says
so. What such a call makes is kept here, with what comes out of it later. A class of mocks that a test gets from a
learner, and calls, makes a learner's mock.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest import mock

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import is_asked_by_test

PARTS: Any = mock  # Its private parts are not in the types.
HOME = mock.NonCallableMock.__init__.__code__.co_filename
OF_PATCH = ("object", "dict", "multiple", "stopall")


class _OwnAny(type(mock.ANY)):  # type: ignore[misc]
    """The teacher's `ANY`: equal to everything, also while a test asks."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


class TeachersMocks:
    """What the teacher's cells made of the module so far."""

    def __init__(self) -> None:
        # By identity, each kept alive: no other object gets its number.
        self._kept: dict[int, Any] = {}
        self._kinds: dict[int, tuple[type, dict[str, Any]]] = {}
        self._making = threading.local()
        known = [getattr(mock, name) for name in dir(mock) if not name.startswith("_")]
        self._known = [*known, *(getattr(mock.patch, name) for name in OF_PATCH)]
        self._any = _OwnAny()
        self._call = PARTS._Call(from_kall=False)
        self.keep(self._call)
        # Methods by which a mock notes that it was called, and a patch copies itself.
        noting = (
            mock.CallableMixin._increment_mock_call,  # type: ignore[attr-defined]
            PARTS.AsyncMockMixin._execute_mock_call,
            PARTS._patch.copy,
        )
        self._makers = frozenset(one.__code__ for one in noting)

    def has(self, value: Any) -> bool:
        """Return whether a teacher's cell made `value`, and its class is as it was."""
        return self._kept.get(id(value)) is value and all(map(self._is_unchanged, type(value).__mro__))

    def kind(self, made: Any) -> Any:
        """Take up a class that a teacher's cell derives from one of mocks, and return it."""
        if isinstance(made, type):
            self._kinds[id(made)] = (made, dict(vars(made)))
        return made

    def _is_unchanged(self, kind: type) -> bool:
        """Return whether a class has what it had when the teacher's cell made it; true for one not taken up."""
        known, before = self._kinds.get(id(kind), (None, {}))
        now = vars(kind)
        return known is not kind or (
            now.keys() == before.keys() and all(now[name] is value for name, value in before.items())
        )

    def may_answer(self, one: Any, frame: FrameType) -> bool:
        """Return whether `one`, asked by `frame`, is the teacher's: made by one, or used for one inside the module."""
        is_inside = one is mock.call and frame.f_code.co_filename == HOME
        return self.has(one) or (is_inside and self.is_maker(frame))

    def keep(self, value: Any) -> None:
        """Take up a mock, a patch or a call."""
        self._kept[id(value)] = value

    def keep_parts(self, value: Any) -> None:
        """Take up what a teacher's mock or call gave, if it is a mock or a call itself."""
        if issubclass(type(value), PARTS._Call):
            self.keep(value)

    def told_by_learner(self, one: Any, name: str, frame: FrameType) -> None:
        """Note that a learner's line sets `name` on a mock: whoever tells it its answers owns it."""
        is_speaking = (
            name in policy.MOCK_ANSWERS or name.startswith("_") or callable(getattr(type(one), name, None))
        )
        if is_speaking and frame.f_code.co_filename != HOME and not is_asked_by_test(frame):
            self._kept.pop(id(one), None)

    def read_by_learner(self, one: Any, name: str, frame: FrameType) -> None:
        """Note that a learner's line reads what a mock has counted: it may change that."""
        is_inner = name in policy.MOCK_ANSWERS or name in policy.MOCK_METHODS or name.startswith("_mock")
        if is_inner and frame.f_code.co_filename != HOME and not is_asked_by_test(frame):
            self._kept.pop(id(one), None)

    @contextmanager
    def made(self) -> Iterator[None]:
        """Note that what is made from here on, and not by a learner's code, is the teacher's."""
        before = self.is_open
        self._making.is_open = True
        try:
            yield
        finally:
            self._making.is_open = before

    @property
    def is_open(self) -> bool:
        """Return whether a teacher's cell is calling the module in this thread."""
        return getattr(self._making, "is_open", False)

    def is_maker(self, frame: FrameType) -> bool:
        """Return whether what `frame` makes is the teacher's."""
        if frame.f_code in self._makers:
            return self.has(frame.f_locals.get("self"))
        return self.is_open and is_asked_by_test(frame)

    def calling(self, function: Any) -> Any:
        """Return `function`, which the teacher's cell calls: what the module makes in that call is the teacher's."""
        is_kind = id(function) in self._kinds and self._is_unchanged(function)
        if not is_kind and not any(function is one for one in self._known):
            return function

        def call(*args: Any, **words: Any) -> Any:
            with self.made():
                return function(*args, **words)

        return call

    def own(self, value: Any) -> Any:
        """Return the teacher's own object for one of the two that all cells share."""
        return self._any if value is mock.ANY else self._call if value is mock.call else value

    def watch(self) -> None:
        """Take up what is made, from now on."""
        base: Any = mock.NonCallableMock
        base.__new__ = self._kept_if_made(base.__new__)
        PARTS._Call.__new__ = self._kept_if_made(PARTS._Call.__new__)
        # Copies that the guard makes of what a given cell made are not asked for: a mock is one of its kind.
        base.__deepcopy__ = PARTS._Call.__deepcopy__ = lambda one, _memo: one
        base._get_child_mock = self._kept_of_kept(base._get_child_mock)
        base._call_matcher = self._kept_of_kept(base._call_matcher)

    def _kept_if_made(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def __new__(cls: Any, *args: Any, **words: Any) -> Any:  # noqa: N807
            found = method(cls, *args, **words)
            frame = sys._getframe(1)
            if self.is_maker(frame):
                self.keep(found)
            return found

        return staticmethod(__new__)

    def _kept_of_kept(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method whose result is the teacher's if its object is, unless a learner hands one in."""

        def give(one: Any, *args: Any, **words: Any) -> Any:
            if not self.has(one):
                return method(one, *args, **words)
            with self.made():
                found = method(one, *args, **words)
            if method.__name__ != "_call_matcher" or is_asked_by_test(sys._getframe(1)):
                self.keep(found)
            return found

        return give
