"""The calls of the container engine that an installation's hub may make, as one list; every other call is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode

from hub.isomo_settings import Settings
from hub.ops.container_body import Policy, RefusedError, create_body, read_strictly, update_body

OLDEST = (1, 40)
"""Older versions of the engine's API read a container's options from the body of `start`."""
NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
Kind = Literal["plain", "inspect", "own", "list", "create", "update", "image"]


@dataclass(frozen=True)
class Route:
    """One call: method, path after the version, names of the query, and what kind of check it needs."""

    method: str
    path: str
    query: frozenset[str]
    kind: Kind


ROUTES = (
    Route("GET", "/_ping", frozenset(), "plain"),
    Route("HEAD", "/_ping", frozenset(), "plain"),
    Route("GET", "/version", frozenset(), "plain"),
    Route("GET", "/images/(?P<image>[A-Za-z0-9][A-Za-z0-9_./:@-]{0,255})/json", frozenset(), "image"),
    Route("GET", "/containers/json", frozenset({"filters", "all", "limit", "size", "trunc_cmd"}), "list"),
    Route("POST", "/containers/create", frozenset({"name"}), "create"),
    Route("GET", f"/containers/(?P<name>{NAME})/json", frozenset(), "inspect"),
    Route("POST", f"/containers/(?P<name>{NAME})/start", frozenset(), "own"),
    Route("POST", f"/containers/(?P<name>{NAME})/stop", frozenset({"t"}), "own"),
    Route("POST", f"/containers/(?P<name>{NAME})/update", frozenset(), "update"),
    Route("DELETE", f"/containers/(?P<name>{NAME})", frozenset({"v", "link", "force"}), "own"),
)


@dataclass(frozen=True)
class Call:
    """A checked call, made of checked parts only. `container` is the name that must be one of ours."""

    method: str
    version: str
    path: str
    query: str
    body: bytes
    kind: Kind
    container: str = ""

    def target(self, identity: str = "") -> str:
        """Return path and query for the engine; `identity` takes the place of the container's name."""
        path = self.path
        if identity:
            path = re.sub(rf"^/containers/{re.escape(self.container)}", f"/containers/{identity}", path)
        return f"{self.version}{path}" + (f"?{self.query}" if self.query else "")


def filter_socket(settings: Settings) -> Path:
    """Return the path of the filter's socket; it may have 107 characters at most."""
    usual = settings.state / "engine" / "engine.sock"
    if len(str(usual)) <= 100:
        return usual
    short = hashlib.sha256(str(settings.state).encode()).hexdigest()[:12]
    return Path(f"/tmp/isomo-engine-{short}/engine.sock")  # noqa: S108 - the folder is its owner's only


def engine_socket(environ: Mapping[str, str]) -> Path | None:
    """Return the engine's own socket; None if the engine is somewhere that no socket leads to."""
    host = environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else None


def filters_calls(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether the hub reaches the engine through the filter; a Swarm's calls are not known to it."""
    one_machine = settings.spawner == "docker" and not settings.evaluate
    return settings.engine.filter and one_machine and engine_socket(environ) is not None


def confines_hub(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Return whether the hub sees the machine read-only; without the filter it could not reach the engine then."""
    return settings.engine.confine_hub and filters_calls(settings, environ)


def check_call(method: str, target: str, body: bytes, policy: Policy) -> Call:
    """Return a call that may be passed on.

    Args:
        method: as it was sent.
        target: path and query as they were sent. Nothing in a path is decoded: no call needs it.
        body: the whole body.
        policy: images, folders and limits of this installation.

    Raises:
        RefusedError: no such call is allowed, or a part of it is not.
    """
    path, _mark, query = target.partition("?")
    version, rest = _version(path)
    for route in ROUTES:
        found = re.fullmatch(route.path, rest, re.ASCII)
        if found is None or route.method != method:
            continue
        named = found.groupdict()
        if route.kind == "image" and named["image"] not in policy.images:
            raise RefusedError("image")
        sent = _query(query, route, policy)
        return Call(
            method, version, rest, sent, _body(route, body, policy), route.kind, named.get("name", "")
        )
    raise RefusedError("no such call is allowed")


def _version(path: str) -> tuple[str, str]:
    found = re.match(r"/v1\.([0-9]{2})(?=/)", path, re.ASCII)
    if found is None:
        return "", path
    if (1, int(found[1])) < OLDEST:
        raise RefusedError("the version of the API is too old")
    return found[0], path[found.end() :]


def _query(text: str, route: Route, policy: Policy) -> str:
    try:
        pairs = (
            parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=10) if text else []
        )
    except ValueError as error:
        raise RefusedError("the query cannot be read") from error
    values = dict(pairs)
    if len(values) != len(pairs) or not values.keys() <= route.query:
        raise RefusedError("query")
    if values.get("link", "0").casefold() not in ("0", "false"):
        raise RefusedError("query link")
    if route.kind == "list":
        values["filters"] = _filters(values.get("filters", "{}"), policy)
    if route.kind == "create" and not re.fullmatch(
        rf"{re.escape(policy.settings.project)}-[A-Za-z0-9_.-]{{1,120}}", values.get("name", ""), re.ASCII
    ):
        raise RefusedError("query name")
    return urlencode(values)


def _filters(text: str, policy: Policy) -> str:
    """Return the filter of a list, narrowed to our containers whatever was asked."""
    read_strictly(text.encode())
    return json.dumps({"label": [f"{name}={value}" for name, value in policy.labels.items()]})


def _body(route: Route, body: bytes, policy: Policy) -> bytes:
    if route.kind == "create":
        return json.dumps(create_body(body, policy)).encode()
    if route.kind == "update":
        return json.dumps(update_body(body, policy)).encode()
    if body.strip() not in (b"", b"{}", b"null"):
        raise RefusedError("a body")
    return b""
