"""Admission without a password, and the answer to people who try too often."""

from __future__ import annotations

from dataclasses import dataclass

from hub.message_catalogues import N_


@dataclass(frozen=True)
class Admitted:
    """A person whose one-time link was just spent: no password is asked for.

    This is a class because what a sign-in form sends can only ever be text.
    """

    username: str

    def get(self, name: str, default: str = "") -> str:
        """Answer JupyterHub's log, which asks a refused form for its `username`."""
        return self.username if name == "username" else default


TOO_MANY = N_("Too many attempts to sign in. Wait five minutes, then try again.")
