"""Amounts of memory and disk, as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Self

from pydantic_core import core_schema

_UNITS = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_WRITTEN = re.compile(r"\s*(\d{1,18}(?:\.\d{1,6})?)\s*([a-z]{1,3})\s*", re.IGNORECASE)
_NAMES = [
    *[("TiB", 2**40), ("TB", 10**12), ("GiB", 2**30), ("GB", 10**9)],
    *[("MiB", 2**20), ("MB", 10**6), ("KiB", 2**10), ("kB", 10**3)],
]
"""The largest first: 20 GB are a whole number of KiB too, which nobody would read."""


class Size(int):
    """A number of bytes that reads and writes itself with a unit: `Size.parse("1.5 GiB")`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number with its unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB; any case).

        Raises ValueError for anything else; a bare number is refused, because "512" says nothing.
        """
        match = _WRITTEN.fullmatch(text)
        unit = _UNITS.get(match[2].lower()) if match else None
        if match is None or unit is None:
            raise ValueError(text)
        size = cls(Decimal(match[1]) * unit)
        if size <= 0:
            raise ValueError(text)
        return size

    def __str__(self) -> str:
        for name, unit in _NAMES:
            if self % unit == 0 and self >= unit:
                return f"{self // unit} {name}"
        return f"{int(self)} B"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        """Accept a `Size`, or text that `parse` reads; never a bare number."""

        def read(value: object) -> Size:
            if isinstance(value, Size):
                return value
            if not isinstance(value, str):
                raise ValueError(value)
            return cls.parse(value)

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.to_string_ser_schema()
        )
