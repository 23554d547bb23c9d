"""The guard of a guarded run: inside the sandbox it answers rewritten cells, and refuses what leads to machinery.

A guarded run happens only after a notebook was graded and something in it was found that could have reached the
machinery. It shows what the notebook earns without that: every refusal is told to the trusted side, with its line.
"""

from __future__ import annotations

import builtins
import copyreg
import functools
import importlib.util
import inspect
import operator
import sys
import typing
import zoneinfo
from collections.abc import Callable
from types import CellType, CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

from graders.contract import guard_policy as policy
from graders.sandbox.audit_hooks import CELLS
from graders.sandbox.class_guard import ClassGuard
from graders.sandbox.guard_stand_ins import Names, PlainBuiltins, ShellFront, Slot, Stub, stand_in_for
from graders.sandbox.guard_values import (
    bags_of_attributes,
    format_names_attributes,
    has_own_constant,
    home_module,
    is_bag,
    is_learners,
    is_learners_module,
    is_metaclass,
    is_output,
    is_own_function,
    is_own_method,
    known_modules,
    name_of,
    package_origin,
    plain_class,
    plain_text,
    text_names_attributes,
)
from graders.sandbox.run_refusals import Refused

MACHINERY_TYPES = (FrameType, TracebackType, CodeType)
MACHINERY_HOMES = ("IPython.core", "ipykernel", "graders", "traitlets", "comm", "jupyter_client", "zmq")
ABOVE = frozenset(
    """__setattr__ __delattr__ __getattribute__ __getattr__ __enter__ __exit__ __aenter__ __aexit__ __del__ __dir__
    __copy__ __deepcopy__ __getstate__ __setstate__ __reduce__ __reduce_ex__ __imul__ __itruediv__ __ifloordiv__
    __imod__ __ipow__ __iand__ __ior__ __ixor__ __rtruediv__ __rfloordiv__ __rmod__ __rpow__ __rand__ __ror__ __rxor__
    __rmatmul__ __imatmul__ __lshift__ __rshift__ __rdivmod__ __complex__ __bytes__ __fspath__""".split()
)
"""Special methods that a learner's method may ask of the class above its own."""


