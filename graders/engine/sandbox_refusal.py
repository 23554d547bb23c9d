"""Reason for which this machine does not allow the sandbox, and the command or option that changes it."""

from __future__ import annotations

import platform
from pathlib import Path

from graders.contract import message_facts
from graders.contract.message_facts import Message
from graders.contract.message_words import terminal_language, worded_message

SWITCHES = (
    ("proc/sys/user/max_user_namespaces", "0", "no-user-namespaces"),
    ("proc/sys/kernel/unprivileged_userns_clone", "0", "namespaces-for-root-only"),
    ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "apparmor-forbids"),
)
"""A kernel setting below the root, the value that forbids the sandbox, and the message about it."""
CONTAINER_MARKS = (".dockerenv", "run/.containerenv")
TOO_OLD = "Function not implemented"
FORBIDDEN = ("Operation not permitted", "Permission denied", "No space left on device")


def explain_refusal(reason: str, root: Path = Path("/"), system: str | None = None) -> Message:
    """Return the message for administrators: what the kernel or Python said, and how to fix each cause found.

    `root` is where /proc and the marks of containers are looked for; `system` is the name of the operating system.
    """
    return message_facts.joined_messages(
        [message_facts.sandbox_refused(reason), *find_advice(reason, root, system)]
    )


def refusal_for_terminal(reason: str, system: str | None = None) -> str:
    """Return what `explain_refusal` says, in the language of the person at the terminal."""
    return worded_message(explain_refusal(reason, system=system), terminal_language())


def find_advice(reason: str, root: Path = Path("/"), system: str | None = None) -> list[Message]:
    """Return one message for each cause; never none."""
    system = system or platform.system()
    if system != "Linux":
        return [message_facts.not_linux(system)]
    if "pyseccomp" in reason:
        return [Message("bindings-missing")]
    if "seccomp" in reason.lower():
        return [Message("libseccomp-missing")]
    if TOO_OLD in reason:
        return [Message("kernel-too-old")]
    if not any(said in reason for said in FORBIDDEN):
        return [Message("cause-unknown")]
    found = [Message(key) for name, value, key in SWITCHES if _content(root / name) == value]
    if is_contained(root):
        found.append(Message("container-forbids"))
    return found or [Message("cause-unknown")]


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
