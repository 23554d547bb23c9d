"""`scipy.stats` loads when something of it is used: scikit-learn names it at import, and most labs never call it.

It takes 20 MB in each kernel. The module is the real one from the start, so whatever a learner writes finds it;
its own code runs at the first look into it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

NAME = "scipy.stats"
CALLED_LATER = ("gmean", "rankdata", "spearmanr")
"""Functions that scikit-learn imports by name; until the module has loaded, a call of one loads it."""
_lock = threading.RLock()


class LateModule(ModuleType):
    """A module whose code has not run yet."""

    def __getattribute__(self, name: str) -> Any:
        """Return an attribute of the module, after running its code if that is needed."""
        if name.startswith("__") and name not in {"__all__", "__dict__"}:
            return super().__getattribute__(name)
        if name in CALLED_LATER and not sys.modules.get(f"{NAME}._stats_py"):
            return _later(self, name)
        run_module(self)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; what is not the import system's is set after the module's code has run."""
        if not name.startswith("__"):
            run_module(self)
        ModuleType.__setattr__(self, name, value)  # It may be an ordinary module by now.


def run_module(module: ModuleType) -> None:
    """Run the module's code, once."""
    with _lock:
        if type(module) is not LateModule:
            return
        module.__class__ = ModuleType  # type: ignore[assignment]
        spec = module.__spec__
        try:
            if spec is not None and spec.loader is not None:
                spec.loader.exec_module(module)
        except BaseException:
            module.__class__ = LateModule  # An interrupted load is tried again.
            raise


def _later(module: ModuleType, name: str) -> Callable[..., Any]:
    return partial(_call, module, name)


def _call(module: ModuleType, name: str, /, *args: Any, **kwargs: Any) -> Any:
    run_module(module)
    return getattr(module, name)(*args, **kwargs)


class LateLoader(Loader):
    """Makes the module and leaves its code for later."""

    def __init__(self, real: Loader) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make the module as the real loader does."""
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module back to the real loader, which runs its code at the first look into it."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        module.__loader__ = self._real
        module.__class__ = LateModule


class LateFinder(MetaPathFinder):
    """Finds `scipy.stats` where it is; every other name is none of its business."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return the real place with a loader that waits."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == NAME else None
        if spec is not None and spec.loader is not None:
            spec.loader = LateLoader(spec.loader)
        return spec


def install_late_statistics() -> None:
    """Have `scipy.stats` load late in this process; nothing is imported by that."""
    if not any(isinstance(each, LateFinder) for each in sys.meta_path):
        sys.meta_path.insert(0, LateFinder())
