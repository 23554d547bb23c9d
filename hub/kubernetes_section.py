"""The section `[kubernetes]`: the little that a cluster must be told and one machine has no word for."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from hub.message_catalogues import N_
from hub.optional_sections import Section
from hub.setting_fields import Kind


def _registry(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9][a-z0-9._-]*)*", text):
        raise ValueError(text)
    return text


def _class_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", text):
        raise ValueError(text)
    return text


Registry = Annotated[
    str,
    AfterValidator(_registry),
    Kind(N_('Write the place of your images, for example "images.example.gov/isomo".')),
]
ClassName = Annotated[
    str,
    AfterValidator(_class_name),
    Kind(N_('Write the name of a class that the cluster has, for example "fast-disks".')),
]
Servers = Annotated[
    int,
    Field(ge=1, le=100_000),
    Kind(N_("Write a whole number of servers from 1 to 100000, for example 300.")),
]
Graders = Annotated[
    int, Field(ge=1, le=1000), Kind(N_("Write a whole number of graders from 1 to 1000, for example 3."))
]


class Kubernetes(Section):
    """For `./isomo kubernetes render` only. Without a class, the cluster's default one is taken."""

    registry: Registry | None = None
    most_servers: Servers = 100
    graders: Graders = 1
    home_storage: ClassName | None = None
    shared_storage: ClassName | None = None
    ingress: ClassName | None = None
