"""Stand-ins that a rewritten cell gets for powerful values: names, settable attributes, the notebook's shell."""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import importlib.util
import os
import sys
import tokenize
import types
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from graders.contract import guard_policy as policy
from graders.sandbox.guard_values import is_asked_by_test, is_learners, is_own_function, plain_text


class Names(MutableMapping[str, Any], dict[str, Any]):  # type: ignore[misc,metaclass]
    """The notebook's names as a mapping that asks first; IPython's own are not among them.

    It is a dict, empty as such, because `exec` and `timeit` take no other mapping.
    """

    def __init__(self, names: dict[str, Any], check: Callable[[Any], None]) -> None:
        self.__names = names
        self.__check = check

    def __getitem__(self, key: str) -> Any:
        key = plain_text(key)
        self.__check(key)
        return self.__names[key]

    def __setitem__(self, key: str, value: Any) -> None:
        key = plain_text(key)
        self.__check(key)
        self.__names[key] = value

    def __delitem__(self, key: str) -> None:
        key = plain_text(key)
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


class PlainBuiltins(Stub):
    """Takes the place of the module `builtins`: its ordinary functions and errors, and nothing may be set."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(builtins, name, None)
        if name in policy.PLAIN_BUILTINS or (isinstance(found, type) and issubclass(found, BaseException)):
            return found
        return super().__getattr__(name)


PlainBuiltins.__module__ = "builtins"


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


HARMLESS_LINES = frozenset({("pdb", "off"), ("pdb", "0")})
"""Calls of refused magics that do nothing here."""


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
        if (name, line.strip()) not in HARMLESS_LINES:
            self._check(name)
        # What a magic sets, as `%time x = 1` does, is set where it is called: two calls away.
        return self.__shell.run_line_magic(name, line, _stack_depth=2)

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


class _TaskFacts:
    """Takes the place of a running task, which leads to frames."""

    def __init__(self) -> None:
        # This room's own code may not import what it refuses to others by name.
        self._name = importlib.import_module("asyncio").current_task().get_name()

    def get_name(self) -> str:
        """Return the task's name."""
        return str(self._name)

    def set_name(self, name: str) -> None:
        """Give it another, here only."""
        self._name = name

    def done(self) -> bool:
        """Return whether it has ended: it runs."""
        return False

    cancelled = done


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


def _as_strided(
    x: Any,
    shape: Any = None,
    strides: Any = None,
    subok: bool = False,
    writeable: bool = True,
) -> Any:
    """Take the place of numpy's `as_strided`: a view that stays within its array."""
    del subok
    numpy = importlib.import_module("numpy")
    array = numpy.asarray(x).view(numpy.ndarray)
    shape = array.shape if shape is None else tuple(map(int, shape))
    strides = array.strides if strides is None else tuple(map(int, strides))
    (low, high), (least, most) = _reach(shape, strides), _reach(array.shape, array.strides)
    is_whole = not array.dtype.hasobject or all(one % array.itemsize == 0 for one in strides)
    is_empty = 0 in array.shape and 0 not in shape
    if low < least or high > most or is_empty or not is_whole:
        raise ValueError("reaches outside of the array: not available while a mark is checked")
    real = importlib.import_module("numpy.lib.stride_tricks").as_strided
    return real(array, shape, strides, writeable=writeable)


def _reach(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
    """Return the places of the first and the last item of an array, in bytes from where it begins."""
    if 0 in shape:
        return 0, 0
    ends = [(length - 1) * step for length, step in zip(shape, strides, strict=True)]
    return sum(end for end in ends if end < 0), sum(end for end in ends if end > 0)


def _registers_magic(kind: str) -> Callable[..., Any]:
    """Return what takes the place of IPython's way to give a magic a function: the learner's own, for a new name."""

    def register(given: Any) -> Any:
        if isinstance(given, str):
            return functools.partial(_add_magic, kind, plain_text(given))
        return _add_magic(kind, given.__name__, given)

    return register


def _add_magic(kind: str, name: str, function: Any) -> Any:
    shell = importlib.import_module("IPython").get_ipython()
    if not is_own_function(function) or shell.find_magic(name) is not None:
        raise ValueError(f"{name}: not a new magic of the notebook's own")
    shell.register_magic_function(function, kind, plain_text(name))
    return function


def _lines_of(name: str, *_: Any) -> list[str]:
    """Take the place of `linecache.getlines`, which also knows the lines of cells: lines of the notebook's files."""
    if type(name) is not str or not os.path.realpath(name).startswith("/tmp/work"):
        return []
    try:
        with tokenize.open(name) as file:
            return file.readlines()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return []


def _line_of(name: str, number: int, *_: Any) -> str:
    """Take the place of `linecache.getline`."""
    lines = _lines_of(name)
    return lines[number - 1] if 0 < number <= len(lines) else ""


_OF_MODULES: dict[str, Callable[..., Any]] = {
    **{f"builtins.{name}": getattr(builtins, name) for name in policy.PLAIN_BUILTINS},
    "linecache.getline": _line_of,
    "linecache.getlines": _lines_of,
    "linecache.checkcache": _without_effect,
    "linecache.clearcache": _without_effect,
    "importlib.util.find_spec": _find_spec,
    "IPython.utils.capture.capture_output": _capture_output,
    "functools.update_wrapper": _name_after,
    "logging.config.dictConfig": _without_effect,
    "logging.config.fileConfig": _without_effect,
    "types.MethodType": _LearnersMethod,
    "asyncio.current_task": _TaskFacts,
    "numpy.lib.stride_tricks.as_strided": _as_strided,
    **{
        f"IPython.core.magic.register_{one}_magic": _registers_magic(one)
        for one in ("line", "cell", "line_cell")
    },
    "pandas.api.extensions.register_dataframe_accessor": _registers("DataFrame"),
    "pandas.api.extensions.register_series_accessor": _registers("Series"),
    "pandas.api.extensions.register_index_accessor": _registers("Index"),
}


def stand_in_for(module: str, name: str) -> Any:
    """Return the stand-in for a name of a refused module, or for such a module; None if there is none."""
    whole = f"{module}.{name}" if name else module
    if whole in policy.STAND_INS:
        return types.SimpleNamespace(
            **{one: _OF_MODULES[f"{whole}.{one}"] for one in sorted(policy.STAND_INS[whole])}
        )
    return _OF_MODULES.get(whole)
