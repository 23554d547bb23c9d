"""Mocks in a guarded run: a learner's own tests may use them, and no answer to a teacher's test comes from one.

`unittest.mock` can make an object of which every method is true, and replace any function. Here its objects answer
the learner's own code only, and its patches reach the learner's own names and a few functions of the standard library;
a patch that is still there when a test begins is undone.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable
from types import MethodType, ModuleType
from typing import Any
from unittest import mock

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import (
    is_asked_by_test,
    is_learners,
    is_learners_callable,
    is_learners_module,
)

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


PINNED = {
    "_patch": "target attribute getter temp_original is_local additional_patchers _exit_stack",
    "_patch_dict": "in_dict clear _original",
}
"""What decides where a patch writes, and what it writes back: only `unittest.mock` itself may set it."""


class Pinned:
    """Attribute of a patch that is kept outside of the patch; a store from anywhere but `unittest.mock` is refused."""

    def __init__(self, name: str, refuse: Callable[[], None]) -> None:
        self._name = name
        self._refuse = refuse
        # The object is kept, so that its number stays its own.
        self._values: dict[int, tuple[Any, Any]] = {}

    def __get__(self, one: Any, kind: type | None = None) -> Any:
        if one is None:
            return self
        if id(one) not in self._values:
            raise AttributeError(self._name)
        return self._values[id(one)][1]

    def __set__(self, one: Any, value: Any) -> None:
        if sys._getframe(1).f_globals is not vars(mock):
            self._refuse()
        self._values[id(one)] = (one, value)

    def __delete__(self, one: Any) -> None:
        if sys._getframe(1).f_globals is not vars(mock):
            self._refuse()
        self._values.pop(id(one), None)


class PinnedMethod:
    """Method of a patch that no attribute of the patch takes the place of."""

    def __init__(self, function: Callable[..., Any], refuse: Callable[[], None]) -> None:
        self._function = function
        self._refuse = refuse

    def __get__(self, one: Any, kind: type | None = None) -> Any:
        return self._function if one is None else MethodType(self._function, one)

    def __set__(self, one: Any, value: Any) -> None:
        self._refuse()


class TameMocks:
    """Changes `unittest.mock` in this process. `guard` refuses, and says when a test runs."""

    def __init__(self, guard: Any, held: frozenset[str]) -> None:
        self._guard = guard
        self._held = held
        self._active: list[Any] = []
        self._kind, self._dict_kind = mock._patch, mock._patch_dict

    def install(self) -> None:
        """Put the checks in place."""
        base = mock.NonCallableMock
        base.__getattr__ = self._shy(base.__getattr__)  # type: ignore[method-assign]
        base.__setattr__ = self._setting(base.__setattr__)  # type: ignore[method-assign]
        mock.CallableMixin.__call__ = self._shy(mock.CallableMixin.__call__)  # type: ignore[method-assign]
        for kind in (type(mock.ANY), type(mock.call)):
            for name in ("__eq__", "__ne__", "__getattr__", "__call__"):
                if name in vars(kind):
                    setattr(kind, name, self._shy(vars(kind)[name]))
        patch: Any = mock._patch
        patch.__init__ = self._checked_patch(patch.__init__)
        patch.__enter__ = self._entered(patch.__enter__)
        patch.__exit__ = self._left(patch.__exit__)
        patch.get_original = PinnedMethod(patch.get_original, self._refuse)
        of_dict: Any = mock._patch_dict
        of_dict.__init__ = self._checked_dict(of_dict.__init__)
        of_dict._patch_dict = PinnedMethod(self._exact_dict(of_dict._patch_dict), self._refuse)
        of_dict._unpatch_dict = PinnedMethod(self._exact_dict(of_dict._unpatch_dict), self._refuse)
        for kind in (patch, of_dict):
            for name in PINNED[kind.__name__].split():
                setattr(kind, name, Pinned(name, self._refuse))

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

        @functools.wraps(method)
        def answer(one: Any, /, *args: Any, **words: Any) -> Any:
            if is_asked_by_test(sys._getframe(1)):
                self._refuse()
            wrapped = getattr(one, "__dict__", {}).get("_mock_wraps")
            if wrapped is not None and (isinstance(wrapped, ModuleType) or not is_learners_callable(wrapped)):
                self._refuse()
            return method(one, *args, **words)

        return answer

    def _setting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `__setattr__` of a mock: a special method that a learner gives it answers no test either."""

        @functools.wraps(method)
        def set_name(one: Any, name: str, value: Any) -> None:
            is_special = name.startswith("__") and name.endswith("__") and name != "__class__"
            if name in policy.MEMORY or name == policy.GUARD:
                self._refuse()
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

        @functools.wraps(method)
        def init(one: Any, getter: Callable[[], Any], attribute: Any, *args: Any, **words: Any) -> None:
            if type(one) is not self._kind or any(other is one for other in self._active):
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
        if not isinstance(name, str) or name.startswith("__") or name in self._held or name == policy.GUARD:
            return False
        if isinstance(target, ModuleType):
            if target.__name__ in PATCHED:
                return not self._guard.is_testing and name in PATCHED[target.__name__].split()
            own = target.__name__ == "__main__" or is_learners_module(target)
            return own and name not in ("In", "Out", "get_ipython", "exit", "quit")
        owner = target if isinstance(target, type) else type(target)
        return is_learners(owner) and not policy.is_answering(name)

    def _entered(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def enter(one: Any) -> Any:
            if type(one) is not self._kind:
                self._refuse()
            found = method(one)
            self._active.append(one)
            return found

        return enter

    def _left(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def leave(one: Any, *given: Any) -> Any:
            self._active = [other for other in self._active if other is not one]
            return method(one, *given)

        return leave

    def _checked_dict(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def init(one: Any, in_dict: Any, *args: Any, **words: Any) -> None:
            if type(one) is not self._dict_kind or not _may_fill(in_dict):
                self._refuse()
            method(one, in_dict, *args, **words)

        return init

    def _exact_dict(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def work(one: Any) -> Any:
            if type(one) is not self._dict_kind:
                self._refuse()
            return method(one)

        return work


def _may_fill(in_dict: Any) -> bool:
    """Return whether a learner's test may fill this for a moment: no names of a module that is not theirs."""
    if isinstance(in_dict, str):
        return in_dict == "os.environ"
    modules = [one for one in list(sys.modules.values()) if isinstance(one, ModuleType)]
    return not any(in_dict is vars(one) and not is_learners_module(one) for one in modules)
