"""The one settings file, `isomo.toml`: read once, checked, frozen. With no file, the defaults run."""

from __future__ import annotations

import difflib
import ipaddress
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.container_engine_section import Engine
from hub.data_team_sections import DataTeam, Packages
from hub.kubernetes_section import Kubernetes
from hub.memory_sizes import Size
from hub.message_catalogues import N_
from hub.message_catalogues import terminal_sentence as _
from hub.optional_sections import Backup, Lti, Mail, OpenId, Reports, Retention, Spawner, Start, Swarm, Switch
from hub.setting_fields import Bytes, Kind, Output, Seconds, Upload, Zone
from hub.verb_errors import IsomoError

CHECKOUT = Path(__file__).resolve().parents[1]
PATHS_IN = {
    "tls": ("key", "certificate"),
    "backup": ("password_file",),
    "oidc": ("secret_file",),
    "mail": ("password_file",),
}
"""Sections that name files; a relative path is taken from the folder of the settings file."""


class SettingsError(IsomoError):
    """Errors in `isomo.toml`: one sentence per mistake, each with what would be right."""


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ValueError(text)
    if parts.query or parts.fragment or parts.username or parts.password or parts.port == 0:
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc}"


def _database(text: str) -> str:
    if text != "sqlite" and not re.fullmatch(
        r"postgres(ql)?(\+psycopg)?://[^/]*/[A-Za-z_][\w-]*(\?.*)?", text
    ):
        raise ValueError(text)
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", text):
        raise ValueError(text)
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", text):
        raise ValueError(text)
    return text


