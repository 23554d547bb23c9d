"""Compact JSON Web Signatures (RFC 7515, 8037) of this installation, and its public keys as a key set (RFC 7517)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = "EdDSA"
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.(?P<signature>[A-Za-z0-9_-]+)")


class TokenRefusedError(ValueError):
    """A text is no token, or was not signed exactly so by the key that it names."""


class UnknownKeyError(TokenRefusedError):
    """A token names a key that is not among those given."""


def key_id(key: Ed25519PublicKey) -> str:
    """Return a short name for a public key, from its own bytes."""
    return base64.b32encode(_raw(key)).decode()[:10].lower()


def sign_token(facts: Mapping[str, Any], key: Ed25519PrivateKey, headers: Mapping[str, Any]) -> str:
    """Return `facts` as a compact token; its header has the key's name and `headers`."""
    named = {"kid": key_id(key.public_key()), **headers}
    return jwt.encode(dict(facts), key, algorithm=ALGORITHM, headers=named)


def read_token(
    text: str, keys: Mapping[str, Ed25519PublicKey], required: Sequence[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and facts of a token that one of `keys` signed.

    The key is one of `keys`, never one that the token brings along.

    Args:
        text: the token, nothing around it.
        keys: public keys by their names.
        required: names of facts without which a token is refused.

    Raises:
        UnknownKeyError: the token names none of `keys`.
        TokenRefusedError: any other text that one of `keys` did not sign letter by letter.
    """
    if not _is_canonical(text):
        raise TokenRefusedError(text[:40])
    try:
        header = jwt.get_unverified_header(text)
        key = keys.get(str(header.get("kid")))
        if key is None:
            raise UnknownKeyError(str(header.get("kid")))
        options: Any = {"verify_aud": False, "require": list(required)}
        facts: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], options=options)
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise TokenRefusedError(str(error)) from None
    return header, facts


def _is_canonical(text: str) -> bool:
    """Return whether a text is a token with its signature spelt in the one way that base64 has for these bytes.

    Otherwise four spare bits at the end of the signature, and padding, could be changed and it would still verify.
    """
    found = TOKEN.fullmatch(text)
    if found is None:
        return False
    spelt = found["signature"]
    try:
        signed = base64.urlsafe_b64decode(spelt + "=" * (-len(spelt) % 4))
    except ValueError:
        return False
    return _base64url(signed) == spelt


def json_web_key(key: Ed25519PublicKey) -> dict[str, str]:
    """Return a public key as a JSON Web Key (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(_raw(key))}


def key_set(keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return public keys as a JSON Web Key Set: its holder can verify without this installation."""
    return {
        "keys": [
            {**json_web_key(key), "kid": name, "use": "sig", "alg": ALGORITHM} for name, key in keys.items()
        ]
    }


def read_key_set(found: object) -> dict[str, Ed25519PublicKey]:
    """Return the Ed25519 keys of a JSON Web Key Set by their names, others left out.

    Raises:
        ValueError: the text is no key set, or has no such key.
    """
    listed = found.get("keys") if isinstance(found, dict) else None
    keys: dict[str, Ed25519PublicKey] = {}
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and (each.get("kty"), each.get("crv")) == ("OKP", "Ed25519"):
            spelt = str(each.get("x"))
            raw = base64.urlsafe_b64decode(spelt + "=" * (-len(spelt) % 4))
            keys[str(each.get("kid"))] = Ed25519PublicKey.from_public_bytes(raw)
    if not keys:
        raise ValueError("no key set")
    return keys


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
