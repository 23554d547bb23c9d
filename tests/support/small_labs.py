"""A lab image and a guarded network for tests of the hub alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker.errors

from hub.isomo_settings import load_settings
from hub.ops import host_firewall, image_builder, local_images
from hub.ops.allowed_container_calls import filter_socket, filters_calls
from tests.support.hub_run import ROOT, Hub


def lab_image(client: Any) -> str:
    """Return the lab image of this checkout, made where it is missing; ISOMO_TEST_IMAGE names another one."""
    return os.environ.get("ISOMO_TEST_IMAGE") or image(client, "lab")


def image(client: Any, name: str) -> str:
    """Return the image `name` of this checkout, as `./isomo up` makes and names it."""
    settings = load_settings()
    wanted = local_images.image_names(settings)
    image_builder.ensure_images(client, settings, wanted, (name,))
    return wanted[name]


@contextmanager
def network(client: Any, hub: Hub) -> Iterator[None]:
    """The hub's internal network with its firewall rules, and the filter if it has one; afterwards all are gone."""
    settings = hub.settings
    remove_all(client, settings.project)
    _make(client, settings)
    env = {**hub.env, "ISOMO_LAB_IMAGE": hub.image}
    filters, gate = filters_calls(settings, env), filter_socket(settings)
    modules = ("hub.ops.firewall_guard", *(["hub.ops.container_filter"] if filters else []))
    with (hub.folder / "guard.log").open("ab") as log:
        helpers = [
            subprocess.Popen([sys.executable, "-m", module], env=env, cwd=ROOT, stdout=log, stderr=log)
            for module in modules
        ]
    if filters:
        hub.hub_env["DOCKER_HOST"] = f"unix://{gate}"
    try:
        hub.wait_until(
            lambda: all(map(host_firewall.is_up, host_firewall.firewall_plans(settings))), "the guard's rules"
        )
        hub.wait_until(lambda: gate.is_socket() or not filters, "the engine's filter")
        yield
    finally:
        for helper in helpers:
            helper.terminate()
            helper.wait(30)
        host_firewall.remove_rules(settings)
        remove_all(client, settings.project)
        client.networks.get(settings.network.name).remove()


def _make(client: Any, settings: Any) -> None:
    from docker.types import IPAMConfig, IPAMPool

    for old in client.networks.list(names=[settings.network.name]):
        old.remove()
    client.networks.create(
        settings.network.name,
        internal=True,
        options={
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.name": settings.network.bridge,
        },
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=settings.network.subnet)]),
    )


def remove_all(client: Any, project: str) -> None:
    """Remove the learners' containers of an installation."""
    for container in client.containers.list(
        all=True, filters={"label": f"isomo.project={project}"}, ignore_removed=True
    ):
        with contextlib.suppress(docker.errors.APIError):  # It may be going by itself already.
            container.remove(force=True)
