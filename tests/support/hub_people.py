"""People in a real store, with passwords that are quick to check."""

from __future__ import annotations

from datetime import timedelta

from argon2 import PasswordHasher

from hub import sign_in_links
from hub.isomo_settings import Settings
from tests.support.small_stores import empty_store

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
COURSE = "everyone-2026a-minict"


class Town:
    """A store with a course, and short words for putting people into it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = empty_store(settings)
        self.store.courses.add(COURSE, "Everyone")

    def add(
        self, name: str, *, password: str | None = PASSWORD, role: str = "learner", language: str = "en"
    ) -> None:
        """Make an account, and make it part of the course."""
        shown = f"{name.partition('.')[0].capitalize()} Example"
        self.store.people.add(name, shown, roles=[role], language=language)
        if password:
            self.store.people.set_password_hash(name, QUICK.hash(password))
        self.store.courses.add_member(COURSE, name, "trainer" if role == "trainer" else "learner")

    def link(self, name: str, kind: sign_in_links.Kind = "sign-in", minutes: float = 15) -> str:
        """Return a one-time link's address."""
        token = sign_in_links.create_link_token(self.store, name, kind, timedelta(minutes=minutes))
        return sign_in_links.link_address(self.settings, token)
