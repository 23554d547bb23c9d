"""Kind and origin of values in the sandbox, for the guard of a guarded run."""

from __future__ import annotations

import functools
import importlib.util
import re
import string
import sys
from collections.abc import Callable, Iterable
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from graders.contract import guard_policy as policy
from graders.sandbox.audit_hooks import CELLS, LABS

BINARY = frozenset(
    """__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__
    __imul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ __pow__ __rpow__ __matmul__
    __rmatmul__     __and__ __rand__ __or__ __ror__
    __xor__ __rxor__ __divmod__ __rdivmod__ __lshift__ __rshift__""".split()
)
DEEPEST = 60
TEXT_ATTRIBUTE = re.compile(r"\.\s*(\w+)")
MISSING = object()


def format_names_attributes(text: Any) -> bool:
    """Return whether a field of a format text asks for an attribute that a cell may not ask for."""
    for _, field, spec, _ in string.Formatter().parse(str(plain_text(text))):
        names = TEXT_ATTRIBUTE.findall(f"{field or ''} {spec or ''}")
        if any(policy.is_interesting(name) or name.startswith("_") for name in names):
            return True
    return False


def text_names_attributes(text: str) -> bool:
    """Return whether a text that a library evaluates asks for an attribute that a cell may not ask for."""
    return "__" in text or any(map(policy.is_interesting, TEXT_ATTRIBUTE.findall(text)))


def package_origin(top: str) -> str | None:
    """Return the origin of a package; None if it is not installed."""
    try:
        found = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    return None if found is None else found.origin or "namespace"


def is_metaclass(value: Any) -> bool:
    """Return whether a value makes classes."""
    return isinstance(value, type) and issubclass(value, type)


def known_modules() -> dict[str, Any]:
    """Return sys.modules without machinery; a copy, so that nothing put into it counts."""
    return {name: one for name, one in sys.modules.items() if not policy.is_refused_module(name)}


def home_module(value: Any) -> str:
    """Return the module that a value's class comes from."""
    module = getattr(type(value), "__module__", "")
    return module if isinstance(module, str) else ""


def is_output(value: Any) -> bool:
    """Return whether a value is what the notebook prints to."""
    return type(value).__module__ == "graders.sandbox.ipython_shell" and type(value).__name__ == "Stream"


def is_own_function(value: Any) -> bool:
    """Return whether a value is a function, or a method, of the learner's."""
    inner = getattr(value, "__func__", value)
    if not isinstance(inner, FunctionType):
        return False
    name = inner.__code__.co_filename
    return name.startswith(CELLS) and not name.startswith(LABS)


def is_own_method(value: Any) -> bool:
    """Return whether a value is a learner's method of a learner's object or class."""
    owner = getattr(value, "__self__", None)
    return (
        type(value) is MethodType
        and is_own_function(value)
        and is_learners(owner if isinstance(owner, type) else type(owner))
    )


def is_bound_here(kind: type, name: str, value: Any) -> bool:
    """Return whether a class got a method from the learner's cell, not from a library nor the guard."""
    if not callable(value):
        return False
    if isinstance(value, FunctionType):
        return is_own_function(value)
    return not any(vars(base).get(name) is value for base in (*kind.__mro__[1:], object))


def plain_text(name: Any) -> Any:
    """Return a name as Python's own text: one of a learner's class could be another each time it is asked."""
    return str.__str__(name) if isinstance(name, str) and type(name) is not str else name


def has_own_constant(module: ModuleType, name: str) -> bool:
    """Return whether a library's module has a value of its own under a name: a number such as `math.pi`, a text."""
    return vars(module).get(name) is not None


def name_of(value: Any) -> str:
    """Return the name of a value, or of its class."""
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else type(value).__name__


def is_learners(kind: type) -> bool:
    """Return whether a class was written in the notebook, or in a file next to it."""
    module = type.__getattribute__(kind, "__module__") if isinstance(kind, type) else ""
    return module == "__main__" or is_learners_module(
        sys.modules.get(module) if isinstance(module, str) else None
    )


def is_learners_module(module: ModuleType | None) -> bool:
    """Return whether a module lies next to the notebook."""
    place = getattr(module, "__file__", None)
    return isinstance(place, str) and (place.startswith("/tmp/work") or not place.startswith("/"))


