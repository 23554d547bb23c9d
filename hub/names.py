"""Names: what a user may be called, and the opaque names that containers and homes get."""

from __future__ import annotations

import hashlib
import hmac
import re

USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")


def is_username(text: str) -> bool:
    """Whether `text` may be a user's name: at most 32 small letters, digits, dots and hyphens."""
    return USERNAME.fullmatch(text) is not None


def opaque(key: bytes, username: str) -> str:
    """The name that stands for `username` where others may see it: 20 hexadecimal digits, keyed.

    Without the key nobody can tell whose it is, not even by trying all user names.
    """
    return hmac.digest(key, username.encode(), "sha256").hex()[:20]


def formgrader_server(course: str) -> str:
    """The name of a trainer's server in which work of `course` is marked; JupyterHub takes 30 signs at most."""
    return f"formgrader-{hashlib.sha256(course.encode()).hexdigest()[:12]}"
