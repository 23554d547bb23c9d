"""Keys that nobody types: made on first use, kept in the state directory, readable by its owner only."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hub.isomo_settings import Settings


@dataclass(frozen=True, repr=False)
class Secrets:
    """Every secret of one installation. Has no repr, so that none ends in a log."""

    cookie_secret: bytes
    """Signs the hub's cookies; kept, so that a restart signs nobody out."""
    proxy_auth_token: str
    """Lets the hub set routes in both proxies."""
    campus_token: str
    """The campus' API token at the hub, and its OAuth client secret."""
    receipt: Ed25519PrivateKey
    """Signs receipts."""
    names_key: bytes
    """Turns a user's name into the opaque name of their container and home."""
    sealing_keys: tuple[bytes, ...]
    """Seal secrets in the database; the newest first, with the one before it as long as something needs it."""
    monitor_token: str
    """Lets a monitoring system read metrics, and nothing else."""

    @property
    def grader_token(self) -> str:
        """Lets a grader on another machine fetch what waits and bring back results; nothing else."""
        return hmac.digest(self.names_key, b"grader token", "sha256").hex()

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Read the secrets in `state/keys/`, making those that do not exist yet.

        Several processes may do so at once: each file is published whole, and the first one stays.
        """
        keys = settings.state / "keys"
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.chmod(0o700)
        key = load_pem_private_key(kept_secret(keys / "receipt", _new_receipt_key()), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(keys / "receipt")
        return cls(
            cookie_secret=bytes.fromhex(kept_secret(keys / "cookie_secret", _token()).decode()),
            proxy_auth_token=kept_secret(keys / "proxy_auth_token", _token()).decode(),
            campus_token=kept_secret(keys / "campus_token", _token()).decode(),
            receipt=key,
            names_key=bytes.fromhex(kept_secret(keys / "names_key", _token()).decode()),
            sealing_keys=(kept_secret(keys / "sealing_key", Fernet.generate_key()), *_earlier(keys)),
            monitor_token=kept_secret(keys / "monitor_token", _token()).decode(),
        )


def _earlier(keys: Path) -> Iterator[bytes]:
    """Yield the sealing key before the present one, if there was one."""
    file = keys / "sealing_key.before"
    if file.exists():
        yield file.read_bytes()


def _token() -> bytes:
    return secrets.token_hex(32).encode()


def _new_receipt_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def kept_secret(path: Path, fresh: bytes) -> bytes:
    """Return what `path` holds, or `fresh`, written there, if it held nothing."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, never replaces what another process published meanwhile.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
