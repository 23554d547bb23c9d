"""Sections of `isomo.toml` that an installation may do without: starting ahead, backups, and sign-in elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from hub.message_catalogues import N_
from hub.setting_fields import Kind
from hub.shared_names import MAILBOX

LOCAL = ("127.0.0.1", "localhost", "::1")


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
    if not secure or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(text)
    return text.rstrip("/")


def _repository(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError(text)
    return text


def _claim(text: str) -> str:
    if not re.fullmatch(r"[\w:./-]{1,200}", text):
        raise ValueError(text)
    return text


def _mail_address(text: str) -> str:
    if len(text) > 254 or not re.fullmatch(MAILBOX + r"@[\w-]+(\.[\w-]+)*", text, re.ASCII):
        raise ValueError(text)
    return text


def _named(text: str) -> str:
    if not 0 < len(text.strip()) <= 200 or not text.isprintable():
        raise ValueError(text)
    return text


Switch = Annotated[bool, Kind(N_("Write true or false, without quotation marks."))]
File = Annotated[Path, Kind(N_('Write a path in quotation marks, for example "/etc/isomo/secret".'))]
Issuer = Annotated[
    str,
    AfterValidator(_issuer),
    Kind(
        N_(
            'Write the address of the provider with https://, for example "https://login.example.gov/realms/all".'
        )
    ),
]
Repository = Annotated[
    str,
    AfterValidator(_repository),
    Kind(
        N_('Write a folder or a repository of restic, for example "/mnt/backup/isomo" or "sftp:host:/isomo".')
    ),
]
Claim = Annotated[
    str,
    AfterValidator(_claim),
    Kind(N_('Write the name of a claim, for example "preferred_username".')),
]
Text = Annotated[str, AfterValidator(_named), Kind(N_("Write some text in quotation marks."))]
Names = Annotated[
    tuple[Annotated[str, AfterValidator(_named)], ...],
    Kind(N_('Write a list of names of groups, for example ["ai-trainers"].')),
]
Hour = Annotated[int, Field(ge=0, le=23), Kind(N_("Write a whole hour from 0 to 23, for example 2."))]
Kept = Annotated[int, Field(ge=1, le=1000), Kind(N_("Write a whole number from 1 to 1000, for example 14."))]


Pause = Annotated[
    int, Field(ge=0, le=1440), Kind(N_("Write a whole number of minutes from 0 to 1440, for example 10."))
]


class Section(BaseModel):
    """A section of the file: frozen, strict, without unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _tuples(cls, values: Any) -> Any:
        """Turn lists of TOML into tuples, which can be frozen."""
        if not isinstance(values, dict):
            return values
        return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


Percent = Annotated[int, Field(ge=1, le=100), Kind(N_("Write a whole number from 1 to 100, for example 90."))]
GroupSize = Annotated[
    int, Field(ge=5, le=1000), Kind(N_("Write a whole number from 5 to 1000, for example 5."))
]


class Reports(Section):
    """What coordinators see. Counts of fewer people than `smallest_group` are never shown."""

    names: Switch = False
    target_percent: Percent = 90
    smallest_group: GroupSize = 5


Months = Annotated[
    int,
    Field(ge=0, le=1200),
    Kind(N_("Write a whole number of months from 0 (keep always) to 1200, for example 24.")),
]
SomeMonths = Annotated[
    int, Field(ge=1, le=1200), Kind(N_("Write a whole number of months from 1 to 1200, for example 12."))
]
SomeDays = Annotated[
    int, Field(ge=1, le=365), Kind(N_("Write a whole number of days from 1 to 365, for example 14."))
]
Host = Annotated[
    str, AfterValidator(_named), Kind(N_('Write the name of a mail server, for example "mail.example.gov".'))
]
MailPort = Annotated[int, Field(ge=1, le=65535), Kind(N_("Write a port number, for example 587."))]
Address = Annotated[
    str,
    AfterValidator(_mail_address),
    Kind(N_('Write one e-mail address, for example "isomo@example.gov".')),
]
Encryption = Annotated[
    Literal["starttls", "tls", "none"],
    Kind(N_('Write "starttls", "tls", or "none" for a server on this machine.')),
]


class Retention(Section):
    """How long things are kept: 0 months is always. The night's round and `isomo retention apply` hold to it."""

    closed_account_months: Months = 0
    archived_course_months: Months = 0
    refusal_months: SomeMonths = 12
    live_report_days: SomeDays = 14


class Mail(Section):
    """The office's mail server, and the sender of all mails."""

    host: Host
    sender: Address
    port: MailPort = 587
    encryption: Encryption = "starttls"
    username: Text | None = None
    password_file: File | None = None
    reply_to: Address | None = None


class Start(Section):
    """Servers that start before they are needed, and kernels that rest. 0 minutes switch a thing off."""

    class_minutes: Pause = 10
    home_page: Switch = True
    idle_kernel_minutes: Pause = 20


Spawner = Annotated[
    Literal["docker", "swarm"],
    Kind(N_('Write "docker" for this machine alone, or "swarm" for all machines of a Docker Swarm.')),
]


class Swarm(Section):
    """Servers on several machines, if `spawner` is "swarm". `encrypted` needs ESP in every machine's kernel."""

    encrypted: Switch = True


class Backup(Section):
    """Target, time and number of encrypted backups. `hour` is local time."""

    repository: Repository | None = None
    password_file: File | None = None
    hour: Hour = 2
    keep_daily: Kept = 14
    keep_weekly: Kept = 8
    keep_monthly: Kept = 12


class OpenId(Section):
    """The office's OpenID Connect provider, next to local accounts, and what its claims mean here."""

    issuer: Issuer
    client_id: Text
    secret_file: File
    label: Text = "OpenID Connect"
    username_claim: Claim = "preferred_username"
    name_claim: Claim = "name"
    groups_claim: Claim = "groups"
    institution_claim: Claim = "institution"
    new_accounts: Switch = True
    end_session: Switch = True
    trainer_groups: Names = ()
    data_team_groups: Names = ()
    coordinator_groups: Names = ()
    administrator_groups: Names = ()


class Lti(Section):
    """A learning platform whose courses open labs here (LTI 1.3), and what its claims mean here.

    `username_claim` may name a custom parameter of the platform: `custom_login` is the parameter `login`.
    """

    issuer: Issuer
    client_id: Text
    login_address: Issuer
    keys_address: Issuer
    token_address: Issuer | None = None
    username_claim: Claim = "email"
    name_claim: Claim = "name"
    new_accounts: Switch = True
    enrol: Switch = True
