"""Stand-ins that a rewritten cell gets for powerful values: names, settable attributes, the notebook's shell."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import is_asked_by_test, is_learners, is_own_function


class Names(MutableMapping[str, Any], dict[str, Any]):  # type: ignore[misc,metaclass]
    """The notebook's names as a mapping that asks first; IPython's own are not among them.

    It is a dict, empty as such, because `exec` and `timeit` take no other mapping.
    """

    def __init__(self, names: dict[str, Any], check: Callable[[Any], None]) -> None:
        self.__names = names
        self.__check = check

    def __getitem__(self, key: str) -> Any:
        self.__check(key)
        return self.__names[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.__check(key)
        self.__names[key] = value

    def __delitem__(self, key: str) -> None:
        self.__check(key)
        del self.__names[key]

    def __iter__(self) -> Iterator[str]:
        return iter(
            [key for key in self.__names if not key.startswith("_") and key not in ("In", "get_ipython")]
        )

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, key: object) -> bool:
        return key in self.__names

    def copy(self) -> dict[str, Any]:
        """Return the names and values, as `dict.copy` does."""
        return {key: self[key] for key in self}


class Stub:
    """A module or a name that was imported and refuses to be used."""

    def __init__(self, refuse: Callable[[], Any]) -> None:
        object.__setattr__(self, "_refuse", refuse)

    def __getattr__(self, name: str) -> Any:
        object.__getattribute__(self, "_refuse")()
        raise AttributeError(name)

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Refuse."""
        return object.__getattribute__(self, "_refuse")()

    def __setattr__(self, *_: Any) -> None:
        object.__getattribute__(self, "_refuse")()


class Slot:
    """One attribute as the place of an assignment."""

    def __init__(self, guard: Any, value: Any, name: str, cell: str, line: int) -> None:
        self._of = (guard, value, name, cell, line)

    def __getitem__(self, _: int) -> Any:
        guard, value, name, cell, line = self._of
        return guard.attr(value, name, cell, line) if policy.is_interesting(name) else getattr(value, name)

    def __setitem__(self, _: int, new: Any) -> None:
        guard, value, name, cell, line = self._of
        guard._setattr(cell, line, value, name, new)

    def __delitem__(self, _: int) -> None:
        guard, value, name, cell, line = self._of
        guard._delattr(cell, line, value, name)


class ShellFront:
    """Stand-in for get_ipython() in a cell: the magics and shell lines of ordinary notebooks only."""

    def __init__(self, shell: Any, guard: Any) -> None:
        self.__shell = shell
        self.__guard = guard
        # The same functions, so that names in braces are looked up where the cell's line is.
        self.system = shell.system
        self.getoutput = shell.getoutput

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        """Run a line magic; `%alias_magic` has no effect, as another name would hide what a cell runs."""
        if name == "alias_magic":
            self.__guard.told(f"uses the magic {name}", "", 0)
            return None
        self._check(name)
        return self.__shell.run_line_magic(name, line)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """Run a cell magic."""
        self._check(name)
        return self.__shell.run_cell_magic(name, line, cell)

    def magic(self, text: str) -> Any:
        """Run a line magic, given as one text."""
        name, _, rest = text.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def _check(self, name: str) -> None:
        if name in policy.REFUSED_MAGICS or (self.__guard.is_testing and name in policy.HISTORY_MAGICS):
            self.__guard.refuse(f"uses the magic {name}")

    def enable_matplotlib(self, gui: Any = None) -> Any:
        """Use a backend of matplotlib's."""
        return self.__shell.enable_matplotlib(gui)

    def __str__(self) -> str:
        return str(self.__shell)

    __repr__ = __str__


ShellFront.__name__ = ShellFront.__qualname__ = "ZMQInteractiveShell"
ShellFront.__module__ = "ipykernel.zmqshell"


class FoundModule:
    """Answer of `find_spec` to a cell: the name of a module that is installed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"ModuleSpec(name={self.name!r})"


def _find_spec(name: str, package: str | None = None) -> FoundModule | None:
    """Take the place of `importlib.util.find_spec`: tell whether a module is installed, and load nothing by it."""
    del package
    found = importlib.util.find_spec(name.partition(".")[0] if policy.is_refused_module(name) else name)
    return None if found is None else FoundModule(name)


@contextlib.contextmanager
def _capture_output(*args: Any, **words: Any) -> Iterator[Any]:
    """Take the place of IPython's `capture_output`, whose object holds the shell."""
    # This room's own code may not import what it refuses to others by name.
    real = importlib.import_module("IPython.utils.capture")
    with real.capture_output(*args, **words) as kept:
        yield kept


def _name_after(wrapper: Callable[..., Any], wrapped: Callable[..., Any]) -> Callable[..., Any]:
    """Take the place of `update_wrapper` with its usual names only: as `wraps(wrapped)(wrapper)`, which is free."""
    return functools.wraps(wrapped)(wrapper)


def _without_effect(*_: Any, **__: Any) -> None:
    """Take the place of what sets up logging, which calls and sets what a text names."""


class _BoundMethods(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, types.MethodType)


class _LearnersMethod(metaclass=_BoundMethods):
    """Takes the place of `types.MethodType`: binds a learner's function to an object of a learner's class."""

    def __new__(cls, function: Any, one: Any) -> Any:
        if not is_own_function(function) or not is_learners(type(one)):
            raise TypeError("binds what is not the notebook's: not available while a mark is checked")
        return types.MethodType(function, one)


class _Accessor:
    """A learner's accessor on a library's tables. Tests find the column of that name, or nothing."""

    def __init__(self, accessor: Callable[[Any], Any]) -> None:
        self._accessor = accessor

    def __get__(self, one: Any, _kind: type) -> Any:
        if is_asked_by_test(sys._getframe(1)):
            raise AttributeError("an accessor of the notebook's answers no test while a mark is checked")
        return self._accessor if one is None else self._accessor(one)


def _registers(kind_name: str) -> Callable[..., Any]:
    """Return what takes the place of pandas' way to give a class an accessor: new names only."""

    def register(name: str) -> Callable[[Any], Any]:
        def decorate(accessor: Any) -> Any:
            kind = getattr(importlib.import_module("pandas"), kind_name)
            if type(name) is not str or name.startswith("_") or hasattr(kind, name):
                raise AttributeError(f"{name}: not a new name of {kind_name}")
            type.__setattr__(kind, name, _Accessor(accessor))
            return accessor

        return decorate

    return register


_OF_MODULES: dict[str, Callable[..., Any]] = {
    "importlib.util.find_spec": _find_spec,
    "IPython.utils.capture.capture_output": _capture_output,
    "functools.update_wrapper": _name_after,
    "logging.config.dictConfig": _without_effect,
    "logging.config.fileConfig": _without_effect,
    "types.MethodType": _LearnersMethod,
    "pandas.api.extensions.register_dataframe_accessor": _registers("DataFrame"),
    "pandas.api.extensions.register_series_accessor": _registers("Series"),
    "pandas.api.extensions.register_index_accessor": _registers("Index"),
}


def stand_in_for(module: str, name: str) -> Any:
    """Return the stand-in for a name of a refused module, or for such a module; None if there is none."""
    whole = f"{module}.{name}"
    if whole in policy.STAND_INS:
        return types.SimpleNamespace(
            **{one: _OF_MODULES[f"{whole}.{one}"] for one in sorted(policy.STAND_INS[whole])}
        )
    return _OF_MODULES.get(whole)
