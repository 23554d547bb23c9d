"""Inside the sandbox, around each test cell: put Python and IPython back as they were, and name what had changed.

It runs next to learner code, so it helps but proves nothing: code that could avoid it is found by `plain`, which
reads the notebook on the trusted side.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import gc
import hashlib
import inspect
import pickle
import signal
import sys
import threading
from types import FunctionType, ModuleType
from typing import Any

from graders.sandbox.audit_hooks import Watch
from graders.sandbox.dict_versions import Mark

MODULES = (
    "builtins", "math", "cmath", "operator", "random", "statistics", "json", "re", "copy", "itertools", "functools",
    "collections", "types", "inspect", "traceback", "pickle", "hashlib", "io", "os", "time", "signal", "threading",
    "asyncio", "unittest", "unittest.case", "unittest.mock", "decimal", "fractions", "datetime", "numbers", "abc",
    "numpy", "numpy.linalg", "numpy.random", "numpy.testing", "numpy.testing._private.utils", "numpy._core.numeric",
    "pandas", "pandas.testing", "pandas._testing", "pandas._testing.asserters", "sklearn.metrics", "sklearn.base",
    "sklearn.utils.validation", "sklearn.model_selection", "IPython.display", "IPython.core.interactiveshell",
    "IPython.core.async_helpers", "IPython.core.compilerop", "IPython.core.displayhook", "ipykernel.zmqshell",
    "ipykernel.displayhook", "ipykernel.jsonutil", "graders.sandbox.ipython_shell", "graders.contract.wire_frames",
    "graders.sandbox.submission_process", "graders.sandbox.library_guard", "jupyter_client.session",
)  # fmt: skip
CLASSES = (
    ("pandas", "DataFrame"), ("pandas", "Series"), ("pandas", "Index"), ("pandas", "Categorical"),
    ("pandas.core.arrays", "ArrowStringArray"), ("pandas.core.arrays", "BooleanArray"),
    ("pandas.core.groupby", "DataFrameGroupBy"), ("pandas.core.groupby", "SeriesGroupBy"),
    ("pandas.core.strings", "StringMethods"), ("pandas.core.indexing", "_LocIndexer"),
    ("sklearn.base", "BaseEstimator"),
    ("sklearn.base", "ClassifierMixin"), ("sklearn.base", "RegressorMixin"), ("unittest.case", "TestCase"),
    ("IPython.core.formatters", "PlainTextFormatter"), ("IPython.core.formatters", "DisplayFormatter"),
)  # fmt: skip
# What IPython itself rebinds while it runs.
RESTLESS = {("builtins", "_"), ("builtins", "__IPYTHON__"), ("builtins", "__tracebackhide__")}
MUTABLE_CLASS_STATE = {"_instance", "__doc__", "__abstractmethods__"}
PARTS = ("displayhook", "display_pub", "compile", "events", "input_transformer_manager", "display_formatter",
         "payload_manager", "kernel", "hooks", "InteractiveTB", "SyntaxTB", "magics_manager")  # fmt: skip
LARGEST_PRINT = 32 << 20
DEEPEST_PRINT = 6
_MISSING = object()


class LibrarySnapshot:
    """State of names and libraries before any learner's code ran."""

    def __init__(self, notebook: Any, watch: Watch) -> None:
        self.watch = watch
        self._notebook = notebook
        self._shell = notebook.shell
        self._modules = {name: sys.modules[name] for name in MODULES if name in sys.modules}
        owners = [*self._modules.items(), *((one.__name__, one) for one in self._classes())]
        self._spaces: list[tuple[str, Any, dict[str, Any], Mark]] = [
            (name, owner, dict(vars(owner)), Mark(vars(owner))) for name, owner in owners
        ]
        self._marks = [mark for *_, mark in self._spaces]
        self._all_modules, self._loaded = sys.modules, Mark(sys.modules)
        self._parts = {name: getattr(self._shell, name, None) for name in PARTS}
        self._instances = [(one, set(vars(one))) for one in self._machinery()]
        self._lists = [(name, owner, list(getattr(owner, name))) for owner, name in self._hook_lists()]
        self._handlers = {number: signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGINT)}
        self._given: dict[str, tuple[int, str | None]] = {}
        # In a guarded run: who answers rewritten cells, and the values themselves, as they were.
        self.guard: Any = None
        self._copies: dict[str, Any] | None = None
        # In a guarded run: what a learner's functions get instead, by name.
        self._private: dict[str, Any] = {}

    def _classes(self) -> list[type]:
        found = [getattr(sys.modules.get(module), name, None) for module, name in CLASSES]
        named = [base for one in found if isinstance(one, type) for base in one.__mro__ if _is_open(base)]
        machinery = [base for one in self._machinery() for base in type(one).__mro__ if base is not object]
        return list(dict.fromkeys([one for one in [*named, *machinery] if isinstance(one, type)]))

    def _machinery(self) -> list[Any]:
        shell, notebook = self._shell, self._notebook
        return [notebook, notebook.channel, notebook.out, notebook.err, shell, shell.displayhook, shell.display_pub,
                shell.compile, shell.events, shell.input_transformer_manager]  # fmt: skip

    def _hook_lists(self) -> list[tuple[Any, str]]:
        manager = self._shell.input_transformer_manager
        return [
            (manager, "cleanup_transforms"),
            (manager, "line_transforms"),
            (manager, "token_transformers"),
            (self._shell, "ast_transformers"),
            (sys, "meta_path"),
            (sys, "path_hooks"),
            (gc, "callbacks"),
        ]

    def restore(self) -> list[str]:
        """Put everything back; returns the names of what was not in its place."""
        found = self._spaces_back() + self._shell_back() + self._process_back()
        events: Any = self._parts["events"]
        for name, callbacks in events.callbacks.items():
            foreign = [one for one in callbacks if _is_foreign(one)]
            if foreign:
                found.append(f"event:{name}")
                callbacks[:] = [one for one in callbacks if not _is_foreign(one)]
        self._notebook.redirect()
        return sorted(set(found))

    def _spaces_back(self) -> list[str]:
        found = []
        # Only the marks are looked at first: each name or module that a loop takes up is a page that is copied.
        touched = [number for number, mark in enumerate(self._marks) if not mark.is_untouched()]
        for name, owner, kept, mark in map(self._spaces.__getitem__, touched):
            now = vars(owner)
            for key in _changed_names(name, owner, kept):
                found.append(f"{name}.{key}")
                setattr(owner, key, kept[key])
            if isinstance(owner, type):
                for key in [
                    key
                    for key in now
                    if key not in kept and key not in MUTABLE_CLASS_STATE and _hides(owner, key)
                ]:
                    found.append(f"{name}.{key}")
                    delattr(owner, key)
            mark.renew()
        if sys.modules is not self._all_modules or not self._loaded.is_untouched():
            for name, module in self._modules.items():
                if sys.modules.get(name) is not module:
                    found.append(f"sys.modules:{name}")
                    sys.modules[name] = module
            self._loaded.renew()
        return found

    def _shell_back(self) -> list[str]:
        found = []
        shell = self._shell
        for name, part in self._parts.items():
            if getattr(shell, name, None) is not part:
                found.append(f"shell.{name}")
                setattr(shell, name, part)
        for one, known in self._instances:
            for key in [key for key in vars(one) if key not in known and hasattr(type(one), key)]:
                if callable(vars(one)[key]):
                    found.append(f"{type(one).__name__}.{key}")
                    delattr(one, key)
        for name, owner, kept in self._lists:
            now = getattr(owner, name)
            if len(now) != len(kept) or any(one is not other for one, other in zip(now, kept, strict=True)):
                found.append(name)
                now[:] = kept
        plain = shell.display_formatter.formatters["text/plain"]
        for kind in (bool, int, float, str):
            if kind in plain.type_printers and plain.type_printers[kind].__module__ != "IPython.lib.pretty":
                if _is_foreign(plain.type_printers[kind]):
                    found.append(f"printer:{kind.__name__}")
                    plain.type_printers.pop(kind)
        return found

    def _process_back(self) -> list[str]:
        found = []
        if sys.gettrace() is not None or sys.getprofile() is not None:
            sys.settrace(None)
            sys.setprofile(None)
            found.append("trace")
        for number, handler in self._handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
                found.append("signal")
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            signal.setitimer(signal.ITIMER_REAL, 0)
            found.append("timer")
        if len(threading.enumerate()) > 1:
            found.append("thread")
        return found

    def end_script_loop(self) -> None:
        """End IPython's own thread behind `%%bash`, before a test; the next such cell starts another."""
        script = self._shell.magics_manager.registry.get("ScriptMagics")
        if getattr(script, "event_loop", None) is not None:
            script.stop_event_loop()

    def remember(self, names: list[str]) -> None:
        """Note what a cell of the teacher's just made."""
        space = self._shell.user_ns
        for name in names:
            if name in space:
                self._given[name] = (id(space[name]), data_fingerprint(space[name]))
                if self._copies is not None:
                    self._copies[name] = _copied(space[name], is_data=self._given[name][1] is not None)

    def keep_copies(self) -> None:
        """From here on, keep what the teacher's cells make, so that it can be put back for a test."""
        space = self._shell.user_ns
        self._copies = {
            name: _copied(space[name], is_data=print_ is not None)
            for name, (where, print_) in self._given.items()
            if id(space.get(name, _MISSING)) == where
        }

    def put_back(self, names: list[str], altered: list[str]) -> dict[str, Any]:
        """In a guarded run: give a cell what the teacher's cells made, and Python's own names, if they are `names`.

        Returns:
            What stood in their places, by name.
        """
        self._private = {}
        before: dict[str, Any] = {}
        if self._copies is None:
            return before
        space = self._shell.user_ns
        for one in altered:
            kind, _, name = one.partition(":")
            if name not in names:
                continue
            if kind in ("given", "mutated") and name in self._copies:
                before[name] = space.get(name)
                space[name] = _copied(self._copies[name], is_data=self._given[name][1] is not None)
                self._given[name] = (id(space[name]), self._given[name][1])
            elif kind == "builtin":
                before[name] = space.pop(name)
        return before

    def take_away(self, before: dict[str, Any], gives: list[str]) -> None:
        """Undo `put_back` after a teacher's cell, but for the names that the cell itself set."""
        self._shell.user_ns.update({name: one for name, one in before.items() if name not in gives})

    def private(self, name: str, value: Any) -> Any:
        """In a guarded run: for a learner's function, a copy of what the teacher's cells call `name`."""
        if self._copies is None or name not in self._given or self._given[name][0] != id(value):
            return value
        if self._given[name][1] is None:
            return value
        if name not in self._private:
            self._private[name] = _copied(value, is_data=True)
        return self._private[name]

    def differences(self) -> list[str]:
        """Return names of libraries and hooks that are not what they were; nothing is put back."""
        found = [
            f"{name}.{key}"
            for name, owner, kept, mark in self._spaces
            if not mark.is_untouched()
            for key in _changed_names(name, owner, kept)
        ]
        return found + [name for name, owner, kept in self._lists if list(getattr(owner, name)) != kept]

    def adopt(self) -> None:
        """Take libraries and hooks as they are now: a teacher's cell has set them."""
        for _, owner, kept, mark in self._spaces:
            if not mark.is_untouched():
                kept.clear()
                kept.update(vars(owner))
                mark.renew()
        self._lists = [(name, owner, list(getattr(owner, name))) for name, owner, _ in self._lists]
        self._handlers = {number: signal.getsignal(number) for number in self._handlers}

    def forget(self, names: list[str]) -> None:
        """These names are the learner's to set."""
        for name in names:
            self._given.pop(name, None)

    def changed(self, names: list[str]) -> list[str]:
        """Return those of `names` that no longer are or hold what the teacher's cells made, or that hide a
        builtin.
        """
        space = self._shell.user_ns
        found = []
        for name in names:
            if name in self._given:
                where, print_ = self._given[name]
                value = space.get(name, _MISSING)
                if id(value) != where:
                    found.append(f"given:{name}")
                elif print_ is not None and data_fingerprint(value) != print_:
                    found.append(f"mutated:{name}")
            elif name in space and hasattr(builtins, name) and not isinstance(space[name], ModuleType):
                if name not in ("get_ipython", "display", "exit", "quit", "open", "input"):
                    found.append(f"builtin:{name}")
        return found


