"""Reason for which this machine does not allow the sandbox, and the command or option that changes it."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from graders.contract import messages

SWITCHES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("proc/sys/user/max_user_namespaces", "0", messages.no_user_namespaces),
    ("proc/sys/kernel/unprivileged_userns_clone", "0", messages.namespaces_for_root_only),
    ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", messages.apparmor_forbids),
)
"""A kernel setting below the root, the value that forbids the sandbox, and what to do about it."""
CONTAINER_MARKS = (".dockerenv", "run/.containerenv")
TOO_OLD = "Function not implemented"
FORBIDDEN = ("Operation not permitted", "Permission denied", "No space left on device")


def explain(reason: str, root: Path = Path("/"), system: str | None = None) -> str:
    """Return the sentence for administrators: what the kernel or Python said, and how to fix each cause found.

    `root` is where /proc and the marks of containers are looked for; `system` is the name of the operating system.
    """
    return " ".join([messages.sandbox_refused(reason), *find_advice(reason, root, system)])


def find_advice(reason: str, root: Path = Path("/"), system: str | None = None) -> list[str]:
    """Return one sentence for each cause; never none."""
    system = system or platform.system()
    if system != "Linux":
        return [messages.not_linux(system)]
    if "pyseccomp" in reason:
        return [messages.bindings_missing()]
    if "seccomp" in reason.lower():
        return [messages.libseccomp_missing()]
    if TOO_OLD in reason:
        return [messages.kernel_too_old()]
    if not any(said in reason for said in FORBIDDEN):
        return [messages.cause_unknown()]
    found = [advice() for name, value, advice in SWITCHES if _content(root / name) == value]
    if is_contained(root):
        found.append(messages.container_forbids())
    return found or [messages.cause_unknown()]


def is_contained(root: Path = Path("/")) -> bool:
    """Return whether this is a container, or a seccomp filter of somebody else's holds for this process."""
    if any((root / mark).exists() for mark in CONTAINER_MARKS):
        return True
    lines = _content(root / "proc/self/status").splitlines()
    return any(line.split() == ["Seccomp:", "2"] for line in lines)


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
