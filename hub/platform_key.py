"""The key with which this installation identifies itself to a learning platform: RSA, as LTI 1.3 demands (RS256)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hub.isomo_settings import Settings
from hub.private_files import make_private_folder
from hub.secret_keys import kept_secret

ALGORITHM = "RS256"
FILE = "platform_key"
"""Name of the file in `state/keys`. Without it the next use makes another one, which the platform fetches by itself."""


def platform_key(settings: Settings) -> rsa.RSAPrivateKey:
    """Return the key, made on first use. Raises TypeError if the file holds a key of another kind."""
    file = make_private_folder(settings.state / "keys") / FILE
    found = load_pem_private_key(kept_secret(file, b"" if file.exists() else _new_key()), password=None)
    if not isinstance(found, rsa.RSAPrivateKey):
        raise TypeError(file)
    return found


def _new_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_jwk(settings: Settings) -> dict[str, Any]:
    """Return the public half as a JSON Web Key; its `kid` follows from the key (RFC 7638)."""
    found = jwt.algorithms.RSAAlgorithm.to_jwk(platform_key(settings).public_key(), as_dict=True)
    core = {name: found[name] for name in ("e", "kty", "n")}
    thumbprint = hashlib.sha256(json.dumps(core, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
    return {**core, "kid": thumbprint[:16], "alg": ALGORITHM, "use": "sig"}
