"""Packages of an image, read inside it, and written down as a CycloneDX document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from hub import container_engine

INSIDE = """
import importlib.metadata as metadata, json, subprocess
shown = subprocess.run(
    ["dpkg-query", "-W", "-f", "${Package}\\t${Version}\\t${Architecture}\\n"],
    capture_output=True, text=True, check=True,
).stdout
release = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release") if "=" in line)
print(json.dumps({
    "system": release["ID"].strip('"'),
    "release": release.get("VERSION_CODENAME", "").strip('"'),
    "packages": [line.split("\\t") for line in shown.splitlines()],
    "python": sorted(
        {(one.name, one.version, one.metadata.get("License-Expression") or "") for one in metadata.distributions()}
    ),
}))
"""
"""Program that runs in a container of the image and prints its packages: those of the distribution, and Python's."""


def installed_packages(client: container_engine.DockerClient, image: str) -> dict[str, Any]:
    """Return the packages of an image, as `INSIDE` prints them; the container has no network and is removed."""
    said = client.containers.run(
        image, ["-c", INSIDE], entrypoint=["python3"], remove=True, network_mode="none", user="65534:65534"
    )
    return dict(json.loads(said))


def package_components(found: dict[str, Any]) -> Iterator[Component]:
    """Yield a component for each package."""
    licences = LicenseFactory()
    place = {"distro": found["release"]} if found["release"] else {}
    for name, version, architecture in found["packages"]:
        address = PackageURL("deb", found["system"], name, version, {"arch": architecture, **place})
        yield package_component(name, version, address)
    for name, version, expression in found["python"]:
        made = package_component(
            name, version, PackageURL("pypi", None, name.lower().replace("_", "-"), version)
        )
        if expression:
            made.licenses.add(licences.make_from_string(expression))
        yield made


def package_component(name: str, version: str, address: PackageURL) -> Component:
    """Return one package, known by its package URL."""
    return Component(
        type=ComponentType.LIBRARY, name=name, version=version, purl=address, bom_ref=address.to_string()
    )


def cyclonedx_document(image: str, version: str, found: dict[str, Any]) -> str:
    """Return the CycloneDX 1.6 document of an image, as JSON.

    Args:
        image: Name of the image.
        version: Its tag.
        found: What `installed_packages` returned.
    """
    bom = Bom(components=package_components(found))
    bom.metadata.component = Component(
        type=ComponentType.CONTAINER, name=image, version=version, bom_ref=image
    )
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
