"""Section `[engine]` of `isomo.toml`: the way from the hub to the container engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from hub.message_catalogues import N_
from hub.optional_sections import Section, Switch
from hub.setting_fields import Kind


def _image_name(text: str) -> str:
    if not 0 < len(text) <= 200 or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def _folder(text: str) -> str:
    path = Path(text)
    if (
        str(path) != text
        or not path.is_absolute()
        or {"..", ":"} & {*path.parts, *text}
        or len(path.parts) < 3
    ):
        raise ValueError(text)
    return text


Folders = Annotated[
    tuple[Annotated[str, AfterValidator(_folder)], ...],
    Kind(N_('Write a list of whole paths, at least two folders deep, for example ["/srv/data"].')),
]
Images = Annotated[
    tuple[Annotated[str, AfterValidator(_image_name)], ...],
    Kind(N_('Write a list of names of images with their tags, for example ["office-lab:1"].')),
]


class Engine(Section):
    """The filter between hub and container engine, and what the office's own configuration adds to it.

    `images` are further images that learners' servers may start from, besides those that `jupyterhub_config.d` next to
    the settings names; `folders` are further folders of the host that may be mounted, each at the same path.
    `confine_hub` has the hub see the machine read-only.
    """

    filter: Switch = True
    confine_hub: Switch = True
    images: Images = ()
    folders: Folders = ()
