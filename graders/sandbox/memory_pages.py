"""Keeps a template's memory in few mappings and large pages: fork(2) and exit(2) go through every page that it holds.

Python takes its memory in arenas of 1 MiB, and libraries are mapped between them while they are imported. A large page
is 2 MiB, so arenas that lie apart cannot be put into any. Of a template's 160 MB, 94 are in large pages when arenas
come as they come, and 150 when they lie side by side.
"""

from __future__ import annotations

import itertools
import sys
from typing import NamedTuple

from graders.sandbox import kernel_calls
from graders.sandbox.library_mappings import Span, take_in

ARENA_BITS = 20
SMALL = 400
"""Bytes of an object that Python still keeps in an arena, not on the heap."""

MOST_ARENAS = 128
_held: list[bytes] = []


def reserve_arenas(arenas: int = MOST_ARENAS) -> None:
    """Have Python take arenas side by side before anything is imported; they are kept by one small object each."""
    # Made first, so that what is on the heap grows no more while arenas are taken.
    filling: list[bytes | None] = [None] * ((arenas << ARENA_BITS) // SMALL)
    seen = set()
    for place in range(len(filling)):
        one = bytes(SMALL)
        if id(one) >> ARENA_BITS in seen:
            filling[place] = one
            continue
        seen.add(id(one) >> ARENA_BITS)
        _held.append(one)
        if len(seen) == arenas:
            return


def collapse_pages() -> None:
    """Give back what nobody uses, and put this process's memory into large pages (Linux 6.1)."""
    _held.clear()
    fonts = getattr(sys.modules.get("matplotlib.font_manager"), "_get_font", None)
    clear = getattr(fonts, "cache_clear", None)
    if clear is not None:
        # Every child lets go of its open fonts after the fork; so there should be none.
        clear()
    take_in([Span(one.start, one.end) for one in _maps() if "r" in one.access])
    maps = _maps()
    _join(maps)
    for one in maps:
        if one.access in ("rw-p", "rwxp") and one.file == "0":
            # Refused for a page that is partly empty or in use: it stays as it is.
            for page in range(
                -(-one.start // kernel_calls.HUGE) * kernel_calls.HUGE,
                one.end - kernel_calls.HUGE + 1,
                kernel_calls.HUGE,
            ):
                kernel_calls.collapse_page(page)


def _join(maps: list[Map]) -> None:
    """Make one mapping of two if a library has its tables, which its loader made read-only, before its variables.

    These are the libraries that stayed where they were, each of whose mappings a fork copies and an exit takes down.
    What runs here may call any address as it is; read-only tables would keep it from nothing.
    """
    for one, following in itertools.pairwise(maps):
        are_one_file = one.file == following.file != "0" and one.end == following.start
        if are_one_file and (one.access, following.access) == ("r--p", "rw-p"):
            kernel_calls.make_writable(one.start, one.end - one.start)


class Map(NamedTuple):
    """One mapping of this process; `file` is its number, "0" without one."""

    start: int
    end: int
    access: str
    file: str


def _maps() -> list[Map]:
    with open("/proc/self/maps") as file:  # noqa: PTH123 - in the sandbox nothing more is imported than is needed
        rows = [line.split() for line in file]
    places = [[int(place, 16) for place in row[0].split("-")] for row in rows]
    return [Map(start, end, row[1], row[4]) for (start, end), row in zip(places, rows, strict=True)]
