"""Takes small libraries into large pages: each is five mappings of 4 KiB pages otherwise, and a template has 300.

A fork copies every mapping and an exit takes it down again, and of a file's pages a child has to ask for each sixteen
that it uses. Copied into memory without a file, libraries that lie side by side are one mapping, in pages of 2 MiB
that children have from the start; so do server programs that put their own code into large pages.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from graders.sandbox import kernel_calls

LARGEST = 4 << 20
"""Bytes of a library that are taken in: of larger ones most is never used."""

RUNNING = ("/ld-", "/libc.", "/libpython", "/libffi", "/_ctypes")
"""What runs while a library is copied, and so cannot be."""

PAGE = 4096
PT_LOAD = 1


class Span(NamedTuple):
    """Addresses from `start` up to `end`, in whole pages."""

    start: int
    end: int

    def meets(self, other: Span) -> bool:
        """Return whether they have an address in common."""
        return self.start < other.end and other.start < self.end


class _Segment(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32),
        ("access", ctypes.c_uint32),
        ("offset", ctypes.c_uint64),
        ("address", ctypes.c_uint64),
        ("physical", ctypes.c_uint64),
        ("in_file", ctypes.c_uint64),
        ("in_memory", ctypes.c_uint64),
        ("align", ctypes.c_uint64),
    ]


class _Loaded(ctypes.Structure):
    """The first fields of `struct dl_phdr_info` (dl_iterate_phdr(3)), on machines of 64 bits."""

    _fields_ = [
        ("base", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("segments", ctypes.POINTER(_Segment)),
        ("count", ctypes.c_uint16),
    ]


def loaded_libraries() -> dict[str, Span]:
    """Return the place of each library that this process has loaded from a file, with its variables."""
    found: dict[str, Span] = {}

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Loaded), ctypes.c_size_t, ctypes.c_void_p)
    def take(pointer: ctypes._Pointer[_Loaded], _size: int, _data: int) -> int:
        one = pointer.contents
        parts = [part for part in one.segments[: one.count] if part.kind == PT_LOAD]
        name = os.fsdecode(one.name or b"")
        if name.startswith("/") and parts:
            start = one.base + min(part.address for part in parts)
            end = one.base + max(part.address + part.in_memory for part in parts)
            found[name] = Span(start // PAGE * PAGE, -(-end // PAGE) * PAGE)
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(take, None)
    return found


def take_in(readable: Sequence[Span]) -> None:
    """Copy libraries that fill large pages; `readable` is all that this process may read, in order.

    Nothing is done if another thread could be running in one of them, or if code that was written has to be
    announced to the processor (all but x86-64). If a kernel allows no writable code, all stays as it is.
    """
    if os.uname().machine != "x86_64" or len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - as in `pages`
        return
    for run in side_by_side(_small(readable)):
        large = Span(
            -(-run[0].start // kernel_calls.HUGE) * kernel_calls.HUGE,
            run[-1].end // kernel_calls.HUGE * kernel_calls.HUGE,
        )
        for one in run:
            if large.start < large.end and large.meets(one):
                kernel_calls.replace_mapping(one.start, one.end - one.start)


def _small(readable: Sequence[Span]) -> list[Span]:
    return sorted(
        one
        for name, one in loaded_libraries().items()
        if one.end - one.start <= LARGEST
        and not any(running in name for running in RUNNING)
        and _is_whole(one, readable)
    )


def _is_whole(one: Span, readable: Sequence[Span]) -> bool:
    """Return whether all of it may be read: some libraries have holes."""
    parts = [part for part in readable if part.meets(one)]
    return sum(min(part.end, one.end) - max(part.start, one.start) for part in parts) == one.end - one.start


def side_by_side(spans: Iterable[Span]) -> list[list[Span]]:
    """Return groups of spans with nothing between them; `spans` are in order."""
    runs: list[list[Span]] = []
    for one in spans:
        if runs and runs[-1][-1].end == one.start:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs
