"""New keys in the place of old ones: what was signed with an old key still verifies, and nobody's work is touched."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hub.isomo_settings import Settings
from hub.platform_key import FILE as PLATFORM_KEY
from hub.private_files import make_private_folder
from hub.secret_keys import Secrets
from hub.store import Store
from hub.store.signed_receipts import public_text
from hub.store.signed_tokens import key_id

TOKENS = ("cookie_secret", "proxy_auth_token", "campus_token", "monitor_token")
"""Keys that only running processes hold: after a restart with new ones, the old ones open nothing."""


def rotate_keys(settings: Settings) -> str:
    """Replace every key that can be replaced; return the short name of the new key for receipts.

    `names_key` stays: homes are called by it. Killed between two steps, a second run finishes the work: the old public
    key is kept before the new one signs, and the old sealing key opens until everything is sealed again.
    """
    keys = settings.state / "keys"
    old = Secrets.load(settings)
    public = old.receipt.public_key()
    kept = make_private_folder(keys / "old-receipts") / f"{key_id(public)}.pub"
    _replace(kept, public_text(public).encode())
    new = Ed25519PrivateKey.generate()
    _replace(keys / "receipt", new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _replace(keys / "sealing_key.before", old.sealing_keys[0])
    _replace(keys / "sealing_key", Fernet.generate_key())
    for name in TOKENS:
        _replace(keys / name, secrets.token_hex(32).encode())
    (keys / PLATFORM_KEY).unlink(missing_ok=True)
    store = Store.open(settings)
    store.second_factors.renew()
    store.sessions.renew()
    store.audit.add("isomo rotate-keys", "rotated-keys", key_id(new.public_key()))
    store.database.engine.dispose()
    return key_id(new.public_key())


def _replace(path: Path, content: bytes) -> None:
    """Write a key, whole or not at all, for its owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