PLAIN_SPECIAL = frozenset("__init__ __doc__ __slots__ __call__ __iter__ __next__ __len__ __getitem__".split())
"""Special names that a class made by `type()` may have."""


def plain_class(name: Any, bases: Any, space: Any) -> type | None:
    """Return `type(name, bases, space)` if a class statement with that body is free; None if it is not.

    All its classes above are learners' own, so that no value of Python's gets other methods, and no name in it
    answers a comparison.
    """
    if type(name) is not str or type(bases) is not tuple or type(space) is not dict:
        return None
    above = {one for base in bases if isinstance(base, type) for one in type.mro(base)}
    if any(type(base) is not type for base in bases) or not all(
        one is object or is_learners(one) for one in above
    ):
        return None
    if not all(type(key) is str and _may_be_in_class(key, value) for key, value in space.items()):
        return None
    return type(name, bases, {**space, "__module__": "__main__"})


def _may_be_in_class(name: str, value: Any) -> bool:
    """Return whether a name is free in a class, or one that the guard can answer in its place."""
    answers = name in BINARY or name in ("__repr__", "__str__", "__format__", "__contains__", "__bool__")
    ordinary = not name.startswith("__") and not policy.is_answering(name)
    return ordinary or name in PLAIN_SPECIAL or (answers and is_own_function(value))


def is_asked_by_test(frame: FrameType | None) -> bool:
    """Return whether the nearest cell that is being run, seen from `frame`, is a test or a teacher's."""
    for _ in range(DEEPEST):
        if frame is None:
            return True
        name = frame.f_code.co_filename
        if name.startswith(CELLS):
            return name.startswith(LABS)
        frame = frame.f_back
    return True


def method_above(kind: type, name: str, own: Any) -> Any:
    """Return the method `name` of the first class above the one whose method `own` is."""
    order: Iterable[type] = kind.__mro__
    seen = False
    for one in order:
        here = vars(one).get(name, MISSING)
        if seen and here is not MISSING and not is_learners(one):
            return here
        seen = seen or here is own or is_learners(one)
    return MISSING


def is_learners_callable(found: Any) -> bool:
    """Return whether calling a value runs a learner's code: function, method, class or object of one."""
    while isinstance(found, functools.partial):
        found = found.func
    return is_own_function(found) or is_learners(found if isinstance(found, type) else type(found))


def answer_of_above(
    above: Any, name: str, instance: Any, args: tuple[Any, ...], words: dict[str, Any]
) -> Any:
    """Return the answer of the method of the class above; Python's own answer if there is none."""
    if callable(above):
        return above(instance, *args, **words)
    if name in BINARY:
        return NotImplemented
    if name == "__bool__":
        return True
    if name in ("__getattr__", "__getattribute__"):
        raise AttributeError(args[0] if args else name)
    raise TypeError(f"{name} of this class is not asked while a mark is checked")


class NoMemory:
    """Guard of one name of `guard_policy.MEMORY` on a class: a read of what its objects hold there is
    reported and refused.

    As it can also be set, it comes before an object's own dictionary.
    """

    def __init__(self, name: str, refuse: Callable[[str], None]) -> None:
        self._name = name
        self._refuse = refuse

    def __get__(self, instance: Any, _owner: type) -> Any:
        """Refuse what the object holds.

        Raises:
            AttributeError: it holds nothing.
        """
        held = () if instance is None else getattr(instance, "__dict__", ())
        if self._name in held or (isinstance(instance, dict) and dict.__contains__(instance, self._name)):
            self._refuse(self._name)
        raise AttributeError(self._name)

    def __set__(self, _instance: Any, _value: Any) -> None:
        self._refuse(self._name)


def is_bag(value: Any) -> bool:
    """Return whether an object holds what it is given, under any name."""
    kind = type(value)
    return kind.__module__ == "types" or kind in bags_of_attributes()


def bags_of_attributes() -> list[type]:
    """Return the classes of libraries whose objects hold what they are given, under any name."""
    known = (("argparse", "Namespace"), ("optparse", "Values"), ("sklearn.utils._bunch", "Bunch"))
    found = (getattr(sys.modules.get(module), name, None) for module, name in known)
    return [one for one in found if isinstance(one, type)]
