"""Safety of a learner's container, stated once as data, and its translation for a Swarm's services.

`host_config` is what an engine's container takes as it is. `service_task` gives the same to a service. Options that
a service cannot express are named in `NOT_FOR_SERVICES`; one that nobody has thought of is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.isomo_settings import Limits
from hub.memory_sizes import Size

HOME = "/home/learner"
"""The owner's home inside a container."""
STARTING_WEIGHT = 256
"""Share of the processor while a server starts, against that of the others: those who work keep their speed."""

PRIVILEGES_SINCE = (1, 46)
"""Engine API from which a service's privileges can be told."""

NOT_FOR_SERVICES: Mapping[str, str] = {
    "security_opt": "the first program renounces new privileges itself (setpriv), with every engine",
    "memswap_limit": "machines of a Swarm have no swap; `doctor` says if this one has",
    "cpu_shares": "a service has no weight; it has the limit of processor time",
}
"""Options of a container that no service of an older engine takes, and takes their place."""


def host_config(limits: Limits) -> dict[str, Any]:
    """Return the engine's side of a container: limits, and everything that it does not need taken away."""
    return {
        "read_only": True,
        "tmpfs": {"/tmp": "rw,nosuid,nodev,size=256m,mode=1777,noexec"},  # noqa: S108 - the container's own
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "memswap_limit": int(limits.memory),  # The same as memory: no swap on top.
        "mem_reservation": int(limits.memory) // 2,
        "pids_limit": limits.processes,
        "cpu_shares": STARTING_WEIGHT,
        # Else the engine asks the host's resolver, and names carry data outside. Nobody lives at this address.
        "dns": ["192.0.2.1"],
        "dns_opt": ["timeout:1", "attempts:1"],
        "init": True,  # Reaps what kernels and terminals leave behind, which would count as processes.
        "log_config": {"type": "json-file", "config": {"max-size": "1m", "max-file": "1"}},
        "ulimits": [
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "fsize", "Soft": int(limits.home_quota), "Hard": int(limits.home_quota)},
        ],
    }


def service_task(
    config: Mapping[str, Any], limits: Limits, volumes: Mapping[str, Mapping[str, str]], api: tuple[int, ...]
) -> dict[str, Any]:
    """Return a service's task with the same safety as a container with `config`; image and command come on top.

    Args:
        config: as `host_config` returns it.
        limits: memory and processor of the owner.
        volumes: folders of the shared file system, each with `bind` and `mode`.
        api: version of the engine's API, for example (1, 41).

    Raises:
        ValueError: `config` has an option that this function does not know.
    """
    if unknown := sorted(set(config) - KNOWN):
        raise ValueError(f"no service option for {', '.join(unknown)}")
    spec: dict[str, Any] = {
        "ReadOnly": config["read_only"],
        "CapabilityDrop": list(config["cap_drop"]),
        "Init": config["init"],
        "Ulimits": list(config["ulimits"]),
        "DNSConfig": {"Nameservers": list(config["dns"]), "Options": list(config["dns_opt"])},
        "Mounts": [*map(_bind, volumes.items()), *map(_memory, config["tmpfs"].items())],
    }
    if api >= PRIVILEGES_SINCE:
        spec["Privileges"] = {"NoNewPrivileges": "no-new-privileges" in config["security_opt"]}
    return {
        "ContainerSpec": spec,
        "Resources": {
            "Limits": {
                "MemoryBytes": int(limits.memory),
                "NanoCPUs": int(limits.cpu * 10**9),
                "Pids": config["pids_limit"],
            },
            # Placement by free memory: a node takes a server only if this much of it is not promised yet.
            "Reservations": {"MemoryBytes": config["mem_reservation"]},
        },
        "LogDriver": {"Name": config["log_config"]["type"], "Options": dict(config["log_config"]["config"])},
    }


KNOWN = frozenset(host_config(Limits()))


def _bind(volume: tuple[str, Mapping[str, str]]) -> dict[str, Any]:
    source, place = volume
    return {"Type": "bind", "Source": source, "Target": place["bind"], "ReadOnly": place["mode"] == "ro"}


def _memory(folder: tuple[str, str]) -> dict[str, Any]:
    """Return a folder in memory.

    An engine adds nosuid, nodev and noexec to a service's by itself, and an older one cannot be told the owner: the
    folder would be root's, with the rights that it has in the image. A volume in memory takes all options as they are.
    """
    target, options = folder
    told = dict(part.partition("=")[::2] for part in options.split(","))
    if "uid" in told:
        driver = {"type": "tmpfs", "device": "tmpfs", "o": options.removeprefix("rw,")}
        volume = {"NoCopy": True, "DriverConfig": {"Name": "local", "Options": driver}}
        return {"Type": "volume", "Target": target, "VolumeOptions": volume}
    size = Size.parse(told["size"].replace("m", " MiB"))
    return {
        "Type": "tmpfs",
        "Target": target,
        "TmpfsOptions": {"SizeBytes": int(size), "Mode": int(told["mode"], 8)},
    }
