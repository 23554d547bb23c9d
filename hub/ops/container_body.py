"""Checks of the body of a call that creates a learner's container: what is not named here is refused.

The engine reads keys in any case and takes the last of two equal ones. So the body is read strictly, checked, and
written again from the checked values; the engine never sees the bytes that were sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.hub_process.container_safety import HOME, host_config
from hub.isomo_settings import Limits, Settings
from hub.project_places import APPLICATION_PLACE, TEAM_PLACE, is_project_folder


class RefusedError(ValueError):
    """A call that the filter does not pass on; its text names the part at fault."""


@dataclass(frozen=True)
class Policy:
    """What an installation's hub may ask of the engine."""

    settings: Settings
    images: frozenset[str]

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels that every container of the hub carries."""
        return {"isomo.project": self.settings.project, "isomo.kind": "lab"}

    @property
    def largest(self) -> Limits:
        """Return the most that any container may use."""
        both = (self.settings.learner, self.settings.trainer)
        names = ("memory", "cpu", "home_quota", "processes")
        return Limits(**{name: max(getattr(each, name) for each in both) for name in names})


Check = Callable[[Any, Policy], bool]
ORDINARY = 1000
"""The lowest user and group number of a container: the host's own accounts and groups have lower ones."""
LONGEST = 4096


def read_strictly(text: bytes) -> dict[str, Any]:
    """Return a JSON object; raise RefusedError for anything that two readers could read in two ways."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key.casefold() for key, _value in found]
        if len(set(keys)) != len(keys):
            raise RefusedError("a key is there twice")
        return dict(found)

    def constant(name: str) -> Any:
        raise RefusedError(f"{name} is not JSON")

    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise RefusedError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise RefusedError("the body is not an object")
    return value


def checked_values(
    found: Mapping[str, Any], checks: Mapping[str, Check], policy: Policy, place: str
) -> dict[str, Any]:
    """Return the values of `found` that have a check and pass it.

    A key that is absent, null or false asks for nothing: it is left out, unless its check wants a value.

    Raises:
        RefusedError: a key is unknown, or a value does not pass.
    """
    kept: dict[str, Any] = {}
    for key, value in found.items():
        if key not in checks:
            if value is None or value is False:
                continue
            raise RefusedError(f"{place}{key[:60]}")
        if not checks[key](value, policy):
            raise RefusedError(f"{place}{key}")
        kept[key] = value
    for key in checks.keys() - kept.keys():
        if not checks[key](None, policy):
            raise RefusedError(f"{place}{key} is missing")
    return {key: value for key, value in kept.items() if value is not None and value is not False}


def create_body(text: bytes, policy: Policy) -> dict[str, Any]:
    """Return the body of a call that creates a container, from checked values only."""
    body = read_strictly(text)
    host = body.pop("HostConfig", None)
    if not isinstance(host, dict):
        raise RefusedError("HostConfig is missing")
    kept = checked_values(body, CONTAINER, policy, "")
    return kept | {"HostConfig": checked_values(host, HOST, policy, "HostConfig.")}


def update_body(text: bytes, policy: Policy) -> dict[str, Any]:
    """Return the body of a call that changes a container: nothing but its share of the processor."""
    return checked_values(read_strictly(text), {"CpuShares": _weight}, policy, "")


def _number(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _weight(value: Any, _policy: Policy) -> bool:
    return _number(value, 2, 1024)


def _text(value: Any, _policy: Policy) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= LONGEST)


def _texts(value: Any, _policy: Policy) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _nothing(value: Any, _policy: Policy) -> bool:
    return value in (None, False, [], {}, "") and type(value) is not int


def _image(value: Any, policy: Policy) -> bool:
    return isinstance(value, str) and value in policy.images


def _user(value: Any, _policy: Policy) -> bool:
    found = re.fullmatch(r"([1-9][0-9]{3,8}):([1-9][0-9]{3,8})", value) if isinstance(value, str) else None
    return found is not None and min(int(found[1]), int(found[2])) >= ORDINARY


def _labels(value: Any, policy: Policy) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {*policy.labels, "isomo.owner"}
        and policy.labels.items() <= value.items()
        and isinstance(value["isomo.owner"], str)
    )


def _open_ports(value: Any, _policy: Policy) -> bool:
    """Ports that an image names for its readers; nothing is opened on the host."""
    return value is None or (
        isinstance(value, dict)
        and all(re.fullmatch(r"[0-9]{1,5}/tcp", key) and not inner for key, inner in value.items())
    )


def _own_places(value: Any, policy: Policy) -> bool:
    """Places of folders inside the container; each has a bind on top, or the engine would make a volume."""
    return value is None or (isinstance(value, dict) and value.keys() <= mount_places(policy))


def mount_places(policy: Policy) -> set[str]:
    """Return the folders inside a container that something of the host may be mounted on."""
    return {HOME, TEAM_PLACE, APPLICATION_PLACE, *policy.settings.engine.folders}


CONTAINER: Mapping[str, Check] = {
    "Image": _image,
    "User": _user,
    "Labels": _labels,
    "Hostname": _text,
    "WorkingDir": lambda value, _policy: value in (None, HOME),
    "Env": _texts,
    "Cmd": _texts,
    "ExposedPorts": _open_ports,
    "Volumes": _own_places,
    "NetworkingConfig": _nothing,
    "AttachStdout": lambda value, _policy: value is None or type(value) is bool,
    "AttachStderr": lambda value, _policy: value is None or type(value) is bool,
}
"""What a container is, by the engine's names. There is no entry point, health check, volume or stop signal."""


