"""In a guarded run: no copy and no pickle gives an object, by its state, a name by which libraries take an address."""

from __future__ import annotations

import contextlib
import copy
import pickle
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from graders.sandbox.guard_values import plain_text


def forbid_in_states(names: Collection[str], refuse: Callable[[str], None]) -> None:
    """Have `copy` and `pickle` look through each state before an object takes it up; `refuse` raises.

    Unpickling in C tells nobody of states, so Python's own unpickler takes its place.
    """

    def plain(state: Any) -> Any:
        if isinstance(state, Mapping):
            made = {plain_text(name): one for name, one in state.items()}
            for name in made.keys() & set(names):
                refuse(name)
            return made
        return tuple(map(plain, state)) if type(state) is tuple and len(state) <= MOST_PARTS else state

    space: Any = vars(copy)
    rebuilt = space["_reconstruct"]

    def reconstruct(
        x: Any, deep: Any, func: Any, args: Any, state: Any = None, *rest: Any, **words: Any
    ) -> Any:
        return rebuilt(x, deep, func, args, None if state is None else plain(state), *rest, **words)

    space["_reconstruct"] = reconstruct
    unpickler: Any = vars(pickle)["_Unpickler"]
    built = unpickler.load_build

    def load_build(self: Any) -> None:
        self.stack[-1] = plain(self.stack[-1])
        built(self)

    unpickler.load_build = load_build
    unpickler.dispatch[vars(pickle)["BUILD"][0]] = load_build
    _take_places(
        {name: (vars(pickle)[name], vars(pickle)[f"_{name}"]) for name in ("load", "loads", "Unpickler")}
    )


MOST_PARTS = 8
"""So many parts has a state that is put together: a dictionary and what the object holds otherwise."""


def _take_places(pairs: dict[str, tuple[Any, Any]]) -> None:
    """Put one function in the place of another wherever a module, or the pickler of processes, has it."""
    owners = [one for one in list(sys.modules.values()) if one is not None]
    reduction = sys.modules.get("multiprocessing.reduction")
    if reduction is not None:
        owners.append(reduction.ForkingPickler)
    olds = {id(old): new for old, new in pairs.values()}
    for owner in owners:
        with contextlib.suppress(Exception):
            for name, value in list(vars(owner).items()):
                if id(value) in olds and getattr(owner, "__name__", "") != "_pickle":
                    setattr(owner, name, olds[id(value)])