def _copied(value: Any, *, is_data: bool) -> Any:
    """Return a copy of data; anything else is kept as the object it is."""
    if is_data:
        with contextlib.suppress(Exception):
            return copy.deepcopy(value)
    return value


def data_fingerprint(value: Any) -> str | None:
    """A digest of data: numbers, text, lists, arrays, tables. What is none of these counts as the object it is."""
    try:
        parts = _parts(value, 0)
        # What is a pickle already is none once more: each new page of memory costs as much as reading it.
        body = parts if type(parts) is bytes else pickle.dumps(parts)
    except Exception:
        return None
    return hashlib.blake2b(body, digest_size=8).hexdigest() if len(body) < LARGEST_PRINT else None


def _parts(value: Any, depth: int) -> Any:  # noqa: PLR0911 - one line for each kind of value
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if depth > DEEPEST_PRINT:
        return id(value)
    if kind in (str, bytes, int, float, bool, complex, type(None)):
        return value
    if kind in (list, tuple, dict):
        with contextlib.suppress(Exception):
            return pickle.dumps(value)
    if kind in (list, tuple):
        return [_parts(one, depth + 1) for one in value]
    if kind is dict:
        return [(_parts(key, depth + 1), _parts(one, depth + 1)) for key, one in value.items()]
    if module == "numpy" and hasattr(value, "tobytes"):
        return (
            # Read in C: to write a type's name, numpy goes through pages that are copied after a fork.
            value.dtype.str if value.dtype.names is None else str(value.dtype),
            _parts(value.tolist(), depth + 1) if value.dtype == object else value.tobytes(),
        )
    if module == "pandas" and hasattr(value, "to_dict"):
        return pickle.dumps([value.to_dict()])
    if module == "__main__" and kind is not type and depth < 2:
        return (
            id(value),
            [(key, _parts(one, depth + 1)) for key, one in getattr(value, "__dict__", {}).items()],
        )
    return id(value)


def _changed_names(name: str, owner: Any, kept: dict[str, Any]) -> list[str]:
    """Names of a module or class that have another value than they had: functions and classes only, for a module."""
    now = vars(owner)
    return [
        key
        for key, value in kept.items()
        if now.get(key, _MISSING) is not value
        and (name, key) not in RESTLESS
        and key not in MUTABLE_CLASS_STATE
        and (callable(value) or not isinstance(owner, ModuleType))
    ]


def _hides(owner: type, key: str) -> bool:
    """Return whether a name that is new in a class is special, or hides an inherited one."""
    special = key.startswith("__") and key.endswith("__")
    return special or any(key in vars(base) for base in owner.__mro__[1:])


def _is_open(kind: type) -> bool:
    """Return whether names can be set on a class: those written in C do not allow it."""
    return bool(kind.__flags__ & (1 << 9)) and kind is not object


def _is_foreign(function: Any) -> bool:
    """Return whether a function was written in the notebook."""
    inner = (
        inspect.unwrap(function)
        if isinstance(function, FunctionType)
        else getattr(function, "__func__", function)
    )
    module = getattr(inner, "__module__", None)
    return module in (None, "__main__")
