"""Keeps a template's memory in few and large pages: fork(2) and exit(2) go through every page that it holds.

Python takes its memory in arenas of 1 MiB, and libraries are mapped between them while they are imported. A large page
is 2 MiB, so arenas that lie apart cannot be put into any. Of a template's 160 MB, 94 are in large pages when arenas
come as they come, and 150 when they lie side by side.
"""

from __future__ import annotations

import sys

from graders.engine import kernel

ARENA_BITS = 20
SMALL = 400
"""Bytes of an object that Python still keeps in an arena, not on the heap."""

MOST_ARENAS = 128
_held: list[bytes] = []


def reserve(arenas: int = MOST_ARENAS) -> None:
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


def gather() -> None:
    """Give back what nobody uses, and put this process's memory into large pages (Linux 6.1)."""
    _held.clear()
    fonts = getattr(sys.modules.get("matplotlib.font_manager"), "_get_font", None)
    clear = getattr(fonts, "cache_clear", None)
    if clear is not None:
        # Every child lets go of its open fonts after the fork; so there should be none.
        clear()
    with open("/proc/self/maps") as file:  # noqa: PTH123 - in the sandbox nothing more is imported than is needed
        rows = [line.split() for line in file]
    for place, access, _offset, _device, file_number, *_ in rows:
        if access == "rw-p" and file_number == "0":
            start, end = (int(one, 16) for one in place.split("-"))
            # Refused for a page that is partly empty or in use: it stays as it is.
            for page in range(-(-start // kernel.HUGE) * kernel.HUGE, end - kernel.HUGE + 1, kernel.HUGE):
                kernel.collapse(page)