def _bridge(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", text):
        raise ValueError(text)
    return text


def _subnet(text: str) -> str:
    network = ipaddress.IPv4Network(text)
    if not network.is_private or network.prefixlen > 28:
        raise ValueError(text)
    return str(network)


Cpus = Annotated[
    float, Field(gt=0, le=1024), Kind(N_("Write a number of processor cores, for example 1.0 or 0.5."))
]
Count = Annotated[
    int, Field(ge=16, le=32768), Kind(N_("Write a whole number from 16 to 32768, for example 256."))
]
Days = Annotated[
    int, Field(ge=0, le=366), Kind(N_("Write a whole number of days from 0 to 366, for example 14."))
]
Minutes = Annotated[int, Field(ge=1, le=10080), Kind(N_("Write a whole number of minutes, for example 60."))]
Port = Annotated[
    int, Field(ge=1024, le=65535), Kind(N_("Write a port number from 1024 to 65535, for example 8081."))
]
File = Annotated[Path, Kind(N_('Write a path in quotation marks, for example "/etc/isomo/file.pem".'))]
Origin = Annotated[
    str,
    AfterValidator(_origin),
    Kind(N_('Write http:// or https://, a name and a port, for example "https://labs.example.gov:8000".')),
]
Database = Annotated[
    str,
    AfterValidator(_database),
    Kind(N_('Write "sqlite", or an address such as "postgresql://isomo@db/isomo".')),
]
Languages = Annotated[
    tuple[Annotated[str, AfterValidator(_language)], ...],
    Field(min_length=1),
    Kind(N_('Write a list of language codes, for example ["en", "fr", "rw"].')),
]
Project = Annotated[
    str,
    AfterValidator(_name),
    Kind(
        N_('Write up to 20 small letters, digits and hyphens, beginning with a letter, for example "isomo".')
    ),
]
Bridge = Annotated[
    str,
    AfterValidator(_bridge),
    Kind(
        N_('Write up to 15 small letters, digits and hyphens, beginning with a letter, for example "isomo0".')
    ),
]
Subnet = Annotated[
    str, AfterValidator(_subnet), Kind(N_('Write a private network, for example "10.213.0.0/16".'))
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ports(_Part):
    """Ports that the host's own processes listen on; the two addresses hold the public ones."""

    hub: Port = 8081
    campus: Port = 8082
    proxy_api: Port = 8083
    learner_proxy_api: Port = 8084


class Limits(_Part):
    """Limits of one container. `memory` is the hard limit; half of it is kept for the container."""

    memory: Bytes = Size.parse("1 GiB")
    cpu: Cpus = 1.0
    home_quota: Bytes = Size.parse("2 GiB")
    processes: Count = 256


class TrainerLimits(Limits):
    """A trainer's container also runs nbgrader's tools."""

    memory: Bytes = Size.parse("2 GiB")


class GradingLimits(Limits):
    """Limits of the grading container (`memory`, `cpu`, `processes`), and of each submission inside it.

    With `queue`, graders on other machines are told of work through a task queue in PostgreSQL. A learner may appeal
    a mark for `appeal_days` after its feedback was returned; 0 turns appeals off.
    """

    memory: Bytes = Size.parse("2 GiB")
    cpu: Cpus = 2.0
    processes: Count = 512
    queue: Switch = False
    submission_seconds: Seconds = 60
    cell_seconds: Seconds = 30
    submission_memory: Bytes = Size.parse("1 GiB")
    cell_output: Output = Size.parse("1 MiB")
    submission_size: Upload = Size.parse("20 MB")
    release_size: Upload = Size.parse("100 MB")
    appeal_days: Days = 14


class Network(_Part):
    """The internal network of learners' containers; the host is its first address."""

    name: Project = "isomo"
    bridge: Bridge = "isomo0"
    subnet: Subnet = "10.213.0.0/16"


class Tls(_Part):
    """Key and certificate (with its chain) in PEM files, when `address` is https."""

    key: File
    certificate: File


class Settings(_Part):
    """All that an administrator may choose."""

    address: Origin = "http://127.0.0.1:8000"
    learner_address: Origin = ""
    languages: Languages = ("en", "fr", "rw")
    timezone: Zone = "Africa/Kigali"
    database: Database = "sqlite"
    state: File = CHECKOUT / ".isomo" / "state"
    home_images: Switch = False
    ca_bundle: File | None = None
    tls: Tls | None = None
    evaluate: Switch = False
    second_factor: Switch = False
    prototypes: Switch = False
    project: Project = "isomo"
    spawner: Spawner = "docker"
    idle_minutes: Minutes = 60
    ports: Ports = Ports()
    learner: Limits = Limits()
    trainer: TrainerLimits = TrainerLimits()
    grading: GradingLimits = GradingLimits()
    network: Network = Network()
    start: Start = Start()
    swarm: Swarm = Swarm()
    engine: Engine = Engine()
    backup: Backup = Backup()
    reports: Reports = Reports()
    retention: Retention = Retention()
    data_team: DataTeam = DataTeam()
    packages: Packages = Packages()
    kubernetes: Kubernetes = Kubernetes()
    mail: Mail | None = None
    oidc: OpenId | None = None
    lti: Lti | None = None

    # A plain field of the class above may not be strict about lists: TOML has no tuples.
    _lists: ClassVar[tuple[str, ...]] = ("languages",)

    @model_validator(mode="before")
    @classmethod
    def _fit(cls, values: Any) -> Any:
        """Bring TOML's lists and paths to the types that strict checking wants; fill in what follows."""
        values = dict(values)
        for name in cls._lists:
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        values.setdefault(
            "learner_address", _next_port(values.get("address", cls.model_fields["address"].default))
        )
        return values

    @property
    def gateway(self) -> str:
        """The host's address on the learners' network."""
        return str(next(ipaddress.IPv4Network(self.network.subnet).hosts()))

    @property
    def inner_host(self) -> str:
        """Return where learners' servers find hub and campus: the gateway, or this machine when evaluating."""
        return "127.0.0.1" if self.evaluate else self.gateway

    @property
    def hub_api_url(self) -> str:
        """The hub's API as learners' servers and the campus reach it."""
        return f"http://{self.inner_host}:{self.ports.hub}/hub/api"

    @property
    def campus_url(self) -> str:
        """The campus as learners' servers and the proxy reach it."""
        return f"http://{self.inner_host}:{self.ports.campus}/services/campus"

    @property
    def listen(self) -> str:
        """Interfaces of the public ports: this machine alone if the address says so, else all."""
        local = urlsplit(self.address).hostname in ("127.0.0.1", "localhost", "::1")
        return "127.0.0.1" if local or self.evaluate else ""

    @property
    def port(self) -> int:
        """Public port of the campus."""
        return _port(self.address)

    @property
    def learner_port(self) -> int:
        """Public port of learners' servers."""
        return _port(self.learner_address)

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the store."""
        if self.database == "sqlite":
            return f"sqlite:///{self.state / 'isomo.sqlite'}"
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", self.database)

    @property
    def hub_database_url(self) -> str:
        """SQLAlchemy URL of JupyterHub's tables; in PostgreSQL they live in a separate schema."""
        if self.database == "sqlite":
            return f"sqlite:///{self.state / 'jupyterhub.sqlite'}"
        joint = "&" if "?" in self.database_url else "?"
        return f"{self.database_url}{joint}options={quote('-csearch_path=jupyterhub')}"


def _port(origin: str) -> int:
    parts = urlsplit(origin)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _next_port(origin: object) -> str:
    """`origin` one port higher; the origin itself if it is not one, so that its own error is told, once."""
    try:
        good = _origin(str(origin))
        return f"{good.split('://')[0]}://{_host(good)}:{_port(good) + 1}"
    except ValueError:
        return "http://127.0.0.1:8001"


def _host(origin: str) -> str:
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host


def load_settings(path: Path | None = None) -> Settings:
    """Settings from `path`, else the file ISOMO_SETTINGS names, else `isomo.toml`, else the defaults.

    ISOMO_STATE in the environment overrides `state`; ISOMO_EVALUATE=1 is `evaluate = true`. Raises SettingsError
    with one sentence per mistake.
    """
    named = path or (Path(os.environ["ISOMO_SETTINGS"]) if os.environ.get("ISOMO_SETTINGS") else None)
    file = named or CHECKOUT / "isomo.toml"
    values = _read(file, required=named is not None)
    if os.environ.get("ISOMO_STATE"):
        values["state"] = os.environ["ISOMO_STATE"]
    if os.environ.get("ISOMO_EVALUATE") == "1":
        values["evaluate"] = True
    return parse_settings(values, name=file.name, folder=file.resolve().parent)


def _read(file: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        raise SettingsError(
            _("{file} does not exist. Make it, or run without ISOMO_SETTINGS to use the defaults.").format(
                file=file
            )
        ) from None
    except OSError as error:
        raise SettingsError(
            _("{file} could not be read ({reason}). Let this user read it.").format(
                file=file, reason=error.strerror
            )
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            _(
                "{file} is not TOML: {reason}. Text needs quotation marks; sections look like [learner]."
            ).format(file=file.name, reason=error)
        ) from None


def parse_settings(values: dict[str, Any], *, name: str = "isomo.toml", folder: Path = CHECKOUT) -> Settings:
    """Check `values`, as read from a file called `name`; relative paths are taken from `folder`."""
    try:
        settings = Settings(**_paths(values, folder))
    except ValidationError as error:
        sentences = dict.fromkeys(_sentence(name, values, mistake) for mistake in error.errors())
        raise SettingsError("\n".join(sentences)) from None
    _together(name, settings)
    return settings


def _paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """`values` with paths made absolute, so that every process sees the same files from any folder."""

    def full(table: dict[str, Any], *names: str) -> dict[str, Any]:
        found = {
            key: folder / Path(table[key]).expanduser() for key in names if isinstance(table.get(key), str)
        }
        return {**table, **found}

    values = full(values, "state", "ca_bundle")
    for section, names in PATHS_IN.items():
        if isinstance(values.get(section), dict):
            values = {**values, section: full(values[section], *names)}
    return values


def _together(name: str, settings: Settings) -> None:
    """Check what no field can check alone."""
    if _origin_key(settings.address) == _origin_key(settings.learner_address):
        raise SettingsError(
            _(
                "{file}: learner_address is the same as address. Give learners' servers another port or "
                "another name, so that nothing in a notebook can act on the campus."
            ).format(file=name)
        )
    _grading_fits(name, settings.grading)
    ports = [settings.port, settings.learner_port, *settings.ports.model_dump().values()]
    twice = sorted({port for port in ports if ports.count(port) > 1})
    if twice and not (settings.port == settings.learner_port and twice == [settings.port]):
        raise SettingsError(
            _(
                "{file}: port {port} is used twice. "
                "Give each of address, learner_address and [ports] its own."
            ).format(file=name, port=twice[0])
        )


def _grading_fits(name: str, grading: GradingLimits) -> None:
    """Check that one submission fits into the container and one cell into its submission.

    A default gives way: a container of 512 MiB has submissions of 512 MiB at most.
    """
    for inner, outer in (("submission_memory", "memory"), ("cell_seconds", "submission_seconds")):
        part, whole = getattr(grading, inner), getattr(grading, outer)
        if part > whole and inner in grading.model_fields_set:
            raise SettingsError(
                _(
                    "{file}: grading.{inner} is {part}, more than grading.{outer}, {whole}. "
                    "Lower the first or raise the second."
                ).format(file=name, inner=inner, part=part, outer=outer, whole=whole)
            )


def _origin_key(origin: str) -> tuple[str | None, int]:
    return urlsplit(origin).hostname, _port(origin)


def _sentence(file: str, values: dict[str, Any], mistake: Any) -> str:
    """Return one mistake in words: where, what was found, what would be right."""
    where = [str(step) for step in mistake["loc"] if not isinstance(step, int)]
    field = ".".join(where)
    if mistake["type"] == "extra_forbidden":
        return _unknown(file, where)
    if mistake["type"] == "missing":
        return _("{file}: {field} is missing. {advice}").format(
            file=file, field=field, advice=_(advice_for(where))
        )
    found = _shown(_found(values, where))
    return _("{file}: {field} is {found}. {advice}").format(
        file=file, field=field, found=found, advice=_(advice_for(where))
    )


def _found(values: Any, where: list[str]) -> Any:
    """Return what the file holds at `where`: of a wrong list all of it, not only the entry that is wrong."""
    for step in where:
        values = values[step] if isinstance(values, dict) else values
    return values


def _shown(value: object) -> str:
    """`value` as it would be written, on one line, with nothing that a terminal would act on."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in written)
    return text if len(text) <= 60 else text[:57] + "…"


def _unknown(file: str, where: list[str]) -> str:
    model = _model(where[:-1])
    known = list(model.model_fields)
    close = difflib.get_close_matches(where[-1], known, n=1)
    field, inside = _shown(".".join(where))[1:-1], ".".join(where[:-1])
    if close:
        meant = ".".join([*where[:-1], close[0]])
        return _("{file}: {field} is not a setting. Did you mean {meant}?").format(
            file=file, field=field, meant=meant
        )
    if inside:
        return _("{file}: {field} is not a setting. [{section}] may hold: {known}.").format(
            file=file, field=field, section=inside, known=", ".join(known)
        )
    return _("{file}: {field} is not a setting. There are: {known}.").format(
        file=file, field=field, known=", ".join(known)
    )


def _model(where: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for step in where:
        model = _models(model.model_fields[step].annotation)[0]
    return model


def _models(annotation: Any) -> list[type[BaseModel]]:
    options = [annotation, *get_args(annotation)]
    return [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]


def advice_for(where: list[str]) -> str:
    """Return what the field at `where` must be, in English: a key of the catalogue."""
    field = _model(where[:-1]).model_fields[where[-1]]
    kinds = [note for note in _notes(field) if isinstance(note, Kind)]
    if kinds:
        return kinds[0].advice
    return N_("Write it as a section: its name in brackets on a line, its settings below.")


def _notes(field: Any) -> list[Any]:
    """Notes on a field; those of `X | None` are kept by pydantic one level down."""
    nested = [note for option in get_args(field.annotation) for note in getattr(option, "__metadata__", ())]
    return [*field.metadata, *nested]
