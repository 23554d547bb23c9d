"""Secrets in the database: values sealed with a key that is not in it."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Sealer:
    """Seals and opens short texts (AES-128-CBC with HMAC-SHA-256, the Fernet format).

    The first key seals; all of them open, so that a key can be replaced while sealed values are still about.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> str:
        """Return `text` sealed."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str, *, seconds: int | None = None) -> str | None:
        """Return the text; None if it was not sealed here, was changed, or is older than `seconds`."""
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=seconds).decode()
        except (InvalidToken, ValueError):
            return None

    def renew(self, sealed: str) -> str | None:
        """Return the same text sealed with the first key; None if no key opens it."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            return None