def _memory(value: Any, policy: Policy) -> bool:
    return _number(value, 1, int(policy.largest.memory))


def _processor(value: Any, policy: Policy) -> bool:
    return _number(value, 1000, int(policy.largest.cpu * 100_000))


def _processes(value: Any, policy: Policy) -> bool:
    return _number(value, 1, policy.largest.processes)


def _ulimits(value: Any, policy: Policy) -> bool:
    """No core files, and a file is never larger than a home may be."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    most = {"core": 0, "fsize": int(policy.largest.home_quota)}
    return sorted(str(each.get("Name")) for each in value) == sorted(most) and all(
        each.keys() == {"Name", "Soft", "Hard"}
        and _number(each["Soft"], 0, most[each["Name"]])
        and _number(each["Hard"], 0, most[each["Name"]])
        for each in value
    )


def _tmpfs(value: Any, _policy: Policy) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"/tmp", HOME}  # noqa: S108 - the container's own
        and all(map(_memory_folder, value.values()))
    )


def _memory_folder(options: Any) -> bool:
    """Return whether a folder in memory has a size, and runs and gives rights to nothing."""
    words = options.split(",") if isinstance(options, str) else []
    sized = [word for word in words if re.fullmatch(r"size=[1-9][0-9]{0,2}m", word)]
    rest = [word for word in words if not re.fullmatch(r"size=[0-9]+m|mode=0?[0-7]{3,4}|[ug]id=[0-9]+", word)]
    return len(sized) == 1 and {"nosuid", "nodev", "noexec"} <= set(rest) <= {
        "rw",
        "nosuid",
        "nodev",
        "noexec",
    }


def _binds(value: Any, policy: Policy) -> bool:
    return value is None or (isinstance(value, list) and all(_bind(each, policy) for each in value))


def _bind(text: Any, policy: Policy) -> bool:
    found = text.split(":") if isinstance(text, str) else []
    if len(found) != 3 or found[2] not in ("rw", "ro") or found[1] not in mount_places(policy):
        return False
    source = Path(found[0])
    return str(source) == found[0] and (
        may_be_mounted(source, policy) or found[0] in policy.settings.engine.folders
    )


def may_be_mounted(source: Path, policy: Policy) -> bool:
    """Return whether `source` is a home or a folder of a project, and no link leads it elsewhere."""
    state = policy.settings.state
    home = source.parent == state / "homes" and _plain(source.name)
    shared = _plain(source.parent.name) and is_project_folder(state, source)
    return (
        (home or shared)
        and source.is_dir()
        and source.resolve() == state.resolve() / source.relative_to(state)
    )


def homes_in(host: Mapping[str, Any], policy: Policy) -> Iterator[tuple[Path, int]]:
    """Yield the homes that a container mounts, each with its limit in bytes, from a description that was checked."""
    limits = [each["Hard"] for each in host.get("Ulimits") or () if each.get("Name") == "fsize"]
    for bind in host.get("Binds") or ():
        source = Path(str(bind).split(":")[0])
        if limits and source.parent == policy.settings.state / "homes" and may_be_mounted(source, policy):
            yield source, min(limits[0], int(policy.largest.home_quota))


def projects_in(host: Mapping[str, Any], policy: Policy) -> list[Path]:
    """Return the projects' folders that a container mounts, each once, from a description that was checked."""
    sources = {Path(str(bind).split(":")[0]) for bind in host.get("Binds") or ()}
    return sorted(
        source
        for source in sources
        if is_project_folder(policy.settings.state, source) and may_be_mounted(source, policy)
    )


def _plain(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.@-]*", name) is not None


def _network(value: Any, policy: Policy) -> bool:
    return bool(value == policy.settings.network.name)


def _resolver(value: Any, policy: Policy) -> bool:
    return bool(value == host_config(policy.largest)["dns"])


def _log(value: Any, policy: Policy) -> bool:
    wanted = host_config(policy.largest)["log_config"]
    return isinstance(value, dict) and value == {"Type": wanted["type"], "Config": wanted["config"]}


HOST: Mapping[str, Check] = {
    "NetworkMode": _network,
    "ReadonlyRootfs": lambda value, _policy: value is True,
    "Init": lambda value, _policy: value is True,
    "AutoRemove": lambda value, _policy: value in (None, True, False) and type(value) is not int,
    "CapDrop": lambda value, _policy: value == ["ALL"],
    "SecurityOpt": lambda value, policy: value == host_config(policy.largest)["security_opt"],
    "Binds": _binds,
    "Mounts": _nothing,
    "Links": _nothing,
    "PortBindings": _nothing,
    "Tmpfs": _tmpfs,
    "Memory": _memory,
    "MemoryReservation": _memory,
    "MemorySwap": _memory,
    "CpuShares": _weight,
    "CpuPeriod": lambda value, _policy: type(value) is int and value == 100_000,
    "CpuQuota": _processor,
    "PidsLimit": _processes,
    "Ulimits": _ulimits,
    "Dns": _resolver,
    "DnsOptions": lambda value, policy: value == host_config(policy.largest)["dns_opt"],
    "LogConfig": _log,
}
"""A container's surroundings, by the engine's names. A key with no check, as `Privileged`, must ask for nothing."""
