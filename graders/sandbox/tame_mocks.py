"""Mocks in a guarded run: a learner's own tests may use them, and no answer to a teacher's test comes from one.

`unittest.mock` can make an object of which every method is true, and replace any function. Here its objects answer
the learner's own code only, and its patches reach the learner's own names and a few functions of the standard library;
a patch that is still there when a test begins is undone. What a teacher's cell makes of the module is free of all this
(`teachers_mocks.py`).
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from types import CodeType, FrameType, ModuleType
from typing import Any
from unittest import mock

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import (
    is_asked_by_test,
    is_learners,
    is_learners_callable,
    is_learners_module,
)
from graders.sandbox.teachers_mocks import HOME, TeachersMocks

WHAT = "imports unittest.mock"
PATCHED = {
    "builtins": "open print input",
    "random": "random randint choice choices sample shuffle uniform gauss randrange seed",
    "time": "time sleep perf_counter monotonic",
    "datetime": "datetime date",
    "os": "getcwd listdir getenv environ remove rename makedirs mkdir system",
    "posixpath": "exists isfile isdir getsize",
    "sys": "stdout stderr stdin argv",
    "requests": "get post put delete",
    "requests.api": "get post put delete",
    "urllib.request": "urlopen",
    "subprocess": "run check_output call",
}
"""Functions that tests of ordinary courses replace for a moment, and on which the guard itself does not rely."""


def _named_like(method: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a check the name of the method below it, and no way down to that."""

    def named(check: Callable[..., Any]) -> Callable[..., Any]:
        functools.update_wrapper(check, method)
        del vars(check)["__wrapped__"]
        return check

    return named


class _Fact:
    """Attribute of a patch that only the patch's own methods set. A class shows no cell the way to its setter."""

    def __init__(
        self,
        name: str,
        codes: set[CodeType],
        facts: dict[int, tuple[Any, dict[str, Any]]],
        refuse: Callable[[], None],
    ) -> None:
        self._name, self._codes, self._facts, self._refuse = name, codes, facts, refuse

    def __get__(self, one: Any, kind: type) -> Any:
        _, known = self._facts.get(id(one), (one, {}))
        if self._name not in known:
            raise AttributeError(self._name)
        return known[self._name]

    def __set__(self, one: Any, value: Any) -> None:
        if sys._getframe(1).f_code in self._codes:
            self._facts.setdefault(id(one), (one, {}))[1][self._name] = value
        else:
            self._refuse()

    def __delete__(self, one: Any) -> None:
        if sys._getframe(1).f_code in self._codes:
            self._facts[id(one)][1].pop(self._name)
        else:
            self._refuse()


def _is_tests_line(frame: FrameType) -> bool:
    """Return whether a test asks, and not the module for it."""
    return frame.f_code.co_filename != HOME and is_asked_by_test(frame)


