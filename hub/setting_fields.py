"""Kinds of settings: what a field may hold, checked and told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from hub.memory_sizes import Size
from hub.message_catalogues import N_


class Kind:
    """Values that a field may hold, in words, for the sentence about a wrong one."""

    def __init__(self, advice: str) -> None:
        self.advice = advice


def size_between(least: str, most: str) -> Callable[[Size], Size]:
    """Return a check that a size is at least `least` and at most `most`."""

    def check(size: Size) -> Size:
        if not Size.parse(least) <= size <= Size.parse(most):
            raise ValueError(size)
        return size

    return check


Bytes = Annotated[Size, Kind(N_('Write a number and a unit, for example "1 GiB" or "768 MiB".'))]
Upload = Annotated[
    Size,
    AfterValidator(size_between("100 kB", "1 GB")),
    Kind(N_('Write a size from "100 kB" to "1 GB", for example "100 MB".')),
]
Output = Annotated[
    Size,
    AfterValidator(size_between("10 KiB", "16 MiB")),
    Kind(N_('Write a size from "10 KiB" to "16 MiB", for example "1 MiB".')),
]
Seconds = Annotated[
    int, Field(ge=1, le=3600), Kind(N_("Write a whole number of seconds from 1 to 3600, for example 60."))
]


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (LookupError, OSError) as error:
        raise ValueError(text) from error
    return text


Zone = Annotated[
    str, AfterValidator(_zone), Kind(N_('Write a time zone by its name, for example "Africa/Kigali".'))
]
