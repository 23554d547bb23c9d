"""The lock files: complete, hashed, of one mind, and free of addresses."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from images.lock_files import LEFT_OUT, LOCKS, ON_HOSTS, SETS, command_for, pinned_versions

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _entries(name: str) -> list[str]:
    """One string per package: its requirement and its hashes."""
    text = (LOCKS / f"{name}.txt").read_text("utf-8")
    return [entry for entry in text.replace("\\\n", " ").splitlines() if entry and not entry.startswith("#")]


def _versions(name: str) -> dict[str, set[Version]]:
    """The versions of each package; a package may have one for each Python."""
    found: dict[str, set[Version]] = {}
    for entry in _entries(name):
        requirement = Requirement(entry.partition("--hash")[0].strip())
        (pin,) = requirement.specifier
        found.setdefault(canonicalize_name(requirement.name), set()).add(Version(pin.version))
    return found


@pytest.mark.parametrize("name", SETS)
def test_a_lock_satisfies_its_groups(name: str) -> None:
    """Whoever adds a line to a group of pyproject.toml types `./isomo lock` after it."""
    locked = _versions(name)
    for group in SETS[name]:
        for line in PROJECT["dependency-groups"][group]:
            wanted = Requirement(line)
            versions = locked.get(canonicalize_name(wanted.name), set())
            assert versions, f"{line} is not in images/locks/{name}.txt; type ./isomo lock"
            assert all(wanted.specifier.contains(version, prereleases=True) for version in versions), line


@pytest.mark.parametrize("name", SETS)
def test_every_package_is_pinned_by_hash(name: str) -> None:
    """What is installed is what was resolved, whichever mirror it came from."""
    for entry in _entries(name):
        assert re.match(r"[A-Za-z0-9._-]+==[^ ]+ ", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_lock_names_no_address(path: Path) -> None:
    """Each office has mirrors of its own."""
    text = path.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(-index|-extra|-find|-trusted|i |f )", text, re.MULTILINE)


def test_the_proxys_lock_says_nowhere_where_to_download() -> None:
    """npm asks the registry it is set up with; a maintainer's page for donations is no download."""
    lock = json.loads((ROOT / "images/proxy/package-lock.json").read_text("utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())


@pytest.mark.parametrize("name", [name for name in SETS if name != "test"])
def test_what_is_tested_is_what_runs(name: str) -> None:
    """The smaller locks have the versions of the tests' lock.

    The task queue alone is tested in the environment that it runs in.
    """
    tested = _versions("test")
    for package, versions in _versions(name).items():
        if package in tested or (name != "workers" and package != LEFT_OUT):
            assert versions == tested[package], package


def test_the_proxys_lock_holds_the_version_the_project_names() -> None:
    """One version of configurable-http-proxy in pyproject.toml, package.json and its lock, with integrity hashes."""
    named = PROJECT["tool"]["isomo"]["node"]["configurable-http-proxy"]
    wanted = json.loads((ROOT / "images/proxy/package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "images/proxy/package-lock.json").read_text("utf-8"))["packages"]
    assert wanted["dependencies"]["configurable-http-proxy"] == named
    assert lock["node_modules/configurable-http-proxy"]["version"] == named
    assert lock[""]["dependencies"] == wanted["dependencies"]
    assert all("integrity" in package for path, package in lock.items() if path)


def test_the_resolver_is_asked_for_every_python_and_no_address() -> None:
    """One universal lock, from Python 3.11 up, held to the tests' versions."""
    command = command_for("lab", Path("/tmp/pins.txt"))
    assert {"--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"} <= set(command)
    assert command[command.index("--python-version") + 1] == "3.11"
    assert command[-2:] == ["--constraints", "/tmp/pins.txt"]


@pytest.mark.parametrize("name", ON_HOSTS)
def test_a_host_goes_without_the_grammar_that_every_import_of_jsonschema_would_compile(name: str) -> None:
    """It took 1.1 s of each start of hub, campus, grader and most verbs."""
    assert LEFT_OUT not in _versions(name)
    assert "jsonschema" in _versions(name)
    command = command_for(name, None)
    assert command[command.index("--no-emit-package") + 1] == LEFT_OUT


def test_constraints_keep_markers_and_drop_hashes() -> None:
    """A package with one version for each Python stays so in the smaller locks."""
    lock = "one==1 ; python_version < '3.12' \\\n    --hash=sha256:00\none==2 ; python_version >= '3.12' \\\n"
    assert pinned_versions(lock) == "one==1 ; python_version < '3.12'\none==2 ; python_version >= '3.12'"