class TameMocks:
    """Changes `unittest.mock` in this process. `guard` refuses, and says when a test runs."""

    def __init__(self, guard: Any, held: frozenset[str]) -> None:
        self._guard = guard
        self._held = held
        self._active: list[Any] = []
        # What a patch changes, by its identity and out of a cell's reach; the patch is kept: no other gets its number.
        self._facts: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._teachers = TeachersMocks()
        self.calling, self.own, self.kind = self._teachers.calling, self._teachers.own, self._teachers.kind

    def install(self) -> None:
        """Put the checks in place."""
        self._teachers.watch()
        base = mock.NonCallableMock
        base.__getattr__ = self._shy(base.__getattr__)  # type: ignore[method-assign]
        base.__getattribute__ = self._reading(base.__getattribute__)  # type: ignore[method-assign]
        base.__setattr__ = self._setting(base.__setattr__)  # type: ignore[method-assign]
        mock.CallableMixin.__call__ = self._shy(mock.CallableMixin.__call__)  # type: ignore[method-assign]
        for kind in (type(mock.ANY), type(mock.call)):
            for name in ("__eq__", "__ne__", "__getattr__", "__call__"):
                if name in vars(kind):
                    setattr(kind, name, self._shy(vars(kind)[name]))
        base.configure_mock = self._configured()  # type: ignore[method-assign]
        base.attach_mock = self._attached(base.attach_mock)  # type: ignore[method-assign]
        patch: Any = mock._patch
        self._keep(patch, "getter attribute target temp_original is_local", "__init__ __enter__ __exit__")
        patch.__init__ = self._checked_patch(patch.__init__)
        patch.__enter__ = self._entered(patch.__enter__)
        patch.__exit__ = self._left(patch.__exit__)
        of_dict: Any = mock._patch_dict
        self._keep(of_dict, "in_dict", "__init__ _patch_dict")
        of_dict.__init__ = self._checked_dict(of_dict.__init__)
        of_dict._patch_dict = self._entered_dict(of_dict._patch_dict)
        of_dict._unpatch_dict = self._entered_dict(of_dict._unpatch_dict)

    def _keep(self, kind: Any, names: str, methods: str) -> None:
        """Have only the methods of `kind` itself set these attributes; what else lies in an object is not read."""
        codes = {vars(kind)[name].__code__ for name in methods.split()}
        for name in names.split():
            setattr(kind, name, _Fact(name, codes, self._facts, self._refuse))

    def _is_plain(self, one: Any, kind: type) -> bool:
        """Return whether an object is a patch and of no class that a learner derived from one."""
        return type(one) is kind

    def _configured(self) -> Callable[..., None]:
        """Return `configure_mock`, which sets attributes of mocks only, whatever else hangs on one."""

        def configure_mock(one: Any, /, **words: Any) -> None:
            for path, value in sorted(words.items(), key=lambda item: item[0].count(".")):
                *above, last = path.split(".")
                owner = functools.reduce(getattr, above, one)
                if issubclass(type(owner), mock.NonCallableMock):
                    setattr(owner, last, value)
                else:
                    self._refuse()

        return configure_mock

    def _attached(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @_named_like(method)
        def attach(one: Any, other: Any, attribute: str) -> None:
            if issubclass(type(one), mock.NonCallableMock):
                method(one, other, attribute)
            else:
                self._refuse()

        return attach

    def end_patches(self) -> None:
        """Undo what is still patched, because a test begins."""
        while self._active:
            self._guard.told(WHAT, "", 0)
            one = self._active[-1]
            one.__exit__(None, None, None)
            self._active = [other for other in self._active if other is not one]

    def _refuse(self) -> None:
        self._guard.refuse(WHAT)

    def _shy(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method of a mock that answers no test, and stands for nothing but the learner's own."""

        @_named_like(method)
        def answer(one: Any, /, *args: Any, **words: Any) -> Any:
            if self._teachers.may_answer(one, sys._getframe(1)):
                found = method(one, *args, **words)
                self._teachers.keep_parts(found)
                return found
            if is_asked_by_test(sys._getframe(1)):
                self._refuse()
            wrapped = getattr(one, "__dict__", {}).get("_mock_wraps")
            if wrapped is not None and (isinstance(wrapped, ModuleType) or not is_learners_callable(wrapped)):
                self._refuse()
            return method(one, *args, **words)

        return answer

    def _reading(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `__getattribute__` of a mock: what a learner's has counted answers no test."""

        def __getattribute__(one: Any, name: str) -> Any:  # noqa: N807
            frame = sys._getframe(1)
            self._teachers.read_by_learner(one, name, frame)
            is_verdict = name in policy.MOCK_ANSWERS or name.startswith("assert_")
            if is_verdict and not self._teachers.may_answer(one, frame) and _is_tests_line(frame):
                self._refuse()
            return method(one, name)

        return __getattribute__

    def _setting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `__setattr__` of a mock: a special method that a learner gives it answers no test either."""

        @_named_like(method)
        def set_name(one: Any, name: str, value: Any) -> None:
            is_special = name.startswith("__") and name.endswith("__") and name != "__class__"
            if name in policy.MEMORY or name == policy.GUARD:
                self._refuse()
            self._teachers.told_by_learner(one, name, sys._getframe(1))
            if self._teachers.has(one):
                method(one, name, value)
                return
            if is_special and callable(value) and not isinstance(value, mock.NonCallableMock):
                value = self._shy_function(value)
            method(one, name, value)

        return set_name

    def _shy_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*args: Any, **words: Any) -> Any:
            if is_asked_by_test(sys._getframe(1)):
                self._refuse()
            return function(*args, **words)

        return answer

    def _checked_patch(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `__init__` of a patch: it hands on no target that it may not change."""

        @_named_like(method)
        def init(one: Any, getter: Callable[[], Any], attribute: Any, *args: Any, **words: Any) -> None:
            if self._teachers.is_maker(sys._getframe(1)):
                self._teachers.keep(one)
                method(one, getter, attribute, *args, **words)
                return
            if not self._is_plain(one, mock._patch) or id(one) in self._facts:
                self._refuse()

            def checked() -> Any:
                target = getter()
                if not self._may_patch(target, attribute):
                    self._refuse()
                # A cell finds a name of the notebook before Python's own, and gets no module of builtins this way.
                return sys.modules["__main__"] if target is builtins else target

            method(one, checked, attribute, *args, **words)

        return init

    def _may_patch(self, target: Any, name: Any) -> bool:
        if type(name) is not str or name.startswith("__") or name in self._held or name == policy.GUARD:
            return False
        if isinstance(target, ModuleType):
            if target.__name__ in PATCHED:
                return not self._guard.is_testing and name in PATCHED[target.__name__].split()
            own = target.__name__ == "__main__" or is_learners_module(target)
            return own and name not in ("In", "Out", "get_ipython", "exit", "quit")
        owner = target if isinstance(target, type) else type(target)
        return is_learners(owner) and not policy.is_answering(name)

    def _entered(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @_named_like(method)
        def enter(one: Any) -> Any:
            if self._teachers.has(one):
                with self._teachers.made():
                    found = method(one)
                if issubclass(type(found), mock.NonCallableMock):
                    self._teachers.keep(found)
                return found
            if not self._is_plain(one, mock._patch) or any(other is one for other in self._active):
                self._refuse()
            found = method(one)
            self._active.append(one)
            return found

        return enter

    def _left(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @_named_like(method)
        def leave(one: Any, *given: Any) -> Any:
            if self._teachers.has(one):
                return method(one, *given)
            if not self._is_plain(one, mock._patch):
                self._refuse()
            self._active = [other for other in self._active if other is not one]
            return method(one, *given)

        return leave

    def _checked_dict(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @_named_like(method)
        def init(one: Any, in_dict: Any, *args: Any, **words: Any) -> None:
            if self._teachers.is_maker(sys._getframe(1)):
                self._teachers.keep(one)
                method(one, in_dict, *args, **words)
                return
            is_path = isinstance(in_dict, str)
            if is_path and (type(in_dict) is not str or in_dict != "os.environ"):
                self._refuse()
            if not self._is_plain(one, mock._patch_dict) or id(one) in self._facts:
                self._refuse()
            method(one, in_dict, *args, **words)

        return init

    def _entered_dict(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a step of a dict's patch: no module's own names, but the learner's, are changed by one."""

        @_named_like(method)
        def step(one: Any) -> Any:
            if self._teachers.has(one):
                return method(one)
            if not self._is_plain(one, mock._patch_dict):
                self._refuse()
            for name, module in tuple(sys.modules.items()):
                is_own = name == "__main__" or is_learners_module(module)
                if getattr(module, "__dict__", None) is one.in_dict and not is_own:
                    self._refuse()
            return method(one)

        return step