class RunGuard(ClassGuard):
    """Answers the calls that rewriting put into a learner's cells. `tell` sends a refusal: what, cell and line."""

    def __init__(
        self, shell: Any, pristine: Any, tell: Callable[[str, str, int], None], order: dict[str, Any]
    ) -> None:
        super().__init__(tell, order)
        self._shell = shell
        self._pristine = pristine
        self.is_testing = False
        self.mocks: Any = None
        self._front = ShellFront(shell, self)
        self._stand_ins: list[tuple[Any, Any]] = []

    def install(self) -> None:
        """Put the guard where rewritten cells find it."""
        vars(builtins)[policy.GUARD] = self
        space = self._shell.user_ns
        makers = {
            operator.attrgetter: self._attrgetter,
            operator.methodcaller: self._methodcaller,
            getattr: self._getattr, hasattr: self._hasattr, setattr: self._setattr, delattr: self._delattr,
            vars: self._vars, builtins.__import__: self._import, type: self._type,
            importlib.import_module: self._import_module, inspect.getmembers: self._members,
            inspect.getmodule: self._module_of, sys.setrecursionlimit: self._deepen,
        }  # fmt: skip
        self._stand_ins = list(makers.items())
        getter = space.get("get_ipython")
        if getter is not None:
            self._stand_ins.append((getter, self._get_ipython))
        import IPython

        self._stand_ins.append((IPython.get_ipython, self._get_ipython))
        for module in ("argparse", "optparse"):
            importlib.import_module(module)
        # Kept by its name, and not by `getattr`, which no pickle may look up.
        copyreg.pickle(zoneinfo.ZoneInfo, lambda zone: (zoneinfo.ZoneInfo, (zone.key,)))
        # A protocol asks for what its class has: not for what the guard puts there.
        excluded = getattr(typing, "EXCLUDED_ATTRIBUTES", None)
        if isinstance(excluded, list):
            excluded += policy.MEMORY
        for kind in bags_of_attributes():
            self._forbid_memory(kind, "", 0)

        self._deepen("", 0, sys.getrecursionlimit())

    def _deepen(self, _cell: str, _line: int, limit: int) -> None:
        """Set a limit of recursion: a guarded method is two calls deep."""
        sys.setrecursionlimit(min(2 * limit + 100, 2**31 - 1))

    def stub(self, what: str, cell: str, line: int) -> Stub:
        """Return the replacement for a module that may not be imported.

        Raises:
            ModuleNotFoundError: it is not installed, as the notebook found before.
        """
        top = what.partition(" ")[2].partition(".")[0]
        if package_origin(top) is None and top not in sys.builtin_module_names:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
        return Stub(lambda: self.refuse(what, cell, line))

    def check_import(self, name: str, cell: str, line: int) -> None:
        """Refuse a package that is installed here and of which nobody has looked at what it can do."""
        origin = package_origin(name.partition(".")[0])
        if not policy.is_known_module(name) and origin and not origin.startswith("/tmp/work"):
            self.refuse(f"imports {name}", cell, line)

    def pick(self, value: Any, name: str, cell: str, line: int) -> Any:
        """Return `value`, which the cell calls `name`, or what takes the place of something powerful."""
        if f"uses {name}" in self._trusted:
            return value
        if self._is_powerful(value, name):
            return self.refuse(f"uses {name}", cell, line)
        return self._in_place_of(value, cell, line)

    def starred(self, module: str, cell: str, line: int) -> None:
        """Look through the names that `import *` just bound, and take from them what a single import would refuse."""
        found, space = sys.modules[module], self._shell.user_ns
        names = getattr(found, "__all__", None) or [one for one in vars(found) if not one.startswith("_")]
        for name in filter(space.__contains__, map(plain_text, names)):
            value = space[name]
            stand_in = stand_in_for(module, name)
            if f"uses {name}" in self._trusted:
                continue
            if stand_in is not None:
                space[name] = stand_in
            elif self._is_sealed(module, name, value):
                space[name] = Stub(functools.partial(self.refuse, f"imports {module}.{name}", cell, line))
            else:
                space[name] = self._in_place_of(value, cell, line)

    def _is_sealed(self, module: str, name: str, value: Any) -> bool:
        refused = isinstance(value, ModuleType) and policy.is_refused_module(value.__name__)
        return refused or policy.is_sealed(module, name) or self._is_powerful(value, name)

    def imported(self, value: Any, name: str, cell: str, line: int) -> Any:
        """Return what a cell imported from a module, unless it is a module that leads to machinery."""
        if isinstance(value, ModuleType) and policy.is_refused_module(value.__name__):
            return self.refuse(f"imports {value.__name__}", cell, line)
        return self.pick(value, name, cell, line)

    def stand_in(self, module: str, name: str, cell: str, line: int) -> Any:
        """Return what takes the place of a name of a refused module, or of such a module."""
        if module == "builtins" and not name:
            return PlainBuiltins(functools.partial(self.refuse, "imports builtins", cell, line))
        return stand_in_for(module, name)

    def _is_powerful(self, value: Any, name: str) -> bool:
        """Return whether a name means machinery that nothing can take the place of."""
        if value is builtins.globals or value is builtins.locals or value is builtins or value is breakpoint:
            return True
        if name in ("__loader__", "__spec__") or str(getattr(value, "__name__", "")) in policy.MAKERS:
            return True
        known = self._shell.user_ns
        is_input = name.startswith("_i") or value is known.get("In") or value is known.get("_ih")
        # While a test runs, it is the last of them.
        return is_input and self.is_testing

    def is_magic(self, name: str, *_: Any) -> bool:
        """Return whether IPython takes a line that begins with `name` for a magic."""
        if name in self._shell.user_ns or hasattr(builtins, name):
            return False
        return bool(self._shell.automagic and self._shell.find_magic(name))

    def names(self, kind: str, cell: str, line: int) -> Names:
        """Return what globals() and locals() of a cell give: the notebook's own names."""
        return Names(self._shell.user_ns, lambda key: self._check_name(key, kind, cell, line))

    def _check_name(self, key: Any, kind: str, cell: str, line: int) -> None:
        if (
            not isinstance(key, str)
            or key.startswith("_")
            or key in ("In", "get_ipython")
            or key in self.held
        ):
            self.refuse(f"uses {kind}", cell, line)

    def attr(self, value: Any, name: str, cell: str, line: int) -> Any:
        """Return `value.name`, unless it is or leads to machinery."""
        if self._is_harmless(value, name):
            return getattr(value, name)
        stand_in = (
            stand_in_for(getattr(value, "__name__", ""), name) if isinstance(value, ModuleType) else None
        )
        if stand_in is not None:
            return stand_in
        if value is object and name in ("__setattr__", "__delattr__"):
            return functools.partial(self._set_on_object, getattr(object, name), cell, line)
        if value is object and name == "__getattribute__":
            return functools.partial(self._read_on_object, cell, line)
        if name == "__dict__" and is_bag(value):
            return dict(vars(value))
        self._check(value, name, cell, line)
        found = getattr(value, name)
        self._check_found(value, name, found, cell, line)
        return self._in_place_of(found, cell, line)

    def _is_harmless(self, value: Any, name: str) -> bool:
        return (
            f"uses {name}" in self._trusted
            or (isinstance(value, CodeType) and name in policy.OF_CODE)
            or (is_output(value) and not name.startswith("_"))
            or (name in policy.OF_FUNCTIONS and is_own_function(value))
            # As in sys.exc_info(): its own attributes lead to frames, and are refused.
            or (name == "__traceback__" and isinstance(value, BaseException))
            or (name in ("__self__", "__func__") and is_own_method(value))
        )

    def _check_found(self, value: Any, name: str, found: Any, cell: str, line: int) -> None:
        """Refuse a value that is machinery, or a text whose format asks for attributes."""
        if isinstance(found, MACHINERY_TYPES):
            self.refuse(f"uses {name}", cell, line)
        if isinstance(found, ModuleType) and not self._may_lead(value, found):
            self.refuse(f"reaches the module {found.__name__}", cell, line)
        if name in ("format", "format_map") and isinstance(value, str):
            self._check_format(value, cell, line)

    def _in_place_of(self, found: Any, cell: str, line: int) -> Any:
        """Return the stand-in that a cell gets for something powerful."""
        if found is sys.modules:
            return known_modules()
        if is_metaclass(found):
            return functools.partial(self._type, cell, line)
        if found is str.format or found is str.format_map:
            return functools.partial(self._formatted, found, cell, line)
        if getattr(found, "__name__", "") in ("query", "eval") and callable(found):
            return functools.partial(self._evaluated, found, cell, line)
        for real, stand_in in self._stand_ins:
            if found is real:
                return functools.partial(stand_in, cell, line)
        return found

    def _may_lead(self, value: Any, found: ModuleType) -> bool:
        """Return whether a module may be reached from `value`: one in a module, and no machinery."""
        if not isinstance(value, ModuleType) or policy.is_refused_module(found.__name__):
            return False
        top = found.__name__.partition(".")[0]
        return top == value.__name__.partition(".")[0] or top in policy.STANDARD

    def _check(self, value: Any, name: str, cell: str, line: int) -> None:
        """Refuse the attribute `name` of `value` if it leads to machinery."""
        what = f"uses {name}"
        if name == "cell_contents" and type(value) is CellType:
            return
        if name in policy.FRAMES or isinstance(value, MACHINERY_TYPES):
            self.refuse(what, cell, line)
        if name.startswith("__") and name.endswith("__"):
            self._check_special(value, name, cell, line)
        elif isinstance(value, ModuleType):
            self._check_module(value, name, cell, line)
        elif (
            home_module(value).startswith(MACHINERY_HOMES)
            or (isinstance(value, FunctionType) and name == "__globals__")
            or name == "from_custom_template"
            or (name == "register" and isinstance(value, type) and not is_learners(value))
            or (name.startswith("_") and home_module(value).startswith("asyncio"))
        ):
            self.refuse(what, cell, line)

    def _check_special(self, value: Any, name: str, cell: str, line: int) -> None:
        if name in policy.READABLE:
            return
        own = value if isinstance(value, type) else type(value)
        above = type(value) is super and name in ABOVE and is_learners(type(getattr(value, "__self__", None)))
        if above or (name in policy.OWN_ONLY and is_learners(own)):
            return
        self.refuse(f"uses {name}", cell, line)

    def _check_module(self, module: ModuleType, name: str, cell: str, line: int) -> None:
        home = module.__name__
        private = name.startswith("_") and home != "__main__" and not is_learners_module(module)
        if policy.is_sealed(home, name) or policy.is_refused_module(home) or (private and home != "numpy"):
            self.refuse(f"uses {home}.{name}", cell, line)
        if home == "IPython" and name not in ("display", "get_ipython", "version_info"):
            self.refuse(f"uses {home}.{name}", cell, line)

    def _formatted(
        self, found: Callable[..., str], cell: str, line: int, text: Any, *args: Any, **words: Any
    ) -> str:
        self._check_format(text, cell, line)
        return found(text, *args, **words)

    def _check_format(self, text: Any, cell: str, line: int) -> None:
        """Refuse a format text whose fields ask for attributes that a cell may not ask for."""
        if format_names_attributes(text):
            self.refuse("formats text that names attributes", cell, line)

    def _evaluated(self, found: Callable[..., Any], cell: str, line: int, *args: Any, **words: Any) -> Any:
        args = tuple(map(plain_text, args))
        words = {name: plain_text(one) for name, one in words.items()}
        if any(text_names_attributes(one) for one in (*args, *words.values()) if isinstance(one, str)):
            return self.refuse("evaluates text that names attributes", cell, line)
        if str(getattr(found, "__module__", "")).startswith("pandas"):
            # It takes the names of the frame that calls it: the cell's, which is one further away.
            words["level"] = 1
        return found(*args, **words)

    def slot(self, value: Any, name: str, cell: str, line: int) -> Slot:
        """Return the place in which a cell sets or deletes `value.name`."""
        return Slot(self, value, name, cell, line)

    def may_set(self, value: Any, name: str) -> bool:
        """Return whether a cell may set `name` on `value`: not the guard's name, nor one that shows memory."""
        return name not in self.memory and name != policy.GUARD and self._may_set(value, name)

    def _may_set(self, value: Any, name: str) -> bool:
        """Return whether `value` may get an attribute: no library function or class, no machinery."""
        if isinstance(value, ModuleType):
            if value is sys:
                return name in ("stdout", "stderr", "stdin", "argv", "ps1", "path", "dont_write_bytecode")
            return is_learners_module(value) or not (
                has_own_constant(value, name) or policy.is_refused_module(value.__name__)
            )
        if isinstance(value, type):
            return is_learners(value)
        if isinstance(value, (ShellFront, RunGuard)) or self._is_machinery(value):
            return False
        if isinstance(value, FunctionType):
            learners = value.__code__.co_filename.startswith(CELLS) and not name.startswith("__")
            return learners or name in policy.NAMES_OF_FUNCTIONS
        # A special name set on an object is looked up on its class; proxies in libraries do it too.
        return not (name.startswith("__") and name.endswith("__")) or is_learners(type(value))

    def _read_on_object(self, cell: str, line: int, value: Any, name: str) -> Any:
        """Take the place of `object.__getattribute__`: to ask the object for its class would ask its own method."""
        name = plain_text(name)
        if not is_learners(type(value)) or name in self.memory or name in policy.FRAMES:
            return self._getattr(cell, line, value, name)
        found = object.__getattribute__(value, name)
        if isinstance(found, MACHINERY_TYPES) or (
            isinstance(found, ModuleType) and policy.is_refused_module(found.__name__)
        ):
            return self.refuse(f"uses {name}", cell, line)
        return self._in_place_of(found, cell, line)

    def _getattr(self, cell: str, line: int, value: Any, name: str, *default: Any) -> Any:
        name = plain_text(name)
        if isinstance(name, str) and policy.is_interesting(name):
            try:
                return self.attr(value, name, cell, line)
            except Refused:
                raise
            except AttributeError:
                if default:
                    return default[0]
                raise
        return getattr(value, name, *default)

    def _hasattr(self, _cell: str, _line: int, value: Any, name: str) -> bool:
        return hasattr(value, name)

    def _setattr(self, cell: str, line: int, value: Any, name: str, new: Any) -> None:
        name = plain_text(name)
        if not self.may_set(value, str(name)):
            self._tell(f"changes {name_of(value)}.{name}", cell, line)
            return
        if isinstance(value, type) and name == "__subclasshook__":
            self._tell(f"changes {name_of(value)}.{name}", cell, line)
            return
        if isinstance(value, type) and policy.is_answering(name) and not self._is_teachers(name):
            new = self.own(new, name, cell, line)
        setattr(value, name, new)

    def _set_on_object(
        self, method: Callable[..., None], cell: str, line: int, value: Any, name: str, *new: Any
    ) -> None:
        name = plain_text(name)
        if not self.may_set(value, str(name)):
            self._tell(f"changes {name_of(value)}.{name}", cell, line)
            return
        method(value, name, *new)

    def _delattr(self, cell: str, line: int, value: Any, name: str) -> None:
        name = plain_text(name)
        if not self.may_set(value, str(name)):
            self._tell(f"changes {name_of(value)}.{name}", cell, line)
            return
        delattr(value, name)

    def _vars(self, cell: str, line: int, *values: Any) -> Any:
        if not values or isinstance(values[0], ModuleType | FunctionType):
            return self.refuse("uses vars", cell, line)
        own = values[0] if isinstance(values[0], type) else type(values[0])
        if is_bag(values[0]) and not isinstance(values[0], type):
            # A copy: nothing may be put into an object by another way than its attributes.
            return dict(vars(*values))
        return vars(*values) if is_learners(own) else self.refuse("uses vars", cell, line)

    def _import(self, cell: str, line: int, name: str, *rest: Any, **words: Any) -> Any:
        name = plain_text(name)
        if policy.is_refused_module(str(name)):
            return self.refuse(f"imports {name}", cell, line)
        return __import__(name, *rest, **words)

    def type_of(self, value: Any, cell: str, line: int) -> Any:
        """Return `type(value)`; the type of a class could make other classes, and only looks like one here."""
        found = type(value)
        return functools.partial(self._type, cell, line) if is_metaclass(found) else found

    def given(self, value: Any, name: str, *_: Any) -> Any:
        """Return what the teacher's cells call `name`, for a learner's function: tests do not see the copy."""
        return self._pristine.private(name, value)

    def _import_module(self, cell: str, line: int, name: str, *rest: Any) -> Any:
        name = plain_text(name)
        self.check_import(str(name), cell, line)
        if policy.is_refused_module(str(name)):
            return self.refuse(f"imports {name}", cell, line)
        return importlib.import_module(name, *rest)

    def _type(self, cell: str, line: int, *args: Any, **words: Any) -> Any:
        if len(args) == 1 and not words:
            return type(args[0])
        made = plain_class(*args) if len(args) == 3 and not words else None
        if made is None:
            return self.refuse("makes a class by type()", cell, line)
        return self.finished(made, "", cell, line)

    def _attrgetter(self, cell: str, line: int, *names: str) -> Any:
        names = tuple(map(plain_text, names))
        if any(policy.is_interesting(part) for name in names for part in str(name).split(".")):
            return self.refuse("uses attrgetter", cell, line)
        return operator.attrgetter(*names)

    def _members(
        self, cell: str, line: int, value: Any, predicate: Callable[[Any], bool] = lambda _: True
    ) -> list[tuple[str, Any]]:
        """Return the members of `value` that a cell could read by their names, and that lead nowhere."""
        if self._is_machinery(value):
            return self.refuse("uses inspect.getmembers", cell, line)
        return [
            (name, one)
            for name, one in inspect.getmembers(value)
            if (name in policy.READABLE or not policy.is_interesting(name))
            and not (isinstance(one, ModuleType) or self._is_machinery(one) or self._is_powerful(one, name))
            and self._in_place_of(one, cell, line) is one
            and predicate(one)
        ]

    def _module_of(self, cell: str, line: int, value: Any, *rest: Any) -> Any:
        found = inspect.getmodule(value, *rest)
        if found is not None and policy.is_refused_module(found.__name__):
            return self.refuse("uses inspect.getmodule", cell, line)
        return found

    def _is_machinery(self, value: Any) -> bool:
        if isinstance(value, ModuleType):
            return policy.is_refused_module(value.__name__)
        return isinstance(value, MACHINERY_TYPES) or home_module(value).startswith(MACHINERY_HOMES)

    def _methodcaller(self, cell: str, line: int, name: str, *args: Any, **words: Any) -> Any:
        name = plain_text(name)
        if policy.is_interesting(str(name)):
            return self.refuse("uses methodcaller", cell, line)
        return operator.methodcaller(name, *args, **words)

    def _get_ipython(self, cell: str, line: int) -> Any:
        del cell, line
        return self._front
