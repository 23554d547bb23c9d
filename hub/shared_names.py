"""Names: what a user may be called, and the opaque names that containers and homes get."""

from __future__ import annotations

import hashlib
import hmac
import re

LONGEST_LAB_NAME = 100
CAMPUS = "/services/campus"
"""Where the campus is on the hub's address."""
ANSWERS = "answers.json"
"""Name of the file of a submission that holds the answers a learner gave with controls."""
LARGEST_ANSWERS = 256 * 1024
"""Bytes of that file at most; a larger one is not read."""
DESK_FILES = f"{CAMPUS}/static/desk"
"""The path of the learner's desk at both origins: the campus serves it to everybody."""
CLEAR_SITE = f"{DESK_FILES}/clear-site"
"""The campus' page from which a browser is told to clear the learners' origin, the last step of signing out."""
SIGN_OUT_DONE = "forgotten"
"""The query with which a browser comes to sign out after it sent and forgot what it kept of a learner."""
UNFIT_FOR_LABS = frozenset('/\\:*?"<>|')
APPLICATIONS = "_applications"
"""The hub's account that owns shared applications; no person can have this name."""
PROJECT_SERVER = "project-"
"""Beginning of the name of a member's server in a data team's project."""
USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")
MAILBOX = r"[^@\s,;:<>()\[\]\\\"=]{1,64}"
"""What is before the @ of an e-mail address; the signs left out have a meaning of their own in a mail's header."""
EMAIL = re.compile(MAILBOX + r"@(?:[^@\s,;:<>()\[\]\\\"=.]+\.)+[^@\s,;:<>()\[\]\\\"=.]{2,}")
AHEAD = "ahead"
"""Option of a server's start that nobody waits for yet."""


def is_username(text: str) -> bool:
    """Return whether `text` may be a user's name: at most 32 small letters, digits, dots and hyphens."""
    return USERNAME.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Return whether mail can be sent to `text`: one mailbox at one host, nothing that a mail's header reads."""
    return len(text) <= 254 and text.isprintable() and EMAIL.fullmatch(text) is not None


def is_lab_name(text: str) -> bool:
    """Return whether `text` may be a lab's name: it names a folder and its notebook on every system.

    At most 100 letters, digits, spaces and signs; none of / \\ : * ? " < > |, no dot or space at the beginning, and
    no space at the end.
    """
    fits = 0 < len(text) <= LONGEST_LAB_NAME and len(text.encode("utf-8", "replace")) <= 2 * LONGEST_LAB_NAME
    plain = text.isprintable() and not UNFIT_FOR_LABS & set(text)
    return fits and plain and text == text.strip() and not text.startswith(".")


def opaque_name(key: bytes, username: str) -> str:
    """Return the name used for `username` where others may see it: 20 hexadecimal digits, keyed.

    Without the key nobody can tell whose it is, not even by trying all user names.
    """
    return hmac.digest(key, username.encode(), "sha256").hex()[:20]


def formgrader_server(course: str) -> str:
    """Return the name of a trainer's server in which work of `course` is marked; JupyterHub takes 30 signs at most."""
    return f"formgrader-{hashlib.sha256(course.encode()).hexdigest()[:12]}"
