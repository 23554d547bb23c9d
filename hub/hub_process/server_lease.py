"""A server's lease: a file in its folder that it touches, so that the hub sees it live although its node is away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LEASE_FILE = ".isomo-alive"
LEASE_SECONDS = 30
TOUCH_SECONDS = 5
TOUCHED = "ISOMO_ALIVE"
"""Variable of a server that names its lease, as the server sees it."""
KEEP_ALIVE = f'while touch "${TOUCHED}"; do sleep {TOUCH_SECONDS}; done & exec "$@"'


def lease_name(object_name: str, *, shares_folder: bool) -> str:
    """Return the name of a server's lease; if several servers share a folder, each has its own.

    >>> lease_name("isomo-abc-def", shares_folder=True), lease_name("isomo-abc", shares_folder=False)
    ('.isomo-alive-def', '.isomo-alive')
    """
    return f"{LEASE_FILE}-{object_name.rpartition('-')[2]}" if shares_folder else LEASE_FILE


def lease_in(service: Mapping[str, Any]) -> Path | None:
    """Return the lease of a service, from its description by the engine; None for a server without a folder.

    What the service was started with counts: its project may be off by now, or its owner may have left.
    """
    spec = service["Spec"]["TaskTemplate"]["ContainerSpec"]
    touched = [line.partition("=")[2] for line in spec.get("Env") or [] if line.startswith(f"{TOUCHED}=")]
    for mount in spec.get("Mounts") or []:
        if touched and mount["Type"] == "bind" and touched[0].startswith(f"{mount['Target']}/"):
            return Path(mount["Source"]) / touched[0].rpartition("/")[2]
    return None


def lease_age(lease: Path | None, now: float) -> float:
    """Return the seconds since a server last touched its lease; infinity if there is none."""
    try:
        return now - lease.stat().st_mtime if lease else float("inf")
    except OSError:
        return float("inf")
