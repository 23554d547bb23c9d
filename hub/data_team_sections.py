"""Sections of `isomo.toml` for data teams: `[data_team]`, room for projects; `[packages]`, where packages come from."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from hub.memory_sizes import Size
from hub.message_catalogues import N_
from hub.optional_sections import Section
from hub.setting_fields import Bytes, Kind


def _mirror(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(text)
    if parts.username or parts.password or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text.rstrip("/")


Mirrors = Annotated[
    tuple[Annotated[str, AfterValidator(_mirror)], ...],
    Field(max_length=20),
    Kind(
        N_(
            'Write a list of addresses, the index of packages first, for example ["https://pypi.example.gov/simple"].'
        )
    ),
]


class DataTeam(Section):
    """Each of a project's two folders may take `folder_quota`: the team's, and the application's."""

    folder_quota: Bytes = Size.parse("5 GB")


class Packages(Section):
    """Mirrors of packages. The first is an index; its files may lie at any of these hosts."""

    mirrors: Mirrors = ()
