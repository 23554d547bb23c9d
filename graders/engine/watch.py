"""Inside the sandbox: tells the supervisor what a learner's code is about to do that plain code never does.

Python's audit hooks cannot be taken off again, and they are called before the thing happens: by the time code has
the power to tamper with this module, word of how it got there has left the process. What is told is a finding like
those of `plain`, which reads the source; this sees what a source hides.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

CELLS = "/tmp/ipykernel_"
LABS = f"{CELLS}lab/"
"""Cells of the teacher's are compiled under other names: ipykernel's are a short hash of the source, easily matched."""

# Told where a cell's own line, or one of the deputies below on its behalf, is what asks for it.
EVENTS = frozenset(
    """exec compile sys._getframe sys._current_frames sys._current_exceptions sys.settrace sys.setprofile
    sys.addaudithook sys.excepthook sys.unraisablehook gc.get_objects gc.get_referrers gc.get_referents code.__new__
    function.__new__ marshal.loads marshal.load pickle.find_class mmap.__new__ subprocess.Popen sqlite3.connect
    signal.pthread_kill _thread.start_new_thread object.__setattr__ object.__delattr__ socket.__new__ socket.connect
    os.system os.exec os.fork os.forkpty os.posix_spawn os.kill os.killpg os.putenv os.symlink os.link os.chmod
    os.mkdir os.remove os.rename os.truncate os.utime shutil.copyfile shutil.move shutil.rmtree""".split()
)
FAMILIES = ("ctypes.", "fcntl.", "resource.")
INNARDS = frozenset(
    """gi_frame gi_code cr_frame cr_code ag_frame ag_code tb_frame __globals__ __builtins__ __closure__ __code__
    f_locals f_globals f_back co_code""".split()
)
# Modules whose functions look up, set or evaluate a name that they are given.
DEPUTIES = frozenset(
    "string functools operator typing copy dataclasses enum abc pprint statistics random collections "
    "pandas.core.apply pandas.core.accessor pandas.core.computation.eval pandas.core.computation.expr "
    "pandas.core.computation.ops pandas.core.computation.scope pandas.core.frame pandas.core.generic".split()
)
PROGRAMS = (".py", ".pyc", ".pth", ".so")
DEEPEST = 12


class Watch:
    """Listens to audit events and to names set on libraries; `tell` is called with a finding, once for each."""

    def __init__(self) -> None:
        self._tell: Callable[[str], None] | None = None
        self._said: set[str] = set()
        self._released: frozenset[str] = frozenset()
        self._is_inside = False
        self._withheld: tuple[str, str] | None = None

    def install(self, prefixes: tuple[str, ...]) -> None:
        """Add the hook and watch modules whose names begin with one of `prefixes`. Cannot be undone."""
        sys.addaudithook(self._heard)
        watched = _watched(self._set)
        for name, module in list(sys.modules.items()):
            if type(module) is ModuleType and name.partition(".")[0] in prefixes:
                module.__class__ = watched

    def begin(self, tell: Callable[[str], None]) -> None:
        """From here on, a learner's code runs."""
        self._tell = tell

    @contextlib.contextmanager
    def ours(self) -> Iterator[None]:
        """What happens within is our own doing."""
        self._is_inside = True
        try:
            yield
        finally:
            self._is_inside = False

    def rest(self) -> None:
        """Until it begins again, nobody is told."""
        self._tell = None
        self._withheld = None

    def withhold(self, folder: str, name: str) -> None:
        """Tell also who looks for this file, which is not in `folder` yet, or at what is there."""
        self._withheld = folder, name

    def release(self, paths: Iterable[str]) -> None:
        """These files came with the lab; importing them is nobody's trick."""
        self._released = self._released | frozenset(paths)

    def _say(self, what: str) -> None:
        if what not in self._said and self._tell is not None:
            self._said.add(what)
            self._tell(what)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if self._tell is None or self._is_inside:
            return
        self._is_inside = True
        try:
            if self._withheld is not None and self._looks(event, args, *self._withheld):
                self._say("looks for what is not there yet")
            if event == "open":
                self._open(args)
            elif event == "exec":
                self._exec(args[0], sys._getframe(1))
            elif event == "object.__getattr__":
                if args[1] in INNARDS and self._is_learners(sys._getframe(1)):
                    self._say(f"reads {args[1]}")
            elif (event in EVENTS or event.startswith(FAMILIES)) and self._is_learners(sys._getframe(1)):
                self._say(f"calls {event}")
        finally:
            self._is_inside = False

    def _open(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if not isinstance(path, str | bytes):
            return
        name = os.fsdecode(path)
        if writes and name.endswith(PROGRAMS):
            self._say("writes a program")
        elif name.startswith(("/proc", "/sys", "/dev")) and (writes or self._is_learners(sys._getframe(2))):
            self._say("opens a system path")

    @staticmethod
    def _looks(event: str, args: tuple[Any, ...], folder: str, name: str) -> bool:
        if event not in ("open", "os.listdir", "os.scandir") or isinstance(args[0], int):
            return False
        if event == "open":
            return Path(os.fsdecode(args[0])).name == name
        # Whoever imports something looks at every folder first.
        asks = str(sys._getframe(2).f_globals.get("__name__"))
        return not asks.startswith("importlib.") and os.path.realpath(os.fsdecode(args[0] or ".")) == folder

    def _exec(self, code: Any, frame: FrameType) -> None:
        name = getattr(code, "co_filename", "")
        if name.startswith(CELLS):
            return
        if name.startswith("/tmp/") or not name.startswith(("/", "<")):
            if name not in self._released or _changed(name):
                self._say("runs a file that the lab did not bring")
        elif name.startswith("<") and self._is_learners(frame):
            self._say("evaluates text")

    def _set(self, module: str, name: str) -> None:
        """A name of a library is about to be set or deleted."""
        if self._tell is not None and self._is_learners(sys._getframe(2)):
            self._say(f"changes {module}.{name}"[:80])

    def _is_learners(self, frame: FrameType | None) -> bool:
        """Whether a cell's own line asks, or a deputy that a cell's line called."""
        for _ in range(DEEPEST):
            if frame is None:
                return False
            filename = frame.f_code.co_filename
            if filename.startswith(CELLS):
                return not filename.startswith(LABS)
            if frame.f_globals.get("__name__") not in DEPUTIES:
                return False
            frame = frame.f_back
        return False


def _changed(name: str) -> bool:
    try:
        return Path(name).stat().st_mtime != 0
    except OSError:
        return True


def _watched(told: Callable[[str, str], None]) -> type[ModuleType]:
    class Module(ModuleType):
        def __setattr__(self, name: str, value: Any) -> None:
            told(self.__name__, name)
            super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            told(self.__name__, name)
            super().__delattr__(name)

    Module.__name__ = Module.__qualname__ = "module"
    Module.__module__ = "builtins"
    return Module
