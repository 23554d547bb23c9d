"""The template process: imports the lab image's libraries, then forks a child per submission. It never held a secret.

Started by the supervisor as `python template_process.py DESCRIPTOR`, with an empty environment. Its first message in
is its settings; after that each message asks for one child and carries that child's only line to the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
import warnings
from typing import Any

from graders.contract.sandbox_settings import QUIET
from graders.sandbox.fork_server import Server

WARM = """
import warnings
warnings.warn("warm")
def f(x):
    return x.missing
f(1)
"""
LAB = """
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier
words = np.array("water road permit letter stamp office queue".split())
texts = [" ".join(words[[i % 7, (3 * i) % 7, (5 * i) % 7]]) for i in range(42)]
kinds = np.array([("road" in text) + 2 * ("permit" in text) for text in texts])
table = pd.DataFrame({"days": [1, 11, 20], "kind": ["a", "b", "a"], "late": [True, False, True]})
for _ in range(12):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=200)).fit(texts, kinds)
    model.predict(texts), model.predict_proba(texts[:2])
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(table[["days"]], table.late)
    train_test_split(texts, kinds, test_size=0.25, random_state=0)
    accuracy_score(kinds, kinds), confusion_matrix(kinds, kinds)
    table[table.days > 10], table.iloc[:1], table.loc[table.late, "days"].mean(), table.kind.value_counts()
    table.groupby("kind").days.sum(), table.sort_values("days"), table.assign(more=table.days * 2)
    table.describe(), repr(table), table._repr_html_()
"""
PLOT = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2], label="warm")
ax.legend()
plt.show()
"""
INLINE = "%matplotlib inline"
BRIEF = ("print(1)\n[1]", INLINE)
WARMING = (WARM, *BRIEF, PLOT, LAB)


def main() -> None:
    """Make the jail, import, report, serve."""
    from graders.sandbox.memory_pages import reserve_arenas

    reserve_arenas()
    _forget_signals()
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(1 << 20))
    try:
        from graders.sandbox import sandbox_jail, seccomp_filter

        programs = seccomp_filter.compile_filters()
        sandbox_jail.pivot_root([tuple(pair) for pair in settings["binds"]], settings["user"])
    except (OSError, ImportError, RuntimeError) as error:
        control.send(json.dumps({"refused": f"{type(error).__name__}: {error}"}).encode())
        return
    # What a notebook imports from its own folder leaves nothing there; a file it writes is then always its own doing.
    sys.dont_write_bytecode = True
    os.environ.update(QUIET | {"PATH": settings["path"]} | settings["environment"])
    _move()
    sys.path[:] = settings["sys_path"] + [entry for entry in sys.path if entry not in settings["sys_path"]]
    notebook, pristine, missing = prepare_shell(settings["preload"], full=settings["warm"])
    from graders.sandbox.first_order import obey_first_order

    control.send(json.dumps({"ready": os.getpid(), "missing": missing}).encode())
    paid = time.process_time()
    Server(control, sandbox_jail.ChildForker(), notebook, pristine, programs, obey_first_order, paid).serve()


def _forget_signals() -> None:
    """Undo what this process inherited: a script that runs in the background has it ignore interrupts, for one."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _move() -> None:
    """Find our own folders where the sandbox shows them."""
    from graders.contract.sandbox_settings import path_inside

    sys.path[:] = [path_inside(entry) for entry in sys.path]
    for name in ("prefix", "exec_prefix", "executable"):
        setattr(sys, name, path_inside(getattr(sys, name)))
    for module in list(sys.modules.values()):
        places = getattr(module, "__path__", None)
        if isinstance(places, list):
            places[:] = [path_inside(place) for place in places]
    sys.path_importer_cache.clear()


def prepare_shell(preload: list[str], *, full: bool = True) -> tuple[Any, Any, list[str]]:
    """Import what labs use and warm what every cell needs; returns the shell and what could not be imported."""
    from graders.contract.plain_imports import PLAIN_IMPORTS
    from graders.sandbox.audit_hooks import Watch
    from graders.sandbox.faster_tracebacks import patch_slow_spots
    from graders.sandbox.ipython_shell import NotebookShell
    from graders.sandbox.library_guard import LibrarySnapshot
    from graders.sandbox.memory_pages import collapse_pages

    missing = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in preload:
            try:
                importlib.import_module(name)
            except Exception:
                missing.append(name)
    notebook = NotebookShell()
    patch_slow_spots(notebook.shell)
    warm_cells(notebook, WARMING if full else BRIEF)
    watch = Watch()
    watch.install((*sorted(PLAIN_IMPORTS), "builtins"))
    pristine = LibrarySnapshot(notebook, watch)
    gc.collect()
    gc.freeze()
    gc.disable()
    if full:
        collapse_pages()
    return notebook, pristine, missing


def warm_cells(notebook: Any, cells: tuple[str, ...]) -> None:
    """Run cells that print, fail, warn and do what labs do, so that children find their paths paged in.

    Leaves no trace: what was warned of here is warned of again.
    """
    kept = (sys.stdout, sys.stderr)
    notebook.redirect()
    try:
        with warnings.catch_warnings():
            _warm_cells(notebook, cells)
    finally:
        sys.stdout, sys.stderr = kept
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        with contextlib.suppress(AttributeError):
            delattr(sys, name)


def _warm_cells(notebook: Any, cells: tuple[str, ...]) -> None:
    shell = notebook.shell
    for source in cells:
        if source == INLINE and "matplotlib" not in sys.modules:
            continue
        asyncio.run(notebook.run(source))
    notebook.out.flush()
    notebook.err.flush()
    shell.reset(new_session=True, aggressive=False)
    shell.history_manager.reset()
    shell.execution_count = 1
    for name in ("_", "__", "___", "_i", "_ii", "_iii"):
        shell.user_ns[name] = ""


if __name__ == "__main__":
    main()
