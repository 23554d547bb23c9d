"""`./isomo lock`: resolve every lock file again, for all supported Pythons at once, with hashes and no addresses."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from hub.verb_options import parse_options

ROOT = Path(__file__).resolve().parents[1]
JAVASCRIPT = (ROOT / "images" / "proxy", ROOT / "labs" / "desk")
"""Folders whose packages npm resolves."""
LOCKS = ROOT / "images" / "locks"
# The widest set first: the others are held to its versions.
SETS: dict[str, tuple[str, ...]] = {
    "test": ("host", "science", "lab", "grader", "application", "prototype", "docs", "test"),
    "host": ("host",),
    "science": ("science",),
    "lab": ("lab", "science"),
    "grader": ("grader", "science"),
    "workers": ("host", "workers"),
    "application": ("application",),
    "prototype": ("prototype", "application", "lab", "science"),
    "docs": ("host", "docs"),
}
PLAIN = ("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header")
LEFT_OUT = "rfc3987-syntax"
"""Compiles a grammar for 1.1 s whenever jsonschema is imported, for a format that nothing here checks.

Environments of a host go without it. Images remove it in `images/steps/packages.sh`, next to others.
"""
ON_HOSTS = ("test", "host", "workers", "docs")


def command_for(name: str, constraints: Path | None) -> list[str]:
    """Return the resolver's command line for the set `name`."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        *PLAIN,
    ]
    command += ["--python-version", "3.11", "--output-file", str(LOCKS / f"{name}.txt")]
    for group in SETS[name]:
        command += ["--group", f"pyproject.toml:{group}"]
    if name in ON_HOSTS:
        command += ["--no-emit-package", LEFT_OUT]
    return command + (["--constraints", str(constraints)] if constraints else [])


def pinned_versions(lock: str) -> str:
    """Return the `name==version` lines of a lock file, as constraints."""
    return "\n".join(
        line.removesuffix(" \\") for line in lock.splitlines() if "==" in line and line[:1].isalnum()
    )


def proxy_command() -> list[str]:
    """Return npm's own resolver, for the proxies and the desk; the .npmrc next to each lock keeps addresses out."""
    from hub.node_programs import npm_command

    return [*npm_command(), "install", "--package-lock-only", "--ignore-scripts", "--silent"]


def command(argv: list[str]) -> int:
    """Verb `lock`: `./isomo lock [--upgrade]`. Without the word, versions change only where they must."""
    parse_options("lock", argv)
    subprocess.run([*command_for("test", None), *argv], cwd=ROOT, check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(pinned_versions((LOCKS / "test.txt").read_text("utf-8")))
        file.flush()
        for name in list(SETS)[1:]:
            subprocess.run(command_for(name, Path(file.name)), cwd=ROOT, check=True)
    for folder in JAVASCRIPT:
        subprocess.run(proxy_command(), cwd=folder, check=True)
    sys.stdout.write("The lock files are up to date. Commit images/locks, images/proxy and labs/desk.\n")
    return 0
