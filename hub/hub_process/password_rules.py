"""Passwords: Argon2id with the parameters that OWASP recommends, and a brake on guessing."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 2 passes over 19 MiB on one core (OWASP's Password Storage Cheat Sheet): 25 ms of processor time. argon2-cffi's
# default of 3 passes over 64 MiB takes 200 ms, so that five people a second need a whole core (decision 28).
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1024
"""Longer input is work for the hasher and safety for nobody."""


@dataclass(frozen=True)
class Verified:
    """Outcome of a check: whether it matched, and a new hash to keep if the parameters have changed since."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and checks passwords; a check takes the same work whether or not there is a hash."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or HASHER
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return the hash to keep for `password`."""
        return self._hasher.hash(password)

    def check(self, kept: str | None, password: str) -> Verified:
        """Compare `password` with the hash that is kept, or, without one, with a hash that never matches."""
        if len(password) > MAXIMUM_LENGTH:
            password = ""
        try:
            self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return Verified(right=False)
        if kept is None:
            return Verified(right=False)
        stale = self._hasher.check_needs_rehash(kept)
        return Verified(right=True, new_hash=self.hash(password) if stale else None)


@dataclass(frozen=True)
class Rule:
    """At most `tries` failures within `seconds`."""

    tries: int
    seconds: float


@dataclass
class Throttle:
    """Counts failed attempts by name and address, by name, and by address.

    One person at one address gets few tries. A name gets more in all, so that a stranger elsewhere cannot
    shut its owner out at once; an address gets many, because a whole class sits behind one.
    """

    pair: Rule = Rule(5, 300)
    name: Rule = Rule(30, 900)
    address: Rule = Rule(100, 900)
    clock: Callable[[], float] = time.monotonic
    keep: int = 20_000
    _failures: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def wait(self, name: str, address: str) -> float:
        """Return seconds until this name may be tried from this address again; 0 if it may be now."""
        now = self.clock()
        return max(self._left(key, rule, now) for key, rule in self._keys(name, address))

    def failed(self, name: str, address: str) -> None:
        """Count one failed attempt."""
        now = self.clock()
        for key, rule in self._keys(name, address):
            self._failures.setdefault(key, deque(maxlen=rule.tries)).append(now)
        if len(self._failures) > self.keep:
            self._forget(now)

    def succeeded(self, name: str, address: str) -> None:
        """Forget what this person mistyped here."""
        self._failures.pop((name, address), None)

    def _keys(self, name: str, address: str) -> list[tuple[tuple[str, str], Rule]]:
        return [((name, address), self.pair), ((name, ""), self.name), (("", address), self.address)]

    def _left(self, key: tuple[str, str], rule: Rule, now: float) -> float:
        """A full deque means the rule's number of failures; its oldest one says when the next try is due."""
        failures = self._failures.get(key) or deque()
        if len(failures) < rule.tries:
            return 0.0
        return max(0.0, failures[0] + rule.seconds - now)

    def _forget(self, now: float) -> None:
        oldest = now - max(self.pair.seconds, self.name.seconds, self.address.seconds)
        self._failures = {key: times for key, times in self._failures.items() if times[-1] > oldest}
